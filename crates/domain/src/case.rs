//! Cases («обращения»): requests of persons about their data, claims, disclosures and incidents, with their terms. Who it
//! is, what is wanted and what was answered is sealed ([`crate::personal::CasePersonal`]).
//!
//! Invariants: when a case came stays as it was first written; steps are only added and taken back from the end; a due
//! date is counted from what is here, never stored, so that a calendar that became known later is counted by.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ActionId, DeskId, StaffId,
    person::{BlockGround, Channel, PaperRecord},
    terms::{Due, Law, TermKind, earliest},
};

/// What a case is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum CaseKind {
    /// What is kept about me? (152-ФЗ art. 14)
    Access,
    /// The data are wrong (policy 6.1.2).
    Rectification,
    /// A consent is taken back.
    Withdrawal,
    /// A demand to stop processing (art. 21 p. 5.1).
    StopProcessing,
    Destruction,
    UnlawfulProcessing,
    /// A claim (policy 8.1, 8.2).
    Claim,
    /// A claim for money.
    ClaimMoney,
    /// An authority asks about somebody (policy 5.2).
    DisclosureAuthority,
    /// Somebody is told about a person by that person's written permission (policy 6.2.2).
    DisclosurePermission,
    /// Data were lost or disclosed (policy 5.3).
    Incident,
    /// What was destroyed, when and why: the act (РКН order 179). The program registers it.
    DestructionAct,
    /// A kind of a newer version.
    #[serde(other)]
    Unknown,
}

impl CaseKind {
    /// Every kind that somebody registers.
    pub const ALL: [Self; 11] = [
        Self::Access,
        Self::Rectification,
        Self::Withdrawal,
        Self::StopProcessing,
        Self::Destruction,
        Self::UnlawfulProcessing,
        Self::Claim,
        Self::ClaimMoney,
        Self::DisclosureAuthority,
        Self::DisclosurePermission,
        Self::Incident,
    ];

    /// The terms that run from the moment when it came.
    #[must_use]
    pub fn terms(self) -> &'static [TermKind] {
        match self {
            Self::Access => &[TermKind::SubjectAccess],
            Self::Rectification => &[TermKind::Rectify],
            Self::Withdrawal => &[TermKind::WithdrawDestroy],
            Self::StopProcessing => &[TermKind::StopProcessing],
            Self::Destruction => &[TermKind::DestroyShown],
            Self::UnlawfulProcessing => &[TermKind::StopUnlawful, TermKind::DestroyUnlawful],
            Self::Claim => &[TermKind::ClaimPolicy],
            Self::ClaimMoney => &[TermKind::ClaimMoney, TermKind::ClaimPolicy],
            Self::DisclosureAuthority => &[TermKind::AuthorityRequest],
            Self::Incident => &[TermKind::LeakFirst, TermKind::LeakResult, TermKind::LeakSubjects],
            Self::DisclosurePermission | Self::DestructionAct | Self::Unknown => &[],
        }
    }

    /// Whether nothing is answered before it was checked who asks.
    #[must_use]
    pub fn needs_identity(self) -> bool {
        !matches!(
            self,
            Self::Claim | Self::ClaimMoney | Self::DisclosureAuthority | Self::Incident | Self::DestructionAct
        )
    }

    /// The block that is offered at once, where the data or what was done with them are disputed (policy 6.2.4).
    #[must_use]
    pub fn offers_block(self) -> Option<BlockGround> {
        match self {
            Self::Rectification => Some(BlockGround::Unreliable),
            Self::UnlawfulProcessing | Self::Destruction => Some(BlockGround::Unlawful),
            _ => None,
        }
    }

    /// Whether it ends advertising to whoever asks, at once.
    #[must_use]
    pub fn stops_advertising(self) -> bool {
        matches!(self, Self::Withdrawal | Self::StopProcessing)
    }
}

/// How data were lost or disclosed: the usual ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum IncidentKind {
    /// A computer of the clinic was lost or stolen.
    LostComputer,
    /// A paper, a letter or a word went to somebody else.
    WrongPerson,
    /// Somebody looked at data who may not, or without need.
    UnauthorisedAccess,
    /// It leaked from the site or from whoever processes data for the clinic.
    LeakedOutside,
    /// A sheet of paper was lost.
    LostPaper,
    /// A way of a newer version.
    #[serde(other)]
    Unknown,
}

