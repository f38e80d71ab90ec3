//! The life of printed sheets: signed, refused, spoiled, scanned, filed, printed again.
//!
//! Invariant: a sheet that was printed is not a sheet that was signed; who signed for the clinic is named.

use std::sync::Arc;

use contract::ui::{
    FindingView, PaperPreview, PaperStepArgs, PaperStepBackArgs, ScanArgs, SheetArgs, SheetView, WaitingArgs,
    WaitingPapers,
};
use data_encoding::HEXLOWER;
use documents::Paper;
use domain::{
    Command, PaperId, PersonId,
    paper::{PaperRole, PaperStage, Weight, Witness, read_mark},
    person::{PaperRecord, PrintPurpose},
};
use sha2::{Digest, Sha256};
use store::PersonRecord;

use super::{
    super::{
        blocks::usable,
        scene::{Scene, instants_of, person_row},
    },
    Order,
    check::{self, Subject},
    drawer::Prepared,
    kinds::{Kind, Kinds},
    prepare, way,
};
use crate::{session::Seat, trouble::DeskError};

/// People with sheets to be signed that are shown.
const MOST_SHOWN: u32 = 200;

/// Notes what became of a sheet.
pub(crate) async fn paper_step(seat: &Seat, args: PaperStepArgs) -> Result<SheetView, DeskError> {
    let PaperStepArgs { person, paper, stage, medical_worker } = args;
    if let Some(doctor) = &medical_worker
        && !seat.open.store.practitioners().await?.iter().any(|known| known.id == *doctor)
    {
        return Err(DeskError::BadInput("medical_worker"));
    }
    let command = Command::PersonPaperStep { paper: paper.clone(), stage, medical_worker };
    done(seat, person, &paper, command).await
}

/// Takes the last step back.
pub(crate) async fn paper_step_back(seat: &Seat, args: PaperStepBackArgs) -> Result<SheetView, DeskError> {
    let PaperStepBackArgs { person, paper, step } = args;
    let command = Command::PersonRetractPaperStep { paper: paper.clone(), step };
    done(seat, person, &paper, command).await
}

async fn done(seat: &Seat, id: PersonId, paper: &PaperId, command: Command) -> Result<SheetView, DeskError> {
    // what becomes of a sheet is written on the card that it was printed for, whichever stands for it by now
    let cards = seat.open.store.cards_of_person(&id).await?;
    let has = |card: &&store::Visible<PersonRecord>| card.state.papers.iter().any(|known| known.id == *paper);
    let card = cards.iter().find(has).or(cards.first()).ok_or(DeskError::NotFound)?;
    seat.act(card.id.clone(), card.version, command, None).await?;
    let person = seat.open.store.person(&id).await?.ok_or(DeskError::NotFound)?;
    let kinds = Kinds::of(&seat.open.store).await?;
    Ok(sheet(&Scene::of(seat).await?, &kinds, &person, find(&person, paper)?))
}

/// Whose sheet a scanner has read. That somebody's record was looked at is noted.
pub(crate) async fn paper_scan(seat: &Seat, args: ScanArgs) -> Result<SheetView, DeskError> {
    let (paper, _) = read_mark(&args.typed).ok_or(DeskError::BadInput("mark"))?;
    let person = seat.open.store.person_of_paper(&paper).await?.ok_or(DeskError::NotFound)?;
    seat.viewed("paper.scan", person.id.as_str()).await?;
    let kinds = Kinds::of(&seat.open.store).await?;
    Ok(sheet(&Scene::of(seat).await?, &kinds, &person, find(&person, &paper)?))
}

/// Prepares a sheet anew under its first number, for one that was lost or spoiled. Of one that was signed, or whose wording
/// has another revision by now, what was printed is shown as it was.
pub(crate) async fn paper_again(seat: &Seat, args: SheetArgs) -> Result<PaperPreview, DeskError> {
    let person = seat.open.store.person(&args.person).await?.ok_or(DeskError::NotFound)?;
    let paper = find(&person, &args.paper)?;
    let kinds = Kinds::of(&seat.open.store).await?;
    let kind = kinds.find(&paper.form).ok_or(DeskError::BadInput("form"))?;
    let role = PaperRole::of_form(&paper.form);
    let open = paper.stage().then(PaperStage::Printed, role, &Witness::default()).is_ok();
    let same_wording = (kind.revision, &kind.sha256) == (paper.revision, &paper.text_sha256);
    if open && same_wording && kind.is_of_person() && kind.is_offered() {
        prepare(seat, Order { again: Some(paper), ..Order::of(kind, Some(&person)) }).await
    } else {
        kept(seat, kind, &person, paper).await
    }
}

