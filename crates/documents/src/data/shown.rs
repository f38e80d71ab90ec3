//! How values of plain data are shown to templates: dates, moments, sums and names have more than one form.

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::russian::{dates, money, names};

/// `.words` «23 ноября 2026 г.», `.digits` «23.11.2026».
pub(crate) fn day<S: Serializer>(date: &Option<NaiveDate>, serializer: S) -> Result<S::Ok, S::Error> {
    let mut out = serializer.serialize_struct("day", 2)?;
    out.serialize_field("words", &date.map(dates::in_words).unwrap_or_default())?;
    out.serialize_field("digits", &date.map(dates::in_digits).unwrap_or_default())?;
    out.end()
}

/// As a day, and `.time` «10:05», `.zone` «UTC+7».
pub(crate) fn moment<S: Serializer>(at: &Option<DateTime<FixedOffset>>, serializer: S) -> Result<S::Ok, S::Error> {
    let date = at.map(|at| at.date_naive());
    let mut out = serializer.serialize_struct("moment", 4)?;
    out.serialize_field("words", &date.map(dates::in_words).unwrap_or_default())?;
    out.serialize_field("digits", &date.map(dates::in_digits).unwrap_or_default())?;
    out.serialize_field("time", &at.map(|at| at.format("%H:%M").to_string()).unwrap_or_default())?;
    out.serialize_field("zone", &at.map(|at| zone(*at.offset())).unwrap_or_default())?;
    out.end()
}

fn zone(offset: FixedOffset) -> String {
    let minutes = offset.local_minus_utc() / 60;
    let (sign, minutes) = if minutes < 0 { ('−', -minutes) } else { ('+', minutes) };
    match (minutes / 60, minutes % 60) {
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, rest) => format!("UTC{sign}{hours}:{rest:02}"),
    }
}

/// Kopecks: `.digits` «15 000,00 ₽», `.words` «пятнадцать тысяч рублей 00 копеек».
pub(crate) fn money<S: Serializer>(kopecks: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
    let mut out = serializer.serialize_struct("money", 2)?;
    out.serialize_field("digits", &kopecks.map(money::in_digits).unwrap_or_default())?;
    out.serialize_field("words", &kopecks.map(money::in_words).unwrap_or_default())?;
    out.end()
}

/// A name: `.full` as typed, `.short` surname and initials.
pub(crate) fn name<S: Serializer>(full: &str, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Name<'a> {
        full: &'a str,
        short: String,
    }
    Name { full, short: names::surname_and_initials(full) }.serialize(serializer)
}

/// A whole number; empty when it is not known.
pub(crate) fn number<S: Serializer>(number: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&number.map(|number| number.to_string()).unwrap_or_default())
}
