//! What papers of this clinic say: texts that it edited, and PDF files of its own.
//!
//! Invariants: a revision is never changed once it is kept; keeping it and its audit row commit together.

use chrono::{DateTime, Utc};
use domain::StaffId;
use sqlx::{
    Row, Sqlite,
    query::Query,
    sqlite::{SqliteArguments, SqliteRow},
};

use crate::{Store, audit, error::StoreError, model::AuditEntry, open::begin};

/// A revision of a text as it was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptWording {
    /// Code of the form.
    pub form: String,
    pub revision: u32,
    /// The whole template.
    pub text: String,
    /// Of the text, hex.
    pub sha256: String,
    /// Whoever signed an earlier revision signs anew.
    pub sign_again: bool,
    pub saved_at: DateTime<Utc>,
    pub saved_by: StaffId,
}

/// A revision of a PDF of the clinic's own.
#[derive(Clone, PartialEq, Eq)]
pub struct OwnForm {
    pub form: String,
    pub revision: u32,
    pub title: String,
    /// The file; empty where only the list was asked for.
    pub pdf: Vec<u8>,
    /// Where the desk's fields stand, JSON.
    pub stamps: String,
    /// Of file and fields together, hex.
    pub sha256: String,
    /// Not offered any more.
    pub retired: bool,
    pub saved_at: DateTime<Utc>,
    pub saved_by: StaffId,
}

impl std::fmt::Debug for OwnForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OwnForm({}, {}, {} bytes)", self.form, self.revision, self.pdf.len())
    }
}

impl Store {
    /// Keeps a revision of a text; `false`: that revision is kept already.
    ///
    /// # Errors
    /// Of the database.
    pub async fn keep_wording(&self, kept: &KeptWording, entry: &AuditEntry) -> Result<bool, StoreError> {
        let insert = sqlx::query(
            "INSERT INTO wording (form, revision, body, sha256, sign_again, saved_at, saved_by)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (form, revision) DO NOTHING",
        )
        .bind(&kept.form)
        .bind(kept.revision)
        .bind(&kept.text)
        .bind(&kept.sha256)
        .bind(kept.sign_again)
        .bind(kept.saved_at.timestamp_millis())
        .bind(kept.saved_by.as_str());
        self.keep_revision(insert, entry).await
    }

    /// The texts that were edited, of one form or of all; the newest of each first.
    ///
    /// # Errors
    /// Of the database.
    pub async fn wordings(&self, form: Option<&str>) -> Result<Vec<KeptWording>, StoreError> {
        let rows = sqlx::query(
            "SELECT form, revision, body, sha256, sign_again, saved_at, saved_by FROM wording
             WHERE ?1 IS NULL OR form = ?1 ORDER BY form, revision DESC",
        )
        .bind(form)
        .fetch_all(&mut *self.reader().await?)
        .await?;
        let wording = |row: &SqliteRow| {
            Ok(KeptWording {
                form: row.try_get(0)?,
                revision: row.try_get(1)?,
                text: row.try_get(2)?,
                sha256: row.try_get(3)?,
                sign_again: row.try_get(4)?,
                saved_at: moment(row.try_get(5)?)?,
                saved_by: row.try_get::<String, _>(6)?.parse().map_err(|_| StoreError::Corrupt("wording"))?,
            })
        };
        rows.iter().map(wording).collect()
    }

    /// Keeps a revision of a PDF of the clinic's own; `false`: that revision is kept already.
    ///
    /// # Errors
    /// Of the database.
    pub async fn keep_own_form(&self, own: &OwnForm, entry: &AuditEntry) -> Result<bool, StoreError> {
        let insert = sqlx::query(
            "INSERT INTO own_form (form, revision, title, pdf, stamps, sha256, retired, saved_at, saved_by)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (form, revision) DO NOTHING",
        )
        .bind(&own.form)
        .bind(own.revision)
        .bind(&own.title)
        .bind(&own.pdf)
        .bind(&own.stamps)
        .bind(&own.sha256)
        .bind(own.retired)
        .bind(own.saved_at.timestamp_millis())
        .bind(own.saved_by.as_str());
        self.keep_revision(insert, entry).await
    }

    /// The newest revision of a PDF of the clinic's own, with its file.
    ///
    /// # Errors
    /// Of the database.
    pub async fn own_form(&self, form: &str) -> Result<Option<OwnForm>, StoreError> {
        let row = sqlx::query(
            "SELECT form, revision, title, pdf, stamps, sha256, retired, saved_at, saved_by FROM own_form
             WHERE form = ?1 ORDER BY revision DESC LIMIT 1",
        )
        .bind(form)
        .fetch_optional(&mut *self.reader().await?)
        .await?;
        row.as_ref().map(own_form).transpose()
    }

    /// The newest revision of each, without the files.
    ///
    /// # Errors
    /// Of the database.
    pub async fn own_forms(&self) -> Result<Vec<OwnForm>, StoreError> {
        let rows = sqlx::query(
            "SELECT form, revision, title, x'' AS pdf, stamps, sha256, retired, saved_at, saved_by FROM own_form o
             WHERE revision = (SELECT max(revision) FROM own_form WHERE form = o.form) ORDER BY title, form",
        )
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.iter().map(own_form).collect()
    }

    /// Both or neither; `false`: the revision is kept already.
    async fn keep_revision(
        &self,
        insert: Query<'_, Sqlite, SqliteArguments>,
        entry: &AuditEntry,
    ) -> Result<bool, StoreError> {
        let mut writer = self.writer().await?;
        let mut tx = begin(&mut writer).await?;
        if insert.execute(&mut *tx).await?.rows_affected() == 0 {
            return Ok(false);
        }
        audit::append(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(true)
    }
}

fn own_form(row: &SqliteRow) -> Result<OwnForm, StoreError> {
    Ok(OwnForm {
        form: row.try_get(0)?,
        revision: row.try_get(1)?,
        title: row.try_get(2)?,
        pdf: row.try_get(3)?,
        stamps: row.try_get(4)?,
        sha256: row.try_get(5)?,
        retired: row.try_get(6)?,
        saved_at: moment(row.try_get(7)?)?,
        saved_by: row.try_get::<String, _>(8)?.parse().map_err(|_| StoreError::Corrupt("own_form"))?,
    })
}

fn moment(milliseconds: i64) -> Result<DateTime<Utc>, StoreError> {
    DateTime::from_timestamp_millis(milliseconds).ok_or(StoreError::Corrupt("moment"))
}
