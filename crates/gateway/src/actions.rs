//! What desks do: each action decided once, in its own transaction, and remembered with its outcome for ever.
//!
//! - The same id with the same payload gets the stored outcome, however it is sealed: after a change of the clinic's key
//!   a desk seals anew what it has not heard of. The same id with another payload is a mistake that a person must see:
//!   the push stops there with `action-id-reused`. What stood before it in the push is done and remembered, so sending
//!   it again is harmless; it and what follows is not looked at.
//! - What is sealed to an older key is not looked at: the push stops there with `key-changed`. What was decided before
//!   has its outcome all the same.
//! - After a refused action the later ones of the push on its entities are blocked, and so are those on the entities of
//!   the blocked ones: a move must not be refused for good because its booking waits.
//! - When the storage fails, that action and the rest of the push are answered `retry_later`; nothing is stored of them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use contract::v1::{ActionEnvelope, ActionResult, ActionsResponse, Outcome, Parts, ProblemCode};
use domain::{
    Action, ActionId, Command, Context, DeskId, EntityRef, PersonId, Refusal, State, View, appointment::Slot, decide,
    person::Person,
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    Failure, Gateway, again,
    db::{Decided, Founded, LastLine, NewDecided, StorageError, Transaction},
    enrolment::is_base64url,
};

/// Longest sealed part, in characters of base64.
const LONGEST_PART: usize = 256 * 1024;

/// An action as it arrived, with the digest of what it says in the clear.
pub(crate) struct Arrived {
    pub(crate) envelope: ActionEnvelope,
    pub(crate) payload_hash: [u8; 32],
    /// The digest as it was made before keys were changed: of the ciphertext too.
    former_hash: [u8; 32],
}

impl Arrived {
    /// Reads one action of a push.
    pub(crate) fn read(mut value: Value) -> Result<Self, Failure> {
        let id = value.pointer("/action/id").and_then(Value::as_str).and_then(|id| id.parse().ok());
        let former_hash = digest(&value);
        let envelope = serde_json::from_value(value.clone());
        for part in
            value.get_mut("parts").and_then(Value::as_object_mut).into_iter().flat_map(|parts| parts.values_mut())
        {
            // what is sealed may be sealed anew, to another key
            if let Some(part) = part.as_object_mut() {
                part.retain(|member, _| member != "key_id" && member != "data");
            }
        }
        match envelope {
            Ok(envelope) => Ok(Self { envelope, payload_hash: digest(&value), former_hash }),
            Err(_) => Err(Failure::Problem { code: ProblemCode::Validation, action: id }),
        }
    }
}

fn digest(value: &Value) -> [u8; 32] {
    let mut canonical = String::new();
    write_canonical(value, &mut canonical);
    Sha256::digest(canonical.as_bytes()).into()
}

/// JSON with sorted members and no spaces: of what arrived, not of what this version understands of it, so the digest
/// stays the same when the gateway learns new fields.
fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut members: Vec<_> = map.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            out.push('{');
            for (at, (name, value)) in members.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                write_canonical(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (at, value) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_canonical(value, out);
            }
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}

/// Decides a push in its order.
pub(crate) async fn push(gateway: Gateway, desk: DeskId, actions: Vec<Arrived>) -> Result<ActionsResponse, Failure> {
    let mut results = Vec::with_capacity(actions.len());
    let mut refused: BTreeMap<EntityRef, ActionId> = BTreeMap::new();
    let mut failing = false;
    for arrived in &actions {
        let action = &arrived.envelope.action;
        let blocked_by = action.touches().iter().find_map(|entity| refused.get(entity).cloned());
        let (duplicate, outcome) = match one(&gateway, &desk, arrived, blocked_by, failing).await {
            Ok(decided) => decided,
            Err(Failure::Storage(error)) => {
                tracing::error!(action = %action.id, error = %error, "action not decided");
                failing = true;
                (false, Outcome::RetryLater)
            }
            Err(other) => return Err(other),
        };
        let culprit = match &outcome {
            Outcome::Conflict { .. } | Outcome::Rejected { .. } => Some(&action.id),
            Outcome::BlockedBy { action } => Some(action),
            Outcome::Applied { .. } | Outcome::RetryLater | Outcome::Unknown => None,
        };
        if let Some(culprit) = culprit {
            for entity in action.touches() {
                refused.entry(entity).or_insert_with(|| culprit.clone());
            }
        }
        results.push(ActionResult { id: action.id.clone(), duplicate, outcome });
    }
    Ok(ActionsResponse { results, server_time: gateway.now() })
}

