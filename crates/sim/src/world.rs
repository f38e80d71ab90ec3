//! A story as it is played: desks, a gateway, and a network in between that loses, doubles, delays and reorders.
//!
//! A network behaves like HTTP: an answer that nobody waits for any more (a time-out, a restart) is dropped.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};
use contract::v1::Outcome;
use domain::{Action, ActionId, Command, EntityRef};
use sync::{Event as Happened, Failure, Instruction, Moment};

use crate::{
    bug::Bug,
    cast,
    desk::Desk,
    disk::Died,
    figures::Figures,
    gateway::{Cursor, Gateway, Pulled, Told},
    plan::{Act, Event, Fate, Plan},
    rows::{Envelope, Row},
};

/// What travels.
#[derive(Debug, Clone)]
enum Message {
    Push(Vec<Envelope>),
    Pull(Option<Cursor>),
    Outcomes(Vec<Told>),
    Page { rows: Vec<(EntityRef, Row)>, cursor: Cursor, has_more: bool, kept_in_copies: u64 },
    Resync,
}

#[derive(Debug, Clone)]
struct Packet {
    desk: usize,
    life: u32,
    number: u64,
    message: Message,
}

/// What somebody at a desk was told to be saved: the promise that is kept or not.
#[derive(Debug, Clone)]
pub struct Promise {
    pub desk: usize,
    pub life: u32,
    pub envelope: Envelope,
    /// It existed only on a disk whose key was lost, and in no copy of the gateway.
    pub excused: bool,
}

/// Everything at once.
#[derive(Debug)]
pub struct World {
    pub gateway: Gateway,
    pub desks: Vec<Desk>,
    pub promises: BTreeMap<ActionId, Promise>,
    /// The first outcome that the gateway committed for each action, in this line of its history.
    pub first_outcomes: BTreeMap<ActionId, Outcome>,
    /// Whom the gateway has blocked and not freed, whatever was restored since.
    pub blocked: BTreeSet<EntityRef>,
    /// Disagreements that only the moment shows.
    pub witnessed: Option<String>,
    /// A copy was restored at least once: until then nothing may be decided anew.
    pub restored: bool,
    pub figures: Figures,
    network: Vec<Packet>,
    sent: u64,
    now: u64,
    bug: Option<Bug>,
    /// Off while the world heals.
    faults: bool,
}

impl World {
    /// The world before the first event.
    #[must_use]
    pub fn of(plan: &Plan, bug: Option<Bug>) -> Self {
        let mut world = Self {
            gateway: Gateway::new(bug),
            desks: (0..plan.desks).map(|number| Desk::new(number, bug)).collect(),
            promises: BTreeMap::new(),
            first_outcomes: BTreeMap::new(),
            blocked: BTreeSet::new(),
            witnessed: None,
            restored: false,
            figures: Figures::default(),
            network: Vec::new(),
            sent: 0,
            now: 0,
            bug,
            faults: true,
        };
        // every shift begins with what the night has brought
        for at in 0..world.desks.len() {
            world.drive(at, Happened::Started, 0);
        }
        world.settle_down();
        world.figures = Figures::default();
        world
    }

    /// The gateway's clock.
    #[must_use]
    pub fn clock(&self) -> DateTime<Utc> {
        cast::beginning() + Duration::milliseconds(i64::try_from(self.now).unwrap_or(i64::MAX))
    }

    fn desk_clock(&self, desk: usize) -> DateTime<Utc> {
        self.clock() + self.desks[desk].skew
    }

    /// Plays one event.
    pub fn play(&mut self, number: usize, event: Event) {
        self.figures.events += 1;
        match event {
            Event::Act { desk, act, dies } => self.act(number, desk, act, dies),
            Event::Tick { desk, gives_up, jitter } => self.tick(desk, gives_up, jitter),
            Event::Poke { desk } => self.drive(desk, Happened::Poked, 0),
            Event::Deliver { pick, fate } => self.deliver(pick, fate),
            Event::Sleep { millis } => self.now += u64::from(millis),
            Event::Crash { desk } => self.crash(desk),
            Event::Backup => {
                self.gateway.back_up();
                self.figures.backups += 1;
            }
            Event::RestoreBackup { which } => self.restore(which),
            Event::LoseKey { desk } => self.lose_key(desk),
            Event::Skew { desk, seconds } => self.desks[desk].skew = Duration::seconds(i64::from(seconds)),
        }
    }

