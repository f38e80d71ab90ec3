//! Fitting a paper onto its sheet: the largest comfortable type that still gives one page.
//!
//! If even the smallest legible type needs a second page, the paper goes back to comfortable type and only a stub (a few
//! lines alone on the last page) is fought. Most papers fit at once and cost one layout.

use typst::layout::{Frame, FrameItem};
use typst_layout::PagedDocument;

use crate::PaperError;

/// One way to set a paper: the size of type and the height of a row written by hand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rung {
    pub(crate) size_pt: f64,
    pub(crate) row_mm: f64,
}

/// From comfortable to the smallest that people still read without effort.
const LADDER: [Rung; 11] = [
    Rung { size_pt: 11.0, row_mm: 8.0 },
    Rung { size_pt: 10.75, row_mm: 8.0 },
    Rung { size_pt: 10.75, row_mm: 7.5 },
    Rung { size_pt: 10.5, row_mm: 7.5 },
    Rung { size_pt: 10.5, row_mm: 7.0 },
    Rung { size_pt: 10.25, row_mm: 7.0 },
    Rung { size_pt: 10.0, row_mm: 7.0 },
    Rung { size_pt: 10.0, row_mm: 6.5 },
    Rung { size_pt: 9.75, row_mm: 6.5 },
    Rung { size_pt: 9.5, row_mm: 6.5 },
    Rung { size_pt: 9.5, row_mm: 6.0 },
];

/// A last page filled less than this is a stub.
const STUB: f64 = 0.22;

/// A text this much longer than its sheet is not tried in smaller type: of the proofs of all papers every one but one takes
/// in the smallest at least 0.81 of the height that it takes in the largest, and that one (0.74) is longer still.
const HOPELESS: f64 = 1.25;

/// What the foot of a page takes of its height.
const FOOTER_SHARE: f64 = 0.07;

/// Lays a paper out on as few rungs as it takes: most fit at once.
pub(crate) fn fit(
    mut lay_out: impl FnMut(Rung) -> Result<PagedDocument, PaperError>,
) -> Result<PagedDocument, PaperError> {
    let [house, smaller @ ..] = LADDER;
    let first = lay_out(house)?;
    if first.pages().len() <= 1 {
        return Ok(first);
    }
    if first.pages().len() > 2 || sheets_of_text(&first) > HOPELESS {
        return better_ending(first, lay_out);
    }
    // whether it fits at all is asked first: of a paper that does not, two layouts are made and not five
    let Some((smallest, between)) = smaller.split_last() else { return Ok(first) };
    let mut best = lay_out(*smallest)?;
    if best.pages().len() > 1 {
        // no smaller type takes a page less, and each leaves less on the last one
        return Ok(first);
    }
    // Invariant of the search: rungs below `low` are too large; `best` is the largest that fits.
    let (mut low, mut high) = (0, between.len());
    while low < high {
        let middle = low.midpoint(high);
        let Some(rung) = between.get(middle) else { break };
        let document = lay_out(*rung)?;
        if document.pages().len() <= 1 {
            best = document;
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Ok(best)
}

/// For a paper that may take any number of sheets: only a stub is fought.
pub(crate) fn without_stub(
    mut lay_out: impl FnMut(Rung) -> Result<PagedDocument, PaperError>,
) -> Result<PagedDocument, PaperError> {
    let [house, ..] = LADDER;
    let first = lay_out(house)?;
    if first.pages().len() <= 1 { Ok(first) } else { better_ending(first, lay_out) }
}

/// The first of a few comfortable rungs that does not leave a stub; else what there was.
fn better_ending(
    first: PagedDocument,
    mut lay_out: impl FnMut(Rung) -> Result<PagedDocument, PaperError>,
) -> Result<PagedDocument, PaperError> {
    if last_page_fill(&first) >= STUB {
        return Ok(first);
    }
    for rung in LADDER.into_iter().skip(1).take(3) {
        let document = lay_out(rung)?;
        let fewer = document.pages().len() < first.pages().len();
        if fewer || last_page_fill(&document) >= STUB {
            return Ok(document);
        }
    }
    Ok(first)
}

/// How far down the text of the last page reaches, footer excluded, from 0 to 1.
fn last_page_fill(document: &PagedDocument) -> f64 {
    document.pages().last().map_or(0.0, |page| {
        let height = page.frame.height().to_pt();
        let (_, lowest) = text_of(&page.frame);
        lowest / height
    })
}

/// How many sheets the text would take if none had a gap at its end.
fn sheets_of_text(document: &PagedDocument) -> f64 {
    document
        .pages()
        .iter()
        .map(|page| {
            let (highest, lowest) = text_of(&page.frame);
            (lowest - highest).max(0.0) / (page.frame.height().to_pt() * (1.0 - FOOTER_SHARE) - highest)
        })
        .sum()
}

/// The highest and the lowest baseline of a page, footer excluded, in points from its top.
fn text_of(frame: &Frame) -> (f64, f64) {
    let limit = frame.height().to_pt() * (1.0 - FOOTER_SHARE);
    let mut found = (limit, 0.0);
    gather(frame, 0.0, limit, &mut found);
    found
}

fn gather(frame: &Frame, top: f64, limit: f64, found: &mut (f64, f64)) {
    for (position, item) in frame.items() {
        let y = top + position.y.to_pt();
        match item {
            FrameItem::Group(group) => gather(&group.frame, y + group.transform.ty.to_pt(), limit, found),
            FrameItem::Text(_) if y < limit => *found = (found.0.min(y), found.1.max(y)),
            _ => {}
        }
    }
}
