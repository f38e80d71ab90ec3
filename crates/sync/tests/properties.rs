//! What the engine promises, against a host that does anything at any time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::{prelude::*, test_runner::FileFailurePersistence};
use sync::{
    BACKOFF_FIRST, BACKOFF_LONGEST, BARRED_POLL, BOOT_SPREAD, Engine, Event, Failure, Instruction, LEFT_OUT_FOR, Link,
    MOST_LEFT_OUT, Moment, POLL_JITTER, POLL_WHEN_LISTENING, PUSH_LIMIT, PUSH_TRIES, RETRY_AFTER_LONGEST, leave_out,
};

fn failure() -> impl Strategy<Value = Failure> {
    prop_oneof![
        4 => Just(Failure::Unreachable),
        1 => (0..3_600_000u64).prop_map(Failure::RetryAfter),
        1 => Just(Failure::ResyncRequired),
        1 => Just(Failure::TooMuch),
        1 => Just(Failure::Local),
        1 => Just(Failure::Refused),
        1 => Just(Failure::Outdated),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        2 => Just(Event::Queued),
        2 => Just(Event::Poked),
        1 => Just(Event::Asked),
        2 => Just(Event::Woke),
        3 => any::<bool>().prop_map(|more| Event::Pushed { more }),
        2 => Just(Event::NothingToPush),
        3 => any::<bool>().prop_map(|has_more| Event::Pulled { has_more }),
        3 => failure().prop_map(Event::Failed),
        1 => Just(Event::Listening),
        1 => Just(Event::StreamEnded),
    ]
}

/// What the host knows to be out, by the instructions it got and the events it gave.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Out {
    Nothing,
    Push,
    Pull,
}

fn ends(out: Out, event: Event) -> bool {
    match event {
        Event::Pushed { .. } | Event::NothingToPush => out == Out::Push,
        Event::Pulled { .. } => out == Out::Pull,
        Event::Failed(_) => out != Out::Nothing,
        _ => false,
    }
}

/// The gateway and this desk's outbox, as far as the engine can tell them.
struct World {
    outbox: usize,
    pages: usize,
    now: Moment,
}

impl World {
    /// Carries an instruction out without a fault; the next event.
    fn carry_out(&mut self, instruction: Instruction) -> Event {
        match instruction {
            Instruction::Push { skip, .. } if self.outbox <= skip => Event::NothingToPush,
            Instruction::Push { limit, skip } => {
                self.pages += 1;
                self.outbox -= (self.outbox - skip).min(limit);
                Event::Pushed { more: self.outbox > skip }
            }
            Instruction::Pull { .. } => {
                self.pages -= self.pages.min(1);
                Event::Pulled { has_more: self.pages > 0 }
            }
            Instruction::Wait { until: Some(until), .. } => {
                self.now = self.now.max(until);
                Event::Woke
            }
            Instruction::Wait { until: None, .. } => Event::Asked,
            Instruction::CarryOn => panic!("nothing is out"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    })]

    #[test]
    fn never_two_in_flight(events in prop::collection::vec((event(), 0..90_000u64, any::<u32>()), 1..200)) {
        let mut engine = Engine::default();
        let mut now = Moment(0);
        let mut out = Out::Nothing;
        for (event, later, jitter) in std::iter::once((Event::Started, 0, 0)).chain(events) {
            now = now.plus(later);
            if ends(out, event) {
                out = Out::Nothing;
            }
            match engine.step(event, now, jitter) {
                Instruction::Push { limit, skip } => {
                    prop_assert_eq!(out, Out::Nothing);
                    prop_assert!((1..=PUSH_LIMIT).contains(&limit));
                    prop_assert!(skip <= MOST_LEFT_OUT);
                    out = Out::Push;
                }
                Instruction::Pull { .. } => {
                    prop_assert_eq!(out, Out::Nothing);
                    out = Out::Pull;
                }
                Instruction::CarryOn => prop_assert_ne!(out, Out::Nothing),
                Instruction::Wait { .. } => prop_assert_eq!(out, Out::Nothing),
            }
        }
    }

