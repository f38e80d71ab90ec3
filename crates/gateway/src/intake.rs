//! What a site sends becomes a request, sealed before it is written.
//!
//! The envelope (every field that may be kept), the request, the certificates that were paid for, and the digests by
//! which a repetition is known are one transaction: the site's `ok` means that all of it is on the disk.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use connectors::{Canonical, CertificateOrder, Hint, Parsed, SourceSettings, Unreadable};
use contract::v1::{ProblemCode, Sealed};
use domain::{
    CertificateId, EntityRef, RequestId, State,
    certificate::{Certificate, CertificateOrigin, LedgerEntry, LedgerKind},
    fold,
    personal::{CertificatePersonal, RequestPersonal, part},
    request::{Request, RequestKind, Source as Door},
};
use seal::{ClinicPublicKey, SealContext, token};
use serde::Serialize;

use crate::{
    Failure, Gateway,
    db::{NewIntake, Source, StorageError, Transaction},
    feed::mac,
};

/// The same bytes again within this time are the same submission.
const SAME_BODY: Duration = Duration::minutes(10);
/// A site's own time is believed if it is not older than this…
const OLDEST: Duration = Duration::days(7);
/// …and not further ahead than clocks go wrong.
const AHEAD: Duration = Duration::minutes(5);
/// Letters of a certificate's code before its check letter.
const CODE_BODY: usize = 15;

/// The place of an envelope among the parts of its request; it stays at the gateway.
const ENVELOPE: &str = "envelope";

/// What arrived at the door of a source.
pub(crate) struct Arrival {
    pub(crate) source: Source,
    pub(crate) secret: String,
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

/// What the site is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It only tried the door.
    Probe,
    Request(RequestId),
}

/// The digests by which a repetition is known; keyed by the source's secret, which is nowhere stored.
struct Marks {
    natural: Option<[u8; 32]>,
    body: [u8; 32],
}

/// What will be written, sealed already.
struct Plan {
    intake: String,
    request: RequestId,
    entities: Vec<(EntityRef, State, Sealed)>,
    envelope: Sealed,
    dropped: BTreeMap<&'static str, u32>,
}

#[derive(Serialize)]
struct Envelope<'a> {
    received_at: DateTime<Utc>,
    content_type: &'a str,
    fields: &'a [(String, String)],
}

/// Takes a submission in.
pub(crate) async fn receive(gateway: Gateway, arrival: Arrival) -> Result<Taken, Failure> {
    let source = &arrival.source;
    let house = gateway.storage().house().await?;
    let clinic = house.clinic.ok_or(ProblemCode::NotFounded)?;
    let settings = SourceSettings { zone: source.zone, default_kind: source.default_kind, mapping: Vec::new() };
    let canonical = match connectors::read(source.connector, &arrival.content_type, &arrival.body, &settings) {
        Parsed::Probe | Parsed::Hint(Hint { claimed: None, .. }) => return Ok(Taken::Probe),
        Parsed::Request(canonical) | Parsed::Hint(Hint { claimed: Some(canonical), .. }) => *canonical,
        Parsed::Unreadable(unreadable) => shown_as_it_is(unreadable),
    };
    let marks = marks(&arrival, canonical.natural_key.as_deref())?;
    let now = gateway.now();
    let mut tx = gateway.storage().begin().await?;
    if let Some(request) = known(tx.as_mut(), &source.id, &marks, now).await? {
        return Ok(Taken::Request(request));
    }
    let plan = plan(&arrival, canonical, &clinic.key, now)?;
    let seq = write(tx.as_mut(), &arrival, &plan, &marks, now).await?;
    tx.commit().await?;
    tracing::info!(source = %source.id, request = %plan.request, entities = plan.entities.len(), "taken in");
    gateway.poke(seq);
    Ok(Taken::Request(plan.request))
}

/// Nothing was recognised: somebody looks at it as it is.
fn shown_as_it_is(unreadable: Unreadable) -> Canonical {
    Canonical {
        kind: RequestKind::Message,
        personal: RequestPersonal { extra: unreadable.kept.clone(), ..RequestPersonal::default() },
        submitted_at: None,
        site: None,
        subject_key: None,
        natural_key: None,
        withdrawn: false,
        consent: None,
        certificates: Vec::new(),
        quarantine: Some(unreadable.reason),
        dropped: unreadable.dropped,
        kept: unreadable.kept,
    }
}

fn marks(arrival: &Arrival, natural_key: Option<&str>) -> Result<Marks, StorageError> {
    let secret = arrival.secret.as_bytes();
    Ok(Marks {
        natural: natural_key.map(|key| mac(secret, "reception/intake/key/v1", key.as_bytes())).transpose()?,
        body: mac(secret, "reception/intake/body/v1", &arrival.body)?,
    })
}

