//! How to mend what a template is blamed for, in the words of somebody who knows the template's few signs.

use serde_json::Value;
use strsim::levenshtein;

use super::What;
use crate::{FormKind, items, press};

/// Names that are shown when one is not known.
const MOST_LIKE: usize = 3;
/// So many signs of a name may be mistyped for it to be meant.
const FAR: usize = 4;

/// All that a template of this kind may print: `person.full_name`; a field of a list's items `visits[].time`.
pub fn fields(kind: FormKind) -> Vec<String> {
    let mut names = Vec::new();
    if let Ok(tree) = press::example_tree(kind) {
        collect(&tree, "", &mut names);
    }
    names
}

fn collect(value: &Value, path: &str, names: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                collect(field, &inner, names);
            }
        }
        Value::Array(items) => collect(items.first().unwrap_or(&Value::Null), &format!("{path}[]"), names),
        _ => names.push(path.to_owned()),
    }
}

/// What to do about a complaint, in Russian.
pub fn mend(kind: FormKind, what: &What) -> String {
    match what {
        What::FrontMatter => {
            "начните с «---», затем «title: название» и «revision: 1», затем снова «---» и текст".to_owned()
        }
        What::UnknownKey { .. } => "уберите строку или исправьте слово до двоеточия".to_owned(),
        What::BadValue { key } => match key.as_str() {
            "revision" => "нужно целое число от 1".to_owned(),
            "format" => "можно a4, a4-landscape или card".to_owned(),
            "sheets" => "можно one или any".to_owned(),
            "margin" => "можно только archive".to_owned(),
            "letterhead" => "можно только none".to_owned(),
            _ => "впишите значение после двоеточия".to_owned(),
        },
        What::UnknownField { field } => match alike(field, &fields(kind)).as_slice() {
            [] => "выберите поле из списка справа".to_owned(),
            names => format!("возможно: {}", names.join(", ")),
        },
        What::NotAText { field } => {
            let start = format!("{field}.");
            let inner: Vec<String> =
                fields(kind).into_iter().filter(|name| name.starts_with(&start)).take(MOST_LIKE).collect();
            if inner.is_empty() {
                "назовите поле внутри".to_owned()
            } else {
                format!("например: {}", inner.join(", "))
            }
        }
        What::NotAList { .. } => "повторять можно только список; в перечне полей списки помечены []".to_owned(),
        What::NotAllowed { .. } => "оставьте поле {{ имя }}, условие {% if %} или список {% for %}".to_owned(),
        What::Unclosed { what } => match what.as_str() {
            "{{" => "допишите }}".to_owned(),
            "{%" => "допишите %}".to_owned(),
            "{#" => "допишите #}".to_owned(),
            "if" => "допишите {% endif %}".to_owned(),
            "for" => "допишите {% endfor %}".to_owned(),
            _ => "допишите ниже строку ::end".to_owned(),
        },
        What::Unopened { .. } => "уберите лишнее или допишите начало выше".to_owned(),
        What::UnknownDirective { .. } => {
            "есть ::fields, ::signature, ::table, ::checks, ::to, ::note и другие, что уже стоят в образце".to_owned()
        }
        What::BadRow => "строка внутри команды начинается с «- »; сравните с соседними".to_owned(),
        What::UnknownItem { .. } => {
            let codes: Vec<&str> = items(kind).iter().map(|item| item.code.as_str()).collect();
            format!("у этого документа есть: {}", codes.join(", "))
        }
        What::MissingItem { item, .. } => format!("поставьте [[{item}]] перед словами, которые об этом говорят"),
        What::EmptyItem { item } => format!("напишите после [[{item}]] сам пункт"),
        What::ItemWithoutField { field, .. } => format!("впишите в этот пункт {{{{ {field} }}}}"),
        What::ActNotInForce { replaced_by: Some(next), .. } => format!("сошлитесь на {next}"),
        What::ActNotInForce { replaced_by: None, .. } => "уберите ссылку: акт больше не действует".to_owned(),
        What::TickedBox => "оставьте квадрат пустым: [ ]".to_owned(),
        What::ForbiddenWords { .. } => "уберите эти слова и перечислите всё поимённо".to_owned(),
        What::Broken => "верните последнее изменение и сохраняйте по частям".to_owned(),
    }
}

/// Names that are most like a mistyped one.
fn alike(typed: &str, names: &[String]) -> Vec<String> {
    let last = typed.rsplit('.').next().unwrap_or(typed);
    let mut near: Vec<(usize, &String)> = names
        .iter()
        .map(|name| {
            let by_end = levenshtein(last, name.rsplit('.').next().unwrap_or(name)) + 1;
            (levenshtein(typed, name).min(by_end), name)
        })
        .filter(|(far, _)| *far <= FAR.min(typed.chars().count()))
        .collect();
    // of several that are as near, whoever the paper is about is meant
    near.sort_by_key(|(far, name)| (*far, !name.starts_with("person."), *name));
    near.into_iter().take(MOST_LIKE).map(|(_, name)| name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_field_is_recognised() {
        let mend = |field: &str| mend(FormKind::ConsentPd, &What::UnknownField { field: field.to_owned() });
        assert!(mend("person.ful_name").contains("person.full_name"));
        assert!(mend("full_name").contains("person.full_name"));
        assert!(mend("qwertyuiop").contains("списка"));
    }

    #[test]
    fn the_names_of_a_kind_are_told() {
        let names = fields(FormKind::DaySheet);
        for name in ["date.words", "visits[].time", "visits[].marks[]", "clinic.full_name"] {
            assert!(names.iter().any(|known| known == name), "{name}");
        }
    }
}
