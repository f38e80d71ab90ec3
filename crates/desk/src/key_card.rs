//! What lies beside a database, or beside a copy of one, so that a recovery kit opens it: `<database>.keys`.
//!
//! Invariants: by itself it opens nothing. The keychain's entry stands in it sealed to the clinic's key, and that key
//! wrapped for the kits in force; in the clear are ids, times and a folder. A kit made at one desk opens every desk.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use domain::{ClinicId, DeskId, clinic};
use seal::{ClinicPublicKey, Envelope, KeyRing, SealContext, SealError, Sealed, recovery::RecoveryKit};
use serde::{Deserialize, Serialize};

use crate::{keys::DeskKeys, platform::files::replace_private, ring::Ring, trouble::DeskError};

const FORMAT: u32 = 1;
/// A longer file is not ours.
const LONGEST_FILE: u64 = 64 * 1024;
const PART: &str = "desk_keys";

/// A kit that opens the card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KitOnCard {
    envelope: Envelope,
    pub(crate) made_at: DateTime<Utc>,
}

impl KitOnCard {
    /// The kits of a clinic's key, the newest last. One of an older key opens no card.
    pub(crate) fn of(kits: &[clinic::RecoveryKit], key: &ClinicPublicKey) -> Vec<Self> {
        let key_id = key.key_id();
        let on_card =
            |kit: &clinic::RecoveryKit| Some(Self { envelope: kit.envelope.parse().ok()?, made_at: kit.made_at });
        kits.iter().filter(|kit| kit.key_id == key_id).filter_map(on_card).collect()
    }
}

/// The file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct KeyCard {
    v: u32,
    desk: DeskId,
    clinic: ClinicId,
    entry: Sealed,
    pub(crate) kits: Vec<KitOnCard>,
    /// Where copies of this desk go: what is known of it when the database does not open.
    pub(crate) copies: String,
    /// Beside a copy: actions in it that the gateway did not have.
    pub(crate) unsent: Option<u32>,
}

impl KeyCard {
    pub(crate) fn make(keys: &DeskKeys, kits: Vec<KitOnCard>, copies: String) -> Result<Self, DeskError> {
        let link = keys.link.as_ref().ok_or(DeskError::NotConnected)?;
        let context = context(&link.desk, &link.clinic);
        let entry = seal::seal(&link.ring.public(), &context, keys.to_entry()?.as_bytes())?;
        Ok(Self { v: FORMAT, desk: link.desk.clone(), clinic: link.clinic.clone(), entry, kits, copies, unsent: None })
    }

    /// Puts the entry on the card of a database, as it is in the keychain now.
    pub(crate) fn follow(database: &Path, keys: &DeskKeys) -> Result<(), DeskError> {
        let Some(known) = Self::read(database) else { return Ok(()) };
        Self::make(keys, known.kits, known.copies)?.write(database)
    }

    /// Whether it opens by this key of the clinic.
    pub(crate) fn is_sealed_to(&self, key: &ClinicPublicKey) -> bool {
        self.entry.key_id == key.key_id()
    }

    /// The same card as it opens by the clinic's newest key, which then stands on it too.
    pub(crate) fn sealed_anew(&self, ring: &KeyRing) -> Result<Self, DeskError> {
        let mut keys = self.open(ring)?;
        if let Some(link) = &mut keys.link {
            link.ring = Ring::of(ring.newest().clone());
        }
        let made = Self::make(&keys, self.kits.clone(), self.copies.clone())?;
        Ok(Self { unsent: self.unsent, ..made })
    }

    pub(crate) fn path(database: &Path) -> PathBuf {
        let mut name = database.as_os_str().to_owned();
        name.push(".keys");
        PathBuf::from(name)
    }

    /// The card of a database, if there is one that this version reads.
    pub(crate) fn read(database: &Path) -> Option<Self> {
        let path = Self::path(database);
        if std::fs::metadata(&path).ok()?.len() > LONGEST_FILE {
            return None;
        }
        let card: Self = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
        (card.v == FORMAT).then_some(card)
    }

    pub(crate) fn write(&self, database: &Path) -> Result<(), DeskError> {
        let text = serde_json::to_vec(self).map_err(|_| DeskError::Broken("a key card cannot be written"))?;
        Ok(replace_private(&Self::path(database), &text)?)
    }

    /// The keys, by the clinic's keys.
    pub(crate) fn open(&self, ring: &KeyRing) -> Result<DeskKeys, DeskError> {
        let entry = ring.open(&context(&self.desk, &self.clinic), &self.entry)?;
        let text = std::str::from_utf8(&entry).map_err(|_| DeskError::Broken("a key card holds no keys"))?;
        Ok(DeskKeys::of_entry(text)?)
    }

    /// The keys, by the code of a kit.
    pub(crate) fn open_by_kit(&self, kit: &RecoveryKit) -> Result<DeskKeys, DeskError> {
        let secret = self.kits.iter().rev().find_map(|on_card| kit.unwrap_clinic_key(&on_card.envelope).ok());
        match self.open(&KeyRing::of(secret.ok_or(DeskError::OtherKit)?)) {
            // the kit is of an older key of the clinic than the card
            Err(DeskError::Seal(SealError::OtherKey)) => Err(DeskError::OtherKit),
            opened => opened,
        }
    }
}

fn context<'a>(desk: &'a DeskId, clinic: &'a ClinicId) -> SealContext<'a> {
    SealContext { entity: desk.as_str(), part: PART, seal_id: clinic.as_str() }
}
