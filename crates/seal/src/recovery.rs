//! The recovery kit: a code printed once and kept in the safe, which opens the clinic's key and the database key when
//! every keychain is lost.
//!
//! Invariant: each purpose has its own derived key, so an envelope of one is refused as one of the other.

use std::{fmt, str::FromStr};

use zeroize::Zeroizing;

use crate::{
    ClinicSecretKey, Envelope, EnvelopeError,
    code::{self, CodeError, Word},
    random::NoRandomness,
};

/// What an envelope of the kit holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// The clinic's private key; the envelope lies at the gateway.
    ClinicKey,
    /// The key of a desk's database; the envelope lies beside the database.
    DatabaseKey,
}

impl Purpose {
    const fn label(self) -> &'static str {
        match self {
            Self::ClinicKey => "recovery/clinic-key",
            Self::DatabaseKey => "recovery/database-key",
        }
    }
}

/// The code of the kit, 135 bits. `Display` shows it for printing.
#[derive(Clone)]
pub struct RecoveryKit(Word);

impl RecoveryKit {
    /// A new kit.
    pub fn make() -> Result<Self, NoRandomness> {
        Word::make().map(Self)
    }

    /// Reads what was typed off the sheet.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        code::parse(text).map(|[word]| Self(word))
    }

    /// Wraps a secret for the kit.
    pub fn wrap(&self, purpose: Purpose, secret: &[u8; 32]) -> Result<Envelope, EnvelopeError> {
        Envelope::wrap(&self.0, purpose.label(), secret)
    }

    /// Opens an envelope of the kit.
    pub fn unwrap(&self, purpose: Purpose, envelope: &Envelope) -> Result<Zeroizing<[u8; 32]>, EnvelopeError> {
        envelope.unwrap(&self.0, purpose.label())
    }

    /// [`RecoveryKit::wrap`] for the clinic's key.
    pub fn wrap_clinic_key(&self, key: &ClinicSecretKey) -> Result<Envelope, EnvelopeError> {
        self.wrap(Purpose::ClinicKey, &key.to_bytes())
    }

    /// [`RecoveryKit::unwrap`] for the clinic's key.
    pub fn unwrap_clinic_key(&self, envelope: &Envelope) -> Result<ClinicSecretKey, EnvelopeError> {
        let secret = self.unwrap(Purpose::ClinicKey, envelope)?;
        ClinicSecretKey::from_bytes(secret.as_slice()).map_err(|_| EnvelopeError::NotAuthentic)
    }
}

impl FromStr for RecoveryKit {
    type Err = CodeError;
    fn from_str(text: &str) -> Result<Self, CodeError> {
        Self::parse(text)
    }
}

impl fmt::Display for RecoveryKit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        code::show(&[&self.0], f)
    }
}

impl fmt::Debug for RecoveryKit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryKit(…)")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_kit_opens_both_keys_from_what_is_printed() {
        let kit = RecoveryKit::make().unwrap();
        let clinic = ClinicSecretKey::make().unwrap();
        let database = [7; 32];
        let clinic_envelope = kit.wrap_clinic_key(&clinic).unwrap();
        let database_envelope = kit.wrap(Purpose::DatabaseKey, &database).unwrap();

        let typed = RecoveryKit::parse(&kit.to_string().to_lowercase()).unwrap();
        assert_eq!(typed.unwrap_clinic_key(&clinic_envelope).unwrap(), clinic);
        assert_eq!(*typed.unwrap(Purpose::DatabaseKey, &database_envelope).unwrap(), database);
    }

    #[test]
    fn an_envelope_of_one_purpose_is_refused_as_one_of_the_other() {
        let kit = RecoveryKit::make().unwrap();
        let envelope = kit.wrap(Purpose::DatabaseKey, &[7; 32]).unwrap();
        assert_eq!(kit.unwrap(Purpose::ClinicKey, &envelope), Err(EnvelopeError::NotAuthentic));
    }

    #[test]
    fn another_kit_says_that_it_is_another() {
        let envelope = RecoveryKit::make().unwrap().wrap(Purpose::DatabaseKey, &[7; 32]).unwrap();
        let other = RecoveryKit::make().unwrap();
        assert_eq!(other.unwrap(Purpose::DatabaseKey, &envelope), Err(EnvelopeError::OtherCode));
    }

    #[test]
    fn two_envelopes_of_one_secret_differ() {
        let kit = RecoveryKit::make().unwrap();
        let [one, other] = [0, 1].map(|_| kit.wrap(Purpose::DatabaseKey, &[7; 32]).unwrap());
        assert_ne!(one, other);
    }

    #[test]
    fn the_sheet_has_groups_of_four_and_debug_has_nothing() {
        let kit = RecoveryKit::make().unwrap();
        let printed = kit.to_string();
        assert_eq!(printed.split('-').map(str::len).collect::<Vec<_>>(), [4; 7]);
        assert_eq!(format!("{kit:?}"), "RecoveryKit(…)");
    }
}
