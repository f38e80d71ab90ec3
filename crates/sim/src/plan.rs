//! A plan: every choice of a story, made beforehand, so that a story can be cut and told again.
//!
//! Swarm testing: each story draws its own rates of faults, and each fault is sometimes off altogether, so that rare
//! combinations are not drowned by common ones.

mod further;

use domain::request::{CallOutcome, CloseReason};

use crate::{cast, chance::Chance};

/// Desks of a story at most.
pub const MOST_DESKS: usize = 4;

/// What somebody at a desk does. Numbers stand for the people and things of the cast; a visit is picked out of
/// those that the desk sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Claim {
        request: u8,
    },
    Release {
        request: u8,
    },
    LogCall {
        request: u8,
        outcome: CallOutcome,
    },
    Close {
        request: u8,
        reason: CloseReason,
    },
    Reopen {
        request: u8,
    },
    Book {
        person: u8,
        doctor: u8,
        chair: u8,
        half_hour: u8,
        request: Option<u8>,
    },
    Move {
        visit: u8,
        doctor: u8,
        chair: u8,
        half_hour: u8,
    },
    Confirm {
        visit: u8,
    },
    Arrive {
        visit: u8,
    },
    Cancel {
        visit: u8,
    },
    Restore {
        visit: u8,
    },
    /// Takes the last step of a visit back.
    Undo {
        visit: u8,
    },
    /// Writes a person's card; the value stands for what is sealed.
    Edit {
        person: u8,
        value: u32,
    },
    /// Writes one field of a person's card.
    EditField {
        person: u8,
        field: u8,
        value: u32,
    },
    /// Says of a request what only the newer version has a word for.
    NewWord {
        request: u8,
        word: u32,
    },
    /// Blocks a person's data.
    Block {
        person: u8,
    },
    /// Lifts the first block that the desk sees.
    Unblock {
        person: u8,
    },
    /// Spends of a certificate.
    Redeem {
        certificate: u8,
        kopecks: u16,
    },
    /// Takes the latest redemption that the desk sees back.
    Reverse {
        certificate: u8,
    },
    /// Gives up a refused action.
    Discard {
        refused: u8,
    },
}

/// What becomes of the packet that is picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Arrives,
    Lost,
    /// It arrives, and once more later.
    Doubled,
    /// Whoever gets it dies after so many commits.
    KillsReceiver {
        commits: u8,
    },
}

/// One step of a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    Act {
        desk: usize,
        act: Act,
        /// The desk dies after so many commits of it.
        dies: Option<u8>,
    },
    /// The desk's loop runs on; `gives_up`: it no longer waits for the answer that is out.
    Tick {
        desk: usize,
        gives_up: bool,
        jitter: u32,
    },
    Poke {
        desk: usize,
    },
    Deliver {
        pick: u16,
        fate: Fate,
    },
    Sleep {
        millis: u32,
    },
    Crash {
        desk: usize,
    },
    Backup,
    /// The gateway's operator goes back to a copy; 0 is the latest.
    RestoreBackup {
        which: u8,
    },
    /// The keychain of a desk is gone, and with it what only this desk had; it enrols anew.
    LoseKey {
        desk: usize,
    },
    Skew {
        desk: usize,
        seconds: i32,
    },
    /// A desk makes an invitation.
    Invite {
        desk: usize,
    },
    /// A computer comes in by the newest invitation: one that was let go, or another one.
    Enrol {
        desk: usize,
    },
    /// A desk's access ends, and somebody has a copy of its keychain.
    LetGo {
        desk: usize,
    },
    /// The desk dies as soon as it has taken its next key.
    DieTakingAKey {
        desk: usize,
    },
    /// A desk gets the newer version.
    Update {
        desk: usize,
    },
    /// The desk's oldest action that waits breaks every push that it is in.
    Break {
        desk: usize,
    },
    /// Nothing breaks pushes any more.
    Mend,
    /// The site sends a request; the gateway dies after so many commits of it.
    SiteSends {
        dies: Option<u8>,
    },
}

impl Event {
    /// The desk that it is about, which a story may have to put another in the place of.
    pub fn desk_mut(&mut self) -> Option<&mut usize> {
        match self {
            Self::Act { desk, .. }
            | Self::Tick { desk, .. }
            | Self::Poke { desk }
            | Self::Crash { desk }
            | Self::LoseKey { desk }
            | Self::Skew { desk, .. }
            | Self::Invite { desk }
            | Self::LetGo { desk }
            | Self::DieTakingAKey { desk }
            | Self::Update { desk }
            | Self::Break { desk } => Some(desk),
            // whoever enrols need not be in
            Self::Enrol { .. }
            | Self::Deliver { .. }
            | Self::Sleep { .. }
            | Self::Backup
            | Self::RestoreBackup { .. }
            | Self::Mend
            | Self::SiteSends { .. } => None,
        }
    }
}

/// A story before it is played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub seed: u64,
    pub desks: usize,
    /// Desks that begin with the older version: those of these numbers.
    pub older: Vec<usize>,
    pub events: Vec<Event>,
}

/// How often what goes wrong, in percent.
struct Swarm {
    lose: u64,
    double: u64,
    kill_receiver: u64,
    die_in_act: u64,
    crash: u64,
    gives_up: u64,
    key_loss: u64,
    restore: u64,
    backup: u64,
    skew: u64,
}

