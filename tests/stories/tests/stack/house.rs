//! The gateway of a story, with its copies: the real one over its router.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, request::Builder},
};
use chrono::{DateTime, Utc};
use contract::v1::Outcome;
use domain::{ActionId, DeskId, EntityRef, RequestId};
use gateway::{Gateway, GatewayConfig, Journals, Rate, platform::Clock};
use serde::Serialize;
use tempfile::TempDir;
use tower::ServiceExt;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// The clock of a story.
#[derive(Debug)]
pub(crate) struct StoryClock(pub(crate) Mutex<DateTime<Utc>>);

impl Clock for StoryClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// What the gateway has decided, as whoever stands beside it sees it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory {
    pub(crate) decided: BTreeMap<ActionId, Outcome>,
    pub(crate) desks: Vec<DeskId>,
    /// Requests of which the site was told that they are in.
    pub(crate) site_oks: Vec<RequestId>,
    /// The cards as the edits that went through have left them.
    pub(crate) cards: BTreeMap<EntityRef, u32>,
}

/// A copy, with what was known when it was made.
#[derive(Debug)]
struct Copy {
    file: PathBuf,
    memory: Memory,
}

#[derive(Debug)]
pub(crate) struct House {
    kind: Kind,
    dir: TempDir,
    database: String,
    clock: Arc<StoryClock>,
    gateway: Gateway,
    pub(crate) router: Router,
    pub(crate) memory: Memory,
    /// Whom the gateway has blocked and not freed, whatever was restored since.
    pub(crate) blocked: std::collections::BTreeSet<EntityRef>,
    /// The latest first.
    copies: Vec<Copy>,
    made: u32,
}

pub(crate) fn with_body(request: Builder, token: Option<&str>, body: &impl Serialize) -> Request<Body> {
    let mut request = request.header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    request.body(Body::from(serde_json::to_vec(body).unwrap())).unwrap()
}

pub(crate) fn post(path: &str, token: Option<&str>, body: &impl Serialize) -> Request<Body> {
    with_body(Request::post(path), token, body)
}

pub(crate) fn get(path: &str, token: &str) -> Request<Body> {
    Request::get(path).header("authorization", format!("Bearer {token}")).body(Body::empty()).unwrap()
}

impl House {
    pub(crate) async fn new(kind: Kind, clock: Arc<StoryClock>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let database = database(kind, &dir, 0);
        let gateway = Gateway::open_with_clock(config(&database, &dir), clock.clone()).await.unwrap();
        let router = gateway.router();
        let (memory, copies) = (Memory::default(), Vec::new());
        Self { kind, dir, database, clock, gateway, router, memory, blocked: Default::default(), copies, made: 0 }
    }

    pub(crate) fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    pub(crate) async fn ask(&self, request: Request<Body>) -> (StatusCode, Vec<u8>) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        (status, to_bytes(response.into_body(), 64 << 20).await.unwrap().to_vec())
    }

    /// The process is killed and started again.
    pub(crate) async fn dies(&mut self) {
        self.opens().await;
    }

    async fn opens(&mut self) {
        self.gateway.close().await.unwrap();
        self.gateway = Gateway::open_with_clock(config(&self.database, &self.dir), self.clock.clone()).await.unwrap();
        self.router = self.gateway.router();
    }

    pub(crate) async fn back_up(&mut self) {
        self.made += 1;
        let file = self.dir.path().join(format!("copy-{}", self.made));
        self.gateway.backup(&file).await.unwrap();
        self.copies.insert(0, Copy { file, memory: self.memory.clone() });
        self.copies.truncate(2);
    }

    /// What every copy holds; what is there now, where there is no copy.
    pub(crate) fn oldest(&self) -> &Memory {
        self.copies.last().map_or(&self.memory, |copy| &copy.memory)
    }

    /// Goes back to a copy; a desk that enrolled since would be unknown to it, so that copy is not taken then.
    pub(crate) async fn restore(&mut self, which: u8, who_is_in: &[DeskId]) -> bool {
        let which = usize::from(which).min(self.copies.len().saturating_sub(1));
        let knows = |copy: &Copy| who_is_in.iter().all(|desk| copy.memory.desks.contains(desk));
        if !self.copies.get(which).is_some_and(knows) {
            return false;
        }
        self.copies.drain(..which);
        self.gateway.close().await.unwrap();
        self.made += 1;
        self.database = database(self.kind, &self.dir, self.made);
        let journals = Journals { others: Vec::new(), none: false };
        let copy = &self.copies[0];
        Gateway::restore(config(&self.database, &self.dir), &copy.file, &journals).await.unwrap();
        self.memory = copy.memory.clone();
        self.gateway = Gateway::open_with_clock(config(&self.database, &self.dir), self.clock.clone()).await.unwrap();
        self.router = self.gateway.router();
        true
    }

    pub(crate) async fn close(&self) {
        self.gateway.close().await.unwrap();
    }
}

fn config(database: &str, dir: &TempDir) -> GatewayConfig {
    GatewayConfig {
        suppression_journal: Some(dir.path().join("suppressed")),
        // the clock stands, so nothing would be let through again
        desk_rate: Rate { burst: 1e9, per_second: 1.0 },
        ..GatewayConfig::at(database.parse::<gateway::Database>().unwrap())
    }
}

fn database(kind: Kind, dir: &TempDir, n: u32) -> String {
    match kind {
        Kind::Sqlite => dir.path().join(format!("gateway-{n}.db")).to_string_lossy().into_owned(),
        Kind::Postgres => stories::postgres_database(),
    }
}
