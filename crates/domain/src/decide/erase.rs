//! Erasing: a record that goes for ever.
//!
//! Invariants: what is still in use is erased only where somebody asked for it; a block stands against a term, not against
//! the person's own demand; a certificate goes when nothing is owed on it; cases and the clinic's own records are not erased by
//! an action; a hold of a court that whoever destroys has not seen stops it, whoever the dispute is with: only a desk knows
//! whom a case is about.

use std::collections::BTreeSet;

use super::{Changes, Refusal, View, usable};
use crate::{ActionId, State, case::EraseGround};

/// Whether a record may go. It has no new state: whoever decides finally leaves a tombstone in its place.
pub(super) fn decide(view: &View, ground: EraseGround, holds_seen: &BTreeSet<ActionId>) -> Result<Changes, Refusal> {
    let asked = ground.is_asked_for();
    match &view.target {
        None => Err(Refusal::NotFound),
        Some(_) if ground == EraseGround::Unknown => Err(Refusal::Unknown),
        Some(_) if view.holds.iter().any(|hold| !holds_seen.contains(hold)) => Err(Refusal::HeldMeanwhile),
        Some(State::Person(person)) if person.is_blocked() && !asked => Err(Refusal::PersonBlocked),
        Some(State::Request(request)) if request.status.is_open() && !asked => Err(Refusal::RequestOpen),
        Some(State::Appointment(visit)) if visit.status.is_expected() && !asked => {
            Err(Refusal::WrongStatus { status: visit.status })
        }
        Some(State::Certificate(certificate)) if certificate.settled_at().is_none() => Err(Refusal::MoneyOwed),
        Some(State::Request(_) | State::Appointment(_) | State::Certificate(_)) if !asked => {
            usable(view).map(|()| Vec::new())
        }
        Some(State::Person(_) | State::Request(_) | State::Appointment(_) | State::Certificate(_)) => Ok(Vec::new()),
        Some(_) => Err(Refusal::WrongKind),
    }
}
