//! The one door for people: whatever says who a person is leaves the store through here, as [`Visible`].
//!
//! Invariant: no other module turns a row into a person.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{PaperId, PersonId, fold::fold};
use sqlx::sqlite::SqliteRow;

use super::{by_id, digits, list};
use crate::{
    Store,
    entity::{columns, json, record},
    error::StoreError,
    model::{PersonRecord, Visible},
};

/// A row of a person.
pub(crate) fn visible(row: &SqliteRow) -> Result<Visible<PersonRecord>, StoreError> {
    Ok(Visible::new(record(row)?))
}

impl Store {
    /// A person's card.
    ///
    /// # Errors
    /// Of the database.
    pub async fn person(&self, id: &PersonId) -> Result<Option<Visible<PersonRecord>>, StoreError> {
        let row = sqlx::query(by_id!()).bind(id.as_str()).fetch_optional(&mut *self.reader().await?).await?;
        row.as_ref().map(visible).transpose()
    }

    /// Everybody with this number, `+79…`: a household, not one person.
    ///
    /// # Errors
    /// Of the database.
    pub async fn people_by_phone(&self, e164: &str) -> Result<Vec<Visible<PersonRecord>>, StoreError> {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM phone_index p CROSS JOIN entity e ON e.row = p.row
             WHERE p.digits = ?1 AND e.kind = 'person' ORDER BY e.row"
        );
        let rows = sqlx::query(sql).bind(digits(e164)).fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(visible).collect()
    }

    /// Everybody of this full name, however it is spelled: namesakes.
    ///
    /// # Errors
    /// Of the database.
    pub async fn people_of_name(&self, full_name: &str) -> Result<Vec<Visible<PersonRecord>>, StoreError> {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM name_index n CROSS JOIN entity e ON e.row = n.row
             WHERE n.name = ?1 AND e.kind = 'person' ORDER BY e.row"
        );
        let rows = sqlx::query(sql).bind(fold(full_name)).fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(visible).collect()
    }

    /// Whose sheet this is.
    ///
    /// # Errors
    /// Of the database.
    pub async fn person_of_paper(&self, paper: &PaperId) -> Result<Option<Visible<PersonRecord>>, StoreError> {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM paper_index p CROSS JOIN entity e ON e.row = p.row WHERE p.paper = ?1"
        );
        let row = sqlx::query(sql).bind(paper.as_str()).fetch_optional(&mut *self.reader().await?).await?;
        row.as_ref().map(visible).transpose()
    }

    /// Everybody of whom a sheet was printed from one moment until before another.
    ///
    /// # Errors
    /// Of the database.
    pub async fn people_printed_between(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<Visible<PersonRecord>>, StoreError> {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM entity e WHERE e.row IN (SELECT row FROM paper_index WHERE printed_at >= ?1 AND printed_at < ?2)
             ORDER BY e.row"
        );
        let query = sqlx::query(sql).bind(from.timestamp_millis()).bind(to.timestamp_millis());
        query.fetch_all(&mut *self.reader().await?).await?.iter().map(visible).collect()
    }

    /// People with sheets that somebody still has to sign, the latest printed first.
    ///
    /// # Errors
    /// Of the database.
    pub async fn people_awaited(&self, limit: u32) -> Result<Vec<Visible<PersonRecord>>, StoreError> {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM (SELECT row, max(printed_at) AS latest FROM paper_index WHERE awaits = 1 GROUP BY row
                    ORDER BY latest DESC LIMIT ?1) p CROSS JOIN entity e ON e.row = p.row ORDER BY p.latest DESC"
        );
        let rows = sqlx::query(sql).bind(limit).fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(visible).collect()
    }

    /// The cards of several people at once, for the rows of a schedule.
    ///
    /// # Errors
    /// Of the database.
    pub async fn people_names(
        &self,
        ids: &[PersonId],
    ) -> Result<BTreeMap<PersonId, Visible<PersonRecord>>, StoreError> {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM json_each(?1) j CROSS JOIN entity e ON e.id = j.value WHERE e.kind = 'person'"
        );
        let rows = sqlx::query(sql).bind(json(ids)?).fetch_all(&mut *self.reader().await?).await?;
        let people: Vec<PersonRecord> = list(&rows)?;
        Ok(people.into_iter().map(|person| (person.id.clone(), Visible::new(person))).collect())
    }
}
