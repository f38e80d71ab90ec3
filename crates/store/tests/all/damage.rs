//! A damaged file, a full disk, a copy: what was done at the desk is read out of whatever is left.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command as Program,
};

use crate::common::*;
use domain::{Command, request::CallOutcome};
use store::{DatabaseKey, OpenError, Store, copy, move_aside, note_damage, salvage, verify};

const ACTIONS: u32 = 60;
const PAGE: usize = 4_096;

/// A desk with unsent actions that fill some pages, closed.
async fn a_day_offline() -> Place {
    let (place, store) = clinic_store().await;
    let page: Vec<_> = (1..=ACTIONS).map(|n| request(9 + u64::from(n), n, "Анна", "+79130000001")).collect();
    store.apply_page(&page, "ready", now(), true).await.unwrap();
    for n in 1..=ACTIONS {
        let call = Command::RequestLogCall { outcome: CallOutcome::NoAnswer, next_try_at: Some(now()) };
        let action = action(n, request_id(n), 1, call);
        let note = note(&action.id, &"не отвечает ".repeat(20));
        commit_with(&store, action, note).await.unwrap();
    }
    store.close().await;
    // opened once more after everything is in the file
    Store::open(&place.path, &key()).await.unwrap().close().await;
    place
}

/// Pages of a table or an index, by their numbers from 1.
async fn pages_of(place: &Place, name: &str, leaves: bool) -> Vec<usize> {
    let copy = place.folder.path().join("numbers.db");
    fs::copy(&place.path, &copy).unwrap();
    // a copy page by page, so that the numbers are the same; what is where is found by destroying one page at a time
    let mut found = Vec::new();
    let pages = fs::read(&copy).unwrap().len() / PAGE;
    let all = fs::read(&copy).unwrap();
    for number in 2..=pages {
        let mut bytes = all.clone();
        flip(&mut bytes, number);
        fs::write(&copy, &bytes).unwrap();
        let mut connection = raw(&copy).await;
        let statement = match (name, leaves) {
            ("outbox", true) => "SELECT count(envelope || opened) FROM outbox NOT INDEXED",
            _ => "SELECT count(text_mark) FROM entity NOT INDEXED",
        };
        if sqlx::query_scalar::<_, i64>(statement).fetch_one(&mut connection).await.is_err() {
            found.push(number);
        }
        sqlx::Connection::close(connection).await.unwrap();
    }
    fs::remove_file(&copy).unwrap();
    found
}

fn flip(bytes: &mut [u8], page: usize) {
    for byte in &mut bytes[(page - 1) * PAGE + 1_000..(page - 1) * PAGE + 1_040] {
        *byte ^= 0x55;
    }
}

fn damage(path: &Path, by: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    by(&mut bytes);
    fs::write(path, bytes).unwrap();
}

async fn opens_damaged(path: &Path) {
    assert!(matches!(Store::open(path, &key()).await, Err(OpenError::Damaged | OpenError::Truncated)));
}

async fn rescued(path: &Path) -> (u32, Option<u32>) {
    let before = fs::read(path).unwrap();
    let found = salvage(path, &key()).await.unwrap();
    assert_eq!(fs::read(path).unwrap(), before, "a damaged file stays as it is");
    (found.unsent(), found.unreadable)
}

#[tokio::test]
async fn every_page_of_the_outbox_may_be_lost_and_costs_only_what_lay_on_it() {
    let place = a_day_offline().await;
    let whole = fs::read(&place.path).unwrap();
    let pages = pages_of(&place, "outbox", true).await;
    assert!(pages.len() > 5, "{pages:?}");
    let mut leaves = 0;
    for page in pages {
        damage(&place.path, |bytes| flip(bytes, page));
        opens_damaged(&place.path).await;
        let (unsent, unreadable) = rescued(&place.path).await;
        let lost = unreadable.expect("the index of ids tells how many there were");
        assert_eq!(unsent + lost, ACTIONS, "page {page}");
        // the list of tables is kept beside the file, so its pages cost nothing
        leaves += u32::from(lost > 0 && lost < ACTIONS);
        fs::write(&place.path, &whole).unwrap();
    }
    assert!(leaves > 4, "only the root costs all: {leaves}");
}

