//! Markdown with slots and directives becomes the document model.
//!
//! Beside Markdown's own paragraphs, lists, bold and italic:
//!
//! * consecutive `#` headings are the lines of the title, `##` is a heading inside the paper;
//! * `[ ]` is an empty box to tick, `____` a place to write by hand (2 mm to a mark), a line `---` a whole line;
//! * `::note text` is small centred text, `::amount text` a sum printed large, `::page` begins a new page;
//! * `::fields` … `::end` is a form, a row per line: `- label | value | label | value`;
//! * `::table 12mm 1fr 2fr blank=8 spare=2` … `::end` is a table; its first line is the header; `blank` empty rows stand
//!   in a table without rows, `spare` ones below its rows;
//! * `::checks` … `::end` are lines with an empty box each, `::to` … `::end` lines at the right;
//! * `::signature` … `::end` is the place to sign: `- rule | caption`, `- wide: value | caption`, `- date | caption`;
//! * `::tear text` draws the line along which everything below is torn off.

mod inline;
mod prose;

use crate::PaperError;
use crate::model::{Block, Field, FieldRow, Inlines, Ruling, SignaturePlace, Table, Width};
use crate::template::{Filled, Slots, WRITE_HERE};
use inline::{Gaps, pieces};
use prose::prose_blocks;

/// Names of the directives, for the check of a template: those with lines up to `::end`, and those without.
pub(crate) const WITH_LINES: [&str; 5] = ["fields", "table", "checks", "to", "signature"];
pub(crate) const ALONE: [&str; 4] = ["note", "amount", "page", "tear"];

/// Reads a filled template.
pub(crate) fn read(filled: &Filled) -> Result<Vec<Block>, PaperError> {
    let mut lines = filled.markdown.lines();
    Ok(join_titles(blocks(&mut lines, &filled.slots)?))
}

fn blocks(lines: &mut std::str::Lines<'_>, slots: &Slots) -> Result<Vec<Block>, PaperError> {
    let mut blocks = Vec::new();
    let mut prose = String::new();
    while let Some(line) = lines.next() {
        // under a line of text Markdown would make a heading of it
        if line.trim_end() == "---" {
            blocks.extend(prose_blocks(&std::mem::take(&mut prose), slots));
            blocks.push(Block::RuledLine);
            continue;
        }
        let Some(directive) = line.strip_prefix("::") else {
            prose.push_str(line);
            prose.push('\n');
            continue;
        };
        blocks.extend(prose_blocks(&std::mem::take(&mut prose), slots));
        let (name, argument) = directive.split_once(' ').unwrap_or((directive, ""));
        if name.trim() == "tear" {
            let words = inlines(argument, slots);
            let below = join_titles(self::blocks(lines, slots)?);
            blocks.push(Block::TearOff(words, below));
            return Ok(blocks);
        }
        blocks.push(block(name.trim(), argument, lines, slots)?);
    }
    blocks.extend(prose_blocks(&prose, slots));
    Ok(blocks)
}

fn block(name: &str, argument: &str, lines: &mut std::str::Lines<'_>, slots: &Slots) -> Result<Block, PaperError> {
    Ok(match name {
        "note" => Block::Note(inlines(argument, slots)),
        "amount" => Block::Amount(inlines(argument, slots)),
        "page" => Block::PageBreak,
        "fields" => Block::Fields(rows(lines)?.into_iter().map(|row| field_row(row, slots)).collect()),
        "table" => Block::Table(table(argument, &rows(lines)?, slots)?),
        "checks" => Block::Checks(rows(lines)?.into_iter().map(|row| inlines(row, slots)).collect()),
        "to" => Block::Addressee(rows(lines)?.into_iter().map(|row| inlines(row, slots)).collect()),
        "signature" => {
            Block::Signature(rows(lines)?.into_iter().map(|row| signature_place(row, slots)).collect::<Result<_, _>>()?)
        }
        _ => return Err(PaperError::Directive),
    })
}

/// The lines of a directive up to its `::end`, without their dashes.
fn rows<'a>(lines: &mut std::str::Lines<'a>) -> Result<Vec<&'a str>, PaperError> {
    let mut rows = Vec::new();
    for line in lines {
        match line.trim() {
            "::end" => return Ok(rows),
            "" => {}
            row => rows.push(row.strip_prefix('-').ok_or(PaperError::Directive)?.trim_start()),
        }
    }
    Err(PaperError::Directive)
}

