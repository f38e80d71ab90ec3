//! Short names: surname and initials, in the nominative, as typed.

/// «Салтыков-Щедрин М. Е.»; one word stays as it is, «оглы» and «кызы» stay whole.
pub(crate) fn surname_and_initials(full: &str) -> String {
    const WHOLE: [&str; 6] = ["оглы", "кызы", "угли", "улы", "заде", "гызы"];
    let mut words = full.split_whitespace();
    let Some(surname) = words.next() else { return String::new() };
    let mut short = surname.to_owned();
    for word in words {
        if WHOLE.contains(&word.to_lowercase().as_str()) {
            short.push(' ');
            short.push_str(word);
            continue;
        }
        let initials: Vec<String> =
            word.split('-').filter_map(|part| part.chars().next()).map(|letter| format!("{letter}.")).collect();
        short.push('\u{A0}');
        short.push_str(&initials.join("-"));
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shortened_as_in_lists() {
        let short = |full: &str| surname_and_initials(full).replace('\u{A0}', " ");
        assert_eq!(short("Салтыков-Щедрин Михаил Евграфович"), "Салтыков-Щедрин М. Е.");
        assert_eq!(short("Мамедов Али Гусейн оглы"), "Мамедов А. Г. оглы");
        assert_eq!(short("Ли"), "Ли");
        assert_eq!(short("Иванова Анна-Мария"), "Иванова А.-М.");
        assert_eq!(short(""), "");
    }
}
