//! The digits of a typed query: a receptionist types any part of a number in any format.

use super::{NATIONAL, read::plain};

/// The digits of a typed query in any format, to be found anywhere in [`Phone::digits`](super::Phone::digits).
///
/// A leading 8, 7 or +7 before ten digits becomes 7. `None` where the query holds letters or under three digits.
#[must_use]
pub fn search_digits(query: &str) -> Option<String> {
    search_variants(query).into_iter().next()
}

/// As [`search_digits`], with what else the digits typed so far may be the beginning of: `8912` is found as typed and
/// as `7912`. The likelier one first.
#[must_use]
pub fn search_variants(query: &str) -> Vec<String> {
    let text = plain(query);
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if digits.len() < 3 || text.chars().any(char::is_alphabetic) {
        return Vec::new();
    }
    if let Some(abroad) = digits.strip_prefix("810").filter(|rest| rest.len() >= NATIONAL) {
        return vec![abroad.to_owned()];
    }
    match digits.strip_prefix('8') {
        Some(national) if national.len() == NATIONAL && text.contains('+') => {
            vec![format!("7{national}"), digits]
        }
        Some(national) if national.len() == NATIONAL => vec![format!("7{national}")],
        Some(national) if national.len() < NATIONAL => {
            let as_trunk = format!("7{national}");
            let parted = text.trim_start_matches(['+', ' ', '(']).chars().nth(1).is_some_and(|c| !c.is_ascii_digit());
            if parted { vec![as_trunk, digits] } else { vec![digits, as_trunk] }
        }
        _ => vec![digits],
    }
}