    #[test]
    fn every_wait_is_bounded(events in prop::collection::vec((event(), 0..90_000u64, any::<u32>()), 1..200)) {
        let mut engine = Engine::default();
        let mut now = Moment(0);
        let mut asked_by_gateway = false;
        for (event, later, jitter) in std::iter::once((Event::Started, 0, 0)).chain(events) {
            now = now.plus(later);
            asked_by_gateway |= matches!(event, Event::Failed(Failure::RetryAfter(_)));
            if let Instruction::Wait { until, .. } = engine.step(event, now, jitter) {
                let longest = match engine.link() {
                    // what the gateway asked for before it barred the desk still counts
                    Link::Offline | Link::Refused | Link::Outdated if asked_by_gateway => RETRY_AFTER_LONGEST,
                    Link::Offline => BACKOFF_LONGEST,
                    Link::Refused | Link::Outdated => BARRED_POLL,
                    _ => POLL_WHEN_LISTENING + POLL_JITTER,
                };
                prop_assert!(until.is_some_and(|u| u > now && u <= now.plus(longest)), "{until:?} at {now:?}");
            }
        }
    }

    #[test]
    fn once_faults_stop_everything_gets_through(
        events in prop::collection::vec((event(), 0..90_000u64, any::<u32>()), 0..100),
        outbox in 0..1_000usize,
        pages in 0..50usize,
        jitter in any::<u32>(),
    ) {
        let mut engine = Engine::default();
        let mut world = World { outbox, pages, now: Moment(0) };
        let mut instruction = engine.step(Event::Started, world.now, jitter);
        for (event, later, jitter) in events {
            world.now = world.now.plus(later);
            instruction = engine.step(event, world.now, jitter);
        }
        // From here on nothing fails. What was out when faults stopped ends without an answer.
        if instruction == Instruction::CarryOn {
            instruction = engine.step(Event::Failed(Failure::Unreachable), world.now, jitter);
        }
        for news in [Event::Queued, Event::Poked] {
            instruction = match engine.step(news, world.now, jitter) {
                Instruction::CarryOn => instruction,
                next => next,
            };
        }
        let mut event = world.carry_out(instruction);
        for steps in 0.. {
            instruction = engine.step(event, world.now, jitter);
            if engine.is_at_rest() {
                break;
            }
            // smallest pushes double up to the limit, again for what was left out; one pause; each page one step; a few polls
            prop_assert!(steps < 20 + outbox / PUSH_LIMIT + 2 * (pages + 10), "no rest: {engine:?}");
            event = world.carry_out(instruction);
        }
        prop_assert_eq!((world.outbox, world.pages), (0, 0));
        prop_assert_eq!(engine.link(), Link::Online);
    }

    #[test]
    fn pauses_double_and_stay_bounded(failures in 1..40u32, jitter in any::<u32>()) {
        let mut engine = Engine::default();
        let mut now = Moment(0);
        engine.step(Event::Started, now, jitter);
        for n in 0..failures {
            let full = (BACKOFF_FIRST << n.min(16)).min(BACKOFF_LONGEST);
            let Instruction::Wait { until: Some(until), listen: false } =
                engine.step(Event::Failed(Failure::Unreachable), now, jitter) else { panic!("no pause") };
            prop_assert!(until >= now.plus(full / 2) && until <= now.plus(full));
            let early = matches!(engine.step(Event::Woke, Moment(until.0 - 1), jitter), Instruction::Wait { .. });
            prop_assert!(early);
            now = until;
            let again = engine.step(Event::Woke, now, jitter);
            // every fourth is a pull, which says whether it is the link
            let pulls_next = (n + 1) % (PUSH_TRIES + 1) == PUSH_TRIES;
            prop_assert_eq!(matches!(again, Instruction::Pull { .. }), pulls_next, "{:?}", again);
            prop_assert_eq!(matches!(again, Instruction::Push { .. }), !pulls_next, "the unknown goes out again first");
        }
    }
}

const T: Moment = Moment(1_000_000);

fn synced() -> Engine {
    let mut engine = Engine::default();
    assert_eq!(engine.step(Event::Started, T, 0), Instruction::Push { limit: PUSH_LIMIT, skip: 0 });
    assert_eq!(engine.step(Event::Pushed { more: false }, T, 0), Instruction::Pull { resync: false });
    assert!(matches!(engine.step(Event::Pulled { has_more: false }, T, 0), Instruction::Wait { listen: true, .. }));
    engine
}

