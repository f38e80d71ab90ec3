//! The running link to the gateway: carries out what the engine says, with the transport and the store.
//!
//! Invariants: one task, so nothing overlaps; it works while the desk is locked; a page and its cursor are stored
//! together; what was sent without an answer is sent again with the same ids.

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use contract::{
    ui::{Link as UiLink, SyncView},
    v1::{ActionResult, ActionsRequest, ChangesPage, Outcome, ProblemCode},
};
use domain::Refusal;
use store::Store;
use sync::{Engine, Event, Failure, Instruction, Link as EngineLink};
use tokio::{
    sync::{broadcast, mpsc, oneshot, watch},
    task::JoinHandle,
};

use crate::{
    DeskEvent,
    keys::LinkKeys,
    platform::{clock::Clock, random::jitter},
    sealing,
    transport::{Transport, TransportError},
    trouble::DeskError,
};

/// An action that the gateway put off is sent again after so long.
const PUT_OFF: u64 = 5_000;
/// When the gateway says "later" without saying when.
const LATER: u64 = 30_000;

enum Told {
    Event(Event),
    /// Sync now; answered when there is nothing left to do, or nothing can be done.
    Ask(oneshot::Sender<()>),
    /// The gateway moved.
    Moved(Transport),
}

/// A handle of the running link. The link ends with its last handle.
#[derive(Debug)]
pub(crate) struct Link {
    told: mpsc::UnboundedSender<Told>,
    board: Arc<Board>,
    task: JoinHandle<()>,
    /// Where the gateway answers now.
    address: std::sync::Mutex<String>,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Link {
    pub(crate) async fn start(
        store: &Store,
        keys: &LinkKeys,
        transport: Transport,
        clock: &Arc<dyn Clock>,
        events: broadcast::Sender<DeskEvent>,
    ) -> Self {
        let (told, hears) = mpsc::unbounded_channel();
        let board = Arc::new(Board {
            shows: watch::channel(unknown()).0,
            events,
            store: store.clone(),
            showing: tokio::sync::Mutex::new(()),
        });
        let address = transport.address();
        let host = Host {
            engine: Engine::default(),
            instruction: Instruction::Wait { until: None, listen: false },
            store: store.clone(),
            keys: keys.clone(),
            transport,
            clock: Arc::clone(clock),
            board: Arc::clone(&board),
            hears,
            tells: told.clone(),
            askers: Vec::new(),
            stream: None,
            last_contact: None,
            drift: None,
            pulled: 0,
        };
        host.publish().await;
        let task = tokio::spawn(host.run());
        Self { told, board, task, address: std::sync::Mutex::new(address) }
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

    pub(crate) fn address(&self) -> String {
        self.address.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn moved(&self, transport: Transport) {
        *self.address.lock().unwrap_or_else(PoisonError::into_inner) = transport.address();
        let _ = self.told.send(Told::Moved(transport));
    }

    pub(crate) fn view(&self) -> SyncView {
        self.board.shows.borrow().clone()
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

/// Where the state of the link is shown: to whoever asks, and to the window when it changes.
#[derive(Debug)]
struct Board {
    shows: watch::Sender<SyncView>,
    events: broadcast::Sender<DeskEvent>,
    store: Store,
    /// One at a time from counting to telling: else what was counted earlier could be told later, and stay.
    showing: tokio::sync::Mutex<()>,
}

impl Board {
    /// Shows what the link says together with what the store counts. What cannot be read now stays as it was shown.
    async fn show(&self, link_says: impl FnOnce(&mut SyncView)) {
        let _one_at_a_time = self.showing.lock().await;
        let counts = self.store.outbox_counts().await;
        let mark = self.store.sync_mark().await;
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
            shown = (before != *view).then(|| view.clone());
            shown.is_some()
        });
        if let Some(view) = shown {
            // nobody may listen
            let _ = self.events.send(DeskEvent::Sync(view));
        }
    }

    fn records_changed(&self) {
        let _ = self.events.send(DeskEvent::Changed);
    }
}

fn unknown() -> SyncView {
    SyncView {
        link: UiLink::Unknown,
        as_of: None,
        last_contact: None,
        unsent: 0,
        refused: 0,
        newer: 0,
        pulled: 0,
        clock_drift_seconds: None,
        retry_at: None,
    }
}

struct Host {
    engine: Engine,
    instruction: Instruction,
    store: Store,
    keys: LinkKeys,
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
}

struct Stream(JoinHandle<()>);

impl Drop for Stream {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Host {
    async fn run(mut self) {
        self.feed(Event::Started);
        loop {
            while let Ok(told) = self.hears.try_recv() {
                self.hear(told);
            }
            self.publish().await;
            let event = match self.instruction {
                Instruction::Push { limit } => self.push(limit).await,
                Instruction::Pull { resync } => self.pull(resync).await,
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

    async fn push(&mut self, limit: usize) -> Event {
        match self.try_push(limit).await {
            Ok(event) => event,
            Err(error) => Event::Failed(failure(&error)),
        }
    }

    async fn try_push(&mut self, limit: usize) -> Result<Event, DeskError> {
        let actions = self.store.outbox_to_send(limit).await?;
        if actions.is_empty() {
            return Ok(Event::NothingToPush);
        }
        let ids: Vec<_> = actions.iter().map(|envelope| envelope.action.id.clone()).collect();
        let fresh = self.store.mark_sent(&ids).await?;
        let asked_at = self.clock.now();
        let results = match self.transport.actions(&ActionsRequest { actions }).await {
            Ok(answer) => {
                self.contact(asked_at, answer.server_time);
                answer.results
            }
            Err(error) => match set_aside(&error, &ids) {
                Some(refused) => vec![refused],
                None => {
                    if error == TransportError::NotReached {
                        self.store.mark_unsent(&fresh).await?;
                    }
                    return Err(error.into());
                }
            },
        };
        self.store.record_outcomes(&results, self.clock.now()).await?;
        self.board.records_changed();
        if results.iter().any(|result| result.outcome == Outcome::RetryLater) {
            return Ok(Event::Failed(Failure::RetryAfter(PUT_OFF)));
        }
        Ok(Event::Pushed { more: results.len() < ids.len() || ids.len() == limit })
    }

    async fn pull(&mut self, resync: bool) -> Event {
        match self.try_pull(resync).await {
            Ok(event) => event,
            Err(error) => Event::Failed(failure(&error)),
        }
    }

    async fn try_pull(&mut self, resync: bool) -> Result<Event, DeskError> {
        if resync {
            self.store.begin_resync().await?;
        }
        let mark = self.store.sync_mark().await?;
        let asked_at = self.clock.now();
        let page = self.transport.changes(mark.cursor.as_deref()).await?;
        self.contact(asked_at, page.server_time);
        let ChangesPage { changes, cursor, has_more, .. } = page;
        let count = u32::try_from(changes.len()).unwrap_or(u32::MAX);
        let secret = self.keys.secret.clone();
        let (opened, unopened) = tokio::task::spawn_blocking(move || sealing::open_page(changes, &secret)).await?;
        if unopened > 0 {
            tracing::warn!(unopened, "sealed parts of a page did not open");
        }
        self.store.apply_page(&opened, &cursor, self.clock.now(), !has_more).await?;
        if !has_more && (resync || mark.resyncing) {
            self.store.finish_resync().await?;
            // a restored gateway may have forgotten what had settled: it goes again
            let _ = self.tells.send(Told::Event(Event::Queued));
        }
        self.pulled = if has_more { self.pulled.saturating_add(count) } else { 0 };
        if count > 0 {
            self.board.records_changed();
        }
        Ok(Event::Pulled { has_more })
    }

    /// The gateway answered: when, and how far this computer's clock is off.
    fn contact(&mut self, asked_at: DateTime<Utc>, server_time: DateTime<Utc>) {
        let now = self.clock.now();
        let middle = asked_at + (now - asked_at) / 2;
        self.last_contact = Some(now);
        self.drift = i32::try_from((middle - server_time).num_seconds()).ok();
    }

    async fn publish(&self) {
        let wait = self.engine.retry_at().map(|until| until.0.saturating_sub(self.clock.moment().0));
        let wait = wait.map(|millis| chrono::Duration::milliseconds(i64::try_from(millis).unwrap_or_default()));
        let retry_at = wait.map(|wait| self.clock.now() + wait);
        self.board
            .show(|view| {
                view.link = ui_link(self.engine.link());
                view.last_contact = self.last_contact;
                view.clock_drift_seconds = self.drift;
                view.pulled = self.pulled;
                view.retry_at = retry_at;
            })
            .await;
    }
}

fn ui_link(link: EngineLink) -> UiLink {
    match link {
        EngineLink::Unknown => UiLink::Unknown,
        EngineLink::Online => UiLink::Online,
        EngineLink::Syncing => UiLink::Syncing,
        EngineLink::Offline => UiLink::Offline,
        EngineLink::Refused => UiLink::Refused,
    }
}

/// The one action that a push cannot go on with: refused here, for a person to look at.
fn set_aside(error: &TransportError, sent: &[domain::ActionId]) -> Option<ActionResult> {
    let TransportError::Problem { status, code, action, .. } = error else { return None };
    let named = action.clone().filter(|id| sent.contains(id));
    let (id, refusal) = match (code, named, sent, status) {
        (Some(ProblemCode::ActionIdReused), Some(id), ..) => (id, Refusal::AlreadyExists),
        (Some(ProblemCode::Validation), Some(id), ..) => (id, Refusal::BadSealedPart),
        (_, _, [only], 413 | 422) => (only.clone(), Refusal::BadSealedPart),
        _ => return None,
    };
    Some(ActionResult { id, duplicate: false, outcome: Outcome::Rejected { refusal } })
}

/// What a failure means for the engine.
fn failure(error: &DeskError) -> Failure {
    match error {
        DeskError::Transport(error) => of_transport(error),
        _ => {
            tracing::error!(%error, "the link cannot use the database");
            Failure::Local
        }
    }
}

fn of_transport(error: &TransportError) -> Failure {
    let TransportError::Problem { status, code, retry_after, .. } = error else { return Failure::Unreachable };
    match (code, status) {
        _ if error.is_refusal() => Failure::Refused,
        (Some(ProblemCode::ResyncRequired), _) => Failure::ResyncRequired,
        (_, 413 | 422) => Failure::TooMuch,
        (_, 429 | 503) => Failure::RetryAfter(retry_after.map_or(LATER, |seconds| seconds.saturating_mul(1000))),
        _ => Failure::Unreachable,
    }
}
