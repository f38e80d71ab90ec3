//! The settings of the program: flag over environment over file over default.
//!
//! Invariants:
//! - every key stands once, in [`KEYS`]; a name that does not, in the file or after `RECEPTION_GATEWAY_`, is an error;
//! - a wrong value says which key, where it stands, what is wrong and how a right one looks; all of them at once;
//! - a secret's value is in no error and in nothing that is shown.

mod gather;
mod keys;
mod parse;

use std::{
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use ipnet::IpNet;

pub use gather::{Flags, Surroundings};
pub use keys::{KEYS, Key};

use crate::{Database, Rate, Version};

/// Read when `--config` names no other and it is there.
pub const DEFAULT_FILE: &str = "/etc/reception-gateway.toml";
/// Before the name of every key in the environment.
pub const PREFIX: &str = "RECEPTION_GATEWAY_";

/// The settings in effect.
#[derive(Debug, Clone)]
pub struct Settings {
    /// A file's path, or the address of a PostgreSQL.
    pub database: Database,
    /// Where erasures are noted, if not beside the database's file.
    pub suppression_journal: Option<PathBuf>,
    /// Where sites and desks are served.
    pub listen: SocketAddr,
    /// `https://gateway.clinic.example`, without a slash at the end.
    pub public_url: Option<String>,
    /// Who may say in `X-Forwarded-For` for whom it asks.
    pub trusted_proxies: Vec<IpNet>,
    /// TLS by the gateway itself.
    pub tls: Option<TlsFiles>,
    /// Where metrics and probes are served; `None`: nowhere.
    pub operations: Option<SocketAddr>,
    /// Connections at once.
    pub connections: usize,
    /// For the head of a request, and for an idle connection.
    pub header_time: Duration,
    /// For what is under way when the gateway is asked to stop.
    pub stop_time: Duration,
    /// Requests of one desk, after a first burst.
    pub desk_rate: Rate,
    /// Older desks are turned away.
    pub min_desk_version: Option<Version>,
    /// What is logged: `info`, or directives such as `info,sqlx=warn`.
    pub log: String,
    shown: Vec<Shown>,
}

/// PEM files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, and after it those between it and the root.
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// A key with its value in effect and where that came from.
#[derive(Debug, Clone)]
struct Shown {
    key: &'static str,
    value: Option<String>,
    origin: String,
}

/// A setting that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The key, or the name that is none.
    pub key: String,
    /// Where it stands: a flag, a variable, a file.
    pub place: String,
    pub what: String,
    pub example: Option<String>,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.key, self.place, self.what)?;
        match &self.example {
            Some(example) => write!(f, "; for example: {example}"),
            None => Ok(()),
        }
    }
}

/// Everything that is wrong with the settings, one a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongSettings(pub Vec<Wrong>);

impl fmt::Display for WrongSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the settings are wrong:")?;
        self.0.iter().try_for_each(|wrong| write!(f, "\n  {wrong}"))
    }
}

impl std::error::Error for WrongSettings {}

impl Settings {
    /// Reads the settings out of flags, environment and file.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn read(flags: &Flags, surroundings: &Surroundings) -> Result<Self, WrongSettings> {
        let mut gathered = gather::Gathered::gather(flags, surroundings);
        let settings = Self {
            database: gathered.take("database").unwrap_or_else(|| Database::File(PathBuf::from("gateway.db"))),
            suppression_journal: gathered.take::<parse::Place>("suppression_journal").map(|place| place.0),
            listen: gathered.take("listen").unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
            public_url: gathered.take::<parse::BaseUrl>("public_url").map(|url| url.0),
            trusted_proxies: gathered.take::<parse::Proxies>("trusted_proxies").map(|list| list.0).unwrap_or_default(),
            tls: tls(&mut gathered),
            operations: operations(&mut gathered),
            connections: gathered.take::<parse::Count>("limits.connections").map_or(768, |count| count.0),
            header_time: seconds(&mut gathered, "limits.header_seconds", 30),
            stop_time: seconds(&mut gathered, "limits.stop_seconds", 20),
            desk_rate: Rate::of_desk(
                gathered.take::<parse::Count>("limits.desk_per_second").map_or(20, |count| count.0),
            ),
            min_desk_version: gathered.take("min_desk_version"),
            log: gathered.take::<parse::Directives>("log").map_or_else(|| "info".to_owned(), |log| log.0),
            shown: Vec::new(),
        };
        let allowed = gathered.take("allow_plain_http").unwrap_or(false);
        if settings.tls.is_none() && !settings.listen.ip().is_loopback() && !allowed {
            gathered.object("listen", PLAIN.to_owned());
        }
        let shown = gathered.finish()?;
        Ok(Self { shown, ..settings })
    }

    /// The settings in effect as lines of the file, each with where it came from; no secret among them.
    #[must_use]
    pub fn show(&self) -> String {
        let line = |shown: &Shown| match &shown.value {
            Some(value) => format!("{} = {value}  # {}\n", shown.key, shown.origin),
            None => format!("# {} is not set\n", shown.key),
        };
        self.shown.iter().map(line).collect()
    }
}

const PLAIN: &str = "plain HTTP would be reachable from other machines, and with it the secrets of sources and desks. \
     Set tls.certificate and tls.key, or listen on 127.0.0.1 behind a proxy that does TLS; if the network in between is \
     yours alone (a container behind its proxy), say allow_plain_http = true";

fn seconds(gathered: &mut gather::Gathered, key: &'static str, default: u64) -> Duration {
    Duration::from_secs(gathered.take::<parse::Count>(key).map_or(default, |count| count.0 as u64))
}

fn tls(gathered: &mut gather::Gathered) -> Option<TlsFiles> {
    let (certificate, key) = (gathered.take::<parse::File>("tls.certificate"), gathered.take::<parse::File>("tls.key"));
    match (certificate, key) {
        (Some(certificate), Some(key)) => Some(TlsFiles { certificate: certificate.0, key: key.0 }),
        (None, None) => None,
        (Some(_), None) => {
            gathered.object("tls.key", "tls.certificate is set and this is not: TLS needs both".to_owned());
            None
        }
        (None, Some(_)) => {
            gathered.object("tls.certificate", "tls.key is set and this is not: TLS needs both".to_owned());
            None
        }
    }
}

fn operations(gathered: &mut gather::Gathered) -> Option<SocketAddr> {
    let listen = gathered.take::<parse::Operations>("operations.listen");
    let listen = listen.map_or_else(|| Some(SocketAddr::from(([127, 0, 0, 1], 9464))), |operations| operations.0);
    let allowed = gathered.take("operations.allow_outside").unwrap_or(false);
    if listen.is_some_and(|address| !address.ip().is_loopback()) && !allowed {
        gathered.object("operations.listen", OUTSIDE.to_owned());
    }
    listen
}

const OUTSIDE: &str = "metrics are served without a password and would be reachable from other machines; \
     listen on 127.0.0.1, or say operations.allow_outside = true";

/// The file to read: the one that was asked for, or the usual one where it is there.
#[must_use]
pub fn file(asked: Option<&Path>) -> Option<PathBuf> {
    match asked {
        Some(path) => Some(path.to_owned()),
        None => Some(PathBuf::from(DEFAULT_FILE)).filter(|path| path.exists()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
