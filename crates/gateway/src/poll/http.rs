//! Asking over HTTP: with limits, without redirects, and with errors that carry nothing that was sent or received.

use std::{sync::OnceLock, time::Duration};

use futures_util::StreamExt;
use reqwest::{Client, RequestBuilder, StatusCode, redirect};

use super::PollError;
use crate::sources::Trouble;

const CONNECT_LIMIT: Duration = Duration::from_secs(10);
const CALL_LIMIT: Duration = Duration::from_secs(60);
/// The largest answer: a hundred large orders.
const ANSWER_LIMIT: usize = 32 * 1024 * 1024;

/// An answer; none: there is no such thing at the site.
pub(super) type Answer = Option<Vec<u8>>;

/// The one client: it keeps connections.
pub(super) fn client() -> Result<Client, PollError> {
    static CLIENT: OnceLock<Option<Client>> = OnceLock::new();
    let made = CLIENT.get_or_init(|| {
        // whoever was first has installed the same one
        let _ = rustls::crypto::ring::default_provider().install_default();
        Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_LIMIT)
            .timeout(CALL_LIMIT)
            .user_agent(concat!("reception-gateway/", env!("CARGO_PKG_VERSION")))
            .build()
            .ok()
    });
    made.clone().ok_or(PollError::Site(Trouble::Unreachable))
}

/// Sends it and reads the whole answer.
pub(super) async fn asked(call: RequestBuilder) -> Result<Answer, PollError> {
    let unreachable = |_| PollError::Site(Trouble::Unreachable);
    let answer = call.send().await.map_err(unreachable)?;
    match answer.status() {
        StatusCode::NOT_FOUND | StatusCode::GONE => return Ok(None),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => return Err(PollError::Site(Trouble::AccessRefused)),
        status if !status.is_success() => return Err(PollError::Site(Trouble::SiteFailed)),
        _ => {}
    }
    let mut bytes = Vec::new();
    let mut body = answer.bytes_stream();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(unreachable)?;
        if bytes.len() + chunk.len() > ANSWER_LIMIT {
            return Err(PollError::Site(Trouble::Garbled));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes))
}
