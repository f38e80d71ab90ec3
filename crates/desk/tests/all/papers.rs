//! Papers leave nothing behind but what people asked for.

use crate::common::{Clinic, MANAGER, RECEPTIONIST, mode, settled, sign_in, somebody};
use contract::ui::*;

fn preview(person: Option<domain::PersonId>) -> PreviewArgs {
    PreviewArgs::of("consent_pd", person)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_printed_paper_is_on_the_record_and_not_in_the_spool() {
    let (clinic, desk) = Clinic::founded().await;
    let spool = clinic.home().join("spool");
    let entered = PersonPutArgs { phones: vec!["89135551234".into()], ..somebody("Иванова", "Анна") };
    let anna = desk.person_put(entered).await.unwrap().row.id;
    let paper = desk.paper_preview(preview(Some(anna.clone()))).await.unwrap();
    assert!(paper.findings.iter().any(|found| found.words.contains("дата рождения")));
    let pdf = desk.paper_pdf(PaperArgs { paper: paper.paper.clone() }).await.unwrap();
    assert!(pdf.starts_with(b"%PDF-"));

    *clinic.printer.jammed.lock().unwrap() = true;
    let print = || PrintArgs::of(paper.paper.clone(), 2);
    assert_eq!(desk.paper_print(print()).await.unwrap_err().code, Code::PrintFailed);
    assert_eq!(std::fs::read_dir(&spool).unwrap().count(), 0, "nor after a failure");
    assert!(desk.person_card(PersonArgs { id: anna.clone() }).await.unwrap().papers.is_empty());

    *clinic.printer.jammed.lock().unwrap() = false;
    assert_eq!(desk.paper_print(print()).await.unwrap().printer, "Лоток");
    let job = clinic.printer.jobs.lock().unwrap().remove(0);
    assert_eq!((job.bytes, job.mode, job.copies), (pdf.clone(), 0o600, 2));
    assert!(!job.title.contains("Иванова"));
    assert!(!job.file.exists(), "the spool keeps nothing");
    let papers = desk.person_card(PersonArgs { id: anna.clone() }).await.unwrap().papers;
    assert_eq!((papers.len(), papers[0].copies, papers[0].id.clone()), (1, 2, paper.paper.clone()));

    let saved = desk.paper_save(SaveArgs { paper: paper.paper.clone(), confirmed: true }).await.unwrap();
    let path = std::path::Path::new(&saved.path);
    assert_eq!((std::fs::read(path).unwrap(), mode(path)), (pdf, 0o600));
    assert!(!saved.path.contains("Иванова"));

    let blank = desk.paper_preview(preview(None)).await.unwrap();
    desk.paper_print(PrintArgs::of(blank.paper, 1)).await.unwrap();
    assert_eq!(desk.person_card(PersonArgs { id: anna }).await.unwrap().papers.len(), 1, "a blank is nobody's");
    settled(&desk).await;
    let verbs: Vec<_> = desk.audit_tail(50).await.unwrap().into_iter().map(|row| row.entry.verb).collect();
    assert_eq!(verbs.iter().filter(|verb| *verb == "paper.print").count(), 2);
    assert_eq!(verbs.iter().filter(|verb| *verb == "person.record_paper").count(), 1);
    assert!(desk.audit_verify().await.unwrap().ok);
}

#[tokio::test(flavor = "multi_thread")]
async fn prepared_papers_go_with_the_session_and_leftovers_at_the_start() {
    let (clinic, desk) = Clinic::founded().await;
    let paper = desk.paper_preview(preview(None)).await.unwrap().paper;
    desk.lock(Nothing {}).await.unwrap();
    sign_in(&desk, MANAGER).await;
    assert_eq!(desk.paper_pdf(PaperArgs { paper }).await.unwrap_err().code, Code::PaperUnknown);
    desk.close().await;
    let leftover = clinic.home().join("spool/leftover.pdf");
    std::fs::write(&leftover, b"%PDF-").unwrap();
    let desk = clinic.desk().await;
    assert!(!leftover.exists());
    assert_eq!(desk.app_view(Nothing {}).await.unwrap().phase, Phase::Locked);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_paper_has_its_printer_and_a_trial_is_on_no_record() {
    let (clinic, desk) = Clinic::founded().await;
    sign_in(&desk, RECEPTIONIST).await;
    let of = |ways: &[PaperWay], form: &str| ways.iter().find(|one| one.form == form).unwrap().clone();
    let ways = desk.paper_ways(Nothing {}).await.unwrap();
    assert!(ways.iter().all(|one| !one.remembered && one.form != "recovery_kit"), "nothing was printed here yet");
    let way = PrintWay { printer: Some("Лоток".into()), copies: 2, duplex: true, tray: Some("tray-2".into()) };
    let args = PaperWayArgs { form: "consent_pd".into(), way: way.clone() };
    let saved = of(&desk.paper_way_put(args.clone()).await.unwrap(), "consent_pd");
    assert!(saved.remembered && saved.way == way);
    assert_eq!(desk.paper_preview(preview(None)).await.unwrap().way, way, "the dialog offers it");

    // one blank by that way, whatever the copies
    desk.paper_trial(args).await.unwrap();
    let job = clinic.printer.jobs.lock().unwrap().remove(0);
    assert_eq!((job.copies, job.duplex, job.tray.as_deref()), (1, true, Some("tray-2")));
    assert_eq!(job.title, "Пробная печать");
    assert!(job.bytes.starts_with(b"%PDF"));
    let today = desk.app_view(Nothing {}).await.map(|_| chrono::Utc::now().date_naive()).unwrap();
    assert!(desk.papers_journal(JournalArgs { day: today }).await.unwrap().is_empty(), "a trial is nobody's paper");

    let wrong = |form: &str, copies| PaperWayArgs { form: form.into(), way: PrintWay { copies, ..PrintWay::usual() } };
    assert_eq!(desk.paper_way_put(wrong("consent_pd", 0)).await.unwrap_err().field.as_deref(), Some("copies"));
    assert_eq!(desk.paper_way_put(wrong("no_such_form", 1)).await.unwrap_err().field.as_deref(), Some("form"));
}
