//! Gift certificates: the certificate itself, a redemption, a refund. Money in kopecks.

use chrono::NaiveDate;
use serde::Serialize;

use super::{Letter, RequestOnPaper, redacted, shown};

#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct CertificateOnPaper {
    /// With its check digit, as it is typed: «7K4M-Q2XT».
    pub code: String,
    /// The last four characters, where the whole code has no business.
    pub code_tail: String,
    #[serde(serialize_with = "shown::money")]
    pub sum: Option<u64>,
    /// For a certificate for a service; empty for one for a sum.
    pub service: String,
    /// What may be paid with it.
    pub pays_for: String,
    #[serde(serialize_with = "shown::day")]
    pub sold_on: Option<NaiveDate>,
    #[serde(serialize_with = "shown::day")]
    pub valid_until: Option<NaiveDate>,
    /// Only on demand.
    pub buyer: String,
    /// Only on demand.
    pub recipient: String,
}

#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Redemption {
    #[serde(serialize_with = "shown::day")]
    pub date: Option<NaiveDate>,
    #[serde(serialize_with = "shown::money")]
    pub sum: Option<u64>,
    #[serde(serialize_with = "shown::money")]
    pub before: Option<u64>,
    #[serde(serialize_with = "shown::money")]
    pub after: Option<u64>,
    /// Never a diagnosis.
    pub service: String,
    /// Number of the cash receipt.
    pub receipt: String,
    pub by: String,
}

#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Refund {
    pub holder: String,
    pub phone: String,
    #[serde(serialize_with = "shown::money")]
    pub sum: Option<u64>,
    pub decision: String,
    pub basis: String,
    #[serde(serialize_with = "shown::day")]
    pub pay_until: Option<NaiveDate>,
}

#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct CertificateSheet {
    pub certificate: CertificateOnPaper,
    pub redemption: Redemption,
    pub redemptions: Vec<Redemption>,
    pub refund: Refund,
    pub letter: Letter,
    pub request: RequestOnPaper,
}

redacted!(CertificateOnPaper, Redemption, Refund, CertificateSheet);
