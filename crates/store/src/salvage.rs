//! What is done with a database that does not read any more: its outbox is read action by action into another one, and
//! all of its files are set aside under a dated name.
//!
//! Invariants: nothing of a damaged database is changed or deleted; an action that cannot be read costs only itself, and
//! is counted where something else still names it; what comes in keeps its id, so it cannot be done twice.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use contract::v1::ActionEnvelope;
use domain::{EntityRef, Refusal};
use sqlx::{ConnectOptions, Connection, Row, SqliteConnection};

use crate::{
    Store,
    entity::{from_json, json},
    error::{OpenError, StoreError, opening},
    key::{DatabaseKey, beside},
    model::Opened,
    open::{begin, keyed, private_file, remove_leftovers},
    outbox,
    overlay::{self, Stage},
};

const PAGE: usize = 4_096;
/// Beside the database: its first page, which holds the salt of its key, and the other pages with the list of tables.
const KEPT: &str = ".tables";
/// More unsettled actions than any desk has.
const MOST: usize = 100_000;
/// So many places between two readable actions are tried one by one.
const WIDEST_GAP: i64 = 10_000;
/// A database is more than one file. The journal goes first: without it an older state would look whole.
const PIECES: &[&str] = &["-wal", "-shm", ".kcv", ".keys", KEPT, ".damaged", ""];

/// An action out of a damaged database.
pub struct SalvagedAction {
    n: i64,
    envelope: ActionEnvelope,
    opened: Opened,
    decided_at: i64,
    desk: String,
    stage: Stage,
    refusal: Option<Refusal>,
    tries: u32,
}

impl std::fmt::Debug for SalvagedAction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SalvagedAction").field("id", &self.envelope.action.id).finish_non_exhaustive()
    }
}

/// What was read of an outbox.
#[derive(Debug, Default)]
pub struct Salvage {
    /// Oldest first.
    pub actions: Vec<SalvagedAction>,
    /// Actions that are named but do not read; None: nothing tells how many there were.
    pub unreadable: Option<u32>,
}

impl Salvage {
    /// How many the gateway does not have, as far as is known here.
    #[must_use]
    pub fn unsent(&self) -> u32 {
        let unsent = self.actions.iter().filter(|action| action.stage != Stage::Applied).count();
        u32::try_from(unsent).unwrap_or(u32::MAX)
    }
}

/// Reads what can be read of the outbox of a database, damaged or not, without changing it. An unreadable file gives
/// nothing and an unknown number.
///
/// # Errors
/// Of the disk.
pub async fn salvage(path: &Path, key: &DatabaseKey) -> Result<Salvage, OpenError> {
    if let Some(found) = read_outbox(path, key).await? {
        return Ok(found);
    }
    // without the list of its tables nothing of a file opens: the one that was kept when it last opened stands in
    let Ok(kept) = std::fs::read(beside(path, KEPT)) else { return Ok(Salvage::default()) };
    let patched = beside(path, ".patched");
    remove_leftovers(&patched)?;
    patch(path, &kept, &patched)?;
    let found = read_outbox(&patched, key).await;
    remove_leftovers(&patched)?;
    Ok(found?.unwrap_or_default())
}

/// Copies the files and puts the kept pages in their places.
fn patch(path: &Path, kept: &[u8], to: &Path) -> io::Result<()> {
    let mut file = File::create_new(to)?;
    private_file(to)?;
    io::copy(&mut File::open(path)?, &mut file)?;
    for place in kept.chunks_exact(4 + PAGE) {
        let (number, page) = place.split_at(4);
        let number = number.try_into().map_or(0, u32::from_le_bytes);
        file.seek(SeekFrom::Start(u64::from(number.saturating_sub(1)) * PAGE as u64))?;
        file.write_all(page)?;
    }
    let journal = beside(path, "-wal");
    if journal.try_exists()? {
        std::fs::copy(journal, beside(to, "-wal"))?;
    }
    Ok(())
}

