//! What is said of sources, and how they fare.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use chrono::Duration;
use connectors::{Connector, FieldMeaning, FieldRule};
use contract::v1::{ProblemCode, sources::SourceView, sources::SourcesView};
use data_encoding::BASE64;
use domain::{EntityRef, State, personal::RequestPersonal, request::Request as Asked};
use gateway::SourceError;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::world::{Reply, World, ask, get, post};

fn rule(field: &str, meaning: FieldMeaning) -> FieldRule {
    FieldRule { field: field.to_owned(), meaning }
}

async fn put(world: &World, id: &str, body: &Value) -> Reply {
    let request = Request::put(format!("/v1/sources/{id}/mapping"))
        .header("authorization", format!("Bearer {}", world.desk.token))
        .body(Body::from(body.to_string()))
        .unwrap();
    ask(&world.router, request).await
}

async fn requests(world: &World) -> Vec<(Asked, RequestPersonal)> {
    let changes = world.changes().await;
    let requests = changes.iter().filter_map(|change| match (&change.id, &change.state) {
        (EntityRef::Request(_), Some(State::Request(request))) => {
            Some((request.clone(), world.open(&change.id, "main", &change.parts["main"])))
        }
        _ => None,
    });
    requests.collect()
}

#[tokio::test]
async fn a_desk_mends_the_mapping_and_what_comes_next_is_understood() {
    let world = World::founded().await;
    let form = world.source(Connector::Form).await;
    let body = |n| json!({ "input_7": format!("8 (900) 000-12-{n}"), "input_3": "Анна" }).to_string();
    world.submit(&form, "application/json", body(34)).await;
    let mended = json!({ "mapping": [{ "field": "input_3", "meaning": "name" }], "zone": "Asia/Krasnoyarsk" });
    let view: SourceView = put(&world, &form.id, &mended).await.json();
    assert_eq!((view.mapping.len(), view.zone.as_deref()), (1, Some("Asia/Krasnoyarsk")));
    world.submit(&form, "application/json", body(35)).await;
    let names: Vec<_> = requests(&world).await.into_iter().map(|(_, personal)| personal.name_raw).collect();
    assert_eq!(names, ["", "Анна"]);

    let listed = ask(&world.router, get("/v1/sources", Some(&world.desk.token))).await;
    assert!(!listed.text().contains(&form.secret));
    let listed: SourcesView = listed.json();
    assert_eq!((listed.sources[0].id.as_str(), listed.sources[0].mapping.clone()), (form.id.as_str(), view.mapping));
    assert_eq!(listed.sources[0].health.taken, 2);
    let dry = world.gateway.try_payload(&form.id, "application/json", body(36).as_bytes()).await.unwrap();
    assert_eq!(dry.fields.len(), 2);
    assert_eq!(requests(&world).await.len(), 2, "only tried");
}

#[tokio::test]
async fn a_mapping_that_does_not_fit_is_refused_and_the_old_one_stays() {
    let world = World::founded().await;
    let form = world.source(Connector::Form).await;
    world.gateway.set_mapping(&form.id, vec![rule("input_7", FieldMeaning::Phone)]).await.unwrap();
    let many: Vec<_> = (0..201).map(|n| json!({ "field": format!("f{n}"), "meaning": "name" })).collect();
    for wrong in [
        json!({ "mapping": [{ "field": " ", "meaning": "name" }] }),
        json!({ "mapping": [{ "field": "a", "meaning": "colour" }] }),
        json!({ "mapping": [{ "field": "a", "meaning": "name" }, { "field": "A", "meaning": "phone" }] }),
        json!({ "mapping": many }),
        json!({ "mapping": [], "zone": "Mars/Olympus" }),
        json!({}),
    ] {
        assert_eq!(put(&world, &form.id, &wrong).await.code(), ProblemCode::Validation, "{wrong}");
    }
    assert_eq!(put(&world, "src_none", &json!({ "mapping": [] })).await.code(), ProblemCode::NotFound);
    assert_eq!(world.gateway.sources().await.unwrap()[0].mapping, [rule("input_7", FieldMeaning::Phone)]);
    let error = world.gateway.set_mapping(&form.id, vec![rule("", FieldMeaning::Name)]).await.unwrap_err();
    assert!(matches!(error, SourceError::WrongField(1)));
}

