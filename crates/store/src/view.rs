//! What [`domain::decide`] needs to see, loaded from the current view inside the transaction that will write.

use chrono::{Duration, NaiveDateTime};
use domain::{
    Action, ActionId, AppointmentId, Command, EntityRef, PersonId, State, View,
    appointment::{Appointment, Slot},
    clinic::Clinic,
    person::Person,
    request::Request,
    staff::Staff,
};
use sqlx::{Row, SqliteConnection};

use crate::{
    entity::{self, from_json},
    error::StoreError,
    index::wall,
};

/// No visit is longer: how far back a visit that still meets a slot can have begun.
const LONGEST_VISIT: Duration = Duration::hours(24);

/// Loads the view of an action.
pub(crate) async fn load(connection: &mut SqliteConnection, action: &Action) -> Result<View, StoreError> {
    let (target, target_version) = match entity::current(connection, action.entity.as_str()).await? {
        Some((state, version)) => (Some(state), version),
        None => (None, 0),
    };
    let slot = wanted_slot(action, target.as_ref());
    let neighbours = match slot {
        Some(slot) => neighbours(connection, &slot).await?,
        None => Vec::new(),
    };
    let request = match &action.command {
        Command::AppointmentBook { request: Some(id), .. } => request_state(connection, id.as_str()).await?,
        _ => None,
    };
    let person = match action.person(target.as_ref()) {
        Some(id) => person_state(connection, id).await?,
        None => None,
    };
    let mut linked = Vec::new();
    for card in [person.as_ref(), as_person(target.as_ref())].into_iter().flatten() {
        linked_to(connection, card, &mut linked).await?;
    }
    let holds = match &action.command {
        Command::Erase { .. } => holds(connection).await?,
        _ => Vec::new(),
    };
    Ok(View {
        target,
        target_version,
        request,
        person,
        linked,
        neighbours,
        holds,
        clinic: clinic(connection).await?,
        actor: actor(connection, action).await?,
        unfounded: !any_staff(connection).await?,
    })
}

fn wanted_slot(action: &Action, target: Option<&State>) -> Option<Slot> {
    match (action.wants_slot(), &action.command, target) {
        (Some((slot, _)), _, _) => Some(slot.clone()),
        (None, Command::AppointmentRestore | Command::AppointmentUndo, Some(State::Appointment(visit))) => {
            Some(visit.slot.clone())
        }
        _ => None,
    }
}

/// Every visit that takes up something while the slot lasts.
async fn neighbours(
    connection: &mut SqliteConnection,
    slot: &Slot,
) -> Result<Vec<(AppointmentId, Appointment)>, StoreError> {
    let earliest: NaiveDateTime = slot.start - LONGEST_VISIT;
    let rows = sqlx::query(
        "SELECT e.id, e.state FROM visit_index v JOIN entity e ON e.row = v.row
         WHERE v.starts > ?1 AND v.starts < ?2 AND v.ends > ?3 AND v.occupies = 1",
    )
    .bind(wall(earliest))
    .bind(wall(slot.end))
    .bind(wall(slot.start))
    .fetch_all(connection)
    .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let id: String = row.try_get(0)?;
        let id = id.parse().map_err(|_| StoreError::Corrupt("id"))?;
        found.push((id, from_json(row.try_get(1)?, "visit")?));
    }
    Ok(found)
}

/// The steps by which courts hold cases now.
async fn holds(connection: &mut SqliteConnection) -> Result<Vec<ActionId>, StoreError> {
    let states: Vec<String> =
        sqlx::query_scalar("SELECT state FROM entity WHERE kind = 'case' AND state LIKE '%\"hold\"%'")
            .fetch_all(connection)
            .await?;
    let mut holds = Vec::new();
    for state in states {
        if let State::Case(case) = from_json(&state, "case")? {
            holds.extend(case.hold().map(|step| step.id.clone()));
        }
    }
    Ok(holds)
}

async fn request_state(connection: &mut SqliteConnection, id: &str) -> Result<Option<Request>, StoreError> {
    Ok(match entity::current(connection, id).await? {
        Some((State::Request(request), _)) => Some(request),
        _ => None,
    })
}

async fn person_state(connection: &mut SqliteConnection, id: &PersonId) -> Result<Option<Person>, StoreError> {
    Ok(match entity::current(connection, id.as_str()).await? {
        Some((State::Person(person), _)) => Some(person),
        _ => None,
    })
}

fn as_person(state: Option<&State>) -> Option<&Person> {
    match state {
        Some(State::Person(person)) => Some(person),
        _ => None,
    }
}

/// Adds the other cards of the same person, by merges in either direction.
pub(crate) async fn linked_to(
    connection: &mut SqliteConnection,
    card: &Person,
    known: &mut Vec<(PersonId, Person)>,
) -> Result<(), StoreError> {
    let mut ids: Vec<PersonId> = card.merges().map(|link| link.other.clone()).collect();
    while let Some(id) = ids.pop() {
        if known.iter().any(|(known, _)| *known == id) {
            continue;
        }
        if let Some(card) = person_state(connection, &id).await? {
            ids.extend(card.merges().map(|link| link.other.clone()));
            known.push((id, card));
        }
    }
    Ok(())
}

pub(crate) async fn clinic(connection: &mut SqliteConnection) -> Result<Option<Clinic>, StoreError> {
    let state: Option<String> = sqlx::query_scalar(
        "SELECT state FROM entity WHERE kind IN ('clinic', 'staff', 'practitioner') AND kind = 'clinic' ORDER BY row LIMIT 1",
    )
    .fetch_optional(connection)
    .await?;
    state.map(|state| from_json(&state, "clinic")).transpose()
}

async fn actor(connection: &mut SqliteConnection, action: &Action) -> Result<Option<Staff>, StoreError> {
    let id: EntityRef = action.actor.clone().into();
    Ok(match entity::current(connection, id.as_str()).await? {
        Some((State::Staff(staff), _)) => Some(staff),
        _ => None,
    })
}

async fn any_staff(connection: &mut SqliteConnection) -> Result<bool, StoreError> {
    let any = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM entity WHERE kind IN ('clinic', 'staff', 'practitioner') AND kind = 'staff')",
    )
    .fetch_one(connection)
    .await?;
    Ok(any)
}
