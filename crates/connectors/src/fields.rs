//! Any payload as a flat list of fields: `payment[products][0][name]` and nested JSON both become
//! `payment.products.0.name`.

use std::collections::BTreeMap;

use domain::mapping::FieldMeaning;
use mail_parser::{MessageParser, MimeHeaders, PartType};
use percent_encoding::percent_decode;
use serde_json::Value;

use crate::{
    QuarantineReason,
    alias::{self, Named},
    charset, letter, mask, text,
};

/// Fields beyond so many are not read one by one: they are kept as the text of one field.
pub const MOST_FIELDS: usize = 300;
/// Longest name of a field, in characters: some forms name a box by the whole text beside it.
pub const LONGEST_KEY: usize = 1_000;
/// Longest value, in characters.
pub const LONGEST_VALUE: usize = 10_000;
/// Deeper JSON is kept as text.
const DEEPEST: usize = 8;
/// The field that holds what was beyond [`MOST_FIELDS`].
const THE_REST: &str = "прочие поля";

/// One field; the value is never empty.
#[derive(Clone)]
pub(crate) struct Field {
    pub(crate) key: String,
    pub(crate) value: String,
    /// What the format of the connector says that it is for.
    pub(crate) hint: Option<FieldMeaning>,
    /// The lines of the payload that it was made of; none where it is one itself.
    pub(crate) origin: Vec<(String, String)>,
}

impl Field {
    pub(crate) fn new(key: &str, value: &str) -> Option<Self> {
        let key = text::clean_line(key, LONGEST_KEY);
        let value = text::clean_lines(value, LONGEST_VALUE);
        (!value.is_empty()).then_some(Self { key, value, hint: None, origin: Vec::new() })
    }

    /// A line that was kept: its value was cut already.
    pub(crate) fn of_kept(key: &str, value: &str) -> Option<Self> {
        let value = text::clean_lines(value, crate::LONGEST_BODY);
        Self::new(key, "…").filter(|_| !value.is_empty()).map(|field| Self { value, ..field })
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

/// A payload as fields, and what was left out of it on the way: files, and what is noise by the format.
#[derive(Default)]
pub(crate) struct Payload {
    pub(crate) fields: Vec<Field>,
    pub(crate) dropped: Vec<&'static str>,
}

/// What of a connector's JSON is not to be read at all, by its path and value: the sort of it.
pub(crate) type Noise = fn(&str, &Value) -> Option<&'static str>;

/// For connectors without noise.
pub(crate) fn no_noise(_: &str, _: &Value) -> Option<&'static str> {
    None
}

/// No fields at all: the body was empty.
pub(crate) fn read(content_type: &str, body: &[u8], noise: Noise) -> Result<Payload, QuarantineReason> {
    let kind = content_type.to_ascii_lowercase();
    let Some(first) = body.iter().find(|b| !b.is_ascii_whitespace()) else { return Ok(Payload::default()) };
    if kind.starts_with("multipart/") {
        return read_multipart(content_type, body);
    }
    if body.contains(&0) {
        return Err(QuarantineReason::UnknownEncoding);
    }
    if kind.contains("json") || matches!(first, b'{' | b'[') {
        return read_json(&charset::decode(body, content_type), noise);
    }
    if kind.starts_with("text/") {
        return Ok(letter::fields_of_text(&charset::decode(body, content_type), &kind));
    }
    if *first == b'<' || !body.contains(&b'=') {
        return Err(QuarantineReason::UnknownEncoding);
    }
    read_form(content_type, body, noise)
}

fn read_json(text: &str, noise: Noise) -> Result<Payload, QuarantineReason> {
    let value: Value =
        serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|_| QuarantineReason::BrokenJson)?;
    if !value.is_object() && !value.is_array() {
        return Err(QuarantineReason::BrokenJson);
    }
    let mut tree = Tree { noise, out: Payload::default() };
    tree.flatten("", &value, 0);
    Ok(limited(tree.out))
}

fn read_form(content_type: &str, body: &[u8], noise: Noise) -> Result<Payload, QuarantineReason> {
    let spaced: Vec<u8> = body.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let bytes = |part: &[u8]| percent_decode(part).collect::<Vec<u8>>();
    // all of it is in one encoding: the more of it, the better the guess
    let encoding = charset::of(&bytes(&spaced), content_type);
    let decode = |part: &[u8]| encoding.decode_without_bom_handling(&bytes(part)).0.into_owned();
    let pairs: Vec<(String, String)> = spaced
        .split(|byte| *byte == b'&')
        .map(|pair| {
            let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            (decode(&pair[..at]), decode(pair.get(at + 1..).unwrap_or_default()))
        })
        .collect();
    // `data={…}`: JSON in the clothes of a form
    if let [(_, only)] = pairs.as_slice()
        && only.trim_start().starts_with('{')
        && let Ok(payload) = read_json(only, noise)
    {
        return Ok(payload);
    }
    let fields = pairs.iter().filter_map(|(key, value)| Field::new(&dotted(key), value)).collect();
    Ok(limited(Payload { fields, dropped: Vec::new() }))
}