/// One action; when a constraint catches what the rule let through, the desk gets the refusal that the rule owed it.
async fn one(
    gateway: &Gateway,
    desk: &DeskId,
    arrived: &Arrived,
    blocked_by: Option<ActionId>,
    failing: bool,
) -> Result<(bool, Outcome), Failure> {
    if failing {
        return Ok((false, Outcome::RetryLater));
    }
    match again(|| transact(gateway, desk, arrived, blocked_by.clone(), None)).await {
        Err(Failure::Storage(StorageError::LastLine(line))) => {
            tracing::error!(action = %arrived.envelope.action.id, ?line, "the rule let through what the database refused");
            again(|| transact(gateway, desk, arrived, blocked_by.clone(), Some(line))).await
        }
        done => done,
    }
}

/// One action in one transaction: what is remembered of it, or a decision that is remembered from now on.
async fn transact(
    gateway: &Gateway,
    desk: &DeskId,
    arrived: &Arrived,
    blocked_by: Option<ActionId>,
    caught: Option<LastLine>,
) -> Result<(bool, Outcome), Failure> {
    let action = &arrived.envelope.action;
    let mut tx = gateway.storage().begin().await?;
    if let Some(Decided { payload_hash, outcome }) = tx.decided(&action.id).await? {
        if payload_hash != arrived.payload_hash && payload_hash != arrived.former_hash {
            tracing::warn!(action = %action.id, desk = %desk, "action id used for another payload");
            return Err(Failure::Problem { code: ProblemCode::ActionIdReused, action: Some(action.id.clone()) });
        }
        return Ok((true, outcome));
    }
    if let Some(action) = blocked_by {
        return Ok((false, Outcome::BlockedBy { action }));
    }
    let now = gateway.now();
    let clinic = tx.house().await?.clinic;
    let newest = clinic.as_ref().map(|clinic| clinic.key.key_id());
    if arrived.envelope.parts.values().any(|sealed| Some(&sealed.key_id) != newest.as_ref()) {
        return Err(Failure::Problem { code: ProblemCode::KeyChanged, action: Some(action.id.clone()) });
    }
    let context = Context { now, desk: desk.clone() };
    let judged = match caught {
        Some(line) => Err(owed(tx.as_mut(), action, line).await?),
        None => judge(tx.as_mut(), &arrived.envelope, clinic.as_ref(), &context).await?,
    };
    let (outcome, last) = match judged {
        Ok(changes) => {
            gateway.note_block(action, &changes);
            if matches!(action.command, Command::Erase { .. }) {
                erase(gateway, tx.as_mut(), &action.entity, now).await?
            } else {
                write(tx.as_mut(), &arrived.envelope, changes).await?
            }
        }
        Err(refusal) => (Outcome::refused(refusal), None),
    };
    tx.remember(NewDecided { action, desk, payload_hash: &arrived.payload_hash, outcome: &outcome, at: now }).await?;
    tx.commit().await?;
    tracing::info!(action = %action.id, verb = action.command.verb(), entity = %action.entity, outcome = word(&outcome), "action");
    if let Some(seq) = last {
        gateway.poke(seq);
    }
    if matches!((&action.command, last), (Command::Erase { .. }, Some(_))) {
        // it is gone from every view; what the disk still has of it goes now, and with the next erasure if not
        if let Err(error) = gateway.storage().scrub().await {
            tracing::warn!(%error, "what was erased is not scrubbed yet");
        }
    }
    Ok((false, outcome))
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Applied { .. } => "applied",
        Outcome::Conflict { .. } => "conflict",
        Outcome::Rejected { .. } => "rejected",
        Outcome::RetryLater => "retry_later",
        Outcome::BlockedBy { .. } => "blocked_by",
        Outcome::Unknown => "unknown",
    }
}

