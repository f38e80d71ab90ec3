//! The calls that sites make to a Bitrix24 portal: `crm.lead.add`, `crm.contact.add`, `crm.deal.add`,
//! `crm.duplicate.findbycomm`, a `batch` of them, and the old `lead.php`.
//!
//! The address is the credential and the method; the parameters are a form with nested keys, or JSON. A site goes on only
//! if the answer has the shape that the portal would have given, so [`Calls::answer`] writes it.

use domain::mapping::FieldMeaning;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    Connector, Parsed, SourceSettings, certificate,
    fields::{self, Field, Payload},
    letter,
    reading::Submission,
};

/// Calls of one batch beyond this are not made; the portal has the same limit.
pub const MOST_CALLS: usize = 50;
/// The field that keeps the method of a call.
const METHOD: &str = "method";

/// What the portal would have answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The number of what was made.
    Id,
    /// Nothing was found.
    EmptyList,
    True,
    /// The page `lead.php` has a shape of its own.
    LeadPage,
    /// A method that no site needs: an error.
    UnknownMethod,
}

/// One call.
#[derive(Clone, PartialEq, Serialize)]
pub struct Call {
    /// Its name in a batch.
    pub label: Option<String>,
    /// `crm.lead.add`
    pub method: String,
    pub answer: Answer,
    /// The place among [`Calls::requests`] of what it makes.
    pub request: Option<usize>,
    /// The number with which an earlier call was answered: this one adds to that.
    pub follows: Option<u64>,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").field("answer", &self.answer).field("request", &self.request).finish_non_exhaustive()
    }
}

/// Everything that one HTTP request asks for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calls {
    pub is_batch: bool,
    pub calls: Vec<Call>,
    /// What is to be taken in. A contact and the deal about it are one.
    pub requests: Vec<Parsed>,
}

impl Calls {
    /// The body of the answer, but for `time`; `ids` has the number of each of [`Calls::requests`].
    #[must_use]
    pub fn answer(&self, ids: &[u64]) -> Value {
        let result = |call: &Call| match call.answer {
            Answer::Id | Answer::LeadPage => {
                json!(call.request.and_then(|at| ids.get(at)).copied().unwrap_or_default())
            }
            Answer::True => json!(true),
            Answer::EmptyList => json!([]),
            Answer::UnknownMethod => Value::Null,
        };
        let unknown = json!({ "error": "ERROR_METHOD_NOT_FOUND", "error_description": "Method not found!" });
        if !self.is_batch {
            return match self.calls.first() {
                Some(call) if call.answer == Answer::LeadPage => {
                    json!({ "error": "201", "ID": result(call).to_string(), "error_message": "Лид добавлен" })
                }
                Some(call) if call.answer != Answer::UnknownMethod => json!({ "result": result(call) }),
                _ => unknown,
            };
        }
        let (done, failed): (Vec<&Call>, Vec<&Call>) =
            self.calls.iter().partition(|call| call.answer != Answer::UnknownMethod);
        let label = |call: &Call| call.label.clone().unwrap_or_default();
        let results = labelled(done.into_iter().map(|call| (label(call), result(call))).collect());
        let errors = labelled(failed.into_iter().map(|call| (label(call), unknown.clone())).collect());
        json!({ "result": { "result": results, "result_error": errors, "result_total": [], "result_next": [] } })
    }
}

/// As the portal's PHP writes it: a list where the names are 0, 1, 2…
fn labelled(results: Vec<(String, Value)>) -> Value {
    if results.iter().enumerate().all(|(at, (label, _))| *label == at.to_string()) {
        return results.into_iter().map(|(_, value)| value).collect();
    }
    results.into_iter().collect::<serde_json::Map<_, _>>().into()
}

