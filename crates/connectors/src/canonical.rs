//! What every connector gives, whatever the site sent. `Debug` of everything here prints no value of a visitor.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    Kopecks,
    personal::RequestPersonal,
    request::{ConsentEvidence, QuarantineReason, RequestKind},
};
use serde::Serialize;

/// Whether the money for a certificate is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    NotPaid,
    Paid,
    /// It was cancelled or paid back: whatever was issued no longer stands.
    Revoked,
}

/// A certificate that was ordered. An order for several makes several.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct CertificateOrder {
    /// Which certificate of this order it is, the same in every later version of the order: `line:9/0`.
    pub key: String,
    pub face_value: Kopecks,
    /// The site's own code, where the site makes them.
    pub code: Option<String>,
    /// The site has made a code and tells it only under this id (`/wc/v3/gift-cards/<id>`): none is to be made here.
    pub code_at_site: Option<u64>,
    pub standing: Standing,
    pub buyer: Option<String>,
    pub recipient: Option<String>,
    pub expires_on: Option<NaiveDate>,
}

impl CertificateOrder {
    /// A product that is a certificate by its name; everything else of it is not known.
    pub(crate) fn of_product(key: String, face_value: Kopecks, standing: Standing) -> Self {
        Self {
            key,
            face_value,
            standing,
            code: None,
            code_at_site: None,
            buyer: None,
            recipient: None,
            expires_on: None,
        }
    }

    /// Whether it has been paid for and still stands.
    #[must_use]
    pub fn is_paid(&self) -> bool {
        self.standing == Standing::Paid
    }
}

impl fmt::Debug for CertificateOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificateOrder")
            .field("face_value", &self.face_value)
            .field("standing", &self.standing)
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
    /// The thing at the site that this is about: `order:731`. A later submission of the same thing is a newer version
    /// of it, not another request.
    pub subject_key: Option<String>,
    /// This version of it, or this submission: `order:731:2026-10-04T06:12:07`. The same key again is a repetition.
    pub natural_key: Option<String>,
    /// The site says that it no longer stands: an order was cancelled, a record deleted.
    pub withdrawn: bool,
    pub consent: Option<ConsentEvidence>,
    pub certificates: Vec<CertificateOrder>,
    /// A person has to look at it although it was read.
    pub quarantine: Option<QuarantineReason>,
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
            .field("quarantine", &self.quarantine)
            .field("dropped", &self.dropped)
            .finish_non_exhaustive()
    }
}

/// A payload that was not understood. It is kept and shown: somebody may be waiting for an answer.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Unreadable {
    pub reason: QuarantineReason,
    /// The fields, or the whole text under [`crate::BODY`]: up to [`crate::LONGEST_BODY`] characters.
    pub kept: Vec<(String, String)>,
    /// As in [`Canonical::dropped`].
    pub dropped: Vec<&'static str>,
}

impl fmt::Debug for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unreadable").field("reason", &self.reason).finish_non_exhaustive()
    }
}

/// News of something whose truth is to be asked for at the site.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hint {
    /// `record`, `order`.
    pub resource: String,
    pub id: u64,
    /// `create`, `update`, `delete`, where the news says so.
    pub event: Option<String>,
    /// What the news itself says, for a clinic without access to ask.
    pub claimed: Option<Box<Canonical>>,
}

/// What a payload is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "parsed", rename_all = "snake_case")]
pub enum Parsed {
    /// The site only tries whether somebody answers.
    Probe,
    Request(Box<Canonical>),
    Hint(Hint),
    Unreadable(Unreadable),
}

impl Parsed {
    /// Why a person has to look at it.
    #[must_use]
    pub fn quarantine(&self) -> Option<QuarantineReason> {
        match self {
            Self::Probe => None,
            Self::Request(request) => request.quarantine,
            Self::Hint(hint) => hint.claimed.as_ref()?.quarantine,
            Self::Unreadable(unreadable) => Some(unreadable.reason),
        }
    }
}
