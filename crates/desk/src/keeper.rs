//! What is looked after while the desk is open: the key card beside the database, and copies when they are due.

use std::{sync::Weak, time::Duration};

use contract::ui::Code;
use store::AuditEntry;

use crate::{
    DeskEvent, copies,
    key_card::{KeyCard, KitOnCard},
    keys::DeskKeys,
    place::{Inner, Open, Place},
    trouble::DeskError,
};

const EVERY: Duration = Duration::from_secs(10);

impl Open {
    /// The kits in force, as a card holds them.
    pub(crate) async fn kits(&self) -> Result<Vec<KitOnCard>, DeskError> {
        let clinic = self.store.clinic().await?;
        Ok(clinic
            .map(|(_, _, clinic, _)| KitOnCard::of(&clinic.recovery, &self.keys.ring.public()))
            .unwrap_or_default())
    }
}

/// Writes the card of the desk's database, and has the copies in reach follow the kits.
pub(crate) async fn write_card(inner: &Inner, open: &Open) -> Result<(), DeskError> {
    // the keychain's entry is the newer one: tokens are exchanged while the desk is open
    let kept = inner.read_keys().await.ok().flatten().filter(|keys| keys.link.is_some());
    let own = || DeskKeys { database: open.database.clone(), founding: None, link: Some(open.keys.clone()) };
    let keys = kept.unwrap_or_else(own);
    let kits = open.kits().await?;
    KeyCard::make(&keys, kits.clone(), copies::chosen(open).await?)?.write(&inner.database())?;
    copies::renew_cards(inner, open, &kits).await
}

/// Looks after the desk until it is gone.
pub(crate) async fn keep(desk: Weak<Inner>) {
    loop {
        tokio::time::sleep(EVERY).await;
        let Some(inner) = desk.upgrade() else { return };
        let Ok(open) = inner.open().await else { continue };
        if let Err(error) = look_after(&inner, &open).await {
            tracing::warn!(%error, "the desk could not be looked after");
        }
    }
}

async fn look_after(inner: &Inner, open: &Open) -> Result<(), DeskError> {
    let clinic = open.store.clinic().await?.map(|(_, _, clinic, _)| clinic);
    let known = KeyCard::read(&inner.database());
    let (kits, chosen) = (open.kits().await?, copies::chosen(open).await?);
    let key = open.keys.ring.public();
    if known.is_none_or(|card| card.kits != kits || card.copies != chosen || !card.is_sealed_to(&key)) {
        write_card(inner, open).await?;
    }
    sweep(inner, open, false).await?;
    let now = inner.around.clock.now();
    let closed = clinic.and_then(|clinic| copies::closed_at(&clinic, now));
    if !copies::Record::of(open).await?.is_due(now, closed) {
        return Ok(());
    }
    match copies::make(inner, open).await {
        Err(error) if copies::is_damage(&error) => inner.give_way(open).await,
        Ok(()) => sweep(inner, open, true).await,
        other => other,
    }
}

/// What was erased goes from wherever this desk still has something of it: prepared papers, the text index, the log of the
/// database, its copies. `again`: copies that were out of reach before are tried too.
pub(crate) async fn sweep(inner: &Inner, open: &Open, again: bool) -> Result<(), DeskError> {
    let ids = open.store.unswept(again).await?;
    if ids.is_empty() {
        return Ok(());
    }
    inner.forget_papers();
    if !open.store.scrub().await? {
        return Ok(());
    }
    let (cleaned, missed) = copies::cleanse(inner, open, &ids).await?;
    let entry = AuditEntry::new(inner.around.clock.now(), None, "record.swept");
    let entry = entry.with(&format!("records {}, copies {cleaned}, out of reach {missed}", ids.len()));
    Ok(open.store.note_swept(&ids, cleaned, missed, &entry).await?)
}

impl Inner {
    /// A page of the open database does not read: the desk stops before it builds on it, and says so at every start.
    pub(crate) async fn give_way(&self, open: &Open) -> Result<(), DeskError> {
        store::note_damage(&self.database())?;
        let _moving = self.moving.lock().await;
        open.link.stop();
        *self.place.write().await = Place::Trouble(Code::DatabaseDamaged);
        open.store.clone().close().await;
        // nobody may listen
        let _ = self.events.send(DeskEvent::Locked);
        Ok(())
    }
}
