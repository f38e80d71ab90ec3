//! Cases («обращения»): requests of persons about their data, claims, disclosures, incidents, and their terms.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use domain::{
    ActionId, CaseId, PersonId,
    case::{CaseKind, CaseMove, CaseStatus, EraseGround, IncidentKind},
    person::{BlockGround, BlockRequester, Channel, PaperRecord},
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
        /// What was printed for it, the newest first.
        pub papers: Vec<CasePaper>,
        /// What can be printed for it now.
        pub forms: Vec<CaseForm>,
        /// Of an incident, once somebody has filled it in.
        pub incident: Option<IncidentView>,
        /// Of an act of destruction.
        pub destroyed: Option<DestroyedView>,
        /// When the data of whom it is about were destroyed.
        pub person_gone_at: Option<DateTime<Utc>>,
    }

    pub struct CasePaper {
        pub paper: PaperRecord,
        pub title: String,
        pub printed_by: String,
    }

    pub struct CaseForm {
        pub form: String,
        pub title: String,
        /// To each of those whose data it was, one by one.
        pub to_each: bool,
    }

    /// How it came to an incident, and what was done. Texts: an entry a line.
    pub struct IncidentView {
        pub kind: IncidentKind,
        /// *Wall*: when it happened, if that is known; of a span the beginning.
        pub from: Option<NaiveDateTime>,
        pub to: Option<NaiveDateTime>,
        pub causes: String,
        pub harm: String,
        pub measures: String,
        pub advice: String,
        /// Whose data it was, as far as they were named by hand.
        pub people: Vec<PersonId>,
        /// What speaks against liability by clause 7.2 of the policy, with the proof.
        pub circumstances: String,
        /// Number and key of the first notice, as Роскомнадзор gave them.
        pub first_notice: String,
    }

    /// Whose data an incident is about, by what this desk has.
    pub struct AffectedView {
        pub people: Vec<AffectedRow>,
        /// All of them, the shown and the others.
        pub count: u32,
        /// In words: what was counted.
        pub basis: String,
    }

    pub struct AffectedRow {
        pub person: PersonRow,
        /// Categories, never values.
        pub data: Vec<String>,
        /// A letter was printed for them.
        pub told: bool,
    }

    /// What an act says, and how far it has come.
    pub struct DestroyedView {
        pub ground: EraseGround,
        pub reason: String,
        pub subjects: Vec<DestroyedRow>,
        pub left: Vec<String>,
        /// Records that still are here: the gateway has not said yes, or said no.
        pub remaining: u32,
        /// When this desk erased the last one.
        pub done_at: Option<DateTime<Utc>>,
        /// Files of copies that were cleaned, and those that were out of reach.
        pub copies: CopiesSwept,
        /// Each desk, and whether it has heard. None: the gateway did not answer.
        pub desks: Option<Vec<DeskHeard>>,
    }

    pub struct DestroyedRow {
        pub name: String,
        pub categories: Vec<String>,
        pub records: u32,
    }

    pub struct CopiesSwept {
        /// False: still to be done.
        pub done: bool,
        pub cleaned: u32,
        pub out_of_reach: u32,
    }

    pub struct DeskHeard {
        pub name: String,
        pub heard: bool,
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
        /// Of an incident.
        #[serde(default)]
        pub incident: Option<IncidentView>,
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
