//! A PostgreSQL server of a story's own, to be stopped and killed.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{load::PATIENCE, place::programs};

pub(crate) struct Cluster {
    dir: TempDir,
    port: u16,
    server: Option<Child>,
}

impl Cluster {
    pub(crate) fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o711)).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let data = dir.path().join("postgres");
        fs::create_dir(&data).unwrap();
        if is_root() {
            assert!(Command::new("chown").arg("postgres").arg(&data).status().unwrap().success());
        }
        let mut cluster = Self { dir, port, server: None };
        let initdb = cluster
            .program("initdb")
            .args(["--auth=trust", "--username=reception", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "-D"])
            .arg(&data)
            .output()
            .unwrap();
        assert!(initdb.status.success(), "{}", String::from_utf8_lossy(&initdb.stderr));
        cluster.run();
        cluster
    }

    /// The server works for root as somebody lesser only.
    fn program(&self, name: &str) -> Command {
        let path = programs().join(name);
        if !is_root() {
            return Command::new(path);
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--"]).arg(path).current_dir("/");
        command
    }

    /// Starts it, as often as it takes: after a kill its children may still hold on to what they shared.
    pub(crate) fn run(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let server = self
                .program("postgres")
                .arg("-D")
                .arg(self.data())
                .args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-k", ""])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            self.server = Some(server);
            if self.is_ready(deadline) {
                return;
            }
        }
        panic!("PostgreSQL does not start");
    }

    fn is_ready(&mut self, deadline: Instant) -> bool {
        while Instant::now() < deadline {
            if self.server.as_mut().unwrap().try_wait().unwrap().is_some() {
                return false;
            }
            let port = self.port.to_string();
            let ready =
                Command::new(programs().join("pg_isready")).args(["-q", "-h", "127.0.0.1", "-p", &port]).status();
            if ready.unwrap().success() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        false
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("postgres")
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://reception@127.0.0.1:{}", self.port)
    }

    /// `INT`: connections are cut and the database is closed. `KILL`: as if the power had gone.
    pub(crate) fn end(&mut self, signal: &str) {
        let mut server = self.server.take().unwrap();
        kill(signal, &server.id().to_string());
        server.wait().unwrap();
    }

    /// One of the processes that serve the gateway dies; the server then starts itself anew.
    pub(crate) fn kill_a_backend(&self, database: &str) {
        let pid = Command::new(programs().join("psql"))
            .args(["-qAt", "-d", &format!("{}/{database}", self.url()), "-c"])
            .arg("SELECT pid FROM pg_stat_activity WHERE application_name = 'reception-gateway' LIMIT 1")
            .output()
            .unwrap();
        kill("KILL", String::from_utf8(pid.stdout).unwrap().trim());
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            // at once, with its children
            kill("QUIT", &server.id().to_string());
            let _ = server.wait();
        }
    }
}

fn kill(signal: &str, pid: &str) {
    assert!(Command::new("kill").args([&format!("-{signal}"), pid]).status().unwrap().success());
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().unwrap().stdout == b"0\n"
}
