//! The sources of requests: what the clinic says of them, and what is noted about how they fare.
//!
//! For the command line and the embedding application: [`Gateway::add_source`], [`Gateway::sources`],
//! [`Gateway::set_upstream`], [`Gateway::set_mapping`], [`Gateway::set_zone`], [`Gateway::set_source_enabled`],
//! [`Gateway::try_payload`], [`Gateway::test_source`], [`Gateway::source_health`].

pub(crate) mod doors;
mod health;
mod samples;
pub(crate) mod secrets;

use std::{collections::BTreeSet, fmt};

use chrono_tz::Tz;
use connectors::{Connector, DryRun, FieldRule, LONGEST_KEY, SourceSettings};
use contract::v1::sources::{MAX_FIELD_RULES, SourceHealth, SourceView};
use domain::request::RequestKind;

use crate::{
    Gateway, GatewayError,
    db::{Source, StorageError},
};

pub use samples::TestReport;
pub use secrets::{Upstream, WrongUpstream};

/// No id of a source is longer.
const LONGEST_ID: usize = 64;

/// The address that a site posts to. It holds the secret: shown once.
#[derive(Clone)]
pub struct SourceUrl {
    pub id: String,
    /// 256 random bits. The gateway keeps a digest only, except of a shop that signs with it.
    pub secret: String,
    /// `/in/tilda/<id>?k=<secret>`
    pub path: String,
    /// With the public address before it, where that is configured.
    pub url: Option<String>,
}

impl fmt::Debug for SourceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceUrl").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What stands against a change of a source.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("there is no such source")]
    NoSuchSource,
    #[error("there are more than {MAX_FIELD_RULES} rules")]
    TooManyRules,
    /// Counted from one.
    #[error("rule {0} names no field, or one with a longer name than any has")]
    WrongField(usize),
    #[error("rule {0} is for a field that has a rule already")]
    SecondRule(usize),
    #[error(transparent)]
    Upstream(#[from] WrongUpstream),
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<seal::NoRandomness> for SourceError {
    fn from(_: seal::NoRandomness) -> Self {
        Self::Storage(StorageError::NoRandomness)
    }
}

/// What goes wrong with a source, as it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Trouble {
    Unauthorized,
    Disabled,
    TooLarge,
    TooMany,
    NotStored,
    /// It did not answer when asked.
    Unreachable,
    /// It refused the access that it was asked with.
    AccessRefused,
    /// It answered that it has failed.
    SiteFailed,
    /// Its answer was not understood.
    Garbled,
}

impl Trouble {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Unauthorized => "unauthorized",
            Self::Disabled => "disabled",
            Self::TooLarge => "too_large",
            Self::TooMany => "too_many",
            Self::NotStored => "not_stored",
            Self::Unreachable => "unreachable",
            Self::AccessRefused => "access_refused",
            Self::SiteFailed => "site_failed",
            Self::Garbled => "garbled",
        }
    }
}

impl Source {
    pub(crate) fn settings(&self) -> SourceSettings {
        SourceSettings { zone: self.zone, default_kind: self.default_kind, mapping: self.mapping.clone() }
    }
}

impl Gateway {
    /// A new source of requests, with its secret. What a connector sends decides where the secret goes: into the address,
    /// or, for a shop, into its field «Secret» (the address then has none).
    ///
    /// # Errors
    /// The storage failed.
    pub async fn add_source(
        &self,
        connector: Connector,
        name: &str,
        zone: Option<Tz>,
        default_kind: RequestKind,
    ) -> Result<SourceUrl, GatewayError> {
        let (secret, secret_digest) = seal::token::make_token()?;
        let id = seal::token::make_id("src")?;
        let (name, mapping) = (name.to_owned(), Vec::new());
        let source =
            Source { id: id.clone(), connector, name, zone, default_kind, mapping, enabled: true, secret_digest };
        let mut tx = self.storage().begin().await?;
        tx.add_source(&source, self.now()).await?;
        if let Some(keys) = secrets::Keys::made_for(connector, &secret)? {
            tx.put_source_secret(&id, &keys.to_json()?).await?;
        }
        tx.commit().await?;
        let path = match connector {
            Connector::WooCommerce => format!("/in/woocommerce/{id}"),
            Connector::Bitrix24 => format!("/rest/1/{}/", *secret),
            Connector::Yclients => format!("/in/yclients/{id}/{}", *secret),
            _ => format!("/in/{}/{id}?k={}", connector.as_str(), *secret),
        };
        let url = self.public_url().map(|base| format!("{}{path}", base.trim_end_matches('/')));
        Ok(SourceUrl { id, secret: secret.to_string(), path, url })
    }

