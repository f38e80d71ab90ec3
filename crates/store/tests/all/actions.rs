//! What staff do: kept whole or not at all, shown at once, and settled only by the gateway's word.

use crate::common::*;
use contract::{
    ui::{Certainty, OutboxState},
    v1::{ActionResult, Outcome},
};
use domain::{
    Command, DeskId, EntityRef, Refusal, State,
    appointment::{Appointment, AppointmentStatus, CancelReason},
    decide::Clash,
    person::PersonSource,
    request::{CallOutcome, Claim, CloseReason, Request, RequestStatus},
};
use store::{AuditEntry, Opened, OpenedChange, Store, StoreError};

async fn ready() -> (Place, Store) {
    let (place, store) = clinic_store().await;
    let page = vec![
        request(10, 1, "Иванова Анна", "+79130000001"),
        request(11, 2, "Петров Пётр", "+79130000002"),
        person(12, 1, "Иванова", "Анна", "", "+79130000001"),
        person(13, 2, "Петров", "Пётр", "", "+79130000002"),
    ];
    store.apply_page(&page, "ready", now(), true).await.unwrap();
    (place, store)
}

fn put() -> Command {
    Command::PersonPut { source: PersonSource::DeskPhone }
}

fn card(family: &str) -> Opened {
    main_part(&person_part(family, "Анна", "", "+79130000001"))
}

fn book(doctor: u32, person: u32, start: &str, end: &str, request: Option<u32>) -> Command {
    let slot = slot(doctor, start, end);
    Command::AppointmentBook { slot, person: person_id(person), request: request.map(request_id), agreed: true }
}

async fn seen(store: &Store, n: u32) -> (Request, Certainty) {
    let record = store.request(&request_id(n)).await.unwrap().unwrap();
    (record.state, record.certainty)
}

async fn states(store: &Store) -> Vec<OutboxState> {
    store.outbox().await.unwrap().into_iter().map(|record| record.state).collect()
}

/// The request as the gateway has it after an action of this desk.
async fn echo(store: &Store, seq: u64, n: u32, version: u64) -> OpenedChange {
    let mine = store.request(&request_id(n)).await.unwrap().unwrap();
    change(seq, request_id(n), version, State::Request(mine.state), main_part(&mine.personal))
}

#[tokio::test]
async fn an_action_is_shown_at_once_and_waits_in_the_outbox() {
    let (_place, store) = ready().await;
    commit(&store, action(1, request_id(1), 1, Command::RequestClaim)).await.unwrap();
    let (request, certainty) = seen(&store, 1).await;
    assert_eq!((request.status, certainty), (RequestStatus::Assigned, Certainty::Saved));
    assert_eq!(seen(&store, 2).await.1, Certainty::Confirmed);
    assert_eq!(store.outbox_counts().await.unwrap(), (1, 0));
    let sent = store.outbox_to_send(10).await.unwrap();
    assert_eq!(sent[0].action.id, action_id(1));
    let audit = store.audit_tail(1).await.unwrap();
    assert_eq!(audit[0].entry.verb, "request.claim");
    assert_eq!(audit[0].entry.detail.as_deref(), Some(action_id(1).as_str()));
}

#[tokio::test]
async fn outbox_effect_and_audit_stand_or_fall_together() {
    for broken in [
        "CREATE TRIGGER broken BEFORE INSERT ON audit BEGIN SELECT raise(ABORT, 'no'); END",
        "CREATE TRIGGER broken BEFORE INSERT ON outbox BEGIN SELECT raise(ABORT, 'no'); END",
        "CREATE TRIGGER broken BEFORE UPDATE ON entity BEGIN SELECT raise(ABORT, 'no'); END",
        "CREATE TRIGGER broken BEFORE UPDATE ON request_index BEGIN SELECT raise(ABORT, 'no'); END",
    ] {
        let (place, store) = ready().await;
        raw_run(&place.path, broken).await;
        let error = commit(&store, action(1, request_id(1), 1, Command::RequestClaim)).await.unwrap_err();
        assert!(matches!(error, StoreError::Sql(_)), "{broken}: {error}");
        assert_eq!(seen(&store, 1).await.1, Certainty::Confirmed, "{broken}");
        assert!(store.outbox().await.unwrap().is_empty(), "{broken}");
        assert_eq!(store.audit_verify().await.unwrap().rows, 0, "{broken}");
        raw_run(&place.path, "DROP TRIGGER broken").await;
        commit(&store, action(1, request_id(1), 1, Command::RequestClaim)).await.unwrap();
    }
}

