//! «Изменили с двух мест»: mine, theirs and before in words, and a person's choice.

use contract::ui::{ConflictField, ConflictView, Nothing, OutboxArgs, ResolveArgs};
use domain::{
    Refusal,
    personal::PersonName,
    phone::{ParsedPhone, Phone},
    staff::Permission,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use store::Sides;

use super::blocks;
use crate::{
    merging::{self, Desk, Laid},
    session::Seat,
    trouble::DeskError,
};

/// What is never shown, not even to whoever entered it.
const HIDDEN: &str = "secret_hash";

/// The sides of an edit that met another one.
pub(crate) async fn outbox_conflict(seat: &Seat, args: OutboxArgs) -> Result<ConflictView, DeskError> {
    let sides = sides(seat, &args.id).await?;
    let fields = merging::fields(&sides).iter().map(in_words).collect();
    Ok(ConflictView { etag: sides.theirs.etag(), waits: sides.waits, fields, id: args.id })
}

/// Sends what was chosen as a new action.
pub(crate) async fn outbox_resolve(seat: &Seat, args: ResolveArgs) -> Result<Nothing, DeskError> {
    let sides = sides(seat, &args.id).await?;
    if sides.theirs.etag() != args.etag {
        return Err(Refusal::ChangedMeanwhile { version: version(&sides)? }.into());
    }
    if lay(seat, sides, &args.choices).await? == Laid::Open {
        return Err(DeskError::BadInput("choices"));
    }
    Ok(Nothing {})
}

/// Lays an edit together that needs nobody's choice; one that does stays as it is.
pub(crate) async fn again(seat: &Seat, args: &OutboxArgs) -> Result<(), DeskError> {
    let sides = sides(seat, &args.id).await?;
    let seen = version(&sides)?;
    match lay(seat, sides, &[]).await? {
        Laid::Open => Err(Refusal::ChangedMeanwhile { version: seen }.into()),
        Laid::Sent(_) | Laid::NothingLeft => Ok(()),
    }
}

async fn lay(seat: &Seat, sides: Sides, choices: &[contract::ui::FieldChoice]) -> Result<Laid, DeskError> {
    let public = seat.open.keys.ring.public();
    let desk = Desk::new(&seat.open.store, &public, &seat.open.meta.desk, seat.now());
    let laid = desk.lay(sides, choices, Some(seat.staff.id.clone())).await?;
    seat.open.link.outbox_changed().await;
    Ok(laid)
}

async fn sides(seat: &Seat, id: &domain::ActionId) -> Result<Sides, DeskError> {
    let sides = seat.open.store.sides(id).await?.ok_or(DeskError::NotFound)?;
    let checks = seat.staff.state.role.may(Permission::UnblockPeople);
    let covered = blocks::covers(&seat.open.store, &sides.mine.envelope.action.entity).await?;
    blocks::usable(covered && !checks)?;
    Ok(sides)
}

fn version(sides: &Sides) -> Result<u32, DeskError> {
    u32::try_from(sides.theirs.version).map_err(|_| DeskError::Broken("a version is out of range"))
}

fn in_words(field: &merging::Field) -> ConflictField {
    let say = |value: &Value| words(&field.name, value);
    ConflictField {
        before: say(&field.before),
        mine: say(&field.mine),
        theirs: say(&field.theirs),
        clash: field.clashes(),
        field: field.name.clone(),
    }
}

fn read<T: DeserializeOwned>(value: &Value) -> Option<T> {
    serde_json::from_value(value.clone()).ok()
}

/// A value as a person reads it; none: empty.
fn words(field: &str, value: &Value) -> Option<String> {
    let text = match (field, value) {
        (_, Value::Null) => return None,
        (HIDDEN, _) => "•••".to_owned(),
        ("name", Value::Object(_)) => read::<PersonName>(value)?.full(),
        ("phones", _) => {
            let phones: Vec<ParsedPhone> = read(value)?;
            let shown = |phone: &ParsedPhone| phone.phone.as_ref().map_or_else(|| phone.raw.clone(), Phone::display);
            phones.iter().map(shown).collect::<Vec<_>>().join(", ")
        }
        ("birth_date", _) => read::<chrono::NaiveDate>(value)?.format("%d.%m.%Y").to_string(),
        (_, Value::String(text)) => text.clone(),
        (_, Value::Bool(yes)) => if *yes { "да" } else { "нет" }.to_owned(),
        (_, other) => other.to_string(),
    };
    Some(text).filter(|text| !text.is_empty())
}
