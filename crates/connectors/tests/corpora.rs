//! Payloads as real sites send them, and what is read out of each. `UPDATE_GOLDEN=1` writes the readings anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{env, fs, path::PathBuf};

use connectors::{Connector, Parsed, SourceSettings, read};
use domain::request::RequestKind;

fn folder(connector: Connector) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpora").join(connector.as_str())
}

/// Payloads named `*.zone.*` come from a source that names its zone.
fn settings(name: &str) -> SourceSettings {
    let zone = name.contains(".zone.").then_some(chrono_tz::Asia::Krasnoyarsk);
    SourceSettings { zone, default_kind: RequestKind::Callback }
}

fn content_type(name: &str) -> &'static str {
    if name.ends_with(".json") { "application/json" } else { "application/x-www-form-urlencoded; charset=utf-8" }
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
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let parsed = read(connector, content_type(&name), &fs::read(&path).unwrap(), &settings(&name));
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
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let parsed = read(connector, content_type(&name), &fs::read(&path).unwrap(), &settings(&name));
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
