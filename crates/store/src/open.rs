//! Opening and closing: every verdict is reached before anything is written.
//!
//! Invariants:
//! - a failed open leaves the bytes of the file as they were: the checks run on the header, on the value beside the
//!   file and on a read-only connection; only then the writer opens and migrates;
//! - one writer connection does every commit and every checkpoint (this SQLite has a defect that needs two);
//! - statements are never logged: the first one carries the key;
//! - every connection is closed, and waited for, before the store is gone: the cipher frees its memory when the process
//!   ends, and a connection still at work then would crash it. So there is no pool here, which would close in the
//!   background;
//! - a database appears under its name only when it is complete, with its folder private.

use std::{
    fmt,
    io::Read,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake},
    time::Duration,
};

use sqlx::{
    ConnectOptions, Connection, SqliteConnection,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard};

use crate::{
    error::{OpenError, StoreError, opening},
    key::{self, DatabaseKey, KeyCheck, beside},
    salvage,
};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/desk");

const PLAIN_HEADER: &[u8; 16] = b"SQLite format 3\0";
const PAGE_BYTES: u64 = 4_096;
const WAL_HEADER_BYTES: u64 = 32;
const BUSY: Duration = Duration::from_secs(5);
const READERS: usize = 3;
/// A larger file is not read wholly at the start.
const LOOKED_OVER_WHOLLY: u64 = 32 << 20;
/// In KiB, negative as SQLite wants it: 64 MB.
const CACHE: &str = "-65536";
const WAL_LIMIT: &str = "67108864";

/// The desk's database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
    /// See [`Store::for_check`].
    pub(crate) shield_down: bool,
}

struct Inner {
    path: PathBuf,
    key: DatabaseKey,
    writer: Slot,
    readers: Vec<Slot>,
    /// Which reader to wait for when all are at work.
    turn: AtomicUsize,
}

/// A connection until it is closed.
type Slot = Mutex<Option<SqliteConnection>>;

/// A connection in use.
pub(crate) type Lent<'a> = MappedMutexGuard<'a, SqliteConnection>;

impl Drop for Inner {
    /// Whoever did not call [`Store::close`] waits here.
    fn drop(&mut self) {
        for slot in self.readers.iter_mut().chain([&mut self.writer]) {
            if let Some(connection) = slot.get_mut().take() {
                // the answer comes from the connection's own thread; an error leaves nothing to do
                let _ = wait(connection.close());
            }
        }
    }
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
        remove_leftovers(&fresh)?;
        let mut connection =
            writing(&fresh, key).create_if_missing(true).connect().await.map_err(|e| opening(e, true))?;
        let made = make(&mut connection).await;
        let closed = connection.close().await;
        made?;
        closed.map_err(|e| opening(e, true))?;
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
        if salvage::damage_is_noted(path)? {
            return Err(OpenError::Damaged);
        }
        let known = key::check(path, key);
        if known == KeyCheck::Wrong {
            return Err(OpenError::WrongKey);
        }
        probe(path, key, known == KeyCheck::Right).await?;
        let mut writer = writing(path, key).connect().await.map_err(|e| opening(e, true))?;
        if let Err(error) = migrate(&mut writer).await {
            let _ = writer.close().await;
            return Err(error);
        }
        let mut inner = Inner {
            path: path.to_owned(),
            key: key.clone(),
            writer: Mutex::new(Some(writer)),
            readers: Vec::new(),
            turn: AtomicUsize::new(0),
        };
        for _ in 0..READERS {
            let reader = options(path, key).pragma("query_only", "ON").connect().await.map_err(|e| opening(e, true))?;
            inner.readers.push(Mutex::new(Some(reader)));
        }
        if known == KeyCheck::Unknown {
            key::note(path, key)?;
        }
        if let Some(reader) = inner.readers.first_mut().and_then(|slot| slot.get_mut().as_mut()) {
            salvage::keep_list_of_tables(path, reader).await?;
        }
        Ok(Self { inner: Arc::new(inner), shield_down: false })
    }

    /// Waits for what is under way, moves the log into the file and lets it go. Other clones answer with
    /// [`StoreError::Sql`] (`PoolClosed`) from now on. Call it before the process ends.
    pub async fn close(self) {
        for slot in &self.inner.readers {
            if let Some(reader) = slot.lock().await.take() {
                log_failure(reader.close().await);
            }
        }
        if let Some(mut writer) = self.inner.writer.lock().await.take() {
            log_failure(sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut writer).await);
            log_failure(writer.close().await);
        }
    }

    /// The only connection that writes; begin with [`begin`].
    pub(crate) async fn writer(&self) -> Result<Lent<'_>, StoreError> {
        let mut slot = self.inner.writer.lock().await;
        if let Some(writer) = slot.as_mut()
            && is_stuck(writer).await
        {
            // the old one first: two that write are one too many
            if let Some(stuck) = slot.take() {
                log_failure(stuck.close().await);
            }
            *slot = Some(writing(&self.inner.path, &self.inner.key).connect().await?);
        }
        lend(slot)
    }

    /// Where the file is, and its key.
    pub(crate) fn place(&self) -> (&Path, &DatabaseKey) {
        (&self.inner.path, &self.inner.key)
    }

    /// A connection that cannot write.
    pub(crate) async fn reader(&self) -> Result<Lent<'_>, StoreError> {
        let readers = &self.inner.readers;
        if let Some(free) = readers.iter().find_map(|slot| slot.try_lock().ok()) {
            return lend(free);
        }
        let turn = self.inner.turn.fetch_add(1, Ordering::Relaxed);
        lend(readers[turn % readers.len()].lock().await)
    }
}

