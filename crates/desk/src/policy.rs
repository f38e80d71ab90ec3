//! The privacy policy on the clinic's site, watched by the hash of its words (policy 9.2: it changes when it is posted).
//!
//! Invariants: it is looked at once in a day at most, and only while there is a connection; what could not be read is no
//! change; a text that only looks like a page (a locked door, an empty shell) is none; nothing of a consent follows from it.

use chrono::{DateTime, TimeDelta, Utc};
use contract::ui::{PolicyFailed, PolicyTrouble};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::Store;

use crate::{
    transport::{PageAddress, PageRead, read_page},
    trouble::DeskError,
};

/// What was read is read again after so long.
const AGAIN: TimeDelta = TimeDelta::days(1);
/// What could not be read is tried again sooner.
const TRY_AGAIN: TimeDelta = TimeDelta::hours(2);
/// A policy has more words than this; what has fewer is something else.
const FEWEST_WORDS: usize = 50;
/// The setting of this desk that says how it went last.
const WATCH: &str = "policy.watch";

/// How looking at a page went last.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Watch {
    page: String,
    tried_at: Option<DateTime<Utc>>,
    pub(crate) read_at: Option<DateTime<Utc>>,
    pub(crate) failed: Option<PolicyFailed>,
}

impl Watch {
    /// Of this page; of another one it says nothing.
    pub(crate) async fn of(store: &Store, page: &str) -> Result<Self, DeskError> {
        let kept = store.setting(WATCH).await?;
        let kept = kept.and_then(|text| serde_json::from_str::<Self>(&text).ok()).filter(|watch| watch.page == page);
        Ok(kept.unwrap_or_else(|| Self { page: page.to_owned(), ..Self::default() }))
    }

    async fn keep(&self, store: &Store) -> Result<(), DeskError> {
        let text = serde_json::to_string(self).map_err(|_| DeskError::Broken("a setting has no JSON form"))?;
        Ok(store.set_setting(WATCH, &text).await?)
    }

    fn is_due(&self, now: DateTime<Utc>) -> bool {
        let wait = if self.failed.is_some() { TRY_AGAIN } else { AGAIN };
        // a clock that was put back does not stop it
        !self.tried_at.is_some_and(|tried| (TimeDelta::zero()..wait).contains(&(now - tried)))
    }
}

/// Where the clinic says that its policy is.
pub(crate) async fn page(store: &Store) -> Result<Option<PageAddress>, DeskError> {
    let clinic = store.clinic().await?;
    Ok(clinic.and_then(|(_, _, clinic, _)| clinic.requisites.policy_page.parse().ok()))
}

/// The page, if it is time to look at it. From then on it is not, until it is again.
pub(crate) async fn take_turn(store: &Store, now: DateTime<Utc>) -> Result<Option<PageAddress>, DeskError> {
    let Some(address) = page(store).await? else { return Ok(None) };
    let watch = Watch::of(store, &address.to_string()).await?;
    if !watch.is_due(now) {
        return Ok(None);
    }
    Watch { tried_at: Some(now), ..watch }.keep(store).await?;
    Ok(Some(address))
}

/// Looks at the page and notes what came of it. Whether its text is another one than before.
pub(crate) async fn look(store: &Store, address: &PageAddress, now: DateTime<Utc>) -> Result<bool, DeskError> {
    let read = read_page(address).await.and_then(|read| digest(&read));
    let page = address.to_string();
    let watch = Watch::of(store, &page).await?;
    let tried_at = Some(now);
    match read {
        Ok(sha256) => {
            let is_news = store.note_policy(&page, &sha256, now).await?;
            Watch { tried_at, read_at: Some(now), failed: None, ..watch }.keep(store).await?;
            Ok(is_news)
        }
        Err(why) => {
            tracing::warn!(?why, "the policy of the site is not read");
            let since = watch.failed.as_ref().map_or(now, |failed| failed.since);
            Watch { tried_at, failed: Some(PolicyFailed { why, since }), ..watch }.keep(store).await?;
            Ok(false)
        }
    }
}

/// Of the words of a page; of a file as it is.
fn digest(read: &PageRead) -> Result<String, PolicyTrouble> {
    let digest = |bytes: &[u8]| HEXLOWER.encode(&Sha256::digest(bytes));
    if read.content_type.starts_with("application/pdf") && read.body.starts_with(b"%PDF-") {
        return Ok(digest(&read.body));
    }
    let words = connectors::page_words(&read.body, &read.content_type).ok_or(PolicyTrouble::NoText)?;
    if words.split(' ').count() < FEWEST_WORDS {
        return Err(PolicyTrouble::NoText);
    }
    Ok(digest(words.as_bytes()))
}
