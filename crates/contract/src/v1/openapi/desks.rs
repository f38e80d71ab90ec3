//! The routes of the desks.

use domain::DeskId;
use serde_json::json;

use super::{Described, Operation, in_path, response};
use crate::v1::{
    ActionsRequest, ActionsResponse, ChangesPage, EnrollRequest, EnrollResponse, Health, InviteRequest, MAX_CHANGES,
    ProblemCode, RevokeRequest, TokenResponse,
    audit::{AuditHead, AuditHeads},
    keys::{DeskKeyRequest, KeyChangeRequest, KeysView},
    sources::{MappingRequest, SourceView, SourcesView},
};

pub(super) fn describe(all: &mut Described) {
    open(all);
    access(all);
    keys(all);
    audit(all);
    feed(all);
    sources(all);
}

fn open(all: &mut Described) {
    Operation::new("GET", "/v1/health", "health", "How the gateway is")
        .gives::<Health>(all, "It works.", &[])
        .finish(all);
    let mut document = Operation::new("GET", "/v1/openapi.json", "openapi", "This document");
    document.problems = vec![ProblemCode::Maintenance];
    document
        .answers(200, response("The document.", json!({ "application/json": { "schema": { "type": "object" } } }), &[]))
        .finish(all);
}

fn access(all: &mut Described) {
    Operation::new("POST", "/v1/desks/enroll", "enroll", "Come in with a one-time code")
        .described(
            "The code stands in `auth`; there is no token yet. The founding desk brings the clinic's public key, and may \
             ask again with it until there is somebody on the staff. Every other desk leaves the key out.",
        )
        .versioned()
        .takes::<EnrollRequest>(all)
        .gives::<EnrollResponse>(all, "The desk is in.", &[])
        .refuses(&[
            ProblemCode::CodeRefused,
            ProblemCode::AlreadyFounded,
            ProblemCode::NotFounded,
            ProblemCode::RateLimited,
        ])
        .finish(all);
    Operation::new("POST", "/v1/desks/invite", "invite", "Keep a code for a further desk")
        .by_desk()
        .takes::<InviteRequest>(all)
        .answers(204, response("Kept.", json!({}), &[]))
        .refuses(&[ProblemCode::KeyChanged])
        .finish(all);
    Operation::new("POST", "/v1/desks/token", "exchangeToken", "Get a new token")
        .described("The old token works until the new one is used for the first time. A body is not looked at.")
        .by_desk()
        .gives::<TokenResponse>(all, "The new token.", &[])
        .finish(all);
    let id = all.schema::<DeskId>();
    Operation::new("POST", "/v1/desks/{id}/revoke", "revoke", "Take a desk's access away")
        .by_desk()
        .parameter(in_path("id", "The desk.", id))
        .takes::<RevokeRequest>(all)
        .answers(204, response("It is let go.", json!({}), &[]))
        .refuses(&[ProblemCode::Scope, ProblemCode::NotFound])
        .finish(all);
}

fn keys(all: &mut Described) {
    Operation::new("PUT", "/v1/desks/key", "putDeskKey", "Give this desk's own public key")
        .by_desk()
        .takes::<DeskKeyRequest>(all)
        .answers(204, response("Kept.", json!({}), &[]))
        .refuses(&[ProblemCode::KeyChanged])
        .finish(all);
    Operation::new("GET", "/v1/keys", "keys", "The clinic's keys and its desks")
        .by_desk()
        .gives::<KeysView>(all, "All of them.", &[])
        .finish(all);
    Operation::new("POST", "/v1/keys", "changeKey", "Change the clinic's key")
        .described(
            "Taken in one transaction, if it is the next one and was made from what the gateway has now. From then on what is \
             sealed to an older key is not taken any more, and open invitations are withdrawn.",
        )
        .by_desk()
        .takes::<KeyChangeRequest>(all)
        .answers(204, response("It is the clinic's key.", json!({}), &[]))
        .refuses(&[ProblemCode::KeyChanged])
        .finish(all);
}

