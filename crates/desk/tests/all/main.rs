//! What the reception does with a desk: one program, so that the desk is linked once.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod api;
mod audit;
mod blocks;
mod cases;
mod certificates;
mod common;
mod conflicts;
mod consents;
mod gate;
mod keys;
mod losses;
mod merges;
mod paper_life;
mod papers;
mod policy;
mod promises;
mod recovery;
mod schedule;
mod settings;
mod shift;
mod sign_in;
mod team;
mod wordings;
