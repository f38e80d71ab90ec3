//! Who may come through which door, and what is said to who may not.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use connectors::Connector;
use contract::v1::ProblemCode;
use gateway::{Access, MAX_INTAKE_BODY};
use serde_json::json;

use crate::world::{Reply, World, ask, get, post};

/// The doors that open without a desk's token, each with its reason. This list only shrinks.
const OPEN: [(&str, &str, Access); 7] = [
    ("GET", "/v1/health", Access::Open),
    // says nothing that is not public
    ("GET", "/v1/openapi.json", Access::Open),
    ("POST", "/v1/desks/enroll", Access::Code),
    // by the source's secret, in the query, a header or the body's signature…
    ("POST", "/in/{connector}/{source}", Access::Site),
    // …or in the path, where a site can set nothing else
    ("POST", "/in/{connector}/{source}/{secret}", Access::Site),
    // as a Bitrix24 portal is called, by either method
    ("GET", "/rest/{user}/{secret}/{method}", Access::Site),
    ("POST", "/rest/{user}/{secret}/{method}", Access::Site),
];

#[tokio::test]
async fn every_other_door_asks_for_a_token() {
    let world = World::founded().await;
    let mut open = Vec::new();
    for route in gateway::routes() {
        if route.access != Access::Desk {
            open.push((route.method, route.path, route.access));
            continue;
        }
        let with = async |authorization: Option<&str>| {
            let mut request = Request::builder().method(route.method).uri(route.path);
            if let Some(value) = authorization {
                request = request.header("authorization", value);
            }
            ask(&world.router, request.body(Body::from("{}")).unwrap()).await
        };
        let token = &world.desk.token;
        let almost = format!("Bearer {}", &token[..token.len() - 1]);
        let basic = format!("Basic {token}");
        for wrong in [None, Some("Bearer "), Some("Bearer wrong"), Some(&almost), Some(&basic), Some(token)] {
            let reply = with(wrong).await;
            assert_eq!(reply.code(), ProblemCode::Unauthorized, "{} {}", route.method, route.path);
        }
        let known = format!("Bearer {token}");
        if route.path != "/v1/events" {
            assert_ne!(with(Some(&known)).await.status, StatusCode::UNAUTHORIZED, "{}", route.path);
        }
    }
    assert_eq!(open, OPEN);
}

#[tokio::test]
async fn a_source_is_known_by_its_secret_and_its_connector() {
    let world = World::founded().await;
    let source = world.source(Connector::Form).await;
    let other = world.source(Connector::Form).await;
    let id = &source.id;
    for path in [
        format!("/in/form/{id}"),
        format!("/in/form/{id}?k="),
        format!("/in/form/{id}?k={}", other.secret),
        format!("/in/form/{id}?k={}", &source.secret[1..]),
        format!("/in/tilda/{id}?k={}", source.secret),
        format!("/in/form/src_none?k={}", source.secret),
        format!("/in/nothing/{id}?k={}", source.secret),
    ] {
        let reply = ask(&world.router, post(&path, None, &json!({"name": "Анна"}))).await;
        assert_eq!(reply.code(), ProblemCode::Unauthorized, "{path}");
    }
    let by_header =
        ask(&world.router, post(&format!("/in/form/{id}"), Some(&source.secret), &json!({"name": "Анна"}))).await;
    assert_eq!(by_header.status, StatusCode::OK);
}

#[tokio::test]
async fn whatever_is_wrong_is_a_problem_of_the_registry() {
    let world = World::founded().await;
    let token = Some(world.desk.token.as_str());
    let source = world.source(Connector::Tilda).await;
    assert_eq!(ask(&world.router, get("/v1/nothing", token)).await.code(), ProblemCode::NotFound);
    assert_eq!(ask(&world.router, get("/", None)).await.code(), ProblemCode::NotFound);

    let wrong_method = ask(&world.router, get("/v1/actions", token)).await;
    assert_eq!(
        (wrong_method.status, wrong_method.problem().type_uri.as_str()),
        (StatusCode::METHOD_NOT_ALLOWED, "about:blank")
    );

    let large = world.submit(&source, "text/plain", vec![b'a'; MAX_INTAKE_BODY + 1]).await;
    assert_eq!(large.code(), ProblemCode::TooLarge);
    let too_many = vec![json!({}); contract::v1::MAX_ACTIONS + 1];
    assert_eq!(world.push_raw(&world.desk, &json!({ "actions": too_many })).await.code(), ProblemCode::TooLarge);

    for body in [json!(null), json!({}), json!({"actions": [{}]}), json!({"actions": 1})] {
        assert_eq!(world.push_raw(&world.desk, &body).await.code(), ProblemCode::Validation, "{body}");
    }
    let broken = Request::post("/v1/desks/enroll").body(Body::from("{")).unwrap();
    assert_eq!(ask(&world.router, broken).await.code(), ProblemCode::Validation);
    assert_eq!(ask(&world.router, get("/v1/changes?limit=x", token)).await.code(), ProblemCode::Validation);
}

