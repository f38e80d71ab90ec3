//! A PostgreSQL cluster of our own for the tests: on a free port of the loopback, for everybody on this machine who
//! finds it, gone with the session.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    session::{PASS_THROUGH, set_mode},
    shell::{Failure, run, succeeds},
};

/// Where Debian keeps the programs, by major version.
const VERSIONS: &str = "/usr/lib/postgresql";
/// What it says of itself goes there.
const LOG: &str = "log";
/// Nobody will want the tests' databases after a power cut; stories about crashes run a server themselves.
const CARELESS: [&str; 4] = ["-c", "fsync=off", "-c", "full_page_writes=off"];
/// How long it may take to start or to stop.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running cluster.
pub(crate) struct Postgres {
    server: Child,
    /// `postgres://reception@127.0.0.1:PORT`
    pub(crate) url: String,
    /// The folder of `initdb`, `postgres` and `pg_dump`: what stories need that run a server themselves.
    pub(crate) programs: PathBuf,
}

impl Postgres {
    pub(crate) fn start(home: &Path, durable: bool) -> Result<Self, Failure> {
        let programs = programs()?;
        let dir = home.join("postgres");
        let io = |source| Failure::Io { what: dir.display().to_string(), source };
        fs::create_dir_all(&dir).map_err(io)?;
        set_mode(home, PASS_THROUGH)?;
        if is_root() {
            run("chown", Command::new("chown").arg("postgres").arg(&dir))?;
        }
        let data = dir.join("data");
        let initdb = ["--auth=trust", "--username=reception", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "-D"];
        run("initdb", as_somebody_lesser(&programs.join("initdb")).args(initdb).arg(&data).stdout(Stdio::null()))?;
        let port = free_port().map_err(io)?;
        let log = fs::File::create(dir.join(LOG)).map_err(io)?;
        let server = as_somebody_lesser(&programs.join("postgres"))
            .arg("-D")
            .arg(&data)
            .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-c", "max_connections=200"])
            .args(if durable { &[][..] } else { &CARELESS })
            .arg("-k")
            .arg(&dir)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|source| Failure::Start { program: "postgres".to_owned(), source })?;
        let postgres = Self { server, url: format!("postgres://reception@127.0.0.1:{port}"), programs };
        postgres.wait(port)?;
        Ok(postgres)
    }

    fn wait(&self, port: u16) -> Result<(), Failure> {
        let ready = self.programs.join("pg_isready").to_string_lossy().into_owned();
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if succeeds(&ready, &["-q", "-h", "127.0.0.1", "-p", &port.to_string()]) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err(Failure::Say("The private PostgreSQL did not start.".to_owned()))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGINT: connections are cut and the cluster is closed, with its children
        let pid = self.server.id().to_string();
        let _ = Command::new("kill").args(["-INT", &pid]).status();
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if !matches!(self.server.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// The newest version that is installed.
fn programs() -> Result<PathBuf, Failure> {
    let installed = fs::read_dir(VERSIONS).into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    let newest = installed.filter(|bin| bin.join("initdb").is_file()).max_by_key(|bin| version(bin));
    newest.ok_or_else(|| Failure::Say(format!("PostgreSQL is not installed in {VERSIONS}.")))
}

fn version(bin: &Path) -> u32 {
    let number = bin.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    number.and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// PostgreSQL refuses to work for root.
fn as_somebody_lesser(program: &Path) -> Command {
    if is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--"]).arg(program).current_dir("/");
        command
    } else {
        Command::new(program)
    }
}

fn is_root() -> bool {
    succeeds("sh", &["-c", "test $(id -u) = 0"])
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
