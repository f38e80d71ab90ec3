//! `health`: asks the running gateway over its operations address, for a monitor.

use std::{net::SocketAddr, process::ExitCode, time::Duration};

use axum::body::{Body, to_bytes};
use clap::Args;
use gateway::{Readiness, Ready, config::Settings};
use hyper::{Request, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};

use super::{LOOK, Stop};

/// It does not work.
const DOWN: u8 = 2;
const LARGEST: usize = 64 * 1024;

#[derive(Debug, Args)]
pub(super) struct HealthArgs {
    /// The operations address, if it is not the one of the settings
    #[arg(long)]
    at: Option<SocketAddr>,
    /// Seconds to wait for the answer
    #[arg(long, default_value_t = 5)]
    wait: u64,
}

pub(super) async fn health(args: &HealthArgs, settings: &Settings) -> Result<ExitCode, Stop> {
    let at = args.at.or(settings.operations);
    let at = at.ok_or(Stop::Say("operations.listen is off: there is nothing to ask. Ask GET /v1/health instead"))?;
    let (words, code) = match timeout(Duration::from_secs(args.wait), ask(at)).await {
        Ok(Ok(ready)) => said(&ready),
        Ok(Err(error)) => (format!("down: no answer from {at}: {error}"), DOWN),
        Err(_) => (format!("down: no answer from {at} in time"), DOWN),
    };
    println!("{words}");
    Ok(ExitCode::from(code))
}

fn said(ready: &Ready) -> (String, u8) {
    let version = &ready.version;
    match ready.status {
        Readiness::Ok => (format!("ok: version {version}"), 0),
        Readiness::WaitingForClinic => (format!("look: no desk has founded the clinic yet, version {version}"), LOOK),
        Readiness::Stopping => (format!("down: the gateway is stopping, version {version}"), DOWN),
        Readiness::NoDatabase => (format!("down: the database does not answer, version {version}"), DOWN),
    }
}

async fn ask(at: SocketAddr) -> Result<Ready, Box<dyn std::error::Error>> {
    let stream = TcpStream::connect(at).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let request = Request::get("/ready").header("host", at.to_string()).body(Body::empty())?;
    let body = to_bytes(Body::new(sender.send_request(request).await?.into_body()), LARGEST).await?;
    Ok(serde_json::from_slice(&body)?)
}
