//! Papers of the clinic's own day: the sheet of a doctor's visits, and the note that one shift leaves to the next.
//!
//! Invariants: a blocked visit is «занято» and nothing else; the note names people by initials.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime};
use contract::ui::{Nothing, QueueRow, WaitingArgs};
use documents::{Count, DaySheet, DayVisit, Handover, HandoverTask};
use domain::{
    PractitionerId,
    paper::{AgeGroup, age_group},
    request::RequestKind,
};
use store::PersonRecord;

use super::{
    super::{
        queue,
        scene::{Scene, day_span},
        shift,
    },
    in_zone,
    life::papers_waiting,
};
use crate::{session::Seat, trouble::DeskError};

/// Tasks on a note; the rest is on the screen.
const MOST_TASKS: usize = 12;
/// Signs of an id that name a request on paper.
const ID_ON_PAPER: usize = 12;
/// Digits of a phone on a day sheet.
const TAIL: usize = 4;
/// How many day sheets this desk printed on a day: `2026-11-24 3`.
const PRINTED: &str = "papers.day_sheets";

/// Visits of one doctor on one day.
pub(super) async fn day_sheet(
    seat: &Seat,
    scene: &Scene,
    day: NaiveDate,
    practitioner: &PractitionerId,
) -> Result<DaySheet, DeskError> {
    let store = &seat.open.store;
    let (from, to) = day_span(day).ok_or(DeskError::BadInput("day"))?;
    let doctors = store.practitioners().await?;
    let doctor = doctors.iter().find(|one| one.id == *practitioner).ok_or(DeskError::BadInput("practitioner"))?;
    let mut visits = store.visits_between(from, to).await?;
    visits.retain(|visit| visit.state.slot.practitioner == *practitioner && visit.state.status.occupies());
    visits.sort_by_key(|visit| visit.state.slot.start);
    let ids: Vec<_> = visits.iter().map(|visit| visit.state.person.clone()).collect();
    let people = store.people_names(&ids).await?;
    let mut chairs = BTreeSet::new();
    let mut rows = Vec::with_capacity(visits.len());
    for visit in &visits {
        let slot = &visit.state.slot;
        let chair = scene.clinic.iter().flat_map(|clinic| &clinic.chairs).find(|chair| chair.id == slot.chair);
        chairs.extend(chair.map(|chair| chair.name.clone()));
        let mut row = DayVisit {
            time: slot.start.format("%H:%M").to_string(),
            minutes: u64::try_from((slot.end - slot.start).num_minutes()).ok(),
            ..DayVisit::default()
        };
        match people.get(&visit.state.person).filter(|person| !person.blocked && !visit.blocked) {
            Some(person) => {
                row.person = person.personal.name.full();
                row.phone_tail = tail(person);
                row.marks = marks(seat, person, slot.start).await?;
            }
            None => row.marks = vec!["занято".to_owned()],
        }
        rows.push(row);
    }
    Ok(DaySheet {
        date: Some(day),
        practitioner: doctor.personal.name.full(),
        room: chairs.into_iter().collect::<Vec<_>>().join(", "),
        visits: rows,
        printed_by: seat.staff.personal.name.full(),
    })
}

/// The last digits of the first phone: «67-89».
fn tail(person: &PersonRecord) -> String {
    let phone = person.personal.phones.first();
    let digits: Vec<char> = phone.map_or("", |phone| phone.raw.as_str()).chars().filter(char::is_ascii_digit).collect();
    let last: String = digits.iter().skip(digits.len().saturating_sub(TAIL)).collect();
    match last.split_at_checked(2) {
        Some((one, other)) if last.len() == TAIL => format!("{one}-{other}"),
        _ => last,
    }
}

