//! Opening: each trouble has its own name, and whatever the answer, the bytes on disk stay as they were.

use std::path::Path;

use crate::common::{key, place, raw, raw_run};
use sqlx::{ConnectOptions, Connection};
use store::{DatabaseKey, OpenError, Store};

async fn made(path: &Path) {
    Store::create(path, &key()).await.unwrap().close().await;
}

/// Opens, expects an error, and checks that the file was not touched.
async fn refuses(path: &Path, key: &DatabaseKey) -> OpenError {
    let before = std::fs::read(path).unwrap();
    let error = Store::open(path, key).await.expect_err("must not open");
    assert!(std::fs::read(path).unwrap() == before, "the file was changed");
    error
}

#[tokio::test]
async fn a_store_survives_closing_and_opening() {
    let place = place();
    let store = Store::create(&place.path, &key()).await.unwrap();
    store.set_setting("shift_started_at", "утро").await.unwrap();
    store.close().await;
    let store = Store::open(&place.path, &key()).await.unwrap();
    assert_eq!(store.setting("shift_started_at").await.unwrap().as_deref(), Some("утро"));
    assert_eq!(store.setting("other").await.unwrap(), None);
}

#[tokio::test]
async fn a_wrong_key_is_told_from_damage() {
    let place = place();
    made(&place.path).await;
    assert!(matches!(refuses(&place.path, &DatabaseKey::from_random([1; 32])).await, OpenError::WrongKey));
    let mut bytes = std::fs::read(&place.path).unwrap();
    bytes[40] ^= 1;
    std::fs::write(&place.path, bytes).unwrap();
    assert!(matches!(refuses(&place.path, &key()).await, OpenError::Damaged));
}

#[tokio::test]
async fn without_the_value_beside_it_a_wrong_key_cannot_be_told_but_the_right_one_works() {
    let place = place();
    made(&place.path).await;
    let beside = place.folder.path().join("desk.db.kcv");
    std::fs::remove_file(&beside).unwrap();
    assert!(matches!(refuses(&place.path, &DatabaseKey::from_random([1; 32])).await, OpenError::NotRecognised));
    assert!(!beside.exists());
    Store::open(&place.path, &key()).await.unwrap().close().await;
    assert!(beside.exists(), "the value is noted again");
}

#[tokio::test]
async fn a_plain_database_is_named_so() {
    let place = place();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&place.path).create_if_missing(true);
    let mut plain = sqlx::ConnectOptions::connect(&options).await.unwrap();
    sqlx::query("CREATE TABLE t (x)").execute(&mut plain).await.unwrap();
    sqlx::Connection::close(plain).await.unwrap();
    assert!(matches!(refuses(&place.path, &key()).await, OpenError::PlainDatabase));
}

#[tokio::test]
async fn empty_short_and_foreign_files_are_refused() {
    let place = place();
    std::fs::write(&place.path, b"").unwrap();
    assert!(matches!(refuses(&place.path, &key()).await, OpenError::Truncated));
    std::fs::write(&place.path, [7; 1_000]).unwrap();
    assert!(matches!(refuses(&place.path, &key()).await, OpenError::Truncated));
    std::fs::write(&place.path, [7; 16_384]).unwrap();
    assert!(matches!(refuses(&place.path, &key()).await, OpenError::NotRecognised));
    assert!(!place.folder.path().join("desk.db.kcv").exists());
}

#[tokio::test]
async fn a_newer_schema_is_left_alone() {
    let place = place();
    made(&place.path).await;
    raw_run(
        &place.path,
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'from the future', 1, x'00', 0)",
    )
    .await;
    let error = refuses(&place.path, &key()).await;
    assert!(matches!(error, OpenError::NewerSchema { found: 9999, known } if known >= 1), "{error}");
}

/// The list of kinds stands in a check of the table that everything else refers to.
#[tokio::test]
async fn a_database_from_before_there_were_cases_keeps_its_rows_and_takes_cases() {
    let place = place();
    made(&place.path).await;
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/desk")).unwrap();
    let older = tempfile::tempdir().unwrap();
    for file in files.flatten().filter(|file| file.file_name().to_str().unwrap() < "0010") {
        std::fs::copy(file.path(), older.path().join(file.file_name())).unwrap();
    }
    // the same key, another file: one that an older version has made
    std::fs::remove_file(&place.path).unwrap();
    let hex = key().to_hex();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&place.path).create_if_missing(true);
    let mut connection = options.pragma("key", format!("\"x'{}'\"", hex.as_str())).connect().await.unwrap();
    sqlx::migrate::Migrator::new(older.path()).await.unwrap().run(&mut connection).await.unwrap();
    let row =
        "INSERT INTO entity (id, kind, base_version, base_seq, version, state, parts, certainty, generation, text_mark)
               VALUES ('{}-1', '{}', 1, 1, 1, 'null', 'null', 0, 1, 0)";
    let row = |kind: &str| row.replacen("{}", kind, 2);
    let insert = async |connection: &mut sqlx::SqliteConnection, kind: &str| {
        sqlx::raw_sql(sqlx::AssertSqlSafe(row(kind))).execute(connection).await.map(drop)
    };
    insert(&mut connection, "request").await.unwrap();
    insert(&mut connection, "case").await.expect_err("it knew none");
    connection.close().await.unwrap();

    Store::open(&place.path, &key()).await.unwrap().close().await;
    let mut connection = raw(&place.path).await;
    insert(&mut connection, "case").await.unwrap();
    insert(&mut connection, "nonsense").await.expect_err("what is no kind stays out");
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM entity").fetch_one(&mut connection).await.unwrap();
    let whole: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut connection).await.unwrap();
    assert_eq!((count, whole.as_str()), (2, "ok"));
}

