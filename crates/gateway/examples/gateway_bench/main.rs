//! The gateway at 08:55: two hundred desks come in while sites post, against a bare handler with one insert.
//!
//! Desks are driven by the real engine of `sync` over real HTTP: each pulls all that waited overnight, listens, pulls when
//! it is poked, and sends a small push now and then. Sites post at a fixed rate, whether or not answers come. The baseline
//! is an axum handler that inserts the same bodies into the same kind of database, at the same rate and with nothing else
//! to do; for PostgreSQL also the insert alone. Everything shares the machine's cores, the senders too.
//!
//! `gateway_bench [--seconds 60] [--desks 200] [--rate 100] [--postgres postgres://…]`; lines of JSON on standard output.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod bare;
mod clinic;
mod desk;
mod load;

use std::time::Duration;

use clap::Parser;
use serde_json::json;
use tokio::runtime::Runtime;

use load::{Measured, Shop};

#[derive(Debug, Clone, Parser)]
struct Plan {
    /// Of load, on each database
    #[arg(long, env = "RECEPTION_BENCH_SECONDS", default_value_t = 60)]
    seconds: u64,
    #[arg(long, default_value_t = 200)]
    desks: usize,
    /// Payloads of sites a second
    #[arg(long, default_value_t = 100)]
    rate: u32,
    /// Requests that wait for the desks when they come in
    #[arg(long, default_value_t = 1_000)]
    overnight: usize,
    /// A server on which databases may be made; left out: SQLite alone
    #[arg(long, env = "RECEPTION_TEST_POSTGRES")]
    postgres: Option<String>,
}

impl Plan {
    fn time(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

fn main() {
    let plan = Plan::parse();
    rustls::crypto::ring::default_provider().install_default().unwrap();
    // who serves and who sends do not share threads, only cores
    let server = Runtime::new().unwrap();
    let sender = Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut places = vec![bare::Place::File(folder.path().to_owned())];
    places.extend(plan.postgres.clone().map(bare::Place::Server));
    for place in places {
        let bare = sender.block_on(bare::measure(&place, &plan, server.handle()));
        let ours = sender.block_on(clinic::measure(&place, &plan, server.handle()));
        report(&plan, place.name(), &bare, ours);
    }
}

fn report(plan: &Plan, database: &str, bare: &bare::Bare, mut ours: Shop) {
    let round = |value: f64| (value * 1_000.0).round() / 1_000.0;
    let mut line = json!({
        "bench": "gateway", "database": database, "desks": plan.desks, "rate": plan.rate, "seconds": plan.seconds,
        "pulls": ours.changes.count(), "pushes": ours.actions.count(), "payloads": ours.intake.count(),
        "payload_kb_pulled": ours.bytes / 1024,
    });
    let mut baselines: Vec<(&str, Measured)> = vec![("bare", bare.handler.clone())];
    baselines.extend(bare.insert.clone().map(|insert| ("plain", insert)));
    for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
        let mine = [
            ("intake", ours.intake.percentile(share)),
            ("changes", ours.changes.percentile(share)),
            ("actions", ours.actions.percentile(share)),
        ];
        for (what, value) in mine {
            line[format!("{what}_{name}_ms")] = json!(round(value));
        }
        for (baseline, measured) in &mut baselines {
            let base = measured.percentile(share);
            line[format!("{baseline}_{name}_ms")] = json!(round(base));
            for (what, value) in mine {
                line[format!("{what}_times_{baseline}_{name}")] = json!(round(value / base));
            }
        }
    }
    println!("{line}");
}
