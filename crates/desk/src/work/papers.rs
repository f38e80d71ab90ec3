//! Papers: prepared once, looked at, printed or saved from the same bytes.
//!
//! Invariants: a paper with a finding that forbids it is not made, and one with a finding that asks is not printed before
//! whoever prints has answered; prepared papers live in memory and go with the session; what a printer gets is a private
//! file that is gone when the printer has it; a printed paper with a person's data is on that person's record and is kept
//! as it was printed; data of somebody who is blocked go on no paper but the notices that they are owed.

mod cases;
mod certificates;
mod check;
mod drawer;
mod jobs;
mod journal;
mod kinds;
mod life;
mod notices;
mod own;
mod packet;
mod scans;
mod sheets;
mod ways;
mod wordings;
mod workstations;

use std::{collections::BTreeMap, path::Path, sync::Arc};

use chrono::{DateTime, Offset, Utc};
use contract::ui::{
    Nothing, PaperArgs, PaperPreview, PreviewArgs, PrintArgs, PrintWay, Printed, PrinterView, SaveArgs, SavedFile,
};
use data_encoding::HEXLOWER;
use documents::{
    ClinicRequisites, Family, FormKind, MedicalWorker, Paper, PaperData, PaperRequest, PersonOnPaper, PersonSheet,
    Press,
};
use domain::{
    Command, PaperId,
    clinic::Requisites,
    paper::{PaperRole, PaperStage, Signer, Weight},
    person::{PaperRecord, PrintPurpose},
    personal::ClinicPersonal,
};
use sha2::{Digest, Sha256};
use store::PersonRecord;

use self::{
    check::Subject,
    drawer::Prepared,
    kinds::{Kind, Kinds},
    ways::{possible, remember, way},
};
use super::{blocks::usable, scene::Scene, visits::VisitRecord};
use crate::{
    place::Inner,
    platform::{
        files::{ShortLived, private_folder, write_private},
        print::PrintJob,
        random::id_bytes,
    },
    session::Seat,
    trouble::DeskError,
};

pub(super) use cases::{asks, case_forms, case_papers};
pub(crate) use certificates::certificate_paper;
pub(crate) use drawer::{Drawer, file_take};
pub(crate) use jobs::{Jobs, print_jobs};
pub(crate) use journal::papers_journal;
pub(crate) use kinds::paper_kinds;
pub(crate) use life::{paper_again, paper_scan, paper_step, paper_step_back, papers_waiting};
pub(crate) use own::{own_form_new, own_form_open, own_form_put, own_form_retire};
pub(crate) use packet::{packet_kinds, packet_print, packet_view};
pub(crate) use scans::{paper_scan_file, paper_scan_keep, paper_scanned};
pub(crate) use ways::{paper_trial, paper_way_put, paper_ways};
pub(crate) use wordings::{wording_check, wording_open, wording_save, wording_sign_again, wordings_list};

pub use drawer::LARGEST_FILE;

/// What a paper is made of.
struct Order<'a> {
    kind: &'a Kind,
    person: Option<&'a PersonRecord>,
    visit: Option<&'a VisitRecord>,
    signer: Option<Signer>,
    /// What stands on it, where that is not a person's card.
    data: Option<PaperData>,
    /// The sheet that is printed again.
    again: Option<&'a PaperRecord>,
    /// The case that it is printed for.
    case: Option<domain::CaseId>,
}

impl<'a> Order<'a> {
    fn of(kind: &'a Kind, person: Option<&'a PersonRecord>) -> Self {
        Self { kind, person, visit: None, signer: None, data: None, again: None, case: None }
    }
}

