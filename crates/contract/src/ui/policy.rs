//! The privacy policy on the clinic's site, watched by its hash.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

views! {
    /// What is known of the policy's text. Of this desk: each looks for itself.
    pub struct PolicyView {
        /// Where it is read; empty: nobody has said where.
        pub page: String,
        /// When it was read last.
        pub checked_at: Option<DateTime<Utc>>,
        /// Why it could not be read since then.
        pub trouble: Option<PolicyFailed>,
        /// The newest first.
        pub versions: Vec<PolicyVersion>,
        /// The newest version, if nobody has said that they read it.
        pub unread: Option<u32>,
    }

    /// The last try came to nothing.
    pub struct PolicyFailed {
        pub why: PolicyTrouble,
        /// The first such try in a row.
        pub since: DateTime<Utc>,
    }

    pub struct PolicyVersion {
        pub n: u32,
        /// Of the text without markup, hex.
        pub sha256: String,
        pub seen_at: DateTime<Utc>,
        /// When somebody said that they have read it; the first version of a page needs nobody.
        pub read_at: Option<DateTime<Utc>>,
        pub read_by: String,
    }

    /// Somebody has read this version and looked whether the consents fit.
    pub struct PolicyReadArgs {
        pub n: u32,
    }
}

/// Why the policy could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PolicyTrouble {
    Unreachable,
    /// The site says that there is no such page, or that it may not be read.
    NoPage,
    /// The page has moved: redirects are not followed.
    Moved,
    TooLarge,
    /// There are hardly any words: a page of another kind, or one that only a browser can show.
    NoText,
}
