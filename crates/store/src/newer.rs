//! Changes of a newer version: kept as they came until this program can read them.
//!
//! Invariants: an entity is in the view or here, never in both, and the later word wins; what is here commits with its
//! page and its cursor; a resync sweeps it like everything else.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use contract::v1::NewerChange;
use domain::EntityRef;
use serde_json::value::RawValue;
use sqlx::{Row, SqliteConnection};

use crate::{
    Store,
    apply::{Feed, bring_in, feed, is_news},
    entity::{self, Base, json},
    erase,
    error::{StoreError, integer, natural},
    model::OpenedChange,
    open::begin,
    overlay,
};

impl Store {
    /// Changes that were kept unread and still count.
    ///
    /// # Errors
    /// Of the database.
    pub async fn newer(&self) -> Result<Vec<NewerChange>, StoreError> {
        let rows =
            sqlx::query("SELECT id, seq, raw FROM newer WHERE generation = (SELECT generation FROM feed) ORDER BY seq")
                .fetch_all(&mut *self.reader().await?)
                .await?;
        let read = |row: sqlx::sqlite::SqliteRow| {
            let raw = RawValue::from_string(row.try_get(2)?).map_err(|_| StoreError::Corrupt("newer change"))?;
            Ok(NewerChange { id: row.try_get(0)?, seq: natural(row.try_get(1)?)?, raw })
        };
        rows.into_iter().map(read).collect()
    }

    /// How many records are kept unread.
    ///
    /// # Errors
    /// Of the database.
    pub async fn newer_count(&self) -> Result<u32, StoreError> {
        Ok(sqlx::query_scalar("SELECT count(*) FROM newer").fetch_one(&mut *self.reader().await?).await?)
    }

    /// Brings changes in that were kept unread and can be read now, at `at`.
    ///
    /// # Errors
    /// Nothing is brought in then.
    pub async fn read_newer(&self, changes: &[OpenedChange], at: DateTime<Utc>) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        let mut tx = begin(&mut writer).await?;
        let feed = feed(&mut tx).await?;
        let gone = bring_in(&mut tx, &feed, changes).await?;
        erase::note(&mut tx, &gone, at).await?;
        Ok(tx.commit().await?)
    }
}

/// Sequence numbers of what is kept, by entity.
pub(crate) async fn kept(connection: &mut SqliteConnection, feed: &Feed) -> Result<HashMap<String, u64>, StoreError> {
    let rows = sqlx::query("SELECT id, seq FROM newer WHERE generation = ?1")
        .bind(feed.generation)
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, natural(row.try_get(1)?)?))).collect()
}

/// Keeps a change unread. What was known of the entity goes out of the view: it is not true any more.
pub(crate) async fn keep(
    connection: &mut SqliteConnection,
    feed: &Feed,
    change: &NewerChange,
) -> Result<(), StoreError> {
    let seq = integer(change.seq)?;
    if let Ok(id) = change.id.parse::<EntityRef>() {
        let known = entity::known(connection, &[id.as_str()]).await?.remove(&0);
        if known.as_ref().is_some_and(|known| !is_news(feed, known, seq)) {
            return Ok(());
        }
        // whatever was applied to it is in the gateway's newer word
        overlay::settle(connection, &id, i64::MAX).await?;
        overlay::rebase(connection, feed.generation, &id, known.map(|known| known.row), &Base::default()).await?;
    }
    sqlx::query(
        "INSERT INTO newer (id, seq, generation, raw) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, generation = excluded.generation, raw = excluded.raw
         WHERE excluded.seq >= newer.seq OR excluded.generation > newer.generation",
    )
    .bind(&change.id)
    .bind(seq)
    .bind(feed.generation)
    .bind(change.raw.get())
    .execute(connection)
    .await?;
    Ok(())
}

/// These entities were read.
pub(crate) async fn forget(connection: &mut SqliteConnection, ids: &[&str]) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM newer WHERE id IN (SELECT value FROM json_each(?1))")
        .bind(json(ids)?)
        .execute(connection)
        .await?;
    Ok(())
}

/// Forgets what a new reading of the feed did not bring.
pub(crate) async fn sweep(connection: &mut SqliteConnection, generation: i64) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM newer WHERE generation < ?1").bind(generation).execute(connection).await?;
    Ok(())
}
