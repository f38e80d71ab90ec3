//! What the link does about the clinic's key: takes a newer one, gives this desk's own, makes the next one when a desk was
//! let go, puts back what a restored gateway has forgotten, and seals anew what waits in the outbox.
//!
//! The gateway says with every page where the key stands, and says it again until there is nothing left to do: so whatever
//! breaks off here is taken up with the next pull.

use contract::v1::{
    ActionEnvelope,
    keys::{DeskView, KeyMark, KeysView},
};
use seal::{
    DeskSecretKey, KeyRing,
    key_change::{change_request, is_behind, own_is_known, own_request, waited_for},
};
use store::AuditEntry;
use sync::Event;

use super::{Host, Told};
use crate::{ring::Chain, sealing, trouble::DeskError};

/// The setting that says that parts came in which no key of that time opened.
const UNOPENED: &str = "keys.unopened";
/// Rounds of asking, where others change the key at the same time.
const ROUNDS: usize = 10;

impl Host {
    /// Before a page is opened: it may be sealed to a key that this desk does not have yet.
    pub(super) async fn heed(&mut self, mark: Option<KeyMark>) -> Result<(), DeskError> {
        match mark {
            Some(mark) if mark.number != self.keys.ring.now().number() => self.take_keys().await.map(drop),
            _ => Ok(()),
        }
    }

    /// After the last page: what else is to be done. Nothing of it holds up the feed.
    pub(super) async fn look_to_keys(&mut self, mark: Option<KeyMark>) {
        let Some(mark) = mark else { return };
        if let Err(error) = self.give_and_change(mark).await {
            tracing::warn!(%error, "the clinic's key is not looked to yet");
        }
        if let Err(error) = self.read_unopened().await {
            tracing::warn!(%error, "what was not opened is not read again yet");
        }
    }

    async fn give_and_change(&mut self, mark: KeyMark) -> Result<(), DeskError> {
        if mark.own && !mark.due {
            return Ok(());
        }
        let own = self.own_key()?;
        let mut view = self.transport.keys().await?;
        if !own_is_known(&self.keys.ring.now(), &view, &self.keys.desk, &own) {
            view = self.give_own(&own, &view).await?;
        }
        let ring = self.keys.ring.now();
        let is_due = view.due_since.is_some() && view.public_key == ring.public().to_string();
        if !is_due || !waited_for(&view).is_empty() {
            return Ok(());
        }
        let (next, record) = ring.change()?;
        let request = change_request(&view, record, (ring.newest(), &next))?;
        let is_left_out = |desk: &&DeskView| desk.released_at.is_none() && !request.desks.contains_key(&desk.id);
        for desk in view.desks.iter().filter(is_left_out) {
            tracing::warn!(desk = %desk.id, "a desk is not given the new key: nobody vouches for its own");
        }
        match self.transport.change_key(&request).await {
            // this one's key or another desk's: it is taken the same way
            Ok(()) => self.take_keys().await.map(drop),
            Err(error) if error.is_key_changed() => self.take_keys().await.map(drop),
            Err(error) => Err(error.into()),
        }
    }

    fn own_key(&self) -> Result<DeskSecretKey, DeskError> {
        self.keys.own.clone().ok_or(DeskError::Broken("this desk has no key pair"))
    }

    /// Gives this desk's own public key, under the clinic's key that the gateway has.
    async fn give_own(&self, own: &DeskSecretKey, view: &KeysView) -> Result<KeysView, DeskError> {
        let ring = self.keys.ring.now();
        if let Some(request) = own_request(&ring, view.number, &self.keys.desk, own) {
            match self.transport.put_desk_key(&request).await {
                Err(error) if !error.is_key_changed() => return Err(error.into()),
                _ => {}
            }
        }
        Ok(self.transport.keys().await?)
    }

