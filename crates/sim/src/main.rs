//! `reception-sim`: plays stories from new seeds and says in one line what was met, or tells a single one in words.
#![allow(clippy::print_stdout, reason = "a command-line tool")]

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::Parser;
use sim::{Bug, Figures, Plan, play, shrink, tell};

#[derive(Parser)]
struct Arguments {
    /// Plays this one seed.
    #[arg(long)]
    seed: Option<u64>,
    /// Tells the story of the seed in words; a failing one is cut to what is needed.
    #[arg(long, requires = "seed")]
    tell: bool,
    /// The first of the new seeds.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// How long to play new seeds, seconds.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// The same in minutes.
    #[arg(long)]
    minutes: Option<u64>,
    /// Plays so many seeds with each planted bug and says in how many it is found.
    #[arg(long, conflicts_with = "seed")]
    planted: Option<u64>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(seeds) = arguments.planted {
        return planted(seeds);
    }
    match arguments.seed {
        Some(seed) => one(seed, arguments.tell),
        None => many(arguments.from, Duration::from_secs(arguments.minutes.map_or(arguments.seconds, |m| m * 60))),
    }
}

fn one(seed: u64, in_words: bool) -> ExitCode {
    let plan = Plan::of(seed);
    let verdict = play(&plan, None);
    let failed = verdict.violation.is_some();
    if in_words {
        println!("{}", tell(&if failed { shrink(&plan, None) } else { plan }, None));
    } else {
        match verdict.violation {
            Some(violation) => println!("seed {seed}: {}: {}", violation.property, violation.what),
            None => println!("seed {seed}: nothing broken; {}", verdict.figures),
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn planted(seeds: u64) -> ExitCode {
    for bug in Bug::ALL {
        let found: Vec<u64> =
            (1..=seeds).filter(|seed| play(&Plan::of(*seed), Some(bug)).violation.is_some()).collect();
        println!("{bug:?}: {} of {seeds} seeds, the first is {:?}", found.len(), found.first());
    }
    ExitCode::SUCCESS
}

fn many(from: u64, time: Duration) -> ExitCode {
    let began = Instant::now();
    let mut figures = Figures::default();
    let mut broken = Vec::new();
    let mut seed = from;
    while began.elapsed() < time {
        let verdict = play(&Plan::of(seed), None);
        figures.add(&verdict.figures);
        broken.extend(verdict.violation.map(|violation| (seed, violation)));
        seed += 1;
    }
    for (seed, violation) in broken.iter().take(5) {
        println!("seed {seed}: {}: {}", violation.property, violation.what);
        println!("{}", tell(&shrink(&Plan::of(*seed), None), None));
    }
    println!("seeds {} from {from}, violations {}, {figures}", seed - from, broken.len());
    if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
