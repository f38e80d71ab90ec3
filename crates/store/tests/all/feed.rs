//! Pages of the feed: whole or not at all, in any split, and a second reading from the beginning.

use std::{
    future::{Future, poll_fn},
    path::Path,
    pin::pin,
    task::Poll,
};

use crate::common::*;
use chrono::Duration;
use contract::{
    ui::{Certainty, OutboxState},
    v1::{ActionResult, Outcome},
};
use domain::{EntityRef, State};
use proptest::prelude::*;
use store::{AuditEntry, Opened, OpenedChange, Store};

fn people(from: u32, count: u32) -> Vec<OpenedChange> {
    let one = |n: u32| person(u64::from(n) + 100, n, "Иванов", "Пётр", "", &format!("+7913{n:07}"));
    (from..from + count).map(one).collect()
}

async fn cursor(store: &Store) -> Option<String> {
    store.sync_mark().await.unwrap().cursor
}

#[tokio::test]
async fn ten_thousand_changes_apply_and_are_found() {
    let (place, store) = clinic_store().await;
    store.apply_page(&people(0, 10_000), "all", now(), true).await.unwrap();
    assert_eq!(raw_count(&place.path, "SELECT count(*) FROM entity WHERE kind = 'person'").await, 10_000);
    assert_eq!(store.people_by_phone("+79130004321").await.unwrap().len(), 1);
    // once more: nothing doubles
    store.apply_page(&people(0, 10_000), "all", now(), true).await.unwrap();
    assert_eq!(raw_count(&place.path, "SELECT count(*) FROM phone_index").await, 10_000);
    assert_eq!(raw_count(&place.path, "SELECT count(*) FROM search WHERE text MATCH '\"0004321\"'").await, 1);
}

#[tokio::test]
async fn data_is_as_of_the_last_complete_page() {
    let place = place();
    let store = Store::create(&place.path, &key()).await.unwrap();
    assert_eq!(store.sync_mark().await.unwrap().pulled_at, None);
    store.apply_page(&people(0, 1), "a", now(), false).await.unwrap();
    let mark = store.sync_mark().await.unwrap();
    assert_eq!((mark.cursor.as_deref(), mark.pulled_at), (Some("a"), None));
    store.apply_page(&people(1, 1), "b", now(), true).await.unwrap();
    assert_eq!(store.sync_mark().await.unwrap().pulled_at, Some(now()));
}

#[tokio::test]
async fn a_page_and_its_cursor_stand_or_fall_together() {
    let (place, store) = clinic_store().await;
    raw_run(
        &place.path,
        "CREATE TRIGGER no_cursor BEFORE UPDATE ON feed WHEN new.cursor = 'bad' BEGIN SELECT raise(ABORT, 'no'); END",
    )
    .await;
    assert!(store.apply_page(&people(0, 50), "bad", now(), true).await.is_err());
    assert_eq!(raw_count(&place.path, "SELECT count(*) FROM entity WHERE kind = 'person'").await, 0);
    assert_eq!(raw_count(&place.path, "SELECT count(*) FROM search").await, 0);
    assert_eq!(cursor(&store).await.as_deref(), Some("founded"));
    store.apply_page(&people(0, 50), "good", now(), true).await.unwrap();
}

/// Polls a future so many times and drops it wherever it stands.
async fn poll_times(times: u32, future: impl Future) -> bool {
    let mut future = pin!(future);
    for _ in 0..times {
        let done = poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_ready())).await;
        if done {
            return true;
        }
        tokio::task::yield_now().await;
    }
    false
}

