//! Frames of laid out pages become drawings.
//!
//! Invariant: what this walk does not know is an error, never a gap on the paper. Papers are text and straight lines;
//! pictures, curves and rotation are not drawn until a paper needs them.

use std::collections::HashMap;

use typst::layout::{Frame, FrameItem, GroupItem, Point, Ratio, Transform};
use typst::text::TextItem;
use typst::visualize::{Curve, CurveItem, FixedStroke, Geometry, Paint, Shape};
use typst_layout::PagedDocument;

use crate::PaperError;
use crate::drawing::{Area, Drawing, Face, Glyph, Ink, Mark, Outline, PageDrawing, Place, Rule, TextRun};
use crate::typst_source::{BREAK_MARK, JOIN_MARK};

const THOUSANDTHS: f64 = 1000.0;

pub(crate) fn walk(document: &PagedDocument) -> Result<Drawing, PaperError> {
    let mut walk = Walk::default();
    let mut pages = Vec::with_capacity(document.pages().len());
    for page in document.pages() {
        let mut marks = Vec::new();
        walk.frame(&page.frame, Point::zero(), &mut marks)?;
        pages.push(PageDrawing {
            width: narrow(page.frame.width().to_pt()),
            height: narrow(page.frame.height().to_pt()),
            marks,
        });
    }
    Ok(Drawing { faces: walk.faces, pages, missing: walk.missing })
}

#[derive(Default)]
struct Walk {
    faces: Vec<Face>,
    /// Place in `faces` by address of the font data and index of the face in it.
    known: HashMap<(usize, u32), usize>,
    missing: Vec<char>,
}

impl Walk {
    fn frame(&mut self, frame: &Frame, origin: Point, marks: &mut Vec<Mark>) -> Result<(), PaperError> {
        for (position, item) in frame.items() {
            let origin = origin + *position;
            match item {
                FrameItem::Group(group) => {
                    self.frame(&group.frame, origin + translation(group)?, marks)?;
                }
                FrameItem::Text(text) => self.text(text, origin, marks)?,
                FrameItem::Shape(item, _) => shape(item, origin, marks)?,
                FrameItem::Tag(_) => {}
                FrameItem::Image(..) | FrameItem::Link(..) => {
                    return Err(PaperError::UnsupportedDrawing);
                }
            }
        }
        Ok(())
    }

    /// One text item; glyphs raised off the baseline begin a run of their own.
    fn text(&mut self, item: &TextItem, origin: Point, marks: &mut Vec<Mark>) -> Result<(), PaperError> {
        let face = self.face(item);
        let ink = ink(&item.fill)?;
        let mut pen = origin.x;
        let mut height = None;
        let mut cluster = None;
        for glyph in &item.glyphs {
            let range = glyph.range();
            let characters = item.text.get(range.clone()).unwrap_or_default();
            if matches!(characters.strip_prefix([BREAK_MARK, JOIN_MARK]), Some("")) {
                continue;
            }
            if glyph.id == 0 {
                self.note_missing(characters);
            }
            if height != Some(glyph.y_offset) {
                height = Some(glyph.y_offset);
                let start = place(Point::new(pen, origin.y - glyph.y_offset.at(item.size)));
                let size = narrow(item.size.to_pt());
                marks.push(Mark::Text(TextRun { face, size, ink, start, glyphs: Vec::new() }));
            }
            if let Some(Mark::Text(run)) = marks.last_mut() {
                let first_of_cluster = cluster != Some(range.start);
                run.glyphs.push(Glyph {
                    id: own_hyphen(item, characters).unwrap_or(glyph.id),
                    advance: narrow(glyph.x_advance.get() * THOUSANDTHS),
                    shift: narrow(glyph.x_offset.get() * THOUSANDTHS),
                    text: if first_of_cluster {
                        characters.replace([BREAK_MARK, JOIN_MARK], "")
                    } else {
                        String::new()
                    },
                });
            }
            cluster = Some(range.start);
            pen += glyph.x_advance.at(item.size);
        }
        Ok(())
    }

    fn face(&mut self, item: &TextItem) -> usize {
        let font = item.font.font();
        let key = (font.data().as_slice().as_ptr() as usize, font.index());
        *self.known.entry(key).or_insert_with(|| {
            let family = || font.info().family.as_str().to_owned();
            self.faces.push(Face {
                name: font.post_script_name().unwrap_or_else(family),
                data: font.data().clone(),
                index: font.index(),
            });
            self.faces.len() - 1
        })
    }

    fn note_missing(&mut self, characters: &str) {
        for character in characters.chars() {
            if !self.missing.contains(&character) {
                self.missing.push(character);
            }
        }
    }
}

