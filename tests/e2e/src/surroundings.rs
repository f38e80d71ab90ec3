//! What must be there before a story begins: a display, a WebDriver, a keychain daemon that answers.

use std::sync::Arc;

use desk::platform::keychain::{Keychain, OsKeychain, within_limit};

const HOW: &str = "Run the stories by `cargo xtask test --only window`, which makes a private session for them.";

/// Fails with words when something is missing.
pub(crate) async fn check() {
    assert!(std::env::var_os("DISPLAY").is_some(), "There is no display. {HOW}");
    assert!(std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some(), "There is no session bus. {HOW}");
    let keychain: Arc<dyn Keychain> = Arc::new(OsKeychain);
    let mark = format!("{:?}", std::time::SystemTime::now());
    let wanted = mark.clone();
    let answer = within_limit(&keychain, move |keychain| {
        keychain.write("e2e-round-trip", &wanted)?;
        keychain.read("e2e-round-trip")
    })
    .await;
    let kept = answer.unwrap_or_else(|error| panic!("The keychain daemon does not answer: {error}. {HOW}"));
    assert_eq!(kept.map(|text| text.to_string()), Some(mark), "The keychain does not keep what it is given. {HOW}");
}