#[tokio::test]
async fn a_page_dropped_anywhere_is_there_whole_or_not_at_all() {
    let (_place, store) = clinic_store().await;
    let mut last = "founded".to_owned();
    let (mut whole, mut none) = (0, 0);
    for round in 0..60_u32 {
        let next = format!("page {round}");
        poll_times(round * round, store.apply_page(&people(round * 10, 10), &next, now(), true)).await;
        // stands in line behind whatever is still under way
        store.set_setting("round", &next).await.unwrap();
        let came = store.person(&person_id(round * 10)).await.unwrap().is_some();
        let came_last = store.person(&person_id(round * 10 + 9)).await.unwrap().is_some();
        let moved = cursor(&store).await.unwrap() == next;
        assert!(came == came_last && came == moved, "round {round}: {came} {came_last} {moved}");
        if moved {
            last = next;
            whole += 1;
        } else {
            none += 1;
        }
        assert_eq!(cursor(&store).await.unwrap(), last);
    }
    assert!(whole > 0 && none > 0, "both happened: {whole} {none}");
}

fn copy(from: &Path, to: &Path, wal: &[u8]) {
    for suffix in ["", ".kcv"] {
        std::fs::copy(format!("{}{suffix}", from.display()), format!("{}{suffix}", to.display())).unwrap();
    }
    std::fs::write(format!("{}-wal", to.display()), wal).unwrap();
    let _ = std::fs::remove_file(format!("{}-shm", to.display()));
}

#[tokio::test]
async fn after_a_power_cut_at_any_frame_the_cursor_tells_the_truth() {
    let (place, store) = clinic_store().await;
    for page in 0..6 {
        store.apply_page(&people(page * 5, 5), &page.to_string(), now(), true).await.unwrap();
    }
    let wal = std::fs::read(format!("{}-wal", place.path.display())).unwrap();
    const HEADER: usize = 32;
    const FRAME: usize = 4_096 + 24;
    let frames = (wal.len() - HEADER) / FRAME;
    let cut_place = crate::common::place();
    let mut seen = std::collections::BTreeSet::new();
    for half in 0..=frames * 2 {
        copy(&place.path, &cut_place.path, &wal[..HEADER + half * FRAME / 2]);
        let cut = Store::open(&cut_place.path, &key()).await.unwrap();
        let cursor = cursor(&cut).await;
        let pages = match cursor.as_deref() {
            None | Some("founded") => 0,
            Some(page) => page.parse::<i64>().unwrap() + 1,
        };
        let found = raw_count(&cut_place.path, "SELECT count(*) FROM entity WHERE kind = 'person'").await;
        assert_eq!(found, pages * 5, "cut after {half} half frames");
        seen.insert(cursor);
        cut.close().await;
    }
    assert!(seen.len() >= 6, "{seen:?}");
}

#[tokio::test]
async fn an_older_state_does_not_overwrite_a_newer_one() {
    let (_place, store) = clinic_store().await;
    let mut newer = person(50, 1, "Новая", "Анна", "", "+79130000001");
    newer.version = 5;
    store.apply_page(&[newer], "a", now(), true).await.unwrap();
    store.apply_page(&[person(40, 1, "Старая", "Анна", "", "+79130000001")], "b", now(), true).await.unwrap();
    let seen = store.person(&person_id(1)).await.unwrap().unwrap();
    assert_eq!((seen.personal.name.family.as_str(), seen.version), ("Новая", 5));
}

#[tokio::test]
async fn an_entity_whose_part_could_not_be_opened_is_still_listed() {
    let (_place, store) = clinic_store().await;
    let mut closed = request(30, 1, "Анна", "+79130000001");
    closed.parts.clear();
    store.apply_page(&[closed], "a", now(), true).await.unwrap();
    let open = store.open_requests().await.unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].personal.name_raw, "");
}

