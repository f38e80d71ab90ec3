//! People who turned to the clinic. The state knows when and how, never who: that is sealed
//! ([`crate::personal::PersonPersonal`]).

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ActionId, PaperId, PersonId, PractitionerId, StaffId,
    paper::{PaperRole, PaperStage},
};

/// How the person came; decides which text applies to their data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum PersonSource {
    Site,
    DeskWalkin,
    DeskPhone,
}

/// A paper that was printed for the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
pub struct PaperRecord {
    pub id: PaperId,
    /// Code of the form, `consent_pd`.
    pub form: String,
    pub revision: u32,
    /// SHA-256 of the wording, hex.
    pub text_sha256: String,
    /// SHA-256 of the file that went to the printer, hex.
    pub pdf_sha256: String,
    pub copies: u32,
    pub printed_at: DateTime<Utc>,
    pub printed_by: StaffId,
    #[serde(default)]
    pub purpose: PrintPurpose,
    /// What became of the sheet since. Steps are only added, and taken back from the end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<PaperStep>,
}

impl PaperRecord {
    /// Where the sheet is now.
    #[must_use]
    pub fn stage(&self) -> PaperStage {
        self.steps.last().map_or(PaperStage::Printed, |step| step.stage)
    }

    /// Whether somebody still has to sign the sheet.
    #[must_use]
    pub fn awaits_signature(&self) -> bool {
        self.stage().awaits_signature() && PaperRole::of_form(&self.form) != PaperRole::OwedToPerson
    }
}

/// Why a paper was printed.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema, ts_rs::TS,
)]
#[serde(rename_all = "snake_case")]
pub enum PrintPurpose {
    /// For a visit.
    Visit,
    /// The person has asked for it, or was asked to sign it.
    #[default]
    Desk,
    /// A reason of a newer version.
    #[serde(other)]
    Unknown,
}

/// A step in the life of a printed sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
pub struct PaperStep {
    pub id: ActionId,
    pub stage: PaperStage,
    pub at: DateTime<Utc>,
    /// Who has seen it.
    pub by: StaffId,
    /// For consent to treatment: who explained it and signed.
    pub medical_worker: Option<PractitionerId>,
}

/// What somebody may agree to or not (152-ФЗ art. 9, 38-ФЗ art. 18; policy 4.1–4.5, 6.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ConsentKind {
    /// Processing of personal data.
    Processing,
    Newsletter,
    Advertising,
    /// Reminders of visits.
    Reminders,
    /// Telling somebody else about the person.
    Disclosure,
    /// A kind of a newer version.
    #[serde(other)]
    Unknown,
}

/// What the person said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ConsentAnswer {
    Given,
    Refused,
    Withdrawn,
}

/// How it reached the clinic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Site,
    /// A signed paper.
    Paper,
    /// In person at the desk.
    Desk,
    Phone,
    Email,
    Post,
    /// A way of a newer version.
    #[serde(other)]
    Unknown,
}

/// A consent or its opposite as somebody at a desk writes it down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
pub struct Consent {
    pub kind: ConsentKind,
    pub answer: ConsentAnswer,
    /// When the person said so, which may be long before it is written down.
    pub said_at: DateTime<Utc>,
    pub channel: Channel,
    /// SHA-256 of the wording that was agreed to, hex.
    pub text_sha256: Option<String>,
    /// The paper that proves it.
    pub paper: Option<PaperId>,
    /// The last day on which a given consent holds.
    pub valid_until: Option<NaiveDate>,
}

/// A row of the history of consents. Rows are only added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
pub struct ConsentRecord {
    pub id: ActionId,
    pub recorded_at: DateTime<Utc>,
    pub recorded_by: StaffId,
    #[serde(flatten)]
    pub consent: Consent,
}

/// Where a consent stands. Unknown is what nobody has asked: it never follows from the use of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ConsentStatus {
    Unknown,
    Given,
    Refused,
    Withdrawn,
    Expired,
}

/// Who wants the data blocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum BlockRequester {
    Subject,
    /// Who may speak for the person.
    Representative,
    /// Роскомнадзор.
    Authority,
    Clinic,
    #[serde(other)]
    Unknown,
}

/// Why the data are blocked (152-ФЗ art. 21; policy 6.2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum BlockGround {
    /// The data are said to be wrong.
    Unreliable,
    Unlawful,
    WithdrawalPending,
    Dispute,
    /// A copy of the gateway was restored that did not know of the block; whoever made it will say more.
    Restored,
    #[serde(other)]
    Unknown,
}

