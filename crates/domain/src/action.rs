//! What staff do. An [`Action`] is made and stored before the first send, and never edited in place.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ActionId, AppointmentId, EntityRef, Kopecks, PaperId, PersonId, PractitionerId, RequestId, StaffId, State,
    appointment::{CancelReason, Slot},
    case::{CaseKind, CaseMove, CaseNumber, EraseGround},
    clinic::{Clinic, Practitioner},
    paper::PaperStage,
    person::{BlockGround, BlockRequester, Channel, Consent, LiftGround, PaperRecord, PersonSource},
    personal::{note_part, part},
    request::{CallOutcome, CloseReason, Rereading},
    staff::{Permission, Role, Staff},
};

/// One thing done by one member of the staff to one entity (and, for a booking out of a request, to that request too).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Action {
    pub id: ActionId,
    pub entity: EntityRef,
    /// The version that the actor saw; 0 for something new.
    pub base_version: u64,
    /// Of a command that writes a record as a whole: the etag of the record that the actor saw (RFC 9110, If-Match). None:
    /// it had none, or is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_match: Option<ActionId>,
    pub actor: StaffId,
    /// The desk's clock: a claim, never used for order.
    pub at: DateTime<Utc>,
    pub command: Command,
}

/// What is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    RequestClaim,
    RequestRelease,
    RequestLogCall {
        outcome: CallOutcome,
        next_try_at: Option<DateTime<Utc>>,
    },
    /// Takes back a call logged by mistake.
    RequestRetractCall {
        attempt: ActionId,
    },
    RequestLinkPerson {
        person: PersonId,
    },
    RequestClose {
        reason: CloseReason,
    },
    /// Undo of a close.
    RequestReopen,
    /// What was not understood was read again, by a mended mapping.
    RequestReread {
        reading: Rereading,
    },
    AppointmentBook {
        slot: Slot,
        person: PersonId,
        /// The request that this visit answers; it becomes converted in the same decision.
        request: Option<RequestId>,
        /// `false`: the person has yet to agree.
        agreed: bool,
    },
    AppointmentMove {
        slot: Slot,
    },
    AppointmentConfirm,
    AppointmentArrive,
    AppointmentCheckIn,
    AppointmentFulfil,
    AppointmentNoShow,
    AppointmentCancel {
        reason: CancelReason,
    },
    /// Undo of arrive, check-in, no-show or cancel: back to booked, if the slot is still free.
    AppointmentRestore,
    /// Takes the last step back, within minutes of it: a visit that was held too.
    AppointmentUndo,
    /// Whether the person would come earlier, if a time came free.
    AppointmentWish {
        earlier: bool,
    },
    /// Sells a certificate at the desk. It is there when the gateway has said yes.
    CertificateIssue {
        /// What was paid.
        face_value: Kopecks,
        expires_on: Option<NaiveDate>,
    },
    /// Spends a part of a certificate, or all of it. Only the gateway's yes counts.
    CertificateRedeem {
        /// Above zero.
        amount: Kopecks,
    },
    /// Takes a redemption back on the day on which it was made, or a sale of which nothing was spent.
    CertificateReverse {
        redemption: ActionId,
    },
    /// Moves the last day on.
    CertificateExtend {
        expires_on: NaiveDate,
    },
    CertificateBlock,
    CertificateUnblock,
    /// The money is asked back: nothing can be spent from then on.
    CertificateRequestRefund,
    /// Undo of a request for the money.
    CertificateKeep,
    /// The money was paid back.
    CertificateRefund {
        /// Above zero.
        amount: Kopecks,
    },
    PersonPut {
        source: PersonSource,
    },
    PersonRecordPaper {
        paper: PaperRecord,
    },
    /// What became of a printed sheet.
    PersonPaperStep {
        paper: PaperId,
        stage: PaperStage,
        medical_worker: Option<PractitionerId>,
    },
    /// Takes the last step of a sheet back.
    PersonRetractPaperStep {
        paper: PaperId,
        step: ActionId,
    },
    PersonRecordConsent {
        consent: Consent,
    },
    /// Blocks the person's data from this moment.
    PersonBlock {
        requester: BlockRequester,
        ground: BlockGround,
    },
    /// Another card is of the same person: from now on this card stands for both. It is written as whoever compared them
    /// has chosen; the other card stays as it is.
    PersonMerge {
        other: PersonId,
        /// The etag of the other card that was compared.
        other_etag: Option<ActionId>,
    },
    /// The other card is of somebody else after all: both stand by themselves again.
    PersonUnmerge {
        merge: ActionId,
        other: PersonId,
    },
    /// Lifts one block, for a reason.
    PersonUnblock {
        /// The action that made the block; none: the one of the gateway's memory.
        block: Option<ActionId>,
        ground: LiftGround,
    },
    /// Registers a case, or mends its card; the number and the moment of the first time stay.
    CasePut {
        case: CaseCard,
        number: CaseNumber,
        received_at: DateTime<Utc>,
    },
    /// A step of a case.
    CaseStep {
        step: CaseMove,
    },
    /// Takes the last step of a case back.
    CaseRetract {
        step: ActionId,
    },
    /// A paper was printed for a case.
    CaseRecordPaper {
        paper: PaperRecord,
    },
    /// Destroys a record for ever. Only the gateway's yes counts: until then it stays.
    Erase {
        ground: EraseGround,
        /// The holds of courts in force that whoever destroys has seen: none of them is about this record.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        holds_seen: BTreeSet<ActionId>,
    },
    StaffPut {
        staff: Staff,
    },
    /// The actor begins to work at this desk.
    StaffShiftStart,
    /// The actor goes home.
    StaffShiftEnd,
    /// The actor writes a note for whoever comes next, in place of the one before.
    StaffHandOver,
    /// The actor has read somebody's note and goes on from there.
    StaffTakeOver {
        note: ActionId,
    },
    PractitionerPut {
        practitioner: Practitioner,
    },
    ClinicPut {
        clinic: Box<Clinic>,
    },
}

