//! Signed sheets as a scanner gives them back: PDF, PNG or JPEG; their marks are read, their pages taken apart.
//!
//! Invariants: whatever the file holds, it is only drawn; sizes are bounded before anything is decoded.

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::{Pdf, page::Page};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{RenderCache, RenderSettings, render};
use image::{DynamicImage, GrayImage, ImageFormat, ImageReader, Limits};
use lopdf::{Dictionary, Document, Object, Stream, dictionary};
use rxing::{BarcodeFormat, DecodeHints, helpers::detect_in_luma_with_hints};

use crate::own::merge::strip;

/// A packet of a day fits; a book does not.
const MOST_PAGES: usize = 100;
/// What office scanners are set to; a module of the mark is four dots then.
const DOTS_PER_INCH: f32 = 200.0;
const POINTS_PER_INCH: f32 = 72.0;
/// The longer side of a scanned page, in dots.
const MOST_DOTS: u32 = 10_000;
const MOST_MEMORY: u64 = 512 * 1024 * 1024;
/// The mark lies in a corner: so much of the width and of the height is looked at first.
const CORNER: (f32, f32) = (0.3, 0.22);
/// The longer side of a page made of a picture, in points: A4.
const LONGER_SIDE_PT: f32 = 842.0;

/// Why a file cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanTrouble {
    /// No PDF, PNG or JPEG, a broken one, or a picture too large for a sheet.
    NotAScan,
    Encrypted,
    TooManyPages,
}

/// The mark of each page, where one was read: `<paper id>-<revision>`.
///
/// # Errors
/// [`ScanTrouble`].
pub fn read_marks(file: &[u8]) -> Result<Vec<Option<String>>, ScanTrouble> {
    match picture(file)? {
        Some((picture, _)) => Ok(vec![mark(&picture.into_luma8())]),
        None => marks_of_pdf(file),
    }
}

/// Some pages of the file, counted from 0, as a PDF that only shows them.
///
/// # Errors
/// [`ScanTrouble`].
pub fn pages_as_pdf(file: &[u8], pages: &[usize]) -> Result<Vec<u8>, ScanTrouble> {
    let mut document = match picture(file)? {
        Some((picture, format)) => of_picture(file, picture, format)?,
        None => some_pages(file, pages)?,
    };
    document.prune_objects();
    document.compress();
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).map_err(|_| ScanTrouble::NotAScan)?;
    Ok(bytes)
}

/// A picture, if the file is one.
fn picture(file: &[u8]) -> Result<Option<(DynamicImage, ImageFormat)>, ScanTrouble> {
    let Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg)) = image::guess_format(file) else { return Ok(None) };
    let mut reader = ImageReader::with_format(std::io::Cursor::new(file), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_DOTS);
    limits.max_image_height = Some(MOST_DOTS);
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    reader.decode().map(|picture| Some((picture, format))).map_err(|_| ScanTrouble::NotAScan)
}

fn marks_of_pdf(file: &[u8]) -> Result<Vec<Option<String>>, ScanTrouble> {
    use hayro::hayro_syntax::LoadPdfError;
    let pdf = Pdf::new(file.to_vec()).map_err(|error| match error {
        LoadPdfError::Decryption(_) => ScanTrouble::Encrypted,
        LoadPdfError::Invalid => ScanTrouble::NotAScan,
    })?;
    let pages = pdf.pages();
    if pages.is_empty() {
        return Err(ScanTrouble::NotAScan);
    }
    if pages.len() > MOST_PAGES {
        return Err(ScanTrouble::TooManyPages);
    }
    // one cache for each page: a page of a long scan is not kept while the next is drawn
    Ok(pages.iter().map(|page| draw(page).and_then(|drawn| mark(&drawn))).collect())
}

/// A page in grey.
fn draw(page: &Page<'_>) -> Option<GrayImage> {
    let (width, height) = page.render_dimensions();
    let scale = DOTS_PER_INCH / POINTS_PER_INCH;
    #[allow(clippy::cast_precision_loss, reason = "a bound")]
    let fits = |side: f32| (1.0..=MOST_DOTS as f32).contains(&(side * scale));
    if !fits(width) || !fits(height) {
        return None;
    }
    let settings = RenderSettings { x_scale: scale, y_scale: scale, bg_color: WHITE, ..RenderSettings::default() };
    let drawn = render(page, &RenderCache::new(), &InterpreterSettings::default(), &settings);
    let (width, height) = (u32::from(drawn.width()), u32::from(drawn.height()));
    let grey = drawn.data().iter().map(|dot| {
        let light = u32::from(dot.r) * 299 + u32::from(dot.g) * 587 + u32::from(dot.b) * 114;
        u8::try_from(light / 1000).unwrap_or(u8::MAX)
    });
    GrayImage::from_raw(width, height, grey.collect())
}

