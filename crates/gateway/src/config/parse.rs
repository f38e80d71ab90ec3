//! Values out of text.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use ipnet::IpNet;
use semver::Version;
use tracing_subscriber::EnvFilter;

use crate::{BadDatabase, Database};

/// A value that text can be read as; what is wrong with it otherwise.
pub(super) trait Setting: Sized {
    fn read(text: &str) -> Result<Self, String>;
}

/// `https://…` without a path or a query.
pub(super) struct BaseUrl(pub(super) String);
pub(super) struct Proxies(pub(super) Vec<IpNet>);
/// A file that can be read.
pub(super) struct File(pub(super) PathBuf);
/// A file that need not be there yet.
pub(super) struct Place(pub(super) PathBuf);
/// A number that is not zero.
pub(super) struct Count(pub(super) usize);
pub(super) struct Operations(pub(super) Option<SocketAddr>);
pub(super) struct Directives(pub(super) String);

/// More than this is a slip of the finger.
const LARGEST: usize = 1_000_000;

impl Setting for Database {
    fn read(text: &str) -> Result<Self, String> {
        text.parse().map_err(|error: BadDatabase| error.to_string())
    }
}

impl Setting for SocketAddr {
    fn read(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| format!("{text:?} is not an IP address with a port"))
    }
}

impl Setting for bool {
    fn read(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| format!("{text:?} is neither true nor false"))
    }
}

impl Setting for BaseUrl {
    fn read(text: &str) -> Result<Self, String> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let rest = rest.ok_or_else(|| format!("{text:?} does not begin with https://"))?.trim_end_matches('/');
        if rest.is_empty() || rest.contains(['?', '#', '@', ' ']) {
            return Err(format!("{text:?} is not the address of a server"));
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }
}

impl Setting for Version {
    fn read(text: &str) -> Result<Self, String> {
        Self::parse(text).map_err(|_| format!("{text:?} is not a version of three numbers"))
    }
}

impl Setting for Proxies {
    fn read(text: &str) -> Result<Self, String> {
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        let net = |item: &str| {
            let net = item.parse::<IpNet>().or_else(|_| item.parse::<IpAddr>().map(IpNet::from));
            net.map_err(|_| format!("{item:?} is not an IP address or a network"))
        };
        items.map(net).collect::<Result<_, _>>().map(Self)
    }
}

impl Setting for File {
    fn read(text: &str) -> Result<Self, String> {
        let path = PathBuf::from(text);
        match std::fs::File::open(&path) {
            Ok(_) => Ok(Self(path)),
            Err(error) => Err(format!("the file {text} cannot be read: {error}")),
        }
    }
}

impl Setting for Place {
    fn read(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() { Err("it is empty".to_owned()) } else { Ok(Self(text.into())) }
    }
}

impl Setting for Count {
    fn read(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(number) if (1..=LARGEST).contains(&number) => Ok(Self(number)),
            _ => Err(format!("{text:?} is not a number from 1 to {LARGEST}")),
        }
    }
}

impl Setting for Operations {
    fn read(text: &str) -> Result<Self, String> {
        if text == "off" { Ok(Self(None)) } else { SocketAddr::read(text).map(Some).map(Self) }
    }
}

impl Setting for Directives {
    fn read(text: &str) -> Result<Self, String> {
        let words = text.split(',').map(|part| part.rsplit('=').next().unwrap_or_default().trim());
        let levels = ["off", "error", "warn", "info", "debug", "trace"];
        // a lone word that is no level would be taken for the name of a module, and nothing would be logged
        if let Some(word) = words.into_iter().find(|word| !levels.contains(&word.to_lowercase().as_str())) {
            return Err(format!("{word:?} is not one of {}", levels.join(", ")));
        }
        EnvFilter::try_new(text).map_err(|_| format!("{text:?} cannot be read"))?;
        Ok(Self(text.to_owned()))
    }
}