#[tokio::test]
async fn a_refusal_changes_nothing_and_is_audited() {
    let (_place, store) = ready().await;
    let error = commit(&store, action(1, request_id(1), 1, Command::RequestReopen)).await.unwrap_err();
    assert!(matches!(error, StoreError::Refused(Refusal::RequestOpen)), "{error}");
    assert!(store.outbox().await.unwrap().is_empty());
    let row = &store.audit_tail(1).await.unwrap()[0];
    assert_eq!(row.entry.verb, "request.reopen.refused");
    assert!(row.entry.detail.as_deref().unwrap().ends_with("request_open"), "{row:?}");
}

#[tokio::test]
async fn an_id_is_used_once_and_a_missing_part_is_refused() {
    let (_place, store) = ready().await;
    commit(&store, action(1, request_id(1), 1, Command::RequestClaim)).await.unwrap();
    let again = commit(&store, action(1, request_id(2), 1, Command::RequestClaim)).await.unwrap_err();
    assert!(matches!(again, StoreError::Refused(Refusal::AlreadyExists)), "{again}");
    let bare = commit(&store, action(2, person_id(7), 0, put())).await.unwrap_err();
    assert!(matches!(bare, StoreError::Refused(Refusal::BadSealedPart)), "{bare}");
}

#[tokio::test]
async fn applied_then_echoed_becomes_confirmed() {
    let (place, store) = ready().await;
    commit(&store, action(1, request_id(1), 1, Command::RequestClaim)).await.unwrap();
    store.mark_sent(&[action_id(1)]).await.unwrap();
    assert_eq!(states(&store).await, [OutboxState::Unknown]);
    store.record_outcomes(&[applied(1, &[(request_id(1).into(), 2)])], now()).await.unwrap();
    assert_eq!(store.outbox_counts().await.unwrap(), (0, 0));
    assert!(seen(&store, 1).await.0.claim.is_some(), "shown although the feed has not brought it yet");
    assert_eq!(store.request(&request_id(1)).await.unwrap().unwrap().version, 2);

    let other = request(20, 2, "Петров Пётр", "+79130000002");
    store.apply_page(&[other], "other", now(), true).await.unwrap();
    assert!(seen(&store, 1).await.0.claim.is_some());
    let echo = echo(&store, 21, 1, 2).await;
    store.apply_page(&[echo], "echo", now(), true).await.unwrap();
    let (request, certainty) = seen(&store, 1).await;
    assert_eq!((request.status, certainty), (RequestStatus::Assigned, Certainty::Confirmed));
    assert_eq!(
        raw_count(&place.path, "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM confirmed)").await,
        0
    );
}

#[tokio::test]
async fn only_what_was_never_on_its_way_is_taken_back_as_unsent() {
    let (_place, store) = ready().await;
    commit(&store, action(1, request_id(1), 1, Command::RequestClaim)).await.unwrap();
    assert_eq!(store.mark_sent(&[action_id(1)]).await.unwrap(), [action_id(1)]);
    commit(&store, action(2, request_id(2), 1, Command::RequestClaim)).await.unwrap();
    let fresh = store.mark_sent(&[action_id(1), action_id(2)]).await.unwrap();
    assert_eq!(fresh, [action_id(2)], "the first one may have arrived");
    store.mark_unsent(&fresh).await.unwrap();
    assert_eq!(states(&store).await, [OutboxState::Unknown, OutboxState::Saved]);
}

#[tokio::test]
async fn the_echo_may_come_before_the_answer() {
    let (_place, store) = ready().await;
    let call = action(
        1,
        request_id(1),
        1,
        Command::RequestLogCall { outcome: CallOutcome::NoAnswer, next_try_at: Some(now()) },
    );
    let opened = note(&call.id, "не отвечает");
    commit_with(&store, call, opened).await.unwrap();
    let before = store.request(&request_id(1)).await.unwrap().unwrap();
    assert_eq!(before.notes.get(action_id(1).as_str()).map(String::as_str), Some("не отвечает"));
    store.mark_sent(&[action_id(1)]).await.unwrap();
    let echo = echo(&store, 21, 1, 2).await;
    store.apply_page(&[echo], "echo", now(), true).await.unwrap();
    let (request, certainty) = seen(&store, 1).await;
    assert_eq!((request.attempts.len(), certainty), (1, Certainty::Saved), "logged once, not yet answered");
    store.record_outcomes(&[applied(1, &[(request_id(1).into(), 2)])], now()).await.unwrap();
    let (request, certainty) = seen(&store, 1).await;
    assert_eq!((request.attempts.len(), certainty), (1, Certainty::Confirmed));
}

