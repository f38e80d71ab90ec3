//! The doors of the sites. Whatever a site sends is taken in, so a body is described by its encodings alone; who may
//! come in and what is answered is described exactly.

use serde_json::{Value, json};

use super::{Described, Operation, in_path, response};
use crate::v1::ProblemCode;

pub(super) fn describe(all: &mut Described) {
    let by_key = json!([{ "sourceKey": [] }, { "sourceBearer": [] }, { "shopSignature": [] }]);
    submission("/in/{connector}/{source}", "submit", "A site sends a submission")
        .secured(by_key)
        .refuses(&[ProblemCode::Validation])
        .finish(all);
    submission("/in/{connector}/{source}/{secret}", "submitByPath", "The same, where only the path can be set")
        .parameter(in_path("secret", "The secret of the source.", json!({ "type": "string" })))
        .finish(all);
    for (method, id) in [("GET", "callByQuery"), ("POST", "call")] {
        portal(method, id).finish(all);
    }
}

impl Operation {
    fn secured(self, security: Value) -> Self {
        Self { security, ..self }
    }
}

/// Anything: what cannot be read is kept as it came.
fn anything() -> Value {
    let schema = json!({ "schema": {} });
    json!({
        "required": false,
        "content": {
            "application/x-www-form-urlencoded": { "schema": { "type": "object" } },
            "application/json": schema,
            "text/plain": { "schema": { "type": "string" } },
        },
    })
}

fn submission(path: &'static str, id: &'static str, summary: &'static str) -> Operation {
    let taken = json!({
        "type": "object",
        "required": ["ok"],
        "properties": {
            "ok": { "const": true },
            "id": { "type": "string", "description": "The request that it became, or had become before." },
        },
    });
    let content = json!({
        "application/json": { "schema": taken },
        "text/plain": { "schema": { "const": "ok" } },
    });
    let mut operation = Operation::new("POST", path, id, summary)
        .described(
            "It is on the disk when it is answered. What was sent before is known again and makes no second request.",
        )
        .parameter(in_path("connector", "What the site's software is.", json!({ "type": "string" })))
        .parameter(in_path("source", "The source.", json!({ "type": "string" })))
        .answers(200, response("Taken in; Tilda gets plain text.", content, &[]))
        .refuses(&[
            ProblemCode::Unauthorized,
            ProblemCode::TooLarge,
            ProblemCode::Validation,
            ProblemCode::RateLimited,
            ProblemCode::NotFounded,
        ]);
    operation.tag = "sites";
    operation.body = Some(anything());
    operation
}

/// As a Bitrix24 portal answers, failures included.
fn portal(method: &'static str, id: &'static str) -> Operation {
    let answered = json!({
        "type": "object",
        "required": ["result", "time"],
        "properties": { "result": {}, "time": { "type": "object" } },
    });
    let refused = json!({
        "type": "object",
        "required": ["error", "error_description"],
        "properties": { "error": { "type": "string" }, "error_description": { "type": "string" } },
    });
    let in_words = |words: &str| response(words, json!({ "application/json": { "schema": refused } }), &[]);
    let mut operation = Operation::new(method, "/rest/{user}/{secret}/{method}", id, "As a Bitrix24 portal answers")
        .described(
            "The address is the credential. Whatever adds something becomes a request and is answered with a number.",
        )
        .parameter(in_path("user", "Any.", json!({ "type": "string" })))
        .parameter(in_path("secret", "The secret of the source.", json!({ "type": "string" })))
        .parameter(in_path(
            "method",
            "`crm.lead.add`, `batch`, …, with or without `.json`.",
            json!({ "type": "string" }),
        ))
        .answers(200, response("Answered.", json!({ "application/json": { "schema": answered } }), &[]))
        .answers(401, in_words("The secret is of no source."))
        .answers(404, in_words("There is no such method."))
        .answers(413, in_words("The request is too large."))
        .answers(500, in_words("The gateway has failed."));
    // the gateway closes before it looks at who comes: that is said in its own words
    operation.answers.push((503, json!({
        "description": "Not now, or too often.",
        "content": { "application/json": { "schema": refused }, "application/problem+json": { "schema": { "type": "object" } } },
    })));
    operation.tag = "sites";
    operation.body = (method == "POST").then(anything);
    operation
}
