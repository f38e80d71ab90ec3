//! The recovery kit and the copies of the desk, for whoever is signed in.
//!
//! Invariants: the code of a kit is on paper only: it goes from its making to the printer without passing the window, a
//! log or a file that outlives the job; a kit counts as proved after its code, typed off the paper, opened the clinic's
//! key and this desk's database by the way that it would go in need.

use std::sync::Arc;

use contract::ui::{CopiesFolderArgs, KeysView, KitCheckArgs, KitPrintArgs, KitView, Nothing, PrintWay};
use documents::{FormKind, Paper, PaperRequest};
use domain::{
    PaperId,
    clinic::{KitCheck, RecoveryKit as Kit},
};
use seal::recovery::RecoveryKit;

use super::{
    papers::{hand_over, in_zone, requisites},
    scene::Scene,
};
use crate::{
    administration::write_clinic, copies, keeper, key_card::KeyCard, platform::random::id_bytes, rescue, ring::Chain,
    session::Seat, trouble::DeskError,
};

/// One for the safe, one for another building.
const MOST_COPIES: u32 = 4;

/// How well this desk would survive a loss.
pub(crate) async fn keys_view(seat: &Seat, _args: Nothing) -> Result<KeysView, DeskError> {
    let scene = Scene::of(seat).await?;
    let kits = scene.clinic.as_ref().map(|clinic| clinic.recovery.as_slice()).unwrap_or_default();
    let newest = seat.open.keys.ring.public();
    let key_changed_at = Chain::left_in(&seat.open.store).await?.changed_at;
    let kit = kits.last().map(|kit| KitView {
        made_at: kit.made_at,
        made_by: scene.staff_name(&kit.made_by),
        checked_at: kit.checked.as_ref().map(|check| check.at),
        checked_by: kit.checked.as_ref().map(|check| scene.staff_name(&check.by)),
        older_works: kits.len() > 1,
        out_of_force: kit.key_id != newest.key_id(),
    });
    let (copies, rescued) = (copies::view(&seat.inner, &seat.open).await?, rescue::report(&seat.open.store).await?);
    Ok(KeysView { kit, copies, key_changed_at, rescued })
}

/// Makes a kit, prints it, and puts it in force. A print that failed changes nothing.
pub(crate) async fn kit_print(seat: &Seat, args: KitPrintArgs) -> Result<KeysView, DeskError> {
    if !(1..=MOST_COPIES).contains(&args.copies) {
        return Err(DeskError::BadInput("copies"));
    }
    seat.confirm(&args.secret).await?;
    let kit = RecoveryKit::make()?;
    let ring = seat.open.keys.ring.now();
    let key_id = ring.public().key_id();
    let envelope = kit.wrap_clinic_key(ring.newest())?;
    let (id, paper) = on_paper(seat, &kit, key_id.clone()).await?;
    let way = PrintWay { printer: args.printer, copies: args.copies, ..PrintWay::usual() };
    hand_over(&seat.inner, &paper, FormKind::RecoveryKit.title_ru(), &way).await?;
    let (clinic_id, version, mut clinic, personal) = seat.open.store.clinic().await?.ok_or(DeskError::NotFound)?;
    clinic.add_kit(Kit {
        envelope: envelope.to_string(),
        key_id,
        made_at: seat.now(),
        made_by: seat.staff.id.clone(),
        checked: None,
    });
    write_clinic(seat, clinic_id, version, clinic, &personal).await?;
    seat.open.store.audit(seat.entry("kit.print").about(id.as_str())).await?;
    keeper::write_card(&seat.inner, &seat.open).await?;
    keys_view(seat, Nothing {}).await
}

async fn on_paper(seat: &Seat, kit: &RecoveryKit, key_id: String) -> Result<(PaperId, Arc<Paper>), DeskError> {
    let scene = Scene::of(seat).await?;
    let clinic = seat.open.store.clinic().await?;
    let id = PaperId::from_random(id_bytes()?);
    let mut words: Vec<String> = kit.to_string().split('-').map(str::to_owned).collect();
    let words_below = words.split_off(words.len().div_ceil(2));
    let sheet = documents::RecoveryKit {
        words,
        words_below,
        key_id,
        made_on: Some(scene.today()),
        made_by: seat.staff.personal.name.full(),
    };
    let request = PaperRequest {
        kind: FormKind::RecoveryKit,
        paper_id: id.to_string(),
        copy: 1,
        copies: 1,
        repeated: false,
        clinic: clinic.map(|(_, _, clinic, personal)| requisites(clinic.requisites, personal)).unwrap_or_default(),
        data: Some(sheet.into()),
        printed_at: in_zone(&scene),
    };
    let press = seat.inner.press().await?;
    let paper = tokio::task::spawn_blocking(move || press.render(&request)).await??;
    Ok((id, Arc::new(paper)))
}

/// The drill: the code, typed off the paper, opens what it is for.
pub(crate) async fn kit_check(seat: &Seat, args: KitCheckArgs) -> Result<KeysView, DeskError> {
    let kit = RecoveryKit::parse(&args.code).map_err(|_| DeskError::CodeMistyped)?;
    let (id, version, mut clinic, personal) = seat.open.store.clinic().await?.ok_or(DeskError::NotFound)?;
    let ring = seat.open.keys.ring.now();
    let opens = |known: &&Kit| {
        let envelope = known.envelope.parse().ok();
        envelope.and_then(|envelope| kit.unwrap_clinic_key(&envelope).ok()).as_ref() == Some(ring.newest())
    };
    let Some(envelope) = clinic.recovery.iter().find(opens).map(|known| known.envelope.clone()) else {
        seat.open.store.audit(seat.entry("kit.check_failed")).await?;
        return Err(DeskError::OtherKit);
    };
    keeper::write_card(&seat.inner, &seat.open).await?;
    let card = KeyCard::read(&seat.inner.database()).ok_or(DeskError::Broken("a key card does not read"))?;
    if card.open_by_kit(&kit)?.database.to_hex() != seat.open.database.to_hex() {
        return Err(DeskError::Broken("a key card holds another key"));
    }
    clinic.prove_kit(&envelope, KitCheck { at: seat.now(), by: seat.staff.id.clone() });
    write_clinic(seat, id, version, clinic, &personal).await?;
    seat.open.store.audit(seat.entry("kit.check")).await?;
    keeper::write_card(&seat.inner, &seat.open).await?;
    keys_view(seat, Nothing {}).await
}

/// Chooses where copies go.
pub(crate) async fn copies_folder(seat: &Seat, args: CopiesFolderArgs) -> Result<KeysView, DeskError> {
    copies::choose(&seat.open, &args.folder).await?;
    seat.open.store.audit(seat.entry("desk.copies_folder")).await?;
    keeper::write_card(&seat.inner, &seat.open).await?;
    keys_view(seat, Nothing {}).await
}

/// Makes a copy at once.
pub(crate) async fn copy_now(seat: &Seat, _args: Nothing) -> Result<KeysView, DeskError> {
    match copies::make(&seat.inner, &seat.open).await {
        Err(error) if copies::is_damage(&error) => {
            seat.inner.give_way(&seat.open).await?;
            Err(error)
        }
        other => {
            other?;
            keys_view(seat, Nothing {}).await
        }
    }
}

/// The word of a rescue was read.
pub(crate) async fn rescue_read(seat: &Seat, _args: Nothing) -> Result<KeysView, DeskError> {
    rescue::forget_report(&seat.open.store).await?;
    keys_view(seat, Nothing {}).await
}
