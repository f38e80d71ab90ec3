//! The document model becomes layout code.
//!
//! Invariant: every character of wording and data stands inside a string literal. Outside of
//! literals there are only calls of `house_style.typ`, numbers and brackets; so no value can be
//! code.

use std::fmt::Write as _;

use crate::fit::Rung;
use crate::model::{Block, Document, Field, FieldRow, Footer, Inline, Letterhead, Ruling, SignaturePlace, Style};
use crate::typography::tie;

/// Words longer than this may break anywhere: no hyphen is put into a name.
const LONGEST_WHOLE_WORD: usize = 32;
/// Where such a word may break, in characters.
const BREAK_EVERY: usize = 4;
/// Zero width space: lets a line end here and draws nothing; [`mod@crate::walk`] leaves it out.
pub(crate) const BREAK_MARK: char = '\u{200B}';

/// The whole source file of a paper.
pub(crate) fn source(document: &Document, letterhead: &Letterhead, footer: &Footer, rung: Rung) -> String {
    let mut out = format!(
        "#import \"/house_style.typ\": *\n#show: paper.with(title: {}, author: {}, \
         footing: ({}, {}), size: {}pt, row: {}mm)\n",
        literal(&document.title),
        literal(&letterhead.name),
        tied(&footer.wording),
        tied(&footer.sheet),
        rung.size_pt,
        rung.row_mm,
    );
    if !letterhead.is_empty() {
        let _ = writeln!(
            out,
            "#letterhead({}, {}, {})",
            tied(&letterhead.name),
            array(letterhead.left.iter().map(|line| tied(line))),
            array(letterhead.right.iter().map(|line| tied(line))),
        );
    }
    blocks(&document.blocks, &mut out);
    out
}

fn blocks(blocks: &[Block], out: &mut String) {
    for (place, block) in blocks.iter().enumerate() {
        let before_signature = matches!(blocks.get(place + 1), Some(Block::Signature(_)));
        let code = match block {
            Block::Title(lines) => format!("#heading-lines({})", array(lines.iter().map(prose))),
            Block::Note(inlines) => format!("#note({})", prose(inlines)),
            Block::Paragraph(inlines) => format!("#par({})", prose(inlines)),
            Block::List { start: Some(start), items } if before_signature => clauses_and_signed_one(*start, items),
            Block::List { start, items } => list(*start, items),
            Block::Fields(rows) => format!("#form({})", array(rows.iter().map(field_row))),
            Block::Signature(places) => {
                format!("#signature({})", array(places.iter().map(signature_place)))
            }
        };
        let _ = writeln!(out, "{code}");
    }
}

fn list(start: Option<u64>, items: &[Vec<Block>]) -> String {
    let items = array(items.iter().map(|item| {
        let mut inner = String::from("[");
        blocks(item, &mut inner);
        inner + "]"
    }));
    match start {
        Some(number) => format!("#clauses({number}, {items})"),
        None => format!("#dashes({items})"),
    }
}

/// The last clause stays on the page of the signature below it.
fn clauses_and_signed_one(start: u64, items: &[Vec<Block>]) -> String {
    let (rest, last) = items.split_at(items.len().saturating_sub(1));
    let number = rest.iter().fold(start, |number, _| number + 1);
    let last = format!("#keep-with-next({})", list(Some(number), last).replacen('#', "", 1));
    if rest.is_empty() { last } else { format!("{}\n{last}", list(Some(start), rest)) }
}

fn field_row(row: &FieldRow) -> String {
    array(row.iter().map(|Field { label, value }| format!("({}, {})", prose(label), verbatim(value))))
}

fn signature_place(place: &SignaturePlace) -> String {
    let ruling = match place.ruling {
        Ruling::Plain => "rule",
        Ruling::Date => "date",
    };
    format!("(\"{ruling}\", {})", prose(&place.caption))
}

fn prose(inlines: &Vec<Inline>) -> String {
    let mut out = String::from("[");
    for Inline { text, style } in inlines {
        let _ = write!(out, "#{};", styled(&tied(text), *style));
    }
    out + "]"
}

fn styled(content: &str, style: Style) -> String {
    match (style.bold, style.italic) {
        (true, true) => format!("strong(emph({content}))"),
        (true, false) => format!("strong({content})"),
        (false, true) => format!("emph({content})"),
        (false, false) => content.to_owned(),
    }
}

/// Wording and requisites: with no-break spaces.
fn tied(text: &str) -> String {
    verbatim(&tie(text))
}

/// Content that prints the text character for character; `none` if there is none.
fn verbatim(text: &str) -> String {
    if text.is_empty() { "none".to_owned() } else { format!("[#{}]", literal(&breakable(text))) }
}

/// Marks where an overlong word may break.
fn breakable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_inclusive([' ', '-']) {
        let long = word.chars().count() > LONGEST_WHOLE_WORD;
        for (place, character) in word.chars().enumerate() {
            if long && place > 0 && place % BREAK_EVERY == 0 {
                out.push(BREAK_MARK);
            }
            out.push(character);
        }
    }
    out
}

/// A string literal of the layout language.
fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            '\n' | '\r' => out.push(' '),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// An array of the layout language; the comma after the last item keeps a single one an array.
fn array(items: impl Iterator<Item = String>) -> String {
    let mut out = String::from("(");
    for item in items {
        out.push_str(&item);
        out.push_str(", ");
    }
    out + ")"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_cannot_be_left() {
        assert_eq!(literal(r#"a"); #panic("b\"#), r#""a\"); #panic(\"b\\""#);
    }

    #[test]
    fn a_long_word_may_break_and_loses_nothing() {
        let name = format!("{} Анна", "Ж".repeat(60));
        let marked = breakable(&name);
        assert_eq!(marked.matches(BREAK_MARK).count(), 60 / BREAK_EVERY);
        assert_eq!(marked.replace(BREAK_MARK, ""), name);
        let ordinary = "Салтыков-Щедрин Михаил Евграфович";
        assert_eq!(breakable(ordinary), ordinary);
    }

    #[test]
    fn an_empty_value_is_none() {
        assert_eq!(verbatim(""), "none");
        assert_eq!(array(std::iter::empty()), "()");
    }
}