/// Prepares a paper.
pub(crate) async fn paper_preview(seat: &Seat, args: PreviewArgs) -> Result<PaperPreview, DeskError> {
    let store = &seat.open.store;
    let kinds = Kinds::of(store).await?;
    let kind = kinds.offered(&args.form)?;
    match kind.form().map(|form| (form, form.family())) {
        Some((form, _)) if args.case.is_some() => {
            let scene = Scene::of(seat).await?;
            let found = cases::of_case(seat, &scene, form, &args).await?;
            let case = Some(found.case.id.clone());
            return prepare(seat, Order { data: Some(found.data), case, ..Order::of(kind, found.person.as_deref()) })
                .await;
        }
        None if args.case.is_some() => return Err(DeskError::BadInput("form")),
        Some((form, Family::Block)) if args.person.is_some() => {
            let scene = Scene::of(seat).await?;
            let (person, notice) = notices::notice(seat, &scene, form, &args).await?;
            let order = Order { data: Some(notice.into()), ..Order::of(kind, Some(&person)) };
            return prepare(seat, order).await;
        }
        Some((FormKind::DecommissionAct, _)) if args.desk.is_some() => {
            let data = workstations::decommission(seat, args.desk.as_ref()).await?;
            return prepare(seat, Order { data: Some(data.into()), ..Order::of(kind, None) }).await;
        }
        Some((form, _)) if args.day.is_some() || args.practitioner.is_some() => {
            let data = of_the_day(seat, form, &args).await?;
            return prepare(seat, Order { data: Some(data), ..Order::of(kind, None) }).await;
        }
        _ => {}
    }
    // what other papers say is not on a person's card: only their blanks are made here
    if args.person.is_some() && !kind.is_of_person() {
        return Err(DeskError::BadInput("person"));
    }
    let person = match &args.person {
        Some(id) => Some(store.person(id).await?.ok_or(DeskError::NotFound)?),
        None => None,
    };
    let visit = match &args.visit {
        Some(id) => Some(store.visit(id).await?.ok_or(DeskError::NotFound)?),
        None => None,
    };
    if let Some(visit) = &visit {
        let of = store.person(&visit.state.person).await?;
        if of.as_ref().map(|of| &of.id) != person.as_ref().map(|person| &person.id) {
            return Err(DeskError::BadInput("visit"));
        }
    }
    let person = person.as_deref();
    prepare(seat, Order { visit: visit.as_ref(), signer: args.signer, ..Order::of(kind, person) }).await
}

/// What stands on a paper of the clinic's own day.
async fn of_the_day(seat: &Seat, form: FormKind, args: &PreviewArgs) -> Result<PaperData, DeskError> {
    let day = args.day.ok_or(DeskError::BadInput("day"))?;
    let scene = Scene::of(seat).await?;
    match (form, &args.practitioner, &args.person) {
        (
            form @ (FormKind::JournalClaims
            | FormKind::JournalSubjects
            | FormKind::JournalAuthorities
            | FormKind::JournalDisclosures),
            None,
            None,
        ) => Ok(journal::of_cases(seat, form, day).await?.into()),
        (FormKind::AdmittedList, None, None) if day == scene.today() => Ok(journal::admitted(seat).await?.into()),
        (FormKind::JournalPrinted, None, None) => Ok(journal::register(seat, day).await?.into()),
        (FormKind::DaySheet, Some(doctor), None) => Ok(sheets::day_sheet(seat, &scene, day, doctor).await?.into()),
        (FormKind::HandoverNote, None, None) if day == scene.today() => {
            Ok(sheets::handover(seat, &scene).await?.into())
        }
        _ => Err(DeskError::BadInput("day")),
    }
}

