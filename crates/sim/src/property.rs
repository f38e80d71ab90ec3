//! What must hold, one struct a statement. Checked after every event unless the name says that it is of the end.

mod further;

use std::collections::{BTreeMap, BTreeSet};

use contract::v1::Outcome;
use domain::{Command, EntityRef, State, appointment::Appointment};

pub use further::*;

use crate::{cache::Stage, gateway::Written, world::World};

/// A statement about a world.
pub trait Property {
    /// Its name.
    fn name(&self) -> &'static str;
    /// # Errors
    /// What does not hold, in words.
    fn check(&self, world: &World) -> Result<(), String>;
}

/// What must hold after every event.
#[must_use]
pub fn always() -> Vec<Box<dyn Property>> {
    vec![
        Box::new(NoCommittedActionLost),
        Box::new(OutcomeForEver),
        Box::new(NoActionTwice),
        Box::new(SamePayload),
        Box::new(CursorHonest),
        Box::new(NoDoubleBooking),
        Box::new(NoLostUpdate),
        Box::new(NothingOnARefusal),
        Box::new(CertificateWithinBalance),
        Box::new(BlockedStaysBlocked),
        Box::new(LetGoOpensNothingNew),
        Box::new(EveryDeskCanOpen),
        Box::new(ReadOrKeptUnread),
        Box::new(EditTouchesItsFields),
        Box::new(SiteRequestsKept),
    ]
}

/// What must hold once the faults are over and everybody has talked.
#[must_use]
pub fn at_the_end() -> Vec<Box<dyn Property>> {
    vec![
        Box::new(DesksConverge),
        Box::new(EveryPromiseReached),
        Box::new(DeskKnowsTheOutcome),
        Box::new(LetGoIsShutOut),
        Box::new(EverythingOpened),
    ]
}

/// What must hold when everything has healed but what breaks pushes.
#[must_use]
pub fn beside_what_breaks() -> Vec<Box<dyn Property>> {
    vec![Box::new(BreaksOnlyItself)]
}

/// What must hold when every desk has got the newer version.
#[must_use]
pub fn when_all_are_updated() -> Vec<Box<dyn Property>> {
    let mut all = at_the_end();
    all.push(Box::new(NothingStaysUnread));
    all
}

/// A promise is in the outbox or among the retained of its desk, or decided at the gateway, or its desk knows a refusal.
#[derive(Debug)]
pub struct NoCommittedActionLost;

impl Property for NoCommittedActionLost {
    fn name(&self) -> &'static str {
        "NoCommittedActionLost"
    }
    fn check(&self, world: &World) -> Result<(), String> {
        let decided = &world.gateway.house().decided;
        for (id, promise) in world.kept_promises() {
            let here = world.same_desk(promise).is_some_and(|desk| {
                let cache = desk.cache();
                cache.outbox.iter().any(|entry| entry.envelope.action.id == *id)
                    || cache.retained.iter().any(|settled| settled.envelope.action.id == *id)
                    || matches!(cache.told.get(id), Some(Outcome::Conflict { .. } | Outcome::Rejected { .. }))
            });
            // somebody has given it up, or it goes on under another id
            let gone = promise.given_up || promise.laid;
            if !here && !gone && !decided.contains_key(id) {
                return Err(format!("{id} ({}) is nowhere", promise.envelope.action.command.verb()));
            }
        }
        Ok(())
    }
}

/// An action has one outcome, however often it is sent; a restore may forget it, nothing else.
#[derive(Debug)]
pub struct OutcomeForEver;

impl Property for OutcomeForEver {
    fn name(&self) -> &'static str {
        "OutcomeForEver"
    }
    fn check(&self, world: &World) -> Result<(), String> {
        world.witnessed.clone().map_or(Ok(()), Err)
    }
}

/// A call is logged once, and a slot of a visit is its history once.
#[derive(Debug)]
pub struct NoActionTwice;

impl Property for NoActionTwice {
    fn name(&self) -> &'static str {
        "NoActionTwice"
    }
    fn check(&self, world: &World) -> Result<(), String> {
        let house = world.gateway.house();
        // every applied action moved each of its entities by exactly one version
        let mut moved: BTreeMap<&EntityRef, BTreeSet<u64>> = BTreeMap::new();
        for decided in house.decided.values() {
            let Outcome::Applied { versions } = &decided.outcome else { continue };
            for (entity, version) in versions {
                if !moved.entry(entity).or_default().insert(*version) {
                    return Err(format!("version {version} of {entity} was made twice"));
                }
            }
        }
        for (id, row) in &house.rows {
            let made = moved.get(id).map_or(0, BTreeSet::len) as u64;
            let founded = u64::from(!matches!(id, EntityRef::Appointment(_)));
            let redone = house.redone.get(id).copied().unwrap_or_default();
            if row.version != made + founded + redone {
                return Err(format!("{id} is at version {}, but {made} actions moved it", row.version));
            }
        }
        Ok(())
    }
}

/// What the gateway decided on is what somebody was told to be saved.
#[derive(Debug)]
pub struct SamePayload;

