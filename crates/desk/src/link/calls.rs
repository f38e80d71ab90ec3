//! What the link does at the gateway: pushes, pulls, and exchanges this desk's token.

use chrono::{DateTime, Duration, Utc};
use contract::v1::{ActionsRequest, ChangesPage, Outcome};
use seal::ChainError;
use sync::{Event, Failure};

use super::{
    Host, Told,
    failure::{failure, set_aside},
};
use crate::{
    merging::Desk,
    sealing,
    token::EXCHANGE_AGAIN,
    transport::{Fed, TransportError},
    trouble::DeskError,
};

/// An action that the gateway put off is sent again after so long.
const PUT_OFF: u64 = 5_000;

/// What goes out to the gateway.
#[derive(Debug, Clone, Copy)]
pub(super) enum Call {
    /// So many actions; `skip`: without so many of the oldest and what is built on them.
    Push { limit: usize, skip: usize },
    /// A page; `resync`: from the beginning.
    Pull { resync: bool },
}

type Answer = Result<Event, DeskError>;

fn is_unknown(answer: &Answer) -> bool {
    matches!(answer, Err(DeskError::Transport(error)) if error.is_unknown_token())
}

impl Host {
    pub(super) async fn call(&mut self, what: Call) -> Event {
        let answer = self.attempt(what).await;
        let answer = if is_unknown(&answer) { self.with_other_tokens(what, answer).await } else { answer };
        match answer {
            Ok(event) => {
                if event != Event::NothingToPush {
                    self.needs_version = None;
                    self.lacks_key = false;
                }
                if event == (Event::Pulled { has_more: false }) {
                    self.exchange_token().await;
                    self.look_beside().await;
                }
                event
            }
            Err(error) => {
                if let DeskError::Transport(TransportError::Problem { min_version: Some(version), .. }) = &error {
                    self.needs_version = Some(version.clone());
                }
                self.lacks_key = matches!(&error, DeskError::Keys(ChainError::NoCopy | ChainError::Foreign));
                Event::Failed(failure(&error))
            }
        }
    }

    async fn attempt(&mut self, what: Call) -> Answer {
        match what {
            Call::Push { limit, skip } => self.try_push(limit, skip).await,
            Call::Pull { resync } => self.try_pull(resync).await,
        }
    }

    /// The gateway does not know the token: what came before it is tried, once each. A gateway that was restored from an
    /// older copy knows only an older one.
    async fn with_other_tokens(&mut self, what: Call, mut answer: Answer) -> Answer {
        let mut tokens = self.tokens.clone();
        for _ in self.tokens.clone().others() {
            tokens = tokens.turned();
            self.transport.use_token(tokens.current());
            answer = self.attempt(what).await;
            if !is_unknown(&answer) {
                break;
            }
        }
        if is_unknown(&answer) {
            self.transport.use_token(self.tokens.current());
            return answer;
        }
        tracing::warn!("the gateway knows an earlier token of this desk only");
        self.tokens = tokens;
        if let Err(error) = self.wallet.keep(&self.tokens).await {
            tracing::warn!(%error, "the order of this desk's tokens is not kept");
        }
        answer
    }

