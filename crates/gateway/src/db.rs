//! What the gateway remembers, behind traits: SQLite in one file, or PostgreSQL for several gateways at once.
//!
//! Invariants:
//! - one writer at a time ([`Storage::begin`] waits for it); a sequence number is taken only inside such a transaction,
//!   so whoever reads the feed never sees a number before a smaller one;
//! - nothing here decides: rows in, rows out. The rules stand in `actions`, `intake` and `enrolment`.

mod address;
mod audit;
mod keys;
mod last_line;
mod postgres;
mod rows;
mod sources;
mod sqlite;

use std::{collections::BTreeMap, fmt, future::Future, io, pin::Pin, sync::Arc};

use chrono::{DateTime, Utc};
use contract::v1::{Outcome, Sealed, keys::DeskKey};
use domain::{
    Action, ActionId, AppointmentId, ClinicId, DeskId, EntityRef, Kopecks, PersonId, RequestId, State,
    appointment::{Appointment, Slot},
    decide::Clash,
    request::QuarantineReason,
};
use serde::Serialize;
use serde_json::{Map, Value, value::RawValue};
use sqlx::migrate::{MigrateError, Migrator};

pub use address::{BadDatabase, Database, Server};
pub(crate) use audit::{Head, HeadReader, HeadWriter};
pub(crate) use keys::{KeyChange, KeyReader, KeyWriter, KnownChange};
pub(crate) use last_line::LastLine;
pub use sources::Source;
pub(crate) use sources::{Figures, HintRow, PollState, SourceReader, SourceWriter, Subject, TroubleRow};

/// Why the storage did not answer.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The database was written by a newer version of the gateway.
    #[error("the database is of a newer version of the gateway")]
    NewerSchema,
    /// An erasure cannot be noted, so it is not done.
    #[error("the journal of erasures cannot be written")]
    Journal,
    /// The file cannot be made or opened.
    #[error("the database's file cannot be opened")]
    Io(#[source] std::io::Error),
    /// A row does not say what it must.
    #[error("a row of `{table}` cannot be read")]
    Corrupt { table: &'static str },
    #[error("the operating system gave no random bytes")]
    NoRandomness,
    /// A constraint has caught what the rule had let through.
    #[error("the database refused it: {0:?}")]
    LastLine(LastLine),
    #[error("the database did not answer")]
    Sql(#[source] sqlx::Error),
}

impl StorageError {
    /// Whether the database took a transaction back to let others go on: it can be begun anew at once.
    #[must_use]
    pub(crate) fn taken_back(&self) -> bool {
        match self {
            Self::Sql(sqlx::Error::Database(error)) => error.code().is_some_and(|code| code.starts_with("40")),
            _ => false,
        }
    }

    /// Whether asking again later may succeed: the server is away or starts, the disk is full, somebody holds a lock.
    #[must_use]
    pub fn passes(&self) -> bool {
        match self {
            Self::Sql(error) => passes(error),
            Self::Journal => true,
            Self::NewerSchema | Self::Io(_) | Self::Corrupt { .. } | Self::NoRandomness | Self::LastLine(_) => false,
        }
    }
}

fn passes(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed
        // the connection was given up, and somebody had filled the next one's transaction already
        | sqlx::Error::InvalidSavePointStatement => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| code_passes(&code)),
        _ => false,
    }
}

/// SQLSTATE of five letters, or SQLite's extended result code.
fn code_passes(code: &str) -> bool {
    /// Connections, a standby in the place of its server, resources, transactions rolled back, a server that stops.
    const CLASSES: &[&str] = &["08", "25006", "40", "53", "55", "57", "58"];
    /// `BUSY`, `LOCKED`, `IOERR`, `FULL`, `CANTOPEN`
    const SQLITE: &[u32] = &[5, 6, 10, 13, 14];
    match code.parse::<u32>() {
        Ok(number) if code.len() < 5 => SQLITE.contains(&(number & 0xff)),
        _ => CLASSES.iter().any(|class| code.starts_with(class)),
    }
}

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        LastLine::of(&error).map_or(Self::Sql(error), Self::LastLine)
    }
}

impl From<MigrateError> for StorageError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => Self::NewerSchema,
            MigrateError::Execute(error) => Self::Sql(error),
            other => Self::Sql(sqlx::Error::Migrate(Box::new(other))),
        }
    }
}

/// An answer that has to be waited for.
pub(crate) type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StorageError>> + Send + 'a>>;

/// What a copy says of itself before its rows.
pub(crate) struct Contents {
    /// The last migration: the same number means the same tables in both databases.
    pub(crate) version: u64,
    pub(crate) epoch: String,
    pub(crate) seq: u64,
}

/// Rows of each table.
pub(crate) type Copied = BTreeMap<String, u64>;

/// The table and the columns by name.
pub(crate) type Row = (String, Map<String, Value>);

/// Takes a copy, row by row.
pub(crate) trait Sink: Send {
    fn begin(&mut self, contents: &Contents) -> Result<(), CopyError>;
    /// `row` is a JSON object in one line.
    fn row(&mut self, table: &str, row: &str) -> Result<(), CopyError>;
}

