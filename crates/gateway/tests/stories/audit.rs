//! Heads of the desks' audit chains: they go forward only, each desk has its own, and of old ones one a day stays.

use axum::http::{Method, StatusCode};
use chrono::Duration;
use contract::v1::{
    ProblemCode,
    audit::{AuditHead, AuditHeads, LARGEST_ROW},
};
use gateway::Gateway;
use serde_json::json;

use crate::world::{Desk, Reply, World, ask, get, post};

async fn put(world: &World, desk: &Desk, body: &impl serde::Serialize) -> Reply {
    let mut request = post("/v1/audit/head", Some(&desk.token), body);
    *request.method_mut() = Method::PUT;
    ask(&world.router, request).await
}

fn head(n: u64, byte: u8) -> AuditHead {
    AuditHead { n, hash: format!("{byte:02x}").repeat(32) }
}

async fn remembered(world: &World, desk: &Desk) -> Vec<(u64, String)> {
    let heads: AuditHeads = ask(&world.router, get("/v1/audit/heads", Some(&desk.token))).await.json();
    heads.heads.into_iter().map(|head| (head.n, head.hash[..2].to_owned())).collect()
}

fn rows(of: &[(u64, &str)]) -> Vec<(u64, String)> {
    of.iter().map(|(n, hash)| (*n, (*hash).to_owned())).collect()
}

#[tokio::test]
async fn a_head_that_goes_back_or_is_another_one_is_refused_and_the_remembered_ones_stay() {
    let world = World::staffed().await;
    let other = world.second_desk().await;
    for sent in [head(12, 0xaa), head(20, 0xbb), head(20, 0xbb)] {
        assert_eq!(put(&world, &world.desk, &sent).await.status, StatusCode::NO_CONTENT);
    }
    // cut off after row 12 and written anew; cut off by one; the same number with another row
    for sent in [head(13, 0xcc), head(19, 0xbb), head(20, 0xcc), head(12, 0xaa)] {
        assert_eq!(put(&world, &world.desk, &sent).await.code(), ProblemCode::AuditBehind, "{sent:?}");
    }
    assert_eq!(remembered(&world, &world.desk).await, rows(&[(12, "aa"), (20, "bb")]));
    // another desk has a chain of its own
    assert_eq!(put(&world, &other, &head(3, 0xdd)).await.status, StatusCode::NO_CONTENT);
    assert_eq!(remembered(&world, &other).await, rows(&[(3, "dd")]));
    assert_eq!(remembered(&world, &world.desk).await.len(), 2);
    for wrong in [
        json!({ "n": 0, "hash": "aa".repeat(32) }),
        json!({ "n": LARGEST_ROW + 1, "hash": "aa".repeat(32) }),
        json!({ "n": 21, "hash": "AA".repeat(32) }),
        json!({ "n": 21, "hash": "aa" }),
        json!({ "hash": "aa".repeat(32) }),
    ] {
        assert_eq!(put(&world, &world.desk, &wrong).await.code(), ProblemCode::Validation, "{wrong}");
    }
}

#[tokio::test]
async fn of_old_days_the_last_head_stays_and_a_restored_gateway_knows_them_too() {
    let world = World::staffed().await;
    // the story begins at 16:00: two heads in one day, two in the next, and one today
    for (n, hours) in [(1, 0), (2, 2), (3, 20), (4, 3), (5, 72)] {
        world.clock.advance(Duration::hours(hours));
        assert_eq!(put(&world, &world.desk, &head(n, 0xaa)).await.status, StatusCode::NO_CONTENT);
    }
    assert_eq!(world.gateway.thin_audit_heads().await.unwrap(), 2);
    assert_eq!(world.gateway.thin_audit_heads().await.unwrap(), 0);
    let kept = [(2, "aa"), (4, "aa"), (5, "aa")];
    assert_eq!(remembered(&world, &world.desk).await, rows(&kept));
    // a year and a half later the last one alone
    world.clock.advance(Duration::days(500));
    assert_eq!(world.gateway.thin_audit_heads().await.unwrap(), 2);
    assert_eq!(remembered(&world, &world.desk).await, rows(&[(5, "aa")]));
    assert_eq!(put(&world, &world.desk, &head(4, 0xaa)).await.code(), ProblemCode::AuditBehind);

    let backup = world.place.dir.path().join("backup");
    world.gateway.backup(&backup).await.unwrap();
    let elsewhere = crate::place::Place::make();
    Gateway::restore(elsewhere.config(), &backup, &gateway::Journals { none: true, ..Default::default() }).await.unwrap();
    let restored = Gateway::open(elsewhere.config()).await.unwrap();
    let mut request = post("/v1/audit/head", Some(&world.desk.token), &head(4, 0xaa));
    *request.method_mut() = Method::PUT;
    assert_eq!(ask(&restored.router(), request).await.code(), ProblemCode::AuditBehind);
}
