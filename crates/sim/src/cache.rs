//! A desk's database: base and overlay, what it could not read, its outbox, what has settled, and the keys it holds.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use contract::v1::Outcome;
use domain::{Action, ActionId, Command, DeskId, EntityRef, Refusal};

use crate::{
    bug::Bug,
    card,
    chance::bytes,
    gateway::Cursor,
    keys::{self, Key, Record},
    rows::{self, Envelope, Row, Rows},
};

/// Where an action of the outbox stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    Saved,
    Unknown,
    Refused,
    /// The gateway has it; shown on top until the feed has brought these versions.
    Applied(Vec<(EntityRef, u64)>),
}

/// An action of the outbox.
#[derive(Debug, Clone)]
pub struct Entry {
    pub envelope: Envelope,
    pub stage: Stage,
    /// The gateway had it once; it went again after a restore.
    pub came_back: bool,
    /// The desk's clock when it was made: the overlay is always worked out as of then.
    pub made_at: DateTime<Utc>,
    /// The card as it was when the edit began.
    pub before: Option<u32>,
    /// The version that an edit met, and was refused for.
    pub met: Option<u64>,
}

/// A settled action that is kept, because a copy of the gateway may lack it.
#[derive(Debug, Clone)]
pub struct Settled {
    pub envelope: Envelope,
    /// The place in the feed at which it was known to have settled.
    pub place: Option<Cursor>,
    /// The gateway may have forgotten it: it goes again.
    pub again: bool,
}

/// An edit that was laid together with what the others did.
#[derive(Debug, Clone)]
pub struct Laid {
    pub old: ActionId,
    /// What goes in its place; none: there is nothing left of it that they do not have.
    pub new: Option<Envelope>,
    /// The card as it was when the edit began, and as the others have made it.
    pub before: u32,
    pub theirs: u32,
    /// The card that it comes to.
    pub card: u32,
}

/// A page of the feed.
#[derive(Debug, Clone)]
pub struct Page {
    pub rows: Vec<(EntityRef, Row)>,
    pub cursor: Cursor,
    pub has_more: bool,
    /// Up to this number everything is in every copy that could be restored.
    pub kept_in_copies: u64,
    /// What is sealed to now.
    pub key: Key,
    /// A desk was let go: the key is to be changed.
    pub due: bool,
}

/// The desk's database.
#[derive(Debug, Clone)]
pub struct Cache {
    pub id: DeskId,
    pub cursor: Option<Cursor>,
    pub base: BTreeMap<EntityRef, (Row, u32)>,
    /// What only a newer version can read, as it came.
    pub unread: BTreeMap<EntityRef, (Row, u32)>,
    /// Entities whose sealed part did not open.
    pub unopened: BTreeSet<EntityRef>,
    pub generation: u32,
    pub resyncing: bool,
    pub outbox: Vec<Entry>,
    pub retained: Vec<Settled>,
    /// What the desk was told of its actions.
    pub told: BTreeMap<ActionId, Outcome>,
    /// The clinic's keys; in the keychain, and so in a transaction of their own.
    pub keys: BTreeSet<Key>,
    pub(crate) counter: u64,
}

impl Cache {
    pub(crate) fn fresh(id: DeskId, key: Key) -> Self {
        Self {
            id,
            cursor: None,
            base: BTreeMap::new(),
            unread: BTreeMap::new(),
            unopened: BTreeSet::new(),
            generation: 1,
            resyncing: false,
            outbox: Vec::new(),
            retained: Vec::new(),
            told: BTreeMap::new(),
            keys: BTreeSet::from([key]),
            counter: 0,
        }
    }

    /// The newest key.
    #[must_use]
    pub fn key(&self) -> Key {
        self.keys.last().copied().unwrap_or_default()
    }

    /// What the screen shows: the base with this desk's unsettled actions on top.
    #[must_use]
    pub fn shown(&self) -> Rows {
        let mut rows: Rows = self.base.iter().map(|(id, (row, _))| (id.clone(), row.clone())).collect();
        for entry in self.outbox.iter().filter(|entry| entry.stage != Stage::Refused) {
            // money is spent when the gateway says so, and not before
            if matches!(entry.envelope.action.entity, EntityRef::Certificate(_)) {
                continue;
            }
            let action = &entry.envelope.action;
            let view = rows::view(&rows, action);
            // what does not hold on the new base is not shown; the gateway's word on it will come
            let _ = rows::apply(&mut rows, &entry.envelope, &view, (entry.made_at, &self.id), 0, || 0);
        }
        rows
    }

    /// Actions that wait for the gateway.
    pub fn unsent(&self) -> impl Iterator<Item = &Entry> {
        self.outbox.iter().filter(|entry| matches!(entry.stage, Stage::Saved | Stage::Unknown))
    }

