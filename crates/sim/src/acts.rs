//! What somebody at a desk does, as the product's commands.

use domain::{
    Command, EntityRef, Kopecks, State,
    certificate::LedgerKind,
    person::{BlockGround, BlockRequester, LiftGround},
};

use crate::{card, cast, plan::Act, rows::Rows};

/// What an act means on this screen: the entity, the command, and what stands for its sealed part.
#[must_use]
pub fn command(act: Act, event: usize, shown: &Rows) -> Option<(EntityRef, Command, Option<u32>)> {
    let visit = |n: u8| {
        let mut visits = shown.keys().filter(|id| matches!(id, EntityRef::Appointment(_)));
        let count = visits.clone().count();
        if count == 0 { None } else { visits.nth(usize::from(n) % count).cloned() }
    };
    let of_request = |n: u8, command: Command| Some((cast::request(n).into(), command, None));
    let of_visit = |n: u8, command: Command| Some((visit(n)?, command, None));
    match act {
        Act::Claim { request } => of_request(request, Command::RequestClaim),
        Act::Release { request } => of_request(request, Command::RequestRelease),
        Act::LogCall { request, outcome } => {
            of_request(request, Command::RequestLogCall { outcome, next_try_at: None })
        }
        Act::NewWord { request, .. } => {
            let outcome = domain::request::CallOutcome::Answered;
            of_request(request, Command::RequestLogCall { outcome, next_try_at: None })
        }
        Act::Close { request, reason } => of_request(request, Command::RequestClose { reason }),
        Act::Reopen { request } => of_request(request, Command::RequestReopen),
        Act::Book { person, doctor, chair, half_hour, request } => {
            let command = Command::AppointmentBook {
                slot: cast::slot(doctor, chair, half_hour),
                person: cast::person(person),
                request: request.map(cast::request),
                agreed: true,
            };
            Some((cast::visit(event).into(), command, Some(0)))
        }
        Act::Move { visit, doctor, chair, half_hour } => {
            of_visit(visit, Command::AppointmentMove { slot: cast::slot(doctor, chair, half_hour) })
        }
        Act::Confirm { visit } => of_visit(visit, Command::AppointmentConfirm),
        Act::Arrive { visit } => of_visit(visit, Command::AppointmentArrive),
        Act::Cancel { visit } => {
            of_visit(visit, Command::AppointmentCancel { reason: domain::appointment::CancelReason::Patient })
        }
        Act::Restore { visit } => of_visit(visit, Command::AppointmentRestore),
        Act::Undo { visit } => of_visit(visit, Command::AppointmentUndo),
        Act::Edit { person, value } => edit(person, shown, |card| card::with_old(card, value)),
        Act::EditField { person, field, value } => edit(person, shown, |card| card::with(card, field, value)),
        Act::Block { person } => {
            let block = Command::PersonBlock { requester: BlockRequester::Subject, ground: BlockGround::Unreliable };
            Some((cast::person(person).into(), block, None))
        }
        Act::Unblock { person } => {
            let entity = EntityRef::from(cast::person(person));
            let Some(State::Person(known)) = shown.get(&entity).map(|row| &row.state) else { return None };
            let held = known.blocks.iter().find(|block| block.lifted.is_none())?;
            let block = held.id.clone();
            Some((entity, Command::PersonUnblock { block, ground: LiftGround::Confirmed }, None))
        }
        Act::Redeem { certificate, kopecks } => {
            let amount = Kopecks(kopecks.into());
            Some((cast::certificate(certificate).into(), Command::CertificateRedeem { amount }, None))
        }
        Act::Reverse { certificate } => {
            let entity = EntityRef::from(cast::certificate(certificate));
            let Some(State::Certificate(known)) = shown.get(&entity).map(|row| &row.state) else { return None };
            let spent = known.ledger.iter().rev().filter(|entry| entry.kind == LedgerKind::Redeem);
            let redemption = spent.filter_map(|entry| entry.action.clone()).next()?;
            Some((entity, Command::CertificateReverse { redemption }, None))
        }
        Act::Discard { .. } => None,
    }
}

fn edit(person: u8, shown: &Rows, writes: impl Fn(u32) -> u32) -> Option<(EntityRef, Command, Option<u32>)> {
    let entity = EntityRef::from(cast::person(person));
    let row = shown.get(&entity)?;
    let State::Person(known) = &row.state else { return None };
    Some((entity, Command::PersonPut { source: known.source }, Some(writes(row.part))))
}
