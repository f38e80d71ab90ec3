//! The document model becomes layout code.
//!
//! Invariants: every character of wording and data stands inside a string literal. Outside of
//! literals there are only calls of `house_style.typ`, numbers and brackets; so no value can be
//! code. Each block is a file of its own, so that what changes in one leaves the places of the
//! others, and their memoised layout, as they were.

use std::fmt::Write as _;

use crate::fit::Rung;
use crate::model::{
    Block, Document, Field, FieldRow, Footer, Format, Inline, Letterhead, Ruling, Setup, SignaturePlace, Style, Table,
    Width,
};
use crate::typography::tie;

/// Words longer than this may break anywhere: no hyphen is put into a name.
const LONGEST_WHOLE_WORD: usize = 32;
/// The same in the narrow cells of a table.
const LONGEST_IN_CELL: usize = 16;
/// Where such a word may break, in characters.
const BREAK_EVERY: usize = 4;
/// Zero width space: lets a line end here and draws nothing; [`mod@crate::walk`] leaves it out.
pub(crate) const BREAK_MARK: char = '\u{200B}';
/// Word joiner: no line ends here; it draws nothing and is left out likewise.
pub(crate) const JOIN_MARK: char = '\u{2060}';

/// The source files of a paper.
pub(crate) struct Sources {
    pub(crate) main: String,
    /// What the main one includes: path and text.
    pub(crate) blocks: Vec<(String, String)>,
}

pub(crate) fn sources(document: &Document, letterhead: &Letterhead, footer: &Footer, rung: Rung) -> Sources {
    let Setup { format, archive, .. } = document.setup;
    let style = if format == Format::Card { "card_style" } else { "house_style" };
    let import = format!("#import \"/{style}.typ\": *\n");
    let row = format!("#let row = {}mm\n", rung.row_mm);
    let mut main = format!(
        "{import}#show: paper.with(title: {}, author: {}, \
         footing: ({}, {}), size: {}pt, flipped: {}, archive: {archive})\n",
        literal(&document.title),
        literal(&letterhead.name),
        tied(&footer.wording),
        tied(&footer.sheet),
        rung.size_pt,
        format == Format::A4Landscape,
    );
    if !letterhead.is_empty() && document.setup.letterhead {
        let _ = writeln!(
            main,
            "#letterhead({}, {}, {})",
            tied(&letterhead.name),
            array(letterhead.left.iter().map(|line| tied(line))),
            array(letterhead.right.iter().map(|line| tied(line))),
        );
    }
    // a path has the height of rows in it, so that each rung finds what it had
    let blocks: Vec<(String, String)> = codes(&document.blocks)
        .enumerate()
        .map(|(place, code)| (format!("/{}/{place}.typ", rung.row_mm), format!("{import}{row}{code}")))
        .collect();
    for (path, _) in &blocks {
        let _ = writeln!(main, "#include {}", literal(path));
    }
    Sources { main, blocks }
}

fn blocks(blocks: &[Block], out: &mut String) {
    for code in codes(blocks) {
        let _ = writeln!(out, "{code}");
    }
}

fn codes(blocks: &[Block]) -> impl Iterator<Item = String> {
    blocks.iter().enumerate().map(|(place, block)| match (block, blocks.get(place + 1)) {
        (Block::List { start: Some(start), items }, Some(next)) if is_led_up_to(next) => {
            clauses_and_last_kept(*start, items)
        }
        (Block::Signature(_), Some(Block::Signature(_))) => kept("above: 9mm, ", &code_of(block)),
        // what people sign and where they sign stay on one page
        (Block::Fields(_) | Block::Checks(_), Some(Block::Signature(_))) => kept("", &code_of(block)),
        (Block::Paragraph(_) | Block::Heading(_), Some(next)) if is_led_up_to(next) => kept("", &code_of(block)),
        _ => code_of(block),
    })
}

/// Words before this are about it: they are not left behind at the foot of a page.
const fn is_led_up_to(block: &Block) -> bool {
    matches!(block, Block::Signature(_) | Block::Fields(_) | Block::Table(_) | Block::Checks(_))
}

fn kept(how: &str, code: &str) -> String {
    format!("#keep-with-next({how}{})", code.trim_start_matches('#'))
}