#[tokio::test]
async fn a_page_of_another_table_costs_nothing_of_the_outbox() {
    let place = a_day_offline().await;
    let whole = fs::read(&place.path).unwrap();
    for page in pages_of(&place, "entity", false).await {
        damage(&place.path, |bytes| flip(bytes, page));
        opens_damaged(&place.path).await;
        assert_eq!(rescued(&place.path).await, (ACTIONS, Some(0)), "page {page}");
        fs::write(&place.path, &whole).unwrap();
    }
}

#[tokio::test]
async fn without_its_first_page_the_file_still_gives_its_outbox() {
    let place = a_day_offline().await;
    for at in [0, 20, 100, 4_000] {
        let whole = fs::read(&place.path).unwrap();
        damage(&place.path, |bytes| bytes[at..at + 16].fill(0xEE));
        opens_damaged(&place.path).await;
        assert_eq!(rescued(&place.path).await, (ACTIONS, Some(0)), "at {at}");
        assert!(!place.path.with_file_name("desk.db.patched").exists());
        fs::write(&place.path, whole).unwrap();
    }
    fs::remove_file(place.path.with_file_name("desk.db.tables")).unwrap();
    damage(&place.path, |bytes| bytes[..16].fill(0));
    assert_eq!(rescued(&place.path).await, (0, None), "and without it says that it does not know");
}

#[tokio::test]
async fn a_file_that_was_cut_off_gives_what_is_left_of_it() {
    let place = a_day_offline().await;
    let whole = fs::read(&place.path).unwrap();
    let mut some = 0;
    for tenth in 1..10 {
        damage(&place.path, |bytes| bytes.truncate(whole.len() / 10 * tenth));
        opens_damaged(&place.path).await;
        let (unsent, unreadable) = rescued(&place.path).await;
        assert!(unreadable.is_none_or(|lost| unsent + lost <= ACTIONS));
        some += u32::from(unsent > 0);
        fs::write(&place.path, &whole).unwrap();
    }
    assert!(some > 0, "a file cut near its end has something left");
    fs::write(&place.path, []).unwrap();
    assert_eq!(rescued(&place.path).await, (0, None));
}

#[tokio::test]
async fn what_was_rescued_goes_on_in_a_new_database_and_in_a_copy() {
    let place = a_day_offline().await;
    let copied = place.folder.path().join("copy.db");
    let other = DatabaseKey::from_random([9; 32]);
    let store = Store::open(&place.path, &key()).await.unwrap();
    let made = store.copy_to(&copied, &other).await.unwrap();
    assert_eq!((made.unsent, made.bytes), (ACTIONS, fs::metadata(&copied).unwrap().len()));
    assert!(matches!(store.copy_to(&copied, &other).await, Err(OpenError::Exists)));
    // after the copy one action is given up and another one is done
    let audit = store::AuditEntry::new(now(), None, "outbox.discard");
    store.outbox_discard(&action_id(1), audit).await.unwrap();
    commit(&store, action(ACTIONS + 1, request_id(1), 1, Command::RequestClaim)).await.unwrap();
    store.close().await;
    let found = salvage(&place.path, &key()).await.unwrap();
    assert_eq!((found.unsent(), found.unreadable), (ACTIONS, Some(0)));

    let restored = place.folder.path().join("restored.db");
    copy(&copied, &other, &restored, &key()).await.unwrap();
    let store = Store::open(&restored, &key()).await.unwrap();
    for _ in 0..2 {
        assert_eq!(store.take_in(&found).await.unwrap(), ACTIONS);
        let ids: Vec<_> = store.outbox().await.unwrap().into_iter().map(|r| r.envelope.action.id).collect();
        let expected: Vec<_> = (2..=ACTIONS + 1).map(action_id).collect();
        assert_eq!(ids, expected, "in their order, each once, and without the one that was given up");
    }
    assert!(store.audit_verify().await.unwrap().ok);
    store.close().await;

    let fresh = place.folder.path().join("fresh.db");
    let store = Store::create(&fresh, &key()).await.unwrap();
    store.take_in(&found).await.unwrap();
    store.apply_page(&founding(), "anew", now(), true).await.unwrap();
    assert_eq!(store.outbox_to_send(200).await.unwrap().len(), ACTIONS as usize);
    store.close().await;
}

