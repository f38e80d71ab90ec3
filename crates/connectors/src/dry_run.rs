//! What would become of a payload: for the person who connects a site and mends its mapping.

use domain::mapping::FieldMeaning;
use serde::Serialize;

use crate::Parsed;

/// Why a field was taken for what it was taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The clinic's own rule.
    Rule,
    /// The format of the connector says so.
    Format,
    /// By its name.
    Alias,
    /// By the look of its value.
    Shape,
    /// Another field has the meaning already.
    Second,
    /// Not known: shown beside the rest.
    Unknown,
}

/// One field of a payload.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct FieldReport {
    /// Its name, as a rule would name it.
    pub field: String,
    pub taken_for: FieldMeaning,
    pub why: Why,
    /// What sort of thing was left out, where [`FieldMeaning::Drop`].
    pub dropped: Option<&'static str>,
}

impl std::fmt::Debug for FieldReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FieldReport")
            .field("taken_for", &self.taken_for)
            .field("why", &self.why)
            .field("dropped", &self.dropped)
            .finish_non_exhaustive()
    }
}

/// The reading of a payload that was only tried.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DryRun {
    /// In the order of the payload. Fields of an order or a cart are read as a whole and are not listed.
    pub fields: Vec<FieldReport>,
    pub parsed: Parsed,
}
