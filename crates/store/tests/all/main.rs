//! What is kept of a desk's data, and what is left of it after a crash, damage or theft.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod actions;
mod audit;
mod common;
mod crash;
mod damage;
mod feed;
mod newer;
mod opening;
mod search;
mod secrecy;
