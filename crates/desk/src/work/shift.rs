//! The start of a shift, and how the link to the gateway is.

use std::time::Duration;

use chrono::{DateTime, Utc};
use contract::ui::{Link, Nothing, ShiftBrief, SyncView};

use super::{
    queue::{self, count},
    scene::{Scene, day_span},
    team,
};
use crate::{session::Seat, trouble::DeskError};

/// The brief waits for fresh data no longer than this.
const WAIT_FOR_SYNC: Duration = Duration::from_secs(30);
/// A shift that started less than so long ago goes on: the desk was only locked or restarted.
const SAME_SHIFT: chrono::Duration = chrono::Duration::hours(4);
pub(super) const STARTED: &str = "shift.started";
const PREVIOUS: &str = "shift.previous";
/// Rows of the queue in the brief.
const FIRST_ROWS: usize = 5;
/// Closed requests that are looked through for new ones.
const MOST_CLOSED: u32 = 500;

/// Starts a shift: syncs, and says what is new since the one before.
pub(crate) async fn shift_start(seat: &Seat, _args: Nothing) -> Result<ShiftBrief, DeskError> {
    let ended = seat.open.link.sync(WAIT_FOR_SYNC).await;
    let fresh = ended && matches!(seat.open.link.view().link, Link::Online | Link::Syncing);
    let now = seat.now();
    let started = moment(seat, STARTED).await?;
    if started.is_none_or(|at| now - at > SAME_SHIFT) {
        if let Some(at) = started {
            seat.open.store.set_setting(PREVIOUS, &at.to_rfc3339()).await?;
        }
        seat.open.store.set_setting(STARTED, &now.to_rfc3339()).await?;
        seat.open.store.audit(seat.entry("desk.shift_start")).await?;
    }
    team::begin(seat).await?;
    brief(seat, fresh).await
}

/// The same without starting.
pub(crate) async fn shift_brief(seat: &Seat, _args: Nothing) -> Result<ShiftBrief, DeskError> {
    let fresh = matches!(seat.open.link.view().link, Link::Online | Link::Syncing);
    brief(seat, fresh).await
}

pub(super) async fn moment(seat: &Seat, setting: &str) -> Result<Option<DateTime<Utc>>, DeskError> {
    let kept = seat.open.store.setting(setting).await?;
    Ok(kept.and_then(|text| DateTime::parse_from_rfc3339(&text).ok()).map(|at| at.with_timezone(&Utc)))
}

async fn brief(seat: &Seat, fresh: bool) -> Result<ShiftBrief, DeskError> {
    let store = &seat.open.store;
    let scene = Scene::of(seat).await?;
    let since = moment(seat, PREVIOUS).await?;
    let open = store.open_requests().await?;
    let closed = store.closed_requests(MOST_CLOSED).await?;
    let is_new = |received: DateTime<Utc>| since.is_none_or(|since| received > since);
    // with no shift before, only what is still to be done counts
    let closed_new = if since.is_some() { closed.iter().filter(|r| is_new(r.state.received_at)).count() } else { 0 };
    let new_requests = open.iter().filter(|r| is_new(r.state.received_at)).count() + closed_new;
    let mut rows = queue::in_order(&scene, &open);
    let due_today = |due: DateTime<Utc>| due >= scene.now && scene.wall(due).date() == scene.today();
    let visits = visits_today(seat, &scene).await?;
    let (unsent, refused) = store.outbox_counts().await?;
    let (overdue, due_today) = (
        rows.iter().filter(|row| row.overdue).count(),
        rows.iter().filter(|row| row.due_at.is_some_and(due_today)).count(),
    );
    rows.truncate(FIRST_ROWS);
    Ok(ShiftBrief {
        as_of: store.sync_mark().await?.pulled_at,
        fresh,
        since,
        new_requests: count(new_requests),
        overdue: count(overdue),
        due_today: count(due_today),
        visits_today: visits.0,
        unconfirmed_today: visits.1,
        unsent,
        refused,
        first: rows,
    })
}

/// Visits of today, and those that nobody has confirmed.
async fn visits_today(seat: &Seat, scene: &Scene) -> Result<(u32, u32), DeskError> {
    let (from, to) = day_span(scene.today()).ok_or(DeskError::Broken("the calendar has come to its end"))?;
    let visits = seat.open.store.visits_between(from, to).await?;
    let live: Vec<_> = visits.iter().filter(|visit| visit.state.status.occupies()).collect();
    let unconfirmed =
        live.iter().filter(|visit| visit.state.status.is_expected() && visit.state.confirmed_at.is_none());
    Ok((count(live.len()), count(unconfirmed.count())))
}

/// How the link is.
pub(crate) async fn sync_view(seat: &Seat, _args: Nothing) -> Result<SyncView, DeskError> {
    Ok(seat.open.link.view())
}

/// Syncs now and waits for it.
pub(crate) async fn sync_now(seat: &Seat, _args: Nothing) -> Result<SyncView, DeskError> {
    seat.open.link.sync(WAIT_FOR_SYNC).await;
    Ok(seat.open.link.view())
}
