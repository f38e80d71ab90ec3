//! Reads what is written in a phone field.
//!
//! The order: plain characters, pieces that may be numbers of their own, label and extension of a piece, its digits, and
//! the reading of the digits. Every way out but one reading is a [`Reading::Ask`], an incomplete number or a refusal.

use super::{LONGEST, NATIONAL, ParsedPhone, Phone, PhoneStatus, PhoneWarning, is_ext, national_kind};
use crate::fold::plain_char;

/// Text beyond this is not read: no phone field needs it.
const LONGEST_RAW: usize = 200;
/// How many numbers of one field are offered.
const MOST_NUMBERS: usize = 6;

/// Words that stand before an extension, longest first.
const EXT_WORDS: [&str; 11] =
    ["добавочный", "внутренний", "extension", "внутр", "доб", "доп", "вн", "ext", "x", "х", "#"];
/// Words that stand before a number, longest first.
const LABELS: [&str; 15] = [
    "мобильный",
    "телефон",
    "сотовый",
    "рабочий",
    "mobile",
    "phone",
    "моб",
    "тел",
    "сот",
    "раб",
    "дом",
    "tel",
    "mob",
    "т",
    "m",
];
/// Country code and full length of those whose numbers are recognised without a plus.
const NEIGHBOURS: [(&str, usize); 9] = [
    ("375", 12),
    ("998", 12),
    ("996", 12),
    ("992", 12),
    ("994", 12),
    ("995", 12),
    ("380", 12),
    ("374", 11),
    ("373", 11),
];

/// One reading of a text that holds one number.
enum Reading {
    One(Phone, PhoneStatus, Vec<PhoneWarning>),
    Ask(Vec<Phone>, Vec<PhoneWarning>),
    Incomplete,
    Nothing(PhoneWarning),
}

/// Reads what a person or a site has written in a phone field.
#[must_use]
pub fn parse(raw: &str) -> ParsedPhone {
    let pieces = split(strip_label(plain(raw).trim()));
    let reading = match pieces.as_slice() {
        [] => Reading::Nothing(PhoneWarning::TooShort),
        [one] => read_piece(one),
        many => read_many(many).unwrap_or_else(|| read_piece(&many.concat())),
    };
    let (phone, status, warnings, others) = match reading {
        Reading::One(phone, status, warnings) => (Some(phone), status, warnings, Vec::new()),
        Reading::Ask(others, warnings) => (None, PhoneStatus::Ambiguous, warnings, others),
        Reading::Incomplete => (None, PhoneStatus::Incomplete, vec![PhoneWarning::NoCityCode], Vec::new()),
        Reading::Nothing(why) => (None, PhoneStatus::Invalid, vec![why], Vec::new()),
    };
    ParsedPhone { raw: raw.to_owned(), phone, status, warnings, others }
}

/// Compatible forms of digits and signs to plain ones, lower case, without invisible signs.
pub(super) fn plain(raw: &str) -> String {
    let line_ends = |c: char| if matches!(c, '\n' | '\r') { ',' } else { c };
    raw.chars().take(LONGEST_RAW).map(line_ends).filter_map(plain_char).flat_map(char::to_lowercase).collect()
}

/// Parts of a field that may be numbers of their own.
fn split(text: &str) -> Vec<String> {
    let text =
        text.replace(" или ", ",").replace(" и ", ",").replace(" or ", ",").replace(";ext=", "#").replace('+', ",+");
    let mut pieces: Vec<String> = text
        .split([',', ';', '/', '\\', '|'])
        .filter(|piece| piece.chars().any(|c| c.is_alphanumeric()))
        .map(str::to_owned)
        .collect();
    // «, доб. 12» belongs to the number before it
    if let [first, second] = pieces.as_mut_slice()
        && split_ext(second).is_some_and(|(head, _)| head.trim().is_empty())
    {
        first.push_str(second);
        pieces.truncate(1);
    }
    pieces
}

