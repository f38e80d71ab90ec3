//! Who waits for a time: people who would come earlier, and those whose visit fell through.
//!
//! Invariants: nobody is called who is blocked; whoever has another visit to come, or had one since, is not unscheduled.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDateTime};
use contract::ui::{VisitRow, WaitingRow, WaitingView, WaitlistArgs, WishArgs};
use domain::{
    Command, PersonId,
    appointment::{AppointmentStatus as S, CancelReason},
};

use super::{
    scene::{Scene, day_span},
    visits::{self, VisitRecord, done},
};
use crate::{session::Seat, trouble::DeskError};

/// Days back in which a visit may have fallen through.
const BACK: Days = Days::new(60);
/// Days ahead in which visits are looked at.
const AHEAD: Days = Days::new(180);
const MOST_SHOWN: usize = 100;

/// Notes whether somebody would come earlier.
pub(crate) async fn visit_wish(seat: &Seat, args: WishArgs) -> Result<VisitRow, DeskError> {
    done(seat, &args.id, Command::AppointmentWish { earlier: args.earlier }).await
}

/// Lists who waits.
pub(crate) async fn schedule_waiting(seat: &Seat, args: WaitlistArgs) -> Result<WaitingView, DeskError> {
    let scene = Scene::of(seat).await?;
    let store = &seat.open.store;
    let (today, now) = (scene.today(), scene.wall(scene.now));
    let edge = |date: Option<chrono::NaiveDate>| date.and_then(day_span).ok_or(DeskError::BadInput("date"));
    let ((from, _), (_, to)) = (edge(today.checked_sub_days(BACK))?, edge(today.checked_add_days(AHEAD))?);
    let mut all = store.visits_between(from, to).await?;
    all.retain(|visit| !visit.blocked);
    let freed = match &args.freed {
        Some(id) => Some(store.visit(id).await?.ok_or(DeskError::NotFound)?),
        None => None,
    };
    let wanting: Vec<VisitRecord> = all.iter().filter(|visit| wants(visit, now)).cloned().collect();
    let mut lost = unscheduled(&all, now);
    lost.truncate(MOST_SHOWN);
    let fits = |visit: &VisitRecord| freed.as_ref().is_some_and(|freed| suits(freed, visit, now));
    let marks: Vec<bool> = wanting.iter().map(fits).collect();
    let rows = visits::rows(store, &scene, &wanting).await?;
    let mut earlier: Vec<WaitingRow> =
        rows.into_iter().zip(marks).map(|(visit, fits)| WaitingRow { visit, fits }).collect();
    earlier.sort_by_key(|row| (!row.fits, row.visit.start));
    Ok(WaitingView {
        freed: visits::rows(store, &scene, freed.as_slice()).await?.pop(),
        earlier,
        unscheduled: visits::rows(store, &scene, &lost).await?,
    })
}

fn wants(visit: &VisitRecord, now: NaiveDateTime) -> bool {
    visit.state.wants_earlier && visit.state.status.is_expected() && visit.state.slot.start > now
}

/// The time that came free is with the doctor of the other visit, earlier than it and long enough for it.
fn suits(freed: &VisitRecord, visit: &VisitRecord, now: NaiveDateTime) -> bool {
    let (free, own) = (&freed.state.slot, &visit.state.slot);
    !freed.state.status.occupies()
        && free.start > now
        && free.practitioner == own.practitioner
        && free.start < own.start
        && own.end - own.start <= free.end - free.start
}

/// Visits that fell through and were not made good, the newest first; one a person.
fn unscheduled(all: &[VisitRecord], now: NaiveDateTime) -> Vec<VisitRecord> {
    let mut newest: BTreeMap<&PersonId, &VisitRecord> = BTreeMap::new();
    for visit in all.iter().filter(|visit| fell_through(visit) && visit.state.slot.start < now + Days::new(60)) {
        let known = newest.entry(&visit.state.person).or_insert(visit);
        if known.state.slot.start < visit.state.slot.start {
            *known = visit;
        }
    }
    let made_good = |lost: &VisitRecord| {
        let same = all.iter().filter(|other| other.state.person == lost.state.person);
        let mut live = same.filter(|other| other.state.status.occupies());
        live.any(|other| other.state.slot.start > now || other.state.slot.start >= lost.state.slot.start)
    };
    let mut lost: Vec<VisitRecord> = newest.into_values().filter(|lost| !made_good(lost)).cloned().collect();
    lost.sort_by_key(|visit| std::cmp::Reverse(visit.state.slot.start));
    lost
}

fn fell_through(visit: &VisitRecord) -> bool {
    let mistake = matches!(visit.state.cancel_reason, Some(CancelReason::Duplicate | CancelReason::Mistake));
    visit.state.status == S::Noshow || visit.state.status == S::Cancelled && !mistake
}
