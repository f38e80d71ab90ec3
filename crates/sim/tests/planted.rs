//! The simulation finds what it is there to find: every planted bug, within few seeds; and nothing in the right protocol.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use sim::{Bug, Plan, play, shrink, tell};

/// Seeds of the right protocol in an ordinary run of the tests.
const SEEDS: u64 = 400;
/// A planted bug must be met by then.
const ENOUGH: u64 = 400;

#[test]
fn the_right_protocol_keeps_every_promise() {
    for seed in 1..=SEEDS {
        let plan = Plan::of(seed);
        if play(&plan, None).violation.is_some() {
            panic!("{}", tell(&shrink(&plan, None), None));
        }
    }
}

#[test]
fn every_planted_bug_is_found() {
    let mut missed = Vec::new();
    for bug in Bug::ALL {
        let first = (1..=ENOUGH).find(|seed| play(&Plan::of(*seed), Some(bug)).violation.is_some());
        match first {
            Some(seed) => println!("{bug:?}: seed {seed}"),
            None => missed.push(bug),
        }
    }
    assert!(missed.is_empty(), "not found within {ENOUGH} seeds: {missed:?}");
}

#[test]
fn the_same_seed_is_the_same_story() {
    for seed in 1..=50 {
        let plan = Plan::of(seed);
        let (once, again) = (play(&plan, None), play(&plan, None));
        assert_eq!(once.figures, again.figures);
        assert_eq!(once.world.gateway.house().rows, again.world.gateway.house().rows, "seed {seed}");
    }
}

#[test]
fn a_failing_plan_becomes_short_enough_to_read() {
    let bug = Some(Bug::NoSlotCheck);
    let seed = (1..=ENOUGH).find(|seed| play(&Plan::of(*seed), bug).violation.is_some()).unwrap();
    let plan = shrink(&Plan::of(seed), bug);
    let told = tell(&plan, bug);
    let steps = told.lines().filter(|line| line.starts_with("  ")).count();
    assert!(play(&plan, bug).violation.is_some());
    assert!(steps <= 20, "{told}");
}

#[test]
fn what_once_broke_is_played_again() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/corpora/sim/seeds.txt");
    let corpus = std::fs::read_to_string(corpus).unwrap();
    let seeds = corpus.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_whitespace().next());
    let seeds: Vec<u64> = seeds.map(|seed| seed.parse().unwrap()).collect();
    assert!(!seeds.is_empty());
    for seed in seeds {
        assert_eq!(play(&Plan::of(seed), None).violation, None, "{}", tell(&Plan::of(seed), None));
    }
}
