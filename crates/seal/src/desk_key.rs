//! A desk's own key pair, to which the clinic's keys are sealed for it when they change.

use std::{fmt, str::FromStr};

use contract::v1::Sealed;
use zeroize::Zeroizing;

use crate::{
    ClinicPublicKey, ClinicSecretKey, KeyError, SealContext, SealError,
    mac::{self, Purpose},
    random::NoRandomness,
    sealing,
};

const PART: &str = "clinic-key";

/// A desk's private key. Wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct DeskSecretKey(ClinicSecretKey);

/// To whom the clinic's keys are sealed. As text, base64url.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DeskPublicKey(ClinicPublicKey);

impl DeskSecretKey {
    /// A new key.
    pub fn make() -> Result<Self, NoRandomness> {
        ClinicSecretKey::make().map(Self)
    }

    #[must_use]
    pub fn public(&self) -> DeskPublicKey {
        DeskPublicKey(self.0.public())
    }

    /// For the OS keychain.
    #[must_use]
    pub fn to_hex(&self) -> Zeroizing<String> {
        self.0.to_hex()
    }

    /// From the OS keychain.
    pub fn from_hex(text: &str) -> Result<Self, KeyError> {
        ClinicSecretKey::from_hex(text).map(Self)
    }

    /// Opens a key of the clinic that was sealed to this desk by a change of this number.
    pub(crate) fn open_copy(&self, desk: &str, number: u32, copy: &Sealed) -> Result<ClinicSecretKey, SealError> {
        let number = number.to_string();
        let bytes = sealing::open(&self.0, &context(desk, &number), copy)?;
        ClinicSecretKey::from_bytes(&bytes).map_err(|_| SealError::Content)
    }
}

impl fmt::Debug for DeskSecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeskSecretKey(…)")
    }
}

impl DeskPublicKey {
    /// Names the key, as [`ClinicPublicKey::key_id`] does.
    #[must_use]
    pub fn key_id(&self) -> String {
        self.0.key_id()
    }

    /// Seals a key of the clinic to this desk.
    pub fn seal_copy(&self, desk: &str, number: u32, key: &ClinicSecretKey) -> Result<Sealed, SealError> {
        let number = number.to_string();
        sealing::seal(&self.0, &context(desk, &number), key.to_bytes().as_slice())
    }

    /// The word of whoever has the clinic's key that this key is that desk's. Hexadecimal.
    #[must_use]
    pub fn authenticate(&self, desk: &str, by: &ClinicSecretKey) -> String {
        mac::make(by, Purpose::DeskKey, &[desk, &self.to_string()])
    }

    /// Whether that word was given.
    #[must_use]
    pub fn is_authentic(&self, desk: &str, by: &ClinicSecretKey, authentication: &str) -> bool {
        mac::verify(by, Purpose::DeskKey, &[desk, &self.to_string()], authentication)
    }
}

fn context<'a>(desk: &'a str, number: &'a str) -> SealContext<'a> {
    SealContext { entity: desk, part: PART, seal_id: number }
}

impl fmt::Display for DeskPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for DeskPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeskPublicKey({})", self.key_id())
    }
}

impl FromStr for DeskPublicKey {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<Self, KeyError> {
        text.parse().map(Self)
    }
}
