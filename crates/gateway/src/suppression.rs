//! Erasing, blocking, letting desks go and changing the key, and the memory of it that outlives every backup.
//!
//! A backup holds what was erased after it was made, does not know of later blocks, would let a lost desk in again, and would
//! seal to a key that it has. So each erasure, each block, each desk that was let go and each change of the key is noted in a
//! journal beside the database before it is acknowledged: ids and sealed keys, nothing else. Whenever the gateway opens a
//! database, and so after a restore too, it does what the journal says and the database does not know, before anybody is
//! let in. A block that was lifted since is noted as lifted, and not made again.

use std::{
    collections::HashSet,
    fmt, io,
    path::{Path, PathBuf},
    str::FromStr,
};

use chrono::{DateTime, Utc};
use domain::{
    Action, Command, DeskId, EntityRef, State,
    decide::Changes,
    ids::IdError,
    person::{Block, BlockGround, BlockRequester},
};

use crate::{
    Database, Gateway, GatewayConfig, GatewayError,
    db::{Entity, KeyChange, StorageError, Transaction},
    platform::files,
};

/// A line of the journal: `erased per_01hb…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    Erased(EntityRef),
    Blocked(EntityRef),
    Lifted(EntityRef),
    Revoked(DeskId),
    Key(Box<KeyChange>),
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Erased(entity) => write!(f, "erased {entity}"),
            Self::Blocked(entity) => write!(f, "blocked {entity}"),
            Self::Lifted(entity) => write!(f, "lifted {entity}"),
            Self::Revoked(desk) => write!(f, "revoked {desk}"),
            Self::Key(change) => write!(f, "key {}", serde_json::to_string(change).map_err(|_| fmt::Error)?),
        }
    }
}

impl Entry {
    /// What it is about, for the log.
    fn word(&self) -> &'static str {
        match self {
            Self::Erased(_) => "erased",
            Self::Blocked(_) => "blocked",
            Self::Lifted(_) => "lifted",
            Self::Revoked(_) => "revoked",
            Self::Key(_) => "key",
        }
    }
}

impl FromStr for Entry {
    type Err = IdError;
    fn from_str(line: &str) -> Result<Self, IdError> {
        let (mark, id) = line.split_once(' ').unwrap_or_default();
        match mark {
            "erased" => id.parse().map(Self::Erased),
            "blocked" => id.parse().map(Self::Blocked),
            "lifted" => id.parse().map(Self::Lifted),
            "revoked" => id.parse().map(Self::Revoked),
            "key" => serde_json::from_str(id).map(Self::Key).map_err(|_| IdError { expected: "change of the key" }),
            _ => Err(IdError { expected: "entry" }),
        }
    }
}

