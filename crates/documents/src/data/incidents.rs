//! Incidents with personal data: the notice to a person, the two notices to the authority.

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::Serialize;

use super::{Letter, redacted, shown};

/// What a person is told when the person's data were lost or disclosed. No other person's data.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct LeakNotice {
    pub letter: Letter,
    pub subject: String,
    /// In plain words.
    pub what_happened: String,
    #[serde(serialize_with = "shown::moment")]
    pub happened: Option<DateTime<FixedOffset>>,
    #[serde(serialize_with = "shown::moment")]
    pub found: Option<DateTime<FixedOffset>>,
    /// Which of the person's own data.
    pub data: Vec<String>,
    pub consequences: String,
    pub measures: Vec<String>,
    pub advice: Vec<String>,
    /// «уведомлён 23.11.2026»; empty: not yet.
    pub authority_informed: String,
}

#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Incident {
    pub number: String,
    #[serde(serialize_with = "shown::moment")]
    pub happened: Option<DateTime<FixedOffset>>,
    #[serde(serialize_with = "shown::moment")]
    pub detected: Option<DateTime<FixedOffset>>,
    pub what_happened: String,
    pub presumed_causes: String,
    pub categories: Vec<String>,
    #[serde(serialize_with = "shown::number")]
    pub subjects: Option<u64>,
    #[serde(serialize_with = "shown::number")]
    pub records: Option<u64>,
    pub harm: String,
    pub measures: Vec<String>,
    /// Where the data were seen, if anywhere.
    pub seen_at: String,
}

/// Who speaks with the authority.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct AuthorityContact {
    pub full_name: String,
    pub phone: String,
    pub email: String,
}

/// What the inquiry found.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Inquiry {
    pub number: String,
    #[serde(serialize_with = "shown::day")]
    pub date: Option<NaiveDate>,
    pub causes: String,
    pub harm: String,
    pub measures: Vec<String>,
    /// Persons whose acts led to it; empty: none found.
    pub culprits: Vec<String>,
    /// Number and key of the first notice.
    pub first_notice: String,
    pub first_notice_key: String,
}

#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct IncidentNotice {
    pub incident: Incident,
    pub contact: AuthorityContact,
    pub inquiry: Inquiry,
}

redacted!(LeakNotice, Incident, AuthorityContact, Inquiry, IncidentNotice);
