//! Reading that cannot lose anything: whatever goes wrong in it, what was sent is still there.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    str,
};

use connectors::{BODY, Canonical, Parsed, QuarantineReason, Unreadable};
use domain::{personal::RequestPersonal, request::RequestKind};

/// Fields of the clear text that a desk shows in the card; the envelope has all of them.
const SHOWN_FIELDS: usize = 60;
/// Longest of them, in characters.
const SHOWN_VALUE: usize = 2_000;

/// Reads; a reader that fails gives the whole text in quarantine. The readers are pure, so nothing is left half done.
pub(crate) fn guarded(body: &[u8], read: impl FnOnce() -> Parsed) -> Parsed {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
        let text = match str::from_utf8(body) {
            Ok(text) => text.to_owned(),
            Err(_) => String::from_utf8_lossy(body).into_owned(),
        };
        Parsed::Unreadable(Unreadable {
            reason: QuarantineReason::ReaderFailed,
            kept: vec![(BODY.to_owned(), text)],
            dropped: Vec::new(),
        })
    })
}

/// What was not understood, as it came.
pub(super) fn raw(reason: QuarantineReason, kept: Vec<(String, String)>, dropped: Vec<&'static str>) -> Canonical {
    let short = |(name, value): &(String, String)| (name.clone(), value.chars().take(SHOWN_VALUE).collect());
    Canonical {
        kind: RequestKind::Message,
        personal: RequestPersonal {
            extra: kept.iter().take(SHOWN_FIELDS).map(short).collect(),
            ..RequestPersonal::default()
        },
        submitted_at: None,
        site: None,
        subject_key: None,
        natural_key: None,
        withdrawn: false,
        consent: None,
        certificates: Vec::new(),
        quarantine: Some(reason),
        dropped,
        kept,
    }
}

/// News of something, of a site that cannot be asked what it is.
pub(super) fn bare_news(resource: &str, id: u64, event: Option<&str>) -> Canonical {
    let withdrawn = event == Some("delete");
    let fields = [("resource", resource.to_owned()), ("id", id.to_string())];
    let mut kept: Vec<_> = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    kept.extend(event.map(|event| ("event".to_owned(), event.to_owned())));
    Canonical {
        subject_key: Some(format!("{resource}:{id}")),
        withdrawn,
        ..raw(QuarantineReason::NothingRecognised, kept, Vec::new())
    }
}

/// News that something was deleted, which say nothing else of it.
pub(super) fn is_bare_deletion(canonical: &Canonical) -> bool {
    canonical.withdrawn && canonical.quarantine.is_some()
}

#[cfg(test)]
#[allow(clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_fails_loses_nothing() {
        let body = "name=Анна\u{0}&phone=8900".as_bytes();
        let parsed = guarded(body, || panic!("an index"));
        let Parsed::Unreadable(unreadable) = parsed else { panic!("{parsed:?}") };
        assert_eq!(unreadable.reason, QuarantineReason::ReaderFailed);
        assert_eq!(unreadable.kept, [("body".to_owned(), "name=Анна\u{0}&phone=8900".to_owned())]);
    }
}
