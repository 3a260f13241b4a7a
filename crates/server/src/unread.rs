//! A connection whose client has to read.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

/// A connection that fails when for a while nothing at all could be written to it. As long as something goes on there
/// is no bound: a slow client gets a long answer.
#[derive(Debug)]
pub(crate) struct Unread {
    stream: TcpStream,
    most: Duration,
    /// Runs while something is to be written and cannot be.
    stuck: Option<Pin<Box<Sleep>>>,
}

impl Unread {
    pub(crate) fn new(stream: TcpStream, most: Duration) -> Self {
        Self { stream, most, stuck: None }
    }

    fn judge<T>(&mut self, cx: &mut Context<'_>, polled: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            self.stuck = None;
            return polled;
        }
        let most = self.most;
        let stuck = self.stuck.get_or_insert_with(|| Box::pin(tokio::time::sleep(most)));
        stuck.as_mut().poll(cx).map(|()| {
            // What was written and not read is thrown away: else the operating system would offer it for minutes more.
            drop(self.stream.set_zero_linger());
            Err(io::Error::new(io::ErrorKind::TimedOut, "the client did not read"))
        })
    }
}

impl AsyncRead for Unread {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, to)
    }
}

impl AsyncWrite for Unread {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.judge(cx, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.judge(cx, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
