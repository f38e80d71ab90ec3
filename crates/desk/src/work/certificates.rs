//! Gift certificates: lookup by code, balance and history, spending, and what a manager corrects.
//!
//! Invariants: whoever tries codes is slowed down, and learns no more from a near miss than from nonsense; a certificate is
//! spent by the gateway's yes alone, until then this desk holds the amount and says so.

use std::time::Duration;

use chrono::Days;
use contract::ui::{
    Certainty, CertificateArgs, CertificateByIdArgs, CertificateFound, CertificateRow, CertificateStep,
    CertificateStepArgs, CertificateView, ExtendArgs, IssueArgs, LastFourArgs, LastFourView, LedgerRow, OutboxState,
    PersonArgs, RedeemArgs, RedeemOutcome, Redeemed, ReverseArgs,
};
use domain::{
    ActionId, CertificateId, Command, Kopecks,
    certificate::{Certificate, CertificateOrigin, CertificateStatus, LedgerKind},
    fold::{self, fold_code},
    personal::CertificatePersonal,
    staff::Permission,
};
use store::Record;

use super::{blocks::usable, scene::Scene};
use crate::{
    input,
    platform::random::{id_bytes, make_bytes},
    secrets::{CODE_DELAY, WrongTries},
    session::{Seat, part},
    trouble::DeskError,
};

/// The setting that keeps the wrong codes in a row.
const TRIES_SETTING: &str = "wrong_codes";
/// Characters of a code before its check character, as the gateway makes them too.
const CODE_BODY: usize = 15;
/// Characters of the code that are shown.
const SHOWN_END: usize = 4;

/// Certificates that a lookup by the end of a code gives.
const MOST_ENDING_ALIKE: u32 = 20;
/// Money that is asked back is paid within so many days (ЗоЗПП art. 22, 31).
const REFUND_DAYS: Days = Days::new(10);

/// So long a redemption waits for the gateway's word before it is called a hold.
const WAIT_FOR_WORD: Duration = Duration::from_secs(10);

type CertificateRecord = Record<Certificate, CertificatePersonal>;

/// Looks a certificate up by its code.
pub(crate) async fn certificate_find(seat: &Seat, args: CertificateArgs) -> Result<CertificateFound, DeskError> {
    let code = fold_code(&args.code);
    if code.is_empty() {
        return Err(DeskError::BadInput("code"));
    }
    let store = &seat.open.store;
    let look = async || {
        let found = store.certificate_by_code(&code).await?;
        if found.is_some() {
            // a whole code is not guessed: whoever has one begins anew
            WrongTries::default().keep(store, TRIES_SETTING).await?;
        }
        Ok(found)
    };
    let certificate = match tried(seat, look).await? {
        Ok(certificate) => certificate,
        Err(wait_seconds) => return Ok(CertificateFound { certificate: None, wait_seconds }),
    };
    seat.viewed("certificate.view", certificate.id.as_str()).await?;
    Ok(CertificateFound { certificate: Some(view(seat, certificate).await?), wait_seconds: 0 })
}

/// Looks something up by what was typed of a code, one try after the other: whoever found nothing several times in a row has
/// to wait, and learns nothing meanwhile. `Err`: nothing, and the seconds to wait before the next try.
async fn tried<T>(
    seat: &Seat,
    look: impl AsyncFnOnce() -> Result<Option<T>, DeskError>,
) -> Result<Result<T, u32>, DeskError> {
    let _one_at_a_time = seat.inner.trying_codes.lock().await;
    let store = &seat.open.store;
    let now = seat.now();
    let tries = WrongTries::kept(store, TRIES_SETTING).await?;
    let wait_seconds = tries.wait(now, &CODE_DELAY);
    if wait_seconds > 0 {
        return Ok(Err(wait_seconds));
    }
    if let Some(found) = look().await? {
        return Ok(Ok(found));
    }
    let tries = tries.and(now);
    tries.keep(store, TRIES_SETTING).await?;
    store.audit(seat.entry("certificate.not_found")).await?;
    Ok(Err(tries.wait(now, &CODE_DELAY)))
}

