//! The API of the desks.

use axum::{
    Extension, Json,
    body::Bytes,
    extract::{
        Query, State,
        rejection::{BytesRejection, QueryRejection},
    },
    http::StatusCode,
};
use contract::v1::{ActionsResponse, ChangesPage, EnrollResponse, Health, MAX_ACTIONS, ProblemCode};
use domain::DeskId;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::Visitor;
use crate::{
    Door, Failure, Gateway, GatewayError,
    actions::{self, Arrived},
    enrolment, feed,
};

/// A body as JSON. Read by hand, so that whatever is wrong with it is a problem of the registry.
pub(super) fn json<T: DeserializeOwned>(body: Result<Bytes, BytesRejection>) -> Result<T, Failure> {
    serde_json::from_slice(&body?).map_err(|_| ProblemCode::Validation.into())
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
    gateway.admit(Door::Enrol, &visitor.map(|Extension(visitor)| visitor.bucket()).unwrap_or_default())?;
    let request = json(body)?;
    Gateway::to_the_end(enrolment::enroll(gateway, request)).await.map(Json)
}

pub(super) async fn invite(
    State(gateway): State<Gateway>,
    Extension(desk): Extension<DeskId>,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Failure> {
    let request = json(body)?;
    Gateway::to_the_end(enrolment::invite(gateway, desk, request)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
pub(super) struct Since {
    since: Option<String>,
    limit: Option<usize>,
}

pub(super) async fn changes(
    State(gateway): State<Gateway>,
    query: Result<Query<Since>, QueryRejection>,
) -> Result<Json<ChangesPage>, Failure> {
    let Query(Since { since, limit }) = query?;
    feed::page(&gateway, since.as_deref(), limit).await.map(Json)
}

/// The push as it arrived: each action is read by itself, for its digest is of exactly what came.
#[derive(Deserialize)]
struct Push {
    actions: Vec<Value>,
}

pub(super) async fn actions(
    State(gateway): State<Gateway>,
    Extension(desk): Extension<DeskId>,
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
