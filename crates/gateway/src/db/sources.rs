//! What the storage keeps of sources, beside their requests.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use connectors::{Connector, FieldRule};
use domain::{CertificateId, RequestId, request::RequestKind};
use std::fmt;

use super::Answer;

/// A configured source of requests.
#[derive(Clone)]
pub struct Source {
    pub id: String,
    pub connector: Connector,
    pub name: String,
    pub zone: Option<Tz>,
    pub default_kind: RequestKind,
    /// What the clinic has said of single fields.
    pub mapping: Vec<FieldRule>,
    /// One that is not takes nothing in and is not asked.
    pub enabled: bool,
    pub(crate) secret_digest: String,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("id", &self.id).field("connector", &self.connector).finish_non_exhaustive()
    }
}

/// A thing at a site that has made a request already.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) request: RequestId,
    /// The latest version that was taken in, by the site's clock.
    pub(crate) newest: Option<DateTime<Utc>>,
}

/// How far a source was asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PollState {
    /// The poller's own cursor, as JSON.
    pub(crate) place: Option<String>,
    /// The last time that it came to an end.
    pub(crate) polled_at: Option<DateTime<Utc>>,
    /// Times in a row that it did not.
    pub(crate) failures: u32,
    pub(crate) due_at: DateTime<Utc>,
}

/// News of something whose truth is to be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HintRow {
    pub(crate) resource: String,
    pub(crate) subject: u64,
    pub(crate) noted_at: DateTime<Utc>,
}

/// What was taken in since a moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    pub(crate) taken: u64,
    pub(crate) quarantined: u64,
}

/// One sort of trouble since a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TroubleRow {
    pub(crate) kind: String,
    pub(crate) count: u64,
    pub(crate) last_at: DateTime<Utc>,
}

/// Reading what is kept of sources.
pub(crate) trait SourceReader: Send + Sync {
    fn source<'a>(&'a self, id: &'a str) -> Answer<'a, Option<Source>>;
    /// The source of this kind with this secret.
    fn source_of_secret<'a>(&'a self, connector: Connector, digest: &'a str) -> Answer<'a, Option<Source>>;
    /// Every source, the oldest first.
    fn sources(&self) -> Answer<'_, Vec<Source>>;
    /// Secret. What the gateway needs to act for the source by itself.
    fn source_secret<'a>(&'a self, source: &'a str) -> Answer<'a, Option<String>>;
    fn figures<'a>(&'a self, source: &'a str, since: DateTime<Utc>) -> Answer<'a, Figures>;
    /// When something was last taken in, the latest first.
    fn arrivals<'a>(&'a self, source: &'a str, limit: usize) -> Answer<'a, Vec<DateTime<Utc>>>;
    fn troubles<'a>(&'a self, source: &'a str, since: DateTime<Utc>) -> Answer<'a, Vec<TroubleRow>>;
    fn poll_state<'a>(&'a self, source: &'a str) -> Answer<'a, PollState>;
    /// The oldest first.
    fn hints<'a>(&'a self, source: &'a str, limit: usize) -> Answer<'a, Vec<HintRow>>;
}

/// Changing it, within the writer's transaction.
pub(crate) trait SourceWriter: Send {
    fn add_source<'a>(&'a mut self, source: &'a Source, at: DateTime<Utc>) -> Answer<'a, ()>;
    /// Mapping, zone and whether it is enabled. False: there is no such source.
    fn change_source<'a>(&'a mut self, source: &'a Source) -> Answer<'a, bool>;
    fn put_source_secret<'a>(&'a mut self, source: &'a str, data: &'a str) -> Answer<'a, ()>;
    fn subject<'a>(&'a mut self, source: &'a str, subject_mac: &'a [u8; 32]) -> Answer<'a, Option<Subject>>;
    fn certificate_of<'a>(&'a mut self, source: &'a str, mark: &'a [u8; 32]) -> Answer<'a, Option<CertificateId>>;
    fn note_certificate<'a>(
        &'a mut self,
        source: &'a str,
        mark: &'a [u8; 32],
        certificate: &'a CertificateId,
    ) -> Answer<'a, ()>;
    /// Noted again, it is as new.
    fn put_hint<'a>(&'a mut self, source: &'a str, hint: &'a HintRow) -> Answer<'a, ()>;
    /// Only as it was read: one that was noted again meanwhile stays.
    fn drop_hint<'a>(&'a mut self, source: &'a str, hint: &'a HintRow) -> Answer<'a, ()>;
    /// False: another process asks the source now.
    fn hold_poll<'a>(
        &'a mut self,
        source: &'a str,
        holder: &'a str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Answer<'a, bool>;
    /// How far it came. Lets go of the source.
    fn put_poll<'a>(&'a mut self, source: &'a str, state: &'a PollState) -> Answer<'a, ()>;
    fn add_trouble<'a>(&'a mut self, source: &'a str, kind: &'a str, count: u64, at: DateTime<Utc>) -> Answer<'a, ()>;
}
