//! Cards of one person as one: whoever asks for a card that was merged gets the one that stands for it.
//!
//! Invariants: nothing is written; the card that stands for others has their papers, consents and blocks beside its own, so
//! that whatever is decided of the person is decided of all of it; what the other cards say of the person stays theirs.

use domain::{PaperId, PersonId, person::LinkKind};
use sqlx::SqliteConnection;

use super::{people::visible, shield::Shield};
use crate::{
    Store,
    entity::columns,
    error::StoreError,
    model::{PersonRecord, Visible},
};

/// A card by itself.
async fn card(
    connection: &mut SqliteConnection,
    shield: &Shield,
    id: &PersonId,
) -> Result<Option<PersonRecord>, StoreError> {
    let sql = concat!("SELECT ", columns!(), " FROM entity e WHERE e.id = ?1 AND e.kind = 'person'");
    let row = sqlx::query(sql).bind(id.as_str()).fetch_optional(connection).await?;
    row.map(|row| shield.pass(&row)).transpose()
}

/// The card that stands for this one, and those that it replaces, itself first.
async fn set(
    connection: &mut SqliteConnection,
    shield: &Shield,
    one: PersonRecord,
) -> Result<Vec<PersonRecord>, StoreError> {
    let mut first = one;
    let mut climbed = vec![first.id.clone()];
    while let Some(by) = first.state.replaced_by().filter(|by| !climbed.contains(by)).cloned() {
        // a card whose survivor was erased stands by itself
        let Some(survivor) = card(connection, shield, &by).await? else { break };
        climbed.push(by);
        first = survivor;
    }
    let mut cards = vec![first];
    let mut at = 0;
    while let Some(next) = cards.get(at) {
        let replaced: Vec<PersonId> = next
            .state
            .merges()
            .filter(|link| link.kind == LinkKind::Replaces && !cards.iter().any(|known| known.id == link.other))
            .map(|link| link.other.clone())
            .collect();
        for id in replaced {
            cards.extend(card(connection, shield, &id).await?);
        }
        at += 1;
    }
    Ok(cards)
}

/// The person behind a card.
pub(crate) async fn whole(
    connection: &mut SqliteConnection,
    shield: &Shield,
    one: PersonRecord,
) -> Result<PersonRecord, StoreError> {
    if one.state.merges().next().is_none() {
        return Ok(one);
    }
    let mut cards = set(connection, shield, one).await?.into_iter();
    let mut person = cards.next().ok_or(StoreError::Corrupt("merged cards"))?;
    for other in cards {
        person.state.papers.extend(other.state.papers);
        person.state.consents.extend(other.state.consents);
        person.state.blocks.extend(other.state.blocks);
        person.notes.extend(other.notes);
    }
    person.state.papers.sort_by_key(|paper| paper.printed_at);
    Ok(person)
}

/// The people behind cards, each once, in the order of the cards.
pub(crate) async fn everybody(
    connection: &mut SqliteConnection,
    shield: &Shield,
    cards: Vec<PersonRecord>,
) -> Result<Vec<Visible<PersonRecord>>, StoreError> {
    let mut people: Vec<Visible<PersonRecord>> = Vec::with_capacity(cards.len());
    for card in cards {
        let linked = card.state.merges().next().is_some();
        let person = whole(connection, shield, card).await?;
        if !linked || !people.iter().any(|known| known.id == person.id) {
            people.push(Visible::new(person));
        }
    }
    Ok(people)
}

impl Store {
    /// Every card of a person, each as it is: the one that stands for them all first.
    ///
    /// # Errors
    /// Of the database.
    pub async fn cards_of_person(&self, id: &PersonId) -> Result<Vec<Visible<PersonRecord>>, StoreError> {
        let mut reader = self.reader().await?;
        let shield = self.shield(&mut reader).await?;
        let Some(one) = card(&mut reader, &shield, id).await? else { return Ok(Vec::new()) };
        Ok(set(&mut reader, &shield, one).await?.into_iter().map(Visible::new).collect())
    }

    /// The card that a sheet was printed for, as it is: what becomes of the sheet is written there.
    ///
    /// # Errors
    /// Of the database.
    pub async fn card_of_paper(&self, paper: &PaperId) -> Result<Option<Visible<PersonRecord>>, StoreError> {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM paper_index p CROSS JOIN entity e ON e.row = p.row WHERE p.paper = ?1"
        );
        let mut reader = self.reader().await?;
        let row = sqlx::query(sql).bind(paper.as_str()).fetch_optional(&mut *reader).await?;
        let shield = self.shield(&mut reader).await?;
        row.map(|row| visible(&shield, &row)).transpose()
    }

    /// The ids under which things of a person may stand.
    pub(crate) async fn ids_of_person(&self, id: &PersonId) -> Result<Vec<PersonId>, StoreError> {
        let cards = self.cards_of_person(id).await?;
        let mut ids: Vec<PersonId> = cards.iter().map(|card| card.id.clone()).collect();
        if ids.is_empty() {
            ids.push(id.clone());
        }
        Ok(ids)
    }
}
