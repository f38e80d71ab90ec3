//! Stories of the gateway, told through its router on a real database; the last one kills the real program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod actions;
mod crash;
mod doors;
mod enrolment;
mod faults;
mod feed;
mod intake;
mod program;
mod tls;
mod world;
