//! People who turned to the clinic. The state knows when and how, never who: that is sealed
//! ([`crate::personal::PersonPersonal`]).

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{PaperId, StaffId};

/// How the person came; decides which text applies to their data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum PersonSource {
    Site,
    DeskWalkin,
    DeskPhone,
}

/// A paper that was printed for the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
pub struct PaperRecord {
    pub id: PaperId,
    /// Code of the form, `consent_pd`.
    pub form: String,
    pub revision: u32,
    /// SHA-256 of the wording, hex.
    pub text_sha256: String,
    /// SHA-256 of the file that went to the printer, hex.
    pub pdf_sha256: String,
    pub copies: u32,
    pub printed_at: DateTime<Utc>,
    pub printed_by: StaffId,
}

/// The clear state of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Person {
    pub source: PersonSource,
    pub created_at: DateTime<Utc>,
    pub papers: Vec<PaperRecord>,
}
