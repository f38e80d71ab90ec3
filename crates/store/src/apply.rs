//! Pages of the feed: confirmed states come in, the view is worked out anew.
//!
//! Invariants: a page and its cursor commit together or not at all; applying a page twice, or pages in another split,
//! gives the same view; a resync marks what it meets and sweeps the rest at its end, and never touches the outbox.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use chrono::{DateTime, SecondsFormat, Utc};
use contract::v1::NewerChange;
use domain::{EntityRef, State};
use sqlx::{Row, SqliteConnection};

use crate::{
    Store,
    entity::{self, BATCH, Base, EntityWrite, Known},
    erase,
    error::{StoreError, integer},
    model::{OpenedChange, SyncMark},
    newer,
    open::begin,
    overlay, settled,
};

/// Entities swept in one statement at the end of a resync.
const SWEEP: i64 = 1_000;

/// Where the feed stands, as the writing transaction sees it.
pub(crate) struct Feed {
    pub(crate) generation: i64,
    resyncing: bool,
}

impl Store {
    /// Applies a page and its cursor in one transaction. `complete`: the gateway has no more; its data is as of
    /// `pulled_at`, and a resync that was under way ends here.
    ///
    /// # Errors
    /// Nothing is applied then.
    pub async fn apply_page(
        &self,
        changes: &[OpenedChange],
        cursor: &str,
        pulled_at: DateTime<Utc>,
        complete: bool,
    ) -> Result<(), StoreError> {
        self.apply_page_with_newer(changes, &[], cursor, pulled_at, complete).await
    }

    /// The same for a page with changes that this version cannot read; they are kept.
    ///
    /// # Errors
    /// Nothing is applied then.
    pub async fn apply_page_with_newer(
        &self,
        changes: &[OpenedChange],
        newer: &[NewerChange],
        cursor: &str,
        pulled_at: DateTime<Utc>,
        complete: bool,
    ) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        let mut tx = begin(&mut writer).await?;
        let feed = feed(&mut tx).await?;
        let gone = bring_in(&mut tx, &feed, changes).await?;
        erase::note(&mut tx, &gone, pulled_at).await?;
        for change in newer {
            newer::keep(&mut tx, &feed, change).await?;
        }
        match (complete, feed.resyncing) {
            (true, true) => sweep(&mut tx, feed.generation).await?,
            (true, false) => settle_reached(&mut tx).await?,
            (false, _) => {}
        }
        if complete {
            settled::forget_old(&mut tx, pulled_at).await?;
        }
        sqlx::query(
            "UPDATE feed SET cursor = ?1, pulled_at = CASE WHEN ?3 THEN ?2 ELSE pulled_at END,
                 resyncing = CASE WHEN ?3 THEN 0 ELSE resyncing END WHERE one = 1",
        )
        .bind(cursor)
        .bind(text(pulled_at))
        .bind(complete)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Begins to read the feed anew, from its beginning. What is here stays until the new reading is complete.
    ///
    /// # Errors
    /// Of the database.
    pub async fn begin_resync(&self) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        let mut tx = begin(&mut writer).await?;
        sqlx::query("UPDATE feed SET cursor = NULL, generation = generation + 1, resyncing = 1 WHERE one = 1")
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Ends a resync. A complete page has done so already; then this does nothing.
    ///
    /// # Errors
    /// Of the database.
    pub async fn finish_resync(&self) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        let mut tx = begin(&mut writer).await?;
        let feed = feed(&mut tx).await?;
        if feed.resyncing {
            sweep(&mut tx, feed.generation).await?;
            sqlx::query("UPDATE feed SET resyncing = 0 WHERE one = 1").execute(&mut *tx).await?;
        }
        Ok(tx.commit().await?)
    }

    /// How far the feed was read.
    ///
    /// # Errors
    /// Of the database.
    pub async fn sync_mark(&self) -> Result<SyncMark, StoreError> {
        let row = sqlx::query("SELECT cursor, pulled_at, resyncing FROM feed WHERE one = 1")
            .fetch_one(&mut *self.reader().await?)
            .await?;
        let pulled_at: Option<String> = row.try_get(1)?;
        Ok(SyncMark {
            cursor: row.try_get(0)?,
            pulled_at: pulled_at.as_deref().map(parse).transpose()?,
            resyncing: row.try_get(2)?,
        })
    }
}

