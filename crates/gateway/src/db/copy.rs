//! All rows out of a database and into an empty one, compiled once for each database.
//!
//! Which tables and columns there are is asked of the database itself, so nothing that a migration adds can be forgotten.
//! A row is a JSON object of its columns; bytes stand in it as hexadecimal digits. Tables come in the order in which they
//! refer to each other.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER;
use futures_util::TryStreamExt;
use serde_json::{Map, Value};
use sqlx::AssertSqlSafe;

use super::{Engine, Store, transaction::Writing};
use crate::db::{
    Contents, Copied, CopyError, Rows, Sink, StorageError, Transaction,
    rows::{self, Cells},
};

/// Columns of a table in their order, with whether they hold text, a whole number or bytes.
type Columns = Vec<(String, Kind)>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Integer,
    Bytes,
}

impl Kind {
    fn of(word: &str) -> Result<Self, StorageError> {
        match word.to_ascii_lowercase().as_str() {
            "text" => Ok(Self::Text),
            "integer" | "bigint" => Ok(Self::Integer),
            "blob" | "bytea" => Ok(Self::Bytes),
            _ => Err(StorageError::Corrupt { table: "schema" }),
        }
    }
}

/// Every table with its columns.
async fn tables(
    connection: &mut <Engine as sqlx::Database>::Connection,
) -> Result<BTreeMap<String, Columns>, StorageError> {
    let mut tables: BTreeMap<String, Columns> = BTreeMap::new();
    for row in sqlx::query(super::COLUMNS).fetch_all(&mut *connection).await? {
        let column = (row.text("name")?.to_owned(), Kind::of(row.text("kind")?)?);
        tables.entry(row.text("of_table")?.to_owned()).or_default().push(column);
    }
    Ok(tables)
}

/// The tables, each after those that it refers to.
async fn in_order(
    connection: &mut <Engine as sqlx::Database>::Connection,
    tables: &BTreeMap<String, Columns>,
) -> Result<Vec<String>, StorageError> {
    let mut waits: BTreeMap<&str, BTreeSet<String>> =
        tables.keys().map(|table| (table.as_str(), BTreeSet::new())).collect();
    for row in sqlx::query(super::REFERENCES).fetch_all(&mut *connection).await? {
        let (table, target) = (row.text("of_table")?, row.text("target")?);
        if let Some(targets) = waits.get_mut(table).filter(|_| table != target) {
            targets.insert(target.to_owned());
        }
    }
    let mut order: Vec<String> = Vec::with_capacity(waits.len());
    while let Some(next) = waits.iter().find(|(_, targets)| targets.iter().all(|target| order.contains(target))) {
        let next = *next.0;
        waits.remove(next);
        order.push(next.to_owned());
    }
    // what is left would refer to itself in a ring
    if waits.is_empty() { Ok(order) } else { Err(StorageError::Corrupt { table: "schema" }) }
}

/// The last migration that was run.
async fn version(connection: &mut <Engine as sqlx::Database>::Connection) -> Result<u64, StorageError> {
    let row = sqlx::query("SELECT max(version) AS version FROM _sqlx_migrations").fetch_one(&mut *connection).await?;
    rows::number(&row, "version", "_sqlx_migrations")
}

impl Store {
    /// Every row of one moment.
    pub(super) async fn copy_all(&self, sink: &mut dyn Sink) -> Result<Copied, CopyError> {
        let mut tx = self.snapshot().await?;
        let tables = tables(&mut tx).await?;
        let order = in_order(&mut tx, &tables).await?;
        let house = sqlx::query(rows::HOUSE).fetch_one(&mut *tx).await.map_err(StorageError::from)?;
        let house = rows::house(&house)?;
        sink.begin(&Contents { version: version(&mut tx).await?, epoch: house.epoch, seq: house.seq })?;
        let mut copied = Copied::default();
        for table in order {
            let select = select(&table, &tables[&table]);
            let mut rows = sqlx::query(AssertSqlSafe(select)).fetch(&mut *tx);
            let mut count = 0;
            while let Some(row) = rows.try_next().await.map_err(StorageError::from)? {
                sink.row(&table, row.text("of_row")?)?;
                count += 1;
            }
            copied.insert(table, count);
        }
        Ok(copied)
    }

