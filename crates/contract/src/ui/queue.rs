//! Requests of the website: the queue and the card.

use chrono::{DateTime, Utc};
use domain::phone::{PhoneStatus, PhoneWarning};
use domain::request::{CallOutcome, CloseReason, QuarantineReason, RequestKind, RequestStatus, Source};
use domain::{ActionId, AppointmentId, PersonId, RequestId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::people::PersonRow;
use super::schedule::VisitRow;
use super::session::Certainty;

/// Which requests to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum QueueFilter {
    Open,
    Overdue,
    Mine,
    /// Open, and nobody works on it.
    Free,
    /// Open, and not understood.
    Quarantine,
    /// Closed, newest first.
    Closed,
}

views! {
    pub struct QueueArgs {
        pub filter: QueueFilter,
    }

    /// One row of the queue.
    pub struct QueueRow {
        pub id: RequestId,
        pub kind: RequestKind,
        pub status: RequestStatus,
        pub name: String,
        /// `+7 ••• •••-67-89`
        pub phone_masked: String,
        pub service: Option<String>,
        pub submitted_at: DateTime<Utc>,
        /// When it is due in clinic hours.
        pub due_at: Option<DateTime<Utc>>,
        pub overdue: bool,
        pub tries: u32,
        /// Name of whoever works on it now.
        pub claimed_by: Option<String>,
        pub claimed_by_me: bool,
        /// Other open requests with the same phone.
        pub same_phone: u32,
        /// Stands below another one of the same phone, whatever its own time.
        pub follows: bool,
        /// «поля не распознаны»: why it is shown as it came.
        pub quarantine: Option<QuarantineReason>,
        /// The site says that it no longer stands.
        pub withdrawn: bool,
        /// Somebody tried the door.
        pub test: bool,
        /// The data are blocked: name and number are a stub.
        pub blocked: bool,
        pub certainty: Certainty,
    }

    pub struct QueueView {
        pub rows: Vec<QueueRow>,
        pub open: u32,
        pub overdue: u32,
    }

    pub struct RequestArgs {
        pub id: RequestId,
    }

    pub struct PhoneView {
        /// As it was given.
        pub raw: String,
        /// `+7 912 345-67-89`, or the raw text when it could not be read.
        pub display: String,
        pub masked: String,
        pub e164: Option<String>,
        pub ext: Option<String>,
        pub status: PhoneStatus,
        pub warnings: Vec<PhoneWarning>,
    }

    pub struct CallView {
        pub id: ActionId,
        pub at: DateTime<Utc>,
        pub staff: String,
        pub outcome: CallOutcome,
        pub note: Option<String>,
        pub retracted: bool,
    }

    /// The whole request.
    pub struct RequestCard {
        pub row: QueueRow,
        pub phone: Option<PhoneView>,
        pub email: Option<String>,
        pub doctor: Option<String>,
        pub preferred_time: Option<String>,
        pub comment: Option<String>,
        pub extra: Vec<(String, String)>,
        /// Field by field as the site sent it; only while it is not understood.
        pub sent: Vec<(String, String)>,
        pub source: Source,
        /// «согласие не подтверждено» unless the site brought its record.
        pub consent_field: Option<String>,
        pub calls: Vec<CallView>,
        pub next_try_at: Option<DateTime<Utc>>,
        /// Suggested next try if nobody answers now.
        pub suggested_try_at: Option<DateTime<Utc>>,
        pub suggest_close: bool,
        pub person: Option<PersonRow>,
        /// People with the same phone: a chooser, never a merge.
        pub matches: Vec<PersonRow>,
        pub same_phone: Vec<QueueRow>,
        pub appointment: Option<AppointmentId>,
        /// An open visit of the same phone.
        pub next_visit: Option<VisitRow>,
    }

    /// What a second reading came to.
    pub struct Reread {
        pub card: RequestCard,
        /// Still not understood, and why; nothing was changed then.
        pub still: Option<QuarantineReason>,
    }

    pub struct LogCallArgs {
        pub id: RequestId,
        pub outcome: CallOutcome,
        pub note: Option<String>,
        pub next_try_at: Option<DateTime<Utc>>,
    }

    pub struct RetractCallArgs {
        pub id: RequestId,
        pub call: ActionId,
    }

    pub struct CloseArgs {
        pub id: RequestId,
        pub reason: CloseReason,
    }

    pub struct LinkPersonArgs {
        pub id: RequestId,
        pub person: PersonId,
    }
}