/// Gives a copy, row by row.
pub(crate) trait Rows: Send {
    fn next(&mut self) -> Result<Option<Row>, CopyError>;
}

/// Why a copy came to no end.
#[derive(Debug)]
pub(crate) enum CopyError {
    Storage(StorageError),
    File(io::Error),
    NotEmpty,
    Unreadable,
}

impl From<StorageError> for CopyError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

/// A copy that has to be waited for.
pub(crate) type Copying<'a, T> = Pin<Box<dyn Future<Output = Result<T, CopyError>> + Send + 'a>>;

/// Told the latest sequence number that another process wrote.
pub(crate) type Heard = Arc<dyn Fn(u64) + Send + Sync>;

/// Makes the gateway's own row, unless it is there.
const SETTLE: &str =
    "INSERT INTO house (only_row, epoch, cursor_key, seq) VALUES (1, $1, $2, 0) ON CONFLICT DO NOTHING";

/// Brings the tables up to date, or up to a version.
async fn migrate<'a, A>(migrations: &Migrator, connection: A, version: Option<u64>) -> Result<(), StorageError>
where
    A: sqlx::Acquire<'a>,
    <A::Connection as std::ops::Deref>::Target: sqlx::migrate::Migrate,
{
    let Some(version) = version else { return Ok(migrations.run(connection).await?) };
    let version = rows::to_sql(version);
    if !migrations.version_exists(version) {
        return Err(StorageError::NewerSchema);
    }
    Ok(migrations.run_to(version, connection).await?)
}

/// The first epoch and the key of its cursors.
fn first_words() -> Result<(String, [u8; 32]), StorageError> {
    let epoch = seal::token::make_id("ep").map_err(|_| StorageError::NoRandomness)?;
    let key = seal::make_bytes::<32>().map_err(|_| StorageError::NoRandomness)?;
    Ok((epoch, *key))
}

/// The gateway's own row.
#[derive(Debug, Clone)]
pub(crate) struct House {
    pub(crate) epoch: String,
    pub(crate) cursor_key: CursorKey,
    pub(crate) seq: u64,
    /// Tombstones up to this number may be gone.
    pub(crate) purge_floor: u64,
    pub(crate) founding_digest: Option<String>,
    pub(crate) clinic: Option<Founded>,
    /// Of the clinic's newest key.
    pub(crate) key_number: u32,
    /// Since when a desk that has that key is let go.
    pub(crate) key_due_since: Option<DateTime<Utc>>,
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
    /// The newest.
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

/// The desk that a token stands for.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) desk: DeskId,
    /// What of the clinic it is given.
    pub(crate) scope: String,
    pub(crate) revoked: bool,
    /// The token is the one that was made last and is used for the first time.
    pub(crate) first_use: bool,
    /// It has given its own public key.
    pub(crate) has_key: bool,
}

/// A desk as the gateway knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolledDesk {
    pub id: DeskId,
    /// «Ресепшн 1»
    pub name: String,
    /// As it was last heard of.
    pub app_version: String,
    pub enrolled_at: DateTime<Utc>,
    /// To a few minutes; none: not since it enrolled.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// When it asked for news last and had everything; to a few minutes.
    pub caught_up_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    /// None: it has given none yet.
    pub key: Option<DeskKey>,
}

/// A one-time code that lets a desk in.
pub(crate) struct Invite {
    pub(crate) envelope: String,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) used: bool,
}

/// An entity's version and state; the state of an erased one is gone.
#[derive(Debug, Default)]
pub(crate) struct Entity {
    pub(crate) version: u64,
    pub(crate) state: Option<State>,
}

/// A [`contract::v1::Change`] as it lies in the database: what desks get is not read and written anew for each of them.
#[derive(Debug, Serialize)]
pub(crate) struct StoredChange {
    pub(crate) seq: u64,
    pub(crate) id: EntityRef,
    pub(crate) version: u64,
    pub(crate) state: Option<Box<RawValue>>,
    pub(crate) parts: Box<RawValue>,
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
    pub(crate) subject_mac: Option<&'a [u8; 32]>,
    /// Which version of the subject it is, by the site's clock.
    pub(crate) subject_at: Option<DateTime<Utc>>,
    pub(crate) quarantine: Option<QuarantineReason>,
    pub(crate) dropped: &'a BTreeMap<&'static str, u32>,
    pub(crate) envelope: &'a Sealed,
}

