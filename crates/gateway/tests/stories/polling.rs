//! Sites that the gateway asks itself: servers of ours, shaped as the products answer.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, Query, State},
    http::{HeaderMap, Request, StatusCode},
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::Duration;
use connectors::Connector;
use data_encoding::BASE64;
use domain::{
    EntityRef, State as Known,
    personal::{CertificatePersonal, RequestPersonal},
    request::Request as Asked,
};
use gateway::{Gateway, PollReport, SourceUrl, Upstream};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;

use crate::world::{World, ask};

/// What a site does, and what it was asked.
#[derive(Default)]
struct Site {
    things: Vec<Value>,
    /// Statuses, or texts, that are answered before the truth is.
    faults: Vec<Fault>,
    asked: Vec<String>,
    /// Newest first, whatever was asked for.
    backwards: bool,
    /// Done once, after the first page: an order of it is changed.
    touch: Option<(u64, String)>,
}

enum Fault {
    Status(u16),
    Text(&'static str),
}

type Shared = Arc<Mutex<Site>>;

async fn serve(router: Router<Shared>, site: &Shared) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, router.with_state(site.clone())).into_future());
    address
}

fn fault(site: &mut Site) -> Option<Response> {
    if site.faults.is_empty() {
        return None;
    }
    Some(match site.faults.remove(0) {
        Fault::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Fault::Text(text) => text.into_response(),
    })
}

#[derive(Deserialize)]
struct Orders {
    modified_after: String,
    per_page: usize,
    page: usize,
    dates_are_gmt: bool,
}

async fn orders(State(site): State<Shared>, headers: HeaderMap, Query(query): Query<Orders>) -> Response {
    let mut site = site.lock().unwrap();
    site.asked.push(format!("orders after {} page {}", query.modified_after, query.page));
    if let Some(fault) = fault(&mut site) {
        return fault;
    }
    assert!(query.dates_are_gmt);
    if headers["authorization"] != format!("Basic {}", BASE64.encode(b"ck_key:cs_secret")) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let modified = |order: &Value| order["date_modified_gmt"].as_str().unwrap().to_owned();
    let mut found: Vec<Value> = site.things.iter().filter(|o| modified(o) > query.modified_after).cloned().collect();
    found.sort_by_key(modified);
    if site.backwards {
        found.reverse();
    }
    let page: Vec<Value> = found.into_iter().skip((query.page - 1) * query.per_page).take(query.per_page).collect();
    if let Some((id, at)) = site.touch.take() {
        let touched = site.things.iter_mut().find(|order| order["id"] == id).unwrap();
        touched["date_modified_gmt"] = at.into();
    }
    Json(page).into_response()
}

