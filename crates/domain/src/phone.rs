//! Phone numbers as people and sites write them.
//!
//! A wrong guess here calls a stranger and tells them of somebody's visit, so the rule is: read what is certain, ask
//! where two readings are possible, refuse the rest, and always keep what was written.
//!
//! Invariants:
//! - a [`Phone`] is always well formed E.164; the field is private and reading from serde checks it;
//! - [`ParsedPhone::phone`] is set only when there is one reading. Where a person must choose, it is `None` and the
//!   candidates stand in [`ParsedPhone::others`]; blocks and duplicates must look at [`ParsedPhone::candidates`];
//! - `Debug` shows no digit.

use std::fmt;

use serde::{Deserialize, Serialize};

mod read;
mod search;

pub use read::parse;
pub use search::{search_digits, search_variants};

/// E.164: no number is longer.
const LONGEST: usize = 15;
/// No subscriber abroad is reached by less, country code included.
const SHORTEST: usize = 8;
/// Digits of a Russian or Kazakh number without the country code.
const NATIONAL: usize = 10;
/// Extensions longer than this are something else.
const LONGEST_EXT: usize = 7;

/// A number in E.164 with an optional extension.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(try_from = "PhoneParts")]
pub struct Phone {
    e164: String,
    ext: Option<String>,
}

#[derive(Deserialize)]
struct PhoneParts {
    e164: String,
    #[serde(default)]
    ext: Option<String>,
}

/// The text is not a phone number in E.164.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a phone number in E.164")]
pub struct NotE164;

impl TryFrom<PhoneParts> for Phone {
    type Error = NotE164;
    fn try_from(parts: PhoneParts) -> Result<Self, NotE164> {
        let phone = Self::from_e164(&parts.e164).ok_or(NotE164)?;
        match parts.ext {
            Some(ext) if !is_ext(&ext) => Err(NotE164),
            ext => Ok(Self { ext, ..phone }),
        }
    }
}

/// What may be done with what was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum PhoneStatus {
    /// A Russian number.
    Valid,
    /// A Russian number that is free for the caller; it takes no messages.
    TollFree,
    /// A number of another country, Kazakhstan included.
    Foreign,
    /// A city number without its city code.
    Incomplete,
    /// More than one reading, or more than one number: a person must choose.
    Ambiguous,
    /// Cannot be read; the raw text is all there is.
    Invalid,
}

/// What a person should know about the reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum PhoneWarning {
    /// `+8…` was read as `+7…`: no country has that code.
    PlusEightRead,
    /// Cannot get messages.
    NoSms,
    /// `+7`, but Kazakhstan.
    Kazakhstan,
    /// May be a number abroad or a Russian one written wrongly.
    MaybeForeign,
    /// More than one number in the field.
    SeveralNumbers,
    /// The city code is missing.
    NoCityCode,
    /// Too few digits.
    TooShort,
    /// Too many digits.
    TooLong,
    /// An input mask has taken the leading 8 for a part of the number, so that the end was lost.
    EightInsideMask,
    /// Letters or signs that do not belong to a number.
    ForeignSigns,
}

/// What was written, and what could be read of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct ParsedPhone {
    /// As it was written.
    pub raw: String,
    /// The number, where there is one reading.
    pub phone: Option<Phone>,
    /// What may be done with it.
    pub status: PhoneStatus,
    /// What a person should know.
    pub warnings: Vec<PhoneWarning>,
    /// What to choose from where there are several readings or numbers.
    pub others: Vec<Phone>,
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(…)")
    }
}

impl fmt::Debug for ParsedPhone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParsedPhone")
            .field("status", &self.status)
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}

impl ParsedPhone {
    /// Every number that the text may mean. What protects a person (blocks, duplicates) looks at all of them.
    pub fn candidates(&self) -> impl Iterator<Item = &Phone> {
        self.phone.iter().chain(&self.others)
    }
}

