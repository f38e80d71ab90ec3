//! One PDF over another, page by page.

use lopdf::xref::XrefType;
use lopdf::{Dictionary, Document, Object, ObjectId, Stream, dictionary};

use crate::PaperError;
use crate::error::Unfit;
use crate::writer::{self, Card};

/// A contract has fewer pages; a book is not printed at the counter.
const MOST_PAGES: usize = 60;
const MM_PER_POINT: f32 = 25.4 / 72.0;
/// Smaller or larger pages are no sheets of an office.
const SIDES_MM: std::ops::RangeInclusive<f32> = 60.0..=600.0;
/// What is drawn on top, among the page's own resources.
const NAME: &str = "ReceptionDesk";
/// Of the catalog: what would run, open or be filled in.
const ALIVE: [&[u8]; 8] =
    [b"OpenAction", b"AA", b"AcroForm", b"Names", b"URI", b"Collection", b"Perms", b"Requirements"];

/// A page as it is seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PageSize {
    pub width_mm: f32,
    pub height_mm: f32,
}

/// The pages of a file that can be used.
///
/// # Errors
/// [`PaperError::OwnFile`] with the reason why it cannot.
pub fn pages(pdf: &[u8]) -> Result<Vec<PageSize>, PaperError> {
    let document = open(pdf)?;
    let sheets = sheets(&document)?;
    Ok(sheets
        .iter()
        .map(|sheet| PageSize { width_mm: sheet.width() * MM_PER_POINT, height_mm: sheet.height() * MM_PER_POINT })
        .collect())
}

/// What is seen of a page, in its own coordinates.
struct Sheet {
    id: ObjectId,
    left: f32,
    bottom: f32,
    right: f32,
    top: f32,
}

impl Sheet {
    fn width(&self) -> f32 {
        self.right - self.left
    }

    fn height(&self) -> f32 {
        self.top - self.bottom
    }
}

fn open(pdf: &[u8]) -> Result<Document, PaperError> {
    let document = Document::load_mem(pdf).map_err(|_| PaperError::OwnFile(Unfit::NotAPdf))?;
    if document.is_encrypted() || document.was_encrypted() {
        return Err(PaperError::OwnFile(Unfit::Encrypted));
    }
    Ok(document)
}

fn sheets(document: &Document) -> Result<Vec<Sheet>, PaperError> {
    let pages: Vec<ObjectId> = document.get_pages().into_values().collect();
    if pages.is_empty() {
        return Err(PaperError::OwnFile(Unfit::NotAPdf));
    }
    if pages.len() > MOST_PAGES {
        return Err(PaperError::OwnFile(Unfit::TooManyPages));
    }
    pages.into_iter().map(|id| sheet(document, id)).collect()
}

fn sheet(document: &Document, id: ObjectId) -> Result<Sheet, PaperError> {
    let unfit = |unfit| PaperError::OwnFile(unfit);
    let turn = inherited(document, id, b"Rotate").and_then(|turn| turn.as_i64().ok()).unwrap_or_default();
    if turn % 360 != 0 {
        return Err(unfit(Unfit::TurnedPages));
    }
    if inherited(document, id, b"UserUnit").is_some() {
        return Err(unfit(Unfit::OddPages));
    }
    let is_field =
        |note: &&Dictionary| note.get(b"Subtype").and_then(Object::as_name).is_ok_and(|kind| kind == b"Widget");
    if document.get_page_annotations(id).unwrap_or_default().iter().any(is_field) {
        return Err(unfit(Unfit::FormFields));
    }
    let area = inherited(document, id, b"CropBox").or_else(|| inherited(document, id, b"MediaBox"));
    let numbers: Vec<f32> = area
        .and_then(|area| area.as_array().ok().cloned())
        .unwrap_or_default()
        .iter()
        .filter_map(|side| document.dereference(side).ok()?.1.as_float().ok())
        .collect();
    let [x1, y1, x2, y2] = numbers[..] else { return Err(unfit(Unfit::OddPages)) };
    let sheet = Sheet { id, left: x1.min(x2), bottom: y1.min(y2), right: x1.max(x2), top: y1.max(y2) };
    let fits = |side: f32| SIDES_MM.contains(&(side * MM_PER_POINT));
    if fits(sheet.width()) && fits(sheet.height()) { Ok(sheet) } else { Err(unfit(Unfit::OddPages)) }
}

