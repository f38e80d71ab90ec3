//! Edits of cards: what their authors changed, what becomes of those that meet others', and whether it holds.

use std::collections::BTreeSet;

use desk::merging::Laid;
use sim::{Row, card};
use store::Sides;

use super::World;
use crate::desk::card_in;

/// What somebody wrote.
#[derive(Debug, Clone)]
pub(super) struct Edit {
    /// The whole card.
    pub(super) card: u32,
    /// The fields that they changed.
    fields: BTreeSet<u8>,
}

impl Edit {
    /// `written`: the card, if it is an edit of one; `shown`: what its author saw.
    pub(super) fn of(shown: Option<&Row>, written: Option<u32>, reads_newer: bool) -> Option<Self> {
        let card = written?;
        let seen = shown.map(|row| row.part).unwrap_or_default();
        let known = |n: &u8| reads_newer || n + 1 < card::FIELDS;
        Some(Self { card, fields: differing(seen, card).filter(known).collect() })
    }

    /// It goes over nothing but the fields that its author changed.
    pub(super) fn touches_its_fields(&self, stood: u32) -> Result<(), String> {
        match differing(stood, self.card).find(|n| !self.fields.contains(n)) {
            Some(n) => Err(format!("an edit of {:?} wrote field {n} of {}", self.fields, card::field(stood, n))),
            None => Ok(()),
        }
    }
}

fn differing(one: u32, other: u32) -> impl Iterator<Item = u8> {
    (0..card::FIELDS).filter(move |n| card::field(one, *n) != card::field(other, *n))
}

impl World {
    /// Edits that met others' are laid together: whatever comes of it has what their authors wrote, and goes over
    /// nobody's field. Whether there were any.
    pub(super) async fn lays_together(&mut self, at: usize) -> bool {
        let laid = self.desks[at].lays_together(self.desk_clock(at)).await;
        let any = !laid.is_empty();
        for (sides, became) in laid {
            self.figures.merged += 1;
            if let Err(what) = self.note_laid(at, sides, became).await {
                self.witnessed.get_or_insert(what);
            }
        }
        any
    }

    async fn note_laid(&mut self, at: usize, sides: Sides, became: Laid) -> Result<(), String> {
        let old = &sides.mine.envelope.action.id;
        let edit = self.promises.get(old).and_then(|promise| promise.edit.clone());
        let Some(Edit { fields, .. }) = edit else { return Err(format!("{old} was laid together, and is no edit")) };
        let theirs = card_in(&sides.theirs.parts);
        let before = sides.before.as_ref().map(|before| card_in(&before.parts));
        let mine = card_in(&sides.mine.opened);
        let new = match became {
            Laid::Sent(new) => self.desks[at].outbox().await.into_iter().find(|one| one.envelope.action.id == new),
            Laid::NothingLeft | Laid::Open => None,
        };
        let card = new.as_ref().map_or(theirs, |new| card_in(&new.opened));
        for n in &fields {
            let of = |card: u32| card::field(card, *n);
            if of(card) != of(mine) {
                return Err(format!("field {n} of {old} is forgotten"));
            }
            if before.is_none_or(|before| of(theirs) != of(before)) && of(theirs) != of(mine) {
                return Err(format!("field {n} of {old} went over theirs, and nobody was asked"));
            }
        }
        if let Some(new) = new {
            self.promise(at, new.envelope.action, Some(Edit { card, fields }));
        }
        Ok(())
    }
}
