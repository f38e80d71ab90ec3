//! Two cards of one person: put together by whoever compared them, seen as one everywhere, and parted again.

use crate::common::{
    Clinic, MANAGER, name,
    relay::{Fate, Relay},
    second_desk, settled, sign_in, somebody,
};
use chrono::Timelike;
use contract::ui::*;
use desk::{Desk, PractitionerDraft};
use domain::{
    ActionId, PersonId, Refusal,
    paper::PaperStage,
    person::{BlockGround, BlockRequester, Channel, ConsentAnswer, ConsentKind, LiftGround},
};
use serde_json::json;
use store::BLOCKED;

const OLD_PHONE: &str = "8 913 555-12-34";
const NEW_PHONE: &str = "8 913 555-99-88";

struct Two {
    _clinic: Clinic,
    relay: Relay,
    first: Desk,
    second: Desk,
    /// «Петрова Анна», by the site, and «Иванова Анна», who came: the same woman before and after her wedding.
    site: PersonId,
    came: PersonId,
}

/// Two desks that know both cards; the second desk's line can be cut.
async fn two_desks() -> Two {
    let (clinic, first) = Clinic::founded().await;
    let (relay, second) = second_desk(&clinic, &first).await;
    clinic.visitor(json!({"name": "Петрова Анна", "phone": OLD_PHONE, "comment": "после обеда"})).await;
    settled(&first).await;
    let request = first.queue_list(QueueArgs { filter: QueueFilter::Open }).await.unwrap().rows.remove(0).id;
    let put = |family, phone: &str, note: &str| PersonPutArgs {
        phones: vec![phone.into()],
        note: Some(note.into()),
        ..somebody(family, "Анна")
    };
    let site = PersonPutArgs { request: Some(request), ..put("Петрова", OLD_PHONE, "с сайта") };
    let site = first.person_put(site).await.unwrap().row.id;
    let came = first.person_put(put("Иванова", NEW_PHONE, "приходит с мужем")).await.unwrap().row.id;
    settled(&first).await;
    settled(&second).await;
    sign_in(&second, MANAGER).await;
    Two { _clinic: clinic, relay, first, second, site, came }
}

async fn card(desk: &Desk, id: &PersonId) -> PersonCard {
    desk.person_card(PersonArgs { id: id.clone() }).await.unwrap()
}

/// The card that came stays, with both numbers and the note of the other one.
async fn merge(desk: &Desk, survivor: &PersonId, other: &PersonId) -> Result<PersonCard, UiError> {
    let (one, two) = (card(desk, survivor).await, card(desk, other).await);
    let phones = one.phones.iter().chain(&two.phones).map(|phone| phone.raw.clone()).collect();
    desk.person_merge(MergeArgs {
        survivor: survivor.clone(),
        survivor_etag: one.etag,
        other: other.clone(),
        other_etag: two.etag,
        name: one.full_name,
        phones,
        email: None,
        birth_date: None,
        note: two.note,
    })
    .await
}

async fn part(desk: &Desk, survivor: &PersonId, merge: &ActionId) -> Result<PersonCard, UiError> {
    desk.person_part(PartArgs { survivor: survivor.clone(), merge: merge.clone() }).await
}

async fn in_three_days(desk: &Desk) -> DayView {
    let date = chrono::Utc::now().date_naive() + chrono::Days::new(3);
    desk.schedule_day(DayArgs { date }).await.unwrap()
}

async fn book(desk: &Desk, person: &PersonId, hour: u32) -> Result<Booked, UiError> {
    book_at(desk, person, 0, hour).await
}

/// With the nth doctor, in the chair of that number.
async fn book_at(desk: &Desk, person: &PersonId, nth: usize, hour: u32) -> Result<Booked, UiError> {
    let day = in_three_days(desk).await;
    let date = day.date;
    let book = json!({
        "person": person, "practitioner": day.practitioners[nth].id, "chair": day.chairs[nth].id,
        "start": date.and_hms_opt(hour, 0, 0).unwrap(), "end": date.and_hms_opt(hour, 30, 0).unwrap(),
        "service": null, "note": null, "request": null, "agreed": true,
    });
    desk.visit_book(serde_json::from_value(book).unwrap()).await
}

