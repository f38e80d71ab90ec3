//! How desks come in.

use axum::http::StatusCode;
use chrono::Duration;
use contract::v1::{EnrollResponse, Health, ProblemCode};
use seal::{ClinicSecretKey, enrolment::EnrolmentCode};
use serde_json::json;

use crate::world::{World, ask, enroll_request, founding_action, get, post, unfounded};

#[tokio::test]
async fn a_clinic_is_founded_once_by_the_newest_code() {
    let (_dir, _clock, gateway) = unfounded().await;
    let router = gateway.router();
    let health: Health = ask(&router, get("/v1/health", None)).await.json();
    assert_eq!((health.status.as_str(), health.seq), ("waiting_for_clinic", 0));

    let old: EnrolmentCode = gateway.founding_code().await.unwrap().unwrap().parse().unwrap();
    let new: EnrolmentCode = gateway.founding_code().await.unwrap().unwrap().parse().unwrap();
    let key = ClinicSecretKey::make().unwrap();
    let enroll = async |code: &EnrolmentCode| {
        ask(&router, post("/v1/desks/enroll", None, &enroll_request(code, Some(&key)))).await
    };
    assert_eq!(enroll(&old).await.code(), ProblemCode::CodeRefused);
    let mut keyless = enroll_request(&new, Some(&key));
    keyless.clinic_public_key = Some("AAAA".to_owned());
    assert_eq!(ask(&router, post("/v1/desks/enroll", None, &keyless)).await.code(), ProblemCode::Validation);

    let reply = enroll(&new).await;
    let founded: EnrollResponse = reply.json();
    assert_eq!(founded.clinic_public_key, key.public().to_string());
    assert!(founded.envelope.is_none() && founded.token.len() >= 43);
    let other = enroll_request(&new, Some(&ClinicSecretKey::make().unwrap()));
    let other = ask(&router, post("/v1/desks/enroll", None, &other)).await;
    assert_eq!(other.code(), ProblemCode::AlreadyFounded, "the same code in another hand");
    assert!(gateway.founding_code().await.unwrap().is_none());
    let health: Health = ask(&router, get("/v1/health", None)).await.json();
    assert_eq!(health.status, "ok");
    let page = ask(&router, get("/v1/changes", Some(&founded.token))).await;
    assert_eq!(page.status, StatusCode::OK);
}

#[tokio::test]
async fn a_founding_desk_whose_answer_was_lost_asks_again_until_there_is_staff() {
    let (_dir, _clock, gateway) = unfounded().await;
    let router = gateway.router();
    let code: EnrolmentCode = gateway.founding_code().await.unwrap().unwrap().parse().unwrap();
    let key = ClinicSecretKey::make().unwrap();
    let enroll = async || ask(&router, post("/v1/desks/enroll", None, &enroll_request(&code, Some(&key)))).await;
    let lost: EnrollResponse = enroll().await.json();
    let second: EnrollResponse = enroll().await.json();
    assert_eq!((&second.clinic, &second.clinic_public_key), (&lost.clinic, &lost.clinic_public_key));
    let changes = async |token: &str| ask(&router, get("/v1/changes", Some(token))).await.status;
    assert_eq!(changes(&lost.token).await, StatusCode::UNAUTHORIZED, "one founding desk");
    assert_eq!(changes(&second.token).await, StatusCode::OK);

    let manager = founding_action(&key);
    let done = ask(&router, post("/v1/actions", Some(&second.token), &json!({ "actions": [manager] }))).await;
    assert_eq!(done.status, StatusCode::OK);
    assert_eq!(enroll().await.code(), ProblemCode::AlreadyFounded);
    assert_eq!(changes(&second.token).await, StatusCode::OK);
}

