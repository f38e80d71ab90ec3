//! The one door for people: a person leaves the store through here, as [`Visible`], and through the shield.
//!
//! Invariant: no other module turns a row into a person.

use std::collections::BTreeMap;

use domain::PersonId;
use sqlx::sqlite::SqliteRow;

use super::{by_id, digits, shield::Shield};
use crate::{
    Store,
    entity::{columns, json},
    error::StoreError,
    model::{PersonRecord, Visible},
};

/// A row of a person.
pub(crate) fn visible(shield: &Shield, row: &SqliteRow) -> Result<Visible<PersonRecord>, StoreError> {
    Ok(Visible::new(shield.pass(row)?))
}

impl Store {
    /// A person's card.
    ///
    /// # Errors
    /// Of the database.
    pub async fn person(&self, id: &PersonId) -> Result<Option<Visible<PersonRecord>>, StoreError> {
        let mut reader = self.reader().await?;
        let row = sqlx::query(by_id!()).bind(id.as_str()).fetch_optional(&mut *reader).await?;
        let shield = self.shield(&mut reader).await?;
        row.as_ref().map(|row| visible(&shield, row)).transpose()
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
        let mut reader = self.reader().await?;
        let rows = sqlx::query(sql).bind(digits(e164)).fetch_all(&mut *reader).await?;
        let shield = self.shield(&mut reader).await?;
        rows.iter().map(|row| visible(&shield, row)).collect()
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
        let mut reader = self.reader().await?;
        let rows = sqlx::query(sql).bind(json(ids)?).fetch_all(&mut *reader).await?;
        let shield = self.shield(&mut reader).await?;
        let people = rows.iter().map(|row| visible(&shield, row));
        people.map(|person| person.map(|person| (person.id.clone(), person))).collect()
    }
}
