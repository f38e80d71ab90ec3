//! What sites send, read by the connectors: recorded, made up and hostile.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod anything;
mod corpora;
mod entry;
mod mapping;
mod portal;