#[tokio::test]
async fn what_is_no_name_of_anything_is_not_found_and_nothing_fails() {
    let world = World::founded().await;
    let token = Some(world.desk.token.as_str());
    let source = world.source(Connector::Form).await;
    for odd in ["%00", "src_%00", "%FF", "%F0%9F%A6%B7", "'", &"a".repeat(5_000)] {
        let mapping = Request::put(format!("/v1/sources/{odd}/mapping"));
        let mapping = mapping.header("authorization", format!("Bearer {}", world.desk.token));
        let mapping = mapping.body(Body::from(r#"{"mapping":[]}"#)).unwrap();
        assert_eq!(ask(&world.router, mapping).await.code(), ProblemCode::NotFound, "{odd}");
        let revoke = post(&format!("/v1/desks/{odd}/revoke"), token, &json!({ "actor": world.manager }));
        assert_eq!(ask(&world.router, revoke).await.code(), ProblemCode::NotFound, "{odd}");
        for path in [
            format!("/in/form/{odd}?k={}", source.secret),
            format!("/in/{odd}/{}?k={}", source.id, source.secret),
            format!("/in/form/{}/{odd}", source.id),
        ] {
            let reply = ask(&world.router, post(&path, None, &json!({"name": "Анна"}))).await;
            assert_eq!(reply.code(), ProblemCode::Unauthorized, "{path}");
        }
        let mut portal = post(&format!("/rest/{odd}/{odd}/crm.lead.add"), None, &json!({}));
        portal.headers_mut().insert("x-reception-test", "wrong".parse().unwrap());
        assert_eq!(ask(&world.router, portal).await.status, StatusCode::UNAUTHORIZED, "{odd}");
    }
}

#[tokio::test]
async fn what_does_not_fit_is_said_in_words_that_repeat_nothing_of_it() {
    let world = World::founded().await;
    let token = Some(world.desk.token.as_str());
    for (body, words) in [
        (r#"{"actions": 1, "x": "Иванова"}"#, "does not fit the description, line 1, column 13"),
        (r#"{"actions": "Иванова"}"#, "does not fit the description"),
        (r#"{"actions": [] Иванова"#, "is not JSON, line 1, column 16"),
        (r#"{"actions": ["#, "is not JSON"),
        ("", "is not a JSON object"),
        // serde would take a list for the members in their order
        ("[[]]", "is not a JSON object"),
        ("null", "is not a JSON object"),
    ] {
        let mut request = post("/v1/actions", token, &());
        *request.body_mut() = Body::from(body);
        let reply = ask(&world.router, request).await;
        assert_eq!(reply.code(), ProblemCode::Validation, "{body}");
        let detail = reply.problem().detail.unwrap();
        assert!(detail.contains(words) && !detail.contains("Иванова"), "{body}: {detail}");
    }
}

#[tokio::test]
async fn whoever_is_refused_is_told_how_to_come_in() {
    let world = World::founded().await;
    let code = seal::enrolment::EnrolmentCode::make().unwrap();
    let refused = ask(&world.router, post("/v1/desks/enroll", None, &crate::world::enroll_request(&code, None))).await;
    assert_eq!((refused.code(), refused.header("www-authenticate")), (ProblemCode::CodeRefused, "Enrolment-Code"));
    let unknown = ask(&world.router, get("/v1/changes", Some("wrong"))).await;
    assert_eq!((unknown.code(), unknown.header("www-authenticate")), (ProblemCode::Unauthorized, "Bearer"));
}

#[tokio::test]
async fn every_answer_forbids_sniffing_and_keeping() {
    let world = World::founded().await;
    let token = Some(world.desk.token.as_str());
    for request in [get("/v1/health", None), get("/v1/changes", token), get("/v1/changes", None), get("/no", None)] {
        assert_protected(&ask(&world.router, request).await, "");
    }
    for route in gateway::routes() {
        for method in [route.method, "OPTIONS", "PATCH"] {
            let mut request = Request::builder().method(method).uri(route.path).body(Body::from("{}")).unwrap();
            request.headers_mut().insert("origin", "https://elsewhere.example".parse().unwrap());
            request.headers_mut().insert("access-control-request-method", "POST".parse().unwrap());
            assert_protected(&ask(&world.router, request).await, route.path);
        }
    }
}

/// What every answer says, and that no other site's page may read it.
fn assert_protected(reply: &Reply, path: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
        ("strict-transport-security", "max-age=31536000"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ] {
        assert_eq!(reply.header(name), value, "{path}");
    }
    assert!(reply.headers.keys().all(|name| !name.as_str().starts_with("access-control")), "{path}");
    assert!(!reply.headers.contains_key("server") && !reply.headers.contains_key("set-cookie"), "{path}");
}

#[tokio::test]
async fn a_source_that_runs_wild_is_slowed_down_alone() {
    let world = World::founded().await;
    let (wild, calm) = (world.source(Connector::Form).await, world.source(Connector::Form).await);
    let mut slowed = None;
    for _ in 0..1_000 {
        // the same submission again and again: nothing new is written
        let reply = world.submit(&wild, "application/json", r#"{"name":"Анна"}"#).await;
        if reply.status == StatusCode::TOO_MANY_REQUESTS {
            slowed = Some(reply);
            break;
        }
    }
    let slowed = slowed.expect("a limit");
    assert_eq!(slowed.code(), ProblemCode::RateLimited);
    assert!(slowed.header("retry-after").parse::<u32>().unwrap() >= 1);
    assert_eq!(world.submit(&calm, "application/json", r#"{"name":"Анна"}"#).await.status, StatusCode::OK);
    world.clock.advance(chrono::Duration::seconds(60));
    assert_eq!(world.submit(&wild, "application/json", r#"{"name":"Анна"}"#).await.status, StatusCode::OK);
    assert_eq!(world.changes().await.len(), 2);
}