impl Swarm {
    fn draw(chance: &mut Chance) -> Self {
        let mut rate = |most: u64| if chance.percent(30) { 0 } else { chance.below(most + 1) };
        Self {
            lose: rate(30),
            double: rate(30),
            kill_receiver: rate(15),
            die_in_act: rate(15),
            crash: rate(10),
            gives_up: rate(40),
            key_loss: rate(6),
            restore: rate(20),
            backup: rate(100),
            skew: rate(50),
        }
    }
}

impl Plan {
    /// The plan of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        further::undoes(further::add(Self::plain(seed)))
    }

    /// The plan of a seed without what was added later: nobody comes or goes, all have one version, no push breaks.
    #[must_use]
    pub fn plain(seed: u64) -> Self {
        let mut chance = Chance::of(seed);
        let swarm = Swarm::draw(&mut chance);
        let desks = 2 + usize::try_from(chance.below(MOST_DESKS as u64 - 1)).unwrap_or_default();
        let length = 120 + chance.below(240);
        let events = (0..length).map(|_| event(&mut chance, &swarm, desks)).collect();
        Self { seed, desks, older: Vec::new(), events }
    }
}

fn desk(chance: &mut Chance, desks: usize) -> usize {
    usize::try_from(chance.below(desks as u64)).unwrap_or_default()
}

fn event(chance: &mut Chance, swarm: &Swarm, desks: usize) -> Event {
    let who = desk(chance, desks);
    match chance.below(100) {
        0..=23 => {
            let dies = chance.percent(swarm.die_in_act).then(|| chance.pick(2));
            Event::Act { desk: who, act: act(chance), dies }
        }
        24..=48 => Event::Tick {
            desk: who,
            gives_up: chance.percent(swarm.gives_up),
            jitter: u32::try_from(chance.number() >> 32).unwrap_or_default(),
        },
        49..=84 => {
            let pick = u16::try_from(chance.below(1 << 16)).unwrap_or_default();
            let fate = match chance.below(100) {
                n if n < swarm.lose => Fate::Lost,
                n if n < swarm.lose + swarm.double => Fate::Doubled,
                n if n < swarm.lose + swarm.double + swarm.kill_receiver => {
                    Fate::KillsReceiver { commits: chance.pick(4) }
                }
                _ => Fate::Arrives,
            };
            Event::Deliver { pick, fate }
        }
        85..=89 => Event::Sleep { millis: u32::try_from(chance.below(40_000)).unwrap_or_default() },
        90..=91 => Event::Poke { desk: who },
        92..=93 if chance.percent(swarm.crash * 5) => Event::Crash { desk: who },
        94 if chance.percent(swarm.key_loss * 5) => Event::LoseKey { desk: who },
        95 if chance.percent(swarm.restore * 5) => Event::RestoreBackup { which: chance.pick(2) },
        96..=97 if chance.percent(swarm.backup) => Event::Backup,
        98 if chance.percent(swarm.skew) => {
            Event::Skew { desk: who, seconds: i32::try_from(chance.below(20_000)).unwrap_or_default() - 10_000 }
        }
        _ => Event::Sleep { millis: 1_000 },
    }
}

fn act(chance: &mut Chance) -> Act {
    const OUTCOMES: [CallOutcome; 4] =
        [CallOutcome::Answered, CallOutcome::NoAnswer, CallOutcome::Busy, CallOutcome::WrongPerson];
    const REASONS: [CloseReason; 3] = [CloseReason::Answered, CloseReason::Spam, CloseReason::Duplicate];
    let request = chance.pick(cast::REQUESTS);
    let person = chance.pick(cast::PEOPLE);
    let (doctor, chair) = (chance.pick(cast::DOCTORS), chance.pick(cast::DOCTORS));
    let half_hour = chance.pick(cast::SLOTS);
    let visit = chance.pick(16);
    match chance.below(100) {
        0..=9 => Act::Claim { request },
        10..=12 => Act::Release { request },
        13..=27 => Act::LogCall { request, outcome: OUTCOMES[usize::from(chance.pick(4))] },
        28..=33 => Act::Close { request, reason: REASONS[usize::from(chance.pick(3))] },
        34..=37 => Act::Reopen { request },
        38..=57 => {
            let request = chance.percent(40).then_some(request);
            Act::Book { person, doctor, chair, half_hour, request }
        }
        58..=65 => Act::Move { visit, doctor, chair, half_hour },
        66..=69 => Act::Confirm { visit },
        70..=73 => Act::Arrive { visit },
        74..=79 => Act::Cancel { visit },
        80..=82 => Act::Restore { visit },
        83..=88 => Act::Edit { person, value: u32::try_from(chance.below(1 << 20)).unwrap_or_default() },
        89..=91 => money(chance),
        92..=93 => Act::Block { person },
        94..=95 => Act::Unblock { person },
        _ => Act::Discard { refused: chance.pick(8) },
    }
}

fn money(chance: &mut Chance) -> Act {
    let certificate = chance.pick(cast::CERTIFICATES);
    if chance.percent(15) {
        return Act::Reverse { certificate };
    }
    Act::Redeem { certificate, kopecks: u16::try_from(100 + chance.below(500)).unwrap_or_default() }
}
