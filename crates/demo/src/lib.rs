//! A demo clinic: an embedded gateway on the loopback address, a founded clinic, staff, doctors, a morning's visits,
//! and the night's requests from its website.
//!
//! Invariants:
//! - nothing is written into a database by hand: the requests come through the gateway's intake as a site would send
//!   them, everything else is done by the same use cases as at a real desk;
//! - the demo starts anew each time, in its own folder and under its own keychain account;
//! - everybody in it is invented.

mod clinic;
mod site;
mod visits;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use contract::ui::{DemoHint, DemoLogin, Link, Nothing, SignInArgs, UiError};
use desk::{Desk, DeskEvent, Printer, Profile, Surroundings};
use domain::staff::Role;
use gateway::{Gateway, GatewayConfig};
use tokio::{
    net::TcpListener,
    sync::{broadcast::error::RecvError, oneshot},
    task::JoinHandle,
    time::{sleep, timeout},
};

pub use site::{CERTIFICATE_CODE, SitePost, requests};

/// Sign-in of the demo's receptionist: login and PIN.
pub const RECEPTIONIST: (&str, &str) = ("anna", "2468");
/// Sign-in of the demo's manager.
pub const MANAGER: (&str, &str) = ("olga", "1357-demo");
const GATEWAY_DATABASE: &str = "gateway.db";
/// The keychain account of the demo's first desk.
const ACCOUNT: &str = "demo";

/// Why the demo could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    #[error("the demo's folder cannot be made: {0}")]
    Folder(#[source] std::io::Error),
    #[error("the embedded gateway did not start: {0}")]
    Gateway(#[from] gateway::GatewayError),
    #[error("the embedded gateway has no founding code")]
    NoFoundingCode,
    #[error("the loopback address cannot be used: {0}")]
    Listen(#[source] std::io::Error),
    #[error("the desk refused to set the demo up: {0:?}")]
    Desk(UiError),
    #[error("the gateway did not confirm in time")]
    NotSettled,
    #[error("the clinic lacks a doctor, a chair or its settings")]
    Incomplete,
    #[error("a demo request was not taken in")]
    Intake,
}

impl From<UiError> for StageError {
    fn from(error: UiError) -> Self {
        Self::Desk(error)
    }
}

/// The running demo. Dropping it stops the gateway.
#[derive(Debug)]
pub struct Stage {
    home: PathBuf,
    address: SocketAddr,
    desk: Desk,
    gateway: Gateway,
    serving: Option<Serving>,
}

#[derive(Debug)]
struct Serving {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Stage {
    /// Sets the whole demo up in `home`, which is emptied first.
    ///
    /// # Errors
    /// [`StageError`] says which part did not work; nothing outside of `home` and the demo's keychain account is touched.
    pub async fn raise(home: &Path, printer: Arc<dyn Printer>) -> Result<Self, StageError> {
        if home.exists() {
            std::fs::remove_dir_all(home).map_err(StageError::Folder)?;
        }
        std::fs::create_dir_all(home).map_err(StageError::Folder)?;
        let gateway = Gateway::open(GatewayConfig::at(home.join(GATEWAY_DATABASE))).await?;
        let code = gateway.founding_code().await?.ok_or(StageError::NoFoundingCode)?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(StageError::Listen)?;
        let address = listener.local_addr().map_err(StageError::Listen)?;
        let serving = Some(serve(&gateway, listener));
        let desk = Desk::start(profile(&home.join("desk"), ACCOUNT), Surroundings::of_system(printer)).await;
        let stage = Self { home: home.to_path_buf(), address, desk, gateway, serving };
        clinic::found(&stage.desk, &stage.url(), &code).await?;
        visits::book(&stage.desk).await?;
        settled(&stage.desk).await?;
        stage.desk.lock(Nothing {}).await?;
        site::send(&stage.gateway, &stage.url()).await?;
        Ok(stage)
    }

    /// The desk of the demo, locked.
    #[must_use]
    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    /// The embedded gateway's address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Takes the gateway off the network, as a lost connection would.
    pub async fn unplug(&mut self) {
        if let Some(Serving { stop, task }) = self.serving.take() {
            let _ = stop.send(());
            let _ = task.await;
        }
    }

    /// Brings it back at the same address.
    ///
    /// # Errors
    /// [`StageError::Listen`] when the address was taken meanwhile, [`StageError::Gateway`].
    pub async fn plug_in(&mut self) -> Result<(), StageError> {
        if self.serving.is_none() {
            let listener = TcpListener::bind(self.address).await.map_err(StageError::Listen)?;
            self.gateway = Gateway::open(GatewayConfig::at(self.home.join(GATEWAY_DATABASE))).await?;
            self.serving = Some(serve(&self.gateway, listener));
        }
        Ok(())
    }

    /// A second desk of the clinic, let in with a one-time code. A manager must be signed in at the first one.
    ///
    /// # Errors
    /// [`StageError::Desk`].
    pub async fn second_desk(&self, printer: Arc<dyn Printer>) -> Result<Desk, StageError> {
        let code = self.desk.invite().await?;
        let home = self.home.join("second-desk");
        let second = Desk::start(profile(&home, "demo-second"), Surroundings::of_system(printer)).await;
        let args = contract::ui::ConnectArgs { gateway: self.url(), code, desk_name: "Ресепшн 2".to_owned() };
        let mut events = second.events();
        second.connect(args).await?;
        let pulled = async {
            loop {
                match events.recv().await {
                    Ok(DeskEvent::Sync(view)) if view.as_of.is_some() => return true,
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return false,
                }
            }
        };
        match timeout(PATIENCE, pulled).await {
            Ok(true) => Ok(second),
            _ => Err(StageError::NotSettled),
        }
    }
}

/// How long the demo waits for its own gateway.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until the gateway has confirmed everything. Somebody must be signed in.
///
/// # Errors
/// [`StageError::NotSettled`] when it does not within a minute.
pub async fn settled(desk: &Desk) -> Result<(), StageError> {
    let mut events = desk.events();
    let confirmed = async {
        loop {
            let view = desk.sync_now(Nothing {}).await?;
            if view.link == Link::Online && view.unsent == 0 {
                return Ok(());
            }
            // An event says that something moved; a moment later it is worth asking again.
            let _ = timeout(Duration::from_millis(500), events.recv()).await;
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, confirmed).await.map_err(|_| StageError::NotSettled)?
}

/// Signs somebody of the demo in.
///
/// # Errors
/// [`UiError`] of the desk.
pub async fn sign_in(desk: &Desk, (login, secret): (&str, &str)) -> Result<(), UiError> {
    desk.sign_in(SignInArgs { login: login.to_owned(), secret: secret.to_owned() }).await.map(|_| ())
}

fn profile(home: &Path, account: &str) -> Profile {
    let login =
        |(login, secret): (&str, &str), role| DemoLogin { login: login.to_owned(), secret: secret.to_owned(), role };
    Profile {
        home: home.to_path_buf(),
        keychain_account: account.to_owned(),
        demo: Some(DemoHint { logins: vec![login(RECEPTIONIST, Role::Receptionist), login(MANAGER, Role::Manager)] }),
        app_version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

fn serve(gateway: &Gateway, listener: TcpListener) -> Serving {
    let (stop, stopped) = oneshot::channel::<()>();
    let gateway = gateway.clone();
    let task = tokio::spawn(async move {
        let until = async move {
            let _ = stopped.await;
        };
        if let Err(error) = gateway.serve(listener, until).await {
            tracing::error!(%error, "the embedded gateway stopped");
        }
    });
    Serving { stop, task }
}