/// Reads the calls of one HTTP request. `method` is the end of its path (`crm.lead.add.json`, `batch`, `lead.php`).
#[must_use]
pub fn calls(method: &str, content_type: &str, body: &[u8], settings: &SourceSettings) -> Calls {
    let method = bare(method);
    let is_batch = method == "batch";
    let payload = match fields::read(content_type, body, fields::no_noise) {
        Ok(payload) => payload,
        Err(_) => {
            let requests = vec![crate::read(Connector::Bitrix24, content_type, body, settings)];
            let call = Call { label: None, answer: answer(&method), method, request: Some(0), follows: None };
            return Calls { is_batch, calls: vec![call], requests };
        }
    };
    let mut fields = payload.fields;
    if !is_batch {
        fields.extend(Field::new(METHOD, &method));
    }
    let mut calls = Vec::new();
    let mut groups: Vec<Vec<Field>> = Vec::new();
    for (label, group) in grouped(expanded(fields)).into_iter().take(MOST_CALLS) {
        let find = |key: &str| group.iter().find(|field| field.key == key).map(|field| field.value.clone());
        let method = find(METHOD).map_or_else(|| method.clone(), |method| bare(&method));
        let answer = answer(&method);
        let makes = matches!(answer, Answer::Id | Answer::True | Answer::LeadPage);
        let about = ["fields.CONTACT_ID", "fields.CONTACT_IDS.0", "fields.LEAD_ID", "fields.ENTITY_ID", "id", "ID"];
        let about: Vec<String> = about.iter().filter_map(|key| find(key)).collect();
        let follows = about.iter().find_map(|id| id.parse().ok()).filter(|id| *id > 0);
        let earlier = about.iter().find_map(|id| referred(&calls, id));
        let request = makes.then(|| earlier.unwrap_or(groups.len()));
        match request.and_then(|at| groups.get_mut(at)) {
            Some(earlier) => earlier.extend(group),
            None if makes => groups.push(group),
            None => {}
        }
        calls.push(Call { label: is_batch.then_some(label), method, answer, request, follows });
    }
    let of_group = |fields: Vec<Field>| {
        let payload = Payload { fields, dropped: payload.dropped.clone() };
        crate::of_payload(Connector::Bitrix24, payload, settings).parsed
    };
    Calls { is_batch, calls, requests: groups.into_iter().map(of_group).collect() }
}

/// `$result[contact]`: the request that the named call made.
fn referred(calls: &[Call], id: &str) -> Option<usize> {
    let label = id.strip_prefix("$result[")?.split(']').next()?;
    calls.iter().find(|call| call.label.as_deref() == Some(label))?.request
}

/// `crm.lead.add.json` is `crm.lead.add`.
fn bare(method: &str) -> String {
    let method = method.trim().trim_matches('/').to_lowercase();
    let method = method.rsplit('/').next().unwrap_or_default();
    method.trim_end_matches(".json").trim_end_matches(".xml").to_owned()
}

fn answer(method: &str) -> Answer {
    match method {
        "lead.php" => Answer::LeadPage,
        "crm.duplicate.findbycomm" => Answer::EmptyList,
        _ if !method.starts_with("crm.") => Answer::UnknownMethod,
        _ if method.ends_with(".add") => Answer::Id,
        _ if method.ends_with(".update") => Answer::True,
        _ if method.ends_with(".list") => Answer::EmptyList,
        _ => Answer::UnknownMethod,
    }
}

/// `cmd[lead]=crm.lead.add?fields[NAME]=…` as `cmd.lead.method` and `cmd.lead.fields.NAME`.
fn expanded(fields: Vec<Field>) -> Vec<Field> {
    let mut all = Vec::new();
    for field in fields {
        let is_command = field.key.strip_prefix("cmd.").is_some_and(|label| !label.contains('.'));
        if !is_command {
            all.push(field);
            continue;
        }
        let (method, query) = field.value.split_once('?').unwrap_or((&field.value, ""));
        all.extend(Field::new(&format!("{}.{METHOD}", field.key), method));
        for pair in query.split('&') {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let plain = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
            all.extend(Field::new(&format!("{}.{}", field.key, fields::dotted(&plain(key))), &plain(value)));
        }
    }
    all
}

/// The calls of a batch by their names, in the order of the payload; one call has no name.
fn grouped(fields: Vec<Field>) -> Vec<(String, Vec<Field>)> {
    let mut groups: Vec<(String, Vec<Field>)> = Vec::new();
    for field in fields {
        let (label, key) = match field.key.strip_prefix("cmd.").and_then(|rest| rest.split_once('.')) {
            // there are no batches in batches
            Some((label, key)) => (label.to_owned(), key.replacen("cmd.", "cmd_", 1)),
            None => (String::new(), field.key.clone()),
        };
        if label.is_empty() && field.key == "halt" {
            continue;
        }
        let field = Field::new(&key, &field.value).unwrap_or(field);
        match groups.iter_mut().find(|(of, _)| *of == label) {
            Some((_, group)) => group.push(field),
            None => groups.push((label, vec![field])),
        }
    }
    groups
}

