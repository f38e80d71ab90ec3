//! Backup and restore, in one format for both databases: what was saved from SQLite can be restored into PostgreSQL and the
//! other way round.
//!
//! A backup is a zstd stream of JSON lines: a head, one line a row, the number of rows of each table, and at the end the
//! digest of all that stands before it. Without an end that fits it is no backup. What is about people is
//! sealed in it as it is in the database; it does hold the secrets of the gateway itself, so it is for its owner only.
//!
//! A restore fills an empty database in one transaction, under a new epoch. What was erased or blocked after the backup was
//! made is done again when the database is opened ([`crate::suppression`]).

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    Gateway, GatewayConfig, GatewayError,
    db::{self, Contents, Copied, CopyError, Row, Rows, Sink, StorageError},
    platform::files::{self, Fresh, Scratch},
    suppression::{Journal, JournalError},
};

/// Rises when an older gateway could not read it any more.
const FORMAT: u32 = 1;
/// Of zstd: quick, and already a good fifth of the size.
const LEVEL: i32 = 3;
/// Longest line that is read: a row with an envelope of the largest submission is far smaller.
const LONGEST_LINE: u64 = 8 * 1024 * 1024;

/// What stands in a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    pub made_at: DateTime<Utc>,
    pub epoch: String,
    /// Up to this sequence number.
    pub seq: u64,
    pub rows: u64,
}

/// Why there is no backup, or none that can be restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("there is a file already: {}", .0.display())]
    Exists(PathBuf),
    #[error("the backup's file cannot be read or written")]
    File(#[source] io::Error),
    #[error("the file is no backup, or is damaged")]
    Damaged,
    #[error("the backup is of a newer version of the gateway")]
    Newer,
    #[error("the database is not empty: a backup is restored into a new one only")]
    NotEmpty,
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl From<io::Error> for BackupError {
    fn from(error: io::Error) -> Self {
        // what zstd says of bytes that are none of its own
        match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::Other => Self::Damaged,
            _ => Self::File(error),
        }
    }
}

impl From<CopyError> for BackupError {
    fn from(error: CopyError) -> Self {
        match error {
            CopyError::Storage(error) => Self::Storage(error),
            CopyError::File(error) => error.into(),
            CopyError::NotEmpty => Self::NotEmpty,
            CopyError::Unreadable => Self::Damaged,
        }
    }
}

/// Which journals of erasures a restore goes by.
#[derive(Debug, Clone, Default)]
pub struct Journals {
    /// Besides the configured one: those of other gateways on the same database, or the saved one of a lost machine.
    pub others: Vec<PathBuf>,
    /// There is none: whoever says so answers for what comes back.
    pub none: bool,
}

#[derive(Serialize, Deserialize)]
struct Head {
    reception_backup: u32,
    schema: u64,
    epoch: String,
    seq: u64,
    made_at: DateTime<Utc>,
}

/// Behind the rows.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Count {
    rows: Copied,
}

/// The last line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seal {
    sha256: String,
}

/// The file as it is written.
struct Writer {
    to: zstd::Encoder<'static, Fresh>,
    digest: Sha256,
    made_at: DateTime<Utc>,
}

impl Writer {
    fn line(&mut self, line: &[u8]) -> Result<(), CopyError> {
        self.digest.update(line);
        self.digest.update(b"\n");
        self.to.write_all(line).and_then(|()| self.to.write_all(b"\n")).map_err(CopyError::File)
    }

    fn end(mut self, rows: Copied) -> Result<Fresh, CopyError> {
        self.line(&serde_json::to_vec(&Count { rows }).map_err(|_| CopyError::Unreadable)?)?;
        let sha256 = HEXLOWER.encode(&self.digest.finalize_reset());
        self.line(&serde_json::to_vec(&Seal { sha256 }).map_err(|_| CopyError::Unreadable)?)?;
        self.to.finish().map_err(CopyError::File)
    }
}

impl Sink for Writer {
    fn begin(&mut self, contents: &Contents) -> Result<(), CopyError> {
        let head = Head {
            reception_backup: FORMAT,
            schema: contents.version,
            epoch: contents.epoch.clone(),
            seq: contents.seq,
            made_at: self.made_at,
        };
        self.line(&serde_json::to_vec(&head).map_err(|_| CopyError::Unreadable)?)
    }

