//! The real program as whoever runs it meets it: its settings, its doors, its end.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::mpsc::{Receiver, channel},
    time::{Duration, Instant},
};

use serde::de::DeserializeOwned;
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_reception-gateway");
/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program with nothing of this machine's settings.
pub(crate) fn program(dir: &Path) -> Command {
    let mut program = Command::new(PROGRAM);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("RECEPTION_GATEWAY_") {
            program.env_remove(name);
        }
    }
    program
        .current_dir(dir)
        .env("RECEPTION_GATEWAY_DATABASE", dir.join("gateway.db"))
        .env("RECEPTION_GATEWAY_OPERATIONS_LISTEN", "127.0.0.1:0");
    program
}

pub(crate) fn said(output: &Output) -> (String, String) {
    (String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// The program as it serves; dropped, it is killed.
pub(crate) struct Serving {
    pub(crate) child: Child,
    pub(crate) address: String,
    pub(crate) operations: String,
    log: Receiver<Value>,
    pub(crate) dir: TempDir,
}

impl Serving {
    pub(crate) fn start(settings: &str) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), settings)
    }

    pub(crate) fn start_in(dir: TempDir, settings: &str) -> Self {
        let file = dir.path().join("gateway.toml");
        std::fs::write(&file, settings).unwrap();
        let mut child = program(dir.path())
            .args(["serve", "--listen", "127.0.0.1:0", "--config"])
            .arg(&file)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (sender, log) = channel();
        std::thread::spawn(move || {
            lines.map_while(Result::ok).for_each(|line| drop(sender.send(serde_json::from_str(&line).unwrap())));
        });
        let mut serving = Self { child, address: String::new(), operations: String::new(), log, dir };
        serving.address = serving.logged("listening")["fields"]["address"].as_str().unwrap().to_owned();
        serving.operations = serving.logged("metrics")["fields"]["operations"].as_str().unwrap().to_owned();
        serving
    }

    /// Waits for a line of the log.
    pub(crate) fn logged(&self, words: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = self.log.recv_timeout(left).unwrap_or_else(|_| panic!("{words:?} was not logged"));
            if line["fields"]["message"].as_str().is_some_and(|message| message.contains(words)) {
                return line;
            }
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
    }

    fn ends(&mut self) -> std::process::ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            std::thread::yield_now();
        }
        panic!("it does not end");
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Output {
        program(self.dir.path()).args(arguments).output().unwrap()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// The whole answer to a simple request.
pub(crate) fn get(address: &str, path: &str) -> String {
    let mut stream = connect(address);
    write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The JSON that a request is answered with.
pub(crate) fn ask<T: DeserializeOwned>(address: &str, method: &str, path: &str, token: Option<&str>, body: &str) -> T {
    let token = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    let length = body.len();
    let mut stream = connect(address);
    // the older HTTP: one answer, in one piece, and the end
    write!(
        stream,
        "{method} {path} HTTP/1.0\r\nhost: x\r\ncontent-type: application/json\r\n{token}content-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap_or_else(|_| panic!("{head}"))
}

#[test]
fn wrong_settings_are_said_in_words_and_nothing_starts() {
    let dir = tempfile::tempdir().unwrap();
    for arguments in [&["serve"][..], &["config", "check"], &["init"], &["source", "list"]] {
        let output = program(dir.path())
            .args(arguments)
            .env("RECEPTION_GATEWAY_LISTEN", "0.0.0.0:0")
            .env("RECEPTION_GATEWAY_LOGG", "info")
            .output()
            .unwrap();
        let (out, err) = said(&output);
        assert!(!output.status.success() && out.is_empty(), "{out}");
        assert!(err.contains("listen (RECEPTION_GATEWAY_LISTEN): plain HTTP"), "{err}");
        assert!(err.contains("is RECEPTION_GATEWAY_LOG meant?"), "{err}");
    }
    assert!(!dir.path().join("gateway.db").exists());
}

#[test]
fn the_settings_in_effect_are_shown_without_the_secret() {
    let dir = tempfile::tempdir().unwrap();
    let output = program(dir.path())
        .args(["config", "check", "--database", "postgres://reception:hunter2@db.example/reception"])
        .output()
        .unwrap();
    let (out, err) = said(&output);
    assert!(output.status.success(), "{err}");
    assert!(out.contains("database = \"postgres://…\"  # --database"), "{out}");
    assert!(!out.contains("hunter2"));
}

#[test]
fn a_monitor_is_told_how_the_gateway_is() {
    let serving = Serving::start("");
    let at = serving.operations.clone();
    let output = serving.command(&["health", "--at", &at]);
    assert_eq!(output.status.code(), Some(1), "a clinic is missing");
    assert!(said(&output).0.starts_with("look: no desk has founded"), "{output:?}");
    assert!(get(&at, "/live").contains("200 OK"));
    assert!(get(&at, "/ready").contains("waiting_for_clinic"));
    // the doors of sites and desks do not show what is for those who run it
    assert!(get(&serving.address, "/metrics").contains("404"));

    drop(serving);
    let dir = tempfile::tempdir().unwrap();
    let output = program(dir.path()).args(["health", "--at", &at]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).0.starts_with("down: no answer"), "{output:?}");
}

#[test]
fn metrics_count_by_route_and_never_by_path() {
    let serving = Serving::start("");
    let answer = get(&serving.address, "/v1/health");
    let id = answer.lines().find_map(|line| line.strip_prefix("x-request-id: ")).expect("an id of the request");
    assert_eq!(id.len(), 16);
    get(&serving.address, "/v1/kanareykina?k=secret");
    get(&serving.address, "/in/form/src_1?k=secret");
    let metrics = get(&serving.operations, "/metrics");
    for line in [
        r#"reception_http_requests_total{route="/v1/health",method="GET",status="200"} 1"#,
        r#"reception_http_requests_total{route="none",method="GET",status="404"} 1"#,
        r#"reception_http_requests_total{route="/in/{connector}/{source}",method="GET",status="405"} 1"#,
        r#"reception_http_request_seconds_bucket{route="/v1/health",le="0.1"} 1"#,
        "reception_feed_seq 0",
        // how many at this moment, who knows
        r#"reception_database_connections{pool="writer",state="idle"} "#,
        r#"reception_database_connections{pool="readers",state="used"} "#,
    ] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
    let added = serving.command(&["source", "add", "form", "Сайт"]);
    let address = said(&added).0;
    let id = address.trim().split(['/', '?']).nth(3).unwrap().to_owned();
    let seen = |metrics: &str| {
        let name = format!(r#"reception_source_last_seen_seconds{{source="{id}"}} "#);
        metrics.lines().find_map(|line| line.strip_prefix(&name)?.parse::<f64>().ok())
    };
    assert_eq!(seen(&get(&serving.operations, "/metrics")), Some(0.0), "never");
    let asking = format!(r#"reception_source_asking_failed{{source="{id}"}} 0"#);
    assert!(get(&serving.operations, "/metrics").contains(&asking));
    assert!(!metrics.contains("kanareykina") && !metrics.contains("secret") && !metrics.contains("src_1"), "{metrics}");
}

#[test]
fn a_head_that_does_not_come_and_an_idle_connection_give_their_places_back() {
    let serving = Serving::start("[limits]\nconnections = 2\nheader_seconds = 1");
    let mut slow = connect(&serving.address);
    slow.write_all(b"GET /v1/health HTTP/1.1\r\nhost:").unwrap();
    let mut idle = connect(&serving.address);
    idle.write_all(b"GET /v1/health HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    // both places are taken, and are free again after their time
    assert!(get(&serving.address, "/v1/health").contains("200 OK"));
    let mut rest = String::new();
    slow.read_to_string(&mut rest).unwrap();
    assert!(rest.is_empty() || rest.contains("408"), "{rest}");
    idle.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("200 OK"), "{rest}");
}

#[test]
fn what_is_under_way_is_finished_and_a_second_signal_does_not_wait() {
    // the body does not come: this request keeps the gateway waiting
    let slow_post = |address: &str| {
        let mut slow = connect(address);
        slow.write_all(
            b"POST /v1/desks/enroll HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n",
        )
        .unwrap();
        let mut line = String::new();
        BufReader::new(slow.try_clone().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("100"), "the gateway waits for the body");
        slow
    };
    let mut serving = Serving::start("");
    let mut slow = slow_post(&serving.address);
    serving.signal("TERM");
    serving.logged("asked to stop");
    slow.write_all(b"{}").unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("HTTP/1.1 4"), "{answer}");
    assert!(serving.ends().success());
    assert!(!serving.dir.path().join("gateway.db-wal").exists(), "the journal is folded in");

    let mut serving = Serving::start("[limits]\nstop_seconds = 3600");
    let _slow = slow_post(&serving.address);
    serving.signal("TERM");
    serving.logged("asked to stop");
    serving.signal("TERM");
    assert!(!serving.ends().success());

    let mut serving = Serving::start("[limits]\nstop_seconds = 1");
    let _slow = slow_post(&serving.address);
    serving.signal("INT");
    serving.logged("did not end in time");
    assert!(serving.ends().success());
}

#[test]
fn a_desk_comes_in_by_another_desk() {
    let dir = tempfile::tempdir().unwrap();
    let output = program(dir.path()).args(["desk", "invite"]).output().unwrap();
    assert!(!output.status.success());
    assert!(said(&output).1.contains("receptionctl invite"), "{output:?}");
}
