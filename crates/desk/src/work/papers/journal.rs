//! Journals: of printed papers (what, of whom, by whom, why, what became of it), of claims, requests and disclosures; and who
//! is admitted to personal data.

use chrono::{Datelike, NaiveDate};
use contract::ui::{JournalArgs, JournalRow};
use documents::{Admitted, AdmittedList, FormKind, Register, RegisterRow};
use domain::{
    case::{CaseKind, CaseMove},
    paper::PaperStage,
    person::PrintPurpose,
    staff::Role,
    terms::Law,
};
use store::CaseRecord;

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

/// The journals of cases: of the year until a day. A name stands in them, as the clinic is to know who asked.
pub(super) async fn of_cases(seat: &Seat, form: FormKind, day: NaiveDate) -> Result<Register, DeskError> {
    let scene = Scene::of(seat).await?;
    let from = NaiveDate::from_ymd_opt(day.year(), 1, 1).ok_or(DeskError::BadInput("day"))?;
    let (begins, _) = instants_of(scene.zone(), from).ok_or(DeskError::BadInput("day"))?;
    let (_, ends) = instants_of(scene.zone(), day).ok_or(DeskError::BadInput("day"))?;
    let law = Law::shipped(scene.zone());
    let mut cases = seat.open.store.cases().await?;
    cases.retain(|case| register_of(case.state.kind) == Some(form) && (begins..ends).contains(&case.state.received_at));
    cases.sort_by_key(|case| case.state.received_at);
    let done = |case: &CaseRecord| case.state.steps.last().map(|step| scene.wall(step.at).date());
    let words = |case: &CaseRecord| {
        let said = case.state.steps.iter().rev().find(|step| matches!(step.step, CaseMove::Answer | CaseMove::Refuse));
        said.and_then(|step| case.notes.get(step.id.as_str())).cloned().unwrap_or_default()
    };
    let rows = cases.iter().map(|case| RegisterRow {
        number: numbered(&case.state),
        at: Some(at_in_zone(&scene, case.state.received_at)),
        who: case.personal.who.clone(),
        substance: case.personal.substance.clone(),
        by: scene.staff_name(&case.state.registered_by),
        due: case.state.dues(&law).first().and_then(|known| known.due.day),
        done: done(case).filter(|_| !case.state.is_open()),
        outcome: words(case),
        ..RegisterRow::default()
    });
    Ok(Register { from: Some(from), to: Some(day), rows: rows.collect() })
}

/// In which journal a case stands.
fn register_of(kind: CaseKind) -> Option<FormKind> {
    Some(match kind {
        CaseKind::Claim | CaseKind::ClaimMoney => FormKind::JournalClaims,
        CaseKind::DisclosureAuthority => FormKind::JournalAuthorities,
        CaseKind::DisclosurePermission => FormKind::JournalDisclosures,
        CaseKind::Incident | CaseKind::DestructionAct | CaseKind::Unknown => return None,
        _ => FormKind::JournalSubjects,
    })
}

/// Who is admitted to personal data: whoever may sign in.
pub(super) async fn admitted(seat: &Seat) -> Result<AdmittedList, DeskError> {
    let mut people: Vec<Admitted> = seat
        .open
        .store
        .staff()
        .await?
        .into_iter()
        .filter(|staff| staff.state.active)
        .map(|staff| Admitted {
            full_name: staff.personal.name.full(),
            role: role_ru(staff.state.role).to_owned(),
            ..Admitted::default()
        })
        .collect();
    people.sort_by(|one, other| one.full_name.cmp(&other.full_name));
    Ok(AdmittedList { people, ..AdmittedList::default() })
}

fn role_ru(role: Role) -> &'static str {
    match role {
        Role::Receptionist => "администратор",
        Role::Senior => "старший администратор",
        Role::Responsible => "ответственный за персональные данные",
        Role::Manager => "управляющий",
    }
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
