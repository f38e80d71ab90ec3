//! Papers a person signs: the person, who acts for the person, the medical worker.

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::Serialize;

use super::{redacted, shown};

/// The person the paper is prepared for.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct PersonOnPaper {
    pub full_name: String,
    /// As people read it: «+7 912 345-67-89».
    pub phone: String,
    pub email: String,
    #[serde(serialize_with = "shown::day")]
    pub birth_date: Option<NaiveDate>,
}

/// Parent, adopter, guardian or custodian, or a person with a power of attorney.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Representative {
    pub full_name: String,
    pub phone: String,
    #[serde(serialize_with = "shown::day")]
    pub birth_date: Option<NaiveDate>,
    /// «мать», «опекун»; in the nominative.
    pub kin: String,
    /// Kind of the document that was shown: «свидетельство о рождении». Never its number.
    pub authority: String,
}

/// Who accompanies a child and is not a legal representative.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Escort {
    pub full_name: String,
    pub kin: String,
    pub phone: String,
}

#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct MedicalWorker {
    pub position: String,
    pub full_name: String,
}

/// A consent the person gave earlier.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct ConsentOnPaper {
    pub title: String,
    #[serde(serialize_with = "shown::day")]
    pub given_on: Option<NaiveDate>,
}

/// Registration of a paper that came in.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Intake {
    pub number: String,
    #[serde(serialize_with = "shown::moment")]
    pub received: Option<DateTime<FixedOffset>>,
    pub accepted_by: String,
}

/// To whom what may be told.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct DisclosureOnPaper {
    pub to: String,
    pub what: String,
    pub purpose: String,
    #[serde(serialize_with = "shown::day")]
    pub until: Option<NaiveDate>,
}

/// Data of the papers that a person or a representative signs.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct PersonSheet {
    pub person: PersonOnPaper,
    pub representative: Representative,
    pub escort: Escort,
    pub medic: MedicalWorker,
    pub consents: Vec<ConsentOnPaper>,
    pub intake: Intake,
    pub disclosure: DisclosureOnPaper,
}

impl From<PersonOnPaper> for PersonSheet {
    fn from(person: PersonOnPaper) -> Self {
        Self { person, ..Self::default() }
    }
}

redacted!(PersonOnPaper, Representative, Escort, MedicalWorker, ConsentOnPaper, Intake, DisclosureOnPaper, PersonSheet);
