//! Visitors' text made safe to keep and show: nothing invisible, nothing endless. What it says is not touched.

/// Characters that are not to be seen: control, bidirectional and zero-width ones.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// One line: runs of spaces and line ends become one space.
pub(crate) fn clean_line(text: &str, longest: usize) -> String {
    let mut line = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let gap = usize::from(!line.is_empty());
        let word = word.chars().filter(|c| !is_hidden(*c));
        let room = longest.saturating_sub(length + gap);
        let word: String = word.take(room).collect();
        if word.is_empty() {
            continue;
        }
        length += word.chars().count() + gap;
        if gap == 1 {
            line.push(' ');
        }
        line.push_str(&word);
    }
    line
}

/// Several lines.
pub(crate) fn clean_lines(text: &str, longest: usize) -> String {
    let kept: String = text.chars().filter(|c| matches!(c, '\n' | '\t') || !is_hidden(*c)).take(longest).collect();
    kept.trim().to_owned()
}

/// The host of an address, or nothing if it does not look like one.
pub(crate) fn host(text: &str) -> Option<String> {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default().trim().to_lowercase();
    let host = host.trim_start_matches("www.");
    let fits = (4..=100).contains(&host.len())
        && host.contains('.')
        && !host.starts_with('.')
        && !host.ends_with('.')
        && host.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-'))
        && host.chars().any(char::is_alphabetic);
    fits.then(|| host.to_owned())
}

/// Whether a whole value is an e-mail address, by its shape.
pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let plain = |part: &str| {
        !part.is_empty()
            && !part.contains(|c: char| c.is_whitespace() || matches!(c, '@' | '<' | '>' | '"' | ',' | ';'))
    };
    text.len() <= 254
        && plain(local)
        && plain(domain)
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
}

/// A yes, where a site writes one.
pub(crate) fn is_yes(value: &str) -> bool {
    !matches!(
        value.trim().to_lowercase().as_str(),
        "" | "0" | "no" | "false" | "off" | "null" | "none" | "нет" | "не согласен" | "не согласна"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_no_hidden_signs_and_an_end() {
        assert_eq!(clean_line("  Анна \u{202e}\n Иванова\u{0} \u{200b} ", 100), "Анна Иванова");
        assert_eq!(clean_line("абв где", 5), "абв г");
        assert_eq!(clean_line("абв где", 4), "абв");
        assert_eq!(clean_lines(" а\r\nб\u{7} ", 100), "а\nб");
    }

    #[test]
    fn only_the_host_of_a_page_is_kept() {
        assert_eq!(host("https://www.Clinic-24.ru/implant?phone=79000000000").as_deref(), Some("clinic-24.ru"));
        assert_eq!(host("улыбка.рф").as_deref(), Some("улыбка.рф"));
        assert_eq!(host("+7 900 000-00-00"), None);
        assert_eq!(host("79000000000.5"), None);
        assert_eq!(host(""), None);
    }

    #[test]
    fn an_email_is_told_by_its_shape() {
        assert!(is_email("anna@pochta.example"));
        assert!(
            !is_email("@anna.tg") && !is_email("анна собака.ру") && !is_email("a@b") && !is_email("a@b.ru, c@d.ru")
        );
    }
}
