//! The papers of a day on a real spooler: everything that is sent comes out, as it was shown, and nothing stays behind.
//! `cargo xtask session -- cargo nextest run --workspace spooler::` brings the spooler.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{Days, NaiveDate, NaiveTime, TimeDelta};
use contract::ui::*;
use data_encoding::HEXLOWER;
use demo::{MANAGER, Stage, sign_in};
use desk::Desk;
use domain::{PersonId, person::PersonSource, personal::PersonName};
use reception_lib::SystemPrinter;
use sha2::{Digest, Sha256};

const HOW: &str = "This story needs a print spooler of its own. Run it so:\n  \
     cargo xtask session -- cargo nextest run --workspace spooler::";
const VISITS: u32 = 30;
const PATIENCE: Duration = Duration::from_secs(120);

/// What came out of the printer.
struct Tray(PathBuf);

impl Tray {
    fn of_session() -> Self {
        Self(std::env::var_os("RECEPTION_TEST_PRINTER_OUT").unwrap_or_else(|| panic!("{HOW}")).into())
    }

    /// Jobs by number: the file, and what was asked for. What is still being written has another name.
    fn jobs(&self) -> BTreeMap<u32, (Vec<u8>, String)> {
        let number = |path: &Path| path.file_name()?.to_str()?.strip_prefix("job-")?.strip_suffix(".pdf")?.parse().ok();
        let files = fs::read_dir(&self.0).unwrap().flatten().map(|entry| entry.path());
        files
            .filter_map(|path| {
                let number = number(&path)?;
                let options = fs::read_to_string(path.with_extension("options")).unwrap();
                Some((number, (fs::read(&path).unwrap(), options)))
            })
            .collect()
    }

    async fn comes(&self, jobs: usize) -> BTreeMap<u32, (Vec<u8>, String)> {
        until("the jobs come out", async || Some(self.jobs()).filter(|out| out.len() >= jobs)).await
    }
}

async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "did not come: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn somebody(desk: &Desk, number: u32) -> PersonId {
    let name = PersonName {
        family: format!("Пациентова{}", char::from_u32(u32::from('а') + number).unwrap()),
        given: "Анна".into(),
        patronymic: "Сергеевна".into(),
    };
    let person = PersonPutArgs {
        id: None,
        etag: None,
        name,
        phones: vec![format!("8913777{number:04}")],
        email: Some("a@example.org".into()),
        birth_date: NaiveDate::from_ymd_opt(1980, 1, 1 + number % 28),
        note: None,
        source: PersonSource::DeskPhone,
        request: None,
    };
    desk.person_put(person).await.unwrap().row.id
}

/// A day with nobody in it, and thirty people on it.
async fn a_full_day(desk: &Desk) -> NaiveDate {
    let day = desk.schedule_day(DayArgs { date: NaiveDate::from_ymd_opt(2027, 3, 10).unwrap() }).await.unwrap();
    let date = day.now.date().checked_add_days(Days::new(60)).unwrap();
    for number in 0..VISITS {
        let at = usize::try_from(number).unwrap() % 2;
        let start =
            date.and_time(NaiveTime::from_hms_opt(8, 0, 0).unwrap()) + TimeDelta::minutes(i64::from(number / 2) * 30);
        let visit = BookArgs {
            practitioner: day.practitioners[at].id.parse().unwrap(),
            chair: day.chairs[at].id.parse().unwrap(),
            start,
            end: start + TimeDelta::minutes(30),
            person: somebody(desk, number).await,
            request: None,
            agreed: true,
            service: None,
            note: None,
        };
        desk.visit_book(visit).await.unwrap();
    }
    date
}

