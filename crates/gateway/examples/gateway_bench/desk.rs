//! One simulated desk: the engine of the real one, with a database that keeps nothing but the cursor.

use std::time::{Duration, Instant};

use chrono::Utc;
use contract::v1::{ActionEnvelope, ActionsRequest, Parts};
use domain::{Action, ActionId, Command, EntityRef, StaffId};
use serde::Deserialize;
use serde_json::value::RawValue;
use sync::{Engine, Event, Failure, Instruction, Moment};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::{sleep_until, timeout},
};

use crate::load::Measured;

/// The computers of a reception are switched on within so long.
const COMING_IN: Duration = Duration::from_secs(10);
/// Somebody at a desk does something so often.
const WORKING: Duration = Duration::from_secs(10);
const PAGE: usize = 500;

/// A page of the feed, of which the changes are not looked at: on another machine that would be the desk's own work.
#[derive(Deserialize)]
struct Page<'a> {
    cursor: String,
    has_more: bool,
    #[serde(borrow)]
    changes: &'a RawValue,
}

/// What a desk waited for.
#[derive(Debug, Default)]
pub(crate) struct Day {
    pub(crate) changes: Measured,
    pub(crate) actions: Measured,
    pub(crate) bytes: usize,
}

pub(crate) struct Desk {
    client: reqwest::Client,
    address: String,
    token: String,
    manager: StaffId,
    dice: u64,
    cursor: Option<String>,
    /// The latest request that it saw.
    request: Option<EntityRef>,
    outbox: Vec<ActionEnvelope>,
    listening: bool,
    tell: UnboundedSender<Event>,
    told: UnboundedReceiver<Event>,
    day: Day,
}

impl Desk {
    pub(crate) fn new(client: reqwest::Client, address: &str, token: &str, manager: &StaffId, n: usize) -> Self {
        let (tell, told) = unbounded_channel();
        Self {
            client,
            address: address.to_owned(),
            token: token.to_owned(),
            manager: manager.clone(),
            dice: (n as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15),
            cursor: None,
            request: None,
            outbox: Vec::new(),
            listening: false,
            tell,
            told,
            day: Day::default(),
        }
    }

    /// xorshift: the same desks in every run.
    fn roll(&mut self) -> u32 {
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        (self.dice >> 32) as u32
    }

    fn share_of(&mut self, time: Duration) -> Duration {
        time.mul_f64(f64::from(self.roll()) / f64::from(u32::MAX))
    }

    /// Comes in, works, and leaves when the time is over.
    pub(crate) async fn work(mut self, time: Duration) -> Day {
        let start = Instant::now();
        let end = start + time;
        let coming = self.share_of(COMING_IN.min(time / 4));
        sleep_until((start + coming).into()).await;
        let mut next_action = Instant::now() + self.share_of(WORKING);
        let moment = || Moment(u64::try_from(start.elapsed().as_millis()).unwrap());
        let mut engine = Engine::default();
        let mut event = Event::Started;
        while Instant::now() < end {
            let jitter = self.roll();
            event = match engine.step(event, moment(), jitter) {
                Instruction::Push { limit, .. } => self.push(limit).await,
                Instruction::Pull { .. } => self.pull().await,
                Instruction::CarryOn => self.wait(end.min(next_action)).await,
                Instruction::Wait { until, listen } => {
                    if listen && !self.listening {
                        self.listen();
                    }
                    let until = until.map(|until| start + Duration::from_millis(until.0));
                    self.wait(until.unwrap_or(end).min(end).min(next_action)).await
                }
            };
            if event == Event::Woke && Instant::now() >= next_action {
                next_action = Instant::now() + WORKING;
                event = self.act();
            }
        }
        self.day
    }

    async fn wait(&mut self, until: Instant) -> Event {
        let left = until.saturating_duration_since(Instant::now());
        let event = timeout(left, self.told.recv()).await.ok().flatten().unwrap_or(Event::Woke);
        if event == Event::StreamEnded {
            self.listening = false;
        }
        event
    }

    /// Claims the latest request; another desk may have been quicker, which is an answer as well.
    fn act(&mut self) -> Event {
        let Some(entity) = self.request.clone() else { return Event::Woke };
        let id = ActionId::from_random(seal::token::make_id_bytes().unwrap());
        let (actor, command) = (self.manager.clone(), Command::RequestClaim);
        let action = Action { id, entity, base_version: 1, if_match: None, actor, at: Utc::now(), command };
        self.outbox.push(ActionEnvelope { action, parts: Parts::new() });
        Event::Queued
    }

    async fn push(&mut self, limit: usize) -> Event {
        let actions: Vec<_> = self.outbox.iter().take(limit).cloned().collect();
        if actions.is_empty() {
            return Event::NothingToPush;
        }
        let count = actions.len();
        let begun = Instant::now();
        let request = self.client.post(format!("{}/v1/actions", self.address)).bearer_auth(&self.token);
        let answer = request.json(&ActionsRequest { actions }).send().await.unwrap();
        assert!(answer.status().is_success(), "a push got {}", answer.status());
        answer.bytes().await.unwrap();
        self.day.actions.add(begun.elapsed());
        self.outbox.drain(..count);
        Event::Pushed { more: !self.outbox.is_empty() }
    }

    async fn pull(&mut self) -> Event {
        let since = self.cursor.as_ref().map(|cursor| format!("&since={cursor}")).unwrap_or_default();
        let address = format!("{}/v1/changes?limit={PAGE}{since}", self.address);
        let begun = Instant::now();
        let mut request = self.client.get(address).bearer_auth(&self.token);
        if let Some(cursor) = &self.cursor {
            request = request.header("if-none-match", format!("\"{cursor}\""));
        }
        let answer = request.send().await.unwrap();
        let wait = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if let Some(seconds) = wait {
            return Event::Failed(Failure::RetryAfter(1_000 * seconds));
        }
        let status = answer.status();
        assert!(status.is_success() || status.as_u16() == 304, "a pull got {status}");
        let body = answer.bytes().await.unwrap();
        self.day.changes.add(begun.elapsed());
        self.day.bytes += body.len();
        if status.as_u16() == 304 {
            return Event::Pulled { has_more: false };
        }
        let page: Page<'_> = serde_json::from_slice(&body).unwrap();
        if let Some((_, rest)) = page.changes.get().rsplit_once("\"id\":\"req_") {
            let id = rest.split('"').next().unwrap_or_default();
            self.request = format!("req_{id}").parse().ok();
        }
        self.cursor = Some(page.cursor);
        Event::Pulled { has_more: page.has_more }
    }

    fn listen(&mut self) {
        self.listening = true;
        let request = self.client.get(format!("{}/v1/events", self.address)).bearer_auth(&self.token);
        let tell = self.tell.clone();
        tokio::spawn(async move {
            if let Ok(mut answer) = request.send().await
                && answer.status().is_success()
            {
                let mut told = tell.send(Event::Listening);
                while let (Ok(()), Ok(Some(chunk))) = (told, answer.chunk().await) {
                    let poked = chunk.windows(6).any(|bytes| bytes == b"event:");
                    told = if poked { tell.send(Event::Poked) } else { Ok(()) };
                }
            }
            let _ = tell.send(Event::StreamEnded);
        });
    }
}
