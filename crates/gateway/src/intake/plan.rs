//! What will be written of a submission, sealed already.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use connectors::Canonical;
use contract::v1::Sealed;
use domain::{
    EntityRef, RequestId, State,
    personal::{EnvelopePersonal, part},
    request::{QuarantineReason, Request, Source as Door, believed},
};
use seal::{ClinicPublicKey, SealContext, token};

use super::{
    Arrival, Word,
    certificates::{Made, Order},
    marks::Marks,
    reading::is_bare_deletion,
};
use crate::{
    Failure,
    db::{Entity, NewIntake, Subject, Transaction},
};

/// An entity's next state, with its main part where that changes too.
pub(super) struct Write {
    pub(super) id: EntityRef,
    /// The version that it gets.
    pub(super) version: u64,
    pub(super) state: State,
    pub(super) main: Option<Sealed>,
}

/// A submission sealed for the request that it makes or changes.
pub(super) struct Sealing {
    request: RequestId,
    intake: String,
    main: Sealed,
    envelope: Sealed,
}

impl Sealing {
    /// For a request that is not there yet, as nearly all are: before anybody has to wait for the writer.
    pub(super) fn of_new(
        arrival: &Arrival,
        canonical: &Canonical,
        key: &ClinicPublicKey,
        now: DateTime<Utc>,
    ) -> Result<Self, Failure> {
        Self::of(RequestId::from_random(token::make_id_bytes()?), arrival, canonical, key, now)
    }

    fn of(
        request: RequestId,
        arrival: &Arrival,
        canonical: &Canonical,
        key: &ClinicPublicKey,
        now: DateTime<Utc>,
    ) -> Result<Self, Failure> {
        let intake = token::make_id("int")?;
        let place = |part| SealContext { entity: request.as_str(), part, seal_id: &intake };
        let fields = canonical.kept.clone();
        let envelope = EnvelopePersonal { received_at: now, content_type: arrival.content_type.clone(), fields };
        let envelope = seal::seal_json(key, &place(part::ENVELOPE), &envelope)?;
        let main = seal::seal_json(key, &place(part::MAIN), &canonical.personal)?;
        Ok(Self { request, intake, main, envelope })
    }
}

/// Everything that a submission changes.
pub(super) struct Plan {
    pub(super) request: RequestId,
    intake: String,
    writes: Vec<Write>,
    certificates: Vec<Made>,
    envelope: Sealed,
    quarantine: Option<QuarantineReason>,
    dropped: BTreeMap<&'static str, u32>,
}

impl Plan {
    pub(super) async fn of(
        tx: &mut dyn Transaction,
        arrival: &Arrival,
        canonical: Canonical,
        marks: &Marks,
        (sealing, subject): (Sealing, Option<Subject>),
        key: &ClinicPublicKey,
        now: DateTime<Utc>,
    ) -> Result<Self, Failure> {
        let (sealing, known) = match subject {
            Some(subject) => {
                let known = Known::read(tx, &subject, arrival, marks).await?;
                (Sealing::of(subject.request, arrival, &canonical, key, now)?, known)
            }
            None => (sealing, Known::New),
        };
        let Sealing { request: id, intake, main, envelope } = sealing;
        let mut plan = Self {
            request: id.clone(),
            intake: intake.clone(),
            writes: Vec::new(),
            certificates: Vec::new(),
            envelope,
            quarantine: canonical.quarantine,
            dropped: counted(&canonical.dropped),
        };
        let (mut request, version) = match known {
            Known::New => (fresh(arrival, &canonical, now), 1),
            // bare news that it is gone: what was read of it before stays
            Known::Older(mut older, version) if is_bare_deletion(&canonical) => {
                older.withdrawn_at = older.withdrawn_at.or(Some(now));
                plan.quarantine = None;
                let state = State::Request(*older);
                plan.writes.push(Write { id: id.into(), version: version + 1, state, main: None });
                return Ok(plan);
            }
            Known::Older(older, version) => (newer(*older, arrival, &canonical, now), version + 1),
            // what is there is newer, or was erased: this version is only remembered
            Known::Passed => return Ok(plan),
        };
        let order = Order { source: &arrival.source.id, request: &id, intake: &intake, key, now };
        let mut writes = Vec::new();
        for piece in canonical.certificates {
            if let Some((write, made)) = order.piece(tx, piece, marks).await? {
                writes.push(write);
                plan.certificates.extend(made);
            }
        }
        if let (None, Some((first, _))) = (&request.certificate, plan.certificates.first()) {
            request.certificate = Some(first.clone());
        }
        let state = State::Request(request);
        plan.writes.push(Write { id: id.clone().into(), version, state, main: Some(main) });
        plan.writes.extend(writes);
        Ok(plan)
    }

