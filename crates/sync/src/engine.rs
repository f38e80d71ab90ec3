//! The state machine. [`Engine::step`] takes what happened and answers with the one thing to do next.

use crate::limits::{
    BACKOFF_FIRST, BACKOFF_LONGEST, BARRED_POLL, BOOT_SPREAD, LEFT_OUT_FOR, MOST_LEFT_OUT, POLL_EVERY, POLL_JITTER,
    POLL_WHEN_LISTENING, PUSH_LIMIT, PUSH_TRIES, RETRY_AFTER_LONGEST,
};

/// A reading of the host's monotonic clock, milliseconds. The wall clock of a desk may jump; this one does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Moment(pub u64);

impl Moment {
    /// So much later.
    #[must_use]
    pub fn plus(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }
}

/// How a push, a pull or the stream of pokes failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// No answer, a broken one, or an error of the gateway: what was sent is unknown.
    Unreachable,
    /// The gateway asks to come back later, milliseconds.
    RetryAfter(u64),
    /// The gateway does not know this desk (401).
    Refused,
    /// This desk's access was taken away (401).
    Revoked,
    /// The gateway wants a newer version of this program (426).
    Outdated,
    /// The cursor is of another epoch (410).
    ResyncRequired,
    /// The push as a whole does not fit (413, 422): try a smaller one.
    TooMuch,
    /// This desk's own database did not take the page or the outcomes.
    Local,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The host starts, and somebody waits for it; nothing is out.
    Started,
    /// The host starts with the computer, as many others do at this minute, and nobody waits for it yet.
    Booted,
    /// A member of the staff did something: an action waits in the outbox.
    Queued,
    /// The gateway has news.
    Poked,
    /// Somebody asks to sync now: a pause is cut short, though not one that the gateway asked for.
    Asked,
    /// The wait is over.
    Woke,
    /// The push is answered. `more`: the outbox still has something that may be sent.
    Pushed { more: bool },
    /// The outbox had nothing to send: the gateway was not asked.
    NothingToPush,
    /// A page and its cursor are stored.
    Pulled { has_more: bool },
    /// What was out failed.
    Failed(Failure),
    /// The stream of pokes is open.
    Listening,
    /// The stream of pokes ended.
    StreamEnded,
}

/// What the host does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instruction {
    /// Send up to so many actions, oldest first, with the ids they have; answer with [`Event::Pushed`] or
    /// [`Event::Failed`]. `skip`: leave out so many of the oldest, and what touches the same entities as they do.
    Push { limit: usize, skip: usize },
    /// Fetch and store one page; answer with [`Event::Pulled`] or [`Event::Failed`]. `resync`: from the beginning.
    Pull { resync: bool },
    /// Go on with what is out.
    CarryOn,
    /// Wait for the moment and for events. `listen`: open the stream of pokes if it is not open. Without a moment this
    /// desk's access was taken away: close the stream, only a person can change that.
    Wait { until: Option<Moment>, listen: bool },
}

/// How the link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    Unknown,
    Online,
    Syncing,
    Offline,
    /// The gateway does not know this desk.
    Refused,
    /// This desk's access was taken away.
    Revoked,
    /// The gateway wants a newer version of this program.
    Outdated,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Out {
    Nothing,
    Push,
    Pull,
}

