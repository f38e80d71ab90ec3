//! The audit chain: who did what, each row bound to the one before it.
//!
//! Invariants: rows are only ever appended (triggers refuse anything else); the hash covers every column in a form
//! with lengths, so that no two rows read the same; the head is kept apart, so that a cut tail shows; rows hold ids
//! and field names, never a name, phone, text or query.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use sqlx::{Connection, Row, SqliteConnection, sqlite::SqliteRow};

use crate::{
    Store,
    apply::{parse, text},
    entity::json,
    error::{StoreError, natural},
    key::hex,
    model::{AuditEntry, AuditReport, AuditRow},
    open::begin,
};

const LABEL: &[u8] = b"reception audit row v1";
/// Rows read at once while checking.
const STEP: i64 = 5_000;

impl Store {
    /// Notes what changes no record: a sign-in, a lock, a card that was looked at, a print.
    ///
    /// # Errors
    /// Of the database.
    pub async fn audit(&self, entry: AuditEntry) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        let mut tx = begin(&mut writer).await?;
        append(&mut tx, &entry).await?;
        Ok(tx.commit().await?)
    }

    /// Checks the whole chain.
    ///
    /// # Errors
    /// Of the database; a broken chain is a report, not an error.
    pub async fn audit_verify(&self) -> Result<AuditReport, StoreError> {
        // one connection and one transaction: a row that comes in meanwhile does not confuse the check
        let mut reader = self.reader().await?;
        let mut tx = reader.begin().await?;
        let head = sqlx::query("SELECT n, hash FROM audit_head WHERE one = 1").fetch_one(&mut *tx).await?;
        let (head_n, head_hash): (i64, Vec<u8>) = (head.try_get(0)?, head.try_get(1)?);
        let mut last = (0_i64, vec![0_u8; 32]);
        let mut first_bad = None;
        loop {
            let rows = sqlx::query(
                "SELECT n, at, staff, verb, subject, detail, prev, hash FROM audit WHERE n > ?1 ORDER BY n LIMIT ?2",
            )
            .bind(last.0)
            .bind(STEP)
            .fetch_all(&mut *tx)
            .await?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                let stored = Stored::read(&row)?;
                if first_bad.is_none() && !stored.follows(&last) {
                    first_bad = Some(natural(last.0 + 1)?);
                }
                last = (stored.n, stored.hash);
            }
        }
        if first_bad.is_none() && (head_n, &head_hash) != (last.0, &last.1) {
            first_bad = Some(natural(last.0 + 1)?);
        }
        let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM audit").fetch_one(&mut *tx).await?;
        Ok(AuditReport { rows: natural(rows)?, ok: first_bad.is_none(), first_bad, head: hex(&last.1) })
    }

    /// The last row: its number, 0 for none, and its hash, hex.
    ///
    /// # Errors
    /// Of the database.
    pub async fn audit_head(&self) -> Result<(u64, String), StoreError> {
        let head =
            sqlx::query("SELECT n, hash FROM audit_head WHERE one = 1").fetch_one(&mut *self.reader().await?).await?;
        Ok((natural(head.try_get(0)?)?, hex(&head.try_get::<Vec<u8>, _>(1)?)))
    }

    /// The hashes of rows by their numbers, as far as they are here.
    ///
    /// # Errors
    /// Of the database.
    pub async fn audit_hashes(&self, numbers: &[u64]) -> Result<BTreeMap<u64, String>, StoreError> {
        let rows = sqlx::query("SELECT n, hash FROM audit WHERE n IN (SELECT value FROM json_each(?1))")
            .bind(json(numbers)?)
            .fetch_all(&mut *self.reader().await?)
            .await?;
        rows.iter().map(|row| Ok((natural(row.try_get(0)?)?, hex(&row.try_get::<Vec<u8>, _>(1)?)))).collect()
    }

    /// Rows from one moment until before another, the newest first.
    ///
    /// # Errors
    /// Of the database.
    pub async fn audit_between(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT n, at, staff, verb, subject, detail, prev, hash FROM audit WHERE at >= ?1 AND at < ?2
             ORDER BY n DESC LIMIT ?3",
        )
        .bind(text(from))
        .bind(text(to))
        .bind(limit)
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.iter().map(|row| Stored::read(row)?.row()).collect()
    }

    /// The last rows, oldest first.
    ///
    /// # Errors
    /// Of the database.
    pub async fn audit_tail(&self, limit: u32) -> Result<Vec<AuditRow>, StoreError> {
        let rows =
            sqlx::query("SELECT n, at, staff, verb, subject, detail, prev, hash FROM audit ORDER BY n DESC LIMIT ?1")
                .bind(limit)
                .fetch_all(&mut *self.reader().await?)
                .await?;
        rows.iter().rev().map(|row| Stored::read(row)?.row()).collect()
    }
}

