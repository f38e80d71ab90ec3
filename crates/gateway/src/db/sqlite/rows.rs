//! Rows to values. A row that does not say what it must is an error, never a guess.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use contract::v1::Change;
use serde::de::DeserializeOwned;
use sqlx::{Row, sqlite::SqliteRow};

use crate::db::{CursorKey, Decided, Founded, House, Invite, Source, StorageError};

pub(super) const HOUSE: &str =
    "SELECT epoch, cursor_key, seq, founding_digest, clinic, clinic_key FROM house WHERE only_row = 1";

fn corrupt<E>(table: &'static str) -> impl Fn(E) -> StorageError {
    move |_| StorageError::Corrupt { table }
}

/// Sequence numbers and versions stay far below the limit.
pub(super) fn to_sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn number(row: &SqliteRow, column: &str, table: &'static str) -> Result<u64, StorageError> {
    u64::try_from(row.try_get::<i64, _>(column)?).map_err(corrupt(table))
}

pub(super) fn id<T: FromStr>(row: &SqliteRow, column: &str, table: &'static str) -> Result<T, StorageError> {
    row.try_get::<&str, _>(column)?.parse().map_err(corrupt(table))
}

pub(super) fn json<T: DeserializeOwned>(text: &str, table: &'static str) -> Result<T, StorageError> {
    serde_json::from_str(text).map_err(corrupt(table))
}

fn instant(row: &SqliteRow, column: &str, table: &'static str) -> Result<DateTime<Utc>, StorageError> {
    DateTime::from_timestamp_millis(row.try_get(column)?).ok_or(StorageError::Corrupt { table })
}

fn bytes32(row: &SqliteRow, column: &str, table: &'static str) -> Result<[u8; 32], StorageError> {
    row.try_get::<&[u8], _>(column)?.try_into().map_err(corrupt(table))
}

pub(super) fn house(row: &SqliteRow) -> Result<House, StorageError> {
    let clinic: Option<String> = row.try_get("clinic")?;
    let clinic = match clinic {
        Some(_) => Some(Founded { id: id(row, "clinic", "house")?, key: id(row, "clinic_key", "house")? }),
        None => None,
    };
    Ok(House {
        epoch: row.try_get("epoch")?,
        cursor_key: CursorKey(bytes32(row, "cursor_key", "house")?),
        seq: number(row, "seq", "house")?,
        founding_digest: row.try_get("founding_digest")?,
        clinic,
    })
}

pub(super) fn source(row: &SqliteRow) -> Result<Source, StorageError> {
    let zone: Option<String> = row.try_get("zone")?;
    let default_kind: String = row.try_get("default_kind")?;
    Ok(Source {
        id: row.try_get("id")?,
        connector: id(row, "connector", "source")?,
        name: row.try_get("name")?,
        zone: zone.map(|zone| zone.parse().map_err(corrupt("source"))).transpose()?,
        default_kind: serde_json::from_value(default_kind.into()).map_err(corrupt("source"))?,
        secret_digest: row.try_get("secret_digest")?,
    })
}

pub(super) fn invite(row: &SqliteRow) -> Result<Invite, StorageError> {
    Ok(Invite {
        envelope: row.try_get("envelope")?,
        expires_at: instant(row, "expires_at", "invite")?,
        used: row.try_get::<Option<i64>, _>("used_at")?.is_some(),
    })
}

pub(super) fn change(row: &SqliteRow) -> Result<Change, StorageError> {
    let state: Option<&str> = row.try_get("state")?;
    Ok(Change {
        seq: number(row, "seq", "entity")?,
        id: id(row, "id", "entity")?,
        version: number(row, "version", "entity")?,
        state: state.map(|state| json(state, "entity")).transpose()?,
        parts: json(row.try_get("parts")?, "part")?,
    })
}

pub(super) fn decided(row: &SqliteRow) -> Result<Decided, StorageError> {
    Ok(Decided {
        payload_hash: bytes32(row, "payload_hash", "action")?,
        outcome: json(row.try_get("outcome")?, "action")?,
    })
}
