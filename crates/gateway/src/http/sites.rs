//! The doors of the sites.
//!
//! ```text
//! POST /in/<connector>/<source>?k=<secret>      or `Authorization: Bearer <secret>`, or the shop's signature of the body
//! POST /in/<connector>/<source>/<secret>        where only the path can be set
//! POST /rest/<any>/<secret>/<method>            as a Bitrix24 portal answers (module `bitrix24`)
//! ```
//!
//! An unknown source, a wrong secret, a source of another connector and one that is disabled get the same answer. The
//! answer to a submission is of the shape that the site's software takes for success.

pub(super) mod bitrix24;

use axum::{
    Json,
    body::Bytes,
    extract::{
        Path, Query, State,
        rejection::{BytesRejection, PathRejection, QueryRejection},
    },
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use connectors::{Connector, Parsed};
use contract::v1::ProblemCode;
use serde::Deserialize;
use serde_json::json;

use super::bearer;
use crate::{
    Door, Failure, Gateway,
    db::Source,
    intake::{self, Arrival, MarkKey, Taken, Word},
    metrics,
    sources::{Trouble, secrets::Keys},
};

/// What a secret is compared with where there is no source: so much work either way.
const NOBODY: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const LONGEST_SECRET: usize = 200;
const LONGEST_CONTENT_TYPE: usize = 200;
/// `WooCommerce`: base64 of HMAC-SHA256 of the body.
const SHOP_SIGNATURE: &str = "x-wc-webhook-signature";
/// A token of [`Gateway::test_source`], good for one knock.
pub(crate) const TEST_TOKEN: &str = "x-reception-test";

#[derive(Deserialize)]
pub(super) struct Key {
    k: Option<String>,
}

/// Who knocked, let in.
pub(super) struct Guest {
    pub(super) source: Source,
    mark_key: MarkKey,
    word: Word,
    can_ask: bool,
    test: bool,
}

impl Guest {
    pub(super) fn arrival(&self, content_type: String, body: Vec<u8>) -> Arrival {
        Arrival {
            source: self.source.clone(),
            mark_key: self.mark_key.clone(),
            content_type,
            body,
            word: self.word,
            can_ask: self.can_ask,
            onto: None,
            test: self.test,
        }
    }
}

pub(super) async fn intake(
    State(gateway): State<Gateway>,
    path: Result<Path<(String, String)>, PathRejection>,
    key: Result<Query<Key>, QueryRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let secret = match key {
        Ok(Query(Key { k })) => k.or_else(|| bearer(&headers).map(str::to_owned)).unwrap_or_default(),
        Err(rejection) => return Failure::from(rejection).into_response(),
    };
    let Ok(Path((connector, id))) = path else { return nobody() };
    submission(&gateway, &connector, &id, &secret, &headers, body).await
}

pub(super) async fn intake_by_path(
    State(gateway): State<Gateway>,
    path: Result<Path<(String, String, String)>, PathRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Ok(Path((connector, id, secret))) = path else { return nobody() };
    submission(&gateway, &connector, &id, &secret, &headers, body).await
}

/// A source whose id is no text is unknown like any other.
fn nobody() -> Response {
    Failure::from(ProblemCode::Unauthorized).into_response()
}

async fn submission(
    gateway: &Gateway,
    connector: &str,
    id: &str,
    secret: &str,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    match taken(gateway, connector, id, secret, headers, body).await {
        Ok((connector, taken)) => success(connector, &taken),
        Err(failure) => failure.into_response(),
    }
}

async fn taken(
    gateway: &Gateway,
    connector: &str,
    id: &str,
    secret: &str,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(Connector, Taken), Failure> {
    let source = gateway.source_of(id).await?.filter(|source| source.connector.as_str() == connector);
    let knock = Knock { secret, headers, body: body.as_ref().ok() };
    if source.as_ref().is_some_and(|source| source.enabled && is_ping(source.connector, &knock)) {
        return Ok((Connector::WooCommerce, Taken::Probe));
    }
    let guest = admit(gateway, source, &knock).await?;
    let body = bounded(gateway, &guest.source, body)?;
    let connector = guest.source.connector;
    let arrival = guest.arrival(content_type(headers), body.to_vec());
    let parsed = intake::read(&arrival);
    let taken = receive(gateway, arrival, parsed).await?;
    Ok((connector, taken))
}

/// Takes it in to the end, whether or not the site still waits.
pub(super) async fn receive(gateway: &Gateway, arrival: Arrival, parsed: Parsed) -> Result<Taken, Failure> {
    let (source, connector) = (arrival.source.id.clone(), arrival.source.connector);
    let taken = Gateway::to_the_end(intake::receive_read(gateway.clone(), arrival, parsed)).await;
    if matches!(taken, Err(Failure::Storage(_) | Failure::Seal(_) | Failure::CutOff)) {
        gateway.trouble(&source, Trouble::NotStored);
    }
    metrics::taken_in(connector.as_str(), outcome(&taken));
    taken
}

fn outcome(taken: &Result<Taken, Failure>) -> &'static str {
    match taken {
        Ok(Taken::Probe) => "probe",
        Ok(Taken::Noted) => "noted",
        Ok(Taken::Request { again: false, .. }) => "taken",
        Ok(Taken::Request { again: true, .. }) => "again",
        Err(_) => "failed",
    }
}

pub(super) fn bounded(
    gateway: &Gateway,
    source: &Source,
    body: Result<Bytes, BytesRejection>,
) -> Result<Bytes, Failure> {
    body.map_err(|rejection| {
        gateway.trouble(&source.id, Trouble::TooLarge);
        rejection.into()
    })
}

pub(super) fn content_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.chars().take(LONGEST_CONTENT_TYPE).collect()
}

