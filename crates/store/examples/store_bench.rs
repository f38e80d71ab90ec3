//! Measures the store against the bare engine in one run, and prints one JSON line a measurement.
//!
//! Ingest: pages of the feed through `apply_page` against a plain table with the same columns, same key, same options,
//! same page a transaction. Search: `Store::search` over 100,000 people against the same statements issued bare.
//! Only the ratios mean anything elsewhere. Run with `--profile bench`.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement speaks on stdout and stops at trouble")]

mod crowd;

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use domain::{fold, phone};
use sqlx::{
    ConnectOptions, Connection, Row, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use store::{DatabaseKey, OpenedChange, SearchQuery, Store};

use crowd::{Dice, Someone, changes, now};

/// As the gateway sends them.
const PAGE: usize = 1_000;
const SAMPLES: usize = 2_000;
const WARM_UP: usize = 200;
const LIMIT: u32 = 20;
const KEY: [u8; 32] = [0x42; 32];

fn key() -> DatabaseKey {
    DatabaseKey::from_random(KEY)
}

/// What the store itself opens with.
fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .disable_statement_logging()
        .pragma("key", format!("\"x'{}'\"", key().to_hex().as_str()))
        .busy_timeout(Duration::from_secs(5))
        .foreign_keys(true)
        .pragma("cache_size", "-65536")
        .pragma("temp_store", "MEMORY")
        .pragma("trusted_schema", "OFF")
        .pragma("secure_delete", "ON")
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("journal_size_limit", "67108864")
}

const PLAIN_TABLE: &str = "CREATE TABLE plain (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    base_version INTEGER NOT NULL, base_seq INTEGER NOT NULL, version INTEGER NOT NULL, state TEXT NOT NULL,
    parts TEXT NOT NULL, certainty INTEGER NOT NULL, generation INTEGER NOT NULL, text_mark INTEGER NOT NULL) STRICT";
const PLAIN_INSERT: &str = "INSERT INTO plain SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5,
    value->>6, value->>7, value->>8, value->>9, value->>10 FROM json_each(?1)";
const TRIGRAMS: &str =
    "CREATE VIRTUAL TABLE search USING fts5 (text, content = '', contentless_delete = 1, tokenize = 'trigram')";
const TRIGRAM_INSERT: &str = "INSERT INTO search (rowid, text) SELECT value->>0, value->>1 FROM json_each(?1)";

