//! The clinic's keys as this desk has them.
//!
//! Invariants: the keychain holds the newest key alone, the database what leads from it to those before it. A newer key is
//! in the database, sealed to this desk, and then in the keychain before anything is sealed to it: a crash in between is taken
//! up at the next start, without the gateway. Only what the key before it has proved is taken.

use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use contract::v1::{
    Sealed,
    keys::{KeyRecord, KeysView},
};
use seal::{ClinicPublicKey, ClinicSecretKey, KeyRing};
use serde::{Deserialize, Serialize};
use store::Store;

use crate::trouble::DeskError;

/// The setting that holds the changes of the key.
const SETTING: &str = "keys.chain";

/// The keys; clones are the same ones.
#[derive(Clone)]
pub(crate) struct Ring(Arc<RwLock<Arc<KeyRing>>>);

impl std::fmt::Debug for Ring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.now().fmt(f)
    }
}

impl Ring {
    /// A key whose chain is not known yet.
    pub(crate) fn of(newest: ClinicSecretKey) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(KeyRing::of(newest)))))
    }

    /// As they are now.
    pub(crate) fn now(&self) -> Arc<KeyRing> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The key that everything is sealed to.
    pub(crate) fn public(&self) -> ClinicPublicKey {
        self.now().public()
    }

    /// For every clone.
    pub(crate) fn replace(&self, ring: KeyRing) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
    }
}

/// The changes of the key as the database keeps them.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Chain {
    pub(crate) records: Vec<KeyRecord>,
    /// The newest key, sealed to this desk.
    pub(crate) own: Option<Sealed>,
    /// When it was changed last.
    pub(crate) changed_at: Option<DateTime<Utc>>,
}

impl Chain {
    pub(crate) fn of(view: &KeysView) -> Self {
        Self { records: view.records.clone(), own: view.own.clone(), changed_at: view.changed_at }
    }

    pub(crate) async fn left_in(store: &Store) -> Result<Self, DeskError> {
        let text = store.setting(SETTING).await?;
        // what does not read is asked of the gateway again
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    pub(crate) async fn keep_in(&self, store: &Store) -> Result<(), DeskError> {
        let text = serde_json::to_string(self).map_err(|_| DeskError::Broken("a chain of keys cannot be written"))?;
        Ok(store.set_setting(SETTING, &text).await?)
    }
}
