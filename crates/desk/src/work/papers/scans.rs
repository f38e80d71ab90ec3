//! Scanned files: the marks of sheets are read off them, and the pages of each sheet are kept with it.
//!
//! Invariants: a file is opened as pictures and nothing of it runs; a sheet keeps its own pages alone, encrypted, at this
//! desk; reading marks nothing: somebody looks first at whose sheets they are.

use std::sync::Arc;

use contract::ui::{FindingView, PaperPreview, ScanFileArgs, ScanKeepArgs, ScanRead, ScanSheet, SheetArgs, SheetView};
use data_encoding::HEXLOWER;
use documents::{Paper, ScanTrouble, pages_as_pdf, read_marks};
use domain::{
    Command, PaperId, PersonId,
    paper::{PaperStage, Weight, read_mark},
    person::PrintPurpose,
};
use sha2::{Digest, Sha256};
use store::Scan;

use super::{
    super::{blocks::usable, queue::count, scene::Scene},
    Prepared,
    kinds::Kinds,
    life::{find, sheet},
    way,
};
use crate::{session::Seat, trouble::DeskError};

/// Reads the marks of a file.
pub(crate) async fn paper_scan_file(seat: &Seat, args: ScanFileArgs) -> Result<ScanRead, DeskError> {
    let marks = marks(seat, &args.file).await?;
    let (scene, kinds) = (Scene::of(seat).await?, Kinds::of(&seat.open.store).await?);
    let mut read = ScanRead { sheets: Vec::new(), unknown: 0, unread: Vec::new(), pages: count(marks.len()) };
    let mut missed: Vec<PaperId> = Vec::new();
    for (number, mark) in (1..).zip(marks.iter()) {
        let Some((paper, revision)) = mark.as_deref().and_then(read_mark) else {
            read.unread.push(number);
            continue;
        };
        if let Some(known) = read.sheets.iter_mut().find(|known| known.sheet.paper.id == paper) {
            known.pages.push(number);
            continue;
        }
        match seat.open.store.person_of_paper(&paper).await? {
            Some(person) => {
                seat.viewed("paper.scan", person.id.as_str()).await?;
                let sheet = sheet(&scene, &kinds, &person, find(&person, &paper)?);
                read.sheets.push(ScanSheet { sheet, pages: vec![number], revision });
            }
            None if missed.contains(&paper) => {}
            None => missed.push(paper),
        }
    }
    read.unknown = count(missed.len());
    Ok(read)
}

/// Notes that a sheet was signed and scanned, and keeps its pages.
pub(crate) async fn paper_scan_keep(seat: &Seat, args: ScanKeepArgs) -> Result<SheetView, DeskError> {
    let ScanKeepArgs { file, paper, medical_worker } = args;
    let marks = marks(seat, &file).await?;
    let pages: Vec<usize> = marks
        .iter()
        .enumerate()
        .filter(|(_, mark)| mark.as_deref().and_then(read_mark).is_some_and(|(id, _)| id == paper))
        .map(|(at, _)| at)
        .collect();
    if pages.is_empty() {
        return Err(DeskError::BadInput("paper"));
    }
    let store = &seat.open.store;
    let person = store.card_of_paper(&paper).await?.ok_or(DeskError::NotFound)?;
    usable(person.blocked)?;
    let (id, stage) = (person.id.clone(), find(&person, &paper)?.stage());
    let bytes = seat.inner.taken(&file)?;
    let pdf = tokio::task::spawn_blocking(move || pages_as_pdf(&bytes, &pages)).await?.map_err(unread)?;
    if !stage.is_signed() {
        step(seat, &id, &paper, PaperStage::Signed, medical_worker).await?;
    }
    if matches!(stage, PaperStage::Printed | PaperStage::HandedOut | PaperStage::Signed) {
        step(seat, &id, &paper, PaperStage::Scanned, None).await?;
    }
    let scan = Scan { sha256: HEXLOWER.encode(&Sha256::digest(&pdf)), pdf };
    let entry = seat.entry("paper.scan_kept").about(paper.as_str());
    store.keep_scan(&paper, &id, &scan, &entry).await?;
    let person = store.person(&id).await?.ok_or(DeskError::NotFound)?;
    let kinds = Kinds::of(store).await?;
    Ok(sheet(&Scene::of(seat).await?, &kinds, &person, find(&person, &paper)?))
}

async fn step(
    seat: &Seat,
    id: &PersonId,
    paper: &PaperId,
    stage: PaperStage,
    medical_worker: Option<domain::PractitionerId>,
) -> Result<(), DeskError> {
    let person = seat.open.store.card_of_paper(paper).await?.ok_or(DeskError::NotFound)?;
    let command = Command::PersonPaperStep { paper: paper.clone(), stage, medical_worker };
    seat.act(id.clone(), person.version, command, None).await.map(drop)
}

/// The scan of a sheet, to be looked at.
pub(crate) async fn paper_scanned(seat: &Seat, args: SheetArgs) -> Result<PaperPreview, DeskError> {
    let store = &seat.open.store;
    let person = store.person(&args.person).await?.ok_or(DeskError::NotFound)?;
    usable(person.blocked)?;
    let paper = find(&person, &args.paper)?;
    let scan = store.scan(&paper.id).await?.ok_or(DeskError::PaperElsewhere)?;
    if HEXLOWER.encode(&Sha256::digest(&scan.pdf)) != scan.sha256 {
        return Err(DeskError::Broken("a kept scan is not what was scanned"));
    }
    seat.viewed("paper.scanned", person.id.as_str()).await?;
    let title = Kinds::of(store).await?.title(&paper.form);
    let view = PaperPreview {
        paper: paper.id.clone(),
        title: title.clone(),
        pages: 0,
        revision: paper.revision,
        findings: vec![FindingView {
            weight: Weight::Note, words: "это скан подписанного листа".to_owned()
        }],
        repeated: false,
        way: way(seat, &paper.form).await?,
    };
    let (revision, text_sha256) = (paper.revision, paper.text_sha256.clone());
    seat.inner.keep_paper(Prepared {
        id: paper.id.clone(),
        form: paper.form.clone(),
        title,
        person: Some(person.id.clone()),
        case: None,
        owed: false,
        paper: Arc::new(Paper { pdf: scan.pdf, pages: 0, revision, text_sha256, warnings: Vec::new() }),
        purpose: PrintPurpose::Desk,
        repeated: false,
        weight: Weight::Note,
    });
    Ok(view)
}

/// The marks of a file's pages, read once.
async fn marks(seat: &Seat, file: &str) -> Result<Arc<[Option<String>]>, DeskError> {
    if let Some(known) = seat.inner.marks(file) {
        return Ok(known);
    }
    let bytes = seat.inner.taken(file)?;
    let read: Arc<[Option<String>]> =
        tokio::task::spawn_blocking(move || read_marks(&bytes)).await?.map_err(unread)?.into();
    seat.inner.note_marks(file, Arc::clone(&read));
    Ok(read)
}

fn unread(trouble: ScanTrouble) -> DeskError {
    DeskError::BadInput(match trouble {
        ScanTrouble::NotAScan => "file.not_a_scan",
        ScanTrouble::Encrypted => "file.encrypted",
        ScanTrouble::TooManyPages => "file.too_many_pages",
    })
}
