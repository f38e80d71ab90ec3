//! The gateway of the model: the protocol of `contract::v1` over the real rule.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use contract::v1::Outcome;
use domain::{
    Action, ActionId, Command, DeskId, EntityRef, Kopecks, Refusal, State, View,
    person::{Block, BlockGround, BlockRequester},
};

use crate::{
    bug::Bug,
    cache::Page,
    cast,
    disk::{Died, Disk},
    keys::{Key, Record},
    rows::{self, Envelope, Row, Rows},
};

/// Changes of one page: small, so that feeds are cut in their middle.
pub(crate) const PAGE: usize = 5;
/// Copies that the operator keeps.
const COPIES: usize = 2;

/// A place in the feed.
pub type Cursor = (u32, u64);

/// What is remembered of an action.
#[derive(Debug, Clone)]
pub struct Decided {
    pub envelope: Envelope,
    pub outcome: Outcome,
}

/// A card and who wrote it.
#[derive(Debug, Clone, Default)]
pub struct Written {
    pub card: u32,
    pub by: Option<ActionId>,
}

impl Written {
    fn of(row: &Row) -> Self {
        Self { card: row.part, by: row.state.etag().cloned() }
    }
}

/// The gateway's database.
#[derive(Debug, Clone)]
pub struct House {
    pub epoch: u32,
    pub seq: u64,
    pub rows: Rows,
    pub decided: BTreeMap<ActionId, Decided>,
    /// How often a restore has done something to an entity that no action did.
    pub redone: BTreeMap<EntityRef, u64>,
    /// Every card at every version and who wrote it, for the judge.
    pub cards: BTreeMap<(EntityRef, u64), Written>,
    /// Changes of the clinic's key, oldest first.
    pub records: Vec<Record>,
    /// Somebody was let go since the last change.
    pub due: bool,
    pub let_go: BTreeSet<DeskId>,
    /// The keys that open invitations hold.
    pub invitations: Vec<Key>,
}

impl House {
    fn next_seq(&mut self) -> u64 {
        self.seq += 1;
        self.seq
    }

    /// What is sealed to now.
    #[must_use]
    pub fn key(&self) -> Key {
        self.records.last().map_or_else(Key::default, |record| record.key)
    }

    fn era(&self) -> u32 {
        u32::try_from(self.records.len()).unwrap_or(u32::MAX)
    }
}

/// An answer to a push.
#[derive(Debug, Clone)]
pub(crate) enum Pushed {
    Outcomes(Vec<Told>),
    /// It is sealed to an older key; nothing was decided.
    OlderKey,
    /// It failed as a whole, after some of it was decided.
    Broken,
}

/// One answer to one action.
pub(crate) type Told = (ActionId, Outcome);

/// The gateway with its copies. The epochs given out are not in the copies: no two are alike.
#[derive(Debug)]
pub struct Gateway {
    disk: Disk<House>,
    /// The latest first.
    copies: Vec<House>,
    epochs: u32,
    /// Whom a copy may not bring back, whom it may not let in again, and the changes of key: in no copy either.
    blocked: BTreeSet<EntityRef>,
    let_go: BTreeSet<DeskId>,
    records: Vec<Record>,
    /// Every desk that was ever let in.
    enrolled: BTreeSet<DeskId>,
    /// Actions that break the push that they are in.
    pub broken: BTreeSet<ActionId>,
    bug: Option<Bug>,
}

impl Gateway {
    pub(crate) fn new(bug: Option<Bug>) -> Self {
        let mut house = House {
            epoch: 1,
            seq: 0,
            rows: Rows::new(),
            decided: BTreeMap::new(),
            redone: BTreeMap::new(),
            cards: BTreeMap::new(),
            records: Vec::new(),
            due: false,
            let_go: BTreeSet::new(),
            invitations: Vec::new(),
        };
        for (entity, state) in cast::founding() {
            let seq = house.next_seq();
            house.cards.insert((entity.clone(), 1), Written::default());
            house.rows.insert(entity, Row::bare(1, seq, state));
        }
        Self {
            disk: Disk::holding(house),
            copies: Vec::new(),
            epochs: 1,
            blocked: BTreeSet::new(),
            let_go: BTreeSet::new(),
            records: Vec::new(),
            enrolled: BTreeSet::new(),
            broken: BTreeSet::new(),
            bug,
        }
    }

