//! Orders of a `WooCommerce` shop (REST v3).

use crate::{canonical::Hint, certificate, fields::Field, reading::Arrived};

pub(crate) fn arrange(fields: Vec<Field>) -> Arrived {
    match fields.as_slice() {
        // the shop tries the door, unsigned, when the webhook is saved
        [only] if only.key == "webhook_id" => return Arrived::Probe,
        // a deleted order is only named
        [only] if only.key == "id" => {
            if let Ok(id) = only.value.parse() {
                let event = Some("delete".to_owned());
                return Arrived::Hint(Hint { resource: "order".to_owned(), id, event, claimed: None }, None);
            }
        }
        _ => {}
    }
    Arrived::Submission(certificate::arrange(fields))
}
