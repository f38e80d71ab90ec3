//! Reading, and the door to writing, compiled once for each database: the statements are the same. `super` says which one
//! it is ([`super::Engine`]) and what differs ([`Store`]).

use domain::DeskId;

use super::{Store, transaction::Writing};
use crate::db::{
    Answer, Caller, Copied, Copying, EnrolledDesk, Heard, House, Rows, Sink, Storage, StoredChange, Transaction, rows,
};

impl Storage for Store {
    fn begin(&self) -> Answer<'_, Box<dyn Transaction>> {
        Box::pin(async {
            let writing: Writing = self.writing().await?;
            Ok(Box::new(writing) as Box<dyn Transaction>)
        })
    }

    fn house(&self) -> Answer<'_, House> {
        Box::pin(async { rows::house(&sqlx::query(rows::HOUSE).fetch_one(&self.readers).await?) })
    }

    fn caller<'a>(&'a self, token_digest: &'a str) -> Answer<'a, Option<Caller>> {
        Box::pin(async move {
            let row = sqlx::query(
                "SELECT id, scope, revoked_at, token_digest, public_key FROM desk \
                 WHERE token_digest = $1 OR next_token_digest = $1",
            )
            .bind(token_digest)
            .fetch_optional(&self.readers)
            .await?;
            row.as_ref().map(|row| rows::caller(row, token_digest)).transpose()
        })
    }

    fn desks(&self) -> Answer<'_, Vec<EnrolledDesk>> {
        Box::pin(async {
            let rows = sqlx::query(rows::DESKS).fetch_all(&self.readers).await?;
            rows.iter().map(rows::desk).collect()
        })
    }

    fn is_in<'a>(&'a self, desk: &'a DeskId) -> Answer<'a, bool> {
        Box::pin(async move {
            let row = sqlx::query("SELECT id FROM desk WHERE id = $1 AND revoked_at IS NULL")
                .bind(desk.as_str())
                .fetch_optional(&self.readers)
                .await?;
            Ok(row.is_some())
        })
    }

    fn changes(&self, after: u64, limit: usize) -> Answer<'_, Vec<StoredChange>> {
        Box::pin(async move {
            // one statement, so rows and parts are of one moment
            let rows = sqlx::query(super::CHANGES)
                .bind(rows::to_sql(after))
                .bind(rows::to_sql(limit as u64))
                .fetch_all(&self.readers)
                .await?;
            rows.iter().map(rows::change).collect()
        })
    }

    fn copy_out<'a>(&'a self, sink: &'a mut dyn Sink) -> Copying<'a, Copied> {
        Box::pin(self.copy_all(sink))
    }

    fn copy_in<'a>(&'a self, rows: &'a mut dyn Rows) -> Copying<'a, (Box<dyn Transaction>, Copied)> {
        Box::pin(self.fill(rows))
    }

    fn scrub(&self) -> Answer<'_, ()> {
        Box::pin(self.clean())
    }

    fn pools(&self) -> Vec<(&'static str, u32, usize)> {
        self.each_pool().map(|(name, pool)| (name, pool.size(), pool.num_idle())).into()
    }

    fn listen(&self, heard: Heard) {
        self.hear(heard);
    }

    fn close(&self) -> Answer<'_, ()> {
        Box::pin(async {
            self.shut().await;
            Ok(())
        })
    }
}