    /// What is on its disk.
    #[must_use]
    pub fn house(&self) -> &House {
        self.disk.kept()
    }

    /// The oldest copy that could be restored.
    pub(crate) fn oldest_copy(&self) -> Option<&House> {
        self.copies.last()
    }

    pub(crate) fn dies_after(&mut self, commits: Option<u8>) {
        self.disk.dies_after(commits);
    }

    pub(crate) fn back_up(&mut self) {
        self.copies.insert(0, self.disk.kept().clone());
        self.copies.truncate(COPIES);
    }

    /// Goes back to a copy; what was decided since is forgotten. Gives back whether there was one.
    pub(crate) fn restore(&mut self, which: u8) -> bool {
        let which = usize::from(which).min(self.copies.len().saturating_sub(1));
        let Some(copy) = self.copies.get(which) else { return false };
        let mut house = copy.clone();
        // later copies are of a history that did not happen
        self.copies.drain(..which);
        if self.bug == Some(Bug::NoEpochOnRestore) {
            house.epoch = self.disk.kept().epoch;
        } else {
            self.epochs += 1;
            house.epoch = self.epochs;
        }
        if self.bug != Some(Bug::BlocksOnlyInCopies) {
            self.blocked.iter().for_each(|person| block_again(&mut house, person));
        }
        let older_key = house.records.len() < self.records.len();
        if older_key && self.bug != Some(Bug::KeysOnlyInCopies) {
            house.records = self.records.clone();
            // what the copy has open holds the older key
            house.invitations.clear();
        }
        if self.bug != Some(Bug::LetGoOnlyInCopies) {
            let missing = self.let_go.iter().any(|desk| !house.let_go.contains(desk));
            house.let_go.extend(self.let_go.iter().cloned());
            house.due |= missing;
        }
        self.disk.replace(house);
        true
    }

    /// Whether the last copy that could be restored has an older key.
    pub(crate) fn copy_has_older_key(&self, which: u8) -> bool {
        let which = usize::from(which).min(self.copies.len().saturating_sub(1));
        self.copies.get(which).is_some_and(|copy| copy.records.len() < self.records.len())
    }

    /// A desk is in.
    pub(crate) fn enrol(&mut self, desk: &DeskId) {
        self.enrolled.insert(desk.clone());
    }

    /// Every desk that was let in and not let go.
    #[must_use]
    pub fn desks(&self) -> BTreeSet<DeskId> {
        self.enrolled.difference(&self.disk.kept().let_go).cloned().collect()
    }

    /// A desk's access ends. From now on the key is to be changed.
    pub(crate) fn lets_go(&mut self, desk: &DeskId) {
        let stays = self.bug == Some(Bug::KeyStaysAfterLettingGo);
        // a command of its operator, who sees whether it was done
        let _ = self.disk.commit(|house| {
            house.let_go.insert(desk.clone());
            house.due = !stays;
        });
        self.let_go.insert(desk.clone());
    }

    /// An invitation that holds a key; whether it was taken.
    pub(crate) fn invite(&mut self, key: Key) -> bool {
        let current = key == self.disk.kept().key() || self.bug == Some(Bug::InvitedWithAnOlderKey);
        if current {
            let _ = self.disk.commit(|house| house.invitations.push(key));
        }
        current
    }

    /// The newest open invitation is used.
    pub(crate) fn use_invitation(&mut self) -> Option<Key> {
        let key = self.disk.kept().invitations.last().copied()?;
        let _ = self.disk.commit(|house| house.invitations.pop());
        Some(key)
    }

    /// Takes a change of key if it is the next one and is given to each desk that is in and to no other.
    pub(crate) fn change_key(&mut self, record: &Record) -> Result<bool, Died> {
        let bug = self.bug;
        let desks = self.desks();
        let house = self.disk.kept();
        let next = record.before == house.key() && record.key.number == house.key().number + 1;
        let looks = !matches!(bug, Some(Bug::RecipientsNotChecked | Bug::NewKeyForTheLetGo));
        if !next || (looks && record.to != desks) {
            return Ok(false);
        }
        let records = &mut self.records;
        self.disk.commit(|house| {
            house.records.push(record.clone());
            house.due = false;
            if bug != Some(Bug::InvitationsSurviveAChange) {
                house.invitations.clear();
            }
            records.clone_from(&house.records);
        })?;
        Ok(true)
    }