    fn row(&mut self, table: &str, row: &str) -> Result<(), CopyError> {
        self.line(format!("[\"{table}\",{row}]").as_bytes())
    }
}

/// A file that is read to its end: what it says is true only then.
struct Reader {
    lines: BufReader<zstd::Decoder<'static, BufReader<std::fs::File>>>,
    digest: Sha256,
    head: Head,
    read: Copied,
    /// Once the end has come and fits.
    rows: Option<Copied>,
}

impl Reader {
    fn open(path: &Path) -> Result<Self, BackupError> {
        let file = files::open(path).map_err(BackupError::File)?;
        let mut lines = BufReader::new(zstd::Decoder::new(file)?);
        let first = line(&mut lines)?.ok_or(BackupError::Damaged)?;
        let head: Head = serde_json::from_slice(&first).map_err(|_| BackupError::Damaged)?;
        if head.reception_backup > FORMAT {
            return Err(BackupError::Newer);
        }
        let mut reader = Self { lines, digest: Sha256::new(), head, read: Copied::new(), rows: None };
        reader.digest(&first);
        Ok(reader)
    }

    fn digest(&mut self, line: &[u8]) {
        self.digest.update(line);
        self.digest.update(b"\n");
    }

    /// Reads to the end.
    fn verify(mut self) -> Result<(Head, Copied), BackupError> {
        while self.next()?.is_some() {}
        self.rows.map(|rows| (self.head, rows)).ok_or(BackupError::Damaged)
    }

    /// The count has come: the digest must follow, and nothing more.
    fn end(&mut self, count: Count) -> Result<(), CopyError> {
        let seal = line(&mut self.lines).map_err(CopyError::File)?.ok_or(CopyError::Unreadable)?;
        let seal: Seal = serde_json::from_slice(&seal).map_err(|_| CopyError::Unreadable)?;
        let nothing_more = line(&mut self.lines).map_err(CopyError::File)?.is_none();
        // tables without rows are in the count alone
        let counted = count.rows.iter().all(|(table, rows)| self.read.get(table).copied().unwrap_or(0) == *rows)
            && self.read.keys().all(|table| count.rows.contains_key(table));
        if seal.sha256 != HEXLOWER.encode(&self.digest.finalize_reset()) || !counted || !nothing_more {
            return Err(CopyError::Unreadable);
        }
        self.rows = Some(count.rows);
        Ok(())
    }
}

impl Rows for Reader {
    fn next(&mut self) -> Result<Option<Row>, CopyError> {
        let line = line(&mut self.lines).map_err(CopyError::File)?.ok_or(CopyError::Unreadable)?;
        self.digest(&line);
        if line.starts_with(b"{") {
            let count = serde_json::from_slice(&line).map_err(|_| CopyError::Unreadable)?;
            self.end(count)?;
            return Ok(None);
        }
        let (table, row): Row = serde_json::from_slice(&line).map_err(|_| CopyError::Unreadable)?;
        *self.read.entry(table.clone()).or_default() += 1;
        Ok(Some((table, row)))
    }
}

