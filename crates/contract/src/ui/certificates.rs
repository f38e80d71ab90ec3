//! Gift certificates: the card, spending, and what a manager corrects.

use chrono::{DateTime, NaiveDate, Utc};
use domain::certificate::{CertificateOrigin, CertificateStatus, LedgerKind};
use domain::{ActionId, CertificateId, Kopecks, PersonId, Refusal};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

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
        /// The action, where a mark of it can be printed: a redemption that stands.
        pub redemption: Option<ActionId>,
        /// A redemption of today, or an unused sale of today, that whoever is signed in may take back.
        pub reversible: Option<ActionId>,
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
        /// The gateway has not said yes to the sale: nothing of it is printed or spent yet.
        pub pending: bool,
        /// It can be spent, and whoever is signed in may.
        pub redeemable: bool,
        /// What whoever is signed in may do with it now.
        pub offers: Vec<CertificateStep>,
        /// The site took its order back: it cannot be spent, whatever else is done with it.
        pub revoked: bool,
        /// Since when the money is asked back, and the last day to pay it (ЗоЗПП art. 22, 31).
        pub refund_requested_at: Option<DateTime<Utc>>,
        pub refund_due: Option<NaiveDate>,
        pub issued_at: DateTime<Utc>,
        pub expires_on: Option<NaiveDate>,
        pub buyer: Option<String>,
        pub recipient: Option<String>,
        /// Number of the till's receipt, of what was sold at a desk.
        pub receipt: Option<String>,
        /// The data of the buyer are blocked: it is not spent until the block is lifted.
        pub buyer_blocked: bool,
        pub ledger: Vec<LedgerRow>,
        /// Age of the data shown: the last complete pull.
        pub as_of: Option<DateTime<Utc>>,
    }

    pub struct ReverseArgs {
        pub id: CertificateId,
        pub redemption: ActionId,
    }

    /// Sells a certificate at the desk.
    pub struct IssueArgs {
        /// What was paid.
        pub face_value: Kopecks,
        /// The last day; none: it ends never.
        pub expires_on: Option<NaiveDate>,
        /// The buyer's card, of somebody who has one.
        pub person: Option<PersonId>,
        /// The buyer by name, of somebody who has none and wants to be named.
        pub buyer: Option<String>,
        /// Whom it is for, only if it is to be printed.
        pub recipient: Option<String>,
        /// Number of the till's receipt.
        pub receipt: String,
    }

    /// A paper of one certificate: itself with its stub, its card, or the mark of a redemption.
    pub struct CertificatePaperArgs {
        pub id: CertificateId,
        /// `gift_certificate`, `gift_card`, `certificate_redemption`
        pub form: String,
        /// With `certificate_redemption`: which one.
        pub redemption: Option<ActionId>,
    }

    pub struct ExtendArgs {
        pub id: CertificateId,
        /// The new last day, later than the old one.
        pub expires_on: NaiveDate,
    }

    pub struct CertificateStepArgs {
        pub id: CertificateId,
        pub step: CertificateStep,
    }

    pub struct LastFourArgs {
        /// The last four signs of a code.
        pub last4: String,
    }

    /// Certificates whose code ends so. A wrong guess counts as a wrong code.
    pub struct LastFourView {
        pub found: Vec<CertificateRow>,
        /// Seconds to wait after too many wrong codes.
        pub wait_seconds: u32,
    }

    pub struct CertificateRow {
        pub id: CertificateId,
        pub last4: String,
        pub status: CertificateStatus,
        pub balance: Kopecks,
        pub issued_at: DateTime<Utc>,
        pub buyer: Option<String>,
    }

    /// Spends, or pays back, a part of a certificate, or all of it.
    pub struct RedeemArgs {
        pub id: CertificateId,
        /// Above zero.
        pub amount: Kopecks,
    }

    /// What the gateway said of money: a sale, a redemption, a reversal, a refund.
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

/// What can be done with a certificate beside spending it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CertificateStep {
    Block,
    Unblock,
    /// Somebody asks the money back.
    RequestRefund,
    /// They want to keep it after all.
    Keep,
    /// Offered only; done by the command of its own.
    Extend,
    /// Offered only; done by the command of its own.
    Refund,
}
