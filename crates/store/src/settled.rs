//! Settled actions, kept for as long as the gateway may be restored from a copy that does not know them.
//!
//! Invariants: an action leaves the outbox for this table in one transaction with its settling; it goes again under its
//! own id, and only after a resync; it never lies over the view again; what is erased leaves here too.

use chrono::{DateTime, Duration, Utc};
use contract::v1::{ActionEnvelope, Outcome};
use domain::{Action, ActionId, EntityRef};
use sqlx::{Row, SqliteConnection};

use crate::{entity::from_json, error::StoreError, outbox};

/// No copy of the gateway older than this is restored without saying so; desks then no longer have what it lacks.
pub(crate) const KEPT: Duration = Duration::days(35);

/// Moves what is applied, and of which the feed has brought every effect, out of the outbox.
pub(crate) async fn keep(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO settled (n, id, envelope, opened, decided_at, desk, again)
         SELECT n, id, envelope, opened, decided_at, desk, 0 FROM outbox AS o
         WHERE state = 'applied' AND NOT EXISTS (SELECT 1 FROM outbox_touch t WHERE t.n = o.n)",
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query("DELETE FROM outbox WHERE n IN (SELECT n FROM settled)").execute(connection).await?;
    Ok(())
}

/// The gateway may have forgotten: everything goes again.
pub(crate) async fn again(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::query("UPDATE settled SET again = 1").execute(connection).await?;
    Ok(())
}

/// What is to go again, oldest first.
pub(crate) async fn to_send(
    connection: &mut SqliteConnection,
    limit: usize,
) -> Result<Vec<ActionEnvelope>, StoreError> {
    let rows: Vec<String> = sqlx::query_scalar("SELECT envelope FROM settled WHERE again = 1 ORDER BY n LIMIT ?1")
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(connection)
        .await?;
    rows.iter().map(|envelope| from_json(envelope, "envelope")).collect()
}

/// Hears the gateway's word on one that went again. One that was refused is back in the outbox then, at its old place and
/// on its way, to be dealt with like any other; its place and the action are given back.
pub(crate) async fn heard(
    connection: &mut SqliteConnection,
    id: &ActionId,
    outcome: &Outcome,
) -> Result<Option<(i64, Action)>, StoreError> {
    match outcome {
        Outcome::Applied { .. } => {
            sqlx::query("UPDATE settled SET again = 0 WHERE id = ?1").bind(id.as_str()).execute(connection).await?;
            Ok(None)
        }
        Outcome::Conflict { .. } | Outcome::Rejected { .. } | Outcome::Unknown => bring_back(connection, id).await,
        Outcome::RetryLater | Outcome::BlockedBy { .. } => Ok(None),
    }
}

async fn bring_back(connection: &mut SqliteConnection, id: &ActionId) -> Result<Option<(i64, Action)>, StoreError> {
    let row = sqlx::query(
        "INSERT INTO outbox (n, id, envelope, opened, decided_at, desk, state, refusal, tries)
         SELECT n, id, envelope, opened, decided_at, desk, 'unknown', NULL, 1 FROM settled WHERE id = ?1
         RETURNING n, envelope",
    )
    .bind(id.as_str())
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let n: i64 = row.try_get(0)?;
    let envelope: ActionEnvelope = from_json(row.try_get(1)?, "envelope")?;
    outbox::touch(connection, n, &envelope.action).await?;
    sqlx::query("DELETE FROM settled WHERE n = ?1").bind(n).execute(connection).await?;
    Ok(Some((n, envelope.action)))
}

/// Forgets what no copy can lack any more.
pub(crate) async fn forget_old(connection: &mut SqliteConnection, now: DateTime<Utc>) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM settled WHERE again = 0 AND decided_at < ?1")
        .bind((now - KEPT).timestamp_micros())
        .execute(connection)
        .await?;
    Ok(())
}

/// Forgets what was done to an entity that is erased.
pub(crate) async fn forget_entity(connection: &mut SqliteConnection, id: &EntityRef) -> Result<(), StoreError> {
    sqlx::query(
        "DELETE FROM settled WHERE ?1 IN (envelope ->> '$.action.entity', envelope ->> '$.action.command.request')",
    )
    .bind(id.as_str())
    .execute(connection)
    .await?;
    Ok(())
}