/// None: not even the list of tables reads.
async fn read_outbox(path: &Path, key: &DatabaseKey) -> Result<Option<Salvage>, OpenError> {
    if !path.try_exists()? {
        return Ok(None);
    }
    let mut reader = Reader { path, key, connection: None };
    let listed = reader.scalar("SELECT count(*) FROM sqlite_schema WHERE ?1 = ?1", 0).await;
    let found = if listed.is_some() { Some(actions(&mut reader).await) } else { None };
    reader.forget().await;
    Ok(found)
}

/// Reads one thing after another. A connection that met a page that does not open reads nothing more, so it is replaced.
struct Reader<'a> {
    path: &'a Path,
    key: &'a DatabaseKey,
    connection: Option<SqliteConnection>,
}

impl Reader<'_> {
    async fn connection(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        if self.connection.is_none() {
            let mut fresh = keyed(self.path, self.key).read_only(true).connect().await?;
            // a file that was cut off is otherwise not read at all
            sqlx::query("PRAGMA writable_schema = ON").execute(&mut fresh).await?;
            self.connection = Some(fresh);
        }
        self.connection.as_mut().ok_or(StoreError::Damaged)
    }

    async fn forget(&mut self) {
        if let Some(connection) = self.connection.take() {
            // nothing was written: an error of closing changes nothing
            let _ = connection.close().await;
        }
    }

    /// One number; the outer None: it does not read.
    async fn scalar(&mut self, query: &'static str, at: i64) -> Option<Option<i64>> {
        let read = async { sqlx::query_scalar(query).bind(at).fetch_one(self.connection().await.ok()?).await.ok() };
        let read = read.await;
        if read.is_none() {
            self.forget().await;
        }
        read
    }

    /// From place to place until there is none, or one does not read; whether it came to the end.
    async fn walk(&mut self, from: i64, next: &'static str) -> (Vec<i64>, bool) {
        let mut found = Vec::new();
        let mut at = from;
        while found.len() < MOST {
            match self.scalar(next, at).await {
                Some(Some(n)) => {
                    found.push(n);
                    at = n;
                }
                Some(None) => return (found, true),
                None => return (found, false),
            }
        }
        (found, false)
    }

    /// The same over the index of ids, which lies on other pages than the actions.
    async fn walk_ids(&mut self) -> (Vec<i64>, bool) {
        let mut found = Vec::new();
        let mut at = String::new();
        while found.len() < MOST {
            match self.next_id(&at).await {
                Ok(Some((id, n))) => {
                    found.push(n);
                    at = id;
                }
                Ok(None) => return (found, true),
                Err(_) => break,
            }
        }
        self.forget().await;
        (found, false)
    }

    async fn next_id(&mut self, after: &str) -> Result<Option<(String, i64)>, StoreError> {
        let next = sqlx::query_as(
            "SELECT id, n FROM outbox INDEXED BY sqlite_autoindex_outbox_1 WHERE id > ?1 ORDER BY id LIMIT 1",
        );
        Ok(next.bind(after).fetch_optional(self.connection().await?).await?)
    }

    async fn action(&mut self, n: i64) -> Result<Option<SalvagedAction>, StoreError> {
        let read = match self.connection().await {
            Ok(connection) => action(connection, n).await,
            Err(error) => Err(error),
        };
        if read.is_err() {
            self.forget().await;
        }
        read
    }
}

async fn actions(reader: &mut Reader<'_>) -> Salvage {
    let (places, complete) = places(reader).await;
    let mut salvage = Salvage::default();
    let mut unreadable = 0;
    for (n, named) in places {
        match reader.action(n).await {
            Ok(Some(action)) => salvage.actions.push(action),
            Ok(None) => {}
            Err(_) if named => unreadable += 1,
            Err(_) => {}
        }
    }
    salvage.unreadable = complete.then_some(unreadable);
    salvage
}

