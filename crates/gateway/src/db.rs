//! What the gateway remembers, behind traits: SQLite now, PostgreSQL for a chain of clinics later.
//!
//! Invariants:
//! - one writer at a time ([`Storage::begin`] waits for it); a sequence number is taken only inside such a transaction,
//!   so whoever reads the feed never sees a number before a smaller one;
//! - nothing here decides: rows in, rows out. The rules stand in `actions`, `intake` and `enrolment`.

mod sqlite;

use std::{collections::BTreeMap, fmt, future::Future, pin::Pin};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use connectors::Connector;
use contract::v1::{Change, Outcome, Sealed};
use domain::{
    Action, ActionId, AppointmentId, ClinicId, DeskId, EntityRef, PersonId, RequestId, State,
    appointment::{Appointment, Slot},
    request::RequestKind,
};

pub(crate) use sqlite::SqliteStorage;

/// Why the storage did not answer.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The database was written by a newer version of the gateway.
    #[error("the database is of a newer version of the gateway")]
    NewerSchema,
    /// The file cannot be made or opened.
    #[error("the database's file cannot be opened")]
    Io(#[source] std::io::Error),
    /// A row does not say what it must.
    #[error("a row of `{table}` cannot be read")]
    Corrupt { table: &'static str },
    #[error("the operating system gave no random bytes")]
    NoRandomness,
    #[error("the database did not answer")]
    Sql(#[source] sqlx::Error),
}

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

/// An answer that has to be waited for.
pub(crate) type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StorageError>> + Send + 'a>>;

/// The gateway's own row.
#[derive(Debug, Clone)]
pub(crate) struct House {
    pub(crate) epoch: String,
    pub(crate) cursor_key: CursorKey,
    pub(crate) seq: u64,
    pub(crate) founding_digest: Option<String>,
    pub(crate) clinic: Option<Founded>,
}

/// Authenticates cursors.
#[derive(Clone)]
pub(crate) struct CursorKey(pub(crate) [u8; 32]);

impl fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CursorKey(…)")
    }
}

/// The clinic, once there is one.
#[derive(Debug, Clone)]
pub(crate) struct Founded {
    pub(crate) id: ClinicId,
    pub(crate) key: seal::ClinicPublicKey,
}

/// A desk as it enrols.
pub(crate) struct NewDesk<'a> {
    pub(crate) id: &'a DeskId,
    pub(crate) name: &'a str,
    pub(crate) app_version: &'a str,
    pub(crate) token_digest: &'a str,
    pub(crate) at: DateTime<Utc>,
}

/// A one-time code that lets a desk in.
pub(crate) struct Invite {
    pub(crate) envelope: String,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) used: bool,
}

/// A configured source of requests.
#[derive(Clone)]
pub struct Source {
    pub id: String,
    pub connector: Connector,
    pub name: String,
    pub zone: Option<Tz>,
    pub default_kind: RequestKind,
    pub(crate) secret_digest: String,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("id", &self.id).field("connector", &self.connector).finish_non_exhaustive()
    }
}

/// An entity's version and state; the state of an erased one is gone.
#[derive(Debug, Default)]
pub(crate) struct Entity {
    pub(crate) version: u64,
    pub(crate) state: Option<State>,
}

/// What became of an action.
pub(crate) struct Decided {
    pub(crate) payload_hash: [u8; 32],
    pub(crate) outcome: Outcome,
}

/// A row of the memory of actions.
pub(crate) struct NewDecided<'a> {
    pub(crate) action: &'a Action,
    pub(crate) desk: &'a DeskId,
    pub(crate) payload_hash: &'a [u8; 32],
    pub(crate) outcome: &'a Outcome,
    pub(crate) at: DateTime<Utc>,
}

/// A row of the memory of intake.
pub(crate) struct NewIntake<'a> {
    pub(crate) id: &'a str,
    pub(crate) source: &'a str,
    pub(crate) request: &'a RequestId,
    pub(crate) at: DateTime<Utc>,
    pub(crate) natural_mac: Option<&'a [u8; 32]>,
    pub(crate) body_mac: &'a [u8; 32],
    pub(crate) dropped: &'a BTreeMap<&'static str, u32>,
    pub(crate) envelope: &'a Sealed,
}

