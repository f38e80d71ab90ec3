//! The mark that machines read: a DataMatrix with the paper's id and the revision of its wording, nothing else.

use datamatrix::{DataMatrix, SymbolList};

use crate::PaperError;
use crate::drawing::{Area, Ink, Mark, PageDrawing, Place};
use crate::model::Format;

/// Side of one module, in points: 0.5 mm, which office scanners read at 200 dpi.
const MODULE: f32 = 0.5 * MM;
const MM: f32 = 72.0 / 25.4;

/// Distance of the mark from the right and the lower edge of the sheet, in millimetres.
const fn from_edges(format: Format) -> (f32, f32) {
    match format {
        Format::A4 | Format::A4Landscape => (14.0, 5.5),
        // inside the frame
        Format::Card => (14.0, 12.0),
    }
}

/// What the mark says: `<paper id>-<revision>`.
pub(crate) fn content(paper_id: &str, revision: u32) -> String {
    format!("{paper_id}-{revision}")
}

/// Draws the mark at the lower right corner of a page.
pub(crate) fn draw(content: &str, format: Format, page: &mut PageDrawing) -> Result<(), PaperError> {
    let code = DataMatrix::encode(content.as_bytes(), SymbolList::default().enforce_square())
        .map_err(|_| PaperError::MarkTooLong)?;
    let bitmap = code.bitmap();
    let size = |modules: usize| f32::from(u16::try_from(modules).unwrap_or(u16::MAX)) * MODULE;
    let (from_right, from_bottom) = from_edges(format);
    let left = page.width - from_right * MM - size(bitmap.width());
    let top = page.height - from_bottom * MM - size(bitmap.height());
    let mut dark: Vec<(usize, usize)> = bitmap.pixels().map(|(x, y)| (y, x)).collect();
    dark.sort_unstable();
    for (y, from, to) in runs(&dark) {
        let place = |x, y| Place { x: left + size(x), y: top + size(y) };
        let corners = vec![place(from, y), place(to, y), place(to, y + 1), place(from, y + 1)];
        page.marks.push(Mark::Area(Area { corners, ink: Ink::BLACK }));
    }
    Ok(())
}

/// Neighbouring modules of a row as one: row, first, one past the last. The modules are sorted.
fn runs(dark: &[(usize, usize)]) -> Vec<(usize, usize, usize)> {
    let mut runs: Vec<(usize, usize, usize)> = Vec::new();
    for &(y, x) in dark {
        match runs.last_mut() {
            Some((row, _, end)) if *row == y && *end == x => *end += 1,
            _ => runs.push((y, x, x + 1)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_joined_and_rows_are_not() {
        assert_eq!(runs(&[(0, 0), (0, 1), (0, 3), (1, 4), (2, 5)]), [(0, 0, 2), (0, 3, 4), (1, 4, 5), (2, 5, 6)]);
    }

    #[test]
    fn the_mark_is_inside_the_margins_of_the_sheet() {
        let mut page = PageDrawing { width: 595.0, height: 842.0, marks: Vec::new() };
        draw(&content("ppr_01KAR3Q8W0V5T7ZC9XJ4M2N6PB", 12), Format::A4, &mut page).unwrap_or_default();
        assert!(page.marks.len() > 50);
        for mark in &page.marks {
            let Mark::Area(area) = mark else { continue };
            for corner in &area.corners {
                assert!(corner.x > 595.0 - (14.0 * MM) - 40.0 && corner.x <= 595.0 - (14.0 * MM) + 0.01, "{corner:?}");
                assert!(corner.y > 842.0 - (5.5 * MM) - 40.0 && corner.y <= 842.0 - (5.5 * MM) + 0.01, "{corner:?}");
            }
        }
    }
}
