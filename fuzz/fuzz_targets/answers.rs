//! Answers of the APIs that are polled.
#![no_main]

#[path = "../../crates/connectors/tests/entry/mod.rs"]
mod entry;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entry::answers(data));