#[tokio::test]
async fn the_base_moves_underneath_an_own_claim() {
    let (_place, store) = ready().await;
    commit(&store, action(1, request_id(1), 1, Command::RequestClaim)).await.unwrap();
    let mut moved = request_state(1);
    moved.person = Some(person_id(1));
    let part = main_part(&request_part("Иванова Анна Петровна", "+79130000009"));
    store.apply_page(&[change(20, request_id(1), 2, State::Request(moved), part)], "moved", now(), true).await.unwrap();
    let record = store.request(&request_id(1)).await.unwrap().unwrap();
    assert_eq!(record.state.person, Some(person_id(1)), "the others' change is there");
    assert_eq!(record.state.claim.as_ref().map(|claim| &claim.staff), Some(&anna()), "and the own claim on top");
    assert_eq!((record.certainty, record.version), (Certainty::Saved, 3));
    assert_eq!(record.personal.name_raw, "Иванова Анна Петровна");
    assert_eq!(store.requests_by_phone("+79130000009").await.unwrap().len(), 1);
    assert!(store.requests_by_phone("+79130000001").await.unwrap().is_empty());
}

#[tokio::test]
async fn a_conflict_drops_the_overlay_and_holds_back_that_entity_only() {
    let (_place, store) = ready().await;
    commit(&store, action(1, request_id(1), 1, Command::RequestClaim)).await.unwrap();
    commit(&store, action(2, request_id(1), 2, Command::RequestRelease)).await.unwrap();
    commit(&store, action(3, request_id(2), 1, Command::RequestClaim)).await.unwrap();
    store.mark_sent(&[action_id(1), action_id(2), action_id(3)]).await.unwrap();
    let blocked =
        |n| ActionResult { id: action_id(n), duplicate: false, outcome: Outcome::BlockedBy { action: action_id(1) } };
    let results = [conflict(1, Refusal::ClaimedByOther), blocked(2), applied(3, &[(request_id(2).into(), 2)])];
    store.record_outcomes(&results, now()).await.unwrap();

    let (request, certainty) = seen(&store, 1).await;
    assert_eq!((request.claim, certainty), (None, Certainty::Refused));
    assert_eq!(states(&store).await, [OutboxState::Refused, OutboxState::Held]);
    assert_eq!(store.outbox_counts().await.unwrap(), (1, 1));
    assert!(store.outbox_to_send(10).await.unwrap().is_empty());
    commit(&store, action(4, request_id(2), 2, Command::RequestRelease)).await.unwrap();
    let ready: Vec<_> =
        store.outbox_to_send(10).await.unwrap().into_iter().map(|envelope| envelope.action.id).collect();
    assert_eq!(ready, [action_id(4)], "another entity goes on");
    let row = store.audit_tail(2).await.unwrap().remove(0);
    assert_eq!(row.entry.verb, "request.claim.refused");
    assert_eq!(store.outbox().await.unwrap()[0].refusal, Some(Refusal::ClaimedByOther));
}

