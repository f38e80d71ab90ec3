//! Visits: made, moved, and taken step by step.

use chrono::{DateTime, Duration, TimeZone, Timelike, Utc};

use super::{Changes, Clash, Context, Refusal, View, close, usable};
use crate::{
    Action, Command, EntityRef, PersonId, RequestId, State,
    appointment::{Appointment, AppointmentStatus, LastStep, Moved, Slot},
    request::RequestStatus,
};

/// The longest visit.
const LONGEST_VISIT: Duration = Duration::hours(12);
/// A step of a visit can be taken back so long; later it is a correction, with a reason of its own.
const UNDO_WITHIN: Duration = Duration::minutes(15);

pub(super) fn decide(view: &View, action: &Action, ctx: &Context) -> Result<Changes, Refusal> {
    match &action.command {
        Command::AppointmentBook { slot, person, request, agreed } => {
            book(view, action, ctx, &Booking { slot, person, request: request.as_ref(), agreed: *agreed })
        }
        command => step(view, action, command, ctx),
    }
}

struct Booking<'a> {
    slot: &'a Slot,
    person: &'a PersonId,
    request: Option<&'a RequestId>,
    agreed: bool,
}

fn book(view: &View, action: &Action, ctx: &Context, booking: &Booking<'_>) -> Result<Changes, Refusal> {
    if view.target.is_some() {
        return Err(Refusal::AlreadyExists);
    }
    if view.person.is_none() {
        return Err(Refusal::PersonUnknown);
    }
    usable(view)?;
    free(view, action, booking.slot, booking.person)?;
    let appointment = Appointment {
        status: if booking.agreed { AppointmentStatus::Booked } else { AppointmentStatus::Pending },
        slot: booking.slot.clone(),
        person: booking.person.clone(),
        request: booking.request.cloned(),
        booked_by: action.actor.clone(),
        booked_at: ctx.now,
        confirmed_at: None,
        cancel_reason: None,
        history: Vec::new(),
        wants_earlier: false,
        last_step: None,
    };
    let mut changes = vec![(action.entity.clone(), State::Appointment(appointment))];
    if let (Some(id), EntityRef::Appointment(appointment)) = (booking.request, &action.entity) {
        let mut request = view.request.clone().ok_or(Refusal::NotFound)?;
        // A second visit out of one request is allowed; the request keeps its first link.
        if request.status != RequestStatus::Converted {
            close(&mut request, RequestStatus::Converted, ctx);
            request.person = Some(booking.person.clone());
            request.appointment = Some(appointment.clone());
            changes.push((id.clone().into(), State::Request(request)));
        }
    }
    Ok(changes)
}

fn free(view: &View, action: &Action, slot: &Slot, person: &PersonId) -> Result<(), Refusal> {
    let whole = slot.start.nanosecond() == 0 && slot.end.nanosecond() == 0;
    if slot.start >= slot.end || slot.end - slot.start > LONGEST_VISIT || !whole {
        return Err(Refusal::BadInterval);
    }
    for (id, other) in &view.neighbours {
        let itself = matches!(&action.entity, EntityRef::Appointment(own) if own == id);
        if itself || !other.status.occupies() || !other.slot.meets(slot) {
            continue;
        }
        let clash = if other.slot.practitioner == slot.practitioner {
            Clash::Practitioner
        } else if other.slot.chair == slot.chair {
            Clash::Chair
        } else if &other.person == person || view.linked.iter().any(|(card, _)| card == &other.person) {
            Clash::Person
        } else {
            continue;
        };
        return Err(Refusal::SlotTaken { clash, by: id.clone() });
    }
    Ok(())
}

fn step(view: &View, action: &Action, command: &Command, ctx: &Context) -> Result<Changes, Refusal> {
    use AppointmentStatus as S;
    let mut visit = match &view.target {
        Some(State::Appointment(visit)) => visit.clone(),
        Some(_) => return Err(Refusal::WrongKind),
        None => return Err(Refusal::NotFound),
    };
    let refuse = Refusal::WrongStatus { status: visit.status };
    let step = LastStep { from: visit.status, confirmed_at: visit.confirmed_at, at: ctx.now };
    let last_step = visit.last_step.take();
    match (command, visit.status) {
        (Command::AppointmentMove { slot }, S::Proposed | S::Pending | S::Booked | S::Waitlist) => {
            usable(view)?;
            free(view, action, slot, &visit.person)?;
            visit.wants_earlier &= slot.start >= visit.slot.start;
            let from = std::mem::replace(&mut visit.slot, slot.clone());
            visit.history.push(Moved { from, at: ctx.now, by: action.actor.clone() });
            visit.confirmed_at = None;
        }
        (Command::AppointmentConfirm, S::Pending | S::Booked) => {
            usable(view)?;
            visit.status = S::Booked;
            visit.confirmed_at = Some(ctx.now);
        }
        // Came late after all: allowed from a no-show too.
        (Command::AppointmentArrive, S::Pending | S::Booked | S::Noshow) => visit.status = S::Arrived,
        (Command::AppointmentCheckIn, S::Arrived) => visit.status = S::CheckedIn,
        (Command::AppointmentFulfil, S::Arrived | S::CheckedIn) => visit.status = S::Fulfilled,
        (Command::AppointmentNoShow, S::Pending | S::Booked) => {
            if ctx.now < no_show_from(view, &visit)? {
                return Err(Refusal::TooEarly);
            }
            visit.status = S::Noshow;
        }
        (Command::AppointmentCancel { reason }, S::Proposed | S::Pending | S::Booked | S::Waitlist | S::Arrived) => {
            visit.status = S::Cancelled;
            visit.cancel_reason = Some(*reason);
        }
        (Command::AppointmentRestore, S::Arrived | S::CheckedIn | S::Noshow | S::Cancelled) => {
            usable(view)?;
            let (slot, person) = (visit.slot.clone(), visit.person.clone());
            free(view, action, &slot, &person)?;
            visit.status = S::Booked;
            visit.cancel_reason = None;
        }
        (Command::AppointmentWish { earlier }, S::Proposed | S::Pending | S::Booked | S::Waitlist) => {
            visit.wants_earlier = *earlier;
            visit.last_step = last_step;
            return Ok(vec![(action.entity.clone(), State::Appointment(visit))]);
        }
        (Command::AppointmentUndo, _) => {
            let last = last_step.filter(|last| ctx.now - last.at <= UNDO_WITHIN).ok_or(refuse)?;
            if last.from.occupies() && !visit.status.occupies() {
                usable(view)?;
                let (slot, person) = (visit.slot.clone(), visit.person.clone());
                free(view, action, &slot, &person)?;
            }
            visit.status = last.from;
            visit.confirmed_at = last.confirmed_at;
            visit.cancel_reason = None;
        }
        _ => return Err(refuse),
    }
    let stepped =
        !matches!(command, Command::AppointmentMove { .. } | Command::AppointmentRestore | Command::AppointmentUndo);
    visit.last_step = stepped.then_some(step);
    Ok(vec![(action.entity.clone(), State::Appointment(visit))])
}

/// The moment from which a no-show may be noted.
fn no_show_from(view: &View, visit: &Appointment) -> Result<DateTime<Utc>, Refusal> {
    let clinic = view.clinic.as_ref().ok_or(Refusal::NoClinic)?;
    let start = clinic.zone.from_local_datetime(&visit.slot.start).earliest().ok_or(Refusal::BadInterval)?;
    Ok(start.with_timezone(&Utc) + Duration::minutes(i64::from(clinic.practice.no_show_grace_minutes)))
}
