//! Where a story's gateway keeps its things: a folder of its own, and in it a file or beside it a database of its own.

use std::{
    env,
    path::PathBuf,
    process::{Command, Output},
    sync::atomic::{AtomicU32, Ordering},
};

use gateway::GatewayConfig;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

use crate::ON_POSTGRES;

const HOW: &str = "These stories need a PostgreSQL server, and RECEPTION_TEST_POSTGRES does not name one. Run them so:\n  \
    cargo xtask session -- cargo nextest run -p gateway\n(or leave them out: -E 'not binary(stories_on_postgres)')";

/// The server of the session.
fn server() -> String {
    env::var("RECEPTION_TEST_POSTGRES").unwrap_or_else(|_| panic!("{HOW}"))
}

/// One of PostgreSQL's programs, run to its end.
fn program(name: &str, arguments: &[&str]) -> Output {
    let folder = env::var("RECEPTION_TEST_POSTGRES_PROGRAMS").unwrap_or_else(|_| panic!("{HOW}"));
    let output = Command::new(PathBuf::from(folder).join(name)).args(arguments).output().unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Gone with its folder and its database when it is dropped.
pub(crate) struct Place {
    pub(crate) dir: TempDir,
    /// The database of a server, if it is one.
    name: Option<String>,
}

impl Place {
    /// On the database that this run is about.
    pub(crate) fn make() -> Self {
        if ON_POSTGRES { Self::on_postgres() } else { Self::on_sqlite() }
    }

    pub(crate) fn on_sqlite() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), name: None }
    }

    pub(crate) fn on_postgres() -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let name = format!("story_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        program("createdb", &["--maintenance-db", &format!("{}/postgres", server()), &name]);
        Self { dir: tempfile::tempdir().unwrap(), name: Some(name) }
    }

    /// The database, as an administrator writes it.
    pub(crate) fn database(&self) -> String {
        match &self.name {
            Some(name) => format!("{}/{name}", server()),
            None => self.dir.path().join("gateway.db").to_string_lossy().into_owned(),
        }
    }

    pub(crate) fn config(&self) -> GatewayConfig {
        GatewayConfig::at(self.database().parse::<gateway::Database>().unwrap())
    }

    /// Somebody with the database in hand runs a statement.
    pub(crate) async fn sql(&self, statement: &str) {
        if self.name.is_some() {
            program("psql", &["-q", "-v", "ON_ERROR_STOP=1", "-d", &self.database(), "-c", statement]);
            return;
        }
        let options = SqliteConnectOptions::new().filename(self.dir.path().join("gateway.db"));
        let mut connection = options.connect().await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    /// Whatever is written into a table fails, until it is mended.
    pub(crate) async fn spoil(&self, table: &str) {
        let statement = if self.name.is_some() {
            format!(
                "CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
                 CREATE TRIGGER fault BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION fault()"
            )
        } else {
            format!("CREATE TRIGGER fault BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'no'); END")
        };
        self.sql(&statement).await;
    }

    pub(crate) async fn mend(&self, table: &str) {
        let statement = if self.name.is_some() {
            format!("DROP TRIGGER fault ON {table}; DROP FUNCTION fault")
        } else {
            "DROP TRIGGER fault".to_owned()
        };
        self.sql(&statement).await;
    }

    /// All that somebody gets who has the database: its files, or a dump.
    pub(crate) fn raw(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let files = std::fs::read_dir(self.dir.path()).unwrap().map(|entry| entry.unwrap().path());
        let files = files.filter(|path| path.is_file());
        let mut all: Vec<_> = files.map(|path| (path.clone(), std::fs::read(&path).unwrap())).collect();
        if self.name.is_some() {
            let dump = String::from_utf8(program("pg_dump", &["-d", &self.database()]).stdout).unwrap();
            // each dump has a random word of its own in these lines
            let lines = dump.lines().filter(|line| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict"));
            all.push(("dump.sql".into(), lines.collect::<Vec<_>>().join("\n").into_bytes()));
        }
        all
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            program("dropdb", &["--force", "--maintenance-db", &format!("{}/postgres", server()), name]);
        }
    }
}
