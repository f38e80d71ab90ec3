//! Today's visits, as they stood in the book when the shift began.

use chrono::{Duration, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Tz;
use contract::ui::{BookArgs, DayArgs, DayView, PersonPutArgs, VisitArgs, VisitStep};
use desk::Desk;
use domain::{AppointmentId, PersonId, person::PersonSource};

use crate::{StageError, clinic};

/// Family, given, patronymic, phone, doctor's column, start (hours, minutes), minutes, service, confirmed.
type Planned = (&'static str, &'static str, &'static str, &'static str, usize, (u32, u32), i64, &'static str, bool);

const PLANNED: &[Planned] = &[
    ("Кузнецова", "Мария", "Игоревна", "+7 913 500-11-01", 0, (9, 0), 30, "Осмотр и консультация", true),
    ("Ёлкина", "Алёна", "Петровна", "8 (913) 500-11-02", 0, (9, 30), 60, "Лечение кариеса", true),
    ("Гусейнов", "Али", "Гусейн оглы", "+7 913 500 11 03", 0, (11, 0), 45, "Лечение кариеса", false),
    (
        "Салтыков-Щедринский",
        "Константин",
        "Вячеславович",
        "8-913-500-11-04",
        0,
        (14, 0),
        60,
        "Профессиональная гигиена",
        true,
    ),
    ("Воробьёва", "Дарья", "", "+7 913 500-11-05", 1, (9, 0), 30, "Активация брекетов", true),
    ("Воробьёв", "Тимофей", "Денисович", "+7 913 500-11-05", 1, (9, 30), 30, "Активация брекетов", true),
    ("Цой", "Виктория", "Робертовна", "+7 913 500-11-06", 1, (12, 0), 60, "Консультация ортодонта", false),
    ("Мельник", "Олег", "Юрьевич", "+7 913 500-11-07", 2, (10, 0), 90, "Имплантация", true),
    ("Захарова", "Нина", "Аркадьевна", "+7 913 500-11-08", 2, (13, 0), 45, "Удаление зуба", false),
    ("Пак", "Артём", "", "+7 913 500-11-09", 2, (15, 0), 30, "Осмотр после операции", false),
];

/// Books the plan for today (or for tomorrow when today is over).
pub(crate) async fn book(desk: &Desk) -> Result<(), StageError> {
    let zone: Tz = clinic::ZONE.parse().unwrap_or(Tz::UTC);
    let now = Utc::now().with_timezone(&zone).naive_local();
    let day = desk.schedule_day(DayArgs { date: now.date() }).await?;
    for planned in PLANNED {
        let person = person(desk, planned).await?;
        let visit = visit(desk, &day, planned, person).await?;
        if planned.8 {
            desk.visit_step(VisitArgs { id: visit, step: VisitStep::Confirm }).await?;
        }
    }
    Ok(())
}

async fn person(desk: &Desk, planned: &Planned) -> Result<PersonId, StageError> {
    let (family, given, patronymic, phone, ..) = *planned;
    let args = PersonPutArgs {
        id: None,
        etag: None,
        name: clinic::name(family, given, patronymic),
        phones: vec![phone.to_owned()],
        email: None,
        birth_date: (given == "Мария").then(|| NaiveDate::from_ymd_opt(1987, 3, 14)).flatten(),
        note: None,
        source: PersonSource::DeskPhone,
        request: None,
    };
    Ok(desk.person_put(args).await?.row.id)
}

async fn visit(desk: &Desk, day: &DayView, planned: &Planned, person: PersonId) -> Result<AppointmentId, StageError> {
    let (_, _, _, _, column, (hour, minute), minutes, service, _) = *planned;
    let doctor = day.practitioners.get(column).ok_or(StageError::Incomplete)?;
    let chair = day.usual_chairs.iter().find(|(id, _)| *id == doctor.id).ok_or(StageError::Incomplete)?;
    let start: NaiveDateTime = day.date.and_time(NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default());
    let parse = |text: &str| text.to_owned();
    let args = BookArgs {
        person,
        practitioner: parse(&doctor.id).try_into().map_err(|_| StageError::Incomplete)?,
        chair: parse(&chair.1).try_into().map_err(|_| StageError::Incomplete)?,
        start,
        end: start + Duration::minutes(minutes),
        service: Some(service.to_owned()),
        note: None,
        request: None,
        agreed: true,
    };
    Ok(desk.visit_book(args).await?.id)
}
