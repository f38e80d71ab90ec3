//! Opening and closing: every verdict is reached before anything is written.
//!
//! Invariants:
//! - a failed open leaves the bytes of the file as they were: the checks run on the header, on the value beside the
//!   file and on a read-only connection; only then the writer opens and migrates;
//! - one writer connection does every commit and every checkpoint (this SQLite has a defect that needs two);
//! - statements are never logged: the first one carries the key;
//! - a database appears under its name only when it is complete, with its folder private.

use std::{
    fmt,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use sqlx::{
    ConnectOptions, Connection, Sqlite, SqlitePool, Transaction,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{
    error::{OpenError, StoreError, opening},
    key::{self, DatabaseKey, KeyCheck, beside},
};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/desk");

const PLAIN_HEADER: &[u8; 16] = b"SQLite format 3\0";
const PAGE_BYTES: u64 = 4_096;
const WAL_HEADER_BYTES: u64 = 32;
const BUSY: Duration = Duration::from_secs(5);
const READERS: u32 = 3;
/// In KiB, negative as SQLite wants it: 64 MB.
const CACHE: &str = "-65536";
const WAL_LIMIT: &str = "67108864";

/// The desk's database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store(…)")
    }
}

impl Store {
    /// Makes a new database; its folder becomes private.
    ///
    /// # Errors
    /// [`OpenError::Exists`] when there is one: it is never replaced.
    pub async fn create(path: &Path, key: &DatabaseKey) -> Result<Self, OpenError> {
        if path.try_exists()? {
            return Err(OpenError::Exists);
        }
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            private_folder(folder)?;
        }
        let fresh = beside(path, ".new");
        for suffix in ["", "-wal", "-shm"] {
            remove_leftover(&beside(&fresh, suffix))?;
        }
        let options = writing(&fresh, key).create_if_missing(true);
        let pool =
            SqlitePoolOptions::new().max_connections(1).connect_with(options).await.map_err(|e| opening(e, true))?;
        MIGRATIONS.run(&pool).await.map_err(OpenError::Migration)?;
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&pool).await.map_err(|e| opening(e, true))?;
        pool.close().await;
        private_file(&fresh)?;
        std::fs::File::open(&fresh)?.sync_all()?;
        key::note(path, key)?;
        std::fs::rename(&fresh, path)?;
        Self::open(path, key).await
    }

    /// Opens the database and brings it to the current schema.
    ///
    /// # Errors
    /// Each trouble by its name; none of them changes the file.
    pub async fn open(path: &Path, key: &DatabaseKey) -> Result<Self, OpenError> {
        look_at_header(path)?;
        let known = key::check(path, key);
        if known == KeyCheck::Wrong {
            return Err(OpenError::WrongKey);
        }
        probe(path, key, known == KeyCheck::Right).await?;
        let writer = SqlitePoolOptions::new()
            .min_connections(1)
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(writing(path, key))
            .await
            .map_err(|e| opening(e, true))?;
        MIGRATIONS.run(&writer).await.map_err(OpenError::Migration)?;
        let readers = SqlitePoolOptions::new()
            .min_connections(1)
            .max_connections(READERS)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options(path, key).pragma("query_only", "ON"))
            .await
            .map_err(|e| opening(e, true))?;
        if known == KeyCheck::Unknown {
            key::note(path, key)?;
        }
        Ok(Self { inner: Arc::new(Inner { writer, readers }) })
    }

    /// Ends all work, moves the log into the file and lets it go. Other clones answer with errors from now on.
    pub async fn close(self) {
        self.inner.readers.close().await;
        if let Err(error) = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&self.inner.writer).await {
            tracing::warn!(code = error.as_database_error().and_then(|e| e.code()).as_deref(), "checkpoint on close");
        }
        self.inner.writer.close().await;
    }

    /// A transaction of the only writer.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.inner.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Connections that cannot write.
    pub(crate) fn readers(&self) -> &SqlitePool {
        &self.inner.readers
    }
}

fn options(path: &Path, key: &DatabaseKey) -> SqliteConnectOptions {
    let literal = zeroize::Zeroizing::new(format!("\"x'{}'\"", key.to_hex().as_str()));
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .disable_statement_logging()
        .pragma("key", literal.as_str().to_owned())
        .busy_timeout(BUSY)
        .foreign_keys(true)
        .pragma("cache_size", CACHE)
        .pragma("temp_store", "MEMORY")
        .pragma("trusted_schema", "OFF")
        .pragma("secure_delete", "ON")
}

fn writing(path: &Path, key: &DatabaseKey) -> SqliteConnectOptions {
    options(path, key)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("journal_size_limit", WAL_LIMIT)
}

fn look_at_header(path: &Path) -> Result<(), OpenError> {
    let mut file = match std::fs::File::open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(OpenError::Missing),
        opened => opened?,
    };
    let length = file.metadata()?.len();
    if length == 0 {
        // the first page may still be in the log alone
        let log = std::fs::metadata(beside(path, "-wal")).map_or(0, |log| log.len());
        return if log > WAL_HEADER_BYTES { Ok(()) } else { Err(OpenError::Truncated) };
    }
    let mut header = [0_u8; 16];
    if length < PAGE_BYTES {
        return Err(OpenError::Truncated);
    }
    file.read_exact(&mut header)?;
    if &header == PLAIN_HEADER { Err(OpenError::PlainDatabase) } else { Ok(()) }
}

/// Reads the schema's version on a connection that cannot write.
async fn probe(path: &Path, key: &DatabaseKey, key_is_right: bool) -> Result<(), OpenError> {
    let mut connection = options(path, key).read_only(true).connect().await.map_err(|e| opening(e, key_is_right))?;
    let found: Result<i64, _> =
        sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM _sqlx_migrations").fetch_one(&mut connection).await;
    let closed = connection.close().await;
    let found = found.map_err(|e| opening(e, key_is_right))?;
    closed.map_err(|e| opening(e, key_is_right))?;
    let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0);
    if found > known { Err(OpenError::NewerSchema { found, known }) } else { Ok(()) }
}

fn remove_leftover(path: &PathBuf) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(unix)]
fn private_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::create_dir_all(folder)?;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
}

#[cfg(unix)]
fn private_file(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn private_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)
}

#[cfg(not(unix))]
fn private_file(_file: &Path) -> std::io::Result<()> {
    Ok(())
}
