//! What is drawn on a page, between the layout engine and the PDF writer.
//!
//! Lengths are points; the origin is the top left corner, y grows downwards.

use typst::foundations::Bytes;

#[derive(Debug)]
pub(crate) struct Drawing {
    pub(crate) faces: Vec<Face>,
    pub(crate) pages: Vec<PageDrawing>,
    /// Characters the fonts have no glyph for, each once, in order of appearance.
    pub(crate) missing: Vec<char>,
}

/// A font file as the layout engine used it.
#[derive(Debug)]
pub(crate) struct Face {
    pub(crate) name: String,
    pub(crate) data: Bytes,
    pub(crate) index: u32,
}

#[derive(Debug)]
pub(crate) struct PageDrawing {
    pub(crate) width: f32,
    pub(crate) height: f32,
    pub(crate) marks: Vec<Mark>,
}

pub(crate) enum Mark {
    Text(TextRun),
    Rule(Rule),
    Area(Area),
    Outline(Outline),
}

impl std::fmt::Debug for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text(redacted)",
            Self::Rule(_) => "Rule",
            Self::Area(_) => "Area",
            Self::Outline(_) => "Outline",
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Place {
    pub(crate) x: f32,
    pub(crate) y: f32,
}

/// A colour: red, green, blue. Papers are black; only a gift card is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ink(pub(crate) [u8; 3]);

impl Ink {
    pub(crate) const BLACK: Self = Self([0, 0, 0]);
}

/// Glyphs of one face and size on one baseline.
pub(crate) struct TextRun {
    /// Index into [`Drawing::faces`].
    pub(crate) face: usize,
    pub(crate) size: f32,
    pub(crate) ink: Ink,
    pub(crate) start: Place,
    pub(crate) glyphs: Vec<Glyph>,
}

pub(crate) struct Glyph {
    pub(crate) id: u16,
    /// How far the pen moves, in thousandths of the size.
    pub(crate) advance: f32,
    /// How far right of the pen the glyph stands, in thousandths of the size.
    pub(crate) shift: f32,
    /// The text this glyph stands for; empty for the second glyph of one character.
    pub(crate) text: String,
}

/// A straight line.
pub(crate) struct Rule {
    pub(crate) from: Place,
    pub(crate) to: Place,
    pub(crate) thickness: f32,
    pub(crate) ink: Ink,
}

/// A filled polygon.
pub(crate) struct Area {
    pub(crate) corners: Vec<Place>,
    pub(crate) ink: Ink,
}

/// A stroked polyline, closed.
pub(crate) struct Outline {
    pub(crate) corners: Vec<Place>,
    pub(crate) thickness: f32,
    pub(crate) ink: Ink,
}
