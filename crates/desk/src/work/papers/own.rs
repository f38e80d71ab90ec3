//! PDF files of the clinic's own, with the desk's fields on them; a manager brings them in and places the fields.
//!
//! Invariants: a file that a viewer would run, fill in or open elsewhere is not taken; each change is a new revision, and
//! one that was printed stays known by its hash.

use contract::ui::{FormArgs, Nothing, OwnFormNewArgs, OwnFormPutArgs, OwnFormView, PageSize, StampField, StampView};
use data_encoding::BASE32_NOPAD;
use documents::{OwnPdf, PaperError, PaperRequest, STAMPABLE, Stamp, Unfit, pages};
use domain::paper::{OWN, OWN_TREATMENT};
use store::OwnForm;

use super::{super::scene::Scene, in_zone, kinds, requisites};
use crate::{input, platform::random::id_bytes, session::Seat, trouble::DeskError};

const MOST_STAMPS: usize = 100;
const SIZES_PT: std::ops::RangeInclusive<f64> = 6.0..=36.0;
const SHORTEST_MM: f64 = 5.0;

/// Brings a file in as a new kind of paper.
pub(crate) async fn own_form_new(seat: &Seat, args: OwnFormNewArgs) -> Result<OwnFormView, DeskError> {
    let title = input::short("title", &args.title)?;
    let pdf = taken(seat, &args.file).await?;
    let start = if args.treatment { OWN_TREATMENT } else { OWN };
    let form = format!("{start}{}", BASE32_NOPAD.encode(&id_bytes()?).to_lowercase());
    let first = OwnForm {
        form,
        revision: 1,
        title,
        sha256: String::new(),
        pdf,
        stamps: "[]".to_owned(),
        retired: false,
        saved_at: seat.now(),
        saved_by: seat.staff.id.clone(),
    };
    keep(seat, first).await
}

/// A file as it is printed now.
pub(crate) async fn own_form_open(seat: &Seat, args: FormArgs) -> Result<OwnFormView, DeskError> {
    let own = known(seat, &args.form).await?;
    view(seat, own).await
}

/// Another file, title or other places: a new revision.
pub(crate) async fn own_form_put(seat: &Seat, args: OwnFormPutArgs) -> Result<OwnFormView, DeskError> {
    let before = known(seat, &args.form).await?;
    if before.revision != args.revision {
        return Err(DeskError::BadInput("revision"));
    }
    let title = input::short("title", &args.title)?;
    let pdf = match &args.file {
        Some(file) => taken(seat, file).await?,
        None => before.pdf.clone(),
    };
    let sizes = sizes(pdf.clone()).await?;
    let stamps = args.stamps.iter().map(|stamp| placed(stamp, &sizes)).collect::<Option<Vec<Stamp>>>();
    let stamps = stamps.filter(|stamps| stamps.len() <= MOST_STAMPS).ok_or(DeskError::BadInput("stamps"))?;
    let stamps = serde_json::to_string(&stamps).map_err(|_| DeskError::Broken("fields cannot be written"))?;
    if (&title, &pdf, &stamps) == (&before.title, &before.pdf, &before.stamps) {
        return view(seat, before).await;
    }
    keep(seat, next(seat, OwnForm { title, pdf, stamps, ..before })).await
}

/// Takes a kind out of the choice. What was printed of it stays.
pub(crate) async fn own_form_retire(seat: &Seat, args: FormArgs) -> Result<Nothing, DeskError> {
    let before = known(seat, &args.form).await?;
    keep(seat, next(seat, OwnForm { retired: true, ..before })).await?;
    Ok(Nothing {})
}

async fn known(seat: &Seat, form: &str) -> Result<OwnForm, DeskError> {
    let own = seat.open.store.own_form(form).await?;
    own.filter(|own| !own.retired).ok_or(DeskError::NotFound)
}

fn next(seat: &Seat, own: OwnForm) -> OwnForm {
    OwnForm { revision: own.revision.saturating_add(1), saved_at: seat.now(), saved_by: seat.staff.id.clone(), ..own }
}

