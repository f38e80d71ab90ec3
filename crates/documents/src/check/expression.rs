//! Names in a template and what stands behind them.

use super::What;
use crate::data::Shape;

/// The names in force at a place: the data, and the items of the lists that are open.
pub(super) struct Names<'a> {
    root: Shape<'a>,
    items: Vec<(String, Shape<'a>)>,
}

impl<'a> Names<'a> {
    pub(super) fn new(root: Shape<'a>) -> Self {
        Self { root, items: Vec::new() }
    }

    /// Opens a list: `item in path`.
    pub(super) fn enter(&mut self, rest: &str) -> Result<(), What> {
        let mut words = rest.split_whitespace();
        let (Some(name), Some("in"), Some(path), None) = (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(What::NotAllowed { command: format!("for {rest}") });
        };
        if !is_name(name) {
            return Err(What::NotAllowed { command: format!("for {rest}") });
        }
        match self.find(path)? {
            Shape::List(item) => self.items.push((name.to_owned(), Shape::of(item))),
            Shape::Text | Shape::Record(_) => return Err(What::NotAList { field: path.to_owned() }),
        }
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.items.pop();
    }

    fn find(&self, path: &str) -> Result<Shape<'a>, What> {
        let unknown = || What::UnknownField { field: path.to_owned() };
        if !path.split('.').all(is_name) {
            return Err(What::NotAllowed { command: path.to_owned() });
        }
        if matches!(path, "loop.first" | "loop.last" | "loop.index") && !self.items.is_empty() {
            return Ok(Shape::Text);
        }
        let (head, rest) = path.split_once('.').map_or((path, None), |(head, rest)| (head, Some(rest)));
        let item = self.items.iter().rev().find(|(name, _)| name == head).map(|(_, shape)| *shape);
        let mut shape = item.or_else(|| self.root.field(head)).ok_or_else(unknown)?;
        for name in rest.into_iter().flat_map(|rest| rest.split('.')) {
            shape = shape.field(name).ok_or_else(unknown)?;
        }
        Ok(shape)
    }
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase())
        && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// `{{ path }}` must be a text.
pub(super) fn field(inside: &str, names: &Names<'_>) -> Result<(), What> {
    match names.find(inside)? {
        Shape::Text => Ok(()),
        Shape::Record(_) | Shape::List(_) => Err(What::NotAText { field: inside.to_owned() }),
    }
}

/// A condition is made of names, `and`, `or`, `not`.
pub(super) fn names_of_condition(condition: &str, names: &Names<'_>) -> Result<(), What> {
    let mut wants_name = true;
    for word in condition.split_whitespace() {
        match (word, wants_name) {
            ("not", true) => {}
            ("and" | "or", false) => wants_name = true,
            (path, true) => {
                if let Shape::Record(_) = names.find(path)? {
                    return Err(What::NotAText { field: path.to_owned() });
                }
                wants_name = false;
            }
            _ => return Err(What::NotAllowed { command: condition.to_owned() }),
        }
    }
    if wants_name { Err(What::NotAllowed { command: format!("if {condition}") }) } else { Ok(()) }
}
