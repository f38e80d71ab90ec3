//! A plan from its first event to the healed world, and the smallest part of it that still fails.

use crate::{
    bug::Bug,
    figures::Figures,
    plan::Plan,
    property::{Property, always, at_the_end, beside_what_breaks, when_all_are_updated},
    world::World,
};

/// What did not hold, and after which event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    pub property: &'static str,
    pub what: String,
    /// The event's place in the plan; none: after healing.
    pub after: Option<usize>,
}

/// How a story ended.
#[derive(Debug)]
pub struct Verdict {
    pub figures: Figures,
    pub violation: Option<Violation>,
    /// The world at its end.
    pub world: World,
}

/// Plays a plan, with a planted bug if one is named.
#[must_use]
pub fn play(plan: &Plan, bug: Option<Bug>) -> Verdict {
    let mut world = World::of(plan, bug);
    let always = always();
    let mut violation = None;
    'story: for (at, event) in plan.events.iter().enumerate() {
        world.play(at, *event);
        for property in &always {
            if let Err(what) = property.check(&world) {
                violation = Some(Violation { property: property.name(), what, after: Some(at) });
                break 'story;
            }
        }
    }
    let broken = |world: &World, further: Vec<Box<dyn Property>>| {
        always.iter().chain(&further).find_map(|property| {
            let what = property.check(world).err()?;
            Some(Violation { property: property.name(), what, after: None })
        })
    };
    if violation.is_none() && world.heals_beside_what_breaks() {
        violation = broken(&world, beside_what_breaks());
    }
    if violation.is_none() {
        world.heal();
        violation = broken(&world, at_the_end());
    }
    if violation.is_none() {
        world.updates_everybody();
        world.heal();
        violation = broken(&world, when_all_are_updated());
    }
    Verdict { figures: world.figures, violation, world }
}

/// The smallest part of a failing plan that was found to break the same property: first the end is cut off, then pieces
/// of halving size.
#[must_use]
pub fn shrink(plan: &Plan, bug: Option<Bug>) -> Plan {
    let Some(found) = play(plan, bug).violation else { return plan.clone() };
    let fails = |plan: &Plan| play(plan, bug).violation.is_some_and(|v| v.property == found.property);
    let mut smallest = plan.clone();
    if let Some(after) = found.after {
        smallest.events.truncate(after + 1);
    }
    let mut piece = smallest.events.len() / 2;
    while piece > 0 {
        let mut at = 0;
        while at < smallest.events.len() {
            let mut shorter = smallest.clone();
            // an event keeps its place in the numbering of ids, so a piece is put to sleep and not taken out
            let end = (at + piece).min(shorter.events.len());
            let asleep = crate::plan::Event::Sleep { millis: 0 };
            let awake = shorter.events[at..end].iter().any(|event| *event != asleep);
            shorter.events[at..end].fill(asleep);
            if awake && fails(&shorter) {
                smallest = shorter;
            }
            at += piece;
        }
        piece /= 2;
    }
    smallest
}
