//! The one rule, run twice: tentatively at the desk, finally at the gateway.
//!
//! Invariants: pure; never looks at [`Action::at`] to decide an order; two live visits never meet on a doctor, a chair
//! or a person; a certificate is never spent beyond its balance; what was erased stays erased; calls, papers, consents and
//! blocks are appended, so they never conflict; an edit of a card made on an older version is a conflict that a person
//! sees; a blocked person's data are not used: no visit is made or moved and no request taken up, while facts (who came,
//! what was said on the phone) are still written down; cards of one person, once a person merged them, are blocked together
//! and meet no two visits at once, and every card has one survivor at most.

mod appointment;
mod case;
mod certificate;
mod erase;
mod person;
mod staff;

use chrono::{DateTime, Duration, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Action, ActionId, AppointmentId, Command, DeskId, EntityRef, Kopecks, PersonId, State,
    appointment::{Appointment, AppointmentStatus},
    case::CaseStatus,
    clinic::Clinic,
    paper::PaperStage,
    person::Person,
    request::{CallAttempt, CallOutcome, Claim, Request, RequestStatus, Rereading, believed},
    staff::Staff,
};

/// What the decision needs to see. The caller loads it in the same transaction.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// The entity that the action names.
    pub target: Option<State>,
    /// Its version; 0 if it is not there.
    pub target_version: u64,
    /// For a booking out of a request: that request.
    pub request: Option<Request>,
    /// Whom a visit or a request is of, or the other card of a merge ([`Action::person`]).
    pub person: Option<Person>,
    /// The other cards of the same people, by merges: of `person`, and of the target where that is a card.
    pub linked: Vec<(PersonId, Person)>,
    /// For a slot: visits that meet it on doctor, chair or person. May hold more; the rule checks.
    pub neighbours: Vec<(AppointmentId, Appointment)>,
    /// For an erasure: the holds of courts in force, whatever they are about.
    pub holds: Vec<ActionId>,
    pub clinic: Option<Clinic>,
    /// Who acts.
    pub actor: Option<Staff>,
    /// Nobody is on the staff yet.
    pub unfounded: bool,
}

/// Where and when the decision is made.
#[derive(Debug, Clone)]
pub struct Context {
    /// The clock of whoever decides.
    pub now: DateTime<Utc>,
    /// The desk that acts.
    pub desk: DeskId,
}

/// New states, in order; the caller gives versions and a sequence number.
pub type Changes = Vec<(EntityRef, State)>;

/// Which resource a slot clashes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Clash {
    Practitioner,
    Chair,
    Person,
}

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, thiserror::Error, ts_rs::TS)]
#[serde(tag = "refusal", rename_all = "snake_case")]
pub enum Refusal {
    #[error("the entity is not known")]
    NotFound,
    #[error("the entity is of another kind than the command")]
    WrongKind,
    #[error("the id is already taken")]
    AlreadyExists,
    #[error("the role does not allow it")]
    Forbidden,
    #[error("the record was changed in between")]
    ChangedMeanwhile { version: u32 },
    #[error("somebody else works on the request")]
    ClaimedByOther,
    #[error("the request is closed")]
    RequestClosed,
    #[error("the request is not closed")]
    RequestOpen,
    #[error("the request was understood already")]
    NotQuarantined,
    #[error("no such call")]
    NoSuchCall,
    #[error("the person is not known")]
    PersonUnknown,
    #[error("the person's data are blocked")]
    PersonBlocked,
    #[error("there is no such block, or it was lifted")]
    NoSuchBlock,
    #[error("a card is not merged with itself")]
    SameCard,
    #[error("the card was merged into another one")]
    CardMerged,
    #[error("there is no such merge, or it was taken back")]
    NoSuchMerge,
    #[error("the visit ends before it starts, is too long, or is not of whole seconds")]
    BadInterval,
    #[error("the slot is taken")]
    SlotTaken { clash: Clash, by: AppointmentId },
    #[error("the visit's status does not allow it")]
    WrongStatus { status: AppointmentStatus },
    #[error("too early to note a no-show")]
    TooEarly,
    #[error("the amount is not above zero")]
    BadAmount,
    #[error("the certificate has less left")]
    BalanceTooLow { balance: Kopecks },
    #[error("the certificate is blocked")]
    CertificateBlocked,
    #[error("the certificate has expired")]
    CertificateExpired,
    #[error("no such redemption, or it was reversed")]
    NoSuchRedemption,
    #[error("a redemption is reversed on its own day only")]
    TooLate,
    #[error("the last day can only be moved on")]
    BadDate,
    #[error("the money of the certificate was asked back")]
    RefundRequested,
    #[error("nobody has asked the money back")]
    RefundNotRequested,
    #[error("nobody has paid for it, so there is nothing to pay back")]
    NotPaid,
    #[error("the certificate still has money that is owed")]
    MoneyOwed,
    #[error("there is no such paper")]
    NoSuchPaper,
    #[error("the sheet is at another stage")]
    PaperStage { stage: PaperStage },
    #[error("it is not said who explained the treatment")]
    NoMedicalWorker,
    #[error("the case is at another step")]
    CaseAtAnotherStep { status: CaseStatus },
    #[error("a dispute in court was noted in between")]
    HeldMeanwhile,
    #[error("a sealed part is missing or not expected")]
    BadSealedPart,
    #[error("the clinic is not set up")]
    NoClinic,
    /// A word of a newer version.
    #[error("refused for a reason that is not known here")]
    #[serde(other)]
    Unknown,
}

