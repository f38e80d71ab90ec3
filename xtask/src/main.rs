//! One entry point on a laptop and in CI: `cargo xtask run | test | session | bench | sim | chaos | screens | gen | tidy`.
//!
//! Every command does its own set-up: system packages, the window's npm packages, and a private session (message
//! bus, keychain, display, print spooler, database server) where the machine has none. Nothing here is part of the product.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool")]

mod api;
mod bench;
mod postgres;
mod python;
mod run;
mod session;
mod setup;
mod shell;
mod test;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Builds, runs, tests and measures the reception desk")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Builds and starts the app on an embedded gateway with a demo clinic.
    Run {
        /// Works a short shift without a window and tells it step by step.
        #[arg(long)]
        headless: bool,
    },
    /// All tests and checks, the real window included.
    Test {
        /// Only the named steps: tidy, fmt, ui, clippy, doc, tests, api, sim, window.
        #[arg(long, value_delimiter = ',')]
        only: Vec<String>,
    },
    /// Runs one command in the private session of the tests, e.g. `session -- cargo nextest run -p gateway`.
    Session {
        #[arg(required = true, last = true)]
        command: Vec<String>,
    },
    /// Measures speed and memory as ratios against a baseline of the same run.
    Bench(bench::Choice),
    /// Plays stories of desks, a gateway and faults: `--seed N [--tell]`, `--from SEED --seconds S`, `--minutes M`.
    Sim {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Takes pictures of the screens: `screens queue person`, those whose names begin so; without a name all.
    Screens { names: Vec<String> },
    /// Serves the page of components and tokens, each in every state.
    Gallery,
    /// Kills real processes at random on a bad line and holds every word against what is there in the end:
    /// `--seed N --minutes M`, `--postgres`.
    Chaos {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Writes what is generated: the window's types, the description of the gateway's API.
    Gen,
    /// Checks the structure: dependency directions, sizes, forbidden imports.
    Tidy,
    /// Installs what the machine lacks, and nothing else.
    Setup,
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Run { headless: true } => run::headless(),
        Command::Run { headless: false } => run::window(),
        Command::Test { only } => test::all(&only),
        Command::Session { command } => run::session(&command),
        Command::Bench(choice) => bench::all(&choice),
        Command::Sim { args } => test::sim(&args),
        Command::Screens { names } => run::screens(&names),
        Command::Gallery => run::gallery(),
        Command::Chaos { args } => test::chaos(&args),
        Command::Gen => test::generate(),
        Command::Tidy => tidy::check(),
        Command::Setup => setup::everything(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\n{failure}");
            ExitCode::FAILURE
        }
    }
}
