//! Papers of the clinic's own: day sheet, journals, acts, hand-over, recovery kit.

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::Serialize;

use super::{Letter, redacted, shown};

/// A visit on the day sheet. A blocked one has nothing but its time and the mark «занято».
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct DayVisit {
    /// «10:00».
    pub time: String,
    #[serde(serialize_with = "shown::number")]
    pub minutes: Option<u64>,
    /// Full name; the sheet shows surname and initials.
    #[serde(serialize_with = "shown::name")]
    pub person: String,
    /// The last four digits.
    pub phone_tail: String,
    pub marks: Vec<String>,
}

/// Visits of one doctor or room on one day.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct DaySheet {
    #[serde(serialize_with = "shown::day")]
    pub date: Option<NaiveDate>,
    #[serde(serialize_with = "shown::name")]
    pub practitioner: String,
    pub room: String,
    pub visits: Vec<DayVisit>,
    #[serde(serialize_with = "shown::name")]
    pub printed_by: String,
}

/// A row of a journal; each journal prints the columns it has.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct RegisterRow {
    pub number: String,
    #[serde(serialize_with = "shown::moment")]
    pub at: Option<DateTime<FixedOffset>>,
    /// Person, body or paper the row is about.
    pub who: String,
    pub nature: String,
    pub substance: String,
    pub basis: String,
    /// Who took it, decided or printed.
    pub by: String,
    #[serde(serialize_with = "shown::day")]
    pub due: Option<NaiveDate>,
    #[serde(serialize_with = "shown::day")]
    pub done: Option<NaiveDate>,
    pub outcome: String,
}

#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Register {
    #[serde(serialize_with = "shown::day")]
    pub from: Option<NaiveDate>,
    #[serde(serialize_with = "shown::day")]
    pub to: Option<NaiveDate>,
    pub rows: Vec<RegisterRow>,
}

/// Number and date of an act or order.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct NumberedPaper {
    pub number: String,
    #[serde(serialize_with = "shown::day")]
    pub date: Option<NaiveDate>,
}

#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct CommissionMember {
    /// «председатель комиссии», «член комиссии».
    pub role: String,
    pub full_name: String,
    pub position: String,
}

/// A line of the log that records a destruction.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct LogRow {
    pub subject: String,
    pub categories: String,
    pub reason: String,
    #[serde(serialize_with = "shown::moment")]
    pub at: Option<DateTime<FixedOffset>>,
}

#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Destruction {
    pub letter: Letter,
    pub act: NumberedPaper,
    /// Names or other information that tells who the subjects are.
    pub subjects: Vec<String>,
    pub categories: Vec<String>,
    /// The paper carrier; empty if there was none.
    pub carrier: String,
    #[serde(serialize_with = "shown::number")]
    pub sheets: Option<u64>,
    /// Name of the information system; empty if data were on paper only.
    pub system: String,
    pub way: String,
    pub reason: String,
    #[serde(serialize_with = "shown::moment")]
    pub destroyed: Option<DateTime<FixedOffset>>,
    pub commission: Vec<CommissionMember>,
    pub log: Vec<LogRow>,
    /// SHA-256 of the exported slice of the log, in hex.
    pub log_sha256: String,
    #[serde(serialize_with = "shown::day")]
    pub kept_until: Option<NaiveDate>,
}

#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Admitted {
    pub full_name: String,
    pub position: String,
    /// Role at the desk.
    pub role: String,
    #[serde(serialize_with = "shown::day")]
    pub since: Option<NaiveDate>,
}

#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct AdmittedList {
    /// The order that approves the list.
    pub order: NumberedPaper,
    pub people: Vec<Admitted>,
}

/// «непринятых заявок: 3».
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    pub name: String,
    pub value: String,
}

/// A task that goes over to the next shift: an id and initials, nothing more about a person.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct HandoverTask {
    pub id: String,
    pub initials: String,
    pub what: String,
    pub due: String,
}

#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Handover {
    #[serde(serialize_with = "shown::moment")]
    pub at: Option<DateTime<FixedOffset>>,
    pub desk: String,
    #[serde(serialize_with = "shown::name")]
    pub gave: String,
    #[serde(serialize_with = "shown::name")]
    pub took: String,
    pub counts: Vec<Count>,
    pub tasks: Vec<HandoverTask>,
    #[serde(serialize_with = "shown::number")]
    pub sheets_printed: Option<u64>,
    #[serde(serialize_with = "shown::number")]
    pub sheets_shredded: Option<u64>,
}

#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Workstation {
    pub name: String,
    pub id: String,
    /// Inventory number.
    pub inventory: String,
}

#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Decommission {
    pub act: NumberedPaper,
    pub workstation: Workstation,
    pub reason: String,
    #[serde(serialize_with = "shown::number")]
    pub people: Option<u64>,
    #[serde(serialize_with = "shown::moment")]
    pub last_exchange: Option<DateTime<FixedOffset>>,
    #[serde(serialize_with = "shown::number")]
    pub unsent: Option<u64>,
    #[serde(serialize_with = "shown::moment")]
    pub key_destroyed: Option<DateTime<FixedOffset>>,
    pub way: String,
    pub commission: Vec<CommissionMember>,
}

/// The recovery kit. Given by the caller, printed, kept nowhere.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct RecoveryKit {
    /// The secret in its printed form, group by group: the first line of it, and the second.
    pub words: Vec<String>,
    pub words_below: Vec<String>,
    pub key_id: String,
    #[serde(serialize_with = "shown::day")]
    pub made_on: Option<NaiveDate>,
    #[serde(serialize_with = "shown::name")]
    pub made_by: String,
}

redacted!(
    DayVisit,
    DaySheet,
    RegisterRow,
    Register,
    NumberedPaper,
    CommissionMember,
    LogRow,
    Destruction,
    Admitted,
    AdmittedList,
    Count,
    HandoverTask,
    Handover,
    Workstation,
    Decommission,
    RecoveryKit
);