    /// What the gateway does not have, or may have forgotten.
    pub(crate) fn has_something_to_send(&self) -> bool {
        self.unsent().next().is_some() || self.retained.iter().any(|settled| settled.again)
    }

    /// What may be sent, oldest first: what goes again, and then nothing that an earlier refused action holds back.
    pub(crate) fn sendable(&self, bug: Option<Bug>) -> Vec<Envelope> {
        let again = self.retained.iter().filter(|settled| settled.again);
        let mut ready: Vec<Envelope> = again.map(|settled| settled.envelope.clone()).collect();
        let mut blocked: Vec<EntityRef> = Vec::new();
        for entry in &self.outbox {
            let touches = entry.envelope.action.touches();
            let held = touches.iter().any(|entity| blocked.contains(entity));
            let held = held && bug != Some(Bug::RefusalHoldsNothingBack);
            match entry.stage {
                Stage::Refused => blocked.extend(touches),
                // on its way or not: the gateway has not taken it, for every push that held it began with the refused one
                Stage::Saved | Stage::Unknown if held => blocked.extend(touches),
                Stage::Saved | Stage::Unknown => ready.push(entry.envelope.clone()),
                Stage::Applied(_) => {}
            }
        }
        ready
    }

    /// Applied actions that the feed has brought leave the outbox.
    pub(crate) fn settle(&mut self) {
        let Some(place) = self.cursor else { return };
        if self.resyncing {
            return;
        }
        let (base, unread) = (&self.base, &self.unread);
        let here = |id: &EntityRef| base.get(id).or_else(|| unread.get(id));
        let brought = |entry: &Entry| match &entry.stage {
            Stage::Applied(versions) => {
                versions.iter().all(|(id, version)| here(id).is_some_and(|(row, _)| row.version >= *version))
            }
            _ => false,
        };
        let (done, rest): (Vec<Entry>, Vec<Entry>) = self.outbox.drain(..).partition(brought);
        self.outbox = rest;
        let settled = |entry: Entry| Settled { envelope: entry.envelope, place: Some(place), again: false };
        self.retained.extend(done.into_iter().map(settled));
    }

    /// After a resync the gateway may have forgotten what it once confirmed: all of that goes again, and does not lie
    /// over the view, where others have gone on since.
    pub(crate) fn send_again(&mut self, bug: Option<Bug>) {
        for settled in &mut self.retained {
            settled.again = true;
        }
        for entry in &mut self.outbox {
            if matches!(entry.stage, Stage::Applied(_)) {
                // what was built on it may have gone out by now
                (entry.stage, entry.came_back) = (Stage::Saved, true);
            }
        }
        if bug == Some(Bug::ResentUnderNewIds) {
            for settled in &mut self.retained {
                self.counter += 1;
                settled.envelope.action.id = ActionId::from_random(bytes(99, self.counter));
            }
        }
    }

    /// The gateway's word on an action that went again. A refusal brings it back into the outbox, before a person.
    pub(crate) fn hear_again(&mut self, id: &ActionId, outcome: &Outcome, now: DateTime<Utc>) {
        let Some(at) = self.retained.iter().position(|settled| settled.envelope.action.id == *id) else { return };
        match outcome {
            Outcome::Applied { .. } => {
                self.retained[at].again = false;
                self.retained[at].place = None;
            }
            Outcome::Conflict { .. } | Outcome::Rejected { .. } | Outcome::Unknown => {
                let envelope = self.retained.remove(at).envelope;
                // what the record had been is not kept any longer: a person looks at it
                let stage = Stage::Refused;
                let entry = Entry { envelope, stage, came_back: true, made_at: now, before: None, met: None };
                self.outbox.insert(0, entry);
            }
            Outcome::RetryLater | Outcome::BlockedBy { .. } => return,
        }
        self.told.insert(id.clone(), outcome.clone());
    }

    /// Takes what a page says of one entity: it is in the base, or unread, never in both.
    pub(crate) fn bring(&mut self, id: &EntityRef, row: &Row, reads_newer: bool, bug: Option<Bug>) {
        let known = self.base.get(id).or_else(|| self.unread.get(id));
        let stale = known.is_some_and(|(known, of)| *of == self.generation && known.seq > row.seq);
        if stale && bug != Some(Bug::LatePageApplied) {
            return;
        }
        let brought = (row.clone(), self.generation);
        if row.word == 0 || reads_newer {
            self.unread.remove(id);
            self.base.insert(id.clone(), brought);
        } else if bug != Some(Bug::NewerDropped) {
            if bug != Some(Bug::NewerBesideTheOld) {
                self.base.remove(id);
            }
            self.unread.insert(id.clone(), brought);
        }
        if self.keys.contains(&row.seal) {
            self.unopened.remove(id);
        } else {
            self.unopened.insert(id.clone());
        }
    }

