//! A page of a site as its words: what a person reads of it, whatever stands around it.
//!
//! Invariant: two pages that read the same have the same words. Markup, scripts, menus, what stands above and below every
//! page, spaces and signs that are not seen do not count.

use html5gum::{Token, Tokenizer};

use crate::charset;

/// What is not read: not shown at all, or of every page of the site.
const APART: [&[u8]; 11] = [
    b"script",
    b"style",
    b"title",
    b"noscript",
    b"template",
    b"svg",
    b"iframe",
    b"nav",
    b"header",
    b"footer",
    b"aside",
];
/// Tags inside of a word or a line; any other one ends the word before it.
const INLINE: [&[u8]; 16] = [
    b"a", b"abbr", b"b", b"code", b"em", b"font", b"i", b"mark", b"s", b"small", b"span", b"strong", b"sub", b"sup",
    b"u", b"wbr",
];

/// The words of a page, one space between two. None: it is neither HTML nor plain text.
#[must_use]
pub fn page_words(body: &[u8], content_type: &str) -> Option<String> {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let text = charset::decode(body, content_type);
    match kind.as_str() {
        "text/html" | "application/xhtml+xml" => Some(words(&shown(&text))),
        "text/plain" => Some(words(&text)),
        _ => None,
    }
}

fn shown(html: &str) -> String {
    let mut page = Page::default();
    for token in Tokenizer::new(html).flatten() {
        match token {
            Token::StartTag(tag) => page.opens(&tag.name, tag.self_closing),
            Token::EndTag(tag) => page.closes(&tag.name),
            Token::String(text) if page.apart.is_none() => page.out.push_str(&String::from_utf8_lossy(&text)),
            _ => {}
        }
    }
    page.out
}

#[derive(Default)]
struct Page {
    out: String,
    /// What is open of what is not read, and how deep it stands in its like.
    apart: Option<(Vec<u8>, u32)>,
}

impl Page {
    fn opens(&mut self, tag: &[u8], closed: bool) {
        match &mut self.apart {
            Some((name, depth)) => *depth += u32::from(name.as_slice() == tag && !closed),
            None if APART.contains(&tag) && !closed => self.apart = Some((tag.to_vec(), 1)),
            None => self.end_word(tag),
        }
    }

    fn closes(&mut self, tag: &[u8]) {
        match &mut self.apart {
            Some((name, depth)) if name.as_slice() == tag => {
                *depth -= 1;
                if *depth == 0 {
                    self.apart = None;
                    self.out.push(' ');
                }
            }
            Some(_) => {}
            None => self.end_word(tag),
        }
    }

    fn end_word(&mut self, tag: &[u8]) {
        if !INLINE.contains(&tag) {
            self.out.push(' ');
        }
    }
}

fn words(text: &str) -> String {
    let unseen = |sign: &char| matches!(sign, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}');
    let text: String = text.chars().filter(|sign| !unseen(sign)).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(html: &str) -> Option<String> {
        page_words(html.as_bytes(), "text/html; charset=utf-8")
    }

    #[test]
    fn markup_and_what_stands_around_the_text_do_not_count() {
        let first = "<html><head><title>Клиника</title><style>p{}</style></head><body><nav><ul><li>Услуги</ul></nav>\
            <h1>Политика</h1><p>1.&nbsp;<b>П</b>ерсональные дан\u{ad}ные &amp; согласие</p><footer>© 2026</footer></body>";
        let second = "<body><header>Новое меню</header><script>if (1 < 2) { visit(42) }</script><div><h2>Политика</h2></div>\n\n\
            <p>1. Персональные\n   данные & <span>согласие</span></p><footer>© 2027</footer>";
        assert_eq!(read(first).as_deref(), Some("Политика 1. Персональные данные & согласие"));
        assert_eq!(read(first), read(second));
        assert_ne!(read(first), read(&first.replace("согласие", "согласия")));
        assert_eq!(read("<nav>одно <nav>два</nav> меню</nav>три<br>четыре").as_deref(), Some("три четыре"));
        assert_eq!(page_words("раз\r\n  два".as_bytes(), "text/plain").as_deref(), Some("раз два"));
        assert_eq!(page_words(b"%PDF-1.7", "application/pdf"), None);
    }
}
