//! The raw table of entities: the only module that writes it, and the only one that reads its columns.
//!
//! Invariants: an entity and everything derived from it change in the same transaction; the text index is touched only
//! when the texts changed; rows go to the engine in batches as one JSON array each, never one statement a row.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use contract::ui::Certainty;
use domain::{EntityRef, State};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use crate::{
    error::{StoreError, integer, natural},
    index::{self, Columns, Texts},
    model::{Identified, Opened, Record},
};

/// Rows in one statement.
pub(crate) const BATCH: usize = 2_000;

/// The columns that [`record`] and [`current`] read, of `entity e`.
macro_rules! columns {
    () => {
        "e.id, e.version, e.state, e.parts, e.certainty"
    };
}
pub(crate) use columns;

/// What the gateway said, kept while own actions lie over it.
pub(crate) struct Confirmed<'a> {
    pub(crate) state: Option<Cow<'a, State>>,
    pub(crate) parts: Cow<'a, Opened>,
}

/// An entity as it is to be.
pub(crate) struct EntityWrite<'a> {
    pub(crate) id: &'a EntityRef,
    pub(crate) base_version: u64,
    pub(crate) base_seq: u64,
    pub(crate) version: u64,
    pub(crate) state: Cow<'a, State>,
    pub(crate) parts: Cow<'a, Opened>,
    pub(crate) certainty: Certainty,
    /// Some: own actions lie over it.
    pub(crate) confirmed: Option<Confirmed<'a>>,
}

/// What is there of an entity that is about to be written.
#[derive(Clone, Copy)]
pub(crate) struct Known {
    pub(crate) row: i64,
    pub(crate) base_seq: i64,
    pub(crate) generation: i64,
    text_mark: i64,
    overlaid: bool,
}

struct Placed<'a, 'b> {
    row: i64,
    known: Option<Known>,
    texts: Texts,
    mark: i64,
    write: &'b EntityWrite<'a>,
}

impl Placed<'_, '_> {
    fn texts_changed(&self) -> bool {
        self.known.map_or(0, |known| known.text_mark) != self.mark
    }
}

pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Corrupt("a value has no JSON form"))
}

pub(crate) fn from_json<T: DeserializeOwned>(text: &str, what: &'static str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Corrupt(what))
}

fn certainty_code(certainty: Certainty) -> i64 {
    match certainty {
        Certainty::Confirmed => 0,
        Certainty::Saved => 1,
        Certainty::Refused => 2,
    }
}

fn certainty_of(code: i64) -> Result<Certainty, StoreError> {
    match code {
        0 => Ok(Certainty::Confirmed),
        1 => Ok(Certainty::Saved),
        2 => Ok(Certainty::Refused),
        _ => Err(StoreError::Corrupt("certainty")),
    }
}

/// Which of the entities are there, by their place in the list.
pub(crate) async fn known(
    connection: &mut SqliteConnection,
    ids: &[&str],
) -> Result<HashMap<usize, Known>, StoreError> {
    let rows = sqlx::query(
        "SELECT j.key, e.row, e.base_seq, e.generation, e.text_mark, c.row IS NOT NULL
         FROM json_each(?1) j CROSS JOIN entity e ON e.id = j.value LEFT JOIN confirmed c ON c.row = e.row",
    )
    .bind(json(ids)?)
    .fetch_all(connection)
    .await?;
    let place = |row: SqliteRow| -> Result<(usize, Known), StoreError> {
        let at = usize::try_from(row.try_get::<i64, _>(0)?).map_err(|_| StoreError::OutOfRange)?;
        let known = Known {
            row: row.try_get(1)?,
            base_seq: row.try_get(2)?,
            generation: row.try_get(3)?,
            text_mark: row.try_get(4)?,
            overlaid: row.try_get(5)?,
        };
        Ok((at, known))
    };
    rows.into_iter().map(place).collect()
}

