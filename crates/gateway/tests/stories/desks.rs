//! The desks that are in: their tokens, their versions, how they are let go, and how often they may ask.

use axum::{
    body::Body,
    http::{HeaderValue, Request, StatusCode},
};
use chrono::Duration;
use contract::v1::{DESK_VERSION, Health, ProblemCode, TokenResponse};
use domain::{
    Command, DeskId, StaffId,
    staff::{Role, Staff},
};
use futures_util::StreamExt;
use gateway::{Gateway, GatewayConfig, Rate};
use serde_json::json;
use tower::ServiceExt;

use crate::world::{World, ask, enroll_request, get, post};

impl World {
    async fn exchange(&self, token: &str) -> String {
        let reply = ask(&self.router, post("/v1/desks/token", Some(token), &json!({}))).await;
        reply.json::<TokenResponse>().token
    }

    async fn status(&self, token: &str) -> StatusCode {
        ask(&self.router, get("/v1/changes", Some(token))).await.status
    }

    async fn revoke(&self, desk: &str, by: &str, actor: &StaffId) -> crate::world::Reply {
        ask(&self.router, post(&format!("/v1/desks/{desk}/revoke"), Some(by), &json!({ "actor": actor }))).await
    }
}

#[tokio::test]
async fn a_token_is_exchanged_without_a_gap() {
    let world = World::founded().await;
    let old = &world.desk.token;
    let lost = world.exchange(old).await;
    assert_eq!(world.status(old).await, StatusCode::OK, "the answer was lost: the old one works");
    let new = world.exchange(old).await;
    assert_ne!(lost, new);
    assert_eq!(world.status(old).await, StatusCode::OK, "stored and not yet used");
    assert_eq!(world.status(&lost).await, StatusCode::UNAUTHORIZED, "the one that nobody got is dead");
    assert_eq!(world.status(&new).await, StatusCode::OK);
    assert_eq!(world.status(old).await, StatusCode::UNAUTHORIZED, "the new one was used");
    assert_eq!(world.status(&new).await, StatusCode::OK);
    let newest = world.exchange(&new).await;
    assert_eq!(world.status(&newest).await, StatusCode::OK);
    assert_eq!(world.gateway.desks().await.unwrap().len(), 1, "it is the same desk");
    for secret in [old, &lost, &new, &newest] {
        let held = world.place.raw().iter().any(|(_, bytes)| bytes.windows(43).any(|part| part == secret.as_bytes()));
        assert!(!held);
    }
}

#[tokio::test]
async fn a_manager_lets_a_desk_go() {
    let world = World::staffed().await;
    let (second, third) = (world.second_desk().await, world.second_desk().await);
    let receptionist = StaffId::from_random(world.random());
    let staff = Staff::new(Role::Receptionist, true);
    world
        .do_it(world.sealed(&receptionist.clone().into(), 0, Command::StaffPut { staff }, &json!({"name": "x"})))
        .await;

    let by = &world.desk.token;
    let refused = world.revoke(second.id.as_str(), by, &receptionist).await;
    assert_eq!(refused.code(), ProblemCode::Scope);
    let refused = world.revoke(second.id.as_str(), by, &StaffId::from_random([9; 16])).await;
    assert_eq!(refused.code(), ProblemCode::Scope, "nobody of the staff");
    for unknown in [DeskId::from_random([9; 16]).as_str(), "dsk_1", "x"] {
        assert_eq!(world.revoke(unknown, by, &world.manager).await.code(), ProblemCode::NotFound, "{unknown}");
    }
    assert_eq!(world.status(&second.token).await, StatusCode::OK);

    let stream = world.router.clone().oneshot(get("/v1/events", Some(&second.token))).await.unwrap();
    let mut stream = stream.into_body().into_data_stream();
    assert!(stream.next().await.is_some(), "listens");
    assert_eq!(world.revoke(second.id.as_str(), by, &world.manager).await.status, StatusCode::NO_CONTENT);
    assert!(stream.next().await.is_none(), "its stream ends");
    for request in [get("/v1/changes", Some(&second.token)), get("/v1/events", Some(&second.token))] {
        assert_eq!(ask(&world.router, request).await.code(), ProblemCode::DeskRevoked);
    }
    assert_eq!(world.status(by).await, StatusCode::OK);
    assert_eq!(world.status(&third.token).await, StatusCode::OK);

    // by the command line, in another process than the one that serves
    let beside = Gateway::open_beside(world.place.config()).await.unwrap();
    assert!(beside.revoke_desk(&third.id).await.unwrap());
    assert!(!beside.revoke_desk(&DeskId::from_random([9; 16])).await.unwrap());
    assert_eq!(ask(&world.router, get("/v1/changes", Some(&third.token))).await.code(), ProblemCode::DeskRevoked);
    let desks = beside.desks().await.unwrap();
    let revoked: Vec<_> = desks.iter().map(|desk| (desk.id.clone(), desk.revoked_at.is_some())).collect();
    assert_eq!(revoked.len(), 3);
    assert!(revoked.iter().all(|(id, revoked)| *revoked == (*id != world.desk.id)));
}

#[tokio::test]
async fn a_desk_that_is_let_go_cannot_use_a_token_it_was_promised() {
    let world = World::staffed().await;
    let second = world.second_desk().await;
    let promised = world.exchange(&second.token).await;
    assert!(world.gateway.revoke_desk(&second.id).await.unwrap());
    for token in [&second.token, &promised] {
        assert_eq!(ask(&world.router, get("/v1/changes", Some(token))).await.code(), ProblemCode::DeskRevoked);
    }
}

