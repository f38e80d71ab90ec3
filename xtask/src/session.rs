//! A private session around a command: message bus, keychain daemon, display, print spooler and database server, all real,
//! none of them the user's own. It lives in a temporary folder and is gone afterwards.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    postgres::Postgres,
    shell::{Done, Failure, forget_cargo, root, succeeds, write},
};

/// What the session offers.
#[derive(Clone, Copy, Default)]
pub(crate) struct Wants {
    pub(crate) display: bool,
    pub(crate) printer: bool,
    pub(crate) postgres: bool,
    /// The database server waits for the disk, as one at work does.
    pub(crate) durable: bool,
}

/// A command that will run inside of a private session. The temporary folder dies with it.
pub(crate) struct Session {
    home: tempfile::TempDir,
    wants: Wants,
    spooler: Option<Spooler>,
    postgres: Option<Postgres>,
}

impl Session {
    pub(crate) fn open(wants: Wants) -> Result<Self, Failure> {
        let home = tempfile::Builder::new()
            .prefix("reception-session-")
            .tempdir()
            .map_err(|source| Failure::Io { what: "temporary folder".to_owned(), source })?;
        let spooler = if wants.printer { Some(Spooler::start(home.path())?) } else { None };
        let postgres = if wants.postgres { Some(Postgres::start(home.path(), wants.durable)?) } else { None };
        Ok(Self { home, wants, spooler, postgres })
    }

    /// Wraps a program and its arguments.
    pub(crate) fn command(&self, program: &Path, args: &[&str]) -> Command {
        let keyring =
            "printf session | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec \"$@\"";
        let mut command = if self.wants.display {
            let mut xvfb = Command::new("xvfb-run");
            xvfb.args(["-a", "-s", "-screen 0 1366x768x24", "dbus-run-session", "--", "sh", "-c", keyring, "sh"]);
            xvfb
        } else {
            let mut bus = Command::new("dbus-run-session");
            bus.args(["--", "sh", "-c", keyring, "sh"]);
            bus
        };
        command.arg(program).args(args).current_dir(root());
        forget_cargo(&mut command);
        self.surround(&mut command);
        command
    }

    fn surround(&self, command: &mut Command) {
        // A home of its own, but the toolchain where it was.
        let real = env::var("HOME").unwrap_or_default();
        for (key, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
            command.env(key, env::var(key).unwrap_or_else(|_| format!("{real}/{folder}")));
        }
        let home = self.home.path();
        command
            .env("HOME", home)
            .env("XDG_DATA_HOME", home.join("data"))
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("XDG_CACHE_HOME", home.join("cache"))
            .env("XDG_RUNTIME_DIR", home.join("run"))
            .env("GDK_BACKEND", "x11")
            .env("NO_AT_BRIDGE", "1");
        if let Err(error) = make_private(&home.join("run")) {
            eprintln!("{error}");
        }
        if let Some(spooler) = &self.spooler {
            command.env("CUPS_SERVER", &spooler.socket).env("RECEPTION_TEST_PRINTER_OUT", &spooler.out);
        }
        if let Some(postgres) = &self.postgres {
            command
                .env("RECEPTION_TEST_POSTGRES", &postgres.url)
                .env("RECEPTION_TEST_POSTGRES_PROGRAMS", &postgres.programs);
        }
    }
}

/// Spooler and database server may work as another user; the folder above theirs is found by name only.
pub(crate) const PASS_THROUGH: u32 = 0o711;

pub(crate) fn set_mode(path: &Path, mode: u32) -> Done {
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .map_err(|source| Failure::Io { what: path.display().to_string(), source })
}

fn make_private(dir: &Path) -> Done {
    let fail = |source| Failure::Io { what: dir.display().to_string(), source };
    fs::create_dir_all(dir).map_err(fail)?;
    fs::set_permissions(dir, fs::Permissions::from_mode(0o700)).map_err(fail)
}

/// A CUPS of our own with one printer, «Desk», that lays every job into a folder.
struct Spooler {
    daemon: Child,
    socket: PathBuf,
    out: PathBuf,
}

