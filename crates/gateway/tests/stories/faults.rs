//! The database fails in the middle: all of a decision is there, or nothing of it.

use axum::http::StatusCode;
use connectors::Connector;
use contract::v1::{Outcome, ProblemCode};
use domain::{Command, EntityRef};

use crate::{ON_POSTGRES, world::{World, book, slot}};

#[tokio::test]
async fn a_submission_is_taken_in_whole_or_not_at_all() {
    let world = World::founded().await;
    let form = world.source(Connector::Form).await;
    let body = r#"{"name":"Анна","certificate":{"code":"A","face_value":100}}"#;
    world.place.spoil("intake").await;
    let reply = world.submit(&form, "application/json", body).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::INTERNAL_SERVER_ERROR, ProblemCode::Internal));
    assert!(world.changes().await.is_empty());
    world.place.mend("intake").await;
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
    world.place.spoil("action").await;
    for result in world.push(&push).await {
        assert_eq!((result.outcome, result.duplicate), (Outcome::RetryLater, false));
    }
    assert_eq!(world.changes().await, before);
    world.place.mend("action").await;
    for result in world.push(&push).await {
        assert!(matches!(result.outcome, Outcome::Applied { .. }) && !result.duplicate);
    }
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_left_alone() {
    let world = World::founded().await;
    world.gateway.close().await.unwrap();
    let checksum = if ON_POSTGRES { "'\\x00'" } else { "x'00'" };
    world
        .place
        .sql(&format!(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             VALUES (9999, 'x', TRUE, {checksum}, 0)"
        ))
        .await;
    let contents = || {
        let mut raw = world.place.raw();
        raw.retain(|(path, _)| !path.to_string_lossy().ends_with("-wal") && !path.to_string_lossy().ends_with("-shm"));
        raw
    };
    let before = contents();
    let error = gateway::Gateway::open(world.place.config()).await.unwrap_err();
    assert!(matches!(error, gateway::GatewayError::Storage(gateway::StorageError::NewerSchema)), "{error:?}");
    assert!(contents() == before);
}