    async fn try_push(&mut self, limit: usize, skip: usize) -> Answer {
        let most = if skip > 0 { usize::MAX } else { limit };
        let actions = self.to_send(most).await?;
        let actions = sync::leave_out(actions, skip, limit, |envelope| envelope.action.touches());
        if actions.is_empty() {
            return Ok(Event::NothingToPush);
        }
        let ids: Vec<_> = actions.iter().map(|envelope| envelope.action.id.clone()).collect();
        let fresh = self.store.mark_sent(&ids).await?;
        let asked_at = self.clock.now();
        let results = match self.transport.actions(&ActionsRequest { actions }).await {
            Ok(answer) => {
                self.contact(asked_at, Some(answer.server_time));
                answer.results
            }
            Err(error) => match set_aside(&error, &ids) {
                Some(refused) => vec![refused],
                None => {
                    if error.turned_away() {
                        self.store.mark_unsent(&fresh).await?;
                    }
                    if error.is_key_changed() && self.take_keys().await? {
                        // nothing is lost: it goes again, sealed to the new key
                        return Ok(Event::Pushed { more: true });
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

    async fn try_pull(&mut self, resync: bool) -> Answer {
        if resync {
            self.store.begin_resync().await?;
        }
        let mark = self.store.sync_mark().await?;
        let asked_at = self.clock.now();
        let fed = self.transport.changes(mark.cursor.as_deref(), self.keys.ring.now().number()).await?;
        let ChangesPage { changes, cursor, has_more, key, .. } = match fed {
            Fed::Page(page) => {
                self.contact(asked_at, Some(page.server_time));
                page
            }
            Fed::NothingNew { server_time } => {
                self.contact(asked_at, server_time);
                let cursor = mark.cursor.clone().unwrap_or_default();
                ChangesPage { changes: Vec::new(), cursor, has_more: false, server_time: asked_at, key: None }
            }
        };
        let count = u32::try_from(changes.len()).unwrap_or(u32::MAX);
        self.heed(key).await?;
        let ring = self.keys.ring.now();
        let page = tokio::task::spawn_blocking(move || sealing::open_page(changes, &ring)).await??;
        if page.lacks_key {
            self.note_unopened().await?;
        }
        self.store.apply_page_with_newer(&page.changes, &page.newer, &cursor, self.clock.now(), !has_more).await?;
        if !has_more && (resync || mark.resyncing) {
            self.store.finish_resync().await?;
            // a restored gateway may have forgotten what had settled: it goes again
            let _ = self.tells.send(Told::Event(Event::Queued));
        }
        if !has_more && self.lay_together().await? {
            let _ = self.tells.send(Told::Event(Event::Queued));
        }
        self.pulled = if has_more { self.pulled.saturating_add(count) } else { 0 };
        if count > 0 {
            self.board.records_changed();
        }
        if !has_more {
            self.look_to_keys(key).await;
        }
        Ok(Event::Pulled { has_more })
    }

    /// Edits that met others' of other fields need nobody's choice. Whether there were any.
    async fn lay_together(&self) -> Result<bool, DeskError> {
        let public = self.keys.ring.public();
        let desk = Desk::new(&self.store, &public, &self.keys.desk, self.clock.now());
        Ok(!desk.lay_all().await?.is_empty())
    }

    /// Reads what an older version of this program had to keep unread.
    pub(super) async fn read_newer(&self) -> Result<(), DeskError> {
        let kept = self.store.newer().await?.into_iter().map(|newer| newer.raw).collect();
        let ring = self.keys.ring.now();
        let read = tokio::task::spawn_blocking(move || sealing::open_page(kept, &ring)).await??;
        if !read.changes.is_empty() {
            self.store.read_newer(&read.changes, self.clock.now()).await?;
            self.board.records_changed();
        }
        Ok(())
    }

    /// Gets a new token when it is time. Nothing depends on it: the old one works on until the new one is used.
    async fn exchange_token(&mut self) {
        let now = self.clock.now();
        let tried = self.exchange_tried.is_some_and(|at| (Duration::zero()..EXCHANGE_AGAIN).contains(&(now - at)));
        if tried || !self.tokens.is_due(now) {
            return;
        }
        self.exchange_tried = Some(now);
        let renewed = match self.transport.new_token().await {
            Ok(token) => self.tokens.renewed(token, now),
            Err(error) => {
                tracing::warn!(%error, "this desk's token is not exchanged yet");
                return;
            }
        };
        match self.wallet.keep(&renewed).await {
            Ok(()) => {
                self.transport.use_token(renewed.current());
                self.tokens = renewed;
                self.exchange_tried = None;
            }
            Err(error) => tracing::warn!(%error, "this desk's new token is not kept, the old one stays in use"),
        }
    }

    /// The gateway answered: when, and how far this computer's clock is off.
    fn contact(&mut self, asked_at: DateTime<Utc>, server_time: Option<DateTime<Utc>>) {
        let now = self.clock.now();
        let middle = asked_at + (now - asked_at) / 2;
        self.last_contact = Some(now);
        if let Some(server_time) = server_time {
            self.drift = i32::try_from((middle - server_time).num_seconds()).ok();
        }
    }
}
