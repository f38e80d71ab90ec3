//! What holds for every payload, as functions of bytes: the fuzzer and the ordinary tests call the same ones.
//!
//! Each reads its bytes, checks what came out, and panics where a promise of the crate is broken.

use connectors::{
    BODY, Canonical, Connector, FieldMeaning, FieldRule, LONGEST_BODY, MOST_CERTIFICATES, Parsed, SourceSettings,
    bitrix24, dry_run, gift_card, read_each, reread,
};
use domain::request::RequestKind;

/// Content types as sites name them.
const CONTENT_TYPES: [&str; 8] = [
    "application/json",
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=windows-1251",
    "multipart/form-data; boundary=b",
    "text/plain; charset=koi8-r",
    "text/html",
    "message/rfc822",
    "",
];
const METHODS: [&str; 5] = ["crm.lead.add.json", "crm.contact.add", "crm.duplicate.findbycomm", "batch", "lead.php"];
/// Names under which nothing may be kept.
const NEVER_KEPT: [&str; 6] = ["ip", "user_agent", "cookies", "passport", "diagnosis", "referrer"];

/// Two sources: one that has told nothing, one with a zone and rules.
fn settings(with_rules: bool) -> SourceSettings {
    let rule = |field: &str, meaning| FieldRule { field: field.to_owned(), meaning };
    let mapping =
        vec![rule("field_1", FieldMeaning::Phone), rule("name", FieldMeaning::Drop), rule("a", FieldMeaning::Start)];
    SourceSettings {
        zone: with_rules.then_some(chrono_tz::Asia::Krasnoyarsk),
        default_kind: RequestKind::Callback,
        mapping: if with_rules { mapping } else { Vec::new() },
    }
}

/// The first byte chooses connector and settings, the second the content type; the rest is the body.
pub(crate) fn payload(data: &[u8]) {
    let [first, second, body @ ..] = data else { return };
    let connector = Connector::ALL[usize::from(first % 8)];
    let content_type = CONTENT_TYPES[usize::from(second % 8)];
    check(connector, content_type, body, &settings(first & 8 != 0));
}

/// A letter.
pub(crate) fn letter(data: &[u8]) {
    check(Connector::Mailbox, "message/rfc822", data, &settings(false));
}

/// Calls to a portal; the first byte chooses the method.
pub(crate) fn calls(data: &[u8]) {
    let [first, body @ ..] = data else { return };
    let content_type = CONTENT_TYPES[usize::from(first & 8 != 0)];
    let method = METHODS[usize::from(first % 5)];
    let calls = bitrix24::calls(method, content_type, body, &settings(first & 16 != 0));
    assert!(calls.calls.len() <= bitrix24::MOST_CALLS);
    for call in &calls.calls {
        assert!(call.request.is_none_or(|at| at < calls.requests.len()), "a call names what it makes");
    }
    for parsed in &calls.requests {
        sound(parsed);
    }
    let ids: Vec<u64> = (1..).take(calls.requests.len()).collect();
    assert!(calls.answer(&ids).is_object());
}

/// Answers of the APIs that are polled; the first byte chooses whose.
pub(crate) fn answers(data: &[u8]) {
    let [first, body @ ..] = data else { return };
    let connector = if first & 1 == 0 { Connector::WooCommerce } else { Connector::Yclients };
    for parsed in read_each(connector, body, &settings(first & 2 != 0)) {
        sound(&parsed);
    }
    let _ = gift_card(body);
}

/// Reads a payload, and what was kept of it once more.
pub(crate) fn check(connector: Connector, content_type: &str, body: &[u8], settings: &SourceSettings) {
    let run = dry_run(connector, content_type, body, settings);
    sound(&run.parsed);
    let again = dry_run(connector, content_type, body, settings);
    assert_eq!(run, again, "a reading depends on its payload alone");
    let (kept, is_body) = match &run.parsed {
        Parsed::Probe | Parsed::Hint(connectors::Hint { claimed: None, .. }) => return,
        Parsed::Request(request) | Parsed::Hint(connectors::Hint { claimed: Some(request), .. }) => {
            (&request.kept, false)
        }
        Parsed::Unreadable(unreadable) => {
            (&unreadable.kept, unreadable.kept.first().is_some_and(|(key, _)| key == BODY))
        }
    };
    let second = reread(connector, content_type, kept, settings);
    sound(&second);
    if !is_body && !kept.is_empty() {
        let (first, second) = (essence(&run.parsed), essence(&second));
        for (part, value) in first.as_object().unwrap() {
            assert_eq!(Some(value), second.get(part), "{connector:?}: the {part} of what was kept is as at the door");
        }
    }
}

/// What a reading says, without what was left at the door.
fn essence(parsed: &Parsed) -> serde_json::Value {
    let mut value = serde_json::to_value(parsed).unwrap();
    for part in ["", "/claimed"] {
        if let Some(object) = value.pointer_mut(part).and_then(|value| value.as_object_mut()) {
            object.remove("dropped");
            if let Some(kept) = object.get_mut("kept").and_then(|kept| kept.as_array_mut()) {
                kept.sort_by_key(ToString::to_string);
                kept.dedup();
            }
        }
    }
    value
}

/// What holds for every reading.
pub(crate) fn sound(parsed: &Parsed) {
    let kept = match parsed {
        Parsed::Probe => return,
        Parsed::Unreadable(unreadable) => &unreadable.kept,
        Parsed::Request(request) => sound_request(request),
        Parsed::Hint(hint) => {
            assert!(hint.resource.len() <= 40);
            match &hint.claimed {
                Some(request) => sound_request(request),
                None => return,
            }
        }
    };
    for (key, value) in kept {
        assert!(!NEVER_KEPT.contains(&key.as_str()), "{key} is kept");
        assert!(value.chars().count() <= LONGEST_BODY);
    }
}

fn sound_request(request: &Canonical) -> &Vec<(String, String)> {
    assert!(request.certificates.len() <= MOST_CERTIFICATES);
    assert!(request.certificates.iter().all(|c| c.face_value.0 > 0));
    let keys: std::collections::BTreeSet<&str> = request.certificates.iter().map(|c| c.key.as_str()).collect();
    assert_eq!(keys.len(), request.certificates.len(), "each certificate of an order has a key of its own");
    let personal = &request.personal;
    assert!(personal.name_raw.chars().count() <= 100 && personal.name_raw.chars().all(|c| !c.is_control()));
    for key in [&request.natural_key, &request.subject_key].into_iter().flatten() {
        assert!(key.chars().count() <= 200);
    }
    if let Some(consent) = &request.consent {
        assert!(consent.field.chars().count() <= 60);
        assert!(consent.text_sha256.as_ref().is_none_or(|hash| hash.len() == 64));
    }
    let shown = format!("{request:?}");
    if personal.name_raw.chars().count() >= 12 {
        assert!(!shown.contains(&personal.name_raw), "Debug shows a name");
    }
    &request.kept
}
