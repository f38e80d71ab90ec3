//! Times and amounts as sites write them. What is not certain is not read.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime};
use chrono_tz::Tz;
use domain::{Kopecks, hours::instant_of};

const NAKED: [&str; 6] = [
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
];
/// No certificate is worth more: ten million roubles.
const HIGHEST: i64 = 1_000_000_000;

/// A time as a site wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// Whole, with its offset.
    Exact(DateTime<FixedOffset>),
    /// Whole, but nobody knows of which zone.
    Naked,
    /// Words, or a part of a time.
    Words,
}

/// What a time is worth: with an offset, as a Unix time, or as wall time of the zone that the source has named.
pub(crate) fn written(text: &str, zone: Option<Tz>) -> Written {
    let text = text.trim();
    if let Some(at) = with_offset(text) {
        return Written::Exact(at);
    }
    let Some(naked) = NAKED.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()) else {
        return Written::Words;
    };
    let Some(zone) = zone else { return Written::Naked };
    instant_of(zone, naked).map_or(Written::Words, |at| Written::Exact(at.with_timezone(&zone).fixed_offset()))
}

fn with_offset(text: &str) -> Option<DateTime<FixedOffset>> {
    let forms = ["%Y-%m-%d %H:%M:%S%z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z"];
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at);
    }
    if let Some(at) = forms.iter().find_map(|form| DateTime::parse_from_str(text, form).ok()) {
        return Some(at);
    }
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let at = match text.len() {
        10 => DateTime::from_timestamp(text.parse().ok()?, 0),
        13 => DateTime::from_timestamp_millis(text.parse().ok()?),
        _ => None,
    };
    at.map(|at| at.fixed_offset())
}

/// A plain date.
pub(crate) fn date(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    ["%Y-%m-%d", "%d.%m.%Y"].iter().find_map(|form| NaiveDate::parse_from_str(text, form).ok())
}

/// Roubles, with kopecks after a point or a comma: `5000`, `5 000 ₽`, `4999,50`. Exact or nothing.
pub(crate) fn roubles(text: &str) -> Option<Kopecks> {
    let mut rest: String = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    for unit in ["₽", "руб.", "руб", "р.", "rub", "р"] {
        if let Some(amount) = rest.strip_suffix(unit) {
            rest = amount.to_owned();
            break;
        }
    }
    let (whole, part) = rest.split_once(['.', ',']).unwrap_or((&rest, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > 2 {
        return None;
    }
    let kopecks: i64 = format!("{part:0<2}").parse().ok()?;
    let total = whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(kopecks)?;
    (total > 0 && total <= HIGHEST).then_some(Kopecks(total))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_naked_time_needs_the_zone_of_its_source() {
        let exact = |text: &str| Written::Exact(DateTime::parse_from_rfc3339(text).unwrap());
        let zone = Some(Tz::Asia__Krasnoyarsk);
        assert_eq!(written("2026-11-23T21:15:00+03:00", None), exact("2026-11-23T21:15:00+03:00"));
        assert_eq!(written("2026-10-05T12:15:24+0500", zone), exact("2026-10-05T12:15:24+05:00"));
        assert_eq!(written("1763922900", None), exact("2025-11-23T18:35:00Z"));
        assert_eq!(written("23.11.2026 21:15", None), Written::Naked);
        assert_eq!(written("23.11.2026 21:15", zone), exact("2026-11-23T21:15:00+07:00"));
        assert_eq!(written("2026-11-23 21:15:07", zone), exact("2026-11-23T21:15:07+07:00"));
        assert_eq!(written("2026-11-23T21:15", zone), exact("2026-11-23T21:15:00+07:00"));
        for words in ["утро", "после 18:00", "завтра", "18:00", "23.11.2026", ""] {
            assert_eq!(written(words, zone), Written::Words, "{words}");
        }
    }

    #[test]
    fn money_is_exact_or_nothing() {
        for (text, kopecks) in
            [("5000", 500_000), ("5 000 ₽", 500_000), ("5\u{a0}000 руб.", 500_000), ("4999,5", 499_950), ("4.90", 490)]
        {
            assert_eq!(roubles(text), Some(Kopecks(kopecks)), "{text}");
        }
        for text in ["", "0", "-5", "5e3", "5,000", "пять", "1.999", "99999999999", "..", "5000 или 3000"] {
            assert_eq!(roubles(text), None, "{text}");
        }
    }
}
