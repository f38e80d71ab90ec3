//! What papers say: texts that a manager edits, files of the clinic's own, signed sheets that come back from the scanner,
//! and the papers of the clinic's own day.

use std::process::Command;

use crate::common::{Clinic, MANAGER, RECEPTIONIST, settled, sign_in, somebody};
use chrono::{Days, NaiveDate, NaiveTime, TimeDelta};
use contract::ui::*;
use desk::Desk;
use domain::{
    PersonId,
    paper::{PaperStage, Weight},
    person::{BlockGround, BlockRequester, LiftGround},
};

async fn person(desk: &Desk, family: &str, phone: &str) -> PersonId {
    let birth_date = NaiveDate::from_ymd_opt(1987, 3, 14);
    let entered = PersonPutArgs { phones: vec![phone.into()], birth_date, ..somebody(family, "Анна") };
    desk.person_put(entered).await.unwrap().row.id
}

fn form(form: &str) -> FormArgs {
    FormArgs { form: form.to_owned() }
}

async fn print(desk: &Desk, args: PreviewArgs) -> PaperPreview {
    let made = desk.paper_preview(args).await.unwrap();
    desk.paper_print(PrintArgs::of(made.paper.clone(), 1)).await.unwrap();
    made
}

/// The words of a PDF, as another program reads them.
fn words(pdf: &[u8]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("paper.pdf");
    std::fs::write(&path, pdf).unwrap();
    let read = Command::new("pdftotext").arg("-layout").arg(&path).arg("-").output().unwrap();
    String::from_utf8(read.stdout).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn shown(desk: &Desk, paper: &domain::PaperId) -> String {
    words(&desk.paper_pdf(PaperArgs { paper: paper.clone() }).await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_changes_a_text_and_who_signed_the_old_one_signs_anew() {
    let (clinic, desk) = Clinic::founded().await;
    let anna = person(&desk, "Иванова", "89135551234").await;
    let first = print(&desk, PreviewArgs::of("consent_pd", Some(anna.clone()))).await;
    let sign = PaperStepArgs {
        person: anna.clone(),
        paper: first.paper.clone(),
        stage: PaperStage::Signed,
        medical_worker: None,
    };
    desk.paper_step(sign).await.unwrap();

    let open = desk.wording_open(form("consent_pd")).await.unwrap();
    assert_eq!(open.revision, first.revision);
    assert!(open.items.iter().any(|item| item.code == "purpose"));
    assert!(open.fields.iter().any(|field| field == "person.full_name"));
    let check = |text: &str| WordingArgs { form: "consent_pd".into(), text: text.into(), blank: false };

    // a slip is shown at its place, with what to do, and nothing of it is saved
    let slipped = open.text.replace("{{ person.email }}", "{{ person.emial }}");
    let read = desk.wording_check(check(&slipped)).await.unwrap();
    let at = 1 + slipped.lines().position(|line| line.contains("emial")).unwrap();
    let complaint = read.complaints.iter().find(|complaint| complaint.words.contains("person.emial")).unwrap();
    assert_eq!((complaint.line, read.paper), (u32::try_from(at).unwrap(), None));
    assert!(complaint.mend.contains("person.email"), "{}", complaint.mend);
    let save = |text: &str, revision| WordingSaveArgs {
        form: "consent_pd".into(),
        text: text.into(),
        revision,
        sign_again: true,
    };
    let saved = desk.wording_save(save(&slipped, open.revision)).await.unwrap();
    assert!(!saved.complaints.is_empty() && saved.wording.revision == open.revision);

    // a good one is looked at, and a draft goes to no printer
    let better = open.text.replace("Согласие прочитано и понятно.", "Согласие прочитано, понятно и выдано на руки.");
    assert_ne!(better, open.text);
    let draft = desk.wording_check(check(&better)).await.unwrap().paper.unwrap();
    assert!(shown(&desk, &draft).await.contains("выдано на руки"));
    let forced = desk.paper_print(PrintArgs::of(draft, 1)).await.unwrap_err();
    assert_eq!(forced.code, Code::PaperUnchecked);
    let saved = desk.wording_save(save(&better, open.revision)).await.unwrap().wording;
    assert_eq!(saved.revision, open.revision + 1);
    assert!(saved.text.contains(&format!("revision: {}", saved.revision)));
    // the other manager had the old one open
    let late = desk.wording_save(save(&better.replace("на руки", "мне"), open.revision)).await.unwrap_err();
    assert_eq!((late.code, late.field.as_deref()), (Code::BadInput, Some("revision")));

    // what is printed from now on says it
    let boris = person(&desk, "Борисова", "89135554321").await;
    let next = print(&desk, PreviewArgs::of("consent_pd", Some(boris.clone()))).await;
    assert_eq!(next.revision, saved.revision);
    assert!(words(&clinic.printer.jobs.lock().unwrap().last().unwrap().bytes).contains("выдано на руки"));
    let card = desk.person_card(PersonArgs { id: boris }).await.unwrap();
    assert_eq!(card.papers[0].text_sha256, saved.revisions[0].sha256);

    // who signed the old one is on the list, with the revision, and what was signed is as it was
    let anew = desk.wording_sign_again(form("consent_pd")).await.unwrap();
    assert_eq!(
        anew.iter().map(|row| (row.person.id.clone(), row.revision)).collect::<Vec<_>>(),
        [(anna.clone(), open.revision)]
    );
    let row = desk.wordings_list(Nothing {}).await.unwrap().into_iter().find(|row| row.form == "consent_pd").unwrap();
    assert_eq!((row.sign_again, row.edited, row.complaints), (1, true, 0));
    let sheet = SheetArgs { person: anna, paper: first.paper };
    let kept = desk.paper_again(sheet).await.unwrap();
    assert!(!shown(&desk, &kept.paper).await.contains("выдано на руки"));
    // it outlives the program
    desk.close().await;
    let desk = clinic.desk().await;
    sign_in(&desk, MANAGER).await;
    assert_eq!(desk.wording_open(form("consent_pd")).await.unwrap(), saved);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_of_the_clinics_own_is_printed_like_any_other_paper() {
    let (clinic, desk) = Clinic::founded().await;
    let anna = person(&desk, "Иванова", "89135551234").await;
    let blank = desk.paper_preview(PreviewArgs::of("consumer_notice", None)).await.unwrap().paper;
    let lawyers = desk.paper_pdf(PaperArgs { paper: blank }).await.unwrap();
    let refused = desk.file_take(b"not a pdf".to_vec()).await.unwrap().file;
    let new = |file: &str| OwnFormNewArgs {
        file: file.into(), title: "Имплантация: согласие".into(), treatment: true
    };
    let error = desk.own_form_new(new(&refused)).await.unwrap_err();
    assert_eq!((error.code, error.field.as_deref()), (Code::BadInput, Some("file.not_a_pdf")));

    let file = desk.file_take(lawyers.clone()).await.unwrap().file;
    let own = desk.own_form_new(new(&file)).await.unwrap();
    let place = |field: &str, y_mm| StampView {
        page: 1,
        x_mm: 30.0,
        y_mm,
        width_mm: 120.0,
        size_pt: 11.0,
        field: field.into(),
    };
    let put = |stamps: Vec<StampView>| OwnFormPutArgs {
        form: own.form.clone(),
        revision: own.revision,
        title: own.title.clone(),
        file: None,
        stamps,
    };
    let off_the_page = desk.own_form_put(put(vec![place("person.full_name", 400.0)])).await.unwrap_err();
    assert_eq!(off_the_page.field.as_deref(), Some("stamps"));
    let unknown = desk.own_form_put(put(vec![place("person.passport", 200.0)])).await.unwrap_err();
    assert_eq!(unknown.field.as_deref(), Some("stamps"));
    let placed = desk.own_form_put(put(vec![place("person.full_name", 200.0)])).await.unwrap();
    assert_eq!((placed.revision, placed.stamps.len()), (2, 1));
    assert!(shown(&desk, &placed.paper).await.contains("Ёлкина Мария Сергеевна"), "an invented case");

    sign_in(&desk, RECEPTIONIST).await;
    let kinds = desk.paper_kinds(Nothing {}).await.unwrap();
    let kind = kinds.iter().find(|kind| kind.form == own.form).unwrap();
    assert!(kind.of_person && kind.file && kind.medical_worker);
    let made = print(&desk, PreviewArgs::of(&own.form, Some(anna.clone()))).await;
    assert_eq!((made.title.as_str(), made.revision), ("Имплантация: согласие", 2));
    let sent = clinic.printer.jobs.lock().unwrap().last().unwrap().clone();
    assert!(words(&sent.bytes).contains("Иванова Анна") && !sent.title.contains("Иванова"));
    let card = desk.person_card(PersonArgs { id: anna.clone() }).await.unwrap();
    assert_eq!((card.papers[0].form.clone(), card.papers[0].text_sha256.clone()), (own.form.clone(), placed.sha256));
    // consent to treatment needs the doctor, whoever wrote the text
    let sign =
        PaperStepArgs { person: anna.clone(), paper: made.paper, stage: PaperStage::Signed, medical_worker: None };
    assert_eq!(desk.paper_step(sign).await.unwrap_err().refusal, Some(domain::Refusal::NoMedicalWorker));
    let child =
        PersonPutArgs { birth_date: NaiveDate::from_ymd_opt(2019, 5, 1), ..somebody("Малышева", "Вера") };
    let child = desk.person_put(child).await.unwrap().row.id;
    let alone = desk.paper_preview(PreviewArgs::of(&own.form, Some(child))).await.unwrap();
    assert_eq!(alone.findings[0].weight, Weight::Refuse);
    assert_eq!(settled(&desk).await.refused, 0, "the gateway says the same");

    sign_in(&desk, MANAGER).await;
    desk.own_form_retire(form(&own.form)).await.unwrap();
    let gone = desk.paper_preview(PreviewArgs::of(&own.form, Some(anna.clone()))).await.unwrap_err();
    assert_eq!(gone.code, Code::BadInput);
    let journal = desk.papers_waiting(WaitingArgs { person: Some(anna), day: None }).await.unwrap();
    assert_eq!(journal.sheets[0].title, "Имплантация: согласие", "the sheet keeps its name");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scanned_sheet_is_signed_and_kept_with_the_person() {
    let (clinic, desk) = Clinic::founded().await;
    let anna = person(&desk, "Иванова", "89135551234").await;
    let doctor = desk.doctors(Nothing {}).await.unwrap().remove(0).id;
    let made = print(&desk, PreviewArgs::of("intervention_consent", Some(anna.clone()))).await;
    let sent = clinic.printer.jobs.lock().unwrap()[0].bytes.clone();
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("sheet.pdf"), &sent).unwrap();
    let scanner = Command::new("pdftoppm")
        .args(["-jpeg", "-r", "150", "-singlefile"])
        .args([dir.path().join("sheet.pdf"), dir.path().join("scan")])
        .status()
        .unwrap();
    assert!(scanner.success());
    let scan = std::fs::read(dir.path().join("scan.jpg")).unwrap();

    sign_in(&desk, RECEPTIONIST).await;
    let file = desk.file_take(scan.clone()).await.unwrap().file;
    let read = desk.paper_scan_file(ScanFileArgs { file: file.clone() }).await.unwrap();
    assert_eq!((read.sheets.len(), read.unknown, read.unread.len()), (1, 0, 0));
    assert_eq!((read.sheets[0].sheet.person.id.clone(), read.sheets[0].revision), (anna.clone(), made.revision));
    let keep = |medical_worker| ScanKeepArgs { file: file.clone(), paper: made.paper.clone(), medical_worker };
    let alone = desk.paper_scan_keep(keep(None)).await.unwrap_err();
    assert_eq!(alone.refusal, Some(domain::Refusal::NoMedicalWorker));
    let kept = desk.paper_scan_keep(keep(Some(doctor))).await.unwrap();
    assert_eq!(kept.stage, PaperStage::Scanned);
    assert_eq!(
        kept.paper.steps.iter().map(|step| step.stage).collect::<Vec<_>>(),
        [PaperStage::Signed, PaperStage::Scanned]
    );
    let sheet = SheetArgs { person: anna.clone(), paper: made.paper.clone() };
    let seen = desk.paper_scanned(sheet.clone()).await.unwrap();
    let pdf = desk.paper_pdf(PaperArgs { paper: seen.paper }).await.unwrap();
    assert!(pdf.starts_with(b"%PDF-") && pdf.windows(64).any(|part| part == &scan[600..664]), "the very picture");
    // nothing of it lies about in plain
    for entry in std::fs::read_dir(clinic.home()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(64).any(|part| part == &scan[600..664]), "{}", path.display());
        }
    }
    // a sheet of nobody here, and no sheet at all
    let blank = desk.paper_preview(PreviewArgs::of("consent_pd", None)).await.unwrap().paper;
    let blank = desk.paper_pdf(PaperArgs { paper: blank }).await.unwrap();
    let file = desk.file_take(blank).await.unwrap().file;
    let read = desk.paper_scan_file(ScanFileArgs { file }).await.unwrap();
    assert_eq!((read.sheets.len(), read.unknown), (0, 1));
    let file = desk.file_take(b"holiday".to_vec()).await.unwrap().file;
    let error = desk.paper_scan_file(ScanFileArgs { file: file.clone() }).await.unwrap_err();
    assert_eq!(error.field.as_deref(), Some("file.not_a_scan"));
    // files go with the session
    desk.lock(Nothing {}).await.unwrap();
    sign_in(&desk, RECEPTIONIST).await;
    let gone = desk.paper_scan_file(ScanFileArgs { file }).await.unwrap_err();
    assert_eq!(gone.field.as_deref(), Some("file.gone"));
    assert_eq!(settled(&desk).await.refused, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_day_has_its_sheet_and_the_shift_its_note() {
    let (clinic, desk) = Clinic::founded().await;
    let brief = desk.schedule_day(DayArgs { date: NaiveDate::from_ymd_opt(2027, 3, 10).unwrap() }).await.unwrap();
    let (today, tomorrow) = (brief.now.date(), brief.now.date().checked_add_days(Days::new(1)).unwrap());
    let (doctor, chair) = (brief.practitioners[0].id.clone(), brief.chairs[0].id.clone());
    let anna = person(&desk, "Иванова", "89135551234").await;
    let blocked = person(&desk, "Секретова", "89135550909").await;
    for (who, hour) in [(&anna, 10), (&blocked, 12)] {
        let start = tomorrow.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap());
        let book = BookArgs {
            practitioner: doctor.parse().unwrap(),
            chair: chair.parse().unwrap(),
            start,
            end: start + TimeDelta::minutes(30),
            person: who.clone(),
            request: None,
            agreed: true,
            service: Some("имплант".into()),
            note: None,
        };
        desk.visit_book(book).await.unwrap();
    }
    let block = BlockArgs {
        whom: BlockWhom::Person { person: blocked.clone() },
        requester: BlockRequester::Subject,
        ground: BlockGround::Unreliable,
        note: None,
    };
    let card = desk.person_block(block).await.unwrap();
    sign_in(&desk, RECEPTIONIST).await;
    let of_day = PreviewArgs {
        day: Some(tomorrow),
        practitioner: Some(doctor.parse().unwrap()),
        ..PreviewArgs::of("day_sheet", None)
    };
    let sheet = print(&desk, of_day).await;
    let text = shown(&desk, &sheet.paper).await;
    for said in ["Иванова А.", "12-34", "впервые", "нужно ИДС", "занято", "12:00"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    for hidden in ["Секретова", "09-09", "имплант", "89135551234"] {
        assert!(!text.contains(hidden), "{hidden}: {text}");
    }
    print(&desk, PreviewArgs::of("consent_pd", Some(anna))).await;
    let note = PreviewArgs { day: Some(today), ..PreviewArgs::of("handover_note", None) };
    let note = desk.paper_preview(note).await.unwrap();
    let text = shown(&desk, &note.paper).await;
    assert!(text.contains("Неподписанные документы 1") && text.contains("напечатано: 1"), "{text}");
    assert!(!text.contains("Иванова"), "{text}");
    // one shift does not write the note of another
    let other = PreviewArgs { day: Some(tomorrow), ..PreviewArgs::of("handover_note", None) };
    assert_eq!(desk.paper_preview(other).await.unwrap_err().code, Code::BadInput);

    // the blocked person is owed a notice: the counter leaves the name to be filled in by hand, who checks the data does not
    let id = card.blocks[0].id.clone();
    let notice = |form: &str| PreviewArgs { block: id.clone(), ..PreviewArgs::of(form, Some(blocked.clone())) };
    let made = print(&desk, notice("block_notice")).await;
    let text = shown(&desk, &made.paper).await;
    assert!(text.contains("недостоверности") && !text.contains("Секретова"), "{text}");
    let early = desk.paper_preview(notice("unblock_notice")).await.unwrap_err();
    assert_eq!(early.field.as_deref(), Some("block"));
    let other = desk.paper_preview(PreviewArgs::of("consent_pd", Some(blocked.clone()))).await.unwrap_err();
    assert_eq!(other.refusal, Some(domain::Refusal::PersonBlocked));
    sign_in(&desk, MANAGER).await;
    let made = desk.paper_preview(notice("block_notice")).await.unwrap();
    assert!(shown(&desk, &made.paper).await.contains("Секретова Анна"));
    let lift = UnblockArgs {
        person: blocked.clone(),
        block: id.clone(),
        ground: LiftGround::Confirmed,
        evidence: "паспорт".into(),
    };
    desk.person_unblock(lift).await.unwrap();
    let made = print(&desk, notice("unblock_notice")).await;
    let text = shown(&desk, &made.paper).await;
    assert!(text.contains("достоверность данных подтверждена") && text.contains("Секретова"), "{text}");
    assert!(!text.contains("паспорт"), "{text}");
    // notices are handed over, not signed for consent: nobody waits for them
    let waiting = desk.papers_waiting(WaitingArgs { person: Some(blocked), day: None }).await.unwrap();
    assert!(waiting.sheets.is_empty());
    assert_eq!(settled(&desk).await.refused, 0);
    assert!(clinic.printer.jobs.lock().unwrap().len() >= 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_followed_until_the_printer_is_done_with_it() {
    let (clinic, desk) = Clinic::founded().await;
    let anna = person(&desk, "Иванова", "89135551234").await;
    print(&desk, PreviewArgs::of("consent_pd", Some(anna))).await;
    let state = async |said: Option<JobState>| {
        *clinic.printer.state.lock().unwrap() = said;
        desk.print_jobs(Nothing {}).await.unwrap()[0].clone()
    };
    let job = state(Some(JobState::Queued)).await;
    assert_eq!((job.state, job.title.as_str()), (JobState::Queued, "Согласие на обработку персональных данных"));
    assert_eq!(state(Some(JobState::Printing)).await.state, JobState::Printing);
    assert_eq!(state(Some(JobState::Failed)).await.state, JobState::Failed);
    assert_eq!(state(Some(JobState::Done)).await.state, JobState::Failed, "what is over is not asked about again");
}
