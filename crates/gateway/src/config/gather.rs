//! Where a value comes from. Every source gives text, so there is one way to read a value and one way to complain.

use std::{collections::BTreeMap, ffi::OsString, fs, path::PathBuf};

use strsim::jaro_winkler;
use toml::{Table, Value};

use super::{
    KEYS, PREFIX, Shown, Wrong, WrongSettings,
    keys::{Key, find},
    parse::Setting,
};

/// From here on a wrong name is taken for a slip in a right one; 1 is the same.
const ALIKE: f64 = 0.85;

/// What the command line sets, by key.
#[derive(Debug, Clone, Default)]
pub struct Flags(pub BTreeMap<&'static str, String>);

/// The environment and the file.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    pub variables: Vec<(OsString, OsString)>,
    pub file: Option<PathBuf>,
}

struct Found {
    text: String,
    place: String,
}

pub(super) struct Gathered {
    found: BTreeMap<&'static str, Found>,
    wrong: Vec<Wrong>,
}

impl Gathered {
    pub(super) fn gather(flags: &Flags, surroundings: &Surroundings) -> Self {
        let mut gathered = Self { found: BTreeMap::new(), wrong: Vec::new() };
        if let Some(path) = &surroundings.file {
            gathered.file(path);
        }
        // what comes later wins
        for (name, value) in &surroundings.variables {
            gathered.variable(&name.to_string_lossy(), value.to_str());
        }
        for (name, text) in &flags.0 {
            let place = format!("--{}", name.replace('_', "-"));
            gathered.found.insert(name, Found { text: text.clone(), place });
        }
        gathered
    }