/// The request that this submission has already made. By the site's own key where it gives one, else by the same bytes.
async fn known(
    tx: &mut dyn Transaction,
    source: &str,
    marks: &Marks,
    now: DateTime<Utc>,
) -> Result<Option<RequestId>, StorageError> {
    match &marks.natural {
        Some(natural) => tx.intake_of_key(source, natural).await,
        None => tx.intake_of_body(source, &marks.body, now - SAME_BODY).await,
    }
}

fn plan(arrival: &Arrival, canonical: Canonical, key: &ClinicPublicKey, now: DateTime<Utc>) -> Result<Plan, Failure> {
    let intake = token::make_id("int")?;
    let id = RequestId::from_random(token::make_id_bytes()?);
    let door = Door {
        connector: arrival.source.connector.as_str().to_owned(),
        source: arrival.source.id.clone(),
        site: canonical.site,
    };
    let submitted_at = canonical.submitted_at.filter(|at| (now - OLDEST..=now + AHEAD).contains(at)).unwrap_or(now);
    let mut request = Request::received(canonical.kind, submitted_at, now, door);
    request.consent = canonical.consent;
    let mut certificates = Vec::new();
    for order in canonical.certificates.into_iter().filter(CertificateOrder::is_paid) {
        certificates.push(certificate(order, &id, &intake, key, now)?);
    }
    if let Some((EntityRef::Certificate(first), ..)) = certificates.first() {
        request.certificate = Some(first.clone());
    }
    let place = |part| SealContext { entity: id.as_str(), part, seal_id: &intake };
    let main = seal::seal_json(key, &place(part::MAIN), &canonical.personal)?;
    let envelope = Envelope { received_at: now, content_type: &arrival.content_type, fields: &canonical.kept };
    let envelope = seal::seal_json(key, &place(ENVELOPE), &envelope)?;
    let mut entities = vec![(EntityRef::from(id.clone()), State::Request(request), main)];
    entities.extend(certificates);
    let mut dropped = BTreeMap::new();
    for sort in canonical.dropped {
        *dropped.entry(sort).or_insert(0) += 1;
    }
    Ok(Plan { intake, request: id, entities, envelope, dropped })
}

fn certificate(
    order: CertificateOrder,
    request: &RequestId,
    intake: &str,
    key: &ClinicPublicKey,
    now: DateTime<Utc>,
) -> Result<(EntityRef, State, Sealed), Failure> {
    let id = CertificateId::from_random(token::make_id_bytes()?);
    let sale = LedgerEntry { action: None, at: now, kind: LedgerKind::Sale, amount: order.face_value, staff: None };
    let state = Certificate {
        origin: CertificateOrigin::Paid,
        face_value: order.face_value,
        issued_at: now,
        expires_on: order.expires_on,
        blocked: false,
        ledger: vec![sale],
        request: Some(request.clone()),
    };
    let code = match order.code {
        Some(code) => code,
        None => make_code()?,
    };
    let personal = CertificatePersonal { code, buyer: order.buyer, recipient: order.recipient };
    let place = SealContext { entity: id.as_str(), part: part::MAIN, seal_id: intake };
    let sealed = seal::seal_json(key, &place, &personal)?;
    Ok((id.into(), State::Certificate(state), sealed))
}

/// A code that nobody guesses, with a letter that tells a slip.
fn make_code() -> Result<String, Failure> {
    let letters = fold::CODE_ALPHABET;
    let random = seal::make_bytes::<CODE_BODY>()?;
    // 32 letters: five bits of a byte choose one, all alike
    let mut code: String = random.iter().map(|byte| char::from(letters[usize::from(byte % 32)])).collect();
    code.push(fold::check_char(&code));
    Ok(code)
}

async fn write(
    tx: &mut dyn Transaction,
    arrival: &Arrival,
    plan: &Plan,
    marks: &Marks,
    now: DateTime<Utc>,
) -> Result<u64, StorageError> {
    let mut seq = 0;
    for (id, state, main) in &plan.entities {
        seq = tx.next_seq().await?;
        tx.put_entity(id, 1, seq, state).await?;
        tx.put_part(id, part::MAIN, main).await?;
    }
    let intake = NewIntake {
        id: &plan.intake,
        source: &arrival.source.id,
        request: &plan.request,
        at: now,
        natural_mac: marks.natural.as_ref(),
        body_mac: &marks.body,
        dropped: &plan.dropped,
        envelope: &plan.envelope,
    };
    tx.put_intake(intake).await?;
    Ok(seq)
}
