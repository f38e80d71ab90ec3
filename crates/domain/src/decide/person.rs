//! People: the card, their papers, consents and blocks. All but the card is appended.

use super::{Changes, Context, Refusal, View, guard_match};
use crate::{
    Action, Command, State,
    paper::{PaperRole, StageRefusal, Witness},
    person::{Block, Consent, ConsentRecord, Lift, LiftGround, PaperRecord, PaperStep, Person},
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
        (command, Some(mut person)) => {
            append(&mut person, action, command, ctx)?;
            person
        }
        (
            Command::PersonRecordPaper { .. }
            | Command::PersonPaperStep { .. }
            | Command::PersonRetractPaperStep { .. }
            | Command::PersonRecordConsent { .. }
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
