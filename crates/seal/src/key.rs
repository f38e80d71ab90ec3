//! The clinic's key pair.
//!
//! Invariant: the private key leaves memory by two ways only, both deliberate: as hexadecimal text for the OS keychain,
//! and wrapped in an [`Envelope`](crate::Envelope).

use std::{fmt, str::FromStr};

use data_encoding::{BASE64URL_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use hpke::{Deserializable, Kem as _, Serializable, kem::X25519HkdfSha256};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::random::{NoRandomness, make_bytes};

pub(crate) type Kem = X25519HkdfSha256;
pub(crate) type HpkeSecret = <Kem as hpke::Kem>::PrivateKey;
pub(crate) type HpkePublic = <Kem as hpke::Kem>::PublicKey;

/// The text is not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a key of 32 bytes")]
pub struct KeyError;

/// To whom the gateway seals. As text, base64url.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClinicPublicKey([u8; 32]);

impl ClinicPublicKey {
    /// Names the key: the first 8 bytes of its SHA-256, in hexadecimal.
    #[must_use]
    pub fn key_id(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(self.0)[..8])
    }

    pub(crate) fn to_hpke(self) -> Result<HpkePublic, KeyError> {
        HpkePublic::from_bytes(&self.0).map_err(|_| KeyError)
    }
}

impl fmt::Display for ClinicPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

impl fmt::Debug for ClinicPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClinicPublicKey({})", self.key_id())
    }
}

impl FromStr for ClinicPublicKey {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let bytes = BASE64URL_NOPAD.decode(text.trim().as_bytes()).map_err(|_| KeyError)?;
        bytes.try_into().map(Self).map_err(|_| KeyError)
    }
}

impl TryFrom<String> for ClinicPublicKey {
    type Error = KeyError;
    fn try_from(text: String) -> Result<Self, KeyError> {
        text.parse()
    }
}

impl From<ClinicPublicKey> for String {
    fn from(key: ClinicPublicKey) -> Self {
        key.to_string()
    }
}

/// The private key: opens everything about every person of the clinic. Wiped when dropped.
#[derive(Clone)]
pub struct ClinicSecretKey(HpkeSecret);

impl ClinicSecretKey {
    /// A new key. One a clinic, made by its first desk, and anew when a desk is revoked.
    pub fn make() -> Result<Self, NoRandomness> {
        let material = make_bytes::<32>()?;
        Ok(Self(Kem::derive_keypair(material.as_slice()).0))
    }

    /// The key to which others seal.
    #[must_use]
    pub fn public(&self) -> ClinicPublicKey {
        ClinicPublicKey(Kem::sk_to_pk(&self.0).to_bytes().into())
    }

    /// For the OS keychain.
    #[must_use]
    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(HEXLOWER.encode(self.to_bytes().as_slice()))
    }

    /// From the OS keychain.
    pub fn from_hex(text: &str) -> Result<Self, KeyError> {
        let bytes = Zeroizing::new(HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).map_err(|_| KeyError)?);
        Self::from_bytes(&bytes)
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        HpkeSecret::from_bytes(bytes).map(Self).map_err(|_| KeyError)
    }

    pub(crate) fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        let mut bytes = Zeroizing::new([0; 32]);
        self.0.write_exact(bytes.as_mut_slice());
        bytes
    }

    pub(crate) fn as_hpke(&self) -> &HpkeSecret {
        &self.0
    }
}

impl PartialEq for ClinicSecretKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for ClinicSecretKey {}

impl fmt::Debug for ClinicSecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClinicSecretKey(…)")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn both_keys_survive_their_text_forms() {
        let secret = ClinicSecretKey::make().unwrap();
        let hex = secret.to_hex();
        assert_eq!(hex.len(), 64);
        assert_eq!(ClinicSecretKey::from_hex(&hex).unwrap(), secret);
        assert_eq!(ClinicSecretKey::from_hex(&hex.to_uppercase()).unwrap().public(), secret.public());

        let public = secret.public();
        assert_eq!(public.to_string().parse::<ClinicPublicKey>(), Ok(public));
        let json = serde_json::to_string(&public).unwrap();
        assert_eq!(json, format!("\"{public}\""));
        assert_eq!(serde_json::from_str::<ClinicPublicKey>(&json).unwrap(), public);
    }

    #[test]
    fn a_key_has_its_own_id() {
        let [one, other] = [ClinicSecretKey::make().unwrap().public(), ClinicSecretKey::make().unwrap().public()];
        assert_ne!(one.key_id(), other.key_id());
        assert_eq!(one.key_id().len(), 16);
        // SHA-256 of 32 zero bytes begins so
        assert_eq!(ClinicPublicKey([0; 32]).key_id(), "66687aadf862bd77");
    }

    #[test]
    fn other_texts_are_no_keys() {
        for text in ["", "00", "zz", &"0".repeat(63), &"0".repeat(66), &"ж".repeat(32)] {
            assert!(ClinicSecretKey::from_hex(text).is_err());
            assert!(text.parse::<ClinicPublicKey>().is_err());
        }
        assert!(serde_json::from_str::<ClinicPublicKey>("\"AAAA\"").is_err());
    }

    #[test]
    fn debug_shows_nothing_of_the_private_key() {
        let secret = ClinicSecretKey::make().unwrap();
        let shown = format!("{secret:?} {secret:#?}");
        let hex = secret.to_hex();
        assert_eq!(shown, "ClinicSecretKey(…) ClinicSecretKey(…)");
        assert!(!shown.contains(&hex[..4]));
    }
}
