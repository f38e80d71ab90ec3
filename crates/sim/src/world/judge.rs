//! What the judge writes down while a story is played.

use std::collections::BTreeSet;

use contract::v1::Outcome;
use domain::{Action, ActionId, Command, DeskId, EntityRef};

use super::World;
use crate::{
    cache::Laid,
    card,
    desk::Desk,
    gateway::{Gateway, Told},
    keys::Key,
    rows::Envelope,
};

/// What somebody at a desk was told to be saved: the promise that is kept or not.
#[derive(Debug, Clone)]
pub struct Promise {
    pub desk: usize,
    pub life: u32,
    pub envelope: Envelope,
    /// Of an edit: the fields that its author changed.
    pub fields: BTreeSet<u8>,
    /// It existed only on a disk whose key was lost or that was let go, and in no copy of the gateway.
    pub excused: bool,
    /// A person has given it up.
    pub given_up: bool,
    /// It was laid together with what others did, and goes on under another id or is in theirs.
    pub laid: bool,
}

/// A desk that was let go, of whose keychain somebody has a copy.
#[derive(Debug, Clone)]
pub struct ShutOut {
    pub desk: DeskId,
    pub keys: BTreeSet<Key>,
    /// How many changes of key there had been.
    pub era: u32,
}

impl World {
    pub(super) fn promise(&mut self, desk: usize, envelope: Envelope, card: Option<u32>) {
        let mut fields: BTreeSet<u8> = match (card, envelope.part) {
            (Some(before), Some(after)) => card::differing(before, after).collect(),
            _ => BTreeSet::new(),
        };
        if !self.desks[desk].reads_newer {
            // nobody changes there what is not shown
            fields.remove(&(card::FIELDS - 1));
        }
        self.promise_of(desk, envelope, fields);
    }

    fn promise_of(&mut self, desk: usize, envelope: Envelope, fields: BTreeSet<u8>) {
        let life = self.desks[desk].life;
        let id = envelope.action.id.clone();
        let promise = Promise { desk, life, envelope, fields, excused: false, given_up: false, laid: false };
        self.promises.insert(id, promise);
    }

    /// Edits were laid together: whatever came of it has what their authors wrote.
    pub(super) fn note_laid(&mut self, desk: usize, laid: &[Laid]) {
        for Laid { old, new, before, theirs, card } in laid {
            self.figures.merged += 1;
            let Some(promise) = self.promises.get_mut(old) else { continue };
            promise.laid = true;
            let fields = promise.fields.clone();
            let mine = promise.envelope.part.unwrap_or_default();
            for n in &fields {
                let of = |card: u32| card::field(card, *n);
                if of(*card) != of(mine) {
                    self.witnessed.get_or_insert(format!("field {n} of {old} is forgotten"));
                }
                if of(*theirs) != of(*before) && of(*theirs) != of(mine) {
                    self.witnessed.get_or_insert(format!("field {n} of {old} went over theirs, and nobody was asked"));
                }
            }
            if let Some(new) = new {
                self.promise_of(desk, new.clone(), fields);
            }
        }
    }

    pub(super) fn remember_first_outcomes(&mut self, envelopes: &[Envelope]) {
        for envelope in envelopes {
            let id = &envelope.action.id;
            if let Some(decided) = self.gateway.house().decided.get(id) {
                if !self.first_outcomes.contains_key(id) {
                    remember_block(&mut self.blocked, &self.gateway, &envelope.action, &decided.outcome);
                }
                self.first_outcomes.entry(id.clone()).or_insert_with(|| decided.outcome.clone());
            }
        }
    }

    /// An action has one outcome for ever, however often it is asked for.
    pub(super) fn witness(&mut self, told: &[Told]) {
        for (id, outcome) in told {
            if matches!(outcome, Outcome::RetryLater | Outcome::BlockedBy { .. }) {
                continue;
            }
            match self.first_outcomes.get(id) {
                Some(first) if first != outcome => {
                    self.witnessed.get_or_insert(format!("{id} had another outcome before"));
                }
                Some(_) => {}
                None => {
                    self.first_outcomes.insert(id.clone(), outcome.clone());
                }
            }
        }
    }

    /// What only this desk's disk had, and no copy of the gateway, is not asked for any more.
    pub(super) fn excuse(&mut self, desk: usize) {
        let house = self.gateway.house();
        let oldest = self.gateway.oldest_copy().unwrap_or(house);
        for (id, promise) in &mut self.promises {
            if promise.desk == desk && !(house.decided.contains_key(id) && oldest.decided.contains_key(id)) {
                promise.excused = true;
            }
        }
    }

    /// Promises that are not excused.
    pub fn kept_promises(&self) -> impl Iterator<Item = (&ActionId, &Promise)> {
        self.promises.iter().filter(|(_, promise)| !promise.excused)
    }

    /// The desk, if it still is who it was when the promise was given.
    #[must_use]
    pub fn same_desk(&self, promise: &Promise) -> Option<&Desk> {
        self.desks.get(promise.desk).filter(|desk| desk.life == promise.life && desk.is_in())
    }
}

fn remember_block(blocked: &mut BTreeSet<EntityRef>, gateway: &Gateway, action: &Action, outcome: &Outcome) {
    let Outcome::Applied { .. } = outcome else { return };
    let person = &action.entity;
    let frees = || !gateway.house().rows.get(person).is_some_and(|row| row.is_blocked());
    match action.command {
        Command::PersonBlock { .. } => {
            blocked.insert(person.clone());
        }
        Command::PersonUnblock { .. } if frees() => {
            blocked.remove(person);
        }
        _ => {}
    }
}