/// The engine of one desk.
#[derive(Debug, Clone)]
pub struct Engine {
    out: Out,
    /// Something may wait in the outbox.
    push_wanted: bool,
    /// The gateway may have news.
    pull_wanted: bool,
    /// The pages come from the beginning; ends with the last page.
    resync: bool,
    /// The first of those pages is yet to be asked for.
    resync_starts: bool,
    failures: u32,
    /// Nothing goes out before.
    pause: Option<Pause>,
    /// Why the gateway does not let this desk in: [`Link::Refused`], [`Link::Revoked`] or [`Link::Outdated`].
    barred: Option<Link>,
    limit: usize,
    /// Pushes in a row that came to nothing.
    failed_pushes: u32,
    /// The last push came to nothing again: a pull says whether that is the link's fault or the push's own.
    pull_first: bool,
    /// So many of the oldest actions broke every push that they were in: they are left out for a while.
    left_out: usize,
    /// They are tried again then.
    left_out_until: Moment,
    listening: bool,
    next_poll: Moment,
    /// No new stream is opened before.
    listen_from: Moment,
    /// Streams that ended since the last poke.
    streams_lost: u32,
    ever_answered: bool,
    mid_feed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pause {
    until: Moment,
    /// The gateway asked for it: nobody may cut it short.
    asked: bool,
}

impl Default for Engine {
    fn default() -> Self {
        Self {
            out: Out::Nothing,
            push_wanted: true,
            pull_wanted: true,
            resync: false,
            resync_starts: false,
            failures: 0,
            pause: None,
            barred: None,
            limit: PUSH_LIMIT,
            failed_pushes: 0,
            pull_first: false,
            left_out: 0,
            left_out_until: Moment(0),
            listening: false,
            next_poll: Moment(0),
            listen_from: Moment(0),
            streams_lost: 0,
            ever_answered: false,
            mid_feed: false,
        }
    }
}

impl Engine {
    /// Takes what happened. `jitter` is any random number.
    pub fn step(&mut self, event: Event, now: Moment, jitter: u32) -> Instruction {
        match event {
            Event::Started => self.started(),
            Event::Booted => {
                self.started();
                self.pause = Some(Pause { until: now.plus(scaled(jitter, BOOT_SPREAD)), asked: false });
            }
            Event::Queued => self.push_wanted = true,
            Event::Poked => {
                self.pull_wanted = true;
                self.streams_lost = 0;
            }
            Event::Asked => self.asked(),
            Event::Woke => {}
            Event::Pushed { more } if self.out == Out::Push => self.pushed(more),
            Event::Pulled { has_more } if self.out == Out::Pull => self.pulled(has_more, now, jitter),
            Event::NothingToPush if self.out == Out::Push => {
                self.out = Out::Nothing;
                // The gateway was not asked, so it is still not known to answer: a pull finds out, not the next poll.
                self.pull_wanted |= self.failures > 0 || self.barred.is_some();
            }
            // An answer to what is not out: a mistake of the host.
            Event::Pushed { .. } | Event::NothingToPush | Event::Pulled { .. } => {}
            Event::Failed(failure) => self.failed(failure, now, jitter),
            Event::Listening => {
                self.listening = true;
                // what came between the last page and now was poked to nobody
                self.pull_wanted = true;
            }
            Event::StreamEnded => self.stream_ended(now, jitter),
        }
        self.next(now)
    }

    /// How the link is, for people.
    #[must_use]
    pub fn link(&self) -> Link {
        let working = self.out == Out::Push || (self.out == Out::Pull && (self.mid_feed || !self.ever_answered));
        match self.barred {
            Some(barred) => barred,
            None if self.failures > 0 => Link::Offline,
            None if working => Link::Syncing,
            None if self.ever_answered => Link::Online,
            None => Link::Unknown,
        }
    }

    /// When the next try is, while a pause lasts.
    #[must_use]
    pub fn retry_at(&self) -> Option<Moment> {
        self.pause.map(|p| p.until)
    }

    /// Nothing is out, nothing is known to be left to do.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        self.out == Out::Nothing
            && !self.push_wanted
            && !self.pull_wanted
            && self.left_out == 0
            && self.pause.is_none()
            && self.barred.is_none()
    }

    fn started(&mut self) {
        self.out = Out::Nothing;
        self.listening = false;
    }

    fn asked(&mut self) {
        if self.barred == Some(Link::Revoked) {
            self.barred = None;
        }
        self.push_wanted = true;
        self.pull_wanted = true;
        self.left_out = 0;
        if self.pause.is_some_and(|p| !p.asked) {
            self.pause = None;
        }
    }

    fn answered(&mut self) {
        self.out = Out::Nothing;
        self.failures = 0;
        self.pause = None;
        self.barred = None;
        self.ever_answered = true;
    }

    fn pushed(&mut self, more: bool) {
        self.answered();
        self.failed_pushes = 0;
        self.limit = self.limit.saturating_mul(2).min(PUSH_LIMIT);
        self.push_wanted |= more;
        // Its effects come back in the feed.
        self.pull_wanted = true;
    }

    fn pulled(&mut self, has_more: bool, now: Moment, jitter: u32) {
        self.answered();
        self.mid_feed = has_more;
        self.resync_starts = false;
        if has_more {
            self.pull_wanted = true;
        } else {
            self.resync = false;
        }
        if std::mem::take(&mut self.pull_first) {
            self.isolate(now, jitter);
        }
        self.plan_poll(now, jitter);
    }

    /// The gateway answers a pull and not this push: something in it breaks it. Half of it is sent, and so on down to the
    /// one action, which is then left out, so that it keeps nobody's work but what is built on it. Where several break
    /// one after another it is not they, and no push is tried for a while.
    fn isolate(&mut self, now: Moment, jitter: u32) {
        if self.limit > 1 {
            self.limit /= 2;
            return;
        }
        if self.left_out == 0 {
            self.left_out_until = now.plus(LEFT_OUT_FOR / 2 + scaled(jitter, LEFT_OUT_FOR / 2));
        }
        if self.left_out < MOST_LEFT_OUT {
            self.left_out += 1;
        } else {
            self.push_wanted = false;
        }
    }

