//! The running link to the gateway: carries out what the engine says, with the transport and the store.
//!
//! Invariants: one task, so nothing overlaps; it works while the desk is locked; a page and its cursor are stored
//! together; what was sent without an answer is sent again with the same ids.

mod beside;
mod board;
mod calls;
mod failure;
mod keys;

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use contract::ui::SyncView;
use store::Store;
use sync::{Engine, Event, Instruction, Link as EngineLink};
use tokio::{
    sync::{broadcast, mpsc, oneshot},
    task::JoinHandle,
};

use self::{beside::Anchored, board::Board, calls::Call};
use crate::{
    DeskEvent,
    keys::LinkKeys,
    platform::{clock::Clock, random::jitter},
    token::{Tokens, Wallet},
    transport::Transport,
};

enum Told {
    Event(Event),
    /// Sync now; answered when there is nothing left to do, or nothing can be done.
    Ask(oneshot::Sender<()>),
    /// The gateway moved.
    Moved(Transport),
}

/// What a link works with.
pub(crate) struct Means {
    pub(crate) store: Store,
    pub(crate) transport: Transport,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) wallet: Wallet,
    pub(crate) events: broadcast::Sender<DeskEvent>,
    /// Told when the gateway says that this desk's access was taken away.
    pub(crate) revoked: mpsc::Sender<()>,
}

