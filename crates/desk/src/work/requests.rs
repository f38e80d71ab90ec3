//! One request: its card, and what is done with it.

use chrono::{DateTime, Duration, Utc};
use contract::ui::{
    CallView, CloseArgs, LinkPersonArgs, LogCallArgs, PersonRow, RequestArgs, RequestCard, RetractCallArgs, VisitRow,
};
use domain::{
    Command, PersonId, RequestId,
    personal::NotePersonal,
    request::{CallOutcome, RequestStatus},
    staff::Permission,
};
use store::Store;

use super::{
    blocks::usable,
    queue::{self, RequestRecord},
    scene::{Scene, person_row, phone_view},
    visits,
};
use crate::{
    input,
    session::{Seat, part},
    trouble::DeskError,
};

/// The next try is agreed within this time.
const FURTHEST_TRY: Duration = Duration::days(90);
/// A next try may lie so much in the past: the clock went on while the form was filled in.
const CLOCK_WENT_ON: Duration = Duration::minutes(5);
/// Requests of one phone that a card shows.
const MOST_OF_ONE_PHONE: usize = 20;

/// Shows a request; that is written in the audit chain.
pub(crate) async fn request_card(seat: &Seat, args: RequestArgs) -> Result<RequestCard, DeskError> {
    let card = card(seat, &seat.open.store, &args.id).await?;
    seat.viewed("request.view", args.id.as_str()).await?;
    Ok(card)
}

/// Takes a request for oneself for a while.
pub(crate) async fn request_claim(seat: &Seat, args: RequestArgs) -> Result<RequestCard, DeskError> {
    let known = seat.open.store.request(&args.id).await?.ok_or(DeskError::NotFound)?;
    usable(known.blocked)?;
    done(seat, &args.id, Command::RequestClaim, None).await
}

/// Lets it go.
pub(crate) async fn request_release(seat: &Seat, args: RequestArgs) -> Result<RequestCard, DeskError> {
    done(seat, &args.id, Command::RequestRelease, None).await
}

/// Notes a call. Where nobody answered and nothing else is said, the next try is the clinic's usual one.
pub(crate) async fn request_log_call(seat: &Seat, args: LogCallArgs) -> Result<RequestCard, DeskError> {
    let text = input::long("note", args.note.as_deref())?;
    let note = match text {
        Some(text) => part(&NotePersonal { text })?,
        None => None,
    };
    let next_try_at = next_try(seat, args.outcome, args.next_try_at).await?;
    done(seat, &args.id, Command::RequestLogCall { outcome: args.outcome, next_try_at }, note).await
}

async fn next_try(
    seat: &Seat,
    outcome: CallOutcome,
    asked: Option<DateTime<Utc>>,
) -> Result<Option<DateTime<Utc>>, DeskError> {
    if outcome.leads_to() != RequestStatus::RetryScheduled {
        return Ok(None);
    }
    let now = seat.now();
    match asked {
        Some(at) if at < now - CLOCK_WENT_ON || at > now + FURTHEST_TRY => Err(DeskError::BadInput("next_try_at")),
        Some(at) => Ok(Some(at)),
        None => Ok(usual_try(&Scene::of(seat).await?)),
    }
}

fn usual_try(scene: &Scene) -> Option<DateTime<Utc>> {
    let clinic = scene.clinic.as_ref()?;
    queue::after(clinic, scene.now, clinic.practice.retry_after_minutes)
}

/// Takes back a call that was noted by mistake.
pub(crate) async fn request_retract_call(seat: &Seat, args: RetractCallArgs) -> Result<RequestCard, DeskError> {
    done(seat, &args.id, Command::RequestRetractCall { attempt: args.call }, None).await
}

/// Closes a request.
pub(crate) async fn request_close(seat: &Seat, args: CloseArgs) -> Result<RequestCard, DeskError> {
    done(seat, &args.id, Command::RequestClose { reason: args.reason }, None).await
}

/// Undo of a close.
pub(crate) async fn request_reopen(seat: &Seat, args: RequestArgs) -> Result<RequestCard, DeskError> {
    done(seat, &args.id, Command::RequestReopen, None).await
}

/// Says whose request it is.
pub(crate) async fn request_link_person(seat: &Seat, args: LinkPersonArgs) -> Result<RequestCard, DeskError> {
    let (store, checks) = (&seat.open.store, seat.staff.state.role.may(Permission::UnblockPeople));
    if store.person(&args.person).await?.is_none() {
        return Err(DeskError::NotFound);
    }
    // whose it is may have to be found out to lift a block, by whoever checks the data
    let known = store.request(&args.id).await?.ok_or(DeskError::NotFound)?;
    usable(known.blocked && !checks)?;
    done(seat, &args.id, Command::RequestLinkPerson { person: args.person }, None).await
}

