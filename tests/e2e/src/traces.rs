//! The search for traces: everything personal that the clinic knows, looked for in the raw bytes of every file.
//!
//! What to look for is not listed by hand: it is all that the sealed parts hold, opened by the observer, in the
//! spellings in which it could have been written down.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::Seen;

/// Shorter words are found everywhere by chance.
const SHORTEST: usize = 5;
/// Fields whose every word is somebody's: names, logins, mail addresses, codes.
const BY_WORD: &[&str] = &[
    "name_raw",
    "family",
    "given",
    "patronymic",
    "login",
    "responsible",
    "signatory",
    "email",
    "code",
    "buyer",
    "recipient",
];
/// Fields in a visitor's or the staff's own words: looked for as they are.
const WHOLE: &[&str] = &["comment", "text", "note"];

/// All files under a folder.
pub(crate) fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => left.push(entry.path()),
                Ok(kind) if kind.is_file() => files.push(entry.path()),
                _ => {}
            }
        }
    }
    files
}

/// Fails when any file under `root` holds anything of the sealed parts.
pub(crate) fn assert_none(root: &Path, seen: &[Seen]) {
    let wanted = wanted(seen);
    assert!(wanted.len() > 20, "hardly anything to look for: the search would prove nothing");
    let mut needles: Vec<(&str, Vec<u8>)> = Vec::new();
    for text in &wanted {
        needles.extend(spellings(text).into_iter().map(|bytes| (text.as_str(), bytes)));
    }
    let finder = Finder::new(&needles);
    for file in files_under(root) {
        // a file of the webview may go while we look
        let Ok(bytes) = fs::read(&file) else { continue };
        if let Some(text) = finder.first_in(&bytes) {
            panic!("«{text}» stands in {} ({} bytes)", file.strip_prefix(root).unwrap().display(), bytes.len());
        }
    }
    // the search itself is proved on bytes that hold what it must find
    let planted = [b"noise ".as_slice(), &needles[0].1, b" noise"].concat();
    assert!(finder.first_in(&planted).is_some(), "the search finds nothing at all");
}

/// Names, phones, e-mails, codes and words of comments.
fn wanted(seen: &[Seen]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for part in seen.iter().flat_map(|seen| seen.parts.values()) {
        collect(part, &mut found);
    }
    found
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
        Value::Object(fields) => {
            for (field, value) in fields {
                match value {
                    Value::String(text) => collect_text(field, text, found),
                    _ => collect(value, found),
                }
            }
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn collect_text(field: &str, text: &str, found: &mut BTreeSet<String>) {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if matches!(field, "raw" | "e164") && digits.len() >= 10 {
        found.insert(digits[digits.len() - 10..].to_owned());
    }
    if WHOLE.contains(&field) && text.chars().count() >= SHORTEST {
        found.insert(text.to_owned());
    }
    if BY_WORD.contains(&field) {
        let long = |word: &&str| word.chars().count() >= SHORTEST;
        found.extend(text.split_whitespace().filter(long).map(str::to_owned));
    }
}

/// The ways in which a text may stand in a file.
fn spellings(text: &str) -> BTreeSet<Vec<u8>> {
    let mut texts = BTreeSet::from([text.to_owned(), text.to_lowercase(), text.to_uppercase()]);
    texts.insert(text.to_lowercase().replace('ё', "е"));
    if text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let (code, a, b, c) = (&text[..3], &text[3..6], &text[6..8], &text[8..]);
        texts.extend([format!("{code}) {a}-{b}-{c}"), format!("{code} {a}-{b}-{c}"), format!("{code} {a} {b} {c}")]);
        texts.extend([format!("{code}-{a}-{b}-{c}"), format!("{a}-{b}-{c}"), format!("{a} {b}-{c}")]);
    }
    let mut bytes = BTreeSet::new();
    for text in texts {
        bytes.insert(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
        bytes.insert(text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>().into_bytes());
        bytes.insert(text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect::<String>().into_bytes());
        bytes.insert(text.into_bytes());
    }
    bytes
}

/// Looks for many needles at once: by their first four bytes, then whole.
struct Finder<'a> {
    by_start: std::collections::HashMap<[u8; 4], Vec<&'a (&'a str, Vec<u8>)>>,
}

impl<'a> Finder<'a> {
    fn new(needles: &'a [(&'a str, Vec<u8>)]) -> Self {
        let mut by_start: std::collections::HashMap<[u8; 4], Vec<_>> = std::collections::HashMap::new();
        for needle in needles {
            let start = needle.1.first_chunk::<4>().expect("a needle of four bytes or more");
            by_start.entry(*start).or_default().push(needle);
        }
        Self { by_start }
    }

    fn first_in(&self, bytes: &[u8]) -> Option<&'a str> {
        let starts = bytes.windows(4).enumerate();
        starts
            .filter_map(|(at, start)| Some((at, self.by_start.get(start)?)))
            .flat_map(|(at, needles)| needles.iter().map(move |needle| (at, needle)))
            .find(|(at, needle)| bytes[*at..].starts_with(&needle.1))
            .map(|(_, needle)| needle.0)
    }
}