    fn act(&mut self, number: usize, desk: usize, act: Act, dies: Option<u8>) {
        let now = self.desk_clock(desk);
        self.desks[desk].dies_after(dies);
        if let Act::Discard { refused } = act {
            if self.desks[desk].discard(refused) == Err(Died) {
                self.crash(desk);
            }
            self.desks[desk].dies_after(None);
            return;
        }
        let Some(envelope) = self.desks[desk].action(act, number, now) else {
            self.desks[desk].dies_after(None);
            return;
        };
        let before = self.desks[desk].commits();
        let kept = self.desks[desk].keep(envelope.clone(), now);
        if self.desks[desk].commits() > before {
            // it is in the file, whether or not the process then died: somebody may have read «сохранено»
            self.figures.actions += 1;
            let life = self.desks[desk].life;
            let promise = Promise { desk, life, envelope: envelope.clone(), excused: false };
            self.promises.insert(envelope.action.id, promise);
        }
        match kept {
            Ok(()) => self.drive(desk, Happened::Queued, 0),
            Err(Died) => self.crash(desk),
        }
    }

    fn tick(&mut self, desk: usize, gives_up: bool, jitter: u32) {
        if self.desks[desk].waits_for.is_some() {
            if gives_up {
                self.desks[desk].waits_for = None;
                self.figures.given_up += 1;
                self.drive(desk, Happened::Failed(Failure::Unreachable), jitter);
            }
            return;
        }
        let due = self.desks[desk].sleeps_until.is_none_or(|until| until.0 <= self.now);
        if due {
            self.drive(desk, Happened::Woke, jitter);
        }
    }

    /// Tells the engine what happened and carries out what it says, until it waits.
    fn drive(&mut self, desk: usize, happened: Happened, jitter: u32) {
        let mut happened = happened;
        loop {
            let instruction = self.desks[desk].engine.step(happened, Moment(self.now), jitter);
            let done = match instruction {
                Instruction::Push { limit } => self.desks[desk].send(limit).map(|envelopes| {
                    if envelopes.is_empty() {
                        return Some(Happened::NothingToPush);
                    }
                    self.ask(desk, Message::Push(envelopes));
                    None
                }),
                Instruction::Pull { resync } => {
                    let begun = if resync { self.desks[desk].begin_resync() } else { Ok(()) };
                    begun.map(|()| {
                        let since = self.desks[desk].cache().cursor;
                        self.ask(desk, Message::Pull(since));
                        None
                    })
                }
                Instruction::CarryOn => Ok(None),
                Instruction::Wait { until, .. } => {
                    self.desks[desk].sleeps_until = until;
                    Ok(None)
                }
            };
            match done {
                Ok(Some(next)) => happened = next,
                Ok(None) => return,
                Err(Died) => return self.crash(desk),
            }
        }
    }

    fn ask(&mut self, desk: usize, message: Message) {
        self.sent += 1;
        self.desks[desk].waits_for = Some(self.sent);
        let life = self.desks[desk].life;
        self.network.push(Packet { desk, life, number: self.sent, message });
    }

    fn deliver(&mut self, pick: u16, fate: Fate) {
        if self.network.is_empty() {
            return;
        }
        let packet = self.network.swap_remove(usize::from(pick) % self.network.len());
        let is_request = matches!(packet.message, Message::Push(_) | Message::Pull(_));
        let mut dies = None;
        if self.faults {
            match fate {
                Fate::Arrives => {}
                Fate::Lost => return self.figures.lost(is_request, matches!(packet.message, Message::Outcomes(_))),
                Fate::Doubled if is_request => {
                    self.figures.doubled += 1;
                    self.network.push(packet.clone());
                }
                Fate::Doubled => {}
                Fate::KillsReceiver { commits } => dies = Some(commits),
            }
        }
        if is_request { self.at_gateway(packet, dies) } else { self.at_desk(packet, dies) }
    }

