//! Rows to values and values to columns, the same for both databases. A row that does not say what it must is an error,
//! never a guess.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use contract::v1::keys::{DeskKey, KeyRecord};
use domain::{
    AppointmentId, State,
    appointment::{Appointment, Slot},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use sqlx::{Row, postgres::PgRow, sqlite::SqliteRow};

use crate::db::{
    Caller, CursorKey, Decided, EnrolledDesk, Entity, Founded, HintRow, House, Invite, KnownChange, PollState, Source,
    StorageError, StoredChange, Subject, TroubleRow,
};

macro_rules! house {
    ($then:literal) => {
        concat!(
            "SELECT epoch, cursor_key, seq, purge_floor, founding_digest, clinic, clinic_key, key_number, keys_since, ",
            "(SELECT min(d.revoked_at) FROM desk AS d WHERE d.knows_key = house.key_number) AS due_since ",
            "FROM house WHERE only_row = 1",
            $then
        )
    };
}

pub(super) const HOUSE: &str = house!("");
/// The same, and nobody else writes until the end of the transaction.
pub(super) const HOUSE_LOCKED: &str = house!(" FOR UPDATE");

pub(super) const DESKS: &str = "SELECT id, name, app_version, enrolled_at, last_seen_at, caught_up_at, revoked_at, \
     public_key, authentication FROM desk ORDER BY enrolled_at, id";

/// What both databases can give out of a row.
pub(super) trait Cells {
    fn text(&self, column: &str) -> Result<&str, StorageError>;
    fn maybe_text(&self, column: &str) -> Result<Option<&str>, StorageError>;
    fn integer(&self, column: &str) -> Result<i64, StorageError>;
    fn maybe_integer(&self, column: &str) -> Result<Option<i64>, StorageError>;
    fn bytes(&self, column: &str) -> Result<&[u8], StorageError>;
}

macro_rules! cells {
    ($($row:ty),*) => {$(
        impl Cells for $row {
            fn text(&self, column: &str) -> Result<&str, StorageError> {
                Ok(self.try_get(column)?)
            }
            fn maybe_text(&self, column: &str) -> Result<Option<&str>, StorageError> {
                Ok(self.try_get(column)?)
            }
            fn integer(&self, column: &str) -> Result<i64, StorageError> {
                Ok(self.try_get(column)?)
            }
            fn maybe_integer(&self, column: &str) -> Result<Option<i64>, StorageError> {
                Ok(self.try_get(column)?)
            }
            fn bytes(&self, column: &str) -> Result<&[u8], StorageError> {
                Ok(self.try_get(column)?)
            }
        }
    )*};
}
cells!(SqliteRow, PgRow);

/// Whole seconds of wall time, half-open.
pub(super) fn seconds(slot: &Slot) -> (i64, i64) {
    (slot.start.and_utc().timestamp(), slot.end.and_utc().timestamp())
}

pub(super) fn to_json(value: &impl Serialize, table: &'static str) -> Result<String, StorageError> {
    serde_json::to_string(value).map_err(corrupt(table))
}

fn corrupt<E>(table: &'static str) -> impl Fn(E) -> StorageError {
    move |_| StorageError::Corrupt { table }
}

/// Sequence numbers and versions stay far below the limit.
pub(super) fn to_sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn number(row: &impl Cells, column: &str, table: &'static str) -> Result<u64, StorageError> {
    u64::try_from(row.integer(column)?).map_err(corrupt(table))
}

pub(super) fn id<T: FromStr>(row: &impl Cells, column: &str, table: &'static str) -> Result<T, StorageError> {
    row.text(column)?.parse().map_err(corrupt(table))
}

pub(super) fn json<T: DeserializeOwned>(text: &str, table: &'static str) -> Result<T, StorageError> {
    serde_json::from_str(text).map_err(corrupt(table))
}

pub(super) fn instant(row: &impl Cells, column: &str, table: &'static str) -> Result<DateTime<Utc>, StorageError> {
    DateTime::from_timestamp_millis(row.integer(column)?).ok_or(StorageError::Corrupt { table })
}

fn maybe_instant(row: &impl Cells, column: &str, table: &'static str) -> Result<Option<DateTime<Utc>>, StorageError> {
    row.maybe_integer(column)?.map(|_| instant(row, column, table)).transpose()
}

pub(super) fn bytes32(row: &impl Cells, column: &str, table: &'static str) -> Result<[u8; 32], StorageError> {
    row.bytes(column)?.try_into().map_err(corrupt(table))
}

pub(super) fn house(row: &impl Cells) -> Result<House, StorageError> {
    let clinic = match row.maybe_text("clinic")? {
        Some(_) => Some(Founded { id: id(row, "clinic", "house")?, key: id(row, "clinic_key", "house")? }),
        None => None,
    };
    let keys_since = instant(row, "keys_since", "house")?;
    Ok(House {
        epoch: row.text("epoch")?.to_owned(),
        cursor_key: CursorKey(bytes32(row, "cursor_key", "house")?),
        seq: number(row, "seq", "house")?,
        purge_floor: number(row, "purge_floor", "house")?,
        founding_digest: row.maybe_text("founding_digest")?.map(str::to_owned),
        clinic,
        key_number: key_number(row, "key_number", "house")?,
        key_due_since: maybe_instant(row, "due_since", "house")?.map(|since| since.max(keys_since)),
    })
}

/// Whom a token stands for, by its digest.
pub(super) fn caller(row: &impl Cells, token_digest: &str) -> Result<Caller, StorageError> {
    Ok(Caller {
        desk: id(row, "id", "desk")?,
        scope: row.text("scope")?.to_owned(),
        revoked: row.maybe_integer("revoked_at")?.is_some(),
        first_use: row.text("token_digest")? != token_digest,
        has_key: row.maybe_text("public_key")?.is_some(),
    })
}

pub(super) fn desk(row: &impl Cells) -> Result<EnrolledDesk, StorageError> {
    Ok(EnrolledDesk {
        id: id(row, "id", "desk")?,
        name: row.text("name")?.to_owned(),
        app_version: row.text("app_version")?.to_owned(),
        enrolled_at: instant(row, "enrolled_at", "desk")?,
        last_seen_at: maybe_instant(row, "last_seen_at", "desk")?,
        caught_up_at: maybe_instant(row, "caught_up_at", "desk")?,
        revoked_at: maybe_instant(row, "revoked_at", "desk")?,
        key: match (row.maybe_text("public_key")?, row.maybe_text("authentication")?) {
            (Some(key), Some(word)) => Some(DeskKey { public_key: key.to_owned(), authentication: word.to_owned() }),
            _ => None,
        },
    })
}

fn key_number(row: &impl Cells, column: &str, table: &'static str) -> Result<u32, StorageError> {
    u32::try_from(row.integer(column)?).map_err(corrupt(table))
}

pub(super) fn key_change(row: &impl Cells) -> Result<KnownChange, StorageError> {
    let record = KeyRecord {
        number: key_number(row, "number", "key_change")?,
        public_key: row.text("public_key")?.to_owned(),
        proof: row.text("proof")?.to_owned(),
        previous: json(row.text("previous")?, "key_change")?,
    };
    Ok((record, instant(row, "made_at", "key_change")?))
}

pub(super) fn source(row: &impl Cells) -> Result<Source, StorageError> {
    let zone = row.maybe_text("zone")?;
    Ok(Source {
        id: row.text("id")?.to_owned(),
        connector: id(row, "connector", "source")?,
        name: row.text("name")?.to_owned(),
        zone: zone.map(|zone| zone.parse().map_err(corrupt("source"))).transpose()?,
        default_kind: serde_json::from_value(row.text("default_kind")?.into()).map_err(corrupt("source"))?,
        mapping: json(row.text("mapping")?, "source")?,
        enabled: row.integer("enabled")? == 1,
        secret_digest: row.text("secret_digest")?.to_owned(),
    })
}

pub(super) fn subject(row: &impl Cells) -> Result<Subject, StorageError> {
    Ok(Subject { request: id(row, "request", "intake")?, newest: maybe_instant(row, "newest", "intake")? })
}

pub(super) fn poll_state(row: &impl Cells) -> Result<PollState, StorageError> {
    Ok(PollState {
        place: row.maybe_text("place")?.map(str::to_owned),
        polled_at: maybe_instant(row, "polled_at", "source_poll")?,
        failures: u32::try_from(row.integer("failures")?).map_err(corrupt("source_poll"))?,
        due_at: instant(row, "due_at", "source_poll")?,
    })
}

pub(super) fn hint(row: &impl Cells) -> Result<HintRow, StorageError> {
    Ok(HintRow {
        resource: row.text("resource")?.to_owned(),
        subject: number(row, "subject", "source_hint")?,
        noted_at: instant(row, "noted_at", "source_hint")?,
    })
}

pub(super) fn trouble(row: &impl Cells) -> Result<TroubleRow, StorageError> {
    Ok(TroubleRow {
        kind: row.text("kind")?.to_owned(),
        count: number(row, "count", "source_trouble")?,
        last_at: instant(row, "last_at", "source_trouble")?,
    })
}

pub(super) fn invite(row: &impl Cells) -> Result<Invite, StorageError> {
    Ok(Invite {
        envelope: row.text("envelope")?.to_owned(),
        expires_at: instant(row, "expires_at", "invite")?,
        used: row.maybe_integer("used_at")?.is_some(),
    })
}

pub(super) fn change(row: &impl Cells) -> Result<StoredChange, StorageError> {
    let as_it_is = |text: &str, table| RawValue::from_string(text.to_owned()).map_err(corrupt(table));
    Ok(StoredChange {
        seq: number(row, "seq", "entity")?,
        id: id(row, "id", "entity")?,
        version: number(row, "version", "entity")?,
        state: row.maybe_text("state")?.map(|state| as_it_is(state, "entity")).transpose()?,
        parts: as_it_is(row.text("parts")?, "part")?,
    })
}

pub(super) fn decided(row: &impl Cells) -> Result<Decided, StorageError> {
    Ok(Decided {
        payload_hash: bytes32(row, "payload_hash", "action")?,
        outcome: json(row.text("outcome")?, "action")?,
    })
}

pub(super) fn entity(row: &impl Cells) -> Result<Entity, StorageError> {
    let state = row.maybe_text("state")?;
    Ok(Entity {
        version: number(row, "version", "entity")?,
        state: state.map(|state| json(state, "entity")).transpose()?,
    })
}

/// A visit with its state, for the rule to look at.
pub(super) fn visit(row: &impl Cells) -> Result<(AppointmentId, Appointment), StorageError> {
    match json(row.text("state")?, "slot")? {
        State::Appointment(visit) => Ok((id(row, "id", "slot")?, visit)),
        _ => Err(StorageError::Corrupt { table: "slot" }),
    }
}
