//! What a newer gateway sends: kept as it came, out of the view, and read as soon as it can be.

use crate::common::*;
use contract::v1::NewerChange;
use serde_json::{json, value::to_raw_value};
use store::{OpenedChange, Store};

fn newer(seq: u64, id: &str) -> NewerChange {
    let raw = json!({"seq": seq, "id": id, "version": seq, "state": {"kind": "request", "status": "frozen"}});
    NewerChange { seq, id: id.to_owned(), raw: to_raw_value(&raw).unwrap() }
}

fn of_request(seq: u64) -> NewerChange {
    newer(seq, request_id(1).as_str())
}

async fn page(store: &Store, changes: &[OpenedChange], newer: &[NewerChange]) {
    store.apply_page_with_newer(changes, newer, "cursor", now(), true).await.unwrap();
}

async fn stands(store: &Store) -> (usize, Vec<u64>) {
    let kept = store.newer().await.unwrap();
    assert_eq!(store.newer_count().await.unwrap() as usize, kept.len());
    (store.open_requests().await.unwrap().len(), kept.iter().map(|change| change.seq).collect())
}

#[tokio::test]
async fn a_record_is_in_the_view_or_kept_unread_and_the_later_word_wins() {
    let (_place, store) = clinic_store().await;
    page(&store, &[request(20, 1, "Анна", "+79130000001")], &[newer(21, "inv_1")]).await;
    assert_eq!(stands(&store).await, (1, vec![21]));
    page(&store, &[], &[of_request(30)]).await;
    assert_eq!(stands(&store).await, (0, vec![21, 30]), "what was known is not true any more");
    page(&store, &[request(25, 1, "Анна", "+79130000001")], &[of_request(24)]).await;
    assert_eq!(stands(&store).await, (0, vec![21, 30]), "older words");
    page(&store, &[request(40, 1, "Анна", "+79130000001")], &[]).await;
    assert_eq!(stands(&store).await, (1, vec![21]), "it can be read again");
    page(&store, &[], &[of_request(39)]).await;
    assert_eq!(stands(&store).await, (1, vec![21]));
}

#[tokio::test]
async fn a_newer_program_reads_what_was_kept_and_a_resync_sweeps_it() {
    let (_place, store) = clinic_store().await;
    page(&store, &[], &[of_request(30), newer(31, "inv_1")]).await;
    let raw = store.newer().await.unwrap()[0].raw.get().to_owned();
    assert_eq!(raw, of_request(30).raw.get(), "as it came");
    store.read_newer(&[request(30, 1, "Анна", "+79130000001")], now()).await.unwrap();
    assert_eq!(stands(&store).await, (1, vec![31]));
    assert_eq!(store.sync_mark().await.unwrap().cursor.as_deref(), Some("cursor"));

    store.begin_resync().await.unwrap();
    assert!(store.newer().await.unwrap().is_empty(), "of the reading before");
    let mut again = founding();
    again.push(request(5, 1, "Анна", "+79130000001"));
    page(&store, &again, &[newer(6, "inv_2")]).await;
    assert_eq!(stands(&store).await, (1, vec![6]));
}

#[tokio::test]
async fn an_own_action_on_a_record_that_is_not_read_goes_out_and_settles() {
    let (_place, store) = clinic_store().await;
    page(&store, &[request(20, 1, "Анна", "+79130000001")], &[]).await;
    commit(&store, action(1, request_id(1), 1, domain::Command::RequestClaim)).await.unwrap();
    page(&store, &[], &[of_request(30)]).await;
    assert_eq!(stands(&store).await.0, 0);
    assert_eq!(store.outbox_to_send(10).await.unwrap().len(), 1, "the gateway decides");
    store.mark_sent(&[action_id(1)]).await.unwrap();
    store.record_outcomes(&[applied(1, &[(request_id(1).into(), 3)])], now()).await.unwrap();
    page(&store, &[], &[of_request(32)]).await;
    assert!(store.outbox().await.unwrap().is_empty());
    page(&store, &[request(40, 1, "Анна", "+79130000001")], &[]).await;
    let seen = store.request(&request_id(1)).await.unwrap().unwrap();
    assert_eq!(seen.certainty, contract::ui::Certainty::Confirmed);
}
