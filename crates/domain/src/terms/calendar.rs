//! The state production calendar («рабочие дни» of the law): which days are worked in a five-day week. The clinic's own
//! opening hours ([`crate::hours`]) are another calendar; neither ever stands in for the other.
//!
//! Invariant: a year of which no act on transfers is here is never taken silently for Monday to Friday: whatever reaches
//! into it is provisional.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, Weekday};

/// A year as the act on its transferred days off gives it: month, first and last day off; weekends are off anyhow.
struct Year {
    year: i32,
    off: &'static [(u32, u32, u32)],
    /// Saturdays and Sundays that are worked.
    worked: &'static [(u32, u32)],
}

/// ПП РФ от 24.09.2025 № 1466 and ПП РФ от 17.09.2026 № 1187. A new year is a new row.
const YEARS: &[Year] = &[
    Year {
        year: 2026,
        off: &[(1, 1, 11), (2, 21, 23), (3, 7, 9), (5, 1, 3), (5, 9, 11), (6, 12, 14), (11, 4, 4), (12, 31, 31)],
        worked: &[],
    },
    Year {
        year: 2027,
        off: &[(1, 1, 10), (2, 21, 23), (3, 6, 8), (5, 1, 3), (5, 8, 10), (6, 12, 14), (11, 4, 7), (12, 31, 31)],
        worked: &[(2, 20)],
    },
];

/// Holidays of every year (ТК art. 112): what is known of a year without an act.
const ALWAYS: &[(u32, u32, u32)] = &[(1, 1, 8), (2, 23, 23), (3, 8, 8), (5, 1, 1), (5, 9, 9), (6, 12, 12), (11, 4, 4)];

/// Which days are worked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductionCalendar {
    off: BTreeSet<NaiveDate>,
    worked: BTreeSet<NaiveDate>,
    known: BTreeSet<i32>,
}

impl Default for ProductionCalendar {
    fn default() -> Self {
        let mut calendar = Self { off: BTreeSet::new(), worked: BTreeSet::new(), known: BTreeSet::new() };
        for year in YEARS {
            calendar.known.insert(year.year);
            calendar.off.extend(dates(year.year, year.off));
            calendar.worked.extend(year.worked.iter().filter_map(|(m, d)| NaiveDate::from_ymd_opt(year.year, *m, *d)));
        }
        calendar
    }
}

fn dates(year: i32, spans: &[(u32, u32, u32)]) -> impl Iterator<Item = NaiveDate> {
    spans.iter().flat_map(move |(month, first, last)| {
        (*first..=*last).filter_map(move |d| NaiveDate::from_ymd_opt(year, *month, d))
    })
}

impl ProductionCalendar {
    /// The last day of which it is known whether it is worked.
    #[must_use]
    pub fn known_until(&self) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(*self.known.last()?, 12, 31)
    }

    /// Whether an act says so, and not only the usual week.
    #[must_use]
    pub fn knows(&self, date: NaiveDate) -> bool {
        self.known.contains(&date.year())
    }

    /// Whether the day is worked, as far as is known.
    #[must_use]
    pub fn works(&self, date: NaiveDate) -> bool {
        if self.worked.contains(&date) {
            return true;
        }
        let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
        let off = if self.knows(date) {
            self.off.contains(&date)
        } else {
            ALWAYS.iter().any(|(month, first, last)| date.month() == *month && (*first..=*last).contains(&date.day()))
        };
        !weekend && !off
    }

    /// The day itself, or the next one that is worked (ГК art. 193).
    #[must_use]
    pub fn or_next(&self, date: NaiveDate) -> Option<NaiveDate> {
        date.iter_days().take(60).find(|day| self.works(*day))
    }

    /// The last day of a term in working days: counted from the day after (ГК art. 191).
    #[must_use]
    pub fn after(&self, from: NaiveDate, days: u32) -> Option<NaiveDate> {
        if days == 0 {
            return Some(from);
        }
        let longest = usize::try_from(days).ok()?.checked_mul(3)?.checked_add(60)?;
        let mut worked = from.iter_days().skip(1).take(longest).filter(|day| self.works(*day));
        worked.nth(usize::try_from(days).ok()?.checked_sub(1)?)
    }
}
