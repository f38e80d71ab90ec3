//! What the doors remember in memory: troubles that are yet to be written, tokens of tests, nudges for the pollers.
//!
//! Troubles are counted here and written once in a while: somebody who knocks with a wrong secret must not be able to
//! make the gateway write as often as they like.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use axum::http::HeaderValue;
use chrono::{DateTime, Duration, Utc};
use tokio::sync::Notify;

use super::Trouble;
use crate::{Gateway, db::StorageError, http::Ties};

/// Troubles are written so often at most.
const WRITTEN: Duration = Duration::minutes(1);
/// A test knocks at once.
const TEST_LASTS: Duration = Duration::minutes(1);

/// What is remembered.
#[derive(Default)]
pub(crate) struct Doors {
    troubles: Mutex<Troubles>,
    /// Whoever writes them; whoever reads them afterwards waits for it.
    writing: tokio::sync::Mutex<()>,
    tests: Mutex<HashMap<String, (String, DateTime<Utc>)>>,
    ties: Mutex<Ties>,
    nudged: Mutex<BTreeSet<String>>,
    pub(crate) nudge: Notify,
}

#[derive(Default)]
struct Troubles {
    /// By source and sort: how many, and when last.
    counts: BTreeMap<(String, Trouble), (u64, DateTime<Utc>)>,
    written: DateTime<Utc>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Gateway {
    /// Counts something that went wrong with a source.
    pub(crate) fn trouble(&self, source: &str, trouble: Trouble) {
        let now = self.now();
        // whoever knocks with a wrong secret must not be able to fill the log either
        tracing::debug!(source, kind = trouble.as_str(), "trouble with a source");
        let due = {
            let mut troubles = locked(&self.doors().troubles);
            let count = troubles.counts.entry((source.to_owned(), trouble)).or_insert((0, now));
            *count = (count.0 + 1, now);
            let due = now - troubles.written >= WRITTEN;
            if due {
                troubles.written = now;
            }
            due
        };
        if due {
            let gateway = self.clone();
            tokio::spawn(async move {
                if let Err(error) = gateway.write_troubles().await {
                    tracing::warn!(%error, "troubles were not noted");
                }
            });
        }
    }

    /// Writes what was counted.
    pub(crate) async fn write_troubles(&self) -> Result<(), StorageError> {
        let _writing = self.doors().writing.lock().await;
        let counts = std::mem::take(&mut locked(&self.doors().troubles).counts);
        if counts.is_empty() {
            return Ok(());
        }
        let mut tx = self.storage().begin().await?;
        for ((source, trouble), (count, at)) in &counts {
            tx.add_trouble(source, trouble.as_str(), *count, *at).await?;
        }
        tx.commit().await
    }

    /// A token that opens the door of a source once.
    pub(super) fn make_test_token(&self, source: &str) -> Result<String, seal::NoRandomness> {
        let (token, digest) = seal::token::make_token()?;
        let now = self.now();
        let mut tests = locked(&self.doors().tests);
        tests.retain(|_, (_, made)| now - *made < TEST_LASTS);
        tests.insert(digest, (source.to_owned(), now));
        Ok(token.to_string())
    }

    /// Whether the header is such a token; it is spent then.
    pub(crate) fn take_test_token(&self, header: Option<&HeaderValue>, source: &str) -> bool {
        let Some(token) = header.and_then(|value| value.to_str().ok()) else { return false };
        let spent = locked(&self.doors().tests).remove(&seal::token::digest(token));
        spent.is_some_and(|(of, made)| of == source && self.now() - made < TEST_LASTS)
    }

    pub(crate) fn ties(&self) -> MutexGuard<'_, Ties> {
        locked(&self.doors().ties)
    }

    /// The source is to be asked sooner.
    pub(crate) fn nudge(&self, source: &str) {
        locked(&self.doors().nudged).insert(source.to_owned());
        self.doors().nudge.notify_one();
    }

    /// Who was nudged since the last time.
    pub(crate) fn take_nudged(&self) -> BTreeSet<String> {
        std::mem::take(&mut *locked(&self.doors().nudged))
    }
}
