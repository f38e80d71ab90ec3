//! What people type, read once and either taken or refused with the name of the field.

use chrono::{Datelike, NaiveDate};
use domain::{
    personal::PersonName,
    phone::{self, ParsedPhone},
};

use crate::{
    secrets::{LONGEST_SECRET, SHORTEST_SECRET},
    trouble::DeskError,
};

/// Names, titles, logins.
const SHORT: usize = 120;
/// Notes and comments.
const LONG: usize = 2_000;
/// The longest address of e-mail there is.
const LONGEST_EMAIL: usize = 254;
/// Phones on one card.
const MOST_PHONES: usize = 8;
const FIRST_BIRTH_YEAR: i32 = 1900;

/// A line without control characters, with something in it.
pub(crate) fn short(field: &'static str, text: &str) -> Result<String, DeskError> {
    line(field, text).and_then(|text| if text.is_empty() { Err(DeskError::BadInput(field)) } else { Ok(text) })
}

/// The same, or nothing.
pub(crate) fn line(field: &'static str, text: &str) -> Result<String, DeskError> {
    let text = text.trim();
    if text.chars().count() > SHORT || text.chars().any(char::is_control) {
        return Err(DeskError::BadInput(field));
    }
    Ok(text.to_owned())
}

/// A text of some lines, or none.
pub(crate) fn long(field: &'static str, text: Option<&str>) -> Result<Option<String>, DeskError> {
    let text = text.unwrap_or_default().trim();
    let odd = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if text.chars().count() > LONG || text.chars().any(odd) {
        return Err(DeskError::BadInput(field));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// A name with a family or a given name.
pub(crate) fn name(field: &'static str, name: &PersonName) -> Result<PersonName, DeskError> {
    let read = PersonName {
        family: line(field, &name.family)?,
        given: line(field, &name.given)?,
        patronymic: line(field, &name.patronymic)?,
    };
    if read.family.is_empty() && read.given.is_empty() { Err(DeskError::BadInput(field)) } else { Ok(read) }
}

/// A login: compared without case.
pub(crate) fn login(field: &'static str, text: &str) -> Result<String, DeskError> {
    let login = short(field, text)?.to_lowercase();
    if login.chars().any(char::is_whitespace) { Err(DeskError::BadInput(field)) } else { Ok(login) }
}

/// A password or PIN that may be set.
pub(crate) fn secret(field: &'static str, text: &str) -> Result<(), DeskError> {
    let length = text.chars().count();
    if (SHORTEST_SECRET..=LONGEST_SECRET).contains(&length) { Ok(()) } else { Err(DeskError::BadInput(field)) }
}

/// Phones that can be called: each with one reading. Empty lines are left out, repeated numbers too.
pub(crate) fn phones(field: &'static str, texts: &[String]) -> Result<Vec<ParsedPhone>, DeskError> {
    let mut read: Vec<ParsedPhone> = Vec::new();
    for text in texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
        let parsed = phone::parse(text);
        if parsed.phone.is_none() {
            return Err(DeskError::BadInput(field));
        }
        if !read.iter().any(|known| known.phone == parsed.phone) {
            read.push(parsed);
        }
    }
    if read.len() > MOST_PHONES { Err(DeskError::BadInput(field)) } else { Ok(read) }
}

/// The number of a taxpayer, or nothing: ten digits or twelve, the last of them checking the others.
pub(crate) fn inn(field: &'static str, text: &str) -> Result<String, DeskError> {
    const WEIGHTS: [u32; 11] = [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8];
    let digits = digits(field, text)?;
    let check = |upto: usize| {
        let weights = &WEIGHTS[WEIGHTS.len() - upto..];
        digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum::<u32>() % 11 % 10
    };
    let fits = match digits.len() {
        0 => true,
        10 => check(9) == digits[9],
        12 => check(10) == digits[10] && check(11) == digits[11],
        _ => false,
    };
    if fits { Ok(text.trim().to_owned()) } else { Err(DeskError::BadInput(field)) }
}

/// The number in the state register, or nothing: thirteen digits or fifteen, the last of them a check.
pub(crate) fn ogrn(field: &'static str, text: &str) -> Result<String, DeskError> {
    let digits = digits(field, text)?;
    let rest = |upto: usize, by: u32| digits[..upto].iter().fold(0, |rest, digit| (rest * 10 + digit) % by) % 10;
    let fits = match digits.len() {
        0 => true,
        13 => rest(12, 11) == digits[12],
        15 => rest(14, 13) == digits[14],
        _ => false,
    };
    if fits { Ok(text.trim().to_owned()) } else { Err(DeskError::BadInput(field)) }
}

fn digits(field: &'static str, text: &str) -> Result<Vec<u32>, DeskError> {
    text.trim().chars().map(|c| c.to_digit(10).ok_or(DeskError::BadInput(field))).collect()
}

/// An e-mail address, or none.
pub(crate) fn email(field: &'static str, text: Option<&str>) -> Result<Option<String>, DeskError> {
    let text = text.unwrap_or_default().trim();
    if text.is_empty() {
        return Ok(None);
    }
    let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, ',' | ';' | '<' | '>' | '"');
    let fits = text.split_once('@').is_some_and(|(local, host)| {
        !local.is_empty()
            && !host.contains('@')
            && host.split('.').count() > 1
            && host.split('.').all(|label| !label.is_empty())
    });
    if !fits || text.len() > LONGEST_EMAIL || text.chars().any(odd) {
        return Err(DeskError::BadInput(field));
    }
    Ok(Some(text.to_owned()))
}

/// A day on which a living person may be born.
pub(crate) fn birth_date(
    field: &'static str,
    date: Option<NaiveDate>,
    today: NaiveDate,
) -> Result<Option<NaiveDate>, DeskError> {
    match date {
        Some(day) if day > today || day.year() < FIRST_BIRTH_YEAR => Err(DeskError::BadInput(field)),
        date => Ok(date),
    }
}

#[cfg(test)]
mod tests {
    use super::{inn, ogrn};

    #[test]
    fn numbers_of_a_clinic_are_checked_by_their_last_digits() {
        assert!(inn("inn", "7707083893").is_ok() && inn("inn", " 500100732259 ").is_ok() && inn("inn", "").is_ok());
        for wrong in ["7707083894", "500100732258", "770708389", "77070838a3"] {
            assert!(inn("inn", wrong).is_err(), "{wrong}");
        }
        assert!(ogrn("ogrn", "1027700132195").is_ok() && ogrn("ogrn", "304500116000157").is_ok());
        assert!(ogrn("ogrn", "1027700132196").is_err() && ogrn("ogrn", "102770013219").is_err());
    }
}
