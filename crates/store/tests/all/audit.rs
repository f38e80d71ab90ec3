//! The audit chain: it grows, and whoever edits it past the application is found out.

use crate::common::*;
use store::{AuditEntry, Store};

async fn with_rows(count: u32) -> (Place, Store) {
    let place = place();
    let store = Store::create(&place.path, &key()).await.unwrap();
    for n in 0..count {
        let entry = AuditEntry::new(now(), Some(anna()), "person.view").about(person_id(n).as_str()).with("phone");
        store.audit(entry).await.unwrap();
    }
    (place, store)
}

#[tokio::test]
async fn an_untouched_chain_is_whole() {
    let (_place, store) = with_rows(20).await;
    let report = store.audit_verify().await.unwrap();
    assert_eq!((report.rows, report.ok, report.first_bad), (20, true, None));
    assert_eq!(report.head.len(), 64);
    let tail = store.audit_tail(2).await.unwrap();
    assert_eq!(tail.iter().map(|row| row.n).collect::<Vec<_>>(), [19, 20]);
    assert_eq!(tail[1].hash, report.head);
    assert_eq!(tail[1].entry.subject.as_deref(), Some(person_id(19).as_str()));
    let empty = with_rows(0).await.1.audit_verify().await.unwrap();
    assert_eq!((empty.rows, empty.ok), (0, true));
}

#[tokio::test]
async fn the_table_refuses_edits() {
    let (place, _store) = with_rows(3).await;
    let mut connection = raw(&place.path).await;
    for statement in ["UPDATE audit SET verb = 'x' WHERE n = 2", "DELETE FROM audit WHERE n = 3"] {
        let error = sqlx::query(statement).execute(&mut connection).await.unwrap_err();
        assert!(error.to_string().contains("append-only"), "{error}");
    }
    sqlx::Connection::close(connection).await.unwrap();
}

#[tokio::test]
async fn one_changed_byte_shows() {
    for (column, edit) in [
        ("at", "UPDATE audit SET at = replace(at, '2026', '2025') WHERE n = 7"),
        ("verb", "UPDATE audit SET verb = 'person.vieW' WHERE n = 7"),
        ("staff", "UPDATE audit SET staff = NULL WHERE n = 7"),
        ("moved text", "UPDATE audit SET subject = subject || detail, detail = '' WHERE n = 7"),
        ("null and empty", "UPDATE audit SET detail = NULL WHERE n = 7"),
    ] {
        let (place, store) = with_rows(12).await;
        raw_run(&place.path, "DROP TRIGGER audit_no_update").await;
        raw_run(&place.path, edit).await;
        let report = store.audit_verify().await.unwrap();
        assert_eq!((report.ok, report.first_bad), (false, Some(7)), "{column}");
    }
}

#[tokio::test]
async fn a_cut_tail_and_a_hole_show() {
    let (place, store) = with_rows(12).await;
    let whole = store.audit_verify().await.unwrap();
    raw_run(&place.path, "DROP TRIGGER audit_no_delete; DELETE FROM audit WHERE n > 10").await;
    let cut = store.audit_verify().await.unwrap();
    assert_eq!((cut.rows, cut.ok, cut.first_bad), (10, false, Some(11)));
    assert_ne!(cut.head, whole.head);
    raw_run(&place.path, "DELETE FROM audit WHERE n = 4").await;
    let hole = store.audit_verify().await.unwrap();
    assert_eq!((hole.ok, hole.first_bad), (false, Some(4)));
}

#[tokio::test]
async fn a_tail_that_was_cut_and_written_anew_is_whole_in_itself_and_another_by_its_hashes() {
    let (place, store) = with_rows(12).await;
    let remembered = store.audit_head().await.unwrap();
    let before = store.audit_hashes(&[10, 12, 99]).await.unwrap();
    assert_eq!((remembered.0, before.len(), &before[&12]), (12, 2, &remembered.1));
    let cut = "DROP TRIGGER audit_no_delete; DELETE FROM audit WHERE n > 10; \
        UPDATE audit_head SET n = 10, hash = (SELECT hash FROM audit WHERE n = 10)";
    raw_run(&place.path, cut).await;
    for _ in 0..4 {
        store.audit(AuditEntry::new(now(), Some(anna()), "person.view")).await.unwrap();
    }
    let report = store.audit_verify().await.unwrap();
    assert_eq!((report.rows, report.ok), (14, true), "nothing here shows it");
    let after = store.audit_hashes(&[10, 12]).await.unwrap();
    assert_eq!(after[&10], before[&10]);
    assert_ne!(after[&12], before[&12]);
}
