//! A 32-byte secret wrapped under a code: what is stored where the code itself must never be.
//!
//! Format, as base64url: version (1 byte), mark of the code (8), salt (32), ciphertext (32) and tag (16). Key and nonce
//! come from the code, the purpose and a fresh salt by HKDF, so no key is used twice. Version, mark and purpose are bound as
//! associated data too. The mark tells "another code" from "damaged"; a code has 135 bits, so the mark gives nothing away.

use std::{fmt, str::FromStr};

use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{
    code::Word,
    context::length_prefixed,
    random::{NoRandomness, make_bytes},
};

const VERSION: u8 = 1;
const MARK: usize = 8;
const SALT: usize = 32;
const LENGTH: usize = 1 + MARK + SALT + 32 + 16;

/// Why an envelope was not made or not opened. Holds nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The cipher refused; nothing was made.
    #[error("the secret was not wrapped")]
    NotWrapped,
    /// Not the text of an envelope of a known version.
    #[error("not an envelope")]
    Malformed,
    /// Made for another code.
    #[error("made for another code")]
    OtherCode,
    /// The code is right, but the envelope is damaged or holds another kind of secret.
    #[error("damaged, or of another purpose")]
    NotAuthentic,
}

/// A wrapped secret as text, safe to store and to send.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Envelope(String);

impl Envelope {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn wrap(code: &Word, purpose: &str, secret: &[u8; 32]) -> Result<Self, EnvelopeError> {
        let salt = make_bytes::<SALT>()?;
        let header = header(code);
        let (cipher, nonce) = cipher(code, purpose, salt.as_slice());
        let payload = Payload { msg: secret, aad: &associated_data(&header, purpose) };
        let ciphertext = cipher.encrypt(&nonce, payload).map_err(|_| EnvelopeError::NotWrapped)?;
        let bytes = [header.as_slice(), salt.as_slice(), &ciphertext].concat();
        Ok(Self(BASE64URL_NOPAD.encode(&bytes)))
    }

    pub(crate) fn unwrap(&self, code: &Word, purpose: &str) -> Result<Zeroizing<[u8; 32]>, EnvelopeError> {
        let bytes = decode(&self.0)?;
        let (given, rest) = bytes.split_at(1 + MARK);
        let (salt, ciphertext) = rest.split_at(SALT);
        let header = header(code);
        if !bool::from(header.ct_eq(given)) {
            return Err(EnvelopeError::OtherCode);
        }
        let (cipher, nonce) = cipher(code, purpose, salt);
        let payload = Payload { msg: ciphertext, aad: &associated_data(&header, purpose) };
        let plain = cipher.decrypt(&nonce, payload).map(Zeroizing::new).map_err(|_| EnvelopeError::NotAuthentic)?;
        let secret = <[u8; 32]>::try_from(plain.as_slice()).map_err(|_| EnvelopeError::Malformed)?;
        Ok(Zeroizing::new(secret))
    }
}

fn decode(text: &str) -> Result<Vec<u8>, EnvelopeError> {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| EnvelopeError::Malformed)?;
    let known = bytes.len() == LENGTH && bytes.first() == Some(&VERSION);
    known.then_some(bytes).ok_or(EnvelopeError::Malformed)
}

fn header(code: &Word) -> [u8; 1 + MARK] {
    let mark = code.derive::<MARK>(&[], "reception/envelope/v1/mark");
    let mut header = [VERSION; 1 + MARK];
    header[1..].copy_from_slice(mark.as_slice());
    header
}

fn associated_data(header: &[u8], purpose: &str) -> Vec<u8> {
    [header, &length_prefixed(&["reception/envelope/v1", purpose])].concat()
}

fn cipher(code: &Word, purpose: &str, salt: &[u8]) -> (ChaCha20Poly1305, Nonce) {
    let purpose = format!("reception/envelope/v1/{purpose}");
    let derived = code.derive::<44>(salt, &purpose);
    let (key, nonce) = derived.split_at(32);
    let mut nonce_bytes = Nonce::default();
    nonce_bytes.copy_from_slice(nonce);
    let mut key_bytes = chacha20poly1305::Key::default();
    key_bytes.copy_from_slice(key);
    let cipher = ChaCha20Poly1305::new(&key_bytes);
    zeroize::Zeroize::zeroize(key_bytes.as_mut_slice());
    (cipher, nonce_bytes)
}

impl fmt::Display for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Envelope(…)")
    }
}

impl FromStr for Envelope {
    type Err = EnvelopeError;
    fn from_str(text: &str) -> Result<Self, EnvelopeError> {
        let text = text.trim();
        decode(text).map(|_| Self(text.to_owned()))
    }
}

impl TryFrom<String> for Envelope {
    type Error = EnvelopeError;
    fn try_from(text: String) -> Result<Self, EnvelopeError> {
        text.parse()
    }
}

impl From<Envelope> for String {
    fn from(envelope: Envelope) -> Self {
        envelope.0
    }
}
