//! What is noted of a request: an id that every line of the log about it carries and its answer tells, one line at
//! `debug`, and the counters. Never an address with its query, never a body, never who asked.

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use data_encoding::HEXLOWER;
use tracing::Instrument;

use crate::{metrics, platform::Stopwatch};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

pub(super) async fn note(request: Request, next: Next) -> Response {
    // no randomness: the log has one way less to be read by, and the work goes on
    let id = seal::make_bytes::<8>().map(|bytes| HEXLOWER.encode(bytes.as_slice())).unwrap_or_default();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned()).unwrap_or_default();
    let span = tracing::info_span!("request", id);
    async {
        let begun = Stopwatch::start();
        let mut response = next.run(request).await;
        let (status, took) = (response.status(), begun.elapsed());
        tracing::debug!(%method, route, status = status.as_u16(), ms = took.as_millis() as u64, "answered");
        metrics::answered(&route, &method, status, took);
        if let Ok(value) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        response
    }
    .instrument(span)
    .await
}
