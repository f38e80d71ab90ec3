//! A desk of the model: its disk, and the real engine that says when to push and pull.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};
use contract::v1::Outcome;
use domain::{Action, ActionId, Command, DeskId, EntityRef};
use sync::{Engine, Event, Moment, leave_out};

use crate::{
    acts::command,
    bug::Bug,
    cache::{self, Cache, Entry, Laid, Page, Settled, Stage},
    card, cast,
    chance::bytes,
    disk::{Died, Disk},
    gateway::{Cursor, Told},
    keys::{Key, Record},
    plan::Act,
    rows::{self, Envelope},
};

/// What the desk talks about keys for, and what the engine is told when that is over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeyTalk {
    pub(crate) then: Event,
    /// Changes the key if that is due.
    pub(crate) changes: bool,
    /// The page that waits for it, by the key that it came with.
    pub(crate) page: Option<Key>,
}

/// A desk: its disk, and what dies with its process.
#[derive(Debug)]
pub struct Desk {
    disk: Disk<Cache>,
    pub(crate) number: usize,
    /// How often it enrolled anew.
    pub(crate) life: u32,
    /// It was let go, and nobody works at it.
    pub gone: bool,
    /// Whether its program is of the newer version.
    pub reads_newer: bool,
    pub(crate) engine: Engine,
    /// The request that it waits to be answered.
    pub(crate) waits_for: Option<u64>,
    pub(crate) key_talk: Option<KeyTalk>,
    /// It has fetched the keys for a page that came with this one.
    pub(crate) fetched_for: Option<Key>,
    /// It dies as soon as it has taken its next key.
    pub(crate) dies_taking_a_key: bool,
    pub(crate) sleeps_until: Option<Moment>,
    pub(crate) skew: Duration,
    bug: Option<Bug>,
}

impl Desk {
    pub(crate) fn new(number: usize, key: Key, reads_newer: bool, bug: Option<Bug>) -> Self {
        Self {
            disk: Disk::holding(Cache::fresh(cast::desk(number, 0), key)),
            number,
            life: 0,
            gone: false,
            reads_newer,
            engine: Engine::default(),
            waits_for: None,
            key_talk: None,
            fetched_for: None,
            dies_taking_a_key: false,
            sleeps_until: None,
            skew: Duration::zero(),
            bug,
        }
    }

    /// What is on its disk.
    #[must_use]
    pub fn cache(&self) -> &Cache {
        self.disk.kept()
    }

    /// Who it is now.
    #[must_use]
    pub fn id(&self) -> &DeskId {
        &self.disk.kept().id
    }

    pub(crate) fn dies_after(&mut self, commits: Option<u8>) {
        self.disk.dies_after(commits);
    }

    /// How many times something was shown as saved.
    pub(crate) fn commits(&self) -> u64 {
        self.disk.kept().counter
    }

    /// The process starts anew on the same disk; gives back how many rows it can read by now that it could not before.
    pub(crate) fn starts(&mut self) -> u64 {
        self.disk.dies_after(None);
        self.engine = Engine::default();
        self.waits_for = None;
        self.key_talk = None;
        self.fetched_for = None;
        self.sleeps_until = None;
        let unread = self.disk.kept().unread.len() as u64;
        if !self.reads_newer || unread == 0 || self.bug == Some(Bug::NewerNeverRead) {
            return 0;
        }
        // nothing kills it here: it would start again and read
        let _ = self.disk.commit(Cache::read_newer);
        unread
    }

    /// The disk cannot be opened any more, or the desk was let go: it enrols as another one.
    pub(crate) fn enrols_anew(&mut self, key: Key) {
        self.life += 1;
        self.gone = false;
        let reuse = self.bug == Some(Bug::SequentialActionIds);
        let id = cast::desk(self.number, if reuse { 0 } else { self.life });
        self.disk.replace(Cache::fresh(id, key));
        self.starts();
    }