type PlainRow = (i64, String, &'static str, i64, i64, i64, String, String, i64, i64, i64);

fn plain_rows(changes: &[OpenedChange]) -> Vec<PlainRow> {
    let row = |(n, change): (usize, &OpenedChange)| {
        let n = i64::try_from(n).unwrap() + 1;
        let (state, parts) =
            (serde_json::to_string(&change.state).unwrap(), serde_json::to_string(&change.parts).unwrap());
        (n, change.id.as_str().to_owned(), change.id.kind().as_str(), 1, n, 1, state, parts, 0, 1, n)
    };
    changes.iter().enumerate().map(row).collect()
}

async fn bare_ingest(path: &Path, rows: &[PlainRow], texts: Option<&[(i64, String)]>) -> f64 {
    let mut connection = options(path).connect().await.unwrap();
    sqlx::query(PLAIN_TABLE).execute(&mut connection).await.unwrap();
    sqlx::query(TRIGRAMS).execute(&mut connection).await.unwrap();
    let begun = Instant::now();
    for (n, page) in rows.chunks(PAGE).enumerate() {
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await.unwrap();
        let json = serde_json::to_string(page).unwrap();
        sqlx::query(PLAIN_INSERT).bind(json).execute(&mut *tx).await.unwrap();
        if let Some(texts) = texts {
            let page = &texts[n * PAGE..texts.len().min((n + 1) * PAGE)];
            let json = serde_json::to_string(page).unwrap();
            sqlx::query(TRIGRAM_INSERT).bind(json).execute(&mut *tx).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
    let spent = begun.elapsed().as_secs_f64();
    connection.close().await.unwrap();
    spent
}

async fn store_ingest(path: &Path, changes: &[OpenedChange]) -> (f64, Store) {
    let store = Store::create(path, &key()).await.unwrap();
    let begun = Instant::now();
    let pages = changes.chunks(PAGE);
    let last = pages.len();
    for (n, page) in pages.enumerate() {
        store.apply_page(page, &n.to_string(), now(), n + 1 == last).await.unwrap();
    }
    (begun.elapsed().as_secs_f64(), store)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn fresh(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    for suffix in ["", "-wal", "-shm", ".kcv"] {
        let _ = std::fs::remove_file(folder.join(format!("{name}{suffix}")));
    }
    path
}

async fn measure_ingest(folder: &Path, count: usize, rounds: usize) {
    let (changes, everybody) = changes(count, false);
    let rows = plain_rows(&changes);
    let text = |(n, who): (usize, &Someone)| {
        let text = format!("{}\n{}\n{}", fold::fold(&who.name.full()), &who.phone[1..], who.email);
        (i64::try_from(n).unwrap() + 1, text)
    };
    let texts: Vec<(i64, String)> = everybody.iter().enumerate().map(text).collect();
    let (mut ours, mut bare, mut indexed) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        bare.push(bare_ingest(&fresh(folder, "bare.db"), &rows, None).await);
        let (spent, store) = store_ingest(&fresh(folder, "ours.db"), &changes).await;
        store.close().await;
        ours.push(spent);
        indexed.push(bare_ingest(&fresh(folder, "indexed.db"), &rows, Some(&texts)).await);
    }
    let rate = |spent: Vec<f64>| f64::from(u32::try_from(count).unwrap()) / median(spent);
    let (ours, bare, indexed) = (rate(ours), rate(bare), rate(indexed));
    println!(
        "{}",
        serde_json::json!({
            "bench": "ingest", "rows": count, "store_rows_per_s": ours.round(), "bare_rows_per_s": bare.round(),
            "bare_with_search_rows_per_s": indexed.round(), "times_bare": round(bare / ours),
            "times_bare_with_search": round(indexed / ours),
        })
    );
}

fn round(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

fn part_of(text: &str, from: usize, count: usize) -> String {
    text.chars().skip(from).take(count).collect()
}

fn typed(dice: &mut Dice, who: &Someone) -> String {
    let family = &who.name.family;
    match dice.roll(12) {
        0 => part_of(family, 0, 2),
        1 => part_of(family, 0, 3),
        2 => part_of(family, 0, 4),
        3 => family.clone(),
        4 => part_of(family, 2, 4),
        5 => format!("{family} {}", part_of(&who.name.given, 0, 3)),
        6 => who.name.full(),
        7 => who.phone[8..].to_owned(),
        8 => who.phone[5..11].to_owned(),
        9 => format!("8{}", &who.phone[2..]),
        10 => who.email.clone(),
        _ => format!("{} {}", who.name.given, who.name.patronymic),
    }
}

fn query(text: &str) -> SearchQuery {
    SearchQuery { folded: fold::fold(text), digits: phone::search_digits(text), code: fold::fold_code(text) }
}

const BY_CODE: &str = "SELECT e.id, e.version, e.state, e.parts, e.certainty FROM key_index i
    CROSS JOIN entity e ON e.row = i.row WHERE i.kind = 'code' AND i.value = ?1 LIMIT ?2";
const BEGINS: &str = "SELECT e.id, e.version, e.state, e.parts, e.certainty FROM name_index i
    CROSS JOIN entity e ON e.row = i.row WHERE i.name >= ?1 AND i.name < ?2 ORDER BY i.name LIMIT ?3";
const ANYWHERE: &str = "SELECT e.id, e.version, e.state, e.parts, e.certainty FROM search s
    CROSS JOIN entity e ON e.row = s.rowid WHERE s.text MATCH ?1 ORDER BY s.rowid DESC LIMIT ?2";

/// The statements that the store issues for the query, with nothing around them.
async fn bare_search(connection: &mut SqliteConnection, query: &SearchQuery) -> usize {
    let limit = usize::try_from(LIMIT).unwrap();
    let coded = sqlx::query(BY_CODE).bind(&query.code).bind(LIMIT);
    let mut read = texts(coded.fetch_all(&mut *connection).await.unwrap());
    let letters = query.folded.chars().any(char::is_alphabetic);
    if letters {
        let upper = format!("{}\u{10FFFF}", query.folded);
        let begins = sqlx::query(BEGINS).bind(&query.folded).bind(upper).bind(LIMIT);
        read += texts(begins.fetch_all(&mut *connection).await.unwrap());
    }
    let words: Vec<String> =
        query.folded.split(' ').filter(|w| w.chars().count() >= 3).map(|w| format!("\"{w}\"")).collect();
    let digits = query.digits.as_ref().filter(|d| d.len() >= 3).map(|d| format!("\"{d}\""));
    let words = (letters && !words.is_empty()).then(|| words.join(" "));
    for matched in [words, digits].into_iter().flatten() {
        if read < limit {
            let anywhere = sqlx::query(ANYWHERE).bind(matched).bind(LIMIT);
            read += texts(anywhere.fetch_all(&mut *connection).await.unwrap());
        }
    }
    read
}

/// Takes every column out of every row, as any reader has to.
fn texts(rows: Vec<sqlx::sqlite::SqliteRow>) -> usize {
    for row in &rows {
        let columns: (String, i64, String, String, i64) = (row.get(0), row.get(1), row.get(2), row.get(3), row.get(4));
        std::hint::black_box(columns);
    }
    rows.len()
}

fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = f64::from(u32::try_from(values.len() - 1).unwrap());
    let at = (last * share).round();
    values.iter().enumerate().find(|(n, _)| f64::from(u32::try_from(*n).unwrap()) >= at).map_or(0.0, |(_, v)| *v)
}

async fn measure_search(folder: &Path, count: usize) {
    let (changes, everybody) = changes(count, true);
    let path = fresh(folder, "search.db");
    let (_, store) = store_ingest(&path, &changes).await;
    let mut connection = options(&path).pragma("query_only", "ON").connect().await.unwrap();
    let mut dice = Dice(0x1234_5678_9ABC_DEF1);
    let (mut ours, mut bare, mut hits) = (Vec::new(), Vec::new(), 0);
    for n in 0..SAMPLES + WARM_UP {
        let who = dice.roll(everybody.len());
        let query = query(&typed(&mut dice, &everybody[who]));
        let mut spent = [0.0, 0.0];
        // each goes first as often as the other
        for turn in [n % 2, (n + 1) % 2] {
            let begun = Instant::now();
            if turn == 0 {
                hits += std::hint::black_box(store.search(&query, LIMIT).await.unwrap()).len();
            } else {
                std::hint::black_box(bare_search(&mut connection, &query).await);
            }
            spent[turn] = begun.elapsed().as_secs_f64() * 1_000.0;
        }
        if n >= WARM_UP {
            ours.push(spent[0]);
            bare.push(spent[1]);
        }
    }
    let (p50, p99) = (percentile(&mut ours, 0.5), percentile(&mut ours, 0.99));
    let (bare50, bare99) = (percentile(&mut bare, 0.5), percentile(&mut bare, 0.99));
    println!(
        "{}",
        serde_json::json!({
            "bench": "search", "people": count, "samples": SAMPLES, "hits": hits,
            "store_p50_ms": round(p50), "store_p99_ms": round(p99),
            "bare_p50_ms": round(bare50), "bare_p99_ms": round(bare99),
            "times_bare_p50": round(p50 / bare50), "times_bare_p99": round(p99 / bare99),
        })
    );
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    measure_ingest(folder.path(), 10_000, 5).await;
    measure_ingest(folder.path(), 100_000, 1).await;
    measure_search(folder.path(), 100_000).await;
}
