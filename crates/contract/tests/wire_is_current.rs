//! The generated TypeScript in the tree is the one that the Rust types give.
#![allow(clippy::expect_used, reason = "a test")]

#[test]
fn the_window_and_the_shell_speak_the_same_language() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/src/wire/wire.ts");
    let written = std::fs::read_to_string(path).expect("ui/src/wire/wire.ts");
    assert!(written == contract::typescript::wire_ts(), "ui/src/wire/wire.ts is stale: run `cargo xtask gen`");
}
