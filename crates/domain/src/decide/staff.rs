//! The staff: the record that a manager keeps, and what everybody does with their own shift.
//!
//! Invariants: an edit of the record leaves shift and note as they are; nobody begins, ends or hands over but for
//! themselves; a note that was taken over stays with whoever was first.

use super::{Changes, Context, Refusal, View, guard_match};
use crate::{
    Action, Command, EntityRef, State,
    staff::{HandOver, OnShift, Staff, Taken},
};

pub(super) fn decide(view: &View, action: &Action, ctx: &Context) -> Result<Changes, Refusal> {
    let known = match &view.target {
        Some(State::Staff(staff)) => Some(staff.clone()),
        Some(_) => return Err(Refusal::WrongKind),
        None => None,
    };
    let staff = match (&action.command, known) {
        (Command::StaffPut { staff }, known) => {
            guard_match(view, action)?;
            edited(staff, known, action)
        }
        (_, None) => return Err(Refusal::NotFound),
        (command, Some(staff)) => lived(staff, action, command, ctx)?,
    };
    Ok(vec![(action.entity.clone(), State::Staff(staff))])
}

fn edited(put: &Staff, known: Option<Staff>, action: &Action) -> Staff {
    let (on_shift, handover) = known.map_or((None, None), |known| (known.on_shift, known.handover));
    let etag = Some(action.id.clone());
    Staff { role: put.role, active: put.active, on_shift: on_shift.filter(|_| put.active), handover, etag }
}

fn lived(mut staff: Staff, action: &Action, command: &Command, ctx: &Context) -> Result<Staff, Refusal> {
    let own = matches!(&action.entity, EntityRef::Staff(id) if *id == action.actor);
    // the moments are the desk's claim, for it may have been without a connection; never later than now
    let at = action.at.min(ctx.now);
    match command {
        Command::StaffTakeOver { note } => {
            let left = staff.handover.as_mut().filter(|left| left.id == *note).ok_or(Refusal::NotFound)?;
            left.taken.get_or_insert(Taken { by: action.actor.clone(), at });
        }
        Command::StaffShiftStart if own => staff.on_shift = Some(OnShift { since: at, desk: ctx.desk.clone() }),
        Command::StaffShiftEnd if own => staff.on_shift = None,
        Command::StaffHandOver if own => {
            staff.handover = Some(HandOver { id: action.id.clone(), at, taken: None });
        }
        Command::StaffShiftStart | Command::StaffShiftEnd | Command::StaffHandOver => return Err(Refusal::Forbidden),
        _ => return Err(Refusal::WrongKind),
    }
    Ok(staff)
}