    fn file(&mut self, path: &std::path::Path) {
        let place = path.display().to_string();
        let wrong = |what: String| Wrong { key: "--config".to_owned(), place: place.clone(), what, example: None };
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => return self.wrong.push(wrong(format!("the file cannot be read: {error}"))),
        };
        let table = match text.parse::<Table>() {
            Ok(table) => table,
            // not the library's own words: they repeat the line, and a secret may stand in it
            Err(error) => {
                let before = error.span().map_or("", |span| text.get(..span.start).unwrap_or_default());
                let line = before.matches('\n').count() + 1;
                return self.wrong.push(wrong(format!("line {line} is not TOML: {}", error.message())));
            }
        };
        for (name, value) in table {
            match value {
                Value::Table(inner) => {
                    inner.into_iter().for_each(|(key, value)| self.entry(&format!("{name}.{key}"), &value, &place));
                }
                value => self.entry(&name, &value, &place),
            }
        }
    }

    fn entry(&mut self, name: &str, value: &Value, place: &str) {
        match (known(name, "_file"), text(value)) {
            (Some(Named::Key(key)), Some(text)) => self.set(key, text, place.to_owned()),
            (Some(Named::FileOf(key)), Some(path)) => self.read_secret(key, &path, name, place),
            (Some(Named::Key(key) | Named::FileOf(key)), None) => {
                self.complain(key, place, format!("a value of type {} does not fit here", value.type_str()))
            }
            (None, _) => self.unknown(name, place, KEYS.iter().map(|key| key.name.to_owned())),
        }
    }

    fn variable(&mut self, name: &str, value: Option<&str>) {
        let Some(rest) = name.strip_prefix(PREFIX).filter(|rest| *rest != "CONFIG") else { return };
        let Some(named) = KEYS.iter().find_map(|key| {
            let own = key.variable();
            let own = own.strip_prefix(PREFIX)?;
            match rest.strip_prefix(own) {
                Some("") => Some(Named::Key(key)),
                Some("_FILE") if key.secret => Some(Named::FileOf(key)),
                _ => None,
            }
        }) else {
            return self.unknown(name, "environment", KEYS.iter().map(Key::variable));
        };
        let (Named::Key(key) | Named::FileOf(key)) = named;
        let Some(value) = value else { return self.complain(key, name, "it is not UTF-8".to_owned()) };
        match named {
            Named::Key(key) => self.set(key, value.to_owned(), name.to_owned()),
            Named::FileOf(key) => self.read_secret(key, value, name, "environment"),
        }
    }

    fn set(&mut self, key: &'static Key, text: String, place: String) {
        self.found.insert(key.name, Found { text, place });
    }

    fn read_secret(&mut self, key: &'static Key, path: &str, name: &str, place: &str) {
        match fs::read_to_string(path) {
            Ok(text) => self.set(key, text.trim_end_matches(['\r', '\n']).to_owned(), path.to_owned()),
            Err(error) => self.wrong.push(Wrong {
                key: name.to_owned(),
                place: place.to_owned(),
                what: format!("the file {path} cannot be read: {error}"),
                example: Some(format!("\"/run/secrets/reception-{}\"", key.name)),
            }),
        }
    }

    fn unknown(&mut self, name: &str, place: &str, known: impl Iterator<Item = String>) {
        let short = |name: &str| name.strip_prefix(PREFIX).unwrap_or(name).to_owned();
        let likeness = |key: &String| jaro_winkler(&short(key), &short(name));
        let nearest = known.max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
        let what = match nearest.filter(|key| likeness(key) > ALIKE) {
            Some(key) => format!("there is no such setting; is {key} meant?"),
            None => "there is no such setting".to_owned(),
        };
        self.wrong.push(Wrong { key: name.to_owned(), place: place.to_owned(), what, example: None });
    }

    fn complain(&mut self, key: &Key, place: &str, what: String) {
        let example = Some(key.example.to_owned());
        self.wrong.push(Wrong { key: key.name.to_owned(), place: place.to_owned(), what, example });
    }

    /// Objects to a key that can be read and does not go with the others.
    pub(super) fn object(&mut self, name: &'static str, what: String) {
        let place = self.found.get(name).map_or_else(|| "not set".to_owned(), |found| found.place.clone());
        if let Some(key) = find(name) {
            self.complain(key, &place, what);
        }
    }

    /// The value of a key. One that cannot be read is noted, and is like none.
    pub(super) fn take<T: Setting>(&mut self, name: &'static str) -> Option<T> {
        let found = self.found.get(name)?;
        let place = found.place.clone();
        match T::read(&found.text) {
            Ok(value) => Some(value),
            Err(what) => {
                if let Some(key) = find(name) {
                    self.complain(key, &place, what);
                }
                None
            }
        }
    }

    /// What is shown of the settings, unless something was wrong.
    pub(super) fn finish(self) -> Result<Vec<Shown>, WrongSettings> {
        if !self.wrong.is_empty() {
            return Err(WrongSettings(self.wrong));
        }
        let shown = |key: &Key| {
            let found = self.found.get(key.name);
            let value = match found {
                Some(found) if key.secret => Some(format!("{:?}", veiled(&found.text))),
                Some(found) => Some(spelled(key, &found.text)),
                None => Some(key.default.to_owned()).filter(|default| !default.is_empty()),
            };
            let origin = found.map_or_else(|| "default".to_owned(), |found| found.place.clone());
            Shown { key: key.name, value, origin }
        };
        Ok(KEYS.iter().map(shown).collect())
    }
}

enum Named {
    Key(&'static Key),
    FileOf(&'static Key),
}

fn known(name: &str, suffix: &str) -> Option<Named> {
    find(name).map(Named::Key).or_else(|| {
        let key = find(name.strip_suffix(suffix)?)?;
        key.secret.then_some(Named::FileOf(key))
    })
}

/// A value of the file as the environment would say it.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(yes) => Some(yes.to_string()),
        Value::Array(items) => items.iter().map(Value::as_str).collect::<Option<Vec<_>>>().map(|items| items.join(",")),
        Value::Float(_) | Value::Datetime(_) | Value::Table(_) => None,
    }
}

/// An address may hold a password: its scheme is all that is shown.
fn veiled(text: &str) -> String {
    text.split_once("://").map_or_else(|| text.to_owned(), |(scheme, _)| format!("{scheme}://…"))
}

/// A value as the file would say it: quoted, unless the example is not.
fn spelled(key: &Key, text: &str) -> String {
    if key.example.starts_with('[') {
        let items: Vec<_> = text.split(',').map(|item| format!("{:?}", item.trim())).collect();
        format!("[{}]", items.join(", "))
    } else if key.example.starts_with('"') {
        format!("{text:?}")
    } else {
        text.to_owned()
    }
}