/// Looks where the mark is on a sheet that lies right, then where it is on one that lies otherwise, then everywhere.
fn mark(page: &GrayImage) -> Option<String> {
    let (width, height) = page.dimensions();
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share")]
    let share = |of: u32, share: f32| ((of as f32 * share) as u32).max(1);
    let (across, down) = (share(width, CORNER.0), share(height, CORNER.1));
    let (right, bottom) = (width - across, height - down);
    [(right, bottom), (0, 0), (0, bottom), (right, 0)]
        .into_iter()
        .find_map(|(x, y)| decode(&image::imageops::crop_imm(page, x, y, across, down).to_image()))
        .or_else(|| decode(page))
}

fn decode(part: &GrayImage) -> Option<String> {
    let mut hints = DecodeHints { TryHarder: Some(true), ..DecodeHints::default() };
    let (width, height) = part.dimensions();
    let luma = part.as_raw().clone();
    let found = detect_in_luma_with_hints(luma, width, height, Some(BarcodeFormat::DATA_MATRIX), &mut hints);
    found.ok().map(|found| found.getText().to_owned())
}

fn some_pages(file: &[u8], pages: &[usize]) -> Result<Document, ScanTrouble> {
    let mut document = Document::load_mem(file).map_err(|_| ScanTrouble::NotAScan)?;
    if document.is_encrypted() || document.was_encrypted() {
        return Err(ScanTrouble::Encrypted);
    }
    let numbers: Vec<u32> = document.get_pages().into_keys().collect();
    let other = numbers.into_iter().filter(|number| {
        let at = usize::try_from(*number).unwrap_or_default();
        !pages.iter().any(|page| page + 1 == at)
    });
    let other: Vec<u32> = other.collect();
    document.delete_pages(&other);
    strip(&mut document).map_err(|_| ScanTrouble::NotAScan)?;
    Ok(document)
}

/// One page that is the picture. A JPEG goes in as it is.
fn of_picture(file: &[u8], picture: DynamicImage, format: ImageFormat) -> Result<Document, ScanTrouble> {
    let (width, height) = (picture.width(), picture.height());
    let is_grey = !picture.color().has_color();
    let in_its_own_way = format == ImageFormat::Jpeg && picture.color().channel_count() != 4;
    let mut head = dictionary! {
        "Type" => "XObject",
        "Subtype" => "Image",
        "Width" => i64::from(width),
        "Height" => i64::from(height),
        "BitsPerComponent" => 8,
        "ColorSpace" => if is_grey { "DeviceGray" } else { "DeviceRGB" },
    };
    let bytes = if in_its_own_way {
        head.set("Filter", "DCTDecode");
        file.to_vec()
    } else if is_grey {
        picture.into_luma8().into_raw()
    } else {
        picture.into_rgb8().into_raw()
    };
    #[allow(clippy::cast_precision_loss, reason = "dots of a sheet")]
    let (across, down) = (width as f32, height as f32);
    let scale = LONGER_SIDE_PT / across.max(down);
    let (across, down) = (across * scale, down * scale);
    let mut document = Document::with_version("1.7");
    let tree = document.new_object_id();
    let image = document.add_object(Stream::new(head, bytes).with_compression(!in_its_own_way));
    let content = format!("q {across} 0 0 {down} 0 0 cm /Sheet Do Q");
    let content = document.add_object(Stream::new(Dictionary::new(), content.into_bytes()));
    let page = document.add_object(dictionary! {
        "Type" => "Page",
        "Parent" => tree,
        "MediaBox" => vec![Object::from(0), 0.into(), across.into(), down.into()],
        "Contents" => content,
        "Resources" => dictionary! { "XObject" => dictionary! { "Sheet" => image } },
    });
    document
        .objects
        .insert(tree, dictionary! { "Type" => "Pages", "Kids" => vec![Object::from(page)], "Count" => 1 }.into());
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    document.trailer.set("Root", catalog);
    Ok(document)
}
