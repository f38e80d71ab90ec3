//! What the desk's stories share: a real gateway in this process, a real encrypted database, a keychain and a printer
//! that the story can look into, and a clock that it can move.

pub(crate) mod relay;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{body::Body, http::Request};
use chrono::{DateTime, Utc};
use connectors::Connector;
use contract::ui::{
    AppView, CasePutArgs, ConnectArgs, FoundArgs, JobState, Link, Nothing, PersonCard, PersonPutArgs, PrinterView,
    SignInArgs, SyncView,
};
use desk::{
    Desk, Handed, PractitionerDraft, PrintError, PrintJob, Printer, Profile, StaffDraft, Surroundings,
    platform::{
        clock::Clock,
        keychain::{Keychain, KeychainError},
    },
};
use domain::{
    case::CaseKind,
    person::{Channel, PersonSource},
    personal::PersonName,
    request::RequestKind,
    staff::Role,
};
use gateway::{Gateway, GatewayConfig, SourceUrl};
use sync::Moment;
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use tower::ServiceExt;
use zeroize::Zeroizing;

pub(crate) const MANAGER: (&str, &str) = ("vera", "manager-secret");
pub(crate) const RECEPTIONIST: (&str, &str) = ("anna", "2580");
pub(crate) const ACCOUNT: &str = "story";

/// A keychain in memory that can be lost, locked, and broken in the middle.
#[derive(Debug, Default)]
pub(crate) struct Pocket {
    pub(crate) entries: Mutex<BTreeMap<String, String>>,
    pub(crate) trouble: Mutex<Option<KeychainError>>,
    /// The n-th write from now fails.
    pub(crate) fails_at_write: Mutex<Option<u32>>,
}

impl Keychain for Pocket {
    fn read(&self, account: &str) -> Result<Option<Zeroizing<String>>, KeychainError> {
        match *self.trouble.lock().unwrap() {
            Some(trouble) => Err(trouble),
            None => Ok(self.entries.lock().unwrap().get(account).cloned().map(Zeroizing::new)),
        }
    }

    fn write(&self, account: &str, secret: &str) -> Result<(), KeychainError> {
        if let Some(left) = &mut *self.fails_at_write.lock().unwrap() {
            if *left == 0 {
                return Err(KeychainError::Missing);
            }
            *left -= 1;
        }
        self.entries.lock().unwrap().insert(account.to_owned(), secret.to_owned());
        Ok(())
    }

    fn remove(&self, account: &str) -> Result<(), KeychainError> {
        match *self.trouble.lock().unwrap() {
            Some(trouble) => Err(trouble),
            None => {
                self.entries.lock().unwrap().remove(account);
                Ok(())
            }
        }
    }
}

/// The real time, moved by as much as the story wants.
#[derive(Debug)]
pub(crate) struct MovedClock {
    start: std::time::Instant,
    moved: Mutex<chrono::Duration>,
}

impl Default for MovedClock {
    fn default() -> Self {
        Self { start: std::time::Instant::now(), moved: Mutex::new(chrono::Duration::zero()) }
    }
}

impl MovedClock {
    pub(crate) fn forward(&self, seconds: i64) {
        *self.moved.lock().unwrap() += chrono::Duration::seconds(seconds);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now() + *self.moved.lock().unwrap()
    }

    fn moment(&self) -> Moment {
        let moved = u64::try_from(self.moved.lock().unwrap().num_milliseconds()).unwrap_or(0);
        Moment(moved + u64::try_from(self.start.elapsed().as_millis()).unwrap())
    }
}

/// A printer that notes what it was handed.
#[derive(Debug, Default)]
pub(crate) struct Tray {
    pub(crate) jobs: Mutex<Vec<Job>>,
    pub(crate) jammed: Mutex<bool>,
    /// What it says of its jobs.
    pub(crate) state: Mutex<Option<JobState>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) file: PathBuf,
    pub(crate) bytes: Vec<u8>,
    pub(crate) mode: u32,
    pub(crate) copies: u32,
    pub(crate) duplex: bool,
    pub(crate) tray: Option<String>,
    pub(crate) title: String,
}

