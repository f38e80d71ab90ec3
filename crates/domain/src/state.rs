//! The clear state of every kind of entity, as the gateway stores it and the feed carries it.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ActionId, AppointmentId, CaseId, CertificateId, ClinicId, PersonId, PractitionerId, RequestId, StaffId,
    appointment::Appointment,
    case::Case,
    certificate::Certificate,
    clinic::{Clinic, Practitioner},
    ids::IdError,
    person::Person,
    request::Request,
    staff::Staff,
};

/// What kind of thing an entity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    Clinic,
    Staff,
    Practitioner,
    Person,
    Request,
    Appointment,
    Certificate,
    Case,
}

impl EntityKind {
    /// The word used on the wire and in SQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clinic => "clinic",
            Self::Staff => "staff",
            Self::Practitioner => "practitioner",
            Self::Person => "person",
            Self::Request => "request",
            Self::Appointment => "appointment",
            Self::Certificate => "certificate",
            Self::Case => "case",
        }
    }
}

/// An entity by its id; the id's prefix says the kind.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("pattern" = "^(cln|stf|prc|per|req|apt|crt|cas)_[0-9a-hjkmnp-tv-z]{26}$"))]
#[ts(type = "string")]
pub enum EntityRef {
    Clinic(ClinicId),
    Staff(StaffId),
    Practitioner(PractitionerId),
    Person(PersonId),
    Request(RequestId),
    Appointment(AppointmentId),
    Certificate(CertificateId),
    Case(CaseId),
}

impl EntityRef {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Clinic(id) => id.as_str(),
            Self::Staff(id) => id.as_str(),
            Self::Practitioner(id) => id.as_str(),
            Self::Person(id) => id.as_str(),
            Self::Request(id) => id.as_str(),
            Self::Appointment(id) => id.as_str(),
            Self::Certificate(id) => id.as_str(),
            Self::Case(id) => id.as_str(),
        }
    }

    /// The kind of the entity.
    #[must_use]
    pub fn kind(&self) -> EntityKind {
        match self {
            Self::Clinic(_) => EntityKind::Clinic,
            Self::Staff(_) => EntityKind::Staff,
            Self::Practitioner(_) => EntityKind::Practitioner,
            Self::Person(_) => EntityKind::Person,
            Self::Request(_) => EntityKind::Request,
            Self::Appointment(_) => EntityKind::Appointment,
            Self::Certificate(_) => EntityKind::Certificate,
            Self::Case(_) => EntityKind::Case,
        }
    }
}

impl FromStr for EntityRef {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        match text.split('_').next().unwrap_or_default() {
            ClinicId::PREFIX => text.parse().map(Self::Clinic),
            StaffId::PREFIX => text.parse().map(Self::Staff),
            PractitionerId::PREFIX => text.parse().map(Self::Practitioner),
            PersonId::PREFIX => text.parse().map(Self::Person),
            RequestId::PREFIX => text.parse().map(Self::Request),
            AppointmentId::PREFIX => text.parse().map(Self::Appointment),
            CertificateId::PREFIX => text.parse().map(Self::Certificate),
            CaseId::PREFIX => text.parse().map(Self::Case),
            _ => Err(IdError { expected: "entity" }),
        }
    }
}

impl TryFrom<String> for EntityRef {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<EntityRef> for String {
    fn from(entity: EntityRef) -> String {
        entity.as_str().to_owned()
    }
}

impl fmt::Display for EntityRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for EntityRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

macro_rules! refs {
    ($($id:ident => $variant:ident),* $(,)?) => {$(
        impl From<$id> for EntityRef {
            fn from(id: $id) -> Self {
                Self::$variant(id)
            }
        }
    )*};
}
refs!(ClinicId => Clinic, StaffId => Staff, PractitionerId => Practitioner, PersonId => Person,
    RequestId => Request, AppointmentId => Appointment, CertificateId => Certificate, CaseId => Case);

/// The clear state of an entity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum State {
    Clinic(Clinic),
    Staff(Staff),
    Practitioner(Practitioner),
    Person(Person),
    Request(Request),
    Appointment(Appointment),
    Certificate(Certificate),
    Case(Case),
}

impl State {
    /// The kind of the entity.
    #[must_use]
    pub fn kind(&self) -> EntityKind {
        match self {
            Self::Clinic(_) => EntityKind::Clinic,
            Self::Staff(_) => EntityKind::Staff,
            Self::Practitioner(_) => EntityKind::Practitioner,
            Self::Person(_) => EntityKind::Person,
            Self::Request(_) => EntityKind::Request,
            Self::Appointment(_) => EntityKind::Appointment,
            Self::Certificate(_) => EntityKind::Certificate,
            Self::Case(_) => EntityKind::Case,
        }
    }

    /// Of a record that is written as a whole: the action that wrote it last, and so what it says (RFC 9110, ETag). The
    /// rule sets it; what a command says of it is not looked at. None: nobody has written it since etags are kept, or it
    /// is of a kind whose actions add to it.
    #[must_use]
    pub fn etag(&self) -> Option<&ActionId> {
        match self {
            Self::Clinic(clinic) => clinic.etag.as_ref(),
            Self::Staff(staff) => staff.etag.as_ref(),
            Self::Practitioner(practitioner) => practitioner.etag.as_ref(),
            Self::Person(person) => person.etag.as_ref(),
            Self::Case(case) => case.etag.as_ref(),
            Self::Request(_) | Self::Appointment(_) | Self::Certificate(_) => None,
        }
    }

    /// Sets the etag, where there is one.
    pub fn set_etag(&mut self, etag: Option<ActionId>) {
        match self {
            Self::Clinic(clinic) => clinic.etag = etag,
            Self::Staff(staff) => staff.etag = etag,
            Self::Practitioner(practitioner) => practitioner.etag = etag,
            Self::Person(person) => person.etag = etag,
            Self::Case(case) => case.etag = etag,
            Self::Request(_) | Self::Appointment(_) | Self::Certificate(_) => {}
        }
    }
}
