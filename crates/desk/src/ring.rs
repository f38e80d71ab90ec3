//! The clinic's keys as this desk has them, and how the next one is made for the desks.
//!
//! Invariants: the keychain holds the newest key alone, the database what leads from it to those before it. A newer key is
//! in the database, sealed to this desk, and then in the keychain before anything is sealed to it: a crash in between is taken
//! up at the next start, without the gateway. Only what the key before it has proved is taken, and only desks whose public
//! key is authenticated are given one.

use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Duration, Utc};
use contract::v1::{
    Sealed,
    keys::{DeskCopy, DeskKey, DeskKeyRequest, DeskView, KeyChangeRequest, KeyRecord, KeysView},
};
use domain::DeskId;
use seal::{ClinicPublicKey, ClinicSecretKey, DeskPublicKey, DeskSecretKey, KeyRing};
use serde::{Deserialize, Serialize};
use store::Store;

use crate::trouble::DeskError;

/// The setting that holds the changes of the key.
const SETTING: &str = "keys.chain";
/// A desk that has not given its key yet is waited for so long: over a weekend. It is of an older version, or has just
/// come in.
const WAITED_FOR: Duration = Duration::days(3);

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

fn own_key<'a>(view: &'a KeysView, desk: &DeskId) -> Option<&'a DeskKey> {
    view.desks.iter().find(|known| known.id == *desk)?.key.as_ref()
}

/// This desk's own public key, authenticated by the clinic's key of a number.
pub(crate) fn own_request(ring: &KeyRing, number: u32, desk: &DeskId, own: &DeskSecretKey) -> Option<DeskKeyRequest> {
    let public = own.public();
    let authentication = public.authenticate(desk.as_str(), ring.key(number)?);
    Some(DeskKeyRequest { key: DeskKey { public_key: public.to_string(), authentication }, number })
}

/// Whether the gateway has this desk's own key, rightly authenticated by its newest one.
pub(crate) fn own_is_known(ring: &KeyRing, view: &KeysView, desk: &DeskId, own: &DeskSecretKey) -> bool {
    let request = own_request(ring, view.number, desk, own);
    request.is_some_and(|request| own_key(view, desk) == Some(&request.key))
}

fn is_in(desk: &&DeskView) -> bool {
    desk.released_at.is_none()
}

/// The desk's public key, if whoever has the clinic's key says that it is.
fn authentic(desk: &DeskView, by: &ClinicSecretKey) -> Option<DeskPublicKey> {
    let DeskKey { public_key, authentication } = desk.key.as_ref()?;
    let key: DeskPublicKey = public_key.parse().ok()?;
    key.is_authentic(desk.id.as_str(), by, authentication).then_some(key)
}

/// Whether a desk that is in has not got the newest key and will not get it by itself.
pub(crate) fn lacks_key(ring: &KeyRing, view: &KeysView, desk: &DeskView) -> bool {
    let by = ring.key(view.number);
    view.number > 1 && by.is_some_and(|by| authentic(desk, by).is_none()) && !is_fresh(view, desk)
}

/// It has come in after the last change, by a code that brought the newest key.
fn is_fresh(view: &KeysView, desk: &DeskView) -> bool {
    view.changed_at.is_none_or(|changed| desk.enrolled_at >= changed)
}

/// Desks that are waited for before the key is changed.
pub(crate) fn waited_for(view: &KeysView) -> Vec<&DeskView> {
    let Some(due_since) = view.due_since else { return Vec::new() };
    let waits =
        |desk: &&DeskView| desk.key.is_none() && view.server_time - due_since.max(desk.enrolled_at) < WAITED_FOR;
    view.desks.iter().filter(is_in).filter(waits).collect()
}

/// What puts a key in force: for each desk that is in and that the key before it vouches for.
pub(crate) fn change_request(
    view: &KeysView,
    record: KeyRecord,
    (before, key): (&ClinicSecretKey, &ClinicSecretKey),
) -> Result<KeyChangeRequest, DeskError> {
    let mut desks = std::collections::BTreeMap::new();
    for desk in view.desks.iter().filter(is_in) {
        let Some(public) = authentic(desk, before) else {
            tracing::warn!(desk = %desk.id, "a desk is not given the new key: nobody vouches for its own");
            continue;
        };
        let id = desk.id.as_str();
        let copy =
            DeskCopy { key: public.seal_copy(id, record.number, key)?, authentication: public.authenticate(id, key) };
        desks.insert(desk.id.clone(), copy);
    }
    Ok(KeyChangeRequest { record, desks, basis: view.basis.clone() })
}
