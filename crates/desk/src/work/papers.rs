//! Papers: prepared once, looked at, printed or saved from the same bytes.
//!
//! Invariants: prepared papers live in memory, a bounded number of them, and go with the session; what a printer gets is
//! a private file that is gone when the printer has it; a printed paper with a person's data is on that person's record.

use std::{collections::VecDeque, path::Path, sync::Arc};

use chrono::{DateTime, Offset, Utc};
use contract::ui::{Nothing, PaperArgs, PaperPreview, PreviewArgs, PrintArgs, Printed, PrinterView, SavedFile};
use data_encoding::HEXLOWER;
use documents::{
    ClinicRequisites, Family, FormKind, Paper, PaperRequest, PaperWarning, PersonOnPaper, PersonSheet, Press, acts,
};
use domain::{
    Command, PaperId, PersonId,
    clinic::Requisites,
    person::{ConsentKind, ConsentStatus, PaperRecord, Person},
    personal::ClinicPersonal,
};
use sha2::{Digest, Sha256};
use store::PersonRecord;

use super::{blocks::usable, scene::Scene};
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

/// Prepared papers that are kept.
const DRAWER_HOLDS: usize = 8;
const MOST_COPIES: u32 = 20;

/// A paper that was prepared.
#[derive(Clone)]
pub(crate) struct Prepared {
    id: PaperId,
    form: FormKind,
    person: Option<PersonId>,
    paper: Arc<Paper>,
}

/// Prepared papers of this session, the oldest first.
#[derive(Default)]
pub(crate) struct Drawer(VecDeque<Prepared>);

impl std::fmt::Debug for Drawer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Drawer({})", self.0.len())
    }
}

impl Drawer {
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    fn put(&mut self, paper: Prepared) {
        if self.0.len() >= DRAWER_HOLDS {
            self.0.pop_front();
        }
        self.0.push_back(paper);
    }

    fn find(&self, id: &PaperId) -> Option<Prepared> {
        self.0.iter().find(|paper| paper.id == *id).cloned()
    }
}

/// Prepares a paper.
pub(crate) async fn paper_preview(seat: &Seat, args: PreviewArgs) -> Result<PaperPreview, DeskError> {
    let form: FormKind = args.form.parse().map_err(|_| DeskError::BadInput("form"))?;
    // what other papers say is not on a person's card: only their blanks are made here
    if args.person.is_some() && form.family() != Family::Person {
        return Err(DeskError::BadInput("person"));
    }
    let scene = Scene::of(seat).await?;
    let person = match &args.person {
        Some(id) => Some(seat.open.store.person(id).await?.ok_or(DeskError::NotFound)?),
        None => None,
    };
    usable(person.as_ref().is_some_and(|person| person.blocked))?;
    let clinic = seat.open.store.clinic().await?;
    let requisites = clinic.map(|(_, _, clinic, personal)| requisites(clinic.requisites, personal));
    let id = PaperId::from_random(id_bytes()?);
    let request = PaperRequest {
        kind: form,
        paper_id: id.to_string(),
        copy: 1,
        copies: 1,
        repeated: false,
        clinic: requisites.unwrap_or_default(),
        data: person.as_deref().map(|person| PersonSheet::from(on_paper(person)).into()),
        printed_at: in_zone(&scene),
    };
    let press = seat.inner.press().await?;
    let paper = tokio::task::spawn_blocking(move || press.render(&request)).await??;
    let mut warnings = person.as_deref().map(missing).unwrap_or_default();
    warnings.extend(person.as_deref().and_then(|person| said_no(form, &person.state, scene.today())));
    warnings.extend(paper.warnings.iter().map(in_words));
    let view = PaperPreview {
        paper: id.clone(),
        title: form.title_ru().to_owned(),
        pages: u32::try_from(paper.pages).unwrap_or(u32::MAX),
        revision: paper.revision,
        warnings,
    };
    if let Some(person) = &args.person {
        seat.viewed("paper.preview", person.as_str()).await?;
    }
    seat.inner.keep_paper(Prepared { id, form, person: args.person, paper: Arc::new(paper) });
    Ok(view)
}

/// The bytes of a prepared paper.
pub(crate) async fn paper_pdf(seat: &Seat, args: PaperArgs) -> Result<Vec<u8>, DeskError> {
    Ok(prepared(seat, &args.paper).await?.paper.pdf.clone())
}

