//! A text that nobody could read field by field, without what must not be kept, as far as names in it tell.
//!
//! `"ip": "…"`, `ip=…&`, `IP: …` and `<ip>…</ip>` lose their values; a value that is cut off is lost to the end.

use percent_encoding::percent_decode_str;

use crate::alias;

/// What stands for a value that was left out.
const LEFT_OUT: &str = "…";
/// A longer text before a colon is not a name.
const LONGEST_NAME: usize = 60;

/// The text, and what sorts of things were left out.
pub(crate) fn masked(text: &str) -> (String, Vec<&'static str>) {
    let mut dropped = Vec::new();
    let text = quoted(text, &mut dropped);
    let text = tagged(&text, &mut dropped);
    (lines_and_pairs(&text, &mut dropped), dropped)
}

fn must_go(name: &str) -> Option<&'static str> {
    let sort = alias::dropped_in_text(name)?;
    (sort != "technical" && name.chars().count() <= LONGEST_NAME).then_some(sort)
}

/// `"name": value` of JSON, whole or broken; `"key": "name", "value": value` as well.
fn quoted(text: &str, dropped: &mut Vec<&'static str>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut of_next_value = None;
    while let Some(at) = rest.find('"') {
        let (before, from_quote) = rest.split_at(at);
        out.push_str(before);
        let length = quoted_length(from_quote);
        let (name, after) = from_quote.split_at(length);
        out.push_str(name);
        rest = after;
        let value = rest.trim_start();
        let Some(value) = value.strip_prefix(':').map(str::trim_start) else { continue };
        let name = name.trim_matches('"');
        if matches!(name, "key" | "name" | "title" | "label") && value.starts_with('"') {
            of_next_value = must_go(value[..quoted_length(value)].trim_matches('"'));
        }
        let named = if name == "value" { of_next_value.take() } else { None };
        let Some(sort) = named.or_else(|| must_go(name)) else { continue };
        dropped.push(sort);
        out.push_str(": \"");
        out.push_str(LEFT_OUT);
        out.push('"');
        rest = value.split_at(value_length(value)).1;
    }
    out.push_str(rest);
    out
}

/// Bytes of a string with its quotes; to the end where it is cut off.
fn quoted_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Bytes of a JSON value.
fn value_length(text: &str) -> usize {
    match text.bytes().next() {
        Some(b'"') => return quoted_length(text),
        Some(b'{' | b'[') => {}
        _ => return text.find([',', '}', ']', '\n']).unwrap_or(text.len()),
    }
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        match byte {
            b'"' => {
                at += quoted_length(&text[at..]);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// `<name>value</name>`.
fn tagged(text: &str, dropped: &mut Vec<&'static str>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let Some(length) = rest[at..].find('>') else { break };
        let (tag, after) = rest.split_at(at + length + 1);
        out.push_str(tag);
        rest = after;
        let name = tag[at + 1..].trim_end_matches('>').split_whitespace().next().unwrap_or_default();
        if name.starts_with(['/', '!', '?']) {
            continue;
        }
        let Some(sort) = must_go(name) else { continue };
        dropped.push(sort);
        out.push_str(LEFT_OUT);
        rest = rest.find("</").map_or("", |end| &rest[end..]);
    }
    out.push_str(rest);
    out
}

/// `name=value&`, and lines `name: value`.
fn lines_and_pairs(text: &str, dropped: &mut Vec<&'static str>) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in text.split_inclusive(['&', '\n']) {
        let name = piece.find(['=', ':']).map(|at| (&piece[..at], at));
        let hit = name.and_then(|(name, at)| {
            let spaced = name.replace('+', " ");
            let name = percent_decode_str(&spaced).decode_utf8_lossy();
            must_go(name.trim()).filter(|_| !name.contains('"')).map(|sort| (sort, at))
        });
        let Some((sort, at)) = hit else {
            out.push_str(piece);
            continue;
        };
        dropped.push(sort);
        out.push_str(&piece[..=at]);
        out.push_str(LEFT_OUT);
        out.extend(piece.chars().last().filter(|c| matches!(c, '&' | '\n')));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_name_gives_away_is_left_out_of_broken_text() {
        for (text, left) in [
            (r#"{"name":"Анна","ip":"203.0.113.9","phone":"+7"#, r#"{"name":"Анна","ip": "…","phone":"+7"#),
            (r#"{"user_agent":"Mozilla/5.0 (Li"#, r#"{"user_agent": "…""#),
            (r#"{"passport":{"n":"0400 \"1\"","x":[1]},"a":1"#, r#"{"passport": "…","a":1"#),
            (r#"{"diagnosis":12,"a":1}"#, r#"{"diagnosis": "…","a":1}"#),
            (
                r#"[{"key":"user_agent","value":"Mozilla"},{"key":"a","value":"b"#,
                r#"[{"key":"user_agent","value": "…"},{"key":"a","value":"b"#,
            ),
            ("name=a&remote_ip=203.0.113.9&b=1", "name=a&remote_ip=…&b=1"),
            ("Имя: Анна\nIP: 203.0.113.9\nТекст", "Имя: Анна\nIP:…\nТекст"),
            ("%D0%B4%D0%B8%D0%B0%D0%B3%D0%BD%D0%BE%D0%B7=x", "%D0%B4%D0%B8%D0%B0%D0%B3%D0%BD%D0%BE%D0%B7=…"),
            ("<lead><ip>203.0.113.9</ip><name>Анна</name>", "<lead><ip>…</ip><name>Анна</name>"),
            ("Здравствуйте, болит зуб: помогите", "Здравствуйте, болит зуб: помогите"),
        ] {
            assert_eq!(masked(text).0, left);
        }
        assert_eq!(masked("ip=1&cookies=2&form_id=3").1, ["ip", "cookies"]);
    }
}
