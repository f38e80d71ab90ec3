//! What `docs/openapi/v1.json` says is what the gateway does: its routes are those of the table, and every answer that
//! any story gets is one that it describes.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, LazyLock, Mutex},
};

use axum::http::{Method, StatusCode};
use boon::{Compiler, SchemaIndex, Schemas};
use contract::v1::{ProblemCode, openapi};
use gateway::Access;
use serde_json::{Value, json};

use crate::world::{Reply, World, ask, get};

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../../docs/openapi/v1.json")).unwrap());
/// By what they are about: they are compiled once.
static SCHEMAS: LazyLock<Mutex<HashMap<String, Arc<Compiled>>>> = LazyLock::new(Mutex::default);

struct Compiled(Schemas, SchemaIndex);

/// A reference followed, or the thing itself.
fn resolved(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(reference) => DOCUMENT.pointer(reference.trim_start_matches('#')).expect(reference),
        None => value,
    }
}

fn is_path(described: &str, path: &str) -> bool {
    let (mut described, mut path) = (described.split('/'), path.split('/'));
    loop {
        match (described.next(), path.next()) {
            (None, None) => return true,
            (Some(segment), Some(given)) if segment.starts_with('{') || segment == given => {}
            _ => return false,
        }
    }
}

/// Fails where the description does not tell of such an answer.
pub(crate) fn check(method: &Method, path: &str, reply: &Reply) {
    let described = DOCUMENT["paths"].as_object().unwrap().iter().find(|(described, _)| is_path(described, path));
    let Some((described, methods)) = described else {
        assert_eq!(reply.code(), ProblemCode::NotFound, "{method} {path} is not described");
        return;
    };
    let operation = &methods[method.as_str().to_lowercase()];
    if operation.is_null() {
        // a HEAD is answered as its GET; and here too the gateway may be closing
        let known = [StatusCode::METHOD_NOT_ALLOWED, StatusCode::SERVICE_UNAVAILABLE];
        assert!(method == Method::HEAD || known.contains(&reply.status), "{method} {path}: {}", reply.status);
        return;
    }
    let what = format!("{method} {described} {}", reply.status.as_u16());
    let response = &operation["responses"][reply.status.as_str()];
    assert!(!response.is_null(), "{what} is not described: {}", reply.text());
    let response = resolved(response);
    for (name, header) in response["headers"].as_object().into_iter().flatten() {
        let required = resolved(header)["required"] == json!(true);
        assert!(!required || reply.headers.contains_key(name), "{what} lacks {name}");
    }
    body(&what, response, reply);
}

fn body(what: &str, response: &Value, reply: &Reply) {
    let media_type = reply.header("content-type").split(';').next().unwrap();
    let content = response["content"].as_object();
    if content.is_none_or(|content| content.is_empty()) {
        assert!(reply.body.is_empty(), "{what} has a body: {}", reply.text());
        return;
    }
    let described = content.and_then(|content| content.get(media_type));
    let described = described.unwrap_or_else(|| panic!("{what} is described otherwise than {media_type:?}"));
    if !media_type.ends_with("json") || reply.headers.contains_key("content-encoding") {
        return;
    }
    let schema = compiled(&format!("{what} {media_type}"), &described["schema"]);
    let body: Value = reply.json();
    if let Err(wrong) = schema.0.validate(&body, schema.1) {
        panic!("{what} does not fit its description: {wrong}\n{body}");
    }
}

fn compiled(what: &str, schema: &Value) -> Arc<Compiled> {
    const HERE: &str = "https://gateway.clinic.example/answer.json";
    let mut all = SCHEMAS.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let compile = || {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.enable_format_assertions();
        // references go from the root of the document
        let schema = json!({ "allOf": [schema], "components": DOCUMENT["components"] });
        compiler.add_resource(HERE, schema).unwrap();
        let index = compiler.compile(HERE, &mut schemas).unwrap();
        Arc::new(Compiled(schemas, index))
    };
    all.entry(what.to_owned()).or_insert_with(compile).clone()
}

#[test]
fn the_description_in_the_tree_is_the_one_that_the_types_give() {
    let written = include_str!("../../../../docs/openapi/v1.json");
    assert!(written == openapi::document_text(), "docs/openapi/v1.json is stale: run `cargo xtask gen`");
}

#[test]
fn what_is_described_is_what_there_is_with_the_same_guards() {
    let mut described = BTreeSet::new();
    for (path, methods) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            described.insert((method.to_uppercase(), path.clone()));
            let route = gateway::routes().into_iter().find(|route| {
                route.path == path && route.method.eq_ignore_ascii_case(method)
            });
            let access = route.unwrap_or_else(|| panic!("{method} {path} is described, and there is none")).access;
            let by_token = json!([{ openapi::DESK_TOKEN: [] }]);
            assert_eq!(operation["security"] == by_token, access == Access::Desk, "{method} {path}");
            let says_version = operation["parameters"].to_string().contains("/DeskVersion");
            assert_eq!(says_version, matches!(access, Access::Desk | Access::Code), "{method} {path}");
        }
    }
    let there_are: BTreeSet<_> =
        gateway::routes().iter().map(|route| (route.method.to_owned(), route.path.to_owned())).collect();
    assert_eq!(described, there_are);
}

/// A registry with a word that no route can say is a registry that nobody has looked through.
#[test]
fn every_problem_of_the_registry_is_described_somewhere() {
    let text = DOCUMENT["components"]["responses"].to_string();
    for code in ProblemCode::ALL {
        assert!(text.contains(&format!("\"/problems/{}\"", code.as_str())), "{}", code.as_str());
    }
}

#[tokio::test]
async fn the_gateway_tells_whoever_asks_what_it_can() {
    let world = World::founded().await;
    let reply = ask(&world.router, get("/v1/openapi.json", None)).await;
    assert_eq!((reply.status, reply.header("content-type")), (StatusCode::OK, "application/json"));
    assert_eq!(reply.json::<Value>()["openapi"], "3.1.0");
}
