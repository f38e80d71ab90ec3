//! Blocking of a person's data (policy 6.2.4): at once, by whoever is asked, without a link too; lifted by a manager alone,
//! with what the check has shown.
//!
//! Invariants: what the store calls blocked is not used: every use case that would asks [`usable`] at the moment of use;
//! time never lifts a block; a card that is made to be blocked is made of what the request or the caller gave, and nobody
//! sees it whole but whoever checks the data.

use contract::ui::{
    BlockArgs, BlockView, BlockWhom, CoverArgs, CoverView, LiftView, PersonArgs, PersonCard, PersonRow, RequestArgs,
    RequestCard, UnblockArgs,
};
use domain::{
    ActionId, Command, EntityRef, PersonId, Refusal, RequestId,
    person::{Block, BlockGround, BlockRequester, PersonSource},
    personal::{NotePersonal, PersonName, PersonPersonal},
    phone::{self, ParsedPhone},
    terms::{Law, Level, TermKind},
};
use store::{PersonRecord, Store, Visible};

use super::{
    people, queue, requests,
    scene::{Scene, person_row},
};
use crate::{
    input,
    platform::random::id_bytes,
    session::{Seat, part},
    trouble::DeskError,
};

/// Signs of an id that name a block.
const NUMBER: usize = 6;

/// Refuses what would use blocked data.
pub(crate) fn usable(blocked: bool) -> Result<(), DeskError> {
    if blocked { Err(Refusal::PersonBlocked.into()) } else { Ok(()) }
}

/// Whether a block covers what an action was about.
pub(crate) async fn covers(store: &Store, entity: &EntityRef) -> Result<bool, DeskError> {
    Ok(match entity {
        EntityRef::Person(id) => store.person(id).await?.is_some_and(|person| person.blocked),
        EntityRef::Request(id) => store.request(id).await?.is_some_and(|request| request.blocked),
        EntityRef::Appointment(id) => store.visit(id).await?.is_some_and(|visit| visit.blocked),
        EntityRef::Certificate(id) => store.certificate(id).await?.is_some_and(|certificate| certificate.blocked),
        EntityRef::Case(id) => store.case(id).await?.is_some_and(|case| case.blocked),
        EntityRef::Clinic(_) | EntityRef::Staff(_) | EntityRef::Practitioner(_) => false,
    })
}

/// What a block would cover.
pub(crate) async fn person_cover(seat: &Seat, args: CoverArgs) -> Result<CoverView, DeskError> {
    let store = &seat.open.store;
    let scene = Scene::of(seat).await?;
    let people = meant(store, &args.whom).await?;
    let now = scene.wall(scene.now);
    let (mut requests, mut visits) = (Vec::new(), 0);
    for person in &people {
        requests.extend(store.requests_of_person(&person.id).await?.into_iter().map(|request| request.id));
        let coming = store.visits_of_person(&person.id).await?;
        visits += coming.iter().filter(|v| v.state.status.is_expected() && v.state.slot.end > now).count();
    }
    let mut numbers: Vec<ParsedPhone> = people.iter().flat_map(|person| person.personal.phones.clone()).collect();
    match &args.whom {
        BlockWhom::Phone { phone, .. } => numbers.push(phone::parse(phone)),
        BlockWhom::Request { request, .. } => {
            let known = store.request(request).await?.ok_or(DeskError::NotFound)?;
            numbers.extend(known.personal.phone);
            requests.push(known.id);
        }
        BlockWhom::Person { .. } => {}
    }
    for number in numbers.iter().flat_map(ParsedPhone::candidates) {
        let of_nobody = store.requests_by_phone(number.e164()).await?.into_iter().filter(|r| r.state.person.is_none());
        requests.extend(of_nobody.map(|request| request.id));
    }
    requests.sort();
    requests.dedup();
    let people: Vec<PersonRow> = people.iter().map(|person| person_row(person)).collect();
    Ok(CoverView { people, requests: queue::count(requests.len()), visits: queue::count(visits) })
}

/// Everybody who may be meant.
async fn meant(store: &Store, whom: &BlockWhom) -> Result<Vec<Visible<PersonRecord>>, DeskError> {
    let (numbers, chosen) = match whom {
        BlockWhom::Person { person } => (Vec::new(), Some(person.clone())),
        BlockWhom::Phone { phone, person } => (candidates(&[number(phone)?]), person.clone()),
        BlockWhom::Request { request, person } => {
            let request = store.request(request).await?.ok_or(DeskError::NotFound)?;
            let known = person.clone().or(request.state.person);
            (candidates(&request.personal.phone.into_iter().collect::<Vec<_>>()), known)
        }
    };
    if let Some(id) = chosen {
        return Ok(vec![store.person(&id).await?.ok_or(DeskError::NotFound)?]);
    }
    let mut people: Vec<Visible<PersonRecord>> = Vec::new();
    for number in numbers {
        for person in store.people_by_phone(&number).await? {
            if !people.iter().any(|known| known.id == person.id) {
                people.push(person);
            }
        }
    }
    Ok(people)
}

fn candidates(phones: &[ParsedPhone]) -> Vec<String> {
    phones.iter().flat_map(ParsedPhone::candidates).map(|phone| phone.e164().to_owned()).collect()
}

/// A number that can be looked for.
fn number(typed: &str) -> Result<ParsedPhone, DeskError> {
    let parsed = phone::parse(typed);
    if parsed.candidates().next().is_none() { Err(DeskError::BadInput("phone")) } else { Ok(parsed) }
}