impl Printer for Tray {
    fn printers(&self) -> Result<Vec<PrinterView>, PrintError> {
        Ok(vec![PrinterView { name: "Лоток".to_owned(), is_default: true }])
    }

    fn print(&self, job: &PrintJob<'_>) -> Result<Handed, PrintError> {
        if *self.jammed.lock().unwrap() {
            return Err(PrintError::Failed);
        }
        let (bytes, mode) = (std::fs::read(job.file).unwrap(), mode(job.file));
        let file = job.file.to_owned();
        let (copies, duplex, title) = (job.copies, job.duplex, job.title.to_owned());
        let tray = job.tray.map(str::to_owned);
        self.jobs.lock().unwrap().push(Job { file, bytes, mode, copies, duplex, tray, title });
        Ok(Handed {
            printer: "Лоток".to_owned(), job: Some(u64::try_from(self.jobs.lock().unwrap().len()).unwrap())
        })
    }

    fn job(&self, _printer: &str, _job: u64) -> Result<JobState, PrintError> {
        Ok(self.state.lock().unwrap().unwrap_or(JobState::Printing))
    }
}

#[cfg(unix)]
pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[cfg(not(unix))]
pub(crate) fn mode(_path: &Path) -> u32 {
    0o600
}

/// A clinic with one gateway.
pub(crate) struct Clinic {
    pub(crate) dir: TempDir,
    pub(crate) gateway: Gateway,
    pub(crate) url: String,
    pub(crate) keychain: Arc<Pocket>,
    pub(crate) clock: Arc<MovedClock>,
    pub(crate) printer: Arc<Tray>,
    form: SourceUrl,
    _stop: oneshot::Sender<()>,
    _serving: JoinHandle<()>,
}

impl Clinic {
    /// A gateway that nobody has founded a clinic at.
    pub(crate) async fn unfounded() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let gateway = Gateway::open(GatewayConfig::at(dir.path().join("gateway.db"))).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let served = gateway.clone();
        let serving = tokio::spawn(async move {
            let until = async {
                let _ = stopped.await;
            };
            served.serve(listener, until).await.unwrap();
        });
        let form = gateway.add_source(Connector::Form, "Сайт", None, RequestKind::Callback).await.unwrap();
        Self {
            dir,
            gateway,
            url,
            keychain: Arc::default(),
            clock: Arc::default(),
            printer: Arc::default(),
            form,
            _stop: stop,
            _serving: serving,
        }
    }

    /// A founded clinic with a receptionist and a doctor; the manager is signed in.
    pub(crate) async fn founded() -> (Self, Desk) {
        let clinic = Self::unfounded().await;
        let desk = clinic.desk().await;
        let code = clinic.gateway.founding_code().await.unwrap().unwrap();
        desk.found_clinic(clinic.founding(&code)).await.unwrap();
        sign_in(&desk, MANAGER).await;
        let anna = StaffDraft {
            id: None,
            name: name("Аннина", "Анна"),
            role: Role::Receptionist,
            login: "Anna".into(),
            secret: Some(RECEPTIONIST.1.into()),
            active: true,
        };
        desk.put_staff(anna).await.unwrap();
        let chair = desk.clinic().await.unwrap().unwrap().0.chairs[0].id.clone();
        let doctor = PractitionerDraft {
            id: None,
            name: name("Докторов", "Иван"),
            speciality: "терапевт".into(),
            chair: Some(chair),
            order: 0,
            active: true,
        };
        desk.put_practitioner(doctor).await.unwrap();
        settled(&desk).await;
        (clinic, desk)
    }

    pub(crate) fn founding(&self, code: &str) -> FoundArgs {
        FoundArgs {
            gateway: self.url.clone(),
            code: code.to_owned(),
            desk_name: "Ресепшн 1".into(),
            clinic_name: "Клиника".into(),
            zone: "Asia/Krasnoyarsk".into(),
            manager_name: name("Верина", "Вера"),
            manager_login: MANAGER.0.into(),
            manager_secret: MANAGER.1.into(),
        }
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.dir.path().join("desk")
    }

    /// Starts the first desk, again after it was closed or dropped.
    pub(crate) async fn desk(&self) -> Desk {
        self.desk_at(&self.home(), ACCOUNT).await
    }

    pub(crate) async fn desk_at(&self, home: &Path, account: &str) -> Desk {
        self.desk_of_version(home, account, "0.1.0").await
    }

    pub(crate) async fn desk_of_version(&self, home: &Path, account: &str, version: &str) -> Desk {
        let documents = self.dir.path().join("documents");
        std::fs::create_dir_all(&documents).unwrap();
        let around = Surroundings {
            printer: self.printer.clone(),
            keychain: self.keychain.clone(),
            clock: self.clock.clone(),
            documents: Some(documents),
        };
        let profile = Profile {
            home: home.to_owned(),
            keychain_account: account.to_owned(),
            demo: None,
            app_version: version.into(),
        };
        Desk::start(profile, around).await
    }

    /// The whole feed, as the gateway gives it to whoever has this token.
    pub(crate) async fn feed(&self, token: &str) -> serde_json::Value {
        let request = Request::get("/v1/changes").header("authorization", format!("Bearer {token}"));
        let answer = self.gateway.router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
        serde_json::from_slice(&axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap()).unwrap()
    }

    /// A visitor sends the form of the site.
    pub(crate) async fn visitor(&self, form: serde_json::Value) {
        let request = Request::post(&self.form.path)
            .header("content-type", "application/json")
            .body(Body::from(form.to_string()))
            .unwrap();
        let answer = self.gateway.router().oneshot(request).await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
    }
}

