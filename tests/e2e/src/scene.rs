//! One story's world: its folders, its gateway process, the clinic in it, and the window that works there.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    Observer, Seen, Window,
    clinic::Founder,
    processes::{Running, binary, free_port},
    site::{Intake, certificate_code},
    surroundings, traces, until,
    window::{Computer, pictures},
};

/// The world of one story.
#[derive(Debug)]
pub struct Scene {
    story: &'static str,
    root: tempfile::TempDir,
    port: u16,
    gateway: Option<Running>,
    intake: Intake,
    founder: Founder,
}

impl Scene {
    /// Starts a gateway, founds a clinic in it and sets it up.
    pub async fn set(story: &'static str) -> Self {
        surroundings::check().await;
        // a second call finds it installed
        let _ = rustls::crypto::ring::default_provider().install_default();
        let root = tempfile::Builder::new().prefix("reception-e2e-").tempdir().unwrap();
        fs::create_dir(root.path().join("gateway")).unwrap();
        furnish(root.path());
        let port = free_port();
        let database = root.path().join("gateway/gateway.db");
        let code = ask(&database, &["init"]);
        let intake = Intake {
            tilda: format!("http://127.0.0.1:{port}{}", ask(&database, &["source", "add", "tilda", "Сайт на Tilda"])),
            form: format!("http://127.0.0.1:{port}{}", ask(&database, &["source", "add", "form", "Форма сайта"])),
        };
        let gateway = serve(root.path(), port);
        let address = format!("http://127.0.0.1:{port}");
        until("the gateway answers", async || healthy(&address).await).await;
        let account = format!("e2e {}", root.path().display());
        let founder = Founder::found(&root.path().join("founder"), &account, &address, &code).await;
        Self { story, root, port, gateway: Some(gateway), intake, founder }
    }

    /// The gateway's address.
    #[must_use]
    pub fn gateway(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Kills the gateway as a power cut would.
    pub fn kill_gateway(&mut self) {
        let mut gateway = self.gateway.take().expect("the gateway runs");
        gateway.kill();
    }

    /// Starts it again on the same database at the same address.
    pub async fn start_gateway(&mut self) {
        self.gateway = Some(serve(self.root.path(), self.port));
        let address = self.gateway();
        until("the gateway answers again", async || healthy(&address).await).await;
    }

    /// Posts what the site's visitors left; answers how many requests that makes.
    pub async fn post_the_night(&self) -> usize {
        self.intake.post_the_night().await
    }

    /// Posts one more callback.
    pub async fn post_callback(&self, name: &str, phone: &str) {
        self.intake.post_callback(name, phone).await;
    }

    /// Somebody gets a card at the manager's desk.
    pub async fn register(&self, family: &str, given: &str) {
        self.founder.register(family, given).await;
    }

    /// The code of the certificate that was sold in the night.
    #[must_use]
    pub fn certificate_code(&self) -> String {
        certificate_code()
    }

    /// A one-time code for a desk.
    pub async fn invite(&self) -> String {
        self.founder.invite().await
    }

    /// Another desk, which asks the gateway what it has.
    pub async fn observer(&self) -> Observer {
        Observer::enrol(&self.gateway(), &self.invite().await).await
    }

    /// Starts the application on this story's desk.
    pub async fn open_window(&self) -> Window {
        Window::open(self.story, self.root.path()).await
    }

    /// Starts it on another computer: with a desk, a keychain and a session bus of its own.
    pub async fn open_second_window(&self, story: &'static str) -> Window {
        let root = self.root.path().join("second");
        if !root.exists() {
            fs::create_dir(&root).unwrap();
            furnish(&root);
        }
        Window::open_program(story, &root, &binary("reception"), Computer::Another).await
    }

    /// The folder of this story's desk.
    #[must_use]
    pub fn desk_home(&self) -> PathBuf {
        self.root.path().join("desk")
    }

    /// A program of ours with an empty window: the floor of what a window costs.
    pub async fn open_empty_window(&self) -> Window {
        Window::open_program(self.story, self.root.path(), &binary("examples/empty-window"), Computer::Of).await
    }

    /// Files of the desk that wait for a printer.
    #[must_use]
    pub fn spooled(&self) -> Vec<PathBuf> {
        traces::files_under(&self.root.path().join("desk/spool"))
    }

    /// Searches every file of the desk, the gateway, the webview and the logs for anything personal.
    pub fn assert_no_trace_of(&self, seen: &[Seen]) {
        for part in ["desk/desk.db", "gateway/gateway.db", "logs/gateway.log", "logs/window.log"] {
            let length = fs::metadata(self.root.path().join(part)).map_or(0, |file| file.len());
            assert!(length > 0, "{part} is empty or missing: the search would prove nothing");
        }
        traces::assert_none(self.root.path(), seen);
    }
}

impl Drop for Scene {
    /// What a failed story leaves to be read: its logs, which hold nothing personal.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        for log in traces::files_under(&self.root.path().join("logs")) {
            let name = log.file_name().unwrap_or_default().to_string_lossy().into_owned();
            // the story has failed already, so a log that cannot be kept is not worth a second failure
            let _ = fs::copy(&log, pictures().join(format!("{}-{name}", self.story)));
        }
    }
}

/// What a computer has before the application comes to it.
fn furnish(root: &Path) {
    for folder in ["logs", "home", "data", "config", "cache", "run"] {
        fs::create_dir(root.join(folder)).unwrap();
    }
    fs::set_permissions(root.join("run"), fs::Permissions::from_mode(0o700)).unwrap();
}

fn serve(root: &Path, port: u16) -> Running {
    let mut command = Command::new(binary("reception-gateway"));
    command
        .args(["serve", "--listen", &format!("127.0.0.1:{port}")])
        .env("RECEPTION_GATEWAY_DATABASE", root.join("gateway/gateway.db"))
        .env("RECEPTION_GATEWAY_OPERATIONS_LISTEN", "off")
        .env("RECEPTION_GATEWAY_LOG", "debug");
    Running::start(&mut command, &root.join("logs/gateway.log"))
}

/// What the gateway's command line answers.
fn ask(database: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(binary("reception-gateway"));
    let output = command.args(arguments).env("RECEPTION_GATEWAY_DATABASE", database).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

async fn healthy(address: &str) -> Option<()> {
    let client = reqwest::Client::builder().no_proxy().build().ok()?;
    let answer = client.get(format!("{address}/v1/health")).send().await.ok()?;
    answer.status().is_success().then_some(())
}
