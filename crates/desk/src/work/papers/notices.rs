//! Notices of a block and of its end, for whoever's data are blocked.
//!
//! Invariant: blocked data stay in: the name is on the notice only if it is printed by somebody who may check the data;
//! else its line is empty, to be filled in by hand.

use contract::ui::PreviewArgs;
use documents::{BlockNotice, FormKind, Letter, RequestOnPaper};
use domain::{
    person::{Block, BlockGround, BlockRequester, LiftGround},
    staff::Permission,
    terms::{Law, TermKind},
};
use store::{PersonRecord, Visible};

use super::{super::scene::Scene, at_in_zone};
use crate::{session::Seat, trouble::DeskError};

/// Categories of what a block covers; never values.
const CATEGORIES: [&str; 4] =
    ["фамилия, имя, отчество", "контактные данные", "дата рождения", "сведения об обращениях и записи на приём"];

/// The person and what the notice says.
pub(super) async fn notice(
    seat: &Seat,
    scene: &Scene,
    form: FormKind,
    args: &PreviewArgs,
) -> Result<(Visible<PersonRecord>, BlockNotice), DeskError> {
    let id = args.person.as_ref().ok_or(DeskError::BadInput("person"))?;
    let may_check = seat.staff.state.role.may(Permission::UnblockPeople);
    let store = if may_check { seat.open.store.for_check() } else { seat.open.store.clone() };
    let person = store.person(id).await?.ok_or(DeskError::NotFound)?;
    let block = person.state.blocks.iter().find(|block| block.id == args.block).ok_or(DeskError::BadInput("block"))?;
    if form == FormKind::UnblockNotice && block.lifted.is_none() {
        return Err(DeskError::BadInput("block"));
    }
    let name = if person.is_stub() { String::new() } else { person.personal.name.full() };
    let now = scene.wall(scene.now);
    let coming = store.visits_of_person(id).await?;
    let coming = coming.iter().any(|visit| visit.state.status.is_expected() && visit.state.slot.end > now);
    let notice = BlockNotice {
        letter: Letter { date: Some(scene.today()), to: name.clone(), ..Letter::default() },
        request: RequestOnPaper {
            received: Some(at_in_zone(scene, block.at)),
            from: asked_by(block, &name),
            ..RequestOnPaper::default()
        },
        subject: name,
        ground: ground_ru(block.ground).to_owned(),
        categories: CATEGORIES.map(str::to_owned).to_vec(),
        blocked: Some(at_in_zone(scene, block.at)),
        check_until: Law::shipped(scene.zone()).due(TermKind::Rectify, block.at).and_then(|due| due.day),
        visits: if coming {
            "сохраняется, напоминаний не будет"
        } else {
            "предстоящих приёмов нет"
        }
        .to_owned(),
        result: block.lifted.as_ref().map_or("", |lift| result_ru(lift.ground)).to_owned(),
        changed: block.lifted.as_ref().map_or("", |lift| changed_ru(lift.ground)).to_owned(),
        unblocked: block.lifted.as_ref().map(|lift| at_in_zone(scene, lift.at)),
    };
    Ok((person, notice))
}

fn asked_by(block: &Block, name: &str) -> String {
    match block.requester {
        BlockRequester::Subject => name.to_owned(),
        BlockRequester::Authority => "Роскомнадзор".to_owned(),
        BlockRequester::Clinic => "клиника, по своему решению".to_owned(),
        // who it was stands on their own paper
        BlockRequester::Representative | BlockRequester::Unknown => String::new(),
    }
}

fn ground_ru(ground: BlockGround) -> &'static str {
    match ground {
        BlockGround::Unreliable => "сообщение о недостоверности персональных данных",
        BlockGround::Unlawful => "сообщение о неправомерной обработке персональных данных",
        BlockGround::WithdrawalPending => "отзыв согласия на обработку персональных данных",
        BlockGround::Dispute => "спор об обработке персональных данных",
        BlockGround::Restored | BlockGround::Unknown => "",
    }
}

fn result_ru(ground: LiftGround) -> &'static str {
    match ground {
        LiftGround::Rectified => "недостоверность подтверждена, данные уточнены",
        LiftGround::Confirmed => "достоверность данных подтверждена",
        LiftGround::Stopped => "неправомерная обработка прекращена",
        LiftGround::TakenBack => "заявитель отозвал требование",
        LiftGround::Mistake => "данные были заблокированы ошибочно",
        LiftGround::Unknown => "",
    }
}

fn changed_ru(ground: LiftGround) -> &'static str {
    match ground {
        LiftGround::Rectified => "",
        LiftGround::Stopped => "обработка, на которую указано, прекращена",
        LiftGround::Confirmed | LiftGround::TakenBack | LiftGround::Mistake => "данные не изменялись",
        LiftGround::Unknown => "",
    }
}
