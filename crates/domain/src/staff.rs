//! Members of the staff and what each role may do. Names, logins and password hashes are sealed.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ActionId, DeskId, StaffId};

/// A role at the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// «Администратор»
    Receptionist,
    /// «Старший администратор»: corrects certificates too.
    Senior,
    /// «Ответственный за персональные данные»: checks, answers, gives out and destroys data; takes no money.
    Responsible,
    /// «Управляющий»
    Manager,
}

/// What an action or a screen asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    WorkQueue,
    WorkSchedule,
    SeeCertificates,
    RedeemCertificates,
    /// Reverse, extend, pay back and unblock certificates.
    CorrectCertificates,
    SeePeople,
    EditPeople,
    /// Block a person's data: whoever is asked does it at once.
    BlockPeople,
    /// Lift a block.
    UnblockPeople,
    /// Register cases, check who asks, hand answers over.
    RegisterCases,
    /// Answer for cases: extend, answer, refuse, notify, close, hold.
    AnswerCases,
    PrintPapers,
    /// Give a person's data out as a file, or a list of them.
    ExportData,
    /// Destroy data whose time is over, for ever.
    DestroyData,
    /// Clinic settings, doctors and staff.
    Administer,
    /// Look at and verify the audit chain.
    Audit,
    /// Add another workstation.
    InviteDesk,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Receptionist, Self::Senior, Self::Responsible, Self::Manager];

    /// Whether the role has the permission.
    #[must_use]
    pub fn may(self, permission: Permission) -> bool {
        match permission {
            Permission::WorkQueue
            | Permission::WorkSchedule
            | Permission::SeeCertificates
            | Permission::SeePeople
            | Permission::EditPeople
            | Permission::BlockPeople
            | Permission::RegisterCases
            | Permission::PrintPapers => true,
            Permission::RedeemCertificates => self != Self::Responsible,
            Permission::CorrectCertificates => matches!(self, Self::Senior | Self::Manager),
            Permission::UnblockPeople
            | Permission::AnswerCases
            | Permission::ExportData
            | Permission::DestroyData
            | Permission::Audit => matches!(self, Self::Responsible | Self::Manager),
            Permission::Administer | Permission::InviteDesk => self == Self::Manager,
        }
    }
}

/// The clear state of a staff member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Staff {
    pub role: Role,
    pub active: bool,
    /// Works now. Only whoever it is begins and ends it; an edit of the record leaves it as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_shift: Option<OnShift>,
    /// The newest note for whoever comes next. Likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handover: Option<HandOver>,
    /// The action that wrote the record as a whole last; only the rule sets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<ActionId>,
}

impl Staff {
    /// Somebody who does not work right now and has left no note.
    #[must_use]
    pub fn new(role: Role, active: bool) -> Self {
        Self { role, active, on_shift: None, handover: None, etag: None }
    }
}

/// Since when somebody works, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OnShift {
    pub since: DateTime<Utc>,
    pub desk: DeskId,
}

/// A note for the next shift. Its words are sealed ([`crate::personal::part::HANDOVER`]); a newer one stands in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HandOver {
    /// The action that wrote it.
    pub id: ActionId,
    pub at: DateTime<Utc>,
    /// Somebody has read it and goes on from there.
    pub taken: Option<Taken>,
}

/// Who took a note over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Taken {
    pub by: StaffId,
    pub at: DateTime<Utc>,
}
