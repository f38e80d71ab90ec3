//! After the faults: everybody talks until there is nothing left to say.

use sync::Event as Happened;

use super::World;
use crate::{cache::Stage, desk::Desk, plan::Fate};

/// How long everything else may take to come together while something goes on breaking pushes, milliseconds.
const BESIDE: u64 = 30 * 60_000;

/// How often everybody may come to rest and go on before everything has come together.
const ROUNDS: usize = 40;

impl World {
    /// Faults end, except that what breaks pushes goes on breaking them. Whether there was such a thing.
    pub fn heals_beside_what_breaks(&mut self) -> bool {
        if !self.in_desks().into_iter().any(|at| self.pushes_break(at)) {
            return false;
        }
        self.figures.healed_beside += 1;
        let end = self.now + BESIDE;
        self.talk_until(end);
        true
    }

    /// Faults end; everybody talks until there is nothing left to say. Whether that came within the bound.
    pub fn heal(&mut self) -> bool {
        self.faults = false;
        self.gateway.broken.clear();
        // whatever was refused takes a look of its person, one after another where each was built on the other
        let looks: usize = self.in_desks().into_iter().map(|at| self.desks[at].cache().outbox.len()).sum();
        for _ in 0..ROUNDS + looks {
            if self.settle_down() && self.at_rest() {
                return true;
            }
            for at in self.in_desks() {
                // a person looks at what was refused and gives it up
                while self.discard(at, 0) {}
                self.drive(at, Happened::Asked, 0);
            }
        }
        false
    }

    /// Every desk gets the newer version.
    pub fn updates_everybody(&mut self) {
        self.faults = false;
        for at in self.in_desks() {
            self.update(at);
        }
    }

    /// Delivers and wakes until the network is empty and every desk sleeps; whether that ended.
    pub(super) fn settle_down(&mut self) -> bool {
        self.talk_until(u64::MAX)
    }

    fn talk_until(&mut self, end: u64) -> bool {
        let faults = std::mem::replace(&mut self.faults, false);
        let mut ended = false;
        for _ in 0..20_000 {
            if !self.network.is_empty() {
                self.deliver(0, Fate::Arrives);
                continue;
            }
            // whoever waits for an answer that was lost gives up
            if let Some(at) = self.desks.iter().position(|desk| desk.waits_for.is_some()) {
                self.tick(at, true, 0);
                continue;
            }
            let awake = self.desks.iter().filter(|desk| desk.is_in() && (end < u64::MAX || !desk.engine.is_at_rest()));
            let Some(next) = awake.filter_map(|desk| desk.sleeps_until).min().filter(|next| next.0 < end) else {
                ended = true;
                break;
            };
            self.now = self.now.max(next.0);
            for at in self.in_desks() {
                self.tick(at, false, 0);
            }
        }
        self.faults = faults;
        ended
    }

    fn at_rest(&self) -> bool {
        let head = (self.gateway.house().epoch, self.gateway.house().seq);
        let said = |desk: &Desk| desk.cache().outbox.is_empty() && !desk.cache().has_something_to_send();
        let rests = |desk: &Desk| said(desk) && desk.cache().cursor == Some(head);
        let in_desks = self.desks.iter().filter(|desk| desk.is_in());
        in_desks.clone().all(rests) && !self.gateway.house().due
    }

    /// What this desk still has to send without being held back by a refusal.
    #[must_use]
    pub fn waits_at(&self, desk: &Desk) -> Vec<crate::rows::Envelope> {
        let refused = desk.cache().outbox.iter().filter(|entry| entry.stage == Stage::Refused);
        let held: Vec<_> = refused.flat_map(|entry| entry.envelope.action.touches()).collect();
        let free = |envelope: &crate::rows::Envelope| envelope.action.touches().iter().all(|of| !held.contains(of));
        desk.cache().sendable(None).into_iter().filter(free).collect()
    }
}
