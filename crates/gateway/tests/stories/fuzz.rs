//! The running program, asked by a machine that has read its description: whatever it asks, the answer is one that is
//! described, wrong requests are refused, and nothing fails.
//!
//! Ignored unless it is asked for, because the fuzzer has to be brought: `cargo xtask test --only api`.

use std::{env, fs, path::Path, process::Command as Program};

use contract::v1::{ActionsResponse, ChangesPage, EnrollResponse, Outcome};
use domain::PersonId;
use seal::{ClinicSecretKey, enrolment::EnrolmentCode};
use serde_json::{Value, json};

use crate::{
    crash::{Running, printed, program},
    load::try_ask,
    place::Place,
    world::{enroll_request, founding_action},
};

const HOW: &str = "the fuzzer is brought by `cargo xtask test --only api`";
/// The same questions in every run.
const SEED: &str = "20261124";
/// Further desks, to be let go by it.
const DESKS: usize = 8;

/// A source, as the command line makes it.
fn source(place: &Place, connector: &str) -> Value {
    let path = printed(place, &["source", "add", connector, "Сайт"]);
    let (path, secret) = path.split_once("?k=").unwrap();
    json!({ "connector": connector, "id": path.rsplit('/').next().unwrap(), "secret": secret })
}

/// A clinic at work, so that there is something to ask about; and what the fuzzer is told of it.
fn ground(running: &Running, code: &EnrolmentCode, sources: &[Value], portal: &str) -> (String, Value) {
    let key = ClinicSecretKey::make().unwrap();
    let enroll = |code: &EnrolmentCode, key: Option<&ClinicSecretKey>| {
        let body = serde_json::to_string(&enroll_request(code, key)).unwrap();
        running.ask::<EnrollResponse>("POST", "/v1/desks/enroll", None, &body)
    };
    let desk = enroll(code, Some(&key));
    let token = Some(desk.token.as_str());
    let founding = founding_action(&key);
    let body = json!({ "actions": [founding] }).to_string();
    let done: ActionsResponse = running.ask("POST", "/v1/actions", token, &body);
    assert!(matches!(done.results[0].outcome, Outcome::Applied { .. }));
    let form = &sources[0];
    let door = format!("/in/form/{}?k={}", form["id"].as_str().unwrap(), form["secret"].as_str().unwrap());
    let requests: Vec<Value> = (0..20)
        .map(|n| {
            let body = json!({ "name": format!("Имя {n}"), "phone": "8 900 000-12-34" }).to_string();
            running.ask::<Value>("POST", &door, None, &body)["id"].clone()
        })
        .collect();
    let desks: Vec<_> = (0..DESKS)
        .map(|_| {
            let code = EnrolmentCode::make().unwrap();
            let envelope = code.wrap(&key).unwrap().to_string();
            let body = json!({ "auth_digest": code.auth_digest(), "envelope": envelope, "expires_at": "2999-01-01T00:00:00Z" });
            let invited = try_ask(&running.address, "POST", "/v1/desks/invite", token, &body.to_string());
            assert_eq!(invited.unwrap().status, 204);
            enroll(&code, None).desk
        })
        .collect();
    let page: ChangesPage = running.ask("GET", "/v1/changes", token, "");
    let people: Vec<_> = (1..5).map(|n| PersonId::from_random([n; 16])).collect();
    let ground = json!({
        "manager": founding.action.actor,
        "desks": desks,
        "sources": sources,
        "portal": portal,
        "cursor": page.cursor,
        "key_id": key.public().key_id(),
        "entities": { "request": requests, "person": people, "clinic": [desk.clinic] },
    });
    (desk.token, ground)
}

#[test]
#[ignore = "cargo xtask test --only api"]
fn whatever_is_asked_gets_an_answer_that_is_described() {
    let schemathesis = env::var("RECEPTION_TEST_SCHEMATHESIS").expect(HOW);
    let place = Place::make();
    let code: EnrolmentCode = printed(&place, &["init"]).parse().unwrap();
    let sources: Vec<Value> =
        ["form", "tilda", "elementor", "cf7"].map(|connector| source(&place, connector)).to_vec();
    let portal = printed(&place, &["source", "add", "bitrix24", "Портал"]);
    let portal = portal.trim_end_matches('/').rsplit('/').next().unwrap();

    let mut serving = program(&place);
    serving
        .env("RECEPTION_GATEWAY_LOG", "info")
        // it asks as fast as it can, from everywhere
        .env("RECEPTION_GATEWAY_LIMITS_DESK_PER_SECOND", "100000")
        .env("RECEPTION_GATEWAY_TRUSTED_PROXIES", "127.0.0.1");
    let running = Running::start_by(serving);
    let (token, ground) = ground(&running, &code, &sources, portal);

    // its reports and what it remembers of a run go where they are thrown away
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/api/schemathesis.toml");
    let config = fs::canonicalize(config).unwrap();
    let fuzzed = Program::new(schemathesis)
        .arg("--config-file")
        .arg(&config)
        .arg("run")
        .arg(format!("http://{}/v1/openapi.json", running.address))
        .args(["--seed", SEED, "--no-color"])
        .current_dir(place.dir.path())
        .env("SCHEMATHESIS_HOOKS", config.with_file_name("hooks.py"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("RECEPTION_DESK_TOKEN", token)
        .env("RECEPTION_SOURCE_KEY", sources[0]["secret"].as_str().unwrap())
        .env("RECEPTION_GROUND", ground.to_string())
        .status()
        .unwrap();
    let errors: Vec<_> = running.kill().into_iter().filter(|line| line.contains(r#""level":"ERROR""#)).collect();
    assert!(fuzzed.success() && errors.is_empty(), "the gateway logged: {errors:#?}");
}
