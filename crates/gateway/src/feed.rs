//! The state feed: each entity once, at its latest sequence number.
//!
//! A cursor is opaque to desks: where in the feed the desk stands and what it was told of purged tombstones,
//! authenticated together with the epoch and the desk's scope. So a desk cannot make one up, and a cursor of another
//! database, another epoch or another scope is known. Whatever does not fit leads to the same answer: pull from the
//! beginning.
//!
//! A page says where the clinic's key stands too, and so does its tag: a desk that has something to do about it is told so
//! with every pull until it is done, though nothing else is new.
//!
//! Tombstones are purged after their time. A desk that stands before a purged one may still hold what was erased, so its
//! cursor is good no more; one that began to pull after the purge never had it.

use std::{
    collections::VecDeque,
    num::NonZero,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Duration, Utc};
use contract::v1::{ChangesPage, MAX_CHANGES, MAX_PAGE, ProblemCode};
use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::value::{RawValue, to_raw_value};
use sha2::Sha256;
use tokio::sync::Semaphore;

use crate::{
    Failure, Gateway,
    db::{Caller, House, StorageError},
    keys,
};

const VERSION: &str = "c2.";
/// Pages that are kept for the next desk.
const KEPT: usize = 8;
/// So long what stands before the end of the feed is given as it was read. Whatever changed meanwhile comes later in the
/// feed, with its new number.
const SHARED_FOR: Duration = Duration::seconds(1);
/// What stands around the changes of a page, generously.
const FRAME: usize = 512;
/// Length of a cursor's authentication.
const TAG: usize = 16;

/// HMAC-SHA256 over labelled fields.
pub(crate) fn mac(key: &[u8], label: &str, data: &[u8]) -> Result<[u8; 32], StorageError> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| StorageError::Corrupt { table: "house" })?;
    mac.update(label.as_bytes());
    mac.update(&[0]);
    mac.update(data);
    Ok(mac.finalize().into_bytes().into())
}

/// Where a desk stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// It has everything up to this number.
    pub(crate) seq: u64,
    /// The purge floor when the cursor was made: what was purged up to there it missed nothing of.
    pub(crate) floor: u64,
}

impl Place {
    fn bytes(self) -> [u8; 16] {
        (u128::from(self.seq) << 64 | u128::from(self.floor)).to_be_bytes()
    }

    fn tag(self, house: &House, scope: &str) -> Result<[u8; 32], StorageError> {
        let mut data = self.bytes().to_vec();
        for word in [&house.epoch, scope] {
            data.extend_from_slice(&(word.len() as u64).to_be_bytes());
            data.extend_from_slice(word.as_bytes());
        }
        mac(&house.cursor_key.0, "reception/cursor/v2", &data)
    }

    /// The cursor for this place.
    fn cursor(self, house: &House, scope: &str) -> Result<String, StorageError> {
        let bytes = [&self.bytes(), &self.tag(house, scope)?[..TAG]].concat();
        Ok(format!("{VERSION}{}", BASE64URL_NOPAD.encode(&bytes)))
    }

    /// The place of a cursor, if it is one of this epoch and scope and of the past.
    fn of(cursor: &str, house: &House, scope: &str) -> Result<Option<Self>, StorageError> {
        let text = cursor.strip_prefix(VERSION);
        let Some(bytes) = text.and_then(|text| BASE64URL_NOPAD.decode(text.as_bytes()).ok()) else { return Ok(None) };
        let Some((place, given)) = bytes.split_first_chunk::<16>() else { return Ok(None) };
        let place = u128::from_be_bytes(*place);
        let place = Self { seq: (place >> 64) as u64, floor: place as u64 };
        // a number that was not given out yet: the database is older than the desk
        let known = given == &place.tag(house, scope)?[..TAG] && place.seq <= house.seq;
        Ok(known.then_some(place))
    }

