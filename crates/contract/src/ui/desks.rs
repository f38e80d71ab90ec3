//! The clinic's workstations, the key that they share, and a desk that comes in anew.

use chrono::{DateTime, Utc};
use domain::DeskId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

views! {
    /// Which workstations the clinic has, as the gateway knows them.
    pub struct DesksView {
        /// Those that are in, then those that were let go, the oldest first.
        pub desks: Vec<DeskRow>,
        pub key: ClinicKeyView,
    }

    pub struct DeskRow {
        pub id: DeskId,
        /// «Ресепшн 1»
        pub name: String,
        pub version: String,
        pub enrolled_at: DateTime<Utc>,
        pub last_seen_at: Option<DateTime<Utc>>,
        /// When it was let go.
        pub released_at: Option<DateTime<Utc>>,
        /// It is this one.
        pub this: bool,
        /// It was not given the clinic's newest key: it comes in again by a code.
        pub lacks_key: bool,
    }

    /// The clinic's key.
    pub struct ClinicKeyView {
        /// How often it was changed, and one.
        pub number: u32,
        pub changed_at: Option<DateTime<Utc>>,
        /// A desk was let go: the key is being changed.
        pub due: bool,
        /// Desks that have to be updated or let go before it can be. By name.
        pub waits_for: Vec<String>,
    }

    pub struct DeskReleaseArgs {
        pub id: DeskId,
    }

    /// A one-time code for another workstation.
    pub struct InvitationView {
        pub code: String,
        pub expires_at: DateTime<Utc>,
    }

    /// This desk comes in again, with its database and its outbox.
    pub struct ReconnectArgs {
        /// One-time code, made at another workstation.
        pub code: String,
        pub desk_name: String,
    }
}
