//! `serve`: opens what the settings say, and ends in an orderly way.

use std::time::Duration;

use gateway::{Gateway, Metrics, Serving, Tls, config::Settings};
use tokio::{net::TcpListener, time::sleep};
use tracing_subscriber::EnvFilter;

use super::{Stop, gateway_config, signal::Signal};

/// How often the files of the certificate are looked at.
const LOOK: Duration = Duration::from_secs(60);

/// What the log's levels mean, by who must act. `error`: whoever runs the gateway, now; something is not being done.
/// `warn`: the same person, today; it helps itself until then. `info`: nobody; what was taken in and decided, by id.
/// `debug`: whoever looks into it; every request by its route.
fn log(settings: &Settings) {
    let filter = EnvFilter::new(&settings.log);
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
    gateway::platform::panics_say_only_where();
}

pub(super) async fn serve(settings: Settings) -> Result<(), Stop> {
    log(&settings);
    // from here on a signal is an order and no longer the end
    let stop = [Signal::terminate(), Signal::interrupt()];
    let hangup = Signal::hangup();
    // before anything is counted, the certificate's end among it
    let metrics = settings.operations.and_then(|_| Metrics::install().ok());
    let tls = tls(&settings)?;
    let gateway = Gateway::open(gateway_config(&settings)).await?;
    let listener = listen(settings.listen).await?;
    tracing::info!(
        address = %local(&listener, settings.listen),
        tls = tls.is_some(),
        version = env!("CARGO_PKG_VERSION"),
        "listening"
    );
    if let Some(tls) = &tls {
        tokio::spawn(follow(tls.clone(), hangup));
    }
    if let Some(address) = settings.operations {
        let listener = listen(address).await?;
        tracing::info!(operations = %local(&listener, address), "metrics and probes");
        let gateway = gateway.clone();
        tokio::spawn(async move { gateway.serve_operations(listener, metrics).await });
    }
    let serving = Serving {
        tls,
        trusted_proxies: settings.trusted_proxies.into(),
        connections: settings.connections,
        header_time: settings.header_time,
        stop_time: settings.stop_time,
    };
    gateway.serve_with(listener, serving, asked_to_stop(stop)).await?;
    tracing::info!("stopped");
    Ok(())
}

pub(super) fn tls(settings: &Settings) -> Result<Option<Tls>, Stop> {
    Ok(settings.tls.clone().map(Tls::open).transpose()?)
}

async fn listen(address: std::net::SocketAddr) -> Result<TcpListener, Stop> {
    TcpListener::bind(address).await.map_err(|source| Stop::Listen { address, source })
}

/// With the port that the system chose, where none was asked for.
fn local(listener: &TcpListener, asked: std::net::SocketAddr) -> std::net::SocketAddr {
    listener.local_addr().unwrap_or(asked)
}

/// Takes a renewed certificate into use: on SIGHUP at once, otherwise when its files have changed.
async fn follow(tls: Tls, mut hangup: Signal) {
    loop {
        let asked = tokio::select! {
            () = hangup.recv() => true,
            () = sleep(LOOK) => false,
        };
        if !asked && !tls.is_stale() {
            continue;
        }
        match tls.reload() {
            Ok(other) => tracing::info!(other, "the certificate was read again"),
            Err(error) => tracing::error!(error = %error, "the new certificate cannot be used, the one before stays"),
        }
    }
}

/// Ends when the system or the user asks to stop. Asked again, the process ends at once: the database takes no harm from
/// it, and what was acknowledged is on the disk.
async fn asked_to_stop(mut signals: [Signal; 2]) {
    Signal::either(&mut signals).await;
    tracing::info!("asked to stop");
    tokio::spawn(async move {
        Signal::either(&mut signals).await;
        tracing::warn!("asked to stop again: ending at once");
        std::process::exit(1);
    });
}
