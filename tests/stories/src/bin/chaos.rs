//! `reception-chaos`: real processes under a bad network, for as long as one likes; the figures in one line.
#![allow(clippy::print_stdout, reason = "a command-line tool")]

use std::{process::ExitCode, time::Duration};

use clap::Parser;
use stories::chaos::{Choice, play};

#[derive(Parser)]
struct Arguments {
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How long the faults last, seconds.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// The same in minutes.
    #[arg(long)]
    minutes: Option<u64>,
    /// The gateway works on the session's PostgreSQL.
    #[arg(long)]
    postgres: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let database = arguments.postgres.then(stories::postgres_database);
    let lasts = Duration::from_secs(arguments.minutes.map_or(arguments.seconds, |minutes| minutes * 60));
    let outcome = play(&Choice { seed: arguments.seed, lasts, database }).await;
    outcome.violations.iter().for_each(|violation| println!("{violation}"));
    println!("{}", outcome.figures);
    if outcome.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
