//! Failures as RFC 9457 problems: a code of the registry and a fixed title; never SQL, a path or anything that was sent.

use axum::{
    extract::rejection::{BytesRejection, QueryRejection},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use contract::v1::{Problem, ProblemCode};

use super::status;
use crate::Failure;

/// How long a database that is away is given.
const RETRY_AFTER_SECONDS: u32 = 5;

fn title(code: ProblemCode) -> &'static str {
    match code {
        ProblemCode::Unauthorized => "no token, or one that is not known",
        ProblemCode::CodeRefused => "the code is wrong, used or expired",
        ProblemCode::NotFound => "there is nothing here",
        ProblemCode::AlreadyFounded => "the clinic is founded already",
        ProblemCode::NotFounded => "there is no clinic yet",
        ProblemCode::Unavailable => "the gateway cannot answer now",
        ProblemCode::ResyncRequired => "the cursor is of another epoch",
        ProblemCode::TooLarge => "the body is too large",
        ProblemCode::ActionIdReused => "the id was used for another action",
        ProblemCode::Validation => "the request does not fit",
        ProblemCode::RateLimited => "too many requests",
        ProblemCode::Internal => "the gateway has failed",
    }
}

fn answer(problem: &Problem) -> Response {
    let body = serde_json::to_vec(problem).unwrap_or_default();
    (status(problem.status), [(header::CONTENT_TYPE, "application/problem+json")], body).into_response()
}

fn of(code: ProblemCode) -> Problem {
    Problem::new(code, title(code))
}

/// What the registry has no word for: RFC 9457 then says `about:blank` and lets the status speak.
fn plain(status: StatusCode) -> Response {
    answer(&Problem {
        type_uri: "about:blank".to_owned(),
        title: status.canonical_reason().unwrap_or_default().to_owned(),
        status: status.as_u16(),
        action: None,
    })
}

/// Worth asking again then.
fn later(code: ProblemCode, seconds: u32) -> Response {
    let mut response = answer(&of(code));
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// A known path by a wrong method.
pub(super) fn method_not_allowed() -> Response {
    plain(StatusCode::METHOD_NOT_ALLOWED)
}

/// The body did not come.
pub(super) fn request_timeout() -> Response {
    plain(StatusCode::REQUEST_TIMEOUT)
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Problem { code, action } => answer(&Problem { action, ..of(code) }),
            Self::TooMany { retry_after_seconds } => later(ProblemCode::RateLimited, retry_after_seconds),
            Self::Storage(error) if error.passes() => {
                tracing::warn!(error = %error, "the database does not answer");
                later(ProblemCode::Unavailable, RETRY_AFTER_SECONDS)
            }
            Self::Storage(_) | Self::Seal(_) | Self::CutOff => {
                tracing::error!(error = %self, "a request failed");
                answer(&of(ProblemCode::Internal))
            }
        }
    }
}

impl From<BytesRejection> for Failure {
    fn from(rejection: BytesRejection) -> Self {
        let too_large = rejection.status() == StatusCode::PAYLOAD_TOO_LARGE;
        if too_large { ProblemCode::TooLarge.into() } else { ProblemCode::Validation.into() }
    }
}

impl From<QueryRejection> for Failure {
    fn from(_: QueryRejection) -> Self {
        ProblemCode::Validation.into()
    }
}
