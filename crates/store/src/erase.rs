//! What is left of erased records on the disk: in the text index, in the log of the database, in its copies.
//!
//! Invariants: that a record is erased is noted in the transaction that erases it; a copy is cleaned in place, under its own
//! key, and read to its end afterwards; nothing is noted as cleaned before it was.

use std::path::Path;

use chrono::{DateTime, Utc};
use sqlx::{ConnectOptions, Connection, Row, SqliteConnection};

use crate::{
    Store, audit,
    copy::verify,
    entity::json,
    error::{OpenError, StoreError, natural, opening},
    key::DatabaseKey,
    model::AuditEntry,
    open::{begin, keyed, remove_leftovers},
};

/// The verb of the audit chain for a record that went because the gateway said so.
pub const ERASED: &str = "record.erased";

/// A record that this desk has erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    pub id: String,
    pub at: DateTime<Utc>,
    /// Copies that were cleaned, and those out of reach; none: not looked through yet.
    pub copies: Option<(u32, u32)>,
}

/// Notes records that are erased in this transaction.
pub(crate) async fn note(
    connection: &mut SqliteConnection,
    ids: &[String],
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    for id in ids {
        sqlx::query(
            "INSERT INTO erased (id, erased_at) VALUES (?1, ?2)
             ON CONFLICT (id) DO UPDATE SET copies_cleaned = NULL, copies_missed = NULL",
        )
        .bind(id)
        .bind(at.timestamp_millis())
        .execute(&mut *connection)
        .await?;
        audit::append(connection, &AuditEntry::new(at, None, ERASED).about(id)).await?;
    }
    Ok(())
}

impl Store {
    /// Which of these records this desk has erased.
    ///
    /// # Errors
    /// Of the database.
    pub async fn erased(&self, ids: &[String]) -> Result<Vec<Erased>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, erased_at, copies_cleaned, copies_missed FROM erased
             WHERE id IN (SELECT value FROM json_each(?1)) ORDER BY erased_at, id",
        )
        .bind(json(ids)?)
        .fetch_all(&mut *self.reader().await?)
        .await?;
        let read = |row: &sqlx::sqlite::SqliteRow| {
            let at = DateTime::from_timestamp_millis(row.try_get(1)?).ok_or(StoreError::Corrupt("time"))?;
            let copies = match (row.try_get::<Option<i64>, _>(2)?, row.try_get::<Option<i64>, _>(3)?) {
                (Some(cleaned), Some(missed)) => Some((count(cleaned)?, count(missed)?)),
                _ => None,
            };
            Ok(Erased { id: row.try_get(0)?, at, copies })
        };
        rows.iter().map(read).collect()
    }

    /// Records that are erased here and may still be in copies: those that were not looked for yet, or those that were not
    /// found everywhere too.
    ///
    /// # Errors
    /// Of the database.
    pub async fn unswept(&self, again: bool) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT id FROM erased WHERE copies_cleaned IS NULL OR (?1 AND copies_missed > 0) ORDER BY id";
        Ok(sqlx::query_scalar(sql).bind(again).fetch_all(&mut *self.reader().await?).await?)
    }

    /// How many of these records are still here.
    ///
    /// # Errors
    /// Of the database.
    pub async fn still_here(&self, ids: &[String]) -> Result<u32, StoreError> {
        let sql = "SELECT count(*) FROM json_each(?1) j CROSS JOIN entity e ON e.id = j.value";
        Ok(sqlx::query_scalar(sql).bind(json(ids)?).fetch_one(&mut *self.reader().await?).await?)
    }

    /// Notes how cleaning the copies went.
    ///
    /// # Errors
    /// Of the database.
    pub async fn note_swept(
        &self,
        ids: &[String],
        cleaned: u32,
        missed: u32,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        let mut tx = begin(&mut writer).await?;
        sqlx::query(
            "UPDATE erased SET copies_cleaned = ?2, copies_missed = ?3 WHERE id IN (SELECT value FROM json_each(?1))",
        )
        .bind(json(ids)?)
        .bind(cleaned)
        .bind(missed)
        .execute(&mut *tx)
        .await?;
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Takes what was erased out of the text index's segments and out of the log: pages that are free are zeroes already
    /// (`secure_delete`). False: somebody reads an older state just now, so it is to be done again.
    ///
    /// # Errors
    /// Of the database.
    pub async fn scrub(&self) -> Result<bool, StoreError> {
        let mut writer = self.writer().await?;
        sqlx::query("INSERT INTO search (search) VALUES ('optimize')").execute(&mut *writer).await?;
        let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut *writer).await?;
        Ok(row.try_get::<i64, _>(0)? == 0)
    }
}

fn count(number: i64) -> Result<u32, StoreError> {
    u32::try_from(natural(number)?).map_err(|_| StoreError::OutOfRange)
}

/// Erases records in a copy of the database, in place, and reads it to its end. What the copy does not have is no error.
///
/// # Errors
/// The copy does not open by the key, or does not read afterwards.
pub async fn erase_in_copy(path: &Path, key: &DatabaseKey, ids: &[String]) -> Result<(), OpenError> {
    let mut connection = keyed(path, key)
        .foreign_keys(true)
        .pragma("secure_delete", "ON")
        .pragma("temp_store", "MEMORY")
        .connect()
        .await
        .map_err(|e| opening(e, false))?;
    let erased = erase_on(&mut connection, ids).await;
    let closed = connection.close().await;
    erased.map_err(|e| opening(e, true))?;
    closed.map_err(|e| opening(e, true))?;
    for suffix in ["-wal", "-shm", "-journal"] {
        remove_leftovers(&crate::key::beside(path, suffix))?;
    }
    verify(path, key).await?;
    std::fs::File::open(path)?.sync_all()?;
    Ok(())
}

async fn erase_on(connection: &mut SqliteConnection, ids: &[String]) -> Result<(), sqlx::Error> {
    let ids = serde_json::to_string(ids).unwrap_or_default();
    let mut tx = connection.begin().await?;
    // by their triggers files of papers and what an edit stood on go with their records
    for statement in [
        "DELETE FROM search WHERE rowid IN (SELECT row FROM entity WHERE id IN (SELECT value FROM json_each(?1)))",
        "DELETE FROM entity WHERE id IN (SELECT value FROM json_each(?1))",
        "DELETE FROM settled WHERE envelope ->> '$.action.entity' IN (SELECT value FROM json_each(?1))",
        "DELETE FROM outbox WHERE envelope ->> '$.action.entity' IN (SELECT value FROM json_each(?1))",
        "DELETE FROM newer WHERE id IN (SELECT value FROM json_each(?1))",
    ] {
        sqlx::query(statement).bind(&ids).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    sqlx::query("INSERT INTO search (search) VALUES ('optimize')").execute(&mut *connection).await?;
    sqlx::query("VACUUM").execute(&mut *connection).await?;
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut *connection).await?;
    Ok(())
}
