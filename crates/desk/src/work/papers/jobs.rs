//! Print jobs of this program: where each stands, as far as the system tells.
//!
//! Invariant: a job's title is the name of a form, never of a person.

use std::{collections::VecDeque, sync::Arc};

use chrono::{DateTime, Utc};
use contract::ui::{JobState, JobView, Nothing, PrintWay, Printed};

use crate::{place::Inner, platform::print::Handed, session::Seat, trouble::DeskError};

/// Jobs that are remembered.
const HOLDS: usize = 100;

struct Sent {
    view: JobView,
    /// The number that the system gave.
    number: Option<u64>,
}

/// Jobs of this program, the oldest first.
#[derive(Default)]
pub(crate) struct Jobs {
    last: u32,
    sent: VecDeque<Sent>,
}

impl std::fmt::Debug for Jobs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Jobs({})", self.sent.len())
    }
}

impl Jobs {
    pub(super) fn add(&mut self, handed: Handed, title: &str, way: &PrintWay, at: DateTime<Utc>) -> Printed {
        self.last = self.last.wrapping_add(1);
        let state = if handed.job.is_some() { JobState::Queued } else { JobState::Unknown };
        let view = JobView {
            id: self.last,
            title: title.to_owned(),
            printer: handed.printer.clone(),
            copies: way.copies,
            at,
            state,
        };
        if self.sent.len() >= HOLDS {
            self.sent.pop_front();
        }
        self.sent.push_back(Sent { view, number: handed.job });
        Printed { printer: handed.printer, job: self.last }
    }

    /// Jobs that may still change: ours, the printer, the system's number.
    fn live(&self) -> Vec<(u32, String, u64)> {
        let live = self.sent.iter().filter(|sent| !is_over(sent.view.state));
        live.filter_map(|sent| Some((sent.view.id, sent.view.printer.clone(), sent.number?))).collect()
    }

    fn note(&mut self, id: u32, state: JobState) {
        if let Some(sent) = self.sent.iter_mut().find(|sent| sent.view.id == id) {
            sent.view.state = state;
        }
    }
}

const fn is_over(state: JobState) -> bool {
    matches!(state, JobState::Done | JobState::Failed | JobState::Unknown)
}

/// The jobs of this program, the latest first.
pub(crate) async fn print_jobs(seat: &Seat, _args: Nothing) -> Result<Vec<JobView>, DeskError> {
    let live = seat.inner.jobs(|jobs| jobs.live());
    if !live.is_empty() {
        let to = Arc::clone(&seat.inner.around.printer);
        let asked = move || live.into_iter().map(|(id, printer, job)| (id, to.job(&printer, job))).collect::<Vec<_>>();
        for (id, state) in tokio::task::spawn_blocking(asked).await? {
            // a spooler that does not answer now may answer later
            if let Ok(state) = state {
                seat.inner.jobs(|jobs| jobs.note(id, state));
            }
        }
    }
    Ok(seat.inner.jobs(|jobs| jobs.sent.iter().rev().map(|sent| sent.view.clone()).collect()))
}

impl Inner {
    pub(super) fn jobs<T>(&self, with: impl FnOnce(&mut Jobs) -> T) -> T {
        with(&mut self.jobs.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}