async fn thing(State(site): State<Shared>, headers: HeaderMap, Path(id): Path<u64>) -> Response {
    let mut site = site.lock().unwrap();
    site.asked.push(format!("thing {id} as {}", headers["authorization"].to_str().unwrap()));
    if let Some(fault) = fault(&mut site) {
        return fault;
    }
    match site.things.iter().find(|thing| thing["id"] == id) {
        Some(thing) => Json(thing.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn card(Path(id): Path<u64>) -> Json<Value> {
    Json(json!({ "id": id, "code": "ABCD-EFGH-2345-6789", "balance": "7000.00" }))
}

async fn shop_server(site: &Shared) -> String {
    let router = Router::new()
        .route("/wp-json/wc/v3/orders", get(orders))
        .route("/wp-json/wc/v3/orders/{id}", get(thing))
        .route("/wp-json/wc/v3/gift-cards/{id}", get(card));
    serve(router, site).await
}

fn order(id: u64, minute: u64) -> Value {
    json!({
        "id": id, "number": id.to_string(), "status": "processing", "currency": "RUB", "total": "100.00",
        "date_created_gmt": "2026-11-23T12:00:00", "date_modified_gmt": at(minute),
        "billing": { "first_name": format!("Анна {id}"), "phone": "8(900)0001234" },
        "line_items": [{ "id": id, "name": "Щётка", "quantity": 1, "total": "100.00", "meta_data": [] }],
    })
}

fn at(minute: u64) -> String {
    format!("2026-11-23T{:02}:{:02}:00", 12 + minute / 60, minute % 60)
}

/// A shop with the access to it.
async fn shop(world: &World, site: &Shared) -> SourceUrl {
    let source = world.source(Connector::WooCommerce).await;
    let upstream = Upstream::WooCommerce {
        url: shop_server(site).await,
        consumer_key: "ck_key".into(),
        consumer_secret: "cs_secret".into(),
    };
    world.gateway.set_upstream(&source.id, upstream).await.unwrap();
    source
}

async fn poll(world: &World, source: &SourceUrl) -> PollReport {
    world.gateway.poll_source(&source.id).await.unwrap().expect("can be asked")
}

async fn signed(world: &World, source: &SourceUrl, order: &Value) {
    let body = order.to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(source.secret.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let signature = BASE64.encode(&mac.finalize().into_bytes());
    let request = Request::post(&source.path).header("content-type", "application/json");
    let request = request.header("x-wc-webhook-signature", signature).body(Body::from(body)).unwrap();
    let reply = ask(&world.router, request).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
}

async fn requests(world: &World) -> Vec<(Asked, RequestPersonal)> {
    let changes = world.changes().await;
    let requests = changes.iter().filter_map(|change| match (&change.id, &change.state) {
        (EntityRef::Request(_), Some(Known::Request(request))) => {
            Some((request.clone(), world.open(&change.id, "main", &change.parts["main"])))
        }
        _ => None,
    });
    requests.collect()
}

#[tokio::test]
async fn every_order_of_a_shop_is_there_once_whichever_way_it_came() {
    let world = World::founded().await;
    let site = Shared::default();
    let source = shop(&world, &site).await;
    site.lock().unwrap().things = (1..=230).map(|id| order(id, id)).collect();
    // hooks come for some of them, before and after they are asked for
    signed(&world, &source, &order(5, 5)).await;
    assert_eq!(poll(&world, &source).await, PollReport { news: 229, trouble: None });
    signed(&world, &source, &order(7, 7)).await;
    assert_eq!(requests(&world).await.len(), 230);
    assert_eq!(poll(&world, &source).await, PollReport { news: 0, trouble: None });
    let last = site.lock().unwrap().asked.last().unwrap().clone();
    assert_eq!(last, "orders after 2026-11-23T15:49:58 page 1", "only what is new is asked for");

    // a shop that gives its pages in another order
    site.lock().unwrap().backwards = true;
    site.lock().unwrap().things.extend((231..=450).map(|id| order(id, 240)));
    assert_eq!(poll(&world, &source).await.news, 220);
    assert_eq!(requests(&world).await.len(), 450);
}

#[tokio::test]
async fn an_order_that_slips_between_two_pages_is_found() {
    let world = World::founded().await;
    let site = Shared::default();
    let source = shop(&world, &site).await;
    let mut state = Site { things: (1..=150).map(|id| order(id, id)).collect(), ..Site::default() };
    // while the first page is on its way its first order is changed: the 101st becomes the 100th
    state.touch = Some((1, at(200)));
    *site.lock().unwrap() = state;
    poll(&world, &source).await;
    assert_eq!(requests(&world).await.len(), 150);
}

#[tokio::test]
async fn a_shop_that_fails_is_asked_again_and_loses_nothing() {
    let world = World::founded().await;
    let site = Shared::default();
    let source = shop(&world, &site).await;
    site.lock().unwrap().things = (1..=120).map(|id| order(id, id)).collect();
    // the second page fails: what the first one brought is there, the place stays
    site.lock().unwrap().faults = vec![Fault::Text("[]")];
    assert_eq!(poll(&world, &source).await, PollReport { news: 0, trouble: None });
    for (faults, trouble) in [
        (vec![Fault::Status(500)], "site_failed"),
        (vec![Fault::Status(429)], "site_failed"),
        (vec![Fault::Status(302)], "site_failed"),
        (vec![Fault::Text("<html>Скоро откроемся</html>")], "garbled"),
        (vec![Fault::Text("{\"data\": 1}")], "garbled"),
        (vec![Fault::Status(404)], "garbled"),
        (vec![Fault::Status(403)], "access_refused"),
    ] {
        site.lock().unwrap().faults = faults;
        assert_eq!(poll(&world, &source).await.trouble, Some(trouble));
    }
    let health = world.gateway.source_health(&source.id).await.unwrap();
    assert_eq!((health.asking_failed, health.failed), (7, 7));
    assert_eq!(poll(&world, &source).await, PollReport { news: 120, trouble: None });
    let health = world.gateway.source_health(&source.id).await.unwrap();
    assert_eq!((health.asking_failed, health.taken), (0, 120));
    assert_eq!(requests(&world).await.len(), 120);
}

#[tokio::test]
async fn nobody_answers_and_nothing_of_the_access_is_told() {
    let world = World::founded().await;
    let source = world.source(Connector::WooCommerce).await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let upstream = Upstream::WooCommerce {
        url: format!("http://{closed}"),
        consumer_key: "ck_canary".into(),
        consumer_secret: "cs_canary".into(),
    };
    world.gateway.set_upstream(&source.id, upstream).await.unwrap();
    assert_eq!(poll(&world, &source).await.trouble, Some("unreachable"));
    let views = ask(&world.router, crate::world::get("/v1/sources", Some(&world.desk.token))).await.text();
    assert!(views.contains("unreachable") && !views.contains("canary"));
}

#[tokio::test]
async fn a_code_that_only_the_shop_tells_is_asked_for() {
    let world = World::founded().await;
    let site = Shared::default();
    let source = shop(&world, &site).await;
    let mut sold = order(734, 3);
    sold["line_items"] = json!([{ "id": 16, "name": "Сертификат на 7000 рублей", "quantity": 1, "total": "7000.00",
        "meta_data": [{ "id": 404, "key": "wc_gc_giftcard_amount", "value": "7000" },
            { "id": 405, "key": "wc_gc_giftcards", "value": [88] }] }]);
    signed(&world, &source, &sold).await;
    let certificates = async || {
        let changes = world.changes().await;
        let found = changes.iter().filter(|change| matches!(change.id, EntityRef::Certificate(_)));
        found.map(|c| world.open::<CertificatePersonal>(&c.id, "main", &c.parts["main"]).code).collect::<Vec<_>>()
    };
    assert!(certificates().await.is_empty(), "no code is made up for a card that has one");
    site.lock().unwrap().things = vec![sold];
    poll(&world, &source).await;
    poll(&world, &source).await;
    assert_eq!(certificates().await, ["ABCD-EFGH-2345-6789"]);
    assert_eq!(requests(&world).await.len(), 1);
}

#[tokio::test]
async fn an_order_that_is_gone_from_the_shop_is_marked_so() {
    let world = World::founded().await;
    let site = Shared::default();
    let source = shop(&world, &site).await;
    signed(&world, &source, &order(1, 1)).await;
    signed(&world, &source, &order(2, 2)).await;
    for id in [1, 2, 3] {
        signed(&world, &source, &json!({ "id": id })).await;
    }
    // the second one was brought back meanwhile; the third one was never heard of
    site.lock().unwrap().things = vec![order(2, 5)];
    poll(&world, &source).await;
    let withdrawn: Vec<_> =
        requests(&world).await.into_iter().map(|(r, p)| (p.name_raw, r.withdrawn_at.is_some())).collect();
    assert_eq!(withdrawn.len(), 2);
    assert!(withdrawn.contains(&("Анна 1".to_owned(), true)) && withdrawn.contains(&("Анна 2".to_owned(), false)));
    site.lock().unwrap().asked.clear();
    poll(&world, &source).await;
    assert!(site.lock().unwrap().asked.iter().all(|asked| !asked.starts_with("thing")), "each is asked for once");
}

fn record(status: &str, name: &str, changed: &str) -> Value {
    json!({ "company_id": 307, "resource": "record", "resource_id": 596, "status": status, "data": {
        "id": 596, "date": "2026-12-05 12:10:00", "datetime": "2026-12-05T12:10:00+05:00", "deleted": status == "delete",
        "comment": "", "services": [{ "id": 1, "title": "Консультация" }], "staff": { "id": 2, "name": "Иванов" },
        "client": { "id": 3, "name": name, "phone": "+79160001234" }, "last_change_date": changed } })
}

#[tokio::test]
async fn news_of_a_journal_are_shown_at_once_and_its_truth_stands_above_them() {
    let world = World::founded().await;
    let site = Shared::default();
    let source = world.source(Connector::Yclients).await;
    let router = Router::new().route(
        "/api/v1/record/307/{id}",
        get(async |State(site): State<Shared>, headers: HeaderMap, Path(id): Path<u64>| {
            assert_eq!(headers["accept"], "application/vnd.yclients.v2+json");
            let answer = thing(State(site), headers, Path(id)).await;
            if answer.status() != StatusCode::OK {
                return answer;
            }
            let data = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
            let data: Value = serde_json::from_slice(&data).unwrap();
            Json(json!({ "success": true, "data": data, "meta": [] })).into_response()
        }),
    );
    let upstream = Upstream::Yclients {
        url: serve(router, &site).await,
        company: 307,
        partner_token: "partner".into(),
        user_token: "user".into(),
    };
    world.gateway.set_upstream(&source.id, upstream).await.unwrap();
    let hook = async |body: &Value| {
        let reply = ask(&world.router, crate::world::post(&source.path, None, body)).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    };
    let name = async || {
        let found = requests(&world).await;
        assert_eq!(found.len(), 1);
        (found[0].1.name_raw.clone(), found[0].0.withdrawn_at.is_some())
    };
    // somebody who knows the address says something that is not so
    hook(&record("create", "Подложная", "2026-11-23T20:00:00+0500")).await;
    assert_eq!(name().await, ("Подложная".to_owned(), false), "late is worse than unproved");
    site.lock().unwrap().things = vec![record("create", "Анна", "2026-11-23T20:00:00+0500")["data"].clone()];
    site.lock().unwrap().faults = vec![Fault::Status(503)];
    assert_eq!(poll(&world, &source).await.trouble, Some("site_failed"));
    assert_eq!(poll(&world, &source).await, PollReport { news: 1, trouble: None });
    assert_eq!(name().await, ("Анна".to_owned(), false));
    assert_eq!(site.lock().unwrap().asked.last().unwrap(), "thing 596 as Bearer partner, User user");
    // the same news again do not undo the truth
    hook(&record("create", "Подложная", "2026-11-23T20:00:00+0500")).await;
    world.clock.advance(Duration::minutes(11));
    hook(&record("update", "Подложная", "2026-11-23T20:00:00+0500")).await;
    assert_eq!(name().await.0, "Анна");
    site.lock().unwrap().things.clear();
    poll(&world, &source).await;
    assert_eq!(name().await, ("Анна".to_owned(), true));
}

/// The program as it runs: a hook makes it ask, without waiting for the usual time.
#[tokio::test]
async fn a_hook_makes_the_running_gateway_ask_at_once() {
    let mut world = World::founded().await;
    let site = Shared::default();
    let source = shop(&world, &site).await;
    site.lock().unwrap().things = vec![order(1, 1)];
    world.gateway.close().await.unwrap();
    world.gateway = Gateway::open(world.place.config()).await.unwrap();
    world.router = world.gateway.router();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let gateway = world.gateway.clone();
    let serving = tokio::spawn(async move { gateway.serve(listener, async { drop(stopped.await) }).await });
    let until = async |asked: usize| {
        let enough = async {
            while site.lock().unwrap().asked.len() < asked {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(30), enough).await.expect("asks");
    };
    until(1).await;
    signed(&world, &source, &order(2, 2)).await;
    until(2).await;
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
}