/// What was printed, as it was printed.
async fn kept(seat: &Seat, kind: &Kind, person: &PersonRecord, paper: &PaperRecord) -> Result<PaperPreview, DeskError> {
    usable(person.blocked)?;
    let subject = Subject::of(seat, &Scene::of(seat).await?, person).await?;
    let found = check::of_person(&kind.code, &subject, None, None);
    let refused = found.into_iter().filter(|finding| finding.weight == Weight::Refuse).collect::<Vec<_>>();
    let mut view = PaperPreview {
        paper: paper.id.clone(),
        title: kind.title.clone(),
        pages: 0,
        revision: paper.revision,
        findings: refused,
        repeated: true,
        way: way(seat, &kind.code).await?,
    };
    if !view.findings.is_empty() {
        return Ok(view);
    }
    let pdf = seat.open.store.paper_file(&paper.id).await?.ok_or(DeskError::PaperElsewhere)?;
    if HEXLOWER.encode(&Sha256::digest(&pdf)) != paper.pdf_sha256 {
        return Err(DeskError::Broken("a kept paper is not what was printed"));
    }
    seat.viewed("paper.preview", person.id.as_str()).await?;
    view.findings.push(FindingView {
        weight: Weight::Note,
        words: "это копия того, что напечатано: новый лист с этим номером уже не печатают".to_owned(),
    });
    let (text_sha256, revision) = (paper.text_sha256.clone(), paper.revision);
    let paper = Arc::new(Paper { pdf, pages: 0, revision, text_sha256, warnings: Vec::new() });
    seat.inner.keep_paper(Prepared {
        id: view.paper.clone(),
        form: kind.code.clone(),
        title: kind.title.clone(),
        person: Some(person.id.clone()),
        case: None,
        owed: false,
        paper,
        purpose: PrintPurpose::Desk,
        repeated: false,
        weight: Weight::Note,
    });
    Ok(view)
}

/// Sheets that somebody still has to sign.
pub(crate) async fn papers_waiting(seat: &Seat, args: WaitingArgs) -> Result<WaitingPapers, DeskError> {
    let (scene, kinds) = (Scene::of(seat).await?, Kinds::of(&seat.open.store).await?);
    let mut people = match &args.person {
        Some(id) => seat.open.store.person(id).await?.into_iter().collect(),
        None => seat.open.store.people_awaited(MOST_SHOWN + 1).await?,
    };
    let span = match args.day {
        Some(day) => Some(instants_of(scene.zone(), day).ok_or(DeskError::BadInput("day"))?),
        None => None,
    };
    let more = people.len() > MOST_SHOWN as usize;
    people.truncate(MOST_SHOWN as usize);
    let mut sheets = Vec::new();
    for person in &people {
        let in_span = |paper: &PaperRecord| span.is_none_or(|(from, to)| (from..to).contains(&paper.printed_at));
        for paper in person.state.papers.iter().filter(|paper| paper.awaits_signature() && in_span(paper)) {
            sheets.push(sheet(&scene, &kinds, person, paper));
        }
    }
    sheets.sort_by_key(|sheet| std::cmp::Reverse(sheet.paper.printed_at));
    Ok(WaitingPapers { sheets, more })
}

pub(super) fn find<'a>(person: &'a PersonRecord, id: &PaperId) -> Result<&'a PaperRecord, DeskError> {
    person.state.papers.iter().find(|paper| paper.id == *id).ok_or(DeskError::NotFound)
}

pub(super) fn sheet(scene: &Scene, kinds: &Kinds, person: &PersonRecord, paper: &PaperRecord) -> SheetView {
    SheetView {
        person: person_row(person),
        title: kinds.title(&paper.form),
        stage: paper.stage(),
        printed_by: scene.staff_name(&paper.printed_by),
        medical_worker: PaperRole::of_form(&paper.form).needs_medical_worker(),
        paper: paper.clone(),
    }
}
