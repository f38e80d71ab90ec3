//! The state feed: each entity once, at its latest sequence number.
//!
//! A cursor is opaque to desks: the epoch and the number, authenticated, so that a desk cannot make one up and a cursor
//! of another database is known. Whatever does not fit leads to the same answer: pull from the beginning.

use contract::v1::{Change, ChangesPage, MAX_CHANGES, ProblemCode};
use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{
    Failure, Gateway,
    db::{House, StorageError},
};

const VERSION: &str = "c1.";
/// Sealed text of one page, unless a single change has more.
const PAGE_SIZE: usize = 1024 * 1024;
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

fn tag(house: &House, seq: u64) -> Result<[u8; 32], StorageError> {
    let mut data = seq.to_be_bytes().to_vec();
    data.extend_from_slice(house.epoch.as_bytes());
    mac(&house.cursor_key.0, "reception/cursor/v1", &data)
}

/// The cursor after a number.
pub(crate) fn cursor(house: &House, seq: u64) -> Result<String, StorageError> {
    let mut bytes = seq.to_be_bytes().to_vec();
    bytes.extend_from_slice(&tag(house, seq)?[..TAG]);
    Ok(format!("{VERSION}{}", BASE64URL_NOPAD.encode(&bytes)))
}

/// The number that a cursor stands for, if it is one of this epoch.
fn number(house: &House, cursor: &str) -> Result<Option<u64>, StorageError> {
    let Some(bytes) = cursor.strip_prefix(VERSION).and_then(|text| BASE64URL_NOPAD.decode(text.as_bytes()).ok()) else {
        return Ok(None);
    };
    let Some((seq, given)) = bytes.split_first_chunk::<8>() else { return Ok(None) };
    let seq = u64::from_be_bytes(*seq);
    // a number that was not given out yet: the database is older than the desk
    let known = given == &tag(house, seq)?[..TAG] && seq <= house.seq;
    Ok(known.then_some(seq))
}

/// How many of the changes make a page: long texts make it shorter, but never empty.
fn fitting(changes: &[Change]) -> usize {
    let mut size = 0;
    let fits = |change: &&Change| {
        size += change.parts.values().map(|part| part.data.len()).sum::<usize>();
        size <= PAGE_SIZE
    };
    changes.iter().take_while(fits).count().max(1)
}

/// One page after a cursor.
pub(crate) async fn page(gateway: &Gateway, since: Option<&str>, limit: Option<usize>) -> Result<ChangesPage, Failure> {
    let house = gateway.storage().house().await?;
    let after = match since {
        Some(since) => number(&house, since)?.ok_or(ProblemCode::ResyncRequired)?,
        None => 0,
    };
    let limit = limit.unwrap_or(MAX_CHANGES).clamp(1, MAX_CHANGES);
    let mut changes = gateway.storage().changes(after, limit + 1).await?;
    let fitting = fitting(&changes).min(limit);
    let has_more = changes.len() > fitting;
    changes.truncate(fitting);
    let last = changes.last().map_or(after, |change| change.seq);
    Ok(ChangesPage { changes, cursor: cursor(&house, last)?, has_more, server_time: gateway.now() })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::db::CursorKey;

    fn house(epoch: &str, key: u8, seq: u64) -> House {
        House { epoch: epoch.to_owned(), cursor_key: CursorKey([key; 32]), seq, founding_digest: None, clinic: None }
    }

    #[test]
    fn only_a_cursor_of_this_epoch_and_of_the_past_counts() {
        let here = house("a", 1, 10);
        let given = cursor(&here, 7).unwrap();
        assert_eq!(number(&here, &given).unwrap(), Some(7));
        assert_eq!(number(&house("b", 1, 10), &given).unwrap(), None);
        assert_eq!(number(&house("a", 2, 10), &given).unwrap(), None);
        assert_eq!(number(&house("a", 1, 6), &given).unwrap(), None);
        for wrong in ["", "c1.", "c1.AAAA", "c2.AAAA", &given[..given.len() - 1], "7", "c1.ж"] {
            assert_eq!(number(&here, wrong).unwrap(), None, "{wrong}");
        }
    }
}
