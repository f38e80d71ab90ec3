//! A story as it is played: desks, a gateway, and a network in between that loses, doubles, delays and reorders.
//!
//! A network behaves like HTTP: an answer that nobody waits for any more (a time-out, a restart) is dropped.

mod answers;
mod clinic;
mod healing;
mod judge;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};
use contract::v1::Outcome;
use domain::{ActionId, Command, DeskId, EntityRef};
use sync::{Event as Happened, Failure, Instruction, Moment};

pub use judge::{Promise, ShutOut};

use crate::{
    bug::Bug,
    cache::Page,
    cast,
    desk::Desk,
    disk::Died,
    figures::Figures,
    gateway::{Cursor, Gateway, Told},
    keys::{Key, Record},
    plan::{Act, Event, Fate, Plan},
    rows::Envelope,
};

/// What travels.
#[derive(Debug, Clone)]
enum Message {
    Push(Vec<Envelope>),
    Pull(Option<Cursor>),
    /// What changes of key there are, and who is in.
    AskKeys,
    ChangeKey(Record),
    Outcomes(Vec<Told>),
    OlderKey,
    Broken,
    Page(Page),
    Resync,
    Keys {
        records: Vec<Record>,
        desks: BTreeSet<DeskId>,
        due: bool,
    },
}

impl Message {
    fn is_request(&self) -> bool {
        matches!(self, Self::Push(_) | Self::Pull(_) | Self::AskKeys | Self::ChangeKey(_))
    }
}

