//! «Перечитать»: what the gateway did not understand is read once more here, by the mapping as it is now.
//!
//! Only a desk can: the gateway has sealed what the site sent. The reading is the gateway's own, from the same crate; the
//! mapping is asked for, so it works only while the gateway answers.

use std::panic::{AssertUnwindSafe, catch_unwind};

use connectors::{Canonical, Hint, Parsed, QuarantineReason, SourceSettings};
use contract::{
    ui::{RequestArgs, Reread},
    v1::sources::SourceView,
};
use domain::{Command, Refusal, personal::EnvelopePersonal, request::Rereading};

use super::{blocks, requests};
use crate::{
    session::{Seat, part},
    sources,
    trouble::DeskError,
};

/// Reads a request again that was not understood.
pub(crate) async fn request_reread(seat: &Seat, args: RequestArgs) -> Result<Reread, DeskError> {
    let store = &seat.open.store;
    let known = store.request(&args.id).await?.ok_or(DeskError::NotFound)?;
    if known.state.quarantine.is_none() {
        return Err(Refusal::NotQuarantined.into());
    }
    blocks::usable(known.blocked)?;
    let envelope = store.request_envelope(&args.id).await?.ok_or(DeskError::NotFound)?;
    let sources = sources::all(seat).await?;
    let source = sources.iter().find(|source| source.id == known.state.source.source).ok_or(DeskError::NotFound)?;
    let still = match read(source, &envelope) {
        Ok(canonical) => {
            let reading = Rereading {
                kind: canonical.kind,
                submitted_at: canonical.submitted_at,
                site: canonical.site,
                consent: canonical.consent,
            };
            let main = part(&canonical.personal)?;
            seat.act(args.id.clone(), known.version, Command::RequestReread { reading }, main).await?;
            None
        }
        Err(reason) => Some(reason),
    };
    Ok(Reread { card: requests::card(seat, store, &args.id).await?, still })
}

fn read(source: &SourceView, envelope: &EnvelopePersonal) -> Result<Canonical, QuarantineReason> {
    // a kind of source that only a newer version knows
    let connector = source.connector.parse().map_err(|_| QuarantineReason::UnknownEncoding)?;
    let settings = SourceSettings {
        zone: source.zone.as_ref().and_then(|zone| zone.parse().ok()),
        default_kind: source.kind,
        mapping: source.mapping.clone(),
    };
    let reading =
        AssertUnwindSafe(|| connectors::reread(connector, &envelope.content_type, &envelope.fields, &settings));
    match catch_unwind(reading).map_err(|_| QuarantineReason::ReaderFailed)? {
        Parsed::Request(canonical) | Parsed::Hint(Hint { claimed: Some(canonical), .. }) => {
            match canonical.quarantine {
                None => Ok(*canonical),
                Some(reason) => Err(reason),
            }
        }
        Parsed::Unreadable(unreadable) => Err(unreadable.reason),
        Parsed::Probe | Parsed::Hint(Hint { claimed: None, .. }) => Err(QuarantineReason::NothingRecognised),
    }
}
