//! The data as a tree: cleaning of every text in it, and the names templates may use.

use serde_json::Value;

use crate::clean::clean;

/// Cleans every text of the tree; gives the paths that lost characters and how many.
pub(crate) fn clean_all(value: &mut Value) -> Vec<(String, usize)> {
    let mut lost = Vec::new();
    clean_at(value, String::new(), &mut lost);
    lost
}

fn clean_at(value: &mut Value, path: String, lost: &mut Vec<(String, usize)>) {
    match value {
        Value::String(text) => {
            let cleaned = clean(text);
            if cleaned.dropped > 0 {
                lost.push((path, cleaned.dropped));
            }
            *text = cleaned.text;
        }
        Value::Array(items) => items.iter_mut().for_each(|item| clean_at(item, path.clone(), lost)),
        Value::Object(fields) => {
            for (name, field) in fields {
                let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                clean_at(field, inner, lost);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What stands behind a name in a template. Read off an example in which every field is filled.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape<'a> {
    Text,
    /// Has fields of its own.
    Record(&'a Value),
    /// A list; the shape of its items.
    List(&'a Value),
}

impl<'a> Shape<'a> {
    pub(crate) fn of(value: &'a Value) -> Self {
        match value {
            Value::Array(items) => Self::List(items.first().unwrap_or(&Value::Null)),
            Value::Object(_) => Self::Record(value),
            _ => Self::Text,
        }
    }

    /// The shape of a field.
    pub(crate) fn field(self, name: &str) -> Option<Self> {
        match self {
            Self::Record(value) => value.get(name).map(Self::of),
            _ => None,
        }
    }
}
