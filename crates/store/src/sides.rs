//! The sides of an edit that met another one: what the record was, what this desk made of it, what the others did.
//!
//! Invariant: what the record was is kept in the transaction that keeps the edit, and goes with it.

use domain::{ActionId, Command, Refusal, State};
use serde::{Deserialize, Serialize};
use sqlx::{Connection, SqliteConnection};

use crate::{
    Store,
    entity::{self, from_json, json},
    error::StoreError,
    model::{Opened, OutboxRecord},
    outbox, overlay,
};

/// A record at one moment.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Snapshot {
    pub version: u64,
    /// None: it is not there.
    pub state: Option<State>,
    pub parts: Opened,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("version", &self.version).finish_non_exhaustive()
    }
}

impl Snapshot {
    /// The [etag](State::etag) of the record.
    #[must_use]
    pub fn etag(&self) -> Option<ActionId> {
        self.state.as_ref().and_then(State::etag).cloned()
    }
}

/// Mine, theirs and before.
#[derive(Debug, Clone)]
pub struct Sides {
    pub mine: OutboxRecord,
    /// None where it was not kept.
    pub before: Option<Snapshot>,
    /// As it stands here without the edit and what came after it.
    pub theirs: Snapshot,
    /// What the gateway judged by has not come in yet.
    pub waits: bool,
}

/// Writes a record as a whole, on the version that was seen.
pub(crate) fn writes_whole(command: &Command) -> bool {
    matches!(
        command,
        Command::PersonPut { .. }
            | Command::CasePut { .. }
            | Command::StaffPut { .. }
            | Command::PractitionerPut { .. }
            | Command::ClinicPut { .. }
    )
}

impl OutboxRecord {
    /// Somebody else changed the record meanwhile: the sides are to be laid together.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self.refusal, Some(Refusal::ChangedMeanwhile { .. })) && writes_whole(&self.envelope.action.command)
    }
}

impl Store {
    /// The sides of a refused edit; None when there is no such conflict.
    ///
    /// # Errors
    /// Of the database.
    pub async fn sides(&self, id: &ActionId) -> Result<Option<Sides>, StoreError> {
        let mut reader = self.reader().await?;
        let mut tx = reader.begin().await?;
        let Some((n, action, _)) = outbox::find(&mut tx, id).await? else { return Ok(None) };
        let all = outbox::records(&mut tx).await?;
        let Some(mine) = all.into_iter().find(|one| one.envelope.action.id == *id && one.is_conflict()) else {
            return Ok(None);
        };
        let (_, base) = entity::base(&mut tx, &action.entity).await?;
        let judged = match mine.refusal {
            Some(Refusal::ChangedMeanwhile { version }) => u64::from(version),
            _ => 0,
        };
        let before: Option<String> = sqlx::query_scalar("SELECT snapshot FROM action_before WHERE n = ?1")
            .bind(n)
            .fetch_optional(&mut *tx)
            .await?;
        Ok(Some(Sides {
            mine,
            before: before.map(|snapshot| from_json(&snapshot, "snapshot")).transpose()?,
            theirs: overlay::before(&mut tx, &action.entity, n).await?,
            waits: base.version < judged,
        }))
    }
}

/// Keeps what the record is, if the edit writes it as a whole.
pub(crate) async fn keep(
    connection: &mut SqliteConnection,
    n: i64,
    command: &Command,
    seen: &Snapshot,
) -> Result<(), StoreError> {
    if seen.state.is_some() && writes_whole(command) {
        sqlx::query("INSERT INTO action_before (n, snapshot) VALUES (?1, ?2)")
            .bind(n)
            .bind(json(seen)?)
            .execute(connection)
            .await?;
    }
    Ok(())
}
