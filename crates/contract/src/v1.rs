//! The API between a desk and the gateway, version 1. JSON over HTTPS; errors are RFC 9457 problems.
//!
//! ```text
//! POST /v1/desks/enroll   EnrollRequest   -> EnrollResponse      one-time code, no token yet
//! POST /v1/desks/invite   InviteRequest   -> 204                 bearer token
//! POST /v1/desks/token    -> TokenResponse                       bearer token
//! PUT  /v1/desks/key      DeskKeyRequest  -> 204                 bearer token
//! POST /v1/desks/{id}/revoke RevokeRequest -> 204                bearer token
//! GET  /v1/changes?since= -> ChangesPage, 304 when idle          bearer token
//! POST /v1/actions        ActionsRequest  -> ActionsResponse     bearer token
//! GET  /v1/events         SSE `state` pokes: Poke                bearer token
//! GET  /v1/keys           -> KeysView                            bearer token
//! POST /v1/keys           KeyChangeRequest -> 204                bearer token
//! PUT  /v1/audit/head     AuditHead       -> 204                 bearer token
//! GET  /v1/audit/heads    -> AuditHeads                          bearer token
//! GET  /v1/sources        -> SourcesView                         bearer token
//! PUT  /v1/sources/{id}/mapping MappingRequest -> SourceView     bearer token
//! GET  /v1/health         -> Health                              open
//! GET  /v1/openapi.json   the description of all this            open
//! ```
//!
//! [`openapi`] describes it whole; the gateway serves that at `GET /v1/openapi.json`.
//!
//! Additive only: whoever reads keeps or skips what it does not know. A change of a newer kind is a [`NewerChange`], an
//! outcome or a refusal with a newer word is `Unknown`; neither breaks the page or the push that it came with.

pub mod audit;
pub mod keys;
pub mod openapi;
pub mod sources;

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use domain::{Action, ActionId, ClinicId, DeskId, EntityRef, Refusal, StaffId, State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Most actions in one push.
pub const MAX_ACTIONS: usize = 100;
/// Most changes in one page.
pub const MAX_CHANGES: usize = 1_000;
/// Most bytes in one page before compression, unless a single change has more.
pub const MAX_PAGE: usize = 512 * 1024;
/// Longest name of a desk, in characters.
pub const LONGEST_NAME: usize = 100;
/// Longest version of a desk's program, in characters.
pub const LONGEST_VERSION: usize = 40;
/// Longest authenticating half of a code, in characters; a right one is far shorter.
pub const LONGEST_AUTH: usize = 200;
/// Longest wrapped key, in characters; a right one is far shorter.
pub const LONGEST_ENVELOPE: usize = 4_096;
/// The header in which a desk says its version.
pub const DESK_VERSION: &str = "reception-desk-version";

/// A sealed part of an entity: HPKE (RFC 9180) to the clinic's key. The gateway can store it, not open it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct EnrollRequest {
    /// The half of the code that authenticates, hex.
    #[schemars(length(max = LONGEST_AUTH))]
    pub auth: String,
    /// «Ресепшн 1»: one line, without control characters.
    #[schemars(length(min = 1, max = LONGEST_NAME), regex(pattern = r"^[^\x00-\x1f\x7f-\x9f]+$"))]
    pub name: String,
    /// Visible ASCII.
    #[schemars(length(min = 1, max = LONGEST_VERSION), regex(pattern = r"^[!-~]+$"))]
    pub app_version: String,
    /// The founding desk brings the clinic's public key, base64url of 32 bytes; later desks leave it out.
    #[schemars(regex(pattern = r"^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$"))]
    pub clinic_public_key: Option<String>,
    /// A desk that comes in anew, with its database: the token that it had. Whom that stood for is out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = LONGEST_AUTH))]
    pub replaces: Option<String>,
}

impl fmt::Debug for EnrollRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnrollRequest").field("app_version", &self.app_version).finish_non_exhaustive()
    }
}

/// The desk is in.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct EnrollResponse {
    pub desk: DeskId,
    /// Bearer token, 256 bits. Shown once; the gateway keeps its digest.
    pub token: String,
    pub clinic: ClinicId,
    pub clinic_public_key: String,
    /// The clinic's private key, wrapped under the other half of the code. None for a desk that has it: the founding one, and one
    /// that comes in again by a code of the gateway's operator.
    pub envelope: Option<String>,
    pub server_time: DateTime<Utc>,
}

