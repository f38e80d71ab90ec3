//! Pokes: something changed, pull. No data in them; a missed one costs nothing, the next pull brings everything.
//!
//! A desk has a place or two for its streams: one more ends the oldest, which is most likely a line that died unnoticed.
//! A desk that was let go hears nothing more: at once where this process was told, within [`LOOK_EVERY`] where another one
//! was.

use std::{
    collections::HashMap,
    convert::Infallible,
    pin::Pin,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Extension,
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use contract::v1::Poke;
use domain::DeskId;
use futures_util::{Stream, stream};
use tokio::{
    sync::{
        broadcast::{Receiver, error::RecvError},
        oneshot, watch,
    },
    time::{Sleep, sleep},
};

use crate::{Failure, Gateway, db::Caller, metrics::Present};

/// Comments in between, so that both sides know that the line is alive.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// Streams of one desk at a time.
const STREAMS: usize = 2;
/// A listener is told no more often: under load, many changes are one poke.
const POKE_GAP: Duration = Duration::from_millis(500);
/// All listeners together are told no more often, so that a clinic of many desks does not keep the sites waiting: each
/// poke is a pull.
const POKES_A_SECOND: u32 = 100;
/// So often a listener's desk is looked up again.
const LOOK_EVERY: Duration = Duration::from_secs(15);

/// The open streams of each desk, oldest first. Dropping a sender ends its stream.
#[derive(Debug, Default)]
pub(crate) struct Listeners(Mutex<HashMap<DeskId, Vec<oneshot::Sender<Infallible>>>>);

impl Listeners {
    /// A place for one more stream; the receiver errs when it is to end.
    fn place(&self, desk: &DeskId) -> oneshot::Receiver<Infallible> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // streams that ended leave nothing behind
        all.retain(|_, streams| {
            streams.retain(|stream| !stream.is_closed());
            !streams.is_empty()
        });
        let streams = all.entry(desk.clone()).or_default();
        if streams.len() >= STREAMS {
            streams.remove(0);
        }
        let (place, ends) = oneshot::channel();
        streams.push(place);
        ends
    }

    /// How long a listener is left alone after a poke.
    fn gap(&self) -> Duration {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gap(all.values().map(Vec::len).sum())
    }

    /// Ends every stream of a desk.
    pub(crate) fn dismiss(&self, desk: &DeskId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(desk);
    }
}

fn gap(listeners: usize) -> Duration {
    let listeners = u32::try_from(listeners).unwrap_or(u32::MAX);
    POKE_GAP.max(Duration::from_secs(1).saturating_mul(listeners) / POKES_A_SECOND)
}

/// One listening desk.
struct Listener {
    gateway: Gateway,
    desk: DeskId,
    ends: oneshot::Receiver<Infallible>,
    pokes: Receiver<u64>,
    closing: watch::Receiver<bool>,
    /// Runs since it was told last; the first event says where the gateway stands.
    gap: Option<Pin<Box<Sleep>>>,
    look: Pin<Box<Sleep>>,
    _present: Present,
}

pub(super) async fn events(
    State(gateway): State<Gateway>,
    Extension(Caller { desk, .. }): Extension<Caller>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Failure> {
    let listener = Listener {
        ends: gateway.inner.listeners.place(&desk),
        pokes: gateway.inner.pokes.subscribe(),
        closing: gateway.inner.closing.subscribe(),
        gap: None,
        look: Box::pin(sleep(LOOK_EVERY)),
        _present: Present::listener(),
        desk,
        gateway,
    };
    let events = stream::unfold(listener, async |mut listener| {
        let seq = listener.next().await?;
        let event = Event::default().event("state").json_data(Poke { seq }).ok()?;
        Some((Ok(event), listener))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT).text("heartbeat")))
}

/// What a listener waited for.
enum Heard {
    Poke(u64),
    /// More than it could keep: the latest number has to be looked up.
    TooMany,
    TimeToLook,
}

impl Listener {
    /// The next number to tell; nothing once the gateway closes, the desk was let go or its place is taken.
    async fn next(&mut self) -> Option<u64> {
        let Some(mut gap) = self.gap.take() else {
            self.gap = Some(self.rest());
            return self.latest().await;
        };
        loop {
            let seq = match self.hear().await? {
                Heard::TimeToLook => {
                    self.look = Box::pin(sleep(LOOK_EVERY));
                    if !self.gateway.storage().is_in(&self.desk).await.ok()? {
                        return None;
                    }
                    // the command line beside this process writes too, and SQLite tells nobody
                    let seq = self.latest().await?;
                    self.gateway.poke(seq);
                    continue;
                }
                Heard::TooMany => self.latest().await?,
                Heard::Poke(seq) => seq,
            };
            tokio::select! {
                _ = &mut self.ends => return None,
                _ = self.closing.wait_for(|closing| *closing) => return None,
                () = &mut gap => {}
            }
            self.gap = Some(self.rest());
            return Some(self.and_all_that_waits(seq));
        }
    }

    fn rest(&self) -> Pin<Box<Sleep>> {
        Box::pin(sleep(self.gateway.inner.listeners.gap()))
    }

    async fn hear(&mut self) -> Option<Heard> {
        tokio::select! {
            _ = &mut self.ends => None,
            _ = self.closing.wait_for(|closing| *closing) => None,
            () = &mut self.look => Some(Heard::TimeToLook),
            poke = self.pokes.recv() => match poke {
                Ok(seq) => Some(Heard::Poke(seq)),
                Err(RecvError::Lagged(_)) => Some(Heard::TooMany),
                Err(RecvError::Closed) => None,
            },
        }
    }

    /// Pokes that came meanwhile are one.
    fn and_all_that_waits(&mut self, seq: u64) -> u64 {
        let mut last = seq;
        while let Ok(seq) = self.pokes.try_recv() {
            last = last.max(seq);
        }
        last
    }

    async fn latest(&self) -> Option<u64> {
        self.gateway.storage().house().await.ok().map(|house| house.seq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_desks_hear_at_once_and_many_take_turns() {
        for (listeners, milliseconds) in [(0, 500), (1, 500), (50, 500), (51, 510), (200, 2_000)] {
            assert_eq!(gap(listeners), Duration::from_millis(milliseconds), "{listeners}");
        }
    }
}