async fn done(
    seat: &Seat,
    id: &RequestId,
    command: Command,
    note: Option<serde_json::Value>,
) -> Result<RequestCard, DeskError> {
    let known = seat.open.store.request(id).await?.ok_or(DeskError::NotFound)?;
    seat.act(id.clone(), known.version, command, note).await?;
    card(seat, &seat.open.store, id).await
}

/// The whole request, by what a store shows of it.
pub(super) async fn card(seat: &Seat, store: &Store, id: &RequestId) -> Result<RequestCard, DeskError> {
    let scene = Scene::of(seat).await?;
    let request = store.request(id).await?.ok_or(DeskError::NotFound)?;
    let same_phone = of_same_phone(store, &request).await?;
    let person = match &request.state.person {
        Some(person) => store.person(person).await?.map(|person| person_row(&person)),
        None => None,
    };
    let matches = matches(store, &request).await?;
    let next_visit = next_visit(store, &scene, &request, &matches).await?;
    let open_alike = same_phone.iter().filter(|other| other.state.status.is_open()).count();
    let practice = scene.clinic.as_ref().map(|clinic| &clinic.practice);
    let (personal, state) = (&request.personal, &request.state);
    Ok(RequestCard {
        row: queue::row(&scene, &request, queue::count(open_alike)),
        phone: personal.phone.as_ref().map(phone_view),
        email: personal.email.clone(),
        doctor: personal.doctor.clone(),
        preferred_time: personal.preferred_time.clone(),
        comment: personal.comment.clone(),
        extra: personal.extra.clone(),
        sent: sent(store, &request).await?,
        source: state.source.clone(),
        consent_field: state.consent.as_ref().filter(|consent| consent.given).map(|consent| consent.field.clone()),
        calls: calls(&scene, &request),
        next_try_at: state.next_try_at,
        suggested_try_at: if state.status.is_open() { usual_try(&scene) } else { None },
        suggest_close: state.status.is_open()
            && practice.is_some_and(|practice| queue::count(state.tries()) >= practice.max_tries),
        person,
        matches,
        same_phone: same_phone.iter().map(|other| queue::row(&scene, other, 0)).collect(),
        appointment: state.appointment.clone(),
        next_visit,
    })
}

/// What the site sent, while nobody understands it.
async fn sent(store: &Store, request: &RequestRecord) -> Result<Vec<(String, String)>, DeskError> {
    if request.state.quarantine.is_none() {
        return Ok(Vec::new());
    }
    let envelope = store.request_envelope(&request.id).await?;
    Ok(envelope.map(|envelope| envelope.fields).unwrap_or_default())
}

fn calls(scene: &Scene, request: &RequestRecord) -> Vec<CallView> {
    let calls = request.state.attempts.iter().map(|call| CallView {
        id: call.id.clone(),
        at: call.at,
        staff: scene.staff_name(&call.staff),
        outcome: call.outcome,
        note: request.notes.get(call.id.as_str()).cloned(),
        retracted: call.retracted,
    });
    calls.collect()
}

async fn of_same_phone(store: &Store, request: &RequestRecord) -> Result<Vec<RequestRecord>, DeskError> {
    let Some(number) = queue::number(request) else { return Ok(Vec::new()) };
    let mut others = store.requests_by_phone(number).await?;
    others.retain(|other| other.id != request.id);
    others.truncate(MOST_OF_ONE_PHONE);
    Ok(others)
}

/// People with any number that the request's phone may mean: a chooser.
async fn matches(store: &Store, request: &RequestRecord) -> Result<Vec<PersonRow>, DeskError> {
    let mut rows: Vec<PersonRow> = Vec::new();
    for number in request.personal.phone.iter().flat_map(|phone| phone.candidates()) {
        for person in store.people_by_phone(number.e164()).await? {
            if !rows.iter().any(|row| row.id == person.id) {
                rows.push(person_row(&person));
            }
        }
    }
    Ok(rows)
}

/// The next visit of the linked person, or of anybody with the phone.
async fn next_visit(
    store: &Store,
    scene: &Scene,
    request: &RequestRecord,
    matches: &[PersonRow],
) -> Result<Option<VisitRow>, DeskError> {
    let people: Vec<PersonId> = match &request.state.person {
        Some(person) => vec![person.clone()],
        None => matches.iter().map(|row| row.id.clone()).collect(),
    };
    let mut coming = Vec::new();
    for person in &people {
        let visits = store.visits_of_person(person).await?;
        coming.extend(
            visits
                .into_iter()
                .filter(|visit| visit.state.status.is_expected() && visit.state.slot.end > scene.wall(scene.now)),
        );
    }
    coming.sort_by_key(|visit| visit.state.slot.start);
    coming.truncate(1);
    Ok(visits::rows(store, scene, &coming).await?.pop())
}
