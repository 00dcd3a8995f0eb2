//! The accept loop. It is our own because axum's installs no timer, without which a client that never finishes its
//! headers holds a connection for ever.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::AppState;
use super::client::Peer;

/// Connections of the process.
const CONNECTIONS: usize = 2_000;
/// Connections from one address, unless it is a trusted proxy or this machine.
const CONNECTIONS_PER_ADDRESS: usize = 100;
/// From the first byte of a request to the end of its headers; also how long an idle connection is kept.
const HEADERS: Duration = Duration::from_secs(10);
/// Bytes that the headers of a request may take, and that wait to be read.
const BUFFER: usize = 64 * 1024;
/// How long requests under way may take to end once the server stops.
const FAREWELL: Duration = Duration::from_secs(20);

/// Serves until `stop` is cancelled, then lets requests under way end.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    app: AppState,
    stop: CancellationToken,
) -> io::Result<()> {
    let places = Places::new(&app);
    let graceful = GracefulShutdown::new();
    let builder = Arc::new(builder());
    loop {
        let all_taken = places.all.clone().acquire_owned();
        let place = tokio::select! {
            () = stop.cancelled() => break,
            place = all_taken => place.map_err(io::Error::other)?,
        };
        let (stream, peer) = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => { pause(&error).await; continue }
            },
        };
        let Some(guest) = places.admit(peer.ip(), place) else { continue };
        let connection = connection(&builder, stream, peer, router.clone());
        let watched = graceful.watch(connection);
        app.tasks.spawn(async move {
            if let Err(error) = watched.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(guest);
        });
    }
    drop(listener);
    farewell(graceful, &app).await;
    Ok(())
}

type House = Box<dyn std::error::Error + Send + Sync>;

fn connection(
    builder: &Arc<Builder<TokioExecutor>>,
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = House> + Send + 'static {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    let service = router.map_request(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer));
        request
    });
    builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)).into_owned()
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .keep_alive(true)
        .max_headers(100)
        .max_buf_size(BUFFER);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(HEADERS)
        .max_concurrent_streams(100);
    builder
}

/// Waits for connections to end and for what runs detached from them.
async fn farewell(graceful: GracefulShutdown, app: &AppState) {
    app.tasks.close();
    let ended = async {
        graceful.shutdown().await;
        app.tasks.wait().await;
    };
    if tokio::time::timeout(FAREWELL, ended).await.is_err() {
        tracing::warn!(requests = app.tasks.len(), "the server stops although some requests have not ended");
    }
}

/// Running out of file descriptors passes; spinning on it would not help.
async fn pause(error: &io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    tokio::time::sleep(Duration::from_millis(100)).await;
}

/// Connections by address.
type Counts = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// Who is connected.
struct Places {
    all: Arc<Semaphore>,
    by_address: Counts,
    proxies: Vec<IpAddr>,
}

/// A connection's place, given back when it is dropped.
struct Guest {
    _place: OwnedSemaphorePermit,
    counted: Option<(Counts, IpAddr)>,
}

impl Places {
    fn new(app: &AppState) -> Self {
        Self {
            all: Arc::new(Semaphore::new(CONNECTIONS)),
            by_address: Arc::default(),
            proxies: app.settings.trusted_proxies.clone(),
        }
    }

    /// None when the address has its share of connections already.
    fn admit(&self, address: IpAddr, place: OwnedSemaphorePermit) -> Option<Guest> {
        let address = address.to_canonical();
        if address.is_loopback() || self.proxies.contains(&address) {
            return Some(Guest { _place: place, counted: None });
        }
        let mut counts = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        if *count >= CONNECTIONS_PER_ADDRESS {
            return None;
        }
        *count += 1;
        Some(Guest { _place: place, counted: Some((self.by_address.clone(), address)) })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let Some((counts, address)) = &self.counted else { return };
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(address);
            }
        }
    }
}
