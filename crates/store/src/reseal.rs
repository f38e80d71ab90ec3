//! Sealing anew what waits, when the clinic's key was changed.
//!
//! Invariant: an action keeps its id and what it says; only the ciphertext of its parts is another one.

use contract::v1::ActionEnvelope;
use sqlx::Row;

use crate::{
    Store,
    entity::{from_json, json},
    error::StoreError,
    model::Opened,
    open::begin,
};

impl Store {
    /// Actions that are sealed to another key than this one and may still be sent, with their parts open.
    ///
    /// # Errors
    /// Of the database.
    pub async fn sealed_otherwise(&self, key_id: &str) -> Result<Vec<(ActionEnvelope, Opened)>, StoreError> {
        let rows = sqlx::query(
            "SELECT envelope, opened FROM (
                 SELECT n, envelope, opened FROM outbox WHERE state <> 'applied'
                 UNION ALL SELECT n, envelope, opened FROM settled WHERE again = 1
             ) AS waiting
             WHERE EXISTS (SELECT 1 FROM json_each(waiting.envelope, '$.parts') AS part
                           WHERE part.value ->> '$.key_id' <> ?1)
             ORDER BY n",
        )
        .bind(key_id)
        .fetch_all(&mut *self.reader().await?)
        .await?;
        let read = |row: &sqlx::sqlite::SqliteRow| {
            Ok((from_json(row.try_get(0)?, "envelope")?, from_json(row.try_get(1)?, "opened parts")?))
        };
        rows.iter().map(read).collect()
    }

    /// Puts these in the places of those with the same ids.
    ///
    /// # Errors
    /// Nothing is changed then.
    pub async fn seal_anew(&self, envelopes: &[ActionEnvelope]) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        let mut tx = begin(&mut writer).await?;
        for envelope in envelopes {
            for statement in
                ["UPDATE outbox SET envelope = ?1 WHERE id = ?2", "UPDATE settled SET envelope = ?1 WHERE id = ?2"]
            {
                sqlx::query(statement)
                    .bind(json(envelope)?)
                    .bind(envelope.action.id.as_str())
                    .execute(&mut *tx)
                    .await?;
            }
        }
        Ok(tx.commit().await?)
    }
}
