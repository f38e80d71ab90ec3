//! The keys of a desk: one entry of the keychain, so that they change together.
//!
//! Invariants: the entry is written before the database that needs it, and before anybody relies on it; a key that is
//! there is never replaced by a new one; `Debug` shows none.

use chrono::{DateTime, Utc};
use domain::{ClinicId, DeskId};
use seal::{ClinicSecretKey, DeskSecretKey};
use serde::{Deserialize, Serialize};
use store::{DatabaseKey, Store};
use zeroize::{Zeroize, Zeroizing};

use crate::{
    platform::{keychain::KeychainError, random::make_bytes},
    ring::Ring,
    token::Tokens,
    trouble::DeskError,
};

/// What the keychain holds for this desk, as text.
#[derive(Serialize, Deserialize)]
struct Entry {
    v: u32,
    database: String,
    #[serde(default)]
    founding_secret: Option<String>,
    #[serde(default)]
    link: Option<LinkEntry>,
}

#[derive(Serialize, Deserialize)]
struct LinkEntry {
    gateway: String,
    desk: DeskId,
    clinic: ClinicId,
    token: String,
    /// Tokens before this one, the latest first.
    #[serde(default)]
    earlier_tokens: Vec<String>,
    #[serde(default)]
    token_since: Option<DateTime<Utc>>,
    /// The clinic's newest key.
    clinic_secret: String,
    /// This desk's own key. A desk of an older version has none.
    #[serde(default)]
    desk_secret: Option<String>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.database.zeroize();
        self.founding_secret.zeroize();
    }
}

impl Drop for LinkEntry {
    fn drop(&mut self) {
        self.token.zeroize();
        self.earlier_tokens.zeroize();
        self.clinic_secret.zeroize();
        self.desk_secret.zeroize();
    }
}

const VERSION: u32 = 1;

/// What a desk got when the gateway let it in.
#[derive(Clone)]
pub(crate) struct LinkKeys {
    pub(crate) gateway: String,
    pub(crate) desk: DeskId,
    pub(crate) clinic: ClinicId,
    pub(crate) tokens: Tokens,
    /// The clinic's keys.
    pub(crate) ring: Ring,
    /// This desk's own key, to which the clinic's are sealed when they change.
    pub(crate) own: Option<DeskSecretKey>,
}

/// The keys of this desk.
#[derive(Clone)]
pub(crate) struct DeskKeys {
    pub(crate) database: DatabaseKey,
    /// Made for founding a clinic and kept before the gateway hears of it: what is sealed to it must never be lost.
    pub(crate) founding: Option<ClinicSecretKey>,
    /// None until the gateway let the desk in.
    pub(crate) link: Option<LinkKeys>,
}

impl std::fmt::Debug for LinkKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LinkKeys").field("desk", &self.desk).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for DeskKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeskKeys").field("link", &self.link).finish_non_exhaustive()
    }
}

/// The setting of the encrypted database that holds what the gateway answered until the keychain has it.
const ENROLLED: &str = "enrolled";

impl LinkKeys {
    /// Keeps what the gateway answered once and will not answer again.
    pub(crate) async fn keep_in(&self, store: &Store) -> Result<(), DeskError> {
        let text = serde_json::to_string(&LinkEntry::of(self)).map(Zeroizing::new);
        let text = text.map_err(|_| DeskError::Broken("the keys cannot be written"))?;
        Ok(store.set_setting(ENROLLED, &text).await?)
    }

    /// What was kept and did not get into the keychain.
    pub(crate) async fn left_in(store: &Store) -> Result<Option<Self>, DeskError> {
        let text = store.setting(ENROLLED).await?.filter(|text| !text.is_empty()).map(Zeroizing::new);
        let entry: Option<LinkEntry> = text.and_then(|text| serde_json::from_str(&text).ok());
        Ok(entry.as_ref().map(link_of).transpose()?)
    }

    /// The keychain has it.
    pub(crate) async fn forget_in(store: &Store) -> Result<(), DeskError> {
        if Self::left_in(store).await?.is_some() {
            store.set_setting(ENROLLED, "").await?;
        }
        Ok(())
    }
}

