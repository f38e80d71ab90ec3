//! Later versions of the same thing at a site: they change the request that it has made.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use connectors::Connector;
use contract::v1::Change;
use domain::{
    Command, EntityRef, Kopecks, State,
    certificate::{Certificate, CertificateStatus},
    personal::{CertificatePersonal, RequestPersonal},
    request::{CallOutcome, Request as Asked},
};
use gateway::SourceUrl;
use serde_json::{Value, json};

use crate::world::{World, ask, start};

async fn order(world: &World, shop: &SourceUrl, status: &str, modified: &str) {
    let paid = ["processing", "completed", "refunded"].contains(&status);
    let mut meta = vec![json!({ "id": 1, "key": "pw_gift_card_to", "value": "Мама" })];
    if paid {
        meta.push(json!({ "id": 2, "key": "pw_gift_card_number", "value": "7KQ2-9XTR-44MB-ZP3H" }));
        meta.push(json!({ "id": 3, "key": "pw_gift_card_amount", "value": "5000" }));
    }
    let order = json!({
        "id": 731, "number": "731", "status": status, "date_created_gmt": "2026-11-23T15:00:00",
        "date_modified_gmt": modified, "total": "5000.00", "currency": "RUB",
        "billing": { "first_name": "Анна", "last_name": "", "phone": "8(916)1234567", "email": "a@x.example" },
        "line_items": [{ "id": 9, "name": "Подарочный сертификат", "quantity": 1, "total": "5000.00", "meta_data": meta }],
    });
    post(world, shop, &order).await;
}

async fn post(world: &World, source: &SourceUrl, body: &Value) {
    let request = Request::post(&source.path)
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {}", source.secret));
    let reply = ask(&world.router, request.body(Body::from(body.to_string())).unwrap()).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
}

fn one_request(changes: &[Change]) -> (Asked, u64) {
    let mut found = changes.iter().filter_map(|change| match &change.state {
        Some(State::Request(request)) => Some((request.clone(), change.version)),
        _ => None,
    });
    let one = found.next().expect("a request");
    assert!(found.next().is_none(), "not doubled");
    one
}

fn certificates(world: &World, changes: &[Change]) -> Vec<(Certificate, CertificatePersonal)> {
    let found = changes.iter().filter_map(|change| match &change.state {
        Some(State::Certificate(certificate)) => {
            Some((certificate.clone(), world.open(&change.id, "main", &change.parts["main"])))
        }
        _ => None,
    });
    found.collect()
}

#[tokio::test]
async fn an_order_that_is_paid_makes_its_certificate_once_and_one_that_is_refunded_stops_it() {
    let world = World::staffed().await;
    let shop = world.source(Connector::WooCommerce).await;
    let today = start().date_naive();
    order(&world, &shop, "pending", "2026-11-23T15:00:01").await;
    let changes = world.changes().await;
    let (request, _) = one_request(&changes);
    assert!(certificates(&world, &changes).is_empty() && request.certificate.is_none());
    // somebody calls meanwhile: that stays
    let id = changes.iter().find_map(|c| matches!(c.id, EntityRef::Request(_)).then(|| c.id.clone())).unwrap();
    let call = Command::RequestLogCall { outcome: CallOutcome::Answered, next_try_at: None };
    world.do_it(world.plain(&id, 1, call)).await;

    order(&world, &shop, "processing", "2026-11-23T15:02:00").await;
    order(&world, &shop, "completed", "2026-11-23T15:03:00").await;
    let changes = world.changes().await;
    let (request, _) = one_request(&changes);
    let found = certificates(&world, &changes);
    assert_eq!((found.len(), request.tries()), (1, 1));
    let (certificate, personal) = &found[0];
    assert_eq!((personal.code.as_str(), certificate.balance()), ("7KQ2-9XTR-44MB-ZP3H", Kopecks(500_000)));
    assert_eq!(certificate.status(today), CertificateStatus::Active);
    assert!(request.certificate.is_some());

    order(&world, &shop, "refunded", "2026-11-23T15:30:00").await;
    // an older version comes late, as hooks do
    order(&world, &shop, "on-hold", "2026-11-23T15:01:00").await;
    order(&world, &shop, "processing", "2026-11-23T15:02:00").await;
    let changes = world.changes().await;
    one_request(&changes);
    let found = certificates(&world, &changes);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0.status(today), CertificateStatus::Blocked);
    assert_eq!((found[0].0.ledger.len(), found[0].0.balance()), (1, Kopecks(500_000)), "the ledger is not rewritten");
    order(&world, &shop, "completed", "2026-11-23T15:40:00").await;
    assert_eq!(certificates(&world, &world.changes().await)[0].0.status(today), CertificateStatus::Active);
}

#[tokio::test]
async fn a_record_that_is_moved_and_then_deleted_is_one_request() {
    let world = World::founded().await;
    let journal = world.source(Connector::Yclients).await;
    let record = |status: &str, at: &str, changed: &str, deleted: bool| {
        json!({ "company_id": 307_626, "resource": "record", "resource_id": 596_792_980, "status": status, "data": {
            "id": 596_792_980, "staff_id": 2_835_418, "date": at.replace('T', " ").replace("+05:00", ""), "datetime": at,
            "attendance": 0, "confirmed": 1, "deleted": deleted, "online": true, "comment": "",
            "services": [{ "id": 5_034_676, "title": "Консультация", "cost": 4000 }],
            "staff": { "id": 2_835_418, "name": "Иванов" },
            "client": { "id": 169_711_586, "name": "Анна", "phone": "+79160001234" }, "last_change_date": changed } })
    };
    for body in [
        record("create", "2026-12-05T12:10:00+05:00", "2026-11-23T20:00:00+0500", false),
        record("update", "2026-12-06T15:00:00+05:00", "2026-11-23T20:10:00+0500", false),
        record("create", "2026-12-05T12:10:00+05:00", "2026-11-23T20:00:00+0500", false),
    ] {
        post(&world, &journal, &body).await;
    }
    let changes = world.changes().await;
    let (request, version) = one_request(&changes);
    assert_eq!((version, request.withdrawn_at), (2, None));
    let personal: RequestPersonal = world.open(&changes[0].id, "main", &changes[0].parts["main"]);
    assert_eq!(personal.wish_start.unwrap().to_rfc3339(), "2026-12-06T15:00:00+05:00");
    post(&world, &journal, &record("delete", "2026-12-06T15:00:00+05:00", "2026-11-23T20:20:00+0500", true)).await;
    assert!(one_request(&world.changes().await).0.withdrawn_at.is_some());
}

#[tokio::test]
async fn an_order_that_is_only_named_as_deleted_keeps_what_is_known_of_it() {
    let world = World::founded().await;
    let shop = world.source(Connector::WooCommerce).await;
    order(&world, &shop, "pending", "2026-11-23T15:00:01").await;
    post(&world, &shop, &json!({ "id": 731 })).await;
    let changes = world.changes().await;
    let (request, _) = one_request(&changes);
    assert!(request.withdrawn_at.is_some() && request.quarantine.is_none());
    let personal: RequestPersonal = world.open(&changes[0].id, "main", &changes[0].parts["main"]);
    assert_eq!(personal.name_raw, "Анна");
}
