//! The key of the database, and the value beside it that tells a wrong key from a damaged file.
//!
//! Why a value of its own: the engine answers "not a database" alike for a wrong key, a plain file, garbage and a
//! damaged first page. Invariants: the key is 256 random bits, so a hash of it says nothing about it; the file beside
//! the database holds no key; `Debug` prints none.

use std::{
    fmt,
    io::Write,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const ID_LABEL: &[u8] = b"reception desk database key id v1";
const CHECK_LABEL: &[u8] = b"reception desk database key check v1";
const FORMAT: u32 = 1;
/// A longer file is not ours.
const LONGEST_FILE: u64 = 4_096;

/// The raw 256-bit key of the database.
#[derive(Clone)]
pub struct DatabaseKey(Zeroizing<[u8; 32]>);

/// The text is not a key in 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a database key")]
pub struct NotAKey;

impl DatabaseKey {
    /// A key from 32 bytes of the system's generator.
    #[must_use]
    pub fn from_random(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A key from its 64 hexadecimal digits, as the keychain keeps it.
    ///
    /// # Errors
    /// [`NotAKey`] for any other text; the text itself is not repeated.
    pub fn from_hex(text: &str) -> Result<Self, NotAKey> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return Err(NotAKey);
        }
        let mut bytes = Zeroizing::new([0_u8; 32]);
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = (nibble(pair[0])? << 4) | nibble(pair[1])?;
        }
        Ok(Self(bytes))
    }

    /// The key as 64 hexadecimal digits.
    #[must_use]
    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex(self.0.as_slice()))
    }

    fn labelled(&self, label: &[u8]) -> String {
        let mut hash = Sha256::new();
        hash.update(label);
        hash.update(self.0.as_slice());
        hex(&hash.finalize())
    }
}

impl fmt::Debug for DatabaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseKey(…)")
    }
}

fn nibble(digit: u8) -> Result<u8, NotAKey> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        _ => Err(NotAKey),
    }
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// What the file beside the database says about a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyCheck {
    /// The database was made with this key.
    Right,
    /// It was made with another one.
    Wrong,
    /// There is no such file, or it cannot be read.
    Unknown,
}

#[derive(Serialize, Deserialize)]
struct CheckFile {
    format: u32,
    key_id: String,
    check: String,
}

impl CheckFile {
    fn of(key: &DatabaseKey) -> Self {
        let mut key_id = key.labelled(ID_LABEL);
        key_id.truncate(16);
        Self { format: FORMAT, key_id, check: key.labelled(CHECK_LABEL) }
    }

    fn read(path: &Path) -> Option<Self> {
        if std::fs::metadata(path).ok()?.len() > LONGEST_FILE {
            return None;
        }
        let file: Self = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
        (file.format == FORMAT).then_some(file)
    }
}

/// `<database>.kcv`
pub(crate) fn check_path(database: &Path) -> PathBuf {
    beside(database, ".kcv")
}

/// The path with something added to its name.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Compares a key with what is noted beside the database.
pub(crate) fn check(database: &Path, key: &DatabaseKey) -> KeyCheck {
    match CheckFile::read(&check_path(database)) {
        None => KeyCheck::Unknown,
        Some(noted) if noted.check == CheckFile::of(key).check => KeyCheck::Right,
        Some(_) => KeyCheck::Wrong,
    }
}

/// Notes the key's check value beside the database. A note about another key is kept under that key's id.
pub(crate) fn note(database: &Path, key: &DatabaseKey) -> std::io::Result<()> {
    let path = check_path(database);
    let own = CheckFile::of(key);
    match CheckFile::read(&path) {
        Some(noted) if noted.check == own.check => return Ok(()),
        Some(other) if other.key_id.bytes().all(|b| b.is_ascii_hexdigit()) => {
            std::fs::rename(&path, beside(&path, &format!(".{}", other.key_id)))?;
        }
        _ => {}
    }
    let text = serde_json::to_vec(&own)?;
    let fresh = beside(&path, ".new");
    let mut file = private_file(&fresh)?;
    file.write_all(&text)?;
    file.sync_all()?;
    std::fs::rename(&fresh, &path)
}

#[cfg(unix)]
fn private_file(path: &Path) -> std::io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn private_file(path: &Path) -> std::io::Result<std::fs::File> {
    std::fs::OpenOptions::new().write(true).create(true).truncate(true).open(path)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_hex_and_does_not_show() {
        let key = DatabaseKey::from_random([0xA7; 32]);
        let text = key.to_hex();
        assert_eq!(DatabaseKey::from_hex(&text).unwrap().to_hex(), text);
        assert_eq!(DatabaseKey::from_hex(&text.to_uppercase()).unwrap().to_hex(), text);
        assert!(!format!("{key:?}").contains("a7"));
        assert!(DatabaseKey::from_hex(&text[1..]).is_err());
        assert!(DatabaseKey::from_hex(&"й".repeat(32)).is_err());
    }
}
