//! The recovery kit, copies of the desk, and the ways out of a database that does not open.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::errors::Code;

views! {
    /// How well this desk would survive a loss.
    pub struct KeysView {
        /// None: no kit was made.
        pub kit: Option<KitView>,
        pub copies: CopiesView,
        /// When the clinic's key was changed last; None: never.
        pub key_changed_at: Option<DateTime<Utc>>,
        /// The last rescue of this desk's database, until somebody has read of it.
        pub rescued: Option<RescuedView>,
    }

    /// The newest recovery kit of the clinic.
    pub struct KitView {
        pub made_at: DateTime<Utc>,
        /// «Иванова А. П.»
        pub made_by: String,
        /// When somebody typed the code off the paper and it opened the key.
        pub checked_at: Option<DateTime<Utc>>,
        pub checked_by: Option<String>,
        /// An older paper works too, until this one is checked.
        pub older_works: bool,
        /// The clinic's key was changed since: it opens what was before that.
        pub out_of_force: bool,
    }

    pub struct KitPrintArgs {
        /// The manager's own password, again.
        pub secret: String,
        /// None: the system's default printer.
        pub printer: Option<String>,
        pub copies: u32,
    }

    pub struct KitCheckArgs {
        /// As typed off the paper.
        pub code: String,
    }

    /// Where copies of this desk go, and how the last ones went.
    pub struct CopiesView {
        pub folder: String,
        /// The folder is the usual one, on the same disk as the database.
        pub beside_database: bool,
        /// The newest copy that was read to its end after it was written.
        pub last: Option<CopyView>,
        /// Why the last try gave none.
        pub failed: Option<Code>,
    }

    pub struct CopyView {
        /// The whole path.
        pub file: String,
        pub at: DateTime<Utc>,
        pub kibibytes: u32,
        /// Actions in it that the gateway did not have; None: not known before it is opened.
        pub unsent: Option<u32>,
    }

    pub struct CopiesFolderArgs {
        /// A whole path; empty: the usual folder.
        pub folder: String,
    }

    /// With the phase `trouble`: what is left, and which ways lead out.
    pub struct RescueView {
        /// The keychain has keys that may be used.
        pub keys_here: bool,
        /// The database lies beside what a kit opens.
        pub kit_opens: bool,
        /// Since when the newest of those kits is in force.
        pub kit_made_at: Option<DateTime<Utc>>,
        /// Unsent actions that read, where the database does not open as a whole; None: it cannot be known.
        pub unsent: Option<u32>,
        /// Actions that are named but do not read; None: it cannot be known.
        pub unreadable: Option<u32>,
        /// When the file of the database was last written.
        pub written_at: Option<DateTime<Utc>>,
        /// The newest first.
        pub copies: Vec<CopyView>,
    }

    pub struct RescueArgs {
        pub way: RescueWay,
        /// With `kit`, and with `copy` where the keychain has no keys: the code of the kit.
        pub code: Option<String>,
        /// With `copy`: the whole path of the copy.
        pub file: Option<String>,
    }

    /// What became of a database that did not open.
    pub struct RescuedView {
        pub at: DateTime<Utc>,
        pub way: RescueWay,
        /// Unsent actions that were read and go on.
        pub unsent: u32,
        pub unreadable: Option<u32>,
        /// Name of the file that the old database has now, in the desk's folder.
        pub set_aside: Option<String>,
        /// With `copy`: when the copy was made.
        pub copy_at: Option<DateTime<Utc>>,
    }
}

/// A way out of trouble with the database or its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RescueWay {
    /// The code of the kit gives the keys back; the database goes on.
    Kit,
    /// The keys are here: a new database, filled from the gateway, takes in what reads of the old outbox.
    Anew,
    /// A copy goes on, and takes in what reads of the old outbox.
    Copy,
    /// The desk gives the database up and is connected as a new one. Its outbox is not read.
    Reconnect,
}