/// Minutes after which a claim ends whatever the clinic has set: nobody works on one request for longer than a day.
const LONGEST_CLAIM: u32 = 24 * 60;

/// Decides an action on what the caller sees.
///
/// # Errors
/// A [`Refusal`] says why the action does not hold; nothing is changed then.
pub fn decide(view: &View, action: &Action, ctx: &Context) -> Result<Changes, Refusal> {
    permit(view, action)?;
    // a version without a state: it was erased, and stays so
    if view.target.is_none() && view.target_version > 0 {
        return Err(Refusal::NotFound);
    }
    match (&action.command, &action.entity) {
        (Command::Erase { ground, holds_seen }, _) => erase::decide(view, *ground, holds_seen),
        (Command::ClinicPut { clinic }, EntityRef::Clinic(_)) => put(view, action, State::Clinic((**clinic).clone())),
        (Command::PractitionerPut { practitioner }, EntityRef::Practitioner(_)) => {
            put(view, action, State::Practitioner(practitioner.clone()))
        }
        (_, EntityRef::Staff(_)) => staff::decide(view, action, ctx),
        (_, EntityRef::Person(_)) => person::decide(view, action, ctx),
        (_, EntityRef::Case(_)) => case::decide(view, action, ctx),
        (_, EntityRef::Appointment(_)) => appointment::decide(view, action, ctx),
        (command, EntityRef::Request(_)) => decide_request(view, action, command, ctx),
        (_, EntityRef::Certificate(_)) => certificate::decide(view, action, ctx),
        _ => Err(Refusal::WrongKind),
    }
}

fn permit(view: &View, action: &Action) -> Result<(), Refusal> {
    if view.unfounded {
        return if action.founds() { Ok(()) } else { Err(Refusal::Forbidden) };
    }
    match &view.actor {
        Some(staff) if staff.active && staff.role.may(action.command.permission()) => Ok(()),
        _ => Err(Refusal::Forbidden),
    }
}

/// Settings-like records: whole-record writes on the record that was seen.
fn put(view: &View, action: &Action, mut state: State) -> Result<Changes, Refusal> {
    guard_match(view, action)?;
    match &view.target {
        Some(old) if old.kind() != state.kind() => Err(Refusal::WrongKind),
        _ => {
            state.set_etag(Some(action.id.clone()));
            Ok(vec![(action.entity.clone(), state)])
        }
    }
}

/// A record is written as a whole by whoever saw what it is. By the etag, not by the version: after a restore the same
/// number may be of another history.
fn guard_match(view: &View, action: &Action) -> Result<(), Refusal> {
    if view.target.as_ref().and_then(State::etag) == action.if_match.as_ref() { Ok(()) } else { Err(changed(view)) }
}

fn changed(view: &View) -> Refusal {
    Refusal::ChangedMeanwhile { version: u32::try_from(view.target_version).unwrap_or(u32::MAX) }
}

/// A blocked person's data are not used, whichever of the cards the block was laid on.
fn usable(view: &View) -> Result<(), Refusal> {
    let blocked = view.person.iter().chain(view.linked.iter().map(|(_, card)| card)).any(Person::is_blocked);
    if blocked { Err(Refusal::PersonBlocked) } else { Ok(()) }
}

