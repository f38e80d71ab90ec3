//! This desk's bearer token: exchanged once a month, without a gap.
//!
//! Invariants:
//! - a new token is in the keychain before it is used for the first time;
//! - what came before it is kept for a while: a gateway that was restored from an older copy knows only that. Tokens are
//!   tried in turn before the desk believes that the gateway does not know it, and the one that works is in use from
//!   then on and exchanged anew;
//! - an answer that was lost, or a crash at any moment, costs nothing: the gateway lets the old one in until the new one
//!   was used.

use std::{collections::VecDeque, path::PathBuf, sync::Arc};

use chrono::{DateTime, Duration, Utc};
use seal::ClinicSecretKey;
use zeroize::Zeroizing;

use crate::{
    key_card::KeyCard,
    keys::{DeskKeys, LinkKeys},
    platform::keychain::{Keychain, within_limit},
    ring::Ring,
    trouble::DeskError,
};

/// A token is exchanged at this age.
const EXCHANGED_AFTER: Duration = Duration::days(30);
/// After a try that failed the next one comes no sooner.
pub(crate) const EXCHANGE_AGAIN: Duration = Duration::hours(1);
/// The one in use and those before it: with an exchange a month they reach back further than any copy of a gateway that is
/// restored without its desks being let in anew.
const KEPT: usize = 3;

/// The tokens of this desk, the one in use first.
#[derive(Clone)]
pub(crate) struct Tokens {
    ring: VecDeque<Zeroizing<String>>,
    /// When the one in use was made; None: it is to be exchanged.
    since: Option<DateTime<Utc>>,
}

impl Tokens {
    /// The token that the gateway gave to a new desk.
    pub(crate) fn first(token: Zeroizing<String>, now: DateTime<Utc>) -> Self {
        Self { ring: VecDeque::from([token]), since: Some(now) }
    }

    /// As they were kept.
    pub(crate) fn of(current: String, others: Vec<String>, since: Option<DateTime<Utc>>) -> Self {
        Self { ring: std::iter::once(current).chain(others).take(KEPT).map(Zeroizing::new).collect(), since }
    }

    /// The one in use.
    pub(crate) fn current(&self) -> Zeroizing<String> {
        self.ring.front().cloned().unwrap_or_default()
    }

    /// Those before it, the latest first.
    pub(crate) fn others(&self) -> impl Iterator<Item = &Zeroizing<String>> {
        self.ring.iter().skip(1)
    }

    pub(crate) fn since(&self) -> Option<DateTime<Utc>> {
        self.since
    }

    /// Whether it is time for a new one. A clock that was put back makes it time too.
    pub(crate) fn is_due(&self, now: DateTime<Utc>) -> bool {
        self.since.is_none_or(|since| !(Duration::zero()..EXCHANGED_AFTER).contains(&(now - since)))
    }

    /// With a new one in use.
    pub(crate) fn renewed(&self, token: Zeroizing<String>, now: DateTime<Utc>) -> Self {
        let ring = std::iter::once(token).chain(self.ring.iter().cloned()).take(KEPT).collect();
        Self { ring, since: Some(now) }
    }

    /// With the next of them in use, which is then to be exchanged. So many turns as there are tokens change nothing but
    /// that.
    pub(crate) fn turned(&self) -> Self {
        let mut ring = self.ring.clone();
        ring.rotate_left(1.min(ring.len()));
        Self { ring, since: None }
    }
}

/// The keychain's entry, as far as a running desk changes it.
#[derive(Debug, Clone)]
pub(crate) struct Wallet {
    pub(crate) keychain: Arc<dyn Keychain>,
    pub(crate) account: String,
    /// Beside it lies the card that follows the entry.
    pub(crate) database: PathBuf,
}

impl Wallet {
    /// Writes the tokens into the entry. When this is done they survive a crash.
    pub(crate) async fn keep(&self, tokens: &Tokens) -> Result<(), DeskError> {
        self.change(|link| link.tokens = tokens.clone()).await
    }

    /// Writes the clinic's newest key into the entry.
    pub(crate) async fn keep_key(&self, newest: &ClinicSecretKey) -> Result<(), DeskError> {
        self.change(|link| link.ring = Ring::of(newest.clone())).await
    }

    async fn change(&self, change: impl FnOnce(&mut LinkKeys)) -> Result<(), DeskError> {
        let account = self.account.clone();
        let entry = within_limit(&self.keychain, move |keychain| keychain.read(&account)).await?;
        let mut keys = DeskKeys::of_entry(&entry.ok_or(DeskError::KeyLost)?)?;
        change(keys.link.as_mut().ok_or(DeskError::NotConnected)?);
        let (account, entry) = (self.account.clone(), keys.to_entry()?);
        within_limit(&self.keychain, move |keychain| keychain.write(&account, &entry)).await?;
        if let Err(error) = KeyCard::follow(&self.database, &keys) {
            // it follows at the next start at the latest
            tracing::warn!(%error, "the key card is not what the keychain holds");
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn token(text: &str) -> Zeroizing<String> {
        Zeroizing::new(text.to_owned())
    }

    fn all(tokens: &Tokens) -> Vec<String> {
        std::iter::once(tokens.current()).chain(tokens.others().cloned()).map(|token| token.to_string()).collect()
    }

    #[test]
    fn the_latest_are_kept_and_tried_in_turn() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let mut tokens = Tokens::first(token("a"), now);
        for name in ["b", "c", "d"] {
            tokens = tokens.renewed(token(name), now);
        }
        assert_eq!(all(&tokens), ["d", "c", "b"]);
        let turned = tokens.turned();
        assert_eq!(all(&turned), ["c", "b", "d"]);
        assert!(turned.is_due(now), "what was fallen back to is exchanged at once");
        assert_eq!(all(&turned.turned().turned()), all(&tokens));
        assert_eq!(all(&Tokens::first(token("a"), now).turned()), ["a"]);
    }

    #[test]
    fn a_token_is_exchanged_once_a_month() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let tokens = Tokens::first(token("a"), now);
        assert!(!tokens.is_due(now) && !tokens.is_due(now + Duration::days(29)));
        assert!(tokens.is_due(now + Duration::days(30)));
        assert!(tokens.is_due(now - Duration::days(1)), "a clock that was put back");
    }
}
