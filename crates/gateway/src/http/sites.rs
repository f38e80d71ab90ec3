//! The door of the sites: `POST /in/<connector>/<source>?k=<secret>`.
//!
//! An unknown source, a wrong secret and a source of another connector get the same answer. The answer to a submission is
//! of the shape that the site's software takes for success.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State, rejection::BytesRejection, rejection::QueryRejection},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use connectors::Connector;
use contract::v1::ProblemCode;
use serde::Deserialize;
use serde_json::json;

use super::bearer;
use crate::{
    Door, Failure, Gateway,
    db::Source,
    intake::{self, Arrival, Taken},
    metrics,
};

/// What a secret is compared with where there is no source: so much work either way.
const NOBODY: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const LONGEST_SECRET: usize = 200;
const LONGEST_CONTENT_TYPE: usize = 200;

#[derive(Deserialize)]
pub(super) struct Key {
    k: Option<String>,
}

pub(super) async fn intake(
    State(gateway): State<Gateway>,
    Path((connector, id)): Path<(String, String)>,
    key: Result<Query<Key>, QueryRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Failure> {
    let Query(Key { k }) = key?;
    let secret = k.or_else(|| bearer(&headers).map(str::to_owned)).unwrap_or_default();
    let source = source_of(&gateway, &connector, &id, &secret).await?;
    gateway.admit(Door::Intake, &source.id)?;
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let content_type = content_type.chars().take(LONGEST_CONTENT_TYPE).collect();
    let connector = source.connector;
    let arrival = Arrival { source, secret, content_type, body: body?.to_vec() };
    let taken = Gateway::to_the_end(intake::receive(gateway, arrival)).await;
    metrics::taken_in(connector.as_str(), outcome(&taken));
    Ok(success(connector, &taken?))
}

async fn source_of(gateway: &Gateway, connector: &str, id: &str, secret: &str) -> Result<Source, Failure> {
    let source = gateway.storage().source(id).await?;
    let digest = source.as_ref().map_or(NOBODY, |source| source.secret_digest.as_str());
    let known = secret.len() <= LONGEST_SECRET && seal::token::verify(secret, digest);
    match source {
        Some(source) if known && source.connector.as_str() == connector => Ok(source),
        _ => Err(ProblemCode::Unauthorized.into()),
    }
}

fn outcome(taken: &Result<Taken, Failure>) -> &'static str {
    match taken {
        Ok(Taken::Probe) => "probe",
        Ok(Taken::Request(_)) => "taken",
        Err(_) => "failed",
    }
}

fn success(connector: Connector, taken: &Taken) -> Response {
    match (connector, taken) {
        (Connector::Tilda, _) => "ok".into_response(),
        (_, Taken::Request(id)) => Json(json!({ "ok": true, "id": id })).into_response(),
        (_, Taken::Probe) => Json(json!({ "ok": true })).into_response(),
    }
}
