//! A PDF of the clinic's own with the desk's fields stamped on.
//!
//! Invariants: what the clinic's file draws stays as it is, below what the desk adds; nothing of the file runs, opens or
//! is filled in by a viewer; the same file, fields and request give the same bytes.

pub(crate) mod merge;

use serde::{Deserialize, Serialize};
use serde_json::Value as Tree;
use sha2::{Digest, Sha256};
use ttf_parser::Face as ParsedFace;
use typst::foundations::Bytes;

use crate::drawing::{Area, Drawing, Face, Glyph, Ink, Mark, PageDrawing, Place, TextRun};
use crate::model::Format;
use crate::writer::{self, Card, FontFiles};
use crate::{Paper, PaperError, PaperRequest, PaperWarning, clean::clean, data_mark, layout, press};

pub use merge::{PageSize, pages};

const MM: f32 = 72.0 / 25.4;
/// A value that does not fit is set smaller, but not below this.
const SMALLEST_PT: f32 = 6.0;
/// The line at the foot that says which sheet it is.
const FOOT_PT: f32 = 6.5;
/// From the left and the lower edge.
const FOOT_MM: (f32, f32) = (20.0, 6.0);
const FOOT_ROWS_MM: f32 = 2.8;
/// Blank around the mark, without which machines do not find it.
const QUIET_MM: f32 = 1.0;
const HASH_ON_PAPER: usize = 12;
const ELLIPSIS: char = '…';

/// What may be stamped: as templates name it, and how staff call it.
pub const STAMPABLE: &[(&str, &str)] = &[
    ("person.full_name", "Фамилия, имя, отчество"),
    ("person.birth_date.words", "Дата рождения словами"),
    ("person.birth_date.digits", "Дата рождения цифрами"),
    ("person.phone", "Телефон"),
    ("person.email", "Электронная почта"),
    ("medic.full_name", "Врач"),
    ("medic.position", "Должность врача"),
    ("printed.words", "Дата печати словами"),
    ("printed.digits", "Дата печати цифрами"),
    ("sheet.number", "Номер листа"),
    ("clinic.full_name", "Клиника: полное наименование"),
    ("clinic.short_name", "Клиника: краткое наименование"),
    ("clinic.inn", "Клиника: ИНН"),
    ("clinic.ogrn", "Клиника: ОГРН"),
    ("clinic.address", "Клиника: адрес"),
    ("clinic.phone", "Клиника: телефон"),
    ("clinic.licence", "Клиника: лицензия"),
];

/// A field on a page; lengths from the upper left corner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stamp {
    /// From 1.
    pub page: u32,
    pub x_mm: f32,
    /// Of the line on which the text stands.
    pub y_mm: f32,
    /// A longer text is set smaller, and cut where that does not help.
    pub width_mm: f32,
    pub size_pt: f32,
    /// One of [`STAMPABLE`].
    pub field: String,
}

/// The clinic's file and what is put on it.
#[derive(Clone, Copy)]
pub struct OwnPdf<'a> {
    pub title: &'a str,
    pub revision: u32,
    pub pdf: &'a [u8],
    pub stamps: &'a [Stamp],
}

impl std::fmt::Debug for OwnPdf<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OwnPdf({} bytes, {} fields)", self.pdf.len(), self.stamps.len())
    }
}

