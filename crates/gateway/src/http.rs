//! The doors of the gateway. Each route stands once, in [`table`], with who may come through it; the router is built from
//! the table, so no route can forget its guard. What each takes and answers is described in `docs/openapi/v1.json`, which
//! the gateway serves; tests hold the two against each other.

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
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post, put},
};
use contract::v1::{DESK_VERSION, ProblemCode};
use tokio::time::timeout;
use tower_http::{compression::CompressionLayer, set_header::SetResponseHeaderLayer};

pub(crate) use self::{events::Listeners, visitor::Visitor};
use crate::{Door, Failure, Gateway, Version, db::Caller};

pub(crate) use sites::{TEST_TOKEN, bitrix24::Ties};

/// The largest submission of a site.
pub const MAX_INTAKE_BODY: usize = 256 * 1024;
/// The largest push.
pub const MAX_ACTIONS_BODY: usize = 4 * 1024 * 1024;
/// Everything else.
const MAX_BODY: usize = 64 * 1024;
/// Where a Bitrix24 portal is called.
const PORTAL: &str = "/rest/{user}/{secret}/{method}";
/// The description of all this.
const DESCRIPTION: &str = include_str!("../../../docs/openapi/v1.json");
/// From the head of a request to the head of its answer.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// Longest bearer token that is looked at.
const LONGEST_TOKEN: usize = 200;

/// What every answer says to whoever shows or keeps it: this is no page, it is for the one who asked, and only over TLS.
const ALWAYS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CACHE_CONTROL, "no-store"),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
];

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
        (route("GET", "/v1/openapi.json", Access::Open), get(description)),
        (route("POST", "/v1/desks/enroll", Access::Code), post(desks::enroll).layer(limit(MAX_BODY))),
        (route("POST", "/v1/desks/invite", Access::Desk), post(desks::invite).layer(limit(MAX_BODY))),
        (route("POST", "/v1/desks/token", Access::Desk), post(desks::token).layer(limit(MAX_BODY))),
        (route("PUT", "/v1/desks/key", Access::Desk), put(desks::put_key).layer(limit(MAX_BODY))),
        (route("POST", "/v1/desks/{id}/revoke", Access::Desk), post(desks::revoke).layer(limit(MAX_BODY))),
        (route("GET", "/v1/keys", Access::Desk), get(desks::keys)),
        (route("POST", "/v1/keys", Access::Desk), post(desks::change_key).layer(limit(MAX_BODY))),
        (route("PUT", "/v1/audit/head", Access::Desk), put(desks::put_audit_head).layer(limit(MAX_BODY))),
        (route("GET", "/v1/audit/heads", Access::Desk), get(desks::audit_heads)),
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
        (route("GET", PORTAL, Access::Site), get(sites::bitrix24::call).layer(limit(MAX_INTAKE_BODY))),
        (route("POST", PORTAL, Access::Site), post(sites::bitrix24::call).layer(limit(MAX_INTAKE_BODY))),
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
            Access::Code => handler.route_layer(middleware::from_fn_with_state(gateway.clone(), require_version)),
            Access::Open | Access::Site => handler,
        };
        router = router.route(route.path, handler);
    }
    router = router
        .fallback(async || Failure::from(ProblemCode::NotFound))
        .method_not_allowed_fallback(async || problem::method_not_allowed())
        .layer(middleware::from_fn(in_time))
        .layer(middleware::from_fn_with_state(gateway.clone(), while_open))
        .layer(CompressionLayer::new());
    for (name, value) in ALWAYS {
        router = router.layer(SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value)));
    }
    router.layer(middleware::from_fn(note::note)).with_state(gateway.clone())
}

async fn description() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], DESCRIPTION)
}

/// A body that does not come is not waited for. What is being written is written to its end all the same.
async fn in_time(request: Request, next: Next) -> Response {
    match timeout(TIME_LIMIT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => problem::request_timeout(),
    }
}

/// A gateway that closes takes nothing new: whoever comes on a connection that is still open is sent away for a while.
async fn while_open(State(gateway): State<Gateway>, request: Request, next: Next) -> Response {
    if *gateway.inner.closing.borrow() {
        return Failure::from(ProblemCode::Maintenance).into_response();
    }
    next.run(request).await
}

/// Lets an enrolled desk through and notes which one it is.
async fn require_desk(State(gateway): State<Gateway>, mut request: Request, next: Next) -> Response {
    // what is needed of the head is taken first: a request's body may not be waited over
    let digest = bearer(request.headers()).map(seal::token::digest);
    let version = version(request.headers());
    match desk_of(&gateway, digest, version).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(failure) => failure.into_response(),
    }
}

async fn desk_of(gateway: &Gateway, token_digest: Option<String>, version: Option<Version>) -> Result<Caller, Failure> {
    let digest = token_digest.ok_or(ProblemCode::Unauthorized)?;
    let caller = gateway.caller(&digest).await?;
    gateway.admit(Door::Desk, caller.desk.as_str())?;
    let fits = gateway.fits(version.as_ref());
    gateway.saw(&caller.desk, version);
    fits.map(|()| caller)
}

/// A desk that is too old is not let in either.
async fn require_version(State(gateway): State<Gateway>, request: Request, next: Next) -> Response {
    match gateway.fits(version(request.headers()).as_ref()) {
        Ok(()) => next.run(request).await,
        Err(failure) => failure.into_response(),
    }
}

/// What the desk says it runs.
fn version(headers: &HeaderMap) -> Option<Version> {
    Version::parse(headers.get(DESK_VERSION)?.to_str().ok()?).ok()
}

/// The token of `Authorization: Bearer …`.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.len() <= LONGEST_TOKEN).then_some(token)
}

/// The status of a problem, whatever its number.
fn status(number: u16) -> StatusCode {
    StatusCode::from_u16(number).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
