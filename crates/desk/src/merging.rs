//! Two edits of one record. What only one side changed is laid together; what both changed, and not alike, is for a
//! person to choose.
//!
//! The gateway cannot do it: the fields are sealed, it sees only that another edit wrote the record. So it refuses, and the desk that
//! was refused lays the sides together and sends the outcome as a new action on the version that it has seen.

use std::collections::{BTreeMap, BTreeSet};

use contract::{
    ui::{FieldChoice, Side},
    v1::ActionEnvelope,
};
use domain::{
    Action, ActionId, Command, Context, DeskId, StaffId, State, action::CaseCard, personal::part, staff::Staff,
};
use seal::ClinicPublicKey;
use serde_json::{Map, Value};
use store::{AuditEntry, Opened, Sides, Snapshot, Store};

use crate::{platform::random::id_bytes, sealing, trouble::DeskError};

/// A record's fields by name, those in the clear and those of its main part.
type Fields = BTreeMap<String, Value>;

/// A field that somebody changed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) before: Value,
    pub(crate) mine: Value,
    pub(crate) theirs: Value,
}

impl Field {
    /// Both sides changed it, and not alike.
    pub(crate) fn clashes(&self) -> bool {
        self.mine != self.before && self.theirs != self.before && self.mine != self.theirs
    }

    fn of(&self, side: Side) -> &Value {
        match side {
            Side::Before => &self.before,
            Side::Mine => &self.mine,
            Side::Theirs => &self.theirs,
        }
    }

    /// What it comes to without anybody's choice; a clash comes to nothing.
    fn by_itself(&self) -> Option<&Value> {
        match self {
            _ if self.clashes() => None,
            _ if self.mine == self.before => Some(&self.theirs),
            _ => Some(&self.mine),
        }
    }
}

fn map_of<T: serde::Serialize>(record: &T) -> Map<String, Value> {
    match serde_json::to_value(record) {
        Ok(Value::Object(mut map)) => {
            // which edit wrote it is no field of it
            map.remove("etag");
            map
        }
        _ => Map::new(),
    }
}

/// What an edit of somebody on the staff is about: shift and note are not edited.
fn record_of(staff: &Staff) -> Map<String, Value> {
    map_of(&Staff::new(staff.role, staff.active))
}

/// What an edit says in the clear.
fn clear_of(command: &Command) -> Map<String, Value> {
    match command {
        Command::StaffPut { staff } => record_of(staff),
        Command::PractitionerPut { practitioner } => map_of(practitioner),
        Command::ClinicPut { clinic } => map_of(clinic),
        Command::CasePut { case, .. } => map_of(case),
        _ => Map::new(),
    }
}

/// The same of a record.
fn clear_of_state(state: Option<&State>) -> Map<String, Value> {
    match state {
        Some(State::Staff(staff)) => record_of(staff),
        Some(State::Practitioner(practitioner)) => map_of(practitioner),
        Some(State::Clinic(clinic)) => map_of(clinic),
        // steps and papers are added to a case, not edited
        Some(State::Case(case)) => map_of(&CaseCard { kind: case.kind, channel: case.channel }),
        _ => Map::new(),
    }
}

fn with_part(clear: Map<String, Value>, parts: &Opened) -> Fields {
    let main = match parts.get(part::MAIN) {
        Some(Value::Object(main)) => main.clone(),
        _ => Map::new(),
    };
    clear.into_iter().chain(main).filter(|(_, value)| !value.is_null()).collect()
}

fn of_snapshot(snapshot: &Snapshot) -> Fields {
    with_part(clear_of_state(snapshot.state.as_ref()), &snapshot.parts)
}

/// Every field on which the sides differ. Where it was not kept what the record had been, every difference is a clash.
pub(crate) fn fields(sides: &Sides) -> Vec<Field> {
    let mine = with_part(clear_of(&sides.mine.envelope.action.command), &sides.mine.opened);
    let theirs = of_snapshot(&sides.theirs);
    let before = sides.before.as_ref().map(of_snapshot);
    let names: BTreeSet<&String> =
        mine.keys().chain(theirs.keys()).chain(before.iter().flat_map(Fields::keys)).collect();
    let value = |fields: &Fields, name: &String| fields.get(name).cloned().unwrap_or_default();
    let field = |name: &String| Field {
        before: before.as_ref().map_or(Value::Null, |before| value(before, name)),
        mine: value(&mine, name),
        theirs: value(&theirs, name),
        name: name.clone(),
    };
    let all = names.into_iter().map(field);
    match before {
        Some(_) => all.filter(|field| field.mine != field.before || field.theirs != field.before).collect(),
        None => all.filter(|field| field.mine != field.theirs).collect(),
    }
}

