//! The API of the gateway as an OpenAPI 3.1 document: every route, what it takes, and each way in which it answers.
//!
//! `cargo xtask gen` writes it to `docs/openapi/v1.json`, which the gateway serves. Tests hold its routes against those
//! that the gateway has, every answer of every story against what it says, and a fuzzer reads it.
//!
//! - Types are described as they are read: what may be absent there may be absent; what is unknown is skipped.
//! - A problem is described by its code: an answer of the same status with another code does not fit.

mod desks;
mod sites;

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, transform::RecursiveTransform};
use serde_json::{Map, Value, json};

use super::{DESK_VERSION, Problem, ProblemCode};

/// The name of the security scheme of a desk's token.
pub const DESK_TOKEN: &str = "deskToken";

const PROBLEM_TYPE: &str = "application/problem+json";
const JSON_TYPE: &str = "application/json";

/// The text of `docs/openapi/v1.json`.
#[must_use]
pub fn document_text() -> String {
    format!("{:#}\n", document())
}

/// The document.
#[must_use]
pub fn document() -> Value {
    let mut described = Described::new();
    desks::describe(&mut described);
    sites::describe(&mut described);
    described.finish()
}

/// A route with what it takes and how it answers.
struct Operation {
    method: &'static str,
    path: &'static str,
    id: &'static str,
    tag: &'static str,
    summary: &'static str,
    description: &'static str,
    security: Value,
    parameters: Vec<Value>,
    body: Option<Value>,
    answers: Vec<(u16, Value)>,
    problems: Vec<ProblemCode>,
}

impl Operation {
    fn new(method: &'static str, path: &'static str, id: &'static str, summary: &'static str) -> Self {
        Self {
            method,
            path,
            id,
            tag: "desks",
            summary,
            description: "",
            security: json!([]),
            parameters: Vec::new(),
            body: None,
            answers: Vec::new(),
            problems: vec![ProblemCode::Internal, ProblemCode::Maintenance],
        }
    }

    fn described(self, description: &'static str) -> Self {
        Self { description, ..self }
    }

    /// An enrolled desk comes with its token.
    fn by_desk(mut self) -> Self {
        self.security = json!([{ DESK_TOKEN: [] }]);
        self.versioned().refuses(&[ProblemCode::Unauthorized, ProblemCode::DeskRevoked, ProblemCode::RateLimited])
    }

    /// Whoever comes says its version.
    fn versioned(mut self) -> Self {
        self.parameters.push(reference("parameters", "DeskVersion"));
        self.refuses(&[ProblemCode::ClientTooOld])
    }

    fn parameter(mut self, parameter: Value) -> Self {
        self.parameters.push(parameter);
        self
    }

    fn refuses(mut self, codes: &[ProblemCode]) -> Self {
        self.problems.extend(codes);
        self
    }

    /// A body of JSON.
    fn takes<T: JsonSchema>(mut self, described: &mut Described) -> Self {
        let schema = described.schema::<T>();
        self.body = Some(json!({ "required": true, "content": { JSON_TYPE: { "schema": schema } } }));
        self.refuses(&[ProblemCode::Validation, ProblemCode::TooLarge])
    }

    /// Success with a body of JSON.
    fn gives<T: JsonSchema>(self, described: &mut Described, description: &str, headers: &[&str]) -> Self {
        let schema = described.schema::<T>();
        self.answers(200, response(description, json!({ JSON_TYPE: { "schema": schema } }), headers))
    }

    fn answers(mut self, status: u16, response: Value) -> Self {
        self.answers.push((status, response));
        self
    }

