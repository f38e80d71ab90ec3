//! «Изменить»: what was entered is entered better, and goes as a new action in the place of the old one.
//!
//! Invariant: the new action is of the same kind and on the same record, made by whoever changes it, and passes the same
//! checks as one that is entered for the first time.

use contract::{
    ui::{AmendArgs, Draft, Nothing, OutboxArgs},
    v1::ActionEnvelope,
};
use domain::{
    Action, ActionId, Command, Context, EntityRef,
    appointment::Slot,
    personal::{AppointmentPersonal, Newer, NotePersonal, PersonPersonal},
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use store::OutboxRecord;

use super::{blocks, scene::Scene};
use crate::{
    input,
    platform::random::id_bytes,
    sealing,
    session::{Seat, part},
    trouble::DeskError,
};

/// Whether there is anything to enter better.
pub(crate) fn is_editable(record: &OutboxRecord) -> bool {
    let may = matches!(record.state, contract::ui::OutboxState::Refused | contract::ui::OutboxState::Saved);
    may && !record.is_conflict() && draft(record).is_some()
}

/// What was entered.
pub(crate) async fn outbox_draft(seat: &Seat, args: OutboxArgs) -> Result<Draft, DeskError> {
    let record = record(seat, &args.id).await?;
    draft(&record).ok_or(DeskError::NotFound)
}

/// Sends it as it is entered now.
pub(crate) async fn outbox_amend(seat: &Seat, args: AmendArgs) -> Result<Nothing, DeskError> {
    let record = record(seat, &args.id).await?;
    if !is_editable(&record) {
        return Err(DeskError::NotFound);
    }
    let today = Scene::of(seat).await?.today();
    let (command, mut main) = entered(&record.envelope.action.command, args.draft, today)?;
    if let (Some(Value::Object(main)), Some(PersonPersonal { newer, merged, .. })) = (&mut main, brought(&record))
        && matches!(command, Command::PersonPut { .. })
    {
        main.extend(newer);
        main.extend(part(&merged)?.map(|merged| ("merged".to_owned(), merged)));
    }
    let now = seat.now();
    let id = ActionId::from_random(id_bytes()?);
    let action = Action { id, at: now, actor: seat.staff.id.clone(), command, ..record.envelope.action };
    let (parts, opened) = sealing::parts_of(&action, main, &seat.open.keys.ring.public())?;
    let context = Context { now, desk: seat.open.meta.desk.clone() };
    let audit = seat.entry("outbox.amend").about(args.id.as_str());
    let envelope = ActionEnvelope { action, parts };
    seat.open.store.outbox_replace(&args.id, envelope, opened, &context, audit).await?;
    seat.open.link.outbox_changed().await;
    Ok(Nothing {})
}

async fn record(seat: &Seat, id: &ActionId) -> Result<OutboxRecord, DeskError> {
    let all = seat.open.store.outbox().await?;
    let record = all.into_iter().find(|record| record.envelope.action.id == *id).ok_or(DeskError::NotFound)?;
    blocks::usable(blocks::covers(&seat.open.store, &record.envelope.action.entity).await?)?;
    Ok(record)
}

/// The part that an action brought.
fn brought<T: DeserializeOwned>(record: &OutboxRecord) -> Option<T> {
    let value: &Value = record.opened.values().next()?;
    serde_json::from_value(value.clone()).ok()
}

fn draft(record: &OutboxRecord) -> Option<Draft> {
    let action = &record.envelope.action;
    Some(match (&action.command, &action.entity) {
        (Command::AppointmentBook { slot, .. }, EntityRef::Appointment(visit)) => {
            let about: AppointmentPersonal = brought(record).unwrap_or_default();
            slot_draft(visit, slot, Some(about))
        }
        (Command::AppointmentMove { slot }, EntityRef::Appointment(visit)) => slot_draft(visit, slot, None),
        (Command::AppointmentCancel { reason }, _) => Draft::Cancel { reason: *reason },
        (Command::RequestLogCall { outcome, next_try_at }, _) => Draft::Call {
            outcome: *outcome,
            note: brought::<NotePersonal>(record).map(|note| note.text),
            next_try_at: *next_try_at,
        },
        (Command::RequestClose { reason }, _) => Draft::Close { reason: *reason },
        (Command::PersonPut { source }, _) => {
            let PersonPersonal { name, phones, email, birth_date, note, .. } = brought(record)?;
            let phones = phones.into_iter().map(|phone| phone.raw).collect();
            Draft::Person { name, phones, email, birth_date, note, source: *source }
        }
        (Command::CertificateRedeem { amount }, _) => Draft::Redeem { amount: *amount },
        _ => return None,
    })
}

fn slot_draft(visit: &domain::AppointmentId, slot: &Slot, about: Option<AppointmentPersonal>) -> Draft {
    let books = about.is_some();
    let AppointmentPersonal { service, note } = about.unwrap_or_default();
    let Slot { practitioner, chair, start, end } = slot.clone();
    Draft::Slot { visit: visit.clone(), practitioner, chair, start, end, books, service, note }
}

/// The command and its part as they are entered now. What the draft does not hold stays as it was.
fn entered(old: &Command, draft: Draft, today: chrono::NaiveDate) -> Result<(Command, Option<Value>), DeskError> {
    Ok(match (old, draft) {
        (
            Command::AppointmentBook { person, request, agreed, .. },
            Draft::Slot { practitioner, chair, start, end, service, note, .. },
        ) => {
            let about = AppointmentPersonal {
                service: input::long("service", service.as_deref())?,
                note: input::long("note", note.as_deref())?,
            };
            let slot = Slot { practitioner, chair, start, end };
            let (person, request) = (person.clone(), request.clone());
            (Command::AppointmentBook { slot, person, request, agreed: *agreed }, part(&about)?)
        }
        (Command::AppointmentMove { .. }, Draft::Slot { practitioner, chair, start, end, .. }) => {
            (Command::AppointmentMove { slot: Slot { practitioner, chair, start, end } }, None)
        }
        (Command::AppointmentCancel { .. }, Draft::Cancel { reason }) => (Command::AppointmentCancel { reason }, None),
        (Command::RequestLogCall { .. }, Draft::Call { outcome, note, next_try_at }) => {
            let note = input::long("note", note.as_deref())?.map(|text| NotePersonal { text });
            let main = note.as_ref().map(part).transpose()?.flatten();
            (Command::RequestLogCall { outcome, next_try_at }, main)
        }
        (Command::RequestClose { .. }, Draft::Close { reason }) => (Command::RequestClose { reason }, None),
        (Command::PersonPut { .. }, Draft::Person { name, phones, email, birth_date, note, source }) => {
            let personal = PersonPersonal {
                name: input::name("name", &name)?,
                phones: input::phones("phones", &phones)?,
                email: input::email("email", email.as_deref())?,
                birth_date: input::birth_date("birth_date", birth_date, today)?,
                note: input::long("note", note.as_deref())?,
                merged: Vec::new(),
                newer: Newer::default(),
            };
            (Command::PersonPut { source }, part(&personal)?)
        }
        (Command::CertificateRedeem { .. }, Draft::Redeem { amount }) => (Command::CertificateRedeem { amount }, None),
        _ => return Err(DeskError::BadInput("draft")),
    })
}