impl fmt::Debug for EnrollResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnrollResponse").field("desk", &self.desk).finish_non_exhaustive()
    }
}

/// A desk lets another one in.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct InviteRequest {
    /// SHA-256 of the authenticating half, hex.
    #[schemars(regex(pattern = r"^[0-9a-f]{64}$"))]
    pub auth_digest: String,
    /// The clinic's private key, wrapped under the other half, base64url.
    #[schemars(length(max = LONGEST_ENVELOPE), regex(pattern = r"^[A-Za-z0-9_-]+$"))]
    pub envelope: String,
    /// In the future.
    pub expires_at: DateTime<Utc>,
    /// Which key it is; a desk that does not say has the founding one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
}

/// An entity at its latest sequence number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    pub seq: u64,
    pub id: EntityRef,
    pub version: u64,
    /// None: erased; forget it.
    pub state: Option<State>,
    #[serde(default)]
    pub parts: Parts,
}

/// A change that this version cannot read: a newer kind of entity, or a state with a word that is not known here.
#[derive(Debug, Clone)]
pub struct NewerChange {
    pub seq: u64,
    /// The entity's id; its kind may not be known.
    pub id: String,
    /// As it came, sealed parts and all: a newer version reads it.
    pub raw: Box<RawValue>,
}

impl Change {
    /// Reads a change as it came.
    ///
    /// # Errors
    /// Not JSON of a change of any version.
    pub fn read(raw: Box<RawValue>) -> Result<Result<Self, NewerChange>, serde_json::Error> {
        #[derive(Deserialize)]
        struct Head {
            seq: u64,
            id: String,
        }
        match serde_json::from_str(raw.get()) {
            Ok(change) => Ok(Ok(change)),
            Err(_) => {
                let Head { seq, id } = serde_json::from_str(raw.get())?;
                Ok(Err(NewerChange { seq, id, raw }))
            }
        }
    }
}

/// One page of the state feed. On the wire its changes are read one by one ([`Change::read`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChangesPage<C = Change> {
    pub changes: Vec<C>,
    /// Opaque; stored in the same transaction as the page.
    pub cursor: String,
    pub has_more: bool,
    pub server_time: DateTime<Utc>,
    /// None: the gateway is of a version that does not change keys.
    #[serde(default)]
    pub key: Option<keys::KeyMark>,
}

/// An action with the sealed parts it brings to its entity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ActionEnvelope {
    pub action: Action,
    #[serde(default)]
    pub parts: Parts,
}

/// A push.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ActionsRequest {
    pub actions: Vec<ActionEnvelope>,
}

/// What became of an action. Stored with its id for ever.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
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
    /// Decided, with a word of a newer version.
    #[serde(other)]
    Unknown,
}

impl Outcome {
    /// The outcome of an action that the rule refuses: the world moved, or it would never have held.
    #[must_use]
    pub fn refused(refusal: Refusal) -> Self {
        match refusal {
            Refusal::ChangedMeanwhile { .. }
            | Refusal::SlotTaken { .. }
            | Refusal::ClaimedByOther
            | Refusal::RequestClosed
            | Refusal::RequestOpen
            | Refusal::WrongStatus { .. }
            | Refusal::BalanceTooLow { .. }
            | Refusal::CertificateBlocked
            | Refusal::CertificateExpired
            | Refusal::RefundRequested
            | Refusal::RefundNotRequested
            | Refusal::NoSuchRedemption
            | Refusal::TooLate
            | Refusal::PersonBlocked
            | Refusal::NoSuchBlock
            | Refusal::NoSuchPaper
            | Refusal::PaperStage { .. }
            | Refusal::CaseAtAnotherStep { .. }
            | Refusal::HeldMeanwhile
            | Refusal::AlreadyExists => Self::Conflict { refusal },
            _ => Self::Rejected { refusal },
        }
    }
}

/// The answer to one action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ActionResult {
    pub id: ActionId,
    /// The outcome was already known: this id came before.
    pub duplicate: bool,
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// The answer to a push, in the order of the push.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ActionsResponse {
    pub results: Vec<ActionResult>,
    pub server_time: DateTime<Utc>,
}