/// The refusal for what a constraint has caught.
async fn owed(tx: &mut dyn Transaction, action: &Action, line: LastLine) -> Result<Refusal, StorageError> {
    let target = tx.entity(&action.entity).await?.state;
    Ok(match line {
        LastLine::Slot(clash) => {
            let holder = match contested(action, target.as_ref()) {
                Some((slot, person)) => tx.slot_holder(&slot, &person, &action.entity, clash).await?,
                None => None,
            };
            holder.map_or(Refusal::BadInterval, |by| Refusal::SlotTaken { clash, by })
        }
        LastLine::SlotOrder => Refusal::BadInterval,
        LastLine::Overdrawn => Refusal::BalanceTooLow { balance: tx.purse(&action.entity).await? },
        LastLine::Erased => Refusal::NotFound,
    })
}

/// The rule on what stands in the database now.
async fn judge(
    tx: &mut dyn Transaction,
    envelope: &ActionEnvelope,
    clinic: Option<&Founded>,
    context: &Context,
) -> Result<Result<domain::Changes, Refusal>, StorageError> {
    let Some(clinic) = clinic else { return Ok(Err(Refusal::NoClinic)) };
    if let Err(refusal) = fits(envelope, clinic) {
        return Ok(Err(refusal));
    }
    let view = view(tx, &envelope.action, clinic).await?;
    Ok(decide(&view, &envelope.action, context))
}

/// What the rule does not see: the sealed parts, and which clinic this is.
fn fits(envelope: &ActionEnvelope, clinic: &Founded) -> Result<(), Refusal> {
    if matches!(&envelope.action.entity, EntityRef::Clinic(id) if *id != clinic.id) {
        return Err(Refusal::NotFound);
    }
    let expected = envelope.action.sealed_part();
    let missing = expected.as_ref().is_some_and(|(name, must)| *must && !envelope.parts.contains_key(name));
    let fits = |parts: &Parts| {
        parts.iter().all(|(name, sealed)| {
            expected.as_ref().is_some_and(|(expected, _)| expected == name)
                && sealed.data.len() <= LONGEST_PART
                && is_base64url(&sealed.data)
                && sealed.seal_id.parse::<ActionId>().is_ok()
        })
    };
    if missing || !fits(&envelope.parts) { Err(Refusal::BadSealedPart) } else { Ok(()) }
}

async fn view(tx: &mut dyn Transaction, action: &Action, clinic: &Founded) -> Result<View, StorageError> {
    let target = tx.entity(&action.entity).await?;
    let mut view = View { target_version: target.version, unfounded: !tx.anybody_on_staff().await?, ..View::default() };
    if let Some(State::Staff(staff)) = tx.entity(&action.actor.clone().into()).await?.state {
        view.actor = Some(staff);
    }
    if let Some(State::Clinic(clinic)) = tx.entity(&clinic.id.clone().into()).await?.state {
        view.clinic = Some(clinic);
    }
    if let Some(person) = action.person(target.state.as_ref())
        && let Some(State::Person(person)) = tx.entity(&person.clone().into()).await?.state
    {
        view.person = Some(person);
    }
    let target_card = match &target.state {
        Some(State::Person(card)) => Some(card.clone()),
        _ => None,
    };
    for card in [view.person.clone(), target_card].into_iter().flatten() {
        linked_to(tx, &card, &mut view.linked).await?;
    }
    if let Command::AppointmentBook { request: Some(request), .. } = &action.command
        && let Some(State::Request(request)) = tx.entity(&request.clone().into()).await?.state
    {
        view.request = Some(request);
    }
    if matches!(action.command, Command::Erase { .. }) {
        view.holds = tx.holds().await?;
    }
    if let Some((slot, person)) = contested(action, target.state.as_ref()) {
        view.neighbours = tx.neighbours(&slot, &person).await?;
        // whoever has two cards cannot be in two places either
        for (card, _) in &view.linked {
            view.neighbours.extend(tx.neighbours(&slot, card).await?);
        }
    }
    view.target = target.state;
    Ok(view)
}