fn code_of(block: &Block) -> String {
    match block {
        Block::Title(lines) => format!("#heading-lines({})", array(lines.iter().map(prose))),
        Block::Heading(inlines) => format!("#section({})", prose(inlines)),
        Block::Note(inlines) => format!("#note({})", prose(inlines)),
        Block::Amount(inlines) => format!("#amount({})", prose(inlines)),
        // justified, a line with a place to write would be torn apart
        Block::Paragraph(inlines) if inlines.iter().any(|inline| !matches!(inline, Inline::Text { .. })) => {
            format!("#loose({})", prose(inlines))
        }
        Block::Paragraph(inlines) => format!("#par({})", prose(inlines)),
        Block::Addressee(lines) => format!("#addressee({})", array(lines.iter().map(prose))),
        Block::List { start, items } => list(*start, items),
        Block::Checks(lines) => format!("#checks({})", array(lines.iter().map(prose))),
        Block::Fields(rows) => format!("#form(row, {})", array(rows.iter().map(field_row))),
        Block::Table(table) => grid(table),
        Block::RuledLine => "#ruled-line(row)".to_owned(),
        Block::PageBreak => "#pagebreak(weak: true)".to_owned(),
        Block::Signature(places) => signature(places),
        Block::TearOff(words, below) => {
            let mut inner = String::from("[");
            blocks(below, &mut inner);
            format!("#tear-off({}, {inner}])", prose(words))
        }
    }
}

fn grid(table: &Table) -> String {
    let width = |width: &Width| match width {
        Width::Mm(mm) => format!("{mm}mm"),
        Width::Share(share) => format!("{share}fr"),
    };
    // an empty cell is as high as handwriting needs
    let cell = |cell: &Vec<Inline>| if cell.is_empty() { "[]".to_owned() } else { prose(&narrow(cell)) };
    format!(
        "#rows(row, {}, {}, {})",
        array(table.columns.iter().map(width)),
        array(table.header.iter().map(cell)),
        array(table.rows.iter().map(|row| array(row.iter().map(cell)))),
    )
}

/// The text of a cell: names are not hyphenated there, so shorter words than elsewhere may break.
fn narrow(cell: &[Inline]) -> Vec<Inline> {
    let may_break = |inline: &Inline| match inline {
        Inline::Text { text, style } => Inline::Text { text: breakable(text, LONGEST_IN_CELL), style: *style },
        other => other.clone(),
    };
    cell.iter().map(may_break).collect()
}

fn signature(places: &[SignaturePlace]) -> String {
    let columns = places.iter().map(|place| match place.ruling {
        Ruling::Plain => "1fr".to_owned(),
        Ruling::Wide => "1.55fr".to_owned(),
        Ruling::Date => "1.15fr".to_owned(),
    });
    format!("#signature({}, {})", array(columns), array(places.iter().map(signature_place)))
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

/// The last clause stays on the page of what is below it.
fn clauses_and_last_kept(start: u64, items: &[Vec<Block>]) -> String {
    let (rest, last) = items.split_at(items.len().saturating_sub(1));
    let number = rest.iter().fold(start, |number, _| number + 1);
    let last = kept("", &list(Some(number), last));
    if rest.is_empty() { last } else { format!("{}\n{last}", list(Some(start), rest)) }
}

fn field_row(row: &FieldRow) -> String {
    array(row.iter().map(|Field { label, value }| format!("({}, {})", prose(label), verbatim(value))))
}

fn signature_place(place: &SignaturePlace) -> String {
    let kind = if place.ruling == Ruling::Date { "date" } else { "rule" };
    format!("(\"{kind}\", {}, {})", verbatim(&place.value), prose(&place.caption))
}

fn prose(inlines: &Vec<Inline>) -> String {
    let mut out = String::from("[");
    for inline in inlines {
        let _ = match inline {
            Inline::Text { text, style } => write!(out, "#{};", styled(&tied(text), *style)),
            Inline::Gap(width) => write!(out, "#gap({width}mm);"),
            Inline::Tick => write!(out, "#inline-tick;"),
        };
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

/// Wording and requisites: with no-break spaces, and «152-ФЗ» whole.
fn tied(text: &str) -> String {
    verbatim(&tie(text).replace("-ФЗ", &format!("-{JOIN_MARK}ФЗ")))
}

/// Content that prints the text character for character; `none` if there is none.
fn verbatim(text: &str) -> String {
    if text.is_empty() { "none".to_owned() } else { format!("[#{}]", literal(&breakable(text, LONGEST_WHOLE_WORD))) }
}

/// Marks where an overlong word may break.
fn breakable(text: &str, longest: usize) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_inclusive([' ', '-']) {
        let long = word.chars().filter(|c| *c != BREAK_MARK).count() > longest;
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
        let marked = breakable(&name, LONGEST_WHOLE_WORD);
        assert_eq!(marked.matches(BREAK_MARK).count(), 60 / BREAK_EVERY);
        assert_eq!(marked.replace(BREAK_MARK, ""), name);
        let ordinary = "Салтыков-Щедрин Михаил Евграфович";
        assert_eq!(breakable(ordinary, LONGEST_WHOLE_WORD), ordinary);
    }

    #[test]
    fn an_empty_value_is_none() {
        assert_eq!(verbatim(""), "none");
        assert_eq!(array(std::iter::empty()), "()");
    }
}
