//! The one-time code by which a new desk comes in.
//!
//! It has two halves that know nothing of each other. The first one proves to the gateway that the desk was invited; the
//! gateway keeps a digest of it. The second one, which never leaves the desks, unwraps the clinic's private key from the
//! envelope that the gateway stores. So the gateway lets the desk in and still cannot read.

use std::{fmt, str::FromStr};

use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

use crate::{
    ClinicSecretKey, Envelope, EnvelopeError,
    code::{self, CodeError, Word},
    random::NoRandomness,
    token,
};

const CLINIC_KEY: &str = "enrolment/clinic-key";

/// A code of two halves of 135 bits each. `Display` shows it for the person who carries it to the new desk.
#[derive(Clone)]
pub struct EnrolmentCode {
    auth: Word,
    key: Word,
}

/// What the desk shows to the gateway instead of the first half: derived from it, in hexadecimal.
#[derive(Clone)]
pub struct AuthSecret(Zeroizing<String>);

impl AuthSecret {
    /// The text to send.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the gateway keeps: [`token::verify`] compares.
    #[must_use]
    pub fn digest(&self) -> String {
        token::digest(&self.0)
    }
}

impl fmt::Debug for AuthSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthSecret(…)")
    }
}

impl EnrolmentCode {
    /// A new code.
    pub fn make() -> Result<Self, NoRandomness> {
        Ok(Self { auth: Word::make()?, key: Word::make()? })
    }

    /// Reads what was typed.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        code::parse(text).map(|[auth, key]| Self { auth, key })
    }

    /// What proves to the gateway that the desk was invited.
    #[must_use]
    pub fn auth_half(&self) -> AuthSecret {
        let secret = self.auth.derive::<32>(&[], "reception/enrolment/v1/auth");
        AuthSecret(Zeroizing::new(HEXLOWER.encode(secret.as_slice())))
    }

    /// What the gateway keeps to know the desk by: SHA-256 of the text of [`EnrolmentCode::auth_half`], in hexadecimal.
    #[must_use]
    pub fn auth_digest(&self) -> String {
        self.auth_half().digest()
    }

    /// Wraps the clinic's key for the desk that will come with this code.
    pub fn wrap(&self, key: &ClinicSecretKey) -> Result<Envelope, EnvelopeError> {
        Envelope::wrap(&self.key, CLINIC_KEY, &key.to_bytes())
    }

    /// Unwraps the clinic's key at the new desk.
    pub fn unwrap(&self, envelope: &Envelope) -> Result<ClinicSecretKey, EnvelopeError> {
        let secret = envelope.unwrap(&self.key, CLINIC_KEY)?;
        ClinicSecretKey::from_bytes(secret.as_slice()).map_err(|_| EnvelopeError::NotAuthentic)
    }
}

impl FromStr for EnrolmentCode {
    type Err = CodeError;
    fn from_str(text: &str) -> Result<Self, CodeError> {
        Self::parse(text)
    }
}

impl fmt::Display for EnrolmentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        code::show(&[&self.auth, &self.key], f)
    }
}

impl fmt::Debug for EnrolmentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EnrolmentCode(…)")
    }
}

#[cfg(test)]
mod tests;
