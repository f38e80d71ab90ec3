//! The desk itself: one value that the shell, `receptionctl` and the stories share.

use std::{sync::Arc, time::Duration};

use contract::{for_each_command, ui::*};
use tokio::sync::{broadcast, mpsc};

use crate::{
    connect,
    gate::CommandName,
    keeper,
    place::{Inner, Place, Profile, Surroundings},
    rescue, revoked,
    transport::{Address, TransportError},
    trouble::DeskError,
    work::{self, Attention},
};

/// What the window is told without asking.
#[derive(Debug, Clone)]
pub enum DeskEvent {
    /// The state of the link to the gateway changed.
    Sync(SyncView),
    /// Records changed: read again what is shown.
    Changed,
    /// The desk is locked now.
    Locked,
    /// It is to behave in another way: see [`Desk::manners`].
    Manners,
}

/// A desk. Cheap to clone; every clone is the same desk.
#[derive(Debug, Clone)]
pub struct Desk {
    inner: Arc<Inner>,
}

impl Desk {
    /// Opens the desk as far as it goes; trouble is shown by [`Desk::app_view`].
    pub async fn start(profile: Profile, surroundings: Surroundings) -> Self {
        let (tells, told) = mpsc::channel(1);
        let desk = Self { inner: Arc::new(Inner::new(profile, surroundings, tells)) };
        tokio::spawn(revoked::watch(Arc::downgrade(&desk.inner), told));
        desk.inner.try_open().await;
        tokio::spawn(keeper::keep(Arc::downgrade(&desk.inner)));
        desk
    }

    pub(crate) fn inner(&self) -> &Arc<Inner> {
        &self.inner
    }

