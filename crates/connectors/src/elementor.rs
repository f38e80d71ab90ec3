//! Form builders that send a field as an object: its name and its value beside each other.
//!
//! Elementor Pro's advanced form is `fields[<id>][title|type|value|…]` with notes of its own in `meta[<id>][title|value]`;
//! others send lists of `{"label": …, "value": …}`. In its simple form the labels of the fields are the names already.

use std::collections::BTreeMap;

use domain::mapping::FieldMeaning;

use crate::{alias, fields::Field};

/// What beside a value tells its name, best first, and what tells its sort.
const NAMES: [&str; 4] = ["title", "label", "name", "key"];
const SORT: &str = "type";

/// Every field under the name that its form gives it.
pub(crate) fn plain(fields: Vec<Field>) -> Vec<Field> {
    let mut about: BTreeMap<String, Vec<Field>> = BTreeMap::new();
    for field in &fields {
        if let Some((stem, part)) = field.key.rsplit_once('.')
            && (NAMES.contains(&part) || part == SORT)
            && fields.iter().any(|of| of.key.strip_suffix(".value") == Some(stem))
            && is_object_of_field(stem)
        {
            about.entry(stem.to_owned()).or_default().push(field.clone());
        }
    }
    // what Elementor says of a field that was left empty
    let is_elementor = fields.iter().any(|field| field.key.starts_with("fields.") && field.key.ends_with(".required"));
    let mut plain = Vec::new();
    for field in fields {
        let (stem, part) = field.key.rsplit_once('.').unwrap_or(("", &field.key));
        let Some(about) = about.get(stem) else {
            if !is_elementor || !stem.starts_with("fields.") || part == "value" {
                plain.push(field);
            }
            continue;
        };
        if part != "value" {
            continue;
        }
        let said = |part: &str| about.iter().find(|f| f.key.ends_with(&format!(".{part}"))).map(|f| f.value.clone());
        let id = stem.rsplit('.').next().unwrap_or(stem);
        let name = NAMES.into_iter().find_map(said).unwrap_or_else(|| id.to_owned());
        let hint = said(SORT).and_then(|sort| meaning_of_sort(&sort, &name));
        plain.push(field.named(name).with(about.clone()).hinted(hint));
    }
    plain
}

fn is_object_of_field(stem: &str) -> bool {
    let in_list = stem.rsplit('.').next().is_some_and(|last| last.parse::<usize>().is_ok());
    stem.starts_with("fields.") || stem.starts_with("meta.") || (in_list && !stem.starts_with("certificates."))
}

fn meaning_of_sort(sort: &str, name: &str) -> Option<FieldMeaning> {
    Some(match sort {
        "tel" => FieldMeaning::Phone,
        "email" => FieldMeaning::Email,
        "acceptance" => FieldMeaning::Consent,
        // a box for a longer text may be for anything that its title says
        "textarea" if alias::named(name).is_none() => FieldMeaning::Comment,
        "upload" => FieldMeaning::Drop,
        _ => return None,
    })
}
