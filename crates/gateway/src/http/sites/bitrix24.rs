//! As a Bitrix24 portal answers, to sites that send their visitors to one: `/rest/<any>/<secret>/crm.lead.add.json`.
//!
//! The address is the credential. Whatever adds something becomes a request and is answered with a number that stays the
//! same for the same request. Sites of «simple mode» portals send a contact and then a deal that names its number; both are
//! of one visitor, so what was just answered with a number is remembered in memory for some minutes, and what names the
//! number adds to the same request. Should the gateway restart in between, there are two requests: nothing is lost.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use axum::{
    Json,
    body::Bytes,
    extract::{
        Path, RawQuery, State,
        rejection::{BytesRejection, PathRejection},
    },
    http::{HeaderMap, Method, StatusCode},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use connectors::{
    Connector, Parsed,
    bitrix24::{Answer, Call, Calls, calls},
};
use contract::v1::ProblemCode;
use domain::RequestId;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Guest, Knock, TEST_TOKEN, admit, bounded, content_type, receive};
use crate::{
    Failure, Gateway,
    intake::{self, Taken},
};

const FORM: &str = "application/x-www-form-urlencoded";
/// So long what was added waits for what adds to it.
const TIED: Duration = Duration::minutes(10);
/// Numbers that are remembered at once.
const MOST_TIES: usize = 500;

/// What was just added, by source and number.
#[derive(Default)]
pub(crate) struct Ties(HashMap<(String, u64), Tie>);

#[derive(Clone)]
struct Tie {
    request: RequestId,
    /// As it was sent.
    fields: Vec<(String, String)>,
    at: DateTime<Utc>,
}

impl Ties {
    fn keep(&mut self, source: &str, number: u64, tie: Tie) {
        self.0.retain(|_, old| tie.at - old.at < TIED);
        if self.0.len() < MOST_TIES {
            self.0.insert((source.to_owned(), number), tie);
        }
    }

    fn of(&self, source: &str, number: u64, now: DateTime<Utc>) -> Option<Tie> {
        self.0.get(&(source.to_owned(), number)).filter(|tie| now - tie.at < TIED).cloned()
    }
}

pub(in crate::http) async fn call(
    State(gateway): State<Gateway>,
    method: Method,
    path: Result<Path<(String, String, String)>, PathRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let start = gateway.now();
    let answered = async {
        let Path((user, secret, name)) = path.map_err(|_| ProblemCode::Unauthorized)?;
        let source = match headers.get(TEST_TOKEN) {
            Some(_) => gateway.source_of(&user).await?,
            None => gateway.storage().source_of_secret(Connector::Bitrix24, &seal::token::digest(&secret)).await?,
        };
        let guest = admit(&gateway, source, &Knock { secret: &secret, headers: &headers, body: None }).await?;
        let body = bounded(&gateway, &guest.source, body)?;
        if method == Method::GET || body.is_empty() {
            let query = query.unwrap_or_default();
            return answer(&gateway, &guest, &name, FORM, query.as_bytes()).await;
        }
        answer(&gateway, &guest, &name, &content_type(&headers), &body).await
    };
    match answered.await {
        Ok(answer) if answer.get("error").is_some_and(|error| error == "ERROR_METHOD_NOT_FOUND") => {
            (StatusCode::NOT_FOUND, Json(answer)).into_response()
        }
        Ok(answer) => Json(with_time(answer, start, gateway.now())).into_response(),
        Err(failure) => refused(&failure),
    }
}

/// Takes in what the calls add, and answers them but for `time`.
async fn answer(
    gateway: &Gateway,
    guest: &Guest,
    name: &str,
    content_type: &str,
    body: &[u8],
) -> Result<Value, Failure> {
    let asked = read(guest, name, content_type, body);
    let mut numbers = Vec::with_capacity(asked.requests.len());
    for (at, parsed) in asked.requests.iter().enumerate() {
        let follows = asked.calls.iter().filter(|call| call.request == Some(at)).find_map(|call| call.follows);
        numbers.push(one(gateway, guest, content_type, (body, at), parsed.clone(), follows).await?);
    }
    Ok(asked.answer(&numbers))
}

fn read(guest: &Guest, name: &str, content_type: &str, body: &[u8]) -> Calls {
    let settings = guest.source.settings();
    let reading = AssertUnwindSafe(|| calls(name, content_type, body, &settings));
    catch_unwind(reading).unwrap_or_else(|_| {
        let call = Call { label: None, method: String::new(), answer: Answer::Id, request: Some(0), follows: None };
        let whole = intake::read(&guest.arrival(content_type.to_owned(), body.to_vec()));
        Calls { is_batch: false, calls: vec![call], requests: vec![whole] }
    })
}

