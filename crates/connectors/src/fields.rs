//! Any payload as a flat list of fields: `payment[products][0][name]` and nested JSON both become
//! `payment.products.0.name`.

use domain::mapping::FieldMeaning;
use serde_json::Value;

use crate::{QuarantineReason, text};

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
    /// What the format of the connector says that it is for.
    pub(crate) hint: Option<FieldMeaning>,
    /// The lines of the payload that it was made of; none where it is one itself.
    origin: Vec<(String, String)>,
}

impl Field {
    pub(crate) fn new(key: &str, value: &str) -> Option<Self> {
        let key = text::clean_line(key, LONGEST_KEY);
        let value = text::clean_lines(value, LONGEST_VALUE);
        (!value.is_empty()).then_some(Self { key, value, hint: None, origin: Vec::new() })
    }

    /// The same field under its reader's name.
    pub(crate) fn named(self, key: String) -> Self {
        let origin = self.as_sent();
        Self { key, origin, ..self }
    }

    pub(crate) fn hinted(self, hint: Option<FieldMeaning>) -> Self {
        Self { hint, ..self }
    }

    /// With further lines of the payload that say the same or something of it.
    pub(crate) fn with(mut self, more: impl IntoIterator<Item = Field>) -> Self {
        let mut origin = self.as_sent();
        origin.extend(more.into_iter().flat_map(|field| field.as_sent()));
        self.origin = origin;
        self
    }

    /// The lines of the payload.
    pub(crate) fn as_sent(&self) -> Vec<(String, String)> {
        if self.origin.is_empty() { vec![(self.key.clone(), self.value.clone())] } else { self.origin.clone() }
    }
}

pub(crate) fn read(content_type: &str, body: &[u8]) -> Result<Vec<Field>, QuarantineReason> {
    let content_type = content_type.to_ascii_lowercase();
    let first = body.iter().find(|b| !b.is_ascii_whitespace());
    if content_type.contains("json") || matches!(first, Some(b'{' | b'[')) {
        return if first.is_none() { Ok(Vec::new()) } else { read_json(body) };
    }
    if content_type.starts_with("multipart/") {
        return Err(QuarantineReason::UnknownEncoding);
    }
    read_form(body)
}

fn read_json(body: &[u8]) -> Result<Vec<Field>, QuarantineReason> {
    let value: Value = serde_json::from_slice(body).map_err(|_| QuarantineReason::BrokenJson)?;
    if !value.is_object() {
        return Err(QuarantineReason::BrokenJson);
    }
    let mut fields = Vec::new();
    flatten("", &value, 0, &mut fields);
    Ok(fields)
}

fn read_form(body: &[u8]) -> Result<Vec<Field>, QuarantineReason> {
    let pairs: Vec<(String, String)> =
        serde_urlencoded::from_bytes(body).map_err(|_| QuarantineReason::UnknownEncoding)?;
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

/// Several values under one name, or under `name.0`, `name.1`…, as one field: a row of check boxes.
pub(crate) fn joined(fields: Vec<Field>) -> Vec<Field> {
    let mut joined: Vec<Field> = Vec::new();
    let mut last: Option<(String, usize)> = None;
    for field in fields {
        let (stem, at) = match field.key.rsplit_once('.').map(|(stem, at)| (stem, at.parse::<usize>())) {
            Some((stem, Ok(at))) => (stem.to_owned(), Some(at)),
            _ => (field.key.clone(), None),
        };
        let goes_on = matches!(&last, Some((before, next)) if *before == stem && at.is_none_or(|at| at == *next));
        match joined.pop() {
            Some(list) if goes_on => {
                let value = format!("{}, {}", list.value, field.value);
                joined.push(Field { value, ..list.with([field]) });
            }
            before => {
                joined.extend(before);
                joined.push(if at == Some(0) { field.named(stem.clone()) } else { field });
            }
        }
        let next = last.take().filter(|_| goes_on).map_or(1, |(_, next)| next + 1);
        last = Some((stem, next));
    }
    joined
}
