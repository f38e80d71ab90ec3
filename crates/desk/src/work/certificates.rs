//! Gift certificates: lookup by code, balance and history.
//!
//! Invariant: whoever tries codes is slowed down, and learns no more from a near miss than from nonsense.

use contract::ui::{CertificateArgs, CertificateByIdArgs, CertificateFound, CertificateView, LedgerRow};
use domain::{Kopecks, certificate::Certificate, fold::fold_code, personal::CertificatePersonal};
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

async fn view(seat: &Seat, certificate: CertificateRecord) -> Result<CertificateView, DeskError> {
    let scene = Scene::of(seat).await?;
    let mark = seat.open.store.sync_mark().await?;
    let state = &certificate.state;
    Ok(CertificateView {
        last4: last4(&certificate.personal.code),
        status: state.status(scene.today()),
        origin: state.origin,
        face_value: state.face_value,
        balance: state.balance(),
        issued_at: state.issued_at,
        expires_on: state.expires_on,
        buyer: certificate.personal.buyer.clone(),
        ledger: ledger(&scene, state),
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

fn ledger(scene: &Scene, certificate: &Certificate) -> Vec<LedgerRow> {
    let mut balance = Kopecks(0);
    let rows = certificate.ledger.iter().map(|entry| {
        balance = balance.checked_add(entry.amount).unwrap_or(balance);
        LedgerRow {
            at: entry.at,
            kind: entry.kind,
            amount: entry.amount,
            balance,
            staff: entry.staff.as_ref().map(|staff| scene.staff_name(staff)),
        }
    });
    rows.collect()
}
