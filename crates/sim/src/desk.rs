//! A desk of the model: base and overlay, outbox, and the real engine that says when to push and pull.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use contract::v1::Outcome;
use domain::{
    Action, ActionId, Command, DeskId, EntityRef, Kopecks, State,
    certificate::LedgerKind,
    person::{BlockGround, BlockRequester, LiftGround},
};
use sync::{Engine, Moment};

use crate::{
    bug::Bug,
    cast,
    chance::bytes,
    disk::{Died, Disk},
    gateway::{Cursor, Told},
    plan::Act,
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
    /// It had settled, went again after a restore, and was refused then.
    pub came_back: bool,
    /// The desk's clock when it was made: the overlay is always worked out as of then.
    pub made_at: DateTime<Utc>,
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

/// The desk's database.
#[derive(Debug, Clone)]
pub struct Cache {
    pub id: DeskId,
    pub cursor: Option<Cursor>,
    pub base: BTreeMap<EntityRef, (Row, u32)>,
    pub generation: u32,
    pub resyncing: bool,
    pub outbox: Vec<Entry>,
    pub retained: Vec<Settled>,
    /// What the desk was told of its actions.
    pub told: BTreeMap<ActionId, Outcome>,
    counter: u64,
}

impl Cache {
    fn fresh(id: DeskId) -> Self {
        Self {
            id,
            cursor: None,
            base: BTreeMap::new(),
            generation: 1,
            resyncing: false,
            outbox: Vec::new(),
            retained: Vec::new(),
            told: BTreeMap::new(),
            counter: 0,
        }
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
            let view = rows::view(&rows, &entry.envelope.action);
            // what does not hold on the new base is not shown; the gateway's word on it will come
            let laid = rows::apply(&mut rows, &entry.envelope, &view, (entry.made_at, &self.id), || 0);
            // what the gateway has said has a version already
            if let (Ok(laid), Stage::Applied(versions)) = (laid, &entry.stage) {
                for (id, before) in laid {
                    let said = versions.iter().find(|(changed, _)| *changed == id).map_or(0, |(_, version)| *version);
                    if let Some(row) = rows.get_mut(&id) {
                        row.version = (before - 1).max(said);
                    }
                }
            }
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

    /// What may be sent: nothing that an earlier refused action holds back.
    fn sendable(&self, limit: usize, bug: Option<Bug>) -> Vec<usize> {
        let mut blocked: Vec<EntityRef> = Vec::new();
        let mut ready = Vec::new();
        for (at, entry) in self.outbox.iter().enumerate() {
            let touches = entry.envelope.action.touches();
            let held = touches.iter().any(|entity| blocked.contains(entity));
            let held = held && bug != Some(Bug::RefusalHoldsNothingBack);
            match entry.stage {
                Stage::Refused => blocked.extend(touches),
                Stage::Saved if held => blocked.extend(touches),
                Stage::Saved | Stage::Unknown if ready.len() < limit => ready.push(at),
                _ => {}
            }
        }
        ready
    }

    /// Applied actions that the feed has brought leave the outbox.
    fn settle(&mut self) {
        let Some(place) = self.cursor else { return };
        if self.resyncing {
            return;
        }
        let base = &self.base;
        let brought = |entry: &Entry| match &entry.stage {
            Stage::Applied(versions) => {
                versions.iter().all(|(id, version)| base.get(id).is_some_and(|(row, _)| row.version >= *version))
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
    fn send_again(&mut self, bug: Option<Bug>) {
        for settled in &mut self.retained {
            settled.again = true;
        }
        for entry in &mut self.outbox {
            if matches!(entry.stage, Stage::Applied(_)) {
                entry.stage = Stage::Saved;
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
    fn hear_again(&mut self, id: &ActionId, outcome: &Outcome, now: DateTime<Utc>) {
        let Some(at) = self.retained.iter().position(|settled| settled.envelope.action.id == *id) else { return };
        match outcome {
            Outcome::Applied { .. } => {
                self.retained[at].again = false;
                self.retained[at].place = None;
            }
            Outcome::Conflict { .. } | Outcome::Rejected { .. } | Outcome::Unknown => {
                let envelope = self.retained.remove(at).envelope;
                self.outbox.insert(0, Entry { envelope, stage: Stage::Refused, came_back: true, made_at: now });
            }
            Outcome::RetryLater | Outcome::BlockedBy { .. } => return,
        }
        self.told.insert(id.clone(), outcome.clone());
    }
}

/// A desk: its disk, and what dies with its process.
#[derive(Debug)]
pub struct Desk {
    disk: Disk<Cache>,
    pub(crate) number: usize,
    /// How often it lost its keys.
    pub(crate) life: u32,
    pub(crate) engine: Engine,
    /// The request that it waits to be answered.
    pub(crate) waits_for: Option<u64>,
    pub(crate) sleeps_until: Option<Moment>,
    pub(crate) skew: Duration,
    bug: Option<Bug>,
}

impl Desk {
    pub(crate) fn new(number: usize, bug: Option<Bug>) -> Self {
        Self {
            disk: Disk::holding(Cache::fresh(cast::desk(number, 0))),
            number,
            life: 0,
            engine: Engine::default(),
            waits_for: None,
            sleeps_until: None,
            skew: Duration::zero(),
            bug,
        }
    }

    /// What is on its disk.
    #[must_use]
    pub fn cache(&self) -> &Cache {
        self.disk.kept()
    }

    pub(crate) fn dies_after(&mut self, commits: Option<u8>) {
        self.disk.dies_after(commits);
    }

    /// How many times something was shown as saved.
    pub(crate) fn commits(&self) -> u64 {
        self.disk.kept().counter
    }

    /// The process starts anew on the same disk.
    pub(crate) fn starts(&mut self) {
        self.disk.dies_after(None);
        self.engine = Engine::default();
        self.waits_for = None;
        self.sleeps_until = None;
    }

    /// The disk cannot be opened any more: the desk enrols as another one.
    pub(crate) fn enrols_anew(&mut self) {
        self.life += 1;
        let reuse = self.bug == Some(Bug::SequentialActionIds);
        let id = cast::desk(self.number, if reuse { 0 } else { self.life });
        self.disk.replace(Cache::fresh(id));
        self.starts();
    }

    /// Makes an action of what somebody does, if the screen allows it.
    pub(crate) fn action(&self, act: Act, event: usize, now: DateTime<Utc>) -> Option<Envelope> {
        let cache = self.disk.kept();
        let shown = cache.shown();
        let (entity, command, part) = command(act, event, &shown)?;
        let n = if self.bug == Some(Bug::SequentialActionIds) {
            (self.number as u64) << 32 | (cache.counter + 1)
        } else {
            1 << 62 | event as u64
        };
        let action = Action {
            id: ActionId::from_random(bytes(50, n)),
            base_version: shown.get(&entity).map_or(0, |row| row.version),
            entity,
            actor: cast::staff(u8::try_from(self.number).unwrap_or_default()),
            at: now,
            command,
        };
        let envelope = Envelope { action, part };
        let view = rows::view(&shown, &envelope.action);
        let mut tried = shown;
        rows::apply(&mut tried, &envelope, &view, (now, &cache.id), || 0).ok()?;
        Some(envelope)
    }

    /// Keeps an action. With it the person is told «сохранено».
    pub(crate) fn keep(&mut self, envelope: Envelope, now: DateTime<Utc>) -> Result<(), Died> {
        let entry = Entry { envelope, stage: Stage::Saved, came_back: false, made_at: now };
        if self.bug == Some(Bug::OutboxInSecondTransaction) {
            self.disk.commit(|cache| cache.counter += 1)?;
        }
        self.disk.commit(|cache| {
            cache.counter += 1;
            cache.outbox.push(entry);
        })
    }

    /// Somebody gives up a refused action.
    pub(crate) fn discard(&mut self, which: u8) -> Result<(), Died> {
        self.disk.commit(|cache| {
            let refused: Vec<usize> =
                (0..cache.outbox.len()).filter(|at| cache.outbox[*at].stage == Stage::Refused).collect();
            if !refused.is_empty() {
                cache.outbox.remove(refused[usize::from(which) % refused.len()]);
            }
        })
    }

    /// What goes out now; noted as on its way before it goes.
    pub(crate) fn send(&mut self, limit: usize) -> Result<Vec<Envelope>, Died> {
        let bug = self.bug;
        let cache = self.disk.kept();
        let again = cache.retained.iter().filter(|settled| settled.again).take(limit);
        let mut sent: Vec<Envelope> = again.map(|settled| settled.envelope.clone()).collect();
        let ready = cache.sendable(limit - sent.len(), bug);
        if ready.is_empty() {
            return Ok(sent);
        }
        self.disk.commit(|cache| {
            if bug == Some(Bug::EditedInPlace) {
                edit_in_place(cache);
            }
            sent.extend(ready.iter().map(|at| cache.outbox[*at].envelope.clone()));
            for at in &ready {
                cache.outbox[*at].stage = Stage::Unknown;
            }
            if bug == Some(Bug::OutboxClearedOnSend) {
                cache.outbox.retain(|entry| entry.stage != Stage::Unknown);
            }
            sent
        })
    }

    /// Notes what became of actions.
    pub(crate) fn hear(&mut self, told: &[Told], now: DateTime<Utc>) -> Result<(), Died> {
        self.disk.commit(|cache| {
            for (id, outcome) in told {
                let Some(entry) = cache.outbox.iter_mut().find(|entry| entry.envelope.action.id == *id) else {
                    cache.hear_again(id, outcome, now);
                    continue;
                };
                match outcome {
                    Outcome::Applied { versions } => entry.stage = Stage::Applied(versions.clone()),
                    Outcome::Conflict { .. } | Outcome::Rejected { .. } | Outcome::Unknown => {
                        entry.stage = Stage::Refused;
                    }
                    Outcome::RetryLater | Outcome::BlockedBy { .. } => entry.stage = Stage::Saved,
                }
                if !matches!(outcome, Outcome::RetryLater | Outcome::BlockedBy { .. }) {
                    cache.told.insert(id.clone(), outcome.clone());
                }
            }
            // What is applied settles with the next page, even where its versions are reached already: the gateway may have
            // been restored in between, and its versions then are not those that are here.
        })
    }

    /// Begins to read the feed anew.
    pub(crate) fn begin_resync(&mut self) -> Result<(), Died> {
        let bug = self.bug;
        self.disk.commit(|cache| {
            cache.cursor = None;
            cache.generation += 1;
            cache.resyncing = true;
            if bug == Some(Bug::ResyncDropsOutbox) {
                cache.outbox.clear();
            }
        })
    }

    /// Stores a page and its cursor.
    pub(crate) fn store_page(
        &mut self,
        rows: &[(EntityRef, Row)],
        cursor: Cursor,
        complete: bool,
        kept_in_copies: u64,
    ) -> Result<(), Died> {
        let bug = self.bug;
        let late_applied = bug == Some(Bug::LatePageApplied);
        if bug == Some(Bug::CursorBeforePage) {
            self.disk.commit(|cache| cache.cursor = Some(cursor))?;
        }
        self.disk.commit(|cache| {
            for (id, row) in rows {
                let stale = cache
                    .base
                    .get(id)
                    .is_some_and(|(known, generation)| *generation == cache.generation && known.seq > row.seq);
                if !stale || late_applied {
                    cache.base.insert(id.clone(), (row.clone(), cache.generation));
                }
            }
            cache.cursor = Some(cursor);
            if complete && cache.resyncing {
                let generation = cache.generation;
                cache.base.retain(|_, (_, of)| *of == generation);
                cache.resyncing = false;
                cache.send_again(bug);
            }
            if complete {
                cache.settle();
            }
            if bug == Some(Bug::SettledForgottenAtOnce) {
                cache.retained.clear();
            }
            let settled_by_now = |settled: &&mut Settled| !settled.again && settled.place.is_none();
            if complete {
                cache.retained.iter_mut().filter(settled_by_now).for_each(|settled| settled.place = Some(cursor));
            }
            // a number of another epoch says nothing of this one's copies
            let forgotten = |settled: &Settled| {
                let in_copies = |(epoch, seq): Cursor| {
                    let same_epoch = epoch == cursor.0 || bug == Some(Bug::WatermarkOfAnotherEpoch);
                    same_epoch && seq <= kept_in_copies
                };
                !settled.again && settled.place.is_some_and(in_copies)
            };
            cache.retained.retain(|settled| !forgotten(settled));
        })
    }
}

fn edit_in_place(cache: &mut Cache) {
    for entry in &mut cache.outbox {
        if let (Some(part), Command::PersonPut { .. }) = (&mut entry.envelope.part, &entry.envelope.action.command) {
            *part += 1;
        }
    }
}

/// What an act means on this screen: the entity, the command, and what stands for its sealed part.
#[must_use]
pub fn command(act: Act, event: usize, shown: &Rows) -> Option<(EntityRef, Command, Option<u32>)> {
    let visit = |n: u8| {
        let mut visits = shown.keys().filter(|id| matches!(id, EntityRef::Appointment(_)));
        let count = visits.clone().count();
        if count == 0 { None } else { visits.nth(usize::from(n) % count).cloned() }
    };
    let of_request = |n: u8, command: Command| Some((cast::request(n).into(), command, None));
    let of_visit = |n: u8, command: Command| Some((visit(n)?, command, None));
    match act {
        Act::Claim { request } => of_request(request, Command::RequestClaim),
        Act::Release { request } => of_request(request, Command::RequestRelease),
        Act::LogCall { request, outcome } => {
            of_request(request, Command::RequestLogCall { outcome, next_try_at: None })
        }
        Act::Close { request, reason } => of_request(request, Command::RequestClose { reason }),
        Act::Reopen { request } => of_request(request, Command::RequestReopen),
        Act::Book { person, doctor, chair, half_hour, request } => {
            let command = Command::AppointmentBook {
                slot: cast::slot(doctor, chair, half_hour),
                person: cast::person(person),
                request: request.map(cast::request),
                agreed: true,
            };
            Some((cast::visit(event).into(), command, Some(0)))
        }
        Act::Move { visit, doctor, chair, half_hour } => {
            of_visit(visit, Command::AppointmentMove { slot: cast::slot(doctor, chair, half_hour) })
        }
        Act::Confirm { visit } => of_visit(visit, Command::AppointmentConfirm),
        Act::Arrive { visit } => of_visit(visit, Command::AppointmentArrive),
        Act::Cancel { visit } => {
            of_visit(visit, Command::AppointmentCancel { reason: domain::appointment::CancelReason::Patient })
        }
        Act::Restore { visit } => of_visit(visit, Command::AppointmentRestore),
        Act::Edit { person, value } => {
            let entity = EntityRef::from(cast::person(person));
            let source = match shown.get(&entity).map(|row| &row.state) {
                Some(State::Person(known)) => known.source,
                _ => return None,
            };
            Some((entity, Command::PersonPut { source }, Some(value)))
        }
        Act::Block { person } => {
            let block = Command::PersonBlock { requester: BlockRequester::Subject, ground: BlockGround::Unreliable };
            Some((cast::person(person).into(), block, None))
        }
        Act::Unblock { person } => {
            let entity = EntityRef::from(cast::person(person));
            let Some(State::Person(known)) = shown.get(&entity).map(|row| &row.state) else { return None };
            let held = known.blocks.iter().find(|block| block.lifted.is_none())?;
            let block = held.id.clone();
            Some((entity, Command::PersonUnblock { block, ground: LiftGround::Confirmed }, None))
        }
        Act::Redeem { certificate, kopecks } => {
            let amount = Kopecks(kopecks.into());
            Some((cast::certificate(certificate).into(), Command::CertificateRedeem { amount }, None))
        }
        Act::Reverse { certificate } => {
            let entity = EntityRef::from(cast::certificate(certificate));
            let Some(State::Certificate(known)) = shown.get(&entity).map(|row| &row.state) else { return None };
            let spent = known.ledger.iter().rev().filter(|entry| entry.kind == LedgerKind::Redeem);
            let redemption = spent.filter_map(|entry| entry.action.clone()).next()?;
            Some((entity, Command::CertificateReverse { redemption }, None))
        }
        Act::Discard { .. } => None,
    }
}
