//! A desk dies at any write: the encrypted file is reopened on every prefix of its journal, cut between any two frames
//! and within frames, and what somebody was told to be saved is there, whole.

use std::{collections::BTreeMap, fs, path::Path};

use crate::common::*;
use domain::{
    Action, Command,
    person::PersonSource,
    request::{CallOutcome, CloseReason},
};
use store::{AuditEntry, Opened, Store};

/// Actions of the story.
const ACTIONS: u32 = 40;
/// Header of a journal, header of a frame, a page: as SQLite writes them.
const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// The desk's files at the beginning, its journal at the end, and how much of it there was when each thing was saved.
struct Story {
    files: BTreeMap<String, Vec<u8>>,
    journal: Vec<u8>,
    saved_at: Vec<usize>,
    /// What the desk showed after each action; the first one: before any.
    shown: Vec<String>,
}

/// How an action is written.
#[derive(Clone, Copy, PartialEq)]
enum Writing {
    /// As the store does.
    Together,
    /// As it must not: the audit row in a transaction of its own.
    AuditApart,
}

async fn shown(store: &Store) -> String {
    let mut shown = String::new();
    for n in 1..=4 {
        let request = store.request(&request_id(n)).await.unwrap().unwrap();
        shown.push_str(&format!("{:?} {} {:?};", request.state.status, request.version, request.notes.len()));
    }
    for n in 1..=ACTIONS {
        if let Some(visit) = store.visit(&visit_id(n)).await.unwrap() {
            shown.push_str(&format!("{n} {:?} {};", visit.state.status, visit.version));
        }
    }
    let card = store.person(&person_id(1)).await.unwrap().unwrap();
    shown + &format!("{} {}", card.version, card.personal.name.family)
}

/// The `n`th thing that is done, on what the desk shows by then.
async fn deed(store: &Store, n: u32) -> (Action, Opened) {
    let about = 1 + n % 4;
    let request = store.request(&request_id(about)).await.unwrap().unwrap();
    let closed = !request.state.status.is_open();
    let (target, command) = match n % 5 {
        0 | 1 | 4 if closed => (request_id(about).into(), Command::RequestReopen),
        0 => (request_id(about).into(), Command::RequestClaim),
        1 => {
            let call = Command::RequestLogCall { outcome: CallOutcome::NoAnswer, next_try_at: Some(now()) };
            let action = action(n, request_id(about), request.version, call);
            let note = note(&action.id, &"не отвечает ".repeat(1 + n as usize % 7));
            return (action, note);
        }
        2 => {
            let start = format!("2026-11-24T{:02}:00:00", 8 + n % 12);
            let end = format!("2026-11-24T{:02}:30:00", 8 + n % 12);
            let slot = slot(1 + n / 12, &start, &end);
            let book = Command::AppointmentBook { slot, person: person_id(1), request: None, agreed: true };
            return (action(n, visit_id(n), 0, book), Opened::new());
        }
        3 => {
            let card = store.person(&person_id(1)).await.unwrap().unwrap();
            let put = Command::PersonPut { source: PersonSource::DeskPhone };
            let part = main_part(&person_part(&format!("Иванова{n}"), "Анна", "", "+79130000001"));
            let if_match = card.state.etag.clone();
            return (domain::Action { if_match, ..action(n, person_id(1), card.version, put) }, part);
        }
        _ => (request_id(about).into(), Command::RequestClose { reason: CloseReason::Answered }),
    };
    let target: domain::EntityRef = target;
    let mut done = action(n, request_id(about), request.version, command);
    done.entity = target;
    (done, Opened::new())
}

async fn play(writing: Writing) -> Story {
    let (place, store) = clinic_store().await;
    let mut page: Vec<_> = (1..=4).map(|n| request(9 + u64::from(n), n, "Анна", &format!("+7913000000{n}"))).collect();
    page.push(person(20, 1, "Иванова", "Анна", "", "+79130000001"));
    store.apply_page(&page, "ready", now(), true).await.unwrap();
    store.close().await;
    let files = fs::read_dir(place.folder.path())
        .unwrap()
        .flatten()
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .filter(|(name, _)| !name.ends_with("-wal") && !name.ends_with("-shm"))
        .collect();

    let store = Store::open(&place.path, &key()).await.unwrap();
    let journal = place.path.with_file_name("desk.db-wal");
    let length = || fs::metadata(&journal).map_or(0, |file| usize::try_from(file.len()).unwrap());
    let mut story = Story { files, journal: Vec::new(), saved_at: Vec::new(), shown: vec![shown(&store).await] };
    for n in 1..=ACTIONS {
        let (action, opened) = deed(&store, n).await;
        match writing {
            Writing::Together => match commit_with(&store, action, opened).await {
                Ok(()) => {}
                Err(error) => panic!("{n}: {error}"),
            },
            Writing::AuditApart => apart(&place.path, &store, n, action).await,
        }
        story.saved_at.push(length());
        story.shown.push(shown(&store).await);
    }
    story.journal = fs::read(&journal).unwrap();
    story
}