fn decide_request(view: &View, action: &Action, command: &Command, ctx: &Context) -> Result<Changes, Refusal> {
    let mut request = match &view.target {
        Some(State::Request(request)) => request.clone(),
        Some(_) => return Err(Refusal::WrongKind),
        None => return Err(Refusal::NotFound),
    };
    let open = request.status.is_open();
    match command {
        Command::RequestClaim if open => {
            usable(view)?;
            claim(&mut request, action, view, ctx)?;
        }
        Command::RequestRelease => release(&mut request, action),
        Command::RequestLogCall { outcome, next_try_at } if open => {
            log_call(&mut request, action, *outcome, *next_try_at, ctx)
        }
        Command::RequestRetractCall { attempt } => retract(&mut request, attempt)?,
        Command::RequestLinkPerson { person } => request.person = Some(person.clone()),
        Command::RequestClose { reason } if open => close(&mut request, reason.status(), ctx),
        Command::RequestReopen if !open => reopen(&mut request),
        Command::RequestReopen => return Err(Refusal::RequestOpen),
        Command::RequestReread { reading } if open => reread(&mut request, action, reading, view, ctx)?,
        Command::RequestClaim
        | Command::RequestLogCall { .. }
        | Command::RequestClose { .. }
        | Command::RequestReread { .. } => {
            return Err(Refusal::RequestClosed);
        }
        _ => return Err(Refusal::WrongKind),
    }
    Ok(vec![(action.entity.clone(), State::Request(request))])
}

fn claim(request: &mut Request, action: &Action, view: &View, ctx: &Context) -> Result<(), Refusal> {
    if request.live_claim(ctx.now).is_some_and(|c| c.staff != action.actor || c.desk != ctx.desk) {
        return Err(Refusal::ClaimedByOther);
    }
    let minutes = view.clinic.as_ref().map_or(10, |c| c.practice.claim_minutes).min(LONGEST_CLAIM);
    request.claim = Some(Claim {
        staff: action.actor.clone(),
        desk: ctx.desk.clone(),
        until: ctx.now + Duration::minutes(i64::from(minutes)),
    });
    if request.status == RequestStatus::New {
        request.status = RequestStatus::Assigned;
    }
    Ok(())
}

fn release(request: &mut Request, action: &Action) {
    if request.claim.as_ref().is_some_and(|c| c.staff == action.actor) {
        request.claim = None;
        if request.status == RequestStatus::Assigned && request.tries() == 0 {
            request.status = RequestStatus::New;
        }
    }
}

fn log_call(
    request: &mut Request,
    action: &Action,
    outcome: CallOutcome,
    next_try_at: Option<DateTime<Utc>>,
    ctx: &Context,
) {
    if request.attempts.iter().any(|a| a.id == action.id) {
        return;
    }
    request.attempts.push(CallAttempt {
        id: action.id.clone(),
        at: action.at,
        staff: action.actor.clone(),
        outcome,
        retracted: false,
    });
    let next = outcome.leads_to();
    if next.is_open() {
        request.status = next;
        request.next_try_at = if next == RequestStatus::RetryScheduled { next_try_at } else { None };
        if next == RequestStatus::RetryScheduled {
            request.claim = None;
        }
    } else {
        close(request, next, ctx);
    }
}

fn retract(request: &mut Request, attempt: &ActionId) -> Result<(), Refusal> {
    let call = request.attempts.iter_mut().find(|a| &a.id == attempt && !a.retracted).ok_or(Refusal::NoSuchCall)?;
    call.retracted = true;
    let closed_by_call = request.status == RequestStatus::ClosedWrongNumber;
    if request.status.is_open() || closed_by_call {
        let last = request.attempts.iter().rev().find(|a| !a.retracted).map(|a| a.outcome.leads_to());
        request.status = last.filter(|s| s.is_open()).unwrap_or(RequestStatus::Assigned);
        request.next_try_at = None;
        request.closed_at = None;
        request.before_close = None;
    }
    Ok(())
}

fn close(request: &mut Request, status: RequestStatus, ctx: &Context) {
    request.before_close = Some(request.status);
    request.status = status;
    request.closed_at = Some(ctx.now);
    request.claim = None;
    request.next_try_at = None;
}

/// A second reading stands for the first; what staff did to the request stays.
fn reread(
    request: &mut Request,
    action: &Action,
    reading: &Rereading,
    view: &View,
    ctx: &Context,
) -> Result<(), Refusal> {
    if request.quarantine.is_none() {
        return Err(Refusal::NotQuarantined);
    }
    // the site may have sent a newer version, which is not what was read again
    if view.target_version != action.base_version {
        return Err(changed(view));
    }
    if request.live_claim(ctx.now).is_some_and(|claim| claim.staff != action.actor) {
        return Err(Refusal::ClaimedByOther);
    }
    request.request_kind = reading.kind;
    request.submitted_at = believed(reading.submitted_at, request.received_at);
    request.source.site = reading.site.clone().or(request.source.site.take());
    request.consent = reading.consent.clone().or(request.consent.take());
    request.quarantine = None;
    Ok(())
}

fn reopen(request: &mut Request) {
    request.status = request.before_close.take().filter(|s| s.is_open()).unwrap_or(RequestStatus::Assigned);
    request.closed_at = None;
}
