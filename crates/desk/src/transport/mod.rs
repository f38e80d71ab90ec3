//! The way to the gateway, and to the one page of the site that is watched: the only place that names the network.
//!
//! Invariants: HTTPS only (plain HTTP to this computer alone); no redirects; every call says which version this is, has a
//! time limit and reads an answer up to a size limit; an error is a type and carries nothing of people.

mod address;
mod page;
mod pokes;
mod sse;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use chrono::{DateTime, Utc};
use contract::v1::{
    ActionsRequest, ActionsResponse, ChangesPage, DESK_VERSION, EnrollRequest, EnrollResponse, Health, InviteRequest,
    Problem, ProblemCode, RevokeRequest, TokenResponse,
    audit::{AuditHead, AuditHeads},
    keys::{DeskKeyRequest, KeyChangeRequest, KeyMark, KeysView},
    sources::{MappingRequest, SourceView, SourcesView},
};
use domain::{ActionId, DeskId};
use futures_util::StreamExt;
use reqwest::{
    Client, ClientBuilder, Method, RequestBuilder, Response, StatusCode,
    header::{self, HeaderMap, HeaderValue},
    redirect,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

pub use address::{Address, BadAddress, PageAddress};
pub(crate) use page::{PageRead, read_page};
pub use pokes::Pokes;

const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// An idle connection is given up before the gateway does it, after thirty seconds: of what goes out on one that is being
/// closed nobody knows whether it arrived.
const IDLE_LIMIT: Duration = Duration::from_secs(20);
const CALL_LIMIT: Duration = Duration::from_secs(60);
/// The largest answer that is read. A page of [`contract::v1::MAX_CHANGES`] stays far below.
const ANSWER_LIMIT: usize = 64 * 1024 * 1024;
/// Longest name of a version that is shown.
const LONGEST_VERSION: usize = 32;

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
        /// With [`ProblemCode::ClientTooOld`]: the oldest version that is let in.
        min_version: Option<String>,
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

    /// The gateway turned the call away before it looked at what was sent.
    #[must_use]
    pub fn turned_away(&self) -> bool {
        let limited = matches!(self, Self::Problem { code: Some(ProblemCode::RateLimited), .. });
        *self == Self::NotReached || self.is_refusal() || limited
    }

    /// What was sent is of before a change of the clinic's key.
    #[must_use]
    pub fn is_key_changed(&self) -> bool {
        matches!(self, Self::Problem { code: Some(ProblemCode::KeyChanged), .. })
    }

    /// The gateway does not know the token.
    #[must_use]
    pub fn is_unknown_token(&self) -> bool {
        matches!(self, Self::Problem { code: Some(ProblemCode::Unauthorized), .. })
    }
}

/// What the feed has for a desk that stands at a cursor.
#[derive(Debug, Clone)]
pub enum Fed {
    /// Each change as it came: it may be of a newer version.
    Page(ChangesPage<Box<RawValue>>),
    /// The desk has everything.
    NothingNew { server_time: Option<DateTime<Utc>> },
}

/// A connection to one gateway. Its clones use the same token.
#[derive(Clone)]
pub struct Transport {
    client: Client,
    address: Address,
    version: String,
    token: Arc<Mutex<Option<Zeroizing<String>>>>,
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transport").field("version", &self.version).finish_non_exhaustive()
    }
}

impl Transport {
    /// A connection as the desk that the token stands for; `version` is this program's, `1.4.0`.
    ///
    /// # Errors
    /// [`TransportError::NoTls`] when the system's certificates cannot be used.
    pub fn new(address: Address, token: Option<Zeroizing<String>>, version: &str) -> Result<Self, TransportError> {
        let client = client(&address, version)?;
        Ok(Self { client, address, version: version.to_owned(), token: Arc::new(Mutex::new(token)) })
    }

    /// The same desk's connection to another address. The token stays shared.
    ///
    /// # Errors
    /// As [`Transport::new`].
    pub fn to(&self, address: Address) -> Result<Self, TransportError> {
        Ok(Self { client: client(&address, &self.version)?, address, ..self.clone() })
    }