#[tokio::test]
async fn a_refused_action_goes_again_as_a_new_one_or_is_given_up() {
    let (_place, store) = ready().await;
    commit(&store, action(1, request_id(1), 1, Command::RequestClaim)).await.unwrap();
    commit(&store, action(2, request_id(1), 2, Command::RequestRelease)).await.unwrap();
    store.mark_sent(&[action_id(1)]).await.unwrap();
    let unknown = store.outbox_discard(&action_id(1), AuditEntry::new(now(), None, "outbox.discard")).await;
    assert!(matches!(unknown, Err(StoreError::NoSuchAction)), "it may have arrived");
    store.record_outcomes(&[conflict(1, Refusal::ClaimedByOther)], now()).await.unwrap();

    // meanwhile the other desk's claim arrives, and is over
    let mut claimed = request_state(1);
    let until = now() - chrono::Duration::minutes(1);
    claimed.claim = Some(Claim { staff: anna(), desk: DeskId::from_random(bytes(9)), until });
    let part = main_part(&request_part("Иванова Анна", "+79130000001"));
    store.apply_page(&[change(20, request_id(1), 4, State::Request(claimed), part)], "c", now(), true).await.unwrap();

    let audit = || AuditEntry::new(now(), Some(anna()), "outbox.retry");
    store.outbox_retry(&action_id(1), action_id(5), &context(), audit()).await.unwrap();
    let ready = store.outbox_to_send(10).await.unwrap();
    assert_eq!(
        ready.iter().map(|e| &e.action.id).collect::<Vec<_>>(),
        [&action_id(5), &action_id(2)],
        "in its old place"
    );
    assert_eq!(ready[0].action.base_version, 4);
    assert_eq!(seen(&store, 1).await.1, Certainty::Saved);

    store.record_outcomes(&[conflict(5, Refusal::ClaimedByOther)], now()).await.unwrap();
    store.outbox_discard(&action_id(5), audit()).await.unwrap();
    assert_eq!(states(&store).await, [OutboxState::Saved]);
    assert_eq!(seen(&store, 1).await.1, Certainty::Saved);
}

#[tokio::test]
async fn a_note_sealed_under_the_old_id_has_to_be_sealed_anew() {
    let (_place, store) = ready().await;
    let command = Command::RequestLogCall { outcome: CallOutcome::Busy, next_try_at: None };
    let call = action(1, request_id(1), 1, command.clone());
    let opened = note(&call.id, "занято");
    commit_with(&store, call, opened).await.unwrap();
    store.record_outcomes(&[conflict(1, Refusal::RequestClosed)], now()).await.unwrap();
    let audit = || AuditEntry::new(now(), Some(anna()), "outbox.retry");
    let retried = store.outbox_retry(&action_id(1), action_id(2), &context(), audit()).await;
    assert!(matches!(retried, Err(StoreError::NeedsSealing)));
    let call = action(2, request_id(1), 1, command);
    let opened = note(&call.id, "занято");
    let sealed = envelope(call, &opened);
    store.outbox_replace(&action_id(1), sealed, opened, &context(), audit()).await.unwrap();
    let record = store.request(&request_id(1)).await.unwrap().unwrap();
    assert_eq!(record.notes.keys().collect::<Vec<_>>(), [action_id(2).as_str()]);
}

