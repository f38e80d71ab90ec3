//! Appointments: wall time in the clinic's zone, half-open intervals, FHIR `Appointment.status` words.

use chrono::{DateTime, NaiveDateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ChairId, PersonId, PractitionerId, RequestId, StaffId};

/// FHIR R4 `Appointment.status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "kebab-case")]
pub enum AppointmentStatus {
    Proposed,
    Pending,
    Booked,
    Waitlist,
    Arrived,
    CheckedIn,
    Fulfilled,
    Cancelled,
    Noshow,
    EnteredInError,
}

impl AppointmentStatus {
    /// Takes up its doctor, chair and person.
    #[must_use]
    pub fn occupies(self) -> bool {
        matches!(self, Self::Pending | Self::Booked | Self::Arrived | Self::CheckedIn | Self::Fulfilled)
    }

    /// The person has not come yet and is expected to.
    #[must_use]
    pub fn is_expected(self) -> bool {
        matches!(self, Self::Pending | Self::Booked)
    }
}

/// Why a visit was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    Patient,
    Clinic,
    DoctorIll,
    Duplicate,
    Mistake,
    NotConfirmed,
}

/// Doctor, chair and time of a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Slot {
    pub practitioner: PractitionerId,
    pub chair: ChairId,
    /// Wall time in the clinic's zone.
    pub start: NaiveDateTime,
    /// Exclusive.
    pub end: NaiveDateTime,
}

impl Slot {
    /// Half-open intervals: 10:00-10:30 and 10:30-11:00 do not meet.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// An earlier slot of a visit that was moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Moved {
    pub from: Slot,
    pub at: DateTime<Utc>,
    pub by: StaffId,
}

/// The last step in the life of a visit, so that it can be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LastStep {
    /// The status before it.
    pub from: AppointmentStatus,
    /// [`Appointment::confirmed_at`] before it.
    pub confirmed_at: Option<DateTime<Utc>>,
    pub at: DateTime<Utc>,
}

/// The clear state of a visit; service and note are sealed ([`crate::personal::AppointmentPersonal`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Appointment {
    pub status: AppointmentStatus,
    pub slot: Slot,
    pub person: PersonId,
    pub request: Option<RequestId>,
    pub booked_by: StaffId,
    pub booked_at: DateTime<Utc>,
    /// The person said on the phone that they will come.
    pub confirmed_at: Option<DateTime<Utc>>,
    pub cancel_reason: Option<CancelReason>,
    pub history: Vec<Moved>,
    /// The person would come earlier, if a time came free.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wants_earlier: bool,
    /// None after a booking, a move or an undo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_step: Option<LastStep>,
}
