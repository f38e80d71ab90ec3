//! Where the database is: a file, or a PostgreSQL server.
//!
//! Invariant: the server's address may hold a password, so it is never shown whole.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use sqlx::postgres::PgConnectOptions;

/// Where the gateway's database is.
#[derive(Clone)]
pub enum Database {
    /// SQLite in this file; made if it is not there. One gateway process.
    File(PathBuf),
    /// PostgreSQL, for one gateway process or several.
    Postgres(Server),
}

/// A database of a PostgreSQL server. What the address leaves out is taken from `PGPASSWORD`, `PGPASSFILE` and the like.
#[derive(Clone)]
pub struct Server(pub(crate) Box<PgConnectOptions>);

/// The text names no database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadDatabase {
    #[error("it is not the address of a database on a PostgreSQL server")]
    Server,
    #[error("it is an address, and not of a PostgreSQL server")]
    Scheme,
    #[error("it is empty")]
    Empty,
}

impl FromStr for Database {
    type Err = BadDatabase;
    fn from_str(text: &str) -> Result<Self, BadDatabase> {
        match text.split_once("://") {
            Some(("postgres" | "postgresql", _)) => {
                // the error may quote the address, password and all: it is not kept
                let options: PgConnectOptions = text.parse().map_err(|_| BadDatabase::Server)?;
                if options.get_database().is_none_or(str::is_empty) {
                    return Err(BadDatabase::Server);
                }
                Ok(Self::Postgres(Server(Box::new(options))))
            }
            Some(_) => Err(BadDatabase::Scheme),
            None if text.trim().is_empty() => Err(BadDatabase::Empty),
            None => Ok(Self::File(text.into())),
        }
    }
}

impl From<PathBuf> for Database {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl From<&Path> for Database {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

impl From<&PathBuf> for Database {
    fn from(path: &PathBuf) -> Self {
        Self::File(path.clone())
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Postgres(Server(options)) => {
                let (host, port) = (options.get_host(), options.get_port());
                write!(f, "postgres://{host}:{port}/{}", options.get_database().unwrap_or_default())
            }
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Database({self})")
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Server(…)")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_a_file_or_a_server_and_its_password_is_not_shown() {
        let database: Database = "postgres://anna:s3cret@db.example:5433/clinic?sslmode=verify-full".parse().unwrap();
        assert_eq!(database.to_string(), "postgres://db.example:5433/clinic");
        assert!(!format!("{database:?}").contains("s3cret"));
        assert!(matches!("data/gateway.db".parse(), Ok(Database::File(_))));
        for (wrong, why) in [
            ("mysql://x/y", BadDatabase::Scheme),
            ("postgres://db.example:99999/x", BadDatabase::Server),
            ("postgres://db.example", BadDatabase::Server),
            ("", BadDatabase::Empty),
        ] {
            assert_eq!(wrong.parse::<Database>().unwrap_err(), why, "{wrong}");
        }
    }
}
