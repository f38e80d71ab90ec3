//! The clinic's keys: which one is in force, the copies by which desks get it, and how one takes the place of another.
//!
//! The gateway opens none of it and can prove none of it; it keeps the order. A change is taken whole or not at all: as the
//! next one, made from what stands here now, so two desks that try at once do not cut each other off. From then on nothing
//! that is sealed to an older key gets in. That a change is due is nowhere noted: it follows from who was let go and which
//! key they were given, so neither a crash nor a restore forgets it.

use contract::v1::{
    ProblemCode, Sealed,
    keys::{DeskCopy, DeskKeyRequest, DeskView, KeyChangeRequest, KeyMark, KeyRecord, KeysView, LONGEST_SEALED_KEY},
};
use data_encoding::HEXLOWER;
use domain::DeskId;
use seal::{ClinicPublicKey, DeskPublicKey};
use sha2::{Digest, Sha256};

use crate::{
    Failure, Gateway, GatewayError,
    db::{Caller, EnrolledDesk, Founded, House, KeyChange, Transaction},
    enrolment::{is_base64url, is_digest},
    suppression::Entry,
};

/// Where the key stands, for the desk that asks.
pub(crate) fn mark(house: &House, caller: &Caller) -> KeyMark {
    KeyMark { number: house.key_number, due: house.key_due_since.is_some(), own: caller.has_key }
}

/// What a change is made from: which key is in force, and who has given which key.
fn basis(number: u32, desks: &[EnrolledDesk]) -> String {
    let mut digest = Sha256::new();
    digest.update(number.to_be_bytes());
    for desk in desks.iter().filter(|desk| desk.revoked_at.is_none()) {
        let key = desk.key.as_ref().map(|key| [key.public_key.as_str(), key.authentication.as_str()]);
        for field in [desk.id.as_str()].into_iter().chain(key.into_iter().flatten()) {
            digest.update((field.len() as u64).to_be_bytes());
            digest.update(field);
        }
    }
    HEXLOWER.encode(&digest.finalize())
}

/// Everything about keys, for a desk.
pub(crate) async fn view(gateway: &Gateway, desk: &DeskId) -> Result<KeysView, Failure> {
    let storage = gateway.storage();
    let house = storage.house().await?;
    let founding = house.clinic.ok_or(ProblemCode::NotFounded)?.key.to_string();
    let (desks, changes) = (storage.desks().await?, storage.key_changes().await?);
    // after the changes: what is not there now was not given with the last of them
    let own = storage.key_copy(desk).await?;
    let last = changes.last();
    let number = last.map_or(1, |(record, _)| record.number);
    let basis = basis(number, &desks);
    Ok(KeysView {
        number,
        public_key: last.map_or(founding, |(record, _)| record.public_key.clone()),
        changed_at: last.map(|(_, at)| *at),
        due_since: house.key_due_since,
        records: changes.into_iter().map(|(record, _)| record).collect(),
        own,
        desks: desks.into_iter().map(|desk| gateway.shown(desk)).collect(),
        basis,
        server_time: gateway.now(),
    })
}

impl Gateway {
    /// As desks are told of each other.
    fn shown(&self, desk: EnrolledDesk) -> DeskView {
        DeskView {
            last_seen_at: self.last_seen(&desk.id).or(desk.last_seen_at),
            caught_up_at: self.last_caught_up(&desk.id).or(desk.caught_up_at),
            id: desk.id,
            name: desk.name,
            app_version: desk.app_version,
            enrolled_at: desk.enrolled_at,
            released_at: desk.revoked_at,
            key: desk.key,
        }
    }

    /// Puts back the changes of the key that a restored copy does not know, in their order.
    pub(crate) async fn put_keys_back(&self, tx: &mut dyn Transaction, entries: &[Entry]) -> Result<(), GatewayError> {
        loop {
            let house = tx.house().await?;
            let next = house.key_number + 1;
            // one that was noted and did not get in stands before the one of its number that did
            let noted = entries.iter().rev().find_map(|entry| match entry {
                Entry::Key(change) if change.record.number == next => Some(change),
                _ => None,
            });
            let Some(change) = noted.filter(|_| house.clinic.is_some()) else { return Ok(()) };
            tx.put_key(change).await?;
            tracing::warn!(number = next, "the database did not know of a change of the key: it is put back");
        }
    }
}