/// Looks certificates up by the last four signs of their code: enough to find one with whoever names it, not to spend it
/// unseen.
pub(crate) async fn certificate_last4(seat: &Seat, args: LastFourArgs) -> Result<LastFourView, DeskError> {
    let ending = fold_code(&args.last4);
    if ending.chars().count() != SHOWN_END {
        return Err(DeskError::BadInput("last4"));
    }
    let look = async || {
        let found = seat.open.store.certificates_by_ending(&ending, MOST_ENDING_ALIKE).await?;
        Ok(Some(found).filter(|found| !found.is_empty()))
    };
    let found = match tried(seat, look).await? {
        Ok(found) => found,
        Err(wait_seconds) => return Ok(LastFourView { found: Vec::new(), wait_seconds }),
    };
    seat.viewed("certificate.last4", "certificates").await?;
    let scene = Scene::of(seat).await?;
    let rows = found.into_iter().map(|certificate| row(&scene, certificate));
    Ok(LastFourView { found: rows.collect(), wait_seconds: 0 })
}

fn row(scene: &Scene, certificate: CertificateRecord) -> CertificateRow {
    CertificateRow {
        last4: last4(&certificate.personal.code),
        status: certificate.state.status(scene.today()),
        balance: certificate.state.balance(),
        issued_at: certificate.state.issued_at,
        buyer: certificate.personal.buyer,
        id: certificate.id,
    }
}

/// What a person has ordered or bought, by any of their cards.
pub(crate) async fn certificates_of(seat: &Seat, args: PersonArgs) -> Result<Vec<CertificateRow>, DeskError> {
    let found = seat.open.store.certificates_of_person(&args.id).await?;
    seat.viewed("certificate.of_person", args.id.as_str()).await?;
    let scene = Scene::of(seat).await?;
    Ok(found.into_iter().map(|certificate| row(&scene, certificate)).collect())
}

/// Shows a certificate.
pub(crate) async fn certificate_card(seat: &Seat, args: CertificateByIdArgs) -> Result<CertificateView, DeskError> {
    seat.viewed("certificate.view", args.id.as_str()).await?;
    view(seat, known(seat, &args.id).await?).await
}

async fn known(seat: &Seat, id: &CertificateId) -> Result<CertificateRecord, DeskError> {
    seat.open.store.certificate(id).await?.ok_or(DeskError::NotFound)
}

/// Sells: the till has the money, the gateway says whether the certificate is there.
pub(crate) async fn certificate_issue(seat: &Seat, args: IssueArgs) -> Result<Redeemed, DeskError> {
    let receipt = input::short("receipt", &args.receipt)?;
    let mut personal = CertificatePersonal {
        code: make_code()?,
        buyer: named("buyer", args.buyer.as_deref())?,
        recipient: named("recipient", args.recipient.as_deref())?,
        person: None,
        receipt: Some(receipt),
    };
    if let Some(id) = &args.person {
        let buyer = seat.open.store.person(id).await?.ok_or(DeskError::NotFound)?;
        usable(buyer.blocked)?;
        personal.buyer = Some(buyer.personal.name.full());
        personal.person = Some(buyer.id.clone());
    }
    let id = CertificateId::from_random(id_bytes()?);
    let command = Command::CertificateIssue { face_value: args.face_value, expires_on: args.expires_on };
    let action = seat.act(id.clone(), 0, command, part(&personal)?).await?;
    word_on(seat, &id, &action).await
}

fn named(field: &'static str, typed: Option<&str>) -> Result<Option<String>, DeskError> {
    let line = input::line(field, typed.unwrap_or_default())?;
    Ok(Some(line).filter(|line| !line.is_empty()))
}

/// A code that nobody guesses, with a letter that tells a slip.
fn make_code() -> Result<String, DeskError> {
    let random = make_bytes::<CODE_BODY>()?;
    // 32 letters: five bits of a byte choose one, all alike
    let mut code: String = random.iter().map(|byte| char::from(fold::CODE_ALPHABET[usize::from(byte % 32)])).collect();
    code.push(fold::check_char(&code));
    Ok(code)
}

/// A code as it is read out: «7K4M-Q2XT-…».
pub(crate) fn grouped(code: &str) -> String {
    let signs: Vec<char> = code.chars().collect();
    if signs.len() <= SHOWN_END || signs.iter().any(|sign| !sign.is_ascii_alphanumeric()) {
        return code.to_owned();
    }
    signs.chunks(SHOWN_END).map(String::from_iter).collect::<Vec<_>>().join("-")
}

