//! Visits: the day and what is done with one of them.

use chrono::{NaiveDate, NaiveDateTime};
use domain::appointment::{AppointmentStatus, CancelReason};
use domain::clinic::Service;
use domain::{AppointmentId, ChairId, PersonId, PractitionerId, RequestId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::session::Certainty;

/// What two live visits have in common that they should not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MeetsOver {
    /// The same doctor at one time.
    Practitioner,
    Chair,
    /// The same person at one time, by whichever of their cards.
    Person,
    /// The same person on one day, by two cards that were merged since: one of the two may be meant.
    Day,
}

views! {
    pub struct DayArgs {
        /// Wall date.
        pub date: NaiveDate,
    }

    pub struct ColumnView {
        pub id: String,
        pub title: String,
        pub subtitle: String,
    }

    /// A doctor to choose from.
    pub struct DoctorView {
        pub id: PractitionerId,
        pub name: String,
    }

    /// Another visit that one gets in the way of.
    pub struct Meeting {
        pub over: MeetsOver,
        pub visit: AppointmentId,
        /// Wall.
        pub start: NaiveDateTime,
        /// Wall, exclusive.
        pub end: NaiveDateTime,
        pub practitioner_name: String,
        pub person_name: String,
    }

    pub struct VisitRow {
        pub id: AppointmentId,
        pub status: AppointmentStatus,
        pub practitioner: PractitionerId,
        pub practitioner_name: String,
        pub chair: ChairId,
        pub chair_name: String,
        /// Wall.
        pub start: NaiveDateTime,
        /// Wall, exclusive.
        pub end: NaiveDateTime,
        pub person: PersonId,
        /// «Иванова А. П.»
        pub person_name: String,
        pub phone_masked: String,
        pub service: Option<String>,
        pub note: Option<String>,
        pub confirmed: bool,
        pub cancel_reason: Option<CancelReason>,
        pub moved: u32,
        /// The person's data are blocked: the time stays, nothing else is shown.
        pub blocked: bool,
        pub certainty: Certainty,
        /// What it gets in the way of, by the start: all are shown, a person decides.
        pub meets: Vec<Meeting>,
        /// The grace is over: a no-show may be noted.
        pub no_show_allowed: bool,
        /// The person would come earlier, if a time came free.
        pub wants_earlier: bool,
        /// The doctor is away then, or does not receive at that time.
        pub outside_hours: bool,
    }

    /// A day of the schedule.
    pub struct DayView {
        pub date: NaiveDate,
        /// Wall time of the clinic now.
        pub now: NaiveDateTime,
        /// Wall; None when the clinic is closed that day.
        pub opens: Option<NaiveDateTime>,
        pub closes: Option<NaiveDateTime>,
        pub practitioners: Vec<ColumnView>,
        pub chairs: Vec<ColumnView>,
        /// Where a doctor usually works: doctor's id, chair's id.
        pub usual_chairs: Vec<(String, String)>,
        pub visits: Vec<VisitRow>,
        pub visit_minutes: u32,
        /// When each doctor receives that day.
        pub doctor_hours: Vec<DoctorHours>,
        pub services: Vec<Service>,
    }

    /// A doctor's day.
    pub struct DoctorHours {
        pub practitioner: String,
        /// Wall; None: does not receive that day.
        pub opens: Option<NaiveDateTime>,
        /// Wall, exclusive.
        pub closes: Option<NaiveDateTime>,
        /// Away for days, not only off that weekday.
        pub away: bool,
    }

    pub struct WaitlistArgs {
        /// The visit whose time came free: whom it would suit is marked.
        pub freed: Option<AppointmentId>,
    }

    /// Who waits for a time.
    pub struct WaitingView {
        /// The visit whose time came free.
        pub freed: Option<VisitRow>,
        /// Visits to come whose people would come earlier; those that fit the free time first, then by their start.
        pub earlier: Vec<WaitingRow>,
        /// Cancelled and missed visits of people who have no other one since, the newest first.
        pub unscheduled: Vec<VisitRow>,
    }

    pub struct WaitingRow {
        pub visit: VisitRow,
        /// The free time suits it: the same doctor, long enough, earlier than its own.
        pub fits: bool,
    }

    pub struct WishArgs {
        pub id: AppointmentId,
        pub earlier: bool,
    }

    /// A week, Monday first.
    pub struct WeekView {
        pub days: Vec<DayView>,
    }

    pub struct OpeningsArgs {
        /// From this wall date on.
        pub from: NaiveDate,
        /// None: any doctor.
        pub practitioner: Option<PractitionerId>,
        /// Length of the visit.
        pub minutes: u32,
        /// The visit that is to be moved: its own time is free for it.
        pub visit: Option<AppointmentId>,
    }

    /// A time that nothing known here takes up.
    pub struct Opening {
        pub practitioner: PractitionerId,
        pub practitioner_name: String,
        pub chair: ChairId,
        pub chair_name: String,
        /// Wall.
        pub start: NaiveDateTime,
        /// Wall, exclusive.
        pub end: NaiveDateTime,
    }

    /// Visits of the next day that the clinic is open, for the calls of the evening before.
    pub struct ConfirmationView {
        pub date: NaiveDate,
        /// By their start; those that are not confirmed first.
        pub visits: Vec<VisitRow>,
        pub confirmed: u32,
    }

    pub struct BookArgs {
        pub person: PersonId,
        pub practitioner: PractitionerId,
        pub chair: ChairId,
        pub start: NaiveDateTime,
        pub end: NaiveDateTime,
        pub service: Option<String>,
        pub note: Option<String>,
        /// The request that the visit answers.
        pub request: Option<RequestId>,
        pub agreed: bool,
    }

    pub struct MoveArgs {
        pub id: AppointmentId,
        pub practitioner: PractitionerId,
        pub chair: ChairId,
        pub start: NaiveDateTime,
        pub end: NaiveDateTime,
    }

    pub struct VisitArgs {
        pub id: AppointmentId,
        pub step: VisitStep,
    }

    pub struct CancelArgs {
        pub id: AppointmentId,
        pub reason: CancelReason,
    }

    pub struct Booked {
        pub id: AppointmentId,
        pub visit: VisitRow,
    }
}

/// A step in the life of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum VisitStep {
    Confirm,
    Arrive,
    CheckIn,
    Fulfil,
    NoShow,
    /// Back to booked.
    Restore,
    /// Takes the last step back, within minutes.
    Undo,
}
