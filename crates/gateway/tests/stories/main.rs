//! Stories of the gateway on SQLite, told through its router on a real database; the last ones kill the real program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

/// Which database the stories are told on.
const ON_POSTGRES: bool = false;

include!("all.rs");

// about the program, whatever its database
#[cfg(unix)]
mod mailbox;
mod program;
mod site_page;
mod tls;