/// Adds the other cards of the same person, by merges in either direction.
async fn linked_to(
    tx: &mut dyn Transaction,
    card: &Person,
    known: &mut Vec<(PersonId, Person)>,
) -> Result<(), StorageError> {
    let mut ids: Vec<PersonId> = card.merges().map(|link| link.other.clone()).collect();
    while let Some(id) = ids.pop() {
        if known.iter().any(|(known, _)| *known == id) {
            continue;
        }
        if let Some(State::Person(card)) = tx.entity(&id.clone().into()).await?.state {
            ids.extend(card.merges().map(|link| link.other.clone()));
            known.push((id, card));
        }
    }
    Ok(())
}

/// The slot that must be free for the action, and for whom.
fn contested(action: &Action, target: Option<&State>) -> Option<(Slot, domain::PersonId)> {
    match (&action.command, target) {
        (Command::AppointmentBook { slot, person, .. }, _) => Some((slot.clone(), person.clone())),
        (Command::AppointmentMove { slot }, Some(State::Appointment(visit))) => {
            Some((slot.clone(), visit.person.clone()))
        }
        // back on the calendar: in the slot where it stood
        (_, Some(State::Appointment(visit))) => Some((visit.slot.clone(), visit.person.clone())),
        _ => None,
    }
}

/// Writes what was decided: versions, sequence numbers, states and the sealed part.
async fn write(
    tx: &mut dyn Transaction,
    envelope: &ActionEnvelope,
    changes: domain::Changes,
) -> Result<(Outcome, Option<u64>), StorageError> {
    let mut versions = Vec::with_capacity(changes.len());
    let mut last = None;
    for (entity, state) in changes {
        let version = tx.entity(&entity).await?.version + 1;
        let seq = tx.next_seq().await?;
        tx.put_entity(&entity, version, seq, &state).await?;
        versions.push((entity, version));
        last = Some(seq);
    }
    for (name, sealed) in &envelope.parts {
        tx.put_part(&envelope.action.entity, name, sealed).await?;
    }
    Ok((Outcome::Applied { versions }, last))
}

/// Leaves a tombstone in the place of a record. It is in the journal before anybody hears that it is done.
async fn erase(
    gateway: &Gateway,
    tx: &mut dyn Transaction,
    entity: &EntityRef,
    now: DateTime<Utc>,
) -> Result<(Outcome, Option<u64>), StorageError> {
    let (version, seq) = (tx.entity(entity).await?.version + 1, tx.next_seq().await?);
    tx.erase(entity, version, seq, now).await?;
    gateway.note_erasure(entity)?;
    Ok((Outcome::Applied { versions: vec![(entity.clone(), version)] }, Some(seq)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_anew_is_the_same_action_and_what_says_something_else_is_not() {
        let read = |verb: &str, key: &str, data: &str| {
            Arrived::read(serde_json::json!({
                "action": {
                    "id": "act_0000000000000000000000000c", "entity": "per_0000000000000000000000000c", "base_version": 0,
                    "actor": "stf_0000000000000000000000000c", "at": "2026-11-23T16:00:00Z",
                    "command": { "do": "person_put", "source": verb },
                },
                "parts": { "main": { "key_id": key, "seal_id": "act_0000000000000000000000000c", "data": data } },
            }))
            .unwrap()
        };
        let [first, anew, other] =
            [("desk_phone", "a", "AAAA"), ("desk_phone", "b", "BBBB"), ("desk_walkin", "a", "AAAA")]
                .map(|(verb, key, data)| read(verb, key, data));
        assert_eq!(first.payload_hash, anew.payload_hash);
        assert_ne!(first.payload_hash, other.payload_hash);
        // what was remembered before keys were changed is known by all of it
        assert_ne!(first.former_hash, anew.former_hash);
    }

    #[test]
    fn the_digest_is_of_the_meaning_and_not_of_the_spelling() {
        let canonical = |text: &str| {
            let mut out = String::new();
            write_canonical(&serde_json::from_str(text).unwrap(), &mut out);
            out
        };
        assert_eq!(
            canonical(r#"{ "b" : [1, {"d":null,"c":"\u0436\""}], "a":1.5 }"#),
            r#"{"a":1.5,"b":[1,{"c":"ж\"","d":null}]}"#
        );
        assert_ne!(canonical(r#"{"a":"1"}"#), canonical(r#"{"a":1}"#));
    }
}