impl Property for SamePayload {
    fn name(&self) -> &'static str {
        "SamePayload"
    }
    fn check(&self, world: &World) -> Result<(), String> {
        for (id, decided) in &world.gateway.house().decided {
            match world.promises.get(id) {
                Some(promise) if promise.envelope != decided.envelope => {
                    return Err(format!("{id} was decided with another payload than was saved"));
                }
                Some(_) => {}
                None => return Err(format!("{id} was decided, and nobody has done it")),
            }
        }
        Ok(())
    }
}

/// Up to its cursor a desk's base is the gateway's state, and nothing beyond it.
#[derive(Debug)]
pub struct CursorHonest;

impl Property for CursorHonest {
    fn name(&self) -> &'static str {
        "CursorHonest"
    }
    fn check(&self, world: &World) -> Result<(), String> {
        let house = world.gateway.house();
        for desk in world.desks.iter().filter(|desk| desk.is_in()) {
            let cache = desk.cache();
            let Some((epoch, seq)) = cache.cursor else { continue };
            if epoch != house.epoch {
                continue;
            }
            if seq > house.seq {
                return Err(format!("desk {} is ahead of the gateway", desk.number));
            }
            for (id, row) in house.rows.iter().filter(|(_, row)| row.seq <= seq) {
                let known = cache
                    .base
                    .get(id)
                    .or_else(|| cache.unread.get(id))
                    .filter(|(_, generation)| *generation == cache.generation);
                if known.is_none_or(|(known, _)| known != row) {
                    return Err(format!("desk {} has read past {id} and does not have it as it is", desk.number));
                }
            }
        }
        Ok(())
    }
}

/// Two live visits never meet on a doctor, a chair or a person.
#[derive(Debug)]
pub struct NoDoubleBooking;

impl Property for NoDoubleBooking {
    fn name(&self) -> &'static str {
        "NoDoubleBooking"
    }
    fn check(&self, world: &World) -> Result<(), String> {
        let visits: Vec<(&EntityRef, &Appointment)> = world
            .gateway
            .house()
            .rows
            .iter()
            .filter_map(|(id, row)| match &row.state {
                State::Appointment(visit) if visit.status.occupies() => Some((id, visit)),
                _ => None,
            })
            .collect();
        for (at, (id, visit)) in visits.iter().enumerate() {
            for (other_id, other) in &visits[at + 1..] {
                let shares = visit.slot.practitioner == other.slot.practitioner
                    || visit.slot.chair == other.slot.chair
                    || visit.person == other.person;
                if shares && visit.slot.start < other.slot.end && other.slot.start < visit.slot.end {
                    return Err(format!("{id} and {other_id} meet"));
                }
            }
        }
        Ok(())
    }
}

/// An edit goes through on the card that its author saw, whatever the clocks say.
#[derive(Debug)]
pub struct NoLostUpdate;

impl Property for NoLostUpdate {
    fn name(&self) -> &'static str {
        "NoLostUpdate"
    }
    fn check(&self, world: &World) -> Result<(), String> {
        for (id, decided) in &world.gateway.house().decided {
            let (Outcome::Applied { versions }, Command::PersonPut { .. }) =
                (&decided.outcome, &decided.envelope.action.command)
            else {
                continue;
            };
            let (before, _) = cards_around(world, &decided.envelope.action.entity, versions);
            if before.is_none_or(|before| before.by != decided.envelope.action.if_match) {
                return Err(format!("{id} was written over what its author had not seen"));
            }
        }
        Ok(())
    }
}

/// The card before an edit and after it, each with who wrote it.
fn cards_around<'a>(
    world: &'a World,
    person: &EntityRef,
    versions: &[(EntityRef, u64)],
) -> (Option<&'a Written>, Option<&'a Written>) {
    let made = versions.first().map_or(0, |(_, version)| *version);
    let at = |version: u64| world.gateway.house().cards.get(&(person.clone(), version));
    (at(made.saturating_sub(1)), at(made))
}

/// While a refused action lies in the outbox, nothing of the same desk that came after it on the same entity goes
/// through.
#[derive(Debug)]
pub struct NothingOnARefusal;

