//! Wording and data become Markdown in which every value is a slot.
//!
//! A template is Markdown with `{{ value }}`, `{% if %}`, `{% for %}`, marks of mandatory items `[[item]]` and the
//! directives of [`mod@crate::markdown`]. Its front matter, between two lines `---`, holds `key: value`:
//!
//! * `title` and `revision`, a whole number that grows;
//! * `format`: `a4` (when left out), `a4-landscape` or `card`;
//! * `sheets`: `one` (when left out) or `any`;
//! * `margin`: `archive` for a paper kept longer than ten years;
//! * `letterhead`: `none` for a paper without the clinic's requisites at its head.
//!
//! Invariant: the Markdown that leaves here holds no value at all. The template engine writes a
//! numbered mark instead, and the mark is replaced by its value only after Markdown was read. So a
//! name made of asterisks, brackets and hashes stays a name.

use std::sync::{Arc, Mutex, PoisonError};

use minijinja::{Environment, UndefinedBehavior, Value};
use sha2::{Digest, Sha256};

use crate::PaperError;
use crate::model::{Format, Setup};

pub(crate) const SLOT_OPEN: char = '\u{E000}';
pub(crate) const SLOT_CLOSE: char = '\u{E001}';

/// Stands for one `_` of a place to write, which Markdown would take for emphasis.
pub(crate) const WRITE_HERE: char = '\u{E002}';
/// Fewer underscores are only underscores.
const FEWEST_UNDERSCORES: usize = 3;

/// Keys of the front matter.
pub(crate) const KEYS: [&str; 6] = ["title", "revision", "format", "sheets", "margin", "letterhead"];

/// A template taken apart: what it is called and the wording itself.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) title: String,
    pub(crate) revision: u32,
    /// SHA-256 of the whole template, in hex, whatever the line ends of the checkout.
    pub(crate) sha256: String,
    pub(crate) setup: Setup,
    body: String,
    /// Lines of front matter before the body, for line numbers in errors.
    pub(crate) offset: usize,
}

impl Template {
    pub(crate) fn parse(source: &str) -> Result<Self, PaperError> {
        let source = source.replace("\r\n", "\n");
        let (front, body) = split(&source).ok_or(PaperError::FrontMatter)?;
        let entry = |key: &str| entries(front).find_map(|(_, name, value)| (name == key).then(|| value.to_owned()));
        let revision = entry("revision").and_then(|text| text.parse().ok());
        let format = entry("format").map(|code| Format::of(&code).ok_or(PaperError::FrontMatter)).transpose()?;
        Ok(Self {
            title: entry("title").ok_or(PaperError::FrontMatter)?,
            revision: revision.ok_or(PaperError::FrontMatter)?,
            sha256: hex(&Sha256::digest(source.as_bytes())),
            setup: Setup {
                format: format.unwrap_or_default(),
                one_sheet: entry("sheets").is_none_or(|sheets| sheets != "any"),
                archive: entry("margin").is_some(),
                letterhead: entry("letterhead").is_none(),
            },
            body: body.to_owned(),
            offset: front.lines().count() + 2,
        })
    }

    /// The body as it was typed.
    pub(crate) fn body(&self) -> &str {
        &self.body
    }

    /// Runs the template on `data`.
    pub(crate) fn fill(&self, data: &Value) -> Result<Filled, PaperError> {
        self.fill_text(&without_marks(&self.body), data)
    }

    /// As [`Template::fill`], with the marks of mandatory items left in the text.
    pub(crate) fn fill_marked(&self, data: &Value) -> Result<Filled, PaperError> {
        self.fill_text(&self.body, data)
    }

