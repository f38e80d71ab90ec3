//! Signing in, the link to the gateway, the start of a shift, the outbox.

use chrono::{DateTime, Utc};
use domain::StaffId;
use domain::personal::PersonName;
use domain::staff::Role;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::errors::UiError;
use super::keys::RescueView;
use super::queue::QueueRow;

/// Where the application stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// No gateway yet: connect by code, or found a clinic.
    NotConnected,
    Locked,
    SignedIn,
    /// The database cannot be opened: see `trouble`.
    Trouble,
}

views! {
    /// The first thing that the window asks for.
    pub struct AppView {
        pub phase: Phase,
        pub clinic_name: Option<String>,
        /// Present in the demo only: how to sign in.
        pub demo: Option<DemoHint>,
        pub staff: Option<StaffView>,
        pub trouble: Option<UiError>,
        /// With trouble around the database or its key: the ways out.
        pub rescue: Option<RescueView>,
        pub version: String,
        /// IANA zone of the clinic.
        pub zone: Option<String>,
        /// The window locks itself after so many seconds without a key or a click.
        pub idle_lock_seconds: u32,
        /// Set while not connected, when this desk's access was taken away.
        pub cut_off: Option<CutOffView>,
    }

    /// This desk's access was taken away: its keys are gone, its database is set aside.
    pub struct CutOffView {
        pub at: DateTime<Utc>,
        /// Actions that had not reached the gateway, or were refused. They are in the database that is set aside.
        pub unsent: u32,
    }

    pub struct DemoHint {
        pub logins: Vec<DemoLogin>,
    }

    pub struct DemoLogin {
        pub login: String,
        pub secret: String,
        pub role: Role,
    }

    pub struct StaffView {
        pub id: StaffId,
        pub name: String,
        pub role: Role,
    }

    pub struct ConnectArgs {
        /// `https://gateway.example.ru`
        pub gateway: String,
        /// One-time code.
        pub code: String,
        pub desk_name: String,
    }

    /// Founds a clinic at a fresh gateway.
    pub struct FoundArgs {
        pub gateway: String,
        pub code: String,
        pub desk_name: String,
        pub clinic_name: String,
        /// IANA zone, always asked for.
        pub zone: String,
        pub manager_name: PersonName,
        pub manager_login: String,
        pub manager_secret: String,
    }

    pub struct SignInArgs {
        pub login: String,
        /// Password or PIN.
        pub secret: String,
    }
}

/// How the link to the gateway is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// Not tried yet.
    Unknown,
    Online,
    Syncing,
    Offline,
    /// The gateway does not know this desk.
    Refused,
    /// A manager took this desk's access away.
    Revoked,
    /// The gateway wants a newer version of this program.
    Outdated,
}

views! {
    /// Always visible. Also the payload of the event `sync`.
    pub struct SyncView {
        pub link: Link,
        /// Data as of: the last complete pull.
        pub as_of: Option<DateTime<Utc>>,
        /// The last answer of the gateway to anything.
        pub last_contact: Option<DateTime<Utc>>,
        pub unsent: u32,
        /// Refused actions that a person has to look at.
        pub refused: u32,
        /// Records of a newer version of this program, kept but not shown.
        pub newer: u32,
        /// While pulling: rows so far.
        pub pulled: u32,
        /// This computer's clock minus the gateway's, seconds; worth a banner past 120.
        pub clock_drift_seconds: Option<i32>,
        /// Next try when offline.
        pub retry_at: Option<DateTime<Utc>>,
        /// With [`Link::Outdated`]: the oldest version that the gateway lets in.
        pub needs_version: Option<String>,
        /// With [`Link::Refused`]: the clinic's key was changed, and this desk was not given the new one.
        pub lacks_key: bool,
    }

    /// The brief at the start of a shift.
    pub struct ShiftBrief {
        pub as_of: Option<DateTime<Utc>>,
        /// False: the gateway did not answer; the brief is from this desk's own data.
        pub fresh: bool,
        /// When the shift before this one started at this desk.
        pub since: Option<DateTime<Utc>>,
        /// Requests that came since then.
        pub new_requests: u32,
        pub overdue: u32,
        pub due_today: u32,
        pub visits_today: u32,
        pub unconfirmed_today: u32,
        pub unsent: u32,
        pub refused: u32,
        /// The first rows of the queue.
        pub first: Vec<QueueRow>,
    }
}

/// How sure a shown record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// The gateway has it.
    Confirmed,
    /// This desk's own change is not confirmed yet.
    Saved,
    /// This desk's own change was refused; the confirmed state is shown.
    Refused,
}
