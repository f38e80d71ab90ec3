//! What the gateway's refusals mean: for the engine, for one action of a push, and for people.

use contract::{
    ui::Link,
    v1::{ActionResult, Outcome, ProblemCode},
};
use domain::{ActionId, Refusal};
use seal::ChainError;
use sync::{Failure, Link as EngineLink};

use crate::{transport::TransportError, trouble::DeskError};

/// When the gateway says "later" without saying when, milliseconds.
const LATER: u64 = 30_000;

pub(super) fn shown(link: EngineLink) -> Link {
    match link {
        EngineLink::Unknown => Link::Unknown,
        EngineLink::Online => Link::Online,
        EngineLink::Syncing => Link::Syncing,
        EngineLink::Offline => Link::Offline,
        EngineLink::Refused => Link::Refused,
        EngineLink::Revoked => Link::Revoked,
        EngineLink::Outdated => Link::Outdated,
    }
}

/// The one action that a push cannot go on with: refused here, for a person to look at.
pub(super) fn set_aside(error: &TransportError, sent: &[ActionId]) -> Option<ActionResult> {
    let TransportError::Problem { status, code, action, .. } = error else { return None };
    let named = action.clone().filter(|id| sent.contains(id));
    let (id, refusal) = match (code, named, sent, status) {
        (Some(ProblemCode::ActionIdReused), Some(id), ..) => (id, Refusal::AlreadyExists),
        (Some(ProblemCode::Validation), Some(id), ..) => (id, Refusal::BadSealedPart),
        (_, _, [only], 413 | 422) => (only.clone(), Refusal::BadSealedPart),
        _ => return None,
    };
    Some(ActionResult { id, duplicate: false, outcome: Outcome::Rejected { refusal } })
}

/// What a failure means for the engine.
pub(super) fn failure(error: &DeskError) -> Failure {
    match error {
        DeskError::Transport(error) => of_transport(error),
        // only a person can bring it in again, with a code
        DeskError::Keys(ChainError::NoCopy | ChainError::Foreign) => Failure::Refused,
        DeskError::Keys(error) => {
            tracing::error!(%error, "what the gateway says of the clinic's keys is not believed");
            Failure::Unreachable
        }
        _ => {
            tracing::error!(%error, "the link cannot use the database");
            Failure::Local
        }
    }
}

fn of_transport(error: &TransportError) -> Failure {
    let TransportError::Problem { status, code, retry_after, .. } = error else { return Failure::Unreachable };
    match (code, status) {
        (Some(ProblemCode::Unauthorized), _) => Failure::Refused,
        (Some(ProblemCode::DeskRevoked), _) => Failure::Revoked,
        (Some(ProblemCode::ClientTooOld), _) => Failure::Outdated,
        (Some(ProblemCode::ResyncRequired), _) => Failure::ResyncRequired,
        (_, 413 | 422) => Failure::TooMuch,
        (_, 429 | 503) => Failure::RetryAfter(retry_after.map_or(LATER, |seconds| seconds.saturating_mul(1000))),
        _ => Failure::Unreachable,
    }
}
