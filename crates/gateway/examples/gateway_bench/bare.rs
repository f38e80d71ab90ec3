//! What the gateway is compared with: an axum handler with one insert, and the insert alone.

use std::{path::PathBuf, sync::Arc};

use axum::{Router, body::Bytes, extract::State, routing::post};
use sqlx::{
    ConnectOptions, PgPool, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::{net::TcpListener, runtime::Handle};

use crate::{
    Plan,
    load::{self, Measured, at_a_rate, payload},
};

const TABLE: &str = "CREATE TABLE plain (id TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL)";
const INSERT: &str = "INSERT INTO plain (id, body) VALUES ($1, $2)";

/// Where a database can be made.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    File(PathBuf),
    Server(String),
}

impl Place {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::File(_) => "SQLite",
            Self::Server(_) => "PostgreSQL",
        }
    }

    /// The address of a new database of this name.
    pub(crate) async fn database(&self, name: &str) -> String {
        match self {
            Self::File(folder) => folder.join(format!("{name}.db")).to_string_lossy().into_owned(),
            Self::Server(url) => {
                let options: PgConnectOptions = url.parse().unwrap();
                let mut server = options.database("postgres").connect().await.unwrap();
                // a name of our own: nothing to escape
                for statement in [format!("DROP DATABASE IF EXISTS {name}"), format!("CREATE DATABASE {name}")] {
                    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut server).await.unwrap();
                }
                format!("{}/{name}", url.trim_end_matches('/'))
            }
        }
    }
}

#[derive(Debug)]
pub(crate) struct Bare {
    pub(crate) handler: Measured,
    /// Of a server: without HTTP.
    pub(crate) insert: Option<Measured>,
}

/// A table that is written to as the gateway writes: what is acknowledged is on the disk.
#[derive(Debug)]
enum Table {
    File(SqlitePool),
    Server(PgPool),
}

impl Table {
    async fn make(place: &Place) -> Self {
        let address = place.database("bare").await;
        match place {
            Place::File(_) => {
                let options = SqliteConnectOptions::new()
                    .filename(address)
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full);
                let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
                sqlx::query(TABLE).execute(&pool).await.unwrap();
                Self::File(pool)
            }
            Place::Server(_) => {
                let pool = PgPoolOptions::new().max_connections(10).connect(&address).await.unwrap();
                sqlx::query(TABLE).execute(&pool).await.unwrap();
                Self::Server(pool)
            }
        }
    }

    async fn insert(&self, body: &str) {
        let id = seal::token::make_id("row").unwrap();
        match self {
            Self::File(pool) => drop(sqlx::query(INSERT).bind(id).bind(body).execute(pool).await.unwrap()),
            Self::Server(pool) => drop(sqlx::query(INSERT).bind(id).bind(body).execute(pool).await.unwrap()),
        }
    }

    async fn close(&self) {
        match self {
            Self::File(pool) => pool.close().await,
            Self::Server(pool) => pool.close().await,
        }
    }
}

async fn handle(State(table): State<Arc<Table>>, body: Bytes) -> &'static str {
    table.insert(std::str::from_utf8(&body).unwrap()).await;
    "ok"
}

pub(crate) async fn measure(place: &Place, plan: &Plan, server: &Handle) -> Bare {
    let table = Arc::new(Table::make(place).await);
    let router = Router::new().route("/", post(handle)).with_state(table.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    // a listener belongs to the runtime that made it
    let listener = listener.into_std().unwrap();
    let serving = server.spawn(async move {
        axum::serve(TcpListener::from_std(listener).unwrap(), router).await.unwrap();
    });
    let client = load::client();
    let handler = at_a_rate(plan.rate, plan.time(), |n| {
        let request = client.post(&address).body(payload(n));
        async move { assert!(request.send().await.unwrap().status().is_success()) }
    })
    .await;
    serving.abort();
    let insert = match place {
        Place::File(_) => None,
        Place::Server(_) => Some(
            at_a_rate(plan.rate, plan.time(), |n| {
                let table = table.clone();
                async move { table.insert(&payload(n)).await }
            })
            .await,
        ),
    };
    table.close().await;
    Bare { handler, insert }
}
