//! Papers of a certificate: itself with its stub, its card, the mark of a redemption.
//!
//! Invariant: nothing is printed of a sale that the gateway has not granted, and no mark of money that is only held.

use contract::ui::{CertificatePaperArgs, PaperPreview};
use documents::{CertificateOnPaper, CertificateSheet, FormKind, Redemption};
use domain::{ActionId, Kopecks, certificate::Certificate};

use super::{
    super::{
        blocks::usable,
        certificates::{grouped, holds, is_pending, last4},
        scene::Scene,
    },
    Order,
    kinds::Kinds,
    prepare,
};
use crate::{session::Seat, trouble::DeskError};

/// What may be paid with a certificate that names no service.
const PAYS_FOR: &str = "любые услуги клиники";

/// Prepares a paper of a certificate.
pub(crate) async fn certificate_paper(seat: &Seat, args: CertificatePaperArgs) -> Result<PaperPreview, DeskError> {
    let kinds = Kinds::of(&seat.open.store).await?;
    let kind = kinds.offered(&args.form)?;
    let known = seat.open.store.certificate(&args.id).await?.ok_or(DeskError::NotFound)?;
    usable(known.blocked)?;
    let scene = Scene::of(seat).await?;
    let state = &known.state;
    let holds = holds(seat, &known.id, state).await?;
    let is_held = |action: &ActionId| holds.iter().any(|(held, _)| held == action);
    let redemption = match (kind.form(), &args.redemption) {
        (Some(FormKind::GiftCertificate | FormKind::GiftCard), None) => Redemption::default(),
        (Some(FormKind::CertificateRedemption), Some(action)) if !is_held(action) => {
            spent(&scene, state, action).ok_or(DeskError::BadInput("redemption"))?
        }
        _ => return Err(DeskError::BadInput("form")),
    };
    if is_pending(seat, state).await? {
        return Err(DeskError::BadInput("certificate.pending"));
    }
    seat.viewed("certificate.print", known.id.as_str()).await?;
    let personal = &known.personal;
    let sheet = CertificateSheet {
        certificate: CertificateOnPaper {
            code: grouped(&personal.code),
            code_tail: last4(&personal.code),
            sum: money(state.face_value),
            service: String::new(),
            pays_for: PAYS_FOR.to_owned(),
            sold_on: Some(scene.wall(state.issued_at).date()),
            valid_until: state.expires_on,
            // a certificate is of whoever holds it: a name stands on it only if somebody asked for it
            buyer: String::new(),
            recipient: personal.recipient.clone().unwrap_or_default(),
        },
        redemption,
        ..CertificateSheet::default()
    };
    prepare(seat, Order { data: Some(sheet.into()), ..Order::of(kind, None) }).await
}

fn money(amount: Kopecks) -> Option<u64> {
    u64::try_from(amount.0).ok()
}

/// What stands on the mark of a redemption.
fn spent(scene: &Scene, state: &Certificate, action: &ActionId) -> Option<Redemption> {
    state.redemption(action)?;
    let at = state.ledger.iter().position(|entry| entry.action.as_ref() == Some(action))?;
    let before: i64 = state.ledger.iter().take(at).map(|entry| entry.amount.0).sum();
    let entry = state.ledger.get(at)?;
    Some(Redemption {
        date: Some(scene.wall(entry.at).date()),
        sum: money(Kopecks(-entry.amount.0)),
        before: money(Kopecks(before)),
        after: money(Kopecks(before + entry.amount.0)),
        by: entry.staff.as_ref().map(|staff| scene.staff_name(staff)).unwrap_or_default(),
        ..Redemption::default()
    })
}
