//! How each kind of paper is printed at this computer: its printer, tray, copies and sides.
//!
//! Invariants: what is kept can be printed; a trial is a blank, so it says nothing about anybody and changes no record.

use std::{collections::BTreeMap, sync::Arc};

use contract::ui::{Nothing, PaperWay, PaperWayArgs, PrintWay, Printed};
use documents::{FormKind, PaperRequest};
use domain::PaperId;

use super::{
    hand_over, in_zone,
    kinds::{Kind, Kinds},
    requisites,
};
use crate::{
    platform::{print::TRAYS, random::id_bytes},
    session::Seat,
    trouble::DeskError,
    work::scene::Scene,
};

pub(super) const MOST_COPIES: u32 = 20;
/// How papers are printed at this computer, by form.
const WAYS: &str = "papers.ways";
const TRIAL: &str = "Пробная печать";

/// Whether a printer can be asked for this.
pub(super) fn possible(way: &PrintWay) -> Result<(), DeskError> {
    if !(1..=MOST_COPIES).contains(&way.copies) {
        return Err(DeskError::BadInput("copies"));
    }
    if way.tray.as_ref().is_some_and(|tray| !TRAYS.contains(&tray.as_str())) {
        return Err(DeskError::BadInput("tray"));
    }
    Ok(())
}

async fn ways(seat: &Seat) -> Result<BTreeMap<String, PrintWay>, DeskError> {
    let kept = seat.open.store.setting(WAYS).await?;
    Ok(kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// How papers of this kind were printed last.
pub(super) async fn way(seat: &Seat, form: &str) -> Result<PrintWay, DeskError> {
    Ok(ways(seat).await?.remove(form).unwrap_or_else(PrintWay::usual))
}

pub(super) async fn remember(seat: &Seat, form: &str, way: PrintWay) -> Result<(), DeskError> {
    let mut all = ways(seat).await?;
    if all.get(form) != Some(&way) {
        all.insert(form.to_owned(), way);
        let text = serde_json::to_string(&all).map_err(|_| DeskError::Broken("ways to print cannot be written"))?;
        seat.open.store.set_setting(WAYS, &text).await?;
    }
    Ok(())
}

/// Every kind that is printed here, and how.
pub(crate) async fn paper_ways(seat: &Seat, _args: Nothing) -> Result<Vec<PaperWay>, DeskError> {
    let (kinds, mut kept) = (Kinds::of(&seat.open.store).await?, ways(seat).await?);
    let row = |kind: &Kind| {
        let known = kept.remove(&kind.code);
        PaperWay {
            form: kind.code.clone(),
            title: kind.title.clone(),
            remembered: known.is_some(),
            way: known.unwrap_or_else(PrintWay::usual),
        }
    };
    let mut offered: Vec<&Kind> = kinds.all().iter().filter(|kind| kind.is_offered() && !is_kit(kind)).collect();
    offered.sort_by_key(|kind| !kind.is_of_person());
    Ok(offered.into_iter().map(row).collect())
}

/// The kit asks for its printer each time: it is never left to a habit.
fn is_kit(kind: &Kind) -> bool {
    kind.form() == Some(FormKind::RecoveryKit)
}

/// From now on this kind is printed so.
pub(crate) async fn paper_way_put(seat: &Seat, args: PaperWayArgs) -> Result<Vec<PaperWay>, DeskError> {
    possible(&args.way)?;
    Kinds::of(&seat.open.store).await?.offered(&args.form)?;
    remember(seat, &args.form, args.way).await?;
    paper_ways(seat, Nothing {}).await
}

/// One blank of this kind, to see what comes out where.
pub(crate) async fn paper_trial(seat: &Seat, args: PaperWayArgs) -> Result<Printed, DeskError> {
    possible(&args.way)?;
    let kinds = Kinds::of(&seat.open.store).await?;
    let kind = kinds.offered(&args.form)?;
    let clinic = seat.open.store.clinic().await?;
    let id = PaperId::from_random(id_bytes()?);
    let request = PaperRequest {
        kind: kind.of_request(),
        paper_id: id.to_string(),
        copy: 1,
        copies: 1,
        repeated: false,
        clinic: clinic.map(|(_, _, clinic, personal)| requisites(clinic.requisites, personal)).unwrap_or_default(),
        data: None,
        printed_at: in_zone(&Scene::of(seat).await?),
    };
    let paper = Arc::new(kind.print(seat, request).await?);
    let printed = hand_over(&seat.inner, &paper, TRIAL, &PrintWay { copies: 1, ..args.way }).await?;
    seat.open.store.audit(seat.entry("paper.trial").about(id.as_str()).with(&kind.code)).await?;
    Ok(printed)
}
