//! Gift certificates: an append-only ledger in kopecks. Status and balance are derived, never typed.

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ActionId, Kopecks, RequestId, StaffId};

/// Paid for, or given away: only the paid one is a prepayment that must be returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum CertificateOrigin {
    Paid,
    Promo,
}

/// What a ledger row does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum LedgerKind {
    Sale,
    Redeem,
    RedeemReversal,
    Refund,
    Correction,
}

impl LedgerKind {
    /// The word used on the wire and in SQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sale => "sale",
            Self::Redeem => "redeem",
            Self::RedeemReversal => "redeem_reversal",
            Self::Refund => "refund",
            Self::Correction => "correction",
        }
    }
}

/// One operation. `amount` is signed: a sale adds, a redemption takes away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LedgerEntry {
    /// The action that did it; a sale at the site has none.
    pub action: Option<ActionId>,
    pub at: DateTime<Utc>,
    pub kind: LedgerKind,
    pub amount: Kopecks,
    pub staff: Option<StaffId>,
    /// The redemption that a reversal takes back, or the sale that a refund does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<ActionId>,
}

/// What the desk shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum CertificateStatus {
    Issued,
    Active,
    PartiallyRedeemed,
    Redeemed,
    /// Cannot be spent by default; the money is still owed.
    Expired,
    /// Somebody wants the money back; it cannot be spent meanwhile.
    RefundRequested,
    Refunded,
    Blocked,
}

/// The clear state of a certificate; its code and people are sealed ([`crate::personal::CertificatePersonal`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Certificate {
    pub origin: CertificateOrigin,
    pub face_value: Kopecks,
    pub issued_at: DateTime<Utc>,
    pub expires_on: Option<NaiveDate>,
    pub blocked: bool,
    /// When the site took its order back. It cannot be spent from then on; whether the money went back is for people to
    /// say, so the ledger stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<DateTime<Utc>>,
    /// When the money was asked back. From then on ten days run (ЗоЗПП art. 22, 31).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund_requested_at: Option<DateTime<Utc>>,
    pub ledger: Vec<LedgerEntry>,
    /// The order it came from; none: it was sold at a desk.
    pub request: Option<RequestId>,
}

impl Certificate {
    /// What can still be spent or must be returned.
    #[must_use]
    pub fn balance(&self) -> Kopecks {
        Kopecks(self.ledger.iter().map(|e| e.amount.0).sum())
    }

    /// When the last kopeck was spent or paid back; of an order that was taken back unpaid, when. None: money is owed, or
    /// may still come.
    #[must_use]
    pub fn settled_at(&self) -> Option<DateTime<Utc>> {
        let last = self.ledger.iter().map(|entry| entry.at).max();
        last.max(self.revoked_at).filter(|_| self.balance().0 == 0)
    }

    /// The redemption of this action, unless it was reversed or never was.
    #[must_use]
    pub fn redemption(&self, action: &ActionId) -> Option<&LedgerEntry> {
        let reversed = self.ledger.iter().any(|entry| entry.of.as_ref() == Some(action));
        let of = |entry: &&LedgerEntry| entry.kind == LedgerKind::Redeem && entry.action.as_ref() == Some(action);
        self.ledger.iter().find(of).filter(|_| !reversed)
    }

    /// The sale at a desk by this action, while nothing else was done with the money.
    #[must_use]
    pub fn untouched_sale(&self, action: &ActionId) -> Option<&LedgerEntry> {
        match self.ledger.as_slice() {
            [only] if only.kind == LedgerKind::Sale && only.action.as_ref() == Some(action) => Some(only),
            _ => None,
        }
    }

    /// The status on a day of the clinic's calendar.
    #[must_use]
    pub fn status(&self, today: NaiveDate) -> CertificateStatus {
        let balance = self.balance();
        let refunded = self.ledger.iter().any(|e| e.kind == LedgerKind::Refund);
        if self.blocked || self.revoked_at.is_some() {
            CertificateStatus::Blocked
        } else if self.ledger.is_empty() {
            CertificateStatus::Issued
        } else if balance.0 == 0 {
            if refunded { CertificateStatus::Refunded } else { CertificateStatus::Redeemed }
        } else if self.refund_requested_at.is_some() {
            CertificateStatus::RefundRequested
        } else if self.expires_on.is_some_and(|last| last < today) {
            CertificateStatus::Expired
        } else if balance < self.face_value {
            CertificateStatus::PartiallyRedeemed
        } else {
            CertificateStatus::Active
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn certificate(entries: &[(LedgerKind, i64)], expires_on: Option<NaiveDate>) -> Certificate {
        let at = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        Certificate {
            origin: CertificateOrigin::Paid,
            face_value: Kopecks::roubles(5000),
            issued_at: at,
            expires_on,
            blocked: false,
            revoked_at: None,
            refund_requested_at: None,
            ledger: entries
                .iter()
                .map(|&(kind, kop)| LedgerEntry { action: None, at, kind, amount: Kopecks(kop), staff: None, of: None })
                .collect(),
            request: None,
        }
    }

    #[test]
    fn an_expired_certificate_keeps_every_kopeck() {
        let last = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
        let c = certificate(&[(LedgerKind::Sale, 500_000), (LedgerKind::Redeem, -376_544)], Some(last));
        assert_eq!(c.status(last.succ_opt().unwrap()), CertificateStatus::Expired);
        assert_eq!(c.balance(), Kopecks(123_456));
        assert_eq!(c.status(last), CertificateStatus::PartiallyRedeemed);
    }

    #[test]
    fn what_the_site_takes_back_cannot_be_spent_and_keeps_its_money() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        let mut revoked = certificate(&[(LedgerKind::Sale, 500_000)], None);
        revoked.revoked_at = Some(revoked.issued_at);
        assert_eq!((revoked.status(day), revoked.balance()), (CertificateStatus::Blocked, Kopecks(500_000)));
    }

    #[test]
    fn status_follows_the_ledger() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        assert_eq!(certificate(&[], None).status(day), CertificateStatus::Issued);
        assert_eq!(certificate(&[(LedgerKind::Sale, 500_000)], None).status(day), CertificateStatus::Active);
        assert_eq!(
            certificate(&[(LedgerKind::Sale, 500_000), (LedgerKind::Redeem, -500_000)], None).status(day),
            CertificateStatus::Redeemed
        );
        assert_eq!(
            certificate(&[(LedgerKind::Sale, 500_000), (LedgerKind::Refund, -500_000)], None).status(day),
            CertificateStatus::Refunded
        );
    }
}
