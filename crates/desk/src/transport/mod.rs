//! The way to the gateway: the only place that names the network.
//!
//! Invariants: HTTPS only (plain HTTP to this computer alone); no redirects; every call has a time limit and every
//! answer a size limit; an error is a type and carries nothing that was sent or received.

mod address;
mod pokes;
mod sse;

use std::time::Duration;

use contract::v1::{
    ActionsRequest, ActionsResponse, ChangesPage, EnrollRequest, EnrollResponse, Health, InviteRequest, Problem,
    ProblemCode,
    sources::{MappingRequest, SourceView, SourcesView},
};
use domain::ActionId;
use futures_util::StreamExt;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, header, redirect};
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

pub use address::{Address, BadAddress};
pub use pokes::Pokes;

const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// An idle connection is given up before the gateway does it, after thirty seconds: of what goes out on one that is being
/// closed nobody knows whether it arrived.
const IDLE_LIMIT: Duration = Duration::from_secs(20);
const CALL_LIMIT: Duration = Duration::from_secs(60);
/// The largest answer that is read. A page of [`contract::v1::MAX_CHANGES`] stays far below.
const ANSWER_LIMIT: usize = 64 * 1024 * 1024;

/// Why a call came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    #[error("the gateway's address cannot be used")]
    BadAddress(#[from] BadAddress),
    #[error("the secure connection cannot be set up here")]
    NoTls,
    /// No connection came about: nothing was sent.
    #[error("the gateway was not reached")]
    NotReached,
    /// The line broke or stayed silent: what was sent may have arrived.
    #[error("the gateway did not answer")]
    Unreachable,
    #[error("the gateway refused: {status}")]
    Problem {
        status: u16,
        code: Option<ProblemCode>,
        action: Option<ActionId>,
        /// `Retry-After`, seconds.
        retry_after: Option<u64>,
    },
    #[error("the answer is larger than any should be")]
    TooLarge,
    #[error("the answer was not understood")]
    Garbled,
}

impl TransportError {
    /// The gateway does not let this desk in.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        let refusals = [ProblemCode::Unauthorized, ProblemCode::DeskRevoked, ProblemCode::ClientTooOld];
        matches!(self, Self::Problem { code: Some(code), .. } if refusals.contains(code))
    }
}

/// A connection to one gateway.
#[derive(Clone)]
pub struct Transport {
    client: Client,
    address: Address,
    token: Option<Zeroizing<String>>,
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transport").field("known", &self.token.is_some()).finish_non_exhaustive()
    }
}

