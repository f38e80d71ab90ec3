//! What goes into the store and what comes out of it.
//!
//! Invariants: nothing here prints a person; a person comes out only as [`Visible`], which no other crate can make.

use std::{collections::BTreeMap, fmt, ops::Deref};

use chrono::{DateTime, Utc};
use contract::{
    ui::{Certainty, OutboxState},
    v1::ActionEnvelope,
};
use domain::{
    AppointmentId, CaseId, CertificateId, ClinicId, DeskId, EntityRef, PersonId, PractitionerId, Refusal, RequestId,
    StaffId, State,
    appointment::Appointment,
    case::Case,
    certificate::Certificate,
    clinic::{Clinic, Practitioner},
    person::Person,
    personal::{CasePersonal, CertificatePersonal, PersonPersonal, RequestPersonal},
    request::Request,
    staff::Staff,
};
use serde_json::Value;

/// Opened parts of an entity: plain JSON by the part's name.
pub type Opened = BTreeMap<String, Value>;

macro_rules! redacted {
    ($($name:ident),* $(,)?) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}

/// Which desk this is. Settled once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    pub desk: DeskId,
    pub clinic: ClinicId,
    /// Address of the gateway.
    pub gateway: String,
    pub clinic_key_id: String,
    pub created_at: DateTime<Utc>,
}

/// How far the feed was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SyncMark {
    pub cursor: Option<String>,
    /// Data as of: the last complete pull.
    pub pulled_at: Option<DateTime<Utc>>,
    /// A resync was begun and is not complete.
    pub resyncing: bool,
}

/// A change of the feed with its sealed parts opened.
#[derive(Clone, PartialEq)]
pub struct OpenedChange {
    pub seq: u64,
    pub id: EntityRef,
    pub version: u64,
    /// None: erased.
    pub state: Option<State>,
    /// Plain JSON of each part that could be opened.
    pub parts: Opened,
}

/// What staff did: goes to the outbox, to the view and to the audit chain in one transaction.
pub struct NewAction<'a> {
    /// As it will be sent.
    pub envelope: &'a ActionEnvelope,
    /// Plain JSON of its sealed parts, for this desk's own view.
    pub opened: Opened,
    pub context: &'a domain::Context,
    pub audit: AuditEntry,
}

/// One unsettled action of this desk.
#[derive(Clone)]
pub struct OutboxRecord {
    pub envelope: ActionEnvelope,
    pub opened: Opened,
    pub state: OutboxState,
    pub refusal: Option<Refusal>,
    pub tries: u32,
    pub at: DateTime<Utc>,
}

/// A clear state with an id of its own.
pub trait Identified {
    /// The kind's id.
    type Id: Clone + fmt::Debug + PartialEq;
}

macro_rules! identified {
    ($($state:ident => $id:ident),* $(,)?) => {$(
        impl Identified for $state {
            type Id = $id;
        }
    )*};
}
identified!(Clinic => ClinicId, Staff => StaffId, Practitioner => PractitionerId, Person => PersonId,
    Request => RequestId, Appointment => AppointmentId, Certificate => CertificateId, Case => CaseId);

/// An entity as this desk sees it.
#[derive(Clone, PartialEq)]
pub struct Record<S: Identified, P> {
    pub id: S::Id,
    /// What an action made now has to name as its `base_version`.
    pub version: u64,
    pub state: S,
    /// Empty where the part is missing or could not be opened.
    pub personal: P,
    pub certainty: Certainty,
    /// A block covers it: the personal part is a stub, unless the store was asked for a check.
    pub blocked: bool,
    /// Notes of calls and blocks by the action that made them.
    pub notes: BTreeMap<String, String>,
}

impl<S: Identified, P> fmt::Debug for Record<S, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record").field("id", &self.id).field("version", &self.version).finish_non_exhaustive()
    }
}

/// A person's card inside [`Visible`].
pub type PersonRecord = Record<Person, PersonPersonal>;

/// A case as this desk sees it.
pub type CaseRecord = Record<Case, CasePersonal>;

/// Something about a person that came through the store's one door for people.
#[derive(Clone, PartialEq)]
pub struct Visible<T>(T);

impl<T> Visible<T> {
    pub(crate) fn new(seen: T) -> Self {
        Self(seen)
    }
}

impl<T> Deref for Visible<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Visible<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Visible(…)")
    }
}

/// What to search for; every field folded by [`domain::fold`] and [`domain::phone`].
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SearchQuery {
    /// `fold(query)`
    pub folded: String,
    /// `search_digits(query)`, if the query may be a part of a phone.
    pub digits: Option<String>,
    /// `fold_code(query)`: a certificate is found by its whole code.
    pub code: String,
}

/// One hit, with what a title and a subtitle need.
#[derive(Clone, Debug)]
pub struct SearchRow {
    pub id: EntityRef,
    pub found: Found,
}

/// What was found.
#[derive(Clone)]
pub enum Found {
    Person(Box<Visible<PersonRecord>>),
    /// Open, or not linked to a person.
    Request(Box<Record<Request, RequestPersonal>>),
    Certificate(Box<Record<Certificate, CertificatePersonal>>),
}

/// What goes into the audit chain. Ids and field names only: no name, phone, text or query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    pub at: DateTime<Utc>,
    pub staff: Option<StaffId>,
    pub verb: String,
    /// Id of what it was done to.
    pub subject: Option<String>,
    pub detail: Option<String>,
}

impl AuditEntry {
    /// An entry that names no subject.
    #[must_use]
    pub fn new(at: DateTime<Utc>, staff: Option<StaffId>, verb: &str) -> Self {
        Self { at, staff, verb: verb.to_owned(), subject: None, detail: None }
    }

    /// The same with the subject's id.
    #[must_use]
    pub fn about(mut self, subject: &str) -> Self {
        self.subject = Some(subject.to_owned());
        self
    }

    /// The same with a detail.
    #[must_use]
    pub fn with(mut self, detail: &str) -> Self {
        self.detail = Some(detail.to_owned());
        self
    }

    /// What every action leaves in the chain.
    #[must_use]
    pub fn of_action(action: &domain::Action, at: DateTime<Utc>) -> Self {
        Self {
            at,
            staff: Some(action.actor.clone()),
            verb: action.command.verb().to_owned(),
            subject: Some(action.entity.as_str().to_owned()),
            detail: Some(action.id.as_str().to_owned()),
        }
    }
}

/// A row of the audit chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    pub n: u64,
    pub entry: AuditEntry,
    /// SHA-256 over the row and the one before it, hex.
    pub hash: String,
}

/// What checking the whole chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditReport {
    pub rows: u64,
    pub ok: bool,
    /// The first row that does not fit; one past the last when rows are missing at the end.
    pub first_bad: Option<u64>,
    /// Hash of the last row, hex: worth writing down elsewhere.
    pub head: String,
}

redacted!(OpenedChange, OutboxRecord, SearchQuery, Found);

impl fmt::Debug for NewAction<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewAction").field("id", &self.envelope.action.id).finish_non_exhaustive()
    }
}
