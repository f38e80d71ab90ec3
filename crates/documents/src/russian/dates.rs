//! Dates as Russian papers write them: in words in running text, in digits in tables.

use chrono::{Datelike, NaiveDate};

pub(crate) const MONTHS_GENITIVE: [&str; 12] = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
];

/// «23 ноября 2026 г.», the way dates stand in the text of a paper.
pub(crate) fn in_words(date: NaiveDate) -> String {
    let month = MONTHS_GENITIVE.get(date.month0() as usize).copied().unwrap_or_default();
    format!("{} {month} {} г.", date.day(), date.year())
}

/// «23.11.2026», the way dates stand in tables.
pub(crate) fn in_digits(date: NaiveDate) -> String {
    date.format("%d.%m.%Y").to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_date_reads_as_on_paper() {
        let day = |y, m, d| in_words(NaiveDate::from_ymd_opt(y, m, d).unwrap());
        assert_eq!(day(2026, 11, 23), "23 ноября 2026 г.");
        assert_eq!(day(1987, 3, 1), "1 марта 1987 г.");
        assert_eq!(day(2028, 2, 29), "29 февраля 2028 г.");
    }
}