    /// The number of the last change, if there is one.
    pub(super) async fn write(
        &self,
        tx: &mut dyn Transaction,
        arrival: &Arrival,
        marks: &Marks,
        now: DateTime<Utc>,
    ) -> Result<Option<u64>, Failure> {
        let source = arrival.source.id.as_str();
        let mut last = None;
        for Write { id, version, state, main } in &self.writes {
            let seq = tx.next_seq().await?;
            tx.put_entity(id, *version, seq, state).await?;
            if let Some(main) = main {
                tx.put_part(id, part::MAIN, main).await?;
            }
            last = Some(seq);
        }
        if self.quarantine.is_some() && last.is_some() {
            tx.put_part(&self.request.clone().into(), part::ENVELOPE, &self.envelope).await?;
        }
        for (certificate, mark) in &self.certificates {
            if let Some(mark) = mark {
                tx.note_certificate(source, mark, certificate).await?;
            }
        }
        let intake = NewIntake {
            id: &self.intake,
            source,
            request: &self.request,
            at: now,
            natural_mac: marks.natural.as_ref(),
            body_mac: &marks.body,
            subject_mac: marks.subject.as_ref(),
            subject_at: marks.version,
            quarantine: self.quarantine,
            dropped: &self.dropped,
            envelope: &self.envelope,
        };
        tx.put_intake(intake).await?;
        Ok(last)
    }
}

/// What there is of the thing already.
enum Known {
    New,
    /// With its version.
    Older(Box<Request>, u64),
    Passed,
}

impl Known {
    async fn read(
        tx: &mut dyn Transaction,
        subject: &Subject,
        arrival: &Arrival,
        marks: &Marks,
    ) -> Result<Self, Failure> {
        let passed = match (marks.version, subject.newest) {
            // of the same moment: the truth stands above the news of it
            (Some(version), Some(newest)) if arrival.word == Word::News => version <= newest,
            (Some(version), Some(newest)) => version < newest,
            _ => false,
        };
        let Entity { version, state } = tx.entity(&subject.request.clone().into()).await?;
        match state {
            Some(State::Request(older)) if !passed => Ok(Self::Older(Box::new(older), version)),
            _ => Ok(Self::Passed),
        }
    }
}

fn fresh(arrival: &Arrival, canonical: &Canonical, now: DateTime<Utc>) -> Request {
    let door = Door {
        connector: arrival.source.connector.as_str().to_owned(),
        source: arrival.source.id.clone(),
        site: canonical.site.clone(),
    };
    let mut request = Request::received(canonical.kind, believed(canonical.submitted_at, now), now, door);
    request.consent = canonical.consent.clone();
    request.quarantine = canonical.quarantine;
    request.withdrawn_at = canonical.withdrawn.then_some(now);
    request.test = arrival.test;
    request
}

/// A newer version of the same thing: what staff did to the request stays.
fn newer(mut request: Request, arrival: &Arrival, canonical: &Canonical, now: DateTime<Utc>) -> Request {
    request.request_kind = canonical.kind;
    request.consent = canonical.consent.clone().or(request.consent);
    request.quarantine = canonical.quarantine;
    request.withdrawn_at = canonical.withdrawn.then(|| request.withdrawn_at.unwrap_or(now));
    request.test = arrival.test;
    request
}

fn counted(dropped: &[&'static str]) -> BTreeMap<&'static str, u32> {
    let mut counts = BTreeMap::new();
    for sort in dropped {
        *counts.entry(*sort).or_insert(0) += 1;
    }
    counts
}