/// What somebody shows at a door.
pub(super) struct Knock<'a> {
    pub(super) secret: &'a str,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: Option<&'a Bytes>,
}

/// Lets a site in by its secret or its signature, in constant time, and slows down one that runs wild.
pub(super) async fn admit(gateway: &Gateway, source: Option<Source>, knock: &Knock<'_>) -> Result<Guest, Failure> {
    let keys = match &source {
        Some(source) => Keys::of(gateway.storage(), &source.id).await?,
        None => Keys::default(),
    };
    let digest = source.as_ref().map_or(NOBODY, |source| source.secret_digest.as_str());
    let shown = knock.secret.len() <= LONGEST_SECRET && seal::token::verify(knock.secret, digest);
    let signed = is_signed(&keys, knock);
    let Some(source) = source else { return Err(ProblemCode::Unauthorized.into()) };
    let test = gateway.take_test_token(knock.headers.get(TEST_TOKEN), &source.id);
    if !(shown || signed || test) {
        gateway.trouble(&source.id, Trouble::Unauthorized);
        return Err(ProblemCode::Unauthorized.into());
    }
    if !source.enabled {
        gateway.trouble(&source.id, Trouble::Disabled);
        return Err(ProblemCode::Unauthorized.into());
    }
    if let Err(wait) = gateway.admit(Door::Intake, &source.id) {
        gateway.trouble(&source.id, Trouble::TooMany);
        return Err(wait);
    }
    let mark_key = keys.mark_key(if test { TEST_TOKEN } else { knock.secret });
    let word = if signed { Word::Signed } else { Word::News };
    Ok(Guest { source, mark_key, word, can_ask: keys.upstream.is_some() && !test, test })
}

/// Whether the shop has signed the body.
fn is_signed(keys: &Keys, knock: &Knock<'_>) -> bool {
    let Some((signing, body)) = keys.signing.as_ref().zip(knock.body) else { return false };
    let shown = knock.headers.get(SHOP_SIGNATURE).and_then(|value| value.to_str().ok());
    shown.is_some_and(|shown| connectors::verify_woocommerce(body, signing, shown))
}

/// When a shop's administrator saves the webhook, the shop posts its number, unsigned, and wants a success.
fn is_ping(connector: Connector, knock: &Knock<'_>) -> bool {
    let number = knock.body.and_then(|body| body.strip_prefix(b"webhook_id="));
    connector == Connector::WooCommerce
        && number.is_some_and(|number| (1..=20).contains(&number.len()) && number.iter().all(u8::is_ascii_digit))
}

fn success(connector: Connector, taken: &Taken) -> Response {
    match (connector, taken) {
        (Connector::Tilda, _) => "ok".into_response(),
        (_, Taken::Request { id, .. }) => Json(json!({ "ok": true, "id": id })).into_response(),
        (_, Taken::Probe | Taken::Noted) => Json(json!({ "ok": true })).into_response(),
    }
}
