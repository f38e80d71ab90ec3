//! No-break spaces where a Russian reader expects them: «в клинику», «ст. 9», «№ 152-ФЗ», «— это».
//!
//! Applied to the wording and to the clinic's own requisites; a person's data are printed as typed.

use crate::russian::dates::MONTHS_GENITIVE;

const NO_BREAK: char = '\u{A0}';

/// Words that hold on to the next one.
const LEADING: &[&str] = &[
    "г.",
    "ул.",
    "д.",
    "кв.",
    "стр.",
    "корп.",
    "оф.",
    "пом.",
    "им.",
    "пер.",
    "пр.",
    "наб.",
    "№",
    "ст.",
    "п.",
    "ч.",
    "экз.",
    "ред.",
    "статьи",
    "статья",
    "статьёй",
    "части",
    "часть",
    "пункте",
    "пункта",
    "пунктах",
    "ИНН",
    "ОГРН",
    "Закона",
];

/// Words that hold on to the number before them, beside the months.
const TRAILING: &[&str] = &["г.", "№", "дней", "лет", "руб.", "экз.", "₽", "рабочих"];

/// Joins words that must not part at the end of a line.
pub(crate) fn tie(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut words = text.split(' ').peekable();
    // «г.» after a number is a year and not a town
    let mut after_number = false;
    while let Some(word) = words.next() {
        out.push_str(word);
        if let Some(next) = words.peek() {
            let of_year = word == "г." && after_number;
            let tie = !of_year && holds_together(word, next);
            out.push(if tie { NO_BREAK } else { ' ' });
        }
        after_number = ends_with_digit(word);
    }
    out
}

fn holds_on(word: &str) -> bool {
    TRAILING.contains(&word) || MONTHS_GENITIVE.contains(&word)
}

fn holds_together(word: &str, next: &str) -> bool {
    let core = word.trim_start_matches(['(', '«', '„']);
    let short = !core.is_empty() && core.chars().count() <= 2 && core.chars().all(char::is_alphabetic);
    short
        || LEADING.contains(&core)
        || is_initial(core)
        || next == "—"
        || (ends_with_digit(core) && holds_on(next.trim_end_matches([',', ';'])))
        || (is_number(core) && next.starts_with(|c: char| c.is_ascii_digit()))
}

/// «И.» before a surname.
fn is_initial(word: &str) -> bool {
    let mut characters = word.chars();
    characters.next().is_some_and(char::is_uppercase) && characters.next() == Some('.') && characters.next().is_none()
}

fn ends_with_digit(word: &str) -> bool {
    word.ends_with(|c: char| c.is_ascii_digit())
}

fn is_number(word: &str) -> bool {
    let digits = word.strip_prefix('+').unwrap_or(word);
    !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_belong_together_stay_together() {
        let tied = |text: &str| tie(text).replace(NO_BREAK, "~");
        assert_eq!(tied("запись в клинику"), "запись в~клинику");
        assert_eq!(tied("ст. 9 закона № 152-ФЗ"), "ст.~9 закона №~152-ФЗ");
        assert_eq!(tied("срок — год"), "срок~— год");
        assert_eq!(tied("27 июля 2006 г. даны 30 дней"), "27~июля 2006~г. даны 30~дней");
        assert_eq!(tied("Иванова О. В."), "Иванова О.~В.");
    }

    #[test]
    fn nothing_but_spaces_changes() {
        let text = "  Приём (в день обращения) , и  далее ";
        assert_eq!(tie(text).replace(NO_BREAK, " "), text);
    }
}