    /// A new reading is over: what it did not bring is gone.
    pub(crate) fn sweep(&mut self) {
        let generation = self.generation;
        self.base.retain(|_, (_, of)| *of == generation);
        self.unread.retain(|_, (_, of)| *of == generation);
        let (base, unread) = (&self.base, &self.unread);
        self.unopened.retain(|id| base.contains_key(id) || unread.contains_key(id));
    }

    /// What an older version had to keep unread.
    pub(crate) fn read_newer(&mut self) {
        self.base.append(&mut self.unread);
    }

    /// The keys that the records give to this desk.
    pub(crate) fn with_keys_of(&self, records: &[Record]) -> BTreeSet<Key> {
        keys::taken(&self.keys, &self.id, records)
    }

    /// Whether something that may go out is sealed to another key than the newest.
    pub(crate) fn sealed_to_older(&self, bug: Option<Bug>) -> bool {
        let key = self.key();
        let older = |envelope: &Envelope| envelope.part.is_some() && envelope.seal != key;
        let settled = bug != Some(Bug::SettledNotResealed) && self.retained.iter().any(|one| older(&one.envelope));
        settled || self.outbox.iter().any(|entry| older(&entry.envelope))
    }

    /// Seals anew what may go out, under the same ids.
    pub(crate) fn seal_anew(&mut self, bug: Option<Bug>) {
        let key = self.key();
        self.outbox.iter_mut().for_each(|entry| entry.envelope.seal = key);
        if bug != Some(Bug::SettledNotResealed) {
            self.retained.iter_mut().for_each(|settled| settled.envelope.seal = key);
        }
    }

    /// Edits that met others', laid together where nobody has to choose.
    pub(crate) fn lay_together(&self, now: DateTime<Utc>, bug: Option<Bug>) -> Vec<Laid> {
        let mut laid = Vec::new();
        for (at, entry) in self.outbox.iter().enumerate() {
            let envelope = &entry.envelope;
            let (Some(before), Some(mine), Some(met)) = (entry.before, envelope.part, entry.met) else { continue };
            let is_edit = entry.stage == Stage::Refused && matches!(envelope.action.command, Command::PersonPut { .. });
            let Some((base, _)) = self.base.get(&envelope.action.entity) else { continue };
            let first = || self.outbox[..at].iter().all(|other| other.envelope.action.entity != envelope.action.entity);
            // theirs is yet to come; and one after another
            if !is_edit || base.version < met || !first() {
                continue;
            }
            let merged = match bug {
                Some(Bug::MergeTakesMine) => Some(mine),
                Some(Bug::MergeTakesTheirs) => Some(base.part),
                Some(Bug::MergeIgnoresClashes) => Some(
                    card::differing(before, mine).fold(base.part, |card, n| card::with(card, n, card::field(mine, n))),
                ),
                _ => card::laid(before, mine, base.part),
            };
            let Some(card) = merged else { continue };
            let new = (card != base.part).then(|| {
                let id = ActionId::from_random(bytes(51, self.counter + laid.len() as u64 + life_mark(&self.id)));
                let action = Action {
                    id,
                    at: now,
                    base_version: base.version,
                    if_match: base.state.etag().cloned(),
                    ..envelope.action.clone()
                };
                Envelope { action, part: Some(card), seal: self.key(), word: None }
            });
            laid.push(Laid { old: envelope.action.id.clone(), new, before, theirs: base.part, card });
        }
        laid
    }

    /// Puts in the place of edits what they come to.
    pub(crate) fn put_laid(&mut self, laid: &[Laid], now: DateTime<Utc>) {
        for Laid { old, new, .. } in laid {
            let Some(at) = self.outbox.iter().position(|entry| entry.envelope.action.id == *old) else { continue };
            self.counter += 1;
            let Some(envelope) = new else {
                self.outbox.remove(at);
                continue;
            };
            let theirs = self.base.get(&envelope.action.entity).map(|(row, _)| row.part);
            self.outbox[at] = Entry {
                envelope: envelope.clone(),
                stage: Stage::Saved,
                came_back: false,
                made_at: now,
                before: theirs,
                met: None,
            };
        }
    }
}

/// A number that no other desk has, for ids.
fn life_mark(id: &DeskId) -> u64 {
    id.as_str().bytes().fold(0, |mark: u64, byte| mark.wrapping_mul(31).wrapping_add(byte.into())) << 20
}

/// The version that an edit met.
pub(crate) fn met(outcome: &Outcome) -> Option<u64> {
    match outcome {
        Outcome::Conflict { refusal: Refusal::ChangedMeanwhile { version } } => Some(u64::from(*version)),
        _ => None,
    }
}