#[tokio::test]
async fn a_card_made_and_edited_offline_names_the_edit_that_it_stands_on() {
    let (_place, store) = ready().await;
    commit_with(&store, action(1, person_id(9), 0, put()), card("Новикова")).await.unwrap();
    let made = store.person(&person_id(9)).await.unwrap().unwrap();
    assert_eq!((made.version, made.state.etag.clone()), (1, Some(action_id(1))));
    let edit = |n| domain::Action { if_match: Some(action_id(1)), ..action(n, person_id(9), 1, put()) };
    commit_with(&store, edit(2), card("Новикова-Белая")).await.unwrap();
    let stale = commit_with(&store, edit(3), card("Старая")).await.unwrap_err();
    assert!(matches!(stale, StoreError::Refused(Refusal::ChangedMeanwhile { version: 2 })), "{stale}");
    let card = store.person(&person_id(9)).await.unwrap().unwrap();
    assert_eq!((card.personal.name.family.as_str(), card.certainty), ("Новикова-Белая", Certainty::Saved));
    assert_eq!(store.people_by_phone("+79130000001").await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_booking_converts_its_request_and_takes_the_slot() {
    let (_place, store) = ready().await;
    let first = book(1, 1, "2026-11-23T10:00:00", "2026-11-23T10:30:00", Some(1));
    let service =
        main_part(&domain::personal::AppointmentPersonal { service: Some("Осмотр".to_owned()), note: None });
    commit_with(&store, action(1, visit_id(1), 0, first), service).await.unwrap();
    let (request, certainty) = seen(&store, 1).await;
    assert_eq!((request.status, certainty), (RequestStatus::Converted, Certainty::Saved));
    assert_eq!(request.appointment, Some(visit_id(1)));
    let day = store.visits_between(wall("2026-11-23T00:00:00"), wall("2026-11-24T00:00:00")).await.unwrap();
    assert_eq!(day.len(), 1);
    assert_eq!(day[0].personal.service.as_deref(), Some("Осмотр"));
    assert_eq!(store.visits_of_person(&person_id(1)).await.unwrap().len(), 1);

    let second = book(1, 2, "2026-11-23T10:15:00", "2026-11-23T10:45:00", None);
    let taken = commit(&store, action(2, visit_id(2), 0, second)).await.unwrap_err();
    assert!(matches!(taken, StoreError::Refused(Refusal::SlotTaken { clash: Clash::Practitioner, .. })), "{taken}");
    let next = book(1, 2, "2026-11-23T10:30:00", "2026-11-23T11:00:00", None);
    commit(&store, action(3, visit_id(2), 0, next)).await.unwrap();
    let cancel = Command::AppointmentCancel { reason: CancelReason::Patient };
    commit(&store, action(4, visit_id(1), 1, cancel)).await.unwrap();
    let over = book(1, 1, "2026-11-23T10:00:00", "2026-11-23T10:30:00", None);
    commit(&store, action(5, visit_id(3), 0, over)).await.unwrap();
    let restored = commit(&store, action(6, visit_id(1), 2, Command::AppointmentRestore)).await.unwrap_err();
    assert!(matches!(restored, StoreError::Refused(Refusal::SlotTaken { .. })), "{restored}");
}

#[tokio::test]
async fn a_no_show_that_the_gateway_has_not_heard_of_is_shown() {
    let (_place, store) = ready().await;
    // 09:00 in Krasnoyarsk; it is 10:00 there now
    let booked = book(1, 1, "2026-11-23T09:00:00", "2026-11-23T09:30:00", None);
    commit(&store, action(1, visit_id(1), 0, booked)).await.unwrap();
    commit(&store, action(2, visit_id(1), 1, Command::AppointmentNoShow)).await.unwrap();
    let seen = store.visit(&visit_id(1)).await.unwrap().unwrap();
    assert_eq!((seen.state.status, seen.certainty), (AppointmentStatus::Noshow, Certainty::Saved));
    commit(&store, action(3, visit_id(1), 2, Command::AppointmentUndo)).await.unwrap();
    let seen = store.visit(&visit_id(1)).await.unwrap().unwrap();
    assert_eq!(seen.state.status, AppointmentStatus::Booked);
}

#[tokio::test]
async fn both_claimants_of_a_slot_are_shown_and_a_refused_one_frees_it() {
    let (_place, store) = ready().await;
    let mine = book(1, 1, "2026-11-23T10:00:00", "2026-11-23T10:30:00", Some(1));
    commit(&store, action(1, visit_id(1), 0, mine)).await.unwrap();
    let theirs = Appointment {
        status: AppointmentStatus::Booked,
        slot: slot(1, "2026-11-23T10:00:00", "2026-11-23T10:30:00"),
        person: person_id(2),
        request: None,
        booked_by: anna(),
        booked_at: now(),
        confirmed_at: None,
        cancel_reason: None,
        history: Vec::new(),
        wants_earlier: false,
        last_step: None,
    };
    let page = [change(20, visit_id(2), 1, State::Appointment(theirs), Opened::new())];
    store.apply_page(&page, "theirs", now(), true).await.unwrap();
    let day = || store.visits_between(wall("2026-11-23T00:00:00"), wall("2026-11-24T00:00:00"));
    let certainties = |visits: &[store::Record<Appointment, _>]| visits.iter().map(|v| v.certainty).collect::<Vec<_>>();
    assert_eq!(certainties(&day().await.unwrap()), [Certainty::Saved, Certainty::Confirmed]);

    let by = Refusal::SlotTaken { clash: Clash::Practitioner, by: visit_id(2) };
    store.record_outcomes(&[conflict(1, by)], now()).await.unwrap();
    assert_eq!(certainties(&day().await.unwrap()), [Certainty::Refused, Certainty::Confirmed], "still to be seen");
    let (request, certainty) = seen(&store, 1).await;
    assert_eq!((request.status, certainty), (RequestStatus::New, Certainty::Refused), "the request is open again");

    // theirs goes away: the slot is free, whatever the refused one says
    store.apply_page(&[erased(30, visit_id(2), 2)], "gone", now(), true).await.unwrap();
    let other = book(1, 2, "2026-11-23T10:00:00", "2026-11-23T10:30:00", None);
    commit(&store, action(2, visit_id(3), 0, other)).await.unwrap();
    store.outbox_discard(&action_id(1), AuditEntry::new(now(), None, "outbox.discard")).await.unwrap();
    assert_eq!(day().await.unwrap().len(), 1);
    assert_eq!(seen(&store, 1).await.1, Certainty::Confirmed);
}

#[tokio::test]
async fn a_booking_echoed_in_two_pages_settles_piece_by_piece() {
    let (place, store) = ready().await;
    let mine = book(1, 1, "2026-11-23T10:00:00", "2026-11-23T10:30:00", Some(1));
    commit(&store, action(1, visit_id(1), 0, mine)).await.unwrap();
    let versions: [(EntityRef, u64); 2] = [(visit_id(1).into(), 1), (request_id(1).into(), 2)];
    store.record_outcomes(&[applied(1, &versions)], now()).await.unwrap();
    let visit = store.visit(&visit_id(1)).await.unwrap().unwrap();
    let page = [change(20, visit_id(1), 1, State::Appointment(visit.state), Opened::new())];
    store.apply_page(&page, "visit", now(), false).await.unwrap();
    assert_eq!(seen(&store, 1).await.0.status, RequestStatus::Converted);
    let echo = echo(&store, 20, 1, 2).await;
    store.apply_page(&[echo], "request", now(), true).await.unwrap();
    assert_eq!(seen(&store, 1).await, (seen(&store, 1).await.0, Certainty::Confirmed));
    assert_eq!(raw_count(&place.path, "SELECT count(*) FROM outbox").await, 0);
    assert_eq!(raw_count(&place.path, "SELECT count(*) FROM outbox_touch").await, 0);
}

#[tokio::test]
async fn an_erased_card_does_not_come_back_by_an_edit_under_way() {
    let (_place, store) = ready().await;
    commit_with(&store, action(1, person_id(1), 1, put()), card("Иванова-Новая")).await.unwrap();
    store.apply_page(&[erased(20, person_id(1), 2)], "erased", now(), true).await.unwrap();
    assert!(store.person(&person_id(1)).await.unwrap().is_none());
    assert!(store.people_by_phone("+79130000001").await.unwrap().is_empty());
    assert_eq!(store.outbox_counts().await.unwrap(), (1, 0), "the gateway will say why");
}

#[tokio::test]
async fn a_clinic_is_founded_before_anybody_is_on_the_staff() {
    let place = place();
    let store = Store::create(&place.path, &key()).await.unwrap();
    let early = commit(&store, action(1, request_id(1), 0, Command::RequestClaim)).await.unwrap_err();
    assert!(matches!(early, StoreError::Refused(Refusal::Forbidden)));
    let manager = domain::staff::Staff::new(domain::staff::Role::Manager, true);
    let part = founding().remove(1).parts;
    let found = action(2, anna(), 0, Command::StaffPut { staff: manager });
    commit_with(&store, found, part).await.unwrap();
    let found = store.staff_by_login(" ANNA ").await.unwrap().unwrap();
    assert_eq!((found.id, found.certainty), (anna(), Certainty::Saved));
    assert_eq!(store.staff().await.unwrap().len(), 1);
    assert!(store.clinic().await.unwrap().is_none());
}

#[tokio::test]
async fn the_queue_and_the_closed_ones_are_told_apart() {
    let (_place, store) = ready().await;
    assert_eq!(store.open_requests().await.unwrap().len(), 2);
    commit(&store, action(1, request_id(1), 1, Command::RequestClose { reason: CloseReason::Spam })).await.unwrap();
    let open: Vec<_> = store.open_requests().await.unwrap().into_iter().map(|request| request.id).collect();
    let closed: Vec<_> = store.closed_requests(10).await.unwrap().into_iter().map(|request| request.id).collect();
    assert_eq!((open, closed), (vec![request_id(2)], vec![request_id(1)]));
}

#[tokio::test]
async fn everything_is_still_there_after_the_program_ends() {
    let (place, store) = ready().await;
    commit(&store, action(1, request_id(1), 1, Command::RequestClaim)).await.unwrap();
    store.mark_sent(&[action_id(1)]).await.unwrap();
    // not closed: dropped, as by a crash
    drop(store);
    let store = Store::open(&place.path, &key()).await.unwrap();
    assert_eq!(states(&store).await, [OutboxState::Unknown]);
    assert_eq!(store.outbox_to_send(10).await.unwrap().len(), 1, "unknown is sent again under the same id");
    assert!(seen(&store, 1).await.0.claim.is_some());
    assert!(store.audit_verify().await.unwrap().ok);
}
