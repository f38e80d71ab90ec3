//! The outbox: what this desk did and the gateway has not settled.
//!
//! Invariants: an action's outbox row, its effect on the view and its audit row commit together; an envelope is never
//! edited (its ciphertext alone changes with the clinic's key), a refused action goes again as a new one; a refusal holds
//! back later actions on the same entities only; what may have reached the gateway cannot be discarded.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use contract::{
    ui::OutboxState,
    v1::{ActionEnvelope, ActionResult, Outcome},
};
use domain::{Action, ActionId, Context, EntityRef, Refusal, View};
use sqlx::{Connection, Row, SqliteConnection, sqlite::SqliteRow};

use crate::{
    Store, audit,
    entity::{from_json, json},
    error::{StoreError, integer},
    model::{AuditEntry, NewAction, Opened, OutboxRecord},
    open::begin,
    overlay::{self, Stage},
    settled, sides, view,
};

impl Store {
    /// Decides the action on what this desk sees and keeps it: outbox, effect and audit row in one transaction.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when the rule refuses; only the refusal is kept, in the audit chain.
    pub async fn commit_action(&self, new: NewAction<'_>) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        let mut tx = begin(&mut writer).await?;
        let action = &new.envelope.action;
        let view = view::load(&mut tx, action).await?;
        if let Err(refusal) = admit(&mut tx, &view, new.envelope, &new.opened, new.context).await? {
            audit::append(&mut tx, &refused(new.audit, &refusal)?).await?;
            tx.commit().await?;
            return Err(refusal.into());
        }
        let n = insert(&mut tx, new.envelope, &new.opened, new.context).await?;
        if sides::writes_whole(&action.command) {
            let seen = overlay::before(&mut tx, &action.entity, n).await?;
            sides::keep(&mut tx, n, &action.command, &seen).await?;
        }
        touch(&mut tx, n, action).await?;
        recompute(&mut tx, &action.touches()).await?;
        audit::append(&mut tx, &new.audit).await?;
        Ok(tx.commit().await?)
    }

    /// What is to be sent, oldest first: after a resync what had settled before, then what waits; nothing that an earlier
    /// refused action holds back.
    ///
    /// # Errors
    /// Of the database.
    pub async fn outbox_to_send(&self, limit: usize) -> Result<Vec<ActionEnvelope>, StoreError> {
        let mut reader = self.reader().await?;
        let mut tx = reader.begin().await?;
        let mut envelopes = settled::to_send(&mut tx, limit).await?;
        let left = limit - envelopes.len();
        let ready = |record: &OutboxRecord| matches!(record.state, OutboxState::Saved | OutboxState::Unknown);
        let waiting = records(&mut tx).await?.into_iter().filter(ready);
        envelopes.extend(waiting.take(left).map(|record| record.envelope));
        Ok(envelopes)
    }

    /// Notes before a push that these actions are on their way: from now on their fate is unknown, not failed. Gives back
    /// those that were never on their way before.
    ///
    /// # Errors
    /// Of the database.
    pub async fn mark_sent(&self, ids: &[ActionId]) -> Result<Vec<ActionId>, StoreError> {
        let ids = json(ids)?;
        let mut writer = self.writer().await?;
        let mut tx = begin(&mut writer).await?;
        let fresh: Vec<String> = sqlx::query_scalar(
            "SELECT id FROM outbox WHERE state = 'saved' AND id IN (SELECT value FROM json_each(?1)) ORDER BY n",
        )
        .bind(&ids)
        .fetch_all(&mut *tx)
        .await?;
        sqlx::query(
            "UPDATE outbox SET state = 'unknown', tries = tries + 1
             WHERE state IN ('saved', 'unknown') AND id IN (SELECT value FROM json_each(?1))",
        )
        .bind(&ids)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        fresh.iter().map(|id| id.parse().map_err(|_| StoreError::Corrupt("action id"))).collect()
    }

