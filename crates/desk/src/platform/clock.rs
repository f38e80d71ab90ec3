//! What time it is.

use std::time::Instant;

use chrono::{DateTime, Utc};
use sync::Moment;

/// A clock for people and one for terms; tests bring their own.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The wall clock. It may be wrong, and it may jump.
    fn now(&self) -> DateTime<Utc>;

    /// A clock that only goes on.
    fn moment(&self) -> Moment;
}

/// The clock of this computer.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    started: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { started: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn moment(&self) -> Moment {
        Moment(u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX))
    }
}