/// A line without its end; `None` at the end. A line that does not end is none.
fn line(from: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    from.take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    match line.pop() {
        None => Ok(None),
        Some(b'\n') => Ok(Some(line)),
        Some(_) => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// Reads a backup to its end and says what stands in it.
///
/// # Errors
/// It is damaged, or of a newer version.
pub fn verify(path: &Path) -> Result<Backup, BackupError> {
    let (head, rows) = Reader::open(path)?.verify()?;
    let rows = rows.values().sum();
    Ok(Backup { made_at: head.made_at, epoch: head.epoch, seq: head.seq, rows })
}

impl Gateway {
    /// Saves everything as of one moment, while the gateway works on. The file is read again before it gets its name, and
    /// is for its owner only.
    ///
    /// # Errors
    /// The place is taken, or the file could not be written and read again; then there is none.
    pub async fn backup(&self, to: &Path) -> Result<Backup, BackupError> {
        self.backup_of(to, self.now()).await
    }

    async fn backup_of(&self, to: &Path, made_at: DateTime<Utc>) -> Result<Backup, BackupError> {
        let fresh = Fresh::create(to).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => BackupError::Exists(to.to_owned()),
            _ => BackupError::File(error),
        })?;
        let mut writer =
            Writer { to: zstd::Encoder::new(fresh, LEVEL).map_err(BackupError::File)?, digest: Sha256::new(), made_at };
        let rows = self.storage().copy_out(&mut writer).await?;
        let mut fresh = writer.end(rows.clone())?;
        fresh.settle().map_err(BackupError::File)?;
        let written = verify(fresh.partial())?;
        if written.rows != rows.values().sum::<u64>() {
            return Err(BackupError::Damaged);
        }
        fresh.finish().map_err(BackupError::File)?;
        tracing::info!(rows = written.rows, seq = written.seq, "backup written and read again");
        Ok(written)
    }

    /// Fills the configured database, which must be new, and begins a new epoch. What the journals say was erased or blocked
    /// since is done before this returns; cut off in between, the next opening of the database does it.
    ///
    /// # Errors
    /// The backup is damaged or newer, the database is not empty, or a journal is not there; nothing is restored then.
    pub async fn restore(config: GatewayConfig, from: &Path, journals: &Journals) -> Result<Backup, GatewayError> {
        let backup = verify(from)?;
        let journal = Journal::of(&config);
        prepare(journal.as_ref(), journals)?;
        let mut reader = Reader::open(from)?;
        let storage = db::open(&config.database, true, Some(reader.head.schema)).await?;
        let (mut tx, copied) = storage.copy_in(&mut reader).await.map_err(BackupError::from)?;
        let said = reader.rows.ok_or(BackupError::Damaged)?;
        if copied.iter().any(|(table, rows)| said.get(table).copied().unwrap_or(0) != *rows) {
            return Err(BackupError::Damaged.into());
        }
        tx.begin_epoch(&seal::token::make_id("ep")?).await?;
        tx.commit().await?;
        storage.close().await?;
        // the opening brings the tables up to date and goes by the journal
        Self::open(config).await?.close().await?;
        Ok(backup)
    }
}

/// Rewrites a backup without what was erased after it was made, by the configured journal. It stays of its moment; the
/// old file is gone only when the new one is written and read again.
///
/// # Errors
/// The backup is damaged or newer, there is no journal, or the disk is full; the backup is as it was then.
pub async fn cleanse(config: &GatewayConfig, backup: &Path) -> Result<Backup, GatewayError> {
    let made_at = verify(backup)?.made_at;
    let journal = Journal::of(config).ok_or(JournalError::NotConfigured)?;
    journal.entries()?;
    let mut name = backup.as_os_str().to_owned();
    name.push(".cleansing");
    let scratch = Scratch::make(PathBuf::from(name)).map_err(BackupError::File)?;
    let own = GatewayConfig {
        suppression_journal: Some(scratch.file("journal")),
        ..GatewayConfig::at(scratch.file("gateway.db"))
    };
    Journal::at(&scratch.file("journal")).take_over(&journal)?;
    Gateway::restore(own.clone(), backup, &Journals::default()).await?;
    let restored = Gateway::open_beside(own).await?;
    let fresh = scratch.file("backup");
    let written = restored.backup_of(&fresh, made_at).await;
    restored.close().await?;
    let written = written?;
    std::fs::rename(&fresh, backup).map_err(BackupError::File)?;
    Ok(written)
}

/// The configured journal knows what all of them know, or nothing is restored.
fn prepare(journal: Option<&Journal>, journals: &Journals) -> Result<(), JournalError> {
    let Some(journal) = journal else {
        return if journals.none { Ok(()) } else { Err(JournalError::NotConfigured) };
    };
    for other in &journals.others {
        journal.take_over(&Journal::at(other))?;
    }
    match journal.entries() {
        Err(JournalError::Missing(_)) if journals.none => journal.make_sure(),
        entries => entries.map(drop),
    }
}
