//! The place of the desk in the shell. The window stands earlier than the desk is open, so a command waits here.

use contract::ui::{Code, UiError};
use desk::Desk;
use tokio::sync::watch;

/// Where commands find the desk.
#[derive(Debug, Clone)]
pub struct Seat {
    desk: watch::Receiver<Option<Desk>>,
}

/// Puts the desk into its seat, once. Dropped without a desk, it answers every waiting command with an error.
#[derive(Debug)]
pub struct Usher {
    desk: watch::Sender<Option<Desk>>,
}

impl Seat {
    /// An empty seat and whoever fills it.
    #[must_use]
    pub fn empty() -> (Usher, Self) {
        let (sender, receiver) = watch::channel(None);
        (Usher { desk: sender }, Self { desk: receiver })
    }

    /// The desk; waits until it is open.
    ///
    /// # Errors
    /// [`Code::Internal`] when it will never open.
    pub async fn desk(&self) -> Result<Desk, UiError> {
        let mut waiting = self.desk.clone();
        let found = waiting.wait_for(Option::is_some).await.map(|desk| desk.clone());
        found.ok().flatten().ok_or_else(|| UiError::new(Code::Internal))
    }
}

impl Usher {
    /// From now on commands are answered.
    pub fn seat(&self, desk: Desk) {
        self.desk.send_replace(Some(desk));
    }
}