fn audit(all: &mut Described) {
    Operation::new("PUT", "/v1/audit/head", "putAuditHead", "Have the head of this desk's audit chain remembered")
        .described(
            "Never lower than the last one, and never another hash of its number. The same again changes nothing.",
        )
        .by_desk()
        .takes::<AuditHead>(all)
        .answers(204, response("It is remembered.", json!({}), &[]))
        .refuses(&[ProblemCode::AuditBehind])
        .finish(all);
    Operation::new("GET", "/v1/audit/heads", "auditHeads", "What is remembered of this desk's audit chain")
        .by_desk()
        .gives::<AuditHeads>(all, "The heads.", &[])
        .finish(all);
}

fn feed(all: &mut Described) {
    let since = json!({
        "name": "since", "in": "query", "required": false, "schema": { "type": "string" },
        "description": "The cursor where the desk stands; left out: from the beginning.",
    });
    let limit = json!({
        "name": "limit", "in": "query", "required": false,
        "schema": { "type": "integer", "minimum": 1, "maximum": MAX_CHANGES, "default": MAX_CHANGES },
        "description": "Most changes in the page. It may have fewer though there are more: `has_more` tells.",
    });
    let has = json!({
        "name": "If-None-Match", "in": "header", "required": false, "schema": { "type": "string" },
        "description": "The `ETag` of the last page. A desk that stands there and has missed nothing gets no body. The cursor alone \
            asks about the feed only.",
    });
    Operation::new("GET", "/v1/changes", "changes", "Pull a page of the state feed")
        .described(
            "Each entity once, at its latest sequence number. Store the page and its cursor in one transaction, and come \
             back at once while `has_more`. Compressed by `Accept-Encoding`: zstd, gzip.",
        )
        .by_desk()
        .parameter(since)
        .parameter(limit)
        .parameter(has)
        .gives::<ChangesPage>(all, "A page.", &["ETag"])
        .answers(304, response("Nothing that the desk does not have.", json!({}), &["ETag"]))
        .refuses(&[ProblemCode::Validation, ProblemCode::ResyncRequired])
        .finish(all);
    Operation::new("POST", "/v1/actions", "actions", "Push what was done")
        .described(
            "At most 100 actions, decided in their order. Each outcome is remembered for ever by the action's id: sending it \
             again is harmless. A problem that names an `action` stops the push there; what stood before it is done.",
        )
        .by_desk()
        .takes::<ActionsRequest>(all)
        .gives::<ActionsResponse>(all, "An outcome for each, in the order of the push.", &[])
        .refuses(&[ProblemCode::KeyChanged, ProblemCode::ActionIdReused])
        .finish(all);
    let stream = json!({ "text/event-stream": { "schema": { "type": "string" } } });
    Operation::new("GET", "/v1/events", "events", "Listen for pokes")
        .described(
            "Server-sent events without end: `state` with a `Poke` as its data means pull. A comment every 20 s shows that \
             the line is alive. A desk has two streams; one more ends the oldest.",
        )
        .by_desk()
        .answers(200, response("The stream.", stream, &[]))
        .finish(all);
    // named by the description of the stream
    let _ = all.schema::<crate::v1::Poke>();
}

fn sources(all: &mut Described) {
    Operation::new("GET", "/v1/sources", "sources", "The sources of requests and how they fare")
        .by_desk()
        .gives::<SourcesView>(all, "Every source.", &[])
        .finish(all);
    Operation::new("PUT", "/v1/sources/{id}/mapping", "setMapping", "Say what a site's fields mean")
        .by_desk()
        .parameter(in_path("id", "The source.", json!({ "type": "string" })))
        .takes::<MappingRequest>(all)
        .gives::<SourceView>(all, "The source as it is now.", &[])
        .refuses(&[ProblemCode::NotFound])
        .finish(all);
}
