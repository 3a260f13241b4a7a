//! What the provider tells the program behind the browsers' backs, on its way there: kept, and passed on as it is.

use super::browser::field;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Listens until the process ends.
pub(crate) struct Relay {
    pub(crate) url: String,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Relay {
    /// Passes on to the site at `base`.
    pub(crate) fn start(base: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (heard, site) = (Arc::default(), base.strip_prefix("http://").expect("this machine").to_owned());
        let relay = Self { url, heard: Arc::clone(&heard) };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A provider that broke off hears of it by its own end of the connection.
                drop(pass(stream, &site, &heard));
            }
        });
        relay
    }

    /// The logout tokens that came by, the oldest first.
    pub(crate) fn logout_tokens(&self) -> Vec<String> {
        let heard = self.heard.lock().expect("nobody panics with it");
        let token = |body: &String| field(&format!("?{body}"), "logout_token").expect("a logout token");
        heard.iter().map(token).collect()
    }
}

/// One request there, and its answer back.
fn pass(mut from: TcpStream, site: &str, heard: &Mutex<Vec<String>>) -> io::Result<()> {
    let (head, body) = request(&mut from)?;
    heard.lock().expect("nobody panics with it").push(body.clone());
    let kept = |line: &&str| !line.to_lowercase().starts_with("connection:");
    let head: Vec<&str> = head.split("\r\n").filter(kept).collect();
    let mut to = TcpStream::connect(site)?;
    to.write_all(format!("{}\r\nconnection: close\r\n\r\n{body}", head.join("\r\n")).as_bytes())?;
    io::copy(&mut to, &mut from).map(drop)
}

/// The head of a request without the empty line at its end, and its body.
fn request(stream: &mut TcpStream) -> io::Result<(String, String)> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        bytes.extend(byte);
    }
    let head = String::from_utf8_lossy(&bytes).trim_end().to_owned();
    let lower = head.to_lowercase();
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length:"));
    let mut body = vec![0; length.and_then(|text| text.trim().parse().ok()).expect("a length")];
    stream.read_exact(&mut body)?;
    Ok((head, String::from_utf8_lossy(&body).into_owned()))
}
