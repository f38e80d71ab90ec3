//! Values before they reach a template: one line of visible characters.
//!
//! Names come from website visitors. A direction override would print a name backwards, a private
//! use character could be taken for one of our own marks, a newline would break a ruled field.
//! Invariant: what leaves here has no control, format, direction or private use characters, and
//! spaces only single and inside; it is never longer than [`LONGEST`].

/// No name or address is longer; more would be an attack on the layout.
const LONGEST: usize = 1000;

/// A cleaned value and how many characters it lost (spaces are folded, not counted).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Cleaned {
    pub(crate) text: String,
    pub(crate) dropped: usize,
}

pub(crate) fn clean(raw: &str) -> Cleaned {
    let mut text = String::with_capacity(raw.len());
    let mut dropped = 0;
    let mut gap = false;
    let mut length = 0;
    for character in raw.chars() {
        if character.is_whitespace() {
            gap = true;
        } else if is_unprintable(character) || length >= LONGEST {
            dropped += 1;
        } else {
            if gap && !text.is_empty() {
                text.push(' ');
            }
            gap = false;
            length += 1;
            text.push(character);
        }
    }
    Cleaned { text, dropped }
}

/// Control characters, invisible format marks, direction marks, private use, non-characters.
fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(
            u32::from(character),
            0x00AD
                | 0x061C
                | 0x180E
                | 0x200B..=0x200F
                | 0x202A..=0x202E
                | 0x2060..=0x206F
                | 0xE000..=0xF8FF
                | 0xFDD0..=0xFDEF
                | 0xFE00..=0xFE0F
                | 0xFEFF
                | 0xFFF0..=0xFFFF
                | 0xE0000..=0xE0FFF
                | 0xF0000..=0x10FFFF
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_pass_untouched() {
        for name in ["Мамедов Али Гусейн оглы", "Салтыков-Щедрин", "О'Нил", "*#[]{}$\\", "Ёлкина"]
        {
            assert_eq!(clean(name), Cleaned { text: name.to_owned(), dropped: 0 });
        }
    }

    #[test]
    fn direction_marks_and_controls_are_dropped_and_counted() {
        assert_eq!(
            clean("Иван\u{202E}ов\u{0} \u{200B}Пётр\u{E000}"),
            Cleaned { text: "Иванов Пётр".to_owned(), dropped: 4 }
        );
    }

    #[test]
    fn an_endless_value_is_cut_and_the_cut_is_counted() {
        let cleaned = clean(&"Ы".repeat(5000));
        assert_eq!(cleaned.text.chars().count(), LONGEST);
        assert_eq!(cleaned.dropped, 4000);
    }

    #[test]
    fn newlines_and_runs_of_spaces_become_one_space() {
        assert_eq!(clean("  Анна\r\n\tМария \u{A0} Ли\n").text, "Анна Мария Ли");
    }
}
