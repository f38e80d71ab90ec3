//! Properties of keys, of versions side by side, of edits that are laid together, of pushes that break, of the site.

use std::collections::BTreeSet;

use contract::v1::Outcome;
use domain::{Command, EntityRef};

use super::{Property, cards_around};
use crate::{
    card, keys,
    world::{ShutOut, World},
};

fn reach(world: &World, gone: &ShutOut) -> BTreeSet<keys::Key> {
    keys::reach(&gone.keys, &gone.desk, &world.gateway.house().records)
}

/// Whoever has a copy of the keys of a desk that was let go, and a dump of the gateway, opens nothing that was sealed after
/// the change of key that followed.
#[derive(Debug)]
pub struct LetGoOpensNothingNew;

impl Property for LetGoOpensNothingNew {
    fn name(&self) -> &'static str {
        "LetGoOpensNothingNew"
    }
    fn check(&self, world: &World) -> Result<(), String> {
        let house = world.gateway.house();
        for gone in &world.shut_out {
            let keys = reach(world, gone);
            for (id, row) in &house.rows {
                if row.era > gone.era && keys.contains(&row.seal) {
                    return Err(format!("{} was let go and opens {id}, which was sealed afterwards", gone.desk));
                }
            }
        }
        Ok(())
    }
}

/// In the end the key of the day is out of reach of whoever was let go.
#[derive(Debug)]
pub struct LetGoIsShutOut;

impl Property for LetGoIsShutOut {
    fn name(&self) -> &'static str {
        "LetGoIsShutOut"
    }
    fn check(&self, world: &World) -> Result<(), String> {
        let house = world.gateway.house();
        for gone in &world.shut_out {
            if reach(world, gone).contains(&house.key()) {
                return Err(format!("{} was let go and holds the key of the day", gone.desk));
            }
            if !house.let_go.contains(&gone.desk) {
                return Err(format!("{} was let go and is let in", gone.desk));
            }
        }
        Ok(())
    }
}

/// Every desk that is in comes by the records to every key that something is sealed to.
#[derive(Debug)]
pub struct EveryDeskCanOpen;

impl Property for EveryDeskCanOpen {
    fn name(&self) -> &'static str {
        "EveryDeskCanOpen"
    }
    fn check(&self, world: &World) -> Result<(), String> {
        let house = world.gateway.house();
        for desk in world.desks.iter().filter(|desk| desk.is_in()) {
            let keys = keys::taken(&desk.cache().keys, desk.id(), &house.records);
            if let Some((id, _)) = house.rows.iter().find(|(_, row)| !keys.contains(&row.seal)) {
                return Err(format!("desk {} cannot come to the key of {id}", desk.number));
            }
        }
        Ok(())
    }
}

/// In the end every desk has opened everything.
#[derive(Debug)]
pub struct EverythingOpened;

impl Property for EverythingOpened {
    fn name(&self) -> &'static str {
        "EverythingOpened"
    }
    fn check(&self, world: &World) -> Result<(), String> {
        for desk in world.desks.iter().filter(|desk| desk.is_in()) {
            if let Some(id) = desk.cache().unopened.first() {
                return Err(format!("desk {} has {id} and has not opened it", desk.number));
            }
        }
        Ok(())
    }
}

/// What a desk cannot read is kept as it came, and what it had known of it is not shown any more.
#[derive(Debug)]
pub struct ReadOrKeptUnread;

impl Property for ReadOrKeptUnread {
    fn name(&self) -> &'static str {
        "ReadOrKeptUnread"
    }
    fn check(&self, world: &World) -> Result<(), String> {
        for desk in world.desks.iter().filter(|desk| desk.is_in()) {
            let cache = desk.cache();
            if let Some(id) = cache.unread.keys().find(|id| cache.base.contains_key(*id)) {
                return Err(format!("desk {} shows {id}, of which it has a newer word", desk.number));
            }
            let newer = |(row, _): &&(crate::rows::Row, u32)| row.word != 0;
            if !desk.reads_newer && cache.base.values().any(|kept| newer(&kept)) {
                return Err(format!("desk {} shows what it cannot read", desk.number));
            }
        }
        Ok(())
    }
}

/// An updated desk reads everything that it had kept.
#[derive(Debug)]
pub struct NothingStaysUnread;

impl Property for NothingStaysUnread {
    fn name(&self) -> &'static str {
        "NothingStaysUnread"
    }
    fn check(&self, world: &World) -> Result<(), String> {
        for desk in world.desks.iter().filter(|desk| desk.is_in()) {
            if let Some(id) = desk.cache().unread.keys().next() {
                return Err(format!("desk {} was updated and does not read {id}", desk.number));
            }
        }
        Ok(())
    }
}

/// An edit that went through changed the fields that its author had changed, and no other: not what others wrote
/// meanwhile, not what the author's version does not know; in whichever history of the gateway they wrote.
#[derive(Debug)]
pub struct EditTouchesItsFields;

impl Property for EditTouchesItsFields {
    fn name(&self) -> &'static str {
        "EditTouchesItsFields"
    }
    fn check(&self, world: &World) -> Result<(), String> {
        let house = world.gateway.house();
        for (id, decided) in &house.decided {
            let action = &decided.envelope.action;
            let (Outcome::Applied { versions }, Command::PersonPut { .. }, Some(promise)) =
                (&decided.outcome, &action.command, world.promises.get(id))
            else {
                continue;
            };
            let (Some(before), Some(after)) = cards_around(world, &action.entity, versions) else { continue };
            if let Some(n) = card::differing(before.card, after.card).find(|n| !promise.fields.contains(n)) {
                return Err(format!("{id} changed field {n}, which its author had not changed"));
            }
        }
        Ok(())
    }
}

/// A request of which the site was told that it is in is in.
#[derive(Debug)]
pub struct SiteRequestsKept;

impl Property for SiteRequestsKept {
    fn name(&self) -> &'static str {
        "SiteRequestsKept"
    }
    fn check(&self, world: &World) -> Result<(), String> {
        let rows = &world.gateway.house().rows;
        let lost = world.site_oks.iter().find(|request| !rows.contains_key(*request));
        lost.map_or(Ok(()), |request| Err(format!("the site was told that {request} is in, and it is not")))
    }
}

/// An action that breaks its push keeps no desk from reading the feed, and nothing from going out but what is built on it.
#[derive(Debug)]
pub struct BreaksOnlyItself;

impl Property for BreaksOnlyItself {
    fn name(&self) -> &'static str {
        "BreaksOnlyItself"
    }
    fn check(&self, world: &World) -> Result<(), String> {
        let house = world.gateway.house();
        for desk in world.desks.iter().filter(|desk| desk.is_in()) {
            let mut behind: Vec<EntityRef> = Vec::new();
            for envelope in world.waits_at(desk) {
                let touches = envelope.action.touches();
                let breaks = world.gateway.broken.contains(&envelope.action.id);
                if !breaks && !touches.iter().any(|entity| behind.contains(entity)) {
                    return Err(format!("{} does not go out beside what breaks", envelope.action.id));
                }
                behind.extend(touches);
            }
            if desk.cache().cursor != Some((house.epoch, house.seq)) {
                return Err(format!("desk {} does not read on beside what breaks", desk.number));
            }
        }
        Ok(())
    }
}
