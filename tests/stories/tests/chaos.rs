//! A short bad day for real processes; `cargo xtask chaos --minutes N` plays a long one.
#![allow(clippy::print_stdout, reason = "tests")]

use std::time::Duration;

use stories::chaos::{Choice, play};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_are_killed_on_a_bad_line_and_every_word_is_kept() {
    let outcome = play(&Choice { seed: 1, lasts: Duration::from_secs(12), database: None }).await;
    println!("{}", outcome.figures);
    assert!(outcome.violations.is_empty(), "{}\n{:#?}", outcome.figures, outcome.violations);
}
