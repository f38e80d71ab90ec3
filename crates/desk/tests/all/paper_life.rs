//! What is looked at before a paper is printed, what becomes of the sheet, and the papers of a whole day.

use crate::common::{Clinic, MANAGER, RECEPTIONIST, settled, sign_in, somebody};
use chrono::{Days, NaiveDate, NaiveTime, TimeDelta};
use contract::ui::*;
use desk::Desk;
use domain::{
    PersonId,
    paper::{PaperStage, Signer, Weight},
};

async fn person(desk: &Desk, family: &str, phone: &str, birth: Option<NaiveDate>) -> PersonId {
    let entered = PersonPutArgs { phones: vec![phone.into()], birth_date: birth, ..somebody(family, "Анна") };
    desk.person_put(entered).await.unwrap().row.id
}

fn everybody() -> WaitingArgs {
    WaitingArgs { person: None, day: None }
}

fn day(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day)
}

async fn weights(desk: &Desk, args: PreviewArgs) -> (PaperPreview, Vec<Weight>) {
    let preview = desk.paper_preview(args).await.unwrap();
    let weights = preview.findings.iter().map(|found| found.weight).collect();
    (preview, weights)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_must_not_be_printed_is_not_and_what_is_asked_is_answered_first() {
    let (clinic, desk) = Clinic::founded().await;
    let child = person(&desk, "Малышева", "89135550001", day(2019, 5, 1)).await;
    let adult = person(&desk, "Взрослова", "89135550002", day(1987, 3, 14)).await;
    let unknown = person(&desk, "Безгодова", "89135550003", None).await;

    // a child does not sign, and neither does a grandmother
    let alone = PreviewArgs::of("intervention_consent", Some(child.clone()));
    let (preview, found) = weights(&desk, alone).await;
    assert_eq!(found.first(), Some(&Weight::Refuse));
    assert_eq!(desk.paper_pdf(PaperArgs { paper: preview.paper.clone() }).await.unwrap_err().code, Code::PaperUnknown);
    let forced = desk.paper_print(PrintArgs::of(preview.paper, 1)).await.unwrap_err();
    assert_eq!(forced.code, Code::PaperUnknown, "whatever the window sends");
    let of = "intervention_consent_representative";
    let by = |signer| PreviewArgs { signer: Some(signer), ..PreviewArgs::of(of, Some(child.clone())) };
    assert_eq!(weights(&desk, by(Signer::Escort)).await.1.first(), Some(&Weight::Refuse));
    assert_ne!(weights(&desk, by(Signer::LegalRepresentative)).await.1.first(), Some(&Weight::Refuse));

    // an age that is not known is asked about, and nothing goes to the printer before the answer
    let (preview, found) = weights(&desk, PreviewArgs::of("intervention_consent", Some(unknown))).await;
    assert_eq!(found.first(), Some(&Weight::Ask));
    let print = |confirmed| PrintArgs { confirmed, ..PrintArgs::of(preview.paper.clone(), 1) };
    assert_eq!(desk.paper_print(print(false)).await.unwrap_err().code, Code::PaperUnchecked);
    let save = SaveArgs { paper: preview.paper.clone(), confirmed: false };
    assert_eq!(desk.paper_save(save).await.unwrap_err().code, Code::PaperUnchecked);
    assert!(clinic.printer.jobs.lock().unwrap().is_empty());
    desk.paper_print(print(true)).await.unwrap();

    // a namesake: the phone is read back, hidden but for its end
    person(&desk, "Взрослова", "89135559999", None).await;
    let (preview, _) = weights(&desk, PreviewArgs::of("consent_pd", Some(adult))).await;
    let asked = preview.findings.iter().find(|found| found.words.contains("тёзки")).unwrap();
    assert!(asked.weight == Weight::Ask && asked.words.contains("00-02") && !asked.words.contains("913"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_is_signed_by_somebody_or_printed_again_under_its_number() {
    let (clinic, desk) = Clinic::founded().await;
    let anna = person(&desk, "Иванова", "89135551234", day(1987, 3, 14)).await;
    let doctor = desk.doctors(Nothing {}).await.unwrap().remove(0).id;
    let preview = desk.paper_preview(PreviewArgs::of("intervention_consent", Some(anna.clone()))).await.unwrap();
    let paper = preview.paper;
    let way = PrintWay { printer: Some("Лоток".into()), copies: 2, duplex: true, tray: Some("tray-2".into()) };
    desk.paper_print(PrintArgs { paper: paper.clone(), way: way.clone(), confirmed: true }).await.unwrap();
    let sent = clinic.printer.jobs.lock().unwrap()[0].clone();
    assert_eq!((sent.duplex, sent.tray.as_deref()), (true, Some("tray-2")));
    sign_in(&desk, RECEPTIONIST).await;

    let waiting = desk.papers_waiting(everybody()).await.unwrap().sheets;
    assert_eq!((waiting.len(), waiting[0].stage, waiting[0].medical_worker), (1, PaperStage::Printed, true));
    let step =
        |stage, medical_worker| PaperStepArgs { person: anna.clone(), paper: paper.clone(), stage, medical_worker };
    let refused = desk.paper_step(step(PaperStage::Signed, None)).await.unwrap_err();
    assert_eq!(refused.refusal, Some(domain::Refusal::NoMedicalWorker));

    // spoiled with coffee: again, with the first number, by the same printer
    desk.paper_step(step(PaperStage::Spoiled, None)).await.unwrap();
    let sheet = SheetArgs { person: anna.clone(), paper: paper.clone() };
    let again = desk.paper_again(sheet.clone()).await.unwrap();
    assert_eq!((again.paper.clone(), again.repeated, again.way.clone()), (paper.clone(), true, way.clone()));
    desk.paper_print(PrintArgs { paper: paper.clone(), way, confirmed: true }).await.unwrap();
    let card = desk.person_card(PersonArgs { id: anna.clone() }).await.unwrap();
    assert_eq!((card.papers.len(), card.papers[0].stage()), (1, PaperStage::Printed), "one paper, not two");
    let [first, second] = [0, 1].map(|n| clinic.printer.jobs.lock().unwrap()[n].bytes.clone());
    assert_ne!(first, second, "it says «повторно»");

    // a scanner in the Russian layout finds it
    let russian = |c: char| match c {
        '_' | '-' => '-',
        c => "йцукенгшщзфывапролдячсмить".chars().nth("qwertyuiopasdfghjklzxcvbnm".find(c).unwrap_or(99)).unwrap_or(c),
    };
    let typed: String = format!("{paper}-1").chars().map(russian).collect();
    let found = desk.paper_scan(ScanArgs { typed }).await.unwrap();
    assert_eq!((found.paper.id.clone(), found.person.id.clone()), (paper.clone(), anna.clone()));

    let signed = desk.paper_step(step(PaperStage::Signed, Some(doctor.clone()))).await.unwrap();
    assert_eq!(signed.stage, PaperStage::Signed);
    assert!(desk.papers_waiting(everybody()).await.unwrap().sheets.is_empty());
    // by mistake: back, and signed again
    let last = signed.paper.steps.last().unwrap().id.clone();
    let back = PaperStepBackArgs { person: anna.clone(), paper: paper.clone(), step: last };
    assert_eq!(desk.paper_step_back(back).await.unwrap().stage, PaperStage::Printed);
    desk.paper_step(step(PaperStage::Signed, Some(doctor))).await.unwrap();

    // what was signed is shown as it was printed first; no second one is made
    let kept = desk.paper_again(sheet).await.unwrap();
    assert_eq!(desk.paper_pdf(PaperArgs { paper: kept.paper }).await.unwrap(), first);
    let spoil = desk.paper_step(step(PaperStage::Spoiled, None)).await.unwrap_err();
    assert_eq!(spoil.refusal, Some(domain::Refusal::PaperStage { stage: PaperStage::Signed }));

    // the gateway says the same
    assert_eq!(settled(&desk).await.refused, 0);
    let card = desk.person_card(PersonArgs { id: anna }).await.unwrap();
    assert_eq!(card.papers[0].stage(), PaperStage::Signed);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_papers_of_tomorrow_are_printed_in_the_order_of_the_visits() {
    let (clinic, desk) = Clinic::founded().await;
    let brief = desk.schedule_day(DayArgs { date: NaiveDate::from_ymd_opt(2027, 3, 10).unwrap() }).await.unwrap();
    let tomorrow = brief.now.date().checked_add_days(Days::new(1)).unwrap();
    let (doctor, chair) = (brief.practitioners[0].id.parse().unwrap(), brief.chairs[0].id.parse().unwrap());
    let adult = person(&desk, "Взрослова", "89135550002", day(1987, 3, 14)).await;
    let child = person(&desk, "Малышева", "89135550001", day(2019, 5, 1)).await;
    let unknown = person(&desk, "Безгодова", "89135550003", None).await;
    let book = |who: &PersonId, hour: u32| {
        let start = tomorrow.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap());
        BookArgs {
            practitioner: Clone::clone(&doctor),
            chair: Clone::clone(&chair),
            start,
            end: start + TimeDelta::minutes(30),
            person: who.clone(),
            request: None,
            agreed: true,
            service: None,
            note: None,
        }
    };
    for (who, hour) in [(&adult, 12), (&child, 9), (&unknown, 10), (&adult, 17)] {
        desk.visit_book(book(who, hour)).await.unwrap();
    }
    let plan = PacketArgs { day: tomorrow, visit: None };
    let packet = desk.packet_view(plan.clone()).await.unwrap();
    let forms = |visit: &PacketVisit| visit.papers.iter().map(|paper| paper.form.clone()).collect::<Vec<_>>();
    let who: Vec<_> = packet.visits.iter().map(|visit| visit.person.id.clone()).collect();
    assert_eq!(who, [child, unknown, adult.clone()], "who comes twice signs once");
    assert_eq!(forms(&packet.visits[0]), ["consent_pd", "intervention_consent_representative"]);
    assert_eq!(forms(&packet.visits[2]), ["consent_pd", "intervention_consent"]);

    let print = |visit: &PacketVisit, form: &str, confirmed| PacketPrintArgs {
        visit: visit.visit.clone(),
        form: form.to_owned(),
        confirmed,
    };
    // the clinic's requisites are not filled in: somebody has to say that it may be printed so
    let asked = desk.packet_print(print(&packet.visits[1], "intervention_consent", false)).await.unwrap();
    assert!(asked.printer.is_none() && asked.findings[0].weight == Weight::Ask);
    assert!(clinic.printer.jobs.lock().unwrap().is_empty());
    for visit in &packet.visits {
        for paper in &visit.papers {
            let done = desk.packet_print(print(visit, &paper.form, true)).await.unwrap();
            assert!(done.printer.is_some(), "{:?}", done.findings.iter().map(|f| &f.words).collect::<Vec<_>>());
        }
    }
    assert_eq!(clinic.printer.jobs.lock().unwrap().len(), 6);
    let after = desk.packet_view(plan.clone()).await.unwrap();
    assert!(after.visits.iter().all(|visit| visit.papers.iter().all(|paper| paper.waits)), "nothing twice");

    // signed once, never asked for again
    let card = desk.person_card(PersonArgs { id: adult.clone() }).await.unwrap();
    let consent = card.papers.iter().find(|paper| paper.form == "consent_pd").unwrap();
    let signed =
        PaperStepArgs { person: adult, paper: consent.id.clone(), stage: PaperStage::Signed, medical_worker: None };
    desk.paper_step(signed).await.unwrap();
    assert_eq!(forms(&desk.packet_view(plan).await.unwrap().visits[2]), ["intervention_consent"]);

    // the journal knows all of it and why
    let today = brief.now.date();
    let journal = desk.papers_journal(JournalArgs { day: today }).await.unwrap();
    assert_eq!(journal.len(), 6);
    assert!(journal.iter().all(|row| row.purpose == domain::person::PrintPurpose::Visit));
    let paper = PreviewArgs { day: Some(today), ..PreviewArgs::of("journal_printed", None) };
    assert!(desk.paper_preview(paper).await.unwrap().pages >= 1);

    // what a packet holds is the manager's to set
    let kind = PacketKind { form: "consumer_notice".into(), title: String::new(), once: false, copies: 1 };
    let set = PacketKindsArgs { kinds: vec![kind] };
    sign_in(&desk, RECEPTIONIST).await;
    assert_eq!(desk.packet_kinds(set.clone()).await.unwrap_err().code, Code::Forbidden);
    sign_in(&desk, MANAGER).await;
    desk.packet_kinds(set).await.unwrap();
    let packet = desk.packet_view(PacketArgs { day: tomorrow, visit: None }).await.unwrap();
    assert_eq!(forms(&packet.visits[2]), ["consumer_notice"]);
}