#[test]
fn what_staff_did_goes_out_before_the_next_page() {
    let mut engine = Engine::default();
    engine.step(Event::Started, T, 0);
    engine.step(Event::Pushed { more: false }, T, 0);
    assert_eq!(engine.step(Event::Queued, T, 0), Instruction::CarryOn);
    assert_eq!(engine.step(Event::Pulled { has_more: true }, T, 0), Instruction::Push { limit: PUSH_LIMIT, skip: 0 });
    assert_eq!(engine.step(Event::Pushed { more: false }, T, 0), Instruction::Pull { resync: false });
}

#[test]
fn a_poke_pulls_at_once() {
    let mut engine = synced();
    let looks = engine.step(Event::Listening, T, 0);
    assert_eq!(looks, Instruction::Pull { resync: false }, "nobody heard what was poked before the stream was open");
    engine.step(Event::Pulled { has_more: false }, T, 0);
    assert_eq!(engine.step(Event::Poked, T.plus(5), 0), Instruction::Pull { resync: false });
    // one more while the page is on its way: the page may be older than it
    assert_eq!(engine.step(Event::Poked, T.plus(6), 0), Instruction::CarryOn);
    assert_eq!(engine.step(Event::Pulled { has_more: false }, T.plus(7), 0), Instruction::Pull { resync: false });
}

#[test]
fn a_desk_that_is_not_let_in_asks_seldom_and_says_why_until_it_is() {
    for (failure, link) in [(Failure::Refused, Link::Refused), (Failure::Outdated, Link::Outdated)] {
        let mut engine = synced();
        engine.step(Event::Queued, T, 0);
        let waits = Instruction::Wait { until: Some(T.plus(BARRED_POLL)), listen: false };
        assert_eq!(engine.step(Event::Failed(failure), T, u32::MAX), waits);
        for event in [Event::Queued, Event::Poked, Event::Woke, Event::StreamEnded] {
            assert_eq!(engine.step(event, T.plus(BARRED_POLL - 1), u32::MAX), waits);
            assert_eq!(engine.link(), link);
        }
        assert!(matches!(engine.step(Event::Woke, T.plus(BARRED_POLL), 0), Instruction::Push { .. }));
        assert_eq!(engine.link(), link, "nobody has answered yet");
        engine.step(Event::Failed(failure), T, u32::MAX);
        assert!(matches!(engine.step(Event::Asked, T, 0), Instruction::Push { .. }), "a person need not wait");
        // the outbox is empty by now: only a pull can find out
        assert!(matches!(engine.step(Event::NothingToPush, T, 0), Instruction::Pull { .. }));
        engine.step(Event::Pulled { has_more: false }, T, 0);
        assert_eq!(engine.link(), Link::Online);
    }
}

#[test]
fn a_desk_whose_access_was_taken_away_stops_until_a_person_asks() {
    let mut engine = synced();
    engine.step(Event::Queued, T, 0);
    let stop = Instruction::Wait { until: None, listen: false };
    assert_eq!(engine.step(Event::Failed(Failure::Revoked), T, 0), stop);
    assert_eq!(engine.link(), Link::Revoked);
    for event in [Event::Queued, Event::Poked, Event::Woke, Event::StreamEnded] {
        assert_eq!(engine.step(event, T.plus(86_400_000), 0), stop);
    }
    assert!(matches!(engine.step(Event::Asked, T, 0), Instruction::Push { .. }));
}

#[test]
fn desks_that_start_together_come_one_after_another_but_a_person_does_not_wait() {
    for jitter in [0, u32::MAX / 3, u32::MAX] {
        let mut engine = Engine::default();
        let spread = u64::from(jitter) * BOOT_SPREAD / u64::from(u32::MAX);
        let first = engine.step(Event::Booted, T, jitter);
        if spread == 0 {
            assert!(matches!(first, Instruction::Push { .. }));
            continue;
        }
        assert_eq!(first, Instruction::Wait { until: Some(T.plus(spread)), listen: false });
        assert_eq!(engine.link(), Link::Unknown, "nothing has failed");
        let mut asked = engine.clone();
        assert!(matches!(asked.step(Event::Asked, T.plus(1), jitter), Instruction::Push { .. }));
        assert!(matches!(engine.step(Event::Woke, T.plus(spread), jitter), Instruction::Push { .. }));
    }
}

