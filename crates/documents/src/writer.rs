//! Drawings become PDF bytes by printpdf.
//!
//! Every decision about places was made by the layout; here they are only written down. Invariant:
//! the same drawing and card give the same bytes.

mod card;
mod compress;
mod faces;

use lopdf::Document as LowDocument;
use printpdf::{
    Codepoint, Color, Greyscale, Line, LinePoint, Mm, Op, PaintMode, PdfDocument, PdfFontHandle, PdfPage,
    PdfSaveOptions, PdfWarnMsg, Point, Polygon, PolygonRing, Pt, Rgb, TextItem, TextMatrix, WindingOrder,
};

pub(crate) use card::{Card, sign};
use faces::EmbeddedFace;
pub(crate) use faces::FontFiles;

use crate::PaperError;
use crate::drawing::{Area, Drawing, Glyph, Ink, Mark, Outline, PageDrawing, Place, Rule, TextRun};

const POINTS_PER_INCH: f32 = 72.0;
const MM_PER_INCH: f32 = 25.4;

/// Writes a drawing as a PDF file described by `card`.
pub(crate) fn write(drawing: &Drawing, card: &Card, fonts: &FontFiles) -> Result<Vec<u8>, PaperError> {
    let mut document = PdfDocument::new(&card.title);
    let faces = faces::embed(drawing, &mut document, fonts)?;
    let pages = drawing.pages.iter().map(|page| page_ops(page, &faces)).collect();
    document.with_pages(pages);
    card.fill_in(&mut document)?;
    let mut low = serialise(&document)?;
    card.finish(&mut low)?;
    compress::streams(&mut low, fonts)?;
    sign(&mut low)
}

fn serialise(document: &PdfDocument) -> Result<LowDocument, PaperError> {
    let options = PdfSaveOptions { optimize: true, subset_fonts: false, secure: true, image_optimization: None };
    let mut messages: Vec<PdfWarnMsg> = Vec::new();
    let low = document.to_lopdf_document(&options, &mut messages);
    let dropped =
        messages.iter().filter(|message| matches!(message.severity, printpdf::PdfParseErrorSeverity::Error)).count();
    if dropped > 0 { Err(PaperError::DroppedOperations { count: dropped }) } else { Ok(low) }
}

fn page_ops(page: &PageDrawing, faces: &[Option<EmbeddedFace>]) -> PdfPage {
    let mut pen = Pen { page_height: page.height, fill: None, stroke: None, ops: Vec::new() };
    for mark in &page.marks {
        match mark {
            Mark::Text(run) => {
                if let Some(Some(face)) = faces.get(run.face) {
                    pen.text(run, face);
                }
            }
            Mark::Rule(rule) => pen.rule(rule),
            Mark::Area(area) => pen.area(area),
            Mark::Outline(outline) => pen.outline(outline),
        }
    }
    let mm = |points: f32| Mm(points / POINTS_PER_INCH * MM_PER_INCH);
    PdfPage::new(mm(page.width), mm(page.height), pen.ops)
}

/// Operations of one page and the colours in force.
struct Pen {
    page_height: f32,
    fill: Option<Ink>,
    stroke: Option<Ink>,
    ops: Vec<Op>,
}

impl Pen {
    /// PDF counts from the bottom of the page.
    fn flip(&self, y: f32) -> f32 {
        self.page_height - y
    }

    fn point(&self, place: Place) -> LinePoint {
        LinePoint { p: Point { x: Pt(place.x), y: Pt(self.flip(place.y)) }, bezier: false }
    }

    fn fill_with(&mut self, ink: Ink) {
        if self.fill != Some(ink) {
            self.fill = Some(ink);
            self.ops.push(Op::SetFillColor { col: colour(ink) });
        }
    }

    fn text(&mut self, run: &TextRun, face: &EmbeddedFace) {
        self.fill_with(run.ink);
        let matrix = [1.0, 0.0, 0.0, 1.0, run.start.x, self.flip(run.start.y)];
        self.ops.extend([
            Op::StartTextSection,
            Op::SetFont { font: PdfFontHandle::External(face.id.clone()), size: Pt(run.size) },
            Op::SetTextMatrix { matrix: TextMatrix::Raw(matrix) },
            Op::ShowText { items: positioned(&run.glyphs, face) },
            Op::EndTextSection,
        ]);
    }

    fn stroke_with(&mut self, ink: Ink, thickness: f32) {
        if self.stroke != Some(ink) {
            self.stroke = Some(ink);
            self.ops.push(Op::SetOutlineColor { col: colour(ink) });
        }
        self.ops.push(Op::SetOutlineThickness { pt: Pt(thickness) });
    }

    fn rule(&mut self, rule: &Rule) {
        self.stroke_with(rule.ink, rule.thickness);
        let points = vec![self.point(rule.from), self.point(rule.to)];
        self.ops.push(Op::DrawLine { line: Line { points, is_closed: false } });
    }

    fn outline(&mut self, outline: &Outline) {
        self.stroke_with(outline.ink, outline.thickness);
        let points = outline.corners.iter().map(|&corner| self.point(corner)).collect();
        self.ops.push(Op::DrawLine { line: Line { points, is_closed: true } });
    }

    fn area(&mut self, area: &Area) {
        self.fill_with(area.ink);
        let points = area.corners.iter().map(|&corner| self.point(corner)).collect();
        let polygon = Polygon {
            rings: vec![PolygonRing { points }],
            mode: PaintMode::Fill,
            winding_order: WindingOrder::NonZero,
        };
        self.ops.push(Op::DrawPolygon { polygon });
    }
}

fn colour(Ink([red, green, blue]): Ink) -> Color {
    let part = |value: u8| f32::from(value) / 255.0;
    if red == green && green == blue {
        Color::Greyscale(Greyscale::new(part(red), None))
    } else {
        Color::Rgb(Rgb::new(part(red), part(green), part(blue), None))
    }
}

/// Glyphs with the corrections that put each where the layout wants it.
///
/// A viewer moves by the widths in the file, which are whole thousandths; the layout moves by exact
/// advances with kerning. The difference is carried on, so it never adds up along a line.
fn positioned(glyphs: &[Glyph], face: &EmbeddedFace) -> Vec<TextItem> {
    let mut codepoints: Vec<Codepoint> = Vec::with_capacity(glyphs.len());
    let mut items = Vec::with_capacity(2);
    let (mut wanted, mut reached) = (0.0_f32, 0.0_f32);
    for glyph in glyphs {
        let Some((id, width)) = face.glyph(glyph.id) else { continue };
        let correction = (reached - (wanted + glyph.shift)).round();
        if correction != 0.0 {
            match codepoints.last_mut() {
                Some(last) => last.offset += correction,
                None => items.push(TextItem::Offset(correction)),
            }
            reached -= correction;
        }
        codepoints.push(Codepoint::with_cid(id, 0.0, glyph.text.clone()));
        reached += width;
        wanted += glyph.advance;
    }
    items.push(TextItem::GlyphIds(codepoints));
    items
}