    /// Asks for the keys and takes a newer one, or gives the gateway the one that it has forgotten. Whether there was one.
    pub(super) async fn take_keys(&mut self) -> Result<bool, DeskError> {
        let own = self.own_key()?;
        let before = self.keys.ring.now();
        let mut is_news = false;
        for _ in 0..ROUNDS {
            let view = self.transport.keys().await?;
            if is_behind(&before, &view) {
                self.put_back(&own, view).await?;
                is_news = true;
                continue;
            }
            let ring = before.follow(&view.records, &own, self.keys.desk.as_str(), view.own.as_ref())?;
            let is_newer = ring.public() != before.public();
            if is_newer || ring.number() != before.number() {
                self.take(&view, ring, is_newer).await?;
            }
            return Ok(is_news || is_newer);
        }
        Err(DeskError::Broken("the clinic's keys do not come to rest"))
    }

    /// Database, then keychain, then in force.
    async fn take(&mut self, view: &KeysView, ring: KeyRing, is_newer: bool) -> Result<(), DeskError> {
        Chain::of(view).keep_in(&self.store).await?;
        if is_newer {
            self.wallet.keep_key(ring.newest()).await?;
        }
        let number = ring.number();
        self.keys.ring.replace(ring);
        if is_newer {
            let entry = AuditEntry::new(self.clock.now(), None, "key.changed").with(&number.to_string());
            self.store.audit(entry).await?;
            tracing::info!(number, "the clinic has a new key");
            self.board.records_changed();
        }
        Ok(())
    }

    /// The gateway was restored from a copy that knows less, and its journal is lost: it gets the next change again, with
    /// copies for the desks that it knows.
    async fn put_back(&self, own: &DeskSecretKey, mut view: KeysView) -> Result<(), DeskError> {
        let ring = self.keys.ring.now();
        if !own_is_known(&ring, &view, &self.keys.desk, own) {
            view = self.give_own(own, &view).await?;
        }
        let chain = Chain::left_in(&self.store).await?;
        let record = chain.records.into_iter().find(|record| record.number == view.number + 1);
        let (Some(record), Some(before), Some(key)) = (record, ring.key(view.number), ring.key(view.number + 1)) else {
            return Err(DeskError::Broken("a change of the key is not here"));
        };
        let request = change_request(&view, record, (before, key))?;
        match self.transport.change_key(&request).await {
            Err(error) if !error.is_key_changed() => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Parts that came while this desk had no key for them are read once more when it has one.
    async fn read_unopened(&self) -> Result<(), DeskError> {
        let left = self.store.setting(UNOPENED).await?.filter(|number| !number.is_empty());
        let number = self.keys.ring.now().number().to_string();
        if left.is_some_and(|left| left != number) {
            self.store.set_setting(UNOPENED, "").await?;
            self.store.begin_resync().await?;
            let _ = self.tells.send(Told::Event(Event::Poked));
        }
        Ok(())
    }

    /// Notes that parts did not open with the keys that are here now.
    pub(super) async fn note_unopened(&self) -> Result<(), DeskError> {
        let number = self.keys.ring.now().number().to_string();
        Ok(self.store.set_setting(UNOPENED, &number).await?)
    }

    /// Actions to send, none of them sealed to an older key.
    pub(super) async fn to_send(&self, limit: usize) -> Result<Vec<ActionEnvelope>, DeskError> {
        let actions = self.store.outbox_to_send(limit).await?;
        let public = self.keys.ring.public();
        let key_id = public.key_id();
        let is_older = |action: &ActionEnvelope| action.parts.values().any(|sealed| sealed.key_id != key_id);
        if !actions.iter().any(is_older) {
            return Ok(actions);
        }
        let older = self.store.sealed_otherwise(&key_id).await?;
        let anew = tokio::task::spawn_blocking(move || {
            older.into_iter().map(|(envelope, opened)| sealing::anew(envelope, &opened, &public)).collect()
        });
        let anew: Result<Vec<_>, DeskError> = anew.await?;
        self.store.seal_anew(&anew?).await?;
        Ok(self.store.outbox_to_send(limit).await?)
    }
}
