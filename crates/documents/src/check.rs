//! The check of a template before it is used: what a careful reviewer would say, each with its place.
//!
//! Templates are never code: beside text there are fields, conditions and lists, and nothing else of the template
//! engine. Invariant: a template without complaints is printed with any data of its family.

mod expression;
mod language;
mod mend;

use std::fmt;

pub use mend::{fields, mend};

use chrono::NaiveDate;
use minijinja::Value;

use crate::template::{KEYS, Template, entries, marks, split};
use crate::{FormKind, PaperError, PaperRequest, acts, items, markdown, press};

/// What is wrong with a template and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Line of the template, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: Option<usize>,
    pub what: What,
}

/// What a template is blamed for; `Display` says it in Russian.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    FrontMatter,
    UnknownKey {
        key: String,
    },
    BadValue {
        key: String,
    },
    UnknownField {
        field: String,
    },
    /// The name stands for a group of fields or a list.
    NotAText {
        field: String,
    },
    NotAList {
        field: String,
    },
    /// A command of the template engine that is not a condition or a list.
    NotAllowed {
        command: String,
    },
    Unclosed {
        what: String,
    },
    Unopened {
        what: String,
    },
    UnknownDirective {
        name: String,
    },
    BadRow,
    UnknownItem {
        item: String,
    },
    MissingItem {
        item: String,
        name: String,
    },
    /// The mark stands before nothing.
    EmptyItem {
        item: String,
    },
    /// A mandatory item does without a field that it needs.
    ItemWithoutField {
        item: String,
        field: String,
    },
    ActNotInForce {
        act: String,
        replaced_by: Option<String>,
    },
    /// A box must be ticked by the person.
    TickedBox,
    ForbiddenWords {
        words: String,
    },
    /// The paper cannot be made from it.
    Broken,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FrontMatter => write!(f, "в начале шаблона нужны строки «title:» и «revision:» между строками «---»"),
            Self::UnknownKey { key } => write!(f, "неизвестное свойство «{key}»"),
            Self::BadValue { key } => write!(f, "свойство «{key}» имеет неподходящее значение"),
            Self::UnknownField { field } => write!(f, "неизвестное поле «{field}»"),
            Self::NotAText { field } => write!(f, "«{field}» состоит из нескольких полей: назовите одно из них"),
            Self::NotAList { field } => write!(f, "«{field}» не список"),
            Self::NotAllowed { command } => write!(f, "в шаблоне нельзя «{command}»: можно поле, if и for"),
            Self::Unclosed { what } => write!(f, "не закрыто «{what}»"),
            Self::Unopened { what } => write!(f, "«{what}» закрывает то, что не открыто"),
            Self::UnknownDirective { name } => write!(f, "неизвестная команда «::{name}»"),
            Self::BadRow => write!(f, "строка не подходит к своей команде"),
            Self::UnknownItem { item } => write!(f, "у этого документа нет обязательного пункта «{item}»"),
            Self::MissingItem { item, name } => write!(f, "нет обязательного пункта [[{item}]]: {name}"),
            Self::EmptyItem { item } => write!(f, "после метки [[{item}]] нет текста"),
            Self::ItemWithoutField { item, field } => {
                write!(f, "в обязательном пункте [[{item}]] не напечатано поле «{field}»")
            }
            Self::ActNotInForce { act, replaced_by: Some(next) } => {
                write!(f, "акт не действует: {act}; вместо него {next}")
            }
            Self::ActNotInForce { act, replaced_by: None } => write!(f, "акт не действует: {act}"),
            Self::TickedBox => write!(f, "отметку ставит сам человек: квадрат должен быть пустым «[ ]»"),
            Self::ForbiddenWords { words } => write!(f, "закон не допускает слов «{words}» в этом документе"),
            Self::Broken => write!(f, "документ по этому шаблону не получается"),
        }
    }
}

/// Words that void a paper of a kind.
const FORBIDDEN: &[(FormKind, &[&str])] = &[(
    FormKind::ConsentPd,
    &["и иные данные", "и другие данные", "и иные цели", "и другие цели", "иные персональные данные", "бессрочно"],
)];

