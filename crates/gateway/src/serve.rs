//! Connections: how many, how long, with TLS or without, and how they end.
//!
//! Invariants:
//! - nothing that a visitor does, or fails to do, holds a place for ever: the handshake, the head of a request, the gaps
//!   between requests and the writing of an answer each have their time (the body has one in `http`);
//! - asked to stop, the gateway takes no new connection, finishes what is under way within its limit, and closes the
//!   database last.
//!
//! HTTP/1.1 only: two connections a desk are few, and a proxy in front speaks whatever it likes to the outside.

use std::{
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use axum::{Router, body::Body, extract::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use ipnet::IpNet;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

use crate::{http::Visitor, metrics::Present, tls::Tls};

/// For a TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// A visitor that takes nothing of its answer for so long is dropped.
const WRITING: Duration = Duration::from_secs(30);
/// The largest head of a request.
const LARGEST_HEAD: usize = 64 * 1024;
/// After an error that concerns the system and not a visitor: too many open files.
const BREATH: Duration = Duration::from_millis(500);

/// How visitors are served.
#[derive(Debug, Clone)]
pub struct Serving {
    /// Plain HTTP without it.
    pub tls: Option<Tls>,
    /// Who may say in `X-Forwarded-For` for whom it asks.
    pub trusted_proxies: Arc<[IpNet]>,
    /// Connections at once; a further one waits.
    pub connections: usize,
    /// For the head of a request, and for an idle connection.
    pub header_time: Duration,
    /// For what is under way when the gateway is asked to stop.
    pub stop_time: Duration,
}

impl Default for Serving {
    fn default() -> Self {
        Self {
            tls: None,
            trusted_proxies: Arc::new([]),
            connections: 768,
            header_time: Duration::from_secs(30),
            stop_time: Duration::from_secs(20),
        }
    }
}

/// What every connection needs.
struct Shop {
    router: Router,
    serving: Serving,
}

/// Serves until `shutdown` ends, tells `closing`, and waits for what is under way. False: not all of it came to its end.
pub(crate) async fn serve(
    router: Router,
    listener: TcpListener,
    serving: Serving,
    shutdown: impl Future<Output = ()>,
    closing: impl FnOnce(),
) -> bool {
    let places = Arc::new(Semaphore::new(serving.connections));
    let stop_time = serving.stop_time;
    let shop = Arc::new(Shop { router, serving });
    let graceful = GracefulShutdown::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let next = async {
            // the semaphore is never closed
            let place = places.clone().acquire_owned().await.ok();
            (place, accept(&listener).await)
        };
        tokio::select! {
            () = &mut shutdown => break,
            (place, (stream, peer)) = next => {
                tokio::spawn(connection(shop.clone(), stream, peer, graceful.watcher(), place));
            }
        }
    }
    drop(listener);
    closing();
    timeout(stop_time, graceful.shutdown()).await.is_ok()
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_the_visitor(&error) => {}
            Err(error) => {
                tracing::error!(error = %error, "no connection can be taken");
                sleep(BREATH).await;
            }
        }
    }
}

fn is_of_the_visitor(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn connection(
    shop: Arc<Shop>,
    stream: TcpStream,
    peer: SocketAddr,
    watcher: Watcher,
    place: Option<OwnedSemaphorePermit>,
) {
    let _present = Present::connection();
    // an answer is written in one go, or is an event that must not wait
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITING));
    let stream = Box::pin(stream);
    match &shop.serving.tls {
        Some(tls) => match timeout(HANDSHAKE, tls.acceptor().accept(stream)).await {
            Ok(Ok(stream)) => requests(&shop, stream, peer.ip(), watcher).await,
            Ok(Err(error)) => tracing::debug!(error = %error, "no TLS with a visitor"),
            Err(_) => tracing::debug!("a visitor did not finish its TLS handshake"),
        },
        None => requests(&shop, stream, peer.ip(), watcher).await,
    }
    drop(place);
}

async fn requests(
    shop: &Shop,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: IpAddr,
    watcher: Watcher,
) {
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let mut request: Request = request.map(Body::new);
        let visitor = Visitor::of(peer, request.headers(), &shop.serving.trusted_proxies);
        request.extensions_mut().insert(visitor);
        shop.router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(shop.serving.header_time)
        .max_buf_size(LARGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(error = %error, "a connection ended early");
    }
}
