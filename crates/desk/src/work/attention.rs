//! What the system's own marks say about the desk: a badge, a notification, a tray. Numbers and ids only.

use std::collections::BTreeSet;

use contract::ui::DeskManners;
use domain::{RequestId, request::RequestStatus};

use super::{queue::open_rows, scene::Scene, window::manners};
use crate::{session::Seat, trouble::DeskError};

/// What is worth looking up for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attention {
    /// Requests that nobody has touched; no trials of the door among them.
    pub fresh: BTreeSet<RequestId>,
    pub overdue: u32,
    /// It is a time in which nothing is to be told.
    pub quiet: bool,
    /// The desk tells of what is new at all.
    pub told: bool,
}

pub(crate) async fn attention(seat: &Seat) -> Result<Attention, DeskError> {
    let scene = Scene::of(seat).await?;
    let rows = open_rows(seat, &scene).await?;
    let manners = manners(&seat.open.store).await?;
    let is_fresh = |status: &RequestStatus, test: bool| *status == RequestStatus::New && !test;
    Ok(Attention {
        overdue: u32::try_from(rows.iter().filter(|row| row.overdue).count()).unwrap_or(u32::MAX),
        quiet: is_quiet(&manners, scene.wall(scene.now).time()),
        told: manners.notify,
        fresh: rows.into_iter().filter(|row| is_fresh(&row.status, row.test)).map(|row| row.id).collect(),
    })
}

/// Quiet hours may go over midnight.
fn is_quiet(manners: &DeskManners, now: chrono::NaiveTime) -> bool {
    match (manners.quiet_from, manners.quiet_to) {
        (Some(from), Some(to)) if from <= to => from <= now && now < to,
        (Some(from), Some(to)) => from <= now || now < to,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveTime;
    use contract::ui::DeskManners;

    use super::is_quiet;

    fn at(hour: u32, minute: u32) -> NaiveTime {
        NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default()
    }

    #[test]
    fn nothing_is_told_in_quiet_hours_even_over_midnight() {
        let manners = |from, to| DeskManners { quiet_from: from, quiet_to: to, ..DeskManners::default() };
        let lunch = manners(Some(at(13, 0)), Some(at(14, 0)));
        assert!(is_quiet(&lunch, at(13, 0)) && is_quiet(&lunch, at(13, 59)));
        assert!(!is_quiet(&lunch, at(12, 59)) && !is_quiet(&lunch, at(14, 0)));
        let night = manners(Some(at(21, 0)), Some(at(8, 0)));
        assert!(is_quiet(&night, at(23, 30)) && is_quiet(&night, at(0, 0)) && is_quiet(&night, at(7, 59)));
        assert!(!is_quiet(&night, at(8, 0)) && !is_quiet(&night, at(20, 59)));
        assert!(!is_quiet(&manners(None, None), at(3, 0)));
    }
}
