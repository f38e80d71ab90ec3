//! The gateway at the clinic's website: takes in what visitors send, decides the order of things, and cannot read what it
//! keeps about people.
//!
//! Invariants:
//! - what an answer acknowledges is on the disk: state, sealed parts, outcome and sequence number are one transaction;
//! - an action has one outcome for ever, and a submission makes one request, however often either is sent;
//! - personal data is sealed to the clinic's public key before it is written, and is in no log line and in no error;
//! - the rule is [`domain::decide()`], the same one that the desk ran; here it only gets its view and its place.

mod actions;
mod audit;
mod backup;
pub mod config;
mod db;
mod desks;
mod enrolment;
mod feed;
mod http;
mod intake;
mod keys;
mod metrics;
mod operations;
pub mod platform;
mod poll;
mod rate;
mod serve;
mod sources;
mod suppression;
mod tls;

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fmt,
    future::Future,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::{DateTime, Utc};
use contract::v1::{Health, ProblemCode};
use domain::{ActionId, DeskId};
use tokio::{
    net::TcpListener,
    sync::{broadcast, watch},
    task::JoinSet,
};
use tracing::Instrument;

pub use backup::{Backup, BackupError, Journals, cleanse, verify as verify_backup};
pub use db::{BadDatabase, Database, EnrolledDesk, Server, Source, StorageError};
pub use http::{Access, MAX_ACTIONS_BODY, MAX_INTAKE_BODY, routes};
pub use metrics::Metrics;
pub use operations::{Readiness, Ready};
use platform::{Clock, SystemClock};
pub use poll::PollReport;
pub use rate::Rate;
pub use semver::Version;
pub use serve::Serving;
pub use sources::{SourceError, SourceUrl, TestReport, Upstream, WrongUpstream};
pub use suppression::JournalError;
pub use tls::{Tls, TlsError};

/// Pokes that a slow listener may fall behind by; it then gets the latest one.
const POKES: usize = 64;

/// Where the gateway keeps its things.
#[derive(Debug, Clone)]
pub struct GatewayConfig {
    pub database: Database,
    /// `https://gateway.clinic.example`: where sites reach it. Only shown in the addresses of sources.
    pub public_url: Option<String>,
    /// Where erasures and blocks are noted, outside of the database and its backups. Unless it is given: beside the
    /// database's file. With PostgreSQL there is none unless it is given, and nothing can be erased without one.
    pub suppression_journal: Option<PathBuf>,
    /// Older desks are turned away.
    pub min_desk_version: Option<Version>,
    /// How often one desk may ask.
    pub desk_rate: Rate,
}

impl GatewayConfig {
    /// A gateway on this database.
    #[must_use]
    pub fn at(database: impl Into<Database>) -> Self {
        Self {
            database: database.into(),
            public_url: None,
            suppression_journal: None,
            min_desk_version: None,
            desk_rate: Rate::of_desk(20),
        }
    }
}