#[derive(Debug, Clone)]
struct Packet {
    desk: usize,
    life: u32,
    number: u64,
    message: Message,
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
    /// Requests of which the site was told that they are in.
    pub site_oks: BTreeSet<EntityRef>,
    /// Who was let go, with the keys that somebody has a copy of.
    pub shut_out: Vec<ShutOut>,
    /// Disagreements that only the moment shows.
    pub witnessed: Option<String>,
    /// A copy was restored at least once: until then nothing may be decided anew.
    pub restored: bool,
    pub figures: Figures,
    /// Numbers of desks that begin with the older version.
    older: Vec<usize>,
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
        let new = |number| Desk::new(number, Key::default(), !plan.older.contains(&number), bug);
        let mut world = Self {
            gateway: Gateway::new(bug),
            desks: (0..plan.desks).map(new).collect(),
            promises: BTreeMap::new(),
            first_outcomes: BTreeMap::new(),
            blocked: BTreeSet::new(),
            site_oks: BTreeSet::new(),
            shut_out: Vec::new(),
            witnessed: None,
            restored: false,
            figures: Figures::default(),
            older: plan.older.clone(),
            network: Vec::new(),
            sent: 0,
            now: 0,
            bug,
            faults: true,
        };
        // every shift begins with what the night has brought
        for at in 0..world.desks.len() {
            let id = world.desks[at].id().clone();
            world.gateway.enrol(&id);
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
        let Some(event) = self.of_somebody_who_is_in(event) else { return };
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
            Event::Invite { desk } => self.invite(desk),
            Event::Enrol { desk } => self.enrol(desk),
            Event::LetGo { desk } => self.let_go(desk),
            Event::DieTakingAKey { desk } => self.desks[desk].dies_taking_a_key = true,
            Event::Update { desk } => self.update(desk),
            Event::Break { desk } => self.break_a_push(desk),
            Event::Mend => self.gateway.broken.clear(),
            Event::SiteSends { dies } => self.site_sends(number, dies),
        }
    }

    /// The event with a desk that is there; none when whoever it is about was let go.
    fn of_somebody_who_is_in(&self, mut event: Event) -> Option<Event> {
        if let Some(desk) = event.desk_mut() {
            *desk %= self.desks.len();
            if !self.desks[*desk].is_in() {
                return None;
            }
        }
        Some(event)
    }

    /// Numbers of the desks that take part.
    fn in_desks(&self) -> Vec<usize> {
        (0..self.desks.len()).filter(|at| self.desks[*at].is_in()).collect()
    }

    fn act(&mut self, number: usize, desk: usize, act: Act, dies: Option<u8>) {
        let now = self.desk_clock(desk);
        self.desks[desk].dies_after(dies);
        if let Act::Discard { refused } = act {
            self.discard(desk, refused);
            self.desks[desk].dies_after(None);
            return;
        }
        let older = !self.desks[desk].reads_newer;
        let unknown_to_it = match act {
            Act::NewWord { .. } => true,
            Act::EditField { field, .. } => field + 1 == crate::card::FIELDS,
            _ => false,
        };
        let made = if older && unknown_to_it { None } else { self.desks[desk].action(act, number, now) };
        let Some((envelope, card)) = made else {
            self.desks[desk].dies_after(None);
            return;
        };
        let new_field = |card: u32| crate::card::field(card, crate::card::FIELDS - 1);
        self.figures.older_edits += u64::from(older && card.is_some_and(|card| new_field(card) != 0));
        let before = self.desks[desk].commits();
        let kept = self.desks[desk].keep(envelope.clone(), card, now);
        if self.desks[desk].commits() > before {
            // it is in the file, whether or not the process then died: somebody may have read «сохранено»
            self.figures.actions += 1;
            self.figures.undone += u64::from(envelope.action.command == Command::AppointmentUndo);
            self.promise(desk, envelope, card);
        }
        match kept {
            Ok(()) => self.drive(desk, Happened::Queued, 0),
            Err(Died) => self.crash(desk),
        }
    }

    /// Somebody gives up a refused action; whether there was one.
    fn discard(&mut self, desk: usize, which: u8) -> bool {
        let (discarded, done) = self.desks[desk].discard(which);
        if let Some(promise) = discarded.as_ref().and_then(|id| self.promises.get_mut(id)) {
            promise.given_up = true;
            self.figures.edits_given_up += u64::from(!promise.fields.is_empty());
        }
        if done == Err(Died) {
            self.crash(desk);
        }
        discarded.is_some()
    }

    fn tick(&mut self, desk: usize, gives_up: bool, jitter: u32) {
        if self.desks[desk].waits_for.is_some() {
            if gives_up {
                self.desks[desk].waits_for = None;
                self.desks[desk].key_talk = None;
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
                Instruction::Push { limit, skip } => self.desks[desk].send(limit, skip).map(|envelopes| {
                    self.figures.pushes_without_what_breaks += u64::from(skip > 0 && !envelopes.is_empty());
                    if envelopes.is_empty() {
                        return Some(Happened::NothingToPush);
                    }
                    self.ask(desk, Message::Push(envelopes));
                    None
                }),
                Instruction::Pull { .. } if self.bug == Some(Bug::PullWaitsForPush) && self.pushes_break(desk) => {
                    Ok(Some(Happened::Failed(Failure::Unreachable)))
                }
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
        let is_request = packet.message.is_request();
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

    fn crash(&mut self, desk: usize) {
        self.figures.desk_crashes += 1;
        let on_the_way = |message: &Message| matches!(message, Message::Push(_) | Message::Outcomes(_));
        let awaited = |packet: &Packet| Some(packet.number) == self.desks[desk].waits_for && packet.desk == desk;
        let awaits = self.network.iter().any(|packet| awaited(packet) && on_the_way(&packet.message));
        self.figures.crashes_before_answer += u64::from(awaits);
        self.figures.crashes_before_reseal += u64::from(self.desks[desk].cache().sealed_to_older(None));
        self.figures.read_after_update += self.desks[desk].starts();
        self.drive(desk, Happened::Started, 0);
    }

    fn restore(&mut self, which: u8) {
        let older_key = self.gateway.copy_has_older_key(which);
        if !self.gateway.restore(which) {
            return;
        }
        self.restored = true;
        self.figures.restores += 1;
        self.figures.restores_of_an_older_key += u64::from(older_key);
        let is_block = |envelope: &Envelope| matches!(envelope.action.command, Command::PersonBlock { .. });
        let blocks = |desk: &Desk| desk.cache().unsent().any(|entry| is_block(&entry.envelope));
        let with_block = self.in_desks().into_iter().any(|at| blocks(&self.desks[at]));
        self.figures.restores_with_unsynced_block += u64::from(with_block);
        let is_pull = |packet: &Packet| matches!(packet.message, Message::Pull(_) | Message::Page(_));
        self.figures.restores_during_pull += u64::from(self.network.iter().any(is_pull));
        // what was decided after the copy did not happen in this line of history, nor what the site sent after it
        let house = self.gateway.house();
        self.first_outcomes.retain(|id, _| house.decided.contains_key(id));
        self.site_oks.retain(|request| house.rows.contains_key(request));
        // connections break when a gateway goes down
        self.network.retain(|packet| !packet.message.is_request());
    }
}