/// Writes entities with everything derived from them. No id may come twice.
pub(crate) async fn write(
    connection: &mut SqliteConnection,
    generation: i64,
    writes: &[EntityWrite<'_>],
) -> Result<(), StoreError> {
    for batch in writes.chunks(BATCH) {
        let ids: Vec<&str> = batch.iter().map(|write| write.id.as_str()).collect();
        let known = known(connection, &ids).await?;
        write_batch(connection, generation, batch, &known).await?;
    }
    Ok(())
}

/// The same for one batch whose present rows were already looked up.
pub(crate) async fn write_batch(
    connection: &mut SqliteConnection,
    generation: i64,
    batch: &[EntityWrite<'_>],
    known: &HashMap<usize, Known>,
) -> Result<(), StoreError> {
    let mut last: i64 =
        sqlx::query_scalar("SELECT coalesce(max(row), 0) FROM entity").fetch_one(&mut *connection).await?;
    let mut placed = Vec::with_capacity(batch.len());
    for (at, write) in batch.iter().enumerate() {
        let known = known.get(&at).copied();
        let row = known.map_or_else(
            || {
                last += 1;
                last
            },
            |known| known.row,
        );
        let texts = index::texts(&write.state, &write.parts);
        placed.push(Placed { row, known, mark: texts.mark(), texts, write });
    }
    write_entities(connection, generation, &placed).await?;
    write_confirmed(connection, &placed).await?;
    write_texts(connection, &placed).await?;
    write_columns(connection, &placed).await
}

async fn run<T: Serialize>(
    connection: &mut SqliteConnection,
    statement: &'static str,
    rows: &[T],
) -> Result<(), StoreError> {
    if !rows.is_empty() {
        sqlx::query(statement).bind(json(rows)?).execute(connection).await?;
    }
    Ok(())
}

async fn write_entities(
    connection: &mut SqliteConnection,
    generation: i64,
    placed: &[Placed<'_, '_>],
) -> Result<(), StoreError> {
    let mut rows = Vec::with_capacity(placed.len());
    for p in placed {
        let w = p.write;
        rows.push((
            p.row,
            w.id.as_str(),
            w.id.kind().as_str(),
            integer(w.base_version)?,
            integer(w.base_seq)?,
            integer(w.version)?,
            json(w.state.as_ref())?,
            json(w.parts.as_ref())?,
            certainty_code(w.certainty),
            generation,
            p.mark,
        ));
    }
    run(
        connection,
        "INSERT INTO entity (row, id, kind, base_version, base_seq, version, state, parts, certainty, generation, text_mark)
         SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8,
                value->>9, value->>10
         FROM json_each(?1) WHERE true
         ON CONFLICT (row) DO UPDATE SET base_version = excluded.base_version, base_seq = excluded.base_seq,
             version = excluded.version, state = excluded.state, parts = excluded.parts,
             certainty = excluded.certainty, generation = excluded.generation, text_mark = excluded.text_mark",
        &rows,
    )
    .await
}

async fn write_confirmed(connection: &mut SqliteConnection, placed: &[Placed<'_, '_>]) -> Result<(), StoreError> {
    let gone = |p: &&Placed<'_, '_>| p.write.confirmed.is_none() && p.known.is_some_and(|known| known.overlaid);
    let gone: Vec<i64> = placed.iter().filter(gone).map(|p| p.row).collect();
    run(connection, "DELETE FROM confirmed WHERE row IN (SELECT value FROM json_each(?1))", &gone).await?;
    let mut kept = Vec::new();
    for p in placed {
        if let Some(confirmed) = &p.write.confirmed {
            let state = confirmed.state.as_deref().map(json).transpose()?;
            kept.push((p.row, state, json(confirmed.parts.as_ref())?));
        }
    }
    run(
        connection,
        "INSERT INTO confirmed (row, state, parts) SELECT value->>0, value->>1, value->>2 FROM json_each(?1) WHERE true
         ON CONFLICT (row) DO UPDATE SET state = excluded.state, parts = excluded.parts",
        &kept,
    )
    .await
}

async fn write_texts(connection: &mut SqliteConnection, placed: &[Placed<'_, '_>]) -> Result<(), StoreError> {
    let changed: Vec<&Placed<'_, '_>> = placed.iter().filter(|p| p.texts_changed()).collect();
    let had = |p: &&&Placed<'_, '_>| p.known.is_some_and(|known| known.text_mark != 0);
    let old: Vec<i64> = changed.iter().filter(had).map(|p| p.row).collect();
    forget_texts(connection, &old).await?;

    let mut texts: Vec<(i64, &str)> = Vec::new();
    let mut names: Vec<(i64, &str)> = Vec::new();
    let mut phones: Vec<(&str, i64)> = Vec::new();
    let mut keys: Vec<(i64, &str, &str)> = Vec::new();
    for p in &changed {
        if !p.texts.text.is_empty() {
            texts.push((p.row, &p.texts.text));
        }
        if !p.texts.name.is_empty() {
            names.push((p.row, &p.texts.name));
        }
        phones.extend(p.texts.phones.iter().map(|digits| (digits.as_str(), p.row)));
        keys.extend(p.texts.key.iter().map(|(kind, value)| (p.row, *kind, value.as_str())));
    }
    // in the order of their tables
    texts.sort_unstable_by_key(|(row, _)| *row);
    phones.sort_unstable();
    run(connection, "INSERT INTO search (rowid, text) SELECT value->>0, value->>1 FROM json_each(?1)", &texts).await?;
    run(connection, "INSERT INTO name_index (row, name) SELECT value->>0, value->>1 FROM json_each(?1)", &names)
        .await?;
    run(connection, "INSERT INTO phone_index (digits, row) SELECT value->>0, value->>1 FROM json_each(?1)", &phones)
        .await?;
    run(
        connection,
        "INSERT INTO key_index (row, kind, value) SELECT value->>0, value->>1, value->>2 FROM json_each(?1)",
        &keys,
    )
    .await
}

async fn forget_texts(connection: &mut SqliteConnection, rows: &[i64]) -> Result<(), StoreError> {
    for statement in [
        "DELETE FROM search WHERE rowid IN (SELECT value FROM json_each(?1))",
        "DELETE FROM name_index WHERE row IN (SELECT value FROM json_each(?1))",
        "DELETE FROM phone_index WHERE row IN (SELECT value FROM json_each(?1))",
        "DELETE FROM key_index WHERE row IN (SELECT value FROM json_each(?1))",
    ] {
        run(connection, statement, rows).await?;
    }
    Ok(())
}

async fn write_columns(connection: &mut SqliteConnection, placed: &[Placed<'_, '_>]) -> Result<(), StoreError> {
    let mut requests = Vec::new();
    let mut visits = Vec::new();
    let mut papers = Vec::new();
    let mut people = Vec::new();
    for p in placed {
        match index::columns(&p.write.state, p.write.certainty) {
            Columns::Request(c) => {
                requests.push((p.row, i64::from(c.is_open), c.submitted_at, c.next_try_at, c.closed_at, c.person));
            }
            Columns::Visit(c) => {
                visits.push((p.row, c.starts, c.ends, c.practitioner, c.chair, c.person, i64::from(c.occupies)));
            }
            Columns::Person(sheets) => {
                people.extend(p.known.map(|known| known.row));
                papers.extend(
                    sheets.into_iter().map(|sheet| (sheet.paper, p.row, sheet.printed_at, i64::from(sheet.awaits))),
                );
            }
            Columns::None => {}
        }
    }
    run(
        connection,
        "INSERT INTO request_index (row, is_open, submitted_at, next_try_at, closed_at, person)
         SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5 FROM json_each(?1) WHERE true
         ON CONFLICT (row) DO UPDATE SET is_open = excluded.is_open, submitted_at = excluded.submitted_at,
             next_try_at = excluded.next_try_at, closed_at = excluded.closed_at, person = excluded.person",
        &requests,
    )
    .await?;
    run(
        connection,
        "INSERT INTO visit_index (row, starts, ends, practitioner, chair, person, occupies)
         SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6 FROM json_each(?1) WHERE true
         ON CONFLICT (row) DO UPDATE SET starts = excluded.starts, ends = excluded.ends,
             practitioner = excluded.practitioner, chair = excluded.chair, person = excluded.person,
             occupies = excluded.occupies",
        &visits,
    )
    .await?;
    run(connection, "DELETE FROM paper_index WHERE row IN (SELECT value FROM json_each(?1))", &people).await?;
    // a number that two people claim stays with the first: the mark on a sheet finds one person
    run(
        connection,
        "INSERT OR IGNORE INTO paper_index (paper, row, printed_at, awaits)
         SELECT value->>0, value->>1, value->>2, value->>3 FROM json_each(?1)",
        &papers,
    )
    .await
}

/// Forgets entities with everything derived from them.
pub(crate) async fn erase(connection: &mut SqliteConnection, rows: &[i64]) -> Result<(), StoreError> {
    for batch in rows.chunks(BATCH) {
        // the text index knows no foreign keys; the rest goes with its entity
        run(connection, "DELETE FROM search WHERE rowid IN (SELECT value FROM json_each(?1))", batch).await?;
        run(connection, "DELETE FROM entity WHERE row IN (SELECT value FROM json_each(?1))", batch).await?;
    }
    Ok(())
}

/// What the gateway confirmed of an entity.
#[derive(Clone, Default)]
pub(crate) struct Base {
    pub(crate) version: u64,
    pub(crate) seq: u64,
    pub(crate) state: Option<State>,
    pub(crate) parts: Opened,
}

/// The confirmed side of an entity and its row, if there is one.
pub(crate) async fn base(
    connection: &mut SqliteConnection,
    id: &EntityRef,
) -> Result<(Option<Place>, Base), StoreError> {
    let row = sqlx::query(
        "SELECT e.row, e.base_version, e.base_seq, c.row IS NOT NULL, c.state, c.parts, e.state, e.parts,
             e.generation
         FROM entity e LEFT JOIN confirmed c ON c.row = e.row WHERE e.id = ?1",
    )
    .bind(id.as_str())
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else {
        return Ok((None, Base::default()));
    };
    let (state, parts): (Option<String>, String) =
        if row.try_get(3)? { (row.try_get(4)?, row.try_get(5)?) } else { (Some(row.try_get(6)?), row.try_get(7)?) };
    let base = Base {
        version: natural(row.try_get(1)?)?,
        seq: natural(row.try_get(2)?)?,
        state: state.map(|state| from_json(&state, "state")).transpose()?,
        parts: from_json(&parts, "parts")?,
    };
    Ok((Some(Place { row: row.try_get(0)?, generation: row.try_get(8)? }), base))
}

/// Where an entity lies, and which reading of the feed brought it.
pub(crate) struct Place {
    pub(crate) row: i64,
    pub(crate) generation: i64,
}

/// The current state of an entity and the version that an action has to name.
pub(crate) async fn current(connection: &mut SqliteConnection, id: &str) -> Result<Option<(State, u64)>, StoreError> {
    let row =
        sqlx::query("SELECT state, version FROM entity WHERE id = ?1").bind(id).fetch_optional(connection).await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some((from_json(row.try_get(0)?, "state")?, natural(row.try_get(1)?)?)))
}

/// A sealed part's content that stands in where the part is missing.
pub(crate) trait Personal: DeserializeOwned {
    /// Nothing known.
    fn unknown() -> Self;
}

/// Reads `columns!()`. For the shield alone: what is about a person must pass it.
pub(crate) fn record<S, P>(row: &SqliteRow) -> Result<Record<S, P>, StoreError>
where
    S: Identified + DeserializeOwned,
    S::Id: TryFrom<String>,
    P: Personal,
{
    let id: String = row.try_get(0)?;
    let parts: &str = row.try_get(3)?;
    let parts: BTreeMap<String, &RawValue> = serde_json::from_str(parts).map_err(|_| StoreError::Corrupt("parts"))?;
    let main = parts.get(domain::personal::part::MAIN).and_then(|main| serde_json::from_str(main.get()).ok());
    Ok(Record {
        id: S::Id::try_from(id).map_err(|_| StoreError::Corrupt("id"))?,
        version: natural(row.try_get(1)?)?,
        state: from_json(row.try_get(2)?, "state")?,
        personal: main.unwrap_or_else(P::unknown),
        certainty: certainty_of(row.try_get(4)?)?,
        blocked: false,
        notes: notes(&parts),
    })
}

fn notes(parts: &BTreeMap<String, &RawValue>) -> BTreeMap<String, String> {
    let mut notes = BTreeMap::new();
    for (name, part) in parts {
        let note = serde_json::from_str::<domain::personal::NotePersonal>(part.get());
        if let (Some(action), Ok(note)) = (name.strip_prefix("note:"), note) {
            notes.insert(action.to_owned(), note.text);
        }
    }
    notes
}
