//! Cases («обращения»): requests of persons about their data, claims, disclosures, incidents, and their terms.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use domain::{
    ActionId, CaseId, PersonId,
    case::{CaseKind, CaseMove, CaseStatus},
    person::{BlockGround, BlockRequester, Channel},
    terms::{Level, TermKind},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::people::PersonRow;
use super::session::Certainty;

views! {
    pub struct CasesArgs {
        /// Closed ones too.
        pub all: bool,
    }

    pub struct CasesView {
        /// By what is due first; what has no term after that, what is closed at the end.
        pub rows: Vec<CaseRow>,
        /// Open ones of which something is overdue.
        pub overdue: u32,
        /// Open ones of which four fifths of a term are over, or more than half.
        pub pressing: u32,
        /// The last day of which the state calendar is known.
        pub known_until: Option<NaiveDate>,
    }

    pub struct CaseRow {
        pub id: CaseId,
        /// «12-K2M/2026».
        pub number: String,
        pub kind: CaseKind,
        pub status: CaseStatus,
        /// «Данные заблокированы» for whoever is blocked.
        pub who: String,
        pub received_at: DateTime<Utc>,
        /// What is due first of what is left.
        pub due: Option<CaseDueView>,
        /// Held by a dispute in court.
        pub held: bool,
        pub open: bool,
        pub certainty: Certainty,
    }

    pub struct CaseDueView {
        pub term: TermKind,
        /// From then on it is overdue.
        pub until: DateTime<Utc>,
        /// The last day, of a term in days.
        pub day: Option<NaiveDate>,
        /// By the rule of the next working day, where it is another.
        pub moved: Option<NaiveDate>,
        /// Beyond what is known of the calendar.
        pub provisional: bool,
        pub level: Level,
        pub met_at: Option<DateTime<Utc>>,
    }

    pub struct CaseArgs {
        pub id: CaseId,
    }

    pub struct CaseCard {
        pub row: CaseRow,
        pub person: Option<PersonRow>,
        pub contact: String,
        pub substance: String,
        pub channel: Channel,
        pub registered_at: DateTime<Utc>,
        pub registered_by: String,
        pub dues: Vec<CaseDueView>,
        /// The first one first.
        pub steps: Vec<CaseStepView>,
        /// What whoever is signed in may do next.
        pub moves: Vec<CaseMove>,
        /// The block that is offered: the data are disputed, and not blocked.
        pub offers_block: Option<BlockGround>,
        /// Which edit wrote the card; pass it back.
        pub etag: Option<ActionId>,
        /// A block covers it.
        pub blocked: bool,
        /// Blocked, and shown whole to whoever checks the data.
        pub whole: bool,
    }

    pub struct CaseStepView {
        pub id: ActionId,
        pub step: CaseMove,
        pub at: DateTime<Utc>,
        pub by: String,
        pub words: Option<String>,
        /// Whoever is signed in may take it back.
        pub can_take_back: bool,
    }

    /// Registers a case (`id` none), or mends its card.
    pub struct CasePutArgs {
        pub id: Option<CaseId>,
        /// Of the card that was shown; none for a new case.
        pub etag: Option<ActionId>,
        pub kind: CaseKind,
        pub person: Option<PersonId>,
        /// Of somebody without a card; else the card's name is taken.
        pub who: String,
        pub contact: String,
        pub substance: String,
        /// *Wall*: when it came; none: now. Of a case that is there already nothing is changed.
        pub received: Option<NaiveDateTime>,
        pub channel: Channel,
        /// How it was checked who asks; none: not yet.
        pub identity: Option<String>,
        /// Blocks the person's data first of all.
        pub block: Option<BlockRequester>,
    }

    pub struct CaseStepArgs {
        pub id: CaseId,
        pub step: CaseMove,
        pub words: Option<String>,
    }

    pub struct CaseStepBackArgs {
        pub id: CaseId,
        pub step: ActionId,
    }
}
