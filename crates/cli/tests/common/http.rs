//! A raw HTTP client: it sends the bytes that it is given, also those that no proper client would send.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// An answer; of one that a broken connection cut off, what came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The head, in lower case.
    pub(crate) head: String,
    /// The cookies that it sets, `name=value`, as they were sent.
    pub(crate) cookies: Vec<String>,
    pub(crate) body: String,
}

/// The header that signs in.
pub(crate) fn basic(login: &str, password: &str) -> (String, String) {
    ("Authorization".to_owned(), format!("Basic {}", STANDARD.encode(format!("{login}:{password}"))))
}

/// The bytes of a request. A body brings its length along.
pub(crate) fn request(line: &str, headers: &[(String, String)], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{line} HTTP/1.1\r\nHost: localhost\r\n").into_bytes();
    for (name, value) in headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    if !body.is_empty() {
        bytes.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}

/// A question in JSON, signed in.
pub(crate) fn post(path: &str, (login, password): (&str, &str), json: &str) -> Vec<u8> {
    let headers = [basic(login, password), ("Content-Type".to_owned(), "application/json".to_owned())];
    request(&format!("POST {path}"), &headers, json.as_bytes())
}

/// A page, signed in.
pub(crate) fn get(path: &str, (login, password): (&str, &str)) -> Vec<u8> {
    request(&format!("GET {path}"), &[basic(login, password)], b"")
}

/// A connection that is kept.
pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    pub(crate) fn open(url: &str) -> Self {
        let address = url.strip_prefix("http://").expect("an address");
        let stream = TcpStream::connect(address).expect("a connection");
        // Only a server that never answers is waited for so long; the test fails then.
        stream.set_read_timeout(Some(Duration::from_secs(120))).expect("a bound");
        stream.set_nodelay(true).expect("no delay");
        Self(BufReader::new(stream))
    }

    /// Sends, and reads one answer. A server may answer before it has read all and close.
    pub(crate) fn ask(&mut self, bytes: &[u8]) -> io::Result<Answer> {
        let sent = self.0.get_mut().write_all(bytes);
        self.read().and_then(|answer| if answer.status == 0 { sent.map(|()| answer) } else { Ok(answer) })
    }

    /// Reads the next answer; status 0 when the server closed without one.
    pub(crate) fn read(&mut self) -> io::Result<Answer> {
        let mut answer = Answer::default();
        let mut line = Vec::new();
        while self.0.read_until(b'\n', &mut line)? > 0 {
            let sent = String::from_utf8_lossy(&line).into_owned();
            let text = sent.to_lowercase();
            line.clear();
            if let Some((_, value)) = sent.split_once(':').filter(|_| text.starts_with("set-cookie:")) {
                answer.cookies.extend(value.split(';').next().map(|pair| pair.trim().to_owned()));
            }
            if text.trim_end().is_empty() {
                break;
            }
            answer.head += &text;
        }
        let field = |name: &str| answer.head.lines().find_map(|l| l.strip_prefix(name)).map(str::trim);
        answer.status = answer.head.split_whitespace().nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        let length = field("content-length:").and_then(|n| n.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        answer.body = String::from_utf8_lossy(&body).into_owned();
        Ok(answer)
    }

    /// Sends without reading. A server that has closed is noticed when it is read.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        drop(self.0.get_mut().write_all(bytes));
    }

    /// Says that nothing more comes.
    pub(crate) fn end_sending(&self) {
        self.0.get_ref().shutdown(std::net::Shutdown::Write).unwrap_or_default();
    }
}

/// Sends on a connection of its own and reads one answer.
pub(crate) fn ask(url: &str, bytes: &[u8]) -> Answer {
    Connection::open(url).ask(bytes).expect("an answer")
}
