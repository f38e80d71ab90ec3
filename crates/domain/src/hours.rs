//! When the clinic is open, and working time counted by that: «перезвонить за 15 минут» runs only while somebody is
//! there to call.
//!
//! Invariants:
//! - the closing instant is outside: at 20:00 sharp a clinic that closes at 20:00 is closed, though work that takes
//!   until 20:00 is still in time;
//! - hours are wall time of the clinic. A change of the zone's clock happens at night, while the clinic is closed, so an
//!   opening hour is an hour;
//! - holidays are the clinic's own ([`OpeningHours::closed_on`]), not the production calendar's.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Days, Duration, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Closed for so many days in a row: nothing is due.
pub const LONGEST_CLOSURE_DAYS: u32 = 60;
/// No term in working time reaches further than this.
pub const FURTHEST_DAYS: u32 = 3_660;

/// Opening and closing time of one day. A closing time of 00:00 is the midnight at the end of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
pub struct DayHours {
    pub opens: NaiveTime,
    pub closes: NaiveTime,
}

impl DayHours {
    /// Opening and closing instants on a date; `None` where it closes before it opens.
    fn span(self, date: NaiveDate) -> Option<(NaiveDateTime, NaiveDateTime)> {
        let last = if self.closes == NaiveTime::MIN { date.succ_opt()? } else { date };
        let span = (date.and_time(self.opens), last.and_time(self.closes));
        (span.0 < span.1).then_some(span)
    }
}

impl DayHours {
    /// What lies within other hours too; None when that is nothing.
    #[must_use]
    pub fn within(self, other: Self) -> Option<Self> {
        let opens = self.opens.max(other.opens);
        // a midnight at the end of the day is the latest of all
        let closes = match (self.closes == NaiveTime::MIN, other.closes == NaiveTime::MIN) {
            (true, _) => other.closes,
            (_, true) => self.closes,
            _ => self.closes.min(other.closes),
        };
        let both = Self { opens, closes };
        both.span(NaiveDate::default()).is_some().then_some(both)
    }
}

/// Hours by weekday, Monday first; `None` is a day off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
pub struct Week(pub [Option<DayHours>; 7]);

impl Week {
    /// Hours of a date, if there are any.
    #[must_use]
    pub fn on(&self, date: NaiveDate) -> Option<DayHours> {
        let hours = self.0.get(date.weekday().num_days_from_monday() as usize).copied().flatten()?;
        hours.span(date).is_some().then_some(hours)
    }
}

/// Usual hours by weekday and the dates on which the clinic is closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
pub struct OpeningHours {
    /// Monday first; `None` is a day off.
    pub week: [Option<DayHours>; 7],
    /// Holidays and other closures.
    pub closed_on: BTreeSet<NaiveDate>,
}

impl OpeningHours {
    /// Hours of a date; `None` when the clinic is closed.
    #[must_use]
    pub fn on(&self, date: NaiveDate) -> Option<DayHours> {
        let weekday = date.weekday().num_days_from_monday() as usize;
        let hours = self.week.get(weekday).copied().flatten()?;
        (!self.closed_on.contains(&date) && hours.span(date).is_some()).then_some(hours)
    }

    fn span(&self, date: NaiveDate) -> Option<(NaiveDateTime, NaiveDateTime)> {
        self.on(date)?.span(date)
    }

    /// Whether the clinic is open at this wall time.
    #[must_use]
    pub fn is_open(&self, local: NaiveDateTime) -> bool {
        self.span(local.date()).is_some_and(|(opens, closes)| (opens..closes).contains(&local))
    }

    /// The wall time by which so much working time has passed since `from`; a negative one counts as none.
    ///
    /// `None` when the clinic does not open for [`LONGEST_CLOSURE_DAYS`] days in a row, or when the term reaches beyond
    /// [`FURTHEST_DAYS`].
    #[must_use]
    pub fn due(&self, from: NaiveDateTime, working: Duration) -> Option<NaiveDateTime> {
        let mut left = working.max(Duration::zero());
        let mut closed_in_a_row = 0;
        for ahead in 0..FURTHEST_DAYS {
            let date = from.date().checked_add_days(Days::new(u64::from(ahead)))?;
            match self.span(date) {
                Some((opens, closes)) if from < closes => {
                    let start = opens.max(from);
                    if left <= closes - start {
                        return start.checked_add_signed(left);
                    }
                    left -= closes - start;
                    closed_in_a_row = 0;
                }
                _ => closed_in_a_row += 1,
            }
            if closed_in_a_row > LONGEST_CLOSURE_DAYS {
                return None;
            }
        }
        None
    }

    /// Working time between two wall times: how long a request has waited, or how much it is overdue. Counted over
    /// [`FURTHEST_DAYS`] at most.
    #[must_use]
    pub fn working_between(&self, from: NaiveDateTime, to: NaiveDateTime) -> Duration {
        let dates = from.date().iter_days().take_while(|date| *date <= to.date()).take(FURTHEST_DAYS as usize);
        let of_date = |date| match self.span(date) {
            Some((opens, closes)) => (closes.min(to) - opens.max(from)).max(Duration::zero()),
            None => Duration::zero(),
        };
        dates.map(of_date).fold(Duration::zero(), |sum, part| sum + part)
    }
}

/// The instant by which so much working time of the clinic has passed since `from`; `None` as in [`OpeningHours::due`].
#[must_use]
pub fn due_at(hours: &OpeningHours, zone: Tz, from: DateTime<Utc>, working: Duration) -> Option<DateTime<Utc>> {
    let due = hours.due(from.with_timezone(&zone).naive_local(), working)?;
    instant_of(zone, due)
}

/// The instant of a wall time. Where the clock goes back it is the earlier of the two; a wall time that the clock
/// jumps over is taken by the offset before the jump.
#[must_use]
pub fn instant_of(zone: Tz, local: NaiveDateTime) -> Option<DateTime<Utc>> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(at.with_timezone(&Utc)),
        LocalResult::None => {
            let before = zone.from_local_datetime(&(local - Duration::days(1))).earliest()?;
            Some(before.with_timezone(&Utc) + Duration::days(1))
        }
    }
}

#[cfg(test)]
mod tests;