pub(crate) fn name(family: &str, given: &str) -> PersonName {
    PersonName { family: family.into(), given: given.into(), patronymic: String::new() }
}

/// A new card with a name and nothing else.
pub(crate) fn somebody(family: &str, given: &str) -> PersonPutArgs {
    PersonPutArgs {
        id: None,
        etag: None,
        name: name(family, given),
        phones: Vec::new(),
        email: None,
        birth_date: None,
        note: None,
        source: PersonSource::DeskWalkin,
        request: None,
    }
}

/// Somebody of this family is entered.
pub(crate) async fn register(desk: &Desk, family: &str) -> PersonCard {
    let person = PersonPutArgs {
        phones: vec!["8 913 555-12-34".into()],
        source: PersonSource::DeskPhone,
        ..somebody(family, "Пётр")
    };
    desk.person_put(person).await.unwrap()
}

/// A second desk of the clinic, at a line of its own that can be cut; nobody is signed in.
pub(crate) async fn second_desk(clinic: &Clinic, first: &Desk) -> (relay::Relay, Desk) {
    let relay = relay::Relay::to(clinic.gateway.router(), clinic.keychain.clone()).await;
    let second = clinic.desk_at(&clinic.dir.path().join("second"), "second").await;
    let code = first.invite().await.unwrap();
    second.connect(ConnectArgs { gateway: relay.url.clone(), code, desk_name: "Ресепшн 2".into() }).await.unwrap();
    settled(&second).await;
    (relay, second)
}

/// Somebody without a card wants money back, by letter.
pub(crate) fn claim() -> CasePutArgs {
    CasePutArgs {
        id: None,
        etag: None,
        kind: CaseKind::Claim,
        person: None,
        who: "Салтыков-Щедрин М. Е.".into(),
        contact: "ул. Мира, 5".into(),
        substance: "просит вернуть деньги за лечение".into(),
        received: None,
        channel: Channel::Post,
        identity: None,
        block: None,
        incident: None,
    }
}

/// Waits for something that comes by itself.
pub(crate) async fn comes<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "did not come: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(crate) async fn sign_in(desk: &Desk, (login, secret): (&str, &str)) -> AppView {
    desk.sign_in(SignInArgs { login: login.into(), secret: secret.into() }).await.unwrap()
}

/// Syncs until everything of this desk is confirmed.
pub(crate) async fn settled(desk: &Desk) -> SyncView {
    for _ in 0..50 {
        let view = desk.sync(Duration::from_secs(20)).await.unwrap();
        if view.unsent == 0 && matches!(view.link, Link::Online) {
            return view;
        }
    }
    panic!("not settled: {:?}", desk.sync_view(Nothing {}).await.map(|view| (view.unsent, view.refused, view.link)));
}