    fn fill_text(&self, body: &str, data: &Value) -> Result<Filled, PaperError> {
        let slots = Arc::new(Mutex::new(Vec::new()));
        let environment = environment(&slots);
        let markdown = environment
            .render_str(&with_places_to_write(body), data)
            .map_err(|error| PaperError::TemplateSyntax { line: self.offset + error.line().unwrap_or_default() })?;
        drop(environment);
        let slots = std::mem::take(&mut *slots.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(Filled { markdown, slots: Slots(slots) })
    }
}

/// Front matter and body.
pub(crate) fn split(source: &str) -> Option<(&str, &str)> {
    source.strip_prefix("---\n")?.split_once("\n---\n")
}

/// Entries of a front matter: line from 1 in the whole file, key, value.
pub(crate) fn entries(front: &str) -> impl Iterator<Item = (usize, &str, &str)> {
    front.lines().enumerate().map(|(place, line)| {
        let (key, value) = line.split_once(':').unwrap_or((line, ""));
        (place + 2, key.trim(), value.trim())
    })
}

/// The text with the underscores of places to write marked.
fn with_places_to_write(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('_') {
        let (before, from) = rest.split_at(start);
        let after = from.trim_start_matches('_');
        let count = from.len() - after.len();
        out.push_str(before);
        let mark = if count >= FEWEST_UNDERSCORES { WRITE_HERE } else { '_' };
        out.extend(std::iter::repeat_n(mark, count));
        rest = after;
    }
    out + rest
}

/// The text without marks of mandatory items.
fn without_marks(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut end = 0;
    for mark in marks(text) {
        out.push_str(text.get(end..mark.start).unwrap_or_default());
        end = mark.end;
    }
    out + text.get(end..).unwrap_or_default()
}

/// A mark `[[item]]`; the blanks after it belong to it.
pub(crate) struct MarkAt<'a> {
    pub(crate) item: &'a str,
    /// Place in bytes.
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The marks of mandatory items in a text.
pub(crate) fn marks(text: &str) -> Vec<MarkAt<'_>> {
    text.match_indices("[[")
        .filter_map(|(start, open)| {
            let rest = text.get(start + open.len()..)?;
            let item = rest.get(..rest.find("]]")?)?;
            let is_name =
                !item.is_empty() && item.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            let after = rest.get(item.len() + 2..)?;
            let blanks = after.len() - after.trim_start_matches(' ').len();
            is_name.then_some(MarkAt { item, start, end: start + open.len() + item.len() + 2 + blanks })
        })
        .collect()
}

fn environment(slots: &Arc<Mutex<Vec<String>>>) -> Environment<'static> {
    let slots = Arc::clone(slots);
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_formatter(move |out, _state, value| {
        let mut slots = slots.lock().unwrap_or_else(PoisonError::into_inner);
        write!(out, "{SLOT_OPEN}{}{SLOT_CLOSE}", slots.len())?;
        slots.push(if value.is_none() { String::new() } else { value.to_string() });
        Ok(())
    });
    environment
}

/// A template that was run: Markdown with marks, and what stands behind the marks.
pub(crate) struct Filled {
    pub(crate) markdown: String,
    pub(crate) slots: Slots,
}

/// The values behind the marks.
pub(crate) struct Slots(Vec<String>);

impl Slots {
    /// Replaces the marks in a text by their values.
    pub(crate) fn resolve(&self, marked: &str) -> String {
        let mut text = String::with_capacity(marked.len());
        for piece in marked.split_inclusive(SLOT_CLOSE) {
            match piece.split_once(SLOT_OPEN) {
                Some((before, mark)) => {
                    text.push_str(before);
                    text.push_str(self.behind(mark).unwrap_or_default());
                }
                None => text.push_str(piece),
            }
        }
        text
    }

    /// The value behind the number of a mark.
    pub(crate) fn behind(&self, mark: &str) -> Option<&str> {
        let number: usize = mark.trim_end_matches(SLOT_CLOSE).parse().ok()?;
        self.0.get(number).map(String::as_str)
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use minijinja::context;

    fn template(body: &str) -> Template {
        Template::parse(&format!("---\ntitle: Лист\nrevision: 3\n---\n{body}")).unwrap()
    }

    #[test]
    fn a_value_never_reaches_markdown() {
        let hostile = "*{{ x }}* # [a](b) | \\ $";
        let filled = template("Я, {{ name }}.").fill(&context! { name => hostile }).unwrap();
        assert!(!filled.markdown.contains('*'));
        assert_eq!(filled.slots.resolve(&filled.markdown), format!("Я, {hostile}."));
    }

    #[test]
    fn marks_of_items_are_found_and_left_out() {
        let text = "- [[name]] Имя | {{ x }} [[Нет]] [ ]";
        assert_eq!(without_marks(text), "- Имя | {{ x }} [[Нет]] [ ]");
        assert_eq!(marks(text).iter().map(|mark| mark.item).collect::<Vec<_>>(), ["name"]);
    }

    #[test]
    fn an_unknown_value_names_its_line() {
        let error = template("раз\n{{ nobody }}").fill(&context! {}).err().unwrap();
        assert!(matches!(error, PaperError::TemplateSyntax { line: 6 }), "{error:?}");
    }

    #[test]
    fn the_hash_does_not_depend_on_line_ends() {
        let unix = "---\ntitle: A\nrevision: 1\n---\nтекст\n";
        let windows = unix.replace('\n', "\r\n");
        assert_eq!(Template::parse(unix).unwrap().sha256, Template::parse(&windows).unwrap().sha256);
    }

    #[test]
    fn a_template_without_revision_is_refused() {
        let refused = Template::parse("---\ntitle: A\n---\nтекст\n");
        assert!(matches!(refused, Err(PaperError::FrontMatter)));
    }
}