#[tokio::test]
async fn a_copy_is_encrypted_under_its_own_key_and_a_damaged_one_is_found_out() {
    let place = a_day_offline().await;
    let copied = place.folder.path().join("copy.db");
    let other = DatabaseKey::from_random([9; 32]);
    copy(&place.path, &key(), &copied, &other).await.unwrap();
    let bytes = fs::read(&copied).unwrap();
    assert!(!bytes.starts_with(b"SQLite") && !String::from_utf8_lossy(&bytes).contains("не отвечает"));
    assert!(matches!(verify(&copied, &key()).await, Err(OpenError::NotRecognised)));
    verify(&copied, &other).await.unwrap();
    let pages = bytes.len() / PAGE;
    for page in 1..=pages {
        damage(&copied, |bytes| flip(bytes, page));
        assert!(verify(&copied, &other).await.is_err(), "page {page}");
        fs::write(&copied, &bytes).unwrap();
    }
    // a damaged database gives no copy, and leaves no half of one
    let entity = pages_of(&place, "entity", false).await;
    damage(&place.path, |bytes| flip(bytes, entity[0]));
    let half = place.folder.path().join("half.db");
    let failed = copy(&place.path, &key(), &half, &other).await;
    assert!(matches!(failed, Err(OpenError::Damaged)), "{failed:?}");
    let left: Vec<PathBuf> = fs::read_dir(place.folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(left.iter().all(|path| !path.to_string_lossy().contains("half")), "{left:?}");
}

#[tokio::test]
async fn a_database_is_set_aside_with_all_its_pieces_and_damage_once_found_stays_found() {
    let place = a_day_offline().await;
    note_damage(&place.path).unwrap();
    opens_damaged(&place.path).await;
    fs::write(place.path.with_file_name("desk.db-wal"), b"journal").unwrap();
    let aside = move_aside(&place.path, "20261124-200500").unwrap();
    assert_eq!(aside, place.path.with_file_name("desk.db.set-aside-20261124-200500"));
    for piece in ["", "-wal", ".kcv", ".tables", ".damaged"] {
        assert!(fs::exists(format!("{}{piece}", aside.display())).unwrap(), "{piece}");
        assert!(!fs::exists(format!("{}{piece}", place.path.display())).unwrap(), "{piece}");
    }
    let store = Store::create(&place.path, &key()).await.unwrap();
    store.close().await;
    assert!(move_aside(&place.path, "20261124-200500").is_err(), "nothing is written over");
    assert!(place.path.exists());
}

/// Runs the other test in a process whose files cannot grow, and lets it lift the limit.
#[test]
fn a_full_disk_is_survived_by_the_open_database() {
    let ended = Program::new("sh")
        .args(["-c", r#"trap "" XFSZ; exec "$0" --ignored --exact damage::on_a_full_disk"#])
        .arg(std::env::current_exe().unwrap())
        .status()
        .unwrap();
    assert!(ended.success());
}

#[tokio::test]
#[ignore = "runs inside the one above, which ignores the signal of the limit"]
async fn on_a_full_disk() {
    let (_place, store) = clinic_store().await;
    let page: Vec<_> = (1..=200).map(|n| request(9 + u64::from(n), n, "Анна", "+79130000001")).collect();
    store.apply_page(&page, "ready", now(), true).await.unwrap();
    limit("--fsize=1200000:unlimited");
    let mut done = 0;
    let failed = loop {
        let call = Command::RequestLogCall { outcome: CallOutcome::NoAnswer, next_try_at: Some(now()) };
        let action = action(done + 1, request_id(done % 200 + 1), 1 + u64::from(done / 200), call);
        let note = note(&action.id, &"не отвечает ".repeat(300));
        match commit_with(&store, action, note).await {
            Ok(()) => done += 1,
            Err(error) => break error,
        }
        assert!(done < 2_000, "the disk is never full");
    };
    assert!(done > 0 && !matches!(failed, store::StoreError::Refused(_)), "{failed}");
    for _ in 0..3 {
        let claim = action(5_000, request_id(1), 2, Command::RequestClaim);
        assert!(commit_with(&store, claim, store::Opened::new()).await.is_err(), "it is still full");
    }
    limit("--fsize=unlimited:unlimited");
    let claim = action(5_000, request_id(150), 1 + u64::from(done >= 150), Command::RequestClaim);
    commit_with(&store, claim, store::Opened::new()).await.expect("with room it goes on, without a restart");
    let sent: u32 = store.outbox().await.unwrap().len().try_into().unwrap();
    assert_eq!(sent, done + 1, "what was said to be saved is there");
    assert!(store.audit_verify().await.unwrap().ok);
    store.close().await;
}

fn limit(fsize: &str) {
    let pid = std::process::id().to_string();
    assert!(Program::new("prlimit").args([fsize, "--pid", &pid]).status().unwrap().success());
}
