//! The next free times of a doctor in the doctor's usual chair, by what this desk knows.
//!
//! Invariants: pure but for what it is given; a free time lies within the doctor's hours, does not meet a live visit on
//! the doctor or the chair, and begins on a step of the clock after now. The gateway has the last word on a booking.

use chrono::{Days, Duration, NaiveDateTime, Timelike};
use contract::ui::{Opening, OpeningsArgs};
use domain::{
    ChairId, PractitionerId,
    appointment::Slot,
    clinic::{Clinic, Practitioner},
};

use super::{
    scene::{Scene, day_span},
    schedule::{Doctor, in_order, open_between, receives_between},
    visits::VisitRecord,
};
use crate::{session::Seat, trouble::DeskError};

/// Times begin on such a step.
const STEP: i64 = 15;
/// Days that are looked through.
const FURTHEST: u64 = 30;
/// Times that are offered, and how many of one day.
const OFFERED: usize = 12;
const OF_ONE_DAY: usize = 4;
const LONGEST_MINUTES: u32 = 12 * 60;

/// A doctor where they work.
struct Place {
    practitioner: PractitionerId,
    name: String,
    chair: ChairId,
    doctor: Practitioner,
}

/// The next free times, the earliest first.
pub(crate) async fn schedule_openings(seat: &Seat, args: OpeningsArgs) -> Result<Vec<Opening>, DeskError> {
    if !(1..=LONGEST_MINUTES).contains(&args.minutes) {
        return Err(DeskError::BadInput("minutes"));
    }
    let scene = Scene::of(seat).await?;
    let Some(clinic) = &scene.clinic else { return Ok(Vec::new()) };
    let places = places(seat, clinic, args.practitioner.as_ref()).await?;
    let length = Duration::minutes(i64::from(args.minutes));
    let now = scene.wall(scene.now);
    let mut found = Vec::new();
    for ahead in 0..FURTHEST {
        let date = args.from.checked_add_days(Days::new(ahead)).ok_or(DeskError::BadInput("from"))?;
        if open_between(clinic, date).is_none() {
            continue;
        }
        let (from, to) = day_span(date).ok_or(DeskError::BadInput("from"))?;
        let mut taken = seat.open.store.visits_between(from, to).await?;
        taken.retain(|visit| visit.state.status.occupies() && Some(&visit.id) != args.visit.as_ref());
        let mut of_day: Vec<Opening> = Vec::new();
        for place in &places {
            let Some(hours) = receives_between(clinic, &place.doctor, date) else { continue };
            of_day.extend(free(clinic, place, hours, length, now, &taken).take(OF_ONE_DAY));
        }
        of_day.sort_by_key(|opening| opening.start);
        of_day.truncate(OF_ONE_DAY);
        found.extend(of_day);
        if found.len() >= OFFERED {
            break;
        }
    }
    found.truncate(OFFERED);
    Ok(found)
}

/// Doctors with the chairs where they usually work, the first chair where none is said.
async fn places(seat: &Seat, clinic: &Clinic, only: Option<&PractitionerId>) -> Result<Vec<Place>, DeskError> {
    let mut doctors = in_order(seat).await?;
    doctors.retain(|doctor| doctor.state.active && only.is_none_or(|wanted| *wanted == doctor.id));
    let first = clinic.chairs.first().map(|chair| chair.id.clone());
    let place = |doctor: Doctor| {
        let chair = doctor.state.chair.clone().or_else(|| first.clone())?;
        Some(Place { practitioner: doctor.id, name: doctor.personal.name.short(), chair, doctor: doctor.state })
    };
    Ok(doctors.into_iter().filter_map(place).collect())
}

/// Times of one day at one place, each after the other.
fn free<'a>(
    clinic: &'a Clinic,
    place: &'a Place,
    (opens, closes): (NaiveDateTime, NaiveDateTime),
    length: Duration,
    now: NaiveDateTime,
    taken: &'a [VisitRecord],
) -> impl Iterator<Item = Opening> + 'a {
    let here: Vec<&Slot> = taken
        .iter()
        .map(|visit| &visit.state.slot)
        .filter(|slot| slot.practitioner == place.practitioner || slot.chair == place.chair)
        .collect();
    let chair_name = clinic.chairs.iter().find(|chair| chair.id == place.chair).map(|chair| chair.name.clone());
    let chair_name = chair_name.unwrap_or_default();
    let mut next = stepped(opens.max(now));
    std::iter::from_fn(move || {
        loop {
            let (start, end) = (next, next + length);
            if end > closes {
                return None;
            }
            let slot = Slot { practitioner: place.practitioner.clone(), chair: place.chair.clone(), start, end };
            match here.iter().filter(|other| other.meets(&slot)).map(|other| other.end).max() {
                Some(busy_until) => next = stepped(busy_until.max(start + Duration::minutes(1))),
                None => {
                    next = stepped(end);
                    return Some(Opening {
                        practitioner: slot.practitioner,
                        practitioner_name: place.name.clone(),
                        chair: slot.chair,
                        chair_name: chair_name.clone(),
                        start,
                        end,
                    });
                }
            }
        }
    })
}

/// The next step of the clock, unless it is one.
fn stepped(time: NaiveDateTime) -> NaiveDateTime {
    let past = i64::from(time.minute()) % STEP * 60 + i64::from(time.second());
    let whole = time.with_nanosecond(0).unwrap_or(time);
    if past == 0 && whole == time { time } else { whole + Duration::seconds(STEP * 60 - past) }
}