    /// Makes an action of what somebody does, if the screen allows it; with the card as it was, for an edit.
    pub(crate) fn action(&self, act: Act, event: usize, now: DateTime<Utc>) -> Option<(Envelope, Option<u32>)> {
        let cache = self.disk.kept();
        let shown = cache.shown();
        let (entity, command, mut part) = command(act, event, &shown)?;
        let before = match command {
            Command::PersonPut { .. } => shown.get(&entity).map(|row| row.part),
            _ => None,
        };
        if !self.reads_newer && before.is_some() && self.bug == Some(Bug::OlderEditDropsFields) {
            part = part.map(card::without_new);
        }
        let n = if self.bug == Some(Bug::SequentialActionIds) {
            (self.number as u64) << 32 | (cache.counter + 1)
        } else {
            1 << 62 | event as u64
        };
        let action = Action {
            id: ActionId::from_random(bytes(50, n)),
            base_version: shown.get(&entity).map_or(0, |row| row.version),
            if_match: before.and_then(|_| shown.get(&entity)).and_then(|row| row.state.etag().cloned()),
            entity,
            actor: cast::staff(u8::try_from(self.number).unwrap_or_default()),
            at: now,
            command,
        };
        let word = if let Act::NewWord { word, .. } = act { Some(word) } else { None };
        let envelope = Envelope { action, part, seal: cache.key(), word };
        let view = rows::view(&shown, &envelope.action);
        let mut tried = shown;
        rows::apply(&mut tried, &envelope, &view, (now, &cache.id), 0, || 0).ok()?;
        Some((envelope, before))
    }

    /// Keeps an action. With it the person is told «сохранено».
    pub(crate) fn keep(&mut self, envelope: Envelope, before: Option<u32>, now: DateTime<Utc>) -> Result<(), Died> {
        let entry = Entry { envelope, stage: Stage::Saved, came_back: false, made_at: now, before, met: None };
        if self.bug == Some(Bug::OutboxInSecondTransaction) {
            self.disk.commit(|cache| cache.counter += 1)?;
        }
        self.disk.commit(|cache| {
            cache.counter += 1;
            cache.outbox.push(entry);
        })
    }

    /// Somebody gives up a refused action; which it was.
    pub(crate) fn discard(&mut self, which: u8) -> (Option<ActionId>, Result<(), Died>) {
        let outbox = &self.disk.kept().outbox;
        let refused: Vec<usize> = (0..outbox.len()).filter(|at| outbox[*at].stage == Stage::Refused).collect();
        let Some(at) = refused.get(usize::from(which) % refused.len().max(1)).copied() else { return (None, Ok(())) };
        let (id, before) = (outbox[at].envelope.action.id.clone(), outbox.len());
        let done = self.disk.commit(|cache| drop(cache.outbox.remove(at)));
        ((self.disk.kept().outbox.len() < before).then_some(id), done)
    }

    /// What goes out now; noted as on its way before it goes.
    pub(crate) fn send(&mut self, limit: usize, skip: usize) -> Result<Vec<Envelope>, Died> {
        let bug = self.bug;
        let all = self.disk.kept().sendable(bug);
        let skip = if bug == Some(Bug::NothingIsLeftOut) { 0 } else { skip };
        let mut sent = leave_out(all, skip, limit, |envelope| envelope.action.touches());
        let ids: BTreeSet<ActionId> = sent.iter().map(|envelope| envelope.action.id.clone()).collect();
        let goes = |entry: &Entry| ids.contains(&entry.envelope.action.id);
        if !self.disk.kept().outbox.iter().any(goes) {
            return Ok(sent);
        }
        self.disk.commit(|cache| {
            for entry in cache.outbox.iter_mut().filter(|entry| goes(entry)) {
                entry.stage = Stage::Unknown;
                let Some(part) = &mut entry.envelope.part else { continue };
                if bug == Some(Bug::EditedInPlace) && matches!(entry.envelope.action.command, Command::PersonPut { .. })
                {
                    *part += 1;
                    let id = &entry.envelope.action.id;
                    sent.iter_mut().filter(|sent| sent.action.id == *id).for_each(|sent| sent.part = Some(*part));
                }
            }
            if bug == Some(Bug::OutboxClearedOnSend) {
                cache.outbox.retain(|entry| entry.stage != Stage::Unknown);
            }
            sent
        })
    }

    /// Notes what became of actions.
    pub(crate) fn hear(&mut self, told: &[Told], now: DateTime<Utc>) -> Result<(), Died> {
        self.disk.commit(|cache| {
            for (id, outcome) in told {
                let Some(entry) = cache.outbox.iter_mut().find(|entry| entry.envelope.action.id == *id) else {
                    cache.hear_again(id, outcome, now);
                    continue;
                };
                match outcome {
                    Outcome::Applied { versions } => entry.stage = Stage::Applied(versions.clone()),
                    Outcome::Conflict { .. } | Outcome::Rejected { .. } | Outcome::Unknown => {
                        (entry.stage, entry.met) = (Stage::Refused, cache::met(outcome));
                    }
                    Outcome::RetryLater | Outcome::BlockedBy { .. } => entry.stage = Stage::Saved,
                }
                if !matches!(outcome, Outcome::RetryLater | Outcome::BlockedBy { .. }) {
                    cache.told.insert(id.clone(), outcome.clone());
                }
            }
            // What is applied settles with the next page, even where its versions are reached already: the gateway may have
            // been restored in between, and its versions then are not those that are here.
        })
    }