    /// What happens at the desk from now on.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<DeskEvent> {
        self.inner.events.subscribe()
    }

    /// Where the application stands. A trouble that may have passed is tried again.
    ///
    /// # Errors
    /// When the open database cannot be read.
    pub async fn app_view(&self, _args: Nothing) -> Result<AppView, UiError> {
        if matches!(&*self.inner.place.read().await, Place::Trouble(_)) {
            self.inner.try_open().await;
        }
        Ok(self.view().await?)
    }

    /// Joins a clinic by a one-time code.
    ///
    /// # Errors
    /// [`Code::CodeMistyped`], [`Code::CodeRefused`], [`Code::BadAddress`], [`Code::GatewayUnreachable`], trouble with
    /// the keychain or the database.
    pub async fn connect(&self, args: ConnectArgs) -> Result<AppView, UiError> {
        Ok(connect::join(self, args).await?)
    }

    /// Founds a clinic at a fresh gateway.
    ///
    /// # Errors
    /// As [`Desk::connect`], and [`Code::BadInput`] with the field.
    pub async fn found_clinic(&self, args: FoundArgs) -> Result<AppView, UiError> {
        Ok(connect::found(self, args).await?)
    }

    /// Goes a way out of trouble with the database or its key; without any, only a copy may be restored.
    ///
    /// # Errors
    /// [`Code::BadInput`] when the way does not lead out of this trouble, [`Code::CodeMistyped`], [`Code::OtherKit`],
    /// [`Code::NotACopy`], trouble with the keychain or the disk. The old database is where it was then.
    pub async fn rescue(&self, args: RescueArgs) -> Result<AppView, UiError> {
        Ok(rescue::rescue(self, args).await?)
    }

    /// Lets a member of the staff in.
    ///
    /// # Errors
    /// [`Code::WrongSecret`], [`Code::TooManyTries`] with the seconds to wait.
    pub async fn sign_in(&self, args: SignInArgs) -> Result<AppView, UiError> {
        Ok(self.begin_session(args).await?)
    }

    /// Locks the desk.
    ///
    /// # Errors
    /// When the lock cannot be audited; the desk is locked all the same.
    pub async fn lock(&self, _args: Nothing) -> Result<AppView, UiError> {
        Ok(self.end_session().await?)
    }

    /// Somebody is at the desk: the idle lock starts anew.
    ///
    /// # Errors
    /// [`Code::NotSignedIn`].
    pub async fn touch(&self, _args: Nothing) -> Result<Nothing, UiError> {
        self.admit(CommandName::touch).await?;
        self.note_touch();
        Ok(Nothing {})
    }

    /// How this desk behaves, whoever works at it. Needs nobody signed in: nothing of it is about people.
    ///
    /// # Errors
    /// [`Code::NotConnected`].
    pub async fn manners(&self) -> Result<DeskManners, UiError> {
        let open = self.inner.open().await?;
        Ok(work::manners(&open.store).await?)
    }

    /// What is worth looking up for, as numbers and ids: for the marks of the system.
    ///
    /// # Errors
    /// As the queue: while the desk is locked nothing is told.
    pub async fn attention(&self) -> Result<Attention, UiError> {
        let seat = self.admit(CommandName::queue_list).await?;
        Ok(work::attention(&seat).await?)
    }

    /// The bytes of a paper that was prepared.
    ///
    /// # Errors
    /// [`Code::PaperUnknown`] when it was not prepared in this session.
    pub async fn paper_pdf(&self, args: PaperArgs) -> Result<Vec<u8>, UiError> {
        let seat = self.admit(CommandName::paper_pdf).await?;
        Ok(work::paper_pdf(&seat, args).await?)
    }

    /// Takes a file that the window has read: a PDF of the clinic's own, a scan.
    ///
    /// # Errors
    /// [`Code::BadInput`] when it is empty or too large.
    pub async fn file_take(&self, bytes: Vec<u8>) -> Result<FileTaken, UiError> {
        let seat = self.admit(CommandName::file_take).await?;
        Ok(work::file_take(&seat, bytes)?)
    }

    /// Syncs until there is nothing left to do, or nothing can be done, but no longer than the limit. Needs nobody
    /// signed in and shows nothing about people.
    ///
    /// # Errors
    /// [`Code::NotConnected`].
    pub async fn sync(&self, limit: Duration) -> Result<SyncView, UiError> {
        let open = self.inner.open().await?;
        open.link.sync(limit).await;
        Ok(open.link.view())
    }

    /// Takes what was erased out of copies, index and log now; the desk does it by itself within seconds.
    ///
    /// # Errors
    /// [`Code::NotConnected`], or of the disk.
    pub async fn sweep(&self) -> Result<(), UiError> {
        let open = self.inner.open().await?;
        Ok(crate::keeper::sweep(&self.inner, &open, true).await?)
    }

    /// The gateway of this desk answers at another address now. Holds until the desk is closed.
    ///
    /// # Errors
    /// [`Code::BadAddress`], [`Code::NotConnected`].
    pub async fn point_at(&self, gateway: &str) -> Result<(), UiError> {
        let open = self.inner.open().await?;
        let address: Address = gateway.parse().map_err(TransportError::from).map_err(DeskError::from)?;
        let transport = open.link.transport().to(address).map_err(DeskError::from)?;
        open.link.moved(transport);
        Ok(())
    }

    /// Locks the desk, ends the link and closes the database. Every later command answers [`Code::NotConnected`].
    pub async fn close(&self) {
        let locked = self.end_session().await;
        if let Err(error) = locked {
            tracing::warn!(%error, "the last lock was not audited");
        }
        let mut lock = self.inner.moving.lock().await;
        let place = std::mem::replace(&mut *self.inner.place.write().await, Place::NotConnected);
        if let Place::Open(open) = place {
            open.link.stop();
            open.store.clone().close().await;
        }
        *lock = None;
    }
}

macro_rules! methods {
    ($($name:ident ($args:ty) -> $view:ty;)*) => { $(method!($name($args) -> $view);)* };
}

/// A command that needs a seat: through the gate, then to its use case. The others are written out above.
macro_rules! method {
    (app_view($args:ty) -> $view:ty) => {};
    (connect($args:ty) -> $view:ty) => {};
    (found_clinic($args:ty) -> $view:ty) => {};
    (rescue($args:ty) -> $view:ty) => {};
    (sign_in($args:ty) -> $view:ty) => {};
    (lock($args:ty) -> $view:ty) => {};
    (touch($args:ty) -> $view:ty) => {};
    ($name:ident($args:ty) -> $view:ty) => {
        impl Desk {
            #[doc = concat!("The command `", stringify!($name), "`.")]
            ///
            /// # Errors
            /// [`Code::NotSignedIn`], [`Code::Forbidden`], and what the use case answers.
            pub async fn $name(&self, args: $args) -> Result<$view, UiError> {
                let seat = self.admit(CommandName::$name).await?;
                // boxed: unoptimised, what some use cases wait with is larger than a thread's stack bears
                Ok(Box::pin(work::$name(&seat, args)).await?)
            }
        }
    };
}
for_each_command!(methods);
