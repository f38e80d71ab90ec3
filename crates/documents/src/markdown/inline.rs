//! A run of text: values in place of their marks, places to write, boxes to tick.

use crate::model::{Inline, Inlines, Style};
use crate::template::{SLOT_CLOSE, SLOT_OPEN, Slots, WRITE_HERE};

/// Width of the place to write where a value is empty, in millimetres.
const EMPTY_VALUE_MM: u16 = 40;
/// Width that one `_` stands for.
const UNDERSCORE_MM: u16 = 2;
const TICK: &str = "[ ]";

/// What an empty value leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gaps {
    /// A ruled place.
    Ruled,
    /// Nothing.
    Left,
}

/// Takes a run of one style apart.
pub(super) fn pieces(run: &str, style: Style, slots: &Slots, gaps: Gaps) -> Inlines {
    let mut out = Inlines::new();
    let mut rest = run;
    while let Some(first) = rest.chars().next() {
        if first == SLOT_OPEN
            && let Some((mark, after)) = rest.split_once(SLOT_CLOSE)
        {
            let value = slots.behind(mark.trim_start_matches(SLOT_OPEN)).unwrap_or_default();
            if !value.is_empty() {
                push(&mut out, value, style);
            } else if gaps == Gaps::Ruled {
                out.push(Inline::Gap(EMPTY_VALUE_MM));
            }
            // «2026 г.» ends a sentence by itself
            rest = if value.ends_with('.') { after.strip_prefix('.').unwrap_or(after) } else { after };
            continue;
        }
        if let Some(after) = rest.strip_prefix(TICK) {
            out.push(Inline::Tick);
            // a box and its words stay on one line
            rest = match after.strip_prefix(' ') {
                Some(words) => {
                    out.push(Inline::Text { text: "\u{A0}".to_owned(), style });
                    words
                }
                None => after,
            };
            continue;
        }
        let after = rest.trim_start_matches(WRITE_HERE);
        let places = (rest.len() - after.len()) / WRITE_HERE.len_utf8();
        if places > 0 {
            let width = u16::try_from(places).unwrap_or(u16::MAX).saturating_mul(UNDERSCORE_MM);
            out.push(Inline::Gap(width));
            rest = after;
            continue;
        }
        let end = first.len_utf8();
        push(&mut out, rest.get(..end).unwrap_or_default(), style);
        rest = rest.get(end..).unwrap_or_default();
    }
    out
}

fn push(out: &mut Inlines, more: &str, style: Style) {
    match out.last_mut() {
        Some(Inline::Text { text, .. }) => text.push_str(more),
        _ => out.push(Inline::Text { text: more.to_owned(), style }),
    }
}