/// Several pieces: `None` where no piece is a number, so that they can only be one number cut by odd signs.
fn read_many(pieces: &[String]) -> Option<Reading> {
    let mut found: Vec<Phone> = Vec::new();
    let mut incomplete = false;
    for piece in pieces.iter().take(MOST_NUMBERS) {
        match read_piece(piece) {
            Reading::One(phone, ..) => found.push(phone),
            Reading::Ask(phones, _) => found.extend(phones),
            Reading::Incomplete | Reading::Nothing(_) => incomplete = true,
        }
    }
    let mut different: Vec<Phone> = Vec::new();
    for phone in found {
        if !different.contains(&phone) {
            different.push(phone);
        }
    }
    match different.as_slice() {
        [] => None,
        [_] if !incomplete => pieces.first().map(|piece| read_piece(piece)),
        _ => Some(Reading::Ask(different, vec![PhoneWarning::SeveralNumbers])),
    }
}

fn read_piece(piece: &str) -> Reading {
    let piece = strip_label(piece.trim());
    let (head, ext) = match split_ext(piece) {
        Some((head, ext)) => (head, Some(ext)),
        None => (piece, None),
    };
    let Some((plus, digits)) = digits_of(head) else {
        return Reading::Nothing(PhoneWarning::ForeignSigns);
    };
    match read_digits(plus, &digits) {
        Reading::One(phone, status, warnings) => Reading::One(Phone { ext, ..phone }, status, warnings),
        _ if ext.is_some() && digits.is_empty() => Reading::Nothing(PhoneWarning::ForeignSigns),
        other => other,
    }
}

fn strip_label(piece: &str) -> &str {
    let rest = LABELS.iter().find_map(|label| piece.strip_prefix(label)).unwrap_or(piece);
    rest.trim_start_matches(['.', ':', ' '])
}

/// The number and its extension, where the text has a word for it.
fn split_ext(piece: &str) -> Option<(&str, String)> {
    let at = piece.find(|c: char| c.is_alphabetic() || c == '#')?;
    let (head, tail) = piece.split_at(at);
    let rest = EXT_WORDS.iter().find_map(|word| tail.strip_prefix(word))?;
    let ext: String = rest.chars().filter(|c| !matches!(c, ' ' | '.' | ':' | '№' | '-' | ')' | '=')).collect();
    is_ext(&ext).then_some((head, ext))
}

/// A leading plus and the digits; `None` where anything else than the usual signs stands among them.
fn digits_of(head: &str) -> Option<(bool, String)> {
    let mut digits = String::new();
    let mut plus = false;
    for c in head.chars() {
        match c {
            '0'..='9' => digits.push(c),
            '+' if digits.is_empty() => plus = true,
            ' ' | '-' | '(' | ')' | '[' | ']' | '.' | '·' | '~' | '_' | '\'' => {}
            _ => return None,
        }
    }
    Some((plus, digits))
}

fn read_digits(plus: bool, digits: &str) -> Reading {
    if plus {
        return read_international(digits);
    }
    if let Some(abroad) = digits.strip_prefix("810").filter(|rest| rest.len() > NATIONAL - 2) {
        return read_international(abroad);
    }
    if let Some(abroad) = digits.strip_prefix("00").filter(|rest| rest.len() > NATIONAL) {
        return read_international(abroad);
    }
    if NEIGHBOURS.iter().any(|(code, len)| digits.starts_with(code) && digits.len() == *len) {
        return read_international(digits);
    }
    match (digits.len(), digits.as_bytes().first()) {
        (0..=4, _) => Reading::Nothing(PhoneWarning::TooShort),
        (5..=7, _) => Reading::Incomplete,
        // a Kazakh number without its 7, or a Russian one that has lost its last digit
        (NATIONAL, Some(b'7'))
            if matches!(digits.as_bytes(), [_, b'0' | b'1' | b'2' | b'6' | b'7', ..] | [_, b'4', b'7', ..]) =>
        {
            Reading::Ask(from_national(digits).into_iter().collect(), vec![PhoneWarning::MaybeForeign])
        }
        (NATIONAL, Some(b'3' | b'4' | b'8' | b'9')) => read_national(digits, Vec::new()),
        (8..=NATIONAL, _) => Reading::Nothing(PhoneWarning::TooShort),
        (11, Some(b'7' | b'8')) => read_national(&digits[1..], Vec::new()),
        (20..=22, _) => read_glued(digits),
        _ => Reading::Nothing(PhoneWarning::TooLong),
    }
}

