//! Requests from the website: callbacks, wishes for a visit, certificate orders, messages (domain terms: «заявка»).

use chrono::{DateTime, Duration, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ActionId, AppointmentId, CertificateId, DeskId, PersonId, StaffId};

/// What the visitor asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum RequestKind {
    Callback,
    Booking,
    CertificateOrder,
    Message,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum RequestStatus {
    New,
    Assigned,
    /// Nobody answered, or the person asked to be called later: see `next_try_at`.
    RetryScheduled,
    /// Somebody answered; an outcome is owed.
    Reached,
    Converted,
    ClosedAnswered,
    ClosedRefused,
    ClosedUnreachable,
    ClosedWrongNumber,
    ClosedNotRequested,
    Duplicate,
    Spam,
}

impl RequestStatus {
    /// Still work to do.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::New | Self::Assigned | Self::RetryScheduled | Self::Reached)
    }
}

/// Why a request is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    Answered,
    Refused,
    Unreachable,
    WrongNumber,
    NotRequested,
    Duplicate,
    Spam,
}

impl CloseReason {
    /// The status that the reason leads to.
    #[must_use]
    pub fn status(self) -> RequestStatus {
        match self {
            Self::Answered => RequestStatus::ClosedAnswered,
            Self::Refused => RequestStatus::ClosedRefused,
            Self::Unreachable => RequestStatus::ClosedUnreachable,
            Self::WrongNumber => RequestStatus::ClosedWrongNumber,
            Self::NotRequested => RequestStatus::ClosedNotRequested,
            Self::Duplicate => RequestStatus::Duplicate,
            Self::Spam => RequestStatus::Spam,
        }
    }
}

/// How a call went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    Answered,
    NoAnswer,
    Busy,
    Voicemail,
    SwitchedOff,
    WrongPerson,
    HangUp,
    InvalidNumber,
}

impl CallOutcome {
    /// The status after such a call.
    #[must_use]
    pub fn leads_to(self) -> RequestStatus {
        match self {
            Self::Answered => RequestStatus::Reached,
            Self::NoAnswer | Self::Busy | Self::Voicemail | Self::SwitchedOff | Self::HangUp => {
                RequestStatus::RetryScheduled
            }
            Self::WrongPerson | Self::InvalidNumber => RequestStatus::ClosedWrongNumber,
        }
    }
}

/// One try to call. Its note, if any, is the sealed part `note:<id>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CallAttempt {
    /// The action that logged it.
    pub id: ActionId,
    /// The desk's clock.
    pub at: DateTime<Utc>,
    pub staff: StaffId,
    pub outcome: CallOutcome,
    /// Logged by mistake and taken back.
    pub retracted: bool,
}

/// Who works on the request now. A lease: past `until` it binds nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Claim {
    pub staff: StaffId,
    pub desk: DeskId,
    pub until: DateTime<Utc>,
}

/// Which door the request came through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
pub struct Source {
    /// `tilda`, `form`.
    pub connector: String,
    /// The id of the configured source.
    pub source: String,
    /// The site's host, if it said.
    pub site: Option<String>,
}

/// What the site says of consent. Evidence only: without its own record there is no consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConsentEvidence {
    /// Name of the form's field that was ticked.
    pub field: String,
    pub given: bool,
    /// SHA-256 of the text that was agreed to, in hex, where the site sends the text or its hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_sha256: Option<String>,
    /// When it was ticked, by the site's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<DateTime<Utc>>,
    /// Host of the page with the form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
}

/// Why what a site sent waits for a person: «поля не распознаны».
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum QuarantineReason {
    /// Says that it is JSON, and is not; or is not an object; or was cut off.
    BrokenJson,
    /// No connector reads this encoding.
    UnknownEncoding,
    /// There are fields, but nothing in them that a person could answer.
    NothingRecognised,
    /// A time without an offset, from a source whose zone nobody has named.
    NakedTime,
    /// A certificate that is not in roubles.
    OtherCurrency,
    /// The reader itself failed on it.
    ReaderFailed,
}

/// The clear side of a second reading; the other side is the action's sealed part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rereading {
    pub kind: RequestKind,
    /// The site's time, where the second reading found one.
    pub submitted_at: Option<DateTime<Utc>>,
    pub site: Option<String>,
    pub consent: Option<ConsentEvidence>,
}

/// The site's own time is believed if it is not older than this…
const OLDEST: Duration = Duration::days(7);
/// …and not further ahead than clocks go wrong.
const AHEAD: Duration = Duration::minutes(5);

/// When something was submitted: the site's time within reason, else the gateway's.
#[must_use]
pub fn believed(submitted_at: Option<DateTime<Utc>>, received_at: DateTime<Utc>) -> DateTime<Utc> {
    submitted_at.filter(|at| (received_at - OLDEST..=received_at + AHEAD).contains(at)).unwrap_or(received_at)
}

/// The clear state of a request; who asked and what they wrote is sealed ([`crate::personal::RequestPersonal`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Request {
    pub request_kind: RequestKind,
    pub status: RequestStatus,
    /// The site's time if it was trustworthy, else the gateway's.
    pub submitted_at: DateTime<Utc>,
    /// The gateway's time.
    pub received_at: DateTime<Utc>,
    pub source: Source,
    pub consent: Option<ConsentEvidence>,
    pub claim: Option<Claim>,
    pub attempts: Vec<CallAttempt>,
    pub next_try_at: Option<DateTime<Utc>>,
    pub person: Option<PersonId>,
    pub appointment: Option<AppointmentId>,
    /// The certificate made from a paid order.
    pub certificate: Option<CertificateId>,
    pub closed_at: Option<DateTime<Utc>>,
    /// Status before it was closed, for undo.
    pub before_close: Option<RequestStatus>,
    /// Why it waits for a person to look at it as it came («поля не распознаны»); its part
    /// [`crate::personal::part::ENVELOPE`] then holds what the site sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quarantine: Option<QuarantineReason>,
    /// When the site said that it no longer stands: the order was cancelled, the record deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// Somebody tried the door; nobody waits for an answer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub test: bool,
}

impl Request {
    /// A request as it comes in.
    #[must_use]
    pub fn received(
        request_kind: RequestKind,
        submitted_at: DateTime<Utc>,
        received_at: DateTime<Utc>,
        source: Source,
    ) -> Self {
        Self {
            request_kind,
            status: RequestStatus::New,
            submitted_at,
            received_at,
            source,
            consent: None,
            claim: None,
            attempts: Vec::new(),
            next_try_at: None,
            person: None,
            appointment: None,
            certificate: None,
            closed_at: None,
            before_close: None,
            quarantine: None,
            withdrawn_at: None,
            test: false,
        }
    }

    /// Tries that count.
    #[must_use]
    pub fn tries(&self) -> usize {
        self.attempts.iter().filter(|a| !a.retracted).count()
    }

    /// The claim that binds at this moment.
    #[must_use]
    pub fn live_claim(&self, now: DateTime<Utc>) -> Option<&Claim> {
        self.claim.as_ref().filter(|c| c.until > now)
    }
}