/// Where actions are or may be, whether something names each, and whether everything is named.
async fn places(reader: &mut Reader<'_>) -> (BTreeMap<i64, bool>, bool) {
    let (up, up_whole) = reader.walk(i64::MIN, "SELECT min(n) FROM outbox NOT INDEXED WHERE n > ?1").await;
    let (down, _) = reader.walk(i64::MAX, "SELECT max(n) FROM outbox NOT INDEXED WHERE n < ?1").await;
    let (touched, _) =
        reader.walk(i64::MIN, "SELECT min(n) FROM outbox_touch INDEXED BY outbox_touch_action WHERE n > ?1").await;
    let (by_id, by_id_whole) = reader.walk_ids().await;
    let mut places = BTreeMap::new();
    if let (false, Some(&low), Some(&high)) = (up_whole, up.last(), down.last())
        && high - low <= WIDEST_GAP
    {
        places.extend((low..high).map(|n| (n, false)));
    }
    places.extend([up, down, touched, by_id].into_iter().flatten().map(|n| (n, true)));
    (places, up_whole || by_id_whole)
}

async fn action(connection: &mut SqliteConnection, n: i64) -> Result<Option<SalvagedAction>, StoreError> {
    let row = sqlx::query(
        "SELECT envelope, opened, decided_at, desk, state, refusal, tries FROM outbox NOT INDEXED WHERE n = ?1",
    )
    .bind(n)
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let refusal: Option<String> = row.try_get(5)?;
    Ok(Some(SalvagedAction {
        n,
        envelope: from_json(row.try_get(0)?, "envelope")?,
        opened: from_json(row.try_get(1)?, "opened parts")?,
        decided_at: row.try_get(2)?,
        desk: row.try_get(3)?,
        stage: Stage::of(row.try_get(4)?)?,
        refusal: refusal.map(|refusal| from_json(&refusal, "refusal")).transpose()?,
        tries: row.try_get(6)?,
    }))
}

impl Store {
    /// Takes in what was read of a later outbox of this desk; answers with how many of them wait here now. Where all of
    /// it was read, an action that is not among it is over: the gateway has it, or a person gave it up.
    ///
    /// # Errors
    /// Nothing came in then.
    pub async fn take_in(&self, salvage: &Salvage) -> Result<u32, StoreError> {
        let mut writer = self.writer().await?;
        let mut tx = begin(&mut writer).await?;
        let mut touched: BTreeSet<EntityRef> = BTreeSet::new();
        if salvage.unreadable == Some(0) {
            touched.extend(drop_others(&mut tx, salvage).await?);
        }
        for action in &salvage.actions {
            put(&mut tx, action).await?;
            touched.extend(action.envelope.action.touches());
        }
        for entity in &touched {
            overlay::recompute(&mut tx, entity).await?;
        }
        tx.commit().await?;
        Ok(u32::try_from(salvage.actions.len()).unwrap_or(u32::MAX))
    }
}

async fn drop_others(connection: &mut SqliteConnection, salvage: &Salvage) -> Result<Vec<EntityRef>, StoreError> {
    let ids: Vec<&str> = salvage.actions.iter().map(|action| action.envelope.action.id.as_str()).collect();
    let dropped: Vec<String> =
        sqlx::query_scalar("DELETE FROM outbox WHERE id NOT IN (SELECT value FROM json_each(?1)) RETURNING envelope")
            .bind(json(&ids)?)
            .fetch_all(connection)
            .await?;
    let mut touched = Vec::new();
    for envelope in &dropped {
        let envelope: ActionEnvelope = from_json(envelope, "envelope")?;
        touched.extend(envelope.action.touches());
    }
    Ok(touched)
}

