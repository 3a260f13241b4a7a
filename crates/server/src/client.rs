//! The command line's end of the local socket.

use crate::SOCKET;
use crate::limits::CONTROL_REQUEST_BYTES_MAX;
use crate::wire::Line;
use service::ops::{Progress, Reply, Request};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

/// A connection to the server that owns a data directory.
#[derive(Debug)]
pub struct Client {
    stream: BufReader<UnixStream>,
}

/// Why a request got no reply.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No server listens in that directory.
    #[error("no server runs on this data directory")]
    NoServer,
    /// The server said no.
    #[error("{message}")]
    Refused {
        /// What kind of error: `invalid`, `forbidden`, `not_found`, `conflict`, `busy`, `too_many`, `provider`,
        /// `provider_slow`, `unavailable`, `internal`.
        fault: String,
        /// What is wrong.
        message: String,
    },
    /// The request is longer than the server takes.
    #[error(
        "the request has {given} bytes, more than the {CONTROL_REQUEST_BYTES_MAX} that a running server takes: stop the server and try again"
    )]
    TooLong {
        /// Bytes of the request.
        given: usize,
    },
    /// The connection broke before a reply came: a change may have been made or not.
    #[error("the connection to the server broke before its reply: look whether the change is there ({0})")]
    Broken(io::Error),
    /// The socket cannot be used.
    #[error("the socket of the server cannot be used: {0}")]
    Unusable(io::Error),
}

impl Client {
    /// Connects to the server that owns a data directory.
    ///
    /// # Errors
    /// [`ClientError::NoServer`] when there is none, also when one left its socket behind.
    pub fn connect(folder: &Path) -> Result<Self, ClientError> {
        use io::ErrorKind::{ConnectionRefused, NotADirectory, NotFound};
        let stream = UnixStream::connect(folder.join(SOCKET)).map_err(|error| match error.kind() {
            NotFound | ConnectionRefused | NotADirectory => ClientError::NoServer,
            _ => ClientError::Unusable(error),
        })?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// Sends a request and waits for its reply, telling its progress.
    ///
    /// # Errors
    /// What the server says, or that it went away.
    pub fn call(&mut self, request: &Request, progress: Progress<'_>) -> Result<Reply, ClientError> {
        let mut line = serde_json::to_vec(request).map_err(|e| ClientError::Unusable(e.into()))?;
        if line.len() > CONTROL_REQUEST_BYTES_MAX {
            return Err(ClientError::TooLong { given: line.len() });
        }
        line.push(b'\n');
        self.stream.get_mut().write_all(&line).map_err(ClientError::Broken)?;
        loop {
            match self.line()? {
                Line::Progress { what, done, of } => progress(&what, done, of),
                Line::Reply(reply) => return Ok(reply),
                Line::Error { fault, message } => return Err(ClientError::Refused { fault, message }),
            }
        }
    }

    fn line(&mut self) -> Result<Line, ClientError> {
        let mut line = Vec::new();
        let read = self.stream.read_until(b'\n', &mut line).map_err(ClientError::Broken)?;
        if read == 0 {
            return Err(ClientError::Broken(io::ErrorKind::UnexpectedEof.into()));
        }
        serde_json::from_slice(&line).map_err(|error| ClientError::Broken(error.into()))
    }
}