/// An entry of a page or of what it is under.
fn inherited(document: &Document, page: ObjectId, key: &[u8]) -> Option<Object> {
    let mut node = document.get_dictionary(page).ok()?;
    // a tree of pages is never this deep; a broken one may go in a circle
    for _ in 0..32 {
        if let Ok(found) = node.get(key) {
            return document.dereference(found).ok().map(|(_, found)| found.clone());
        }
        node = document.get_dictionary(node.get(b"Parent").ok()?.as_reference().ok()?).ok()?;
    }
    None
}

/// Lays the pages of `overlay` over those of `pdf`; the description is the overlay's.
pub(super) fn over(pdf: &[u8], overlay: &[u8], card: &Card) -> Result<Vec<u8>, PaperError> {
    let mut base = open(pdf)?;
    let sheets = sheets(&base)?;
    let mut top = Document::load_mem(overlay)?;
    top.renumber_objects_with(base.max_id + 1);
    let forms = top
        .get_pages()
        .into_values()
        .zip(&sheets)
        .map(|(page, sheet)| form(&top, page, sheet))
        .collect::<Result<Vec<_>, _>>()?;
    let info = top.trailer.get(b"Info")?.clone();
    base.max_id = top.max_id;
    base.objects.extend(std::mem::take(&mut top.objects));
    let opening = base.add_object(Stream::new(Dictionary::new(), b"q\n".to_vec()));
    for (sheet, form) in sheets.iter().zip(forms) {
        let form = base.add_object(form);
        lay_on(&mut base, sheet, form, opening)?;
    }
    let root = base.trailer.get(b"Root")?.clone();
    base.trailer = dictionary! { "Root" => root, "Info" => info };
    base.reference_table.cross_reference_type = XrefType::CrossReferenceTable;
    strip(&mut base)?;
    card.finish(&mut base)?;
    base.prune_objects();
    base.renumber_objects();
    base.compress();
    writer::sign(&mut base)
}

/// A page as something that is drawn.
fn form(document: &Document, page: ObjectId, sheet: &Sheet) -> Result<Stream, PaperError> {
    let resources = inherited(document, page, b"Resources").unwrap_or_else(|| Dictionary::new().into());
    let area: Vec<Object> = vec![0.into(), 0.into(), sheet.width().into(), sheet.height().into()];
    let matrix: Vec<Object> = vec![1.into(), 0.into(), 0.into(), 1.into(), sheet.left.into(), sheet.bottom.into()];
    let head = dictionary! {
        "Type" => "XObject",
        "Subtype" => "Form",
        "BBox" => area,
        "Matrix" => matrix,
        "Resources" => resources,
    };
    Ok(Stream::new(head, document.get_page_content(page)))
}

fn lay_on(base: &mut Document, sheet: &Sheet, form: ObjectId, opening: ObjectId) -> Result<(), PaperError> {
    let own = |object: Option<Object>| object.and_then(|object| object.as_dict().ok().cloned()).unwrap_or_default();
    let mut resources = own(inherited(base, sheet.id, b"Resources"));
    let drawn =
        resources.get(b"XObject").and_then(|drawn| base.dereference(drawn)).ok().map(|(_, drawn)| drawn.clone());
    let mut drawn = own(drawn);
    drawn.set(NAME, form);
    resources.set("XObject", drawn);
    // whatever state the page's own drawing ends in, ours begins in the first one
    let closing = Stream::new(Dictionary::new(), format!("\nQ\nq /{NAME} Do Q\n").into_bytes());
    let closing = base.add_object(closing);
    let mut contents: Vec<Object> = vec![opening.into()];
    contents.extend(base.get_page_contents(sheet.id).into_iter().map(Object::from));
    contents.push(closing.into());
    let page = base.get_dictionary_mut(sheet.id)?;
    page.set("Resources", resources);
    page.set("Contents", contents);
    Ok(())
}

/// Takes out whatever is not drawn: what would run, open another file, be filled in or follow a click.
pub(crate) fn strip(document: &mut Document) -> Result<(), lopdf::Error> {
    let catalog = document.catalog_mut()?;
    for key in ALIVE {
        catalog.remove(key);
    }
    let pages: Vec<ObjectId> = document.get_pages().into_values().collect();
    for page in pages {
        let page = document.get_dictionary_mut(page)?;
        for key in [&b"Annots"[..], b"AA"] {
            page.remove(key);
        }
    }
    Ok(())
}