#[tokio::test]
async fn a_desk_has_room_for_two_streams_and_the_newest_win() {
    let world = World::founded().await;
    let listen = async || {
        let response = world.router.clone().oneshot(get("/v1/events", Some(&world.desk.token))).await.unwrap();
        let mut stream = response.into_body().into_data_stream();
        assert!(stream.next().await.is_some());
        stream
    };
    let mut streams = [listen().await, listen().await, listen().await];
    assert!(streams[0].next().await.is_none(), "the oldest gives way");
    world.callback(&world.source(connectors::Connector::Form).await, "Анна").await;
    for stream in &mut streams[1..] {
        assert!(stream.next().await.is_some(), "the others are poked");
    }
}

fn with_version(mut request: Request<Body>, version: &str) -> Request<Body> {
    request.headers_mut().insert(DESK_VERSION, HeaderValue::from_bytes(version.as_bytes()).unwrap());
    request
}

#[tokio::test]
async fn a_desk_that_is_too_old_is_told_which_version_it_needs() {
    let world = World::founded().await;
    let config = GatewayConfig {
        min_desk_version: Some("1.4.0".parse().unwrap()),
        ..world.place.config()
    };
    let strict = Gateway::open_with_clock(config, world.clock.clone()).await.unwrap();
    let router = strict.router();
    let token = Some(world.desk.token.as_str());
    for old in ["1.3.9", "0.9.0", "1.4.0-beta.1", "яблоко", ""] {
        let reply = ask(&router, with_version(get("/v1/changes", token), old)).await;
        assert_eq!(reply.code(), ProblemCode::ClientTooOld, "{old}");
        assert_eq!(reply.problem().min_version.as_deref(), Some("1.4.0"));
        assert_eq!((reply.header("upgrade"), reply.header("connection")), ("reception-desk/1.4.0", "upgrade"));
    }
    assert_eq!(ask(&router, get("/v1/changes", token)).await.code(), ProblemCode::ClientTooOld, "says nothing");
    for new in ["1.4.0", "1.5.0", "2.0.0-rc.1"] {
        assert_eq!(ask(&router, with_version(get("/v1/changes", token), new)).await.status, StatusCode::OK, "{new}");
    }
    let code = world.invite(Duration::minutes(30)).await;
    let enroll = || post("/v1/desks/enroll", None, &enroll_request(&code, None));
    assert_eq!(ask(&router, with_version(enroll(), "1.0.0")).await.code(), ProblemCode::ClientTooOld);
    assert_eq!(ask(&router, with_version(enroll(), "1.4.0")).await.status, StatusCode::OK, "the code was not used up");
    let wrong = ask(&router, with_version(get("/v1/changes", Some("wrong")), "0.1.0")).await;
    assert_eq!(wrong.code(), ProblemCode::Unauthorized, "who is not known is not told the rest");
    let health: Health = ask(&router, get("/v1/health", None)).await.json();
    assert_eq!(health.min_desk_version.as_deref(), Some("1.4.0"));
}

#[tokio::test]
async fn what_the_desks_run_is_known_at_the_gateway() {
    let world = World::founded().await;
    let second = world.second_desk().await;
    ask(&world.router, with_version(get("/v1/changes", Some(&second.token)), "0.2.7")).await;
    world.clock.advance(Duration::minutes(5));
    ask(&world.router, get("/v1/changes", Some(&world.desk.token))).await;
    // noted when the gateway ends, at the latest
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    world.gateway.serve(listener, async {}).await.unwrap();
    let beside = Gateway::open(world.place.config()).await.unwrap();
    let desks = beside.desks().await.unwrap();
    let known = |id: &DeskId| desks.iter().find(|desk| desk.id == *id).unwrap();
    assert_eq!(known(&second.id).app_version, "0.2.7");
    assert_eq!(known(&second.id).last_seen_at, Some(crate::world::start()));
    assert_eq!(known(&world.desk.id).app_version, "0.1.0", "as it enrolled: it says nothing now");
    assert_eq!(known(&world.desk.id).last_seen_at, Some(crate::world::start() + Duration::minutes(5)));
}

#[tokio::test]
async fn a_desk_that_runs_wild_is_slowed_down_alone() {
    let world = World::founded().await;
    let second = world.second_desk().await;
    let config = GatewayConfig {
        desk_rate: Rate { burst: 3.0, per_second: 1e-9 },
        ..world.place.config()
    };
    let strict = Gateway::open_beside(config).await.unwrap().router();
    let ask_as = async |token: &str| ask(&strict, get("/v1/changes", Some(token))).await;
    for _ in 0..3 {
        assert_eq!(ask_as(&world.desk.token).await.status, StatusCode::OK);
    }
    let slowed = ask_as(&world.desk.token).await;
    assert_eq!(slowed.code(), ProblemCode::RateLimited);
    assert!(slowed.header("retry-after").parse::<u32>().unwrap() >= 1);
    assert_eq!(ask_as(&second.token).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_gateway_that_closes_asks_to_come_back() {
    let world = World::founded().await;
    world.gateway.close().await.unwrap();
    for request in [get("/v1/changes", Some(&world.desk.token)), get("/v1/health", None)] {
        let reply = ask(&world.router, request).await;
        assert_eq!((reply.code(), reply.header("retry-after")), (ProblemCode::Maintenance, "5"));
    }
}
