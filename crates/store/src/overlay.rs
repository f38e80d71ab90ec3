//! The view of an entity: what the gateway confirmed, with this desk's unsettled actions replayed on top.
//!
//! Invariants:
//! - [`replay`] is pure and decides by [`domain::decide`] alone, with the moment and the desk of the first decision;
//! - the replay asks what the action does, not whether it will win: permission, versions and free slots are the
//!   gateway's to judge, so both claimants of a slot stay on the screen until it has spoken;
//! - an erased entity does not come back by an edit that is still under way;
//! - a refused action has no effect, but a refused *new* thing stays visible as refused until a person deals with it.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use contract::ui::Certainty;
use domain::{
    Action, Command, Context, DeskId, EntityRef, State, View,
    clinic::Clinic,
    person::{CardLink, LinkKind, Person, PersonSource},
    request::{Request, RequestKind, Source},
    staff::{Role, Staff},
};
use serde::Deserialize;
use sqlx::{Row, SqliteConnection};

use crate::{
    apply,
    entity::{self, Base, Confirmed, EntityWrite, from_json},
    error::{StoreError, natural},
    model::Opened,
    settled,
    sides::Snapshot,
    view,
};

/// Where an action of this desk stands in the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Never sent, or sent and to be sent again: the gateway does not have it.
    Saved,
    /// Sent; no answer.
    Unknown,
    /// The gateway has it; the feed has yet to bring it.
    Applied,
    Refused,
}

impl Stage {
    pub(crate) fn of(text: &str) -> Result<Self, StoreError> {
        match text {
            "saved" => Ok(Self::Saved),
            "unknown" => Ok(Self::Unknown),
            "applied" => Ok(Self::Applied),
            "refused" => Ok(Self::Refused),
            _ => Err(StoreError::Corrupt("outbox state")),
        }
    }
}

/// An unsettled action that touches an entity.
pub(crate) struct Pending {
    /// Its place in the outbox.
    pub(crate) n: i64,
    pub(crate) action: Action,
    pub(crate) opened: Opened,
    pub(crate) decided_at: DateTime<Utc>,
    pub(crate) desk: DeskId,
    pub(crate) stage: Stage,
    /// Once applied: the version that the entity got by it.
    pub(crate) applied: Option<u64>,
    /// Of an action on a certificate or a visit: its days and times are of the clinic's calendar.
    clinic: Option<Clinic>,
}

/// An entity as the desk shows it.
pub(crate) struct Seen {
    pub(crate) state: Option<State>,
    pub(crate) parts: Opened,
    pub(crate) version: u64,
    pub(crate) certainty: Certainty,
}

/// Replays the pending actions, oldest first, on the confirmed state.
pub(crate) fn replay(id: &EntityRef, base: &Base, pending: &[Pending]) -> Seen {
    let mut seen = Seen {
        state: base.state.clone(),
        parts: base.parts.clone(),
        version: base.version,
        certainty: Certainty::Confirmed,
    };
    for p in pending {
        match p.stage {
            Stage::Refused => {
                seen.certainty = Certainty::Refused;
                if seen.state.is_none() && base.state.is_none() && id == &p.action.entity {
                    lay(id, &mut seen, p);
                }
            }
            Stage::Applied => {
                // Where it is not the next version, somebody else's change lies between that is not here: what was not seen
                // lends no version, or an edit would go over it.
                if lay(id, &mut seen, p) && p.applied == Some(seen.version + 1) {
                    seen.version += 1;
                }
            }
            Stage::Saved | Stage::Unknown => {
                if seen.certainty == Certainty::Confirmed {
                    seen.certainty = Certainty::Saved;
                }
                // What may have arrived may lie in what the feed has brought, where the record is not as its author saw it:
                // then it makes no version of its own.
                let stands = p.action.base_version == seen.version || &p.action.entity != id;
                if lay(id, &mut seen, p) && (stands || p.stage == Stage::Saved) {
                    seen.version += 1;
                }
            }
        }
    }
    seen
}

/// Lays one action's effect over what is seen; whether it had any.
fn lay(id: &EntityRef, seen: &mut Seen, pending: &Pending) -> bool {
    let action = &pending.action;
    let gone = seen.state.is_none() && action.base_version > 0 && id == &action.entity;
    if gone {
        return false;
    }
    let context = Context { now: pending.decided_at, desk: pending.desk.clone() };
    let Ok(changes) = domain::decide(&lenient_view(id, seen.state.as_ref(), pending), action, &context) else {
        return false;
    };
    let Some((_, mut state)) = changes.into_iter().find(|(changed, _)| changed == id) else {
        return false;
    };
    // what only adds to a record leaves its etag: the view named none
    if state.etag() != Some(&action.id) {
        state.set_etag(seen.state.as_ref().and_then(State::etag).cloned());
    }
    seen.state = Some(state);
    if id == &action.entity {
        seen.parts.extend(pending.opened.iter().map(|(name, part)| (name.clone(), part.clone())));
    }
    true
}