    fn failed(&mut self, failure: Failure, now: Moment, jitter: u32) {
        match self.out {
            Out::Push => self.push_wanted = true,
            Out::Pull => self.pull_wanted = true,
            Out::Nothing => return,
        }
        self.note_failed_push(self.out == Out::Push, failure);
        self.out = Out::Nothing;
        match failure {
            Failure::Refused => self.bar(Link::Refused, now, jitter),
            Failure::Outdated => self.bar(Link::Outdated, now, jitter),
            Failure::Revoked => self.barred = Some(Link::Revoked),
            // At once: the gateway is there. A second one in a row waits like any failure.
            Failure::ResyncRequired if !self.resync_starts => {
                self.resync = true;
                self.resync_starts = true;
                self.pull_wanted = true;
            }
            Failure::TooMuch if self.limit > 1 => self.limit /= 2,
            Failure::RetryAfter(millis) => {
                let least = self.backoff(jitter);
                self.pause = Some(Pause { until: now.plus(millis.min(RETRY_AFTER_LONGEST).max(least)), asked: true });
            }
            Failure::Unreachable | Failure::Local | Failure::ResyncRequired | Failure::TooMuch => {
                let millis = self.backoff(jitter);
                self.pause = Some(Pause { until: now.plus(millis), asked: false });
            }
        }
    }

    /// After some pushes in a row that came to nothing a pull goes first. When that fails too, nothing is known of them.
    fn note_failed_push(&mut self, push: bool, failure: Failure) {
        let came_to_nothing = matches!(failure, Failure::Unreachable | Failure::RetryAfter(_) | Failure::Local);
        self.failed_pushes = if push && came_to_nothing { self.failed_pushes.saturating_add(1) } else { 0 };
        self.pull_first = self.failed_pushes >= PUSH_TRIES;
        self.pull_wanted |= self.pull_first;
    }

    /// Asks seldom from now on: a person has to act, at the gateway or here.
    fn bar(&mut self, why: Link, now: Moment, jitter: u32) {
        self.barred = Some(why);
        let millis = BARRED_POLL / 2 + scaled(jitter, BARRED_POLL / 2);
        self.pause = Some(Pause { until: now.plus(millis), asked: false });
    }

    /// Doubles from [`BACKOFF_FIRST`] to [`BACKOFF_LONGEST`]; the upper half of each pause is left to chance.
    fn backoff(&mut self, jitter: u32) -> u64 {
        let full = doubled(self.failures);
        self.failures = self.failures.saturating_add(1);
        full / 2 + scaled(jitter, full / 2)
    }

    fn stream_ended(&mut self, now: Moment, jitter: u32) {
        self.listening = false;
        // Pokes may have been lost: look soon, and listen again after that.
        let pause = doubled(self.streams_lost).min(POLL_EVERY);
        self.streams_lost = self.streams_lost.saturating_add(1);
        self.listen_from = now.plus(pause / 2 + scaled(jitter, pause / 2));
        self.next_poll = self.next_poll.min(self.listen_from);
    }

    fn plan_poll(&mut self, now: Moment, jitter: u32) {
        let every = if self.listening { POLL_WHEN_LISTENING } else { POLL_EVERY };
        self.next_poll = now.plus(every - POLL_JITTER + scaled(jitter, 2 * POLL_JITTER));
    }

    fn next(&mut self, now: Moment) -> Instruction {
        if self.out != Out::Nothing {
            return Instruction::CarryOn;
        }
        if self.barred == Some(Link::Revoked) {
            return Instruction::Wait { until: None, listen: false };
        }
        if let Some(pause) = self.pause {
            if now < pause.until {
                return Instruction::Wait { until: Some(pause.until), listen: false };
            }
            self.pause = None;
        }
        if self.left_out > 0 && now >= self.left_out_until {
            (self.left_out, self.limit, self.push_wanted) = (0, 1, true);
        }
        if self.push_wanted && !self.pull_first {
            self.push_wanted = false;
            self.out = Out::Push;
            return Instruction::Push { limit: self.limit, skip: self.left_out };
        }
        if self.pull_wanted || now >= self.next_poll {
            self.pull_wanted = false;
            self.out = Out::Pull;
            return Instruction::Pull { resync: self.resync_starts };
        }
        let until = if self.left_out > 0 { self.next_poll.min(self.left_out_until) } else { self.next_poll };
        Instruction::Wait { until: Some(until), listen: self.listening || now >= self.listen_from }
    }
}

/// The first pause, doubled so many times, up to the longest.
fn doubled(times: u32) -> u64 {
    (BACKOFF_FIRST << times.min(16)).min(BACKOFF_LONGEST)
}

/// A number from 0 to `most`, both included, from any random number.
fn scaled(jitter: u32, most: u64) -> u64 {
    // most is at most minutes in milliseconds: no overflow
    u64::from(jitter) * most / u64::from(u32::MAX)
}
