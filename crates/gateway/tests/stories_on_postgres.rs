//! The same stories on PostgreSQL. `cargo xtask session -- cargo nextest run -p gateway` brings one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

/// Which database the stories are told on.
const ON_POSTGRES: bool = true;

include!("stories/all.rs");

// what only a server has
#[path = "stories/cluster.rs"]
mod cluster;
#[path = "stories/several.rs"]
mod several;