/// Reading, and the door to writing.
pub(crate) trait Storage: Send + Sync {
    /// Waits for the writer. Dropped without [`Transaction::commit`], nothing has happened.
    fn begin(&self) -> Answer<'_, Box<dyn Transaction>>;
    fn house(&self) -> Answer<'_, House>;
    /// The desk with this token that was not revoked.
    fn desk_of_token<'a>(&'a self, token_digest: &'a str) -> Answer<'a, Option<DeskId>>;
    fn source<'a>(&'a self, id: &'a str) -> Answer<'a, Option<Source>>;
    fn sources(&self) -> Answer<'_, Vec<Source>>;
    /// Entities after a sequence number with their sealed parts, in order; one consistent moment.
    fn changes(&self, after: u64, limit: usize) -> Answer<'_, Vec<Change>>;
    /// Folds the journal into the database and closes it.
    fn close(&self) -> Answer<'_, ()>;
}

/// Everything that is read or written within one decision.
pub(crate) trait Transaction: Send {
    fn house(&mut self) -> Answer<'_, House>;
    fn next_seq(&mut self) -> Answer<'_, u64>;
    fn begin_epoch<'a>(&'a mut self, epoch: &'a str) -> Answer<'a, ()>;
    fn set_founding_digest<'a>(&'a mut self, digest: &'a str) -> Answer<'a, ()>;
    /// Notes the clinic.
    fn found<'a>(&'a mut self, clinic: &'a Founded, at: DateTime<Utc>) -> Answer<'a, ()>;
    fn add_desk<'a>(&'a mut self, desk: NewDesk<'a>) -> Answer<'a, ()>;
    /// The tokens of all desks are worth nothing from now on.
    fn revoke_desks(&mut self, at: DateTime<Utc>) -> Answer<'_, ()>;
    /// False: the code is already there.
    fn add_invite<'a>(
        &'a mut self,
        auth_digest: &'a str,
        invite: &'a Invite,
        by: &'a DeskId,
        at: DateTime<Utc>,
    ) -> Answer<'a, bool>;
    fn invite<'a>(&'a mut self, auth_digest: &'a str) -> Answer<'a, Option<Invite>>;
    fn use_invite<'a>(&'a mut self, auth_digest: &'a str, at: DateTime<Utc>) -> Answer<'a, ()>;
    fn add_source<'a>(&'a mut self, source: &'a Source, at: DateTime<Utc>) -> Answer<'a, ()>;

    fn entity<'a>(&'a mut self, id: &'a EntityRef) -> Answer<'a, Entity>;
    fn anybody_on_staff(&mut self) -> Answer<'_, bool>;
    /// Visits that may meet the slot on its doctor, its chair or the person.
    fn neighbours<'a>(
        &'a mut self,
        slot: &'a Slot,
        person: &'a PersonId,
    ) -> Answer<'a, Vec<(AppointmentId, Appointment)>>;
    fn put_entity<'a>(&'a mut self, id: &'a EntityRef, version: u64, seq: u64, state: &'a State) -> Answer<'a, ()>;
    fn put_part<'a>(&'a mut self, id: &'a EntityRef, name: &'a str, sealed: &'a Sealed) -> Answer<'a, ()>;

    fn decided<'a>(&'a mut self, action: &'a ActionId) -> Answer<'a, Option<Decided>>;
    fn remember<'a>(&'a mut self, decided: NewDecided<'a>) -> Answer<'a, ()>;

    /// The request that a submission with this natural key has made.
    fn intake_of_key<'a>(&'a mut self, source: &'a str, natural_mac: &'a [u8; 32]) -> Answer<'a, Option<RequestId>>;
    /// The request that the very same bytes have made since.
    fn intake_of_body<'a>(
        &'a mut self,
        source: &'a str,
        body_mac: &'a [u8; 32],
        since: DateTime<Utc>,
    ) -> Answer<'a, Option<RequestId>>;
    fn put_intake<'a>(&'a mut self, intake: NewIntake<'a>) -> Answer<'a, ()>;

    fn commit(self: Box<Self>) -> Answer<'static, ()>;
}