/// A time as it is stored: RFC 3339, always to the microsecond.
pub(crate) fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// A stored time.
pub(crate) fn parse(text: &str) -> Result<DateTime<Utc>, StoreError> {
    DateTime::parse_from_rfc3339(text).map(|at| at.with_timezone(&Utc)).map_err(|_| StoreError::Corrupt("time"))
}

/// The generation that writes belong to.
pub(crate) async fn generation(connection: &mut SqliteConnection) -> Result<i64, StoreError> {
    Ok(feed(connection).await?.generation)
}

pub(crate) async fn feed(connection: &mut SqliteConnection) -> Result<Feed, StoreError> {
    let row = sqlx::query("SELECT generation, resyncing FROM feed WHERE one = 1").fetch_one(connection).await?;
    Ok(Feed { generation: row.try_get(0)?, resyncing: row.try_get(1)? })
}

/// Brings changes in that this version reads; which records are erased by it.
pub(crate) async fn bring_in(
    connection: &mut SqliteConnection,
    feed: &Feed,
    changes: &[OpenedChange],
) -> Result<Vec<String>, StoreError> {
    let unread = newer::kept(connection, feed).await?;
    let mut changes = latest(changes);
    if !unread.is_empty() {
        changes.retain(|change| unread.get(change.id.as_str()).is_none_or(|seq| change.seq >= *seq));
        let ids: Vec<&str> = changes.iter().map(|change| change.id.as_str()).collect();
        newer::forget(connection, &ids).await?;
    }
    let busy = busy(connection).await?;
    let (own, plain): (Vec<_>, Vec<_>) = changes.into_iter().partition(|change| busy.contains(change.id.as_str()));
    let mut gone = Vec::new();
    for batch in plain.chunks(BATCH) {
        gone.extend(apply_plain(connection, feed, batch).await?);
    }
    for change in own {
        if apply_under_own_actions(connection, feed, change).await? {
            gone.push(change.id.to_string());
        }
    }
    Ok(gone)
}

/// Entities with unsettled actions.
async fn busy(connection: &mut SqliteConnection) -> Result<HashSet<String>, StoreError> {
    let ids: Vec<String> = sqlx::query_scalar("SELECT DISTINCT entity FROM outbox_touch").fetch_all(connection).await?;
    Ok(ids.into_iter().collect())
}

/// Each entity once, at its latest.
fn latest(changes: &[OpenedChange]) -> Vec<&OpenedChange> {
    let mut place: HashMap<&EntityRef, usize> = HashMap::with_capacity(changes.len());
    let mut latest: Vec<&OpenedChange> = Vec::with_capacity(changes.len());
    for change in changes {
        match place.get(&change.id) {
            Some(&at) if latest[at].seq <= change.seq => latest[at] = change,
            Some(_) => {}
            None => {
                place.insert(&change.id, latest.len());
                latest.push(change);
            }
        }
    }
    latest
}

/// A row of an earlier generation is always replaced: after a restore the gateway counts anew.
pub(crate) fn is_news(feed: &Feed, known: &Known, seq: i64) -> bool {
    known.generation < feed.generation || seq >= known.base_seq
}

async fn apply_plain(
    connection: &mut SqliteConnection,
    feed: &Feed,
    batch: &[&OpenedChange],
) -> Result<Vec<String>, StoreError> {
    let ids: Vec<&str> = batch.iter().map(|change| change.id.as_str()).collect();
    let known = entity::known(connection, &ids).await?;
    let (mut erased, mut gone) = (Vec::new(), Vec::new());
    let mut writes = Vec::with_capacity(batch.len());
    let mut places = HashMap::with_capacity(known.len());
    for (at, change) in batch.iter().enumerate() {
        let known = known.get(&at);
        if let Some(known) = known
            && !is_news(feed, known, integer(change.seq)?)
        {
            continue;
        }
        match &change.state {
            Some(state) => {
                if let Some(known) = known {
                    places.insert(writes.len(), *known);
                }
                writes.push(confirmed_write(change, state));
            }
            None => {
                settled::forget_entity(connection, &change.id).await?;
                if let Some(known) = known {
                    erased.push(known.row);
                    gone.push(change.id.to_string());
                }
            }
        }
    }
    entity::erase(connection, &erased).await?;
    entity::write_batch(connection, feed.generation, &writes, &places).await?;
    Ok(gone)
}