impl Phone {
    /// A number from its exact E.164 text, such as `+79123456789`.
    #[must_use]
    pub fn from_e164(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+')?;
        let well_formed = (SHORTEST..=LONGEST).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0')
            && digits.strip_prefix('7').is_none_or(|national| national_kind(national).is_ok());
        well_formed.then(|| Self { e164: text.to_owned(), ext: None })
    }

    /// `+79123456789`: the key by which equal numbers are found. The extension is not part of it.
    #[must_use]
    pub fn e164(&self) -> &str {
        &self.e164
    }

    /// The extension, digits only.
    #[must_use]
    pub fn ext(&self) -> Option<&str> {
        self.ext.as_deref()
    }

    /// The digits of E.164 without the plus.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.e164[1..]
    }

    /// `+7 912 345-67-89`, with «доб. 12» after it where there is an extension.
    #[must_use]
    pub fn display(&self) -> String {
        let mut text = self.grouped();
        if let Some(ext) = &self.ext {
            text.push_str(" доб. ");
            text.push_str(ext);
        }
        text
    }

    /// For lists: `+7 ••• •••-67-89`.
    #[must_use]
    pub fn masked(&self) -> String {
        let code = country_code_len(self.digits());
        let hidden = code..self.digits().len().saturating_sub(4);
        let mut at = 0;
        let mask = |c: char| {
            if !c.is_ascii_digit() {
                return c;
            }
            at += 1;
            if hidden.contains(&(at - 1)) { '•' } else { c }
        };
        self.grouped().chars().map(mask).collect()
    }

    fn grouped(&self) -> String {
        let (code, rest) = self.digits().split_at(country_code_len(self.digits()));
        let (area, local) = rest.split_at(rest.len().saturating_sub(7));
        let (first, pairs) = local.split_at(local.len().saturating_sub(4));
        let (third, fourth) = pairs.split_at(pairs.len() / 2);
        let gap = if area.is_empty() { "" } else { " " };
        format!("+{code} {area}{gap}{first}-{third}-{fourth}")
    }
}

fn is_ext(text: &str) -> bool {
    (1..=LONGEST_EXT).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// How many of the leading digits are the country code.
fn country_code_len(digits: &str) -> usize {
    let two = matches!(
        digits.get(..2),
        Some(
            "20" | "27"
                | "30"
                | "31"
                | "32"
                | "33"
                | "34"
                | "36"
                | "39"
                | "40"
                | "41"
                | "43"
                | "44"
                | "45"
                | "46"
                | "47"
                | "48"
                | "49"
                | "51"
                | "52"
                | "53"
                | "54"
                | "55"
                | "56"
                | "57"
                | "58"
                | "60"
                | "61"
                | "62"
                | "63"
                | "64"
                | "65"
                | "66"
                | "81"
                | "82"
                | "84"
                | "86"
                | "90"
                | "91"
                | "92"
                | "93"
                | "94"
                | "95"
                | "98"
        )
    );
    match digits.bytes().next() {
        Some(b'1' | b'7') => 1,
        _ if two => 2,
        _ => 3,
    }
}

/// What ten digits after `+7` are.
fn national_kind(national: &str) -> Result<PhoneStatus, PhoneWarning> {
    if national.len() != NATIONAL {
        return Err(if national.len() < NATIONAL { PhoneWarning::TooShort } else { PhoneWarning::TooLong });
    }
    match national.as_bytes() {
        // 810 is the way out of the country; 849 and 88x, 89x are in no numbering plan: «+7 (891) 234-56-78» is a cut 8 912…
        [b'8', b'1', b'0', ..] | [b'8', b'4', b'9', ..] | [b'8', b'8' | b'9', ..] => Err(PhoneWarning::EightInsideMask),
        [b'8', b'0', b'0' | b'4', ..] => Ok(PhoneStatus::TollFree),
        [b'3' | b'4' | b'8' | b'9', ..] => Ok(PhoneStatus::Valid),
        [b'6' | b'7', ..] => Ok(PhoneStatus::Foreign),
        _ => Err(PhoneWarning::ForeignSigns),
    }
}

#[cfg(test)]
mod tests;
