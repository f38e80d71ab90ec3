//! Markdown's own part: paragraphs, headings, lists, bold and italic.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::inline::{Gaps, pieces};
use crate::model::{Block, Inlines, Style};
use crate::template::Slots;

pub(super) fn prose_blocks(markdown: &str, slots: &Slots) -> Vec<Block> {
    Reader { events: Parser::new_ext(markdown, Options::empty()), slots }.blocks(None)
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
        let inlines: Inlines = runs.flat_map(|(run, style)| pieces(&run, style, slots, Gaps::Ruled)).collect();
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
                    out.extend(self.heading(level));
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
                Event::Rule => {
                    prose.flush(self.slots, &mut out);
                    out.push(Block::RuledLine);
                }
                Event::SoftBreak | Event::HardBreak => prose.push(" "),
                _ => {}
            }
        }
        prose.flush(self.slots, &mut out);
        out
    }

    fn heading(&mut self, level: HeadingLevel) -> Option<Block> {
        match self.blocks(Some(TagEnd::Heading(level))).into_iter().next() {
            Some(Block::Paragraph(line)) if level == HeadingLevel::H1 => Some(Block::Title(vec![line])),
            Some(Block::Paragraph(line)) => Some(Block::Heading(line)),
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
