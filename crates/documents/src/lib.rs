//! Papers of the reception desk: templates in, PDF bytes out.
//!
//! A paper is signed by a person and kept for years, so this crate promises four things:
//!
//! * **Values are data.** A name is never read as Markdown, as a template or as layout code,
//!   whatever characters it is made of (see `template`, `typst_source`).
//! * **The wording is known.** Each paper carries its revision and the hash of its text; the answer
//!   repeats both, so that a consent record can name exactly what was signed.
//! * **The same request gives the same bytes.** No clock, no randomness, no files: fonts and
//!   templates are embedded, the time of printing is a part of the request.
//! * **Nothing is lost in silence.** What could not be printed as asked comes back as a typed
//!   [`PaperWarning`].
//!
//! The way of a paper:
//!
//! ```text
//! forms      request -> data of the form            templates/*.md   the wording
//! template   wording + data -> Markdown with slots   markdown         -> model
//! typst_source  model -> layout code                 layout, fit      -> frames of pages
//! walk       frames -> drawings                      writer           -> PDF by printpdf
//! ```

mod clean;
mod drawing;
mod error;
mod fit;
mod forms;
mod layout;
mod markdown;
mod model;
mod paper;
mod press;
mod russian_date;
mod template;
mod typography;
mod typst_source;
mod walk;
mod writer;

pub use error::PaperError;
pub use forms::{FormKind, UnknownForm};
pub use paper::{ClinicField, ClinicRequisites, Paper, PaperRequest, PaperWarning, PersonField, PersonOnPaper};
pub use press::Press;
