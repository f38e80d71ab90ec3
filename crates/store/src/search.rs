//! Search over people, requests and certificates by any part of a name, phone or e-mail, and by a certificate's code.
//!
//! Invariants: a query costs an index walk, never a scan; the trigram index is read in the order of its rows (ranking
//! it reads every hit); below three letters only the beginning of a name is looked at; a certificate is found by its
//! whole code, or by the people on it.

use std::collections::HashSet;

use domain::{EntityKind, EntityRef, fold::fold_code};
use sqlx::{Row, sqlite::SqliteRow};

use crate::{
    Store,
    entity::columns,
    error::StoreError,
    model::{Found, SearchQuery, SearchRow, Visible},
    read::{merged::whole, people::visible, shield::Shield},
};

/// The trigram index knows nothing shorter.
const TRIGRAM: usize = 3;
/// More words than a name has are not looked at.
const MOST_WORDS: usize = 6;
/// Most hits of one search.
const MOST_HITS: u32 = 200;
/// Sorts after every letter.
const LAST: char = '\u{10FFFF}';

/// What begins with the words typed.
pub(crate) const BEGINS: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM name_index i CROSS JOIN entity e ON e.row = i.row
     WHERE i.name >= ?1 AND i.name < ?2 ORDER BY i.name LIMIT ?3"
);

/// What has every word somewhere.
pub(crate) const ANYWHERE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM search s CROSS JOIN entity e ON e.row = s.rowid WHERE s.text MATCH ?1 ORDER BY s.rowid DESC LIMIT ?2"
);

/// A certificate by its whole code.
const BY_CODE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM key_index i CROSS JOIN entity e ON e.row = i.row WHERE i.kind = 'code' AND i.value = ?1 LIMIT ?2"
);

impl Store {
    /// What fits the query: a certificate with that code, then people, then the rest; within each, what begins with the
    /// words before what has them anywhere, and there the newest first.
    ///
    /// # Errors
    /// Of the database.
    pub async fn search(&self, query: &SearchQuery, limit: u32) -> Result<Vec<SearchRow>, StoreError> {
        let limit = limit.min(MOST_HITS);
        let mut hits =
            Hits { limit: usize::try_from(limit).unwrap_or(usize::MAX), seen: HashSet::new(), rows: Vec::new() };
        let mut connection = self.reader().await?;
        if !query.code.is_empty() {
            let rows = sqlx::query(BY_CODE).bind(&query.code).bind(limit).fetch_all(&mut *connection).await?;
            hits.add(rows)?;
        }
        if has_letters(&query.folded) && !hits.full() {
            let upper = format!("{}{LAST}", query.folded);
            let begins = sqlx::query(BEGINS).bind(&query.folded).bind(upper).bind(limit);
            hits.add(begins.fetch_all(&mut *connection).await?)?;
        }
        for matched in [words(&query.folded), digits(query)].into_iter().flatten() {
            if !hits.full() {
                let anywhere = sqlx::query(ANYWHERE).bind(matched).bind(limit);
                hits.add(anywhere.fetch_all(&mut *connection).await?)?;
            }
        }
        let shield = self.shield(&mut connection).await?;
        let mut found = Vec::with_capacity(hits.rows.len());
        for row in &hits.rows {
            let Some(mut hit) = hit(&shield, row)? else { continue };
            if let Found::Person(card) = &hit.found
                && card.state.merges().next().is_some()
            {
                // found by what a merged card says: whoever stands for it is shown, once
                let person = whole(&mut connection, &shield, (***card).clone()).await?;
                if found.iter().any(|known: &SearchRow| known.id.as_str() == person.id.as_str()) {
                    continue;
                }
                hit = SearchRow { id: person.id.clone().into(), found: Found::Person(Box::new(Visible::new(person))) };
            }
            found.push(hit);
        }
        found.sort_by_key(|hit| match &hit.found {
            Found::Person(_) => 1,
            Found::Certificate(certificate) if fold_code(&certificate.personal.code) == query.code => 0,
            _ => 2,
        });
        Ok(found)
    }
}

struct Hits {
    limit: usize,
    seen: HashSet<String>,
    rows: Vec<SqliteRow>,
}

impl Hits {
    fn full(&self) -> bool {
        self.rows.len() >= self.limit
    }

    /// Adds what is new, up to the limit.
    fn add(&mut self, rows: Vec<SqliteRow>) -> Result<(), StoreError> {
        for row in rows {
            if !self.full() && self.seen.insert(row.try_get(0)?) {
                self.rows.push(row);
            }
        }
        Ok(())
    }
}

fn hit(shield: &Shield, row: &SqliteRow) -> Result<Option<SearchRow>, StoreError> {
    let id: EntityRef = row.try_get::<&str, _>(0)?.parse().map_err(|_| StoreError::Corrupt("id"))?;
    let found = match id.kind() {
        EntityKind::Person => Found::Person(Box::new(visible(shield, row)?)),
        EntityKind::Request => Found::Request(Box::new(shield.pass(row)?)),
        EntityKind::Certificate => Found::Certificate(Box::new(shield.pass(row)?)),
        _ => return Ok(None),
    };
    Ok(Some(SearchRow { id, found }))
}

fn has_letters(folded: &str) -> bool {
    folded.chars().any(char::is_alphabetic)
}

/// The words that the index knows, each as a phrase, all of them wanted. None: there is none.
fn words(folded: &str) -> Option<String> {
    if !has_letters(folded) {
        return None;
    }
    let known = folded.split(' ').filter(|word| word.chars().count() >= TRIGRAM).take(MOST_WORDS);
    let phrases: Vec<String> = known.map(phrase).collect();
    (!phrases.is_empty()).then(|| phrases.join(" "))
}

fn digits(query: &SearchQuery) -> Option<String> {
    query.digits.as_deref().filter(|digits| digits.len() >= TRIGRAM).map(phrase)
}

/// A word as a phrase of the index's language: nothing in it is an operator.
fn phrase(word: &str) -> String {
    format!("\"{}\"", word.replace('"', "\"\""))
}
