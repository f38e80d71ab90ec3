//! What is counted. Labels are routes, connectors, outcomes and ids of sources: few, and none is about a person.
//!
//! Anything may count; without [`Metrics::install`] counting does nothing.

use std::{fmt, time::Duration};

use chrono::{DateTime, Utc};

use axum::http::{Method, StatusCode};
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

const REQUESTS: &str = "reception_http_requests_total";
const SECONDS: &str = "reception_http_request_seconds";
const INTAKE: &str = "reception_intake_total";
const LISTENERS: &str = "reception_listeners";
const CONNECTIONS: &str = "reception_connections";
const UP_TO: &str = "reception_feed_seq";
const DATABASE: &str = "reception_database_connections";
const LAST_SEEN: &str = "reception_source_last_seen_seconds";
const ASKING_FAILED: &str = "reception_source_asking_failed";
const EXPIRES: &str = "reception_tls_certificate_expires_seconds";

/// Upper edges in seconds. A site is to have its answer within 0.1, a desk must have it within 30.
const EDGES: &[f64] = &[0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];

/// The counters of this process.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics(…)")
    }
}

impl Metrics {
    /// Counts from now on, for the whole process.
    ///
    /// # Errors
    /// Somebody counts already.
    pub fn install() -> Result<Self, BuildError> {
        let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Full(SECONDS.to_owned()), EDGES)?;
        let handle = builder.install_recorder()?;
        describe_counter!(REQUESTS, "Answered requests by route, method and status");
        describe_histogram!(SECONDS, Unit::Seconds, "From the head of a request to the head of its answer");
        describe_counter!(INTAKE, "Submissions of sites by connector and outcome");
        describe_gauge!(LISTENERS, "Desks that listen for pokes");
        describe_gauge!(CONNECTIONS, "Open connections, the one of this scrape among them");
        describe_gauge!(UP_TO, "The latest sequence number of the feed");
        describe_gauge!(DATABASE, "Connections to the database by pool, in use and idle");
        describe_gauge!(LAST_SEEN, Unit::Seconds, "When a source was last heard of, since 1970; 0: never");
        describe_gauge!(ASKING_FAILED, "Times in a row that asking a source came to nothing");
        describe_gauge!(EXPIRES, Unit::Seconds, "When the certificate in use expires, since 1970");
        Ok(Self(handle))
    }

    /// In the text format of Prometheus.
    pub(crate) fn render(&self) -> String {
        // what was observed is folded into its buckets here: nobody else asks
        self.0.run_upkeep();
        self.0.render()
    }
}

/// A request got its answer. `route` is the pattern, never the path.
pub(crate) fn answered(route: &str, method: &Method, status: StatusCode, took: Duration) {
    let method = match method.as_str() {
        known @ ("GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS") => known.to_owned(),
        _ => "other".to_owned(),
    };
    let route = if route.is_empty() { "none" } else { route }.to_owned();
    histogram!(SECONDS, "route" => route.clone()).record(took.as_secs_f64());
    counter!(REQUESTS, "route" => route, "method" => method, "status" => status.as_u16().to_string()).increment(1);
}

/// A submission of a site came to its end.
pub(crate) fn taken_in(connector: &'static str, outcome: &'static str) {
    counter!(INTAKE, "connector" => connector, "outcome" => outcome).increment(1);
}

/// Where the feed stands.
pub(crate) fn up_to(seq: u64) {
    gauge!(UP_TO).set(seq as f64);
}

/// How the connections to the database are used.
pub(crate) fn database(pool: &'static str, size: u32, idle: usize) {
    let idle = u32::try_from(idle).unwrap_or(size).min(size);
    for (state, count) in [("used", size - idle), ("idle", idle)] {
        gauge!(DATABASE, "pool" => pool, "state" => state).set(count);
    }
}

/// How a source fares.
pub(crate) fn source(id: &str, last_seen: Option<DateTime<Utc>>, asking_failed: u32) {
    let seconds = last_seen.map_or(0, |at| at.timestamp());
    gauge!(LAST_SEEN, "source" => id.to_owned()).set(seconds as f64);
    gauge!(ASKING_FAILED, "source" => id.to_owned()).set(asking_failed);
}

/// A certificate was taken up.
pub(crate) fn certificate_expires(seconds: i64) {
    gauge!(EXPIRES).set(seconds as f64);
}

/// One more of something, until it is dropped.
#[derive(Debug)]
pub(crate) struct Present(&'static str);

impl Present {
    pub(crate) fn listener() -> Self {
        Self::of(LISTENERS)
    }

    pub(crate) fn connection() -> Self {
        Self::of(CONNECTIONS)
    }

    fn of(name: &'static str) -> Self {
        gauge!(name).increment(1.0);
        Self(name)
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        gauge!(self.0).decrement(1.0);
    }
}
