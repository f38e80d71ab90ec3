//! How the clinic's key and the desks' own keys go together: what a desk says of its own key, and what puts the clinic's next
//! one in force.
//!
//! Invariant: only desks whose public key is authenticated by the clinic's key are given one; what the gateway merely says
//! of a desk counts for nothing.

use std::{collections::BTreeMap, time::Duration};

use contract::v1::keys::{DeskCopy, DeskKey, DeskKeyRequest, DeskView, KeyChangeRequest, KeyRecord, KeysView};
use domain::DeskId;

use crate::{ClinicSecretKey, DeskPublicKey, DeskSecretKey, KeyRing, SealError};

/// A desk that has not given its key yet is waited for so long: over a weekend. It is of an older version, or has just
/// come in.
const WAITED_FOR: Duration = Duration::from_secs(3 * 24 * 60 * 60);

fn own_key<'a>(view: &'a KeysView, desk: &DeskId) -> Option<&'a DeskKey> {
    view.desks.iter().find(|known| known.id == *desk)?.key.as_ref()
}

/// A desk's own public key, authenticated by the clinic's key of a number; none where that key is not known here.
#[must_use]
pub fn own_request(ring: &KeyRing, number: u32, desk: &DeskId, own: &DeskSecretKey) -> Option<DeskKeyRequest> {
    let public = own.public();
    let authentication = public.authenticate(desk.as_str(), ring.key(number)?);
    Some(DeskKeyRequest { key: DeskKey { public_key: public.to_string(), authentication }, number })
}

/// Whether the gateway has a desk's own key, rightly authenticated by its newest one.
#[must_use]
pub fn own_is_known(ring: &KeyRing, view: &KeysView, desk: &DeskId, own: &DeskSecretKey) -> bool {
    let request = own_request(ring, view.number, desk, own);
    request.is_some_and(|request| own_key(view, desk) == Some(&request.key))
}

/// Whether the gateway has a key that came before this ring's newest one: it was restored, and its journal is lost.
#[must_use]
pub fn is_behind(ring: &KeyRing, view: &KeysView) -> bool {
    let key = ring.key(view.number).filter(|_| view.number < ring.number());
    key.is_some_and(|key| key.public().to_string() == view.public_key)
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
#[must_use]
pub fn lacks_key(ring: &KeyRing, view: &KeysView, desk: &DeskView) -> bool {
    let by = ring.key(view.number);
    view.number > 1 && by.is_some_and(|by| authentic(desk, by).is_none()) && !is_fresh(view, desk)
}

/// It has come in after the last change, by a code that brought the newest key.
fn is_fresh(view: &KeysView, desk: &DeskView) -> bool {
    view.changed_at.is_none_or(|changed| desk.enrolled_at >= changed)
}

/// Desks that are waited for before the key is changed.
#[must_use]
pub fn waited_for(view: &KeysView) -> Vec<&DeskView> {
    let Some(due_since) = view.due_since else { return Vec::new() };
    let waited = |desk: &DeskView| (view.server_time - due_since.max(desk.enrolled_at)).to_std().unwrap_or_default();
    let waits = |desk: &&DeskView| desk.key.is_none() && waited(desk) < WAITED_FOR;
    view.desks.iter().filter(is_in).filter(waits).collect()
}

/// What puts a key in force: for each desk that is in and that the key before it vouches for.
///
/// # Errors
/// Of sealing.
pub fn change_request(
    view: &KeysView,
    record: KeyRecord,
    (before, key): (&ClinicSecretKey, &ClinicSecretKey),
) -> Result<KeyChangeRequest, SealError> {
    let mut desks = BTreeMap::new();
    for desk in view.desks.iter().filter(is_in) {
        let Some(public) = authentic(desk, before) else { continue };
        let id = desk.id.as_str();
        let copy =
            DeskCopy { key: public.seal_copy(id, record.number, key)?, authentication: public.authenticate(id, key) };
        desks.insert(desk.id.clone(), copy);
    }
    Ok(KeyChangeRequest { record, desks, basis: view.basis.clone() })
}