#[tokio::test]
async fn a_resync_sweeps_what_is_gone_and_keeps_what_this_desk_did() {
    let (place, store) = clinic_store().await;
    store.apply_page(&people(0, 30), "old epoch", now(), true).await.unwrap();
    store.apply_page(&[request(200, 1, "Анна", "+79130000001")], "old epoch 2", now(), true).await.unwrap();
    commit(&store, action(1, request_id(1), 1, domain::Command::RequestClaim)).await.unwrap();

    store.begin_resync().await.unwrap();
    let mark = store.sync_mark().await.unwrap();
    assert_eq!((mark.cursor, mark.resyncing), (None, true));
    assert_eq!(raw_count(&place.path, "SELECT count(*) FROM entity WHERE kind = 'person'").await, 30, "still there");
    // the restored gateway counts from the beginning, and lost the last ten
    let mut page = founding();
    page.extend(people(0, 20).into_iter().map(|mut change| {
        change.seq -= 90;
        change
    }));
    store.apply_page(&page, "new epoch", now(), false).await.unwrap();
    store.apply_page(&[request(20, 1, "Анна", "+79130000001")], "new epoch 2", now(), true).await.unwrap();
    assert!(!store.sync_mark().await.unwrap().resyncing);
    store.finish_resync().await.unwrap();

    assert_eq!(raw_count(&place.path, "SELECT count(*) FROM entity WHERE kind = 'person'").await, 20);
    assert_eq!(raw_count(&place.path, "SELECT count(*) FROM search WHERE text MATCH '\"иванов\"'").await, 20);
    assert_eq!(store.outbox().await.unwrap().len(), 1);
    let claimed = store.request(&request_id(1)).await.unwrap().unwrap();
    assert!(claimed.state.claim.is_some() && claimed.certainty == Certainty::Saved);
}

/// Somebody works on while the pages of a restored gateway come in.
#[tokio::test]
async fn what_is_done_during_a_resync_does_not_pass_for_brought_anew() {
    let (_place, store) = clinic_store().await;
    let known = [request(200, 1, "Анна", "+79130000001"), request(201, 2, "Борис", "+79130000002")];
    store.apply_page(&known, "old epoch", now(), true).await.unwrap();
    store.begin_resync().await.unwrap();
    for n in [1, 2] {
        commit(&store, action(n, request_id(n), 1, domain::Command::RequestClaim)).await.unwrap();
    }
    // the restored gateway counts from the beginning; it has the first one otherwise, and does not know the second
    let mut page = founding();
    page.push(request(20, 1, "Аня", "+79130000001"));
    store.apply_page(&page, "new epoch", now(), true).await.unwrap();
    let refused = [conflict(1, domain::Refusal::ClaimedByOther), conflict(2, domain::Refusal::NotFound)];
    store.record_outcomes(&refused, now()).await.unwrap();
    for n in [1, 2] {
        store.outbox_discard(&action_id(n), AuditEntry::new(now(), None, "outbox.discard")).await.unwrap();
    }
    let first = store.request(&request_id(1)).await.unwrap().unwrap();
    assert_eq!((first.personal.name_raw.as_str(), first.certainty), ("Аня", Certainty::Confirmed));
    assert!(store.request(&request_id(2)).await.unwrap().is_none(), "no ghost");
}

#[tokio::test]
async fn what_a_restored_gateway_lost_goes_again_under_the_same_id() {
    let (_place, store) = clinic_store().await;
    let put = domain::Command::PersonPut { source: domain::person::PersonSource::DeskPhone };
    let part = main_part(&person_part("Иванов", "Пётр", "", "+79130000001"));
    commit_with(&store, action(1, person_id(1), 0, put), part).await.unwrap();
    let id: EntityRef = person_id(1).into();
    store.mark_sent(&[action_id(1)]).await.unwrap();
    store.record_outcomes(&[applied(1, &[(id, 1)])], now()).await.unwrap();
    assert!(store.outbox_to_send(10).await.unwrap().is_empty());
    store.begin_resync().await.unwrap();
    store.apply_page(&founding(), "new epoch", now(), true).await.unwrap();
    let again = store.outbox_to_send(10).await.unwrap();
    assert_eq!(again.iter().map(|envelope| &envelope.action.id).collect::<Vec<_>>(), [&action_id(1)]);
    assert!(store.person(&person_id(1)).await.unwrap().is_some());
}