    /// Takes back [`Store::mark_sent`] where the gateway was not even reached: nothing of it can have arrived.
    ///
    /// # Errors
    /// Of the database; the actions then stay unknown, which is safe.
    pub async fn mark_unsent(&self, ids: &[ActionId]) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        let mut tx = begin(&mut writer).await?;
        sqlx::query(
            "UPDATE outbox SET state = 'saved' WHERE state = 'unknown' AND id IN (SELECT value FROM json_each(?1))",
        )
        .bind(json(ids)?)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Notes what became of actions. A refusal goes into the audit chain too.
    ///
    /// # Errors
    /// Nothing is noted then.
    pub async fn record_outcomes(&self, results: &[ActionResult], at: DateTime<Utc>) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        let mut tx = begin(&mut writer).await?;
        let mut touched: Vec<EntityRef> = Vec::new();
        for result in results {
            let found = match find(&mut tx, &result.id).await? {
                Some((n, action, _)) => Some((n, action)),
                None => settled::heard(&mut tx, &result.id, &result.outcome).await?,
            };
            let Some((n, action)) = found else { continue };
            match &result.outcome {
                Outcome::Applied { versions } => applied(&mut tx, n, &action, versions).await?,
                Outcome::Conflict { refusal } | Outcome::Rejected { refusal } => {
                    settle_refused(&mut tx, n, &action, refusal, at).await?;
                }
                Outcome::Unknown => settle_refused(&mut tx, n, &action, &Refusal::Unknown, at).await?,
                Outcome::RetryLater | Outcome::BlockedBy { .. } => {
                    sqlx::query("UPDATE outbox SET state = 'saved' WHERE n = ?1 AND state = 'unknown'")
                        .bind(n)
                        .execute(&mut *tx)
                        .await?;
                }
            }
            touched.extend(action.touches());
        }
        touched.sort_unstable();
        touched.dedup();
        recompute(&mut tx, &touched).await?;
        Ok(tx.commit().await?)
    }

    /// Every unsettled action, oldest first. What the gateway has is not among them.
    ///
    /// # Errors
    /// Of the database.
    pub async fn outbox(&self) -> Result<Vec<OutboxRecord>, StoreError> {
        let mut reader = self.reader().await?;
        let mut tx = reader.begin().await?;
        records(&mut tx).await
    }

    /// How many actions wait (held ones among them), and how many were refused.
    ///
    /// # Errors
    /// Of the database.
    pub async fn outbox_counts(&self) -> Result<(u32, u32), StoreError> {
        let row = sqlx::query(
            "SELECT count(*) FILTER (WHERE state IN ('saved', 'unknown')), count(*) FILTER (WHERE state = 'refused')
             FROM outbox",
        )
        .fetch_one(&mut *self.reader().await?)
        .await?;
        Ok((row.try_get(0)?, row.try_get(1)?))
    }

    /// Sends a refused action again under a new id, in its old place, on the record as it is now.
    ///
    /// # Errors
    /// [`StoreError::NeedsSealing`] when its part is sealed under the old id: use [`Store::outbox_replace`];
    /// [`StoreError::Refused`] when the rule still refuses.
    pub async fn outbox_retry(
        &self,
        id: &ActionId,
        new_id: ActionId,
        context: &Context,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        let mut tx = begin(&mut writer).await?;
        let (mut envelope, opened) = refused_one(&mut tx, id).await?;
        let old_part = envelope.action.sealed_part();
        envelope.action.id = new_id;
        if !envelope.parts.is_empty() && envelope.action.sealed_part() != old_part {
            return Err(StoreError::NeedsSealing);
        }
        drop(tx);
        drop(writer);
        self.outbox_replace(id, envelope, opened, context, audit).await
    }

    /// Replaces an action that the gateway does not have by a new one in its old place; its base becomes the record as it is
    /// seen now.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAction`] when there is no such action, or it may have reached the gateway; [`StoreError::Refused`] when the rule
    /// refuses the new one.
    pub async fn outbox_replace(
        &self,
        id: &ActionId,
        mut envelope: ActionEnvelope,
        opened: Opened,
        context: &Context,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        let mut tx = begin(&mut writer).await?;
        let Some((n, old, Stage::Refused | Stage::Saved)) = find(&mut tx, id).await? else {
            return Err(StoreError::NoSuchAction);
        };
        let mut touched = old.touches();
        // without the old one, so that what it left to be seen is not in the way
        sqlx::query("DELETE FROM outbox WHERE n = ?1").bind(n).execute(&mut *tx).await?;
        recompute(&mut tx, &touched).await?;
        let seen = overlay::before(&mut tx, &envelope.action.entity, n).await?;
        envelope.action.base_version = seen.version;
        envelope.action.if_match = seen.etag();
        let known = view::load(&mut tx, &envelope.action).await?;
        let view = View { target: seen.state.clone(), target_version: seen.version, ..known };
        if let Err(refusal) = admit(&mut tx, &view, &envelope, &opened, context).await? {
            tx.rollback().await?;
            drop(writer);
            self.audit(refused(audit, &refusal)?).await?;
            return Err(refusal.into());
        }
        insert_at(&mut tx, Some(n), &envelope, &opened, context).await?;
        sides::keep(&mut tx, n, &envelope.action.command, &seen).await?;
        touch(&mut tx, n, &envelope.action).await?;
        touched.extend(envelope.action.touches());
        touched.sort_unstable();
        touched.dedup();
        recompute(&mut tx, &touched).await?;
        audit::append(&mut tx, &audit).await?;
        Ok(tx.commit().await?)
    }

    /// Gives up an action that the gateway does not have.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAction`] when it is not there, or may have reached the gateway.
    pub async fn outbox_discard(&self, id: &ActionId, audit: AuditEntry) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        let mut tx = begin(&mut writer).await?;
        let Some((n, action, Stage::Refused | Stage::Saved)) = find(&mut tx, id).await? else {
            return Err(StoreError::NoSuchAction);
        };
        sqlx::query("DELETE FROM outbox WHERE n = ?1").bind(n).execute(&mut *tx).await?;
        recompute(&mut tx, &action.touches()).await?;
        audit::append(&mut tx, &audit).await?;
        Ok(tx.commit().await?)
    }
}

