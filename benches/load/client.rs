//! An HTTP/1.1 connection that is kept open. It does as little as it can, because it shares the machine's processors
//! with the server that it measures.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

use super::row::Fallible;

/// A connection to the server.
#[derive(Debug)]
pub struct Connection {
    stream: BufReader<TcpStream>,
    line: String,
    body: Vec<u8>,
}

/// An answer; its body is in the connection until the next request.
#[derive(Debug)]
pub struct Answer<'a> {
    /// HTTP's status.
    pub status: u16,
    /// The header `ETag`, if there is one.
    pub etag: Option<String>,
    /// The body.
    pub body: &'a [u8],
}

impl Answer<'_> {
    /// The body as JSON; an error where the status is not a good one.
    pub fn json(&self) -> Fallible<Value> {
        match self.status {
            200..300 if self.body.is_empty() => Ok(Value::Null),
            200..300 => Ok(serde_json::from_slice(self.body)?),
            status => Err(format!("the answer was {status}: {}", String::from_utf8_lossy(self.body)).into()),
        }
    }
}

/// A request as it goes over the wire.
pub fn request(method: &str, path: &str, token: Option<&str>, extra: &str, body: &str) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n");
    if let Some(token) = token {
        text += &format!("Authorization: Bearer {token}\r\n");
    }
    if !body.is_empty() {
        text += &format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
    }
    format!("{text}{extra}\r\n{body}").into_bytes()
}

impl Connection {
    /// Opens one.
    pub fn open(address: SocketAddr) -> Fallible<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Self {
            stream: BufReader::with_capacity(64 * 1024, stream),
            line: String::new(),
            body: Vec::new(),
        })
    }

    /// Sends a request and waits for the whole answer.
    pub fn send(&mut self, request: &[u8]) -> Fallible<Answer<'_>> {
        self.stream.get_mut().write_all(request)?;
        self.read_line()?;
        let status = self.line.get(9..12).and_then(|text| text.parse().ok());
        let status: u16 = status.ok_or_else(|| format!("this is no HTTP: {}", self.line))?;
        let (mut length, mut etag) = (0, None);
        loop {
            self.read_line()?;
            let Some((name, value)) = self.line.trim_end().split_once(": ") else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.parse()?;
            } else if name.eq_ignore_ascii_case("etag") {
                etag = Some(value.to_owned());
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                return Err("the answer has no length".into());
            }
        }
        self.body.resize(length, 0);
        self.stream.read_exact(&mut self.body)?;
        Ok(Answer { status, etag, body: &self.body })
    }

    /// Sends a GET.
    pub fn get(&mut self, path: &str, token: Option<&str>) -> Fallible<Answer<'_>> {
        self.send(&request("GET", path, token, "", ""))
    }

    /// Sends a POST with a JSON body.
    pub fn post(&mut self, path: &str, token: Option<&str>, body: &Value) -> Fallible<Answer<'_>> {
        self.send(&request("POST", path, token, "", &body.to_string()))
    }

    fn read_line(&mut self) -> Fallible<()> {
        self.line.clear();
        match self.stream.read_line(&mut self.line)? {
            0 => Err("the server closed the connection".into()),
            _ => Ok(()),
        }
    }
}
