//! Terms of the law and of the clinic's own promises: how long something may take, by when it is due, how near that is.
//!
//! Invariants:
//! - a term in days counts from the day after, in the clinic's zone, and ends with the end of its last day; one in hours is
//!   plain time, nights and holidays too, whatever zone anybody looks at it in;
//! - days of the law are counted on the production calendar ([`calendar`]), never on the clinic's opening hours;
//! - of several terms the earliest wins. The strict date of a calendar term is the one to keep; what ГК art. 193 makes of
//!   it is told beside it;
//! - lengths are data: a table that can be replaced, each row saying whether its source was checked.

pub mod calendar;

use std::collections::BTreeMap;

use chrono::{DateTime, Days, Duration, Months, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::hours::instant_of;
pub use calendar::ProductionCalendar;

/// What a term is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum TermKind {
    /// An answer to a person's request (152-ФЗ art. 14).
    SubjectAccess,
    /// Data are mended and the block lifted (art. 21).
    Rectify,
    /// Data are destroyed that were shown to be needless or got unlawfully (art. 20 p. 3).
    DestroyShown,
    StopUnlawful,
    DestroyUnlawful,
    StopProcessing,
    WithdrawDestroy,
    PurposeDestroy,
    /// An answer to Роскомнадзор.
    AuthorityRequest,
    /// The first notice of an incident.
    LeakFirst,
    /// What the inquiry has found.
    LeakResult,
    /// Whose data it was are told (policy 5.3).
    LeakSubjects,
    /// An answer to a claim (policy 8.2).
    ClaimPolicy,
    /// Money that is asked back (ЗоЗПП art. 31, 22).
    ClaimMoney,
    /// Advertising stops.
    AdStop,
    /// Data are blocked (policy 6.2.4).
    Block,
    /// An act of destruction is kept.
    ActKeep,
}

/// How long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "unit", content = "count", rename_all = "snake_case")]
pub enum Length {
    AtOnce,
    Hours(u32),
    WorkingDays(u32),
    CalendarDays(u32),
    Years(u32),
}

/// A row of the table of terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Term {
    pub length: Length,
    /// Working days by which a motivated notice moves the term on.
    pub extension: u32,
    /// The number was checked against the text of the law; else it is a setting.
    pub checked: bool,
}

/// The table of terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Terms(pub BTreeMap<TermKind, Term>);

impl Default for Terms {
    fn default() -> Self {
        use Length::{AtOnce, CalendarDays, Hours, WorkingDays, Years};
        use TermKind as K;
        let rows = [
            (K::SubjectAccess, WorkingDays(10), 5, true),
            (K::Rectify, WorkingDays(7), 0, true),
            (K::DestroyShown, WorkingDays(7), 0, false),
            (K::StopUnlawful, WorkingDays(3), 0, true),
            (K::DestroyUnlawful, WorkingDays(10), 0, true),
            (K::StopProcessing, WorkingDays(10), 5, true),
            (K::WithdrawDestroy, CalendarDays(30), 0, true),
            (K::PurposeDestroy, CalendarDays(30), 0, true),
            (K::AuthorityRequest, WorkingDays(10), 5, false),
            (K::LeakFirst, Hours(24), 0, true),
            (K::LeakResult, Hours(72), 0, true),
            (K::LeakSubjects, CalendarDays(3), 0, false),
            (K::ClaimPolicy, CalendarDays(30), 0, true),
            (K::ClaimMoney, CalendarDays(10), 0, false),
            (K::AdStop, AtOnce, 0, true),
            (K::Block, AtOnce, 0, true),
            (K::ActKeep, Years(3), 0, true),
        ];
        let row = |(kind, length, extension, checked)| (kind, Term { length, extension, checked });
        Self(rows.into_iter().map(row).collect())
    }
}

/// By when something is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
pub struct Due {
    pub term: TermKind,
    pub from: DateTime<Utc>,
    /// From this instant on it is overdue.
    pub until: DateTime<Utc>,
    /// The last day, where the term is in days.
    pub day: Option<NaiveDate>,
    /// What the rule of the next working day (ГК art. 193) makes of a calendar term that ends on a day off.
    pub moved: Option<NaiveDate>,
    /// Reaches beyond what is known of the calendar: it will be counted anew.
    pub provisional: bool,
}

/// How near it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Calm,
    /// Half of the term is over.
    Half,
    /// Four fifths are.
    Pressing,
    Overdue,
}

impl Due {
    /// How near it is.
    #[must_use]
    pub fn level(&self, now: DateTime<Utc>) -> Level {
        let (gone, whole) = ((now - self.from).num_seconds(), (self.until - self.from).num_seconds());
        if now >= self.until {
            Level::Overdue
        } else if gone.saturating_mul(5) >= whole.saturating_mul(4) {
            Level::Pressing
        } else if gone.saturating_mul(2) >= whole {
            Level::Half
        } else {
            Level::Calm
        }
    }
}

/// What terms are counted by.
#[derive(Debug, Clone)]
pub struct Law {
    pub calendar: ProductionCalendar,
    pub terms: Terms,
    /// The clinic's, never the computer's.
    pub zone: Tz,
}

impl Law {
    /// As the program brings it.
    #[must_use]
    pub fn shipped(zone: Tz) -> Self {
        Self { calendar: ProductionCalendar::default(), terms: Terms::default(), zone }
    }

    /// By when a term is due that runs from a moment. None: the table does not have it, or the calendar ends.
    #[must_use]
    pub fn due(&self, term: TermKind, from: DateTime<Utc>) -> Option<Due> {
        self.counted(term, from, false)
    }

    /// The same, moved on by a motivated notice.
    #[must_use]
    pub fn extended(&self, term: TermKind, from: DateTime<Utc>) -> Option<Due> {
        self.counted(term, from, true)
    }

    /// Whether a notice can move the term on.
    #[must_use]
    pub fn extends(&self, term: TermKind) -> bool {
        self.terms.0.get(&term).is_some_and(|row| row.extension > 0)
    }

    fn counted(&self, term: TermKind, from: DateTime<Utc>, extended: bool) -> Option<Due> {
        let row = self.terms.0.get(&term)?;
        let today = from.with_timezone(&self.zone).date_naive();
        let plain = |until| Due { term, from, until, day: None, moved: None, provisional: false };
        let day = match row.length {
            Length::AtOnce => return Some(plain(from)),
            Length::Hours(hours) => {
                return Some(plain(from.checked_add_signed(Duration::hours(i64::from(hours)))?));
            }
            Length::WorkingDays(days) => self.calendar.after(today, days)?,
            Length::CalendarDays(days) => today.checked_add_days(Days::new(u64::from(days)))?,
            Length::Years(years) => today.checked_add_months(Months::new(years.checked_mul(12)?))?,
        };
        let day = if extended { self.calendar.after(day, row.extension)? } else { day };
        let working = matches!(row.length, Length::WorkingDays(_)) || (extended && row.extension > 0);
        let moved = self.calendar.or_next(day).filter(|moved| *moved != day);
        let provisional = (working || moved.is_some() || self.calendar.works(day)) && !self.calendar.knows(day);
        let until = instant_of(self.zone, day.succ_opt()?.and_time(NaiveTime::MIN))?;
        Some(Due { term, from, until, day: Some(day), moved, provisional })
    }
}

/// Of several, the one that is due first.
#[must_use]
pub fn earliest(dues: impl IntoIterator<Item = Due>) -> Option<Due> {
    dues.into_iter().min_by_key(|due| (due.until, due.term))
}

#[cfg(test)]
mod tests;