    /// This desk's token from the next call on, for every clone.
    pub fn use_token(&self, token: Zeroizing<String>) {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(token);
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

    /// One page of the state feed. A desk that stands at a cursor, and has the clinic's key of this number, gets no page when
    /// there is nothing new and nothing to do about keys.
    ///
    /// # Errors
    /// [`TransportError`].
    pub async fn changes(&self, since: Option<&str>, number: u32) -> Result<Fed, TransportError> {
        let mut call = self.call(Method::GET, "v1/changes")?;
        if let Some(since) = since {
            let settled = KeyMark { number, due: false, own: true }.tag();
            call = call.query(&[("since", since)]).header(header::IF_NONE_MATCH, format!("W/\"{since};{settled}\""));
        }
        let answer = answered(call.timeout(CALL_LIMIT)).await?;
        if answer.status() == StatusCode::NOT_MODIFIED {
            return Ok(Fed::NothingNew { server_time: date(answer.headers()).map(DateTime::from) });
        }
        Ok(Fed::Page(read(answer).await?))
    }

    /// The clinic's keys and its desks.
    ///
    /// # Errors
    /// [`TransportError`].
    pub async fn keys(&self) -> Result<KeysView, TransportError> {
        self.fetch("v1/keys").await
    }

    /// Gives this desk's own public key.
    ///
    /// # Errors
    /// [`TransportError`]; [`TransportError::is_key_changed`] when it is authenticated by an older key.
    pub async fn put_desk_key(&self, request: &DeskKeyRequest) -> Result<(), TransportError> {
        let call = self.call(Method::PUT, "v1/desks/key")?.json(request);
        answered(call.timeout(CALL_LIMIT)).await.map(drop)
    }

    /// Changes the clinic's key.
    ///
    /// # Errors
    /// [`TransportError`]; [`TransportError::is_key_changed`] when another desk was first, or another one came in or went.
    pub async fn change_key(&self, request: &KeyChangeRequest) -> Result<(), TransportError> {
        let call = self.call(Method::POST, "v1/keys")?.json(request);
        answered(call.timeout(CALL_LIMIT)).await.map(drop)
    }

    /// Takes a desk's access away, in the name of somebody who may.
    ///
    /// # Errors
    /// [`TransportError`]; [`ProblemCode::Scope`], [`ProblemCode::NotFound`].
    pub async fn revoke(&self, desk: &DeskId, request: &RevokeRequest) -> Result<(), TransportError> {
        let call = self.call(Method::POST, &format!("v1/desks/{desk}/revoke"))?.json(request);
        answered(call.timeout(CALL_LIMIT)).await.map(drop)
    }

    /// A new token for this desk, to be stored before it is used.
    ///
    /// # Errors
    /// [`TransportError`]; the token in use works on whatever became of the call.
    pub async fn new_token(&self) -> Result<Zeroizing<String>, TransportError> {
        let call = self.call(Method::POST, "v1/desks/token")?;
        let TokenResponse { token } = read(answered(call.timeout(CALL_LIMIT)).await?).await?;
        Ok(Zeroizing::new(token))
    }

    /// Sends actions.
    ///
    /// # Errors
    /// [`TransportError`]; after any but [`TransportError::NotReached`] and a problem it is unknown what became of them.
    pub async fn actions(&self, request: &ActionsRequest) -> Result<ActionsResponse, TransportError> {
        self.send("v1/actions", request).await
    }

    /// Has the head of this desk's audit chain remembered.
    ///
    /// # Errors
    /// [`TransportError`]; [`ProblemCode::AuditBehind`] when the gateway remembers a later one, or another of this number.
    pub async fn put_audit_head(&self, head: &AuditHead) -> Result<(), TransportError> {
        let call = self.call(Method::PUT, "v1/audit/head")?.json(head);
        answered(call.timeout(CALL_LIMIT)).await.map(drop)
    }

    /// What the gateway remembers of this desk's audit chain.
    ///
    /// # Errors
    /// [`TransportError`].
    pub async fn audit_heads(&self) -> Result<AuditHeads, TransportError> {
        self.fetch("v1/audit/heads").await
    }

    /// Every source of requests.
    ///
    /// # Errors
    /// [`TransportError`].
    pub async fn sources(&self) -> Result<SourcesView, TransportError> {
        self.fetch("v1/sources").await
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
        self.fetch("v1/health").await
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
        Ok(match &*self.token.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(token) => call.bearer_auth(token.as_str()),
            None => call,
        })
    }

    async fn send<B: Serialize, A: DeserializeOwned>(&self, path: &str, body: &B) -> Result<A, TransportError> {
        let call = self.call(Method::POST, path)?.json(body);
        read(answered(call.timeout(CALL_LIMIT)).await?).await
    }

    async fn fetch<A: DeserializeOwned>(&self, path: &str) -> Result<A, TransportError> {
        read(answered(self.call(Method::GET, path)?.timeout(CALL_LIMIT)).await?).await
    }
}

/// A client of this program, whomever it asks.
fn builder(is_local: bool) -> ClientBuilder {
    // Whoever was first has installed the same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT_LIMIT)
        .https_only(!is_local)
        .user_agent(concat!("reception-desk/", env!("CARGO_PKG_VERSION")))
}

