//! Any payload at the door of any connector.
#![no_main]

#[path = "../../crates/connectors/tests/entry/mod.rs"]
mod entry;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entry::payload(data));
