//! A story in words, for whoever has to understand why it went wrong.

use std::fmt::Write as _;

use crate::{
    bug::Bug,
    plan::{Act, Event, Fate, Plan},
    run,
};

const NAMES: [&str; 4] = ["Anna", "Boris", "Vera", "Gleb"];

fn name(desk: usize) -> &'static str {
    NAMES.get(desk).copied().unwrap_or("Somebody")
}

/// The story of a plan and how it ended. Steps that were cut out are not told.
#[must_use]
pub fn tell(plan: &Plan, bug: Option<Bug>) -> String {
    let mut story = format!("Seed {}: {} desks.\n", plan.seed, plan.desks);
    for older in plan.older.iter().filter(|older| **older < plan.desks) {
        let _ = writeln!(story, "      {}'s desk has the older version.", name(*older));
    }
    for (at, event) in plan.events.iter().enumerate() {
        if let Some(line) = line(*event) {
            let _ = writeln!(story, "{at:>4}  {line}");
        }
    }
    let verdict = run::play(plan, bug);
    match verdict.violation {
        None => story.push_str("Then the faults end, and everything comes together.\n"),
        Some(violation) => {
            let when = violation.after.map_or("after healing".to_owned(), |at| format!("after step {at}"));
            let _ = writeln!(story, "{} does not hold {when}: {}", violation.property, violation.what);
        }
    }
    let _ = writeln!(story, "{}", verdict.figures);
    story
}

fn line(event: Event) -> Option<String> {
    Some(match event {
        Event::Act { desk, act, dies } => {
            let death = match dies {
                Some(0) => "; the desk dies before it is saved",
                Some(_) => "; the desk dies right after a commit",
                None => "",
            };
            format!("{} {}{death}", name(desk), deed(act))
        }
        Event::Tick { desk, gives_up: true, .. } => format!("{}'s desk does not wait any longer", name(desk)),
        Event::Tick { desk, .. } => format!("{}'s desk looks whether there is something to do", name(desk)),
        Event::Poke { desk } => format!("{}'s desk is poked", name(desk)),
        Event::Deliver { fate, .. } => match fate {
            Fate::Arrives => "a packet arrives".to_owned(),
            Fate::Lost => "a packet is lost".to_owned(),
            Fate::Doubled => "a packet arrives, and will arrive again".to_owned(),
            Fate::KillsReceiver { commits } => {
                format!("a packet arrives; whoever gets it dies after {commits} commits")
            }
        },
        Event::Sleep { millis: 0 } => return None,
        Event::Sleep { millis } => format!("{:.1} s pass", f64::from(millis) / 1_000.0),
        Event::Crash { desk } => format!("{}'s desk is killed and started again", name(desk)),
        Event::Backup => "the gateway is backed up".to_owned(),
        Event::RestoreBackup { which: 0 } => "the gateway goes back to its latest copy".to_owned(),
        Event::RestoreBackup { .. } => "the gateway goes back to an older copy".to_owned(),
        Event::LoseKey { desk } => format!("{}'s keychain is gone; the desk enrols anew", name(desk)),
        Event::Invite { desk } => format!("{} makes an invitation", name(desk)),
        Event::Enrol { desk } => format!("{}'s computer, or a new one, comes in by the newest invitation", name(desk)),
        Event::LetGo { desk } => format!("{}'s desk is let go; somebody has a copy of its keys", name(desk)),
        Event::DieTakingAKey { desk } => format!("{}'s desk will die right after it has taken a key", name(desk)),
        Event::Update { desk } => format!("{}'s desk gets the newer version", name(desk)),
        Event::Break { desk } => format!("{}'s oldest action breaks its push from now on", name(desk)),
        Event::Mend => "nothing breaks pushes any more".to_owned(),
        Event::SiteSends { dies: None } => "the site sends a request".to_owned(),
        Event::SiteSends { dies: Some(commits) } => {
            format!("the site sends a request; the gateway dies after {commits} commits")
        }
        Event::Skew { desk, seconds } => format!("{}'s clock is now {seconds} s off", name(desk)),
    })
}

fn deed(act: Act) -> String {
    match act {
        Act::Claim { request } => format!("takes request {request}"),
        Act::Release { request } => format!("puts request {request} back"),
        Act::LogCall { request, outcome } => format!("logs a call on request {request}: {outcome:?}"),
        Act::Close { request, reason } => format!("closes request {request}: {reason:?}"),
        Act::Reopen { request } => format!("opens request {request} again"),
        Act::Book { person, doctor, chair, half_hour, .. } => {
            format!("books person {person} with doctor {doctor}, chair {chair}, slot {half_hour}")
        }
        Act::Move { visit, doctor, chair, half_hour } => {
            format!("moves visit {visit} to doctor {doctor}, chair {chair}, slot {half_hour}")
        }
        Act::Confirm { visit } => format!("confirms visit {visit}"),
        Act::Arrive { visit } => format!("notes that visit {visit} has arrived"),
        Act::Cancel { visit } => format!("cancels visit {visit}"),
        Act::Restore { visit } => format!("puts visit {visit} back in its place"),
        Act::Undo { visit } => format!("takes the last step of visit {visit} back"),
        Act::Edit { person, value } => format!("writes {value} on the card of person {person}"),
        Act::EditField { person, field, value } => format!("writes {value} into field {field} of person {person}"),
        Act::NewWord { request, word } => format!("says {word} of request {request}, a word of the newer version"),
        Act::Block { person } => format!("blocks the data of person {person}"),
        Act::Unblock { person } => format!("lifts a block of person {person}"),
        Act::Redeem { certificate, kopecks } => format!("spends {kopecks} kopecks of certificate {certificate}"),
        Act::Reverse { certificate } => format!("takes a redemption of certificate {certificate} back"),
        Act::Discard { .. } => "gives up a refused action".to_owned(),
    }
}