impl Property for NothingOnARefusal {
    fn name(&self) -> &'static str {
        "NothingOnARefusal"
    }
    fn check(&self, world: &World) -> Result<(), String> {
        for desk in &world.desks {
            let mut refused: BTreeSet<EntityRef> = BTreeSet::new();
            for entry in &desk.cache().outbox {
                let touches = entry.envelope.action.touches();
                match entry.stage {
                    // what had settled once may be refused after what was built on it
                    Stage::Refused if entry.came_back => {}
                    Stage::Refused => refused.extend(touches),
                    Stage::Applied(_) if touches.iter().any(|entity| refused.contains(entity)) => {
                        return Err(format!("{} went through on top of a refused one", entry.envelope.action.id));
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

/// A certificate never owes less than nothing nor more than was paid, at the gateway and on every screen.
#[derive(Debug)]
pub struct CertificateWithinBalance;

impl Property for CertificateWithinBalance {
    fn name(&self) -> &'static str {
        "CertificateWithinBalance"
    }
    fn check(&self, world: &World) -> Result<(), String> {
        let bases = world.desks.iter().flat_map(|desk| desk.cache().base.iter().map(|(id, (row, _))| (id, row)));
        for (id, row) in world.gateway.house().rows.iter().chain(bases) {
            if let State::Certificate(certificate) = &row.state
                && !(0..=certificate.face_value.0).contains(&certificate.balance().0)
            {
                return Err(format!("{id} has {} kopecks left", certificate.balance().0));
            }
        }
        Ok(())
    }
}

/// Who was blocked at the gateway stays so until it is lifted there, whatever copy is restored; and at the desk that has
/// blocked somebody from that very moment.
#[derive(Debug)]
pub struct BlockedStaysBlocked;

impl Property for BlockedStaysBlocked {
    fn name(&self) -> &'static str {
        "BlockedStaysBlocked"
    }
    fn check(&self, world: &World) -> Result<(), String> {
        let rows = &world.gateway.house().rows;
        for person in &world.blocked {
            if !rows.get(person).is_some_and(|row| row.is_blocked()) {
                return Err(format!("{person} was blocked, and is not"));
            }
        }
        for desk in world.desks.iter().filter(|desk| desk.is_in()) {
            let waits = |lifts: bool| {
                let outbox = desk.cache().outbox.iter().filter(|entry| entry.stage != Stage::Refused);
                let of = outbox.filter(move |entry| match entry.envelope.action.command {
                    Command::PersonBlock { .. } => !lifts,
                    Command::PersonUnblock { .. } => lifts,
                    _ => false,
                });
                of.map(|entry| entry.envelope.action.entity.clone()).collect::<BTreeSet<_>>()
            };
            let (mut blocked, lifted) = (waits(false), waits(true));
            if blocked.is_empty() {
                continue;
            }
            blocked.retain(|person| !lifted.contains(person));
            let shown = desk.cache().shown();
            for person in &blocked {
                // what the gateway has lifted since is its word
                let settled = desk.cache().base.get(person).is_some_and(|(row, _)| lifted_by_now(&row.state));
                if !settled && shown.get(person).is_some_and(|row| !row.is_blocked()) {
                    return Err(format!("desk {} shows {person}, whom it has blocked", desk.number));
                }
            }
        }
        Ok(())
    }
}

fn lifted_by_now(state: &State) -> bool {
    matches!(state, State::Person(person) if person.blocks.iter().any(|block| block.lifted.is_some()))
}

/// Outboxes empty, cursors at the head, bases equal to the gateway's state.
#[derive(Debug)]
pub struct DesksConverge;

impl Property for DesksConverge {
    fn name(&self) -> &'static str {
        "DesksConverge"
    }
    fn check(&self, world: &World) -> Result<(), String> {
        let house = world.gateway.house();
        for desk in world.desks.iter().filter(|desk| desk.is_in()) {
            let cache = desk.cache();
            if !cache.outbox.is_empty() {
                return Err(format!("the outbox of desk {} does not empty", desk.number));
            }
            if cache.cursor != Some((house.epoch, house.seq)) {
                return Err(format!("desk {} does not reach the head", desk.number));
            }
            let kept = || cache.base.iter().chain(&cache.unread);
            let same =
                kept().count() == house.rows.len() && kept().all(|(id, (row, _))| house.rows.get(id) == Some(row));
            if !same {
                return Err(format!("desk {} sees another clinic than the gateway", desk.number));
            }
        }
        Ok(())
    }
}

/// Every promise has an outcome at the gateway, unless its author was told of a refusal that a restore then forgot.
#[derive(Debug)]
pub struct EveryPromiseReached;

impl Property for EveryPromiseReached {
    fn name(&self) -> &'static str {
        "EveryPromiseReached"
    }
    fn check(&self, world: &World) -> Result<(), String> {
        let decided = &world.gateway.house().decided;
        for (id, promise) in world.kept_promises() {
            let known_refusal = world.restored
                && world.same_desk(promise).is_some_and(|desk| {
                    matches!(desk.cache().told.get(id), Some(Outcome::Conflict { .. } | Outcome::Rejected { .. }))
                });
            if !decided.contains_key(id) && !known_refusal && !promise.given_up && !promise.laid {
                return Err(format!("{id} never reached the gateway"));
            }
        }
        Ok(())
    }
}

/// A desk believes of its actions what the gateway has decided.
#[derive(Debug)]
pub struct DeskKnowsTheOutcome;

impl Property for DeskKnowsTheOutcome {
    fn name(&self) -> &'static str {
        "DeskKnowsTheOutcome"
    }
    fn check(&self, world: &World) -> Result<(), String> {
        for (id, promise) in world.kept_promises() {
            let Some(desk) = world.same_desk(promise) else { continue };
            let Some(decided) = world.gateway.house().decided.get(id) else { continue };
            match desk.cache().told.get(id) {
                None => return Err(format!("desk {} never learnt what became of {id}", desk.number)),
                Some(told) if *told != decided.outcome => {
                    return Err(format!("desk {} believes something else of {id} than the gateway", desk.number));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}
