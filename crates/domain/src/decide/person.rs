//! People: the card, their papers, consents and blocks, and two cards of one person. All but the card is appended.

use super::{Changes, Context, Refusal, View, changed, guard_match, usable};
use crate::{
    Action, ActionId, Command, PersonId, State,
    paper::{PaperRole, StageRefusal, Witness},
    person::{
        Block, CardLink, Consent, ConsentRecord, Lift, LiftGround, LinkKind, PaperRecord, PaperStep, Parting, Person,
    },
    staff::Permission,
};

pub(super) fn decide(view: &View, action: &Action, ctx: &Context) -> Result<Changes, Refusal> {
    let known = match &view.target {
        Some(State::Person(person)) => Some(person.clone()),
        Some(_) => return Err(Refusal::WrongKind),
        None => None,
    };
    let person = match (&action.command, known) {
        // a blocked person's card can be mended by whoever checks it: that is what a block is for
        (Command::PersonPut { source }, known) => {
            guard_match(view, action)?;
            let checks = view.actor.as_ref().is_some_and(|staff| staff.role.may(Permission::UnblockPeople));
            if known.as_ref().is_some_and(Person::is_blocked) && !checks {
                return Err(Refusal::PersonBlocked);
            }
            let person = known.unwrap_or_else(|| Person::new(*source, ctx.now));
            Person { etag: Some(action.id.clone()), ..person }
        }
        (Command::PersonMerge { other, other_etag }, Some(person)) => {
            return merge(view, action, ctx, person, other, other_etag.as_ref());
        }
        (Command::PersonUnmerge { merge, other }, Some(person)) => {
            return part(view, action, ctx, person, merge, other);
        }
        (command, Some(mut person)) => {
            append(&mut person, action, command, ctx)?;
            person
        }
        (
            Command::PersonRecordPaper { .. }
            | Command::PersonPaperStep { .. }
            | Command::PersonRetractPaperStep { .. }
            | Command::PersonRecordConsent { .. }
            | Command::PersonMerge { .. }
            | Command::PersonUnmerge { .. }
            | Command::PersonBlock { .. }
            | Command::PersonUnblock { .. },
            None,
        ) => return Err(Refusal::NotFound),
        (_, None) => return Err(Refusal::WrongKind),
    };
    Ok(vec![(action.entity.clone(), State::Person(person))])
}

fn refusal(refused: StageRefusal) -> Refusal {
    match refused {
        StageRefusal::OutOfOrder { stage } => Refusal::PaperStage { stage },
        StageRefusal::NobodySawIt | StageRefusal::NoMedicalWorker => Refusal::NoMedicalWorker,
    }
}

fn append(person: &mut Person, action: &Action, command: &Command, ctx: &Context) -> Result<(), Refusal> {
    match command {
        Command::PersonRecordPaper { paper } => {
            if !person.papers.iter().any(|known| known.id == paper.id) {
                person.papers.push(PaperRecord { steps: Vec::new(), ..paper.clone() });
            }
        }
        Command::PersonPaperStep { paper, stage, medical_worker } => {
            let paper = person.papers.iter_mut().find(|known| known.id == *paper).ok_or(Refusal::NoSuchPaper)?;
            if !paper.steps.iter().any(|known| known.id == action.id) {
                let witness = Witness { seen_by: Some(action.actor.clone()), medical_worker: medical_worker.clone() };
                let stage = paper.stage().then(*stage, PaperRole::of_form(&paper.form), &witness).map_err(refusal)?;
                let (id, by) = (action.id.clone(), action.actor.clone());
                // the moment is the desk's claim, for the paper was signed there; never later than now
                let at = action.at.min(ctx.now);
                paper.steps.push(PaperStep { id, stage, at, by, medical_worker: medical_worker.clone() });
            }
        }
        Command::PersonRetractPaperStep { paper, step } => {
            let paper = person.papers.iter_mut().find(|known| known.id == *paper).ok_or(Refusal::NoSuchPaper)?;
            if paper.steps.last().is_none_or(|last| last.id != *step) {
                return Err(Refusal::PaperStage { stage: paper.stage() });
            }
            paper.steps.pop();
        }
        Command::PersonRecordConsent { consent } => {
            if !person.consents.iter().any(|known| known.id == action.id) {
                // what is said to have been said later than now would stand above all that is said until then
                let consent = Consent { said_at: consent.said_at.min(ctx.now), ..consent.clone() };
                let (id, recorded_by) = (action.id.clone(), action.actor.clone());
                person.consents.push(ConsentRecord { id, recorded_at: ctx.now, recorded_by, consent });
            }
        }
        Command::PersonBlock { requester, ground } => {
            if !person.blocks.iter().any(|known| known.id.as_ref() == Some(&action.id)) {
                person.blocks.push(Block {
                    id: Some(action.id.clone()),
                    // from the moment of the request, which may have been made far from any connection
                    at: action.at.min(ctx.now),
                    recorded_at: Some(ctx.now),
                    by: Some(action.actor.clone()),
                    requester: *requester,
                    ground: *ground,
                    lifted: None,
                });
            }
        }
        Command::PersonUnblock { block, ground } => {
            if matches!(ground, LiftGround::Unknown) {
                return Err(Refusal::Unknown);
            }
            let lifts = |known: &&mut Block| known.id == *block && known.lifted.is_none();
            let block = person.blocks.iter_mut().find(lifts).ok_or(Refusal::NoSuchBlock)?;
            let by = Some(action.actor.clone());
            block.lifted = Some(Lift { id: action.id.clone(), at: ctx.now, by, ground: *ground });
        }
        _ => return Err(Refusal::WrongKind),
    }
    Ok(())
}

