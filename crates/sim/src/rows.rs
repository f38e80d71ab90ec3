//! Entities as both sides keep them, and what [`domain::decide`] sees of them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{Action, Command, Context, DeskId, EntityRef, Refusal, State, View, decide};

use crate::{cast, keys::Key};

/// An entity at its latest.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub version: u64,
    pub seq: u64,
    pub state: State,
    /// Stands for the sealed part.
    pub part: u32,
    /// What the part is sealed to.
    pub seal: Key,
    /// How many changes of key the gateway had taken when it took the part.
    pub era: u32,
    /// A word that only the newer version can read; 0: none.
    pub word: u32,
}

impl Row {
    /// A row without anything sealed.
    #[must_use]
    pub fn bare(version: u64, seq: u64, state: State) -> Self {
        Self { version, seq, state, part: 0, seal: Key::default(), era: 0, word: 0 }
    }

    /// Whether it is a person whose data are blocked.
    pub(crate) fn is_blocked(&self) -> bool {
        matches!(&self.state, State::Person(person) if person.is_blocked())
    }
}

/// Every entity by its id.
pub type Rows = BTreeMap<EntityRef, Row>;

/// An action as it travels, with what stands for its sealed part.
#[derive(Debug, Clone)]
pub struct Envelope {
    pub action: Action,
    pub part: Option<u32>,
    /// What the part is sealed to.
    pub seal: Key,
    /// A word of the newer version.
    pub word: Option<u32>,
}

/// The same action, whatever it is sealed to.
impl PartialEq for Envelope {
    fn eq(&self, other: &Self) -> bool {
        self.action == other.action && self.part == other.part && self.word == other.word
    }
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
    era: u32,
    mut next_seq: impl FnMut() -> u64,
) -> Result<Vec<(EntityRef, u64)>, Refusal> {
    let context = Context { now: at.0, desk: at.1.clone() };
    let changes = decide(view, &envelope.action, &context)?;
    let mut versions = Vec::with_capacity(changes.len());
    for (entity, state) in changes {
        let old = rows.get(&entity).cloned().unwrap_or_else(|| Row::bare(0, 0, state.clone()));
        let mut row = Row { version: old.version + 1, seq: next_seq(), state, ..old };
        if entity == envelope.action.entity {
            if let Some(part) = envelope.part {
                (row.part, row.seal, row.era) = (part, envelope.seal, era);
            }
            row.word = match (envelope.word, &envelope.action.command) {
                (Some(word), _) => word,
                // what is closed is said in words that everybody knows
                (None, Command::RequestClose { .. }) => 0,
                (None, _) => row.word,
            };
        }
        versions.push((entity.clone(), row.version));
        rows.insert(entity, row);
    }
    Ok(versions)
}
