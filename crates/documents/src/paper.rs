//! What is asked of the press and what it answers.
//!
//! Invariant: nothing here shows a person's data through `Debug`; requests may end up in logs.

use std::fmt;

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use crate::{FormKind, PaperData};

/// The clinic as it stands on its papers. Typed once, in the settings.
///
/// An empty field is left out of the letterhead; where a paper wants it, a ruled line is printed and the paper comes
/// with a [`PaperWarning::ClinicFieldEmpty`].
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
    /// Who signs for the clinic: surname and initials.
    pub signatory_name: String,
    pub signatory_position: String,
    /// What the signatory acts on: «Устав», «доверенность № 3 от 12.01.2026».
    pub signatory_basis: String,
    /// Name of the information system of personal data.
    pub system_name: String,
}

impl fmt::Debug for ClinicRequisites {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClinicRequisites")
            .field("short_name", &self.short_name)
            .field("processors", &self.processors.len())
            .finish_non_exhaustive()
    }
}

/// One sheet to print.
#[derive(Clone, Debug)]
pub struct PaperRequest {
    pub kind: FormKind,
    /// Id of the record of this paper; the only thing on the sheet a machine needs to find it.
    pub paper_id: String,
    /// Number of the copy («экз. 1 из 2»), from 1, and how many there are.
    pub copy: u32,
    pub copies: u32,
    /// Printed again under its first number: «повторно».
    pub repeated: bool,
    pub clinic: ClinicRequisites,
    /// `None` gives the blank variant, filled wholly by hand.
    pub data: Option<PaperData>,
    pub printed_at: DateTime<FixedOffset>,
}

impl PaperRequest {
    /// An invented case: how a template is proof-read before it is used.
    pub fn example(kind: FormKind) -> Self {
        Self {
            kind,
            paper_id: "ppr_00000000000000000000000000".to_owned(),
            copy: 1,
            copies: 1,
            repeated: false,
            clinic: ClinicRequisites::example(),
            data: Some(PaperData::example(kind.family())),
            printed_at: DateTime::<FixedOffset>::default(),
        }
    }
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

/// What was printed otherwise than asked, or is better looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PaperWarning {
    /// The settings lack a field of [`ClinicRequisites`] this paper must have; a ruled line stands in its place.
    ClinicFieldEmpty { field: String },
    /// Control and direction marks were dropped from a value, or a value was cut; the field as templates name it.
    CharactersDropped { field: String, count: usize },
    /// The fonts have no glyph for a character; a box is printed in its place.
    GlyphMissing { character: char },
    /// The paper is meant for one sheet and took more.
    MoreThanOnePage { pages: usize },
    /// The wording rests on an act that is not in force on the day of printing.
    ActNotInForce { act: String },
}
