//! The storage on SQLite: one writer connection that does every commit and checkpoint, a few that only read.
//!
//! `synchronous=FULL`: what was acknowledged survives a power cut. The engine is the one that the desk encrypts with;
//! here it runs without a key, because what is about people is sealed already.

mod rows;
mod write;

use std::{path::Path, time::Duration};

use contract::v1::Change;
use domain::DeskId;
use sqlx::{
    ConnectOptions, SqlitePool,
    migrate::{MigrateError, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{Answer, House, Source, Storage, StorageError, Transaction};
use crate::platform;

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/gateway/sqlite");

/// Readers at once.
const READERS: u32 = 4;
/// How long another process may hold the writer (the command line beside a running gateway).
const BUSY: Duration = Duration::from_secs(5);

/// SQLite in one file.
#[derive(Debug)]
pub(crate) struct SqliteStorage {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl SqliteStorage {
    /// Opens or makes the database. The command line beside a running gateway does not `checkpoint`.
    pub(crate) async fn open(path: &Path, checkpoint: bool) -> Result<Self, StorageError> {
        platform::prepare_file(path).map_err(StorageError::Io)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .pragma("secure_delete", "ON")
            .pragma("wal_autocheckpoint", if checkpoint { "1000" } else { "0" })
            .disable_statement_logging();
        let writer = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
        MIGRATIONS.run(&writer).await.map_err(|error| match error {
            MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => StorageError::NewerSchema,
            MigrateError::Execute(error) => StorageError::Sql(error),
            other => StorageError::Sql(sqlx::Error::Migrate(Box::new(other))),
        })?;
        let readers =
            SqlitePoolOptions::new().max_connections(READERS).connect_with(options.pragma("query_only", "ON")).await?;
        let storage = Self { writer, readers };
        storage.settle().await?;
        Ok(storage)
    }

    /// The first opening makes the gateway's own row.
    async fn settle(&self) -> Result<(), StorageError> {
        let epoch = seal::token::make_id("ep").map_err(|_| StorageError::NoRandomness)?;
        let key = seal::make_bytes::<32>().map_err(|_| StorageError::NoRandomness)?;
        sqlx::query("INSERT INTO house (only_row, epoch, cursor_key, seq) VALUES (1, ?, ?, 0) ON CONFLICT DO NOTHING")
            .bind(epoch)
            .bind(key.as_slice())
            .execute(&self.writer)
            .await?;
        Ok(())
    }
}

impl Storage for SqliteStorage {
    fn begin(&self) -> Answer<'_, Box<dyn Transaction>> {
        Box::pin(async {
            let tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
            Ok(Box::new(write::SqliteTransaction::new(tx)) as Box<dyn Transaction>)
        })
    }

    fn house(&self) -> Answer<'_, House> {
        Box::pin(async { rows::house(&sqlx::query(rows::HOUSE).fetch_one(&self.readers).await?) })
    }

    fn desk_of_token<'a>(&'a self, token_digest: &'a str) -> Answer<'a, Option<DeskId>> {
        Box::pin(async move {
            let row = sqlx::query("SELECT id FROM desk WHERE token_digest = ? AND revoked_at IS NULL")
                .bind(token_digest)
                .fetch_optional(&self.readers)
                .await?;
            row.as_ref().map(|row| rows::id(row, "id", "desk")).transpose()
        })
    }

    fn source<'a>(&'a self, id: &'a str) -> Answer<'a, Option<Source>> {
        Box::pin(async move {
            let row =
                sqlx::query("SELECT id, connector, name, secret_digest, zone, default_kind FROM source WHERE id = ?")
                    .bind(id)
                    .fetch_optional(&self.readers)
                    .await?;
            row.as_ref().map(rows::source).transpose()
        })
    }

    fn sources(&self) -> Answer<'_, Vec<Source>> {
        Box::pin(async {
            let rows = sqlx::query(
                "SELECT id, connector, name, secret_digest, zone, default_kind FROM source ORDER BY made_at, id",
            )
            .fetch_all(&self.readers)
            .await?;
            rows.iter().map(rows::source).collect()
        })
    }

    fn changes(&self, after: u64, limit: usize) -> Answer<'_, Vec<Change>> {
        Box::pin(async move {
            // one statement, so rows and parts are of one moment
            let rows = sqlx::query(
                "SELECT e.seq, e.id, e.version, e.state, \
                 (SELECT json_group_object(p.name, json_object('key_id', p.key_id, 'seal_id', p.seal_id, 'data', p.data)) \
                  FROM part AS p WHERE p.entity = e.id) AS parts \
                 FROM entity AS e WHERE e.seq > ? ORDER BY e.seq LIMIT ?",
            )
            .bind(rows::to_sql(after))
            .bind(rows::to_sql(limit as u64))
            .fetch_all(&self.readers)
            .await?;
            rows.iter().map(rows::change).collect()
        })
    }

    fn close(&self) -> Answer<'_, ()> {
        Box::pin(async {
            self.readers.close().await;
            self.writer.close().await;
            Ok(())
        })
    }
}
