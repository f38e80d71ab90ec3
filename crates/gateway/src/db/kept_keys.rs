//! Keys, compiled once for each database: the statements are the same. `super` says which one it is.

use chrono::{DateTime, Utc};
use contract::v1::{Sealed, keys::DeskKey};
use domain::DeskId;

use super::{Store, transaction::Writing};
use crate::db::{
    Answer, EnrolledDesk, KeyChange, KeyReader, KeyWriter, KnownChange,
    rows::{self, Cells, to_json},
};

impl KeyReader for Store {
    fn key_changes(&self) -> Answer<'_, Vec<KnownChange>> {
        Box::pin(async {
            let rows =
                sqlx::query("SELECT number, public_key, proof, previous, made_at FROM key_change ORDER BY number")
                    .fetch_all(&self.readers)
                    .await?;
            rows.iter().map(rows::key_change).collect()
        })
    }

    fn key_copy<'a>(&'a self, desk: &'a DeskId) -> Answer<'a, Option<Sealed>> {
        Box::pin(async move {
            let row = sqlx::query("SELECT key_copy FROM desk WHERE id = $1")
                .bind(desk.as_str())
                .fetch_optional(&self.readers)
                .await?;
            let Some(row) = row else { return Ok(None) };
            row.maybe_text("key_copy")?.map(|text| rows::json(text, "desk")).transpose()
        })
    }
}

impl KeyWriter for Writing {
    fn all_desks(&mut self) -> Answer<'_, Vec<EnrolledDesk>> {
        Box::pin(async {
            let rows = sqlx::query(rows::DESKS).fetch_all(&mut *self.tx).await?;
            rows.iter().map(rows::desk).collect()
        })
    }

    fn put_desk_key<'a>(&'a mut self, desk: &'a DeskId, key: &'a DeskKey, number: u32) -> Answer<'a, ()> {
        Box::pin(async move {
            // whoever authenticates by a key has it
            sqlx::query("UPDATE desk SET public_key = $1, authentication = $2, knows_key = $3 WHERE id = $4")
                .bind(&key.public_key)
                .bind(&key.authentication)
                .bind(i64::from(number))
                .bind(desk.as_str())
                .execute(&mut *self.tx)
                .await?;
            Ok(())
        })
    }

    fn put_key<'a>(&'a mut self, change: &'a KeyChange) -> Answer<'a, ()> {
        Box::pin(async move {
            let KeyChange { record, desks, made_by, made_at } = change;
            let number = i64::from(record.number);
            sqlx::query(
                "INSERT INTO key_change (number, public_key, proof, previous, made_by, made_at) \
                 VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(number)
            .bind(&record.public_key)
            .bind(&record.proof)
            .bind(to_json(&record.previous, "key_change")?)
            .bind(made_by.as_str())
            .bind(made_at.timestamp_millis())
            .execute(&mut *self.tx)
            .await?;
            self.house = None;
            sqlx::query("UPDATE house SET key_number = $1, clinic_key = $2 WHERE only_row = 1")
                .bind(number)
                .bind(&record.public_key)
                .execute(&mut *self.tx)
                .await?;
            sqlx::query("UPDATE desk SET key_copy = NULL WHERE key_copy IS NOT NULL").execute(&mut *self.tx).await?;
            for (desk, copy) in desks {
                sqlx::query("UPDATE desk SET key_copy = $1, authentication = $2, knows_key = $3 WHERE id = $4")
                    .bind(to_json(&copy.key, "desk")?)
                    .bind(&copy.authentication)
                    .bind(number)
                    .bind(desk.as_str())
                    .execute(&mut *self.tx)
                    .await?;
            }
            sqlx::query("UPDATE invite SET used_at = $1, envelope = '' WHERE used_at IS NULL")
                .bind(made_at.timestamp_millis())
                .execute(&mut *self.tx)
                .await?;
            Ok(())
        })
    }

    fn withdraw_invites<'a>(&'a mut self, by: &'a DeskId, at: DateTime<Utc>) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query("UPDATE invite SET used_at = $1, envelope = '' WHERE used_at IS NULL AND made_by = $2")
                .bind(at.timestamp_millis())
                .bind(by.as_str())
                .execute(&mut *self.tx)
                .await?;
            Ok(())
        })
    }

    fn replace_desk<'a>(&'a mut self, token_digest: &'a str, at: DateTime<Utc>) -> Answer<'a, ()> {
        Box::pin(async move {
            // no digest looks like this: the token is one that nobody has
            sqlx::query(
                "UPDATE desk SET revoked_at = $1, knows_key = 0, key_copy = NULL, next_token_digest = NULL, \
                 token_digest = 'replaced ' || id \
                 WHERE (token_digest = $2 OR next_token_digest = $2) AND revoked_at IS NULL",
            )
            .bind(at.timestamp_millis())
            .bind(token_digest)
            .execute(&mut *self.tx)
            .await?;
            Ok(())
        })
    }
}