impl Transport {
    /// A connection, as the desk that the token stands for.
    ///
    /// # Errors
    /// [`TransportError::NoTls`] when the system's certificates cannot be used.
    pub fn new(address: Address, token: Option<Zeroizing<String>>) -> Result<Self, TransportError> {
        // Whoever was first has installed the same one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_LIMIT)
            .pool_idle_timeout(IDLE_LIMIT)
            .https_only(!address.is_local())
            .user_agent(concat!("reception-desk/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|_| TransportError::NoTls)?;
        Ok(Self { client, address, token })
    }

    /// Where the gateway answers.
    #[must_use]
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Lets this desk in by a one-time code.
    ///
    /// # Errors
    /// [`TransportError`]; a wrong code is [`ProblemCode::CodeRefused`].
    pub async fn enroll(&self, request: &EnrollRequest) -> Result<EnrollResponse, TransportError> {
        self.send("v1/desks/enroll", request).await
    }

    /// Lets another desk in.
    ///
    /// # Errors
    /// [`TransportError`].
    pub async fn invite(&self, request: &InviteRequest) -> Result<(), TransportError> {
        let call = self.call(Method::POST, "v1/desks/invite")?.json(request);
        answered(call.timeout(CALL_LIMIT)).await.map(|_| ())
    }

    /// One page of the state feed.
    ///
    /// # Errors
    /// [`TransportError`].
    pub async fn changes(&self, since: Option<&str>) -> Result<ChangesPage, TransportError> {
        self.fetch("v1/changes", since).await
    }

    /// Sends actions.
    ///
    /// # Errors
    /// [`TransportError`]; after any but [`TransportError::NotReached`] and a problem it is unknown what became of them.
    pub async fn actions(&self, request: &ActionsRequest) -> Result<ActionsResponse, TransportError> {
        self.send("v1/actions", request).await
    }

    /// Every source of requests.
    ///
    /// # Errors
    /// [`TransportError`].
    pub async fn sources(&self) -> Result<SourcesView, TransportError> {
        self.fetch("v1/sources", None).await
    }

    /// Says what the fields of a source mean.
    ///
    /// # Errors
    /// [`TransportError`]; rules that do not fit are [`ProblemCode::Validation`].
    pub async fn put_mapping(&self, source: &str, request: &MappingRequest) -> Result<SourceView, TransportError> {
        let call = self.call(Method::PUT, &format!("v1/sources/{source}/mapping"))?.json(request);
        read(answered(call.timeout(CALL_LIMIT)).await?).await
    }

    /// How the gateway is. Needs no token.
    ///
    /// # Errors
    /// [`TransportError`].
    pub async fn health(&self) -> Result<Health, TransportError> {
        self.fetch("v1/health", None).await
    }

    /// The stream of pokes.
    ///
    /// # Errors
    /// [`TransportError`].
    pub async fn pokes(&self) -> Result<Pokes, TransportError> {
        let call = self.call(Method::GET, "v1/events")?.header(header::ACCEPT, "text/event-stream");
        // no limit on the whole: it stays open; on each silence there is one
        let opened =
            tokio::time::timeout(CALL_LIMIT, answered(call)).await.map_err(|_| TransportError::Unreachable)??;
        Ok(Pokes::of(opened))
    }

    fn call(&self, method: Method, path: &str) -> Result<RequestBuilder, TransportError> {
        let call = self.client.request(method, self.address.at(path)?);
        Ok(match &self.token {
            Some(token) => call.bearer_auth(token.as_str()),
            None => call,
        })
    }

    async fn send<B: Serialize, A: DeserializeOwned>(&self, path: &str, body: &B) -> Result<A, TransportError> {
        let call = self.call(Method::POST, path)?.json(body);
        read(answered(call.timeout(CALL_LIMIT)).await?).await
    }

    async fn fetch<A: DeserializeOwned>(&self, path: &str, since: Option<&str>) -> Result<A, TransportError> {
        let mut call = self.call(Method::GET, path)?;
        if let Some(since) = since {
            call = call.query(&[("since", since)]);
        }
        read(answered(call.timeout(CALL_LIMIT)).await?).await
    }
}

async fn answered(call: RequestBuilder) -> Result<Response, TransportError> {
    let answer = call.send().await.map_err(|error| match error.is_connect() {
        true => TransportError::NotReached,
        false => TransportError::Unreachable,
    })?;
    if answer.status().is_success() {
        return Ok(answer);
    }
    Err(problem(answer).await)
}

async fn problem(answer: Response) -> TransportError {
    let status = answer.status();
    let retry_after = answer
        .headers()
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.trim().parse::<u64>().ok());
    if status.is_redirection() {
        // a captive portal, or a wrong address
        return TransportError::Unreachable;
    }
    let problem: Option<Problem> = read(answer).await.ok();
    let code = problem.as_ref().and_then(Problem::code);
    if code.is_none() && status == StatusCode::NOT_FOUND {
        return TransportError::Garbled;
    }
    TransportError::Problem { status: status.as_u16(), code, action: problem.and_then(|p| p.action), retry_after }
}

async fn read<A: DeserializeOwned>(answer: Response) -> Result<A, TransportError> {
    let mut bytes = Vec::new();
    let mut body = answer.bytes_stream();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|_| TransportError::Unreachable)?;
        if bytes.len() + chunk.len() > ANSWER_LIMIT {
            return Err(TransportError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    // serde's own error may quote the text, so it is dropped
    serde_json::from_slice(&bytes).map_err(|_| TransportError::Garbled)
}
