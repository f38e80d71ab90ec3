//! Printed papers as they were printed.
//!
//! Invariants: a file is never changed; it goes with its person.

use domain::{PaperId, PersonId};
use sqlx::Row;

use crate::{Store, error::StoreError, open::begin};

impl Store {
    /// Keeps the file of a printed paper; the same number again keeps what was printed first.
    ///
    /// # Errors
    /// Of the database.
    pub async fn keep_paper(&self, paper: &PaperId, person: &PersonId, pdf: &[u8]) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        let mut tx = begin(&mut writer).await?;
        sqlx::query("INSERT INTO paper_file (paper, person, pdf) VALUES (?1, ?2, ?3) ON CONFLICT (paper) DO NOTHING")
            .bind(paper.as_str())
            .bind(person.as_str())
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
}
