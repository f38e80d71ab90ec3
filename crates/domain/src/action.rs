//! What staff do. An [`Action`] is made and stored before the first send, and never edited in place.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ActionId, AppointmentId, EntityRef, Kopecks, PersonId, RequestId, StaffId,
    appointment::{CancelReason, Slot},
    clinic::{Clinic, Practitioner},
    person::{PaperRecord, PersonSource},
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
    /// Spends a part of a certificate, or all of it. Only the gateway's yes counts.
    CertificateRedeem {
        /// Above zero.
        amount: Kopecks,
    },
    PersonPut {
        source: PersonSource,
    },
    PersonRecordPaper {
        paper: PaperRecord,
    },
    StaffPut {
        staff: Staff,
    },
    PractitionerPut {
        practitioner: Practitioner,
    },
    ClinicPut {
        clinic: Box<Clinic>,
    },
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
            | Self::AppointmentRestore => Permission::WorkSchedule,
            Self::CertificateRedeem { .. } => Permission::RedeemCertificates,
            Self::PersonPut { .. } => Permission::EditPeople,
            Self::PersonRecordPaper { .. } => Permission::PrintPapers,
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
            Self::CertificateRedeem { .. } => "certificate.redeem",
            Self::PersonPut { .. } => "person.put",
            Self::PersonRecordPaper { .. } => "person.record_paper",
            Self::StaffPut { .. } => "staff.put",
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
        if let Command::AppointmentBook { request: Some(request), .. } = &self.command {
            all.push(request.clone().into());
        }
        all
    }

    /// The sealed part that the action carries, if its kind carries one, and whether it must.
    #[must_use]
    pub fn sealed_part(&self) -> Option<(String, bool)> {
        match &self.command {
            Command::RequestLogCall { .. } => Some((note_part(&self.id), false)),
            Command::AppointmentBook { .. } => Some((part::MAIN.to_owned(), false)),
            Command::RequestReread { .. }
            | Command::PersonPut { .. }
            | Command::StaffPut { .. }
            | Command::PractitionerPut { .. } => Some((part::MAIN.to_owned(), true)),
            Command::ClinicPut { .. } => Some((part::MAIN.to_owned(), false)),
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
