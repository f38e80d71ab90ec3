//! A site is connected: its payload is tried, its fields are named, and what came before that is read again.

use connectors::{
    Canonical, Connector, DryRun, FieldMeaning as M, FieldRule, Parsed, QuarantineReason, SourceSettings, Why, dry_run,
    read, read_each, reread,
};
use domain::request::RequestKind;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

fn settings(rules: &[(&str, M)]) -> SourceSettings {
    let rule = |(field, meaning): &(&str, M)| FieldRule { field: (*field).to_owned(), meaning: *meaning };
    SourceSettings { zone: None, default_kind: RequestKind::Callback, mapping: rules.iter().map(rule).collect() }
}

fn request(parsed: Parsed) -> Canonical {
    match parsed {
        Parsed::Request(request) => *request,
        other => panic!("{other:?}"),
    }
}

fn taken_for(run: &DryRun, field: &str) -> (M, Why, Option<&'static str>) {
    let report = run.fields.iter().find(|report| report.field == field).unwrap_or_else(|| panic!("{field}"));
    (report.taken_for, report.why, report.dropped)
}

/// The site of the clinic's neighbour names its fields input_1…: an administrator pastes what it sent.
const PASTED: &str = r#"{"input_1":"Зинаида","input_2":"+7 900 000-10-10","input_3":"после обеда","input_4":"Кариес",
    "Комментарий":"спасибо","ip":"203.0.113.9","email":"z@pochta.example","E-mail":"second@pochta.example"}"#;

#[test]
fn a_dry_run_tells_of_each_field_what_it_was_taken_for_and_why() {
    let run = dry_run(Connector::Form, JSON, PASTED.as_bytes(), &settings(&[]));
    assert_eq!(taken_for(&run, "input_1"), (M::Extra, Why::Unknown, None));
    assert_eq!(taken_for(&run, "input_2"), (M::Phone, Why::Shape, None));
    assert_eq!(taken_for(&run, "Комментарий"), (M::Comment, Why::Alias, None));
    assert_eq!(taken_for(&run, "ip"), (M::Drop, Why::Alias, Some("ip")));
    assert_eq!(taken_for(&run, "email"), (M::Email, Why::Second, None));
    assert_eq!(taken_for(&run, "E-mail"), (M::Email, Why::Alias, None));
    assert_eq!(run.fields.len(), 8);
    let shown = format!("{:?} {}", run.fields, serde_json::to_string(&run.fields).unwrap());
    assert!(!shown.contains("Зинаида") && !shown.contains("203.0.113"), "of a field only its name is told");
}

#[test]
fn a_rule_wins_over_every_guess() {
    let rules = settings(&[
        ("INPUT 1", M::Name),
        ("input_2", M::Extra),
        ("input-3", M::PreferredTime),
        ("input_4", M::Drop),
        ("Комментарий", M::Service),
    ]);
    let run = dry_run(Connector::Form, JSON, PASTED.as_bytes(), &rules);
    assert_eq!(taken_for(&run, "input_1"), (M::Name, Why::Rule, None));
    assert_eq!(taken_for(&run, "input_2"), (M::Extra, Why::Rule, None));
    assert_eq!(taken_for(&run, "input_4"), (M::Drop, Why::Rule, Some("rule")));
    let request = request(run.parsed);
    assert_eq!(request.personal.name_raw, "Зинаида");
    assert_eq!(request.personal.phone, None, "what is said to be no phone is none, whatever it looks like");
    assert_eq!(request.personal.preferred_time.as_deref(), Some("после обеда"));
    assert_eq!(request.personal.service.as_deref(), Some("спасибо"));
    assert!(!serde_json::to_string(&request).unwrap().contains("Кариес"), "what a rule drops is nowhere");
}

#[test]
fn what_was_not_understood_is_read_again_after_the_mapping_is_mended() {
    let body = "%D0%9F%D0%BE%D0%BB%D0%B5_1=%D0%98%D1%8F&field_2=200-11-12&remote_ip=203.0.113.9";
    let before = settings(&[]);
    let Parsed::Unreadable(unreadable) = read(Connector::Elementor, FORM, body.as_bytes(), &before) else {
        panic!("nothing tells what this is")
    };
    assert_eq!(unreadable.reason, QuarantineReason::NothingRecognised);
    let after = settings(&[("поле 1", M::Name), ("field_2", M::Phone)]);
    let request = request(reread(Connector::Elementor, FORM, &unreadable.kept, &after));
    assert_eq!(request.personal.name_raw, "Ия");
    assert_eq!(request.personal.phone.map(|phone| phone.raw).as_deref(), Some("200-11-12"));
    assert_eq!(request.quarantine, None);
}