#[tokio::test]
async fn nothing_is_made_over_a_database_nor_opened_where_there_is_none() {
    let place = place();
    assert!(matches!(Store::open(&place.path, &key()).await, Err(OpenError::Missing)));
    assert!(!place.path.exists());
    made(&place.path).await;
    let before = std::fs::read(&place.path).unwrap();
    assert!(matches!(Store::create(&place.path, &key()).await, Err(OpenError::Exists)));
    assert!(std::fs::read(&place.path).unwrap() == before);
}

#[tokio::test]
async fn a_creation_that_was_cut_short_is_begun_anew() {
    let place = place();
    std::fs::write(place.folder.path().join("desk.db.new"), [7; 5_000]).unwrap();
    made(&place.path).await;
    Store::open(&place.path, &key()).await.unwrap();
}

#[tokio::test]
async fn files_and_folder_are_private_and_the_engine_is_set_up() {
    use std::os::unix::fs::PermissionsExt;
    let outer = tempfile::tempdir().unwrap();
    let path = outer.path().join("private").join("desk.db");
    let store = Store::create(&path, &key()).await.unwrap();
    store.set_setting("a", "b").await.unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    for name in ["desk.db", "desk.db-wal", "desk.db-shm", "desk.db.kcv"] {
        assert_eq!(mode(&path.with_file_name(name)), 0o600, "{name}");
    }
    let mut connection = raw(&path).await;
    let cipher: Option<String> =
        sqlx::query_scalar("PRAGMA cipher_version").fetch_optional(&mut connection).await.unwrap();
    sqlx::Connection::close(connection).await.unwrap();
    assert!(cipher.is_some(), "the engine has no cipher");
}

#[tokio::test]
async fn a_closed_store_says_so_to_its_other_clones() {
    let place = place();
    let store = Store::create(&place.path, &key()).await.unwrap();
    let other = store.clone();
    store.close().await;
    assert!(matches!(other.setting("a").await, Err(store::StoreError::Sql(sqlx::Error::PoolClosed))));
    assert!(matches!(other.set_setting("a", "b").await, Err(store::StoreError::Sql(sqlx::Error::PoolClosed))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_may_be_awaited_on_any_thread_by_many_at_once() {
    let place = place();
    let path = place.path.clone();
    let store = tokio::spawn(async move { Store::create(&path, &key()).await.unwrap() }).await.unwrap();
    let work = |n: u32| {
        let store = store.clone();
        tokio::spawn(async move {
            store.set_setting(&n.to_string(), "x").await.unwrap();
            store.audit(store::AuditEntry::new(crate::common::now(), None, "test")).await.unwrap();
            store
                .apply_page(&[crate::common::person(10, n, "Иванов", "Пётр", "", "")], "c", crate::common::now(), true)
                .await
                .unwrap();
            let query = store::SearchQuery { folded: "иванов".to_owned(), ..Default::default() };
            assert!(!store.search(&query, 5).await.unwrap().is_empty());
            assert!(store.person(&crate::common::person_id(n)).await.unwrap().is_some());
            assert!(store.outbox_to_send(5).await.unwrap().is_empty());
            assert!(store.setting(&n.to_string()).await.unwrap().is_some());
        })
    };
    let works: Vec<_> = (0..20).map(work).collect();
    for work in works {
        work.await.unwrap();
    }
    assert_eq!(store.audit_verify().await.unwrap().rows, 20);
    store.close().await;
}

#[tokio::test]
async fn neither_errors_nor_debug_show_the_key() {
    let place = place();
    let store = Store::create(&place.path, &key()).await.unwrap();
    let wrong = Store::open(&place.path, &DatabaseKey::from_random([1; 32])).await.unwrap_err();
    for text in [format!("{store:?}"), format!("{wrong:?} {wrong}"), format!("{:?}", key())] {
        assert!(!text.to_lowercase().contains("5a5a") && !text.contains("0101"), "{text}");
    }
}
