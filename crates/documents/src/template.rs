//! Wording and data become Markdown in which every value is a slot.
//!
//! A template is Markdown with `{{ value }}`, `{% if %}`, `{% for %}` and the directives of
//! [`mod@crate::markdown`].
//!
//! Invariant: the Markdown that leaves here holds no value at all. The template engine writes a
//! numbered mark instead, and the mark is replaced by its value only after Markdown was read. So a
//! name made of asterisks, brackets and hashes stays a name.

use std::sync::{Arc, Mutex, PoisonError};

use minijinja::{Environment, UndefinedBehavior, Value};
use sha2::{Digest, Sha256};

use crate::PaperError;

const SLOT_OPEN: char = '\u{E000}';
const SLOT_CLOSE: char = '\u{E001}';

/// A template taken apart: what it is called and the wording itself.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) title: String,
    pub(crate) revision: u32,
    /// SHA-256 of the whole template, in hex, whatever the line ends of the checkout.
    pub(crate) sha256: String,
    body: String,
    /// Lines of front matter before the body, for line numbers in errors.
    offset: usize,
}

impl Template {
    pub(crate) fn parse(source: &str) -> Result<Self, PaperError> {
        let source = source.replace("\r\n", "\n");
        let (front, body) =
            source.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")).ok_or(PaperError::FrontMatter)?;
        let entry = |key: &str| {
            front
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find_map(|(name, value)| (name.trim() == key).then(|| value.trim().to_owned()))
        };
        let revision = entry("revision").and_then(|text| text.parse().ok());
        Ok(Self {
            title: entry("title").ok_or(PaperError::FrontMatter)?,
            revision: revision.ok_or(PaperError::FrontMatter)?,
            sha256: hex(&Sha256::digest(source.as_bytes())),
            body: body.to_owned(),
            offset: front.lines().count() + 2,
        })
    }

    /// Runs the template on `data`.
    pub(crate) fn fill(&self, data: &Value) -> Result<Filled, PaperError> {
        let slots = Arc::new(Mutex::new(Vec::new()));
        let environment = environment(&slots);
        let markdown = environment
            .render_str(&self.body, data)
            .map_err(|error| PaperError::TemplateSyntax { line: self.offset + error.line().unwrap_or_default() })?;
        drop(environment);
        let slots = std::mem::take(&mut *slots.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(Filled { markdown, slots: Slots(slots) })
    }
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

    fn behind(&self, mark: &str) -> Option<&str> {
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