fn field_row(row: &str, slots: &Slots) -> FieldRow {
    let cells: Vec<&str> = row.split('|').map(str::trim).collect();
    cells
        .chunks(2)
        .map(|pair| Field {
            label: inlines(pair.first().copied().unwrap_or_default(), slots),
            // of two empty values with a space between nothing is left
            value: slots.resolve(pair.get(1).copied().unwrap_or_default()).trim().to_owned(),
        })
        .collect()
}

/// What stands behind `::table`.
pub(crate) struct TableShape {
    columns: Vec<Width>,
    blank: usize,
    spare: usize,
}

pub(crate) fn table_shape(argument: &str) -> Option<TableShape> {
    let mut shape = TableShape { columns: Vec::new(), blank: 0, spare: 0 };
    for word in argument.split_whitespace() {
        if let Some(rows) = word.strip_prefix("blank=") {
            shape.blank = rows.parse().ok()?;
        } else if let Some(rows) = word.strip_prefix("spare=") {
            shape.spare = rows.parse().ok()?;
        } else if let Some(width) = word.strip_suffix("mm") {
            shape.columns.push(Width::Mm(width.parse().ok()?));
        } else {
            shape.columns.push(Width::Share(word.strip_suffix("fr")?.parse().ok()?));
        }
    }
    (!shape.columns.is_empty()).then_some(shape)
}

fn table(argument: &str, lines: &[&str], slots: &Slots) -> Result<Table, PaperError> {
    let TableShape { columns, blank, spare } = table_shape(argument).ok_or(PaperError::Directive)?;
    let cells = |line: &str| -> Vec<Inlines> {
        let mut cells: Vec<Inlines> = line.split('|').map(|cell| cell_inlines(cell.trim(), slots)).collect();
        cells.resize(columns.len(), Vec::new());
        cells
    };
    let (header, rows) = lines.split_first().ok_or(PaperError::Directive)?;
    let mut rows: Vec<_> = rows.iter().map(|line| cells(line)).collect();
    let empty = if rows.is_empty() { blank } else { spare };
    rows.resize(rows.len() + empty, vec![Vec::new(); columns.len()]);
    Ok(Table { header: cells(header), rows, columns })
}

fn signature_place(row: &str, slots: &Slots) -> Result<SignaturePlace, PaperError> {
    let (ruling, caption) = row.split_once('|').ok_or(PaperError::Directive)?;
    let (ruling, value) = ruling.split_once(':').unwrap_or((ruling, ""));
    let ruling = ruling_of(ruling.trim()).ok_or(PaperError::Directive)?;
    Ok(SignaturePlace { ruling, value: slots.resolve(value.trim()), caption: inlines(caption.trim(), slots) })
}

pub(crate) fn ruling_of(word: &str) -> Option<Ruling> {
    match word {
        "rule" => Some(Ruling::Plain),
        "wide" => Some(Ruling::Wide),
        "date" => Some(Ruling::Date),
        _ => None,
    }
}

/// One line of text, with a place to write where a value is empty.
fn inlines(text: &str, slots: &Slots) -> Inlines {
    match prose_blocks(text, slots).into_iter().next() {
        Some(Block::Paragraph(inlines)) => inlines,
        _ => Vec::new(),
    }
}

/// One line of text in a cell, which is a place to write by itself.
fn cell_inlines(text: &str, slots: &Slots) -> Inlines {
    if text.contains(['*', '_', '[', '\\', WRITE_HERE]) {
        return inlines(text, slots);
    }
    pieces(text, crate::model::Style::default(), slots, Gaps::Left)
}

