//! A site goes on with its portal only if the answers are the portal's.

use std::{fs, path::PathBuf};

use connectors::{
    Parsed, SourceSettings,
    bitrix24::{Answer, Calls, calls},
};
use domain::request::RequestKind;
use serde_json::json;

fn settings() -> SourceSettings {
    SourceSettings { zone: None, default_kind: RequestKind::Callback, mapping: Vec::new() }
}

fn sent(method: &str, file: &str) -> Calls {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpora/bitrix24");
    let kind = if file.ends_with(".json") { "application/json" } else { "application/x-www-form-urlencoded" };
    calls(method, kind, &fs::read(folder.join(file)).unwrap(), &settings())
}

fn names(calls: &Calls) -> Vec<&str> {
    let name = |parsed: &Parsed| match parsed {
        Parsed::Request(request) => Some(request.personal.name_raw.clone()),
        _ => None,
    };
    calls.requests.iter().filter_map(name).map(|name| &*name.leak()).collect()
}

#[test]
fn a_lead_is_answered_with_its_number() {
    let lead = sent("crm.lead.add.json", "lead.form");
    assert_eq!(names(&lead), ["Иванова Анна"]);
    assert_eq!(lead.answer(&[3465]), json!({ "result": 3465 }));
    let page = sent("lead.php", "lead_page.form");
    assert_eq!(page.calls[0].answer, Answer::LeadPage);
    assert_eq!(page.answer(&[7])["ID"], "7");
    assert!(!serde_json::to_string(&page).unwrap().contains("canary-password"), "credentials are left at the door");
}

#[test]
fn a_search_finds_nobody_and_takes_nothing_in() {
    let find = sent("crm.duplicate.findbycomm", "find.form");
    assert!(find.requests.is_empty());
    assert_eq!(find.answer(&[]), json!({ "result": [] }));
}

#[test]
fn a_contact_and_its_deal_in_one_batch_are_one_request() {
    let batch = sent("batch", "batch.form");
    assert_eq!(names(&batch), ["Глеб"]);
    let Parsed::Request(request) = &batch.requests[0] else { panic!("a request") };
    assert_eq!(request.personal.doctor.as_deref(), Some("Орлов"), "the deal's comment");
    assert_eq!(request.personal.preferred_time.as_deref(), Some("среда, вечер"));
    let inner =
        json!({ "result": { "contact": 12, "deal": 12 }, "result_error": [], "result_total": [], "result_next": [] });
    assert_eq!(batch.answer(&[12]), json!({ "result": inner }));
}

#[test]
fn a_batch_of_a_search_and_a_lead_answers_both() {
    let batch = sent("batch.json", "batch.json");
    assert_eq!(names(&batch), ["Дарья"]);
    assert_eq!(batch.answer(&[5])["result"]["result"], json!({ "find": [], "lead": 5 }));
}

#[test]
fn a_deal_that_comes_later_names_its_contact() {
    let deal = sent("crm.deal.add", "deal.form");
    assert_eq!(deal.calls[0].follows, Some(3465));
}

#[test]
fn independent_leads_of_a_batch_are_requests_of_their_own() {
    let body = br#"{"cmd":["crm.lead.add?fields[NAME]=A&fields[PHONE][0][VALUE]=89000001101",
        "crm.lead.add?fields[NAME]=B&fields[PHONE][0][VALUE]=89000001102","user.current"]}"#;
    let batch = calls("batch", "application/json", body, &settings());
    assert_eq!(names(&batch), ["A", "B"]);
    let answer = batch.answer(&[1, 2]);
    assert_eq!(answer["result"]["result"], json!([1, 2]), "names 0, 1 are a list");
    assert_eq!(answer["result"]["result_error"]["2"]["error"], "ERROR_METHOD_NOT_FOUND");
}

#[test]
fn a_body_that_nobody_can_read_is_kept_and_answered() {
    let broken = sent("crm.lead.add", "truncated.json");
    assert!(matches!(&broken.requests[0], Parsed::Unreadable(_)));
    assert_eq!(broken.answer(&[9]), json!({ "result": 9 }), "the site has done its part");
}

#[test]
fn methods_that_no_site_needs_are_errors() {
    let call = calls("user.current", "", b"", &settings());
    assert_eq!(call.answer(&[])["error"], "ERROR_METHOD_NOT_FOUND");
    assert!(call.requests.is_empty());
}
