//! What is asked of the press and what it answers.
//!
//! Invariant: nothing here shows a person's data through `Debug`; requests may end up in logs.

use std::fmt;

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::FormKind;

/// The clinic as it stands on its papers. Typed once, in the settings.
///
/// An empty field is left out of the letterhead; where the law wants it, a ruled line is printed
/// and the paper comes with a [`PaperWarning::ClinicFieldEmpty`].
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClinicRequisites {
    /// Full name from the register of legal entities.
    pub full_name: String,
    pub short_name: String,
    pub inn: String,
    pub ogrn: String,
    pub address: String,
    pub phone: String,
    /// Where requests about personal data are sent.
    pub privacy_email: String,
    /// Number, date and issuer of the medical licence.
    pub licence: String,
    /// Who answers for personal data, as it is to be printed.
    pub responsible: String,
    /// Who processes personal data on the clinic's instruction: each is a name and an address.
    pub processors: Vec<String>,
}

impl fmt::Debug for ClinicRequisites {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClinicRequisites")
            .field("short_name", &self.short_name)
            .field("processors", &self.processors.len())
            .finish_non_exhaustive()
    }
}

/// The person the paper is prepared for. An empty field is printed as a ruled line.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PersonOnPaper {
    pub full_name: String,
    /// As people read it: «+7 912 345-67-89».
    pub phone: String,
    pub email: String,
    pub birth_date: Option<NaiveDate>,
}

impl fmt::Debug for PersonOnPaper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonOnPaper(redacted)")
    }
}

/// One sheet to print.
#[derive(Clone, Debug)]
pub struct PaperRequest {
    pub kind: FormKind,
    /// Id of the record of this paper; the only thing on the sheet a machine needs to find it.
    pub paper_id: String,
    /// Number of the copy («экз.»), from 1.
    pub copy: u32,
    pub clinic: ClinicRequisites,
    /// `None` gives the blank variant, filled wholly by hand.
    pub person: Option<PersonOnPaper>,
    pub printed_at: DateTime<FixedOffset>,
}

/// A finished paper.
#[derive(Clone, PartialEq, Eq)]
pub struct Paper {
    pub pdf: Vec<u8>,
    pub pages: usize,
    /// Revision of the wording.
    pub revision: u32,
    /// SHA-256 of the wording the person signs, in hex. Independent of whose data are filled in.
    pub text_sha256: String,
    /// What a person should know before handing the sheet out.
    pub warnings: Vec<PaperWarning>,
}

impl fmt::Debug for Paper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paper")
            .field("bytes", &self.pdf.len())
            .field("pages", &self.pages)
            .field("revision", &self.revision)
            .field("text_sha256", &self.text_sha256)
            .field("warnings", &self.warnings)
            .finish()
    }
}

/// A field of [`ClinicRequisites`] a paper cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClinicField {
    FullName,
    Address,
    PrivacyEmail,
}

/// A field of [`PersonOnPaper`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonField {
    FullName,
    Phone,
    Email,
}

/// What was printed otherwise than asked, or is better looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PaperWarning {
    /// The settings lack something the law wants on this paper; a ruled line stands in its place.
    ClinicFieldEmpty { field: ClinicField },
    /// Control and direction marks were dropped from a value.
    CharactersDropped { field: PersonField, count: usize },
    /// The fonts have no glyph for a character; a box is printed in its place.
    GlyphMissing { character: char },
    /// The paper is meant for one sheet and took more.
    MoreThanOnePage { pages: usize },
}
