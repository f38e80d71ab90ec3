//! Markdown with slots and directives becomes the document model.
//!
//! Beside Markdown's own paragraphs, lists, bold and italic there are three directives, each at
//! the start of a line:
//!
//! * `::note text` is small centred text;
//! * `::fields` … `::end` is a form, a row per line: `- label | value | label | value`;
//! * `::signature` … `::end` is the place to sign: `- rule | caption` and `- date | caption`.
//!
//! Consecutive `#` headings are the lines of one title.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::PaperError;
use crate::model::{Block, Field, FieldRow, Inline, Inlines, Ruling, SignaturePlace, Style};
use crate::template::{Filled, Slots};

/// Reads a filled template.
pub(crate) fn read(filled: &Filled) -> Result<Vec<Block>, PaperError> {
    let slots = &filled.slots;
    let mut blocks = Vec::new();
    let mut prose = String::new();
    let mut lines = filled.markdown.lines();
    while let Some(line) = lines.next() {
        let Some(directive) = line.strip_prefix("::") else {
            prose.push_str(line);
            prose.push('\n');
            continue;
        };
        blocks.extend(prose_blocks(&std::mem::take(&mut prose), slots));
        blocks.push(match directive.split_once(' ').unwrap_or((directive, "")) {
            ("note", text) => Block::Note(inlines(text, slots)),
            ("fields", _) => Block::Fields(rows(&mut lines)?.into_iter().map(|row| field_row(row, slots)).collect()),
            ("signature", _) => Block::Signature(
                rows(&mut lines)?.into_iter().map(|row| signature_place(row, slots)).collect::<Result<_, _>>()?,
            ),
            _ => return Err(PaperError::Directive),
        });
    }
    blocks.extend(prose_blocks(&prose, slots));
    Ok(join_titles(blocks))
}

/// The lines of a directive up to its `::end`, without their dashes.
fn rows<'a>(lines: &mut std::str::Lines<'a>) -> Result<Vec<&'a str>, PaperError> {
    let mut rows = Vec::new();
    for line in lines {
        match line.trim() {
            "::end" => return Ok(rows),
            "" => {}
            row => rows.push(row.strip_prefix("- ").ok_or(PaperError::Directive)?),
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
            value: slots.resolve(pair.get(1).copied().unwrap_or_default()),
        })
        .collect()
}

fn signature_place(row: &str, slots: &Slots) -> Result<SignaturePlace, PaperError> {
    let (ruling, caption) = row.split_once('|').ok_or(PaperError::Directive)?;
    let ruling = match ruling.trim() {
        "rule" => Ruling::Plain,
        "date" => Ruling::Date,
        _ => return Err(PaperError::Directive),
    };
    Ok(SignaturePlace { ruling, caption: inlines(caption.trim(), slots) })
}

fn inlines(text: &str, slots: &Slots) -> Inlines {
    match prose_blocks(text, slots).into_iter().next() {
        Some(Block::Paragraph(inlines)) => inlines,
        _ => Vec::new(),
    }
}

fn prose_blocks(markdown: &str, slots: &Slots) -> Vec<Block> {
    Reader { events: Parser::new_ext(markdown, Options::empty()), slots }.blocks(None)
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

struct Reader<'a> {
    events: Parser<'a>,
    slots: &'a Slots,
}

/// Text collected so far for the paragraph that is being read.
#[derive(Default)]
struct Prose {
    runs: Vec<(String, Style)>,
    style: Style,
}

impl Prose {
    fn push(&mut self, text: &str) {
        match self.runs.last_mut() {
            Some((run, style)) if *style == self.style => run.push_str(text),
            _ => self.runs.push((text.to_owned(), self.style)),
        }
    }

    /// Ends the paragraph, if one was begun.
    fn flush(&mut self, slots: &Slots, out: &mut Vec<Block>) {
        let runs = self.runs.drain(..);
        let inlines: Inlines = runs.map(|(run, style)| Inline { text: slots.resolve(&run), style }).collect();
        if !inlines.is_empty() {
            out.push(Block::Paragraph(inlines));
        }
    }
}

impl Reader<'_> {
    /// Reads blocks up to the end of the element they stand in.
    fn blocks(&mut self, end: Option<TagEnd>) -> Vec<Block> {
        let mut out = Vec::new();
        let mut prose = Prose::default();
        while let Some(event) = self.events.next() {
            match event {
                Event::End(tag) if Some(tag) == end => break,
                Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph) => {
                    prose.flush(self.slots, &mut out);
                }
                Event::Start(Tag::Heading { level, .. }) => {
                    prose.flush(self.slots, &mut out);
                    out.extend(self.title(TagEnd::Heading(level)));
                }
                Event::Start(Tag::List(start)) => {
                    prose.flush(self.slots, &mut out);
                    out.push(self.list(start));
                }
                Event::Start(Tag::Strong) => prose.style.bold = true,
                Event::End(TagEnd::Strong) => prose.style.bold = false,
                Event::Start(Tag::Emphasis) => prose.style.italic = true,
                Event::End(TagEnd::Emphasis) => prose.style.italic = false,
                Event::Text(text) | Event::Code(text) => prose.push(&text),
                Event::SoftBreak | Event::HardBreak => prose.push(" "),
                _ => {}
            }
        }
        prose.flush(self.slots, &mut out);
        out
    }

    fn title(&mut self, end: TagEnd) -> Option<Block> {
        match self.blocks(Some(end)).into_iter().next() {
            Some(Block::Paragraph(line)) => Some(Block::Title(vec![line])),
            _ => None,
        }
    }

    fn list(&mut self, start: Option<u64>) -> Block {
        let mut items = Vec::new();
        while let Some(event) = self.events.next() {
            match event {
                Event::Start(Tag::Item) => items.push(self.blocks(Some(TagEnd::Item))),
                Event::End(TagEnd::List(_)) => break,
                _ => {}
            }
        }
        Block::List { start, items }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::template::Template;
    use minijinja::{Value, context};

    fn read_body(body: &str, data: &Value) -> Result<Vec<Block>, PaperError> {
        let source = format!("---\ntitle: Лист\nrevision: 1\n---\n{body}");
        read(&Template::parse(&source).unwrap().fill(data).unwrap())
    }

    fn text(text: &str) -> Inline {
        Inline { text: text.to_owned(), style: Style::default() }
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
    fn directives_must_be_known_and_closed() {
        for body in ["::fields\n- a | b\n", "::unknown\n", "::signature\n- seal | М.П.\n::end\n"] {
            assert!(matches!(read_body(body, &context! {}), Err(PaperError::Directive)));
        }
    }
}
