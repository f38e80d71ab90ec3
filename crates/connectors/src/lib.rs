//! What real sites send, read into one canonical request.
//!
//! Sites name their fields as their designers please, so fields are mapped by alias and by the shape of phones and
//! e-mails; what is not understood is kept and shown, never thrown away.
//!
//! Invariants:
//! - pure: bytes in, a value out; no clock, no network, and no input makes it panic;
//! - data minimisation at the door: addresses, cookies, browsers, referrers, passports and what is about health are left
//!   out by the name of their field, and only counted ([`Canonical::dropped`]);
//! - nothing is invented: «утро» stays a word, and a time without an offset is used only where the source names its zone;
//! - `Debug` of everything here prints no value of a visitor.

mod alias;
mod cart;
mod certificate;
mod fields;
mod moment;
mod reading;
mod text;

use std::{fmt, str::FromStr};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::{
    Kopecks,
    personal::RequestPersonal,
    request::{ConsentEvidence, RequestKind},
};
use serde::{Deserialize, Serialize};

pub use fields::{LONGEST_KEY, LONGEST_VALUE, MOST_FIELDS};

/// The most certificates that one order makes.
pub const MOST_CERTIFICATES: usize = 20;

/// How a source speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Connector {
    /// Tilda's webhook: forms and the cart.
    Tilda,
    /// Anything that posts a form or JSON: `WordPress`, a script, another program.
    Form,
}

impl Connector {
    /// Every connector.
    pub const ALL: [Self; 2] = [Self::Tilda, Self::Form];

    /// The word in the address of a source.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tilda => "tilda",
            Self::Form => "form",
        }
    }
}

/// There is no such connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such connector")]
pub struct UnknownConnector;

impl FromStr for Connector {
    type Err = UnknownConnector;
    fn from_str(word: &str) -> Result<Self, UnknownConnector> {
        Self::ALL.into_iter().find(|c| c.as_str() == word).ok_or(UnknownConnector)
    }
}

/// What the clinic has said of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceSettings {
    /// The zone of times that the site sends without an offset. Without it such times are not used.
    pub zone: Option<Tz>,
    /// What a request is when nothing in it says so.
    pub default_kind: RequestKind,
}

/// A certificate that was ordered. An order for several makes several.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct CertificateOrder {
    pub face_value: Kopecks,
    /// The site's own code, where the site makes them.
    pub code: Option<String>,
    pub paid: bool,
    pub buyer: Option<String>,
    pub recipient: Option<String>,
    pub expires_on: Option<NaiveDate>,
}

impl fmt::Debug for CertificateOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificateOrder")
            .field("face_value", &self.face_value)
            .field("paid", &self.paid)
            .finish_non_exhaustive()
    }
}

/// A request as every connector gives it.
#[derive(Clone, PartialEq, Serialize)]
pub struct Canonical {
    pub kind: RequestKind,
    pub personal: RequestPersonal,
    /// The site's own time, where it can be trusted.
    pub submitted_at: Option<DateTime<Utc>>,
    /// Host of the site, if it said.
    pub site: Option<String>,
    /// By what the site itself tells one submission from another.
    pub natural_key: Option<String>,
    pub consent: Option<ConsentEvidence>,
    pub certificates: Vec<CertificateOrder>,
    /// What was left out, one entry a field; only the sort of field.
    pub dropped: Vec<&'static str>,
    /// Every field that was not left out, as sent: the envelope that is kept beside the reading of it.
    pub kept: Vec<(String, String)>,
}

impl fmt::Debug for Canonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Canonical")
            .field("kind", &self.kind)
            .field("certificates", &self.certificates)
            .field("dropped", &self.dropped)
            .finish_non_exhaustive()
    }
}

/// Why a payload was not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Says that it is JSON, and is not; or is not an object.
    BrokenJson,
    /// Files and other encodings that no connector reads.
    UnknownEncoding,
    /// There are fields, but nothing in them that a person could answer.
    NothingRecognised,
}

/// A payload that was not understood. It is kept and shown: somebody may be waiting for an answer.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Unreadable {
    pub reason: Reason,
    /// The fields, or the whole text under `body`.
    pub kept: Vec<(String, String)>,
    /// As in [`Canonical::dropped`].
    pub dropped: Vec<&'static str>,
}

impl fmt::Debug for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unreadable").field("reason", &self.reason).finish_non_exhaustive()
    }
}

/// What a payload is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "parsed", rename_all = "snake_case")]
pub enum Parsed {
    /// The site only tries whether somebody answers.
    Probe,
    Request(Box<Canonical>),
    Unreadable(Unreadable),
}

/// Reads one payload.
#[must_use]
pub fn read(connector: Connector, content_type: &str, body: &[u8], settings: &SourceSettings) -> Parsed {
    let fields = match fields::read(content_type, body) {
        Ok(fields) => fields,
        Err(reason) => {
            let body = text::clean_lines(&String::from_utf8_lossy(body), LONGEST_VALUE);
            return Parsed::Unreadable(Unreadable {
                reason,
                kept: vec![("body".to_owned(), body)],
                dropped: Vec::new(),
            });
        }
    };
    let probe = match connector {
        Connector::Tilda => matches!(fields.as_slice(), [only] if only.key == "test" && only.value == "test"),
        Connector::Form => false,
    };
    if probe || fields.is_empty() {
        return Parsed::Probe;
    }
    let (cart, fields) = match connector {
        Connector::Tilda => cart::take(fields),
        Connector::Form => certificate::take(fields),
    };
    reading::Reading::of(fields, connector).finish(cart, settings)
}