    /// Every source, the oldest first.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn sources(&self) -> Result<Vec<Source>, GatewayError> {
        Ok(self.storage().sources().await?)
    }

    /// Says how the gateway can ask the site itself. The access is kept in plain form, for the gateway needs it to act.
    ///
    /// # Errors
    /// There is no such source, it is of a kind that is not asked so, or the access cannot be used.
    pub async fn set_upstream(&self, id: &str, upstream: Upstream) -> Result<(), SourceError> {
        let source = self.known(id).await?;
        upstream.check(source.connector)?;
        let mut keys = secrets::Keys::of(self.storage(), id).await?;
        keys.upstream = Some(upstream);
        let mut tx = self.storage().begin().await?;
        tx.put_source_secret(id, &keys.to_json()?).await?;
        tx.commit().await?;
        self.nudge(id);
        Ok(())
    }

    /// Says what the fields of a site mean. What comes in from now on is read so; what waits can be read again at a desk.
    ///
    /// # Errors
    /// There is no such source, or the rules do not fit.
    pub async fn set_mapping(&self, id: &str, mapping: Vec<FieldRule>) -> Result<(), SourceError> {
        check_mapping(&mapping)?;
        self.change(id, |source| source.mapping = mapping).await
    }

    /// Names the zone of times that the site sends without an offset.
    ///
    /// # Errors
    /// There is no such source.
    pub async fn set_zone(&self, id: &str, zone: Option<Tz>) -> Result<(), SourceError> {
        self.change(id, |source| source.zone = zone).await
    }

    /// A source that is disabled takes nothing in and is not asked; what it has brought stays.
    ///
    /// # Errors
    /// There is no such source.
    pub async fn set_source_enabled(&self, id: &str, enabled: bool) -> Result<(), SourceError> {
        self.change(id, |source| source.enabled = enabled).await
    }

    /// What would become of a payload: of each field what it is taken for and why. Nothing is stored.
    ///
    /// # Errors
    /// There is no such source.
    pub async fn try_payload(&self, id: &str, content_type: &str, body: &[u8]) -> Result<DryRun, SourceError> {
        let source = self.known(id).await?;
        Ok(connectors::dry_run(source.connector, content_type, body, &source.settings()))
    }

    /// How a source fares.
    ///
    /// # Errors
    /// There is no such source.
    pub async fn source_health(&self, id: &str) -> Result<SourceHealth, SourceError> {
        self.known(id).await?;
        Ok(health::of(self, id).await?)
    }

    /// Every source as desks see it.
    pub(crate) async fn source_views(&self) -> Result<Vec<SourceView>, SourceError> {
        let mut views = Vec::new();
        for source in self.storage().sources().await? {
            views.push(self.view_of(source).await?);
        }
        Ok(views)
    }

    pub(crate) async fn source_view(&self, id: &str) -> Result<SourceView, SourceError> {
        let source = self.known(id).await?;
        self.view_of(source).await
    }

    async fn view_of(&self, source: Source) -> Result<SourceView, SourceError> {
        let keys = secrets::Keys::of(self.storage(), &source.id).await?;
        Ok(SourceView {
            health: health::of(self, &source.id).await?,
            connector: source.connector.as_str().to_owned(),
            zone: source.zone.map(|zone| zone.name().to_owned()),
            kind: source.default_kind,
            mapping: source.mapping,
            enabled: source.enabled,
            asked: keys.upstream.is_some(),
            id: source.id,
            name: source.name,
        })
    }

    pub(crate) async fn known(&self, id: &str) -> Result<Source, SourceError> {
        self.source_of(id).await?.ok_or(SourceError::NoSuchSource)
    }

    /// A source by what somebody says is its id. What has other characters than an id is of none, and no database is
    /// asked for it: one of them takes no NUL.
    pub(crate) async fn source_of(&self, id: &str) -> Result<Option<Source>, StorageError> {
        let could_be = id.len() <= LONGEST_ID && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if could_be { self.storage().source(id).await } else { Ok(None) }
    }

    async fn change(&self, id: &str, change: impl FnOnce(&mut Source)) -> Result<(), SourceError> {
        let mut source = self.known(id).await?;
        change(&mut source);
        let mut tx = self.storage().begin().await?;
        if !tx.change_source(&source).await? {
            return Err(SourceError::NoSuchSource);
        }
        tx.commit().await?;
        self.nudge(id);
        Ok(())
    }
}

fn check_mapping(mapping: &[FieldRule]) -> Result<(), SourceError> {
    if mapping.len() > MAX_FIELD_RULES {
        return Err(SourceError::TooManyRules);
    }
    let mut seen = BTreeSet::new();
    for (at, rule) in mapping.iter().enumerate() {
        let field = rule.field.trim();
        if field.is_empty() || field.chars().count() > LONGEST_KEY {
            return Err(SourceError::WrongField(at + 1));
        }
        if !seen.insert(field.to_lowercase()) {
            return Err(SourceError::SecondRule(at + 1));
        }
    }
    Ok(())
}
