//! The sources of requests, as the gateway has them: how they fare, and what their fields mean.

use contract::{
    ui::UiError,
    v1::{
        ProblemCode,
        sources::{MappingRequest, SourceView},
    },
};
use domain::{mapping::FieldRule, staff::Permission};

use crate::{Desk, session::Seat, transport::TransportError, trouble::DeskError};

impl Desk {
    /// Every source, with how it fares.
    ///
    /// # Errors
    /// `Forbidden` unless a manager is signed in; `GatewayUnreachable`.
    pub async fn sources(&self) -> Result<Vec<SourceView>, UiError> {
        let seat = self.seat(Some(Permission::Administer)).await?;
        Ok(all(&seat).await?)
    }

    /// Says what the fields of a source mean, and the zone of its times (`None`: as it was). Requests that were not
    /// understood can then be read again.
    ///
    /// # Errors
    /// As [`Desk::sources`]; `BadInput` with `mapping` when the rules do not fit, `NotFound` without such a source.
    pub async fn set_mapping(
        &self,
        source: &str,
        mapping: Vec<FieldRule>,
        zone: Option<String>,
    ) -> Result<SourceView, UiError> {
        let seat = self.seat(Some(Permission::Administer)).await?;
        Ok(set_mapping(&seat, source, &MappingRequest { mapping, zone }).await?)
    }
}

async fn set_mapping(seat: &Seat, source: &str, request: &MappingRequest) -> Result<SourceView, DeskError> {
    if source.is_empty() || !source.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Err(DeskError::NotFound);
    }
    let changed = seat.open.link.transport().put_mapping(source, request).await.map_err(|error| match error {
        TransportError::Problem { code: Some(ProblemCode::NotFound), .. } => DeskError::NotFound,
        TransportError::Problem { code: Some(ProblemCode::Validation), .. } => DeskError::BadInput("mapping"),
        other => other.into(),
    })?;
    seat.open.store.audit(seat.entry("source.set_mapping").about(source)).await?;
    Ok(changed)
}

/// Every source, as the gateway has them now.
pub(crate) async fn all(seat: &Seat) -> Result<Vec<SourceView>, DeskError> {
    Ok(seat.open.link.transport().sources().await?.sources)
}