/// Appends a row in the caller's transaction.
pub(crate) async fn append(connection: &mut SqliteConnection, entry: &AuditEntry) -> Result<(), StoreError> {
    let head = sqlx::query("SELECT n, hash FROM audit_head WHERE one = 1").fetch_one(&mut *connection).await?;
    let mut row = Stored {
        n: head.try_get::<i64, _>(0)? + 1,
        at: text(entry.at),
        staff: entry.staff.as_ref().map(|staff| staff.as_str().to_owned()),
        verb: entry.verb.clone(),
        subject: entry.subject.clone(),
        detail: entry.detail.clone(),
        prev: head.try_get(1)?,
        hash: Vec::new(),
    };
    row.hash = row.digest();
    sqlx::query(
        "INSERT INTO audit (n, at, staff, verb, subject, detail, prev, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )
    .bind(row.n)
    .bind(&row.at)
    .bind(&row.staff)
    .bind(&row.verb)
    .bind(&row.subject)
    .bind(&row.detail)
    .bind(&row.prev)
    .bind(&row.hash)
    .execute(&mut *connection)
    .await?;
    sqlx::query("UPDATE audit_head SET n = ?1, hash = ?2 WHERE one = 1")
        .bind(row.n)
        .bind(&row.hash)
        .execute(connection)
        .await?;
    Ok(())
}

/// A row as it lies in the table.
struct Stored {
    n: i64,
    at: String,
    staff: Option<String>,
    verb: String,
    subject: Option<String>,
    detail: Option<String>,
    prev: Vec<u8>,
    hash: Vec<u8>,
}

impl Stored {
    fn read(row: &SqliteRow) -> Result<Self, StoreError> {
        Ok(Self {
            n: row.try_get(0)?,
            at: row.try_get(1)?,
            staff: row.try_get(2)?,
            verb: row.try_get(3)?,
            subject: row.try_get(4)?,
            detail: row.try_get(5)?,
            prev: row.try_get(6)?,
            hash: row.try_get(7)?,
        })
    }

    fn digest(&self) -> Vec<u8> {
        let mut hash = Sha256::new();
        hash.update(LABEL);
        hash.update(self.n.to_be_bytes());
        let fields =
            [Some(&self.at), self.staff.as_ref(), Some(&self.verb), self.subject.as_ref(), self.detail.as_ref()];
        for field in fields {
            match field {
                Some(field) => {
                    hash.update([1]);
                    hash.update((field.len() as u64).to_be_bytes());
                    hash.update(field.as_bytes());
                }
                None => hash.update([0]),
            }
        }
        hash.update(&self.prev);
        hash.finalize().to_vec()
    }

    fn follows(&self, last: &(i64, Vec<u8>)) -> bool {
        self.n == last.0 + 1 && self.prev == last.1 && self.hash == self.digest()
    }

    fn row(self) -> Result<AuditRow, StoreError> {
        let staff = self.staff.map(|id| id.parse().map_err(|_| StoreError::Corrupt("staff"))).transpose()?;
        let at = parse(&self.at)?;
        let hash = hex(&self.hash);
        let entry = AuditEntry { at, staff, verb: self.verb, subject: self.subject, detail: self.detail };
        Ok(AuditRow { n: natural(self.n)?, entry, hash })
    }
}
