//! Cases: the card, and the steps that are added to it.

use super::{Changes, Context, Refusal, View, guard_match};
use crate::{
    Action, Command, State,
    case::{Case, CaseKind, CaseMove, CaseStep},
    person::{Channel, PaperRecord},
    staff::Permission,
};

pub(super) fn decide(view: &View, action: &Action, ctx: &Context) -> Result<Changes, Refusal> {
    let known = match &view.target {
        Some(State::Case(case)) => Some(case.clone()),
        Some(_) => return Err(Refusal::WrongKind),
        None => None,
    };
    let case = match (&action.command, known) {
        (Command::CasePut { case: put, number, received_at }, known) => {
            guard_match(view, action)?;
            if put.kind == CaseKind::Unknown || put.channel == Channel::Unknown {
                return Err(Refusal::Unknown);
            }
            // an act stays an act, and nothing else becomes one
            let act = |kind| kind == CaseKind::DestructionAct;
            if known.as_ref().is_some_and(|known| act(known.kind) != act(put.kind)) {
                return Err(Refusal::WrongKind);
            }
            let case = known.unwrap_or_else(|| Case {
                kind: put.kind,
                number: *number,
                desk: ctx.desk.clone(),
                // nothing came later than it was written down
                received_at: (*received_at).min(action.at).min(ctx.now),
                channel: put.channel,
                registered_at: action.at.min(ctx.now),
                registered_by: action.actor.clone(),
                steps: Vec::new(),
                papers: Vec::new(),
                etag: None,
            });
            // what steps were taken as stays what it was
            let kind = if case.steps.is_empty() { put.kind } else { case.kind };
            Case { kind, channel: put.channel, etag: Some(action.id.clone()), ..case }
        }
        (_, None) => return Err(Refusal::NotFound),
        (command, Some(case)) => stepped(view, case, action, command, ctx)?,
    };
    Ok(vec![(action.entity.clone(), State::Case(case))])
}

fn stepped(view: &View, mut case: Case, action: &Action, command: &Command, ctx: &Context) -> Result<Case, Refusal> {
    let refuse = Refusal::CaseAtAnotherStep { status: case.status() };
    match command {
        Command::CaseStep { step: CaseMove::Unknown } => return Err(Refusal::Unknown),
        Command::CaseStep { step } => {
            if !case.steps.iter().any(|known| known.id == action.id) {
                if !case.takes(*step) {
                    return Err(refuse);
                }
                let (id, by) = (action.id.clone(), action.actor.clone());
                // done at the desk, with or without a connection; never later than now
                case.steps.push(CaseStep { id, step: *step, at: action.at.min(ctx.now), by });
            }
        }
        Command::CaseRetract { step } => {
            let last = case.steps.last().filter(|last| last.id == *step).ok_or(refuse)?;
            let answers = view.actor.as_ref().is_some_and(|staff| staff.role.may(Permission::AnswerCases));
            if last.by != action.actor && !answers {
                return Err(Refusal::Forbidden);
            }
            case.steps.pop();
        }
        Command::CaseRecordPaper { paper } => {
            if !case.papers.iter().any(|known| known.id == paper.id) {
                case.papers.push(PaperRecord { steps: Vec::new(), ..paper.clone() });
            }
        }
        _ => return Err(Refusal::WrongKind),
    }
    Ok(case)
}