async fn found(desk: &Desk, query: &str) -> Vec<String> {
    let view = desk.search(SearchArgs { query: query.into(), limit: 20 }).await.unwrap();
    view.hits.into_iter().filter(|hit| hit.kind == HitKind::Person).map(|hit| hit.title).collect()
}

async fn printed(desk: &Desk, person: &PersonId) -> domain::PaperId {
    let paper = desk.paper_preview(PreviewArgs::of("consent_advertising", Some(person.clone()))).await.unwrap().paper;
    desk.paper_print(PrintArgs::of(paper.clone(), 1)).await.unwrap();
    paper
}

fn signed(person: &PersonId, paper: &domain::PaperId) -> PaperStepArgs {
    let (person, paper) = (person.clone(), paper.clone());
    PaperStepArgs { person, paper, stage: PaperStage::Signed, medical_worker: None }
}

fn agrees(person: &PersonId, paper: &domain::PaperId) -> ConsentArgs {
    ConsentArgs {
        person: person.clone(),
        kind: ConsentKind::Advertising,
        answer: ConsentAnswer::Given,
        said_at: None,
        channel: Channel::Paper,
        paper: Some(paper.clone()),
        valid_until: None,
    }
}

fn of_advertising(card: &PersonCard) -> domain::person::ConsentStatus {
    card.consents.iter().find(|consent| consent.kind == ConsentKind::Advertising).unwrap().status
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_other_card_had_is_seen_at_the_survivor_and_both_stand_again_when_they_are_parted() {
    let two = two_desks().await;
    let Two { first: desk, second, site, came, .. } = &two;
    let paper = printed(desk, site).await;
    desk.paper_step(signed(site, &paper)).await.unwrap();
    desk.consent_record(agrees(site, &paper)).await.unwrap();
    let visit = book(desk, site, 10).await.unwrap().id;
    let later = printed(desk, site).await;
    let before = (card(desk, site).await, card(desk, came).await);

    let merged = merge(desk, came, site).await.unwrap();
    assert_eq!((merged.phones.len(), merged.note.as_deref()), (2, Some("с сайта")), "as it was chosen");
    assert_eq!((merged.visits.len(), merged.requests.len(), merged.papers.len()), (1, 1, 2));
    assert_eq!(of_advertising(&merged), domain::person::ConsentStatus::Given);
    assert_eq!(merged.visits[0].person, *came);
    let view = &merged.merges[0];
    assert_eq!((view.card.id.clone(), view.changed, view.parted.is_none()), (site.clone(), false, true));
    // whatever is asked for by the old card answers with the new one
    assert_eq!(card(desk, site).await.row.id, *came);
    for query in ["Петрова", "Иванова", "5551234", "5559988"] {
        assert_eq!(found(desk, query).await, ["Иванова Анна"], "{query}");
    }
    // one person sits in one chair, and a sheet of the old card goes on with its life
    assert!(matches!(book(desk, came, 10).await.unwrap_err().refusal, Some(Refusal::SlotTaken { .. })));
    desk.paper_step(signed(came, &later)).await.unwrap();
    let since = printed(desk, came).await;

    settled(desk).await;
    settled(second).await;
    assert_eq!(found(second, "Петрова").await, ["Иванова Анна"]);
    assert_eq!(card(second, site).await.papers.len(), 3);

    // a mistake after all: the other desk parts them
    let parted = part(second, came, &merged.merges[0].merge).await.unwrap();
    assert_eq!((parted.full_name, parted.note), (before.1.full_name.clone(), before.1.note.clone()));
    assert!(parted.merges[0].parted.is_some());
    settled(second).await;
    settled(desk).await;
    for desk in [desk, second] {
        let (old, new) = (card(desk, site).await, card(desk, came).await);
        assert_eq!((old.full_name.clone(), old.note.clone()), (before.0.full_name.clone(), before.0.note.clone()));
        assert_eq!((old.visits.len(), old.visits[0].id.clone(), old.requests.len()), (1, visit.clone(), 1));
        assert_eq!(old.papers.len(), 2, "its own, the one that was signed meanwhile too");
        assert_eq!(of_advertising(&old), domain::person::ConsentStatus::Given);
        assert_eq!((new.phones.len(), new.note.as_deref()), (1, Some("приходит с мужем")));
        assert_eq!(new.papers.iter().map(|paper| &paper.id).collect::<Vec<_>>(), [&since], "what came since stays");
        assert_eq!(of_advertising(&new), domain::person::ConsentStatus::Unknown);
        assert_eq!(found(desk, "Петрова").await, ["Петрова Анна"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_desks_that_merge_at_once_one_is_told_and_an_edit_of_the_merged_card_is_not_lost() {
    let two = two_desks().await;
    two.relay.decide(|_| Fate::Answered(500, Vec::new(), json!({})));
    // the other desk knows of nothing: it edits the card, and then merges the other way round
    let old = card(&two.second, &two.site).await;
    let edit = PersonPutArgs {
        id: Some(two.site.clone()),
        etag: old.etag,
        phones: vec![OLD_PHONE.into()],
        note: Some("перезвонить в пятницу".into()),
        ..somebody("Петрова", "Анна")
    };
    two.second.person_put(edit).await.unwrap();
    merge(&two.second, &two.site, &two.came).await.unwrap();
    merge(&two.first, &two.came, &two.site).await.unwrap();
    settled(&two.first).await;

    two.relay.pass_everything();
    let refused = crate::common::comes("the refusal", async || {
        two.second.sync_now(Nothing {}).await.unwrap();
        let rows = two.second.outbox_list(Nothing {}).await.unwrap();
        rows.into_iter().find(|row| row.refusal.is_some())
    })
    .await;
    assert_eq!((refused.verb.as_str(), refused.refusal), ("person.merge", Some(Refusal::CardMerged)));
    two.second.outbox_discard(OutboxArgs { id: refused.id }).await.unwrap();
    settled(&two.second).await;
    settled(&two.first).await;
    for desk in [&two.first, &two.second] {
        let survivor = card(desk, &two.site).await;
        assert_eq!((survivor.row.id.clone(), survivor.row.certainty), (two.came.clone(), Certainty::Confirmed));
        assert_eq!(survivor.merges.len(), 1);
        assert!(survivor.merges[0].changed, "what was written on the other card is pointed at");
    }
    let merge = card(&two.first, &two.came).await.merges[0].merge.clone();
    part(&two.first, &two.came, &merge).await.unwrap();
    assert_eq!(card(&two.first, &two.site).await.note.as_deref(), Some("перезвонить в пятницу"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_covers_both_cards_and_nobody_blocked_is_merged() {
    let two = two_desks().await;
    let block = |person: &PersonId| BlockArgs {
        whom: BlockWhom::Person { person: person.clone() },
        requester: BlockRequester::Subject,
        ground: BlockGround::Unreliable,
        note: None,
    };
    // laid without a link on a card that is being merged elsewhere
    two.relay.decide(|_| Fate::Answered(500, Vec::new(), json!({})));
    two.second.person_block(block(&two.site)).await.unwrap();
    merge(&two.first, &two.came, &two.site).await.unwrap();
    settled(&two.first).await;
    two.relay.pass_everything();
    settled(&two.second).await;
    settled(&two.first).await;
    for desk in [&two.first, &two.second] {
        let blocked = card(desk, &two.came).await;
        assert_eq!((blocked.row.blocked, blocked.row.name.as_str(), blocked.blocks.len()), (true, BLOCKED, 1));
        let shown = serde_json::to_string(&blocked).unwrap();
        assert!(
            !shown.contains("Иванова")
                && !shown.contains("Петрова")
                && !shown.contains("555-12")
                && !shown.contains("5551234"),
            "{shown}"
        );
        assert!(found(desk, "Иванова").await.iter().chain(&found(desk, "5551234").await).all(|name| name == BLOCKED));
    }
    let covered = card(&two.first, &two.came).await;
    let refused = |error: UiError| assert_eq!(error.refusal, Some(Refusal::PersonBlocked), "{error:?}");
    refused(book(&two.first, &two.came, 11).await.unwrap_err());
    refused(part(&two.first, &two.came, &covered.merges[0].merge).await.unwrap_err());

    // lifted from the card that stands for both, wherever the block lies
    let lift = UnblockArgs {
        person: two.came.clone(),
        block: covered.blocks[0].id.clone(),
        ground: LiftGround::Mistake,
        evidence: "паспорт".into(),
    };
    let free = two.second.person_unblock(lift).await.unwrap();
    assert!(!free.row.blocked);
    settled(&two.second).await;
    settled(&two.first).await;
    part(&two.first, &two.came, &covered.merges[0].merge).await.unwrap();
    two.first.person_block(block(&two.site)).await.unwrap();
    assert!(!card(&two.first, &two.came).await.row.blocked, "they are two people again");
    let (one, other) = (card(&two.first, &two.came).await, two.site.clone());
    let args = MergeArgs {
        survivor: one.row.id,
        survivor_etag: one.etag,
        other,
        other_etag: None,
        name: name("Иванова", "Анна"),
        phones: Vec::new(),
        email: None,
        birth_date: None,
        note: None,
    };
    refused(two.first.person_merge(args).await.unwrap_err());
}

/// What a visit meets: over what, at which hour, with which doctor.
fn met(row: &VisitRow) -> Vec<(MeetsOver, u32, &str)> {
    row.meets.iter().map(|one| (one.over, one.start.hour(), one.practitioner_name.as_str())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn visits_of_two_cards_that_meet_are_marked_from_the_merge_on_and_not_when_the_cards_are_parted() {
    let two = two_desks().await;
    let Two { first: desk, second, site, came, .. } = &two;
    let another = PractitionerDraft {
        id: None,
        name: name("Лекарева", "Ия"),
        speciality: "хирург".into(),
        chair: None,
        order: 1,
        active: true,
    };
    desk.put_practitioner(another).await.unwrap();
    let early = book_at(desk, site, 0, 10).await.unwrap();
    let same_time = book_at(desk, came, 1, 10).await.unwrap();
    let late = book_at(desk, came, 1, 15).await.unwrap();
    // somebody with one card comes twice that day: that was meant
    let twice = desk.person_put(somebody("Двукратова", "Яна")).await.unwrap().row.id;
    let _ = (book_at(desk, &twice, 0, 12).await.unwrap(), book_at(desk, &twice, 1, 13).await.unwrap());
    let day = in_three_days(desk).await;
    assert!(day.visits.iter().all(|row| row.meets.is_empty()), "nobody has compared the cards yet");

    let merged = merge(desk, came, site).await.unwrap();
    settled(desk).await;
    settled(second).await;
    let of = |rows: &[VisitRow], id| rows.iter().find(|row| row.id == id).unwrap().clone();
    for desk in [desk, second] {
        let (day, card) = (in_three_days(desk).await.visits, card(desk, came).await.visits);
        for rows in [&day, &card] {
            let both = [(MeetsOver::Person, 10, "Лекарева И."), (MeetsOver::Day, 15, "Лекарева И.")];
            assert_eq!(met(&of(rows, early.id.clone())), both);
            assert_eq!(met(&of(rows, same_time.id.clone())), [(MeetsOver::Person, 10, "Докторов И.")]);
            assert_eq!(met(&of(rows, late.id.clone())), [(MeetsOver::Day, 10, "Докторов И.")]);
        }
        assert!(day.iter().filter(|row| row.person == twice).all(|row| row.meets.is_empty()));
    }
    // one of them is cancelled: what is left is one visit more that day, by the other card
    let reason = domain::appointment::CancelReason::Mistake;
    desk.visit_cancel(CancelArgs { id: same_time.id.clone(), reason }).await.unwrap();
    let day = in_three_days(desk).await.visits;
    assert_eq!(met(&of(&day, early.id.clone())), [(MeetsOver::Day, 15, "Лекарева И.")]);
    assert!(of(&day, same_time.id).meets.is_empty());

    part(desk, came, &merged.merges[0].merge).await.unwrap();
    assert!(in_three_days(desk).await.visits.iter().all(|row| row.meets.is_empty()));
}