/// The rule's word on an action, on what this desk sees.
async fn admit(
    connection: &mut SqliteConnection,
    view: &View,
    envelope: &ActionEnvelope,
    opened: &Opened,
    context: &Context,
) -> Result<Result<(), Refusal>, StoreError> {
    let action = &envelope.action;
    if find(connection, &action.id).await?.is_some() {
        return Ok(Err(Refusal::AlreadyExists));
    }
    let fits = match action.sealed_part() {
        None => envelope.parts.is_empty(),
        Some((name, required)) => {
            let only_it = envelope.parts.keys().all(|part| *part == name);
            only_it && (!required || !envelope.parts.is_empty())
        }
    };
    if !fits || !opened.keys().eq(envelope.parts.keys()) {
        return Ok(Err(Refusal::BadSealedPart));
    }
    Ok(domain::decide(view, action, context).map(drop))
}

/// The same entry, saying that it was refused and why.
fn refused(mut entry: AuditEntry, refusal: &Refusal) -> Result<AuditEntry, StoreError> {
    let word = serde_json::to_value(refusal).map_err(|_| StoreError::Corrupt("refusal"))?;
    let word = word.get("refusal").and_then(|word| word.as_str()).unwrap_or_default();
    entry.detail = Some(match entry.detail {
        Some(detail) => format!("{detail} {word}"),
        None => word.to_owned(),
    });
    entry.verb.push_str(".refused");
    Ok(entry)
}

async fn insert(
    connection: &mut SqliteConnection,
    envelope: &ActionEnvelope,
    opened: &Opened,
    context: &Context,
) -> Result<i64, StoreError> {
    insert_at(connection, None, envelope, opened, context).await
}

async fn insert_at(
    connection: &mut SqliteConnection,
    n: Option<i64>,
    envelope: &ActionEnvelope,
    opened: &Opened,
    context: &Context,
) -> Result<i64, StoreError> {
    let inserted = sqlx::query(
        "INSERT INTO outbox (n, id, envelope, opened, decided_at, desk, state, refusal, tries)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'saved', NULL, 0)",
    )
    .bind(n)
    .bind(envelope.action.id.as_str())
    .bind(json(envelope)?)
    .bind(json(opened)?)
    .bind(context.now.timestamp_micros())
    .bind(context.desk.as_str())
    .execute(connection)
    .await?;
    Ok(inserted.last_insert_rowid())
}