    /// A request comes by the site's door, sealed to the key of the day.
    pub(crate) fn site_sends(&mut self, request: &EntityRef, state: State) -> Result<(), Died> {
        self.disk.commit(|house| {
            let seq = house.next_seq();
            let row = Row { seal: house.key(), era: house.era(), ..Row::bare(1, seq, state) };
            house.rows.insert(request.clone(), row);
        })
    }

    /// Decides a push, each action in a transaction of its own.
    pub(crate) fn push(&mut self, envelopes: &[Envelope], desk: &DeskId, now: DateTime<Utc>) -> Result<Pushed, Died> {
        let key = self.disk.kept().key();
        let older = envelopes.iter().any(|envelope| envelope.part.is_some() && envelope.seal != key);
        if older && self.bug != Some(Bug::OlderKeyTaken) {
            return Ok(Pushed::OlderKey);
        }
        let mut told = Vec::with_capacity(envelopes.len());
        let mut refused: BTreeMap<EntityRef, ActionId> = BTreeMap::new();
        for envelope in envelopes {
            let action = &envelope.action;
            if self.broken.contains(&action.id) {
                return Ok(Pushed::Broken);
            }
            let blocked_by = action.touches().iter().find_map(|entity| refused.get(entity).cloned());
            let blocked_by = blocked_by.filter(|_| self.bug != Some(Bug::RefusalHoldsNothingBack));
            let outcome = self.one(envelope, desk, now, blocked_by)?;
            if let Outcome::Conflict { .. } | Outcome::Rejected { .. } | Outcome::BlockedBy { .. } = &outcome {
                let culprit = match &outcome {
                    Outcome::BlockedBy { action } => action.clone(),
                    _ => action.id.clone(),
                };
                for entity in action.touches() {
                    refused.entry(entity).or_insert_with(|| culprit.clone());
                }
            }
            told.push((action.id.clone(), outcome));
        }
        Ok(Pushed::Outcomes(told))
    }

    fn one(
        &mut self,
        envelope: &Envelope,
        desk: &DeskId,
        now: DateTime<Utc>,
        blocked_by: Option<ActionId>,
    ) -> Result<Outcome, Died> {
        let bug = self.bug;
        let id = &envelope.action.id;
        if bug != Some(Bug::NoDedup)
            && let Some(decided) = self.disk.kept().decided.get(id)
        {
            if bug == Some(Bug::OutcomeNotStored) {
                return Ok(Outcome::Applied { versions: Vec::new() });
            }
            let same = match bug {
                Some(Bug::SequentialActionIds) => true,
                Some(Bug::CiphertextIdentifies) => {
                    decided.envelope == *envelope && decided.envelope.seal == envelope.seal
                }
                // what is sealed is not looked at: the gateway cannot tell a new seal from another content
                _ => decided.envelope.action == envelope.action && decided.envelope.word == envelope.word,
            };
            // another payload under the same id is refused by a problem that the desk sets aside
            return Ok(if same {
                decided.outcome.clone()
            } else {
                Outcome::Rejected { refusal: Refusal::AlreadyExists }
            });
        }
        if let Some(action) = blocked_by {
            return Ok(Outcome::BlockedBy { action });
        }
        let remember = |house: &mut House, outcome: &Outcome| {
            house.decided.insert(id.clone(), Decided { envelope: envelope.clone(), outcome: outcome.clone() });
        };
        let in_one = bug != Some(Bug::DedupInSecondTransaction);
        let blocked = &mut self.blocked;
        let outcome = self.disk.commit(|house| {
            let outcome = decide_on(house, envelope, desk, now, bug);
            // noted before it is acknowledged
            note_block(blocked, house, &envelope.action, &outcome);
            if in_one {
                remember(house, &outcome);
            }
            outcome
        })?;
        if !in_one {
            self.disk.commit(|house| remember(house, &outcome))?;
        }
        Ok(outcome)
    }

