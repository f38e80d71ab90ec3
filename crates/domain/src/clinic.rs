//! The clinic: its clock, hours, chairs, requisites, and its doctors.
//!
//! The zone is always asked for, never guessed: appointments are wall time in this zone.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ActionId, ChairId, StaffId,
    hours::{DayHours, OpeningHours, Week},
};

/// A chair or a room, a resource beside the doctor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
pub struct Chair {
    pub id: ChairId,
    /// «Кресло 1».
    pub name: String,
}

/// What people come for, and how long it takes as a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
pub struct Service {
    /// «Гигиена полости рта».
    pub name: String,
    pub minutes: u32,
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
    /// Where the site's privacy policy is read; empty: it is not watched.
    #[serde(default)]
    pub policy_page: String,
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
    /// A request that led to nothing is kept so many days after it was closed.
    #[serde(default = "usually_kept")]
    pub keep_requests_days: u32,
    /// Somebody's data are kept so many days after their last visit.
    #[serde(default = "usually_kept")]
    pub keep_visits_days: u32,
}

/// Days within which data are destroyed when their purpose is reached (152-ФЗ art. 21 p. 4): the clinic may set fewer.
pub const LONGEST_KEPT: u32 = 30;

/// A week is left for the doing.
const USUALLY_KEPT: u32 = LONGEST_KEPT - 7;

fn usually_kept() -> u32 {
    USUALLY_KEPT
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
            keep_requests_days: USUALLY_KEPT,
            keep_visits_days: USUALLY_KEPT,
        }
    }
}

/// A recovery kit in force. Its envelope opens by the printed code alone, so the gateway may keep it and every desk has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecoveryKit {
    /// The clinic's private key, wrapped under the code.
    pub envelope: String,
    /// Which key it is.
    pub key_id: String,
    pub made_at: DateTime<Utc>,
    pub made_by: StaffId,
    /// The last time that the code was typed off the paper and opened the key.
    pub checked: Option<KitCheck>,
}

/// Somebody proved a kit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KitCheck {
    pub at: DateTime<Utc>,
    pub by: StaffId,
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
    /// What may be booked, in the order in which it is offered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Service>,
    /// The newest is the last. An older one is here only until the newest was proved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recovery: Vec<RecoveryKit>,
    /// The action that wrote the record as a whole last; only the rule sets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<ActionId>,
}

impl Clinic {
    /// Puts a new kit in force. One that was proved stays until the new one is too; one that never was goes.
    pub fn add_kit(&mut self, kit: RecoveryKit) {
        self.recovery.retain(|known| known.checked.is_some() && known.key_id == kit.key_id);
        self.recovery.push(kit);
    }

    /// Notes that the code of a kit opened the key. Proving the newest ends the older ones. False: there is no such kit.
    pub fn prove_kit(&mut self, envelope: &str, check: KitCheck) -> bool {
        let Some(at) = self.recovery.iter().position(|kit| kit.envelope == envelope) else { return false };
        self.recovery[at].checked = Some(check);
        if at + 1 == self.recovery.len() {
            self.recovery.drain(..at);
        }
        true
    }
}

/// A doctor's clear state; the name is sealed ([`crate::personal::PractitionerPersonal`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Practitioner {
    pub active: bool,
    /// Where the doctor usually works.
    pub chair: Option<ChairId>,
    /// Place in the row of columns.
    pub order: u32,
    /// The doctor's own hours; none: those of the clinic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub week: Option<Week>,
    /// Days on which the doctor is away, whatever the reason: that is nobody's business here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absences: Vec<Absence>,
    /// The action that wrote the record as a whole last; only the rule sets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<ActionId>,
}

/// Days in a row, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
pub struct Absence {
    pub from: NaiveDate,
    pub to: NaiveDate,
}

impl Practitioner {
    /// Somebody who works whenever the clinic is open.
    #[must_use]
    pub fn new(active: bool, chair: Option<ChairId>, order: u32) -> Self {
        Self { active, chair, order, week: None, absences: Vec::new(), etag: None }
    }

    /// Away on that day.
    #[must_use]
    pub fn is_away(&self, date: NaiveDate) -> bool {
        self.absences.iter().any(|absence| (absence.from..=absence.to).contains(&date))
    }

    /// When the doctor receives on a date: within the clinic's hours, if at all.
    #[must_use]
    pub fn receives(&self, clinic: &OpeningHours, date: NaiveDate) -> Option<DayHours> {
        let open = clinic.on(date)?;
        if self.is_away(date) {
            return None;
        }
        let Some(week) = &self.week else { return Some(open) };
        week.on(date)?.within(open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kit(envelope: &str, checked: bool) -> RecoveryKit {
        let check = KitCheck { at: DateTime::UNIX_EPOCH, by: StaffId::from_random([1; 16]) };
        RecoveryKit {
            envelope: envelope.to_owned(),
            key_id: "k".to_owned(),
            made_at: DateTime::UNIX_EPOCH,
            made_by: StaffId::from_random([1; 16]),
            checked: checked.then_some(check),
        }
    }

    #[test]
    fn a_doctor_receives_in_own_hours_within_those_of_the_clinic() {
        let hours = |opens, closes| {
            let at = |hour| chrono::NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
            DayHours { opens: at(opens), closes: at(closes) }
        };
        let day = |n| NaiveDate::from_ymd_opt(2026, 11, n).unwrap_or_default();
        let clinic = OpeningHours { week: [Some(hours(9, 20)); 7], closed_on: [day(25)].into() };
        let mut doctor = Practitioner::new(true, None, 0);
        assert_eq!(doctor.receives(&clinic, day(23)), Some(hours(9, 20)));
        doctor.week = Some(Week([Some(hours(8, 14)), None, Some(hours(9, 20)), Some(hours(20, 0)), None, None, None]));
        doctor.absences = vec![Absence { from: day(29), to: day(30) }];
        assert_eq!(doctor.receives(&clinic, day(23)), Some(hours(9, 14)), "Monday, but not before the clinic opens");
        assert_eq!(doctor.receives(&clinic, day(24)), None, "a free day of the doctor");
        assert_eq!(doctor.receives(&clinic, day(25)), None, "the clinic is closed");
        assert_eq!(doctor.receives(&clinic, day(26)), None, "not a minute within the clinic's hours");
        assert_eq!(doctor.receives(&clinic, day(30)), None, "away");
    }

    #[test]
    fn a_proved_kit_stays_until_the_next_one_is_proved() {
        let mut clinic = Clinic {
            zone: Tz::UTC,
            hours: OpeningHours { week: [None; 7], closed_on: std::collections::BTreeSet::new() },
            chairs: Vec::new(),
            requisites: Requisites::default(),
            practice: Practice::default(),
            services: Vec::new(),
            recovery: vec![kit("a", false)],
            etag: None,
        };
        let held = |clinic: &Clinic| clinic.recovery.iter().map(|kit| kit.envelope.clone()).collect::<Vec<_>>();
        let check = KitCheck { at: DateTime::UNIX_EPOCH, by: StaffId::from_random([2; 16]) };
        clinic.add_kit(kit("b", false));
        assert_eq!(held(&clinic), ["b"], "nobody knows whether the first one was ever on paper");
        assert!(clinic.prove_kit("b", check.clone()) && !clinic.prove_kit("a", check.clone()));
        clinic.add_kit(kit("c", false));
        assert!(clinic.prove_kit("b", check.clone()));
        assert_eq!(held(&clinic), ["b", "c"], "the older paper still works and says so");
        assert!(clinic.prove_kit("c", check));
        assert_eq!(held(&clinic), ["c"]);
    }
}