/// Reads a template of a kind as it would be used on a day; no complaints: it may be used.
pub fn check(kind: FormKind, source: &str, on: NaiveDate) -> Vec<Complaint> {
    let source = source.replace("\r\n", "\n");
    let Some((front, body)) = split(&source) else {
        return vec![Complaint { line: 1, column: None, what: What::FrontMatter }];
    };
    let offset = front.lines().count() + 2;
    let Ok(tree) = press::example_tree(kind) else {
        return vec![Complaint { line: 1, column: None, what: What::Broken }];
    };
    let mut complaints = front_matter(front);
    complaints.extend(language::read(body, &tree));
    complaints.extend(structure(body));
    complaints.extend(mandatory(kind, body));
    complaints.extend(law(kind, body, on));
    for complaint in complaints.iter_mut().filter(|complaint| complaint.what.is_about_the_body()) {
        complaint.line += offset;
    }
    if complaints.is_empty() && trial(kind, &source).is_err() {
        complaints.push(Complaint { line: 1, column: None, what: What::Broken });
    }
    complaints.sort_by_key(|complaint| (complaint.line, complaint.column));
    complaints
}

impl What {
    fn is_about_the_body(&self) -> bool {
        !matches!(self, Self::FrontMatter | Self::UnknownKey { .. } | Self::BadValue { .. } | Self::Broken)
    }
}

fn front_matter(front: &str) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (line, key, value) in entries(front) {
        let good = match key {
            "title" => !value.is_empty(),
            "revision" => value.parse::<u32>().is_ok_and(|revision| revision > 0),
            "format" => crate::model::Format::of(value).is_some(),
            "sheets" => ["one", "any"].contains(&value),
            "margin" => value == "archive",
            "letterhead" => value == "none",
            _ => true,
        };
        let key = key.to_owned();
        if !KEYS.contains(&key.as_str()) {
            complaints.push(Complaint { line, column: None, what: What::UnknownKey { key } });
        } else if !good {
            complaints.push(Complaint { line, column: None, what: What::BadValue { key } });
        }
    }
    let has = |wanted: &str| entries(front).any(|(_, key, _)| key == wanted);
    if !has("title") || !has("revision") {
        complaints.push(Complaint { line: 1, column: None, what: What::FrontMatter });
    }
    complaints
}

/// Directives are known and closed, and their rows can be read.
fn structure(body: &str) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let mut open: Option<(&str, usize)> = None;
    for (number, line) in numbered(body) {
        let mut complain = |what| complaints.push(Complaint { line: number, column: None, what });
        let text = line.trim();
        if let Some((name, _)) = open {
            let row = text.strip_prefix('-');
            if text == "::end" {
                open = None;
            } else if text.starts_with("::") {
                complain(What::Unclosed { what: format!("::{name}") });
            } else if !text.is_empty() && !text.starts_with("{%") && !row.is_some_and(|row| row_is_good(name, row)) {
                complain(What::BadRow);
            }
            continue;
        }
        let Some(directive) = line.strip_prefix("::") else { continue };
        let (name, argument) = directive.split_once(' ').unwrap_or((directive, ""));
        match name.trim() {
            "end" => complain(What::Unopened { what: "::end".to_owned() }),
            "table" if markdown::table_shape(argument).is_none() => complain(What::BadRow),
            name if markdown::WITH_LINES.contains(&name) => open = Some((name, number)),
            name if markdown::ALONE.contains(&name) => {}
            name => complain(What::UnknownDirective { name: name.to_owned() }),
        }
        if name.trim() == "table" && open.is_none() {
            open = Some(("table", number));
        }
    }
    if let Some((name, line)) = open {
        complaints.push(Complaint { line, column: None, what: What::Unclosed { what: format!("::{name}") } });
    }
    complaints
}