impl OwnPdf<'_> {
    /// SHA-256 of the file and of its fields together, in hex: what a person signs.
    pub fn sha256(&self) -> Result<String, PaperError> {
        let mut hasher = Sha256::new();
        hasher.update(u64::try_from(self.pdf.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(self.pdf);
        hasher.update(serde_json::to_vec(self.stamps)?);
        Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// Prints the clinic's file with its fields filled in. Of the request the kind counts only as one about a person.
pub fn stamp(own: &OwnPdf<'_>, request: &PaperRequest) -> Result<Paper, PaperError> {
    let sizes = pages(own.pdf)?;
    let (tree, mut warnings) = press::own_tree(request)?;
    let sha256 = own.sha256()?;
    let pen = Pen::new()?;
    let mark = data_mark::content(&clean(&request.paper_id).text, own.revision);
    let hash = sha256.get(..HASH_ON_PAPER).unwrap_or_default();
    let foot = [format!("{} · ред. {} · файл {hash}", clean(own.title).text, own.revision), press::sheet_line(request)];
    let mut missing = Vec::new();
    let mut drawn = Vec::with_capacity(sizes.len());
    for (number, size) in (1..).zip(&sizes) {
        let mut page = PageDrawing { width: size.width_mm * MM, height: size.height_mm * MM, marks: Vec::new() };
        for stamp in own.stamps.iter().filter(|stamp| stamp.page == number) {
            let value = tree.pointer(&format!("/{}", stamp.field.replace('.', "/"))).and_then(Tree::as_str);
            pen.stamp(stamp, value.unwrap_or_default(), &mut page, &mut missing, &mut warnings);
        }
        for (row, text) in (0_u8..).zip(foot.iter().rev()) {
            let y = page.height - (FOOT_MM.1 + f32::from(row) * FOOT_ROWS_MM) * MM;
            pen.write(text, FOOT_PT, Place { x: FOOT_MM.0 * MM, y }, &mut page, &mut missing);
        }
        with_mark(&mark, &mut page)?;
        drawn.push(page);
    }
    warnings.extend(missing.iter().map(|&character| PaperWarning::GlyphMissing { character }));
    let card = Card {
        title: clean(own.title).text,
        author: clean(&request.clinic.full_name).text,
        subject: foot.join("; "),
        printed_at: request.printed_at,
    };
    let overlay =
        writer::write(&Drawing { faces: vec![pen.face], pages: drawn, missing }, &card, &FontFiles::default())?;
    Ok(Paper {
        pdf: merge::over(own.pdf, &overlay, &card)?,
        pages: sizes.len(),
        revision: own.revision,
        text_sha256: sha256,
        warnings,
    })
}

/// The mark that machines read, on a white field of its own.
fn with_mark(mark: &str, page: &mut PageDrawing) -> Result<(), PaperError> {
    let before = page.marks.len();
    data_mark::draw(mark, Format::A4, page)?;
    let corners = page.marks.iter().skip(before).flat_map(|mark| match mark {
        Mark::Area(area) => area.corners.clone(),
        _ => Vec::new(),
    });
    let bounds = corners
        .map(|corner| (corner.x, corner.y, corner.x, corner.y))
        .reduce(|one, other| (one.0.min(other.0), one.1.min(other.1), one.2.max(other.2), one.3.max(other.3)));
    let Some((left, top, right, bottom)) = bounds else { return Ok(()) };
    let quiet = QUIET_MM * MM;
    let (left, top, right, bottom) = (left - quiet, top - quiet, right + quiet, bottom + quiet);
    let place = |x, y| Place { x, y };
    let corners = vec![place(left, top), place(right, top), place(right, bottom), place(left, bottom)];
    page.marks.insert(before, Mark::Area(Area { corners, ink: Ink([255, 255, 255]) }));
    Ok(())
}

/// Writes plain lines in the house's sans face.
struct Pen {
    face: Face,
    parsed: ParsedFace<'static>,
}

impl Pen {
    fn new() -> Result<Self, PaperError> {
        let parsed = ParsedFace::parse(layout::SANS, 0).map_err(|_| PaperError::BrokenFont)?;
        let face = Face { name: "PTSans-Regular".to_owned(), data: Bytes::new(layout::SANS), index: 0 };
        Ok(Self { face, parsed })
    }

    fn glyphs(&self, text: &str, missing: &mut Vec<char>) -> Vec<Glyph> {
        let thousandths = 1000.0 / f32::from(self.parsed.units_per_em());
        let glyph = |character: char| {
            let id = self.parsed.glyph_index(character).unwrap_or_default();
            if id.0 == 0 && !missing.contains(&character) {
                missing.push(character);
            }
            let advance = f32::from(self.parsed.glyph_hor_advance(id).unwrap_or_default()) * thousandths;
            Glyph { id: id.0, advance, shift: 0.0, text: character.to_string() }
        };
        text.chars().map(glyph).collect()
    }

    fn write(&self, text: &str, size: f32, start: Place, page: &mut PageDrawing, missing: &mut Vec<char>) {
        let glyphs = self.glyphs(text, missing);
        if !glyphs.is_empty() {
            page.marks.push(Mark::Text(TextRun { face: 0, size, ink: Ink::BLACK, start, glyphs }));
        }
    }

    fn stamp(
        &self,
        stamp: &Stamp,
        value: &str,
        page: &mut PageDrawing,
        missing: &mut Vec<char>,
        warnings: &mut Vec<PaperWarning>,
    ) {
        let room = stamp.width_mm * MM;
        let width = |text: &str, size: f32| {
            self.glyphs(text, &mut Vec::new()).iter().map(|glyph| glyph.advance).sum::<f32>() * size / 1000.0
        };
        let full = width(value, stamp.size_pt);
        let size = if full <= room { stamp.size_pt } else { (stamp.size_pt * room / full).max(SMALLEST_PT) };
        let mut text = value.to_owned();
        let mut cut = 0;
        while width(&text, size) > room && text.chars().count() > 1 {
            text.pop();
            if cut > 0 {
                text.pop();
            }
            text.push(ELLIPSIS);
            cut += 1;
        }
        if cut > 0 {
            warnings.push(PaperWarning::CharactersDropped { field: stamp.field.clone(), count: cut });
        }
        self.write(&text, size, Place { x: stamp.x_mm * MM, y: stamp.y_mm * MM }, page, missing);
    }
}