/// What can be mended of a case in the clear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CaseCard {
    pub kind: CaseKind,
    pub channel: Channel,
}

impl Command {
    /// What the actor needs.
    #[must_use]
    pub fn permission(&self) -> Permission {
        match self {
            Self::RequestClaim
            | Self::RequestRelease
            | Self::RequestLogCall { .. }
            | Self::RequestRetractCall { .. }
            | Self::RequestLinkPerson { .. }
            | Self::RequestClose { .. }
            | Self::RequestReopen
            | Self::RequestReread { .. } => Permission::WorkQueue,
            Self::AppointmentBook { .. }
            | Self::AppointmentMove { .. }
            | Self::AppointmentConfirm
            | Self::AppointmentArrive
            | Self::AppointmentCheckIn
            | Self::AppointmentFulfil
            | Self::AppointmentNoShow
            | Self::AppointmentCancel { .. }
            | Self::AppointmentRestore
            | Self::AppointmentUndo
            | Self::AppointmentWish { .. } => Permission::WorkSchedule,
            Self::CertificateIssue { .. } | Self::CertificateRedeem { .. } => Permission::RedeemCertificates,
            Self::CertificateBlock => Permission::RedeemCertificates,
            Self::CertificateReverse { .. }
            | Self::CertificateExtend { .. }
            | Self::CertificateUnblock
            | Self::CertificateRequestRefund
            | Self::CertificateKeep
            | Self::CertificateRefund { .. } => Permission::CorrectCertificates,
            Self::PersonPut { .. }
            | Self::PersonRecordConsent { .. }
            | Self::PersonMerge { .. }
            | Self::PersonUnmerge { .. } => Permission::EditPeople,
            Self::PersonBlock { .. } => Permission::BlockPeople,
            Self::PersonUnblock { .. } => Permission::UnblockPeople,
            Self::CaseStep { step } if step.is_answering() => Permission::AnswerCases,
            Self::CasePut { case: CaseCard { kind: CaseKind::DestructionAct, .. }, .. } => Permission::DestroyData,
            Self::CasePut { .. } | Self::CaseStep { .. } | Self::CaseRetract { .. } => Permission::RegisterCases,
            Self::PersonRecordPaper { .. }
            | Self::PersonPaperStep { .. }
            | Self::PersonRetractPaperStep { .. }
            | Self::CaseRecordPaper { .. } => Permission::PrintPapers,
            Self::Erase { .. } => Permission::DestroyData,
            Self::StaffShiftStart | Self::StaffShiftEnd | Self::StaffHandOver | Self::StaffTakeOver { .. } => {
                Permission::WorkQueue
            }
            Self::StaffPut { .. } | Self::PractitionerPut { .. } | Self::ClinicPut { .. } => Permission::Administer,
        }
    }