    /// The member of `paths`, with its problems by status.
    fn finish(self, described: &mut Described) {
        let mut responses: Map<String, Value> =
            self.answers.into_iter().map(|(status, answer)| (status.to_string(), answer)).collect();
        responses.insert("408".to_owned(), reference("responses", "RequestTimeout"));
        let mut codes = self.problems;
        codes.sort_by_key(|code| (code.status(), code.as_str()));
        for codes in codes.chunk_by(|a, b| a.status() == b.status()) {
            if let Some(first) = codes.first() {
                // where sites get words of their own, these stand already
                let problem = described.problem(codes);
                responses.entry(first.status().to_string()).or_insert(problem);
            }
        }
        let mut operation = json!({
            "operationId": self.id,
            "tags": [self.tag],
            "summary": self.summary,
            "description": self.description,
            "security": self.security,
            "parameters": self.parameters,
            "responses": responses,
        });
        if let (Some(members), Some(body)) = (operation.as_object_mut(), self.body) {
            members.insert("requestBody".to_owned(), body);
        }
        let methods = described.paths.entry(self.path).or_insert_with(|| json!({}));
        if let Some(methods) = methods.as_object_mut() {
            methods.insert(self.method.to_lowercase(), operation);
        }
    }
}

/// What the routes have in common, as it is found.
struct Described {
    schemas: SchemaGenerator,
    paths: Map<String, Value>,
    responses: Map<String, Value>,
}

impl Described {
    fn new() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        let settings = settings.with_transform(RecursiveTransform(bounded));
        Self { schemas: settings.into_generator(), paths: Map::new(), responses: Map::new() }
    }

    fn schema<T: JsonSchema>(&mut self) -> Value {
        self.schemas.subschema_for::<T>().to_value()
    }

    /// The answer with one of these problems, all of one status; kept once and referred to.
    fn problem(&mut self, codes: &[ProblemCode]) -> Value {
        let name = codes.iter().map(|code| format!("{code:?}")).collect::<Vec<_>>().join("Or");
        if !self.responses.contains_key(&name) {
            let types: Vec<_> = codes.iter().map(|code| format!("/problems/{}", code.as_str())).collect();
            let status = codes.first().map(|code| code.status());
            let narrowed = json!({ "properties": { "type": { "enum": types }, "status": { "const": status } } });
            let schema = json!({ "allOf": [self.schema::<Problem>(), narrowed] });
            let meaning: Vec<_> = codes.iter().map(|code| format!("`{}`: {}", code.as_str(), code.meaning())).collect();
            let content = json!({ PROBLEM_TYPE: { "schema": schema } });
            self.responses.insert(name.clone(), response(&meaning.join("\n\n"), content, headers_of(codes)));
        }
        reference("responses", &name)
    }

    fn finish(mut self) -> Value {
        let timeout = timeout(self.schema::<Problem>());
        self.responses.insert("RequestTimeout".to_owned(), timeout);
        // the whole registry, for whoever writes a client
        let _ = self.schema::<ProblemCode>();
        let mut document = json!({
            "openapi": "3.1.0",
            "info": {
                "title": "Reception gateway",
                "version": env!("CARGO_PKG_VERSION"),
                "description": ABOUT,
                "license": { "name": "MIT", "identifier": "MIT" },
            },
            "servers": [{ "url": "/", "description": "where this document was read" }],
            "tags": [
                { "name": "desks", "description": "The API of the desks." },
                { "name": "sites", "description": "The doors of the sites. Each answers as the site's software expects." },
            ],
            "paths": self.paths,
            "components": {
                "schemas": self.schemas.take_definitions(true),
                "responses": self.responses,
                "parameters": { "DeskVersion": desk_version() },
                "headers": headers(),
                "securitySchemes": security_schemes(),
            },
        });
        document.sort_all_objects();
        document
    }
}

const ABOUT: &str = "Between the gateway at a clinic's website, its desks, and the site.\n\n\
    Additive only within v1: a reader skips members that it does not know and survives words that it does not know. \
    A whole number is written without a fraction. \
    Every failure is a problem of RFC 9457 with a `type` of a closed registry; on the doors of the sites it may be in the \
    words of the site's software. What has no type of its own (405, 408) is `about:blank`.\n\n\
    Personal data crosses only sealed to the clinic's key (RFC 9180), which the gateway does not have.";

fn reference(kind: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{kind}/{name}") })
}

/// An answer; each carries the id by which the log knows its request.
fn response(description: &str, content: Value, headers: &[&str]) -> Value {
    let headers: Map<String, Value> = [REQUEST_ID]
        .iter()
        .chain(headers)
        .map(|name| ((*name).to_owned(), reference("headers", &name.replace('-', ""))))
        .collect();
    json!({ "description": description, "headers": headers, "content": content })
}