fn confirmed_write<'a>(change: &'a OpenedChange, state: &'a State) -> EntityWrite<'a> {
    EntityWrite {
        id: &change.id,
        base_version: change.version,
        base_seq: change.seq,
        version: change.version,
        state: Cow::Borrowed(state),
        parts: Cow::Borrowed(&change.parts),
        certainty: contract::ui::Certainty::Confirmed,
        confirmed: None,
    }
}

/// Whether the record is erased by it.
async fn apply_under_own_actions(
    connection: &mut SqliteConnection,
    feed: &Feed,
    change: &OpenedChange,
) -> Result<bool, StoreError> {
    let known = entity::known(connection, &[change.id.as_str()]).await?.remove(&0);
    if let Some(known) = &known
        && !is_news(feed, known, integer(change.seq)?)
    {
        return Ok(false);
    }
    let gone = change.state.is_none() && known.is_some();
    // whatever was applied to an erased entity is over
    let reached = if change.state.is_some() { integer(change.version)? } else { i64::MAX };
    overlay::settle(connection, &change.id, reached).await?;
    let base = match &change.state {
        Some(state) => {
            Base { version: change.version, seq: change.seq, state: Some(state.clone()), parts: change.parts.clone() }
        }
        None => {
            settled::forget_entity(connection, &change.id).await?;
            Base::default()
        }
    };
    overlay::rebase(connection, feed.generation, &change.id, known.map(|known| known.row), &base).await?;
    Ok(gone)
}

/// Lets go of applied actions of which the feed has brought everything, now or before the gateway's word on them was heard.
async fn settle_reached(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let reached: Vec<String> = sqlx::query_scalar(
        "DELETE FROM outbox_touch WHERE version IS NOT NULL
             AND version <= coalesce((SELECT base_version FROM entity WHERE id = outbox_touch.entity), 0)
         RETURNING entity",
    )
    .fetch_all(&mut *connection)
    .await?;
    for id in reached {
        overlay::recompute(connection, &id.parse().map_err(|_| StoreError::Corrupt("id"))?).await?;
    }
    settled::keep(connection).await
}

/// Forgets what the new reading of the feed did not bring; own unsettled actions stay, on nothing if need be.
async fn sweep(connection: &mut SqliteConnection, generation: i64) -> Result<(), StoreError> {
    newer::sweep(connection, generation).await?;
    // The gateway may have lost what it once confirmed: such actions go again, under the same ids.
    settled::again(connection).await?;
    sqlx::query("UPDATE outbox SET state = 'unknown' WHERE state = 'applied'").execute(&mut *connection).await?;
    // Whatever version an edit met, it is here now or of a lost history: nobody waits for it.
    sqlx::query(
        "UPDATE outbox SET refusal = json_set(refusal, '$.version', 0) WHERE refusal->>'refusal' = 'changed_meanwhile'",
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query("UPDATE outbox_touch SET version = NULL WHERE version IS NOT NULL").execute(&mut *connection).await?;
    for id in busy(connection).await? {
        let id: EntityRef = id.parse().map_err(|_| StoreError::Corrupt("id"))?;
        let stale: Option<i64> = sqlx::query_scalar("SELECT row FROM entity WHERE id = ?1 AND generation < ?2")
            .bind(id.as_str())
            .bind(generation)
            .fetch_optional(&mut *connection)
            .await?;
        match stale {
            Some(row) => overlay::rebase(connection, generation, &id, Some(row), &Base::default()).await?,
            None => overlay::recompute(connection, &id).await?,
        }
    }
    loop {
        let rows: Vec<i64> = sqlx::query_scalar("SELECT row FROM entity WHERE generation < ?1 LIMIT ?2")
            .bind(generation)
            .bind(SWEEP)
            .fetch_all(&mut *connection)
            .await?;
        if rows.is_empty() {
            return Ok(());
        }
        entity::erase(connection, &rows).await?;
    }
}
