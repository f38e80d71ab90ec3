//! Two cards of one person: merged by whoever has compared them, parted again when that was wrong.
//!
//! Invariants: nothing is merged by itself; a merge is undone by parting, whenever; nobody whose data are blocked is merged or
//! parted.

use contract::ui::{MergeArgs, MergeView, PartArgs, PartingView, PersonCard};
use domain::{Command, PersonId, Refusal, person::LinkKind, personal::CardFields};
use store::{PersonRecord, Store, Visible};

use super::{
    blocks::usable,
    people,
    scene::{Scene, person_row},
};
use crate::{
    input,
    session::{Seat, Seen, part},
    trouble::DeskError,
};

/// A card by itself, whichever stands for it.
async fn itself(store: &Store, id: &PersonId) -> Result<Visible<PersonRecord>, DeskError> {
    let cards = store.cards_of_person(id).await?;
    cards.into_iter().find(|card| card.id == *id).ok_or(DeskError::NotFound)
}

/// The other card is of the same person: this one stands for both and says what was chosen.
pub(crate) async fn person_merge(seat: &Seat, args: MergeArgs) -> Result<PersonCard, DeskError> {
    let store = &seat.open.store;
    let (survivor, other) = (itself(store, &args.survivor).await?, itself(store, &args.other).await?);
    usable(survivor.blocked || other.blocked)?;
    let chosen = CardFields {
        name: input::name("name", &args.name)?,
        phones: input::phones("phones", &args.phones)?,
        email: input::email("email", args.email.as_deref())?,
        birth_date: input::birth_date("birth_date", args.birth_date, Scene::of(seat).await?.today())?,
        note: input::long("note", args.note.as_deref())?,
    };
    let main = part(&survivor.personal.merged_with(&other.id, chosen))?;
    let seen = Seen { version: survivor.version, etag: args.survivor_etag };
    let command = Command::PersonMerge { other: args.other, other_etag: args.other_etag };
    seat.act(args.survivor.clone(), seen, command, main).await?;
    people::card(seat, store, &args.survivor).await
}

/// The other card is of somebody else after all. It says what it said all along; the survivor says again what it had said,
/// with what was written on it since.
pub(crate) async fn person_part(seat: &Seat, args: PartArgs) -> Result<PersonCard, DeskError> {
    let store = &seat.open.store;
    let survivor = itself(store, &args.survivor).await?;
    usable(survivor.blocked)?;
    let stands = |link: &&domain::person::CardLink| link.merge == args.merge && link.kind == LinkKind::Replaces;
    let other = survivor.state.merges().find(stands).ok_or(Refusal::NoSuchMerge)?.other.clone();
    let main = part(&survivor.personal.parted_from(&other))?;
    let seen = Seen { version: survivor.version, etag: survivor.state.etag.clone() };
    let command = Command::PersonUnmerge { merge: args.merge, other };
    seat.act(args.survivor.clone(), seen, command, main).await?;
    people::card(seat, store, &args.survivor).await
}

/// The merges of a person's cards, the latest first.
pub(super) async fn views(store: &Store, scene: &Scene, person: &PersonId) -> Result<Vec<MergeView>, DeskError> {
    let cards = store.cards_of_person(person).await?;
    let mut views = Vec::new();
    for card in &cards {
        for link in card.state.links.iter().filter(|link| link.kind == LinkKind::Replaces) {
            let near = cards.iter().find(|other| other.id == link.other);
            let far = match near {
                Some(_) => None,
                None => itself(store, &link.other).await.ok(),
            };
            // erased since: nothing is left to be told
            let Some(other) = near.or(far.as_ref()) else { continue };
            views.push(MergeView {
                merge: link.merge.clone(),
                survivor: card.id.clone(),
                card: person_row(other),
                changed: link.parted.is_none() && other.state.etag != link.other_etag,
                at: link.at,
                by: scene.staff_name(&link.by),
                parted: link
                    .parted
                    .as_ref()
                    .map(|parted| PartingView { at: parted.at, by: scene.staff_name(&parted.by) }),
            });
        }
    }
    views.sort_by_key(|view| std::cmp::Reverse(view.at));
    Ok(views)
}
