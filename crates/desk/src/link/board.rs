//! Where the state of the link is shown.

use contract::ui::{Link, SyncView};
use store::Store;
use tokio::sync::{Mutex, broadcast, watch};

use crate::DeskEvent;

/// Shown to whoever asks, and to the window when it changes.
#[derive(Debug)]
pub(super) struct Board {
    shows: watch::Sender<SyncView>,
    events: broadcast::Sender<DeskEvent>,
    store: Store,
    /// One at a time from counting to telling: else what was counted earlier could be told later, and stay.
    showing: Mutex<()>,
}

impl Board {
    pub(super) fn new(store: Store, events: broadcast::Sender<DeskEvent>) -> Self {
        Self { shows: watch::channel(unknown()).0, events, store, showing: Mutex::new(()) }
    }

    pub(super) fn view(&self) -> SyncView {
        self.shows.borrow().clone()
    }

    /// Shows what the link says together with what the store counts. What cannot be read now stays as it was shown.
    pub(super) async fn show(&self, link_says: impl FnOnce(&mut SyncView)) {
        let _one_at_a_time = self.showing.lock().await;
        let counts = self.store.outbox_counts().await;
        let mark = self.store.sync_mark().await;
        let newer = self.store.newer_count().await;
        let mut shown = None;
        self.shows.send_if_modified(|view| {
            let before = view.clone();
            link_says(view);
            if let Ok((unsent, refused)) = counts {
                view.unsent = unsent;
                view.refused = refused;
            }
            if let Ok(mark) = mark {
                view.as_of = mark.pulled_at;
            }
            if let Ok(newer) = newer {
                view.newer = newer;
            }
            shown = (before != *view).then(|| view.clone());
            shown.is_some()
        });
        if let Some(view) = shown {
            // nobody may listen
            let _ = self.events.send(DeskEvent::Sync(view));
        }
    }

    pub(super) fn records_changed(&self) {
        let _ = self.events.send(DeskEvent::Changed);
    }
}

fn unknown() -> SyncView {
    SyncView {
        link: Link::Unknown,
        as_of: None,
        last_contact: None,
        unsent: 0,
        refused: 0,
        newer: 0,
        pulled: 0,
        clock_drift_seconds: None,
        retry_at: None,
        needs_version: None,
        lacks_key: false,
    }
}
