//! What papers say: texts that a manager edits, PDF files of the clinic's own, and what is taken in from a scanner.

use chrono::{DateTime, Utc};
use domain::{PaperId, PractitionerId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{PersonRow, SheetView};

views! {
    pub struct FormArgs {
        /// `consent_pd`
        pub form: String,
    }

    /// A kind of paper as it is printed now.
    pub struct WordingRow {
        pub form: String,
        pub title: String,
        pub revision: u32,
        /// The clinic's own text, not the one that comes with the program.
        pub edited: bool,
        /// The program has brought a newer text than the one that was edited: that one is printed.
        pub overtaken: bool,
        /// A PDF of the clinic's own.
        pub file: bool,
        pub saved_at: Option<DateTime<Utc>>,
        pub saved_by: String,
        /// People who have signed an earlier revision and are to sign anew.
        pub sign_again: u32,
        /// What is wrong with the text today: an act may have gone out of force.
        pub complaints: u32,
    }

    pub struct WordingItem {
        /// As it is marked in the text, without the brackets.
        pub code: String,
        pub name: String,
        /// Fields that the text must print for it.
        pub fields: Vec<String>,
    }

    pub struct RevisionRow {
        pub revision: u32,
        /// None: it comes with the program.
        pub saved_at: Option<DateTime<Utc>>,
        pub saved_by: String,
        pub sign_again: bool,
        /// SHA-256 of the whole text, hex.
        pub sha256: String,
    }

    /// A text to be edited.
    pub struct WordingView {
        pub form: String,
        pub title: String,
        /// The one that is printed.
        pub revision: u32,
        pub text: String,
        /// What the paper must say.
        pub items: Vec<WordingItem>,
        /// What it may print.
        pub fields: Vec<String>,
        /// The newest first.
        pub revisions: Vec<RevisionRow>,
    }

    /// What is wrong with a text, where, and what to do about it.
    pub struct ComplaintView {
        /// From 1.
        pub line: u32,
        /// In characters, from 1.
        pub column: Option<u32>,
        pub words: String,
        pub mend: String,
    }

    /// A text as it stands in the editor.
    pub struct WordingArgs {
        pub form: String,
        pub text: String,
        /// Shown as a blank, not with an invented case.
        pub blank: bool,
    }

    pub struct WordingChecked {
        pub complaints: Vec<ComplaintView>,
        /// What it would look like; `paper_pdf` gives the bytes. It cannot be printed.
        pub paper: Option<PaperId>,
        pub pages: u32,
    }

    pub struct WordingSaveArgs {
        pub form: String,
        pub text: String,
        /// The revision that was edited.
        pub revision: u32,
        /// Whoever signed an earlier revision is to sign anew.
        pub sign_again: bool,
    }

    pub struct WordingSaved {
        /// Not saved because of these.
        pub complaints: Vec<ComplaintView>,
        /// As it is printed now.
        pub wording: WordingView,
    }

    /// Somebody who is to sign a paper anew.
    pub struct SignAgainRow {
        pub person: PersonRow,
        /// The newest one that was signed.
        pub revision: u32,
        pub signed_at: DateTime<Utc>,
    }
}

views! {
    /// A field of the desk on a PDF of the clinic's own; lengths in millimetres from the upper left corner of the page.
    pub struct StampView {
        /// From 1.
        pub page: u32,
        pub x_mm: f64,
        /// Of the line on which the text stands.
        pub y_mm: f64,
        /// A longer text is set smaller.
        pub width_mm: f64,
        pub size_pt: f64,
        /// `person.full_name`
        pub field: String,
    }

    pub struct PageSize {
        pub width_mm: f64,
        pub height_mm: f64,
    }

    pub struct StampField {
        pub field: String,
        pub title: String,
    }

    /// A PDF of the clinic's own.
    pub struct OwnFormView {
        pub form: String,
        pub title: String,
        /// Consent to treatment: the patient signs by age, and a medical worker beside.
        pub treatment: bool,
        pub revision: u32,
        pub pages: Vec<PageSize>,
        pub stamps: Vec<StampView>,
        /// What may be put on it.
        pub fields: Vec<StampField>,
        /// SHA-256 of file and fields, hex.
        pub sha256: String,
        /// The file with an invented case; `paper_pdf` gives the bytes. It cannot be printed.
        pub paper: PaperId,
    }

    pub struct OwnFormNewArgs {
        /// Of [`FileTaken`].
        pub file: String,
        pub title: String,
        pub treatment: bool,
    }

    /// Another file, title or other places of the fields: a new revision.
    pub struct OwnFormPutArgs {
        pub form: String,
        /// The revision that was changed.
        pub revision: u32,
        pub title: String,
        /// None: the same file.
        pub file: Option<String>,
        pub stamps: Vec<StampView>,
    }

    /// A file that the window has handed over. It is kept in memory as long as the session.
    pub struct FileTaken {
        pub file: String,
    }
}

views! {
    pub struct ScanFileArgs {
        /// Of [`FileTaken`].
        pub file: String,
    }

    /// What was read off a scanned file.
    pub struct ScanRead {
        /// Sheets whose mark was read, in the order of the pages.
        pub sheets: Vec<ScanSheet>,
        /// Marks of sheets that are on no card here.
        pub unknown: u32,
        /// Pages without a mark that could be read.
        pub unread: Vec<u32>,
        pub pages: u32,
    }

    pub struct ScanSheet {
        pub sheet: SheetView,
        /// From 1.
        pub pages: Vec<u32>,
        /// Revision of the text by the mark on the sheet.
        pub revision: u32,
    }

    /// Notes that a sheet was signed and keeps its pages.
    pub struct ScanKeepArgs {
        pub file: String,
        pub paper: PaperId,
        pub medical_worker: Option<PractitionerId>,
    }
}

/// Where a print job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    Queued,
    Printing,
    /// Held by the spooler or the printer.
    Held,
    Done,
    Failed,
    /// The system does not tell.
    Unknown,
}

views! {
    /// A job of this session.
    pub struct JobView {
        pub id: u32,
        pub title: String,
        pub printer: String,
        pub copies: u32,
        pub at: DateTime<Utc>,
        pub state: JobState,
    }
}