async fn make(connection: &mut SqliteConnection) -> Result<(), OpenError> {
    migrate(connection).await?;
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(connection).await.map_err(|e| opening(e, true))?;
    Ok(())
}

/// By the call that takes the connection as it is: the other one cannot be awaited on any thread.
async fn migrate(connection: &mut SqliteConnection) -> Result<(), OpenError> {
    MIGRATIONS.run_direct(None, connection, false).await.map_err(OpenError::Migration)
}

/// On a full disk the engine rolls back by itself; the connection still counts that transaction, and would for ever.
async fn is_stuck(writer: &mut SqliteConnection) -> bool {
    // a transaction that was only dropped is rolled back before the ping is answered
    writer.is_in_transaction() && (writer.ping().await.is_err() || writer.is_in_transaction())
}

fn lend(guard: MutexGuard<'_, Option<SqliteConnection>>) -> Result<Lent<'_>, StoreError> {
    MutexGuard::try_map(guard, Option::as_mut).map_err(|_| StoreError::Sql(sqlx::Error::PoolClosed))
}

/// A transaction that has the right to write from its beginning.
pub(crate) async fn begin(writer: &mut SqliteConnection) -> Result<sqlx::SqliteTransaction<'_>, StoreError> {
    Ok(writer.begin_with("BEGIN IMMEDIATE").await?)
}

fn log_failure<T>(result: Result<T, sqlx::Error>) {
    if let Err(error) = result {
        tracing::warn!(code = error.as_database_error().and_then(|e| e.code()).as_deref(), "while closing");
    }
}

/// Runs a future that another thread completes, wherever this one stands.
fn wait<F: Future>(future: F) -> F::Output {
    struct Waiting(std::thread::Thread);
    impl Wake for Waiting {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Waiting(std::thread::current())).into();
    let mut context = Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        std::thread::park();
    }
}

/// Nothing but the key: whatever looks into the file fails on its own statement, on a connection that can be closed.
pub(crate) fn keyed(path: &Path, key: &DatabaseKey) -> SqliteConnectOptions {
    // at the process's end OpenSSL would clean up under a thread that still ends with it, and crash; asked first, it does not
    #[cfg(not(target_vendor = "apple"))]
    openssl_sys::init();
    let literal = zeroize::Zeroizing::new(format!("\"x'{}'\"", key.to_hex().as_str()));
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .disable_statement_logging()
        .pragma("key", literal.as_str().to_owned())
        .busy_timeout(BUSY)
}

fn options(path: &Path, key: &DatabaseKey) -> SqliteConnectOptions {
    keyed(path, key)
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
    let mut connection = keyed(path, key).read_only(true).connect().await.map_err(|e| opening(e, key_is_right))?;
    let found: Result<i64, _> =
        sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM _sqlx_migrations").fetch_one(&mut connection).await;
    let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0);
    let verdict = match found {
        Err(error) => Err(opening(error, key_is_right)),
        Ok(found) if found > known => Err(OpenError::NewerSchema { found, known }),
        Ok(_) => look_over(&mut connection, path).await,
    };
    let closed = connection.close().await;
    verdict.and_then(|()| closed.map_err(|e| opening(e, key_is_right)))
}

/// Reads what must not be missing to the last page: each page that is read is proved by its HMAC. A small file is read
/// wholly; a large one is when it is copied ([`Store::copy_to`]).
async fn look_over(connection: &mut SqliteConnection, path: &Path) -> Result<(), OpenError> {
    // the key has opened the first page: whatever does not open now is damaged
    let damaged = |e| opening(e, true);
    sqlx::query(
        "SELECT (SELECT total(length(envelope) + length(opened)) FROM outbox),
             (SELECT count(*) FROM outbox_touch), (SELECT total(length(value)) FROM setting), (SELECT count(*) FROM desk),
             (SELECT count(*) FROM feed), (SELECT count(*) FROM audit_head)",
    )
    .fetch_one(&mut *connection)
    .await
    .map_err(damaged)?;
    if std::fs::metadata(path)?.len() > LOOKED_OVER_WHOLLY {
        return Ok(());
    }
    let found: String = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(connection).await.map_err(damaged)?;
    if found == "ok" { Ok(()) } else { Err(OpenError::Damaged) }
}

/// Removes what was being made when it broke off, journals too.
pub(crate) fn remove_leftovers(path: &Path) -> std::io::Result<()> {
    ["", "-wal", "-shm", "-journal"].iter().try_for_each(|suffix| remove_leftover(&beside(path, suffix)))
}

fn remove_leftover(path: &Path) -> std::io::Result<()> {
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
pub(crate) fn private_file(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn private_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)
}

#[cfg(not(unix))]
pub(crate) fn private_file(_file: &Path) -> std::io::Result<()> {
    Ok(())
}