fn client(address: &Address, version: &str) -> Result<Client, TransportError> {
    let mut always = HeaderMap::new();
    if let Ok(version) = HeaderValue::from_str(version) {
        always.insert(DESK_VERSION, version);
    }
    builder(address.is_local())
        .pool_idle_timeout(IDLE_LIMIT)
        .default_headers(always)
        .build()
        .map_err(|_| TransportError::NoTls)
}

async fn answered(call: RequestBuilder) -> Result<Response, TransportError> {
    let answer = call.send().await.map_err(|error| match error.is_connect() {
        true => TransportError::NotReached,
        false => TransportError::Unreachable,
    })?;
    // only who asked for it is told that nothing is new
    if answer.status().is_success() || answer.status() == StatusCode::NOT_MODIFIED {
        return Ok(answer);
    }
    Err(problem(answer).await)
}

/// The moment of the answer, by the clock of whoever gave it.
fn date(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(header::DATE)?.to_str().ok()?).ok()
}

/// `Retry-After` in seconds from the answer on: a number, or a moment by the clock that the answer was given by.
fn retry_after(headers: &HeaderMap) -> Option<u64> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    let moment = httpdate::parse_http_date(text).ok()?;
    let left = moment.duration_since(date(headers)?).unwrap_or_default();
    Some(left.as_secs())
}

/// The name of a version, if it looks like one: a person reads it.
fn version_name(text: String) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+');
    (!text.is_empty() && text.len() <= LONGEST_VERSION && text.chars().all(plain)).then_some(text)
}

async fn problem(answer: Response) -> TransportError {
    let status = answer.status();
    let retry_after = retry_after(answer.headers());
    if status.is_redirection() {
        // a captive portal, or a wrong address
        return TransportError::Unreachable;
    }
    let problem: Option<Problem> = read(answer).await.ok();
    let code = problem.as_ref().and_then(Problem::code);
    if code.is_none() && status == StatusCode::NOT_FOUND {
        return TransportError::Garbled;
    }
    let (action, min_version) = problem.map_or((None, None), |p| (p.action, p.min_version.and_then(version_name)));
    TransportError::Problem { status: status.as_u16(), code, action, retry_after, min_version }
}

/// The bytes of an answer, so many at most.
async fn body(answer: Response, limit: usize) -> Result<Vec<u8>, TransportError> {
    let mut bytes = Vec::new();
    let mut chunks = answer.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| TransportError::Unreachable)?;
        if bytes.len() + chunk.len() > limit {
            return Err(TransportError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

async fn read<A: DeserializeOwned>(answer: Response) -> Result<A, TransportError> {
    let bytes = body(answer, ANSWER_LIMIT).await?;
    // serde's own error may quote the text, so it is dropped
    serde_json::from_slice(&bytes).map_err(|_| TransportError::Garbled)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn headers(pairs: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_time_to_come_back_is_seconds_or_a_moment_of_the_gateways_clock() {
        const NOON: &str = "Tue, 24 Nov 2026 12:00:00 GMT";
        let asked = |value, date| {
            let mut all = headers(&[(header::RETRY_AFTER, value)]);
            all.extend(headers(date));
            retry_after(&all)
        };
        let at_noon: &[_] = &[(header::DATE, NOON)];
        assert_eq!(asked("120", &[]), Some(120));
        assert_eq!(asked(" 5 ", at_noon), Some(5));
        assert_eq!(asked("Tue, 24 Nov 2026 12:01:30 GMT", at_noon), Some(90));
        assert_eq!(asked("Tuesday, 24-Nov-26 12:01:30 GMT", at_noon), Some(90), "the older forms too");
        assert_eq!(asked("Tue, 24 Nov 2026 11:00:00 GMT", at_noon), Some(0), "past");
        assert_eq!(asked("Tue, 24 Nov 2026 12:01:30 GMT", &[]), None, "by which clock?");
        for nonsense in ["", "soon", "-5", "1.5", "99999999999999999999999"] {
            assert_eq!(asked(nonsense, at_noon), None, "{nonsense}");
        }
    }

    #[test]
    fn what_a_person_reads_as_a_version_looks_like_one() {
        let read = |text: &str| version_name(text.to_owned());
        assert_eq!(read("1.4.0-rc.1+7").as_deref(), Some("1.4.0-rc.1+7"));
        for text in ["", "1.4.0 <b>", "обновите", &"1".repeat(33)] {
            assert_eq!(read(text), None);
        }
    }
}
