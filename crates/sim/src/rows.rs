//! Entities as both sides keep them, and what [`domain::decide`] sees of them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{Action, Command, Context, DeskId, EntityRef, Refusal, State, View, decide};

use crate::cast;

/// An entity at its latest.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub version: u64,
    pub seq: u64,
    pub state: State,
    /// Stands for the sealed part.
    pub part: u32,
}

impl Row {
    /// Whether it is a person whose data are blocked.
    pub(crate) fn is_blocked(&self) -> bool {
        matches!(&self.state, State::Person(person) if person.is_blocked())
    }
}

/// Every entity by its id.
pub type Rows = BTreeMap<EntityRef, Row>;

/// An action as it travels, with what stands for its sealed part.
#[derive(Debug, Clone, PartialEq)]
pub struct Envelope {
    pub action: Action,
    pub part: Option<u32>,
}

/// What the rule sees of the entities.
pub(crate) fn view(rows: &Rows, action: &Action) -> View {
    let target = rows.get(&action.entity);
    let mut view = View {
        target: target.map(|row| row.state.clone()),
        target_version: target.map_or(0, |row| row.version),
        ..View::default()
    };
    if let Some(Row { state: State::Staff(staff), .. }) = rows.get(&action.actor.clone().into()) {
        view.actor = Some(staff.clone());
    }
    if let Some(Row { state: State::Clinic(clinic), .. }) = rows.get(&cast::clinic(0).into()) {
        view.clinic = Some(clinic.clone());
    }
    if let Some(person) = action.person(view.target.as_ref())
        && let Some(Row { state: State::Person(person), .. }) = rows.get(&person.clone().into())
    {
        view.person = Some(person.clone());
    }
    if let Command::AppointmentBook { request: Some(request), .. } = &action.command
        && let Some(Row { state: State::Request(request), .. }) = rows.get(&request.clone().into())
    {
        view.request = Some(request.clone());
    }
    if matches!(action.entity, EntityRef::Appointment(_)) {
        let visit = |(id, row): (&EntityRef, &Row)| match (id, &row.state) {
            (EntityRef::Appointment(id), State::Appointment(visit)) => Some((id.clone(), visit.clone())),
            _ => None,
        };
        view.neighbours = rows.iter().filter_map(visit).collect();
    }
    view
}

/// Decides and, where it holds, changes the rows: each changed entity gets the next version and the number given to it.
/// Gives back the new versions.
pub(crate) fn apply(
    rows: &mut Rows,
    envelope: &Envelope,
    view: &View,
    at: (DateTime<Utc>, &DeskId),
    mut next_seq: impl FnMut() -> u64,
) -> Result<Vec<(EntityRef, u64)>, Refusal> {
    let context = Context { now: at.0, desk: at.1.clone() };
    let changes = decide(view, &envelope.action, &context)?;
    let mut versions = Vec::with_capacity(changes.len());
    for (entity, state) in changes {
        let (version, old_part) = rows.get(&entity).map_or((1, 0), |row| (row.version + 1, row.part));
        let part = if entity == envelope.action.entity { envelope.part.unwrap_or(old_part) } else { old_part };
        rows.insert(entity.clone(), Row { version, seq: next_seq(), state, part });
        versions.push((entity, version));
    }
    Ok(versions)
}
