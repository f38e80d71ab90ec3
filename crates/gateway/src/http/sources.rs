//! Sources for the desks: how they fare, and the mapping by which a desk reads again what was not understood.

use axum::{
    Extension, Json,
    body::Bytes,
    extract::{
        Path, State,
        rejection::{BytesRejection, PathRejection},
    },
};
use contract::v1::{
    ProblemCode,
    sources::{MappingRequest, SourceView, SourcesView},
};

use super::desks::json;
use crate::{Failure, Gateway, SourceError, db::Caller};

pub(super) async fn list(State(gateway): State<Gateway>) -> Result<Json<SourcesView>, Failure> {
    Ok(Json(SourcesView { sources: gateway.source_views().await? }))
}

pub(super) async fn mapping(
    State(gateway): State<Gateway>,
    Extension(Caller { desk, .. }): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<SourceView>, Failure> {
    let MappingRequest { mapping, zone } = json(body)?;
    let zone = zone.map(|zone| zone.parse()).transpose();
    let zone = zone.map_err(|_| Failure::Misfit("zone is no zone of the IANA database".into()))?;
    let Path(id) = id?;
    Gateway::to_the_end(async move {
        gateway.set_mapping(&id, mapping).await?;
        if zone.is_some() {
            gateway.set_zone(&id, zone).await?;
        }
        tracing::info!(source = %id, desk = %desk, "mapping changed");
        Ok(Json(gateway.source_view(&id).await?))
    })
    .await
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::NoSuchSource => ProblemCode::NotFound.into(),
            SourceError::TooManyRules | SourceError::WrongField(_) | SourceError::SecondRule(_) => {
                Self::Misfit(error.to_string().into())
            }
            SourceError::Upstream(_) => ProblemCode::Validation.into(),
            SourceError::Storage(error) => error.into(),
        }
    }
}