/// Why data are destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum EraseGround {
    /// The purpose is reached and the time of keeping over (152-ФЗ art. 21 p. 4).
    TermOver,
    /// A consent was taken back, and nothing else allows keeping them (p. 5).
    Withdrawn,
    /// The person has shown that they are not needed or were got unlawfully (art. 20 p. 3).
    Demanded,
    /// What was unlawful could not be made lawful (art. 21 p. 3).
    Unlawful,
    /// A ground of a newer version.
    #[serde(other)]
    Unknown,
}

impl EraseGround {
    /// Whether somebody asked for it: then neither a block nor an open request stands against it.
    #[must_use]
    pub fn is_asked_for(self) -> bool {
        matches!(self, Self::Withdrawn | Self::Demanded | Self::Unlawful)
    }
}

/// «Вх. № 12-K2M/2026»: the desk's own series of the year. A desk without a connection prints a receipt at once, and the
/// number on it is final; each series is without gaps, so all of them together are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
pub struct CaseNumber {
    pub year: i32,
    /// From 1.
    pub n: u32,
}

/// Where a case is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum CaseStatus {
    Registered,
    IdentityChecked,
    InWork,
    Extended,
    Answered,
    Refused,
    /// The answer was handed over or sent.
    Delivered,
    FirstNoticeSent,
    Inquiry,
    SecondNoticeSent,
    SubjectsNotified,
    Closed,
    #[serde(other)]
    Unknown,
}

/// What was done about a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum CaseMove {
    CheckIdentity,
    TakeUp,
    /// A motivated notice moves the term on.
    Extend,
    Answer,
    Refuse,
    Deliver,
    FirstNotice,
    Inquire,
    SecondNotice,
    NotifySubjects,
    Close,
    /// A dispute in court: nothing about it is destroyed.
    Hold,
    Release,
    #[serde(other)]
    Unknown,
}

impl CaseMove {
    /// Every move.
    pub const ALL: [Self; 13] = [
        Self::CheckIdentity,
        Self::TakeUp,
        Self::Extend,
        Self::Answer,
        Self::Refuse,
        Self::Deliver,
        Self::FirstNotice,
        Self::Inquire,
        Self::SecondNotice,
        Self::NotifySubjects,
        Self::Close,
        Self::Hold,
        Self::Release,
    ];

    /// Where it leads; None: it leaves the case where it is.
    #[must_use]
    pub fn status(self) -> Option<CaseStatus> {
        Some(match self {
            Self::CheckIdentity => CaseStatus::IdentityChecked,
            Self::TakeUp => CaseStatus::InWork,
            Self::Extend => CaseStatus::Extended,
            Self::Answer => CaseStatus::Answered,
            Self::Refuse => CaseStatus::Refused,
            Self::Deliver => CaseStatus::Delivered,
            Self::FirstNotice => CaseStatus::FirstNoticeSent,
            Self::Inquire => CaseStatus::Inquiry,
            Self::SecondNotice => CaseStatus::SecondNoticeSent,
            Self::NotifySubjects => CaseStatus::SubjectsNotified,
            Self::Close => CaseStatus::Closed,
            Self::Hold | Self::Release | Self::Unknown => return None,
        })
    }

    /// Whether it is for whoever answers for the data; the rest is anybody's at the desk.
    #[must_use]
    pub fn is_answering(self) -> bool {
        !matches!(self, Self::CheckIdentity | Self::TakeUp | Self::Deliver)
    }

    /// Whether it has to be said why or what.
    #[must_use]
    pub fn needs_words(self) -> bool {
        matches!(self, Self::CheckIdentity | Self::Extend | Self::Answer | Self::Refuse | Self::Hold | Self::Release)
    }
}

/// A step of a case; its words are sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
pub struct CaseStep {
    pub id: ActionId,
    pub step: CaseMove,
    /// When it was done, by the clock of the desk.
    pub at: DateTime<Utc>,
    pub by: StaffId,
}

/// The clear state of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Case {
    /// On the wire the kind of the entity has the shorter word.
    #[serde(rename = "case_kind")]
    pub kind: CaseKind,
    pub number: CaseNumber,
    /// Whose series the number is of.
    pub desk: DeskId,
    /// When it came, or when an incident was found: said once, never later than it was written down.
    pub received_at: DateTime<Utc>,
    pub channel: Channel,
    pub registered_at: DateTime<Utc>,
    pub registered_by: StaffId,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<CaseStep>,
    /// What was printed for it, in the order of printing. Rows are only added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub papers: Vec<PaperRecord>,
    /// The action that wrote the record as a whole last; only the rule sets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<ActionId>,
}

/// A due date of a case and how it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseDue {
    pub due: Due,
    /// When what was promised was done.
    pub met_at: Option<DateTime<Utc>>,
}

