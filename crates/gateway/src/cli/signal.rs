//! What the system may ask of a running program. A signal that this system does not know never comes.

#[cfg(unix)]
use tokio::signal::unix::{SignalKind, signal};

/// Counts from when it is made, not from when it is waited for.
pub(super) struct Signal(#[cfg(unix)] Option<tokio::signal::unix::Signal>, #[cfg(not(unix))] bool);

impl Signal {
    #[cfg(unix)]
    fn of(kind: SignalKind) -> Self {
        Self(signal(kind).ok())
    }

    #[cfg(unix)]
    pub(super) fn terminate() -> Self {
        Self::of(SignalKind::terminate())
    }

    #[cfg(unix)]
    pub(super) fn interrupt() -> Self {
        Self::of(SignalKind::interrupt())
    }

    #[cfg(unix)]
    pub(super) fn hangup() -> Self {
        Self::of(SignalKind::hangup())
    }

    #[cfg(not(unix))]
    pub(super) fn terminate() -> Self {
        Self(false)
    }

    #[cfg(not(unix))]
    pub(super) fn interrupt() -> Self {
        Self(true)
    }

    #[cfg(not(unix))]
    pub(super) fn hangup() -> Self {
        Self(false)
    }

    pub(super) async fn recv(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.0
            && signal.recv().await.is_some()
        {
            return;
        }
        #[cfg(not(unix))]
        if self.0 && tokio::signal::ctrl_c().await.is_ok() {
            return;
        }
        std::future::pending().await
    }

    pub(super) async fn either([one, other]: &mut [Self; 2]) {
        tokio::select! {
            () = one.recv() => {}
            () = other.recv() => {}
        }
    }
}
