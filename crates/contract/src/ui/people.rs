//! People: the card, blocks of their data, what they agreed to, and whether they may be called.

use chrono::{DateTime, NaiveDate, Utc};
use domain::person::{
    BlockGround, BlockRequester, Channel, ConsentAnswer, ConsentKind, ConsentStatus, LiftGround, PaperRecord,
    PersonSource,
};
use domain::personal::PersonName;
use domain::{ActionId, PaperId, PersonId, RequestId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::queue::{PhoneView, QueueRow};
use super::schedule::VisitRow;
use super::session::Certainty;

views! {
    pub struct PersonArgs {
        pub id: PersonId,
    }

    pub struct PersonRow {
        pub id: PersonId,
        /// «Данные заблокированы» for whoever is blocked.
        pub name: String,
        pub phone_masked: String,
        pub birth_date: Option<NaiveDate>,
        pub blocked: bool,
        pub certainty: Certainty,
    }

    pub struct PersonCard {
        pub row: PersonRow,
        pub full_name: PersonName,
        pub phones: Vec<PhoneView>,
        pub email: Option<String>,
        pub birth_date: Option<NaiveDate>,
        pub note: Option<String>,
        pub source: PersonSource,
        /// Which edit wrote the card; pass it back.
        pub etag: Option<ActionId>,
        pub visits: Vec<VisitRow>,
        pub requests: Vec<QueueRow>,
        /// Of a blocked person: what has to be taken out of where papers lie.
        pub papers: Vec<PaperRecord>,
        /// Others with one of these phones: a household.
        pub household: Vec<PersonRow>,
        /// Others of the same full name with other phones: namesakes, or a second card of the same person.
        pub namesakes: Vec<PersonRow>,
        /// Merges with other cards, the latest first, those that were taken back too.
        pub merges: Vec<MergeView>,
        /// The latest first, lifted ones too.
        pub blocks: Vec<BlockView>,
        /// One for each kind.
        pub consents: Vec<ConsentView>,
        /// Blocked, and shown whole to whoever checks the data.
        pub whole: bool,
    }

    /// Creates (`id` none) or edits a person.
    pub struct PersonPutArgs {
        pub id: Option<PersonId>,
        /// Of the card that was shown; none for a new person.
        pub etag: Option<ActionId>,
        pub name: PersonName,
        pub phones: Vec<String>,
        pub email: Option<String>,
        pub birth_date: Option<NaiveDate>,
        pub note: Option<String>,
        pub source: PersonSource,
        /// Links this request to the person in the same breath.
        pub request: Option<RequestId>,
    }
}

// ------------------------------------------------------------------------------------------------------------- merges

views! {
    /// Two cards of one person, compared field by field: what the one that stays is to say.
    pub struct MergeArgs {
        /// The card that stands for both from now on, and the etag of what was compared.
        pub survivor: PersonId,
        pub survivor_etag: Option<ActionId>,
        pub other: PersonId,
        pub other_etag: Option<ActionId>,
        pub name: PersonName,
        pub phones: Vec<String>,
        pub email: Option<String>,
        pub birth_date: Option<NaiveDate>,
        pub note: Option<String>,
    }

    /// As in [`MergeView`].
    pub struct PartArgs {
        pub survivor: PersonId,
        pub merge: ActionId,
    }

    pub struct MergeView {
        pub merge: ActionId,
        /// The card that the other one was merged into: this one, or one that was merged into this one.
        pub survivor: PersonId,
        /// What the other card says.
        pub card: PersonRow,
        /// It was edited after the merge, by a desk that did not know of it: its words are not on the survivor.
        pub changed: bool,
        pub at: DateTime<Utc>,
        pub by: String,
        /// It was taken back.
        pub parted: Option<PartingView>,
    }

    pub struct PartingView {
        pub at: DateTime<Utc>,
        pub by: String,
    }
}

// ------------------------------------------------------------------------------------------------------------- blocks

/// Whose data are to be blocked, by what is known of them.
#[derive(Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum BlockWhom {
    Person {
        person: PersonId,
    },
    /// Whoever sent it. The person has to be named where several may be meant.
    Request {
        request: RequestId,
        person: Option<PersonId>,
    },
    /// Whoever has this number, as it is typed. The person has to be named where several have it.
    Phone {
        phone: String,
        person: Option<PersonId>,
    },
}

