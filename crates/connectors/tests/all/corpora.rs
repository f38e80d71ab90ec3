//! Payloads as real sites send them, and what is read out of each. `UPDATE_GOLDEN=1` writes the readings anew.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use connectors::{Connector, Parsed, SourceSettings, read};
use domain::request::RequestKind;

fn folder(connector: Connector) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpora").join(connector.as_str())
}

/// Payloads named `*.zone.*` come from a source that names its zone.
fn settings(name: &str) -> SourceSettings {
    let zone = name.contains(".zone.").then_some(chrono_tz::Asia::Krasnoyarsk);
    SourceSettings { zone, default_kind: RequestKind::Callback, mapping: Vec::new() }
}

fn content_type(name: &str, body: &[u8]) -> String {
    match name.rsplit('.').next().unwrap() {
        "json" => "application/json".to_owned(),
        "eml" => "message/rfc822".to_owned(),
        "txt" => "text/plain; charset=utf-8".to_owned(),
        "xml" => "application/xml".to_owned(),
        "multipart" => {
            let line = body.split(|byte| *byte == b'\r').next().unwrap();
            format!("multipart/form-data; boundary={}", String::from_utf8_lossy(&line[2..]))
        }
        _ => "application/x-www-form-urlencoded".to_owned(),
    }
}

fn read_file(connector: Connector, path: &Path) -> (String, Parsed) {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let body = fs::read(path).unwrap();
    let parsed = read(connector, &content_type(&name, &body), &body, &settings(&name));
    (name, parsed)
}

fn payloads(connector: Connector) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = fs::read_dir(folder(connector)).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.retain(|path| !path.to_string_lossy().ends_with(".expected.json"));
    all.sort();
    all
}

#[test]
fn every_payload_is_read_as_expected() {
    let mut wrong = Vec::new();
    for connector in Connector::ALL {
        let payloads = payloads(connector);
        assert!(payloads.len() >= 10, "payloads of {connector:?} are there");
        for path in payloads {
            let (name, parsed) = read_file(connector, &path);
            let found = serde_json::to_value(&parsed).unwrap();
            let golden = path.with_file_name(format!("{name}.expected.json"));
            if env::var_os("UPDATE_GOLDEN").is_some() {
                fs::write(&golden, format!("{}\n", serde_json::to_string_pretty(&found).unwrap())).unwrap();
            }
            let expected: serde_json::Value =
                serde_json::from_slice(&fs::read(&golden).unwrap_or_default()).unwrap_or_default();
            if found != expected {
                wrong.push(format!("{name}:\n{found:#}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What must not be kept is in no reading at all, the envelope included.
#[test]
fn what_a_clinic_must_not_keep_is_left_at_the_door() {
    for connector in Connector::ALL {
        for path in payloads(connector) {
            let (name, parsed) = read_file(connector, &path);
            let text = serde_json::to_string(&parsed).unwrap();
            for never in [
                "tildauid",
                "GA1.2",
                "203.0.113",
                "Mozilla",
                "search.example",
                "0400 000000",
                "К04.0",
                "шестёрка",
                "utm_medium",
            ] {
                assert!(!text.contains(never), "{name} keeps {never}");
            }
        }
    }
}

#[test]
fn a_payment_after_its_order_is_news() {
    let key = |body: &str| match read(Connector::Tilda, "", body.as_bytes(), &settings("")) {
        Parsed::Request(request) => request.natural_key,
        other => panic!("{other:?}"),
    };
    let order = "Name=Anna&payment[orderid]=77&payment[products][0][name]=x";
    let unpaid = key(&format!("{order}&payment[systranid]=0"));
    let paid = key(&format!("{order}&payment[sys]=cloudpayments&payment[systranid]=5"));
    assert_eq!(unpaid.as_deref(), Some("order:77"));
    assert!(paid.is_some() && paid != unpaid);
}

#[test]
fn debug_shows_nothing_of_a_visitor() {
    let body = br#"{"name":"CanaryName","phone":"+79000001234","certificate":{"code":"CANARYCODE","face_value":5000}}"#;
    let shown = format!("{:?}", read(Connector::Form, "application/json", body, &settings("")));
    assert!(!shown.contains("Canary") && !shown.contains("CANARY") && !shown.contains("9000001234"), "{shown}");
}

fn demo() -> Vec<(String, connectors::Canonical)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpora/demo");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ext| ext != "md"));
    files.sort();
    let read = |path: PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let connector = if name.ends_with(".form") { Connector::Tilda } else { Connector::Form };
        // line ends at the end of a file are not the site's
        let body = fs::read_to_string(&path).unwrap();
        let body = body.trim_end().as_bytes();
        match read(connector, &content_type(&name, body), body, &settings(&name)) {
            Parsed::Request(request) => (name, *request),
            other => panic!("{name}: {other:?}"),
        }
    };
    files.into_iter().map(read).collect()
}

#[test]
fn the_demo_night_has_something_of_everything() {
    use domain::{fold, phone::PhoneStatus};
    let night = demo();
    assert!(night.len() >= 14);
    let status = |wanted| {
        let has = |phone: &domain::phone::ParsedPhone| phone.status == wanted;
        night.iter().any(|(_, request)| request.personal.phone.as_ref().is_some_and(has))
    };
    assert!(status(PhoneStatus::Valid) && status(PhoneStatus::Foreign) && status(PhoneStatus::Invalid));
    for kind in [RequestKind::Callback, RequestKind::Booking, RequestKind::CertificateOrder, RequestKind::Message] {
        assert!(night.iter().any(|(_, request)| request.kind == kind), "{kind:?}");
    }
    let phones: Vec<_> =
        night.iter().filter_map(|(_, r)| r.personal.phone.as_ref()?.phone.as_ref()).map(|p| p.e164()).collect();
    let shared = phones.iter().filter(|phone| phones.iter().filter(|other| other == phone).count() > 1).count();
    assert!(shared >= 2, "people who share a phone");
    let orders: Vec<_> = night.iter().flat_map(|(_, request)| &request.certificates).collect();
    assert!(orders.iter().all(|order| order.is_paid()) && orders.iter().any(|order| order.code.is_none()));
    let codes: Vec<_> = orders.iter().filter_map(|order| order.code.as_deref()).collect();
    assert!(!codes.is_empty());
    assert!(codes.iter().all(|code| fold::code_is_well_formed(&fold::fold_code(code))), "{codes:?}");
    for (name, request) in &night {
        assert!(request.submitted_at.is_none(), "{name} brings a time of its own");
    }
}
