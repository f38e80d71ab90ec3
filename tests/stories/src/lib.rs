//! What the stories share: a clinic of real processes in a temporary folder.
//!
//! The gateway is the real program on a loopback port, the desk's keys are in the real keychain of the session that the
//! test command opens, the database is the real encrypted one. Nothing is faked; what is invented are the people.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test harness fails loudly")]

pub mod chaos;
pub mod witness;

use std::{
    ffi::OsString,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use contract::ui::{FoundArgs, Link, Nothing, PrinterView, SignInArgs, SyncView};
use desk::{Desk, Handed, PractitionerDraft, PrintError, PrintJob, Printer, Profile, StaffDraft, Surroundings};
use domain::{personal::PersonName, staff::Role};

/// Sign-in of the stories' manager and receptionist.
pub const MANAGER: (&str, &str) = ("vera", "manager-secret-7");
pub const RECEPTIONIST: (&str, &str) = ("anna", "5937");

/// What must never stand in a file in plain form. Every spelling that a payload or a screen uses.
pub const CANARIES: &[&str] = &[
    "Канарейкина",
    "Пернатая",
    "9035550199",
    "903 555-01-99",
    "903) 555-01-99",
    "555-01-99",
    "kanareika@example.ru",
    "клюёт по утрам",
];

/// A request of the canary person, as a Tilda form sends it.
pub const CANARY_POST: &str = "Name=%D0%9A%D0%B0%D0%BD%D0%B0%D1%80%D0%B5%D0%B9%D0%BA%D0%B8%D0%BD%D0%B0+%D0%9F%D0%B5%D1%80%D0%BD%D0%B0%D1%82%D0%B0%D1%8F\
&Phone=%2B7+%28903%29+555-01-99&Email=kanareika%40example.ru&Comment=%D0%BA%D0%BB%D1%8E%D1%91%D1%82+%D0%BF%D0%BE+%D1%83%D1%82%D1%80%D0%B0%D0%BC\
&tranid=777:1&formid=form1&formname=%D0%97%D0%B2%D0%BE%D0%BD%D0%BE%D0%BA";

/// How long a story waits for what must come.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A printer that keeps nothing but the count of what it was handed.
#[derive(Debug, Default)]
pub struct Counter(pub std::sync::atomic::AtomicUsize);

impl Printer for Counter {
    fn printers(&self) -> Result<Vec<PrinterView>, PrintError> {
        Ok(vec![PrinterView { name: "Счётчик".to_owned(), is_default: true }])
    }

    fn print(&self, job: &PrintJob<'_>) -> Result<Handed, PrintError> {
        let bytes = std::fs::read(job.file).map_err(|_| PrintError::Failed)?;
        assert!(bytes.starts_with(b"%PDF-"));
        self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Ok(Handed::to("Счётчик"))
    }
}

/// A program of this workspace, built by the test command.
pub fn program(name: &str) -> PathBuf {
    let exe = std::env::current_exe().expect("own path");
    let dir = exe.ancestors().find(|dir| dir.ends_with("debug")).expect("a target folder");
    let path = dir.join(name);
    assert!(path.is_file(), "{} is not built: cargo build --workspace --bins", path.display());
    path
}

/// The gateway as a real process; killed when dropped.
#[derive(Debug)]
pub struct GatewayProcess {
    database: OsString,
    address: SocketAddr,
    child: Option<Child>,
    log: PathBuf,
}

impl GatewayProcess {
    pub fn start(dir: &Path) -> Self {
        Self::start_on(dir, None)
    }

    /// The same on another database than a file of the folder.
    pub fn start_on(dir: &Path, database: Option<&str>) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let database = database.map_or_else(|| dir.join("gateway.db").into_os_string(), OsString::from);
        let mut gateway = Self { database, address, child: None, log: dir.join("gateway.log") };
        gateway.come_back();
        gateway
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Starts the process, again at the same address, and waits until it answers.
    pub fn come_back(&mut self) {
        assert!(self.child.is_none(), "it runs already");
        let log = std::fs::OpenOptions::new().create(true).append(true).open(&self.log).unwrap();
        let child = Command::new(program("reception-gateway"))
            .args(["serve", "--listen", &self.address.to_string(), "--database"])
            .arg(&self.database)
            .env("RECEPTION_GATEWAY_OPERATIONS_LISTEN", "off")
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        self.child = Some(child);
        let deadline = Instant::now() + PATIENCE;
        while std::net::TcpStream::connect(self.address).is_err() {
            assert!(Instant::now() < deadline, "the gateway did not start");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// SIGKILL, as a power cut would.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// One command of the gateway's program; answers with what it printed.
    pub fn command(&self, args: &[&str]) -> String {
        let output = Command::new(program("reception-gateway"))
            .arg("--database")
            .arg(&self.database)
            .args(args)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

impl Drop for GatewayProcess {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A clinic: one gateway process, its folder, the first desk's profile.
#[derive(Debug)]
pub struct Clinic {
    pub dir: tempfile::TempDir,
    pub gateway: GatewayProcess,
    tilda: String,
    form: String,
    account: String,
}

impl Clinic {
    /// Founds a clinic with a manager, a receptionist, a doctor and two sources; the manager stays signed in.
    pub async fn found() -> (Self, Desk) {
        let dir = tempfile::tempdir().unwrap();
        let gateway = GatewayProcess::start(dir.path());
        let code = gateway.command(&["init"]);
        let account = format!("story-{}", dir.path().file_name().unwrap().to_string_lossy());
        let desk = start_desk(&dir.path().join("desk"), &account).await;
        found_at(&desk, gateway.url(), code).await;
        let source = |kind: &str| gateway.command(&["source", "add", kind, "Сайт", "--zone", "Asia/Krasnoyarsk"]);
        let (tilda, form) = (source("tilda"), source("form"));
        let clinic = Self { dir, gateway, tilda, form, account };
        settled(&desk).await;
        (clinic, desk)
    }

    /// A visitor sends a form of the Tilda site.
    pub async fn tilda(&self, body: &str) {
        self.post(&self.tilda, "application/x-www-form-urlencoded", body).await;
    }

    /// A visitor sends JSON to the generic source.
    pub async fn form(&self, body: &serde_json::Value) {
        self.post(&self.form, "application/json", &body.to_string()).await;
    }

    async fn post(&self, path: &str, content_type: &str, body: &str) {
        let answer = http()
            .post(format!("{}{path}", self.gateway.url()))
            .header("content-type", content_type)
            .body(body.to_owned())
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
    }

    /// The first desk once more, as after a restart of the computer.
    pub async fn desk_again(&self) -> Desk {
        start_desk(&self.desk_home(), &self.account).await
    }

    pub fn desk_home(&self) -> PathBuf {
        self.dir.path().join("desk")
    }

    pub fn account(&self) -> &str {
        &self.account
    }
}

/// Founds a clinic with a manager, a receptionist and a doctor; the manager stays signed in.
pub async fn found_at(desk: &Desk, gateway: String, code: String) {
    let (login, secret) = MANAGER;
    let founding = FoundArgs {
        gateway,
        code,
        desk_name: "Ресепшн 1".into(),
        clinic_name: "Клиника из рассказа".into(),
        zone: "Asia/Krasnoyarsk".into(),
        manager_name: name("Верина", "Вера"),
        manager_login: login.into(),
        manager_secret: secret.into(),
    };
    desk.found_clinic(founding).await.expect("found the clinic");
    sign_in(desk, MANAGER).await;
    let (login, secret) = RECEPTIONIST;
    let anna = StaffDraft {
        id: None,
        name: name("Аннина", "Анна"),
        role: Role::Receptionist,
        login: login.into(),
        secret: Some(secret.into()),
        active: true,
    };
    desk.put_staff(anna).await.expect("put a receptionist");
    let chair = desk.clinic().await.unwrap().and_then(|(c, _)| c.chairs.first().map(|chair| chair.id.clone()));
    let doctor = PractitionerDraft {
        id: None,
        name: name("Докторов", "Иван"),
        speciality: "терапевт".into(),
        chair,
        order: 0,
        active: true,
    };
    desk.put_practitioner(doctor).await.expect("put a doctor");
}

pub fn http() -> reqwest::Client {
    // The desk installs the provider too; whoever comes first wins.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// A new database of the session's PostgreSQL.
pub fn postgres_database() -> String {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let variable = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("run by `cargo xtask session`"));
    let server = variable("RECEPTION_TEST_POSTGRES");
    let name = format!("stories_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
    let createdb = PathBuf::from(variable("RECEPTION_TEST_POSTGRES_PROGRAMS")).join("createdb");
    let maintenance = format!("{server}/postgres");
    let made = Command::new(createdb).args(["--maintenance-db", &maintenance, &name]).status().unwrap();
    assert!(made.success());
    format!("{server}/{name}")
}

pub fn name(family: &str, given: &str) -> PersonName {
    PersonName { family: family.into(), given: given.into(), patronymic: String::new() }
}

pub async fn start_desk(home: &Path, account: &str) -> Desk {
    let profile =
        Profile { home: home.into(), keychain_account: account.into(), demo: None, app_version: "0.0.0-story".into() };
    Desk::start(profile, Surroundings::of_system(Arc::new(Counter::default()))).await
}

pub async fn sign_in(desk: &Desk, (login, secret): (&str, &str)) {
    desk.sign_in(SignInArgs { login: login.into(), secret: secret.into() }).await.expect("sign in");
}

/// Waits until the gateway has settled everything and the last pull is over.
pub async fn settled(desk: &Desk) {
    until(desk, |view| view.link == Link::Online && view.unsent == 0).await;
}

/// Asks for a sync again and again until the state of the link is as wished.
pub async fn until(desk: &Desk, wished: impl Fn(&SyncView) -> bool) {
    let deadline = Instant::now() + PATIENCE;
    let mut events = desk.events();
    loop {
        let view = desk.sync_now(Nothing {}).await.expect("sync");
        if wished(&view) {
            return;
        }
        assert!(Instant::now() < deadline, "still {:?}, {} unsent, {} refused", view.link, view.unsent, view.refused);
        let _ = tokio::time::timeout(Duration::from_millis(300), events.recv()).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Every file below a folder that holds one of the words, as `file: word`.
pub fn files_with(dir: &Path, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let Ok(bytes) = std::fs::read(&path) else { continue };
            for word in words {
                let utf16: Vec<u8> = word.encode_utf16().flat_map(u16::to_le_bytes).collect();
                if contains(&bytes, word.as_bytes()) || contains(&bytes, &utf16) {
                    found.push(format!("{}: {word}", path.display()));
                }
            }
        }
    }
    found
}

fn contains(hay: &[u8], needle: &[u8]) -> bool {
    hay.windows(needle.len()).any(|window| window == needle)
}