#[tokio::test]
async fn a_second_desk_comes_in_by_a_code_that_works_once() {
    let world = World::founded().await;
    let first = world.second_desk().await;
    assert_ne!(first.id, world.desk.id);
    assert_eq!(ask(&world.router, get("/v1/changes", Some(&first.token))).await.status, StatusCode::OK);

    let code = world.invite(Duration::minutes(30)).await;
    let enroll = async |code: &EnrolmentCode| {
        ask(&world.router, post("/v1/desks/enroll", None, &enroll_request(code, None))).await
    };
    assert_eq!(enroll(&code).await.status, StatusCode::OK);
    assert_eq!(enroll(&code).await.code(), ProblemCode::CodeRefused, "used");

    let late = world.invite(Duration::minutes(30)).await;
    world.clock.advance(Duration::minutes(30));
    assert_eq!(enroll(&late).await.code(), ProblemCode::CodeRefused, "expired");
    assert_eq!(enroll(&EnrolmentCode::make().unwrap()).await.code(), ProblemCode::CodeRefused, "never made");
}

#[tokio::test]
async fn an_invitation_that_does_not_fit_is_refused() {
    let world = World::founded().await;
    let code = EnrolmentCode::make().unwrap();
    let envelope = code.wrap(&world.key).unwrap().to_string();
    let good = json!({ "auth_digest": code.auth_digest(), "envelope": envelope, "expires_at": "2026-11-24T00:00:00Z" });
    for (field, wrong) in
        [
            ("auth_digest", json!("zz")),
            ("envelope", json!("")),
            ("envelope", json!("AAAA\u{0}")),
            ("envelope", json!("A".repeat(4_097))),
            ("expires_at", json!("2026-11-23T15:59:59Z")),
        ]
    {
        let mut body = good.clone();
        body[field] = wrong;
        let reply = ask(&world.router, post("/v1/desks/invite", Some(&world.desk.token), &body)).await;
        assert_eq!(reply.code(), ProblemCode::Validation, "{field}");
        assert!(reply.problem().detail.unwrap().starts_with(field), "{field}");
    }
    let twice = async || ask(&world.router, post("/v1/desks/invite", Some(&world.desk.token), &good)).await;
    assert_eq!(twice().await.status, StatusCode::NO_CONTENT);
    assert_eq!(twice().await.code(), ProblemCode::Validation, "a code is made once");
}

#[tokio::test]
async fn a_desk_that_says_odd_things_of_itself_is_refused_and_keeps_its_code() {
    let world = World::founded().await;
    let code = world.invite(Duration::minutes(30)).await;
    let good = serde_json::to_value(enroll_request(&code, None)).unwrap();
    let enroll = async |body: &serde_json::Value| ask(&world.router, post("/v1/desks/enroll", None, body)).await;
    for (field, wrong) in [
        ("name", json!("")),
        ("name", json!("Ресепшн\u{0}1")),
        ("name", json!("Ресепшн\n1")),
        ("name", json!("\u{1b}[2J")),
        ("name", json!("я".repeat(101))),
        ("app_version", json!("")),
        ("app_version", json!("0.1.0\u{0}")),
        ("app_version", json!("1".repeat(41))),
        ("auth", json!("0".repeat(201))),
        ("clinic_public_key", json!("\u{0}")),
    ] {
        let mut body = good.clone();
        body[field] = wrong;
        let reply = enroll(&body).await;
        assert_eq!(reply.code(), ProblemCode::Validation, "{body}");
        assert!(reply.problem().detail.unwrap().starts_with(field), "{body}");
    }
    let mut long = good;
    long["name"] = json!("я".repeat(100));
    assert_eq!(enroll(&long).await.status, StatusCode::OK, "the code is still good");
}

#[tokio::test]
async fn the_database_holds_no_secret_that_lets_anybody_in() {
    let world = World::founded().await;
    let second = world.second_desk().await;
    let source = world.source(connectors::Connector::Form).await;
    let files = world.place.raw();
    assert!(files.iter().any(|(_, bytes)| bytes.len() > 4_096));
    for secret in [&world.desk.token, &second.token, &source.secret, &world.key.to_hex()] {
        assert!(files.iter().all(|(_, bytes)| !bytes.windows(secret.len()).any(|part| part == secret.as_bytes())));
    }
}