/// Reading, and the door to writing.
pub(crate) trait Storage: SourceReader + KeyReader + HeadReader {
    /// Waits for the writer. Dropped without [`Transaction::commit`], nothing has happened.
    fn begin(&self) -> Answer<'_, Box<dyn Transaction>>;
    fn house(&self) -> Answer<'_, House>;
    /// The desk that has this token, or got it and has yet to use it.
    fn caller<'a>(&'a self, token_digest: &'a str) -> Answer<'a, Option<Caller>>;
    /// Every desk that ever enrolled, oldest first.
    fn desks(&self) -> Answer<'_, Vec<EnrolledDesk>>;
    /// Whether the desk is there and was not revoked.
    fn is_in<'a>(&'a self, desk: &'a DeskId) -> Answer<'a, bool>;
    /// Entities after a sequence number with their sealed parts, in order; one consistent moment.
    fn changes(&self, after: u64, limit: usize) -> Answer<'_, Vec<StoredChange>>;
    /// Every row of one moment, table after table; how many of each.
    fn copy_out<'a>(&'a self, sink: &'a mut dyn Sink) -> Copying<'a, Copied>;
    /// Fills an empty database; it is there once the transaction is committed.
    fn copy_in<'a>(&'a self, rows: &'a mut dyn Rows) -> Copying<'a, (Box<dyn Transaction>, Copied)>;
    /// Overwrites what was deleted, as far as the database can.
    fn scrub(&self) -> Answer<'_, ()>;
    /// Each pool of connections: its name, how many there are, how many of them are idle.
    fn pools(&self) -> Vec<(&'static str, u32, usize)>;
    /// From now on tells what other processes write.
    fn listen(&self, heard: Heard);
    /// Folds the journal into the database and closes it.
    fn close(&self) -> Answer<'_, ()>;
}

/// Everything that is read or written within one decision.
pub(crate) trait Transaction: SourceWriter + KeyWriter + HeadWriter {
    fn house(&mut self) -> Answer<'_, House>;
    fn next_seq(&mut self) -> Answer<'_, u64>;
    fn begin_epoch<'a>(&'a mut self, epoch: &'a str) -> Answer<'a, ()>;
    fn set_founding_digest<'a>(&'a mut self, digest: &'a str) -> Answer<'a, ()>;
    /// Notes the clinic.
    fn found<'a>(&'a mut self, clinic: &'a Founded, at: DateTime<Utc>) -> Answer<'a, ()>;
    fn add_desk<'a>(&'a mut self, desk: NewDesk<'a>) -> Answer<'a, ()>;
    /// The tokens of all desks are worth nothing from now on. They are one that asks again: no key is lost with them.
    fn revoke_desks(&mut self, at: DateTime<Utc>) -> Answer<'_, ()>;
    /// False: there is no such desk. One that was revoked stays so.
    fn revoke_desk<'a>(&'a mut self, desk: &'a DeskId, at: DateTime<Utc>) -> Answer<'a, bool>;
    /// A second token for the desk, beside the one that it uses; replaces one that was never used.
    fn offer_token<'a>(&'a mut self, desk: &'a DeskId, digest: &'a str) -> Answer<'a, ()>;
    /// The token that was offered is used: it is the only one from now on.
    fn take_token<'a>(&'a mut self, desk: &'a DeskId, digest: &'a str) -> Answer<'a, ()>;
    /// What was heard of a desk last.
    fn note_desk<'a>(&'a mut self, desk: &'a DeskId, seen: &'a crate::desks::Seen) -> Answer<'a, ()>;
    /// Forgets what was erased before the moment, and raises the floor of cursors; how many.
    fn purge_tombstones(&mut self, erased_before: DateTime<Utc>) -> Answer<'_, u64>;
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

    fn entity<'a>(&'a mut self, id: &'a EntityRef) -> Answer<'a, Entity>;
    fn anybody_on_staff(&mut self) -> Answer<'_, bool>;
    /// Visits that may meet the slot on its doctor, its chair or the person.
    fn neighbours<'a>(
        &'a mut self,
        slot: &'a Slot,
        person: &'a PersonId,
    ) -> Answer<'a, Vec<(AppointmentId, Appointment)>>;
    /// Whose slot is in the way there, whatever its visit's state says; the one of `except` is not.
    fn slot_holder<'a>(
        &'a mut self,
        slot: &'a Slot,
        person: &'a PersonId,
        except: &'a EntityRef,
        clash: Clash,
    ) -> Answer<'a, Option<AppointmentId>>;
    /// What a certificate has left by the last line's own account.
    fn purse<'a>(&'a mut self, id: &'a EntityRef) -> Answer<'a, Kopecks>;
    fn put_entity<'a>(&'a mut self, id: &'a EntityRef, version: u64, seq: u64, state: &'a State) -> Answer<'a, ()>;
    /// Leaves a tombstone: no state, no parts, nothing of what a site sent.
    fn erase<'a>(&'a mut self, id: &'a EntityRef, version: u64, seq: u64, at: DateTime<Utc>) -> Answer<'a, ()>;
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

/// Opens the database, or makes it. Without `own` this is a command beside a gateway that may be running. With a `version` the
/// tables are those of that migration, for a copy that is of then.
pub(crate) async fn open(
    database: &Database,
    own: bool,
    version: Option<u64>,
) -> Result<Box<dyn Storage>, StorageError> {
    match database {
        Database::File(path) => Ok(Box::new(sqlite::Store::open(path, own, version).await?)),
        Database::Postgres(server) => Ok(Box::new(postgres::Store::open(server, version).await?)),
    }
}