impl Case {
    /// Where it is.
    #[must_use]
    pub fn status(&self) -> CaseStatus {
        self.steps.iter().rev().find_map(|step| step.step.status()).unwrap_or(CaseStatus::Registered)
    }

    /// Whether there is something left to do.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.status() != CaseStatus::Closed
    }

    /// The step by which a dispute in court holds it.
    #[must_use]
    pub fn hold(&self) -> Option<&CaseStep> {
        let mut holds = self.steps.iter().rev().filter(|step| matches!(step.step, CaseMove::Hold | CaseMove::Release));
        holds.next().filter(|last| last.step == CaseMove::Hold)
    }

    /// Held by a dispute in court.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.hold().is_some()
    }

    /// The moves that the case takes now.
    #[must_use]
    pub fn moves(&self) -> Vec<CaseMove> {
        CaseMove::ALL.into_iter().filter(|step| self.takes(*step)).collect()
    }

    /// Whether the case takes a move now.
    #[must_use]
    pub fn takes(&self, step: CaseMove) -> bool {
        use CaseMove as M;
        use CaseStatus as S;
        let status = self.status();
        let incident = self.kind == CaseKind::Incident;
        match step {
            M::Hold => !self.is_held() && self.kind != CaseKind::DestructionAct,
            M::Release => self.is_held(),
            M::FirstNotice => incident && status == S::Registered,
            M::Inquire => incident && status == S::FirstNoticeSent,
            M::SecondNotice => incident && matches!(status, S::FirstNoticeSent | S::Inquiry),
            // the persons may be told before the inquiry has ended, and are told as soon as it can be
            M::NotifySubjects => {
                incident && matches!(status, S::FirstNoticeSent | S::Inquiry | S::SecondNoticeSent) && !self.did(step)
            }
            M::Close if incident => self.did(M::SecondNotice) && self.did(M::NotifySubjects) && self.is_open(),
            M::Close if self.kind == CaseKind::DestructionAct => self.is_open(),
            M::Close => matches!(status, S::Delivered),
            _ if self.kind == CaseKind::DestructionAct => false,
            _ if incident => false,
            M::CheckIdentity => status == S::Registered,
            M::TakeUp => match status {
                S::IdentityChecked => true,
                S::Registered => !self.kind.needs_identity(),
                _ => false,
            },
            M::Extend => {
                let extendable =
                    matches!(self.kind, CaseKind::Access | CaseKind::StopProcessing | CaseKind::DisclosureAuthority);
                extendable && status == S::InWork
            }
            M::Answer | M::Refuse => matches!(status, S::InWork | S::Extended),
            M::Deliver => matches!(status, S::Answered | S::Refused),
            M::Unknown => false,
        }
    }

    fn did(&self, step: CaseMove) -> bool {
        self.steps.iter().any(|done| done.step == step)
    }

    fn done_at(&self, wanted: &[CaseMove]) -> Option<DateTime<Utc>> {
        self.steps.iter().find(|step| wanted.contains(&step.step)).map(|step| step.at)
    }

    /// Every due date, the earliest first. A notice that came after its term was over does not move it on.
    #[must_use]
    pub fn dues(&self, law: &Law) -> Vec<CaseDue> {
        let mut dues: Vec<CaseDue> = self.kind.terms().iter().filter_map(|term| self.due(law, *term)).collect();
        dues.sort_by_key(|known| (known.due.until, known.due.term));
        dues
    }

    fn due(&self, law: &Law, term: TermKind) -> Option<CaseDue> {
        let mut due = law.due(term, self.received_at)?;
        let noticed = self.done_at(&[CaseMove::Extend]);
        if law.extends(term) && noticed.is_some_and(|at| at < due.until) {
            due = law.extended(term, self.received_at)?;
        }
        let met: &[CaseMove] = match term {
            TermKind::LeakFirst => &[CaseMove::FirstNotice],
            TermKind::LeakResult => &[CaseMove::SecondNotice],
            TermKind::LeakSubjects => &[CaseMove::NotifySubjects],
            // what was unlawful has stopped when it is answered that it has
            TermKind::StopUnlawful => &[CaseMove::Answer, CaseMove::Refuse],
            _ => &[CaseMove::Deliver],
        };
        Some(CaseDue { due, met_at: self.done_at(met) })
    }

    /// What is due first of what is left to do.
    #[must_use]
    pub fn next_due(&self, law: &Law) -> Option<Due> {
        earliest(self.dues(law).into_iter().filter(|known| known.met_at.is_none()).map(|known| known.due))
    }
}