/// The other card is of the same person. Neither was merged into a third one, so the links make a tree whose root stands for
/// all; both are as they were compared; nobody is blocked.
fn merge(
    view: &View,
    action: &Action,
    ctx: &Context,
    mut survivor: Person,
    other_id: &PersonId,
    other_etag: Option<&ActionId>,
) -> Result<Changes, Refusal> {
    if action.entity.as_str() == other_id.as_str() {
        return Err(Refusal::SameCard);
    }
    let mut other = view.person.clone().ok_or(Refusal::PersonUnknown)?;
    usable(view)?;
    if survivor.is_blocked() {
        return Err(Refusal::PersonBlocked);
    }
    if is_replaced(view, &survivor) || is_replaced(view, &other) {
        return Err(Refusal::CardMerged);
    }
    guard_match(view, action)?;
    if other.etag.as_ref() != other_etag {
        return Err(changed(view));
    }
    let link = |kind, other: &PersonId, other_etag: Option<ActionId>| CardLink {
        merge: action.id.clone(),
        kind,
        other: other.clone(),
        other_etag,
        at: ctx.now,
        by: action.actor.clone(),
        parted: None,
    };
    let crate::EntityRef::Person(survivor_id) = &action.entity else { return Err(Refusal::WrongKind) };
    other.links.push(link(LinkKind::ReplacedBy, survivor_id, survivor.etag.take()));
    survivor.links.push(link(LinkKind::Replaces, other_id, other.etag.clone()));
    survivor.etag = Some(action.id.clone());
    Ok(vec![(action.entity.clone(), State::Person(survivor)), (other_id.clone().into(), State::Person(other))])
}

/// A card whose survivor was erased stands by itself.
fn is_replaced(view: &View, card: &Person) -> bool {
    card.replaced_by().is_some_and(|by| view.linked.iter().any(|(id, _)| id == by))
}

/// The merge is taken back on both cards. While a block covers them they stay together: it covers both.
fn part(
    view: &View,
    action: &Action,
    ctx: &Context,
    mut survivor: Person,
    merge: &ActionId,
    other_id: &PersonId,
) -> Result<Changes, Refusal> {
    usable(view)?;
    if survivor.is_blocked() {
        return Err(Refusal::PersonBlocked);
    }
    let parting = Parting { id: action.id.clone(), at: ctx.now, by: action.actor.clone() };
    if !take_back(&mut survivor, LinkKind::Replaces, merge, &parting) {
        return Err(Refusal::NoSuchMerge);
    }
    guard_match(view, action)?;
    survivor.etag = Some(action.id.clone());
    let mut changes = vec![(action.entity.clone(), State::Person(survivor))];
    // the other card may be erased by now
    if let Some(mut other) = view.person.clone()
        && take_back(&mut other, LinkKind::ReplacedBy, merge, &parting)
    {
        changes.push((other_id.clone().into(), State::Person(other)));
    }
    Ok(changes)
}

fn take_back(card: &mut Person, kind: LinkKind, merge: &ActionId, parting: &Parting) -> bool {
    let stands = |link: &&mut CardLink| link.merge == *merge && link.kind == kind && link.parted.is_none();
    let Some(link) = card.links.iter_mut().find(stands) else { return false };
    link.parted = Some(parting.clone());
    true
}