/// Why the gateway does not work at all. What a single request runs into is a problem in its answer.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error("the listener failed")]
    Listen(#[source] std::io::Error),
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl From<seal::NoRandomness> for GatewayError {
    fn from(_: seal::NoRandomness) -> Self {
        Self::Storage(StorageError::NoRandomness)
    }
}

/// A running gateway; clones are the same one.
#[derive(Clone)]
pub struct Gateway {
    inner: Arc<Inner>,
}

struct Inner {
    storage: Box<dyn db::Storage>,
    clock: Arc<dyn Clock>,
    pokes: broadcast::Sender<u64>,
    /// The highest number that was told; another process may tell one that this one has told already.
    told: AtomicU64,
    closing: watch::Sender<bool>,
    intake_rate: Mutex<rate::Buckets>,
    enrol_rate: Mutex<rate::Buckets>,
    desk_rate: Mutex<rate::Buckets>,
    listeners: http::Listeners,
    /// Pages of the feed that are read, or were a moment ago.
    pages: feed::Pages,
    /// Desks that were heard of and are not noted in the database yet.
    seen: Mutex<BTreeMap<DeskId, desks::Seen>>,
    min_desk_version: Option<Version>,
    public_url: Option<String>,
    doors: sources::doors::Doors,
    journal: Option<suppression::Journal>,
}

impl Inner {
    fn poke(&self, seq: u64) {
        if self.told.fetch_max(seq, Ordering::Relaxed) < seq {
            // nobody listens: nobody to tell
            let _ = self.pokes.send(seq);
        }
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway").finish_non_exhaustive()
    }
}

/// What stops a single request.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("{}", code.as_str())]
    Problem { code: ProblemCode, action: Option<ActionId> },
    /// The request does not fit; in words that repeat nothing of it.
    #[error("{0}")]
    Misfit(Cow<'static, str>),
    #[error("too many requests")]
    TooMany { retry_after_seconds: u32 },
    #[error("the desk is older than {minimum}")]
    TooOld { minimum: Version },
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Seal(#[from] seal::SealError),
    #[error("the work was cut off")]
    CutOff,
}

impl From<ProblemCode> for Failure {
    fn from(code: ProblemCode) -> Self {
        Self::Problem { code, action: None }
    }
}

impl From<seal::NoRandomness> for Failure {
    fn from(_: seal::NoRandomness) -> Self {
        Self::Storage(StorageError::NoRandomness)
    }
}

impl Gateway {
    /// Opens the database, or makes it.
    ///
    /// # Errors
    /// The file cannot be opened, or is of a newer version.
    pub async fn open(config: GatewayConfig) -> Result<Self, GatewayError> {
        Self::open_with(config, Arc::new(SystemClock), true).await
    }

    /// Opens it for a command beside a gateway that may be running: it leaves the journal to the other one.
    ///
    /// # Errors
    /// As [`Gateway::open`].
    pub async fn open_beside(config: GatewayConfig) -> Result<Self, GatewayError> {
        Self::open_with(config, Arc::new(SystemClock), false).await
    }

    /// Opens it with a clock of the caller's.
    ///
    /// # Errors
    /// As [`Gateway::open`].
    pub async fn open_with_clock(config: GatewayConfig, clock: Arc<dyn Clock>) -> Result<Self, GatewayError> {
        Self::open_with(config, clock, true).await
    }

    async fn open_with(config: GatewayConfig, clock: Arc<dyn Clock>, own: bool) -> Result<Self, GatewayError> {
        let journal = suppression::Journal::of(&config);
        let storage = db::open(&config.database, own, None).await?;
        let told = storage.house().await?.seq;
        let inner = Inner {
            storage,
            clock,
            pokes: broadcast::channel(POKES).0,
            told: AtomicU64::new(told),
            closing: watch::channel(false).0,
            intake_rate: Mutex::new(rate::Buckets::new(rate::INTAKE)),
            pages: feed::Pages::new(),
            enrol_rate: Mutex::new(rate::Buckets::new(rate::ENROL)),
            desk_rate: Mutex::new(rate::Buckets::new(config.desk_rate)),
            listeners: http::Listeners::default(),
            seen: Mutex::default(),
            min_desk_version: config.min_desk_version,
            public_url: config.public_url,
            doors: sources::doors::Doors::default(),
            journal,
        };
        let gateway = Self { inner: Arc::new(inner) };
        if own {
            gateway.replay().await?;
            gateway.listen();
        }
        Ok(gateway)
    }

    /// The API and the intake.
    pub fn router(&self) -> axum::Router {
        http::router(self)
    }

    /// `/metrics`, if there are any, `/live` and `/ready`.
    pub fn operations_router(&self, metrics: Option<Metrics>) -> axum::Router {
        operations::router(self, metrics)
    }

    /// [`Gateway::serve_with`] on plain HTTP with the usual limits.
    ///
    /// # Errors
    /// The database did not close.
    pub async fn serve(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send,
    ) -> Result<(), GatewayError> {
        self.serve_with(listener, Serving::default(), shutdown).await
    }

    /// Serves until `shutdown` comes, finishes what is under way, and closes the database.
    ///
    /// # Errors
    /// The database did not close.
    pub async fn serve_with(
        &self,
        listener: TcpListener,
        serving: Serving,
        shutdown: impl Future<Output = ()> + Send,
    ) -> Result<(), GatewayError> {
        let closing = || {
            self.inner.closing.send_replace(true);
        };
        let mut beside = JoinSet::new();
        beside.spawn(poll::run(self.clone()));
        beside.spawn(self.clone().keep_house());
        if !serve::serve(self.router(), listener, serving, shutdown, closing).await {
            tracing::warn!("some connections did not end in time");
        }
        // both end with the closing; what was being taken in is on the disk or will be asked for again
        while beside.join_next().await.is_some() {}
        self.close().await
    }

    /// Serves those who run the gateway, to the end of the process: they are told of the stopping too.
    pub async fn serve_operations(&self, listener: TcpListener, metrics: Option<Metrics>) {
        let router = self.operations_router(metrics);
        serve::serve(router, listener, Serving::default(), std::future::pending(), || {}).await;
    }

    /// Closes the database.
    ///
    /// # Errors
    /// It did not close.
    pub async fn close(&self) -> Result<(), GatewayError> {
        self.inner.closing.send_replace(true);
        self.write_troubles().await?;
        Ok(self.inner.storage.close().await?)
    }

    /// A one-time code for the founding desk; `None` once there is a clinic. A new one replaces the one before.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn founding_code(&self) -> Result<Option<String>, GatewayError> {
        let code = seal::enrolment::EnrolmentCode::make()?;
        let mut tx = self.inner.storage.begin().await?;
        if tx.house().await?.clinic.is_some() {
            return Ok(None);
        }
        tx.set_founding_digest(&code.auth_digest()).await?;
        tx.commit().await?;
        Ok(Some(code.to_string()))
    }

    /// A new epoch: to be begun after the database was restored from a copy. Every desk then pulls from the beginning.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn begin_epoch(&self) -> Result<(), GatewayError> {
        let epoch = seal::token::make_id("ep")?;
        let mut tx = self.inner.storage.begin().await?;
        tx.begin_epoch(&epoch).await?;
        tx.commit().await?;
        Ok(())
    }

    /// How the gateway is.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn health(&self) -> Result<Health, GatewayError> {
        let house = self.inner.storage.house().await?;
        let status = if house.clinic.is_some() { "ok" } else { "waiting_for_clinic" };
        Ok(Health {
            status: status.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            epoch: house.epoch,
            seq: house.seq,
            min_desk_version: self.inner.min_desk_version.as_ref().map(Version::to_string),
            server_time: self.now(),
        })
    }

    pub(crate) fn is_closing(&self) -> bool {
        *self.inner.closing.borrow()
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.inner.clock.now()
    }

    pub(crate) fn storage(&self) -> &dyn db::Storage {
        self.inner.storage.as_ref()
    }

    /// Tells when the gateway closes.
    pub(crate) fn closing(&self) -> watch::Receiver<bool> {
        self.inner.closing.subscribe()
    }

    pub(crate) fn doors(&self) -> &sources::doors::Doors {
        &self.inner.doors
    }

    pub(crate) fn public_url(&self) -> Option<&str> {
        self.inner.public_url.as_deref()
    }

    /// Tells the listening desks that there is something up to this number.
    pub(crate) fn poke(&self, seq: u64) {
        self.inner.poke(seq);
    }

    /// What other processes write is told as well.
    fn listen(&self) {
        let inner = Arc::downgrade(&self.inner);
        self.inner.storage.listen(Arc::new(move |seq| {
            if let Some(inner) = inner.upgrade() {
                inner.poke(seq);
            }
        }));
    }

    /// Takes one place in a bucket, or says how long to wait.
    pub(crate) fn admit(&self, door: Door, key: &str) -> Result<(), Failure> {
        let buckets = match door {
            Door::Intake => &self.inner.intake_rate,
            Door::Enrol => &self.inner.enrol_rate,
            Door::Desk => &self.inner.desk_rate,
        };
        let mut buckets = buckets.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.take(key, self.now()).map_err(|retry_after_seconds| Failure::TooMany { retry_after_seconds })
    }

    /// Runs work that writes to its end, even if whoever asked has hung up: what is committed is told to the desks.
    pub(crate) async fn to_the_end<T: Send + 'static>(
        work: impl Future<Output = Result<T, Failure>> + Send + 'static,
    ) -> Result<T, Failure> {
        tokio::spawn(work.in_current_span()).await.unwrap_or(Err(Failure::CutOff))
    }
}

/// Most times that work is begun anew after the database took it back.
const ATTEMPTS: usize = 5;

/// Begins work anew when the database has taken its transaction back to let others go on.
pub(crate) async fn again<T, F>(mut work: impl FnMut() -> F) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    for _ in 1..ATTEMPTS {
        match work().await {
            Err(Failure::Storage(error)) if error.taken_back() => tracing::warn!("a transaction was taken back"),
            done => return done,
        }
    }
    work().await
}

/// Which doors count who comes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Door {
    Intake,
    Enrol,
    Desk,
}
