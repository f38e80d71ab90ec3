//! What most views need besides their own records: the clinic, the names of staff, and the time.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use contract::ui::{PersonRow, PhoneView};
use domain::{StaffId, clinic::Clinic, phone::ParsedPhone};
use store::PersonRecord;

use crate::{session::Seat, trouble::DeskError};

/// Letters of an unreadable phone that are shown in lists.
const SHOWN_END: usize = 4;

/// The surroundings of one answer.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) now: DateTime<Utc>,
    pub(crate) me: StaffId,
    pub(crate) clinic: Option<Clinic>,
    staff: BTreeMap<StaffId, String>,
}

impl Scene {
    pub(crate) async fn of(seat: &Seat) -> Result<Self, DeskError> {
        let staff = seat.open.store.staff().await?;
        let clinic = seat.open.store.clinic().await?;
        Ok(Self {
            now: seat.now(),
            me: seat.staff.id.clone(),
            clinic: clinic.map(|(_, _, clinic, _)| clinic),
            staff: staff.into_iter().map(|staff| (staff.id, staff.personal.name.short())).collect(),
        })
    }

    #[cfg(test)]
    pub(crate) fn for_tests(now: DateTime<Utc>, me: StaffId, clinic: Option<Clinic>) -> Self {
        Self { now, me, clinic, staff: BTreeMap::new() }
    }

    /// The name of a member of the staff; the id when it is not known here yet.
    pub(crate) fn staff_name(&self, id: &StaffId) -> String {
        match self.staff.get(id) {
            Some(name) if !name.is_empty() => name.clone(),
            _ => id.to_string(),
        }
    }

    pub(crate) fn zone(&self) -> Tz {
        self.clinic.as_ref().map_or(Tz::UTC, |clinic| clinic.zone)
    }

    /// Wall time of the clinic.
    pub(crate) fn wall(&self, at: DateTime<Utc>) -> NaiveDateTime {
        at.with_timezone(&self.zone()).naive_local()
    }

    pub(crate) fn today(&self) -> NaiveDate {
        self.wall(self.now).date()
    }
}

/// From the first moment of a day until that of the next one, wall time. None: the calendar ends.
pub(crate) fn day_span(date: NaiveDate) -> Option<(NaiveDateTime, NaiveDateTime)> {
    let from = date.and_time(NaiveTime::MIN);
    Some((from, from.checked_add_days(Days::new(1))?))
}

/// A day of the clinic's calendar as moments.
pub(crate) fn instants_of(zone: Tz, day: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    // where midnight does not exist the day begins with the first moment after it
    let midnight = |day: NaiveDate| {
        let mut wall = day.and_time(NaiveTime::MIN);
        loop {
            match zone.from_local_datetime(&wall).earliest() {
                Some(at) => return Some(at.with_timezone(&Utc)),
                None => wall = wall.checked_add_signed(chrono::Duration::minutes(15))?,
            }
        }
    };
    Some((midnight(day)?, midnight(day.checked_add_days(Days::new(1))?)?))
}

/// A phone for a card.
pub(crate) fn phone_view(phone: &ParsedPhone) -> PhoneView {
    let read = phone.phone.as_ref();
    PhoneView {
        raw: phone.raw.clone(),
        display: read.map_or_else(|| phone.raw.clone(), domain::phone::Phone::display),
        masked: masked(Some(phone)),
        e164: read.map(|phone| phone.e164().to_owned()),
        ext: read.and_then(|phone| phone.ext().map(str::to_owned)),
        status: phone.status,
        warnings: phone.warnings.clone(),
    }
}

/// A phone for a list.
pub(crate) fn masked(phone: Option<&ParsedPhone>) -> String {
    match phone {
        None => String::new(),
        Some(ParsedPhone { phone: Some(read), .. }) => read.masked(),
        Some(unread) => masked_text(&unread.raw),
    }
}

/// Hides all letters and digits but the last few.
fn masked_text(raw: &str) -> String {
    let mut left = raw.chars().filter(|c| c.is_alphanumeric()).count();
    raw.chars()
        .map(|c| {
            if !c.is_alphanumeric() {
                return c;
            }
            left -= 1;
            if left < SHOWN_END { c } else { '•' }
        })
        .collect()
}

/// A person for a list.
pub(crate) fn person_row(person: &PersonRecord) -> PersonRow {
    PersonRow {
        id: person.id.clone(),
        name: person.personal.name.full(),
        phone_masked: masked(person.personal.phones.first()),
        birth_date: person.personal.birth_date,
        blocked: person.blocked,
        certainty: person.certainty,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_that_could_not_be_read_is_masked_too() {
        assert_eq!(masked_text("8 (391) 2-12, Анна"), "• (•••) •-••, Анна");
        assert_eq!(masked_text("12"), "12");
        assert_eq!(masked(Some(&domain::phone::parse("89123456789"))), "+7 ••• •••-67-89");
    }
}