const REQUEST_ID: &str = "X-Request-Id";

/// The headers that come with every problem of these.
fn headers_of(codes: &[ProblemCode]) -> &'static [&'static str] {
    match codes {
        [ProblemCode::RateLimited] | [ProblemCode::Maintenance] => &["Retry-After"],
        [ProblemCode::ClientTooOld] => &["Upgrade"],
        _ if codes.iter().all(|code| code.status() == 401) => &["WWW-Authenticate"],
        _ => &[],
    }
}

fn headers() -> Value {
    let header =
        |description: &str, schema: Value| json!({ "description": description, "required": true, "schema": schema });
    json!({
        "XRequestId": header("By which the gateway's log knows the request.", json!({ "type": "string" })),
        "RetryAfter": header("Seconds after which to come back.", json!({ "type": "integer", "minimum": 1 })),
        "ETag": header("The cursor of the page and where the clinic's key stands, as a weak tag.", json!({ "type": "string", "pattern": r#"^W/".*"$"# })),
        "Upgrade": header("The program and the version that are wanted.", json!({ "type": "string" })),
        "WWWAuthenticate": header("What is wanted instead.", json!({ "type": "string" })),
    })
}

fn timeout(problem: Value) -> Value {
    let blank = json!({ "properties": { "type": { "const": "about:blank" }, "status": { "const": 408 } } });
    let schema = json!({ "allOf": [problem, blank] });
    response("The request did not come in time.", json!({ PROBLEM_TYPE: { "schema": schema } }), &[])
}

fn desk_version() -> Value {
    json!({
        "name": DESK_VERSION, "in": "header", "required": false,
        "description": "The version of the desk's program. Where the clinic has set a minimum, a desk that says none is too old.",
        "schema": { "type": "string" },
    })
}

fn security_schemes() -> Value {
    json!({
        DESK_TOKEN: { "type": "http", "scheme": "bearer", "description": "What the desk got when it enrolled." },
        "sourceKey": { "type": "apiKey", "in": "query", "name": "k", "description": "The secret of the source." },
        "sourceBearer": { "type": "http", "scheme": "bearer", "description": "The secret of the source." },
        "shopSignature": {
            "type": "apiKey", "in": "header", "name": "X-WC-Webhook-Signature",
            "description": "base64 of HMAC-SHA256 of the body, keyed with the secret of the source.",
        },
    })
}

/// A parameter in the path.
fn in_path(name: &str, description: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "path", "required": true, "description": description, "schema": schema })
}

/// Says of every number how far it goes, and nothing of a set that has something twice: it is read as having it once.
fn bounded(schema: &mut Schema) {
    let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
    let (least, most): (Option<i64>, Option<u64>) = match format {
        "int64" => (Some(i64::MIN), Some(i64::MAX.unsigned_abs())),
        "uint32" => (None, Some(u32::MAX.into())),
        "uint64" => (None, Some(u64::MAX)),
        _ => (None, None),
    };
    if let Some(least) = least {
        schema.insert("minimum".to_owned(), least.into());
    }
    // a type may say less
    if let Some(most) = most.filter(|_| schema.get("maximum").is_none()) {
        schema.insert("maximum".to_owned(), most.into());
    }
    schema.remove("uniqueItems");
    if let Some(Value::Array(words)) = schema.get_mut("oneOf") {
        any_other_word(words);
    }
}

/// An enumeration that reads what it does not know as `unknown` takes any word.
fn any_other_word(words: &mut Vec<Value>) {
    let (mut known, mut is_open) = (Vec::new(), false);
    for word in words.iter_mut() {
        if let Some(Value::Array(group)) = word.get_mut("enum") {
            is_open |= group.iter().any(|word| word == "unknown");
            group.retain(|word| word != "unknown");
            known.extend(group.iter().cloned());
        }
        match word.get("const") {
            Some(word) if word == "unknown" => is_open = true,
            other => known.extend(other.cloned()),
        }
    }
    if is_open {
        words.retain(|word| word["enum"] != json!([]) && word["const"] != "unknown");
        words.push(json!({ "description": "A word of a newer version.", "type": "string", "not": { "enum": known } }));
    }
}
