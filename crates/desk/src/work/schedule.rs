//! A day of the schedule: doctors and chairs as columns, visits between them.

use chrono::{Days, NaiveDateTime, NaiveTime};
use contract::ui::{ColumnView, DayArgs, DayView};
use domain::{
    clinic::{Clinic, Practice, Practitioner},
    personal::PractitionerPersonal,
};
use store::Record;

use super::{scene::Scene, visits};
use crate::{session::Seat, trouble::DeskError};

/// Shows a day.
pub(crate) async fn schedule_day(seat: &Seat, args: DayArgs) -> Result<DayView, DeskError> {
    let scene = Scene::of(seat).await?;
    let from = args.date.and_time(NaiveTime::MIN);
    let to = from.checked_add_days(Days::new(1)).ok_or(DeskError::BadInput("date"))?;
    let visits = seat.open.store.visits_between(from, to).await?;
    let mut doctors = seat.open.store.practitioners().await?;
    // who has left still has a column on the days of old visits
    doctors
        .retain(|doctor| doctor.state.active || visits.iter().any(|visit| visit.state.slot.practitioner == doctor.id));
    doctors.sort_by(|a, b| (a.state.order, &a.id).cmp(&(b.state.order, &b.id)));
    let hours = scene.clinic.as_ref().and_then(|clinic| open_between(clinic, args.date));
    let chairs = scene.clinic.as_ref().map(|clinic| clinic.chairs.as_slice()).unwrap_or_default();
    let chairs = chairs.iter().map(|chair| ColumnView {
        id: chair.id.to_string(),
        title: chair.name.clone(),
        subtitle: String::new(),
    });
    Ok(DayView {
        date: args.date,
        now: scene.wall(scene.now),
        opens: hours.map(|(opens, _)| opens),
        closes: hours.map(|(_, closes)| closes),
        practitioners: doctors.iter().map(column).collect(),
        chairs: chairs.collect(),
        usual_chairs: doctors.iter().filter_map(usual_chair).collect(),
        visits: visits::rows(seat, &scene, &visits).await?,
        visit_minutes: scene
            .clinic
            .as_ref()
            .map_or_else(|| Practice::default().visit_minutes, |clinic| clinic.practice.visit_minutes),
    })
}

type Doctor = Record<Practitioner, PractitionerPersonal>;

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

fn open_between(clinic: &Clinic, date: chrono::NaiveDate) -> Option<(NaiveDateTime, NaiveDateTime)> {
    let hours = clinic.hours.on(date)?;
    // a closing time of 00:00 is the midnight at the end of the day
    let last = if hours.closes == NaiveTime::MIN { date.succ_opt()? } else { date };
    Some((date.and_time(hours.opens), last.and_time(hours.closes)))
}
