//! A person's card, and what is entered on it.

use contract::ui::{PersonArgs, PersonCard, PersonPutArgs, PersonRow};
use domain::{Command, PersonId, personal::PersonPersonal};
use store::PersonRecord;

use super::{
    queue,
    scene::{Scene, person_row, phone_view},
    visits,
};
use crate::{
    input,
    platform::random::id_bytes,
    session::{Seat, part},
    trouble::DeskError,
};

/// Visits and requests that a card shows.
const MOST_SHOWN: usize = 50;

/// Shows a card; that is written in the audit chain.
pub(crate) async fn person_card(seat: &Seat, args: PersonArgs) -> Result<PersonCard, DeskError> {
    let card = card(seat, &args.id).await?;
    seat.viewed("person.view", args.id.as_str()).await?;
    Ok(card)
}

/// Enters a person, or edits the card. A request may be linked in the same breath.
pub(crate) async fn person_put(seat: &Seat, args: PersonPutArgs) -> Result<PersonCard, DeskError> {
    let today = Scene::of(seat).await?.today();
    let personal = PersonPersonal {
        name: input::name("name", &args.name)?,
        phones: input::phones("phones", &args.phones)?,
        email: input::email("email", args.email.as_deref())?,
        birth_date: input::birth_date("birth_date", args.birth_date, today)?,
        note: input::long("note", args.note.as_deref())?,
    };
    let store = &seat.open.store;
    if let Some(request) = &args.request
        && store.request(request).await?.is_none()
    {
        return Err(DeskError::NotFound);
    }
    let (id, version) = match args.id {
        Some(id) if store.person(&id).await?.is_none() => return Err(DeskError::NotFound),
        Some(id) => (id, u64::from(args.version)),
        None => (PersonId::from_random(id_bytes()?), 0),
    };
    seat.act(id.clone(), version, Command::PersonPut { source: args.source }, part(&personal)?).await?;
    if let Some(request) = args.request {
        let known = store.request(&request).await?.ok_or(DeskError::NotFound)?;
        seat.act(request, known.version, Command::RequestLinkPerson { person: id.clone() }, None).await?;
    }
    card(seat, &id).await
}

async fn card(seat: &Seat, id: &PersonId) -> Result<PersonCard, DeskError> {
    let store = &seat.open.store;
    let scene = Scene::of(seat).await?;
    let person = store.person(id).await?.ok_or(DeskError::NotFound)?;
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
        version: u32::try_from(person.version).map_err(|_| DeskError::Broken("a version is out of range"))?,
        visits: visits::rows(seat, &scene, &visits).await?,
        requests: requests.iter().map(|request| queue::row(&scene, request, 0)).collect(),
        papers: person.state.papers.clone(),
        household: household(seat, &person).await?,
    })
}

/// Others with one of these phones.
async fn household(seat: &Seat, person: &PersonRecord) -> Result<Vec<PersonRow>, DeskError> {
    let mut rows: Vec<PersonRow> = Vec::new();
    for phone in person.personal.phones.iter().filter_map(|phone| phone.phone.as_ref()) {
        for other in seat.open.store.people_by_phone(phone.e164()).await? {
            if other.id != person.id && !rows.iter().any(|row| row.id == other.id) {
                rows.push(person_row(&other));
            }
        }
    }
    Ok(rows)
}
