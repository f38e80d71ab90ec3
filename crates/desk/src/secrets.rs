//! Passwords and PINs: Argon2id, verified off the async threads, and the delay that grows with wrong tries.

use std::sync::LazyLock;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use store::Store;
use zeroize::Zeroizing;

use crate::trouble::DeskError;

/// KiB of memory for one hash (19 MiB).
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// Fewest characters of a password or PIN.
pub(crate) const SHORTEST_SECRET: usize = 4;
/// Most characters that are looked at.
pub(crate) const LONGEST_SECRET: usize = 256;
/// How the delay grows.
#[derive(Debug)]
pub(crate) struct Delay {
    /// So many wrong tries cost nothing: people mistype.
    free: u32,
    /// Seconds after the first one that costs; doubled after each further one.
    first: u32,
    longest: u32,
}

/// Of passwords and PINs.
pub(crate) const SIGN_IN_DELAY: Delay = Delay { free: 2, first: 5, longest: 15 * 60 };
/// Of certificate codes.
pub(crate) const CODE_DELAY: Delay = Delay { free: 4, first: 30, longest: 15 * 60 };

fn hasher() -> Result<Argon2<'static>, DeskError> {
    let params = Params::new(MEMORY, PASSES, 1, None).map_err(|_| DeskError::Broken("parameters of Argon2"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashes a secret into the text that a staff record keeps.
pub(crate) async fn hash(secret: &str) -> Result<String, DeskError> {
    let secret = Zeroizing::new(secret.to_owned());
    tokio::task::spawn_blocking(move || {
        hasher()?
            .hash_password(secret.as_bytes())
            .map(|hash| hash.to_string())
            .map_err(|_| DeskError::Broken("a secret could not be hashed"))
    })
    .await?
}

/// Stands in for somebody who does not exist, so that the answer takes as long.
static NOBODY: LazyLock<Option<String>> =
    LazyLock::new(|| hasher().ok()?.hash_password(b"nobody").ok().map(|hash| hash.to_string()));

/// Whether the secret fits the hash; without a hash it never does, and takes as long.
pub(crate) async fn verify(secret: &str, hash: Option<String>) -> Result<bool, DeskError> {
    let secret = Zeroizing::new(secret.to_owned());
    tokio::task::spawn_blocking(move || {
        let known = hash.is_some();
        let Some(text) = hash.or_else(|| NOBODY.clone()) else { return false };
        let fits = PasswordHash::new(&text)
            .is_ok_and(|parsed| Argon2::default().verify_password(secret.as_bytes(), &parsed).is_ok());
        fits && known
    })
    .await
    .map_err(DeskError::from)
}

/// Wrong tries in a row, as the store keeps them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct WrongTries {
    pub(crate) count: u32,
    pub(crate) last: Option<DateTime<Utc>>,
}

impl WrongTries {
    /// One more.
    pub(crate) fn and(self, now: DateTime<Utc>) -> Self {
        Self { count: self.count.saturating_add(1), last: Some(now) }
    }

    /// As the store keeps them under a setting.
    pub(crate) async fn kept(store: &Store, setting: &str) -> Result<Self, DeskError> {
        let kept = store.setting(setting).await?;
        Ok(kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    pub(crate) async fn keep(self, store: &Store, setting: &str) -> Result<(), DeskError> {
        let text = serde_json::to_string(&self).map_err(|_| DeskError::Broken("wrong tries cannot be written"))?;
        Ok(store.set_setting(setting, &text).await?)
    }

    /// Seconds to wait now: nothing at first, then doubling.
    ///
    /// A clock that was put back does not make the wait longer than its term.
    pub(crate) fn wait(self, now: DateTime<Utc>, delay: &Delay) -> u32 {
        let Some(last) = self.last.filter(|_| self.count > delay.free) else { return 0 };
        let doublings = (self.count - delay.free - 1).min(16);
        let term = (delay.first << doublings).min(delay.longest);
        let left = last + Duration::seconds(i64::from(term)) - now;
        let seconds = (left.num_milliseconds() + 999).div_euclid(1000);
        u32::try_from(seconds.max(0)).unwrap_or(term).min(term)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_doubles_and_ends() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let mut tries = WrongTries::default();
        let mut delays = Vec::new();
        for _ in 0..12 {
            tries = tries.and(now);
            delays.push(tries.wait(now, &SIGN_IN_DELAY));
        }
        assert_eq!(delays, [0, 0, 5, 10, 20, 40, 80, 160, 320, 640, 900, 900]);
        assert_eq!(tries.wait(now + Duration::seconds(899), &SIGN_IN_DELAY), 1);
        assert_eq!(tries.wait(now + Duration::seconds(900), &SIGN_IN_DELAY), 0);
        assert_eq!(tries.wait(now - Duration::days(365), &SIGN_IN_DELAY), 900, "a clock put back");
    }

    #[tokio::test]
    async fn a_secret_fits_its_own_hash_only() {
        let kept = hash("2580").await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify("2580", Some(kept.clone())).await.unwrap());
        assert!(!verify("2581", Some(kept)).await.unwrap());
        assert!(!verify("nobody", None).await.unwrap());
        assert!(!verify("2580", Some("broken".to_owned())).await.unwrap());
    }
}
