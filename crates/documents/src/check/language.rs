//! The template language: `{{ field }}`, `{% if %}`, `{% for %}`, comments. Everything else is refused.

use serde_json::Value;

use super::expression::{Names, field, names_of_condition};
use super::{Complaint, What, column};
use crate::data::Shape;

/// What a tag is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Field,
    Command,
}

/// A tag of the template: line from 1, column from 1, what stands inside.
struct Tag<'a> {
    line: usize,
    column: usize,
    kind: Kind,
    inside: &'a str,
}

/// An open `if` or `for`.
struct Open {
    word: &'static str,
    line: usize,
    column: usize,
    /// The name a list gives to its item.
    names: bool,
}

/// Complaints about the tags of a body; lines are counted from its first.
pub(super) fn read(body: &str, tree: &Value) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let mut names = Names::new(Shape::of(tree));
    let mut open: Vec<Open> = Vec::new();
    for tag in tags(body, &mut complaints) {
        let mut complain = |what| complaints.push(Complaint { line: tag.line, column: Some(tag.column), what });
        if tag.kind == Kind::Field {
            if let Err(what) = field(tag.inside, &names) {
                complain(what);
            }
            continue;
        }
        let (word, rest) = tag.inside.split_once(char::is_whitespace).unwrap_or((tag.inside, ""));
        match word {
            "if" | "elif" => {
                if let Err(what) = names_of_condition(rest, &names) {
                    complain(what);
                }
                if word == "if" {
                    open.push(Open { word: "if", line: tag.line, column: tag.column, names: false });
                } else if open.last().is_none_or(|open| open.word != "if") {
                    complain(What::Unopened { what: word.to_owned() });
                }
            }
            "else" if open.is_empty() => complain(What::Unopened { what: word.to_owned() }),
            "else" => {}
            "for" => {
                let named = names.enter(rest);
                if let Err(what) = &named {
                    complain(what.clone());
                }
                open.push(Open { word: "for", line: tag.line, column: tag.column, names: named.is_ok() });
            }
            "endif" | "endfor" => match open.last() {
                Some(last) if word.ends_with(last.word) => {
                    if last.names {
                        names.leave();
                    }
                    open.pop();
                }
                _ => complain(What::Unopened { what: word.to_owned() }),
            },
            command => complain(What::NotAllowed { command: command.to_owned() }),
        }
    }
    complaints.extend(open.into_iter().map(|open| Complaint {
        line: open.line,
        column: Some(open.column),
        what: What::Unclosed { what: open.word.to_owned() },
    }));
    complaints
}

fn tags<'a>(body: &'a str, complaints: &mut Vec<Complaint>) -> Vec<Tag<'a>> {
    let mut tags = Vec::new();
    let mut from = 0;
    while let Some(found) = body.get(from..).and_then(|rest| rest.find('{').map(|place| from + place)) {
        let rest = body.get(found..).unwrap_or_default();
        let before = body.get(..found).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        let line = before.matches('\n').count() + 1;
        let column = column(body.get(line_start..).unwrap_or_default(), found - line_start);
        let (open, close, kind) = match rest.get(..2) {
            Some("{{") => ("{{", "}}", Some(Kind::Field)),
            Some("{%") => ("{%", "%}", Some(Kind::Command)),
            Some("{#") => ("{#", "#}", None),
            _ => {
                from = found + 1;
                continue;
            }
        };
        let Some(end) = rest.find(close) else {
            complaints.push(Complaint { line, column: Some(column), what: What::Unclosed { what: open.to_owned() } });
            return tags;
        };
        let inside = rest.get(2..end).unwrap_or_default();
        if let Some(kind) = kind {
            tags.push(Tag { line, column, kind, inside: inside.trim_matches(['-', '+']).trim() });
        }
        from = found + end + 2;
    }
    tags
}

/// Whether a body prints a field, by its own name or as the items of its list; a form of it counts.
pub(super) fn prints(body: &str, wanted: &str) -> bool {
    let mut aliases: Vec<(&str, &str)> = Vec::new();
    tags(body, &mut Vec::new()).into_iter().any(|tag| {
        if tag.kind == Kind::Command {
            let mut words = tag.inside.split_whitespace();
            if let (Some("for"), Some(name), Some("in"), Some(list)) =
                (words.next(), words.next(), words.next(), words.next())
            {
                aliases.push((name, list));
            }
            return false;
        }
        let (head, rest) = tag.inside.split_once('.').unwrap_or((tag.inside, ""));
        let full = match aliases.iter().rev().find(|(name, _)| *name == head) {
            Some((_, list)) if rest.is_empty() => (*list).to_owned(),
            Some((_, list)) => format!("{list}.{rest}"),
            None => tag.inside.to_owned(),
        };
        full == wanted || full.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('.'))
    })
}
