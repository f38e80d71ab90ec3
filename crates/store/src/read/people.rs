//! The one door for people: a person leaves the store through here, as [`Visible`], and through the shield.
//!
//! Invariant: no other module turns a row into a person, but [`merged`] that makes one of several cards.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use domain::{PaperId, PersonId, fold::fold};
use sqlx::{
    Sqlite,
    query::Query,
    sqlite::{SqliteArguments, SqliteRow},
};

use super::{digits, merged, shield::Shield};
use crate::{
    Store,
    entity::{columns, json},
    error::StoreError,
    index::wall,
    model::{PersonRecord, Visible},
};

/// A row of a person.
pub(crate) fn visible(shield: &Shield, row: &SqliteRow) -> Result<Visible<PersonRecord>, StoreError> {
    Ok(Visible::new(shield.pass(row)?))
}

impl Store {
    /// What a statement about people gives, past the shield.
    async fn visible_people(
        &self,
        query: Query<'_, Sqlite, SqliteArguments>,
    ) -> Result<Vec<Visible<PersonRecord>>, StoreError> {
        let mut reader = self.reader().await?;
        let rows = query.fetch_all(&mut *reader).await?;
        let shield = self.shield(&mut reader).await?;
        let cards = rows.iter().map(|row| shield.pass(row)).collect::<Result<_, _>>()?;
        merged::everybody(&mut reader, &shield, cards).await
    }

    /// A person, by any of their cards.
    ///
    /// # Errors
    /// Of the database.
    pub async fn person(&self, id: &PersonId) -> Result<Option<Visible<PersonRecord>>, StoreError> {
        let sql = concat!("SELECT ", columns!(), " FROM entity e WHERE e.id = ?1 AND e.kind = 'person'");
        Ok(self.visible_people(sqlx::query(sql).bind(id.as_str())).await?.pop())
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
        self.visible_people(sqlx::query(sql).bind(digits(e164))).await
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
        self.visible_people(sqlx::query(sql).bind(fold(full_name))).await
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
        Ok(self.visible_people(sqlx::query(sql).bind(paper.as_str())).await?.pop())
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
        self.visible_people(sqlx::query(sql).bind(from.timestamp_millis()).bind(to.timestamp_millis())).await
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
        self.visible_people(sqlx::query(sql).bind(limit)).await
    }

    /// Everybody without a visit from a day on, and without a request that is open or was closed from a moment on.
    ///
    /// # Errors
    /// Of the database.
    pub async fn people_without_purpose(
        &self,
        visits_from: NaiveDateTime,
        requests_from: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<Visible<PersonRecord>>, StoreError> {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM entity e WHERE e.kind = 'person'
                 AND NOT EXISTS (SELECT 1 FROM visit_index v WHERE v.person = e.id AND v.starts >= ?1)
                 AND NOT EXISTS (SELECT 1 FROM request_index r WHERE r.person = e.id
                                 AND (r.is_open = 1 OR r.closed_at >= ?2))
             ORDER BY e.row LIMIT ?3"
        );
        let query = sqlx::query(sql).bind(wall(visits_from)).bind(requests_from.timestamp_millis()).bind(limit);
        self.visible_people(query).await
    }

    /// Everybody who has a card; for lists that are given out and for what a lost computer held.
    ///
    /// # Errors
    /// Of the database.
    pub async fn everybody(&self) -> Result<Vec<Visible<PersonRecord>>, StoreError> {
        let sql = concat!("SELECT ", columns!(), " FROM entity e WHERE e.kind = 'person' ORDER BY e.row");
        self.visible_people(sqlx::query(sql)).await
    }

    /// Everybody with a paper of one of these forms.
    ///
    /// # Errors
    /// Of the database.
    pub async fn people_with_forms(&self, forms: &[String]) -> Result<Vec<Visible<PersonRecord>>, StoreError> {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM entity e WHERE e.row IN (SELECT row FROM paper_index) AND EXISTS (
                  SELECT 1 FROM json_each(e.state, '$.papers') p CROSS JOIN json_each(?1) f
                  WHERE p.value ->> 'form' = f.value)
             ORDER BY e.row"
        );
        self.visible_people(sqlx::query(sql).bind(json(forms)?)).await
    }

    /// Several people at once, for the rows of a schedule, by the ids that were asked for.
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
        let mut people = BTreeMap::new();
        for row in &rows {
            let card: PersonRecord = shield.pass(row)?;
            let asked = card.id.clone();
            people.insert(asked, Visible::new(merged::whole(&mut reader, &shield, card).await?));
        }
        Ok(people)
    }
}
