//! The desk itself: one value that the shell, `receptionctl` and the stories share.

use std::{path::PathBuf, sync::Arc};

use contract::{for_each_command, ui::*};
use tokio::sync::broadcast;

use crate::platform::print::Printer;

/// Which desk to open.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The folder of the database, 0700.
    pub home: PathBuf,
    /// The account under which the keys stand in the keychain: a demo never touches the real one.
    pub keychain_account: String,
    /// Present in the demo only: shown at sign-in.
    pub demo: Option<DemoHint>,
    pub app_version: String,
}

/// What the desk gets from the system it runs on.
#[derive(Debug, Clone)]
pub struct Surroundings {
    pub printer: Arc<dyn Printer>,
}

impl Surroundings {
    /// The system's own clock and keychain.
    #[must_use]
    pub fn of_system(printer: Arc<dyn Printer>) -> Self {
        Self { printer }
    }
}

/// What the window is told without asking.
#[derive(Debug, Clone)]
pub enum DeskEvent {
    /// The state of the link to the gateway changed.
    Sync(SyncView),
    /// Records changed: read again what is shown.
    Changed,
    /// The desk is locked now.
    Locked,
}

#[derive(Debug)]
struct Inner {
    #[allow(dead_code)]
    profile: Profile,
    events: broadcast::Sender<DeskEvent>,
}

/// A desk. Cheap to clone; every clone is the same desk.
#[derive(Debug, Clone)]
pub struct Desk {
    inner: Arc<Inner>,
}

impl Desk {
    /// Opens the desk as far as it goes; trouble is shown by [`Desk::app_view`].
    pub async fn start(profile: Profile, _surroundings: Surroundings) -> Self {
        let (events, _) = broadcast::channel(64);
        Self { inner: Arc::new(Inner { profile, events }) }
    }

    /// What happens at the desk from now on.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<DeskEvent> {
        self.inner.events.subscribe()
    }

    /// The bytes of a paper that was prepared.
    ///
    /// # Errors
    /// [`Code::PaperUnknown`] when it was not prepared in this session.
    pub async fn paper_pdf(&self, _args: PaperArgs) -> Result<Vec<u8>, UiError> {
        Err(UiError::new(Code::Internal))
    }
}

macro_rules! methods {
    ($($name:ident ($args:ty) -> $view:ty;)*) => {
        impl Desk {$(
            #[doc = concat!("The command `", stringify!($name), "`.")]
            ///
            /// # Errors
            /// A [`UiError`] with its code.
            pub async fn $name(&self, _args: $args) -> Result<$view, UiError> {
                Err(UiError::new(Code::Internal))
            }
        )*}
    };
}
for_each_command!(methods);
