//! Calls to a Bitrix24 portal.
#![no_main]

#[path = "../../crates/connectors/tests/entry/mod.rs"]
mod entry;

libfuzzer_sys::fuzz_target!(|data: &[u8]| entry::calls(data));
