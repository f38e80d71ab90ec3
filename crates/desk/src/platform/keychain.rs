//! The keychain of the operating system: one entry a profile, so that all keys change together or not at all.
//!
//! Invariants:
//! - a store is opened anew for each call: an error does not stick;
//! - calls run on a plain thread of their own with our own time limit, because an unlock that nobody answers never ends;
//! - what a keychain says in its errors is dropped: it may quote the secret.

use std::{sync::Arc, thread, time::Duration};

use keyring_core::{Entry, Error};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

/// Under this service the entries stand.
pub const SERVICE: &str = "ru.smileprogress.reception";
/// A keychain that does not answer for so long waits for a person.
pub const TIME_LIMIT: Duration = Duration::from_secs(8);

/// Why the keychain gave nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeychainError {
    #[error("there is no keychain")]
    Missing,
    #[error("the keychain is locked, or did not answer in time")]
    Locked,
    #[error("the keychain's entry cannot be read")]
    Unreadable,
}

/// Where secrets are kept. Calls may block for ever: use [`within_limit`].
pub trait Keychain: Send + Sync + std::fmt::Debug {
    /// The entry; `None` when there is none.
    ///
    /// # Errors
    /// When the keychain cannot be asked.
    fn read(&self, account: &str) -> Result<Option<Zeroizing<String>>, KeychainError>;

    /// Writes the entry, over the old one if there is one.
    ///
    /// # Errors
    /// When the keychain does not take it.
    fn write(&self, account: &str, secret: &str) -> Result<(), KeychainError>;

    /// Removes the entry; one that is not there is no error.
    ///
    /// # Errors
    /// When the keychain does not do it.
    fn remove(&self, account: &str) -> Result<(), KeychainError>;
}

/// The system's keychain.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsKeychain;

impl Keychain for OsKeychain {
    fn read(&self, account: &str) -> Result<Option<Zeroizing<String>>, KeychainError> {
        match entry(account)?.get_password() {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(plain(&error)),
        }
    }

    fn write(&self, account: &str, secret: &str) -> Result<(), KeychainError> {
        entry(account)?.set_password(secret).map_err(|error| plain(&error))
    }

    fn remove(&self, account: &str) -> Result<(), KeychainError> {
        match entry(account)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(plain(&error)),
        }
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
fn entry(account: &str) -> Result<Entry, KeychainError> {
    use keyring_core::api::CredentialStoreApi;
    let store = dbus_secret_service_keyring_store::Store::new().map_err(|_| KeychainError::Missing)?;
    store.build(SERVICE, account, None).map_err(|error| plain(&error))
}

#[cfg(target_os = "windows")]
fn entry(account: &str) -> Result<Entry, KeychainError> {
    use std::collections::HashMap;

    use keyring_core::api::CredentialStoreApi;
    let store = windows_native_keyring_store::Store::new().map_err(|_| KeychainError::Missing)?;
    // the default roams with the user to other computers
    let modifiers = HashMap::from([("persistence", "Local")]);
    store.build(SERVICE, account, Some(&modifiers)).map_err(|error| plain(&error))
}

#[cfg(target_os = "macos")]
fn entry(account: &str) -> Result<Entry, KeychainError> {
    use keyring_core::api::CredentialStoreApi;
    let store = apple_native_keyring_store::keychain::Store::new().map_err(|_| KeychainError::Missing)?;
    store.build(SERVICE, account, None).map_err(|error| plain(&error))
}

fn plain(error: &Error) -> KeychainError {
    match error {
        Error::NoStorageAccess(_) => KeychainError::Locked,
        Error::BadEncoding(_) | Error::BadDataFormat(..) | Error::Ambiguous(_) => KeychainError::Unreadable,
        _ => KeychainError::Missing,
    }
}

/// Asks the keychain on a thread of its own and waits no longer than [`TIME_LIMIT`].
///
/// # Errors
/// [`KeychainError::Locked`] when the time is over; else what the keychain says.
pub async fn within_limit<T, F>(keychain: &Arc<dyn Keychain>, ask: F) -> Result<T, KeychainError>
where
    T: Send + 'static,
    F: FnOnce(&dyn Keychain) -> Result<T, KeychainError> + Send + 'static,
{
    let (answer, waiting) = oneshot::channel();
    let keychain = Arc::clone(keychain);
    let asked = thread::Builder::new().name("keychain".to_owned()).spawn(move || {
        // nobody waits any more: the time limit has passed
        let _ = answer.send(ask(&*keychain));
    });
    if asked.is_err() {
        return Err(KeychainError::Missing);
    }
    match tokio::time::timeout(TIME_LIMIT, waiting).await {
        Ok(Ok(result)) => result,
        // the thread ended without an answer
        Ok(Err(_)) => Err(KeychainError::Missing),
        Err(_) => Err(KeychainError::Locked),
    }
}