/// Puts a job's bytes, as they are, into the folder of the device address, and beside them how many copies were asked for
/// and with which options.
const BACKEND: &str = r#"#!/bin/sh
[ $# -eq 0 ] && { echo 'direct folder "Unknown" "Folder"'; exit 0; }
out="${DEVICE_URI#folder:}"
printf '%s\n%s\n' "$4" "$5" > "$out/job-$1.options" && chmod 644 "$out/job-$1.options"
cat ${6:+"$6"} > "$out/.job-$1" && chmod 644 "$out/.job-$1" && mv "$out/.job-$1" "$out/job-$1.pdf"
"#;

impl Spooler {
    fn start(home: &Path) -> Result<Self, Failure> {
        let dir = home.join("cups");
        let (socket, out) = (dir.join("socket"), dir.join("out"));
        for folder in ["spool/tmp", "cache", "state", "log", "etc", "out", "bin/backend"] {
            fs::create_dir_all(dir.join(folder)).map_err(|source| Failure::Io { what: folder.to_owned(), source })?;
        }
        set_mode(home, PASS_THROUGH)?;
        set_mode(&out, 0o777)?;
        for part in ["cgi-bin", "daemon", "driver", "filter", "monitor", "notifier"] {
            let _ = std::os::unix::fs::symlink(format!("/usr/lib/cups/{part}"), dir.join("bin").join(part));
        }
        let backend = dir.join("bin/backend/folder");
        write(&backend, BACKEND)?;
        fs::set_permissions(&backend, fs::Permissions::from_mode(0o755))
            .map_err(|source| Failure::Io { what: "backend".to_owned(), source })?;
        let (conf, files) = (dir.join("etc/cupsd.conf"), dir.join("etc/cups-files.conf"));
        write(&conf, &cupsd_conf(&socket))?;
        write(&files, &cups_files_conf(&dir))?;
        let log =
            fs::File::create(dir.join("log/out")).map_err(|source| Failure::Io { what: "log".to_owned(), source })?;
        let daemon = Command::new("/usr/sbin/cupsd")
            .args(["-f", "-c"])
            .arg(&conf)
            .arg("-s")
            .arg(&files)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|source| Failure::Start { program: "cupsd".to_owned(), source })?;
        let spooler = Self { daemon, socket, out };
        spooler.add_printer()?;
        Ok(spooler)
    }

    fn add_printer(&self) -> Done {
        let ask = |program: &str, args: &[&str]| {
            Command::new(program).args(args).env("CUPS_SERVER", &self.socket).output().is_ok_and(|o| o.status.success())
        };
        let device = format!("folder:{}", self.out.display());
        let deadline = Instant::now() + Duration::from_secs(20);
        while Instant::now() < deadline {
            if ask("lpadmin", &["-p", "Desk", "-E", "-v", &device, "-m", "raw"]) && ask("lpadmin", &["-d", "Desk"]) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(200));
        }
        Err(Failure::Say("The private print spooler did not start.".to_owned()))
    }
}

impl Drop for Spooler {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

fn cupsd_conf(socket: &Path) -> String {
    format!(
        "Listen {}\nLogLevel warn\nBrowsing Off\nDefaultAuthType None\nPreserveJobFiles No\nPreserveJobHistory Yes\nWebInterface No\n\
         <Location />\n  Order allow,deny\n  Allow all\n</Location>\n\
         <Location /admin>\n  Order allow,deny\n  Allow all\n</Location>\n\
         <Policy default>\n  <Limit All>\n    Order deny,allow\n  </Limit>\n</Policy>\n",
        socket.display()
    )
}

fn cups_files_conf(dir: &Path) -> String {
    let d = dir.display();
    // As root it will only work for somebody lesser; as anybody else it stays who it is.
    let user =
        if succeeds("sh", &["-c", "test $(id -u) = 0"]) { "User lp\nGroup lp\nSystemGroup root lpadmin\n" } else { "" };
    format!(
        "ServerRoot {d}/etc\nServerBin {d}/bin\nRequestRoot {d}/spool\nTempDir {d}/spool/tmp\nCacheDir {d}/cache\nStateDir {d}/state\n\
         AccessLog {d}/log/access\nErrorLog {d}/log/error\nPageLog {d}/log/page\n{user}"
    )
}