/// Makes what is ordered and puts it into the drawer, unless something forbids it.
async fn prepare(seat: &Seat, order: Order<'_>) -> Result<PaperPreview, DeskError> {
    let scene = Scene::of(seat).await?;
    let Order { kind, person, visit, signer, data, again, case } = order;
    let owed = PaperRole::of_form(&kind.code) == PaperRole::OwedToPerson;
    if !owed {
        usable(person.is_some_and(|person| person.blocked))?;
    }
    let on = visit.map(|visit| visit.state.slot.start.date());
    let findings = match person {
        Some(person) => check::of_person(&kind.code, &Subject::of(seat, &scene, person).await?, signer, on),
        None => Vec::new(),
    };
    let id = match again {
        Some(paper) => paper.id.clone(),
        None => PaperId::from_random(id_bytes()?),
    };
    let mut view = PaperPreview {
        paper: id.clone(),
        title: kind.title.clone(),
        pages: 0,
        revision: 0,
        findings,
        repeated: again.is_some(),
        way: way(seat, &kind.code).await?,
    };
    if check::gravest(&view.findings) == Weight::Refuse {
        return Ok(view);
    }
    let data = match (data, person) {
        (Some(data), _) => Some(data),
        (None, Some(person)) => {
            let medic = medic(seat, visit).await?;
            Some(PersonSheet { medic, ..PersonSheet::from(on_paper(person)) }.into())
        }
        (None, None) => None,
    };
    let clinic = seat.open.store.clinic().await?;
    let requisites = clinic.map(|(_, _, clinic, personal)| requisites(clinic.requisites, personal));
    let request = PaperRequest {
        kind: kind.of_request(),
        paper_id: id.to_string(),
        copy: 1,
        copies: 1,
        repeated: again.is_some(),
        clinic: requisites.unwrap_or_default(),
        data,
        printed_at: in_zone(&scene),
    };
    let paper = kind.print(seat, request).await?;
    view.pages = u32::try_from(paper.pages).unwrap_or(u32::MAX);
    view.revision = paper.revision;
    view.findings = check::with_warnings(view.findings, &paper.warnings);
    if let Some(person) = person {
        seat.viewed("paper.preview", person.id.as_str()).await?;
    }
    let weight = check::gravest(&view.findings);
    if weight < Weight::Refuse {
        seat.inner.keep_paper(Prepared {
            id,
            form: kind.code.clone(),
            title: kind.title.clone(),
            person: person.map(|person| person.id.clone()),
            // a letter to one of many stands on that person's record alone
            case: case.filter(|_| kind.code != FormKind::LeakNotice.code()),
            owed,
            paper: Arc::new(paper),
            purpose: if visit.is_some() { PrintPurpose::Visit } else { PrintPurpose::Desk },
            repeated: again.is_some(),
            weight,
        });
    }
    Ok(view)
}

/// The doctor of a visit, as consent to treatment names the medical worker.
async fn medic(seat: &Seat, visit: Option<&VisitRecord>) -> Result<MedicalWorker, DeskError> {
    let Some(visit) = visit else { return Ok(MedicalWorker::default()) };
    let doctors = seat.open.store.practitioners().await?;
    let doctor = doctors.into_iter().find(|doctor| doctor.id == visit.state.slot.practitioner);
    Ok(doctor.map_or_else(MedicalWorker::default, |doctor| MedicalWorker {
        position: doctor.personal.speciality.clone(),
        full_name: doctor.personal.name.full(),
    }))
}

/// The bytes of a prepared paper.
pub(crate) async fn paper_pdf(seat: &Seat, args: PaperArgs) -> Result<Vec<u8>, DeskError> {
    Ok(prepared(seat, &args.paper).await?.paper.pdf.clone())
}

/// Prints a prepared paper and notes it.
pub(crate) async fn paper_print(seat: &Seat, args: PrintArgs) -> Result<Printed, DeskError> {
    possible(&args.way)?;
    let prepared = prepared(seat, &args.paper).await?;
    allow(&prepared, args.confirmed)?;
    let printed = hand_over(&seat.inner, &prepared.paper, &prepared.title, &args.way).await?;
    record(seat, &prepared, args.way.copies, "paper.print").await?;
    remember(seat, &prepared.form, args.way).await?;
    Ok(printed)
}

/// A prepared paper, unless the person was blocked since and is not owed it.
async fn prepared(seat: &Seat, id: &PaperId) -> Result<Prepared, DeskError> {
    let prepared = seat.inner.prepared(id)?;
    if let Some(person) = prepared.person.as_ref().filter(|_| !prepared.owed) {
        usable(seat.open.store.person(person).await?.is_some_and(|person| person.blocked))?;
    }
    Ok(prepared)
}

