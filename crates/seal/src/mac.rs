//! The word of whoever has a key of the clinic, which whoever has it too can check: HMAC-SHA256 under a key derived from it.

use data_encoding::HEXLOWER;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{ClinicSecretKey, context::length_prefixed};

/// What is said. A word of one purpose says nothing of another.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    /// This public key is of this desk.
    DeskKey,
    /// This public key is the clinic's next one.
    NextKey,
}

impl Purpose {
    const fn label(self) -> &'static str {
        match self {
            Self::DeskKey => "reception/clinic-key/v1/desk-key",
            Self::NextKey => "reception/clinic-key/v1/next-key",
        }
    }
}

pub(crate) fn make(by: &ClinicSecretKey, purpose: Purpose, fields: &[&str]) -> String {
    HEXLOWER.encode(&word(by, purpose, fields))
}

/// In constant time.
pub(crate) fn verify(by: &ClinicSecretKey, purpose: Purpose, fields: &[&str], given: &str) -> bool {
    let Ok(given) = HEXLOWER.decode(given.as_bytes()) else { return false };
    word(by, purpose, fields).as_slice().ct_eq(&given).into()
}

fn word(by: &ClinicSecretKey, purpose: Purpose, fields: &[&str]) -> [u8; 32] {
    // a block of SHA-256: what HMAC takes as it is
    let mut key = Zeroizing::new([0; 64]);
    // HKDF gives far more than this, so expanding cannot fail
    let derived =
        Hkdf::<Sha256>::new(None, by.to_bytes().as_slice()).expand(purpose.label().as_bytes(), key.as_mut_slice());
    debug_assert!(derived.is_ok());
    let mut mac = Hmac::<Sha256>::new((&*key).into());
    mac.update(&length_prefixed(fields));
    mac.finalize().into_bytes().into()
}
