//! Copies of the database under a key of their own, made while the desk works, and proved before they are called copies.
//!
//! Invariants: a copy is one moment of the database; it is never in plain form; what is being written is not yet under
//! its name; a copy of which a single page does not open is an error.

use std::path::Path;

use sqlx::{ConnectOptions, Connection, SqliteConnection};
use zeroize::Zeroizing;

use crate::{
    Store,
    error::{OpenError, opening},
    key::{self, DatabaseKey, KeyCheck, beside},
    open::{keyed, private_file},
};

/// A copy that was made and read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    pub bytes: u64,
    /// Actions in it that the gateway does not have, the refused ones too.
    pub unsent: u32,
}

impl Store {
    /// Copies the open database into a new file under its own key, and proves it.
    ///
    /// # Errors
    /// [`OpenError::Exists`] when there is a file of that name; [`OpenError::Damaged`] when this database or the copy
    /// does not read; the file is under its name only after neither did.
    pub async fn copy_to(&self, path: &Path, key: &DatabaseKey) -> Result<Copied, OpenError> {
        let (own, own_key) = self.place();
        copy(own, own_key, path, key).await
    }
}

/// Copies a database that need not be open.
///
/// # Errors
/// As [`Store::copy_to`]; [`OpenError::NotRecognised`] for a wrong key of the first one.
pub async fn copy(from: &Path, from_key: &DatabaseKey, to: &Path, to_key: &DatabaseKey) -> Result<Copied, OpenError> {
    if to.try_exists()? {
        return Err(OpenError::Exists);
    }
    if !from.try_exists()? {
        return Err(OpenError::Missing);
    }
    let fresh = beside(to, ".new");
    crate::open::remove_leftovers(&fresh)?;
    // with its mode from the beginning: the engine keeps what is there
    std::fs::File::create_new(&fresh)?;
    private_file(&fresh)?;
    let exported = export(from, from_key, &fresh, to_key).await;
    let verified = match exported {
        Ok(()) => verify(&fresh, to_key).await,
        Err(error) => Err(error),
    };
    if verified.is_err() {
        crate::open::remove_leftovers(&fresh)?;
    }
    let copied = verified?;
    std::fs::File::open(&fresh)?.sync_all()?;
    std::fs::rename(&fresh, to)?;
    Ok(copied)
}

async fn export(from: &Path, from_key: &DatabaseKey, to: &Path, to_key: &DatabaseKey) -> Result<(), OpenError> {
    // the attached file is opened as the first one is, so this one may write; it does not
    let key_is_right = key::check(from, from_key) == KeyCheck::Right;
    let mut connection = keyed(from, from_key)
        .pragma("trusted_schema", "OFF")
        .pragma("temp_store", "MEMORY")
        .connect()
        .await
        .map_err(|e| opening(e, key_is_right))?;
    let looked = sqlx::query("SELECT count(*) FROM sqlite_schema").execute(&mut connection).await;
    let exported = match looked {
        Ok(_) => export_on(&mut connection, to, to_key).await,
        Err(error) => Err(opening(error, key_is_right)),
    };
    let closed = connection.close().await;
    exported.and_then(|()| closed.map_err(|e| opening(e, true)))
}

async fn export_on(connection: &mut SqliteConnection, to: &Path, to_key: &DatabaseKey) -> Result<(), OpenError> {
    let damaged = |e| opening(e, true);
    let literal = Zeroizing::new(format!("x'{}'", to_key.to_hex().as_str()));
    sqlx::query("ATTACH DATABASE ?1 AS made KEY ?2")
        .bind(to.to_str().ok_or(OpenError::Missing)?)
        .bind(literal.as_str())
        .execute(&mut *connection)
        .await
        .map_err(damaged)?;
    // one transaction: one moment
    let mut tx = connection.begin().await.map_err(damaged)?;
    sqlx::query("SELECT sqlcipher_export('made')").execute(&mut *tx).await.map_err(damaged)?;
    tx.commit().await.map_err(damaged)?;
    sqlx::query("DETACH DATABASE made").execute(&mut *connection).await.map_err(damaged)?;
    Ok(())
}

/// Reads a database to its last page without changing it.
///
/// # Errors
/// [`OpenError::Damaged`] when a page or a record does not read.
pub async fn verify(path: &Path, key: &DatabaseKey) -> Result<Copied, OpenError> {
    let bytes = std::fs::metadata(path)?.len();
    let mut connection = keyed(path, key).read_only(true).connect().await.map_err(|e| opening(e, false))?;
    let verified = verify_on(&mut connection).await;
    let closed = connection.close().await;
    let unsent = verified?;
    closed.map_err(|e| opening(e, true))?;
    Ok(Copied { bytes, unsent })
}

async fn verify_on(connection: &mut SqliteConnection) -> Result<u32, OpenError> {
    let count = sqlx::query_scalar("SELECT count(*) FROM outbox WHERE state <> 'applied'");
    let unsent: u32 = count.fetch_one(&mut *connection).await.map_err(|e| opening(e, false))?;
    let damaged = |e| opening(e, true);
    let torn: Vec<String> =
        sqlx::query_scalar("PRAGMA cipher_integrity_check").fetch_all(&mut *connection).await.map_err(damaged)?;
    let found: String =
        sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&mut *connection).await.map_err(damaged)?;
    if torn.is_empty() && found == "ok" { Ok(unsent) } else { Err(OpenError::Damaged) }
}
