//! Letters of the clinic to a person: answers, notices of blocking and rectification, answers to claims.

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::Serialize;

use super::{redacted, shown};

/// Head of an outgoing letter.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Letter {
    /// «исх. №».
    pub number: String,
    #[serde(serialize_with = "shown::day")]
    pub date: Option<NaiveDate>,
    /// Addressee, in the nominative.
    pub to: String,
    pub address: String,
    /// How the letter is delivered: «лично», «почтой», «по электронной почте».
    pub way: String,
}

/// The request a letter answers.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct RequestOnPaper {
    /// «вх. №».
    pub number: String,
    #[serde(serialize_with = "shown::moment")]
    pub received: Option<DateTime<FixedOffset>>,
    /// Who asked, in the nominative.
    pub from: String,
    /// How it came.
    pub way: String,
}

/// A purpose of processing, what it rests on and for how long.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Purpose {
    pub purpose: String,
    pub basis: String,
    pub term: String,
}

/// A datum the clinic holds about the addressee.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct DataRow {
    pub name: String,
    pub value: String,
    pub source: String,
}

/// A note, a call, a consent, a block, a disclosure.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct EventRow {
    #[serde(serialize_with = "shown::moment")]
    pub at: Option<DateTime<FixedOffset>>,
    pub what: String,
}

#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Refusal {
    pub reason: String,
    /// The clause of the law: «часть 8 статьи 14».
    pub clause: String,
}

#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Extension {
    pub reason: String,
    #[serde(serialize_with = "shown::day")]
    pub until: Option<NaiveDate>,
}

/// Answer to a data subject. The data are the addressee's alone.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct SubjectReply {
    pub letter: Letter,
    pub request: RequestOnPaper,
    pub purposes: Vec<Purpose>,
    pub data: Vec<DataRow>,
    pub events: Vec<EventRow>,
    /// Persons with access, or to whom the data were disclosed.
    pub recipients: Vec<String>,
    pub refusal: Refusal,
    pub extension: Extension,
}

/// Blocking of a person's data, and its end.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct BlockNotice {
    pub letter: Letter,
    pub request: RequestOnPaper,
    pub subject: String,
    pub ground: String,
    /// Categories, never values.
    pub categories: Vec<String>,
    #[serde(serialize_with = "shown::moment")]
    pub blocked: Option<DateTime<FixedOffset>>,
    #[serde(serialize_with = "shown::day")]
    pub check_until: Option<NaiveDate>,
    /// What becomes of a visit that is booked.
    pub visits: String,
    pub result: String,
    pub changed: String,
    #[serde(serialize_with = "shown::moment")]
    pub unblocked: Option<DateTime<FixedOffset>>,
}

/// One corrected field.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Change {
    pub field: String,
    /// An old phone is given masked.
    pub was: String,
    pub now: String,
}

#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct ThirdParty {
    pub name: String,
    pub address: String,
}

#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct RectificationNotice {
    pub letter: Letter,
    pub request: RequestOnPaper,
    pub subject: String,
    pub documents: String,
    pub changes: Vec<Change>,
    #[serde(serialize_with = "shown::moment")]
    pub rectified: Option<DateTime<FixedOffset>>,
    pub informed: Vec<String>,
    #[serde(serialize_with = "shown::moment")]
    pub unblocked: Option<DateTime<FixedOffset>>,
    pub refusal: Refusal,
    pub third_party: ThirdParty,
}

/// A claim as it was registered.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Claim {
    pub number: String,
    #[serde(serialize_with = "shown::moment")]
    pub received: Option<DateTime<FixedOffset>>,
    pub from: String,
    pub contact: String,
    pub way: String,
    /// «деньги», «качество», «персональные данные», «прочее».
    pub nature: String,
    /// One line.
    pub substance: String,
    #[serde(serialize_with = "shown::day")]
    pub promised: Option<NaiveDate>,
    pub accepted_by: String,
}

#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct ClaimLetter {
    pub letter: Letter,
    pub claim: Claim,
    /// Paragraphs.
    pub circumstances: Vec<String>,
    /// «удовлетворить», «удовлетворить частично», «отказать»; with what follows.
    pub decision: String,
    pub basis: String,
    pub enclosures: Vec<String>,
}

redacted!(
    Letter,
    RequestOnPaper,
    Purpose,
    DataRow,
    EventRow,
    Refusal,
    Extension,
    SubjectReply,
    BlockNotice,
    Change,
    ThirdParty,
    RectificationNotice,
    Claim,
    ClaimLetter
);
