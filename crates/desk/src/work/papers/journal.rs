//! The journal of printed papers: what was printed on a day, of whom, by whom, why, and what became of it.

use chrono::NaiveDate;
use contract::ui::{JournalArgs, JournalRow};
use documents::{Register, RegisterRow};
use domain::{paper::PaperStage, person::PrintPurpose};

use super::{
    super::{
        cases::numbered,
        scene::{Scene, instants_of, person_row},
    },
    at_in_zone,
    kinds::Kinds,
};
use crate::{session::Seat, trouble::DeskError};

/// The journal of a day, in the order of printing.
pub(crate) async fn papers_journal(seat: &Seat, args: JournalArgs) -> Result<Vec<JournalRow>, DeskError> {
    let scene = Scene::of(seat).await?;
    let (from, to) = instants_of(scene.zone(), args.day).ok_or(DeskError::BadInput("day"))?;
    let kinds = Kinds::of(&seat.open.store).await?;
    let people = seat.open.store.people_printed_between(from, to).await?;
    let mut rows = Vec::new();
    for person in &people {
        for paper in person.state.papers.iter().filter(|paper| (from..to).contains(&paper.printed_at)) {
            rows.push(JournalRow {
                paper: paper.id.clone(),
                title: kinds.title(&paper.form),
                person: Some(person_row(person)),
                case: None,
                printed_at: paper.printed_at,
                printed_by: scene.staff_name(&paper.printed_by),
                purpose: paper.purpose,
                copies: paper.copies,
                stage: paper.stage(),
            });
        }
    }
    for case in seat.open.store.cases().await? {
        let number = numbered(&case.state);
        for paper in case.state.papers.iter().filter(|paper| (from..to).contains(&paper.printed_at)) {
            rows.push(JournalRow {
                paper: paper.id.clone(),
                title: kinds.title(&paper.form),
                person: None,
                case: Some(number.clone()),
                printed_at: paper.printed_at,
                printed_by: scene.staff_name(&paper.printed_by),
                purpose: paper.purpose,
                copies: paper.copies,
                stage: paper.stage(),
            });
        }
    }
    rows.sort_by_key(|row| row.printed_at);
    Ok(rows)
}

/// The same for the printed journal. Of a person it has the number of the sheet, by which the record is found, not the name.
pub(super) async fn register(seat: &Seat, day: NaiveDate) -> Result<Register, DeskError> {
    let scene = Scene::of(seat).await?;
    let rows = papers_journal(seat, JournalArgs { day }).await?;
    let rows = rows.into_iter().map(|row| RegisterRow {
        number: row.paper.to_string(),
        at: Some(at_in_zone(&scene, row.printed_at)),
        who: format!("{}, экз. {}", row.title, row.copies),
        substance: purpose_ru(row.purpose).to_owned(),
        by: row.printed_by,
        outcome: stage_ru(row.stage).to_owned(),
        ..RegisterRow::default()
    });
    Ok(Register { from: Some(day), to: Some(day), rows: rows.collect() })
}

fn purpose_ru(purpose: PrintPurpose) -> &'static str {
    match purpose {
        PrintPurpose::Visit => "к приёму",
        PrintPurpose::Desk => "по обращению",
        PrintPurpose::Unknown => "не указана",
    }
}

fn stage_ru(stage: PaperStage) -> &'static str {
    match stage {
        PaperStage::Prepared => "подготовлен",
        PaperStage::Printed => "напечатан",
        PaperStage::HandedOut => "выдан",
        PaperStage::Signed => "подписан",
        PaperStage::Refused => "отказ от подписи",
        PaperStage::Spoiled => "испорчен",
        PaperStage::Scanned => "есть скан",
        PaperStage::Filed => "в архиве",
        PaperStage::Unknown => "неизвестно",
    }
}
