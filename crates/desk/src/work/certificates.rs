//! Gift certificates: lookup by code, balance and history, spending.
//!
//! Invariants: whoever tries codes is slowed down, and learns no more from a near miss than from nonsense; a certificate is
//! spent by the gateway's yes alone, until then this desk holds the amount and says so.

use std::time::Duration;

use contract::ui::{
    Certainty, CertificateArgs, CertificateByIdArgs, CertificateFound, CertificateView, LedgerRow, OutboxState,
    RedeemArgs, RedeemOutcome, Redeemed,
};
use domain::{
    ActionId, CertificateId, Command, Kopecks,
    certificate::{Certificate, CertificateStatus},
    fold::fold_code,
    personal::CertificatePersonal,
    staff::Permission,
};
use store::Record;

use super::scene::Scene;
use crate::{
    secrets::{CODE_DELAY, WrongTries},
    session::Seat,
    trouble::DeskError,
};

/// The setting that keeps the wrong codes in a row.
const TRIES_SETTING: &str = "wrong_codes";
/// Characters of the code that are shown.
const SHOWN_END: usize = 4;

/// So long a redemption waits for the gateway's word before it is called a hold.
const WAIT_FOR_WORD: Duration = Duration::from_secs(10);

type CertificateRecord = Record<Certificate, CertificatePersonal>;

/// Looks a certificate up by its code.
pub(crate) async fn certificate_find(seat: &Seat, args: CertificateArgs) -> Result<CertificateFound, DeskError> {
    let code = fold_code(&args.code);
    if code.is_empty() {
        return Err(DeskError::BadInput("code"));
    }
    let one_at_a_time = seat.inner.trying_codes.lock().await;
    let store = &seat.open.store;
    let now = seat.now();
    let tries = WrongTries::kept(store, TRIES_SETTING).await?;
    let wait_seconds = tries.wait(now, &CODE_DELAY);
    if wait_seconds > 0 {
        return Ok(CertificateFound { certificate: None, wait_seconds });
    }
    let found = store.certificate_by_code(&code).await?;
    let Some(certificate) = found else {
        let tries = tries.and(now);
        tries.keep(store, TRIES_SETTING).await?;
        store.audit(seat.entry("certificate.not_found")).await?;
        return Ok(CertificateFound { certificate: None, wait_seconds: tries.wait(now, &CODE_DELAY) });
    };
    WrongTries::default().keep(store, TRIES_SETTING).await?;
    drop(one_at_a_time);
    seat.viewed("certificate.view", certificate.id.as_str()).await?;
    Ok(CertificateFound { certificate: Some(view(seat, certificate).await?), wait_seconds: 0 })
}

/// Shows a certificate.
pub(crate) async fn certificate_card(seat: &Seat, args: CertificateByIdArgs) -> Result<CertificateView, DeskError> {
    let certificate = seat.open.store.certificate(&args.id).await?.ok_or(DeskError::NotFound)?;
    seat.viewed("certificate.view", args.id.as_str()).await?;
    view(seat, certificate).await
}

/// Spends: the gateway decides, now if it answers. Until it has, the amount is held.
pub(crate) async fn certificate_redeem(seat: &Seat, args: RedeemArgs) -> Result<Redeemed, DeskError> {
    let store = &seat.open.store;
    let known = store.certificate(&args.id).await?.ok_or(DeskError::NotFound)?;
    let command = Command::CertificateRedeem { amount: args.amount };
    let action = seat.act(args.id.clone(), known.version, command, None).await?;
    seat.open.link.sync(WAIT_FOR_WORD).await;
    let waiting = store.outbox().await?.into_iter().find(|record| record.envelope.action.id == action);
    let (outcome, refusal) = match waiting {
        None => (RedeemOutcome::Confirmed, None),
        Some(record) if record.state == OutboxState::Refused => (RedeemOutcome::Refused, record.refusal),
        Some(_) => (RedeemOutcome::Held, None),
    };
    let certificate = store.certificate(&args.id).await?.ok_or(DeskError::NotFound)?;
    Ok(Redeemed { certificate: view(seat, certificate).await?, outcome, refusal })
}

/// What this desk has spent of a certificate without the gateway's word so far.
async fn holds(seat: &Seat, id: &CertificateId) -> Result<Vec<(ActionId, Kopecks)>, DeskError> {
    let unsettled = seat.open.store.outbox().await?.into_iter().filter(|record| record.state != OutboxState::Refused);
    let of_this = unsettled.map(|record| record.envelope.action).filter(|action| action.entity == id.clone().into());
    Ok(of_this
        .filter_map(|action| match action.command {
            Command::CertificateRedeem { amount } => Some((action.id, amount)),
            _ => None,
        })
        .collect())
}

async fn view(seat: &Seat, certificate: CertificateRecord) -> Result<CertificateView, DeskError> {
    let scene = Scene::of(seat).await?;
    let holds = holds(seat, &certificate.id).await?;
    let may = seat.staff.state.role.may(Permission::RedeemCertificates);
    let mark = seat.open.store.sync_mark().await?;
    let state = &certificate.state;
    let status = state.status(scene.today());
    Ok(CertificateView {
        last4: last4(&certificate.personal.code),
        status,
        origin: state.origin,
        face_value: state.face_value,
        balance: state.balance(),
        held: Kopecks(holds.iter().map(|(_, amount)| amount.0).sum()),
        redeemable: may && matches!(status, CertificateStatus::Active | CertificateStatus::PartiallyRedeemed),
        issued_at: state.issued_at,
        expires_on: state.expires_on,
        buyer: certificate.personal.buyer.clone(),
        ledger: ledger(&scene, state, &holds),
        as_of: mark.pulled_at,
        id: certificate.id,
    })
}

/// The end of a code: enough to tell one from another, not enough to spend it.
pub(crate) fn last4(code: &str) -> String {
    let folded = fold_code(code);
    let hidden = folded.chars().count().saturating_sub(SHOWN_END);
    folded.chars().skip(hidden).collect()
}

fn ledger(scene: &Scene, certificate: &Certificate, holds: &[(ActionId, Kopecks)]) -> Vec<LedgerRow> {
    let mut balance = Kopecks(0);
    let rows = certificate.ledger.iter().map(|entry| {
        balance = balance.checked_add(entry.amount).unwrap_or(balance);
        let held = entry.action.as_ref().is_some_and(|action| holds.iter().any(|(hold, _)| hold == action));
        LedgerRow {
            at: entry.at,
            kind: entry.kind,
            amount: entry.amount,
            balance,
            staff: entry.staff.as_ref().map(|staff| scene.staff_name(staff)),
            certainty: if held { Certainty::Saved } else { Certainty::Confirmed },
        }
    });
    rows.collect()
}
