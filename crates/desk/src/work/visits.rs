//! Visits: booking, moving, the steps of a visit, and how a visit is shown.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use contract::ui::{BookArgs, Booked, CancelArgs, MoveArgs, VisitArgs, VisitRow, VisitStep};
use domain::{
    AppointmentId, ChairId, Command, PersonId, PractitionerId,
    appointment::{Appointment, Slot},
    clinic::Practitioner,
    hours,
    personal::AppointmentPersonal,
};
use store::{PersonRecord, Record, Store, Visible};

use super::{
    blocks, meetings,
    queue::count,
    scene::{Scene, day_span, masked},
    schedule::receives_between,
};
use crate::{
    input,
    platform::random::id_bytes,
    session::{Seat, part},
    trouble::DeskError,
};

pub(crate) type VisitRecord = Record<Appointment, AppointmentPersonal>;

/// Books a visit; out of a request it answers that request in the same decision.
pub(crate) async fn visit_book(seat: &Seat, args: BookArgs) -> Result<Booked, DeskError> {
    if let Some(request) = &args.request {
        let request = seat.open.store.request(request).await?.ok_or(DeskError::NotFound)?;
        blocks::usable(request.blocked)?;
    }
    let personal = AppointmentPersonal {
        service: input::long("service", args.service.as_deref())?,
        note: input::long("note", args.note.as_deref())?,
    };
    let sealed = if personal == AppointmentPersonal::default() { None } else { part(&personal)? };
    let slot = slot(seat, args.practitioner, args.chair, (args.start, args.end)).await?;
    let id = AppointmentId::from_random(id_bytes()?);
    let command = Command::AppointmentBook { slot, person: args.person, request: args.request, agreed: args.agreed };
    seat.act(id.clone(), 0, command, sealed).await?;
    let visit = shown(seat, &id).await?;
    Ok(Booked { id, visit })
}

/// Moves a visit to another time, doctor or chair.
pub(crate) async fn visit_move(seat: &Seat, args: MoveArgs) -> Result<VisitRow, DeskError> {
    let slot = slot(seat, args.practitioner, args.chair, (args.start, args.end)).await?;
    done(seat, &args.id, Command::AppointmentMove { slot }).await
}

/// Takes a step in the life of a visit.
pub(crate) async fn visit_step(seat: &Seat, args: VisitArgs) -> Result<VisitRow, DeskError> {
    let command = match args.step {
        VisitStep::Confirm => Command::AppointmentConfirm,
        VisitStep::Arrive => Command::AppointmentArrive,
        VisitStep::CheckIn => Command::AppointmentCheckIn,
        VisitStep::Fulfil => Command::AppointmentFulfil,
        VisitStep::NoShow => Command::AppointmentNoShow,
        VisitStep::Restore => Command::AppointmentRestore,
        VisitStep::Undo => Command::AppointmentUndo,
    };
    done(seat, &args.id, command).await
}

/// Cancels a visit; [`VisitStep::Restore`] takes it back.
pub(crate) async fn visit_cancel(seat: &Seat, args: CancelArgs) -> Result<VisitRow, DeskError> {
    done(seat, &args.id, Command::AppointmentCancel { reason: args.reason }).await
}

pub(super) async fn done(seat: &Seat, id: &AppointmentId, command: Command) -> Result<VisitRow, DeskError> {
    let known = seat.open.store.visit(id).await?.ok_or(DeskError::NotFound)?;
    seat.act(id.clone(), known.version, command, None).await?;
    shown(seat, id).await
}

/// A slot with a doctor and a chair that the clinic has.
async fn slot(
    seat: &Seat,
    practitioner: PractitionerId,
    chair: ChairId,
    (start, end): (NaiveDateTime, NaiveDateTime),
) -> Result<Slot, DeskError> {
    let doctors = seat.open.store.practitioners().await?;
    if !doctors.iter().any(|doctor| doctor.id == practitioner && doctor.state.active) {
        return Err(DeskError::BadInput("practitioner"));
    }
    let clinic = seat.open.store.clinic().await?;
    if !clinic.is_some_and(|(_, _, clinic, _)| clinic.chairs.iter().any(|known| known.id == chair)) {
        return Err(DeskError::BadInput("chair"));
    }
    Ok(Slot { practitioner, chair, start, end })
}