pub(crate) async fn touch(connection: &mut SqliteConnection, n: i64, action: &Action) -> Result<(), StoreError> {
    for entity in action.touches() {
        sqlx::query("INSERT INTO outbox_touch (entity, n, version) VALUES (?1, ?2, NULL) ON CONFLICT DO NOTHING")
            .bind(entity.as_str())
            .bind(n)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

async fn recompute(connection: &mut SqliteConnection, entities: &[EntityRef]) -> Result<(), StoreError> {
    for entity in entities {
        overlay::recompute(connection, entity).await?;
    }
    Ok(())
}

pub(crate) async fn find(
    connection: &mut SqliteConnection,
    id: &ActionId,
) -> Result<Option<(i64, Action, Stage)>, StoreError> {
    let row = sqlx::query("SELECT n, envelope, state FROM outbox WHERE id = ?1")
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let envelope: ActionEnvelope = from_json(row.try_get(1)?, "envelope")?;
    Ok(Some((row.try_get(0)?, envelope.action, Stage::of(row.try_get(2)?)?)))
}

async fn refused_one(connection: &mut SqliteConnection, id: &ActionId) -> Result<(ActionEnvelope, Opened), StoreError> {
    let row = sqlx::query("SELECT envelope, opened FROM outbox WHERE id = ?1 AND state = 'refused'")
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?
        .ok_or(StoreError::NoSuchAction)?;
    Ok((from_json(row.try_get(0)?, "envelope")?, from_json(row.try_get(1)?, "opened parts")?))
}

/// The gateway has it. The overlay stays on each entity until the feed brings the version.
///
/// It settles with the next page, even where the versions are reached already: the gateway may have been restored in
/// between, and its versions then are not those that are here. A page that it answers shows that they are.
async fn applied(
    connection: &mut SqliteConnection,
    n: i64,
    action: &Action,
    versions: &[(EntityRef, u64)],
) -> Result<(), StoreError> {
    sqlx::query("UPDATE outbox SET state = 'applied', refusal = NULL WHERE n = ?1")
        .bind(n)
        .execute(&mut *connection)
        .await?;
    for entity in action.touches() {
        let version = versions.iter().find(|(changed, _)| *changed == entity).map_or(0, |(_, version)| *version);
        sqlx::query("UPDATE outbox_touch SET version = ?1 WHERE n = ?2 AND entity = ?3")
            .bind(integer(version)?)
            .bind(n)
            .bind(entity.as_str())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// A refusal is kept with its action, and in the audit chain.
pub(crate) async fn settle_refused(
    connection: &mut SqliteConnection,
    n: i64,
    action: &Action,
    refusal: &Refusal,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    set_refused(connection, n, refusal).await?;
    audit::append(connection, &refused(AuditEntry::of_action(action, at), refusal)?).await
}

async fn set_refused(connection: &mut SqliteConnection, n: i64, refusal: &Refusal) -> Result<(), StoreError> {
    sqlx::query("UPDATE outbox SET state = 'refused', refusal = ?1 WHERE n = ?2")
        .bind(json(refusal)?)
        .bind(n)
        .execute(connection)
        .await?;
    Ok(())
}

/// Every action that is not settled or applied, with what an earlier refusal holds back marked so.
pub(crate) async fn records(connection: &mut SqliteConnection) -> Result<Vec<OutboxRecord>, StoreError> {
    let rows =
        sqlx::query("SELECT envelope, opened, state, refusal, tries FROM outbox WHERE state <> 'applied' ORDER BY n")
            .fetch_all(connection)
            .await?;
    let mut blocked: HashSet<EntityRef> = HashSet::new();
    let mut records = Vec::with_capacity(rows.len());
    for row in &rows {
        let mut record = record(row)?;
        let touches = record.envelope.action.touches();
        // on its way or not: the gateway has not taken it, for every push that held it began with the refused one
        let waits = matches!(record.state, OutboxState::Saved | OutboxState::Unknown);
        if waits && touches.iter().any(|entity| blocked.contains(entity)) {
            record.state = OutboxState::Held;
        }
        if matches!(record.state, OutboxState::Refused | OutboxState::Held) {
            blocked.extend(touches);
        }
        records.push(record);
    }
    Ok(records)
}

fn record(row: &SqliteRow) -> Result<OutboxRecord, StoreError> {
    let envelope: ActionEnvelope = from_json(row.try_get(0)?, "envelope")?;
    let state = match Stage::of(row.try_get(2)?)? {
        Stage::Saved | Stage::Applied => OutboxState::Saved,
        Stage::Unknown => OutboxState::Unknown,
        Stage::Refused => OutboxState::Refused,
    };
    let refusal: Option<String> = row.try_get(3)?;
    Ok(OutboxRecord {
        at: envelope.action.at,
        envelope,
        opened: from_json(row.try_get(1)?, "opened parts")?,
        state,
        refusal: refusal.map(|refusal| from_json(&refusal, "refusal")).transpose()?,
        tries: row.try_get(4)?,
    })
}