/// Why the journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error("where erasures are to be noted is not configured (`suppression_journal`)")]
    NotConfigured,
    #[error("the journal of erasures is not there: {}", .0.display())]
    Missing(PathBuf),
    #[error("line {line} of the journal of erasures cannot be read: {}", .path.display())]
    Unreadable { path: PathBuf, line: usize },
    #[error("the journal of erasures cannot be used: {}", .path.display())]
    File {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

/// The memory of erasures and blocks.
#[derive(Debug, Clone)]
pub(crate) struct Journal {
    path: PathBuf,
}

impl Journal {
    /// As configured, or beside the database's file.
    pub(crate) fn of(config: &GatewayConfig) -> Option<Self> {
        let path = match (&config.suppression_journal, &config.database) {
            (Some(path), _) => path.clone(),
            (None, Database::File(file)) => {
                let mut path = file.as_os_str().to_owned();
                path.push(".suppressed");
                path.into()
            }
            (None, Database::Postgres(_)) => return None,
        };
        Some(Self { path })
    }

    pub(crate) fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    fn broken(&self, source: io::Error) -> JournalError {
        JournalError::File { path: self.path.clone(), source }
    }

    pub(crate) fn make_sure(&self) -> Result<(), JournalError> {
        files::make_sure(&self.path).map_err(|source| self.broken(source))
    }

    /// It is on the disk when this returns.
    fn note(&self, entry: &Entry) -> Result<(), JournalError> {
        files::append_line(&self.path, &entry.to_string()).map_err(|source| self.broken(source))
    }

    /// Every entry; an error where there is no journal.
    pub(crate) fn entries(&self) -> Result<Vec<Entry>, JournalError> {
        let lines = files::whole_lines(&self.path).map_err(|source| self.broken(source))?;
        let lines = lines.ok_or_else(|| JournalError::Missing(self.path.clone()))?;
        let read = |(at, line): (usize, &String)| {
            line.parse().map_err(|_| JournalError::Unreadable { path: self.path.clone(), line: at + 1 })
        };
        lines.iter().enumerate().map(read).collect()
    }

    /// Takes over what another journal knows and this one does not.
    pub(crate) fn take_over(&self, other: &Self) -> Result<(), JournalError> {
        self.make_sure()?;
        let known = self.entries()?;
        other.entries()?.iter().filter(|entry| !known.contains(entry)).try_for_each(|entry| self.note(entry))
    }
}

impl Gateway {
    /// Erases an entity for ever: its state, its sealed parts, what the site sent of it. A tombstone stays, so that the
    /// desks hear of it and nothing brings it back. False: there is no such entity, or it is erased already.
    ///
    /// # Errors
    /// The storage failed, or the journal cannot be written: then nothing has happened.
    pub async fn erase(&self, entity: &EntityRef) -> Result<bool, GatewayError> {
        self.suppress(&Entry::Erased(entity.clone())).await
    }

    /// Blocks an entity: it is kept and not used. False: there is no such entity, it cannot be blocked, or it is blocked.
    ///
    /// # Errors
    /// As [`Gateway::erase`].
    pub async fn block(&self, entity: &EntityRef) -> Result<bool, GatewayError> {
        self.suppress(&Entry::Blocked(entity.clone())).await
    }

    /// Notes what an action blocks or frees, before it is acknowledged. A block does not wait for a journal that cannot be
    /// written: the desks know of it, and send it again after a restore.
    pub(crate) fn note_block(&self, action: &Action, changes: &Changes) {
        let is_blocked = changes.iter().any(|(entity, state)| *entity == action.entity && is_blocked(state));
        let entity = action.entity.clone();
        match action.command {
            Command::PersonBlock { .. } | Command::CertificateBlock => self.note(&Entry::Blocked(entity)),
            Command::PersonUnblock { .. } | Command::CertificateUnblock if !is_blocked => {
                self.note(&Entry::Lifted(entity));
            }
            _ => {}
        }
    }

    /// Notes an erasure that an action asks for; without the note it does not happen.
    pub(crate) fn note_erasure(&self, entity: &EntityRef) -> Result<(), StorageError> {
        let journal = self.inner.journal.as_ref().ok_or(JournalError::NotConfigured);
        let noted = journal.and_then(|journal| journal.note(&Entry::Erased(entity.clone())));
        noted.map_err(|error| {
            tracing::error!(%error, "an erasure is not noted, so it waits");
            StorageError::Journal
        })
    }

    /// Notes what does not wait for a journal that cannot be written.
    pub(crate) fn note(&self, entry: &Entry) {
        let journal = self.inner.journal.as_ref().ok_or(JournalError::NotConfigured);
        if let Err(error) = journal.and_then(|journal| journal.note(entry)) {
            tracing::error!(%error, entry = entry.word(), "not noted: a restore would not know of it");
        }
    }

    async fn suppress(&self, entry: &Entry) -> Result<bool, GatewayError> {
        let journal = self.inner.journal.as_ref().ok_or(JournalError::NotConfigured)?;
        let mut tx = self.storage().begin().await?;
        let Some(seq) = self.apply(tx.as_mut(), entry).await? else { return Ok(false) };
        // noted first: an erasure that was acknowledged is in the journal whatever becomes of the database
        journal.note(entry)?;
        tx.commit().await?;
        tracing::info!(%entry, "suppressed");
        self.poke(seq);
        self.storage().scrub().await?;
        Ok(true)
    }

    /// The sequence number of the change; `None`: nothing is to be done to an entity.
    async fn apply(&self, tx: &mut dyn Transaction, entry: &Entry) -> Result<Option<u64>, GatewayError> {
        let (Entry::Erased(id) | Entry::Blocked(id)) = entry else { return Ok(None) };
        let Entity { version, state } = tx.entity(id).await?;
        let Some(mut state) = state else { return Ok(None) };
        if matches!(entry, Entry::Blocked(_)) && !block(&mut state, self.now()) {
            return Ok(None);
        }
        let (version, seq) = (version + 1, tx.next_seq().await?);
        match entry {
            Entry::Erased(_) => tx.erase(id, version, seq, self.now()).await?,
            _ => tx.put_entity(id, version, seq, &state).await?,
        }
        Ok(Some(seq))
    }

    /// Does what the journal says and the database does not know. A database that knows less than the journal is an older
    /// copy of what the desks have seen: a new epoch makes them pull from the beginning.
    pub(crate) async fn replay(&self) -> Result<(), GatewayError> {
        let Some(journal) = &self.inner.journal else { return Ok(()) };
        journal.make_sure()?;
        let entries = journal.entries()?;
        if entries.is_empty() {
            return Ok(());
        }
        let mut tx = self.storage().begin().await?;
        let mut done = 0_usize;
        for entry in still_meant(&entries) {
            done += usize::from(self.apply(tx.as_mut(), entry).await?.is_some());
            if let Entry::Revoked(desk) = entry {
                tx.revoke_desk(desk, self.now()).await?;
                tx.withdraw_invites(desk, self.now()).await?;
            }
        }
        self.put_keys_back(tx.as_mut(), &entries).await?;
        if done == 0 {
            return Ok(tx.commit().await?);
        }
        tx.begin_epoch(&seal::token::make_id("ep")?).await?;
        tx.commit().await?;
        tracing::warn!(done, "the database did not know of erasures and blocks: they are done again, in a new epoch");
        Ok(self.storage().scrub().await?)
    }
}

/// Without the blocks that were lifted afterwards, in their order.
fn still_meant(entries: &[Entry]) -> Vec<&Entry> {
    let mut lifted = HashSet::new();
    let mut meant: Vec<&Entry> = Vec::new();
    for entry in entries.iter().rev() {
        match entry {
            Entry::Lifted(entity) => {
                lifted.insert(entity);
            }
            Entry::Blocked(entity) if lifted.contains(entity) => {}
            _ => meant.push(entry),
        }
    }
    meant.reverse();
    meant
}

fn is_blocked(state: &State) -> bool {
    match state {
        State::Certificate(certificate) => certificate.blocked,
        State::Person(person) => person.is_blocked(),
        _ => false,
    }
}

/// Whether it was not blocked before and can be.
fn block(state: &mut State, at: DateTime<Utc>) -> bool {
    if is_blocked(state) {
        return false;
    }
    match state {
        State::Certificate(certificate) => certificate.blocked = true,
        State::Person(person) => person.blocks.push(Block {
            id: None,
            at,
            recorded_at: Some(at),
            by: None,
            requester: BlockRequester::Clinic,
            ground: BlockGround::Restored,
            lifted: None,
        }),
        _ => return false,
    }
    true
}
