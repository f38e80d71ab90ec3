//! A day at the desk on real parts: the gateway goes away and comes back, processes are killed, files are searched.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use contract::{ui::*, v1::Change};
use domain::{
    EntityRef, State,
    appointment::AppointmentStatus,
    person::PersonSource,
    personal::{PersonName, PersonPersonal, RequestPersonal, part},
    request::{CallOutcome, CloseReason, RequestStatus},
};
use stories::{
    CANARIES, CANARY_POST, Clinic, MANAGER, RECEPTIONIST, files_with, settled, sign_in, until, witness::Witness,
};

const CODE_BODY: &str = "CANARY2345678";

/// A certificate code that is well formed, made of a canary body.
fn code() -> String {
    format!("{CODE_BODY}{}", domain::fold::check_char(CODE_BODY))
}

async fn open(desk: &desk::Desk) -> Vec<QueueRow> {
    desk.queue_list(QueueArgs { filter: QueueFilter::Open }).await.expect("queue").rows
}

fn tilda(n: usize) -> String {
    format!(
        "Name=%D0%9F%D1%91%D1%82%D1%80&Phone=8+(913)+200-00-{n:02}&tranid=9:{n}&formid=f&formname=%D0%97%D0%B2%D0%BE%D0%BD%D0%BE%D0%BA"
    )
}

fn log(row: &QueueRow, outcome: CallOutcome) -> LogCallArgs {
    LogCallArgs { id: row.id.clone(), outcome, note: Some("просила утром".into()), next_try_at: None }
}

async fn register(desk: &desk::Desk, row: &QueueRow) -> PersonCard {
    let card = desk.request_card(RequestArgs { id: row.id.clone() }).await.unwrap();
    let args = PersonPutArgs {
        id: None,
        etag: None,
        name: PersonName {
            family: "Канарейкина".into(), given: "Пернатая".into(), patronymic: String::new()
        },
        phones: vec![card.phone.unwrap().raw],
        email: card.email,
        birth_date: None,
        note: None,
        source: PersonSource::Site,
        request: Some(row.id.clone()),
    };
    desk.person_put(args).await.expect("register")
}

async fn book(desk: &desk::Desk, person: &PersonCard, request: &QueueRow, hour: u32) -> Result<Booked, UiError> {
    let day = desk.schedule_day(DayArgs { date: chrono::NaiveDate::from_ymd_opt(2026, 12, 7).unwrap() }).await.unwrap();
    let start = day.date.and_hms_opt(hour, 0, 0).unwrap();
    let (doctor, chair) = day.usual_chairs[0].clone();
    desk.visit_book(BookArgs {
        person: person.row.id.clone(),
        practitioner: doctor.try_into().unwrap(),
        chair: chair.try_into().unwrap(),
        start,
        end: start + chrono::Duration::minutes(30),
        service: Some("Осмотр".into()),
        note: None,
        request: Some(request.id.clone()),
        agreed: true,
    })
    .await
}