/// Prints a prepared paper and notes it.
pub(crate) async fn paper_print(seat: &Seat, args: PrintArgs) -> Result<Printed, DeskError> {
    if !(1..=MOST_COPIES).contains(&args.copies) {
        return Err(DeskError::BadInput("copies"));
    }
    let prepared = prepared(seat, &args.paper).await?;
    let printer = hand_over(&seat.inner, &prepared.paper, prepared.form, args.printer, args.copies).await?;
    record(seat, &prepared, args.copies, "paper.print").await?;
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

/// A private file for the printer, gone as soon as the printer has taken it.
pub(super) async fn hand_over(
    inner: &Arc<Inner>,
    paper: &Arc<Paper>,
    form: FormKind,
    printer: Option<String>,
    copies: u32,
) -> Result<String, DeskError> {
    let spool = inner.spool();
    let path = spool.join(format!("{}.pdf", PaperId::from_random(id_bytes()?)));
    let (paper, way) = (Arc::clone(paper), Arc::clone(&inner.around.printer));
    let title = form.title_ru();
    tokio::task::spawn_blocking(move || {
        private_folder(&spool)?;
        let file = ShortLived::write(path, &paper.pdf)?;
        let job = PrintJob { file: file.path(), printer: printer.as_deref(), copies, title };
        Ok(way.print(&job)?)
    })
    .await?
}

/// Saves a prepared paper where people look for their documents, under a name that says nothing about the person.
pub(crate) async fn paper_save(seat: &Seat, args: PaperArgs) -> Result<SavedFile, DeskError> {
    let prepared = prepared(seat, &args.paper).await?;
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

/// A person's paper goes on the person's record, once; a blank one is only audited.
async fn record(seat: &Seat, prepared: &Prepared, copies: u32, verb: &str) -> Result<(), DeskError> {
    let audit = seat.entry(verb).about(prepared.id.as_str()).with(prepared.form.code());
    seat.open.store.audit(audit).await?;
    let Some(id) = &prepared.person else { return Ok(()) };
    let person = seat.open.store.person(id).await?.ok_or(DeskError::NotFound)?;
    if person.state.papers.iter().any(|paper| paper.id == prepared.id) {
        return Ok(());
    }
    let paper = PaperRecord {
        id: prepared.id.clone(),
        form: prepared.form.code().to_owned(),
        revision: prepared.paper.revision,
        text_sha256: prepared.paper.text_sha256.clone(),
        pdf_sha256: HEXLOWER.encode(&Sha256::digest(&prepared.paper.pdf)),
        copies,
        printed_at: seat.now(),
        printed_by: seat.staff.id.clone(),
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
    let now: DateTime<Utc> = scene.now;
    let local = now.with_timezone(&scene.zone());
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

/// What the card lacks: a line to fill in by hand stands in its place.
fn missing(person: &PersonRecord) -> Vec<String> {
    let personal = &person.personal;
    let lacks = [
        (personal.name.patronymic.is_empty(), "не указано отчество"),
        (personal.birth_date.is_none(), "не указана дата рождения: будет пустая строка"),
        (personal.phones.is_empty(), "не указан телефон: будет пустая строка"),
        (personal.email.is_none(), "не указана почта: будет пустая строка"),
    ];
    lacks.into_iter().filter(|(lacks, _)| *lacks).map(|(_, words)| words.to_owned()).collect()
}

/// Who has said no is not asked again by the way.
fn said_no(form: FormKind, person: &Person, today: chrono::NaiveDate) -> Option<String> {
    let kind = match form {
        FormKind::ConsentPd => ConsentKind::Processing,
        FormKind::ConsentAdvertising => ConsentKind::Advertising,
        _ => return None,
    };
    let said = match person.consent_status(kind, today) {
        ConsentStatus::Refused => "отказ",
        ConsentStatus::Withdrawn => "отзыв",
        ConsentStatus::Unknown | ConsentStatus::Given | ConsentStatus::Expired => return None,
    };
    Some(format!("записан {said} от этого согласия: печатайте, только если человек просит сам"))
}

fn in_words(warning: &PaperWarning) -> String {
    match warning {
        PaperWarning::ClinicFieldEmpty { field } => {
            format!("в настройках клиники не заполнено: {}", requisite_ru(field))
        }
        PaperWarning::CharactersDropped { field, count } => {
            let field = match field.rsplit('.').next() {
                Some("full_name") => "имени",
                Some("phone") => "телефоне",
                Some("email") => "почте",
                _ => "тексте",
            };
            format!("в {field} убраны непечатаемые знаки: {count}")
        }
        PaperWarning::GlyphMissing { character } => {
            format!("нет знака «{character}» в шрифте: на месте знака будет рамка")
        }
        PaperWarning::MoreThanOnePage { pages } => format!("заняло листов: {pages}"),
        PaperWarning::ActNotInForce { act } => {
            let name = acts().get(act).map_or(act.as_str(), |act| act.name.as_str());
            format!("акт, на котором основан документ, не действует: {name}")
        }
    }
}

/// A field of the clinic's requisites, as the settings call it.
fn requisite_ru(field: &str) -> &'static str {
    match field {
        "full_name" => "полное наименование",
        "short_name" => "краткое наименование",
        "address" => "адрес",
        "phone" => "телефон",
        "inn" => "ИНН",
        "privacy_email" => "почта для обращений о персональных данных",
        "responsible" => "ответственный за персональные данные",
        "signatory_name" => "кто подписывает: фамилия и инициалы",
        "signatory_position" => "должность того, кто подписывает",
        "system_name" => "название информационной системы",
        _ => "реквизит документа",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawer_holds_so_many_papers() {
        let paper = Paper { pdf: Vec::new(), pages: 1, revision: 1, text_sha256: String::new(), warnings: Vec::new() };
        let paper = Arc::new(paper);
        let id = |n| PaperId::from_random([n; 16]);
        let mut drawer = Drawer::default();
        for n in 0..=u8::try_from(DRAWER_HOLDS).unwrap_or(u8::MAX) {
            drawer.put(Prepared { id: id(n), form: FormKind::ConsentPd, person: None, paper: Arc::clone(&paper) });
        }
        assert!(drawer.find(&id(0)).is_none(), "the oldest went");
        assert!(drawer.find(&id(1)).is_some());
        drawer.clear();
        assert!(drawer.find(&id(1)).is_none());
    }
}