/// The same in two transactions.
async fn apart(path: &Path, store: &Store, n: u32, action: Action) {
    let mut connection = raw(path).await;
    sqlx::query("INSERT INTO outbox (id, envelope, opened, decided_at, desk, state, tries) VALUES (?, ?, '{}', 0, ?, 'saved', 0)")
        .bind(action_id(n).as_str())
        .bind(serde_json::to_string(&envelope(action.clone(), &Opened::new())).unwrap())
        .bind(context().desk.as_str())
        .execute(&mut connection)
        .await
        .unwrap();
    // the journal stays: closing would fold it into the file
    std::mem::forget(connection);
    store.audit(AuditEntry::of_action(&action, now())).await.unwrap();
}

/// Every place at which the journal can end: between two frames, and within each.
fn cuts(journal: &[u8]) -> Vec<usize> {
    let page = u32::from_be_bytes(journal[8..12].try_into().unwrap()) as usize;
    let frame = FRAME_HEADER + page;
    let frames = (journal.len() - HEADER) / frame;
    let mut cuts: Vec<usize> = (0..=frames).map(|n| HEADER + n * frame).collect();
    cuts.extend((0..frames).map(|n| HEADER + n * frame + 1 + (n * 977) % (frame - 1)));
    cuts
}

/// What does not hold when the desk starts on so much of its journal.
async fn trouble_at(story: &Story, cut: usize) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in &story.files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    fs::write(folder.path().join("desk.db-wal"), &story.journal[..cut]).unwrap();
    let store = match Store::open(&folder.path().join("desk.db"), &key()).await {
        Ok(store) => store,
        Err(error) => return Some(format!("does not open: {error}")),
    };
    let ids: Vec<String> =
        store.outbox().await.unwrap().iter().map(|record| record.envelope.action.id.to_string()).collect();
    let told = story.saved_at.iter().filter(|length| **length <= cut).count();
    let expected: Vec<String> = (1..=ids.len()).map(|n| action_id(u32::try_from(n).unwrap()).to_string()).collect();
    let audit = store.audit_verify().await.unwrap();
    let audited = store.audit_tail(ACTIONS).await.unwrap();
    let audited = audited.iter().filter(|row| row.entry.detail.as_ref().is_some_and(|id| ids.contains(id))).count();
    let seen = shown(&store).await;
    store.close().await;
    if ids.len() < told {
        return Some(format!("{told} were saved, {} are there", ids.len()));
    }
    if ids != expected {
        return Some("the outbox is not what was done, in its order".to_owned());
    }
    if !audit.ok || audited != ids.len() || audit.rows != ids.len() as u64 {
        return Some(format!("{} actions, {audited} of them audited in {} rows", ids.len(), audit.rows));
    }
    (story.shown[ids.len()] != seen).then(|| format!("after {} actions the desk shows something else", ids.len()))
}

async fn troubles(story: &'static Story) -> (usize, Vec<String>) {
    let cuts = cuts(&story.journal);
    let count = cuts.len();
    let halves: Vec<Vec<usize>> = cuts.chunks(count.div_ceil(2)).map(<[usize]>::to_vec).collect();
    let mut works = Vec::new();
    for half in halves {
        works.push(tokio::spawn(async move {
            let mut found = Vec::new();
            for cut in half {
                found.extend(trouble_at(story, cut).await.map(|trouble| format!("cut at {cut}: {trouble}")));
            }
            found
        }));
    }
    let mut found = Vec::new();
    for work in works {
        found.extend(work.await.unwrap());
    }
    (count, found)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_prefix_of_the_journal_is_a_desk_that_keeps_its_word() {
    let story = Box::leak(Box::new(play(Writing::Together).await));
    let (cuts, found) = troubles(story).await;
    assert!(cuts > 400, "{cuts} places are not a story");
    assert!(found.is_empty(), "{} of {cuts}: {:#?}", found.len(), &found[..found.len().min(5)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_transactions_where_one_belongs_are_caught() {
    let story = Box::leak(Box::new(play(Writing::AuditApart).await));
    let (cuts, found) = troubles(story).await;
    assert!(found.iter().any(|trouble| trouble.contains("audited")), "nothing is found at {cuts} places: {found:#?}");
}