impl std::fmt::Debug for BlockWhom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BlockWhom(…)")
    }
}

views! {
    pub struct CoverArgs {
        pub whom: BlockWhom,
    }

    /// What a block would cover by what this desk knows now.
    pub struct CoverView {
        /// Whom it may be: of several one has to be chosen; of none a card is made for the block.
        pub people: Vec<PersonRow>,
        /// Requests that would be covered.
        pub requests: u32,
        /// Visits that are still to come: they stay where they are.
        pub visits: u32,
    }

    pub struct BlockArgs {
        pub whom: BlockWhom,
        pub requester: BlockRequester,
        pub ground: BlockGround,
        /// What was said or shown.
        pub note: Option<String>,
    }

    pub struct UnblockArgs {
        pub person: PersonId,
        /// As in [`BlockView::id`].
        pub block: Option<ActionId>,
        pub ground: LiftGround,
        /// What the check has shown and on what paper: never empty.
        pub evidence: String,
    }

    pub struct BlockView {
        /// None: the gateway made it out of its memory of blocks, after an older copy of it was restored.
        pub id: Option<ActionId>,
        /// The end of the id, to name the block by.
        pub number: String,
        /// Since when, by the clock of the desk that made it.
        pub at: DateTime<Utc>,
        /// By the gateway's clock; until it has it, by this desk's.
        pub recorded_at: Option<DateTime<Utc>>,
        /// None: the gateway.
        pub by: Option<String>,
        pub requester: BlockRequester,
        pub ground: BlockGround,
        /// The last day of the check; none: it was lifted. Time lifts no block: it is overdue then.
        pub due: Option<NaiveDate>,
        pub overdue: bool,
        /// Shown to whoever checks the data.
        pub note: Option<String>,
        pub lifted: Option<LiftView>,
    }

    pub struct LiftView {
        pub at: DateTime<Utc>,
        pub by: Option<String>,
        pub ground: LiftGround,
        pub evidence: Option<String>,
    }
}

// ----------------------------------------------------------------------------------------------------------- consents

views! {
    /// Where a consent stands today, and how it came there.
    pub struct ConsentView {
        pub kind: ConsentKind,
        pub status: ConsentStatus,
        /// The latest said first.
        pub history: Vec<ConsentRow>,
    }

    pub struct ConsentRow {
        pub id: ActionId,
        pub answer: ConsentAnswer,
        pub said_at: DateTime<Utc>,
        pub recorded_at: DateTime<Utc>,
        pub recorded_by: String,
        pub channel: Channel,
        /// The paper that proves it.
        pub paper: Option<PaperId>,
        /// Revision of the wording, where the paper is known here.
        pub revision: Option<u32>,
        pub valid_until: Option<NaiveDate>,
    }

    pub struct ConsentArgs {
        pub person: PersonId,
        pub kind: ConsentKind,
        pub answer: ConsentAnswer,
        /// None: now.
        pub said_at: Option<DateTime<Utc>>,
        pub channel: Channel,
        /// One of the person's printed papers. A given consent has one: without its wording there is no consent.
        pub paper: Option<PaperId>,
        /// The last day, of a given consent.
        pub valid_until: Option<NaiveDate>,
    }
}

// ------------------------------------------------------------------------------------------------------------ contact

/// What somebody is to be called for (policy 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// The person's own request, visit or certificate.
    Service,
    /// To remind of a visit.
    Reminder,
    /// News and prices.
    Newsletter,
    Advertising,
}

/// Why somebody may or may not be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ContactWhy {
    /// The person asked for it.
    OwnRequest,
    /// A visit is to come, and nobody has said no to reminders.
    ComingVisit,
    Consented,
    Blocked,
    /// Nobody has asked for the consent.
    NotAsked,
    Refused,
    Withdrawn,
    Expired,
    /// There is no visit to remind of.
    NoVisit,
    /// The text that was signed does not name it.
    NotInText,
}

views! {
    pub struct ContactArgs {
        /// One of the two.
        pub person: Option<PersonId>,
        pub request: Option<RequestId>,
        pub purpose: Purpose,
    }

    /// The word on one call, at this moment.
    pub struct ContactLeave {
        pub allowed: bool,
        pub why: ContactWhy,
        /// Whole numbers, only with leave.
        pub phones: Vec<PhoneView>,
    }
}
