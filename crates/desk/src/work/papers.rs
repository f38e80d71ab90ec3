//! Papers: prepared once, looked at, printed or saved from the same bytes.
//!
//! Invariants: a paper with a finding that forbids it is not made, and one with a finding that asks is not printed before
//! whoever prints has answered; prepared papers live in memory and go with the session; what a printer gets is a private
//! file that is gone when the printer has it; a printed paper with a person's data is on that person's record and is kept
//! as it was printed.

mod check;
mod drawer;
mod journal;
mod life;
mod packet;

use std::{collections::BTreeMap, path::Path, sync::Arc};

use chrono::{DateTime, NaiveDate, Offset, Utc};
use contract::ui::{
    Nothing, PaperArgs, PaperKind, PaperPreview, PreviewArgs, PrintArgs, PrintWay, Printed, PrinterView, SaveArgs,
    SavedFile,
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

use self::{check::Subject, drawer::Prepared};
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

pub(crate) use drawer::Drawer;
pub(crate) use journal::papers_journal;
pub(crate) use life::{paper_again, paper_scan, paper_step, paper_step_back, papers_waiting};
pub(crate) use packet::{packet_kinds, packet_print, packet_view};

const MOST_COPIES: u32 = 20;
/// How papers were printed last at this computer, by form.
const WAYS: &str = "papers.ways";

/// What a paper is made of.
struct Order<'a> {
    form: FormKind,
    person: Option<&'a PersonRecord>,
    visit: Option<&'a VisitRecord>,
    signer: Option<Signer>,
    /// The day that a journal is about.
    day: Option<NaiveDate>,
    /// The sheet that is printed again.
    again: Option<&'a PaperRecord>,
}

impl<'a> Order<'a> {
    fn of(form: FormKind, person: Option<&'a PersonRecord>) -> Self {
        Self { form, person, visit: None, signer: None, day: None, again: None }
    }
}

/// Prepares a paper.
pub(crate) async fn paper_preview(seat: &Seat, args: PreviewArgs) -> Result<PaperPreview, DeskError> {
    let form: FormKind = args.form.parse().map_err(|_| DeskError::BadInput("form"))?;
    // what other papers say is not on a person's card: only their blanks are made here
    if args.person.is_some() && form.family() != Family::Person {
        return Err(DeskError::BadInput("person"));
    }
    if args.day.is_some() && form != FormKind::JournalPrinted {
        return Err(DeskError::BadInput("day"));
    }
    let store = &seat.open.store;
    let person = match &args.person {
        Some(id) => Some(store.person(id).await?.ok_or(DeskError::NotFound)?),
        None => None,
    };
    let visit = match &args.visit {
        Some(id) => Some(store.visit(id).await?.ok_or(DeskError::NotFound)?),
        None => None,
    };
    if visit.as_ref().is_some_and(|visit| Some(&visit.state.person) != args.person.as_ref()) {
        return Err(DeskError::BadInput("visit"));
    }
    let person = person.as_deref();
    let order = Order { visit: visit.as_ref(), signer: args.signer, day: args.day, ..Order::of(form, person) };
    prepare(seat, order).await
}

