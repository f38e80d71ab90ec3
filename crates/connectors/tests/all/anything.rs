//! Whatever arrives, a connector answers.

use std::{fs, path::PathBuf};

use connectors::{Connector, Parsed, QuarantineReason, SourceSettings, read};
use domain::request::RequestKind;
use proptest::prelude::*;

/// Fixed, so that a failure is found again.
const SEED: u64 = 0x9E37_79B9_7F4A_7C15;
/// Mutations of each file of the corpora.
const MUTATIONS: usize = 6;

const SETTINGS: SourceSettings =
    SourceSettings { zone: Some(chrono_tz::Europe::Moscow), default_kind: RequestKind::Callback, mapping: Vec::new() };

fn check(connector: Connector, content_type: &str, body: &[u8]) {
    crate::entry::check(connector, content_type, body, &SETTINGS);
}

fn key() -> impl Strategy<Value = String> {
    let names = prop::sample::select(vec![
        "Name",
        "phone",
        "Комментарий",
        "payment",
        "payment[products][0]",
        "payment[products][0][price]",
        "payment[products][0][name]",
        "payment[products][0][quantity]",
        "certificate[face_value]",
        "certificates[1][code]",
        "fields[a][value]",
        "fields[a][title]",
        "fields[a][type]",
        "fields[NAME]",
        "fields[COMMENTS]",
        "fields[PHONE][0][VALUE]",
        "cmd[a]",
        "created_at",
        "datetime",
        "ip",
        "id",
        "status",
        "currency",
        "line_items[0][name]",
        "line_items[0][quantity]",
        "line_items[0][total]",
        "line_items[0][meta_data][0][key]",
        "line_items[0][meta_data][0][value]",
        "gift_cards[0][id]",
        "gift_cards[0][code]",
        "meta_data[0][key]",
        "meta_data[0][value]",
        "resource",
        "resource_id",
        "data[id]",
        "data[datetime]",
        "data[client][name]",
        "services[0][title]",
        "services[]",
        "Page URL",
        "Date",
    ]);
    prop_oneof![4 => names.prop_map(str::to_owned), 1 => "[a-zа-я\\[\\]. _-]{0,12}"]
}

fn value() -> impl Strategy<Value = String> {
    let values = prop::sample::select(vec![
        "Сертификат x 99999999999999999999 ≡ 5",
        r#"{"products":["сертификат x 0 ≡ 10",{"name":1}],"systranid":"1"}"#,
        "18446744073709551615",
        "-9223372036854775808",
        "processing",
        "pw_gift_card_number",
        "wc_gc_giftcards",
        "record",
        "tel",
        "2026-10-05 12:10",
        "2026-10-05T12:10:00+05:00",
        "crm.lead.add?fields[NAME]=a&fields[COMMENTS]=IP: 1",
        "IP: 203.0.113.9\nУслуга: чистка",
        "https://www.www.clinic.example/?a=1",
    ]);
    prop_oneof![values.prop_map(str::to_owned), "\\PC{0,40}", "[0-9+() -]{0,20}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn random_bytes(body in prop::collection::vec(any::<u8>(), 0..400), json in any::<bool>()) {
        for connector in Connector::ALL {
            check(connector, if json { "application/json" } else { "application/x-www-form-urlencoded" }, &body);
        }
        crate::entry::calls(&body);
        crate::entry::answers(&body);
    }

    #[test]
    fn random_fields(fields in prop::collection::vec((key(), value()), 0..20)) {
        let form = serde_urlencoded::to_string(&fields).unwrap();
        let dotted = |key: &str| key.replace("][", ".").replace('[', ".").replace(']', "");
        let letter: String = fields.iter().map(|(key, value)| format!("{}: {value}\r\n", dotted(key))).collect();
        let letter = format!("From: a@clinic.example\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{letter}");
        let json = serde_json::to_vec(&fields.into_iter().collect::<std::collections::BTreeMap<_, _>>()).unwrap();
        for connector in Connector::ALL {
            check(connector, "application/x-www-form-urlencoded", form.as_bytes());
            check(connector, "application/json", &json);
        }
        crate::entry::letter(letter.as_bytes());
        crate::entry::calls(&[b"\x03", form.as_bytes()].concat());
        crate::entry::calls(&[b"\x00", form.as_bytes()].concat());
    }

    /// A time without an offset is never an hour, whatever field it is in and whoever sends it.
    #[test]
    fn no_hour_is_invented(hour in 0..24_u32, minute in 0..60_u32, key in "(datetime|when|start|Удобное время|created_at)") {
        let naked = format!("2026-10-05 {hour:02}:{minute:02}");
        let body = serde_json::json!({ "name": "Анна", "phone": "+79000001234", (key.as_str()): naked }).to_string();
        let settings = SourceSettings { zone: None, ..SETTINGS };
        for connector in [Connector::Form, Connector::Tilda, Connector::Elementor, Connector::ContactForm7] {
            let Parsed::Request(request) = read(connector, "application/json", body.as_bytes(), &settings) else {
                panic!("{connector:?}")
            };
            prop_assert_eq!(request.personal.wish_start, None);
            prop_assert_eq!(request.submitted_at, None);
            if key != "when" {
                prop_assert_eq!(request.quarantine, Some(QuarantineReason::NakedTime));
            }
            prop_assert_eq!(request.personal.name_raw.as_str(), "Анна", "what was recognised is there");
        }
    }
}

