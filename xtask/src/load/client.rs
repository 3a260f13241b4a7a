//! A load generator: kept-alive HTTP/1.1 connections, one request under way on each.

use crate::steps::Failure;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// What was sent and how long it took.
#[derive(Debug)]
pub(super) struct Tally {
    pub requests: u64,
    pub seconds: f64,
    /// Microseconds of each request, sorted.
    took_us: Vec<u32>,
}

impl Tally {
    pub(super) fn quantile_us(&self, q: f64) -> f64 {
        let at = (self.took_us.len() as f64 * q) as usize;
        self.took_us.get(at.min(self.took_us.len().saturating_sub(1))).map_or(f64::NAN, |us| f64::from(*us))
    }
}

/// Sends the bodies in turn over so many connections for so many seconds.
#[expect(clippy::disallowed_methods, reason = "a load generator measures time")]
pub(super) fn hammer(
    address: SocketAddr,
    path: &str,
    credential: &str,
    bodies: &[String],
    connections: usize,
    seconds: u64,
) -> Result<Tally, Failure> {
    let requests: Vec<Vec<u8>> = bodies.iter().map(|body| request(path, credential, body)).collect();
    let begun = Instant::now();
    let until = begun + Duration::from_secs(seconds);
    let outcomes = std::thread::scope(|threads| {
        let started: Vec<_> = (0..connections)
            .map(|i| {
                let requests = &requests;
                threads.spawn(move || connection(address, requests, i * 7_919, until))
            })
            .collect();
        started.into_iter().map(std::thread::ScopedJoinHandle::join).collect::<Vec<_>>()
    });
    let elapsed = begun.elapsed().as_secs_f64();
    let mut took_us = Vec::new();
    for outcome in outcomes {
        let took = outcome.map_err(|_| Failure::new("a connection's thread ended early"))?;
        took_us.extend(took.map_err(|e| Failure::new(format!("{path}: {e}")))?);
    }
    took_us.sort_unstable();
    Ok(Tally { requests: took_us.len() as u64, seconds: elapsed, took_us })
}

fn request(path: &str, credential: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nHost: load\r\nAuthorization: Basic {credential}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

#[expect(clippy::disallowed_methods, reason = "a load generator measures time")]
fn connection(
    address: SocketAddr,
    requests: &[Vec<u8>],
    from: usize,
    until: Instant,
) -> std::io::Result<Vec<u32>> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let (mut reader, mut writer) = (BufReader::with_capacity(256 * 1024, stream.try_clone()?), stream);
    let (mut took, mut body) = (Vec::new(), Vec::new());
    for request in requests.iter().cycle().skip(from % requests.len().max(1)) {
        let sent = Instant::now();
        if sent >= until {
            break;
        }
        writer.write_all(request)?;
        answer(&mut reader, &mut body)?;
        took.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
    Ok(took)
}

/// Reads one answer, which must be 200 with a length.
fn answer(reader: &mut BufReader<TcpStream>, body: &mut Vec<u8>) -> std::io::Result<()> {
    let (mut line, mut length, mut status) = (String::new(), None, None);
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let text = line.trim_end();
        if text.is_empty() {
            break;
        }
        if status.is_none() {
            status = Some(text.contains(" 200"));
        } else if let Some((name, value)) = text.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok();
        }
    }
    let wrong = |why: &str| std::io::Error::other(why.to_owned());
    body.resize(length.ok_or_else(|| wrong("an answer without a length"))?, 0);
    reader.read_exact(body)?;
    if status == Some(true) {
        Ok(())
    } else {
        Err(wrong(&format!("an answer that is not 200: {}", String::from_utf8_lossy(body))))
    }
}
