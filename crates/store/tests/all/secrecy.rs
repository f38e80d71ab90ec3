//! Nothing readable in any file: names, phones, mails, codes and notes are looked for in the raw bytes.

use crate::common::*;
use domain::{Command, request::CallOutcome};

const CANARIES: [&str; 12] = [
    "Канарейкина",
    "канарейкина",
    "79135550123",
    "9135550123",
    "canary@example.ru",
    "CANARY2345678XY",
    "canary2345678xy",
    "заметка о канарейке",
    "request.log_call",
    "CREATE TABLE",
    "per_0000",
    "SQLite format",
];

fn raw_files(place: &Place) -> Vec<(String, Vec<u8>)> {
    let files = std::fs::read_dir(place.folder.path()).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap())).collect()
}

fn look(place: &Place, when: &str) -> usize {
    let files = raw_files(place);
    for (name, bytes) in &files {
        for canary in CANARIES {
            let utf16: Vec<u8> = canary.encode_utf16().flat_map(u16::to_le_bytes).collect();
            for needle in [canary.as_bytes(), utf16.as_slice()] {
                assert!(!bytes.windows(needle.len()).any(|window| window == needle), "{canary} in {name} {when}");
            }
        }
    }
    files.iter().map(|(_, bytes)| bytes.len()).sum()
}

#[tokio::test]
async fn no_file_of_the_store_can_be_read_without_the_key() {
    let (place, store) = clinic_store().await;
    let mut canary = person_part("Канарейкина", "Анна", "Петровна", "+79135550123");
    canary.email = Some("canary@example.ru".to_owned());
    let mut page = vec![
        change(10, person_id(1), 1, person_state(), main_part(&canary)),
        request(11, 1, "Канарейкина", "+79135550123"),
        certificate(12, 1, "CANARY2345678XY", "Канарейкина"),
    ];
    page.extend((100..1_500).map(|n| person(u64::from(n), n, "Канарейкина", "Анна", "", &format!("+7913555{n:04}"))));
    store.apply_page(&page, "c", now(), true).await.unwrap();
    let call = action(
        1,
        request_id(1),
        1,
        Command::RequestLogCall { outcome: CallOutcome::NoAnswer, next_try_at: Some(now()) },
    );
    let opened = note(&call.id, "заметка о канарейке");
    commit_with(&store, call, opened).await.unwrap();
    assert!(store.people_by_phone("+79135550123").await.unwrap().len() == 2);

    let live = look(&place, "while open");
    assert!(live > 1_000_000, "the log has been written: {live}");
    store.close().await;
    look(&place, "when closed");
}

/// The test can fail: without a key the same words are there to be read.
#[tokio::test]
async fn the_same_words_in_a_plain_database_would_be_found() {
    let place = place();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&place.path).create_if_missing(true);
    let mut plain = sqlx::ConnectOptions::connect(&options).await.unwrap();
    sqlx::query("CREATE TABLE t (x)").execute(&mut plain).await.unwrap();
    sqlx::query("INSERT INTO t VALUES ('Канарейкина')").execute(&mut plain).await.unwrap();
    sqlx::Connection::close(plain).await.unwrap();
    let files = raw_files(&place);
    let needle = "Канарейкина".as_bytes();
    assert!(files.iter().any(|(_, bytes)| bytes.windows(needle.len()).any(|window| window == needle)));
}
