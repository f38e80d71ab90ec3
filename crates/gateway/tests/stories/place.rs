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

/// Where PostgreSQL's programs are.
pub(crate) fn programs() -> PathBuf {
    env::var("RECEPTION_TEST_POSTGRES_PROGRAMS").unwrap_or_else(|_| panic!("{HOW}")).into()
}

/// One of them, run to its end.
fn program(name: &str, arguments: &[&str]) -> Output {
    let output = Command::new(programs().join(name)).args(arguments).output().unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Gone with its folder and its database when it is dropped.
pub(crate) struct Place {
    pub(crate) dir: TempDir,
    /// The server and its database, if it is one.
    on: Option<(String, String)>,
}

/// What lets somebody else into the database of a server.
pub(crate) struct Beside(String);

impl Beside {
    /// Runs statements to their end; what they say.
    pub(crate) fn sql_now(&self, statements: &str) -> String {
        let output = program("psql", &["-qAt", "-v", "ON_ERROR_STOP=1", "-d", &self.0, "-c", statements]);
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

impl Place {
    /// On the database that this run is about.
    pub(crate) fn make() -> Self {
        if ON_POSTGRES { Self::on_postgres() } else { Self::on_sqlite() }
    }

    pub(crate) fn on_sqlite() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), on: None }
    }

    pub(crate) fn on_postgres() -> Self {
        Self::on_server(&server())
    }

    pub(crate) fn on_server(server: &str) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let name = format!("story_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        program("createdb", &["--maintenance-db", &format!("{server}/postgres"), &name]);
        Self { dir: tempfile::tempdir().unwrap(), on: Some((server.to_owned(), name)) }
    }

    /// The name of the database on its server.
    pub(crate) fn name(&self) -> Option<&str> {
        self.on.as_ref().map(|(_, name)| name.as_str())
    }

    /// The database, as an administrator writes it.
    pub(crate) fn database(&self) -> String {
        match &self.on {
            Some((server, name)) => format!("{server}/{name}"),
            None => self.dir.path().join("gateway.db").to_string_lossy().into_owned(),
        }
    }

    pub(crate) fn config(&self) -> GatewayConfig {
        let database = self.database().parse::<gateway::Database>().unwrap();
        GatewayConfig { suppression_journal: Some(self.journal()), ..GatewayConfig::at(database) }
    }

    /// Where erasures are noted.
    pub(crate) fn journal(&self) -> PathBuf {
        self.dir.path().join("suppressed")
    }

    /// The closed database once more, as an administrator copies it by hand.
    pub(crate) fn copy(&self) -> Self {
        match &self.on {
            Some((server, name)) => {
                let copy = Self::on_server(server);
                let other = copy.name().unwrap();
                let maintenance = format!("{server}/postgres");
                program("dropdb", &["--maintenance-db", &maintenance, other]);
                program("createdb", &["--maintenance-db", &maintenance, "-T", name, other]);
                copy
            }
            None => {
                let copy = Self::on_sqlite();
                std::fs::copy(self.dir.path().join("gateway.db"), copy.dir.path().join("gateway.db")).unwrap();
                copy
            }
        }
    }

    /// Somebody with the database in hand runs a statement.
    pub(crate) async fn sql(&self, statement: &str) {
        if self.on.is_some() {
            self.beside().sql_now(statement);
            return;
        }
        let options = SqliteConnectOptions::new().filename(self.dir.path().join("gateway.db"));
        let mut connection = options.connect().await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    pub(crate) fn beside(&self) -> Beside {
        Beside(self.database())
    }

    /// The server says what it says when its disk is full.
    pub(crate) fn fill_the_disk(&self, table: &str) {
        self.beside().sql_now(&format!(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'no space' USING ERRCODE = 'disk_full'; END $$;
             CREATE TRIGGER full_disk BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION full_disk()"
        ));
    }

    pub(crate) fn free_the_disk(&self, table: &str) {
        self.beside().sql_now(&format!("DROP TRIGGER full_disk ON {table}"));
    }

    /// Whatever is written into a table fails, until it is mended.
    pub(crate) async fn spoil(&self, table: &str) {
        let statement = if self.on.is_some() {
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
        let statement = if self.on.is_some() {
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
        if self.on.is_some() {
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
        if let Some((server, name)) = &self.on {
            // a server of the story's own may be gone already
            let maintenance = format!("{server}/postgres");
            let _ = Command::new(programs().join("dropdb")).args(["--force", "--maintenance-db", &maintenance, name]).output();
        }
    }
}