/// What was applied goes again, under its id: the new reading of the feed has yet to bring its effect.
async fn put(connection: &mut SqliteConnection, action: &SalvagedAction) -> Result<(), StoreError> {
    let id = action.envelope.action.id.as_str();
    sqlx::query("DELETE FROM outbox WHERE id = ?1").bind(id).execute(&mut *connection).await?;
    let state = match action.stage {
        Stage::Saved => "saved",
        Stage::Unknown | Stage::Applied => "unknown",
        Stage::Refused => "refused",
    };
    let inserted: Option<i64> = sqlx::query_scalar(
        "INSERT INTO outbox (n, id, envelope, opened, decided_at, desk, state, refusal, tries)
         SELECT CASE WHEN ?1 IN (SELECT n FROM outbox UNION ALL SELECT n FROM settled) THEN NULL ELSE ?1 END,
             ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
         WHERE NOT EXISTS (SELECT 1 FROM settled WHERE id = ?2) RETURNING n",
    )
    .bind(action.n)
    .bind(id)
    .bind(json(&action.envelope)?)
    .bind(json(&action.opened)?)
    .bind(action.decided_at)
    .bind(&action.desk)
    .bind(state)
    .bind(action.refusal.as_ref().map(json).transpose()?)
    .bind(action.tries)
    .fetch_optional(&mut *connection)
    .await?;
    if let Some(n) = inserted {
        outbox::touch(connection, n, &action.envelope.action).await?;
    }
    Ok(())
}

/// Keeps the pages with the list of tables as they are now, encrypted as they are: see [`salvage`]. They change when a
/// version of this program brings a new schema.
pub(crate) async fn keep_list_of_tables(path: &Path, reader: &mut SqliteConnection) -> Result<(), OpenError> {
    let numbers: Vec<u32> =
        sqlx::query_scalar("SELECT pageno FROM dbstat WHERE name = 'sqlite_schema' ORDER BY pageno")
            .fetch_all(reader)
            .await
            .map_err(|e| opening(e, true))?;
    let mut file = File::open(path)?;
    let mut pages = Vec::with_capacity(numbers.len() * (4 + PAGE));
    for number in numbers {
        let mut page = vec![0; PAGE];
        file.seek(SeekFrom::Start(u64::from(number.saturating_sub(1)) * PAGE as u64))?;
        if file.read_exact(&mut page).is_err() {
            // still in the journal alone; the next opening finds it in the file
            return Ok(());
        }
        pages.extend_from_slice(&number.to_le_bytes());
        pages.extend_from_slice(&page);
    }
    let kept = beside(path, KEPT);
    if std::fs::read(&kept).is_ok_and(|known| known == pages) {
        return Ok(());
    }
    let fresh = beside(&kept, ".new");
    remove_leftovers(&fresh)?;
    let mut file = File::create_new(&fresh)?;
    private_file(&fresh)?;
    file.write_all(&pages)?;
    file.sync_all()?;
    Ok(std::fs::rename(&fresh, &kept)?)
}

/// Notes that a page was found not to read, so that the next start says so whatever it looks at.
///
/// # Errors
/// When the system refuses.
pub fn note_damage(path: &Path) -> io::Result<()> {
    File::create(beside(path, ".damaged"))?.sync_all()
}

/// Whether [`note_damage`] was called for this file.
pub(crate) fn damage_is_noted(path: &Path) -> io::Result<bool> {
    beside(path, ".damaged").try_exists()
}

/// Removes a database that was being made when something broke off. For no other.
///
/// # Errors
/// When the system refuses.
pub fn remove_unfinished(path: &Path) -> io::Result<()> {
    PIECES.iter().try_for_each(|piece| remove_leftovers(&beside(path, piece)))
}

/// Moves a database with everything that belongs to it to a name of its own, `<name>.set-aside-<stamp>`. Nothing is
/// written over.
///
/// # Errors
/// When the system refuses; what was moved before stays moved, and the rest goes when this is called again.
pub fn move_aside(path: &Path, stamp: &str) -> io::Result<PathBuf> {
    let aside = beside(path, &format!(".set-aside-{stamp}"));
    for piece in PIECES {
        let (from, to) = (beside(path, piece), beside(&aside, piece));
        if !from.try_exists()? {
            continue;
        }
        if to.try_exists()? {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        std::fs::rename(from, to)?;
    }
    Ok(aside)
}