/// What the doctor's side should know beforehand.
async fn marks(seat: &Seat, person: &PersonRecord, at: NaiveDateTime) -> Result<Vec<String>, DeskError> {
    let before = seat.open.store.visits_of_person(&person.id).await?;
    let is_first = !before.iter().any(|visit| visit.state.slot.start < at && visit.state.status.occupies());
    let minor = matches!(age_group(person.personal.birth_date, at.date()), AgeGroup::Under15 | AgeGroup::From15To17);
    let agreed = person
        .state
        .papers
        .iter()
        .any(|paper| paper.form.starts_with("intervention_consent") && paper.stage().is_signed());
    let marks = [(is_first, "впервые"), (minor, "несовершеннолетний"), (!agreed, "нужно ИДС")];
    Ok(marks.into_iter().filter(|(holds, _)| *holds).map(|(_, words)| words.to_owned()).collect())
}

/// What this shift leaves to the next one.
pub(super) async fn handover(seat: &Seat, scene: &Scene) -> Result<Handover, DeskError> {
    let brief = shift::shift_brief(seat, Nothing {}).await?;
    let waiting = papers_waiting(seat, WaitingArgs { person: None, day: None }).await?;
    let open = seat.open.store.open_requests().await?;
    let rows = queue::in_order(scene, &open);
    let count = |name: &str, value: usize| Count { name: name.to_owned(), value: value.to_string() };
    let number = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let tasks = rows.iter().filter(|row| row.overdue || row.claimed_by.is_some() || row.due_at.is_some());
    let printed = printed_on(seat, scene.today()).await?;
    Ok(Handover {
        at: Some(in_zone(scene)),
        desk: seat.open.meta.desk.to_string(),
        gave: seat.staff.personal.name.full(),
        took: String::new(),
        counts: vec![
            count("Открытые заявки", rows.len()),
            count("из них просрочены", number(brief.overdue)),
            count("Приёмы сегодня", number(brief.visits_today)),
            count("из них не подтверждены", number(brief.unconfirmed_today)),
            count("Неподписанные документы", waiting.sheets.len()),
            count("Не отправлено с этого места", number(brief.unsent) + number(brief.refused)),
        ],
        tasks: tasks.take(MOST_TASKS).map(|row| task(scene, row)).collect(),
        sheets_printed: Some(u64::from(printed)),
        // counted by hand, at the shredder
        sheets_shredded: None,
    })
}

fn task(scene: &Scene, row: &QueueRow) -> HandoverTask {
    let what = match row.kind {
        RequestKind::Callback => "перезвонить",
        RequestKind::Booking => "записать на приём",
        RequestKind::CertificateOrder => "сертификат",
        RequestKind::Message => "ответить",
    };
    let by = row.claimed_by.as_ref().map_or_else(String::new, |by| format!(", в работе у {by}"));
    HandoverTask {
        id: row.id.as_str().chars().take(ID_ON_PAPER).collect(),
        initials: if row.blocked { String::new() } else { initials(&row.name) },
        what: format!("{what}{by}"),
        due: row.due_at.map_or_else(String::new, |at| scene.wall(at).format("%d.%m %H:%M").to_string()),
    }
}

/// «Ё. М. С.» of what a visitor wrote.
fn initials(name: &str) -> String {
    let letters = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphabetic())).take(3);
    letters.map(|letter| format!("{}.", letter.to_uppercase())).collect::<Vec<_>>().join(" ")
}

/// Counts a printed day sheet.
pub(super) async fn note_day_sheet(seat: &Seat, copies: u32) -> Result<(), DeskError> {
    let today = Scene::of(seat).await?.today();
    let count = printed_on(seat, today).await?.saturating_add(copies);
    Ok(seat.open.store.set_setting(PRINTED, &format!("{today} {count}")).await?)
}

async fn printed_on(seat: &Seat, day: NaiveDate) -> Result<u32, DeskError> {
    let kept = seat.open.store.setting(PRINTED).await?.unwrap_or_default();
    let count = kept.split_once(' ').filter(|(known, _)| *known == day.to_string()).map(|(_, count)| count);
    Ok(count.and_then(|count| count.parse().ok()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_has_initials_and_no_names() {
        assert_eq!(initials("ёлкина Мария «Машенька» Сергеевна"), "Ё. М. М.");
        assert_eq!(initials("+7 913 555"), "");
    }
}