#[test]
fn another_epoch_starts_from_the_beginning_at_once() {
    let mut engine = synced();
    engine.step(Event::Poked, T, 0);
    assert_eq!(engine.step(Event::Failed(Failure::ResyncRequired), T, 0), Instruction::Pull { resync: true });
    assert_eq!(engine.step(Event::Pulled { has_more: true }, T, 0), Instruction::Pull { resync: false });
    assert!(matches!(engine.step(Event::Pulled { has_more: false }, T, 0), Instruction::Wait { .. }));
    // a gateway that always says so is not asked in a tight loop
    engine.step(Event::Poked, T, 0);
    engine.step(Event::Failed(Failure::ResyncRequired), T, 0);
    assert!(matches!(engine.step(Event::Failed(Failure::ResyncRequired), T, 0), Instruction::Wait { .. }));
}

#[test]
fn nobody_cuts_short_a_pause_that_the_gateway_asked_for() {
    let mut engine = synced();
    engine.step(Event::Poked, T, 0);
    engine.step(Event::Failed(Failure::RetryAfter(30_000)), T, 0);
    let waits = Instruction::Wait { until: Some(T.plus(30_000)), listen: false };
    assert_eq!(engine.step(Event::Asked, T.plus(1), 0), waits);

    let mut engine = synced();
    engine.step(Event::Poked, T, 0);
    engine.step(Event::Failed(Failure::Unreachable), T, 0);
    assert!(matches!(engine.step(Event::Asked, T.plus(1), 0), Instruction::Push { .. }));
}

#[test]
fn an_empty_outbox_is_no_answer_of_the_gateway() {
    let mut engine = Engine::default();
    engine.step(Event::Started, T, 0);
    assert_eq!(engine.step(Event::NothingToPush, T, 0), Instruction::Pull { resync: false });
    let mut pauses = Vec::new();
    let mut now = T;
    for _ in 0..4 {
        let Instruction::Wait { until: Some(until), .. } =
            engine.step(Event::Failed(Failure::Unreachable), now, u32::MAX)
        else {
            panic!("no pause")
        };
        assert_eq!(engine.link(), Link::Offline);
        pauses.push(until.0 - now.0);
        now = until;
        engine.step(Event::Queued, now, 0);
        engine.step(Event::NothingToPush, now, 0);
        assert_eq!(engine.link(), Link::Offline);
    }
    assert_eq!(pauses, [1_000, 2_000, 4_000, 8_000]);
}

#[test]
fn a_push_that_is_too_much_is_halved_down_to_one() {
    let mut engine = Engine::default();
    engine.step(Event::Started, T, 0);
    let mut limits = Vec::new();
    while let Instruction::Push { limit, .. } = engine.step(Event::Failed(Failure::TooMuch), T, 0) {
        limits.push(limit);
    }
    assert_eq!(limits, [50, 25, 12, 6, 3, 1]);
}

#[test]
fn without_a_stream_it_polls_and_does_not_hammer_the_stream() {
    let mut engine = synced();
    let mut now = T;
    let mut pulls = 0;
    while now < T.plus(600_000) {
        let instruction = match engine.step(Event::StreamEnded, now, u32::MAX) {
            Instruction::Wait { until: Some(until), listen } => {
                assert!(!listen, "a stream that just ended is not opened at once");
                now = until;
                engine.step(Event::Woke, now, u32::MAX)
            }
            other => other,
        };
        assert_eq!(instruction, Instruction::Pull { resync: false });
        pulls += 1;
        let after = engine.step(Event::Pulled { has_more: false }, now, u32::MAX);
        assert!(matches!(after, Instruction::Wait { listen: true, .. }));
    }
    assert!((10..=20).contains(&pulls), "{pulls} pulls in ten minutes");
}

/// The outage is over, and what waited was taken back meanwhile: the pill must not say «нет связи» until the next poll.
#[test]
fn after_an_outage_an_empty_outbox_asks_the_gateway_at_once() {
    let mut engine = Engine::default();
    let mut now = Moment(0);
    for event in [Event::Started, Event::NothingToPush, Event::Pulled { has_more: false }, Event::Queued] {
        engine.step(event, now, 0);
    }
    engine.step(Event::Failed(Failure::Unreachable), now, 0);
    now = now.plus(BACKOFF_LONGEST);
    engine.step(Event::Woke, now, 0);
    let next = engine.step(Event::NothingToPush, now, 0);
    assert!(matches!(next, Instruction::Pull { .. }), "{next:?}");
}

