//! The queue of requests, in the order in which they are due in clinic hours.
//!
//! Invariants: a request that came at night is due after the clinic opens, not in the past; what has no due time comes
//! last; what is of one phone stands together; the order does not depend on the order of the feed.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use contract::ui::{QueueArgs, QueueFilter, QueueRow, QueueView};
use domain::{
    clinic::Clinic,
    hours,
    personal::RequestPersonal,
    request::{Request, RequestStatus},
};
use store::Record;

use super::scene::{Scene, masked};
use crate::{session::Seat, trouble::DeskError};

/// Closed requests that are listed.
const MOST_CLOSED: u32 = 200;

pub(crate) type RequestRecord = Record<Request, RequestPersonal>;

/// Lists the queue.
pub(crate) async fn queue_list(seat: &Seat, args: QueueArgs) -> Result<QueueView, DeskError> {
    let scene = Scene::of(seat).await?;
    let open = open_rows(seat, &scene).await?;
    let counts = (count(open.len()), count(open.iter().filter(|row| row.overdue).count()));
    let rows = match args.filter {
        QueueFilter::Open => open,
        QueueFilter::Overdue => open.into_iter().filter(|row| row.overdue).collect(),
        QueueFilter::Mine => open.into_iter().filter(|row| row.claimed_by_me).collect(),
        QueueFilter::Free => open.into_iter().filter(|row| row.claimed_by.is_none()).collect(),
        QueueFilter::Quarantine => open.into_iter().filter(|row| row.quarantine.is_some()).collect(),
        QueueFilter::Closed => {
            let closed = seat.open.store.closed_requests(MOST_CLOSED).await?;
            closed.iter().map(|request| row(&scene, request, 0)).collect()
        }
    };
    Ok(QueueView { rows, open: counts.0, overdue: counts.1 })
}

/// Open requests, the first due first.
pub(crate) async fn open_rows(seat: &Seat, scene: &Scene) -> Result<Vec<QueueRow>, DeskError> {
    Ok(in_order(scene, &seat.open.store.open_requests().await?))
}

/// Rows in order, with how many share a phone.
pub(crate) fn in_order(scene: &Scene, requests: &[RequestRecord]) -> Vec<QueueRow> {
    let phones = Phones::of(requests);
    let with_number =
        |request: &RequestRecord| (row(scene, request, phones.others(request)), number(request).map(str::to_owned));
    let mut rows: Vec<_> = requests.iter().map(with_number).collect();
    rows.sort_by(|(a, _), (b, _)| {
        let key = |row: &QueueRow| (row.due_at.is_none(), row.due_at, row.submitted_at);
        key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
    });
    grouped(rows)
}

/// What is of one phone stands together, where the first of it is due: one call answers all of it.
fn grouped(rows: Vec<(QueueRow, Option<String>)>) -> Vec<QueueRow> {
    let mut groups: Vec<Vec<QueueRow>> = Vec::with_capacity(rows.len());
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (mut row, number) in rows {
        match number.as_ref().and_then(|number| places.get(number)) {
            Some(&place) => {
                row.follows = true;
                groups[place].push(row);
            }
            None => {
                if let Some(number) = &number {
                    places.insert(number.clone(), groups.len());
                }
                groups.push(vec![row]);
            }
        }
    }
    groups.into_iter().flatten().collect()
}

/// How often each number occurs among open requests.
struct Phones(BTreeMap<String, u32>);

impl Phones {
    fn of(requests: &[RequestRecord]) -> Self {
        let mut counts = BTreeMap::new();
        for number in requests.iter().filter_map(number) {
            *counts.entry(number.to_owned()).or_default() += 1;
        }
        Self(counts)
    }

    fn others(&self, request: &RequestRecord) -> u32 {
        number(request).and_then(|number| self.0.get(number)).map_or(0, |all| all.saturating_sub(1))
    }
}

/// The number of a request, where there is one reading.
pub(crate) fn number(request: &RequestRecord) -> Option<&str> {
    request.personal.phone.as_ref()?.phone.as_ref().map(domain::phone::Phone::e164)
}

/// One row.
pub(crate) fn row(scene: &Scene, request: &RequestRecord, same_phone: u32) -> QueueRow {
    let state = &request.state;
    let due_at = scene.clinic.as_ref().and_then(|clinic| due_at(state, clinic));
    let claim = state.live_claim(scene.now);
    QueueRow {
        id: request.id.clone(),
        kind: state.request_kind,
        status: state.status,
        name: request.personal.name_raw.clone(),
        phone_masked: masked(request.personal.phone.as_ref()),
        service: request.personal.service.clone(),
        submitted_at: state.submitted_at,
        due_at,
        overdue: due_at.is_some_and(|due| due < scene.now),
        tries: count(state.tries()),
        claimed_by: claim.map(|claim| scene.staff_name(&claim.staff)),
        claimed_by_me: claim.is_some_and(|claim| claim.staff == scene.me),
        same_phone,
        follows: false,
        quarantine: state.quarantine,
        withdrawn: state.withdrawn_at.is_some(),
        test: state.test,
        blocked: request.blocked,
        certainty: request.certainty,
    }
}

/// When a request is due: the next try that was agreed, else so many working minutes after it came; an answered call
/// owes its outcome as soon.
pub(crate) fn due_at(request: &Request, clinic: &Clinic) -> Option<DateTime<Utc>> {
    let last_call = request.attempts.iter().rev().find(|call| !call.retracted).map(|call| call.at);
    let soon = clinic.practice.call_within_minutes;
    match request.status {
        RequestStatus::RetryScheduled => request
            .next_try_at
            .or_else(|| after(clinic, last_call.unwrap_or(request.submitted_at), clinic.practice.retry_after_minutes)),
        RequestStatus::Reached => after(clinic, last_call.unwrap_or(request.submitted_at), soon),
        status if status.is_open() => after(clinic, request.submitted_at, soon),
        _ => None,
    }
}

/// So many working minutes after an instant.
pub(crate) fn after(clinic: &Clinic, from: DateTime<Utc>, minutes: u32) -> Option<DateTime<Utc>> {
    hours::due_at(&clinic.hours, clinic.zone, from, Duration::minutes(i64::from(minutes)))
}

/// A count as the window takes it.
pub(crate) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
