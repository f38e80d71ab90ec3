//! The clinic: its clock, hours, chairs, requisites, and its doctors.
//!
//! The zone is always asked for, never guessed: appointments are wall time in this zone.

use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ChairId, hours::OpeningHours};

/// A chair or a room, a resource beside the doctor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
pub struct Chair {
    pub id: ChairId,
    /// «Кресло 1».
    pub name: String,
}

/// What stands in the header of every paper. An organisation's public data; nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
pub struct Requisites {
    pub full_name: String,
    pub short_name: String,
    pub inn: String,
    pub ogrn: String,
    pub address: String,
    pub phone: String,
    pub privacy_email: String,
    pub licence: String,
    /// Those who process personal data on the clinic's instruction: name and address, one a line.
    pub processors: Vec<String>,
}

/// Times that practice sets and the clinic may change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Practice {
    /// A callback is due so many working minutes after it was submitted.
    pub call_within_minutes: u32,
    /// The suggestion for the next try when nobody answered, in working minutes.
    pub retry_after_minutes: u32,
    /// How many unanswered tries until closing is suggested.
    pub max_tries: u32,
    /// A no-show may be noted so many minutes after the start.
    pub no_show_grace_minutes: u32,
    /// Usual length of a visit.
    pub visit_minutes: u32,
    /// A claim on a request lasts so long.
    pub claim_minutes: u32,
}

impl Default for Practice {
    fn default() -> Self {
        Self {
            call_within_minutes: 15,
            retry_after_minutes: 120,
            max_tries: 3,
            no_show_grace_minutes: 15,
            visit_minutes: 30,
            claim_minutes: 10,
        }
    }
}

/// The clinic, one a gateway.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Clinic {
    /// IANA zone of the clinic.
    #[schemars(with = "String", extend("format" = "iana-zone"))]
    pub zone: Tz,
    pub hours: OpeningHours,
    pub chairs: Vec<Chair>,
    pub requisites: Requisites,
    pub practice: Practice,
}

/// A doctor's clear state; the name is sealed ([`crate::personal::PractitionerPersonal`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Practitioner {
    pub active: bool,
    /// Where the doctor usually works.
    pub chair: Option<ChairId>,
    /// Place in the row of columns.
    pub order: u32,
}
