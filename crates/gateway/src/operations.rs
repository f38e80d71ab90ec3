//! For those who run the gateway, on an address of its own: `/metrics`, `/live`, `/ready`.
//!
//! *Live* means that the process answers: restart it if not. *Ready* means that it can do its work: the database answers
//! in time and nobody has asked it to stop. What is said here is about the gateway and never about people.

use std::time::Duration;

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use crate::{
    Gateway,
    db::StorageError,
    metrics::{self, Metrics},
};

/// A database that takes longer is not there.
const PATIENCE: Duration = Duration::from_secs(3);

/// How ready the gateway is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Readiness {
    Ok,
    /// It works, and no desk has founded the clinic yet: submissions of sites are refused.
    WaitingForClinic,
    /// It was asked to stop.
    Stopping,
    /// The database does not answer.
    NoDatabase,
}

/// The answer of `/ready`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ready {
    pub status: Readiness,
    pub version: String,
}

#[derive(Clone)]
struct Operations {
    gateway: Gateway,
    metrics: Option<Metrics>,
}

pub(crate) fn router(gateway: &Gateway, metrics: Option<Metrics>) -> Router {
    Router::new()
        .route("/metrics", get(show))
        .route("/live", get(async || "ok\n"))
        .route("/ready", get(ready))
        .with_state(Operations { gateway: gateway.clone(), metrics })
}

async fn show(State(operations): State<Operations>) -> Response {
    let Some(metrics) = &operations.metrics else { return StatusCode::NOT_FOUND.into_response() };
    if let Ok(Err(error)) = timeout(PATIENCE, operations.gateway.measure()).await {
        tracing::debug!(%error, "the database was not measured");
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], metrics.render()).into_response()
}

impl Gateway {
    /// What is not counted as it happens is looked up when somebody asks.
    async fn measure(&self) -> Result<(), StorageError> {
        for (pool, size, idle) in self.storage().pools() {
            metrics::database(pool, size, idle);
        }
        metrics::up_to(self.storage().house().await?.seq);
        for source in self.storage().sources().await? {
            let last_seen = self.storage().arrivals(&source.id, 1).await?.first().copied();
            let poll = self.storage().poll_state(&source.id).await?;
            metrics::source(&source.id, last_seen, poll.failures);
        }
        Ok(())
    }
}

async fn ready(State(operations): State<Operations>) -> Response {
    let status = readiness(&operations.gateway).await;
    let code = match status {
        Readiness::Ok | Readiness::WaitingForClinic => StatusCode::OK,
        Readiness::Stopping | Readiness::NoDatabase => StatusCode::SERVICE_UNAVAILABLE,
    };
    (code, Json(Ready { status, version: env!("CARGO_PKG_VERSION").to_owned() })).into_response()
}

async fn readiness(gateway: &Gateway) -> Readiness {
    if gateway.is_closing() {
        return Readiness::Stopping;
    }
    match timeout(PATIENCE, gateway.storage().house()).await {
        Ok(Ok(house)) if house.clinic.is_some() => Readiness::Ok,
        Ok(Ok(_)) => Readiness::WaitingForClinic,
        Ok(Err(_)) | Err(_) => Readiness::NoDatabase,
    }
}