fn row_is_good(directive: &str, row: &str) -> bool {
    match directive {
        "signature" => row.split_once('|').is_some_and(|(ruling, _)| {
            let ruling = ruling.split(':').next().unwrap_or_default();
            let ruling = marks(ruling).last().map_or(ruling, |mark| ruling.get(mark.end..).unwrap_or_default());
            markdown::ruling_of(ruling.trim()).is_some()
        }),
        _ => true,
    }
}

fn numbered(body: &str) -> impl Iterator<Item = (usize, &str)> {
    body.lines().enumerate().map(|(place, line)| (place + 1, line))
}

/// Every mandatory item is marked, says something and prints its fields.
fn mandatory(kind: FormKind, body: &str) -> Vec<Complaint> {
    let wanted = items(kind);
    let mut complaints = Vec::new();
    for (number, line) in numbered(body) {
        for (place, mark) in marks(line).iter().enumerate() {
            let column = Some(column(line, mark.start));
            let item = mark.item.to_owned();
            if !wanted.iter().any(|known| known.code == item) {
                complaints.push(Complaint { line: number, column, what: What::UnknownItem { item } });
                continue;
            }
            let end = marks(line).get(place + 1).map_or(line.len(), |next| next.start);
            let words = line.get(mark.end..end).unwrap_or_default();
            let next_line_says = words.trim().is_empty()
                && body.lines().nth(number).is_some_and(|next| next.contains(char::is_alphanumeric));
            if !words.contains(char::is_alphanumeric) && !next_line_says {
                complaints.push(Complaint { line: number, column, what: What::EmptyItem { item } });
            }
        }
    }
    for item in wanted {
        let marked = marks(body).iter().any(|mark| mark.item == item.code);
        if !marked {
            let what = What::MissingItem { item: item.code.clone(), name: item.name.clone() };
            complaints.push(Complaint { line: 1, column: None, what });
            continue;
        }
        for field in &item.fields {
            if !language::prints(body, field) {
                let line = numbered(body)
                    .find(|(_, line)| marks(line).iter().any(|mark| mark.item == item.code))
                    .map_or(1, |(number, _)| number);
                let what = What::ItemWithoutField { item: item.code.clone(), field: field.clone() };
                complaints.push(Complaint { line, column: None, what });
            }
        }
    }
    complaints
}

/// Acts are in force, boxes are empty, no words that void the paper.
fn law(kind: FormKind, body: &str, on: NaiveDate) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (number, line) in numbered(body) {
        for (key, place) in acts::named_in(line) {
            let Some(act) = acts::acts().get(key).filter(|act| !act.in_force(on)) else { continue };
            let next = act.replaced_by.as_ref().and_then(|next| acts::acts().get(next));
            let what = What::ActNotInForce { act: act.name.clone(), replaced_by: next.map(|next| next.name.clone()) };
            complaints.push(Complaint { line: number, column: Some(column(line, place)), what });
        }
        for ticked in ["[x]", "[X]", "[х]", "[Х]", "[v]", "[V]", "☑", "☒"] {
            if let Some(place) = line.find(ticked) {
                let column = Some(column(line, place));
                complaints.push(Complaint { line: number, column, what: What::TickedBox });
            }
        }
        let lower = line.to_lowercase();
        for (_, words) in FORBIDDEN.iter().filter(|(of, _)| *of == kind) {
            for words in words.iter().filter(|words| lower.contains(**words)) {
                let what = What::ForbiddenWords { words: (*words).to_owned() };
                complaints.push(Complaint { line: number, column: None, what });
            }
        }
    }
    complaints
}

/// Column of a byte of a line, in characters from 1.
fn column(line: &str, byte: usize) -> usize {
    line.get(..byte).map_or(1, |before| before.chars().count() + 1)
}

/// Fills the template with the example and with nothing, as a press would.
fn trial(kind: FormKind, source: &str) -> Result<(), PaperError> {
    let template = Template::parse(source)?;
    let example = press::example_tree(kind)?;
    markdown::read(&template.fill(&Value::from_serialize(&example))?)?;
    press::words(&PaperRequest { data: None, ..PaperRequest::example(kind) }, source).map(drop)
}