/// Headings that follow one another are lines of one title.
fn join_titles(blocks: Vec<Block>) -> Vec<Block> {
    let mut joined: Vec<Block> = Vec::with_capacity(blocks.len());
    for block in blocks {
        match (joined.last_mut(), block) {
            (Some(Block::Title(lines)), Block::Title(more)) => lines.extend(more),
            (_, block) => joined.push(block),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::model::{Inline, Style};
    use crate::template::Template;
    use minijinja::{Value, context};

    fn read_body(body: &str, data: &Value) -> Result<Vec<Block>, PaperError> {
        let source = format!("---\ntitle: Лист\nrevision: 1\n---\n{body}");
        read(&Template::parse(&source).unwrap().fill(data).unwrap())
    }

    fn text(text: &str) -> Inline {
        Inline::Text { text: text.to_owned(), style: Style::default() }
    }

    #[test]
    fn clauses_keep_their_numbers_around_a_form() {
        let body = "1. Раз\n\n::fields\n- Имя | {{ name }} | Телефон |\n::end\n\n2. Два\n";
        let blocks = read_body(body, &context! { name => "Ли | Ян" }).unwrap();
        let clause = |start, words: &str| Block::List {
            start: Some(start),
            items: vec![vec![Block::Paragraph(vec![text(words)])]],
        };
        let field = |label: &str, value: &str| Field { label: vec![text(label)], value: value.to_owned() };
        assert_eq!(
            blocks,
            [
                clause(1, "Раз"),
                Block::Fields(vec![vec![field("Имя", "Ли | Ян"), field("Телефон", "")]]),
                clause(2, "Два"),
            ]
        );
    }

    #[test]
    fn two_headings_are_one_title() {
        let blocks = read_body("# СОГЛАСИЕ\n# на печать\n\nТекст\n", &context! {}).unwrap();
        assert_eq!(blocks.first(), Some(&Block::Title(vec![vec![text("СОГЛАСИЕ")], vec![text("на печать")]])));
        assert_eq!(blocks.len(), 2);
    }

    #[test]
    fn a_value_does_not_become_a_list_or_emphasis() {
        let blocks = read_body("{{ a }}\n\n{{ b }}", &context! { a => "1. a", b => "**b**" });
        assert_eq!(blocks.unwrap(), [Block::Paragraph(vec![text("1. a")]), Block::Paragraph(vec![text("**b**")])]);
    }

    #[test]
    fn a_table_fills_up_with_empty_rows() {
        let body = "::table 10mm 1fr blank=9 spare=2\n- № | Имя\n- 1 | {{ name }}\n::end\n";
        let blocks = read_body(body, &context! { name => "Ли | Ян" }).unwrap();
        let Some(Block::Table(table)) = blocks.first() else { panic!("{blocks:?}") };
        assert_eq!(table.columns, [Width::Mm(10), Width::Share(1)]);
        assert_eq!(table.rows.len(), 3);
        assert_eq!(table.rows.first().unwrap(), &[vec![text("1")], vec![text("Ли | Ян")]]);
        assert_eq!(table.rows.last().unwrap(), &[Vec::<Inline>::new(), Vec::new()]);
    }

    #[test]
    fn an_empty_value_in_text_is_a_place_to_write() {
        let blocks = read_body("Я, {{ name }}, [ ] да, ____", &context! { name => "" }).unwrap();
        let expected = [text("Я, "), Inline::Gap(40), text(", "), Inline::Tick, text("\u{A0}да, "), Inline::Gap(8)];
        assert_eq!(blocks, [Block::Paragraph(expected.into())]);
    }

    #[test]
    fn a_value_that_ends_with_a_dot_ends_its_sentence() {
        let blocks = read_body("До {{ day }}. Далее", &context! { day => "3 мая 2027 г." }).unwrap();
        assert_eq!(blocks, [Block::Paragraph(vec![text("До 3 мая 2027 г. Далее")])]);
    }

    #[test]
    fn a_line_to_write_on_makes_no_heading_of_the_text_above() {
        let blocks = read_body("Суть:\n---\n---\n", &context! {}).unwrap();
        assert_eq!(blocks, [Block::Paragraph(vec![text("Суть:")]), Block::RuledLine, Block::RuledLine]);
    }

    #[test]
    fn what_is_torn_off_is_below_its_line() {
        let blocks = read_body("Сверху\n\n::tear линия отрыва\n\nСнизу\n", &context! {}).unwrap();
        let below = vec![Block::Paragraph(vec![text("Снизу")])];
        assert_eq!(blocks.last(), Some(&Block::TearOff(vec![text("линия отрыва")], below)));
    }

    #[test]
    fn directives_must_be_known_and_closed() {
        for body in ["::fields\n- a | b\n", "::unknown\n", "::signature\n- seal | М.П.\n::end\n"] {
            assert!(matches!(read_body(body, &context! {}), Err(PaperError::Directive)));
        }
    }
}
