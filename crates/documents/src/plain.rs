//! The model as plain text, block by block: what a reader is told, without how it looks.

use crate::model::{Block, Inline, Inlines, Ruling};

pub(crate) fn text(blocks: &[Block]) -> String {
    let mut out = String::new();
    for block in blocks {
        add(block, &mut out);
    }
    out
}

fn add(block: &Block, out: &mut String) {
    match block {
        Block::Title(lines) | Block::Addressee(lines) => lines.iter().for_each(|words| line(&inline(words), out)),
        Block::Note(words) | Block::Paragraph(words) | Block::Heading(words) | Block::Amount(words) => {
            line(&inline(words), out);
        }
        Block::List { start, items } => {
            for (number, item) in (start.unwrap_or_default()..).zip(items) {
                let lead = start.map_or_else(|| "— ".to_owned(), |_| format!("{number}. "));
                line(&format!("{lead}{}", text(item).trim_end()), out);
            }
        }
        Block::Fields(rows) => {
            for row in rows {
                let fields = row.iter().map(|field| format!("{}: {}", inline(&field.label), ruled(&field.value)));
                line(&fields.collect::<Vec<_>>().join(" | "), out);
            }
        }
        Block::Table(table) => {
            for row in std::iter::once(&table.header).chain(&table.rows) {
                line(&row.iter().map(inline).collect::<Vec<_>>().join(" | "), out);
            }
        }
        Block::Checks(lines) => lines.iter().for_each(|words| line(&format!("[ ] {}", inline(words)), out)),
        Block::RuledLine => line("____", out),
        Block::PageBreak => line("----", out),
        Block::TearOff(words, below) => {
            line(&format!("- - - {} - - -", inline(words)), out);
            out.push_str(&text(below));
        }
        Block::Signature(places) => {
            let places = places.iter().map(|place| {
                let rule = if place.ruling == Ruling::Date { "«__» ____ 20__ г." } else { ruled(&place.value) };
                format!("{rule} ({})", inline(&place.caption))
            });
            line(&places.collect::<Vec<_>>().join(" | "), out);
        }
    }
}

fn line(text: &str, out: &mut String) {
    out.push_str(text);
    out.push('\n');
}

fn ruled(value: &str) -> &str {
    if value.is_empty() { "____" } else { value }
}

fn inline(inlines: &Inlines) -> String {
    inlines
        .iter()
        .map(|inline| match inline {
            Inline::Text { text, .. } => text.as_str(),
            Inline::Gap(_) => "____",
            Inline::Tick => "[ ]",
        })
        .collect()
}