/// Why a block is lifted: always what came of the check, never that time has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum LiftGround {
    /// The data were mended.
    Rectified,
    /// The check has shown that the data are right.
    Confirmed,
    /// What was unlawful has stopped.
    Stopped,
    /// Who wanted the block has taken it back.
    TakenBack,
    /// Blocked by mistake.
    Mistake,
    #[serde(other)]
    Unknown,
}

/// A block that was lifted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
pub struct Lift {
    pub id: ActionId,
    pub at: DateTime<Utc>,
    /// None: the gateway.
    pub by: Option<StaffId>,
    pub ground: LiftGround,
}

/// A block: the data are kept and not used. Several may overlap; the last one that is lifted frees the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
pub struct Block {
    /// Of the action that made it; none: the gateway's memory of blocks did.
    pub id: Option<ActionId>,
    /// Since when, by the clock of the desk that made it.
    pub at: DateTime<Utc>,
    /// When it was decided, by the clock of who decided it: the gateway, in the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded_at: Option<DateTime<Utc>>,
    pub by: Option<StaffId>,
    pub requester: BlockRequester,
    pub ground: BlockGround,
    pub lifted: Option<Lift>,
}

/// How a card stands to another one of the same person (FHIR: Patient.link).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// This card stands for the other one too.
    Replaces,
    /// The other card stands for this one.
    ReplacedBy,
    /// A kind of a newer version: it links nothing here.
    #[serde(other)]
    Unknown,
}

/// A merge of two cards, as it is noted on both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CardLink {
    pub merge: ActionId,
    pub kind: LinkKind,
    pub other: PersonId,
    /// What the other card was when the two were compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_etag: Option<ActionId>,
    pub at: DateTime<Utc>,
    pub by: StaffId,
    /// It was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parted: Option<Parting>,
}

/// A merge was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Parting {
    pub id: ActionId,
    pub at: DateTime<Utc>,
    pub by: StaffId,
}

/// The clear state of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Person {
    pub source: PersonSource,
    pub created_at: DateTime<Utc>,
    pub papers: Vec<PaperRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<ConsentRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<Block>,
    /// Merges with other cards, those that were taken back too. Rows are only added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<CardLink>,
    /// The action that wrote the record as a whole last; only the rule sets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<ActionId>,
}

impl Person {
    /// Somebody of whom nothing is written down yet.
    #[must_use]
    pub fn new(source: PersonSource, created_at: DateTime<Utc>) -> Self {
        let (papers, consents, blocks, links) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { source, created_at, papers, consents, blocks, links, etag: None }
    }

    /// Merges that stand.
    pub fn merges(&self) -> impl Iterator<Item = &CardLink> {
        self.links.iter().filter(|link| link.parted.is_none() && link.kind != LinkKind::Unknown)
    }

    /// The card that stands for this one.
    #[must_use]
    pub fn replaced_by(&self) -> Option<&PersonId> {
        self.merges().find(|link| link.kind == LinkKind::ReplacedBy).map(|link| &link.other)
    }

    /// Whether the person's data may not be used.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.blocks.iter().any(|block| block.lifted.is_none())
    }

    /// The row that counts for a kind: the latest thing the person said, whenever it was written down. Of two said at the
    /// same moment the one against counts.
    #[must_use]
    pub fn consent(&self, kind: ConsentKind) -> Option<&ConsentRecord> {
        let against = |record: &ConsentRecord| record.consent.answer != ConsentAnswer::Given;
        self.consents
            .iter()
            .filter(|record| record.consent.kind == kind)
            .max_by_key(|record| (record.consent.said_at, against(record)))
    }

    /// Where the consent stands on a day of the clinic's calendar.
    #[must_use]
    pub fn consent_status(&self, kind: ConsentKind, today: NaiveDate) -> ConsentStatus {
        let Some(record) = self.consent(kind) else { return ConsentStatus::Unknown };
        match record.consent.answer {
            ConsentAnswer::Refused => ConsentStatus::Refused,
            ConsentAnswer::Withdrawn => ConsentStatus::Withdrawn,
            ConsentAnswer::Given if record.consent.valid_until.is_some_and(|last| last < today) => {
                ConsentStatus::Expired
            }
            ConsentAnswer::Given => ConsentStatus::Given,
        }
    }
}