async fn shown(seat: &Seat, id: &AppointmentId) -> Result<VisitRow, DeskError> {
    let scene = Scene::of(seat).await?;
    let visit = seat.open.store.visit(id).await?.ok_or(DeskError::NotFound)?;
    let slot = &visit.state.slot;
    let (from, to) = day_span(slot.start.date()).ok_or(DeskError::BadInput("date"))?;
    let around = seat.open.store.visits_between(from, to.max(slot.end)).await?;
    let rows = rows(&seat.open.store, &scene, &around).await?;
    rows.into_iter().find(|row| row.id == *id).ok_or(DeskError::NotFound)
}

/// Visits as rows, in the order given. What they meet is looked for among these only.
pub(crate) async fn rows(store: &Store, scene: &Scene, visits: &[VisitRecord]) -> Result<Vec<VisitRow>, DeskError> {
    if visits.is_empty() {
        return Ok(Vec::new());
    }
    let people_ids: Vec<PersonId> = visits.iter().map(|visit| visit.state.person.clone()).collect();
    let people = store.people_names(&people_ids).await?;
    let doctors = store.practitioners().await?;
    let doctors: BTreeMap<_, _> = doctors.into_iter().map(|doctor| (doctor.id.clone(), doctor)).collect();
    let rows = visits.iter().map(|visit| {
        let mut row = row(scene, visit, people.get(&visit.state.person));
        let doctor = doctors.get(&row.practitioner);
        row.practitioner_name = doctor.map(|doctor| doctor.personal.name.short()).unwrap_or_default();
        row.outside_hours = doctor.is_some_and(|doctor| outside(scene, &doctor.state, visit));
        row
    });
    let mut rows: Vec<VisitRow> = rows.collect();
    meetings::mark(visits, &mut rows);
    Ok(rows)
}

fn row(scene: &Scene, visit: &VisitRecord, person: Option<&Visible<PersonRecord>>) -> VisitRow {
    let state = &visit.state;
    let chairs = scene.clinic.iter().flat_map(|clinic| &clinic.chairs);
    let chair_name = chairs.filter(|chair| chair.id == state.slot.chair).map(|chair| chair.name.clone()).next();
    VisitRow {
        id: visit.id.clone(),
        status: state.status,
        practitioner: state.slot.practitioner.clone(),
        practitioner_name: String::new(),
        chair: state.slot.chair.clone(),
        chair_name: chair_name.unwrap_or_default(),
        start: state.slot.start,
        end: state.slot.end,
        // whoever was merged meanwhile is shown as who they are now
        person: person.map_or_else(|| state.person.clone(), |person| person.id.clone()),
        person_name: person.map(|person| person.personal.name.short()).unwrap_or_default(),
        phone_masked: person.map(|person| masked(person.personal.phones.first())).unwrap_or_default(),
        service: visit.personal.service.clone(),
        note: visit.personal.note.clone(),
        confirmed: state.confirmed_at.is_some(),
        cancel_reason: state.cancel_reason,
        moved: count(state.history.len()),
        blocked: visit.blocked,
        certainty: visit.certainty,
        meets: Vec::new(),
        wants_earlier: state.wants_earlier,
        outside_hours: false,
        no_show_allowed: no_show_from(scene, state).is_some_and(|from| from <= scene.now),
    }
}

/// A live visit at a time at which the doctor does not receive.
fn outside(scene: &Scene, doctor: &Practitioner, visit: &VisitRecord) -> bool {
    let (Some(clinic), slot) = (&scene.clinic, &visit.state.slot) else { return false };
    let hours = receives_between(clinic, doctor, slot.start.date());
    visit.state.status.occupies() && hours.is_none_or(|(opens, closes)| slot.start < opens || slot.end > closes)
}

/// From when a no-show may be noted, while the visit is still expected.
fn no_show_from(scene: &Scene, visit: &Appointment) -> Option<DateTime<Utc>> {
    let clinic = scene.clinic.as_ref()?;
    if !visit.status.is_expected() {
        return None;
    }
    let start = hours::instant_of(clinic.zone, visit.slot.start)?;
    Some(start + Duration::minutes(i64::from(clinic.practice.no_show_grace_minutes)))
}
