//! The accept loop on a real socket: it outlasts slow clients, and stops without cutting anybody short.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use trellis::http::{AppState, layers, serve};

use crate::kit::App;

struct House {
    app: App,
    address: SocketAddr,
    stop: CancellationToken,
    server: JoinSet<io::Result<()>>,
}

impl House {
    async fn open() -> Self {
        let app = App::start().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket");
        let stop = CancellationToken::new();
        let mut server = JoinSet::new();
        server.spawn(serve::serve(listener, router(app.state()), app.state().clone(), stop.clone()));
        Self { app, address, stop, server }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("the server listens")
    }

    async fn closed(mut self) {
        self.stop.cancel();
        let ended = tokio::time::timeout(Duration::from_secs(5), self.server.join_next()).await;
        let ended = ended.expect("the server stops").expect("there is a server").expect("it does not panic");
        ended.expect("it stops without an error");
        assert!(self.app.state().tasks.is_empty(), "nothing is left behind");
    }
}

fn router(app: &AppState) -> Router {
    let slow = async || {
        tokio::time::sleep(Duration::from_millis(500)).await;
        "done"
    };
    let router = Router::new().route("/fast", get(async || "fast")).route("/slow", post(slow).get(slow));
    layers::outer(layers::inner(router, app), app)
}

async fn until_closed(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    stream.read_to_end(&mut text).await.expect("the connection ends in order");
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test]
async fn a_connection_serves_several_requests() {
    let house = House::open().await;
    let mut stream = house.connect().await;
    stream.write_all(b"GET /fast HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("it is open");
    let mut first = [0; 12];
    stream.read_exact(&mut first).await.expect("an answer");
    assert_eq!(&first, b"HTTP/1.1 200");
    let last = b"GET /fast HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    stream.write_all(last).await.expect("it is still open");
    assert!(until_closed(&mut stream).await.contains("HTTP/1.1 200"));
    drop(stream);
    house.closed().await;
}

#[tokio::test]
async fn stopping_lets_requests_under_way_end_and_takes_no_new_ones() {
    let house = House::open().await;
    for method in ["GET", "POST"] {
        let mut stream = house.connect().await;
        let request = format!("{method} /slow HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("it is open");
        if method == "POST" {
            tokio::time::sleep(Duration::from_millis(100)).await;
            house.stop.cancel();
            let text = until_closed(&mut stream).await;
            assert!(text.ends_with("done"), "{text}");
        }
    }
    assert!(TcpStream::connect(house.address).await.is_err(), "nobody listens any more");
    house.closed().await;
}

#[tokio::test]
async fn a_client_that_never_finishes_its_headers_is_sent_away() {
    let house = House::open().await;
    let begun = Instant::now();
    let mut stream = house.connect().await;
    stream.write_all(b"GET /fast HTTP/1.1\r\nx-slow: ").await.expect("it is open");
    let closed = tokio::time::timeout(Duration::from_secs(15), until_closed(&mut stream)).await;
    closed.expect("the server closes the connection");
    assert!(begun.elapsed() > Duration::from_secs(9), "honest clients get their time");
    house.closed().await;
}

#[tokio::test]
async fn what_is_not_http_is_answered_and_breaks_nothing() {
    let house = House::open().await;
    for bytes in [&b"\x16\x03\x01\x02\x00\x01\x00"[..], b"\r\n\r\n\r\n", b"GET\r\n\r\n", &[b'x'; 200_000][..]]
    {
        let mut stream = house.connect().await;
        // The server may close before everything is written.
        let _ = stream.write_all(bytes).await;
        let _ = stream.shutdown().await;
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
        assert!(rest.is_empty() || rest.starts_with(b"HTTP/1.1 4"), "{}", String::from_utf8_lossy(&rest));
    }
    let mut stream = house.connect().await;
    stream
        .write_all(b"GET /fast HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await
        .expect("it is open");
    assert!(until_closed(&mut stream).await.contains("200 OK"));
    house.closed().await;
}
