//! The doors of the gateway. Each route stands once, in [`table`], with who may come through it; the router is built from
//! the table, so no route can forget its guard.

mod desks;
mod events;
mod note;
mod problem;
mod sites;
mod sources;
mod visitor;

use std::time::Duration;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post, put},
};
use contract::v1::ProblemCode;
use domain::DeskId;
use tokio::time::timeout;
use tower_http::{compression::CompressionLayer, set_header::SetResponseHeaderLayer};

pub(crate) use self::visitor::Visitor;
use crate::{Failure, Gateway};

pub(crate) use sites::{TEST_TOKEN, bitrix24::Ties};

/// The largest submission of a site.
pub const MAX_INTAKE_BODY: usize = 256 * 1024;
/// The largest push.
pub const MAX_ACTIONS_BODY: usize = 4 * 1024 * 1024;
/// Everything else.
const MAX_BODY: usize = 64 * 1024;
/// From the head of a request to the head of its answer.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// Longest bearer token that is looked at.
const LONGEST_TOKEN: usize = 200;

/// Who may come through a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Open,
    /// Who has a one-time code.
    Code,
    /// A site with the secret of its source.
    Site,
    /// An enrolled desk with its token.
    Desk,
}

/// A route and who may come through it.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    pub method: &'static str,
    pub path: &'static str,
    pub access: Access,
}

fn table() -> Vec<(Route, MethodRouter<Gateway>)> {
    let route = |method, path, access| Route { method, path, access };
    let limit = DefaultBodyLimit::max;
    vec![
        (route("GET", "/v1/health", Access::Open), get(desks::health)),
        (route("POST", "/v1/desks/enroll", Access::Code), post(desks::enroll).layer(limit(MAX_BODY))),
        (route("POST", "/v1/desks/invite", Access::Desk), post(desks::invite).layer(limit(MAX_BODY))),
        (route("GET", "/v1/changes", Access::Desk), get(desks::changes)),
        (route("POST", "/v1/actions", Access::Desk), post(desks::actions).layer(limit(MAX_ACTIONS_BODY))),
        (route("GET", "/v1/events", Access::Desk), get(events::events)),
        (route("GET", "/v1/sources", Access::Desk), get(sources::list)),
        (route("PUT", "/v1/sources/{id}/mapping", Access::Desk), put(sources::mapping).layer(limit(MAX_BODY))),
        (route("POST", "/in/{connector}/{source}", Access::Site), post(sites::intake).layer(limit(MAX_INTAKE_BODY))),
        (
            route("POST", "/in/{connector}/{source}/{secret}", Access::Site),
            post(sites::intake_by_path).layer(limit(MAX_INTAKE_BODY)),
        ),
        (
            route("POST", "/rest/{user}/{secret}/{method}", Access::Site),
            post(sites::bitrix24::call).get(sites::bitrix24::call).layer(limit(MAX_INTAKE_BODY)),
        ),
    ]
}

/// Every route.
#[must_use]
pub fn routes() -> Vec<Route> {
    table().into_iter().map(|(route, _)| route).collect()
}

pub(crate) fn router(gateway: &Gateway) -> Router {
    let mut router = Router::new();
    for (route, handler) in table() {
        let handler = match route.access {
            Access::Desk => handler.route_layer(middleware::from_fn_with_state(gateway.clone(), require_desk)),
            Access::Open | Access::Code | Access::Site => handler,
        };
        router = router.route(route.path, handler);
    }
    router
        .fallback(async || Failure::from(ProblemCode::NotFound))
        .method_not_allowed_fallback(async || problem::method_not_allowed())
        .layer(middleware::from_fn(in_time))
        .layer(CompressionLayer::new())
        .layer(SetResponseHeaderLayer::overriding(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")))
        .layer(SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .layer(middleware::from_fn(note::note))
        .with_state(gateway.clone())
}

/// A body that does not come is not waited for. What is being written is written to its end all the same.
async fn in_time(request: Request, next: Next) -> Response {
    match timeout(TIME_LIMIT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => problem::request_timeout(),
    }
}

/// Lets an enrolled desk through and notes which one it is.
async fn require_desk(State(gateway): State<Gateway>, mut request: Request, next: Next) -> Response {
    // the digest is taken first: a request's body may not be waited over
    let digest = bearer(request.headers()).map(seal::token::digest);
    match desk_of(&gateway, digest).await {
        Ok(desk) => {
            request.extensions_mut().insert(desk);
            next.run(request).await
        }
        Err(failure) => failure.into_response(),
    }
}

async fn desk_of(gateway: &Gateway, token_digest: Option<String>) -> Result<DeskId, Failure> {
    let digest = token_digest.ok_or(ProblemCode::Unauthorized)?;
    let desk = gateway.storage().desk_of_token(&digest).await?;
    desk.ok_or(ProblemCode::Unauthorized.into())
}

/// The token of `Authorization: Bearer …`.
fn bearer(headers: &axum::http::HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.len() <= LONGEST_TOKEN).then_some(token)
}

/// The status of a problem, whatever its number.
fn status(number: u16) -> StatusCode {
    StatusCode::from_u16(number).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
