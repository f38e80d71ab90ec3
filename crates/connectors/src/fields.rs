//! Any payload as a flat list of fields: `payment[products][0][name]` and nested JSON both become
//! `payment.products.0.name`.

use serde_json::Value;

use crate::{Reason, text};

/// Fields beyond so many are not read.
pub const MOST_FIELDS: usize = 300;
/// Longest name of a field, in characters.
pub const LONGEST_KEY: usize = 120;
/// Longest value, in characters.
pub const LONGEST_VALUE: usize = 10_000;
/// Deeper JSON is kept as text.
const DEEPEST: usize = 5;

/// One field; the value is never empty.
#[derive(Clone)]
pub(crate) struct Field {
    pub(crate) key: String,
    pub(crate) value: String,
}

impl Field {
    fn new(key: &str, value: &str) -> Option<Self> {
        let key = text::clean_line(key, LONGEST_KEY);
        let value = text::clean_lines(value, LONGEST_VALUE);
        (!value.is_empty()).then_some(Self { key, value })
    }
}

pub(crate) fn read(content_type: &str, body: &[u8]) -> Result<Vec<Field>, Reason> {
    let content_type = content_type.to_ascii_lowercase();
    let first = body.iter().find(|b| !b.is_ascii_whitespace());
    if content_type.contains("json") || matches!(first, Some(b'{' | b'[')) {
        return if first.is_none() { Ok(Vec::new()) } else { read_json(body) };
    }
    if content_type.starts_with("multipart/") {
        return Err(Reason::UnknownEncoding);
    }
    read_form(body)
}

fn read_json(body: &[u8]) -> Result<Vec<Field>, Reason> {
    let value: Value = serde_json::from_slice(body).map_err(|_| Reason::BrokenJson)?;
    if !value.is_object() {
        return Err(Reason::BrokenJson);
    }
    let mut fields = Vec::new();
    flatten("", &value, 0, &mut fields);
    Ok(fields)
}

fn read_form(body: &[u8]) -> Result<Vec<Field>, Reason> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(body).map_err(|_| Reason::UnknownEncoding)?;
    let dotted = |key: &str| key.replace("][", ".").replace('[', ".").replace(']', "").trim_matches('.').to_owned();
    Ok(pairs.iter().filter_map(|(key, value)| Field::new(&dotted(key), value)).take(MOST_FIELDS).collect())
}

/// The leaves of a JSON value under a key.
pub(crate) fn flatten(key: &str, value: &Value, depth: usize, out: &mut Vec<Field>) {
    if out.len() >= MOST_FIELDS {
        return;
    }
    let below = |name: &str| if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
    match value {
        Value::Null => {}
        Value::Object(map) if depth < DEEPEST => {
            // by name, so that a reading does not depend on how the parser keeps its maps
            let mut members: Vec<_> = map.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            for (name, value) in members {
                flatten(&below(name), value, depth + 1, out);
            }
        }
        Value::Array(items) if depth < DEEPEST => {
            for (at, value) in items.iter().enumerate() {
                flatten(&below(&at.to_string()), value, depth + 1, out);
            }
        }
        Value::String(text) => out.extend(Field::new(key, text)),
        other => out.extend(Field::new(key, &other.to_string())),
    }
}