fn state_of<'a>(changes: &'a [Change], id: &EntityRef) -> &'a State {
    changes.iter().find(|c| c.id == *id).and_then(|c| c.state.as_ref()).expect("the gateway knows it")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_gateway_goes_away_in_the_middle_and_everything_is_confirmed_exactly_once() {
    let (mut clinic, desk) = Clinic::found().await;
    let witness = Witness::invited_by(&desk, &clinic.gateway.url()).await;
    clinic.tilda(CANARY_POST).await;
    clinic.tilda(&tilda(1)).await;
    clinic.tilda(&tilda(2)).await;
    desk.lock(Nothing {}).await.unwrap();
    sign_in(&desk, RECEPTIONIST).await;
    let brief = desk.shift_start(Nothing {}).await.unwrap();
    assert!(brief.fresh);
    assert_eq!(brief.new_requests, 3);
    // that the shift began is an action too
    settled(&desk).await;

    clinic.gateway.kill();
    let rows = open(&desk).await;
    let canary = rows.iter().find(|r| r.name.starts_with("Канарейкина")).unwrap();
    desk.request_claim(RequestArgs { id: canary.id.clone() }).await.unwrap();
    desk.request_log_call(log(canary, CallOutcome::Answered)).await.unwrap();
    let person = register(&desk, canary).await;
    let booked = book(&desk, &person, canary, 10).await.expect("book without a network");
    assert_eq!(booked.visit.certainty, Certainty::Saved);
    let other = rows.iter().find(|r| r.id != canary.id).unwrap();
    desk.request_close(CloseArgs { id: other.id.clone(), reason: CloseReason::Spam }).await.unwrap();
    let preview = desk.paper_preview(PreviewArgs::of("consent_pd", Some(person.row.id.clone()))).await.unwrap();
    desk.paper_print(PrintArgs::of(preview.paper, 1)).await.unwrap();
    let waiting = desk.sync_view(Nothing {}).await.unwrap().unsent;
    assert!(waiting >= 6, "claim, call, person, link or booking, close, paper: {waiting}");
    until(&desk, |view| view.link == Link::Offline).await;
    let outbox = desk.outbox_list(Nothing {}).await.unwrap();
    assert_eq!(outbox.len(), waiting as usize);
    // Nobody was reached, so nothing is told to be on its way.
    assert!(
        outbox.iter().all(|row| row.state == OutboxState::Saved),
        "{:?}",
        outbox.iter().map(|r| r.state).collect::<Vec<_>>()
    );

    clinic.gateway.come_back();
    settled(&desk).await;
    let view = desk.sync_view(Nothing {}).await.unwrap();
    assert_eq!((view.unsent, view.refused), (0, 0));

    let changes = witness.everything().await;
    let State::Request(request) = state_of(&changes, &canary.id.clone().into()) else { panic!("a request") };
    assert_eq!(request.status, RequestStatus::Converted);
    assert_eq!(request.attempts.len(), 1, "the call is there once");
    let State::Appointment(visit) = state_of(&changes, &booked.id.clone().into()) else { panic!("a visit") };
    assert_eq!(visit.status, AppointmentStatus::Booked);
    let State::Person(known) = state_of(&changes, &person.row.id.clone().into()) else { panic!("a person") };
    assert_eq!(known.papers.len(), 1, "the paper is there once");
    let sealed = changes.iter().find(|c| c.id == person.row.id.clone().into()).unwrap();
    let opened: PersonPersonal = witness.open(sealed, part::MAIN).expect("opens with the clinic's key");
    assert_eq!(opened.name.family, "Канарейкина");
    let shown = desk.person_card(PersonArgs { id: person.row.id }).await.unwrap();
    assert_eq!(shown.row.certainty, Certainty::Confirmed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_desks_book_the_same_hour_offline_and_a_person_sees_the_refusal() {
    let (mut clinic, first) = Clinic::found().await;
    clinic.tilda(&tilda(1)).await;
    clinic.tilda(&tilda(2)).await;
    let second = stories::start_desk(&clinic.dir.path().join("second"), &format!("{}-2", clinic.account())).await;
    let code = first.invite().await.unwrap();
    // whoever listens later may have missed the only word of it
    let mut events = second.events();
    second.connect(ConnectArgs { gateway: clinic.gateway.url(), code, desk_name: "Ресепшн 2".into() }).await.unwrap();
    while !matches!(events.recv().await, Ok(desk::DeskEvent::Sync(view)) if view.as_of.is_some()) {}
    sign_in(&second, RECEPTIONIST).await;
    settled(&first).await;
    settled(&second).await;

    clinic.gateway.kill();
    let rows = open(&first).await;
    let here = register(&first, &rows[0]).await;
    book(&first, &here, &rows[0], 12).await.expect("tentative at the first desk");
    let there = register(&second, &rows[1]).await;
    let late = book(&second, &there, &rows[1], 12).await.expect("tentative at the second desk");
    clinic.gateway.come_back();
    settled(&first).await;
    until(&second, |view| view.link == Link::Online && view.refused > 0).await;
    let refused: Vec<_> =
        second.outbox_list(Nothing {}).await.unwrap().into_iter().filter(|r| r.state == OutboxState::Refused).collect();
    assert_eq!(refused.len(), 1);
    assert!(matches!(refused[0].refusal, Some(domain::Refusal::SlotTaken { .. })));
    assert_eq!(refused[0].entity, late.id.into());
    // What the refusal does not concern was confirmed all the same.
    let card = second.person_card(PersonArgs { id: there.row.id }).await.unwrap();
    assert_eq!(card.row.certainty, Certainty::Confirmed);
    second.outbox_discard(OutboxArgs { id: refused[0].id.clone() }).await.unwrap();
    assert_eq!(second.sync_view(Nothing {}).await.unwrap().refused, 0);
}

/// Rounds of killing; each ends in the middle of whatever the desk or the gateway was doing.
const KILLS: usize = 12;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_nothing_that_was_shown_as_saved_is_lost() {
    let (mut clinic, desk) = Clinic::found().await;
    let witness = Witness::invited_by(&desk, &clinic.gateway.url()).await;
    for n in 0..5 {
        clinic.tilda(&tilda(n)).await;
    }
    settled(&desk).await;
    desk.lock(Nothing {}).await.unwrap();
    desk.close().await;
    drop(desk);

    let mut told = BTreeSet::new();
    for round in 0..KILLS {
        let mut clerk = Command::new(stories::program("clerk"))
            .arg(clinic.desk_home())
            .arg(clinic.account())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(clerk.stdout.take().unwrap()).lines();
        // Each round is cut at another place; in every third the gateway dies first.
        for n in 0..(3 + round * 2) {
            let line = lines.next().expect("the clerk works").unwrap();
            told.insert(line.strip_prefix("saved ").unwrap_or_else(|| panic!("{line}")).to_owned());
            if round % 3 == 2 && n == round {
                clinic.gateway.kill();
            }
        }
        clerk.kill().unwrap();
        clerk.wait().unwrap();
        // What was written to the pipe before the kill was told too.
        told.extend(lines.map_while(Result::ok).filter_map(|l| l.strip_prefix("saved ").map(str::to_owned)));
        if round % 3 == 2 {
            clinic.gateway.come_back();
        } else if round % 3 == 1 {
            clinic.gateway.kill();
            clinic.gateway.come_back();
        }
    }

    let desk = clinic.desk_again().await;
    sign_in(&desk, MANAGER).await;
    settled(&desk).await;
    let attempts: Vec<String> =
        witness.requests().await.iter().flat_map(|r| r.attempts.iter().map(|a| a.id.to_string())).collect();
    let known: BTreeSet<String> = attempts.iter().cloned().collect();
    assert_eq!(attempts.len(), known.len(), "a call arrived twice");
    let lost: Vec<&String> = told.difference(&known).collect();
    assert!(lost.is_empty(), "{} of {} told calls are lost", lost.len(), told.len());
    assert!(known.len() <= told.len() + KILLS, "at most one call a kill may be saved without being told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_file_of_desk_or_gateway_holds_what_is_about_a_person() {
    let (clinic, desk) = Clinic::found().await;
    let witness = Witness::invited_by(&desk, &clinic.gateway.url()).await;
    clinic.tilda(CANARY_POST).await;
    let order = serde_json::json!({"name": "Канарейкина Пернатая", "phone": "+7 903 555-01-99", "email": "kanareika@example.ru",
        "certificate": {"code": code(), "face_value": 5000}});
    clinic.form(&order).await;
    settled(&desk).await;
    desk.lock(Nothing {}).await.unwrap();
    sign_in(&desk, RECEPTIONIST).await;
    let rows = open(&desk).await;
    let row = rows.iter().find(|r| r.kind == domain::request::RequestKind::Callback).expect("the callback");
    desk.request_log_call(log(row, CallOutcome::Answered)).await.unwrap();
    let person = register(&desk, row).await;
    book(&desk, &person, row, 9).await.unwrap();
    let found = desk.certificate_find(CertificateArgs { code: code().to_lowercase() }).await.unwrap();
    assert_eq!(found.certificate.expect("found by its code").balance, domain::Kopecks::roubles(5000));
    for query in ["канарей", "rfyfhtqrb", "555-01-9", "5550199"] {
        let hits = desk.search(SearchArgs { query: query.into(), limit: 10 }).await.unwrap().hits;
        assert!(!hits.is_empty(), "«{query}» finds nobody");
    }
    let paper = desk.paper_preview(PreviewArgs::of("consent_pd", Some(person.row.id))).await.unwrap().paper;
    desk.paper_print(PrintArgs::of(paper, 1)).await.unwrap();
    settled(&desk).await;
    // The witness sees it opened: the search below would find it if it were not sealed.
    let all = witness.everything().await;
    let opened = all
        .iter()
        .filter_map(|c| witness.open::<RequestPersonal>(c, part::MAIN))
        .any(|p| p.name_raw.contains("Канарейкина"));
    assert!(opened, "the canary did come through");

    let mut words = CANARIES.to_vec();
    words.push(CODE_BODY);
    // While everything runs: database, write-ahead log, shared memory, logs, spool.
    assert_eq!(files_with(clinic.dir.path(), &words), Vec::<String>::new());
    // The same search does find what lies in the open.
    std::fs::write(clinic.dir.path().join("planted.txt"), "звонила Канарейкина").unwrap();
    assert_eq!(files_with(clinic.dir.path(), &words).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trouble_with_the_keys_is_told_and_destroys_nothing() {
    let (clinic, desk) = Clinic::found().await;
    settled(&desk).await;
    desk.close().await;
    drop(desk);
    let before = fingerprint(&clinic);

    // Another account in the keychain: the database is there, its key is not.
    let stranger = stories::start_desk(&clinic.desk_home(), "story-nobody").await;
    let view = stranger.app_view(Nothing {}).await.unwrap();
    assert_eq!(view.phase, Phase::Trouble);
    assert_eq!(view.trouble.map(|t| t.code), Some(Code::KeyLost));
    stranger.close().await;
    drop(stranger);

    // No keychain at all.
    let output = Command::new(stories::program("clerk"))
        .arg(clinic.desk_home())
        .arg(clinic.account())
        .env("DBUS_SESSION_BUS_ADDRESS", "disabled:")
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), r#"trouble "keychain_missing""#);

    assert_eq!(fingerprint(&clinic), before, "a start with the wrong keys changed the desk's files");
    let again = clinic.desk_again().await;
    sign_in(&again, MANAGER).await;
}

fn fingerprint(clinic: &Clinic) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(clinic.desk_home())
        .unwrap()
        .flatten()
        .filter(|e| e.path().is_file() && e.path().extension().is_some_and(|x| x == "db" || x == "kcv"))
        .map(|e| (e.file_name().to_string_lossy().into_owned(), std::fs::read(e.path()).unwrap()))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no database in the desk's folder");
    files
}