/// Spends: the gateway decides, now if it answers. Until it has, the amount is held.
pub(crate) async fn certificate_redeem(seat: &Seat, args: RedeemArgs) -> Result<Redeemed, DeskError> {
    usable(known(seat, &args.id).await?.blocked)?;
    money(seat, &args.id, Command::CertificateRedeem { amount: args.amount }).await
}

/// Takes a redemption of today back.
pub(crate) async fn certificate_reverse(seat: &Seat, args: ReverseArgs) -> Result<Redeemed, DeskError> {
    money(seat, &args.id, Command::CertificateReverse { redemption: args.redemption }).await
}

/// Notes that money was paid back.
pub(crate) async fn certificate_refund(seat: &Seat, args: RedeemArgs) -> Result<Redeemed, DeskError> {
    money(seat, &args.id, Command::CertificateRefund { amount: args.amount }).await
}

/// Moves the last day on.
pub(crate) async fn certificate_extend(seat: &Seat, args: ExtendArgs) -> Result<CertificateView, DeskError> {
    step(seat, &args.id, Command::CertificateExtend { expires_on: args.expires_on }).await
}

/// Blocks, unblocks, asks the money back or keeps it; the rule says who may.
pub(crate) async fn certificate_step(seat: &Seat, args: CertificateStepArgs) -> Result<CertificateView, DeskError> {
    let command = match args.step {
        CertificateStep::Block => Command::CertificateBlock,
        CertificateStep::Unblock => Command::CertificateUnblock,
        CertificateStep::RequestRefund => Command::CertificateRequestRefund,
        CertificateStep::Keep => Command::CertificateKeep,
        CertificateStep::Extend | CertificateStep::Refund => return Err(DeskError::BadInput("step")),
    };
    step(seat, &args.id, command).await
}

async fn step(seat: &Seat, id: &CertificateId, command: Command) -> Result<CertificateView, DeskError> {
    if !seat.staff.state.role.may(command.permission()) {
        return Err(DeskError::Forbidden);
    }
    let version = known(seat, id).await?.version;
    seat.act(id.clone(), version, command, None).await?;
    view(seat, known(seat, id).await?).await
}

/// Money: done when the gateway has said yes.
async fn money(seat: &Seat, id: &CertificateId, command: Command) -> Result<Redeemed, DeskError> {
    let version = known(seat, id).await?.version;
    let action = seat.act(id.clone(), version, command, None).await?;
    word_on(seat, id, &action).await
}

/// What the gateway says, if it answers soon enough.
async fn word_on(seat: &Seat, id: &CertificateId, action: &ActionId) -> Result<Redeemed, DeskError> {
    seat.open.link.sync(WAIT_FOR_WORD).await;
    let all = seat.open.store.outbox().await?;
    let (outcome, refusal) = match all.into_iter().find(|record| record.envelope.action.id == *action) {
        None => (RedeemOutcome::Confirmed, None),
        Some(record) if record.state == OutboxState::Refused => (RedeemOutcome::Refused, record.refusal),
        Some(_) => (RedeemOutcome::Held, None),
    };
    Ok(Redeemed { certificate: view(seat, known(seat, id).await?).await?, outcome, refusal })
}

/// Money that this desk has moved on a certificate without the gateway's word so far, signed as in the ledger.
pub(crate) async fn holds(
    seat: &Seat,
    id: &CertificateId,
    state: &Certificate,
) -> Result<Vec<(ActionId, Kopecks)>, DeskError> {
    let unsettled = seat.open.store.outbox().await?.into_iter().filter(|record| record.state != OutboxState::Refused);
    let of_this = unsettled.map(|record| record.envelope.action).filter(|action| action.entity == id.clone().into());
    let moved = |action: ActionId| {
        let entry = state.ledger.iter().find(|entry| entry.action.as_ref() == Some(&action))?;
        Some((action, entry.amount))
    };
    Ok(of_this.filter_map(|action| moved(action.id)).collect())
}

/// Whether the sale was made here and the gateway has not said yes to it: or has said no.
pub(crate) async fn is_pending(seat: &Seat, state: &Certificate) -> Result<bool, DeskError> {
    let sale = state.ledger.iter().find(|entry| entry.kind == LedgerKind::Sale);
    let Some(action) = sale.and_then(|sale| sale.action.as_ref()) else { return Ok(false) };
    Ok(seat.open.store.outbox().await?.iter().any(|record| record.envelope.action.id == *action))
}

