//! A person's card, and what is entered on it.

use contract::ui::{PersonArgs, PersonCard, PersonPutArgs, PersonRow};
use domain::{
    Command, PersonId,
    fold::fold,
    personal::{Newer, PersonPersonal},
    staff::Permission,
};
use store::{BLOCKED, PersonRecord, Store};

use super::{
    blocks, consents, merges, queue,
    scene::{Scene, person_row, phone_view},
    visits,
};
use crate::{
    input,
    platform::random::id_bytes,
    session::{Seat, Seen, part},
    trouble::DeskError,
};

/// Visits and requests that a card shows.
const MOST_SHOWN: usize = 50;

/// Shows a card; that is written in the audit chain.
pub(crate) async fn person_card(seat: &Seat, args: PersonArgs) -> Result<PersonCard, DeskError> {
    let card = card(seat, &seat.open.store, &args.id).await?;
    seat.viewed("person.view", args.id.as_str()).await?;
    Ok(card)
}

/// Enters a person, or edits the card. A request may be linked in the same breath.
pub(crate) async fn person_put(seat: &Seat, args: PersonPutArgs) -> Result<PersonCard, DeskError> {
    let today = Scene::of(seat).await?.today();
    let mut personal = PersonPersonal {
        name: input::name("name", &args.name)?,
        phones: input::phones("phones", &args.phones)?,
        email: input::email("email", args.email.as_deref())?,
        birth_date: input::birth_date("birth_date", args.birth_date, today)?,
        note: input::long("note", args.note.as_deref())?,
        merged: Vec::new(),
        newer: Newer::default(),
    };
    // the stub of somebody blocked is not a name
    if personal.name.full() == BLOCKED {
        return Err(DeskError::BadInput("name"));
    }
    let store = &seat.open.store;
    let checks = seat.staff.state.role.may(Permission::UnblockPeople);
    if let Some(request) = &args.request {
        let request = store.request(request).await?.ok_or(DeskError::NotFound)?;
        blocks::usable(request.blocked && !checks)?;
    }
    let (id, seen) = match args.id {
        Some(id) => {
            let known = store.person(&id).await?.ok_or(DeskError::NotFound)?;
            // mending the data is what a block is for, by whoever checks them
            blocks::usable(known.blocked && !checks)?;
            // of somebody blocked, too: the stub has none of it
            let whole = store.for_check().person(&id).await?.ok_or(DeskError::NotFound)?;
            personal.newer = whole.personal.newer.clone();
            personal.merged = whole.personal.merged.clone();
            (known.id.clone(), Seen { version: known.version, etag: args.etag })
        }
        None => {
            blocks::usable(is_blocked_already(store, &personal).await?)?;
            (PersonId::from_random(id_bytes()?), Seen::default())
        }
    };
    seat.act(id.clone(), seen, Command::PersonPut { source: args.source }, part(&personal)?).await?;
    if let Some(request) = args.request {
        let known = store.request(&request).await?.ok_or(DeskError::NotFound)?;
        seat.act(request, known.version, Command::RequestLinkPerson { person: id.clone() }, None).await?;
    }
    card(seat, store, &id).await
}

/// Somebody who is blocked under this name and one of these numbers is not entered anew.
async fn is_blocked_already(store: &Store, entered: &PersonPersonal) -> Result<bool, DeskError> {
    let whole = store.for_check();
    let name = fold(&entered.name.full());
    for phone in entered.phones.iter().filter_map(|phone| phone.phone.as_ref()) {
        let known = whole.people_by_phone(phone.e164()).await?;
        if known.iter().any(|person| person.blocked && fold(&person.personal.name.full()) == name) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A card by what a store shows of it.
pub(super) async fn card(seat: &Seat, store: &Store, id: &PersonId) -> Result<PersonCard, DeskError> {
    let scene = Scene::of(seat).await?;
    let person = store.person(id).await?.ok_or(DeskError::NotFound)?;
    let household = household(store, &person).await?;
    let mut visits = store.visits_of_person(id).await?;
    visits.truncate(MOST_SHOWN);
    let mut requests = store.requests_of_person(id).await?;
    requests.truncate(MOST_SHOWN);
    Ok(PersonCard {
        row: person_row(&person),
        full_name: person.personal.name.clone(),
        phones: person.personal.phones.iter().map(phone_view).collect(),
        email: person.personal.email.clone(),
        birth_date: person.personal.birth_date,
        note: person.personal.note.clone(),
        source: person.state.source,
        etag: person.state.etag.clone(),
        visits: visits::rows(store, &scene, &visits).await?,
        requests: requests.iter().map(|request| queue::row(&scene, request, 0)).collect(),
        papers: person.state.papers.clone(),
        namesakes: namesakes(store, &person, &household).await?,
        household,
        merges: merges::views(store, &scene, id).await?,
        blocks: blocks::views(&scene, &person),
        consents: consents::views(&scene, &person.state),
        whole: person.blocked && !person.is_stub(),
    })
}

/// Others with one of these phones.
async fn household(store: &Store, person: &PersonRecord) -> Result<Vec<PersonRow>, DeskError> {
    let mut rows: Vec<PersonRow> = Vec::new();
    for phone in person.personal.phones.iter().filter_map(|phone| phone.phone.as_ref()) {
        for other in store.people_by_phone(phone.e164()).await? {
            if other.id != person.id && !rows.iter().any(|row| row.id == other.id) {
                rows.push(person_row(&other));
            }
        }
    }
    Ok(rows)
}

/// Others of the same full name.
async fn namesakes(store: &Store, person: &PersonRecord, household: &[PersonRow]) -> Result<Vec<PersonRow>, DeskError> {
    let mut rows: Vec<PersonRow> = Vec::new();
    if person.is_stub() {
        return Ok(rows);
    }
    for other in store.people_of_name(&person.personal.name.full()).await? {
        if other.id != person.id && !other.blocked && !household.iter().any(|row| row.id == other.id) {
            rows.push(person_row(&other));
        }
    }
    rows.truncate(MOST_SHOWN);
    Ok(rows)
}