/// A new token for the desk that asks. The old one works until the new one was used for the first time, so an answer that
/// is lost costs nothing: ask again.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct TokenResponse {
    /// Bearer token, 256 bits. Shown once; to be stored before it is used.
    pub token: String,
}

impl fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenResponse(…)")
    }
}

/// A manager takes a desk's access away.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RevokeRequest {
    /// Who does it: a member of the staff who may add and remove workstations.
    pub actor: StaffId,
}

/// Data of an SSE `state` event: something changed; pull.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Poke {
    pub seq: u64,
}

/// The gateway's own state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Health {
    /// `ok`, or `waiting_for_clinic` before the founding desk enrolled.
    pub status: String,
    pub version: String,
    pub epoch: String,
    pub seq: u64,
    /// Older desks are turned away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_desk_version: Option<String>,
    pub server_time: DateTime<Utc>,
}

macro_rules! problems {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal, $status:literal;)*) => {
        /// The closed registry of problem types; `type` is `/problems/<code>`. What a single action runs into is no
        /// problem but its [`Outcome`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum ProblemCode {
            $($(#[doc = $doc])+ $name,)*
        }

        impl ProblemCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The word on the wire.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The HTTP status.
            #[must_use]
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// What it means and what to do.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii(),)* }
            }
        }
    };
}

problems! {
    /// There is no token, or one that is not known.
    Unauthorized = "unauthorized", 401;
    /// This desk's access was taken away. It stops syncing until a manager lets it in anew.
    DeskRevoked = "desk-revoked", 401;
    /// The one-time code is wrong, used or expired.
    CodeRefused = "code-refused", 401;
    /// Whoever asks may not do this.
    Scope = "scope", 403;
    /// There is nothing here.
    NotFound = "not-found", 404;
    /// What was sent is sealed to an older key of the clinic, or was made before it changed: look at the keys, seal it anew
    /// and send it under the same id.
    KeyChanged = "key-changed", 409;
    /// A later head of this desk's audit chain is known, or another hash of this number: what was done here last is gone
    /// from the chain, or is another.
    AuditBehind = "audit-behind", 409;
    /// The clinic is founded already.
    AlreadyFounded = "already-founded", 409;
    /// The cursor is of another epoch or scope, or too old: pull from the beginning and keep the outbox.
    ResyncRequired = "resync-required", 410;
    /// The body is too large: send less at once.
    TooLarge = "too-large", 413;
    /// The id was used for another action; `action` names it.
    ActionIdReused = "action-id-reused", 422;
    /// The request does not fit; where a single action of a push does not, `action` names it.
    Validation = "validation", 422;
    /// The program at the desk is older than `min_version`: it is to be updated.
    ClientTooOld = "client-too-old", 426;
    /// Too many requests: come back after `Retry-After` seconds.
    RateLimited = "rate-limited", 429;
    /// The gateway has failed; what was sent may be sent again.
    Internal = "internal", 500;
    /// The gateway is closing, or its database is away for a while: come back after `Retry-After` seconds.
    Maintenance = "maintenance", 503;
    /// There is no clinic yet.
    NotFounded = "not-founded", 503;
}

/// RFC 9457 problem details (`application/problem+json`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// `/problems/<code>`; `about:blank` where the status says it all.
    #[serde(rename = "type")]
    pub type_uri: String,
    pub title: String,
    pub status: u16,
    /// What about the request does not fit, in words that repeat nothing of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The action that the problem is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<ActionId>,
    /// With `client-too-old`: the oldest version that is let in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_version: Option<String>,
}

impl Problem {
    /// A problem of the registry.
    #[must_use]
    pub fn new(code: ProblemCode) -> Self {
        Self {
            type_uri: format!("/problems/{}", code.as_str()),
            title: code.meaning().to_owned(),
            status: code.status(),
            detail: None,
            action: None,
            min_version: None,
        }
    }

    /// The code, if it is one of the registry.
    #[must_use]
    pub fn code(&self) -> Option<ProblemCode> {
        let word = self.type_uri.strip_prefix("/problems/")?;
        ProblemCode::ALL.iter().copied().find(|code| code.as_str() == word)
    }
}