/// Takes one of them in; its number.
async fn one(
    gateway: &Gateway,
    guest: &Guest,
    content_type: &str,
    (body, at): (&[u8], usize),
    mut parsed: Parsed,
    follows: Option<u64>,
) -> Result<u64, Failure> {
    let (source, now) = (guest.source.id.as_str(), gateway.now());
    // each of a batch is known again by itself
    let body = [body, b"\n", at.to_string().as_bytes()].concat();
    let mut arrival = guest.arrival(content_type.to_owned(), body);
    if let Some(tie) = follows.and_then(|number| gateway.ties().of(source, number, now)) {
        let fields: Vec<_> = tie.fields.iter().chain(sent(&parsed)).cloned().collect();
        let settings = guest.source.settings();
        parsed = intake::guarded(&arrival.body, || {
            connectors::reread(Connector::Bitrix24, content_type, &fields, &settings)
        });
        arrival.onto = Some(tie.request);
    }
    let fields = sent(&parsed).to_vec();
    Ok(match receive(gateway, arrival, parsed).await? {
        Taken::Request { id, .. } => {
            let number = number(&id);
            gateway.ties().keep(source, number, Tie { request: id, fields, at: now });
            number
        }
        Taken::Probe | Taken::Noted => 1,
    })
}

/// The fields as they were sent.
fn sent(parsed: &Parsed) -> &[(String, String)] {
    match parsed {
        Parsed::Request(canonical) => &canonical.kept,
        Parsed::Unreadable(unreadable) => &unreadable.kept,
        Parsed::Probe | Parsed::Hint(_) => &[],
    }
}

/// A portal's ids are integers: this one is the request's for ever.
fn number(id: &RequestId) -> u64 {
    let digest = Sha256::digest(id.as_str());
    let (first, _) = digest.split_first_chunk::<4>().unwrap_or((&[0; 4], &[]));
    u64::from(u32::from_be_bytes(*first) >> 1).max(1)
}

fn with_time(mut answer: Value, start: DateTime<Utc>, finish: DateTime<Utc>) -> Value {
    let seconds = |at: DateTime<Utc>| at.timestamp_millis() as f64 / 1_000.0;
    let written = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, false);
    let duration = seconds(finish) - seconds(start);
    if let Some(members) = answer.as_object_mut() {
        let time = json!({
            "start": seconds(start), "finish": seconds(finish), "duration": duration, "processing": duration,
            "date_start": written(start), "date_finish": written(finish),
        });
        members.insert("time".to_owned(), time);
    }
    answer
}

fn refusal(status: StatusCode, error: &str, description: &str) -> Response {
    (status, Json(json!({ "error": error, "error_description": description }))).into_response()
}

/// A failure in a portal's own words.
fn refused(failure: &Failure) -> Response {
    match failure {
        Failure::Problem { code: ProblemCode::Unauthorized, .. } => {
            refusal(StatusCode::UNAUTHORIZED, "INVALID_CREDENTIALS", "Invalid request credentials")
        }
        Failure::Problem { code: ProblemCode::TooLarge, .. } => {
            refusal(StatusCode::PAYLOAD_TOO_LARGE, "ERROR_ARGUMENT", "The request is too large")
        }
        Failure::TooMany { .. } => {
            refusal(StatusCode::SERVICE_UNAVAILABLE, "QUERY_LIMIT_EXCEEDED", "Too many requests")
        }
        Failure::Problem { .. } | Failure::Misfit(_) | Failure::TooOld { .. } => {
            refusal(StatusCode::SERVICE_UNAVAILABLE, "OVERLOAD_LIMIT", "Not now")
        }
        Failure::Storage(_) | Failure::Seal(_) | Failure::CutOff => {
            tracing::error!(error = %failure, "a request failed");
            refusal(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_SERVER_ERROR", "Internal server error")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_positive_and_of_its_request_alone() {
        let id = |n| RequestId::from_random([n; 16]);
        let numbers: Vec<_> = (0..200).map(|n| number(&id(n))).collect();
        assert!(numbers.iter().all(|n| (1..=i32::MAX as u64).contains(n)));
        assert_eq!(numbers[7], number(&id(7)));
        assert_eq!(numbers.iter().collect::<std::collections::BTreeSet<_>>().len(), 200);
    }

    #[test]
    fn a_contact_waits_for_its_deal_and_is_then_forgotten() {
        let mut ties = Ties::default();
        let at = DateTime::<Utc>::default();
        let tie = |at| Tie { request: RequestId::from_random([1; 16]), fields: Vec::new(), at };
        ties.keep("src", 5, tie(at));
        assert!(ties.of("src", 5, at + Duration::minutes(9)).is_some());
        assert!(ties.of("other", 5, at).is_none() && ties.of("src", 6, at).is_none());
        assert!(ties.of("src", 5, at + TIED).is_none());
        ties.keep("src", 6, tie(at + TIED));
        assert_eq!(ties.0.len(), 1);
    }
}
