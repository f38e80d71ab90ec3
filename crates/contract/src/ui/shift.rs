//! Who works, what is handed over, and the end of a shift.

use chrono::{DateTime, Utc};
use domain::certificate::LedgerKind;
use domain::{ActionId, CertificateId, Kopecks, StaffId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::session::Certainty;

views! {
    /// Who works now, and the notes for the next shift.
    pub struct TeamView {
        pub working: Vec<WorkerRow>,
        /// The newest first; those that nobody has taken over before the others.
        pub notes: Vec<HandOverRow>,
    }

    pub struct WorkerRow {
        pub name: String,
        pub since: DateTime<Utc>,
        /// At this desk.
        pub here: bool,
        /// Whoever is signed in.
        pub me: bool,
    }

    pub struct HandOverRow {
        pub staff: StaffId,
        pub note: ActionId,
        pub by: String,
        pub at: DateTime<Utc>,
        pub text: String,
        pub mine: bool,
        pub taken_by: Option<String>,
        pub taken_at: Option<DateTime<Utc>>,
        pub certainty: Certainty,
    }

    pub struct HandOverArgs {
        pub text: String,
    }

    pub struct TakeOverArgs {
        /// Whose note.
        pub staff: StaffId,
        pub note: ActionId,
    }

    /// What is left before somebody goes home.
    pub struct ClosingView {
        pub started: Option<DateTime<Utc>>,
        /// What was done with certificates today, in the order of time, all desks together.
        pub money: Vec<MoneyRow>,
        /// Sold at the desks today.
        pub sold: Kopecks,
        /// Redeemed today less what was taken back: what the receipts have to come to.
        pub redeemed: Kopecks,
        pub refunded: Kopecks,
        pub unsent: u32,
        pub refused: u32,
        pub overdue: u32,
        /// Requests that whoever is signed in holds.
        pub mine: u32,
        /// Sheets that somebody still has to sign.
        pub unsigned: u32,
        /// Sheets printed today: what was spoilt goes into the shredder.
        pub printed: u32,
        /// Visits of today without an end: neither held, nor missed, nor cancelled.
        pub open_visits: u32,
    }

    pub struct MoneyRow {
        pub certificate: CertificateId,
        pub last4: String,
        pub at: DateTime<Utc>,
        pub kind: LedgerKind,
        /// Signed, as in the ledger.
        pub amount: Kopecks,
        pub staff: Option<String>,
        /// Saved: the gateway has not granted it yet.
        pub certainty: Certainty,
    }

    pub struct ShiftEndArgs {
        /// What the receipts of certificates come to; none: not counted.
        pub receipts: Option<Kopecks>,
        /// The spoilt sheets were shredded.
        pub shredded: bool,
    }
}