    /// Begins to read the feed anew.
    pub(crate) fn begin_resync(&mut self) -> Result<(), Died> {
        let bug = self.bug;
        self.disk.commit(|cache| {
            cache.cursor = None;
            cache.generation += 1;
            cache.resyncing = true;
            if bug == Some(Bug::ResyncDropsOutbox) {
                cache.outbox.clear();
            }
        })
    }

    /// Whether the page holds what this desk cannot open yet.
    pub(crate) fn lacks_keys_for(&self, page: &Page) -> bool {
        let keys = &self.disk.kept().keys;
        let lacks = !keys.contains(&page.key) || page.rows.iter().any(|(_, row)| !keys.contains(&row.seal));
        lacks && self.fetched_for != Some(page.key) && self.bug != Some(Bug::PageBeforeKeys)
    }

    /// Stores a page and its cursor; how many rows are kept unread.
    pub(crate) fn store_page(&mut self, page: &Page) -> Result<u64, Died> {
        let (bug, reads_newer) = (self.bug, self.reads_newer);
        let (cursor, complete) = (page.cursor, !page.has_more);
        self.fetched_for = None;
        if bug == Some(Bug::CursorBeforePage) {
            self.disk.commit(|cache| cache.cursor = Some(cursor))?;
        }
        self.disk.commit(|cache| {
            for (id, row) in &page.rows {
                cache.bring(id, row, reads_newer, bug);
            }
            cache.cursor = Some(cursor);
            if complete && cache.resyncing {
                cache.sweep();
                cache.resyncing = false;
                cache.send_again(bug);
            }
            if complete {
                cache.settle();
            }
            if bug == Some(Bug::SettledForgottenAtOnce) {
                cache.retained.clear();
            }
            let settled_by_now = |settled: &&mut Settled| !settled.again && settled.place.is_none();
            if complete {
                cache.retained.iter_mut().filter(settled_by_now).for_each(|settled| settled.place = Some(cursor));
            }
            // a number of another epoch says nothing of this one's copies
            let forgotten = |settled: &Settled| {
                let in_copies = |(epoch, seq): Cursor| {
                    let same_epoch = epoch == cursor.0 || bug == Some(Bug::WatermarkOfAnotherEpoch);
                    same_epoch && seq <= page.kept_in_copies
                };
                !settled.again && settled.place.is_some_and(in_copies)
            };
            cache.retained.retain(|settled| !forgotten(settled));
        })?;
        let unread = |id: &EntityRef| self.disk.kept().unread.contains_key(id);
        Ok(page.rows.iter().filter(|(id, _)| unread(id)).count() as u64)
    }

    /// Lays edits together that met others'; what came of it, as far as it is on the disk.
    pub(crate) fn lays_together(&mut self, now: DateTime<Utc>) -> (Vec<Laid>, Result<(), Died>) {
        let bug = self.bug;
        let laid = self.disk.kept().lay_together(now, bug);
        if laid.is_empty() {
            return (laid, Ok(()));
        }
        let before = self.commits();
        let done = self.disk.commit(|cache| cache.put_laid(&laid, now));
        let kept = if self.commits() > before { laid } else { Vec::new() };
        (kept, done)
    }

    /// Takes the keys that the records give it, and then seals anew what waits; keychain and database, so two commits.
    pub(crate) fn takes_keys(&mut self, records: &[Record]) -> Result<(), Died> {
        let bug = self.bug;
        let keys = self.disk.kept().with_keys_of(records);
        let learnt = keys != self.disk.kept().keys;
        if learnt {
            if std::mem::take(&mut self.dies_taking_a_key) {
                self.disk.dies_after(Some(1));
            }
            self.disk.commit(|cache| cache.keys = keys)?;
        }
        let seals = learnt || bug != Some(Bug::ResealedOnlyOnce);
        if seals && self.disk.kept().sealed_to_older(bug) {
            self.disk.commit(|cache| cache.seal_anew(bug))?;
        }
        Ok(())
    }

    /// Whether it takes part.
    #[must_use]
    pub fn is_in(&self) -> bool {
        !self.gone
    }
}
