//! Where a request comes from: the socket's address, or what a trusted proxy says in front of it.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;

use super::AppState;

/// The socket that a connection came from; put into each request by the server.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// The address that counts for throttling and logs; None where the request came through no socket.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub Option<IpAddr>);

impl FromRequestParts<AppState> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.0.ip().to_canonical());
        Ok(Self(peer.map(|peer| behind_proxies(peer, &parts.headers, &app.settings.trusted_proxies))))
    }
}

/// Walks `X-Forwarded-For` from its end, as long as whoever added the entry is trusted.
fn behind_proxies(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let entries: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    let mut address = peer;
    for entry in entries.iter().rev() {
        let parsed = entry.trim().parse::<IpAddr>().ok().filter(|_| trusted.contains(&address));
        match parsed {
            Some(before) => address = before.to_canonical(),
            None => break,
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "192.0.2.66, 192.0.2.1, 10.0.0.2".parse().expect("a value"));
        let proxies = [address("10.0.0.1"), address("10.0.0.2")];
        assert_eq!(behind_proxies(address("10.0.0.1"), &headers, &proxies), address("192.0.2.1"));
        assert_eq!(behind_proxies(address("10.0.0.1"), &headers, &[]), address("10.0.0.1"));
        assert_eq!(behind_proxies(address("192.0.2.9"), &headers, &proxies), address("192.0.2.9"));
    }
}