    /// The verb of the audit chain.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self {
            Self::RequestClaim => "request.claim",
            Self::RequestRelease => "request.release",
            Self::RequestLogCall { .. } => "request.log_call",
            Self::RequestRetractCall { .. } => "request.retract_call",
            Self::RequestLinkPerson { .. } => "request.link_person",
            Self::RequestClose { .. } => "request.close",
            Self::RequestReopen => "request.reopen",
            Self::RequestReread { .. } => "request.reread",
            Self::AppointmentBook { .. } => "appointment.book",
            Self::AppointmentMove { .. } => "appointment.move",
            Self::AppointmentConfirm => "appointment.confirm",
            Self::AppointmentArrive => "appointment.arrive",
            Self::AppointmentCheckIn => "appointment.check_in",
            Self::AppointmentFulfil => "appointment.fulfil",
            Self::AppointmentNoShow => "appointment.no_show",
            Self::AppointmentCancel { .. } => "appointment.cancel",
            Self::AppointmentRestore => "appointment.restore",
            Self::AppointmentUndo => "appointment.undo",
            Self::AppointmentWish { .. } => "appointment.wish",
            Self::CertificateIssue { .. } => "certificate.issue",
            Self::CertificateRedeem { .. } => "certificate.redeem",
            Self::CertificateReverse { .. } => "certificate.reverse",
            Self::CertificateExtend { .. } => "certificate.extend",
            Self::CertificateBlock => "certificate.block",
            Self::CertificateUnblock => "certificate.unblock",
            Self::CertificateRequestRefund => "certificate.request_refund",
            Self::CertificateKeep => "certificate.keep",
            Self::CertificateRefund { .. } => "certificate.refund",
            Self::PersonPut { .. } => "person.put",
            Self::PersonRecordConsent { .. } => "person.record_consent",
            Self::PersonMerge { .. } => "person.merge",
            Self::PersonUnmerge { .. } => "person.unmerge",
            Self::PersonBlock { .. } => "person.block",
            Self::PersonUnblock { .. } => "person.unblock",
            Self::PersonRecordPaper { .. } => "person.record_paper",
            Self::PersonPaperStep { .. } => "person.paper_step",
            Self::PersonRetractPaperStep { .. } => "person.retract_paper_step",
            Self::CasePut { .. } => "case.put",
            Self::CaseStep { .. } => "case.step",
            Self::CaseRetract { .. } => "case.retract",
            Self::CaseRecordPaper { .. } => "case.record_paper",
            Self::Erase { .. } => "record.erase",
            Self::StaffPut { .. } => "staff.put",
            Self::StaffShiftStart => "staff.shift_start",
            Self::StaffShiftEnd => "staff.shift_end",
            Self::StaffHandOver => "staff.hand_over",
            Self::StaffTakeOver { .. } => "staff.take_over",
            Self::PractitionerPut { .. } => "practitioner.put",
            Self::ClinicPut { .. } => "clinic.put",
        }
    }
}

impl Action {
    /// Every entity that the action may change. A refused action holds back later ones on these, and only these.
    #[must_use]
    pub fn touches(&self) -> Vec<EntityRef> {
        let mut all = vec![self.entity.clone()];
        match &self.command {
            Command::AppointmentBook { request: Some(request), .. } => all.push(request.clone().into()),
            Command::PersonMerge { other, .. } | Command::PersonUnmerge { other, .. } => all.push(other.clone().into()),
            _ => {}
        }
        all
    }

    /// Whose data the action uses, where the entity is not the person: of a visit or a request; the other card of a merge.
    #[must_use]
    pub fn person<'a>(&'a self, target: Option<&'a State>) -> Option<&'a PersonId> {
        match (&self.command, target) {
            (Command::AppointmentBook { person, .. }, _) => Some(person),
            (Command::PersonMerge { other, .. } | Command::PersonUnmerge { other, .. }, _) => Some(other),
            (_, Some(State::Appointment(visit))) => Some(&visit.person),
            (_, Some(State::Request(request))) => request.person.as_ref(),
            _ => None,
        }
    }

    /// The sealed part that the action carries, if its kind carries one, and whether it must.
    #[must_use]
    pub fn sealed_part(&self) -> Option<(String, bool)> {
        match &self.command {
            Command::RequestLogCall { .. } | Command::PersonBlock { .. } | Command::PersonUnblock { .. } => {
                Some((note_part(&self.id), false))
            }
            Command::CaseStep { step } => Some((note_part(&self.id), step.needs_words())),
            Command::AppointmentBook { .. } => Some((part::MAIN.to_owned(), false)),
            Command::RequestReread { .. }
            | Command::PersonPut { .. }
            | Command::PersonMerge { .. }
            | Command::PersonUnmerge { .. }
            | Command::CertificateIssue { .. }
            | Command::CasePut { .. }
            | Command::StaffPut { .. }
            | Command::PractitionerPut { .. } => Some((part::MAIN.to_owned(), true)),
            Command::ClinicPut { .. } => Some((part::MAIN.to_owned(), false)),
            Command::StaffHandOver => Some((part::HANDOVER.to_owned(), true)),
            _ => None,
        }
    }

    /// The visit's slot that must be free, with the visit that may already stand there.
    #[must_use]
    pub fn wants_slot(&self) -> Option<(&Slot, Option<&AppointmentId>)> {
        match (&self.command, &self.entity) {
            (Command::AppointmentBook { slot, .. } | Command::AppointmentMove { slot }, EntityRef::Appointment(id)) => {
                Some((slot, Some(id)))
            }
            _ => None,
        }
    }

    /// Founding: the very first record of a clinic, made before anybody is on the staff.
    #[must_use]
    pub fn founds(&self) -> bool {
        match (&self.command, &self.entity) {
            (Command::StaffPut { staff }, EntityRef::Staff(id)) => {
                *id == self.actor && staff.role == Role::Manager && staff.active
            }
            _ => false,
        }
    }
}
