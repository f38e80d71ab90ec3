//! Forms of Elementor Pro. Simple: the labels of the fields are the names. Advanced: `fields[<id>][title|type|value|…]`
//! with notes of its own in `meta[<id>][title|value]`.

use domain::mapping::FieldMeaning;

use crate::{certificate, fields::Field, reading::Submission};

pub(crate) fn arrange(fields: Vec<Field>) -> Submission {
    certificate::arrange(plain(fields))
}

/// The advanced form as the simple one: one field under its title. Another payload as it is.
pub(crate) fn plain(fields: Vec<Field>) -> Vec<Field> {
    let is_value = |f: &Field| f.key.starts_with("fields.") && f.key.ends_with(".value");
    if !fields.iter().any(is_value) {
        return fields;
    }
    let about: Vec<(String, Field)> = fields
        .iter()
        .filter_map(|f| {
            Some((f.key.strip_suffix(".title").or_else(|| f.key.strip_suffix(".type"))?.to_owned(), f.clone()))
        })
        .collect();
    let mut plain = Vec::new();
    for field in fields {
        let in_form = field.key.starts_with("fields.") || field.key.starts_with("meta.");
        match field.key.strip_suffix(".value").map(str::to_owned) {
            Some(stem) if in_form => {
                let about: Vec<Field> = about.iter().filter(|(of, _)| *of == stem).map(|(_, f)| f.clone()).collect();
                let said = |what: &str| about.iter().find(|f| f.key.ends_with(what)).map(|f| f.value.clone());
                let title = said(".title").unwrap_or_else(|| stem.rsplit('.').next().unwrap_or(&stem).to_owned());
                let hint = said(".type").and_then(|sort| meaning_of_type(&sort));
                plain.push(field.named(title).with(about).hinted(hint));
            }
            _ if in_form => {}
            _ => plain.push(field),
        }
    }
    plain
}

fn meaning_of_type(sort: &str) -> Option<FieldMeaning> {
    Some(match sort {
        "tel" => FieldMeaning::Phone,
        "email" => FieldMeaning::Email,
        "acceptance" => FieldMeaning::Consent,
        "upload" => FieldMeaning::Drop,
        _ => return None,
    })
}
