//! What happens to desks and to the gateway beside the daily work: desks come and go, are updated, lose their keys.

use domain::{ActionId, DeskId, EntityRef};
use sync::Event as Happened;

use super::{Message, Packet, ShutOut, World};
use crate::{
    cache::Stage,
    cast,
    desk::Desk,
    keys::{Key, Record},
    plan::MOST_DESKS,
};

impl World {
    /// The keychain of a desk is gone; another desk lets it in again, with the key of the day.
    pub(super) fn lose_key(&mut self, desk: usize) {
        if self.in_desks().len() < 2 {
            return;
        }
        self.figures.key_losses += 1;
        if self.desks[desk].cache().unsent().next().is_some() {
            self.figures.key_losses_with_outbox += 1;
        }
        self.excuse(desk);
        let key = self.gateway.house().key();
        self.comes_in(desk, key);
    }

    fn comes_in(&mut self, desk: usize, key: Key) {
        self.desks[desk].enrols_anew(key);
        let id = self.desks[desk].id().clone();
        self.gateway.enrol(&id);
        self.drive(desk, Happened::Started, 0);
    }

    pub(super) fn invite(&mut self, desk: usize) {
        let key = self.desks[desk].cache().key();
        if !self.gateway.invite(key) {
            self.figures.invitations_refused += 1;
        }
    }

    pub(super) fn enrol(&mut self, desk: usize) {
        let gone = self.desks.iter().position(|other| !other.is_in());
        if gone.is_none() && self.desks.len() >= MOST_DESKS {
            return;
        }
        let Some(key) = self.gateway.use_invitation() else { return };
        self.figures.enrolled += 1;
        match gone {
            Some(at) => self.comes_in(at, key),
            None => {
                let number = self.desks.len();
                let reads_newer = !self.older.contains(&desk);
                self.desks.push(Desk::new(number, key, reads_newer, self.bug));
                let id = self.desks[number].id().clone();
                self.gateway.enrol(&id);
                self.drive(number, Happened::Started, 0);
            }
        }
    }

    pub(super) fn let_go(&mut self, desk: usize) {
        if self.in_desks().len() < 2 {
            return;
        }
        self.figures.let_go += 1;
        self.figures.let_go_with_outbox += u64::from(self.desks[desk].cache().unsent().next().is_some());
        self.excuse(desk);
        let leaving = &mut self.desks[desk];
        leaving.gone = true;
        leaving.waits_for = None;
        leaving.key_talk = None;
        let id = leaving.id().clone();
        let era = u32::try_from(self.gateway.house().records.len()).unwrap_or(u32::MAX);
        self.shut_out.push(ShutOut { desk: id.clone(), keys: leaving.cache().keys.clone(), era });
        self.gateway.lets_go(&id);
    }

    pub(super) fn update(&mut self, desk: usize) {
        if std::mem::replace(&mut self.desks[desk].reads_newer, true) {
            return;
        }
        self.figures.updates += 1;
        self.figures.read_after_update += self.desks[desk].starts();
        self.drive(desk, Happened::Started, 0);
    }

    pub(super) fn break_a_push(&mut self, desk: usize) {
        let cache = self.desks[desk].cache();
        let broken = |id: &&ActionId| self.gateway.broken.contains(*id);
        // what was on its way when it broke may have settled, and goes again after a restore
        let settled = cache.retained.iter().map(|settled| &settled.envelope.action.id);
        let of_desk = cache.outbox.iter().map(|entry| &entry.envelope.action.id).chain(settled);
        let oldest = cache.unsent().map(|entry| &entry.envelope.action.id).find(|id| !broken(id));
        // more than a few, and it is not they that break it
        if let (0 | 1, Some(id)) = (of_desk.filter(broken).count(), oldest) {
            let id = id.clone();
            self.gateway.broken.insert(id);
        }
    }

    /// Something that waits at the desk breaks its pushes.
    pub(super) fn pushes_break(&self, desk: usize) -> bool {
        let waiting = self.desks[desk].cache().sendable(self.bug);
        waiting.iter().any(|envelope| self.gateway.broken.contains(&envelope.action.id))
    }

    pub(super) fn site_sends(&mut self, number: usize, dies: Option<u8>) {
        let request = EntityRef::from(cast::visitor(number));
        self.figures.site_requests += 1;
        self.gateway.dies_after(dies);
        let taken = self.gateway.site_sends(&request, cast::fresh_request());
        self.gateway.dies_after(None);
        if taken.is_ok() || self.bug == Some(crate::bug::Bug::SiteAnsweredBeforeCommit) {
            self.site_oks.insert(request);
        } else {
            self.figures.site_requests_unanswered += 1;
        }
    }

    /// A desk makes the next key and gives it to whoever is in.
    pub(super) fn change_key(&mut self, desk: usize, mut to: std::collections::BTreeSet<DeskId>) {
        let before = self.desks[desk].cache().key();
        if self.bug == Some(crate::bug::Bug::NewKeyForTheLetGo) {
            to.extend(self.shut_out.iter().map(|one| one.desk.clone()));
        }
        let key = Key { number: before.number + 1, made: self.sent };
        self.ask(desk, Message::ChangeKey(Record { key, before, to }));
    }

    pub(super) fn note_key_change(&mut self, taken: bool) {
        if !taken {
            self.figures.key_changes_refused += 1;
            return;
        }
        self.figures.key_changes += 1;
        let pulls = |packet: &Packet| matches!(packet.message, Message::Pull(_) | Message::Page(_));
        self.figures.key_changes_during_pull += u64::from(self.network.iter().any(pulls));
        let sealed = |desk: &Desk| {
            let mut waiting = desk.cache().outbox.iter().filter(|entry| !matches!(entry.stage, Stage::Applied(_)));
            desk.is_in() && waiting.any(|entry| entry.envelope.part.is_some())
        };
        self.figures.key_changes_with_outbox += u64::from(self.desks.iter().any(sealed));
    }
}
