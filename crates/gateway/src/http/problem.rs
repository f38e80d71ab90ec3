//! Failures as RFC 9457 problems: a code of the registry and its meaning; never SQL, a path or anything that was sent.

use axum::{
    extract::rejection::{BytesRejection, PathRejection, QueryRejection},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use contract::v1::{Problem, ProblemCode};

use super::status;
use crate::{Failure, Version};

/// Seconds after which it is worth to come back when the gateway or its database is away.
const COME_BACK: u32 = 5;

fn answer(problem: &Problem) -> Response {
    let body = serde_json::to_vec(problem).unwrap_or_default();
    let mut response =
        (status(problem.status), [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
    if let Some(challenge) = problem.code().and_then(challenge) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    response
}

/// By what one gets in instead: RFC 9110 wants it said with every 401.
fn challenge(code: ProblemCode) -> Option<&'static str> {
    match code {
        ProblemCode::Unauthorized | ProblemCode::DeskRevoked => Some("Bearer"),
        ProblemCode::CodeRefused => Some("Enrolment-Code"),
        _ => None,
    }
}

/// What the desk's program has to become: RFC 9110 wants it said with every 426, and for this connection alone.
fn too_old(minimum: &Version) -> Response {
    let min_version = Some(minimum.to_string());
    let mut response = answer(&Problem { min_version, ..Problem::new(ProblemCode::ClientTooOld) });
    if let Ok(wanted) = HeaderValue::from_str(&format!("reception-desk/{minimum}")) {
        response.headers_mut().insert(header::UPGRADE, wanted);
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    }
    response
}

/// What the registry has no word for: RFC 9457 then says `about:blank` and lets the status speak.
fn plain(status: StatusCode) -> Response {
    answer(&Problem {
        type_uri: "about:blank".to_owned(),
        title: status.canonical_reason().unwrap_or_default().to_owned(),
        status: status.as_u16(),
        detail: None,
        action: None,
        min_version: None,
    })
}

/// With the time after which it is worth to come back.
fn later(code: ProblemCode, seconds: u32) -> Response {
    let mut response = answer(&Problem::new(code));
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
            Self::Problem { code: ProblemCode::Maintenance, .. } => later(ProblemCode::Maintenance, COME_BACK),
            Self::Problem { code, action } => answer(&Problem { action, ..Problem::new(code) }),
            Self::TooMany { retry_after_seconds } => later(ProblemCode::RateLimited, retry_after_seconds),
            Self::Misfit(what) => {
                let detail = Some(what.into_owned());
                answer(&Problem { detail, ..Problem::new(ProblemCode::Validation) })
            }
            Self::TooOld { minimum } => too_old(&minimum),
            Self::Storage(error) if error.passes() => {
                tracing::warn!(%error, "the database does not answer");
                later(ProblemCode::Maintenance, COME_BACK)
            }
            Self::Storage(_) | Self::Seal(_) | Self::CutOff => {
                tracing::error!(error = %self, "a request failed");
                answer(&Problem::new(ProblemCode::Internal))
            }
        }
    }
}

impl From<BytesRejection> for Failure {
    fn from(rejection: BytesRejection) -> Self {
        let too_large = rejection.status() == StatusCode::PAYLOAD_TOO_LARGE;
        if too_large { ProblemCode::TooLarge.into() } else { Self::Misfit("the body did not come whole".into()) }
    }
}

/// What is no text cannot be the name of anything.
impl From<PathRejection> for Failure {
    fn from(_: PathRejection) -> Self {
        ProblemCode::NotFound.into()
    }
}

impl From<QueryRejection> for Failure {
    fn from(_: QueryRejection) -> Self {
        Self::Misfit("the query cannot be read".into())
    }
}