/// The font's own glyph for a hyphen at the end of a line.
///
/// The engine draws the common hyphen there. One glyph has one text in a PDF, so with it a hyphen
/// inside a phone number would be copied as a soft one.
fn own_hyphen(item: &TextItem, characters: &str) -> Option<u16> {
    const SOFT_HYPHEN: char = '\u{AD}';
    let is_soft = characters.chars().eq([SOFT_HYPHEN]);
    is_soft.then(|| item.font.ttf().glyph_index(SOFT_HYPHEN).map(|glyph| glyph.0))?
}

/// Where a group is moved to; scaling, turning and clipping are not drawn.
fn translation(group: &GroupItem) -> Result<Point, PaperError> {
    let Transform { sx, ky, kx, sy, tx, ty } = group.transform;
    let plain = (sx, ky, kx, sy) == (Ratio::one(), Ratio::zero(), Ratio::zero(), Ratio::one());
    if plain && group.clip.is_none() { Ok(Point::new(tx, ty)) } else { Err(PaperError::UnsupportedDrawing) }
}

/// Straight strokes, rectangles and straight-edged outlines; shapes without stroke and fill only hold space.
fn shape(shape: &Shape, origin: Point, marks: &mut Vec<Mark>) -> Result<(), PaperError> {
    match (&shape.geometry, &shape.stroke, &shape.fill) {
        (_, None, None) => {}
        (Geometry::Line(end), Some(stroke), None) => rules(origin, *end, stroke, marks)?,
        (Geometry::Curve(curve), None, Some(paint)) => {
            marks.push(Mark::Area(Area { corners: corners(curve, origin)?, ink: ink(paint)? }));
        }
        (Geometry::Curve(curve), Some(stroke), None) => {
            let FixedStroke { paint, thickness, .. } = stroke;
            let thickness = narrow(thickness.to_pt());
            marks.push(Mark::Outline(Outline { corners: corners(curve, origin)?, thickness, ink: ink(paint)? }));
        }
        (Geometry::Rect(size), Some(stroke), None) => {
            let FixedStroke { paint, thickness, .. } = stroke;
            let (x, y) = (Point::with_x(size.x), Point::with_y(size.y));
            let corners = [Point::zero(), x, x + y, y].map(|corner| place(origin + corner)).to_vec();
            marks.push(Mark::Outline(Outline { corners, thickness: narrow(thickness.to_pt()), ink: ink(paint)? }));
        }
        _ => return Err(PaperError::UnsupportedDrawing),
    }
    Ok(())
}

/// A line, dash by dash if it is dashed.
fn rules(origin: Point, end: Point, stroke: &FixedStroke, marks: &mut Vec<Mark>) -> Result<(), PaperError> {
    let FixedStroke { paint, thickness, dash, .. } = stroke;
    let (thickness, ink) = (narrow(thickness.to_pt()), ink(paint)?);
    let mut rule = |from: Point, to: Point| {
        marks.push(Mark::Rule(Rule { from: place(from), to: place(to), thickness, ink }));
    };
    let Some(dash) = dash else {
        rule(origin, origin + end);
        return Ok(());
    };
    let length = end.x.to_pt().hypot(end.y.to_pt());
    let at = |reached: f64| origin + end * (reached / length);
    let mut reached = 0.0;
    for (place, step) in dash.array.iter().map(|step| step.to_pt()).cycle().enumerate() {
        if reached >= length || step <= 0.0 {
            break;
        }
        let next = (reached + step).min(length);
        if place % 2 == 0 {
            rule(at(reached), at(next));
        }
        reached = next;
    }
    Ok(())
}

/// The corners of one straight-edged outline.
fn corners(curve: &Curve, origin: Point) -> Result<Vec<Place>, PaperError> {
    let mut corners = Vec::with_capacity(curve.0.len());
    for item in &curve.0 {
        match item {
            CurveItem::Move(point) if corners.is_empty() => corners.push(place(origin + *point)),
            CurveItem::Line(point) => corners.push(place(origin + *point)),
            CurveItem::Close => {}
            CurveItem::Move(_) | CurveItem::Cubic(..) => {
                return Err(PaperError::UnsupportedDrawing);
            }
        }
    }
    Ok(corners)
}

fn place(point: Point) -> Place {
    Place { x: narrow(point.x.to_pt()), y: narrow(point.y.to_pt()) }
}

fn ink(paint: &Paint) -> Result<Ink, PaperError> {
    match paint {
        Paint::Solid(color) => match color.to_vec4_u8() {
            [red, green, blue, 255] => Ok(Ink([red, green, blue])),
            _ => Err(PaperError::UnsupportedDrawing),
        },
        _ => Err(PaperError::UnsupportedDrawing),
    }
}

/// The PDF writer counts in `f32`; page coordinates are far from its limits.
#[allow(clippy::cast_possible_truncation)]
fn narrow(length: f64) -> f32 {
    length as f32
}