/// What is asked has to be answered; authority is here, whatever the window shows.
fn allow(prepared: &Prepared, confirmed: bool) -> Result<(), DeskError> {
    match prepared.weight {
        Weight::Note => Ok(()),
        Weight::Ask if confirmed => Ok(()),
        Weight::Ask | Weight::Refuse => Err(DeskError::PaperUnchecked),
    }
}

/// A private file for the printer, gone as soon as the printer has taken it.
pub(super) async fn hand_over(
    inner: &Arc<Inner>,
    paper: &Arc<Paper>,
    title: &str,
    way: &PrintWay,
) -> Result<Printed, DeskError> {
    let spool = inner.spool();
    let path = spool.join(format!("{}.pdf", PaperId::from_random(id_bytes()?)));
    let (paper, to, asked, name) =
        (Arc::clone(paper), Arc::clone(&inner.around.printer), way.clone(), title.to_owned());
    let handed = tokio::task::spawn_blocking(move || {
        private_folder(&spool)?;
        let file = ShortLived::write(path, &paper.pdf)?;
        let job = PrintJob {
            file: file.path(),
            printer: asked.printer.as_deref(),
            copies: asked.copies,
            duplex: asked.duplex,
            tray: asked.tray.as_deref(),
            title: &name,
        };
        Ok::<_, DeskError>(to.print(&job)?)
    })
    .await??;
    Ok(inner.jobs(|jobs| jobs.add(handed, title, way, inner.around.clock.now())))
}

/// Saves a prepared paper where people look for their documents, under a name that says nothing about the person.
pub(crate) async fn paper_save(seat: &Seat, args: SaveArgs) -> Result<SavedFile, DeskError> {
    let prepared = prepared(seat, &args.paper).await?;
    allow(&prepared, args.confirmed)?;
    let folder = seat.inner.around.documents.clone().ok_or(DeskError::Broken("there is no folder for documents"))?;
    let path = folder.join(format!("{}-{}.pdf", prepared.form, prepared.id));
    let (paper, to) = (Arc::clone(&prepared.paper), path.clone());
    tokio::task::spawn_blocking(move || save(&to, &paper.pdf)).await??;
    record(seat, &prepared, 1, "paper.save").await?;
    Ok(SavedFile { path: path.to_string_lossy().into_owned() })
}

/// The same paper saved twice is the same file.
fn save(path: &Path, pdf: &[u8]) -> Result<(), DeskError> {
    match write_private(path, pdf) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => Ok(other?),
    }
}

/// A person's paper goes on the person's record, once, and what was printed is kept; a blank one is only audited.
async fn record(seat: &Seat, prepared: &Prepared, copies: u32, verb: &str) -> Result<(), DeskError> {
    let store = &seat.open.store;
    let audit = seat.entry(verb).about(prepared.id.as_str()).with(&prepared.form);
    store.audit(audit).await?;
    if prepared.form == FormKind::DaySheet.code() {
        sheets::note_day_sheet(seat, copies).await?;
    }
    if let Some(case) = &prepared.case {
        return record_on_case(seat, prepared, case, copies).await;
    }
    let Some(id) = &prepared.person else { return Ok(()) };
    let person = store.person(id).await?.ok_or(DeskError::NotFound)?;
    if let Some(known) = person.state.papers.iter().find(|paper| paper.id == prepared.id) {
        // a second print of what lies in the drawer is the same sheet; a lost or spoiled one begins anew
        if prepared.repeated && known.stage() != PaperStage::Printed {
            let command = Command::PersonPaperStep {
                paper: prepared.id.clone(),
                stage: PaperStage::Printed,
                medical_worker: None,
            };
            let card = store.card_of_paper(&prepared.id).await?.ok_or(DeskError::NotFound)?;
            seat.act(card.id.clone(), card.version, command, None).await?;
        }
        return Ok(());
    }
    store.keep_paper(&prepared.id, person.id.as_str(), &prepared.paper.pdf).await?;
    let paper = record_of(seat, prepared, copies);
    seat.act(person.id.clone(), person.version, Command::PersonRecordPaper { paper }, None).await?;
    Ok(())
}