    /// Whether a tombstone may have been purged that the desk did not get.
    fn missed_a_tombstone(self, house: &House) -> bool {
        house.purge_floor > self.seq.max(self.floor)
    }
}

/// What a desk asks for.
pub(crate) struct Asked<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) since: Option<&'a str>,
    /// The tag of the answer that the desk has already.
    pub(crate) has: Option<&'a str>,
    pub(crate) limit: Option<usize>,
}

/// The tag of a page.
pub(crate) fn tag(page: &ChangesPage<Box<RawValue>>) -> String {
    let key = page.key.map(|key| format!(";{}", key.tag())).unwrap_or_default();
    format!("{}{key}", page.cursor)
}

/// One page after a cursor; none when there is nothing that the desk does not have.
pub(crate) async fn page(gateway: &Gateway, asked: Asked<'_>) -> Result<Option<ChangesPage<Box<RawValue>>>, Failure> {
    let house = gateway.storage().house().await?;
    let place = match asked.since {
        Some(since) => Some(Place::of(since, &house, &asked.caller.scope)?.ok_or(ProblemCode::ResyncRequired)?),
        None => None,
    };
    let after = place.map_or(0, |place| place.seq);
    let limit = asked.limit.unwrap_or(MAX_CHANGES).clamp(1, MAX_CHANGES);
    let stood = house.seq;
    let (read, house) = if after == stood {
        if !place.is_some_and(|place| place.missed_a_tombstone(&house)) {
            gateway.caught_up(&asked.caller.desk);
        }
        (None, house)
    } else {
        let read = gateway.inner.pages.read(gateway, after, limit, stood).await?;
        // The floor is read after the page: what is purged in between is noticed now, not after the desk has gone past it.
        // So is the key: whatever the page is sealed to is not newer than what it says.
        (Some(read), gateway.storage().house().await?)
    };
    if place.is_some_and(|place| place.missed_a_tombstone(&house)) {
        return Err(ProblemCode::ResyncRequired.into());
    }
    let has_more = read.as_ref().is_some_and(|read| read.has_more);
    let last = read.as_ref().map_or(after, |read| read.last);
    let changes = read.map_or_else(Vec::new, |read| read.changes.clone());
    let cursor = Place { seq: last, floor: house.purge_floor }.cursor(&house, &asked.caller.scope)?;
    let key = Some(keys::mark(&house, asked.caller));
    let page = ChangesPage { changes, cursor, has_more, server_time: gateway.now(), key };
    // one who shows the cursor alone does not know of keys
    let has_it = asked.has.is_some_and(|has| has == page.cursor || has == tag(&page));
    Ok((!page.changes.is_empty() || !has_it).then_some(page))
}

/// What stands after a number, as it was read at one moment.
struct Read {
    after: u64,
    limit: usize,
    /// The head of the feed before it was read.
    stood: u64,
    at: DateTime<Utc>,
    changes: Vec<Box<RawValue>>,
    has_more: bool,
    /// Whoever has read this has everything up to here.
    last: u64,
}

impl Read {
    async fn now(gateway: &Gateway, after: u64, limit: usize, stood: u64) -> Result<Self, Failure> {
        let at = gateway.now();
        let found = gateway.storage().changes(after, limit + 1).await?;
        let (mut changes, mut size, mut last) = (Vec::new(), FRAME, after);
        for change in found.iter().take(limit) {
            let raw = to_raw_value(change).map_err(|_| StorageError::Corrupt { table: "entity" })?;
            size += raw.get().len() + 1;
            // a page has one change at least
            if size > MAX_PAGE && !changes.is_empty() {
                break;
            }
            last = change.seq;
            changes.push(raw);
        }
        let has_more = found.len() > changes.len();
        if !has_more {
            // some numbers are of no entity: what stood when the page was asked for is in it, or nowhere
            last = last.max(stood);
        }
        Ok(Self { after, limit, stood, at, changes, has_more, last })
    }