/// `multipart/form-data` is MIME, so a parser of letters reads it. Files are counted.
fn read_multipart(content_type: &str, body: &[u8]) -> Result<Payload, QuarantineReason> {
    let mut whole = format!("Content-Type: {}\r\n\r\n", text::clean_line(content_type, LONGEST_VALUE)).into_bytes();
    whole.extend_from_slice(body);
    let message = MessageParser::default().parse(&whole).ok_or(QuarantineReason::UnknownEncoding)?;
    let mut payload = Payload::default();
    for part in &message.parts {
        let Some(about) = part.content_disposition() else { continue };
        let Some(name) = about.attribute("name") else { continue };
        if about.has_attribute("filename") {
            payload.dropped.push("file");
            continue;
        }
        let value = match &part.body {
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => charset::decode(bytes, ""),
            _ => {
                let raw = whole.get(part.offset_body as usize..part.offset_end as usize).unwrap_or_default();
                charset::decode(raw, "")
            }
        };
        payload.fields.extend(Field::new(&dotted(name), value.trim_end_matches(['\r', '\n'])));
    }
    if payload.fields.is_empty() && payload.dropped.is_empty() {
        return Err(QuarantineReason::UnknownEncoding);
    }
    Ok(limited(payload))
}

/// Without the fields whose names say that they must not be kept; what sorts those were.
pub(crate) fn without_dropped(fields: Vec<Field>) -> (Vec<Field>, Vec<&'static str>) {
    let mut dropped = Vec::new();
    let mut left = fields;
    left.retain(|field| match alias::named(&field.key) {
        Some(Named::Drop(sort)) => {
            dropped.push(sort);
            false
        }
        _ => true,
    });
    (left, dropped)
}

/// `payment[products][0][name]` as `payment.products.0.name`.
pub(crate) fn dotted(key: &str) -> String {
    key.replace("][", ".").replace('[', ".").replace(']', "").trim_matches('.').to_owned()
}

/// What is beyond the limit, as the text of one field.
fn limited(mut payload: Payload) -> Payload {
    if payload.fields.len() <= MOST_FIELDS {
        return payload;
    }
    let (rest, dropped) = without_dropped(payload.fields.split_off(MOST_FIELDS - 1));
    payload.dropped.extend(dropped);
    let rest: String = rest.iter().map(|field| format!("{}: {}\n", field.key, field.value)).collect();
    payload.fields.extend(Field::of_kept(THE_REST, &rest));
    payload
}

/// JSON on its way to fields.
struct Tree {
    noise: Noise,
    out: Payload,
}

impl Tree {
    /// The leaves of a value under a key.
    fn flatten(&mut self, key: &str, value: &Value, depth: usize) {
        if let Some(sort) = (self.noise)(key, value) {
            self.out.dropped.push(sort);
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
                    self.flatten(&below(name), value, depth + 1);
                }
            }
            Value::Array(items) if depth < DEEPEST => {
                for (at, value) in items.iter().enumerate() {
                    self.flatten(&below(&at.to_string()), value, depth + 1);
                }
            }
            Value::String(text) => self.out.fields.extend(Field::new(key, text)),
            other => {
                let (text, dropped) = mask::masked(&other.to_string());
                self.out.dropped.extend(dropped);
                self.out.fields.extend(Field::new(key, &text));
            }
        }
    }
}

/// JSON inside a field, as fields under its key.
pub(crate) fn opened(field: Field) -> Vec<Field> {
    match serde_json::from_str(&field.value) {
        Ok(value @ Value::Object(_)) => {
            let mut tree = Tree { noise: no_noise, out: Payload::default() };
            tree.flatten(&field.key, &value, 0);
            tree.out.fields
        }
        _ => vec![field],
    }
}

/// Several values under one name, or under `name.0`, `name.1`…, as one field: a row of check boxes.
pub(crate) fn joined(fields: Vec<Field>) -> Vec<Field> {
    let mut joined: Vec<Field> = Vec::new();
    let mut places: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for field in fields {
        let (stem, at) = match field.key.rsplit_once('.').map(|(stem, at)| (stem, at.parse::<usize>())) {
            Some((stem, Ok(at))) => (stem.to_owned(), Some(at)),
            _ => (field.key.clone(), None),
        };
        let place = places.get_mut(&stem).filter(|(_, count)| at.is_none_or(|at| at == *count));
        let list = place.and_then(|(place, count)| {
            *count += 1;
            joined.get_mut(*place)
        });
        if let Some(list) = list {
            let value = format!("{}, {}", list.value, field.value);
            *list = Field { value, ..list.clone().with([field]) };
            continue;
        }
        if at.is_none() || at == Some(0) {
            places.insert(stem.clone(), (joined.len(), 1));
        }
        joined.push(if at == Some(0) { field.named(stem) } else { field });
    }
    joined
}
