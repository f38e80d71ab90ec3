//! Pokes: something changed, pull. No data in them; a missed one costs nothing, the next pull brings everything.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use contract::v1::Poke;
use futures_util::{Stream, stream};
use tokio::sync::{broadcast::Receiver, broadcast::error::RecvError, watch};

use crate::{Failure, Gateway, metrics::Present};

/// Comments in between, so that both sides know that the line is alive.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// One listening desk.
struct Listener {
    gateway: Gateway,
    pokes: Receiver<u64>,
    closing: watch::Receiver<bool>,
    /// The first event says where the gateway stands.
    greeted: bool,
    _present: Present,
}

pub(super) async fn events(
    State(gateway): State<Gateway>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Failure> {
    let listener = Listener {
        pokes: gateway.inner.pokes.subscribe(),
        closing: gateway.inner.closing.subscribe(),
        greeted: false,
        _present: Present::listener(),
        gateway,
    };
    let events = stream::unfold(listener, async |mut listener| {
        let seq = listener.next().await?;
        let event = Event::default().event("state").json_data(Poke { seq }).ok()?;
        Some((Ok(event), listener))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT).text("heartbeat")))
}

impl Listener {
    /// The next number to tell; nothing once the gateway closes.
    async fn next(&mut self) -> Option<u64> {
        if !self.greeted {
            self.greeted = true;
            return self.latest().await;
        }
        let poke = tokio::select! {
            _ = self.closing.wait_for(|closing| *closing) => return None,
            poke = self.pokes.recv() => poke,
        };
        match poke {
            Ok(seq) => Some(seq),
            Err(RecvError::Lagged(_)) => self.latest().await,
            Err(RecvError::Closed) => None,
        }
    }

    async fn latest(&self) -> Option<u64> {
        self.gateway.storage().house().await.ok().map(|house| house.seq)
    }
}
