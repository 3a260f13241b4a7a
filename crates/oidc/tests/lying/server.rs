//! A small HTTP server that answers what a test tells it to.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::Value;

/// What is answered on a path.
#[derive(Clone)]
pub(crate) enum Reply {
    Json(u16, Value),
    Bytes(Vec<u8>),
    Redirect(String),
    /// Nothing, ever.
    Never,
    /// A byte now and then, without end.
    Trickle,
}

/// A request that was received.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) authorization: Option<String>,
    pub(crate) body: String,
}

#[derive(Default)]
struct Shared {
    replies: Mutex<HashMap<String, Reply>>,
    seen: Mutex<Vec<Seen>>,
    stop: AtomicBool,
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let thread = thread::spawn(move || {
            let mut serving = vec![];
            for stream in listener.incoming() {
                if theirs.stop.load(Ordering::SeqCst) {
                    break;
                }
                let shared = Arc::clone(&theirs);
                serving.push(thread::spawn(move || serve(stream.expect("a connection"), &shared)));
            }
            for thread in serving {
                // A client that hung up makes a write fail, which is what some tests are about.
                let _ = thread.join();
            }
        });
        Self { address, shared, thread: Some(thread) }
    }

    pub(crate) fn reply(&self, path: &str, reply: Reply) {
        self.shared.replies.lock().expect("unpoisoned").insert(path.to_owned(), reply);
    }

    pub(crate) fn seen(&self, path: &str) -> Vec<Seen> {
        let seen = self.shared.seen.lock().expect("unpoisoned");
        seen.iter().filter(|seen| seen.path == path).cloned().collect()
    }

    /// How many requests came in, on any path, readable or not.
    pub(crate) fn count(&self) -> usize {
        self.shared.seen.lock().expect("unpoisoned").len()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        // Wakes the accepting thread.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(mut stream: TcpStream, shared: &Shared) {
    let seen = read_request(&stream);
    let path = seen.path.clone();
    shared.seen.lock().expect("unpoisoned").push(seen);
    let reply = shared.replies.lock().expect("unpoisoned").get(&path).cloned();
    let _ = match reply {
        None => respond(&mut stream, "404 Not Found", "", b"nothing here"),
        Some(Reply::Json(status, value)) => respond(
            &mut stream,
            &format!("{status} Said"),
            "content-type: application/json\r\n",
            value.to_string().as_bytes(),
        ),
        Some(Reply::Bytes(bytes)) => respond(&mut stream, "200 OK", "", &bytes),
        Some(Reply::Redirect(to)) => respond(&mut stream, "302 Found", &format!("location: {to}\r\n"), b""),
        Some(Reply::Never) => until_stopped(shared, || Ok(())),
        Some(Reply::Trickle) => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n");
            until_stopped(shared, || stream.write_all(b" "))
        }
    };
}

fn until_stopped(shared: &Shared, mut each: impl FnMut() -> std::io::Result<()>) -> std::io::Result<()> {
    while !shared.stop.load(Ordering::SeqCst) {
        each()?;
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn read_request(stream: &TcpStream) -> Seen {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    let _ = reader.read_line(&mut line);
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let (mut authorization, mut length) = (None, 0);
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header).unwrap_or(0) <= 2 {
            break;
        }
        let (name, value) = header.trim_end().split_once(':').unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            "authorization" => authorization = Some(value.trim().to_owned()),
            "content-length" => length = value.trim().parse().unwrap_or(0),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    let _ = reader.read_exact(&mut body);
    Seen { path, authorization, body: String::from_utf8_lossy(&body).into_owned() }
}

fn respond(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8]) -> std::io::Result<()> {
    let head =
        format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n", body.len());
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)
}
