//! The storage on SQLite: one writer connection that does every commit and checkpoint, a few that only read.
//!
//! `synchronous=FULL`: what was acknowledged survives a power cut. The engine is the one that the desk encrypts with;
//! here it runs without a key, because what is about people is sealed already.

#[allow(clippy::duplicate_mod, reason = "the same statements for another database")]
#[path = "copy.rs"]
mod copy;
#[allow(clippy::duplicate_mod, reason = "the same statements for another database")]
#[path = "kept_audit.rs"]
mod kept_audit;
#[allow(clippy::duplicate_mod, reason = "the same statements for another database")]
#[path = "kept_keys.rs"]
mod kept_keys;
#[allow(clippy::duplicate_mod, reason = "the same statements for another database")]
#[path = "kept_sources.rs"]
mod kept_sources;
#[allow(clippy::duplicate_mod, reason = "the same statements for another database")]
#[path = "storage.rs"]
mod storage;
#[allow(clippy::duplicate_mod, reason = "the same statements for another database")]
#[path = "transaction.rs"]
mod transaction;

use std::{path::Path, time::Duration};

use sqlx::{
    ConnectOptions, Sqlite, SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{Heard, SETTLE, StorageError};
use crate::platform;

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/gateway/sqlite");

/// Readers at once.
const READERS: u32 = 4;
/// How long another process may hold the writer (the command line beside a running gateway).
const BUSY: Duration = Duration::from_secs(5);

type Engine = Sqlite;

/// The next number. One file has one gateway: nobody else needs to know.
const NEXT_SEQ: &str = "UPDATE house SET seq = seq + 1 WHERE only_row = 1 RETURNING seq";

/// Entities after a number with their parts, in order.
const CHANGES: &str = "SELECT e.seq, e.id, e.version, e.state, \
     (SELECT json_group_object(p.name, json_object('key_id', p.key_id, 'seal_id', p.seal_id, 'data', p.data)) \
      FROM part AS p WHERE p.entity = e.id) AS parts \
     FROM entity AS e WHERE e.seq > $1 ORDER BY e.seq LIMIT $2";

/// Tables of the gateway with their columns.
const COLUMNS: &str = "SELECT t.name AS of_table, c.name, c.type AS kind FROM sqlite_schema AS t, pragma_table_info(t.name) AS c \
     WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND t.name <> '_sqlx_migrations' ORDER BY 1, c.cid";
/// Which table refers to which.
const REFERENCES: &str = "SELECT t.name AS of_table, f.\"table\" AS target FROM sqlite_schema AS t, \
     pragma_foreign_key_list(t.name) AS f WHERE t.type = 'table'";

/// Members as a JSON object in one line.
fn object(members: &str) -> String {
    format!("json_object({members})")
}

fn hexadecimal(column: &str) -> String {
    // hex() makes an empty text of no value
    format!("CASE WHEN \"{column}\" IS NULL THEN NULL ELSE lower(hex(\"{column}\")) END")
}

/// SQLite in one file.
#[derive(Debug)]
pub(super) struct Store {
    writer: SqlitePool,
    readers: SqlitePool,
    /// One process alone folds the journal in.
    checkpoint: bool,
}

impl Store {
    /// Opens or makes the database. The command line beside a running gateway does not `checkpoint`.
    pub(super) async fn open(path: &Path, checkpoint: bool, version: Option<u64>) -> Result<Self, StorageError> {
        // at the process's end OpenSSL would clean up under a thread that still ends with it, and crash; asked first, it does not
        #[cfg(not(target_vendor = "apple"))]
        openssl_sys::init();
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
        super::migrate(&MIGRATIONS, &writer, version).await?;
        let readers =
            SqlitePoolOptions::new().max_connections(READERS).connect_with(options.pragma("query_only", "ON")).await?;
        let storage = Self { writer, readers, checkpoint };
        storage.settle().await?;
        Ok(storage)
    }

    /// The first opening makes the gateway's own row.
    async fn settle(&self) -> Result<(), StorageError> {
        let (epoch, key) = super::first_words()?;
        sqlx::query(SETTLE).bind(epoch).bind(key.as_slice()).execute(&self.writer).await?;
        Ok(())
    }

    async fn writing(&self) -> Result<transaction::Writing, StorageError> {
        let tx = match self.writer.begin_with("BEGIN IMMEDIATE").await {
            // on a full disk SQLite rolls back by itself; the pool's connection still counts that transaction, and would
            // for ever
            Err(sqlx::Error::InvalidSavePointStatement) => {
                self.writer.acquire().await?.close().await?;
                self.writer.begin_with("BEGIN IMMEDIATE").await?
            }
            begun => begun?,
        };
        Ok(transaction::Writing::new(tx, None))
    }

    /// A transaction that sees one moment; it has no more to do than to read.
    async fn snapshot(&self) -> Result<sqlx::Transaction<'static, Sqlite>, StorageError> {
        Ok(self.readers.begin().await?)
    }

    /// Deleted pages were overwritten already; here the journal that still holds them is folded in and emptied.
    async fn clean(&self) -> Result<(), StorageError> {
        if self.checkpoint {
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&self.writer).await?;
        }
        Ok(())
    }

    /// One file has one gateway: nobody else is heard.
    fn hear(&self, _heard: Heard) {}

    fn each_pool(&self) -> [(&'static str, &SqlitePool); 2] {
        [("writer", &self.writer), ("readers", &self.readers)]
    }

    async fn shut(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}
