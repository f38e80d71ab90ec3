//! What only a server has: several gateways on one database, connections that break, a server that goes away and comes back.

use std::time::Instant;

use axum::{
    Router,
    body::{Body, BodyDataStream},
    http::StatusCode,
};
use connectors::Connector;
use contract::v1::{Outcome, Poke, ProblemCode};
use domain::{Command, EntityRef};
use futures_util::StreamExt;
use gateway::Gateway;
use tokio::time::timeout;
use tower::ServiceExt;

use crate::{
    cluster::Cluster,
    crash::Running,
    load::{BREATH, Clinic, PATIENCE, try_ask},
    place::{Beside, Place},
    world::{World, ask, get},
};

/// Waits until a question to the database is answered with yes.
async fn wait_until(beside: &Beside, question: &str) {
    let deadline = Instant::now() + PATIENCE;
    while beside.sql_now(question) != "t" {
        assert!(Instant::now() < deadline, "{question}");
        tokio::time::sleep(BREATH).await;
    }
}

/// Waits until the gateway answers from its database again.
fn wait_for_health(address: &str) {
    let deadline = Instant::now() + PATIENCE;
    while try_ask(address, "GET", "/v1/health", None, "").is_none_or(|answer| answer.status != 200) {
        assert!(Instant::now() < deadline, "it does not come back");
        std::thread::sleep(BREATH);
    }
}

async fn listening(router: &Router, world: &World) -> BodyDataStream {
    let response = router.clone().oneshot(get("/v1/events", Some(&world.desk.token))).await.unwrap();
    Body::into_data_stream(response.into_body())
}

/// Waits until a number is told.
async fn told(stream: &mut BodyDataStream, seq: u64) {
    let hear = async {
        loop {
            let event = String::from_utf8(stream.next().await.unwrap().unwrap().to_vec()).unwrap();
            let data = event.lines().find_map(|line| line.strip_prefix("data: "));
            if data.is_some_and(|data| serde_json::from_str::<Poke>(data).unwrap().seq >= seq) {
                return;
            }
        }
    };
    timeout(PATIENCE, hear).await.expect("the other gateway's desks are told");
}

#[tokio::test]
async fn a_desk_hears_what_another_gateway_has_written() {
    let world = World::staffed().await;
    let other = Gateway::open_with_clock(world.place.config(), world.clock.clone()).await.unwrap();
    let mut stream = listening(&other.router(), &world).await;
    let at = world.changes().await.last().unwrap().seq;
    for more in 1..=2 {
        world.person().await;
        told(&mut stream, at + more).await;
    }
    // the line breaks: nothing is missed, and the next line comes up by itself
    world.place.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'").await;
    for more in 3..=4 {
        world.person().await;
        told(&mut stream, at + more).await;
    }
    other.close().await.unwrap();
}

/// Somebody takes the same things in another order: the database lets one of them go first, and the other begins anew.
#[tokio::test]
async fn a_transaction_that_the_database_takes_back_is_begun_anew() {
    let world = World::staffed().await;
    let form = world.source(Connector::Form).await;
    let request = EntityRef::from(world.callback(&form, "Анна").await);
    let other = world.place.beside();
    let beside = tokio::task::spawn_blocking(move || {
        other.sql_now(
            "BEGIN; SET deadlock_timeout = '60s'; LOCK TABLE action IN SHARE MODE; SELECT pg_sleep(1); \
             SELECT 1 FROM house FOR UPDATE; COMMIT",
        );
    });
    wait_until(
        &world.place.beside(),
        "SELECT count(*) > 0 FROM pg_locks WHERE relation = 'action'::regclass AND mode = 'ShareLock'",
    )
    .await;
    let outcome = world.do_it(world.plain(&request, 1, Command::RequestClaim)).await;
    assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
    beside.await.unwrap();
}

/// The connection dies between the first statement and the last: nothing has happened, and it can be sent again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_dies_in_the_middle_leaves_nothing_half_done() {
    let world = World::staffed().await;
    let form = world.source(Connector::Form).await;
    let request = EntityRef::from(world.callback(&form, "Анна").await);
    let before = world.changes().await;
    let slow =
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$;
        CREATE TRIGGER slow BEFORE INSERT ON action FOR EACH ROW EXECUTE FUNCTION slow()";
    world.place.sql(slow).await;
    let claim = world.plain(&request, 1, Command::RequestClaim);
    let place = world.place.beside();
    let kill = async {
        wait_until(&place, "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep'").await;
        place.sql_now("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
    };
    let (outcome, ()) = tokio::join!(world.do_it(claim.clone()), kill);
    assert_eq!(outcome, Outcome::RetryLater);
    assert_eq!(world.changes().await, before);
    world.place.sql("DROP TRIGGER slow ON action").await;
    assert!(matches!(world.do_it(claim).await, Outcome::Applied { .. }));
}

/// Somebody holds the gateway's row and does not let go: whoever comes is told so in time, and readers do not wait at all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_that_is_not_let_go_makes_nobody_wait_for_ever() {
    let world = World::staffed().await;
    let form = world.source(Connector::Form).await;
    let other = world.place.beside();
    let beside = tokio::task::spawn_blocking(move || {
        other.sql_now("BEGIN; SELECT 1 FROM house FOR UPDATE; SELECT pg_sleep(9); COMMIT");
    });
    wait_until(&world.place.beside(), "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep'").await;
    let reply = world.submit(&form, "application/json", r#"{"name":"Анна"}"#).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::SERVICE_UNAVAILABLE, ProblemCode::Maintenance));
    assert_eq!(reply.header("retry-after"), "5");
    assert_eq!(ask(&world.router, get("/v1/health", None)).await.status, StatusCode::OK);
    beside.await.unwrap();
    assert_eq!(world.submit(&form, "application/json", r#"{"name":"Анна"}"#).await.status, StatusCode::OK);
}

/// The server is restarted, killed, and one of its processes is killed, all under load and under one running gateway.
#[test]
fn a_server_that_goes_away_comes_back_without_a_loss() {
    let mut cluster = Cluster::start();
    let place = Place::on_server(&cluster.url());
    let clinic = Clinic::found(&place);
    let running = Running::start(&place);
    clinic.under_load(&running.address, || {
        clinic.wait_for(10);
        for signal in ["INT", "KILL", "KILL"] {
            let before = clinic.later.load(std::sync::atomic::Ordering::Relaxed);
            cluster.end(signal);
            clinic.wait_for_later(before);
            cluster.run();
            wait_for_health(&running.address);
            clinic.wait_for(10);
        }
        for _ in 0..2 {
            cluster.kill_a_backend(place.name().unwrap());
            wait_for_health(&running.address);
            clinic.wait_for(10);
        }
    });
    clinic.check(&running.address);
    running.kill();
    cluster.end("KILL");
    cluster.run();
    let running = Running::start(&place);
    clinic.check(&running.address);
    running.kill();
}
