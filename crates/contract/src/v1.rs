//! The API between a desk and the gateway, version 1. JSON over HTTPS; errors are RFC 9457 problems.
//!
//! ```text
//! POST /v1/desks/enroll   EnrollRequest   -> EnrollResponse      one-time code, no token yet
//! POST /v1/desks/invite   InviteRequest   -> 204                 bearer token
//! GET  /v1/changes?since= -> ChangesPage                         bearer token
//! POST /v1/actions        ActionsRequest  -> ActionsResponse     bearer token
//! GET  /v1/events         SSE `state` pokes: Poke                bearer token
//! GET  /v1/sources        -> SourcesView                         bearer token
//! PUT  /v1/sources/{id}/mapping MappingRequest -> SourceView     bearer token
//! GET  /v1/health         -> Health                              open
//! ```

pub mod sources;

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use domain::{Action, ActionId, ClinicId, DeskId, EntityRef, Refusal, State};
use serde::{Deserialize, Serialize};

/// Most actions in one push.
pub const MAX_ACTIONS: usize = 100;
/// Most changes in one page.
pub const MAX_CHANGES: usize = 1_000;

/// A sealed part of an entity: HPKE (RFC 9180) to the clinic's key. The gateway can store it, not open it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Which clinic key it was sealed to.
    pub key_id: String,
    /// Bound as associated data together with entity id and part name: the action's id, or the intake's.
    pub seal_id: String,
    /// base64url of encapsulated key and ciphertext.
    pub data: String,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} characters)", self.data.len())
    }
}

/// Sealed parts by name.
pub type Parts = BTreeMap<String, Sealed>;

/// A desk asks to be let in with a one-time code.
#[derive(Clone, Serialize, Deserialize)]
pub struct EnrollRequest {
    /// The half of the code that authenticates, hex.
    pub auth: String,
    /// «Ресепшн 1».
    pub name: String,
    pub app_version: String,
    /// The founding desk brings the clinic's public key; later desks leave it out.
    pub clinic_public_key: Option<String>,
}

impl fmt::Debug for EnrollRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnrollRequest").field("app_version", &self.app_version).finish_non_exhaustive()
    }
}

/// The desk is in.
#[derive(Clone, Serialize, Deserialize)]
pub struct EnrollResponse {
    pub desk: DeskId,
    /// Bearer token, 256 bits. Shown once; the gateway keeps its digest.
    pub token: String,
    pub clinic: ClinicId,
    pub clinic_public_key: String,
    /// The clinic's private key, wrapped under the other half of the code. None for the founding desk.
    pub envelope: Option<String>,
    pub server_time: DateTime<Utc>,
}

impl fmt::Debug for EnrollResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnrollResponse").field("desk", &self.desk).finish_non_exhaustive()
    }
}

/// A desk lets another one in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InviteRequest {
    /// SHA-256 of the authenticating half, hex.
    pub auth_digest: String,
    /// The clinic's private key, wrapped under the other half.
    pub envelope: String,
    pub expires_at: DateTime<Utc>,
}

/// An entity at its latest sequence number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub seq: u64,
    pub id: EntityRef,
    pub version: u64,
    /// None: erased; forget it.
    pub state: Option<State>,
    #[serde(default)]
    pub parts: Parts,
}

/// One page of the state feed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangesPage {
    pub changes: Vec<Change>,
    /// Opaque; stored in the same transaction as the page.
    pub cursor: String,
    pub has_more: bool,
    pub server_time: DateTime<Utc>,
}

/// An action with the sealed parts it brings to its entity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActionEnvelope {
    pub action: Action,
    #[serde(default)]
    pub parts: Parts,
}

/// A push.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ActionsRequest {
    pub actions: Vec<ActionEnvelope>,
}

/// What became of an action. Stored with its id for ever.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Done. The versions of every entity that changed.
    Applied { versions: Vec<(EntityRef, u64)> },
    /// Refused because the world moved: a person looks at it.
    Conflict { refusal: Refusal },
    /// Refused for good.
    Rejected { refusal: Refusal },
    /// Not decided; send again later. Never stored.
    RetryLater,
    /// An earlier action on the same entity was refused. Never stored.
    BlockedBy { action: ActionId },
}

/// The answer to one action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActionResult {
    pub id: ActionId,
    /// The outcome was already known: this id came before.
    pub duplicate: bool,
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// The answer to a push, in the order of the push.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ActionsResponse {
    pub results: Vec<ActionResult>,
    pub server_time: DateTime<Utc>,
}

/// Data of an SSE `state` event: something changed; pull.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poke {
    pub seq: u64,
}

/// The gateway's own state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// `ok`, or `waiting_for_clinic` before the founding desk enrolled.
    pub status: String,
    pub version: String,
    pub epoch: String,
    pub seq: u64,
    pub server_time: DateTime<Utc>,
}

/// The closed registry of problem types; `type` is `/problems/<code>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemCode {
    /// 401: no token, a wrong one, or one that was revoked.
    Unauthorized,
    /// 401: the one-time code is wrong, used or expired.
    CodeRefused,
    /// 404
    NotFound,
    /// 409: the clinic was already founded.
    AlreadyFounded,
    /// 503: no clinic yet.
    NotFounded,
    /// 503: the database does not answer now; ask again after `Retry-After`.
    Unavailable,
    /// 410: the cursor is of another epoch; pull from the beginning.
    ResyncRequired,
    /// 413
    TooLarge,
    /// 422: the id was used for another payload.
    ActionIdReused,
    /// 422: the body does not fit.
    Validation,
    /// 429
    RateLimited,
    /// 500
    Internal,
}

impl ProblemCode {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unauthorized => "unauthorized",
            Self::CodeRefused => "code-refused",
            Self::NotFound => "not-found",
            Self::AlreadyFounded => "already-founded",
            Self::NotFounded => "not-founded",
            Self::Unavailable => "unavailable",
            Self::ResyncRequired => "resync-required",
            Self::TooLarge => "too-large",
            Self::ActionIdReused => "action-id-reused",
            Self::Validation => "validation",
            Self::RateLimited => "rate-limited",
            Self::Internal => "internal",
        }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::Unauthorized | Self::CodeRefused => 401,
            Self::NotFound => 404,
            Self::AlreadyFounded => 409,
            Self::NotFounded | Self::Unavailable => 503,
            Self::ResyncRequired => 410,
            Self::TooLarge => 413,
            Self::ActionIdReused | Self::Validation => 422,
            Self::RateLimited => 429,
            Self::Internal => 500,
        }
    }
}

/// RFC 9457 problem details (`application/problem+json`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// `/problems/<code>`
    #[serde(rename = "type")]
    pub type_uri: String,
    pub title: String,
    pub status: u16,
    /// The action that the problem is about.
    pub action: Option<ActionId>,
}

impl Problem {
    /// A problem of the registry.
    #[must_use]
    pub fn new(code: ProblemCode, title: &str) -> Self {
        Self {
            type_uri: format!("/problems/{}", code.as_str()),
            title: title.to_owned(),
            status: code.status(),
            action: None,
        }
    }

    /// The code, if it is one of the registry.
    #[must_use]
    pub fn code(&self) -> Option<ProblemCode> {
        let word = self.type_uri.strip_prefix("/problems/")?;
        serde_json::from_value(serde_json::Value::String(word.to_owned())).ok()
    }
}