#[tokio::test]
async fn a_disabled_source_takes_nothing_in_until_it_is_enabled() {
    let world = World::founded().await;
    let form = world.source(Connector::Form).await;
    world.gateway.set_source_enabled(&form.id, false).await.unwrap();
    let refused = world.submit(&form, "application/json", r#"{"name":"Анна"}"#).await;
    assert_eq!(refused.code(), ProblemCode::Unauthorized);
    assert_eq!(world.gateway.source_health(&form.id).await.unwrap().last_error.unwrap().kind, "disabled");
    world.gateway.set_source_enabled(&form.id, true).await.unwrap();
    world.callback(&form, "Анна").await;
}

#[tokio::test]
async fn a_shop_is_known_by_its_signature_of_the_body() {
    let world = World::founded().await;
    let shop = world.source(Connector::WooCommerce).await;
    assert!(!shop.path.contains(&shop.secret), "the shop shows its secret to nobody");
    let order = json!({ "id": 731, "number": "731", "status": "pending", "date_modified_gmt": "2026-11-23T12:00:00",
        "currency": "RUB", "billing": { "first_name": "Анна", "phone": "8(916)1234567" }, "line_items": [] });
    let sent = async |body: &str, signature: Option<&str>| {
        let mut request = Request::post(&shop.path).header("content-type", "application/json");
        if let Some(signature) = signature {
            request = request.header("x-wc-webhook-signature", signature);
        }
        ask(&world.router, request.body(Body::from(body.to_owned())).unwrap()).await
    };
    let sign = |secret: &str, body: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(body.as_bytes());
        BASE64.encode(&mac.finalize().into_bytes())
    };
    let body = order.to_string();
    let good = sign(&shop.secret, &body);
    for (body, signature) in [
        (body.as_str(), None),
        (&body, Some("")),
        (&body, Some("not base64")),
        (&body, Some(&good[..20])),
        (&body, Some(&sign("other", &body))),
        (&body.replace("Анна", "Яна"), Some(&good)),
        ("webhook_id=", None),
        ("webhook_id=5&name=Anna", None),
    ] {
        assert_eq!(sent(body, signature).await.code(), ProblemCode::Unauthorized, "{signature:?}");
    }
    assert_eq!(sent("webhook_id=5", None).await.status, StatusCode::OK, "the ping of a shop is not signed");
    assert!(requests(&world).await.is_empty());
    assert_eq!(sent(&body, Some(&good)).await.status, StatusCode::OK);
    assert_eq!(sent(&body, Some(&good)).await.status, StatusCode::OK);
    let found = requests(&world).await;
    assert_eq!((found.len(), found[0].1.name_raw.as_str()), (1, "Анна"));
    let health = world.gateway.source_health(&shop.id).await.unwrap();
    assert_eq!((health.taken, health.failed, health.last_error.unwrap().kind.as_str()), (1, 8, "unauthorized"));
    assert_eq!(health.error_percent, 88);
}

#[tokio::test]
async fn a_secret_may_stand_in_the_path() {
    let world = World::founded().await;
    for connector in [Connector::Form, Connector::Yclients] {
        let source = world.source(connector).await;
        let path = format!("/in/{}/{}", connector.as_str(), source.id);
        let body = json!({ "name": "Анна", "phone": "8 900 000-12-34" });
        let good = ask(&world.router, post(&format!("{path}/{}", source.secret), None, &body)).await;
        assert_eq!(good.status, StatusCode::OK);
        let wrong = ask(&world.router, post(&format!("{path}/{}", &source.secret[1..]), None, &body)).await;
        assert_eq!(wrong.code(), ProblemCode::Unauthorized);
    }
}

#[tokio::test]
async fn a_test_of_every_kind_of_source_comes_to_the_desks_as_a_test() {
    let world = World::founded().await;
    for connector in Connector::ALL {
        let source = world.source(connector).await;
        let report = world.gateway.test_source(&source.id).await.unwrap();
        assert!(report.is_success(), "{}: {report:?}", connector.as_str());
        let again = world.gateway.test_source(&source.id).await.unwrap();
        assert!(again.is_success());
        let found = requests(&world).await;
        let of_source: Vec<_> = found.iter().filter(|(request, _)| request.source.source == source.id).collect();
        assert_eq!(of_source.len(), 2, "{}: each test is one", connector.as_str());
        for (request, personal) in of_source {
            assert!(request.test, "{}", connector.as_str());
            let shown = format!("{} {:?} {:?}", personal.name_raw, personal.comment, personal.extra);
            assert!(shown.contains("роверка связи") || shown.contains("отвечать на неё не нужно"), "{shown}");
        }
    }
    // the token of a test is good for nothing else
    let source = world.source(Connector::Form).await;
    let forged = Request::post(format!("/in/form/{}", source.id)).header("x-reception-test", "guess");
    let reply = ask(&world.router, forged.body(Body::from(r#"{"name":"Анна"}"#)).unwrap()).await;
    assert_eq!(reply.code(), ProblemCode::Unauthorized);
}

#[tokio::test]
async fn a_source_that_falls_silent_is_remarked_on() {
    let world = World::founded().await;
    let form = world.source(Connector::Form).await;
    for n in 0..12 {
        world.callback(&form, &format!("Анна {n}")).await;
        world.clock.advance(Duration::hours(if n == 6 { 14 } else { 1 }));
    }
    let health = world.gateway.source_health(&form.id).await.unwrap();
    assert_eq!((health.silent, health.usual_silence_seconds), (false, Some(14 * 3600)));
    world.clock.advance(Duration::hours(20));
    assert!(!world.gateway.source_health(&form.id).await.unwrap().silent, "exactly half as long again");
    world.clock.advance(Duration::hours(1));
    assert!(world.gateway.source_health(&form.id).await.unwrap().silent);
    world.callback(&form, "Мария").await;
    assert!(!world.gateway.source_health(&form.id).await.unwrap().silent);
}