async fn keep(seat: &Seat, mut own: OwnForm) -> Result<OwnFormView, DeskError> {
    let stamps = stamps(&own)?;
    own.sha256 = OwnPdf { title: &own.title, revision: own.revision, pdf: &own.pdf, stamps: &stamps }.sha256()?;
    let entry = seat.entry("papers.own_form").about(&own.form).with(&own.revision.to_string());
    if !seat.open.store.keep_own_form(&own, &entry).await? {
        return Err(DeskError::BadInput("revision"));
    }
    view(seat, own).await
}

fn stamps(own: &OwnForm) -> Result<Vec<Stamp>, DeskError> {
    serde_json::from_str(&own.stamps).map_err(|_| DeskError::Broken("the fields of a file do not read"))
}

async fn view(seat: &Seat, own: OwnForm) -> Result<OwnFormView, DeskError> {
    let scene = Scene::of(seat).await?;
    let stamps = stamps(&own)?;
    let pages = sizes(own.pdf.clone()).await?;
    let mut request =
        PaperRequest { printed_at: in_zone(&scene), ..PaperRequest::example(documents::FormKind::ConsentPd) };
    if let Some((_, _, clinic, personal)) = seat.open.store.clinic().await? {
        request.clinic = requisites(clinic.requisites, personal);
    }
    let paper = kinds::print_file(own.clone(), stamps.clone(), request).await?;
    let seen = |stamp: &Stamp| StampView {
        page: stamp.page,
        x_mm: round(stamp.x_mm),
        y_mm: round(stamp.y_mm),
        width_mm: round(stamp.width_mm),
        size_pt: round(stamp.size_pt),
        field: stamp.field.clone(),
    };
    Ok(OwnFormView {
        treatment: own.form.starts_with(OWN_TREATMENT),
        paper: kinds::draft(seat, &own.form, &own.title, paper)?,
        form: own.form,
        title: own.title,
        revision: own.revision,
        pages: pages
            .iter()
            .map(|page| PageSize { width_mm: round(page.width_mm), height_mm: round(page.height_mm) })
            .collect(),
        stamps: stamps.iter().map(seen).collect(),
        fields: STAMPABLE
            .iter()
            .map(|(field, title)| StampField { field: (*field).to_owned(), title: (*title).to_owned() })
            .collect(),
        sha256: own.sha256,
    })
}

/// To hundredths: what a person places is no finer.
fn round(length: f32) -> f64 {
    (f64::from(length) * 100.0).round() / 100.0
}

/// A field that stands on its page.
#[allow(clippy::cast_possible_truncation, reason = "lengths of an office sheet")]
fn placed(stamp: &StampView, sizes: &[documents::PageSize]) -> Option<Stamp> {
    let at = usize::try_from(stamp.page).ok()?.checked_sub(1)?;
    let page = sizes.get(at)?;
    let inside = (0.0..f64::from(page.width_mm)).contains(&stamp.x_mm)
        && (0.0..=f64::from(page.height_mm)).contains(&stamp.y_mm)
        && (SHORTEST_MM..=f64::from(page.width_mm)).contains(&stamp.width_mm)
        && SIZES_PT.contains(&stamp.size_pt);
    let is_known = STAMPABLE.iter().any(|(field, _)| *field == stamp.field);
    (inside && is_known).then(|| Stamp {
        page: stamp.page,
        x_mm: stamp.x_mm as f32,
        y_mm: stamp.y_mm as f32,
        width_mm: stamp.width_mm as f32,
        size_pt: stamp.size_pt as f32,
        field: stamp.field.clone(),
    })
}

/// A file that the window has handed over, if it can be printed.
async fn taken(seat: &Seat, file: &str) -> Result<Vec<u8>, DeskError> {
    let pdf = seat.inner.taken(file)?;
    sizes(pdf.to_vec()).await?;
    Ok(pdf.to_vec())
}

async fn sizes(pdf: Vec<u8>) -> Result<Vec<documents::PageSize>, DeskError> {
    tokio::task::spawn_blocking(move || pages(&pdf)).await?.map_err(|error| match error {
        PaperError::OwnFile(unfit) => DeskError::BadInput(match unfit {
            Unfit::NotAPdf => "file.not_a_pdf",
            Unfit::Encrypted => "file.encrypted",
            Unfit::TurnedPages => "file.turned_pages",
            Unfit::OddPages => "file.odd_pages",
            Unfit::FormFields => "file.form_fields",
            Unfit::TooManyPages => "file.too_many_pages",
        }),
        other => other.into(),
    })
}