    /// Fills the database, which must be empty. Nothing is there until the transaction is committed.
    pub(super) async fn fill(&self, given: &mut dyn Rows) -> Result<(Box<dyn Transaction>, Copied), CopyError> {
        let Writing { mut tx, .. } = self.writing().await?;
        let tables = tables(&mut tx).await?;
        empty(&mut tx, &tables).await?;
        sqlx::query("DELETE FROM house").execute(&mut *tx).await.map_err(StorageError::from)?;
        let mut copied: Copied = tables.keys().map(|table| (table.clone(), 0)).collect();
        while let Some((table, row)) = given.next()? {
            let columns = tables.get(&table).ok_or(CopyError::Unreadable)?;
            insert(&mut tx, &table, columns, &row).await?;
            *copied.entry(table).or_default() += 1;
        }
        Ok((Box::new(Writing::new(tx, None)), copied))
    }
}

async fn empty(
    tx: &mut sqlx::Transaction<'static, Engine>,
    tables: &BTreeMap<String, Columns>,
) -> Result<(), CopyError> {
    for table in tables.keys() {
        // the gateway's own row is there from the first opening on; a clinic is not
        let held = if table == "house" {
            "SELECT count(*) AS held FROM house WHERE clinic IS NOT NULL OR seq > 0".to_owned()
        } else {
            format!("SELECT count(*) AS held FROM \"{table}\"")
        };
        let row = sqlx::query(AssertSqlSafe(held)).fetch_one(&mut **tx).await.map_err(StorageError::from)?;
        if row.integer("held")? > 0 {
            return Err(CopyError::NotEmpty);
        }
    }
    Ok(())
}

/// The names are those of the database's own tables and columns, never something that was sent.
fn select(table: &str, columns: &Columns) -> String {
    let members: Vec<String> = columns
        .iter()
        .map(|(name, kind)| match kind {
            Kind::Bytes => format!("'{name}', {}", super::hexadecimal(name)),
            Kind::Text | Kind::Integer => format!("'{name}', \"{name}\""),
        })
        .collect();
    format!("SELECT {} AS of_row FROM \"{table}\"", super::object(&members.join(", ")))
}

async fn insert(
    tx: &mut sqlx::Transaction<'static, Engine>,
    table: &str,
    columns: &Columns,
    row: &Map<String, Value>,
) -> Result<(), CopyError> {
    let (names, places): (Vec<String>, Vec<String>) =
        row.keys().enumerate().map(|(n, name)| (format!("\"{name}\""), format!("${}", n + 1))).unzip();
    let known = row.keys().all(|name| columns.iter().any(|(column, _)| column == name));
    if !known || row.is_empty() {
        return Err(CopyError::Unreadable);
    }
    let statement = format!("INSERT INTO \"{table}\" ({}) VALUES ({})", names.join(", "), places.join(", "));
    let mut query = sqlx::query(AssertSqlSafe(statement));
    for (name, value) in row {
        let kind = columns.iter().find(|(column, _)| column == name).map(|(_, kind)| *kind);
        query = match (kind, value) {
            (Some(Kind::Text), Value::String(text)) => query.bind(Some(text.clone())),
            (Some(Kind::Text), Value::Null) => query.bind(None::<String>),
            (Some(Kind::Integer), Value::Number(number)) if number.is_i64() => query.bind(number.as_i64()),
            (Some(Kind::Integer), Value::Null) => query.bind(None::<i64>),
            (Some(Kind::Bytes), Value::String(digits)) => {
                query.bind(Some(HEXLOWER.decode(digits.as_bytes()).map_err(|_| CopyError::Unreadable)?))
            }
            (Some(Kind::Bytes), Value::Null) => query.bind(None::<Vec<u8>>),
            _ => return Err(CopyError::Unreadable),
        };
    }
    query.execute(&mut **tx).await.map_err(StorageError::from)?;
    Ok(())
}
