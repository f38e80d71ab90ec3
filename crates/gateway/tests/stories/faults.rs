//! The database fails in the middle: all of a decision is there, or nothing of it.

use axum::http::StatusCode;
use connectors::Connector;
use contract::v1::{Outcome, ProblemCode};
use domain::{Command, EntityRef};
use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::world::{World, book, slot};

/// Somebody with the database's file in hand.
async fn beside(world: &World) -> SqliteConnection {
    SqliteConnectOptions::new().filename(world.dir.path().join("gateway.db")).connect().await.unwrap()
}

async fn run(world: &World, statement: &'static str) {
    let mut connection = beside(world).await;
    sqlx::query(statement).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_submission_is_taken_in_whole_or_not_at_all() {
    let world = World::founded().await;
    let form = world.source(Connector::Form).await;
    let body = r#"{"name":"Анна","certificate":{"code":"A","face_value":100}}"#;
    run(&world, "CREATE TRIGGER fault BEFORE INSERT ON intake BEGIN SELECT RAISE(ABORT, 'no'); END").await;
    let reply = world.submit(&form, "application/json", body).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::INTERNAL_SERVER_ERROR, ProblemCode::Internal));
    assert!(world.changes().await.is_empty());
    run(&world, "DROP TRIGGER fault").await;
    assert_eq!(world.submit(&form, "application/json", body).await.status, StatusCode::OK);
    let numbers: Vec<u64> = world.changes().await.iter().map(|change| change.seq).collect();
    assert_eq!(numbers, [1, 2], "no number was lost");
}

#[tokio::test]
async fn an_action_is_done_whole_or_sent_again() {
    let world = World::staffed().await;
    let form = world.source(Connector::Form).await;
    let (request, person) = (world.callback(&form, "Анна").await, world.person().await);
    let before = world.changes().await;
    let booking = world.plain(&world.visit().into(), 0, book(slot(1, 1, 10), &person, Some(&request)));
    let claim = world.plain(&EntityRef::from(world.callback(&form, "Пётр").await), 1, Command::RequestClaim);
    let before = [before, vec![world.change_of(&claim.action.entity).await]].concat();
    let push = [booking, claim];
    run(&world, "CREATE TRIGGER fault BEFORE INSERT ON action BEGIN SELECT RAISE(ABORT, 'no'); END").await;
    for result in world.push(&push).await {
        assert_eq!((result.outcome, result.duplicate), (Outcome::RetryLater, false));
    }
    assert_eq!(world.changes().await, before);
    run(&world, "DROP TRIGGER fault").await;
    for result in world.push(&push).await {
        assert!(matches!(result.outcome, Outcome::Applied { .. }) && !result.duplicate);
    }
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_left_alone() {
    let world = World::founded().await;
    world.gateway.close().await.unwrap();
    run(&world, "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'x', 1, x'00', 0)").await;
    let path = world.dir.path().join("gateway.db");
    let before = std::fs::read(&path).unwrap();
    let error = gateway::Gateway::open(gateway::GatewayConfig::at(&path)).await.unwrap_err();
    assert!(matches!(error, gateway::GatewayError::Storage(gateway::StorageError::NewerSchema)), "{error:?}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}
