//! What can go wrong, and the one place where codes of the engine become meaning.
//!
//! Invariants: no error text repeats a value that was stored or bound; opening destroys nothing, whatever it answers.

use domain::Refusal;

/// Why a database was not opened or created. Nothing on disk was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("there is no database")]
    Missing,
    #[error("there is a database already")]
    Exists,
    #[error("the file is a database without encryption")]
    PlainDatabase,
    #[error("the database was made with another key")]
    WrongKey,
    #[error("the key is wrong, or the file is not a database: nothing beside it tells which")]
    NotRecognised,
    #[error("the file is empty or shorter than one page")]
    Truncated,
    #[error("the database is of schema {found}, this version knows {known}")]
    NewerSchema { found: i64, known: i64 },
    #[error("the database is damaged")]
    Damaged,
    #[error("the database is in use")]
    Busy,
    #[error("the disk is full")]
    DiskFull,
    #[error("files: {0}")]
    Io(#[from] std::io::Error),
    #[error("database: {0}")]
    Sql(#[source] sqlx::Error),
    #[error("migrations: {0}")]
    Migration(#[source] sqlx::migrate::MigrateError),
}

/// Why a read or a write did not happen. A write that failed left nothing behind.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The rule refused; for an action that is an answer, not a fault.
    #[error("refused: {0}")]
    Refused(#[from] Refusal),
    /// A stored record does not have the form that this version writes.
    #[error("a stored record cannot be read: {0}")]
    Corrupt(&'static str),
    #[error("the database is damaged")]
    Damaged,
    #[error("the database is in use")]
    Busy,
    #[error("the disk is full")]
    DiskFull,
    /// No unsettled action has this id, or its state does not allow it.
    #[error("no such action, or it cannot be changed now")]
    NoSuchAction,
    /// The note of the action is sealed under its id: it has to be sealed anew.
    #[error("the action's sealed part belongs to its old id")]
    NeedsSealing,
    /// The desk is already settled at another gateway.
    #[error("the desk is already settled")]
    AlreadySettled,
    #[error("a number is out of range")]
    OutOfRange,
    #[error("database: {0}")]
    Sql(#[source] sqlx::Error),
}

/// What the engine's code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    NotADatabase,
    Damaged,
    Busy,
    DiskFull,
    Other,
}

fn meaning(error: &sqlx::Error) -> Meaning {
    let sqlx::Error::Database(database) = error else {
        return Meaning::Other;
    };
    let code = database.code().and_then(|code| code.parse::<i32>().ok()).unwrap_or(0);
    // the primary code is the low byte of an extended one
    match code & 0xff {
        26 => Meaning::NotADatabase,
        11 => Meaning::Damaged,
        5 | 6 => Meaning::Busy,
        13 => Meaning::DiskFull,
        // what the cipher says after a page failed its HMAC; the last one of a page met while copying
        1 | 7
            if matches!(
                database.message(),
                "SQL logic error" | "out of memory" | "database disk image is malformed"
            ) =>
        {
            Meaning::Damaged
        }
        _ => Meaning::Other,
    }
}

/// An error of the engine while opening; `key_is_right` when the value beside the database says so.
pub(crate) fn opening(error: sqlx::Error, key_is_right: bool) -> OpenError {
    match meaning(&error) {
        Meaning::NotADatabase if key_is_right => OpenError::Damaged,
        Meaning::NotADatabase => OpenError::NotRecognised,
        Meaning::Damaged => OpenError::Damaged,
        Meaning::Busy => OpenError::Busy,
        Meaning::DiskFull => OpenError::DiskFull,
        Meaning::Other => OpenError::Sql(error),
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match meaning(&error) {
            Meaning::NotADatabase | Meaning::Damaged => Self::Damaged,
            Meaning::Busy => Self::Busy,
            Meaning::DiskFull => Self::DiskFull,
            Meaning::Other => Self::Sql(error),
        }
    }
}

/// A number that SQLite can hold.
pub(crate) fn integer(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::OutOfRange)
}

/// A number that SQLite held.
pub(crate) fn natural(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| StoreError::OutOfRange)
}