/// A gateway to which pulls get through, and pushes only without the actions that break them.
struct Breaking {
    engine: Engine,
    now: Moment,
    outbox: Vec<u32>,
    breaks: fn(u32) -> bool,
    failed: usize,
    pulls: usize,
}

impl Breaking {
    fn holding(actions: u32, breaks: fn(u32) -> bool) -> Self {
        let engine = Engine::default();
        Self { engine, now: T, outbox: (0..actions).collect(), breaks, failed: 0, pulls: 0 }
    }

    fn runs_for(&mut self, millis: u64) {
        let end = self.now.plus(millis);
        let mut event = Event::Queued;
        while self.now < end {
            event = match self.engine.step(event, self.now, u32::MAX) {
                Instruction::Push { limit, skip } => {
                    let sent = leave_out(self.outbox.clone(), skip, limit, |action| vec![*action]);
                    if sent.is_empty() {
                        Event::NothingToPush
                    } else if sent.iter().any(|action| (self.breaks)(*action)) {
                        self.failed += 1;
                        Event::Failed(Failure::Unreachable)
                    } else {
                        self.outbox.retain(|action| !sent.contains(action));
                        Event::Pushed { more: sent.len() == limit }
                    }
                }
                Instruction::Pull { .. } => {
                    self.pulls += 1;
                    Event::Pulled { has_more: false }
                }
                Instruction::Wait { until, .. } => {
                    self.now = until.unwrap();
                    Event::Woke
                }
                Instruction::CarryOn => panic!("nothing is out"),
            };
        }
    }
}

#[test]
fn an_action_that_breaks_its_push_is_found_and_keeps_nobody_from_pulling_and_no_other_from_going_out() {
    let mut gateway = Breaking::holding(250, |action| action == 17 || action == 130);
    gateway.runs_for(90_000);
    assert_eq!(gateway.outbox, [17, 130]);
    assert!(gateway.pulls > 10, "{} pulls", gateway.pulls);
    let failed = gateway.failed;
    // by and by they are tried again, and what comes meanwhile does not wait for them
    gateway.outbox.extend(1_000..1_010);
    gateway.runs_for(30_000);
    assert_eq!(gateway.outbox, [17, 130]);
    gateway.runs_for(10 * LEFT_OUT_FOR);
    assert!(gateway.failed > failed && gateway.failed < failed + 100, "{} failed", gateway.failed - failed);
    gateway.breaks = |_| false;
    gateway.runs_for(LEFT_OUT_FOR);
    assert!(gateway.outbox.is_empty() && gateway.engine.is_at_rest(), "{:?}", gateway.engine);
}

#[test]
fn a_gateway_that_takes_no_push_at_all_is_pulled_from_and_not_hammered() {
    let mut gateway = Breaking::holding(40, |_| true);
    gateway.runs_for(60 * 60_000);
    assert_eq!(gateway.outbox.len(), 40);
    assert!(gateway.pulls >= 60, "{} pulls in an hour", gateway.pulls);
    assert!(gateway.failed < 60 * 12, "{} pushes in an hour", gateway.failed);
    assert_eq!(gateway.engine.link(), Link::Online);
}

#[test]
fn what_is_built_on_an_action_that_is_left_out_stays_behind_with_it() {
    let touches = |action: &(u8, &'static [char])| action.1.to_vec();
    let all: Vec<(u8, &'static [char])> = vec![(1, &['a']), (2, &['b']), (3, &['a', 'c']), (4, &['c']), (5, &['d'])];
    let numbers = |skip, limit| {
        leave_out(all.clone(), skip, limit, touches).into_iter().map(|action| action.0).collect::<Vec<_>>()
    };
    assert_eq!(numbers(0, 9), [1, 2, 3, 4, 5]);
    assert_eq!(numbers(1, 9), [2, 5]);
    assert_eq!(numbers(1, 1), [2]);
    assert_eq!(numbers(2, 9), [5], "what is built on another is not counted");
    assert!(numbers(3, 9).is_empty());
}
