//! Identifiers: a kind's prefix and 128 random bits in lower-case Crockford base32, e.g. `req_01hb…`.
//!
//! An id says nothing about a person, so it may travel and be stored in the clear. It is made once, by whoever
//! creates the thing, before the first send; it is never reused.

use std::{fmt, str::FromStr};

use data_encoding::{Encoding, Specification};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is wrong with the text of an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the kind `{expected}`")]
pub struct IdError {
    /// The prefix that was expected.
    pub expected: &'static str,
}

const BODY_LEN: usize = 26;

fn encoding() -> Result<Encoding, data_encoding::SpecificationError> {
    let mut spec = Specification::new();
    spec.symbols.push_str("0123456789abcdefghjkmnpqrstvwxyz");
    spec.encoding()
}

fn encode(bytes: [u8; 16]) -> String {
    // The alphabet is a constant of 32 distinct symbols, so the fallback is never taken.
    encoding().map(|e| e.encode(&bytes)).unwrap_or_default()
}

fn is_body(body: &str) -> bool {
    body.len() == BODY_LEN
        && body.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'z') && !matches!(b, b'i' | b'l' | b'o' | b'u'))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
        #[serde(try_from = "String", into = "String")]
        #[schemars(extend("pattern" = concat!("^", $prefix, "_[0-9a-hjkmnp-tv-z]{26}$")))]
        #[ts(type = "string")]
        pub struct $name(String);

        impl $name {
            /// The prefix of this kind of id.
            pub const PREFIX: &'static str = $prefix;

            /// An id from 16 random bytes.
            #[must_use]
            pub fn from_random(bytes: [u8; 16]) -> Self {
                Self(format!(concat!($prefix, "_{}"), encode(bytes)))
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                match text.split_once('_') {
                    Some(($prefix, body)) if is_body(body) => Ok(Self(text.to_owned())),
                    _ => Err(IdError { expected: $prefix }),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// A request from the website («заявка»).
    RequestId = "req";
    /// A booking («запись на приём»).
    AppointmentId = "apt";
    /// A gift certificate; not its code.
    CertificateId = "crt";
    /// A person who turned to the clinic.
    PersonId = "per";
    /// A member of the staff.
    StaffId = "stf";
    /// A doctor.
    PractitionerId = "prc";
    /// A chair («кресло») or room.
    ChairId = "chr";
    /// The clinic itself.
    ClinicId = "cln";
    /// A workstation.
    DeskId = "dsk";
    /// Something that a member of the staff did.
    ActionId = "act";
    /// A case («обращение»): a request about data, a claim, a disclosure, an incident.
    CaseId = "cas";
    /// A printed paper.
    PaperId = "ppr";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_text_and_another_kind_is_refused() {
        let id = RequestId::from_random([7; 16]);
        assert_eq!(id.as_str().len(), 4 + BODY_LEN);
        assert_eq!(id.as_str().parse::<RequestId>().as_ref(), Ok(&id));
        assert!(id.as_str().parse::<PersonId>().is_err());
        assert!("req_".parse::<RequestId>().is_err());
        assert!("req_!!!!!!!!!!!!!!!!!!!!!!!!!!".parse::<RequestId>().is_err());
    }
}