    fn at_gateway(&mut self, packet: Packet, dies: Option<u8>) {
        self.gateway.dies_after(dies);
        let answer = match &packet.message {
            Message::Push(envelopes) => self.decide(&packet, envelopes),
            Message::Pull(since) => Some(match self.gateway.pull(*since) {
                Pulled::Page { rows, cursor, has_more, kept_in_copies } => {
                    Message::Page { rows, cursor, has_more, kept_in_copies }
                }
                Pulled::Resync => Message::Resync,
            }),
            _ => None,
        };
        self.gateway.dies_after(None);
        if let Some(message) = answer {
            self.network.push(Packet { message, ..packet });
        }
    }

    fn decide(&mut self, packet: &Packet, envelopes: &[Envelope]) -> Option<Message> {
        let desk = cast::desk(packet.desk, packet.life);
        let now = self.clock();
        let pushed = self.gateway.push(envelopes, &desk, now);
        self.remember_first_outcomes(envelopes);
        match pushed {
            Ok(told) => {
                self.witness(&told);
                Some(Message::Outcomes(told))
            }
            Err(Died) => {
                self.figures.gateway_crashes += 1;
                None
            }
        }
    }

    fn remember_first_outcomes(&mut self, envelopes: &[Envelope]) {
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
    fn witness(&mut self, told: &[Told]) {
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

    fn at_desk(&mut self, packet: Packet, dies: Option<u8>) {
        let at = packet.desk;
        let awaited = self.desks[at].life == packet.life && self.desks[at].waits_for == Some(packet.number);
        let late_page = self.bug == Some(Bug::LatePageApplied)
            && self.desks[at].life == packet.life
            && matches!(packet.message, Message::Page { .. });
        if !awaited && !late_page {
            self.figures.late += 1;
            return;
        }
        let now = self.desk_clock(at);
        let desk = &mut self.desks[at];
        if awaited {
            desk.waits_for = None;
        }
        desk.dies_after(dies);
        let stored = match packet.message {
            Message::Outcomes(told) => {
                desk.hear(&told, now).map(|()| Happened::Pushed { more: desk.cache().has_something_to_send() })
            }
            Message::Page { rows, cursor, has_more, kept_in_copies } => {
                desk.store_page(&rows, cursor, !has_more, kept_in_copies).map(|()| Happened::Pulled { has_more })
            }
            Message::Resync => {
                self.figures.resyncs += 1;
                Ok(Happened::Failed(Failure::ResyncRequired))
            }
            Message::Push(_) | Message::Pull(_) => return,
        };
        self.desks[at].dies_after(None);
        match stored {
            Ok(happened) if awaited => {
                let more = self.desks[at].cache().has_something_to_send();
                self.drive(at, happened, 0);
                if more && matches!(happened, Happened::Pulled { has_more: false }) {
                    self.drive(at, Happened::Queued, 0);
                }
            }
            Ok(_) => {}
            Err(Died) => {
                self.figures.crashes_in_answer += 1;
                self.crash(at);
            }
        }
    }

    fn crash(&mut self, desk: usize) {
        self.figures.desk_crashes += 1;
        let on_the_way = |message: &Message| matches!(message, Message::Push(_) | Message::Outcomes(_));
        let awaited = |packet: &Packet| Some(packet.number) == self.desks[desk].waits_for && packet.desk == desk;
        let awaits = self.network.iter().any(|packet| awaited(packet) && on_the_way(&packet.message));
        self.figures.crashes_before_answer += u64::from(awaits);
        self.desks[desk].starts();
        self.drive(desk, Happened::Started, 0);
    }

    fn restore(&mut self, which: u8) {
        if !self.gateway.restore(which) {
            return;
        }
        self.restored = true;
        self.figures.restores += 1;
        let is_block = |envelope: &Envelope| matches!(envelope.action.command, Command::PersonBlock { .. });
        let blocks = |desk: &Desk| desk.cache().unsent().any(|entry| is_block(&entry.envelope));
        self.figures.restores_with_unsynced_block += u64::from(self.desks.iter().any(blocks));
        let is_pull = |packet: &Packet| matches!(packet.message, Message::Pull(_) | Message::Page { .. });
        self.figures.restores_during_pull += u64::from(self.network.iter().any(is_pull));
        // what was decided after the copy did not happen in this line of history
        let house = self.gateway.house();
        self.first_outcomes.retain(|id, _| house.decided.contains_key(id));
        // connections break when a gateway goes down
        self.network.retain(|packet| !matches!(packet.message, Message::Push(_) | Message::Pull(_)));
    }

    fn lose_key(&mut self, desk: usize) {
        self.figures.key_losses += 1;
        if self.desks[desk].cache().unsent().next().is_some() {
            self.figures.key_losses_with_outbox += 1;
        }
        let house = self.gateway.house();
        let oldest = self.gateway.oldest_copy().unwrap_or(house);
        for (id, promise) in &mut self.promises {
            if promise.desk == desk && !(house.decided.contains_key(id) && oldest.decided.contains_key(id)) {
                promise.excused = true;
            }
        }
        self.desks[desk].enrols_anew();
        self.drive(desk, Happened::Started, 0);
    }

    /// Faults end; everybody talks until there is nothing left to say. Whether that came within the bound.
    pub fn heal(&mut self) -> bool {
        self.faults = false;
        for _ in 0..40 {
            if self.settle_down() && self.at_rest() {
                return true;
            }
            // a person looks at what was refused and gives it up
            for at in 0..self.desks.len() {
                while self.desks[at].cache().outbox.iter().any(|entry| entry.stage == crate::desk::Stage::Refused) {
                    let _ = self.desks[at].discard(0);
                }
                self.drive(at, Happened::Asked, 0);
            }
        }
        false
    }

    /// Delivers and wakes until the network is empty and every desk sleeps; whether that ended.
    fn settle_down(&mut self) -> bool {
        let faults = std::mem::replace(&mut self.faults, false);
        let mut ended = false;
        for _ in 0..10_000 {
            if !self.network.is_empty() {
                self.deliver(0, Fate::Arrives);
                continue;
            }
            // whoever waits for an answer that was lost gives up
            if let Some(at) = self.desks.iter().position(|desk| desk.waits_for.is_some()) {
                self.tick(at, true, 0);
                continue;
            }
            let next = self.desks.iter().filter(|desk| !desk.engine.is_at_rest()).filter_map(|desk| desk.sleeps_until);
            let Some(next) = next.min() else {
                ended = true;
                break;
            };
            self.now = self.now.max(next.0);
            for at in 0..self.desks.len() {
                self.tick(at, false, 0);
            }
        }
        self.faults = faults;
        ended
    }

    fn at_rest(&self) -> bool {
        let head = (self.gateway.house().epoch, self.gateway.house().seq);
        let said = |desk: &Desk| desk.cache().outbox.is_empty() && !desk.cache().has_something_to_send();
        self.desks.iter().all(|desk| said(desk) && desk.cache().cursor == Some(head))
    }

    /// Promises that are not excused.
    pub fn kept_promises(&self) -> impl Iterator<Item = (&ActionId, &Promise)> {
        self.promises.iter().filter(|(_, promise)| !promise.excused)
    }

    /// Numbers of the desks that still are who they were when the promise was given.
    #[must_use]
    pub fn same_desk(&self, promise: &Promise) -> Option<&Desk> {
        self.desks.get(promise.desk).filter(|desk| desk.life == promise.life)
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