/// A handle of the running link. The link ends with its last handle.
#[derive(Debug)]
pub(crate) struct Link {
    told: mpsc::UnboundedSender<Told>,
    board: Arc<Board>,
    task: JoinHandle<()>,
    /// The way to where the gateway answers now.
    transport: std::sync::Mutex<Transport>,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Link {
    /// Starts the link; `start` says whether somebody waits for it.
    pub(crate) async fn start(keys: &LinkKeys, means: Means, start: Event) -> Self {
        let (told, hears) = mpsc::unbounded_channel();
        let Means { store, transport, clock, wallet, events, revoked } = means;
        let board = Arc::new(Board::new(store.clone(), events));
        let host = Host {
            engine: Engine::default(),
            instruction: Instruction::Wait { until: None, listen: false },
            store,
            keys: keys.clone(),
            tokens: keys.tokens.clone(),
            wallet,
            exchange_tried: None,
            anchored: None,
            transport: transport.clone(),
            clock,
            board: Arc::clone(&board),
            hears,
            tells: told.clone(),
            askers: Vec::new(),
            stream: None,
            last_contact: None,
            drift: None,
            pulled: 0,
            needs_version: None,
            lacks_key: false,
            revoked,
        };
        host.publish().await;
        let task = tokio::spawn(host.run(start));
        Self { told, board, task, transport: std::sync::Mutex::new(transport) }
    }

    fn tell(&self, event: Event) {
        // a link that ended hears nothing more
        let _ = self.told.send(Told::Event(event));
    }

    /// The outbox changed: it is shown at once, even while the link waits for an answer.
    pub(crate) async fn outbox_changed(&self) {
        self.tell(Event::Queued);
        self.board.show(|_| {}).await;
    }

    /// Ends the link.
    pub(crate) fn stop(&self) {
        self.task.abort();
    }

    /// The same connection, for what cannot wait in the outbox.
    pub(crate) fn transport(&self) -> Transport {
        self.transport.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn moved(&self, transport: Transport) {
        *self.transport.lock().unwrap_or_else(PoisonError::into_inner) = transport.clone();
        let _ = self.told.send(Told::Moved(transport));
    }

    pub(crate) fn view(&self) -> SyncView {
        self.board.view()
    }

    /// Somebody came: syncs now, and does not wait for it.
    pub(crate) fn ask(&self) {
        self.tell(Event::Asked);
    }

    /// Syncs now and waits for it, but no longer than the limit; whether it came to an end.
    pub(crate) async fn sync(&self, limit: Duration) -> bool {
        let (asks, answered) = oneshot::channel();
        if self.told.send(Told::Ask(asks)).is_err() {
            return false;
        }
        matches!(tokio::time::timeout(limit, answered).await, Ok(Ok(())))
    }
}

struct Host {
    engine: Engine,
    instruction: Instruction,
    store: Store,
    keys: LinkKeys,
    tokens: Tokens,
    wallet: Wallet,
    /// When an exchange of the token was tried last, and failed.
    exchange_tried: Option<DateTime<Utc>>,
    anchored: Option<Anchored>,
    transport: Transport,
    clock: Arc<dyn Clock>,
    board: Arc<Board>,
    hears: mpsc::UnboundedReceiver<Told>,
    tells: mpsc::UnboundedSender<Told>,
    askers: Vec<oneshot::Sender<()>>,
    stream: Option<Stream>,
    last_contact: Option<DateTime<Utc>>,
    drift: Option<i32>,
    pulled: u32,
    needs_version: Option<String>,
    /// The clinic's key was changed, and this desk was not given the new one.
    lacks_key: bool,
    revoked: mpsc::Sender<()>,
}

struct Stream(JoinHandle<()>);

impl Drop for Stream {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Host {
    async fn run(mut self, start: Event) {
        if let Err(error) = self.read_newer().await {
            tracing::warn!(%error, "what an older version kept is not read");
        }
        self.feed(start);
        loop {
            while let Ok(told) = self.hears.try_recv() {
                self.hear(told);
            }
            self.publish().await;
            if self.engine.link() == EngineLink::Revoked {
                // full: it was told already
                let _ = self.revoked.try_send(());
            }
            let event = match self.instruction {
                Instruction::Push { limit, skip } => self.call(Call::Push { limit, skip }).await,
                Instruction::Pull { resync } => self.call(Call::Pull { resync }).await,
                Instruction::Wait { until, listen } => match self.wait(until, listen).await {
                    Some(event) => event,
                    None => continue,
                },
                // never kept as the thing to do
                Instruction::CarryOn => Event::Woke,
            };
            self.feed(event);
        }
    }

    fn feed(&mut self, event: Event) {
        match self.engine.step(event, self.clock.moment(), jitter()) {
            Instruction::CarryOn => {}
            next => self.instruction = next,
        }
    }

    fn hear(&mut self, told: Told) {
        match told {
            Told::Event(event) => {
                if event == Event::StreamEnded {
                    self.stream = None;
                }
                self.feed(event);
            }
            Told::Ask(asker) => {
                self.askers.push(asker);
                self.feed(Event::Asked);
            }
            Told::Moved(transport) => {
                self.transport = transport;
                self.stream = None;
                self.feed(Event::StreamEnded);
                self.feed(Event::Asked);
            }
        }
    }

    /// Waits for the moment or for something to hear; `None` when it heard something.
    async fn wait(&mut self, until: Option<sync::Moment>, listen: bool) -> Option<Event> {
        for asker in self.askers.drain(..) {
            // whoever asked may have gone
            let _ = asker.send(());
        }
        match until {
            None => self.stream = None,
            Some(_) if listen && self.stream.is_none() => self.stream = Some(self.listen()),
            Some(_) => {}
        }
        let left = until.map(|until| Duration::from_millis(until.0.saturating_sub(self.clock.moment().0)));
        let told = match left {
            Some(left) => match tokio::time::timeout(left, self.hears.recv()).await {
                Ok(told) => told,
                Err(_) => return Some(Event::Woke),
            },
            None => self.hears.recv().await,
        };
        if let Some(told) = told {
            self.hear(told);
        }
        None
    }

    fn listen(&self) -> Stream {
        let (transport, tells) = (self.transport.clone(), self.tells.clone());
        Stream(tokio::spawn(async move {
            if let Ok(mut pokes) = transport.pokes().await {
                let mut told = tells.send(Told::Event(Event::Listening));
                while told.is_ok() && pokes.next().await.is_ok() {
                    told = tells.send(Told::Event(Event::Poked));
                }
            }
            let _ = tells.send(Told::Event(Event::StreamEnded));
        }))
    }

    async fn publish(&self) {
        let wait = self.engine.retry_at().map(|until| until.0.saturating_sub(self.clock.moment().0));
        let wait = wait.map(|millis| chrono::Duration::milliseconds(i64::try_from(millis).unwrap_or_default()));
        let retry_at = wait.map(|wait| self.clock.now() + wait);
        self.board
            .show(|view| {
                view.link = failure::shown(self.engine.link());
                view.last_contact = self.last_contact;
                view.clock_drift_seconds = self.drift;
                view.pulled = self.pulled;
                view.retry_at = retry_at;
                view.needs_version = self.needs_version.clone();
                view.lacks_key = self.lacks_key;
            })
            .await;
    }
}
