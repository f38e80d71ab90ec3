//! A desk whose access was taken away: its keys leave the keychain, so nobody opens its database here any more.
//!
//! Only the gateway's own answer to this desk's own token counts, over TLS: a token that is merely unknown takes nothing
//! away. Invariants:
//! - the order is note, keychain, files: a crash or a refusal between any two is taken up at the next start;
//! - the database is set aside, not deleted: the recovery kit still opens it, with what was not sent;
//! - what was not sent is counted before the keys go, and told.

use std::sync::Weak;

use chrono::{DateTime, Utc};
use contract::ui::CutOffView;
use serde::{Deserialize, Serialize};
use store::AuditEntry;
use tokio::sync::mpsc;

use crate::{
    DeskEvent,
    place::{Inner, Open, Place},
    platform::{files, keychain::within_limit},
    trouble::DeskError,
};

const NOTE: &str = "cut-off.json";

/// What the desk notes about the end of its access. Nothing of people is in it.
#[derive(Debug, Serialize, Deserialize)]
struct CutOff {
    at: DateTime<Utc>,
    /// Actions that the gateway has not got, or has refused.
    unsent: u32,
    /// The keys are gone and the database is set aside.
    done: bool,
}

/// Cuts the desk off when its link hears that it has to be. Ends with the desk.
pub(crate) async fn watch(desk: Weak<Inner>, mut told: mpsc::Receiver<()>) {
    while told.recv().await.is_some() {
        let Some(inner) = desk.upgrade() else { return };
        inner.cut_off().await;
    }
}

impl Inner {
    async fn cut_off(&self) {
        if let Err(error) = self.lock("desk.lock_cut_off").await {
            tracing::warn!(%error, "the last lock was not audited");
        }
        let moving = self.moving.lock().await;
        let place = std::mem::replace(&mut *self.place.write().await, Place::NotConnected);
        let Place::Open(open) = place else {
            *self.place.write().await = place;
            return;
        };
        if let Err(error) = self.end(&open).await {
            tracing::error!(%error, "the end of this desk's access is not carried out yet");
            *self.place.write().await = Place::Trouble(error.code());
        }
        drop(moving);
        // nobody may listen
        let _ = self.events.send(DeskEvent::Locked);
    }

    async fn end(&self, open: &Open) -> Result<(), DeskError> {
        let at = self.around.clock.now();
        let counted = open.store.outbox_counts().await;
        let audited = open.store.audit(AuditEntry::new(at, None, "desk.cut_off")).await;
        open.link.stop();
        open.store.clone().close().await;
        if let Err(error) = audited {
            tracing::warn!(%error, "the end of this desk's access was not audited");
        }
        let (waiting, refused) = counted?;
        let note = CutOff { at, unsent: waiting + refused, done: false };
        self.note(&note)?;
        tracing::warn!(unsent = note.unsent, "this desk's access was taken away");
        self.carry_out(note).await
    }

    /// Takes up what a crash left half done.
    pub(crate) async fn go_on_cutting_off(&self) -> Result<(), DeskError> {
        match self.noted() {
            Some(note) if !note.done => self.carry_out(note).await,
            _ => Ok(()),
        }
    }

    async fn carry_out(&self, note: CutOff) -> Result<(), DeskError> {
        let account = self.profile.keychain_account.clone();
        within_limit(&self.around.keychain, move |keychain| keychain.remove(&account)).await?;
        store::move_aside(&self.database(), &note.at.format("%Y%m%dT%H%M%SZ").to_string())?;
        self.note(&CutOff { done: true, ..note })
    }

    fn note(&self, note: &CutOff) -> Result<(), DeskError> {
        let bytes = serde_json::to_vec(note).map_err(|_| DeskError::Broken("a note cannot be written"))?;
        Ok(files::replace_private(&self.profile.home.join(NOTE), &bytes)?)
    }

    fn noted(&self) -> Option<CutOff> {
        let bytes = std::fs::read(self.profile.home.join(NOTE)).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// What is told while the desk is not connected, once it is true.
    pub(crate) fn cut_off_view(&self) -> Option<CutOffView> {
        self.noted().filter(|note| note.done).map(|note| CutOffView { at: note.at, unsent: note.unsent })
    }

    /// The desk is let in anew.
    pub(crate) fn forget_cut_off(&self) -> Result<(), DeskError> {
        Ok(files::remove(&self.profile.home.join(NOTE))?)
    }
}