/// A claim of this desk that the gateway has confirmed and the feed has brought.
async fn with_a_settled_claim() -> (Place, Store) {
    let (place, store) = clinic_store().await;
    store.apply_page(&[request(20, 1, "Анна", "+79130000001")], "a", now(), true).await.unwrap();
    commit(&store, action(1, request_id(1), 1, domain::Command::RequestClaim)).await.unwrap();
    store.mark_sent(&[action_id(1)]).await.unwrap();
    store.record_outcomes(&[applied(1, &[(request_id(1).into(), 2)])], now()).await.unwrap();
    let mine = store.request(&request_id(1)).await.unwrap().unwrap();
    let echo = change(21, request_id(1), 2, State::Request(mine.state), main_part(&mine.personal));
    store.apply_page(&[echo], "b", now(), true).await.unwrap();
    assert!(store.outbox_to_send(10).await.unwrap().is_empty(), "it has settled");
    (place, store)
}

async fn restored(store: &Store) {
    store.begin_resync().await.unwrap();
    let mut page = founding();
    page.push(request(20, 1, "Анна", "+79130000001"));
    store.apply_page(&page, "new epoch", now(), true).await.unwrap();
}

#[tokio::test]
async fn what_had_settled_goes_again_after_a_restore_and_does_not_lie_over_the_view() {
    let (_place, store) = with_a_settled_claim().await;
    restored(&store).await;
    let again = store.outbox_to_send(10).await.unwrap();
    assert_eq!(again.iter().map(|envelope| &envelope.action.id).collect::<Vec<_>>(), [&action_id(1)]);
    let seen = store.request(&request_id(1)).await.unwrap().unwrap();
    assert!(seen.state.claim.is_none() && seen.certainty == Certainty::Confirmed, "as the gateway has it now");
    store.record_outcomes(&[applied(1, &[(request_id(1).into(), 2)])], now()).await.unwrap();
    assert!(store.outbox_to_send(10).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_a_restore_made_impossible_comes_to_a_person() {
    let (_place, store) = with_a_settled_claim().await;
    restored(&store).await;
    let refusal = domain::Refusal::ClaimedByOther;
    let result = ActionResult { id: action_id(1), duplicate: false, outcome: Outcome::Conflict { refusal } };
    store.record_outcomes(&[result], now()).await.unwrap();
    let outbox = store.outbox().await.unwrap();
    assert_eq!(outbox.len(), 1);
    assert_eq!(
        (outbox[0].state, outbox[0].refusal.clone()),
        (OutboxState::Refused, Some(domain::Refusal::ClaimedByOther))
    );
    assert!(store.outbox_to_send(10).await.unwrap().is_empty());
}

#[tokio::test]
async fn nobody_waits_for_a_version_of_the_lost_history() {
    let (_place, store) = clinic_store().await;
    let known = || person(20, 1, "Иванов", "Пётр", "", "-");
    store.apply_page(&[known()], "a", now(), true).await.unwrap();
    let put = domain::Command::PersonPut { source: domain::person::PersonSource::DeskPhone };
    commit_with(&store, action(1, person_id(1), 1, put), main_part(&person_part("Иванова", "Анна", "", "-")))
        .await
        .unwrap();
    store.mark_sent(&[action_id(1)]).await.unwrap();
    let refusal = domain::Refusal::ChangedMeanwhile { version: 7 };
    let result = ActionResult { id: action_id(1), duplicate: false, outcome: Outcome::Conflict { refusal } };
    store.record_outcomes(&[result], now()).await.unwrap();
    assert!(store.sides(&action_id(1)).await.unwrap().unwrap().waits, "version 7 is yet to come");
    store.begin_resync().await.unwrap();
    let mut page = founding();
    page.push(known());
    store.apply_page(&page, "new epoch", now(), true).await.unwrap();
    assert!(!store.sides(&action_id(1)).await.unwrap().unwrap().waits, "it never will");
}

#[tokio::test]
async fn settled_actions_are_forgotten_with_their_age_and_with_an_erasure() {
    let (place, store) = with_a_settled_claim().await;
    let count = "SELECT count(*) FROM settled";
    store.apply_page(&[], "c", now() + Duration::days(34), true).await.unwrap();
    assert_eq!(raw_count(&place.path, count).await, 1);
    store.apply_page(&[], "d", now() + Duration::days(36), true).await.unwrap();
    assert_eq!(raw_count(&place.path, count).await, 0);

    let (place, store) = with_a_settled_claim().await;
    let gone = OpenedChange { seq: 30, id: request_id(1).into(), version: 3, state: None, parts: Opened::new() };
    store.apply_page(&[gone], "e", now(), true).await.unwrap();
    assert_eq!(raw_count(&place.path, count).await, 0);
}

/// Everything that is derived, in one text.
async fn world(place: &Place, store: &Store) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut connection = raw(&place.path).await;
    for statement in [
        "SELECT id || base_version || ' ' || base_seq || ' ' || version || state || parts || certainty FROM entity",
        "SELECT e.id || i.is_open || i.submitted_at || coalesce(i.person, '-') FROM request_index i JOIN entity e USING (row)",
        "SELECT e.id || p.digits FROM phone_index p JOIN entity e USING (row)",
        "SELECT e.id || n.name FROM name_index n JOIN entity e USING (row)",
        "SELECT e.id || ' found' FROM search s JOIN entity e ON e.row = s.rowid WHERE s.text MATCH '\"иванов\"'",
    ] {
        let found: Vec<String> = sqlx::query_scalar(statement).fetch_all(&mut connection).await.unwrap();
        lines.extend(found);
    }
    sqlx::Connection::close(connection).await.unwrap();
    lines.sort();
    lines.push(format!("{:?}", store.sync_mark().await.unwrap()));
    lines
}

fn a_change(seq: u64, (n, shape): (u32, u32)) -> OpenedChange {
    match shape {
        0 => erased(seq, person_id(n), seq),
        1 => {
            OpenedChange { version: seq, ..person(seq, n, "Иванов", "Пётр", "", &format!("+7913000000{n}")) }
        }
        2 => OpenedChange { version: seq, ..person(seq, n, "Петрова", "Анна", "", "не помню") },
        3 => erased(seq, request_id(n), seq),
        shape => {
            let mut request = request_state(i64::from(n));
            if shape == 5 {
                request.status = domain::request::RequestStatus::Converted;
                request.person = Some(person_id(n));
            }
            let part = main_part(&request_part("Иванов", "+79131112233"));
            change(seq, request_id(n), seq, State::Request(request), part)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_split_into_pages_gives_the_same_view(
        shapes in prop::collection::vec((0_u32..5, 0_u32..6), 1..60),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        own in prop::collection::vec(0_u32..5, 0..3),
    ) {
        let changes: Vec<OpenedChange> =
            shapes.into_iter().zip(10..).map(|(shape, seq)| a_change(seq, shape)).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (one_place, one) = clinic_store().await;
            let (many_place, many) = clinic_store().await;
            for store in [&one, &many] {
                let page: Vec<_> = (0..5).map(|n| request(5, n, "Иванов", "+79131112233")).collect();
                store.apply_page(&page, "before", now(), true).await.unwrap();
                for n in &own {
                    commit(store, action(*n, request_id(*n), 1, domain::Command::RequestClaim)).await.ok();
                }
            }
            one.apply_page(&changes, "end", now(), true).await.unwrap();
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(changes.len())).collect();
            cuts.sort_unstable();
            let mut from = 0;
            for to in cuts {
                // overlapping on purpose: an answer that was lost is asked for again
                many.apply_page(&changes[from..to], "middle", now(), false).await.unwrap();
                from = to.saturating_sub(1);
            }
            many.apply_page(&changes[from..], "end", now(), true).await.unwrap();
            let (one, many) = (world(&one_place, &one).await, world(&many_place, &many).await);
            let differ: Vec<_> = one.iter().filter(|l| !many.contains(l)).chain(many.iter().filter(|l| !one.contains(l))).collect();
            assert!(differ.is_empty(), "{differ:#?}");
        });
    }
}