impl LinkEntry {
    fn of(link: &LinkKeys) -> Self {
        Self {
            gateway: link.gateway.clone(),
            desk: link.desk.clone(),
            clinic: link.clinic.clone(),
            token: link.tokens.current().to_string(),
            earlier_tokens: link.tokens.others().map(|token| token.to_string()).collect(),
            token_since: link.tokens.since(),
            clinic_secret: link.ring.now().newest().to_hex().to_string(),
            desk_secret: link.own.as_ref().map(|own| own.to_hex().to_string()),
        }
    }
}

impl DeskKeys {
    /// A new key for a new database.
    pub(crate) fn make() -> Result<Self, DeskError> {
        Ok(Self { database: DatabaseKey::from_random(*make_bytes::<32>()?), founding: None, link: None })
    }

    /// The entry's text.
    pub(crate) fn to_entry(&self) -> Result<Zeroizing<String>, DeskError> {
        let entry = Entry {
            v: VERSION,
            database: self.database.to_hex().to_string(),
            founding_secret: self.founding.as_ref().map(|secret| secret.to_hex().to_string()),
            link: self.link.as_ref().map(LinkEntry::of),
        };
        serde_json::to_string(&entry).map(Zeroizing::new).map_err(|_| DeskError::Broken("the keys cannot be written"))
    }

    /// The keys from the entry's text.
    pub(crate) fn of_entry(text: &str) -> Result<Self, KeychainError> {
        let entry: Entry = serde_json::from_str(text).map_err(|_| KeychainError::Unreadable)?;
        if entry.v != VERSION {
            return Err(KeychainError::Unreadable);
        }
        let database = DatabaseKey::from_hex(&entry.database).map_err(|_| KeychainError::Unreadable)?;
        let founding = entry.founding_secret.as_deref().map(ClinicSecretKey::from_hex).transpose();
        let link = entry.link.as_ref().map(link_of).transpose()?;
        Ok(Self { database, founding: founding.map_err(|_| KeychainError::Unreadable)?, link })
    }
}

fn link_of(link: &LinkEntry) -> Result<LinkKeys, KeychainError> {
    let secret = ClinicSecretKey::from_hex(&link.clinic_secret).map_err(|_| KeychainError::Unreadable)?;
    let own = link.desk_secret.as_deref().map(DeskSecretKey::from_hex).transpose();
    Ok(LinkKeys {
        gateway: link.gateway.clone(),
        desk: link.desk.clone(),
        clinic: link.clinic.clone(),
        tokens: Tokens::of(link.token.clone(), link.earlier_tokens.clone(), link.token_since),
        ring: Ring::of(secret),
        own: own.map_err(|_| KeychainError::Unreadable)?,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn keys_survive_the_entry_and_do_not_show() {
        let secret = ClinicSecretKey::make().unwrap();
        let mut keys = DeskKeys::make().unwrap();
        let fresh = DeskKeys::of_entry(&keys.to_entry().unwrap()).unwrap();
        assert_eq!(fresh.database.to_hex(), keys.database.to_hex());
        assert!(fresh.link.is_none());
        keys.link = Some(LinkKeys {
            gateway: "https://gateway.example.ru/".to_owned(),
            desk: DeskId::from_random([1; 16]),
            clinic: ClinicId::from_random([2; 16]),
            tokens: Tokens::of(
                "tokentext".to_owned(),
                vec!["t".repeat(43), "s".repeat(43)],
                Some(DateTime::UNIX_EPOCH),
            ),
            ring: Ring::of(secret.clone()),
            own: Some(DeskSecretKey::make().unwrap()),
        });
        let entry = keys.to_entry().unwrap();
        // the Windows vault takes no more than 2560 bytes
        assert!(entry.len() < 1000);
        let link = DeskKeys::of_entry(&entry).unwrap().link.unwrap();
        assert_eq!(link.ring.now().newest(), &secret);
        assert_eq!(link.own, keys.link.as_ref().unwrap().own);
        let shown = format!("{keys:?}{link:?}");
        assert!(!shown.contains("tokentext") && !shown.contains(secret.to_hex().as_str()));
        assert!(DeskKeys::of_entry("{}").is_err() && DeskKeys::of_entry(&entry[1..]).is_err());
    }
}