/// A view in which nothing but the entity's own state can stand against the action.
fn lenient_view(id: &EntityRef, state: Option<&State>, pending: &Pending) -> View {
    let action = &pending.action;
    let about_target = id == &action.entity;
    let request = match state {
        Some(State::Request(request)) if !about_target => Some(request.clone()),
        // the booking's own state does not depend on what the request says
        _ if about_target && matches!(action.command, Command::AppointmentBook { request: Some(_), .. }) => {
            Some(stand_in(pending.decided_at))
        }
        _ => None,
    };
    let (mut target, person) = match state {
        Some(State::Person(card)) if !about_target => (survivor(action, pending.decided_at), card.clone()),
        _ if about_target => (state.cloned(), Person::new(PersonSource::Site, pending.decided_at)),
        _ => (None, Person::new(PersonSource::Site, pending.decided_at)),
    };
    let person = match &action.command {
        Command::PersonMerge { other_etag, .. } => Person { etag: other_etag.clone(), ..person },
        _ => person,
    };
    if let Some(target) = &mut target {
        target.set_etag(action.if_match.clone());
    }
    View {
        target,
        target_version: action.base_version,
        request,
        person: Some(person),
        linked: Vec::new(),
        neighbours: Vec::new(),
        clinic: pending.clinic.clone(),
        actor: Some(Staff::new(Role::Manager, true)),
        unfounded: false,
        holds: Vec::new(),
    }
}

/// The card that another one was merged into, as far as that other one is concerned.
fn survivor(action: &Action, at: DateTime<Utc>) -> Option<State> {
    let mut survivor = Person::new(PersonSource::Site, at);
    if let Command::PersonUnmerge { merge, other } = &action.command {
        survivor.links.push(CardLink {
            merge: merge.clone(),
            kind: LinkKind::Replaces,
            other: other.clone(),
            other_etag: None,
            at,
            by: action.actor.clone(),
            parted: None,
        });
    }
    Some(State::Person(survivor))
}

fn stand_in(at: DateTime<Utc>) -> Request {
    let source = Source { connector: String::new(), source: String::new(), site: None };
    Request::received(RequestKind::Message, at, at, source)
}

#[derive(Deserialize)]
struct ActionOnly {
    action: Action,
}

/// The unsettled actions that touch an entity, oldest first.
pub(crate) async fn pending(connection: &mut SqliteConnection, id: &EntityRef) -> Result<Vec<Pending>, StoreError> {
    let rows = sqlx::query(
        "SELECT o.envelope, o.opened, o.decided_at, o.desk, o.state, t.version, t.n
         FROM outbox_touch t JOIN outbox o ON o.n = t.n WHERE t.entity = ?1 ORDER BY t.n",
    )
    .bind(id.as_str())
    .fetch_all(&mut *connection)
    .await?;
    let clinic = match id {
        EntityRef::Certificate(_) | EntityRef::Appointment(_) if !rows.is_empty() => view::clinic(connection).await?,
        _ => None,
    };
    let mut pending = Vec::with_capacity(rows.len());
    for row in rows {
        let envelope: ActionOnly = from_json(row.try_get(0)?, "envelope")?;
        pending.push(Pending {
            n: row.try_get(6)?,
            action: envelope.action,
            opened: from_json(row.try_get(1)?, "opened parts")?,
            decided_at: instant(row.try_get(2)?)?,
            desk: row.try_get::<String, _>(3)?.parse().map_err(|_| StoreError::Corrupt("desk"))?,
            stage: Stage::of(row.try_get(4)?)?,
            applied: row.try_get::<Option<i64>, _>(5)?.map(natural).transpose()?,
            clinic: clinic.clone(),
        });
    }
    Ok(pending)
}

/// Microseconds since the epoch.
pub(crate) fn instant(micros: i64) -> Result<DateTime<Utc>, StoreError> {
    DateTime::from_timestamp_micros(micros).ok_or(StoreError::Corrupt("time"))
}

/// Lets go of actions that the confirmed version of an entity has reached: they are settled.
pub(crate) async fn settle(connection: &mut SqliteConnection, id: &EntityRef, reached: i64) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM outbox_touch WHERE entity = ?1 AND version IS NOT NULL AND version <= ?2")
        .bind(id.as_str())
        .bind(reached)
        .execute(&mut *connection)
        .await?;
    settled::keep(connection).await
}

/// What an action at this place of the outbox stands on: the record without it and what came after it.
pub(crate) async fn before(connection: &mut SqliteConnection, id: &EntityRef, n: i64) -> Result<Snapshot, StoreError> {
    let (_, base) = entity::base(connection, id).await?;
    let mut pending = pending(connection, id).await?;
    pending.retain(|p| p.n < n);
    let seen = replay(id, &base, &pending);
    Ok(Snapshot { version: seen.version, state: seen.state, parts: seen.parts })
}

/// Works out an entity anew from its confirmed state and the actions that are pending on it. It stays of the reading of the
/// feed that brought it: a resync that is under way would else take what is left of the old reading for brought anew.
pub(crate) async fn recompute(connection: &mut SqliteConnection, id: &EntityRef) -> Result<(), StoreError> {
    let (place, base) = entity::base(connection, id).await?;
    let generation = match &place {
        Some(place) => place.generation,
        None => apply::generation(connection).await?,
    };
    rebase(connection, generation, id, place.map(|place| place.row), &base).await
}

/// The same on a confirmed state that is just coming in.
pub(crate) async fn rebase(
    connection: &mut SqliteConnection,
    generation: i64,
    id: &EntityRef,
    row: Option<i64>,
    base: &Base,
) -> Result<(), StoreError> {
    let pending = pending(connection, id).await?;
    let seen = replay(id, base, &pending);
    let Some(state) = seen.state else {
        if let Some(row) = row {
            entity::erase(connection, &[row]).await?;
        }
        return Ok(());
    };
    let confirmed = (!pending.is_empty())
        .then(|| Confirmed { state: base.state.as_ref().map(Cow::Borrowed), parts: Cow::Borrowed(&base.parts) });
    let write = EntityWrite {
        id,
        base_version: base.version,
        base_seq: base.seq,
        version: seen.version,
        state: Cow::Owned(state),
        parts: Cow::Owned(seen.parts),
        certainty: seen.certainty,
        confirmed,
    };
    entity::write(connection, generation, &[write]).await
}
