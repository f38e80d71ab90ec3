//! The storage on PostgreSQL: several gateway processes may work on one database.
//!
//! Every writing transaction locks the gateway's own row first. So there is one at a time among all processes, as with
//! SQLite, sequence numbers become visible in their order, and whoever decides sees all that was decided before. The
//! constraints stand behind that as the last line.

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
mod listen;
#[allow(clippy::duplicate_mod, reason = "the same statements for another database")]
#[path = "storage.rs"]
mod storage;
#[allow(clippy::duplicate_mod, reason = "the same statements for another database")]
#[path = "transaction.rs"]
mod transaction;

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use sqlx::{ConnectOptions, Connection, PgPool, Postgres, migrate::Migrator, postgres::PgPoolOptions};
use tokio::task::AbortHandle;

use super::{Heard, SETTLE, Server, StorageError, rows};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/gateway/postgres");

/// Writers at once: one that writes, and one that already waits at the lock.
const WRITERS: u32 = 2;
/// Readers at once.
const READERS: u32 = 6;
/// How long a request waits for a connection, a starting server included. Sites wait for five seconds at least.
const ACQUIRE: Duration = Duration::from_secs(4);
/// A connection that was not used for so long is given back.
const IDLE: Duration = Duration::from_secs(600);
/// A connection that was not used for so long is asked whether it is alive before it is used: the server may have been
/// restarted. Asking each time would double the way of every statement.
const ASK_AFTER: Duration = Duration::from_millis(200);
/// Nothing may hold the gateway's row for long: not a slow statement, not a process that has died with its lock.
const LIMITS: [(&str, &str); 3] =
    [("statement_timeout", "10s"), ("lock_timeout", "5s"), ("idle_in_transaction_session_timeout", "10s")];

type Engine = Postgres;

/// The next number. The other processes hear of it when the transaction is committed, and never otherwise.
const NEXT_SEQ: &str = "UPDATE house SET seq = seq + 1 WHERE only_row = 1 \
     RETURNING seq, pg_notify('reception_gateway', seq::text)";

/// Entities after a number with their parts, in order.
const CHANGES: &str = "SELECT e.seq, e.id, e.version, e.state, COALESCE(\
     (SELECT json_object_agg(p.name, json_build_object('key_id', p.key_id, 'seal_id', p.seal_id, 'data', p.data)) \
      FROM part AS p WHERE p.entity = e.id)::text, '{}') AS parts \
     FROM entity AS e WHERE e.seq > $1 ORDER BY e.seq LIMIT $2";

/// Tables of the gateway with their columns.
const COLUMNS: &str = "SELECT c.table_name::text AS of_table, c.column_name::text AS name, c.data_type::text AS kind \
     FROM information_schema.columns AS c JOIN information_schema.tables AS t USING (table_schema, table_name) \
     WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND c.table_name <> '_sqlx_migrations' \
     ORDER BY 1, c.ordinal_position";
/// Which table refers to which.
const REFERENCES: &str = "SELECT a.relname::text AS of_table, b.relname::text AS target FROM pg_constraint AS k \
     JOIN pg_class AS a ON a.oid = k.conrelid JOIN pg_class AS b ON b.oid = k.confrelid \
     WHERE k.contype = 'f' AND a.relnamespace = current_schema()::regnamespace";

/// Members as a JSON object in one line.
fn object(members: &str) -> String {
    format!("json_build_object({members})::text")
}

fn hexadecimal(column: &str) -> String {
    format!("encode(\"{column}\", 'hex')")
}

/// A database of a PostgreSQL server.
#[derive(Debug)]
pub(super) struct Store {
    writers: PgPool,
    readers: PgPool,
    /// One connection for what may take its time: making tables, copying all of them.
    unhurried: PgPool,
    /// Hears what other processes have written.
    ear: Mutex<Option<AbortHandle>>,
}

impl Store {
    /// Connects, and makes the tables if there are none.
    pub(super) async fn open(server: &Server, version: Option<u64>) -> Result<Self, StorageError> {
        let options = server.0.as_ref().clone().application_name("reception-gateway").disable_statement_logging();
        let unhurried = pool(1).connect_with(options.clone()).await?;
        super::migrate(&MIGRATIONS, &unhurried, version).await?;
        let options = options.options(LIMITS);
        let storage = Self {
            unhurried,
            writers: pool(WRITERS).connect_lazy_with(options.clone()),
            readers: pool(READERS).connect_lazy_with(options),
            ear: Mutex::new(None),
        };
        storage.settle().await?;
        Ok(storage)
    }

    /// The first opening makes the gateway's own row.
    async fn settle(&self) -> Result<(), StorageError> {
        let (epoch, key) = super::first_words()?;
        sqlx::query(SETTLE).bind(epoch).bind(key.as_slice()).execute(&self.writers).await?;
        Ok(())
    }

    async fn writing(&self) -> Result<transaction::Writing, StorageError> {
        let mut tx = self.writers.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE").await?;
        let house = rows::house(&sqlx::query(rows::HOUSE_LOCKED).fetch_one(&mut *tx).await?)?;
        Ok(transaction::Writing::new(tx, Some(house)))
    }

    /// A transaction that sees one moment.
    async fn snapshot(&self) -> Result<sqlx::Transaction<'static, Postgres>, StorageError> {
        Ok(self.unhurried.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
    }

    /// Gives the room of deleted rows back to be overwritten. What stands in archived journals is the administrator's.
    async fn clean(&self) -> Result<(), StorageError> {
        sqlx::query("VACUUM part, intake, entity").execute(&self.unhurried).await?;
        Ok(())
    }

    fn hear(&self, heard: Heard) {
        let ear = tokio::spawn(listen::listen(self.readers.clone(), heard)).abort_handle();
        if let Some(before) = self.ear.lock().unwrap_or_else(PoisonError::into_inner).replace(ear) {
            before.abort();
        }
    }

    fn each_pool(&self) -> [(&'static str, &PgPool); 3] {
        [("writers", &self.writers), ("readers", &self.readers), ("unhurried", &self.unhurried)]
    }

    async fn shut(&self) {
        self.deaf();
        self.readers.close().await;
        self.writers.close().await;
        self.unhurried.close().await;
    }

    fn deaf(&self) {
        if let Some(ear) = self.ear.lock().unwrap_or_else(PoisonError::into_inner).take() {
            ear.abort();
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.deaf();
    }
}

fn pool(size: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(ACQUIRE)
        .idle_timeout(IDLE)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move { Ok(meta.idle_for < ASK_AFTER || connection.ping().await.is_ok()) })
        })
}