    /// Whether it is as good as reading again: nothing was written since, or it ends before the end and is fresh.
    fn serves(&self, after: u64, limit: usize, stood: u64, now: DateTime<Utc>) -> bool {
        let age = now - self.at;
        let fresh = self.has_more && age >= Duration::zero() && age < SHARED_FOR;
        self.after == after && self.limit == limit && (self.stood == stood || fresh)
    }
}

/// The pages that are read. In the morning every desk asks for the whole night: they take turns here and not at the
/// database, where sites would wait behind them, on half of the processors at most; and what one has read serves the
/// others that stand at the same place.
pub(crate) struct Pages {
    turns: Semaphore,
    /// The latest last.
    kept: Mutex<VecDeque<Arc<Read>>>,
}

impl Pages {
    pub(crate) fn new() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self { turns: Semaphore::new(processors.div_ceil(2).min(KEPT)), kept: Mutex::default() }
    }

    async fn read(&self, gateway: &Gateway, after: u64, limit: usize, stood: u64) -> Result<Arc<Read>, Failure> {
        if let Some(read) = self.known(after, limit, stood, gateway.now()) {
            return Ok(read);
        }
        // never closed, so never refused
        let _turn = self.turns.acquire().await;
        if let Some(read) = self.known(after, limit, stood, gateway.now()) {
            return Ok(read);
        }
        let read = Arc::new(Read::now(gateway, after, limit, stood).await?);
        let mut kept = self.kept();
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(read.clone());
        Ok(read)
    }

    fn known(&self, after: u64, limit: usize, stood: u64, now: DateTime<Utc>) -> Option<Arc<Read>> {
        self.kept().iter().rev().find(|read| read.serves(after, limit, stood, now)).cloned()
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<Arc<Read>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::db::CursorKey;

    fn house(epoch: &str, key: u8, seq: u64) -> House {
        House {
            epoch: epoch.to_owned(),
            cursor_key: CursorKey([key; 32]),
            seq,
            purge_floor: 0,
            founding_digest: None,
            clinic: None,
            key_number: 1,
            key_due_since: None,
        }
    }

    #[test]
    fn only_a_cursor_of_this_epoch_and_scope_and_of_the_past_counts() {
        let here = house("a", 1, 10);
        let place = Place { seq: 7, floor: 3 };
        let given = place.cursor(&here, "clinic").unwrap();
        let read = |cursor: &str, house: &House, scope: &str| Place::of(cursor, house, scope).unwrap();
        assert_eq!(read(&given, &here, "clinic"), Some(place));
        assert_eq!(read(&given, &here, "branch"), None);
        assert_eq!(read(&given, &house("b", 1, 10), "clinic"), None);
        assert_eq!(read(&given, &house("a", 2, 10), "clinic"), None);
        assert_eq!(read(&given, &house("a", 1, 6), "clinic"), None);
        // the words are told apart
        assert_eq!(read(&house_cursor("ab", "c"), &house("a", 1, 10), "bc"), None);
        for wrong in ["", "c2.", "c2.AAAA", "c1.AAAA", &given[..given.len() - 1], "7", "c2.ж"] {
            assert_eq!(read(wrong, &here, "clinic"), None, "{wrong}");
        }
    }

    fn house_cursor(epoch: &str, scope: &str) -> String {
        Place { seq: 1, floor: 0 }.cursor(&house(epoch, 1, 10), scope).unwrap()
    }

    #[test]
    fn a_purge_counts_for_who_stood_before_it_and_not_for_who_began_after_it() {
        let purged = House { purge_floor: 50, ..house("a", 1, 100) };
        for (seq, floor, missed) in [(49, 0, true), (50, 0, false), (1, 49, true), (1, 50, false), (99, 0, false)] {
            assert_eq!(Place { seq, floor }.missed_a_tombstone(&purged), missed, "{seq} {floor}");
        }
    }
}