/// Random numbers that are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % u64::try_from(end.max(1)).unwrap()).try_into().unwrap()
    }

    /// A file as a bad line, a strange client or an attacker would send it.
    fn mutated(&mut self, body: &[u8], other: &[u8]) -> Vec<u8> {
        let mut body = body.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(body.len());
            let to = (at + self.below(40)).min(body.len());
            match self.below(6) {
                0 => body.truncate(at),
                1 => body.get_mut(at).into_iter().for_each(|byte| *byte ^= 1 << self.below(8)),
                2 => drop(body.drain(at..to)),
                3 => {
                    let piece = body[at..to].to_vec();
                    let place = self.below(body.len());
                    body.splice(place..place, piece);
                }
                4 => {
                    let from = self.below(other.len());
                    let piece = other[from..(from + 60).min(other.len())].to_vec();
                    body.splice(at..at, piece);
                }
                _ => {
                    let byte = u8::try_from(self.below(256)).unwrap();
                    body.insert(at, byte);
                }
            }
        }
        body
    }
}

fn corpora() -> Vec<Vec<u8>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpora");
    let mut files = Vec::new();
    for folder in fs::read_dir(root).unwrap() {
        for file in fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            if !path.to_string_lossy().ends_with(".expected.json") {
                files.push(path);
            }
        }
    }
    files.sort();
    files.into_iter().map(|path| fs::read(path).unwrap()).collect()
}

/// The bounded run of what `fuzz/` does without end.
#[test]
fn corpora_that_were_damaged_are_read_without_harm() {
    let files = corpora();
    assert!(files.len() > 80);
    let mut dice = Dice(SEED);
    for file in &files {
        for _ in 0..MUTATIONS {
            let other = dice.below(files.len());
            let body = dice.mutated(file, &files[other]);
            let choice = [u8::try_from(dice.below(256)).unwrap(), u8::try_from(dice.below(256)).unwrap()];
            crate::entry::payload(&[&choice[..], &body].concat());
            crate::entry::calls(&[&choice[..1], &body].concat());
            crate::entry::answers(&[&choice[..1], &body].concat());
            crate::entry::letter(&body);
        }
    }
}

#[test]
fn deep_and_wide_json_has_an_end() {
    let deep = format!("{}{}", "{\"a\":".repeat(120), "1".to_owned() + &"}".repeat(120));
    let endless = format!("{}1", "[".repeat(100_000));
    let wide: String = (0..5_000).map(|n| format!("f{n}={n}&")).collect();
    let tables = "<table><tr><td>".repeat(5_000);
    for connector in Connector::ALL {
        check(connector, "application/json", deep.as_bytes());
        check(connector, "application/json", endless.as_bytes());
        check(connector, "", wide.as_bytes());
        check(connector, "text/html", tables.as_bytes());
    }
    crate::entry::letter(format!("From: a@b.example\r\nContent-Type: text/html\r\n\r\n{tables}").as_bytes());
}

/// What is beyond the limit of fields is there as text, without what must not be kept.
#[test]
fn no_field_is_lost_for_being_the_thousandth() {
    let many: String = (0..1_000).map(|n| format!("f{n}=v{n}&ip={n}.0.113.9&")).collect();
    let Parsed::Request(request) = read(Connector::Form, "", format!("name=a&{many}").as_bytes(), &SETTINGS) else {
        panic!("a request")
    };
    let kept = serde_json::to_string(&request.kept).unwrap();
    assert!(kept.contains("v999") && !kept.contains("113.9"));
}
