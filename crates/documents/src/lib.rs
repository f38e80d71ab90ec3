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
//! A template is text that a manager may edit. [`check`](fn@check) reads it as a reviewer would: unknown fields,
//! missing mandatory items ([`items`](fn@items)), acts no longer in force ([`acts`](fn@acts)), each with its place.
//!
//! The way of a paper:
//!
//! ```text
//! data, forms   what is printed, and of which kind     templates/*.md   the wording
//! template      wording + data -> Markdown with slots  markdown         -> model
//! typst_source  model -> layout code                   layout, fit      -> frames of pages
//! walk          frames -> drawings                     writer           -> PDF by printpdf
//! ```
//!
//! A PDF of the clinic's own goes another way: [`stamp`](fn@stamp) lays the desk's fields and mark over it. What a scanner
//! gives back is read by [`read_marks`](fn@read_marks).

mod acts;
mod check;
mod clean;
mod data;
mod data_mark;
mod drawing;
mod error;
mod fit;
mod forms;
mod items;
mod layout;
mod markdown;
mod model;
mod own;
mod paper;
mod plain;
mod press;
mod russian;
mod scan;
mod template;
mod typography;
mod typst_source;
mod walk;
mod writer;

pub use acts::{Act, acts};
pub use check::{Complaint, What, check, fields, mend};
pub use data::{
    Admitted, AdmittedList, AuthorityContact, BlockNotice, CertificateOnPaper, CertificateSheet, Change, Claim,
    ClaimLetter, CommissionMember, ConsentOnPaper, Count, DataRow, DaySheet, DayVisit, Decommission, Destruction,
    DisclosureOnPaper, Escort, EventRow, Extension, Family, Handover, HandoverTask, Incident, IncidentNotice, Inquiry,
    Intake, LeakNotice, Letter, LogRow, MedicalWorker, NumberedPaper, PaperData, PersonOnPaper, PersonSheet, Purpose,
    RecoveryKit, RectificationNotice, Redemption, Refund, Refusal, Register, RegisterRow, Representative,
    RequestOnPaper, SubjectReply, ThirdParty, Workstation,
};
pub use error::{PaperError, Unfit};
pub use forms::{FormKind, UnknownForm};
pub use items::{Item, items};
pub use own::{OwnPdf, PageSize, STAMPABLE, Stamp, pages, stamp};
pub use paper::{ClinicRequisites, Paper, PaperRequest, PaperWarning};
pub use press::{Press, Revision, revision, with_revision, words};
pub use russian::money::in_digits as sum_in_digits;
pub use scan::{ScanTrouble, pages_as_pdf, read_marks};