/// Makes what is ordered and puts it into the drawer, unless something forbids it.
async fn prepare(seat: &Seat, order: Order<'_>) -> Result<PaperPreview, DeskError> {
    let scene = Scene::of(seat).await?;
    let Order { form, person, visit, signer, day, again } = order;
    usable(person.is_some_and(|person| person.blocked))?;
    let on = visit.map(|visit| visit.state.slot.start.date());
    let findings = match person {
        Some(person) => check::of_person(form, &Subject::of(seat, &scene, person).await?, signer, on),
        None => Vec::new(),
    };
    let id = match again {
        Some(paper) => paper.id.clone(),
        None => PaperId::from_random(id_bytes()?),
    };
    let mut view = PaperPreview {
        paper: id.clone(),
        title: form.title_ru().to_owned(),
        pages: 0,
        revision: 0,
        findings,
        repeated: again.is_some(),
        way: way(seat, form).await?,
    };
    if check::gravest(&view.findings) == Weight::Refuse {
        return Ok(view);
    }
    let data: Option<PaperData> = match (person, day) {
        (Some(person), _) => {
            let medic = medic(seat, visit).await?;
            Some(PersonSheet { medic, ..PersonSheet::from(on_paper(person)) }.into())
        }
        (None, Some(day)) => Some(journal::register(seat, day).await?.into()),
        (None, None) => None,
    };
    let clinic = seat.open.store.clinic().await?;
    let requisites = clinic.map(|(_, _, clinic, personal)| requisites(clinic.requisites, personal));
    let request = PaperRequest {
        kind: form,
        paper_id: id.to_string(),
        copy: 1,
        copies: 1,
        repeated: again.is_some(),
        clinic: requisites.unwrap_or_default(),
        data,
        printed_at: in_zone(&scene),
    };
    let press = seat.inner.press().await?;
    let paper = tokio::task::spawn_blocking(move || press.render(&request)).await??;
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
            form,
            person: person.map(|person| person.id.clone()),
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

/// Kinds of paper about a person, for the choice.
pub(crate) async fn paper_kinds(_seat: &Seat, _args: Nothing) -> Result<Vec<PaperKind>, DeskError> {
    let about_people = FormKind::ALL.iter().filter(|form| form.family() == Family::Person);
    let view = |form: &FormKind| PaperKind {
        form: form.code().to_owned(),
        title: form.title_ru().to_owned(),
        medical_worker: PaperRole::of_form(form.code()).needs_medical_worker(),
    };
    Ok(about_people.map(view).collect())
}

/// The name of a form that a record names, whatever version it is of.
fn title(form: &str) -> String {
    form.parse::<FormKind>().map_or_else(|_| form.to_owned(), |form| form.title_ru().to_owned())
}

/// The bytes of a prepared paper.
pub(crate) async fn paper_pdf(seat: &Seat, args: PaperArgs) -> Result<Vec<u8>, DeskError> {
    Ok(prepared(seat, &args.paper).await?.paper.pdf.clone())
}

/// Prints a prepared paper and notes it.
pub(crate) async fn paper_print(seat: &Seat, args: PrintArgs) -> Result<Printed, DeskError> {
    if !(1..=MOST_COPIES).contains(&args.way.copies) {
        return Err(DeskError::BadInput("copies"));
    }
    let prepared = prepared(seat, &args.paper).await?;
    allow(&prepared, args.confirmed)?;
    let printer = hand_over(&seat.inner, &prepared.paper, prepared.form, &args.way).await?;
    record(seat, &prepared, args.way.copies, "paper.print").await?;
    remember(seat, prepared.form, args.way).await?;
    Ok(Printed { printer })
}

/// A prepared paper, unless the person was blocked since.
async fn prepared(seat: &Seat, id: &PaperId) -> Result<Prepared, DeskError> {
    let prepared = seat.inner.prepared(id)?;
    if let Some(person) = &prepared.person {
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
    form: FormKind,
    way: &PrintWay,
) -> Result<String, DeskError> {
    let spool = inner.spool();
    let path = spool.join(format!("{}.pdf", PaperId::from_random(id_bytes()?)));
    let (paper, to, way) = (Arc::clone(paper), Arc::clone(&inner.around.printer), way.clone());
    let title = form.title_ru();
    tokio::task::spawn_blocking(move || {
        private_folder(&spool)?;
        let file = ShortLived::write(path, &paper.pdf)?;
        let printer = way.printer.as_deref();
        let job = PrintJob { file: file.path(), printer, copies: way.copies, duplex: way.duplex, title };
        Ok(to.print(&job)?)
    })
    .await?
}

async fn ways(seat: &Seat) -> Result<BTreeMap<String, PrintWay>, DeskError> {
    let kept = seat.open.store.setting(WAYS).await?;
    Ok(kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// How papers of this kind were printed last.
async fn way(seat: &Seat, form: FormKind) -> Result<PrintWay, DeskError> {
    let first = PrintWay { printer: None, copies: 1, duplex: false };
    Ok(ways(seat).await?.remove(form.code()).unwrap_or(first))
}

async fn remember(seat: &Seat, form: FormKind, way: PrintWay) -> Result<(), DeskError> {
    let mut all = ways(seat).await?;
    if all.get(form.code()) != Some(&way) {
        all.insert(form.code().to_owned(), way);
        let text = serde_json::to_string(&all).map_err(|_| DeskError::Broken("ways to print cannot be written"))?;
        seat.open.store.set_setting(WAYS, &text).await?;
    }
    Ok(())
}

/// Saves a prepared paper where people look for their documents, under a name that says nothing about the person.
pub(crate) async fn paper_save(seat: &Seat, args: SaveArgs) -> Result<SavedFile, DeskError> {
    let prepared = prepared(seat, &args.paper).await?;
    allow(&prepared, args.confirmed)?;
    let folder = seat.inner.around.documents.clone().ok_or(DeskError::Broken("there is no folder for documents"))?;
    let path = folder.join(format!("{}-{}.pdf", prepared.form.code(), prepared.id));
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
    let audit = seat.entry(verb).about(prepared.id.as_str()).with(prepared.form.code());
    store.audit(audit).await?;
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
            seat.act(id.clone(), person.version, command, None).await?;
        }
        return Ok(());
    }
    store.keep_paper(&prepared.id, id, &prepared.paper.pdf).await?;
    let paper = PaperRecord {
        id: prepared.id.clone(),
        form: prepared.form.code().to_owned(),
        revision: prepared.paper.revision,
        text_sha256: prepared.paper.text_sha256.clone(),
        pdf_sha256: HEXLOWER.encode(&Sha256::digest(&prepared.paper.pdf)),
        copies,
        printed_at: seat.now(),
        printed_by: seat.staff.id.clone(),
        purpose: prepared.purpose,
        steps: Vec::new(),
    };
    seat.act(id.clone(), person.version, Command::PersonRecordPaper { paper }, None).await?;
    Ok(())
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

    fn keep_paper(&self, paper: Prepared) {
        self.drawer.lock().unwrap_or_else(std::sync::PoisonError::into_inner).put(paper);
    }

    fn prepared(&self, id: &PaperId) -> Result<Prepared, DeskError> {
        let drawer = self.drawer.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        drawer.find(id).ok_or(DeskError::PaperUnknown)
    }
}

pub(super) fn in_zone(scene: &Scene) -> DateTime<chrono::FixedOffset> {
    at_in_zone(scene, scene.now)
}

fn at_in_zone(scene: &Scene, at: DateTime<Utc>) -> DateTime<chrono::FixedOffset> {
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
