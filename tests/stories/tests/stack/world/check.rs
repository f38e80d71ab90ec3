//! What must hold: at any moment, and once the faults are over.

use std::collections::BTreeSet;

use contract::v1::{ActionEnvelope, Change};
use domain::{
    Command, EntityRef, State,
    personal::{PersonPersonal, part},
};
use serde_json::from_value;

use super::World;
use crate::desk::{Desk, card_in};

impl World {
    /// What must hold at any moment.
    pub(crate) async fn check(&self) -> Result<(), String> {
        self.witnessed.clone().map_or(Ok(()), Err)?;
        let feed = self.gateway_feed().await;
        let mut visits = Vec::new();
        for change in &feed {
            match &change.state {
                Some(State::Appointment(visit)) if visit.status.occupies() => visits.push(visit),
                Some(State::Certificate(certificate)) => {
                    let balance = certificate.balance().0;
                    if !(0..=certificate.face_value.0).contains(&balance) {
                        return Err(format!("{} has {balance} kopecks left", change.id));
                    }
                }
                _ => {}
            }
        }
        for (at, visit) in visits.iter().enumerate() {
            for other in &visits[at + 1..] {
                let shares = visit.slot.practitioner == other.slot.practitioner
                    || visit.slot.chair == other.slot.chair
                    || visit.person == other.person;
                if shares && visit.slot.meets(&other.slot) {
                    return Err("two visits meet".to_owned());
                }
            }
        }
        for person in &self.house.blocked {
            if !is_blocked(&feed, person) {
                return Err(format!("{person} was blocked, and is not"));
            }
        }
        for desk in self.desks.iter().filter(|desk| !desk.gone) {
            self.check_desk(desk).await?;
        }
        Ok(())
    }

    async fn check_desk(&self, desk: &Desk) -> Result<(), String> {
        let outbox = desk.outbox().await;
        for (id, promise) in &self.promises {
            let of_desk = promise.desk == desk.number && promise.life == desk.life && !promise.excused;
            // after a restore it may lie among what had settled, which goes again
            if !of_desk || self.restored || self.house.memory.decided.contains_key(id) {
                continue;
            }
            if !outbox.iter().any(|record| record.envelope.action.id == *id) {
                return Err(format!("{id} ({}) is nowhere", promise.action.command.verb()));
            }
        }
        let unsent = desk.unsent().await;
        let lifts = |person: &EntityRef| {
            let lifted = |e: &ActionEnvelope| matches!(e.action.command, Command::PersonUnblock { .. });
            unsent.iter().any(|envelope| envelope.action.entity == *person && lifted(envelope))
        };
        for envelope in &unsent {
            let (Command::PersonBlock { .. }, EntityRef::Person(id)) =
                (&envelope.action.command, &envelope.action.entity)
            else {
                continue;
            };
            let person = desk.store.person(id).await.unwrap().expect("is there");
            let lifted = person.state.blocks.iter().any(|block| block.lifted.is_some());
            if !person.state.is_blocked() && !lifted && !lifts(&envelope.action.entity) {
                return Err(format!("desk {} shows {id}, whom it has blocked", desk.number));
            }
        }
        Ok(())
    }

    /// What must hold once the faults are over and everybody has talked.
    pub(crate) async fn converged(&self) -> Result<(), String> {
        for (id, promise) in self.promises.iter().filter(|(_, promise)| !promise.excused) {
            let known_refusal = self.restored && self.refused.contains(id);
            if !self.house.memory.decided.contains_key(id) && !known_refusal {
                return Err(format!("{id} ({}) never reached the gateway", promise.action.command.verb()));
            }
        }
        self.check_keys().await?;
        let feed = self.gateway_feed().await;
        for request in &self.house.memory.site_oks {
            if !feed.iter().any(|change| change.id == request.clone().into()) {
                return Err(format!("{request} of the site is nowhere"));
            }
        }
        for desk in self.desks.iter().filter(|desk| !desk.gone) {
            let store = &desk.store;
            let unread: BTreeSet<String> = store.newer().await.unwrap().into_iter().map(|kept| kept.id).collect();
            for change in &feed {
                if !desk.reads_newer && self.is_newer(change) {
                    let shown =
                        matches!(&change.id, EntityRef::Request(id) if store.request(id).await.unwrap().is_some());
                    if shown || !unread.contains(change.id.as_str()) {
                        return Err(format!("desk {} should keep {} unread", desk.number, change.id));
                    }
                    continue;
                }
                let mut parts = desk.open(change.clone()).parts;
                if self.house.memory.cards.get(&change.id).is_some_and(|card| *card != card_in(&parts)) {
                    return Err(format!("the gateway has another card of {} than was written last", change.id));
                }
                let card = parts.remove(part::MAIN).unwrap_or_default();
                if let EntityRef::Person(id) = &change.id
                    && from_value::<PersonPersonal>(card).unwrap_or_default() != desk.card(id).await
                {
                    return Err(format!("desk {} shows another card of {id} than the gateway has", desk.number));
                }
                let seen = match &change.id {
                    EntityRef::Request(id) => {
                        store.request(id).await.unwrap().map(|seen| (seen.version, State::Request(seen.state)))
                    }
                    EntityRef::Appointment(id) => {
                        store.visit(id).await.unwrap().map(|seen| (seen.version, State::Appointment(seen.state)))
                    }
                    EntityRef::Person(id) => {
                        let seen = store.person(id).await.unwrap();
                        seen.map(|seen| (seen.version, State::Person(seen.state.clone())))
                    }
                    EntityRef::Certificate(id) => {
                        store.certificate(id).await.unwrap().map(|seen| (seen.version, State::Certificate(seen.state)))
                    }
                    _ => continue,
                };
                let there = change.state.clone().map(|state| (change.version, state));
                if seen != there {
                    return Err(format!("desk {} sees another {} than the gateway", desk.number, change.id));
                }
            }
            let shown = desk.shown(&self.certificates).await;
            let visits = |id: &EntityRef| matches!(id, EntityRef::Appointment(_));
            let there = |id: &&EntityRef| feed.iter().any(|change| change.id == **id && change.state.is_some());
            if let Some(id) = shown.keys().filter(|id| visits(id)).find(|id| !there(id)) {
                return Err(format!("desk {} shows {id}, which the gateway does not have", desk.number));
            }
            let audit = store.audit_verify().await.unwrap();
            if !audit.ok {
                return Err(format!("the audit chain of desk {} does not hold", desk.number));
            }
        }
        Ok(())
    }
}

pub(super) fn is_blocked(feed: &[Change], person: &EntityRef) -> bool {
    let state = feed.iter().find(|change| change.id == *person).and_then(|change| change.state.as_ref());
    matches!(state, Some(State::Person(person)) if person.is_blocked())
}
