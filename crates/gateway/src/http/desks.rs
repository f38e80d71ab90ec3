//! The API of the desks.

use axum::{
    Extension, Json,
    body::Bytes,
    extract::{
        Path, Query, State,
        rejection::{BytesRejection, PathRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use contract::v1::{
    ActionsResponse, EnrollResponse, Health, MAX_ACTIONS, MAX_CHANGES, ProblemCode, TokenResponse, audit::AuditHeads,
    keys::KeysView,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::Visitor;
use crate::{
    Door, Failure, Gateway, GatewayError,
    actions::{self, Arrived},
    audit,
    db::Caller,
    desks, enrolment,
    feed::{self, Asked},
    keys,
};

/// A body as a JSON object. Read by hand, so that whatever is wrong with it is a problem of the registry: where it is
/// wrong, and nothing of what stands there.
pub(super) fn json<T: DeserializeOwned>(body: Result<Bytes, BytesRejection>) -> Result<T, Failure> {
    let body = body?;
    // the members of a list would be taken for those of the object, by their order
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(Failure::Misfit("the body is not a JSON object".into()));
    }
    serde_json::from_slice(&body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let what = if error.is_data() { "does not fit the description" } else { "is not JSON" };
        Failure::Misfit(format!("the body {what}, line {line}, column {column}").into())
    })
}

pub(super) async fn health(State(gateway): State<Gateway>) -> Result<Json<Health>, Failure> {
    match gateway.health().await {
        Ok(health) => Ok(Json(health)),
        Err(GatewayError::Storage(error)) => Err(error.into()),
        Err(_) => Err(Failure::CutOff),
    }
}

pub(super) async fn enroll(
    State(gateway): State<Gateway>,
    visitor: Option<Extension<Visitor>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<EnrollResponse>, Failure> {
    let request = json(body)?;
    gateway.admit(Door::Enrol, &visitor.map(|Extension(visitor)| visitor.bucket()).unwrap_or_default())?;
    Gateway::to_the_end(enrolment::enroll(gateway, request)).await.map(Json)
}

pub(super) async fn invite(
    State(gateway): State<Gateway>,
    Extension(Caller { desk, .. }): Extension<Caller>,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Failure> {
    let request = json(body)?;
    Gateway::to_the_end(enrolment::invite(gateway, desk, request)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn token(
    State(gateway): State<Gateway>,
    Extension(Caller { desk, .. }): Extension<Caller>,
) -> Result<Json<TokenResponse>, Failure> {
    Gateway::to_the_end(desks::exchange_token(gateway, desk)).await.map(Json)
}

pub(super) async fn revoke(
    State(gateway): State<Gateway>,
    Extension(Caller { desk: by, .. }): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Failure> {
    let request = json(body)?;
    let desk = id?.parse().map_err(|_| ProblemCode::NotFound)?;
    Gateway::to_the_end(desks::revoke(gateway, by, desk, request)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn put_key(
    State(gateway): State<Gateway>,
    Extension(Caller { desk, .. }): Extension<Caller>,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Failure> {
    let request = json(body)?;
    Gateway::to_the_end(keys::put_desk_key(gateway, desk, request)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn keys(
    State(gateway): State<Gateway>,
    Extension(Caller { desk, .. }): Extension<Caller>,
) -> Result<Json<KeysView>, Failure> {
    keys::view(&gateway, &desk).await.map(Json)
}

pub(super) async fn change_key(
    State(gateway): State<Gateway>,
    Extension(Caller { desk, .. }): Extension<Caller>,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Failure> {
    let request = json(body)?;
    Gateway::to_the_end(keys::change(gateway, desk, request)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn put_audit_head(
    State(gateway): State<Gateway>,
    Extension(Caller { desk, .. }): Extension<Caller>,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Failure> {
    let head = json(body)?;
    Gateway::to_the_end(audit::put_head(gateway, desk, head)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn audit_heads(
    State(gateway): State<Gateway>,
    Extension(Caller { desk, .. }): Extension<Caller>,
) -> Result<Json<AuditHeads>, Failure> {
    audit::heads(&gateway, &desk).await.map(Json)
}

#[derive(Deserialize)]
pub(super) struct Since {
    since: Option<String>,
    limit: Option<usize>,
}

/// A limit is wrong rather than bent into its bounds: whoever asks for what there is not has misunderstood something.
const WRONG_LIMIT: &str = "limit is a whole number from 1 to 1000, and neither it nor since stands twice";

/// A page with its tag: a desk that stands there and is told of nothing new gets no body at all.
pub(super) async fn changes(
    State(gateway): State<Gateway>,
    Extension(caller): Extension<Caller>,
    query: Result<Query<Since>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let Ok(Query(Since { since, limit })) = query else { return Err(Failure::Misfit(WRONG_LIMIT.into())) };
    if limit.is_some_and(|limit| !(1..=MAX_CHANGES).contains(&limit)) {
        return Err(Failure::Misfit(WRONG_LIMIT.into()));
    }
    let has = headers.get(header::IF_NONE_MATCH).and_then(|tag| tag.to_str().ok()).map(opaque);
    let asked = Asked { caller: &caller, since: since.as_deref(), has, limit };
    let page = feed::page(&gateway, asked).await?;
    let tag = page.as_ref().map_or_else(|| has.unwrap_or_default().to_owned(), feed::tag);
    let tag = HeaderValue::from_str(&format!("W/\"{tag}\"")).map_err(|_| ProblemCode::Internal)?;
    let mut response = match &page {
        Some(page) => Json(page).into_response(),
        None => StatusCode::NOT_MODIFIED.into_response(),
    };
    response.headers_mut().insert(header::ETAG, tag);
    Ok(response)
}

/// What stands in a tag.
fn opaque(tag: &str) -> &str {
    let tag = tag.trim();
    tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"')
}

/// The push as it arrived: each action is read by itself, for its digest is of exactly what came.
#[derive(Deserialize)]
struct Push {
    actions: Vec<Value>,
}

pub(super) async fn actions(
    State(gateway): State<Gateway>,
    Extension(Caller { desk, .. }): Extension<Caller>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<ActionsResponse>, Failure> {
    let Push { actions } = json(body)?;
    if actions.len() > MAX_ACTIONS {
        return Err(ProblemCode::TooLarge.into());
    }
    // all of the push must be readable before any of it is decided
    let actions = actions.into_iter().map(Arrived::read).collect::<Result<Vec<_>, _>>()?;
    Gateway::to_the_end(actions::push(gateway, desk, actions)).await.map(Json)
}