/// What is particular to the portal. The calls of a batch that was kept as a whole are one submission.
pub(crate) fn arrange(fields: Vec<Field>) -> Submission {
    let fields: Vec<Field> = grouped(expanded(fields)).into_iter().flat_map(|(_, group)| group).collect();
    let find = |key: &str| fields.iter().find(|field| field.key == key).map(|field| field.value.clone());
    let origin = find("fields.ORIGIN_ID").map(|id| {
        let system = find("fields.ORIGINATOR_ID").unwrap_or_default();
        format!("origin:{system}:{id}")
    });
    let mut known = Vec::new();
    let mut kept = Vec::new();
    let mut dropped = Vec::new();
    for field in fields.into_iter().flat_map(comment_split) {
        let name = field.key.strip_prefix("fields.").unwrap_or(&field.key).to_owned();
        match sort(&name) {
            Sort::Is(meaning) => known.push(field.named(name).hinted(Some(meaning))),
            Sort::ByName => known.push(field.named(name)),
            Sort::Kept => kept.extend(field.as_sent()),
            Sort::Dropped(sort) => dropped.push(sort),
        }
    }
    let mut submission = certificate::arrange(known);
    submission.orders.kept.extend(kept);
    Submission { natural_key: origin, dropped, ..submission }
}

/// Sites write the fields that the portal has no place for into the comment, line by line.
fn comment_split(field: Field) -> Vec<Field> {
    if !matches!(field.key.as_str(), "fields.COMMENTS" | "COMMENTS" | "fields.COMMENT") {
        return vec![field];
    }
    let stem = field.key.rsplit_once('.').map_or(String::new(), |(stem, _)| format!("{stem}."));
    let (known, rest) = letter::split_known(&field.value);
    let mut split: Vec<Field> = Field::new(&field.key, &rest).into_iter().collect();
    split.extend(known.iter().filter_map(|(label, value)| Field::new(&format!("{stem}{label}"), value)));
    split
}

enum Sort {
    Is(FieldMeaning),
    /// The portal does not say: a field that the clinic has made, or a line of the comment.
    ByName,
    /// Only kept: it is of use when the call is read again.
    Kept,
    Dropped(&'static str),
}

fn sort(name: &str) -> Sort {
    use FieldMeaning as M;
    let mut parts = name.split('.');
    let (first, last) = (parts.next().unwrap_or_default(), parts.next_back());
    match (first, last) {
        ("TITLE", _) => Sort::Is(M::Form),
        ("NAME", _) => Sort::Is(M::Given),
        ("LAST_NAME", _) => Sort::Is(M::Family),
        ("SECOND_NAME", _) => Sort::Is(M::Patronymic),
        ("COMMENTS" | "COMMENT", _) => Sort::Is(M::Comment),
        ("PHONE", Some("VALUE")) => Sort::Is(M::Phone),
        ("EMAIL", Some("VALUE")) => Sort::Is(M::Email),
        ("WEB", Some("VALUE")) => Sort::Is(M::Site),
        ("PHONE_WORK" | "PHONE_MOBILE" | "PHONE_HOME" | "PHONE_OTHER", _) => Sort::Is(M::Phone),
        ("EMAIL_WORK" | "EMAIL_HOME" | "EMAIL_OTHER", _) => Sort::Is(M::Email),
        ("LOGIN" | "PASSWORD" | "AUTH" | "auth", _) => Sort::Dropped("credential"),
        (METHOD, _) | ("ORIGIN_ID" | "ORIGINATOR_ID", _) => Sort::Kept,
        _ if first.starts_with("ADDRESS") => Sort::Dropped("address"),
        _ if is_of_portal(first, last) => Sort::Dropped("technical"),
        _ => Sort::ByName,
    }
}

fn is_of_portal(first: &str, last: Option<&str>) -> bool {
    let known = [
        "ASSIGNED_BY_ID",
        "CATEGORY_ID",
        "CONTACT_ID",
        "CONTACT_IDS",
        "CREATED_BY_ID",
        "CURRENCY_ID",
        "ENTITY_ID",
        "ENTITY_TYPE",
        "HONORIFIC",
        "LEAD_ID",
        "OPENED",
        "SOURCE_ID",
        "STAGE_ID",
        "STATUS_ID",
        "TYPE_ID",
        "entity_type",
        "halt",
        "id",
        "ID",
        "params",
        "type",
        "values",
    ];
    known.contains(&first) || matches!(last, Some("VALUE_TYPE" | "TYPE_ID"))
}
