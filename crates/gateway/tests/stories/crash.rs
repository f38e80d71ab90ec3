//! The real program, killed with -9 right after an answer: what it acknowledged is there.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command as Program, Stdio},
    thread::JoinHandle,
};

use contract::v1::{ActionEnvelope, ActionsResponse, ChangesPage, EnrollResponse, Outcome, Parts};
use domain::{Action, ActionId, Command, EntityRef, StaffId};
use seal::{ClinicSecretKey, SealContext, enrolment::EnrolmentCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{place::Place, world::{enroll_request, founding_action, start}};

const PROGRAM: &str = env!("CARGO_BIN_EXE_reception-gateway");
/// Kills and restarts.
const ROUNDS: u8 = 5;

pub(crate) fn program(place: &Place) -> Program {
    let mut program = Program::new(PROGRAM);
    program
        .env("RECEPTION_GATEWAY_DATABASE", place.database())
        .env("RECEPTION_GATEWAY_SUPPRESSION_JOURNAL", place.journal())
        .env("RECEPTION_GATEWAY_LISTEN", "127.0.0.1:0")
        .env("RECEPTION_GATEWAY_OPERATIONS_LISTEN", "127.0.0.1:0")
        .env("RECEPTION_GATEWAY_LOG", "trace");
    program
}

pub(crate) fn printed(place: &Place, arguments: &[&str]) -> String {
    let output = program(place).args(arguments).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A running program; dropped, it is killed.
pub(crate) struct Running {
    child: Child,
    pub(crate) address: String,
    log: Option<JoinHandle<Vec<String>>>,
}

impl Running {
    pub(crate) fn start(place: &Place) -> Self {
        Self::start_by(program(place))
    }

    pub(crate) fn start_by(mut program: Program) -> Self {
        let mut child = program.arg("serve").stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = loop {
            let line: Value = serde_json::from_str(&lines.next().expect("it says where it listens").unwrap()).unwrap();
            if let Some(address) = line["fields"]["address"].as_str() {
                break address.to_owned();
            }
        };
        // what it writes later is read as it comes, so that it never waits for us
        let log = Some(std::thread::spawn(move || lines.map_while(Result::ok).collect()));
        Self { child, address, log }
    }

    pub(crate) fn ask<T: DeserializeOwned>(&self, method: &str, path: &str, token: Option<&str>, body: &str) -> T {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let token = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.0\r\nhost: x\r\ncontent-type: application/json\r\n{token}content-length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap_or_else(|_| panic!("{head}"))
    }

    pub(crate) fn pid(&self) -> String {
        self.child.id().to_string()
    }

    pub(crate) fn kill(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.log.take().unwrap().join().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn claim(request: &EntityRef, round: u8) -> ActionEnvelope {
    let (id, actor) = (ActionId::from_random([100 + round; 16]), StaffId::from_random([4; 16]));
    let action =
        Action { id, entity: request.clone(), base_version: 1, if_match: None, actor, at: start(), command: Command::RequestClaim };
    ActionEnvelope { action, parts: Parts::new() }
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let place = Place::make();
    let code: EnrolmentCode = printed(&place, &["init"]).parse().unwrap();
    let path = printed(&place, &["source", "add", "form", "Сайт"]);
    assert!(printed(&place, &["source", "list"]).contains("form"));
    let key = ClinicSecretKey::make().unwrap();

    let running = Running::start(&place);
    let body = serde_json::to_string(&enroll_request(&code, Some(&key))).unwrap();
    let desk: EnrollResponse = running.ask("POST", "/v1/desks/enroll", None, &body);
    let token = Some(desk.token.as_str());
    running.kill();

    let running = Running::start(&place);
    let push = |running: &Running, action: &ActionEnvelope| {
        let body = json!({ "actions": [action] }).to_string();
        running.ask::<ActionsResponse>("POST", "/v1/actions", token, &body).results.remove(0)
    };
    let founded = push(&running, &founding_action(&key));
    assert!(matches!(founded.outcome, Outcome::Applied { .. }));
    running.kill();

    for round in 0..ROUNDS {
        let running = Running::start(&place);
        let body = json!({ "name": format!("Имя {round}"), "phone": "8 900 000-12-34" }).to_string();
        let taken: Value = running.ask("POST", &path, None, &body);
        running.kill();

        let running = Running::start(&place);
        let request: EntityRef = taken["id"].as_str().unwrap().parse().unwrap();
        let claimed = push(&running, &claim(&request, round));
        assert!(matches!(claimed.outcome, Outcome::Applied { .. }), "the request was there");
        running.kill();

        let running = Running::start(&place);
        let again = push(&running, &claim(&request, round));
        assert_eq!((again.duplicate, again.outcome), (true, claimed.outcome));
        let page: ChangesPage = running.ask("GET", "/v1/changes", token, "");
        assert_eq!(page.changes.len(), usize::from(round) + 2);
        let change = page.changes.iter().find(|change| change.id == request).unwrap();
        let main = &change.parts["main"];
        let place = SealContext { entity: request.as_str(), part: "main", seal_id: &main.seal_id };
        assert!(seal::open(&key, &place, main).is_ok());
    }
}

/// The most talkative log there is, of every library too.
#[test]
fn no_log_line_holds_a_secret_or_anything_about_a_person() {
    let place = Place::make();
    let code: EnrolmentCode = printed(&place, &["init"]).parse().unwrap();
    let path = printed(&place, &["source", "add", "form", "Сайт"]);
    let running = Running::start(&place);
    let body = serde_json::to_string(&enroll_request(&code, Some(&ClinicSecretKey::make().unwrap()))).unwrap();
    let desk: EnrollResponse = running.ask("POST", "/v1/desks/enroll", None, &body);
    let site = json!({ "name": "Канарейкина", "phone": "8 900 123-77-55", "certificate": { "code": "KANAR2345", "face_value": 5 } });
    let _: Value = running.ask("POST", &path, None, &site.to_string());
    let _: Value = running.ask("POST", &format!("{path}x"), None, &site.to_string());
    let _: ChangesPage = running.ask("GET", "/v1/changes", Some(&desk.token), "");
    let log = running.kill();
    assert!(log.iter().any(|line| line.contains("taken in")), "it does say what it does");
    let secret = path.split("k=").last().unwrap();
    let auth = code.auth_half();
    for canary in ["Канарейкина", "\\u041a", "123-77-55", "9001237755", "KANAR2345", secret, &desk.token, auth.as_str()]
    {
        let said: Vec<_> = log.iter().filter(|line| line.contains(canary)).collect();
        assert!(said.is_empty(), "{said:?}");
    }
}

/// A desk is listening for pokes all the while: that must not keep the program alive.
#[test]
fn it_stops_when_it_is_asked_to() {
    let place = Place::make();
    let code: EnrolmentCode = printed(&place, &["init"]).parse().unwrap();
    let mut running = Running::start(&place);
    let body = serde_json::to_string(&enroll_request(&code, Some(&ClinicSecretKey::make().unwrap()))).unwrap();
    let desk: EnrollResponse = running.ask("POST", "/v1/desks/enroll", None, &body);
    let mut listening = TcpStream::connect(&running.address).unwrap();
    let head = format!("GET /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n", desk.token);
    listening.write_all(head.as_bytes()).unwrap();
    let mut lines = BufReader::new(listening).lines();
    assert!(lines.by_ref().any(|line| line.unwrap().starts_with("event: state")));

    let pid = running.child.id().to_string();
    assert!(Program::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(running.child.wait().unwrap().success());
    assert!(!place.dir.path().join("gateway.db-wal").exists(), "the journal is folded in");
}