/// Blocks from this moment.
pub(crate) async fn person_block(seat: &Seat, args: BlockArgs) -> Result<PersonCard, DeskError> {
    if args.requester == BlockRequester::Unknown {
        return Err(DeskError::BadInput("requester"));
    }
    if matches!(args.ground, BlockGround::Unknown | BlockGround::Restored) {
        return Err(DeskError::BadInput("ground"));
    }
    let note = match input::long("note", args.note.as_deref())? {
        Some(text) => part(&NotePersonal { text })?,
        None => None,
    };
    let store = &seat.open.store;
    let request = match &args.whom {
        BlockWhom::Request { request, .. } => Some(request.clone()),
        BlockWhom::Person { .. } | BlockWhom::Phone { .. } => None,
    };
    let mut people = meant(store, &args.whom).await?;
    if people.len() > 1 {
        return Err(DeskError::BadInput("person"));
    }
    let (id, version) = match people.pop() {
        Some(person) => (person.id.clone(), person.version),
        None => (made_for(seat, &args.whom).await?, 1),
    };
    if let Some(request) = request {
        link(seat, request, &id).await?;
    }
    let command = Command::PersonBlock { requester: args.requester, ground: args.ground };
    seat.act(id.clone(), version, command, note).await?;
    people::card(seat, store, &id).await
}

/// A card of what is known, made so that the block has whom to cover.
async fn made_for(seat: &Seat, whom: &BlockWhom) -> Result<PersonId, DeskError> {
    let mut personal = PersonPersonal::default();
    let source = match whom {
        BlockWhom::Phone { phone, .. } => {
            personal.phones.push(number(phone)?);
            PersonSource::DeskPhone
        }
        BlockWhom::Request { request, .. } => {
            let request = seat.open.store.request(request).await?.ok_or(DeskError::NotFound)?.personal;
            // one line, as the site sent it: whoever checks the data takes it apart
            personal.name = PersonName { given: request.name_raw, ..PersonName::default() };
            personal.phones.extend(request.phone);
            personal.email = request.email;
            PersonSource::Site
        }
        BlockWhom::Person { .. } => return Err(DeskError::NotFound),
    };
    let id = PersonId::from_random(id_bytes()?);
    seat.act(id.clone(), 0, Command::PersonPut { source }, part(&personal)?).await?;
    Ok(id)
}

async fn link(seat: &Seat, request: RequestId, person: &PersonId) -> Result<(), DeskError> {
    let known = seat.open.store.request(&request).await?.ok_or(DeskError::NotFound)?;
    if known.state.person.as_ref() != Some(person) {
        let command = Command::RequestLinkPerson { person: person.clone() };
        seat.act(request, known.version, command, None).await?;
    }
    Ok(())
}

/// The whole card of somebody who is blocked, for whoever checks the data; that is written in the audit chain.
pub(crate) async fn person_check(seat: &Seat, args: PersonArgs) -> Result<PersonCard, DeskError> {
    seat.viewed("person.check", args.id.as_str()).await?;
    people::card(seat, &seat.open.store.for_check(), &args.id).await
}

/// The same of a request.
pub(crate) async fn request_check(seat: &Seat, args: RequestArgs) -> Result<RequestCard, DeskError> {
    seat.viewed("request.check", args.id.as_str()).await?;
    requests::card(seat, &seat.open.store.for_check(), &args.id).await
}

/// Lifts one block.
pub(crate) async fn person_unblock(seat: &Seat, args: UnblockArgs) -> Result<PersonCard, DeskError> {
    let text = input::long("evidence", Some(&args.evidence))?.ok_or(DeskError::BadInput("evidence"))?;
    let store = &seat.open.store;
    // a block lies on the card that it was laid on, whichever stands for it by now
    let lies = |block: &Block| block.id == args.block && block.lifted.is_none();
    let cards = store.cards_of_person(&args.person).await?;
    let known = cards.iter().find(|card| card.state.blocks.iter().any(lies)).or(cards.first());
    let known = known.ok_or(DeskError::NotFound)?;
    let command = Command::PersonUnblock { block: args.block, ground: args.ground };
    seat.act(known.id.clone(), known.version, command, part(&NotePersonal { text })?).await?;
    people::card(seat, store, &args.person).await
}

/// The blocks of a card, the latest first.
pub(super) fn views(scene: &Scene, person: &PersonRecord) -> Vec<BlockView> {
    let note = |id: Option<&ActionId>| id.and_then(|id| person.notes.get(id.as_str()).cloned());
    let due = |block: &Block| {
        let due = Law::shipped(scene.zone()).due(TermKind::Rectify, block.at);
        due.filter(|_| block.lifted.is_none())
    };
    let view = |block: &Block| BlockView {
        id: block.id.clone(),
        number: block.id.as_ref().map_or_else(|| "сервер".to_owned(), numbered),
        at: block.at,
        recorded_at: block.recorded_at,
        by: block.by.as_ref().map(|staff| scene.staff_name(staff)),
        requester: block.requester,
        ground: block.ground,
        due: due(block).and_then(|due| due.day),
        overdue: due(block).is_some_and(|due| due.level(scene.now) == Level::Overdue),
        note: note(block.id.as_ref()),
        lifted: block.lifted.as_ref().map(|lift| LiftView {
            at: lift.at,
            by: lift.by.as_ref().map(|staff| scene.staff_name(staff)),
            ground: lift.ground,
            evidence: note(Some(&lift.id)),
        }),
    };
    let mut blocks: Vec<BlockView> = person.state.blocks.iter().map(view).collect();
    blocks.sort_by_key(|block| std::cmp::Reverse((block.lifted.is_none(), block.at)));
    blocks
}

fn numbered(id: &ActionId) -> String {
    let text = id.as_str();
    text.get(text.len().saturating_sub(NUMBER)..).unwrap_or(text).to_uppercase()
}
