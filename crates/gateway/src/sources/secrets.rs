//! What the gateway needs to act for a source by itself. It is kept in plain form, in a table of its own, because there is
//! nobody who could unlock it when the gateway starts; whoever has the database's file has it. It opens nobody's data at
//! the gateway. `Debug` prints nothing of it.

use std::fmt;

use connectors::Connector;
use serde::{Deserialize, Serialize};

use crate::{
    db::{SourceReader, Storage, StorageError},
    intake::MarkKey,
};

/// How the gateway asks a site.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "upstream", rename_all = "snake_case")]
pub enum Upstream {
    /// The REST API of a shop; a key that may only read is enough.
    WooCommerce {
        /// `https://shop.example`
        url: String,
        consumer_key: String,
        consumer_secret: String,
    },
    Yclients {
        /// `https://api.yclients.com`
        url: String,
        company: u64,
        partner_token: String,
        user_token: String,
    },
    /// A mailbox over IMAP; it is only read, letters stay as they are.
    Mailbox {
        host: String,
        port: u16,
        /// Without TLS only on this machine.
        tls: bool,
        user: String,
        password: String,
        /// `INBOX`
        folder: String,
        /// Only letters whose sender has this in it.
        from: Option<String>,
    },
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Upstream(…)")
    }
}

/// An access that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WrongUpstream {
    #[error("this kind of source is not asked so")]
    OtherKind,
    #[error("the address is to begin with https:// (http:// only for this machine)")]
    Address,
    #[error("a key, a password or a name is empty, too long or holds a line break")]
    Value,
}

const LONGEST: usize = 500;

impl Upstream {
    /// Whether a source of this kind can be asked so.
    pub(super) fn check(&self, connector: Connector) -> Result<(), WrongUpstream> {
        let plain = |text: &str| !text.is_empty() && text.len() <= LONGEST && !text.chars().any(char::is_control);
        let (kind, address, values) = match self {
            Self::WooCommerce { url, consumer_key, consumer_secret } => {
                (Connector::WooCommerce, is_address(url), vec![consumer_key, consumer_secret])
            }
            Self::Yclients { url, partner_token, user_token, .. } => {
                (Connector::Yclients, is_address(url), vec![partner_token, user_token])
            }
            Self::Mailbox { host, tls, user, password, folder, from, .. } => {
                let mut values = vec![host, user, password, folder];
                values.extend(from);
                (Connector::Mailbox, *tls || is_here(host), values)
            }
        };
        if connector != kind {
            return Err(WrongUpstream::OtherKind);
        }
        if !address {
            return Err(WrongUpstream::Address);
        }
        if values.into_iter().all(|value| plain(value)) { Ok(()) } else { Err(WrongUpstream::Value) }
    }
}

fn is_here(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "::1" | "[::1]")
}

fn is_address(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let fits = !host.is_empty() && !authority.contains('@') && url.len() <= LONGEST;
    fits && (scheme == "https" || (scheme == "http" && is_here(host)))
}

/// The keys of a source.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Keys {
    /// Keys its marks, where the gateway asks the source itself and no secret comes with the answer.
    #[serde(default)]
    mark: Option<String>,
    /// The shop signs with it.
    #[serde(default)]
    pub(crate) signing: Option<String>,
    #[serde(default)]
    pub(crate) upstream: Option<Upstream>,
}

impl Keys {
    pub(crate) async fn of(storage: &dyn Storage, source: &str) -> Result<Self, StorageError> {
        let Some(data) = SourceReader::source_secret(storage, source).await? else { return Ok(Self::default()) };
        // serde's own error may quote the text, so it is dropped
        serde_json::from_str(&data).map_err(|_| StorageError::Corrupt { table: "source_secret" })
    }

    /// The keys of a new source that is, or may be, asked.
    pub(super) fn made_for(connector: Connector, secret: &str) -> Result<Option<Self>, seal::NoRandomness> {
        let signing = (connector == Connector::WooCommerce).then(|| secret.to_owned());
        if !matches!(connector, Connector::WooCommerce | Connector::Yclients | Connector::Mailbox) {
            return Ok(None);
        }
        let (mark, _) = seal::token::make_token()?;
        Ok(Some(Self { mark: Some(mark.to_string()), signing, upstream: None }))
    }

    pub(super) fn to_json(&self) -> Result<String, StorageError> {
        serde_json::to_string(self).map_err(|_| StorageError::Corrupt { table: "source_secret" })
    }

    /// What keys the source's marks, where this secret was shown.
    pub(crate) fn mark_key(&self, shown: &str) -> MarkKey {
        match &self.mark {
            Some(kept) => MarkKey::Kept(kept.clone()),
            None => MarkKey::Shown(shown.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_access_goes_over_tls_or_stays_on_this_machine() {
        for url in ["https://shop.example", "https://shop.example:8443/wp", "http://127.0.0.1:80", "http://localhost"] {
            assert!(is_address(url), "{url}");
        }
        for url in ["http://shop.example", "shop.example", "https://", "https://u:p@shop.example", "ftp://localhost"] {
            assert!(!is_address(url), "{url}");
        }
        let mailbox = |tls, host: &str| Upstream::Mailbox {
            host: host.into(),
            port: 993,
            tls,
            user: "u".into(),
            password: "canary".into(),
            folder: "INBOX".into(),
            from: None,
        };
        assert_eq!(mailbox(true, "imap.example").check(Connector::Mailbox), Ok(()));
        assert_eq!(mailbox(false, "imap.example").check(Connector::Mailbox), Err(WrongUpstream::Address));
        assert_eq!(mailbox(true, "imap.example").check(Connector::Tilda), Err(WrongUpstream::OtherKind));
        assert!(!format!("{:?}", mailbox(true, "imap.example")).contains("canary"));
    }
}
