//! `reception-gateway`: the gateway as a program. The work is in the library; here are its arguments, its settings and its
//! end.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line speaks to its user")]

mod cli;

use std::process::ExitCode;

use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    cli::run(cli::Line::parse()).await
}
