//! Embedding of fonts: only the glyphs that are used, under a subset name.
//!
//! Invariant: what is remembered is fonts cut to the letters of a paper, never what stands on it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use printpdf::{FontId, FontMetrics, FontType, ParsedFont, PdfDocument, PdfFont, PdfFontMetricsStub};
use sha2::{Digest, Sha256};
use subsetter::GlyphRemapper;
use ttf_parser::{Face as ParsedFace, GlyphId};

use super::compress::deflated;
use crate::PaperError;
use crate::drawing::{Drawing, Face, Mark};

/// Cut fonts that are remembered: four faces of the papers of a visit.
const REMEMBERED: usize = 32;

/// Fonts as they were cut and compressed last: papers of a kind use the same letters, and fonts are most of a file.
#[derive(Default)]
pub(crate) struct FontFiles(Mutex<VecDeque<Arc<CutFont>>>);

/// A font cut to the glyphs of a paper.
struct CutFont {
    face: String,
    remapper: GlyphRemapper,
    font: ParsedFont,
    /// Width of each glyph as the file states it, in thousandths.
    widths: Vec<f32>,
    /// The font's bytes as they are written.
    compressed: Vec<u8>,
}

impl FontFiles {
    fn cut(&self, face: &Face, remapper: GlyphRemapper) -> Result<Arc<CutFont>, PaperError> {
        let letters = |one: &GlyphRemapper, other: &GlyphRemapper| one.remapped_gids().eq(other.remapped_gids());
        let found = self.lock().iter().find(|cut| cut.face == face.name && letters(&cut.remapper, &remapper)).cloned();
        if let Some(found) = found {
            return Ok(found);
        }
        let (font, widths) = subset(face, &remapper)?;
        let compressed = deflated(&font.original_bytes)?;
        let cut = Arc::new(CutFont { face: face.name.clone(), remapper, font, widths, compressed });
        let mut files = self.lock();
        files.truncate(REMEMBERED - 1);
        files.push_front(Arc::clone(&cut));
        Ok(cut)
    }

    /// The compressed bytes of a font file, if it is remembered.
    pub(super) fn compressed(&self, content: &[u8]) -> Option<Vec<u8>> {
        self.lock().iter().find(|cut| cut.font.original_bytes == content).map(|cut| cut.compressed.clone())
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Arc<CutFont>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A font in the file, and how the glyphs of the original are called there.
pub(crate) struct EmbeddedFace {
    pub(crate) id: FontId,
    cut: Arc<CutFont>,
}

impl EmbeddedFace {
    /// Id in the file and width of a glyph of the original font.
    pub(crate) fn glyph(&self, original: u16) -> Option<(u16, f32)> {
        let id = self.cut.remapper.get(original)?;
        Some((id, *self.cut.widths.get(usize::from(id))?))
    }
}

/// Embeds every face that draws a glyph; the answer has the order of [`Drawing::faces`].
pub(crate) fn embed(
    drawing: &Drawing,
    document: &mut PdfDocument,
    files: &FontFiles,
) -> Result<Vec<Option<EmbeddedFace>>, PaperError> {
    let mut embedded = Vec::with_capacity(drawing.faces.len());
    for (index, face) in drawing.faces.iter().enumerate() {
        let Some(remapper) = used_glyphs(drawing, index) else {
            embedded.push(None);
            continue;
        };
        let cut = files.cut(face, remapper)?;
        // names F1 to F14 mean the built-in fonts to printpdf
        let id = FontId(format!("Face{index}"));
        document.resources.fonts.map.insert(id.clone(), PdfFont::new(cut.font.clone()));
        embedded.push(Some(EmbeddedFace { id, cut }));
    }
    Ok(embedded)
}

/// In the order of the font, so that papers with the same letters have the same subset.
fn used_glyphs(drawing: &Drawing, face: usize) -> Option<GlyphRemapper> {
    let runs = drawing.pages.iter().flat_map(|page| &page.marks).filter_map(|mark| match mark {
        Mark::Text(run) if run.face == face => Some(run),
        _ => None,
    });
    let used: BTreeSet<u16> = runs.flat_map(|run| run.glyphs.iter().map(|glyph| glyph.id)).collect();
    (!used.is_empty()).then(|| GlyphRemapper::new_from_glyphs_sorted(&used.into_iter().collect::<Vec<_>>()))
}

/// The subset as printpdf takes it: already cut, named `ABCDEF+Name`.
fn subset(face: &Face, remapper: &GlyphRemapper) -> Result<(ParsedFont, Vec<f32>), PaperError> {
    let parsed = ParsedFace::parse(&face.data, face.index).map_err(|_| PaperError::BrokenFont)?;
    let bytes = subsetter::subset(&face.data, face.index, remapper)?;
    let units_per_em = parsed.units_per_em();
    let mut glyph_widths = BTreeMap::new();
    let mut widths = Vec::new();
    for (id, original) in (0_u16..).zip(remapper.remapped_gids()) {
        let width = parsed.glyph_hor_advance(GlyphId(original)).unwrap_or_default();
        glyph_widths.insert(id, width);
        // printpdf states widths in whole thousandths and cuts the rest off
        widths.push((f32::from(width) * 1000.0 / f32::from(units_per_em)).trunc());
    }
    let bounds = parsed.global_bounding_box();
    let (caret_slope_rise, caret_slope_run) = if parsed.is_italic() { (100, 21) } else { (1, 0) };
    let font = ParsedFont {
        font_name: Some(format!("{}+{}", subset_tag(&bytes), face.name.replace(' ', ""))),
        original_bytes: bytes,
        font_index: 0,
        codepoint_to_glyph: BTreeMap::new(),
        glyph_widths,
        units_per_em,
        font_metrics: FontMetrics { ascent: parsed.ascender(), descent: parsed.descender() },
        font_type: FontType::TrueType,
        pdf_font_metrics: PdfFontMetricsStub {
            units_per_em,
            x_min: bounds.x_min,
            y_min: bounds.y_min,
            x_max: bounds.x_max,
            y_max: bounds.y_max,
            caret_slope_rise,
            caret_slope_run,
            us_weight_class: parsed.weight().to_number(),
        },
    };
    Ok((font, widths))
}

/// Six capital letters that stand for the content of a subset.
fn subset_tag(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(6).map(|byte| char::from(b'A' + byte % 26)).collect()
}