async fn view(seat: &Seat, certificate: CertificateRecord) -> Result<CertificateView, DeskError> {
    let scene = Scene::of(seat).await?;
    let state = &certificate.state;
    let holds = holds(seat, &certificate.id, state).await?;
    let may = |permission| seat.staff.state.role.may(permission);
    let mark = seat.open.store.sync_mark().await?;
    let status = state.status(scene.today());
    let pending = is_pending(seat, state).await?;
    let spendable = !pending && matches!(status, CertificateStatus::Active | CertificateStatus::PartiallyRedeemed);
    let mut offers = offers(state, status);
    offers.retain(|step| !pending && may(permission(*step)));
    Ok(CertificateView {
        last4: last4(&certificate.personal.code),
        status,
        origin: state.origin,
        face_value: state.face_value,
        balance: state.balance(),
        held: Kopecks(holds.iter().map(|(_, amount)| (-amount.0).max(0)).sum()),
        pending,
        redeemable: spendable && !certificate.blocked && may(Permission::RedeemCertificates),
        offers,
        revoked: state.revoked_at.is_some(),
        refund_requested_at: state.refund_requested_at,
        refund_due: state.refund_requested_at.and_then(|at| scene.wall(at).date().checked_add_days(REFUND_DAYS)),
        issued_at: state.issued_at,
        expires_on: state.expires_on,
        buyer: certificate.personal.buyer.clone(),
        recipient: certificate.personal.recipient.clone(),
        receipt: certificate.personal.receipt.clone(),
        buyer_blocked: certificate.blocked,
        ledger: ledger(&scene, state, &holds, may(Permission::CorrectCertificates)),
        as_of: mark.pulled_at,
        id: certificate.id,
    })
}

/// What the state allows, whoever asks.
fn offers(state: &Certificate, status: CertificateStatus) -> Vec<CertificateStep> {
    use CertificateStep as S;
    let (owed, asked) = (state.balance().0 > 0, state.refund_requested_at.is_some());
    let paid = state.origin == CertificateOrigin::Paid;
    let all = [
        (S::Refund, asked && owed),
        (S::Keep, asked),
        (S::RequestRefund, paid && owed && !asked),
        (S::Extend, owed && state.expires_on.is_some() && status != CertificateStatus::Blocked),
        (S::Unblock, state.blocked),
        (S::Block, owed && !state.blocked && state.revoked_at.is_none()),
    ];
    all.into_iter().filter(|(_, fits)| *fits).map(|(step, _)| step).collect()
}

fn permission(step: CertificateStep) -> Permission {
    match step {
        CertificateStep::Block => Permission::RedeemCertificates,
        CertificateStep::Unblock
        | CertificateStep::RequestRefund
        | CertificateStep::Keep
        | CertificateStep::Extend
        | CertificateStep::Refund => Permission::CorrectCertificates,
    }
}

/// The end of a code: enough to tell one from another, not enough to spend it.
pub(crate) fn last4(code: &str) -> String {
    let folded = fold_code(code);
    let hidden = folded.chars().count().saturating_sub(SHOWN_END);
    folded.chars().skip(hidden).collect()
}

fn ledger(scene: &Scene, state: &Certificate, holds: &[(ActionId, Kopecks)], corrects: bool) -> Vec<LedgerRow> {
    let mut balance = Kopecks(0);
    let rows = state.ledger.iter().map(|entry| {
        balance = balance.checked_add(entry.amount).unwrap_or(balance);
        let held = entry.action.as_ref().is_some_and(|action| holds.iter().any(|(hold, _)| hold == action));
        let today = scene.wall(entry.at).date() == scene.today();
        let redeemed = |action: &&ActionId| state.redemption(action).is_some();
        let stands = |action: &&ActionId| redeemed(action) || state.untouched_sale(action).is_some();
        LedgerRow {
            at: entry.at,
            kind: entry.kind,
            amount: entry.amount,
            balance,
            staff: entry.staff.as_ref().map(|staff| scene.staff_name(staff)),
            redemption: entry.action.as_ref().filter(redeemed).filter(|_| !held).cloned(),
            reversible: entry.action.as_ref().filter(stands).filter(|_| corrects && today && !held).cloned(),
            certainty: if held { Certainty::Saved } else { Certainty::Confirmed },
        }
    });
    rows.collect()
}
