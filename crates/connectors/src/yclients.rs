//! Records of YCLIENTS: the webhook, which is news only, and the answers of its API.

use crate::{canonical::Hint, certificate, fields::Field, reading::Arrived};

pub(crate) fn arrange(fields: Vec<Field>) -> Arrived {
    let value = |key: &str| fields.iter().find(|field| field.key == key).map(|field| field.value.clone());
    match (value("resource"), value("resource_id").and_then(|id| id.parse().ok())) {
        (Some(resource), Some(id)) => {
            let event = value("status");
            Arrived::Hint(Hint { resource, id, event, claimed: None }, Some(certificate::arrange(fields)))
        }
        _ => Arrived::Submission(certificate::arrange(fields)),
    }
}
