//! The recovery kit: a code printed once and kept in the safe, which opens the clinic's key when every keychain is lost.
//! What a desk needs besides it is sealed to that key.
//!
//! Invariant: the key of its envelopes is derived for them alone, so an envelope of another purpose is refused.

use std::{fmt, str::FromStr};

use crate::{
    ClinicSecretKey, Envelope, EnvelopeError,
    code::{self, CodeError, Word},
    random::NoRandomness,
};

const CLINIC_KEY: &str = "recovery/clinic-key";

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

    /// Wraps the clinic's key for the kit.
    pub fn wrap_clinic_key(&self, key: &ClinicSecretKey) -> Result<Envelope, EnvelopeError> {
        Envelope::wrap(&self.0, CLINIC_KEY, &key.to_bytes())
    }

    /// Opens an envelope of the kit.
    pub fn unwrap_clinic_key(&self, envelope: &Envelope) -> Result<ClinicSecretKey, EnvelopeError> {
        let secret = envelope.unwrap(&self.0, CLINIC_KEY)?;
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
    fn the_kit_opens_the_key_from_what_is_printed() {
        let kit = RecoveryKit::make().unwrap();
        let clinic = ClinicSecretKey::make().unwrap();
        let envelope = kit.wrap_clinic_key(&clinic).unwrap();
        let typed = RecoveryKit::parse(&kit.to_string().to_lowercase()).unwrap();
        assert_eq!(typed.unwrap_clinic_key(&envelope).unwrap(), clinic);
    }

    #[test]
    fn an_envelope_of_another_purpose_is_refused() {
        let kit = RecoveryKit::make().unwrap();
        let envelope = Envelope::wrap(&kit.0, "another", &[7; 32]).unwrap();
        assert_eq!(kit.unwrap_clinic_key(&envelope), Err(EnvelopeError::NotAuthentic));
    }

    #[test]
    fn another_kit_says_that_it_is_another() {
        let clinic = ClinicSecretKey::make().unwrap();
        let envelope = RecoveryKit::make().unwrap().wrap_clinic_key(&clinic).unwrap();
        let other = RecoveryKit::make().unwrap();
        assert_eq!(other.unwrap_clinic_key(&envelope), Err(EnvelopeError::OtherCode));
    }

    #[test]
    fn two_envelopes_of_one_key_differ() {
        let kit = RecoveryKit::make().unwrap();
        let clinic = ClinicSecretKey::make().unwrap();
        let [one, other] = [0, 1].map(|_| kit.wrap_clinic_key(&clinic).unwrap());
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
