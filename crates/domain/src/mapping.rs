//! What the clinic has said of a site's fields: «поле `input_7` — это телефон».
//!
//! A rule is set where names alone do not tell; it wins over every guess of a connector. Gateway and desks share it, so
//! that what was not understood can be read again at a desk.

use serde::{Deserialize, Serialize};

/// What a field of a site's form is for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema, ts_rs::TS,
)]
#[serde(rename_all = "snake_case")]
pub enum FieldMeaning {
    /// The whole name, in one line.
    Name,
    Family,
    Given,
    Patronymic,
    Phone,
    Email,
    Service,
    Doctor,
    /// A wish in words.
    PreferredTime,
    /// A chosen start: a whole date and time.
    Start,
    Comment,
    /// The tick under the agreement.
    Consent,
    /// What was agreed to; only its hash is kept in the clear.
    ConsentText,
    ConsentTime,
    /// For whom a certificate is bought.
    Recipient,
    /// Name of the form.
    Form,
    /// `callback`, `booking`, `certificate_order` or `message`.
    Kind,
    /// By what the site tells one submission from another.
    Key,
    /// When it was sent, by the site's clock.
    Submitted,
    /// The page; its host is kept.
    Site,
    /// Shown beside the rest.
    Extra,
    /// Counted, not kept.
    Drop,
}

/// One field and what it is for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema, ts_rs::TS)]
pub struct FieldRule {
    /// The field's name as the dry run shows it; case and punctuation do not matter.
    #[schemars(length(max = 1_000), regex(pattern = r"\S"))]
    pub field: String,
    pub meaning: FieldMeaning,
}

impl std::fmt::Debug for FieldRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FieldRule").field("meaning", &self.meaning).finish_non_exhaustive()
    }
}