fn cups(program: &str, args: &[&str]) {
    assert!(Command::new(program).args(args).status().unwrap().success(), "{program} {args:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_packet_of_thirty_visits_comes_out_whole_and_leaves_nothing_behind() {
    let tray = Tray::of_session();
    let home = tempfile::tempdir().unwrap();
    let stage = Stage::raise(home.path().join("demo").as_path(), Arc::new(SystemPrinter)).await.unwrap();
    let desk = stage.desk().clone();
    sign_in(&desk, MANAGER).await.unwrap();
    let already = tray.jobs().len();

    // one paper: the very bytes that were shown, by the tray and the sides that were chosen
    let anna = somebody(&desk, 31).await;
    let shown = desk.paper_preview(PreviewArgs::of("consent_pd", Some(anna))).await.unwrap();
    let bytes = desk.paper_pdf(PaperArgs { paper: shown.paper.clone() }).await.unwrap();
    let way = PrintWay { printer: None, copies: 2, duplex: true, tray: Some("tray-2".into()) };
    desk.paper_print(PrintArgs { paper: shown.paper, way, confirmed: true }).await.unwrap();
    let out = tray.comes(already + 1).await;
    let (number, (file, options)) = out.iter().next_back().unwrap();
    assert!(*file == bytes, "not what was shown");
    assert!(options.starts_with("2\n") && options.contains("two-sided-long-edge"), "{options}");
    // a printer without a description of itself is not told of the tray; the spooler's own record of the job has it
    let record = tray.0.parent().unwrap().join(format!("spool/c{number:05}"));
    let has_tray = |record: Vec<u8>| record.windows(6).any(|part| part == b"tray-2").then_some(());
    until("the tray in the record", async || fs::read(&record).ok().and_then(has_tray)).await;
    let state = async |state| {
        let wanted =
            async || desk.print_jobs(Nothing {}).await.unwrap().into_iter().next().filter(|job| job.state == state);
        until("the state of the job", wanted).await
    };
    state(JobState::Done).await;

    // a printer that stands still, and somebody who takes the job back
    cups("cupsdisable", &["Desk"]);
    let again = desk.paper_preview(PreviewArgs::of("consumer_notice", None)).await.unwrap().paper;
    desk.paper_print(PrintArgs::of(again, 1)).await.unwrap();
    state(JobState::Queued).await;
    cups("cancel", &["-a", "Desk"]);
    state(JobState::Failed).await;
    cups("cupsenable", &["Desk"]);

    // the day
    let date = a_full_day(&desk).await;
    let packet = desk.packet_view(PacketArgs { day: date, visit: None }).await.unwrap();
    assert_eq!(packet.visits.len(), usize::try_from(VISITS).unwrap());
    let mut sent = 0;
    for visit in &packet.visits {
        for paper in &visit.papers {
            let args = PacketPrintArgs { visit: visit.visit.clone(), form: paper.form.clone(), confirmed: true };
            assert!(desk.packet_print(args).await.unwrap().printer.is_some());
            sent += 1;
        }
    }
    assert_eq!(sent, 2 * packet.visits.len(), "consent and consent to treatment for each");
    let out = tray.comes(already + 1 + sent).await;
    assert_eq!(out.len(), already + 1 + sent, "none twice, none lost");
    // each is the file that stands in somebody's record, in the order of the visits
    let mut recorded = Vec::new();
    for visit in &packet.visits {
        let papers = desk.person_card(PersonArgs { id: visit.person.id.clone() }).await.unwrap().papers;
        assert_eq!(papers.len(), 2);
        recorded.extend(papers.into_iter().map(|paper| paper.pdf_sha256));
    }
    let printed: Vec<_> =
        out.values().skip(already + 1).map(|(file, _)| HEXLOWER.encode(&Sha256::digest(file))).collect();
    assert_eq!(printed, recorded);
    state(JobState::Done).await;

    // nothing of it lies about: neither with the desk nor with the spooler
    assert_eq!(fs::read_dir(home.path().join("demo/desk/spool")).unwrap().count(), 0);
    let spooler = tray.0.parent().unwrap().join("spool");
    let files =
        || fs::read_dir(&spooler).unwrap().flatten().filter(|file| file.file_name().to_string_lossy().starts_with('d'));
    until("the spooler forgets the files", async || (files().count() == 0).then_some(())).await;
    assert!(files().next().is_none());
    assert_eq!(fs::read_dir(spooler.join("tmp")).unwrap().count(), 0);
}
