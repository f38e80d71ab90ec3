//! Printed papers as they were printed, and as they came back from the scanner.
//!
//! Invariants: a printed file is never changed; files go with their person.

use domain::{PaperId, PersonId};
use sqlx::Row;

use crate::{Store, audit, error::StoreError, model::AuditEntry, open::begin};

impl Store {
    /// Keeps the file of a printed paper; the same number again keeps what was printed first. `whose`: the person with whom
    /// it goes, or the case of nobody with a card.
    ///
    /// # Errors
    /// Of the database.
    pub async fn keep_paper(&self, paper: &PaperId, whose: &str, pdf: &[u8]) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        let mut tx = begin(&mut writer).await?;
        sqlx::query("INSERT INTO paper_file (paper, person, pdf) VALUES (?1, ?2, ?3) ON CONFLICT (paper) DO NOTHING")
            .bind(paper.as_str())
            .bind(whose)
            .bind(pdf)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// What was printed, if it was printed at this desk.
    ///
    /// # Errors
    /// Of the database.
    pub async fn paper_file(&self, paper: &PaperId) -> Result<Option<Vec<u8>>, StoreError> {
        let row = sqlx::query("SELECT pdf FROM paper_file WHERE paper = ?1")
            .bind(paper.as_str())
            .fetch_optional(&mut *self.reader().await?)
            .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// Keeps the scan of a sheet; another one of the same sheet takes its place.
    ///
    /// # Errors
    /// Of the database.
    pub async fn keep_scan(
        &self,
        paper: &PaperId,
        person: &PersonId,
        scan: &Scan,
        entry: &AuditEntry,
    ) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        let mut tx = begin(&mut writer).await?;
        sqlx::query(
            "INSERT INTO paper_scan (paper, person, pdf, sha256, kept_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (paper) DO UPDATE SET pdf = excluded.pdf, sha256 = excluded.sha256, kept_at = excluded.kept_at",
        )
        .bind(paper.as_str())
        .bind(person.as_str())
        .bind(&scan.pdf)
        .bind(&scan.sha256)
        .bind(entry.at.timestamp_millis())
        .execute(&mut *tx)
        .await?;
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// The scan of a sheet, if it was scanned at this desk.
    ///
    /// # Errors
    /// Of the database.
    pub async fn scan(&self, paper: &PaperId) -> Result<Option<Scan>, StoreError> {
        let row = sqlx::query("SELECT pdf, sha256 FROM paper_scan WHERE paper = ?1")
            .bind(paper.as_str())
            .fetch_optional(&mut *self.reader().await?)
            .await?;
        row.map(|row| Ok(Scan { pdf: row.try_get(0)?, sha256: row.try_get(1)? })).transpose()
    }
}

/// A sheet as it came back from the scanner.
#[derive(Clone, PartialEq, Eq)]
pub struct Scan {
    pub pdf: Vec<u8>,
    /// Of the file, hex.
    pub sha256: String,
}

impl std::fmt::Debug for Scan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Scan({} bytes)", self.pdf.len())
    }
}
