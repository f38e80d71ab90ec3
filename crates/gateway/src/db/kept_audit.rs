//! Heads of audit chains and holds of courts, compiled once for each database: the statements are the same. `super` says
//! which one it is.

use chrono::{DateTime, Utc};
use domain::{ActionId, DeskId, State};

use super::{Store, transaction::Writing};
use crate::db::{
    Answer, Head, HeadReader, HeadWriter, StorageError,
    rows::{self, Cells, to_sql},
};

fn head(row: &impl Cells) -> Result<Head, StorageError> {
    Ok(Head {
        n: rows::number(row, "n", "audit_head")?,
        hash: rows::bytes32(row, "hash", "audit_head")?,
        at: rows::instant(row, "at", "audit_head")?,
    })
}

impl HeadReader for Store {
    fn heads<'a>(&'a self, desk: &'a DeskId) -> Answer<'a, Vec<Head>> {
        Box::pin(async move {
            let rows = sqlx::query("SELECT n, hash, at FROM audit_head WHERE desk = $1 ORDER BY n")
                .bind(desk.as_str())
                .fetch_all(&self.readers)
                .await?;
            rows.iter().map(head).collect()
        })
    }
}

impl HeadWriter for Writing {
    fn last_head<'a>(&'a mut self, desk: &'a DeskId) -> Answer<'a, Option<Head>> {
        Box::pin(async move {
            let row = sqlx::query("SELECT n, hash, at FROM audit_head WHERE desk = $1 ORDER BY n DESC LIMIT 1")
                .bind(desk.as_str())
                .fetch_optional(&mut *self.tx)
                .await?;
            row.as_ref().map(head).transpose()
        })
    }

    fn add_head<'a>(&'a mut self, desk: &'a DeskId, head: &'a Head) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query("INSERT INTO audit_head (desk, n, hash, at) VALUES ($1, $2, $3, $4)")
                .bind(desk.as_str())
                .bind(to_sql(head.n))
                .bind(head.hash.as_slice())
                .bind(head.at.timestamp_millis())
                .execute(&mut *self.tx)
                .await?;
            Ok(())
        })
    }

    fn thin_heads(&mut self, whole: DateTime<Utc>, kept: DateTime<Utc>) -> Answer<'_, u64> {
        Box::pin(async move {
            // days of UTC, in milliseconds
            let gone = sqlx::query(
                "DELETE FROM audit_head WHERE at < $1 AND EXISTS (SELECT 1 FROM audit_head AS later \
                 WHERE later.desk = audit_head.desk AND later.n > audit_head.n \
                 AND (later.at / 86400000 = audit_head.at / 86400000 OR audit_head.at < $2))",
            )
            .bind(whole.timestamp_millis())
            .bind(kept.timestamp_millis())
            .execute(&mut *self.tx)
            .await?;
            Ok(gone.rows_affected())
        })
    }

    fn holds(&mut self) -> Answer<'_, Vec<ActionId>> {
        Box::pin(async {
            // few cases were ever held: the others are not read
            let rows = sqlx::query("SELECT state FROM entity WHERE kind = 'case' AND state LIKE '%\"hold\"%'")
                .fetch_all(&mut *self.tx)
                .await?;
            let mut holds = Vec::new();
            for row in &rows {
                if let State::Case(case) = rows::json(row.text("state")?, "entity")? {
                    holds.extend(case.hold().map(|step| step.id.clone()));
                }
            }
            Ok(holds)
        })
    }
}
