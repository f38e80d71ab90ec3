//! Giving data out, destroying them, and looking at what was done with them.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{CaseId, CertificateId, PersonId, RequestId, case::EraseGround};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

views! {
    /// Everything that the desk has on one person, as files.
    pub struct ExportArgs {
        pub person: PersonId,
        pub reason: ExportReason,
        /// The secret of whoever is signed in, once more.
        pub secret: String,
    }

    /// A list of people as a table.
    pub struct ListExportArgs {
        pub list: ExportList,
        pub from: NaiveDate,
        pub to: NaiveDate,
        pub reason: ExportReason,
        pub secret: String,
    }

    /// Where the files went.
    pub struct Exported {
        pub files: Vec<String>,
        /// Rows or records in them.
        pub count: u32,
    }

    /// What is due to be destroyed.
    pub struct DestructionView {
        pub rows: Vec<DueRow>,
        /// There are more than are shown.
        pub more: bool,
        /// The act that was made just now.
        pub act: Option<CaseId>,
    }

    pub struct DueRow {
        pub whose: DueWhose,
        /// The name, as it is on the card or as a visitor wrote it.
        pub name: String,
        /// What the last purpose was, in words: «приём 03.10.2026».
        pub purpose: String,
        /// Since when the time of keeping is over.
        pub due: NaiveDate,
        /// Until when the law waits.
        pub latest: NaiveDate,
        pub records: u32,
        /// What stands against it, in words; nothing: it can be destroyed.
        pub holds: Vec<String>,
    }

    pub struct DestroyArgs {
        pub whose: Vec<DueWhose>,
        pub ground: EraseGround,
        /// In words, or the case that asks for it.
        pub reason: String,
        pub case: Option<CaseId>,
        pub secret: String,
    }

    /// What was done at this desk, without values.
    pub struct AuditArgs {
        pub from: NaiveDate,
        pub to: NaiveDate,
    }

    pub struct AuditView {
        /// The chain reads to its end, and nothing was changed.
        pub ok: bool,
        pub rows: u32,
        pub anchor: AuditAnchor,
        /// Of the span, the newest first.
        pub entries: Vec<AuditLine>,
        pub more: bool,
        /// How often each thing was done by each, the most frequent first.
        pub sums: Vec<AuditSum>,
    }

    pub struct AuditLine {
        pub n: u32,
        pub at: DateTime<Utc>,
        pub by: String,
        /// `person.view`
        pub verb: String,
        pub subject: String,
    }

    pub struct AuditSum {
        pub by: String,
        pub verb: String,
        pub count: u32,
    }
}

/// How the chain stands to what the gateway remembers of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum AuditAnchor {
    /// The gateway did not answer, or is too old to remember: nothing was compared.
    NotCompared,
    /// It remembers nothing yet.
    Nothing,
    /// Every row that it remembers is here and is the same; the last of them, and when it came.
    Fits { n: u32, at: DateTime<Utc> },
    /// Up to the row `whole` all is as it is remembered. The row `n`, remembered at that time, is gone or is another.
    Cut { whole: u32, n: u32, at: DateTime<Utc> },
}

/// Whose data are due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "of", rename_all = "snake_case", deny_unknown_fields)]
pub enum DueWhose {
    /// Somebody with a card: the card and all that hangs on it.
    Person { person: PersonId },
    /// A request of somebody without a card.
    Request { request: RequestId },
    /// A gift certificate on which nothing is owed.
    Certificate { certificate: CertificateId },
}

/// Why data are given out: it stands in the audit chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ExportReason {
    /// The person asked for their own data.
    Asked,
    Authority,
    Court,
    /// The clinic's own duty: accounts, a change of the system.
    Duty,
    /// A sending of news that people agreed to.
    Sending,
}

/// Which list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ExportList {
    /// People who agreed to news: nobody else.
    Newsletter,
    /// Visits of a span of days.
    Visits,
}