#[test]
fn a_naked_time_waits_for_the_zone_of_its_source() {
    let body = r#"{"name":"Ия","phone":"+79000001011","start":"2026-12-01 10:30","submitted":"24.11.2026 09:00"}"#;
    let without = settings(&[]);
    let waiting = request(read(Connector::Form, JSON, body.as_bytes(), &without));
    assert_eq!(waiting.quarantine, Some(QuarantineReason::NakedTime));
    assert_eq!((waiting.personal.wish_start, waiting.submitted_at), (None, None));
    assert_eq!(waiting.personal.preferred_time.as_deref(), Some("2026-12-01 10:30"), "the words are there");
    let with = SourceSettings { zone: Some(chrono_tz::Asia::Krasnoyarsk), ..without };
    let read_again = request(reread(Connector::Form, JSON, &waiting.kept, &with));
    assert_eq!(read_again.quarantine, None);
    let start = read_again.personal.wish_start.map(|start| start.to_rfc3339());
    assert_eq!(start.as_deref(), Some("2026-12-01T10:30:00+07:00"));
    assert_eq!(read_again.submitted_at.map(|at| at.to_rfc3339()).as_deref(), Some("2026-11-24T02:00:00+00:00"));
}

#[test]
fn words_stay_words_and_a_key_by_rule_tells_submissions_apart() {
    let body = r#"{"name":"Ия","phone":"+79000001011","when":"утро","lead":"a-77"}"#;
    let rules = SourceSettings {
        zone: Some(chrono_tz::Asia::Krasnoyarsk),
        ..settings(&[("when", M::Start), ("lead", M::Key)])
    };
    for connector in [Connector::Tilda, Connector::ContactForm7, Connector::Form] {
        let request = request(read(connector, JSON, body.as_bytes(), &rules));
        assert_eq!(request.personal.preferred_time.as_deref(), Some("утро"));
        assert_eq!((request.personal.wish_start, request.quarantine), (None, None));
        assert_eq!(request.natural_key.as_deref(), Some("a-77"));
    }
}

#[test]
fn a_source_keeps_its_settings_as_json() {
    let rules = settings(&[("поле", M::PreferredTime)]);
    let text = serde_json::to_string(&rules).unwrap();
    assert_eq!(serde_json::from_str::<SourceSettings>(&text).unwrap(), rules);
    let old: SourceSettings = serde_json::from_str(r#"{"zone":null,"default_kind":"callback"}"#).unwrap();
    assert!(old.mapping.is_empty());
    for connector in Connector::ALL {
        assert_eq!(connector.as_str().parse(), Ok(connector));
        assert_eq!(serde_json::to_value(connector).unwrap(), connector.as_str(), "one word everywhere");
    }
}

#[test]
fn a_list_of_an_api_is_read_one_by_one() {
    let orders = r#"[{"id":1,"status":"pending","billing":{"phone":"+79000001012"}},{"id":2,"status":"completed","currency":"RUB"},7]"#;
    let read = read_each(Connector::WooCommerce, orders.as_bytes(), &settings(&[]));
    let keys: Vec<_> = read
        .iter()
        .map(|parsed| match parsed {
            Parsed::Request(request) => request.subject_key.clone(),
            _ => None,
        })
        .collect();
    assert_eq!(keys, [Some("order:1".to_owned()), Some("order:2".to_owned()), None]);
    let records =
        r#"{"success":true,"data":[{"id":5,"client":{"name":"Ия"}},{"id":6,"deleted":true}],"meta":{"total_count":2}}"#;
    let read = read_each(Connector::Yclients, records.as_bytes(), &settings(&[]));
    assert_eq!(read.len(), 2);
    assert!(matches!(&read[1], Parsed::Request(request) if request.withdrawn));
}
