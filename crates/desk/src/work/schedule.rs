//! Days of the schedule: doctors and chairs as columns, visits between them, and whom to call before the next one.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Weekday};
use contract::ui::{ColumnView, ConfirmationView, DayArgs, DayView, DoctorHours, DoctorView, Nothing, WeekView};
use domain::{
    clinic::{Clinic, Practice, Practitioner},
    hours::{DayHours, LONGEST_CLOSURE_DAYS},
    personal::PractitionerPersonal,
};
use store::Record;

use super::{
    queue::count,
    scene::{Scene, day_span},
    visits,
};
use crate::{session::Seat, trouble::DeskError};

/// Shows a day.
pub(crate) async fn schedule_day(seat: &Seat, args: DayArgs) -> Result<DayView, DeskError> {
    day(seat, &Scene::of(seat).await?, args.date).await
}

/// Shows the week of a date.
pub(crate) async fn schedule_week(seat: &Seat, args: DayArgs) -> Result<WeekView, DeskError> {
    let scene = Scene::of(seat).await?;
    let monday = args.date.week(Weekday::Mon).checked_first_day().ok_or(DeskError::BadInput("date"))?;
    let mut days = Vec::with_capacity(7);
    for date in monday.iter_days().take(7) {
        days.push(day(seat, &scene, date).await?);
    }
    Ok(WeekView { days })
}

/// Visits of the next day that the clinic is open; those that nobody has confirmed come first.
pub(crate) async fn schedule_confirmations(seat: &Seat, _args: Nothing) -> Result<ConfirmationView, DeskError> {
    let scene = Scene::of(seat).await?;
    let tomorrow = scene.today().succ_opt().ok_or(DeskError::BadInput("date"))?;
    let open = |date: &NaiveDate| scene.clinic.as_ref().is_some_and(|clinic| clinic.hours.on(*date).is_some());
    let date = tomorrow.iter_days().take(LONGEST_CLOSURE_DAYS as usize).find(open).unwrap_or(tomorrow);
    let mut visits = day(seat, &scene, date).await?.visits;
    visits.retain(|visit| visit.status.is_expected());
    let confirmed = count(visits.iter().filter(|visit| visit.confirmed).count());
    visits.sort_by_key(|visit| (visit.confirmed, visit.start));
    Ok(ConfirmationView { date, visits, confirmed })
}

async fn day(seat: &Seat, scene: &Scene, date: NaiveDate) -> Result<DayView, DeskError> {
    let (from, to) = day_span(date).ok_or(DeskError::BadInput("date"))?;
    let visits = seat.open.store.visits_between(from, to).await?;
    let mut doctors = in_order(seat).await?;
    // who has left still has a column on the days of old visits
    doctors
        .retain(|doctor| doctor.state.active || visits.iter().any(|visit| visit.state.slot.practitioner == doctor.id));
    let hours = scene.clinic.as_ref().and_then(|clinic| open_between(clinic, date));
    let chairs = scene.clinic.as_ref().map(|clinic| clinic.chairs.as_slice()).unwrap_or_default();
    let chairs = chairs.iter().map(|chair| ColumnView {
        id: chair.id.to_string(),
        title: chair.name.clone(),
        subtitle: String::new(),
    });
    Ok(DayView {
        date,
        now: scene.wall(scene.now),
        opens: hours.map(|(opens, _)| opens),
        closes: hours.map(|(_, closes)| closes),
        practitioners: doctors.iter().map(column).collect(),
        chairs: chairs.collect(),
        usual_chairs: doctors.iter().filter_map(usual_chair).collect(),
        visits: visits::rows(&seat.open.store, scene, &visits).await?,
        doctor_hours: doctors.iter().map(|doctor| hours_of(scene, doctor, date)).collect(),
        services: scene.clinic.as_ref().map(|clinic| clinic.services.clone()).unwrap_or_default(),
        visit_minutes: scene
            .clinic
            .as_ref()
            .map_or_else(|| Practice::default().visit_minutes, |clinic| clinic.practice.visit_minutes),
    })
}

pub(super) type Doctor = Record<Practitioner, PractitionerPersonal>;

/// Every doctor that the clinic has had, in the order of the columns.
pub(super) async fn in_order(seat: &Seat) -> Result<Vec<Doctor>, DeskError> {
    let mut doctors = seat.open.store.practitioners().await?;
    doctors.sort_by(|a, b| (a.state.order, &a.id).cmp(&(b.state.order, &b.id)));
    Ok(doctors)
}

/// Doctors to choose from.
pub(crate) async fn doctors(seat: &Seat, _args: Nothing) -> Result<Vec<DoctorView>, DeskError> {
    let active = in_order(seat).await?.into_iter().filter(|doctor| doctor.state.active);
    Ok(active.map(|doctor| DoctorView { id: doctor.id.clone(), name: doctor.personal.name.short() }).collect())
}

fn column(doctor: &Doctor) -> ColumnView {
    ColumnView {
        id: doctor.id.to_string(),
        title: doctor.personal.name.short(),
        subtitle: doctor.personal.speciality.clone(),
    }
}

fn usual_chair(doctor: &Doctor) -> Option<(String, String)> {
    Some((doctor.id.to_string(), doctor.state.chair.as_ref()?.to_string()))
}

fn hours_of(scene: &Scene, doctor: &Doctor, date: NaiveDate) -> DoctorHours {
    let clinic = scene.clinic.as_ref();
    let hours = clinic.and_then(|clinic| receives_between(clinic, &doctor.state, date));
    DoctorHours {
        practitioner: doctor.id.to_string(),
        opens: hours.map(|(opens, _)| opens),
        closes: hours.map(|(_, closes)| closes),
        away: doctor.state.is_away(date),
    }
}

pub(super) fn open_between(clinic: &Clinic, date: NaiveDate) -> Option<(NaiveDateTime, NaiveDateTime)> {
    span(date, clinic.hours.on(date)?)
}

/// When a doctor receives on a date.
pub(super) fn receives_between(
    clinic: &Clinic,
    doctor: &Practitioner,
    date: NaiveDate,
) -> Option<(NaiveDateTime, NaiveDateTime)> {
    span(date, doctor.receives(&clinic.hours, date)?)
}

fn span(date: NaiveDate, hours: DayHours) -> Option<(NaiveDateTime, NaiveDateTime)> {
    // a closing time of 00:00 is the midnight at the end of the day
    let last = if hours.closes == NaiveTime::MIN { date.succ_opt()? } else { date };
    Some((date.and_time(hours.opens), last.and_time(hours.closes)))
}
