//! The local socket: whoever may open it is the operator.

use crate::dir_lock::DirLock;
use crate::limits::{
    CONTROL_CONNECTIONS_MAX, CONTROL_IDLE_S_MAX, CONTROL_LOOK_MS, CONTROL_REQUEST_BYTES_MAX, GRACE_S_MAX,
};
use crate::wire::Line;
use crate::{SOCKET, run::Stop};
use service::Service;
use service::ops::Request;
use std::fs::Permissions;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UnixListener;
use tokio::sync::Semaphore;

/// A listening socket; its file goes with it.
pub(crate) struct Socket {
    listener: UnixListener,
    path: PathBuf,
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Left behind it does no harm: the next owner replaces it.
        drop(std::fs::remove_file(&self.path));
    }
}

impl Socket {
    /// Listens in a directory that is owned. What an earlier owner left there is replaced; nobody else can be
    /// listening, as the lock says.
    ///
    /// To be called on a runtime.
    pub(crate) fn bind(owned: &DirLock) -> io::Result<Self> {
        let (path, fresh) = (owned.folder().join(SOCKET), owned.folder().join("keyward.sock.new"));
        remove(&fresh)?;
        let listener = UnixListener::bind(&fresh)?;
        // It gets its name only when nobody but the owner can open it.
        std::fs::set_permissions(&fresh, Permissions::from_mode(0o600))?;
        std::fs::rename(&fresh, &path)?;
        Ok(Self { listener, path })
    }

    /// Serves until the server stops, then waits for requests that are under way.
    pub(crate) async fn serve(self, service: Service, mut stop: Stop) {
        let free = Arc::new(Semaphore::new(CONTROL_CONNECTIONS_MAX));
        loop {
            let Ok(permit) = free.clone().acquire_owned().await else { break };
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = stop.stopped() => break,
            };
            match accepted.and_then(|(stream, _)| stream.into_std()) {
                Ok(stream) => {
                    let (service, stop) = (service.clone(), stop.clone());
                    tokio::task::spawn_blocking(move || {
                        if let Err(error) = converse(&service, &stream, &stop) {
                            tracing::debug!(%error, "a connection of the local socket ended");
                        }
                        drop(permit);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "the local socket cannot accept");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
        let all = u32::try_from(CONTROL_CONNECTIONS_MAX).unwrap_or(u32::MAX);
        let ended = tokio::time::timeout(Duration::from_secs(GRACE_S_MAX), free.acquire_many(all)).await;
        if ended.is_err() {
            tracing::warn!("requests on the local socket did not end in time");
        }
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Serves the requests of one connection, one after the other.
fn converse(service: &Service, stream: &UnixStream, stop: &Stop) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(Duration::from_millis(CONTROL_LOOK_MS)))?;
    // A client that does not read does not hold a thread for ever.
    stream.set_write_timeout(Some(Duration::from_secs(CONTROL_IDLE_S_MAX)))?;
    let mut reader = BufReader::new(stream);
    while let Some(line) = read_line(&mut reader, stop)? {
        let answer = match line {
            Ok(line) => match serde_json::from_slice::<Request>(&line) {
                Ok(request) => Line::from(service.perform(&request, &mut |what, done, of| {
                    // Work goes on when nobody listens any more.
                    drop(send(stream, &Line::Progress { what: what.to_owned(), done, of }));
                })),
                Err(error) => Line::error("invalid", format!("the request cannot be read: {error}")),
            },
            Err(TooLong) => {
                let told = format!("the request has more than {CONTROL_REQUEST_BYTES_MAX} bytes");
                return send(stream, &Line::error("invalid", told));
            }
        };
        send(stream, &answer)?;
    }
    Ok(())
}

struct TooLong;

/// The next line; none at the end, when nothing comes for long, and when the server stops between two requests.
fn read_line(
    reader: &mut BufReader<&UnixStream>,
    stop: &Stop,
) -> io::Result<Option<Result<Vec<u8>, TooLong>>> {
    let looks_max = CONTROL_IDLE_S_MAX * 1_000 / CONTROL_LOOK_MS;
    let (mut line, mut looks) = (Vec::new(), 0);
    loop {
        let (before, room) = (line.len(), CONTROL_REQUEST_BYTES_MAX + 1 - line.len());
        let read = reader.by_ref().take(room as u64).read_until(b'\n', &mut line);
        if line.last() == Some(&b'\n') {
            return Ok(Some(Ok(line)));
        }
        if line.len() > CONTROL_REQUEST_BYTES_MAX {
            return Ok(Some(Err(TooLong)));
        }
        match read {
            Ok(_) => return Ok(None),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {}
            Err(error) => return Err(error),
        }
        looks = if line.len() > before { 0 } else { looks + 1 };
        if stop.is_stopped() || looks > looks_max {
            return Ok(None);
        }
    }
}

fn send(mut stream: &UnixStream, line: &Line) -> io::Result<()> {
    let mut bytes = serde_json::to_vec(line)?;
    bytes.push(b'\n');
    stream.write_all(&bytes)
}
