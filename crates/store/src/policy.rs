//! The texts of the policy on the clinic's site, as this desk saw them one after another.
//!
//! Invariants: versions are only added, each with its audit row; a text that comes back after another one is a new version;
//! the first one of a page is nobody's news.

use chrono::{DateTime, Utc};
use domain::StaffId;
use sqlx::{Row, sqlite::SqliteRow};

use crate::{
    Store, audit,
    error::{StoreError, natural},
    model::AuditEntry,
    open::begin,
};

/// Versions that are shown.
const SHOWN: i64 = 50;

/// A text of the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPolicy {
    pub n: u64,
    /// Of the text without markup, hex.
    pub sha256: String,
    pub seen_at: DateTime<Utc>,
    pub read_at: Option<DateTime<Utc>>,
    pub read_by: Option<StaffId>,
}

impl Store {
    /// Notes the text that stands on the page now. Whether it is another one than before: the first one is not.
    ///
    /// # Errors
    /// Of the database.
    pub async fn note_policy(&self, page: &str, sha256: &str, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let mut writer = self.writer().await?;
        let mut tx = begin(&mut writer).await?;
        let last: Option<String> =
            sqlx::query_scalar("SELECT sha256 FROM policy_version WHERE page = ?1 ORDER BY n DESC LIMIT 1")
                .bind(page)
                .fetch_optional(&mut *tx)
                .await?;
        if last.as_deref() == Some(sha256) {
            return Ok(false);
        }
        let is_news = last.is_some();
        sqlx::query("INSERT INTO policy_version (page, sha256, seen_at, read_at) VALUES (?1, ?2, ?3, ?4)")
            .bind(page)
            .bind(sha256)
            .bind(at.timestamp_millis())
            .bind((!is_news).then(|| at.timestamp_millis()))
            .execute(&mut *tx)
            .await?;
        let verb = if is_news { "policy.changed" } else { "policy.first_seen" };
        audit::append(&mut tx, &AuditEntry::new(at, None, verb).with(sha256)).await?;
        tx.commit().await?;
        Ok(is_news)
    }

    /// The versions of a page, the newest first.
    ///
    /// # Errors
    /// Of the database.
    pub async fn policy_versions(&self, page: &str) -> Result<Vec<KeptPolicy>, StoreError> {
        let rows = sqlx::query(
            "SELECT n, sha256, seen_at, read_at, read_by FROM policy_version WHERE page = ?1 ORDER BY n DESC LIMIT ?2",
        )
        .bind(page)
        .bind(SHOWN)
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.iter().map(kept).collect()
    }

    /// Somebody has read this version and those before it. False: there is no such one, or it was read.
    ///
    /// # Errors
    /// Of the database.
    pub async fn read_policy(&self, page: &str, n: u64, by: &StaffId, entry: &AuditEntry) -> Result<bool, StoreError> {
        let mut writer = self.writer().await?;
        let mut tx = begin(&mut writer).await?;
        let read = sqlx::query(
            "UPDATE policy_version SET read_at = ?3, read_by = ?4 WHERE page = ?1 AND n <= ?2 AND read_at IS NULL",
        )
        .bind(page)
        .bind(i64::try_from(n).map_err(|_| StoreError::OutOfRange)?)
        .bind(entry.at.timestamp_millis())
        .bind(by.as_str())
        .execute(&mut *tx)
        .await?;
        if read.rows_affected() == 0 {
            return Ok(false);
        }
        audit::append(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(true)
    }
}

fn kept(row: &SqliteRow) -> Result<KeptPolicy, StoreError> {
    let by = row.try_get::<Option<String>, _>(4)?;
    Ok(KeptPolicy {
        n: natural(row.try_get(0)?)?,
        sha256: row.try_get(1)?,
        seen_at: moment(row.try_get(2)?)?,
        read_at: row.try_get::<Option<i64>, _>(3)?.map(moment).transpose()?,
        read_by: by.map(|id| id.parse().map_err(|_| StoreError::Corrupt("policy_version"))).transpose()?,
    })
}

fn moment(milliseconds: i64) -> Result<DateTime<Utc>, StoreError> {
    DateTime::from_timestamp_millis(milliseconds).ok_or(StoreError::Corrupt("policy_version"))
}
