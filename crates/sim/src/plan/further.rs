//! What a story has beyond the plain one: desks come and go, keys change, versions differ, pushes break, steps are taken back.
//! Each has a stream of chance of its own and is laid between the events that there were, so that those stay what they were.

use domain::request::CallOutcome;

use super::{Act, Event, MOST_DESKS, Plan, desk};
use crate::{card, cast, chance::Chance};

/// How often, in percent of all that is added; none: never in this story.
struct Swarm {
    key: u64,
    let_go: u64,
    versions: u64,
    edits: u64,
    breaks: u64,
    site: u64,
}

impl Swarm {
    fn draw(chance: &mut Chance) -> Self {
        let mut rate = |most: u64| if chance.percent(30) { 0 } else { 1 + chance.below(most) };
        Self { key: rate(30), let_go: rate(12), versions: rate(30), edits: rate(40), breaks: rate(12), site: rate(15) }
    }
}

pub(super) fn add(mut plan: Plan) -> Plan {
    // another number than the plain story draws from
    let mut chance = Chance::of(plan.seed ^ 0x6B65_7973_2B31_3521);
    let swarm = Swarm::draw(&mut chance);
    if swarm.versions > 0 {
        plan.older = (0..MOST_DESKS).filter(|_| chance.percent(50)).collect();
    }
    let plain = std::mem::take(&mut plan.events);
    let share = chance.below(40);
    for event in plain {
        if chance.percent(share) {
            plan.events.push(further(&mut chance, &swarm));
        }
        plan.events.push(event);
    }
    plan
}

/// Somebody takes back what they have just done to a visit.
pub(super) fn undoes(mut plan: Plan) -> Plan {
    let mut chance = Chance::of(plan.seed ^ 0x756E_646F_3B17_44A9);
    let share = if chance.percent(30) { 0 } else { 1 + chance.below(60) };
    for event in std::mem::take(&mut plan.events) {
        plan.events.push(event);
        let Event::Act { desk, act, dies: None } = event else { continue };
        let (Act::Confirm { visit } | Act::Arrive { visit } | Act::Cancel { visit }) = act else { continue };
        if chance.percent(share) {
            plan.events.push(Event::Act { desk, act: Act::Undo { visit }, dies: None });
        }
    }
    plan
}

fn further(chance: &mut Chance, swarm: &Swarm) -> Event {
    let who = desk(chance, MOST_DESKS);
    let acts = |act| Event::Act { desk: who, act, dies: None };
    let person = chance.pick(cast::PEOPLE);
    let request = chance.pick(cast::REQUESTS);
    let number = u32::try_from(chance.below(1 << 10)).unwrap_or_default();
    let total = swarm.key + swarm.let_go + swarm.versions + swarm.edits + swarm.breaks + swarm.site;
    let mut at = chance.below(total.max(1));
    let mut falls_to = |share: u64| {
        let here = at < share;
        at = at.saturating_sub(share);
        here
    };
    if falls_to(swarm.key) {
        return if chance.percent(50) { Event::Invite { desk: who } } else { Event::Enrol { desk: who } };
    }
    if falls_to(swarm.let_go) {
        return if chance.percent(70) { Event::LetGo { desk: who } } else { Event::DieTakingAKey { desk: who } };
    }
    if falls_to(swarm.versions) {
        return match chance.below(10) {
            0..=5 => acts(Act::NewWord { request, word: number + 1 }),
            6 => Event::Update { desk: who },
            7 => acts(Act::LogCall { request, outcome: CallOutcome::NoAnswer }),
            _ => acts(Act::EditField { person, field: card::FIELDS - 1, value: number }),
        };
    }
    if falls_to(swarm.edits) {
        // few people, so that edits meet
        return acts(Act::EditField { person: person % 2, field: chance.pick(card::FIELDS), value: number });
    }
    if falls_to(swarm.breaks) {
        return if chance.percent(60) { Event::Break { desk: who } } else { Event::Mend };
    }
    Event::SiteSends { dies: chance.percent(30).then(|| chance.pick(2)) }
}
