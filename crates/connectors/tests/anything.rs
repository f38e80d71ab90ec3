//! Whatever arrives, a connector answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use connectors::{Connector, LONGEST_BODY, MOST_CERTIFICATES, Parsed, SourceSettings, read};
use domain::request::RequestKind;
use proptest::prelude::*;

const SETTINGS: SourceSettings =
    SourceSettings { zone: Some(chrono_tz::Europe::Moscow), default_kind: RequestKind::Callback, mapping: Vec::new() };

fn check(connector: Connector, content_type: &str, body: &[u8]) {
    match read(connector, content_type, body, &SETTINGS) {
        Parsed::Probe | Parsed::Hint(_) => {}
        Parsed::Unreadable(unreadable) => {
            assert!(unreadable.kept.iter().all(|(_, value)| value.chars().count() <= LONGEST_BODY));
        }
        Parsed::Request(request) => {
            assert!(request.certificates.len() <= MOST_CERTIFICATES);
            assert!(request.certificates.iter().all(|c| c.face_value.0 > 0));
            assert!(request.personal.name_raw.chars().count() <= 100);
            assert!(request.personal.name_raw.chars().all(|c| !c.is_control()));
        }
    }
}

fn field() -> impl Strategy<Value = (String, String)> {
    let key = prop_oneof![
        Just("Name".to_owned()),
        Just("phone".to_owned()),
        Just("payment".to_owned()),
        Just("payment[products][0]".to_owned()),
        Just("payment[products][0][price]".to_owned()),
        Just("payment[products][0][name]".to_owned()),
        Just("payment[products][0][quantity]".to_owned()),
        Just("certificate[face_value]".to_owned()),
        Just("certificates[1][code]".to_owned()),
        Just("fields[a][value]".to_owned()),
        Just("created_at".to_owned()),
        "[a-zа-я\\[\\]. _-]{0,12}",
    ];
    let value = prop_oneof![
        "\\PC{0,40}",
        "[0-9+() -]{0,20}",
        Just("Сертификат x 99999999999999999999 ≡ 5".to_owned()),
        Just(r#"{"products":["сертификат x 0 ≡ 10",{"name":1}],"systranid":"1"}"#.to_owned()),
        Just("18446744073709551615".to_owned()),
        Just("-9223372036854775808".to_owned()),
    ];
    (key, value)
}

proptest! {
    #[test]
    fn random_bytes(body in prop::collection::vec(any::<u8>(), 0..400), json in any::<bool>()) {
        for connector in Connector::ALL {
            check(connector, if json { "application/json" } else { "application/x-www-form-urlencoded" }, &body);
        }
    }

    #[test]
    fn random_fields(fields in prop::collection::vec(field(), 0..20)) {
        let form = serde_urlencoded::to_string(&fields).unwrap();
        let json = serde_json::to_vec(&fields.into_iter().collect::<std::collections::BTreeMap<_, _>>()).unwrap();
        for connector in Connector::ALL {
            check(connector, "application/x-www-form-urlencoded", form.as_bytes());
            check(connector, "application/json", &json);
        }
    }
}

#[test]
fn deep_and_wide_json_has_an_end() {
    let deep = format!("{}{}", "{\"a\":".repeat(120), "1".to_owned() + &"}".repeat(120));
    check(Connector::Form, "application/json", deep.as_bytes());
    let endless = format!("{}1", "[".repeat(100_000));
    check(Connector::Form, "application/json", endless.as_bytes());
    let wide: String = (0..5_000).map(|n| format!("f{n}={n}&")).collect();
    check(Connector::Tilda, "", wide.as_bytes());
}
