//! Certificates, people, and the search over all of it.

use chrono::{DateTime, NaiveDate, Utc};
use domain::certificate::{CertificateOrigin, CertificateStatus, LedgerKind};
use domain::person::{PaperRecord, PersonSource};
use domain::personal::PersonName;
use domain::{CertificateId, EntityRef, Kopecks, PersonId, Refusal, RequestId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::queue::{PhoneView, QueueRow};
use super::schedule::VisitRow;
use super::session::Certainty;

views! {
    pub struct CertificateArgs {
        /// As typed; look-alike letters are folded for the lookup only.
        pub code: String,
    }

    pub struct CertificateByIdArgs {
        pub id: CertificateId,
    }

    pub struct LedgerRow {
        pub at: DateTime<Utc>,
        pub kind: LedgerKind,
        pub amount: Kopecks,
        pub balance: Kopecks,
        pub staff: Option<String>,
        /// Saved: a hold of this desk that the gateway has not confirmed.
        pub certainty: Certainty,
    }

    pub struct CertificateView {
        pub id: CertificateId,
        /// Last four of the code.
        pub last4: String,
        pub status: CertificateStatus,
        pub origin: CertificateOrigin,
        pub face_value: Kopecks,
        /// What is left once this desk's holds are granted.
        pub balance: Kopecks,
        /// Held by this desk: spent only when the gateway says yes.
        pub held: Kopecks,
        /// It can be spent, and whoever is signed in may.
        pub redeemable: bool,
        pub issued_at: DateTime<Utc>,
        pub expires_on: Option<NaiveDate>,
        pub buyer: Option<String>,
        pub ledger: Vec<LedgerRow>,
        /// Age of the data shown: the last complete pull.
        pub as_of: Option<DateTime<Utc>>,
    }

    /// Spends a part of a certificate, or all of it.
    pub struct RedeemArgs {
        pub id: CertificateId,
        /// Above zero.
        pub amount: Kopecks,
    }

    pub struct Redeemed {
        pub certificate: CertificateView,
        pub outcome: RedeemOutcome,
        /// With [`RedeemOutcome::Refused`]: why. The action is in the outbox, for a person to deal with.
        pub refusal: Option<Refusal>,
    }

    /// «Не найден» looks the same for a near miss and for nonsense.
    pub struct CertificateFound {
        pub certificate: Option<CertificateView>,
        /// Seconds to wait after too many wrong codes.
        pub wait_seconds: u32,
    }

    pub struct PersonArgs {
        pub id: PersonId,
    }

    pub struct PersonRow {
        pub id: PersonId,
        pub name: String,
        pub phone_masked: String,
        pub birth_date: Option<NaiveDate>,
        pub certainty: Certainty,
    }

    pub struct PersonCard {
        pub row: PersonRow,
        pub full_name: PersonName,
        pub phones: Vec<PhoneView>,
        pub email: Option<String>,
        pub birth_date: Option<NaiveDate>,
        pub note: Option<String>,
        pub source: PersonSource,
        /// Pass it back with an edit.
        pub version: u32,
        pub visits: Vec<VisitRow>,
        pub requests: Vec<QueueRow>,
        pub papers: Vec<PaperRecord>,
        /// Others with one of these phones: a household.
        pub household: Vec<PersonRow>,
    }

    /// Creates (`id` none) or edits a person.
    pub struct PersonPutArgs {
        pub id: Option<PersonId>,
        /// The version that was shown; 0 for a new person.
        pub version: u32,
        pub name: PersonName,
        pub phones: Vec<String>,
        pub email: Option<String>,
        pub birth_date: Option<NaiveDate>,
        pub note: Option<String>,
        pub source: PersonSource,
        /// Links this request to the person in the same breath.
        pub request: Option<RequestId>,
    }
}

views! {
    pub struct SearchArgs {
        pub query: String,
        pub limit: u32,
    }

    pub struct SearchHit {
        pub kind: HitKind,
        pub id: EntityRef,
        pub title: String,
        pub subtitle: String,
    }

    pub struct SearchView {
        pub hits: Vec<SearchHit>,
        /// Set when nothing was found as typed and the other keyboard layout was: «показано для „иванов“».
        pub shown_for: Option<String>,
    }
}

/// What became of a redemption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RedeemOutcome {
    /// The gateway said yes.
    Confirmed,
    /// The gateway has not answered: a hold.
    Held,
    Refused,
}

/// What a hit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HitKind {
    Person,
    Request,
    Certificate,
}
