//! The clinic's keys one after another: each change proves itself by the key before it and carries that key, sealed to the
//! new one.
//!
//! Invariants: the newest key opens the whole chain; whoever has a key takes a newer one only by an unbroken chain of proofs
//! from its own, so neither the gateway nor a stranger can put in one of their making; what a record says is believed only
//! after the private keys have shown it.

use std::fmt;

use contract::v1::keys::KeyRecord;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::{
    ClinicPublicKey, ClinicSecretKey, DeskSecretKey, SealContext, SealError, Sealed,
    mac::{self, Purpose},
    sealing,
};

/// Where the private key before a change stands in its record.
const ENTITY: &str = "clinic";
const PART: &str = "previous-key";

/// Why changes of the key were not taken. Nothing of them is in force then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// There is a newer key, and this desk was not given it.
    #[error("there is no copy of the newest key for this desk")]
    NoCopy,
    /// The copy for this desk does not open, or is of another key.
    #[error("the copy of the newest key is not right")]
    BadCopy,
    /// A record is missing, is not proved by the key before it, or holds another key than that.
    #[error("the chain of keys is broken")]
    Broken,
    /// The chain does not lead to the key that this desk has.
    #[error("the chain is not of this clinic's keys")]
    Foreign,
}

/// All keys of the clinic that are known here, with the newest. Never empty.
#[derive(Clone)]
pub struct KeyRing {
    newest: ClinicSecretKey,
    number: u32,
    /// From the founding one to the one before the newest; empty where the chain is not known.
    older: Vec<ClinicSecretKey>,
}

impl KeyRing {
    /// A key whose chain is not known: taken for the founding one until then.
    #[must_use]
    pub fn of(newest: ClinicSecretKey) -> Self {
        Self { newest, number: 1, older: Vec::new() }
    }

    /// The key that everything is sealed to.
    #[must_use]
    pub fn newest(&self) -> &ClinicSecretKey {
        &self.newest
    }

    #[must_use]
    pub fn public(&self) -> ClinicPublicKey {
        self.newest.public()
    }

    /// Of the newest key; the founding one is the first.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The key of a number, if it is known here.
    #[must_use]
    pub fn key(&self, number: u32) -> Option<&ClinicSecretKey> {
        if number == self.number {
            return Some(&self.newest);
        }
        self.older.get(usize::try_from(number.checked_sub(1)?).ok()?)
    }

    /// Opens a sealed part at its place, with the key that it was sealed to.
    pub fn open(&self, ctx: &SealContext<'_>, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, SealError> {
        sealing::open(self.key_of(sealed), ctx, sealed)
    }

    /// Opens a value that was sealed as JSON.
    pub fn open_json<T: DeserializeOwned>(&self, ctx: &SealContext<'_>, sealed: &Sealed) -> Result<T, SealError> {
        sealing::open_json(self.key_of(sealed), ctx, sealed)
    }

    /// With none that fits, the newest one says so.
    fn key_of(&self, sealed: &Sealed) -> &ClinicSecretKey {
        let is_it = |key: &&ClinicSecretKey| key.public().key_id() == sealed.key_id;
        let older = || self.older.iter().rev().find(is_it);
        Some(&self.newest).filter(is_it).or_else(older).unwrap_or(&self.newest)
    }

    /// A next key and its record.
    pub fn change(&self) -> Result<(ClinicSecretKey, KeyRecord), SealError> {
        let next = ClinicSecretKey::make()?;
        let number = self.number.saturating_add(1);
        let text = number.to_string();
        let record = KeyRecord {
            number,
            public_key: next.public().to_string(),
            proof: mac::make(&self.newest, Purpose::NextKey, &[&text, &next.public().to_string()]),
            previous: sealing::seal(&next.public(), &place(&text), self.newest.to_bytes().as_slice())?,
        };
        Ok((next, record))
    }

    /// The keys after these changes, all there ever were. `copy`: the newest key as it was sealed to this desk, needed where
    /// this ring does not have it.
    pub fn follow(
        &self,
        records: &[KeyRecord],
        desk: &DeskSecretKey,
        id: &str,
        copy: Option<&Sealed>,
    ) -> Result<Self, ChainError> {
        let Some(last) = records.last() else {
            return if self.number == 1 { Ok(self.clone()) } else { Err(ChainError::Broken) };
        };
        let in_order = (2..).zip(records).all(|(number, record)| record.number == number);
        if !in_order {
            return Err(ChainError::Broken);
        }
        let public = self.public().to_string();
        let mine = records.iter().find(|record| record.public_key == public).map_or(1, |record| record.number);
        let newest = if mine == last.number {
            self.newest.clone()
        } else {
            desk.open_copy(id, last.number, copy.ok_or(ChainError::NoCopy)?).map_err(|_| ChainError::BadCopy)?
        };
        if newest.public().to_string() != last.public_key {
            return Err(ChainError::BadCopy);
        }
        let older = chain(&newest, records)?;
        let ring = Self { newest, number: last.number, older };
        if ring.key(mine) == Some(&self.newest) { Ok(ring) } else { Err(ChainError::Foreign) }
    }
}

/// The keys before the newest, the founding one first: each opened out of the record after it, and proving it.
fn chain(newest: &ClinicSecretKey, records: &[KeyRecord]) -> Result<Vec<ClinicSecretKey>, ChainError> {
    let mut keys = Vec::with_capacity(records.len());
    let mut key = newest.clone();
    for record in records.iter().rev() {
        if key.public().to_string() != record.public_key {
            return Err(ChainError::Broken);
        }
        let number = record.number.to_string();
        let bytes = sealing::open(&key, &place(&number), &record.previous).map_err(|_| ChainError::Broken)?;
        let before = ClinicSecretKey::from_bytes(&bytes).map_err(|_| ChainError::Broken)?;
        if !mac::verify(&before, Purpose::NextKey, &[&number, &record.public_key], &record.proof) {
            return Err(ChainError::Broken);
        }
        keys.push(before.clone());
        key = before;
    }
    keys.reverse();
    Ok(keys)
}

fn place(number: &str) -> SealContext<'_> {
    SealContext { entity: ENTITY, part: PART, seal_id: number }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing").field("number", &self.number).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