    /// One page of the feed; none: it is to be read anew.
    pub(crate) fn pull(&self, since: Option<Cursor>) -> Option<Page> {
        let house = self.disk.kept();
        let after = match since {
            Some((epoch, seq)) if epoch == house.epoch && seq <= house.seq => seq,
            Some(_) => return None,
            None => 0,
        };
        let mut rows: Vec<_> =
            house.rows.iter().filter(|(_, row)| row.seq > after).map(|(id, row)| (id.clone(), row.clone())).collect();
        rows.sort_by_key(|(_, row)| row.seq);
        let has_more = rows.len() > PAGE;
        rows.truncate(PAGE);
        let last = rows.last().map_or(after, |(_, row)| row.seq);
        let kept_in_copies = self.copies.last().map_or(0, |copy| copy.seq);
        let (key, due) = (house.key(), house.due);
        Some(Page { rows, cursor: (house.epoch, last), has_more, kept_in_copies, key, due })
    }
}

fn note_block(blocked: &mut BTreeSet<EntityRef>, house: &House, action: &Action, outcome: &Outcome) {
    let Outcome::Applied { .. } = outcome else { return };
    let person = &action.entity;
    let is_blocked = house.rows.get(person).is_some_and(|row| row.is_blocked());
    match action.command {
        Command::PersonBlock { .. } => {
            blocked.insert(person.clone());
        }
        Command::PersonUnblock { .. } if !is_blocked => {
            blocked.remove(person);
        }
        _ => {}
    }
}

/// What a copy did not know of is done again.
fn block_again(house: &mut House, person: &EntityRef) {
    let seq = house.seq + 1;
    let Some(row) = house.rows.get_mut(person).filter(|row| !row.is_blocked()) else { return };
    if let State::Person(known) = &mut row.state {
        known.blocks.push(Block {
            id: None,
            at: cast::beginning(),
            recorded_at: None,
            by: None,
            requester: BlockRequester::Clinic,
            ground: BlockGround::Restored,
            lifted: None,
        });
    }
    (row.version, row.seq, house.seq) = (row.version + 1, seq, seq);
    house.cards.insert((person.clone(), row.version), Written::of(row));
    *house.redone.entry(person.clone()).or_default() += 1;
}

/// The edit is taken for one of what is there.
fn lets_in(view: &mut View, action: &Action) {
    if let Some(target) = &mut view.target {
        target.set_etag(action.if_match.clone());
    }
}

fn decide_on(house: &mut House, envelope: &Envelope, desk: &DeskId, now: DateTime<Utc>, bug: Option<Bug>) -> Outcome {
    let action = &envelope.action;
    let mut view = rows::view(&house.rows, action);
    let is_edit = matches!(action.command, Command::PersonPut { .. });
    match bug {
        Some(Bug::NoSlotCheck) => view.neighbours.clear(),
        Some(Bug::NoBalanceCheck) => {
            if let Some(State::Certificate(certificate)) = &mut view.target
                && let Some(sale) = certificate.ledger.first_mut()
            {
                sale.amount = Kopecks(i64::from(u32::MAX));
            }
        }
        Some(Bug::EditUnblocks) if is_edit => {
            if let Some(State::Person(person)) = &mut view.target {
                person.blocks.clear();
            }
        }
        Some(Bug::NoVersionCheck) if is_edit => lets_in(&mut view, action),
        Some(Bug::NumberForEtag) if is_edit && view.target_version == action.base_version => lets_in(&mut view, action),
        Some(Bug::LastWriterByDeskClock) if is_edit => {
            let latest = house.decided.values().filter(|d| d.envelope.action.entity == action.entity);
            let latest = latest.map(|decided| decided.envelope.action.at).max();
            if latest.is_none_or(|latest| action.at >= latest) {
                lets_in(&mut view, action);
            }
        }
        _ => {}
    }
    let (mut seq, era) = (house.seq, house.era());
    let mut next = || {
        seq += 1;
        seq
    };
    let decided = rows::apply(&mut house.rows, envelope, &view, (now, desk), era, &mut next);
    house.seq = seq;
    match decided {
        Ok(versions) => {
            for (entity, version) in versions.iter().filter(|(entity, _)| matches!(entity, EntityRef::Person(_))) {
                let card = house.rows.get(entity).map(Written::of).unwrap_or_default();
                house.cards.insert((entity.clone(), *version), card);
            }
            Outcome::Applied { versions }
        }
        Err(refusal) => Outcome::refused(refusal),
    }
}