/// What became of laying together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Laid {
    /// It goes as this new action.
    Sent(ActionId),
    /// There is nothing of mine that they do not have: the edit is given up.
    NothingLeft,
    /// A person has to choose, or theirs is yet to come.
    Open,
}

/// Where and when the sides are laid together.
#[derive(Debug)]
pub struct Desk<'a> {
    store: &'a Store,
    public: &'a ClinicPublicKey,
    context: Context,
}

impl<'a> Desk<'a> {
    #[must_use]
    pub fn new(
        store: &'a Store,
        public: &'a ClinicPublicKey,
        desk: &DeskId,
        now: chrono::DateTime<chrono::Utc>,
    ) -> Self {
        Self { store, public, context: Context { now, desk: desk.clone() } }
    }

    /// Lays the sides of one conflict together with a person's choices. `actor`: who chose; none: nobody had to, and the
    /// edit stays whose it was.
    pub(crate) async fn lay(
        &self,
        sides: Sides,
        choices: &[FieldChoice],
        actor: Option<StaffId>,
    ) -> Result<Laid, DeskError> {
        let differing = fields(&sides);
        let theirs = of_snapshot(&sides.theirs);
        let mut merged = theirs.clone();
        for field in &differing {
            let chosen = choices.iter().find(|choice| choice.field == field.name).map(|choice| field.of(choice.side));
            match chosen.or_else(|| field.by_itself()) {
                Some(Value::Null) => merged.remove(&field.name),
                Some(value) => merged.insert(field.name.clone(), value.clone()),
                None => return Ok(Laid::Open),
            };
        }
        if sides.waits || sides.theirs.state.is_none() {
            return Ok(Laid::Open);
        }
        let old = sides.mine.envelope.action.clone();
        let actor = actor.unwrap_or_else(|| old.actor.clone());
        let audit = AuditEntry::new(self.context.now, Some(actor.clone()), "outbox.merge").about(old.id.as_str());
        if merged == theirs {
            self.store.outbox_discard(&old.id, audit).await?;
            return Ok(Laid::NothingLeft);
        }
        let (command, main) = rebuilt(&old.command, sides.theirs.state.as_ref(), merged)?;
        let action =
            Action { id: ActionId::from_random(id_bytes()?), at: self.context.now, actor, command, ..old.clone() };
        let (parts, opened) = sealing::parts_of(&action, Some(main), self.public)?;
        let new = action.id.clone();
        let envelope = ActionEnvelope { action, parts };
        self.store.outbox_replace(&old.id, envelope, opened, &self.context, audit).await?;
        Ok(Laid::Sent(new))
    }

    /// Lays together what needs nobody's choice: each edit with its sides and what became of it, oldest first.
    ///
    /// # Errors
    /// Of the database. What was laid together before stays so.
    pub async fn lay_all(&self) -> Result<Vec<(Sides, Laid)>, DeskError> {
        let mut laid = Vec::new();
        for record in self.store.outbox().await?.into_iter().filter(store::OutboxRecord::is_conflict) {
            let Some(sides) = self.store.sides(&record.envelope.action.id).await? else { continue };
            match self.lay(sides.clone(), &[], None).await {
                Ok(Laid::Open) => {}
                Ok(became) => laid.push((sides, became)),
                // it stays before a person, and nothing waits for it
                Err(error) => tracing::warn!(%error, "the sides of an edit are not laid together"),
            }
        }
        Ok(laid)
    }
}

/// The edit with these fields.
fn rebuilt(command: &Command, theirs: Option<&State>, merged: Fields) -> Result<(Command, Value), DeskError> {
    let in_clear: BTreeSet<String> =
        clear_of(command).into_iter().chain(clear_of_state(theirs)).map(|(name, _)| name).collect();
    let (clear, main): (Map<_, _>, Map<_, _>) = merged.into_iter().partition(|(name, _)| in_clear.contains(name));
    let clear = Value::Object(clear);
    let broken = |_| DeskError::Broken("the sides of an edit do not fit together");
    let command = match command {
        Command::StaffPut { .. } => Command::StaffPut { staff: serde_json::from_value(clear).map_err(broken)? },
        Command::PractitionerPut { .. } => {
            Command::PractitionerPut { practitioner: serde_json::from_value(clear).map_err(broken)? }
        }
        Command::ClinicPut { .. } => Command::ClinicPut { clinic: serde_json::from_value(clear).map_err(broken)? },
        Command::CasePut { number, received_at, .. } => Command::CasePut {
            case: serde_json::from_value(clear).map_err(broken)?,
            number: *number,
            received_at: *received_at,
        },
        other => other.clone(),
    };
    Ok((command, Value::Object(main)))
}