/// Keeps a desk's own public key.
pub(crate) async fn put_desk_key(gateway: Gateway, desk: DeskId, request: DeskKeyRequest) -> Result<(), Failure> {
    let DeskKeyRequest { key, number } = request;
    if key.public_key.parse::<DeskPublicKey>().is_err() {
        return Err(Failure::Misfit("public_key is no key of 32 bytes in base64url".into()));
    }
    if !is_digest(&key.authentication) {
        return Err(Failure::Misfit("authentication is no HMAC-SHA256 in hexadecimal".into()));
    }
    let mut tx = gateway.storage().begin().await?;
    if tx.house().await?.key_number != number {
        return Err(ProblemCode::KeyChanged.into());
    }
    tx.put_desk_key(&desk, &key, number).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a change, if it is the next one and was made from what is here now.
pub(crate) async fn change(gateway: Gateway, desk: DeskId, request: KeyChangeRequest) -> Result<(), Failure> {
    let KeyChangeRequest { record, desks, basis: made_from } = request;
    let mut tx = gateway.storage().begin().await?;
    let house = tx.house().await?;
    let clinic = house.clinic.ok_or(ProblemCode::NotFounded)?;
    let known = tx.all_desks().await?;
    if Some(record.number) != house.key_number.checked_add(1) || made_from != basis(house.key_number, &known) {
        return Err(ProblemCode::KeyChanged.into());
    }
    check_record(&record, &clinic)?;
    if !desks.contains_key(&desk) {
        return Err(Failure::Misfit("the desk that changes the key leaves itself out".into()));
    }
    for (id, copy) in &desks {
        check_copy(copy, known.iter().find(|desk| desk.id == *id && desk.revoked_at.is_none()))?;
    }
    let number = record.number;
    let change = KeyChange { record, desks, made_by: desk, made_at: gateway.now() };
    tx.put_key(&change).await?;
    // the feed stands still by it, but whoever listens must look
    let seq = tx.next_seq().await?;
    let noted = Entry::Key(Box::new(change));
    gateway.note(&noted);
    tx.commit().await?;
    gateway.poke(seq);
    tracing::info!(number, "the clinic's key is changed");
    Ok(())
}

fn check_record(record: &KeyRecord, clinic: &Founded) -> Result<(), Failure> {
    let Ok(key) = record.public_key.parse::<ClinicPublicKey>() else {
        return Err(Failure::Misfit("public_key is no key of 32 bytes in base64url".into()));
    };
    if key == clinic.key {
        return Err(Failure::Misfit("public_key is the key that is to be changed".into()));
    }
    if !is_digest(&record.proof) {
        return Err(Failure::Misfit("proof is no HMAC-SHA256 in hexadecimal".into()));
    }
    if !is_sealed_key(&record.previous, &key.key_id()) {
        return Err(Failure::Misfit("previous is not sealed to the new key".into()));
    }
    Ok(())
}

fn check_copy(copy: &DeskCopy, desk: Option<&EnrolledDesk>) -> Result<(), Failure> {
    let key = desk.and_then(|desk| desk.key.as_ref()).and_then(|key| key.public_key.parse::<DeskPublicKey>().ok());
    let key = key.ok_or(Failure::Misfit("there is a copy for a desk that is not in, or has given no key".into()))?;
    if !is_sealed_key(&copy.key, &key.key_id()) || !is_digest(&copy.authentication) {
        return Err(Failure::Misfit("a copy is not sealed to the desk that it is for".into()));
    }
    Ok(())
}

fn is_sealed_key(sealed: &Sealed, key_id: &str) -> bool {
    sealed.key_id == key_id && sealed.data.len() <= LONGEST_SEALED_KEY && is_base64url(&sealed.data)
}
