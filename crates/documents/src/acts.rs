//! The acts of law that papers rest on, as data with terms of validity.
//!
//! A template names an act as `{{ acts.fz152.of }}`; a text that merely types its number is found by the act's
//! marks. Invariant: `acts.toml` is the only place where a number, a date or a term of an act stands.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// An act of law.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// In the nominative.
    pub name: String,
    /// In the genitive, for «статья 9 …».
    pub of: String,
    /// What in a typed text betrays this act.
    #[serde(default)]
    pub marks: Vec<String>,
    pub valid_from: NaiveDate,
    /// The last day in force; `None` where no end is set.
    pub valid_to: Option<NaiveDate>,
    /// Key of the act that took its place.
    pub replaced_by: Option<String>,
    /// When a person last compared this entry with the law.
    pub checked_on: NaiveDate,
    /// `false`: known from a secondary source only.
    pub certain: bool,
}

impl Act {
    pub fn in_force(&self, on: NaiveDate) -> bool {
        self.valid_from <= on && self.valid_to.is_none_or(|last| on <= last)
    }

    /// Whether the text names this act by one of its marks, as a whole word.
    fn is_named_in(&self, text: &str) -> Option<usize> {
        self.marks.iter().filter_map(|mark| whole_word(text, mark)).min()
    }
}

static ACTS: LazyLock<BTreeMap<String, Act>> =
    // a broken table is caught by the test below; without it every template naming an act is refused
    LazyLock::new(|| toml::from_str(include_str!("../acts.toml")).unwrap_or_default());

/// All acts by key.
pub fn acts() -> &'static BTreeMap<String, Act> {
    &ACTS
}

/// What templates see of the acts.
#[derive(Serialize)]
struct Shown<'a> {
    name: &'a str,
    of: &'a str,
}

pub(crate) fn for_templates() -> serde_json::Value {
    let shown = ACTS.iter().map(|(key, act)| {
        let shown = Shown { name: &act.name, of: &act.of };
        (key.clone(), serde_json::to_value(shown).unwrap_or_default())
    });
    serde_json::Value::Object(shown.collect())
}

/// Acts that a line of a template rests on: key and place in bytes.
pub(crate) fn named_in(line: &str) -> Vec<(&'static str, usize)> {
    ACTS.iter()
        .filter_map(|(key, act)| {
            let field = whole_word(line, &format!("acts.{key}"));
            Some((key.as_str(), field.or_else(|| act.is_named_in(line))?))
        })
        .collect()
}

/// Keys of the acts in a template that are not in force on a day.
pub(crate) fn not_in_force(template: &str, on: NaiveDate) -> Vec<&'static str> {
    let mut keys: Vec<&str> = template
        .lines()
        .flat_map(named_in)
        .map(|(key, _)| key)
        .filter(|key| ACTS.get(*key).is_some_and(|act| !act.in_force(on)))
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Where a word stands that is not a part of a longer one.
fn whole_word(text: &str, word: &str) -> Option<usize> {
    text.match_indices(word).map(|(place, _)| place).find(|&place| {
        let before = text.get(..place).and_then(|text| text.chars().next_back());
        let after = text.get(place + word.len()..).and_then(|text| text.chars().next());
        ![before, after].into_iter().flatten().any(|c| c.is_alphanumeric() || c == '_')
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn the_table_is_whole() {
        let table: BTreeMap<String, Act> = toml::from_str(include_str!("../acts.toml")).unwrap();
        assert!(table.len() >= 14);
        for (key, act) in &table {
            assert!(act.valid_to.is_none_or(|last| act.valid_from < last), "{key}");
            assert!(act.replaced_by.as_ref().is_none_or(|next| table.contains_key(next)), "{key}");
        }
    }

    #[test]
    fn dead_acts_are_known_by_their_numbers() {
        let on = day(2026, 11, 23);
        assert_eq!(not_in_force("по Правилам № 736", on), ["pp736"]);
        assert_eq!(not_in_force("приказ 956н", on), ["order956n"]);
        assert_eq!(not_in_force("телефон 77361", on), Vec::<&str>::new());
        assert_eq!(not_in_force("{{ acts.order1051n.of }}", on), Vec::<&str>::new());
        assert_eq!(not_in_force("{{ acts.order1051n.of }}", day(2028, 3, 1)), ["order1051n"]);
        assert_eq!(not_in_force("{{ acts.pp659.of }}", day(2026, 8, 31)), ["pp659"]);
    }
}
