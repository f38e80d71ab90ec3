//! What this desk did and the gateway does not have yet, or has refused.

use contract::{
    ui::{Nothing, OutboxArgs, OutboxRow},
    v1::ActionEnvelope,
};
use domain::{
    ActionId, Command, Context, EntityRef,
    personal::{PersonPersonal, part},
};
use store::{AuditEntry, OutboxRecord, StoreError};

use super::{amend, blocks, cases, certificates, conflicts};
use crate::{platform::random::id_bytes, sealing, session::Seat, trouble::DeskError};

/// Lists what is not settled.
pub(crate) async fn outbox_list(seat: &Seat, _args: Nothing) -> Result<Vec<OutboxRow>, DeskError> {
    let mut rows = Vec::new();
    for record in seat.open.store.outbox().await? {
        rows.push(row(seat, record).await?);
    }
    Ok(rows)
}

async fn row(seat: &Seat, record: OutboxRecord) -> Result<OutboxRow, DeskError> {
    let about = about(seat, &record).await?;
    // what was entered about somebody blocked is not shown again
    let covered = blocks::covers(&seat.open.store, &record.envelope.action.entity).await?;
    let (conflict, editable) = (record.is_conflict(), !covered && amend::is_editable(&record));
    let action = record.envelope.action;
    Ok(OutboxRow {
        verb: action.command.verb().to_owned(),
        about,
        entity: action.entity,
        id: action.id,
        at: record.at,
        state: record.state,
        refusal: record.refusal,
        tries: record.tries,
        conflict,
        editable,
    })
}

/// What an action was about, in words.
async fn about(seat: &Seat, record: &OutboxRecord) -> Result<String, DeskError> {
    let store = &seat.open.store;
    let action = &record.envelope.action;
    Ok(match (&action.entity, &action.command) {
        (EntityRef::Request(id), _) => {
            let name = store.request(id).await?.map(|request| request.personal.name_raw).unwrap_or_default();
            format!("Заявка {name}").trim_end().to_owned()
        }
        (EntityRef::Person(id), _) => match store.person(id).await? {
            Some(person) => person.personal.name.short(),
            None => entered_name(record),
        },
        (EntityRef::Appointment(_), Command::AppointmentBook { person, .. }) => person_name(seat, person).await?,
        (EntityRef::Appointment(id), _) => match store.visit(id).await? {
            Some(visit) => person_name(seat, &visit.state.person).await?,
            None => "Приём".to_owned(),
        },
        (EntityRef::Certificate(id), _) => match store.certificate(id).await? {
            Some(certificate) => format!("Сертификат …{}", certificates::last4(&certificate.personal.code)),
            None => "Сертификат".to_owned(),
        },
        (EntityRef::Case(id), _) => cases::title(store, id).await?,
        (EntityRef::Practitioner(_), _) => "Врач".to_owned(),
        (EntityRef::Staff(_), _) => "Сотрудник".to_owned(),
        (EntityRef::Clinic(_), _) => "Настройки клиники".to_owned(),
    })
}

/// The name that was entered for a person whom the gateway did not take.
fn entered_name(record: &OutboxRecord) -> String {
    let entered = record.opened.get(part::MAIN).cloned();
    let person: Option<PersonPersonal> = entered.and_then(|value| serde_json::from_value(value).ok());
    person.map_or_else(|| "Карточка".to_owned(), |person| person.name.short())
}

async fn person_name(seat: &Seat, id: &domain::PersonId) -> Result<String, DeskError> {
    let person = seat.open.store.person(id).await?;
    Ok(person.map_or_else(|| "Приём".to_owned(), |person| person.personal.name.short()))
}

/// Sends a refused action again, as a new one. An edit that met another one never goes over it.
pub(crate) async fn outbox_retry(seat: &Seat, args: OutboxArgs) -> Result<Nothing, DeskError> {
    if seat.open.store.sides(&args.id).await?.is_some() {
        conflicts::again(seat, &args).await?;
        return Ok(Nothing {});
    }
    let new_id = ActionId::from_random(id_bytes()?);
    let context = Context { now: seat.now(), desk: seat.open.meta.desk.clone() };
    let audit = entry(seat, "outbox.retry", &args.id);
    match seat.open.store.outbox_retry(&args.id, new_id.clone(), &context, audit.clone()).await {
        Err(StoreError::NeedsSealing) => resealed(seat, &args.id, new_id, &context, audit).await?,
        other => other?,
    }
    seat.open.link.outbox_changed().await;
    Ok(Nothing {})
}

/// The same with its part sealed anew under the new id.
async fn resealed(
    seat: &Seat,
    id: &ActionId,
    new_id: ActionId,
    context: &Context,
    audit: AuditEntry,
) -> Result<(), DeskError> {
    let all = seat.open.store.outbox().await?;
    let record = all.into_iter().find(|record| record.envelope.action.id == *id).ok_or(DeskError::NotFound)?;
    let mut action = record.envelope.action;
    let part = action.sealed_part().and_then(|(name, _)| record.opened.get(&name).cloned());
    action.id = new_id;
    let (parts, opened) = sealing::parts_of(&action, part, &seat.open.keys.ring.public())?;
    let envelope = ActionEnvelope { action, parts };
    Ok(seat.open.store.outbox_replace(id, envelope, opened, context, audit).await?)
}

/// Gives an action up.
pub(crate) async fn outbox_discard(seat: &Seat, args: OutboxArgs) -> Result<Nothing, DeskError> {
    seat.open.store.outbox_discard(&args.id, entry(seat, "outbox.discard", &args.id)).await?;
    // what it held back may go now, and an edit that was built on it is laid together with what is there
    seat.open.link.outbox_changed().await;
    seat.open.link.ask();
    Ok(Nothing {})
}

fn entry(seat: &Seat, verb: &str, action: &ActionId) -> AuditEntry {
    seat.entry(verb).about(action.as_str())
}