/// A sheet of a case goes on the case. Its file goes with the person whose data are on it.
async fn record_on_case(seat: &Seat, prepared: &Prepared, case: &domain::CaseId, copies: u32) -> Result<(), DeskError> {
    let store = &seat.open.store;
    let known = store.case(case).await?.ok_or(DeskError::NotFound)?;
    if known.state.papers.iter().any(|paper| paper.id == prepared.id) {
        return Ok(());
    }
    let whose = prepared.person.as_ref().map_or(case.as_str(), |person| person.as_str());
    store.keep_paper(&prepared.id, whose, &prepared.paper.pdf).await?;
    let paper = record_of(seat, prepared, copies);
    seat.act(case.clone(), known.version, Command::CaseRecordPaper { paper }, None).await?;
    Ok(())
}

fn record_of(seat: &Seat, prepared: &Prepared, copies: u32) -> PaperRecord {
    PaperRecord {
        id: prepared.id.clone(),
        form: prepared.form.clone(),
        revision: prepared.paper.revision,
        text_sha256: prepared.paper.text_sha256.clone(),
        pdf_sha256: sha256(&prepared.paper.pdf),
        copies,
        printed_at: seat.now(),
        printed_by: seat.staff.id.clone(),
        purpose: prepared.purpose,
        steps: Vec::new(),
    }
}

fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// The printers of this computer.
pub(crate) async fn printers(seat: &Seat, _args: Nothing) -> Result<Vec<PrinterView>, DeskError> {
    let way = Arc::clone(&seat.inner.around.printer);
    Ok(tokio::task::spawn_blocking(move || way.printers()).await??)
}

impl Inner {
    /// The press, made when it is first needed: that takes a while.
    pub(crate) async fn press(&self) -> Result<Arc<Press>, DeskError> {
        let make = || async { Ok::<_, DeskError>(Arc::new(tokio::task::spawn_blocking(Press::new).await??)) };
        self.press.get_or_try_init(make).await.cloned()
    }
}

pub(super) fn in_zone(scene: &Scene) -> DateTime<chrono::FixedOffset> {
    at_in_zone(scene, scene.now)
}

/// Titles of the kinds by their codes.
pub(super) async fn kind_titles(store: &store::Store) -> Result<BTreeMap<String, String>, DeskError> {
    let kinds = Kinds::of(store).await?;
    Ok(kinds.all().iter().map(|kind| (kind.code.clone(), kind.title.clone())).collect())
}

pub(super) fn at_in_zone(scene: &Scene, at: DateTime<Utc>) -> DateTime<chrono::FixedOffset> {
    let local = at.with_timezone(&scene.zone());
    local.with_timezone(&local.offset().fix())
}

pub(super) fn requisites(public: Requisites, personal: ClinicPersonal) -> ClinicRequisites {
    ClinicRequisites {
        full_name: public.full_name,
        short_name: public.short_name,
        inn: public.inn,
        ogrn: public.ogrn,
        address: public.address,
        phone: public.phone,
        privacy_email: public.privacy_email,
        licence: public.licence,
        responsible: personal.responsible,
        processors: public.processors,
        ..ClinicRequisites::default()
    }
}

fn on_paper(person: &PersonRecord) -> PersonOnPaper {
    let phone = person.personal.phones.first();
    let display = phone.map(|phone| phone.phone.as_ref().map_or_else(|| phone.raw.clone(), |read| read.display()));
    PersonOnPaper {
        full_name: person.personal.name.full(),
        phone: display.unwrap_or_default(),
        email: person.personal.email.clone().unwrap_or_default(),
        birth_date: person.personal.birth_date,
    }
}
