//! Papers and printers.

use domain::{PaperId, PersonId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

views! {
    pub struct PreviewArgs {
        /// `consent_pd`
        pub form: String,
        /// None: a blank to fill by hand.
        pub person: Option<PersonId>,
    }

    /// A prepared paper; its bytes come from the raw command `paper_pdf`.
    pub struct PaperPreview {
        pub paper: PaperId,
        pub title: String,
        pub pages: u32,
        pub revision: u32,
        /// In words for the user: «не указана дата рождения: будет пустая строка».
        pub warnings: Vec<String>,
    }

    pub struct PrintArgs {
        pub paper: PaperId,
        /// None: the system's default printer.
        pub printer: Option<String>,
        pub copies: u32,
    }

    pub struct PaperArgs {
        pub paper: PaperId,
    }

    pub struct PrinterView {
        pub name: String,
        pub is_default: bool,
    }

    pub struct Printed {
        pub printer: String,
    }

    pub struct SavedFile {
        /// Where the file went; the user is told.
        pub path: String,
    }
}