fn from_national(national: &str) -> Option<Phone> {
    Phone::from_e164(&format!("+7{national}"))
}

fn read_national(national: &str, mut warnings: Vec<PhoneWarning>) -> Reading {
    // no town has these codes, so «839 123-45-67» may be a cut «8 391 234-56-7…»; a new town may get one, so it is asked
    if national.len() == NATIONAL && matches!(national.as_bytes(), [b'8', b'3', b'0' | b'2' | b'7' | b'8' | b'9', ..]) {
        return Reading::Ask(from_national(national).into_iter().collect(), vec![PhoneWarning::EightInsideMask]);
    }
    match (national_kind(national), from_national(national)) {
        (Ok(status), Some(phone)) => {
            match status {
                PhoneStatus::TollFree => warnings.push(PhoneWarning::NoSms),
                PhoneStatus::Foreign => warnings.push(PhoneWarning::Kazakhstan),
                _ => {}
            }
            Reading::One(phone, status, warnings)
        }
        (Err(why), _) => Reading::Nothing(why),
        (Ok(_), None) => Reading::Nothing(PhoneWarning::ForeignSigns),
    }
}

fn read_international(digits: &str) -> Reading {
    let bytes = digits.as_bytes();
    match bytes {
        // «+7 8 912…»: the trunk prefix left in; certain enough to offer, not to dial
        [b'7', b'8', rest @ ..] if rest.len() == NATIONAL => offer(&[format!("+7{}", &digits[2..])]),
        [b'7', ..] => read_national(&digits[1..], Vec::new()),
        // +89 and +83 are nobody's; other +8… are countries
        [b'8', b'3' | b'9', ..] if bytes.len() == NATIONAL + 1 => {
            read_national(&digits[1..], vec![PhoneWarning::PlusEightRead])
        }
        [b'8', b'3' | b'9', ..] => Reading::Nothing(PhoneWarning::TooShort),
        [b'8', b'4' | b'8' | b'7', ..] if bytes.len() == NATIONAL + 1 => {
            offer(&[format!("+7{}", &digits[1..]), format!("+{digits}")])
        }
        // «+912…» with the 7 forgotten, or a country whose code begins with 9
        [b'9', ..] if bytes.len() == NATIONAL => offer(&[format!("+7{digits}"), format!("+{digits}")]),
        [b'0', ..] => Reading::Nothing(PhoneWarning::ForeignSigns),
        _ if bytes.len() > LONGEST => Reading::Nothing(PhoneWarning::TooLong),
        _ => match Phone::from_e164(&format!("+{digits}")) {
            Some(phone) => Reading::One(phone, PhoneStatus::Foreign, Vec::new()),
            None => Reading::Nothing(PhoneWarning::TooShort),
        },
    }
}

fn offer(texts: &[String]) -> Reading {
    Reading::Ask(texts.iter().filter_map(|text| Phone::from_e164(text)).collect(), vec![PhoneWarning::MaybeForeign])
}

/// Two numbers written without anything between them.
fn read_glued(digits: &str) -> Reading {
    let cut = if digits.starts_with(['7', '8']) { NATIONAL + 1 } else { NATIONAL };
    let (first, second) = digits.split_at(cut);
    match (read_digits(false, first), read_digits(false, second)) {
        (Reading::One(first, ..), Reading::One(second, ..)) => {
            Reading::Ask(vec![first, second], vec![PhoneWarning::SeveralNumbers])
        }
        _ => Reading::Nothing(PhoneWarning::TooLong),
    }
}
