//! Gift certificates: rows are only added to the ledger, never below nothing and never beyond the face value.

use chrono::{DateTime, NaiveDate, Utc};

use super::{Changes, Context, Refusal, View};
use crate::{
    Action, ActionId, Command, Kopecks, State,
    certificate::{Certificate, CertificateOrigin, LedgerEntry, LedgerKind},
};

/// No certificate is sold for more: a slip of the finger.
const MOST_ROUBLES: i64 = 10_000_000;

pub(super) fn decide(view: &View, action: &Action, ctx: &Context) -> Result<Changes, Refusal> {
    if let Command::CertificateIssue { face_value, expires_on } = &action.command {
        return issue(view, action, ctx, *face_value, *expires_on);
    }
    let mut certificate = match &view.target {
        Some(State::Certificate(certificate)) => certificate.clone(),
        Some(_) => return Err(Refusal::WrongKind),
        None => return Err(Refusal::NotFound),
    };
    match &action.command {
        Command::CertificateRedeem { amount } => {
            positive(*amount)?;
            spendable(view, &certificate, ctx)?;
            covered(&certificate, *amount)?;
            enter(&mut certificate, action, ctx, LedgerKind::Redeem, Kopecks(-amount.0), None);
        }
        Command::CertificateReverse { redemption } => reverse(view, &mut certificate, action, redemption, ctx)?,
        Command::CertificateExtend { expires_on } => {
            if certificate.expires_on.is_none_or(|last| *expires_on <= last) {
                return Err(Refusal::BadDate);
            }
            certificate.expires_on = Some(*expires_on);
        }
        Command::CertificateBlock => certificate.blocked = true,
        Command::CertificateUnblock => certificate.blocked = false,
        Command::CertificateRequestRefund => {
            // given away: nothing was paid in advance
            if certificate.origin != CertificateOrigin::Paid {
                return Err(Refusal::NotPaid);
            }
            covered(&certificate, Kopecks(1))?;
            certificate.refund_requested_at.get_or_insert(action.at.min(ctx.now));
        }
        Command::CertificateKeep => {
            certificate.refund_requested_at.take().ok_or(Refusal::RefundNotRequested)?;
        }
        Command::CertificateRefund { amount } => {
            positive(*amount)?;
            if certificate.refund_requested_at.is_none() {
                return Err(Refusal::RefundNotRequested);
            }
            covered(&certificate, *amount)?;
            enter(&mut certificate, action, ctx, LedgerKind::Refund, Kopecks(-amount.0), None);
            // a part that is still owed stays asked for
            if certificate.balance().0 == 0 {
                certificate.refund_requested_at = None;
            }
        }
        _ => return Err(Refusal::WrongKind),
    }
    Ok(vec![(action.entity.clone(), State::Certificate(certificate))])
}

/// Sold at the desk: the ledger begins with the sale.
fn issue(
    view: &View,
    action: &Action,
    ctx: &Context,
    face_value: Kopecks,
    expires_on: Option<NaiveDate>,
) -> Result<Changes, Refusal> {
    if view.target.is_some() {
        return Err(Refusal::AlreadyExists);
    }
    positive(face_value)?;
    if face_value > Kopecks::roubles(MOST_ROUBLES) {
        return Err(Refusal::BadAmount);
    }
    let today = day(view, ctx.now)?;
    if expires_on.is_some_and(|last| last < today) {
        return Err(Refusal::BadDate);
    }
    let mut certificate = Certificate {
        origin: CertificateOrigin::Paid,
        face_value,
        issued_at: ctx.now,
        expires_on,
        blocked: false,
        revoked_at: None,
        refund_requested_at: None,
        ledger: Vec::new(),
        request: None,
    };
    enter(&mut certificate, action, ctx, LedgerKind::Sale, face_value, None);
    Ok(vec![(action.entity.clone(), State::Certificate(certificate))])
}

fn positive(amount: Kopecks) -> Result<(), Refusal> {
    if amount.0 > 0 { Ok(()) } else { Err(Refusal::BadAmount) }
}

fn covered(certificate: &Certificate, amount: Kopecks) -> Result<(), Refusal> {
    let balance = certificate.balance();
    if balance < amount { Err(Refusal::BalanceTooLow { balance }) } else { Ok(()) }
}

fn enter(
    certificate: &mut Certificate,
    action: &Action,
    ctx: &Context,
    kind: LedgerKind,
    amount: Kopecks,
    of: Option<ActionId>,
) {
    let (action, staff) = (Some(action.id.clone()), Some(action.actor.clone()));
    certificate.ledger.push(LedgerEntry { action, at: ctx.now, kind, amount, staff, of });
}

/// What was spent by mistake comes back whole, and so does what was paid for a certificate that nobody has used, on the
/// same day of the clinic's calendar: later the till is closed.
fn reverse(
    view: &View,
    certificate: &mut Certificate,
    action: &Action,
    redemption: &ActionId,
    ctx: &Context,
) -> Result<(), Refusal> {
    let redeemed = certificate.redemption(redemption).map(|entry| (entry, LedgerKind::RedeemReversal));
    let sold = || certificate.untouched_sale(redemption).map(|entry| (entry, LedgerKind::Refund));
    let (entry, kind) = redeemed.or_else(sold).ok_or(Refusal::NoSuchRedemption)?;
    if day(view, entry.at)? != day(view, ctx.now)? {
        return Err(Refusal::TooLate);
    }
    let amount = Kopecks(-entry.amount.0);
    enter(certificate, action, ctx, kind, amount, Some(redemption.clone()));
    Ok(())
}

/// The day of the clinic's calendar.
fn day(view: &View, at: DateTime<Utc>) -> Result<NaiveDate, Refusal> {
    let zone = view.clinic.as_ref().ok_or(Refusal::NoClinic)?.zone;
    Ok(at.with_timezone(&zone).date_naive())
}

/// Not blocked, not taken back by the site, its money not asked back, and not past its last day on the clinic's calendar.
fn spendable(view: &View, certificate: &Certificate, ctx: &Context) -> Result<(), Refusal> {
    if certificate.blocked || certificate.revoked_at.is_some() {
        return Err(Refusal::CertificateBlocked);
    }
    if certificate.refund_requested_at.is_some() {
        return Err(Refusal::RefundRequested);
    }
    let today = day(view, ctx.now)?;
    if certificate.expires_on.is_some_and(|last| last < today) { Err(Refusal::CertificateExpired) } else { Ok(()) }
}
