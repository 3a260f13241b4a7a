//! HTTP connections: bounded in number, in all and of each peer, and in the time that a head may take and that a client
//! may leave an answer unread; ended in peace.

use crate::front::{Answers, Front};
use crate::limits::{
    BUFFER_BYTES_MAX, CONNECTIONS_MAX, CONNECTIONS_OF_PEER_MAX, GRACE_S_MAX, HEAD_S_MAX, WRITE_S_MAX,
};
use crate::peers::{Peers, Place};
use crate::run::Stop;
use crate::unread::Unread;
use hyper::server::conn::http1::Builder;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Connections that were closed at once, as their peer had as many as it may.
const REFUSED: &str = "keyward_connections_refused_total";

/// What bounds connections, beside the heads of their requests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Connections at a time.
    pub(crate) all: usize,
    /// Connections of one peer that is no proxy.
    pub(crate) of_peer: usize,
    /// How long an answer may be left unread.
    pub(crate) write: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        let write = Duration::from_secs(WRITE_S_MAX);
        Self { all: CONNECTIONS_MAX, of_peer: CONNECTIONS_OF_PEER_MAX, write }
    }
}

/// What a connection holds until it ends.
type Held = (OwnedSemaphorePermit, Option<Place>);

/// Serves until the server stops, then waits for the requests that are under way.
pub(crate) async fn serve(listener: TcpListener, front: Arc<Front>, bounds: Bounds, mut stop: Stop) {
    metrics::describe_counter!(REFUSED, "connections closed at once, as their peer had as many as it may");
    let (free, peers) = (Arc::new(Semaphore::new(bounds.all)), Arc::new(Peers::new(bounds.of_peer)));
    let connections = GracefulShutdown::new();
    loop {
        // Whoever comes when all are taken waits outside.
        let permit = tokio::select! {
            permit = free.clone().acquire_owned() => permit,
            () = stop.stopped() => break,
        };
        let Ok(permit) = permit else { break };
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => match place(&front, &peers, peer.ip()) {
                    Ok(place) => {
                        let stream = Unread::new(quick(stream), bounds.write);
                        connect(stream, front.answers(peer.ip()), &connections, (permit, place));
                    }
                    Err(Full) => {
                        metrics::counter!(REFUSED).increment(1);
                        tracing::debug!(peer = %peer.ip(), "a connection too many was closed");
                    }
                },
                Err(error) => {
                    // No file descriptors left, most likely: a moment later there are some.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            },
            () = stop.stopped() => break,
        }
    }
    drop(listener);
    if tokio::time::timeout(Duration::from_secs(GRACE_S_MAX), connections.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
}

/// The peer has as many connections as it may.
struct Full;

/// The place of a connection among those of its peer; none for a proxy, which speaks for everybody.
fn place(front: &Front, peers: &Arc<Peers>, peer: IpAddr) -> Result<Option<Place>, Full> {
    if front.proxies.trusts(peer) {
        return Ok(None);
    }
    peers.enter(peer).map(Some).ok_or(Full)
}

/// Answers are small: waiting to fill a packet would only delay them.
fn quick(stream: TcpStream) -> TcpStream {
    drop(stream.set_nodelay(true));
    stream
}

fn connect(stream: Unread, answers: Answers, connections: &GracefulShutdown, held: Held) {
    let connection = Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(HEAD_S_MAX))
        .max_buf_size(BUFFER_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), answers);
    let connection = connections.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection ended");
        }
        drop(held);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::routing::get;
    use std::collections::BTreeSet;
    use std::net::SocketAddr;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpSocket;
    use tokio::sync::watch;
    use tokio::time::{sleep, timeout};

    /// More than the buffers of a connection hold.
    const BIG_BYTES: usize = 48 << 20;
    const LONG: Duration = Duration::from_secs(20);

    /// A server that answers quickly at `/` and at length at `/big`. It ends with the sender.
    async fn served(bounds: Bounds) -> (SocketAddr, watch::Sender<bool>) {
        let rest = Router::new().route("/", get(|| async { "ok" }));
        let rest = rest.route("/big", get(|| async { vec![b'x'; BIG_BYTES] }));
        let proxies = authn::Proxies::parse("127.0.0.3").unwrap();
        let (pages, theirs, tops) = (rest.clone(), BTreeSet::new(), BTreeSet::new());
        let front = Arc::new(Front { rest, pages, theirs, tops, proxies });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(serve(listener, front, bounds, Stop::of(stopped)));
        (address, stop)
    }

    async fn connected(from: &str, to: SocketAddr) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::new(from.parse().unwrap(), 0)).unwrap();
        socket.connect(to).await.unwrap()
    }

    /// The connection, once it was answered; none when it was closed without a word.
    async fn answered(from: &str, to: SocketAddr) -> Option<TcpStream> {
        let mut stream = connected(from, to).await;
        let mut answer = [0; 12];
        let asked = stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.is_ok();
        let read = timeout(LONG, stream.read(&mut answer)).await.expect("neither answered nor closed");
        let read = read.unwrap_or(0);
        assert!(read == 0 || (asked && answer.starts_with(b"HTTP/1.1 200")), "{answer:?}");
        (read > 0).then_some(stream)
    }

    /// Asks until it is answered: a connection that was closed is counted until the server sees it.
    async fn answered_soon(from: &str, to: SocketAddr) -> TcpStream {
        let ask = async {
            loop {
                match answered(from, to).await {
                    Some(stream) => return stream,
                    None => sleep(Duration::from_millis(20)).await,
                }
            }
        };
        timeout(LONG, ask).await.expect("no place becomes free")
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn one_address_does_not_take_the_connections_of_others() {
        let (to, _stop) = served(Bounds { of_peer: 3, ..Bounds::default() }).await;
        let mut open = Vec::new();
        for _ in 0..3 {
            open.push(answered("127.0.0.1", to).await.expect("a place"));
        }
        assert!(answered("127.0.0.1", to).await.is_none(), "a fourth of one address");
        assert!(answered("127.0.0.2", to).await.is_some(), "another address");
        // A proxy speaks for everybody.
        for _ in 0..5 {
            open.push(answered("127.0.0.3", to).await.expect("a place of a proxy"));
        }
        drop(open);
        answered_soon("127.0.0.1", to).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_asks_and_never_reads_is_dropped() {
        let write = Duration::from_millis(400);
        let (to, _stop) = served(Bounds { of_peer: 1, write, ..Bounds::default() }).await;
        let mut silent = connected("127.0.0.1", to).await;
        silent.write_all(b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        // The only place of this address becomes free, though its connection was never closed from here.
        answered_soon("127.0.0.1", to).await;
        let mut read = Vec::new();
        let ended = timeout(LONG, silent.read_to_end(&mut read)).await.expect("it ended");
        assert!(read.len() < BIG_BYTES, "{ended:?} {}", read.len());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_reads_slowly_gets_all() {
        let write = Duration::from_secs(2);
        let (to, _stop) = served(Bounds { write, ..Bounds::default() }).await;
        let mut slow = connected("127.0.0.1", to).await;
        slow.write_all(b"GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
        let (mut part, mut sum, mut pauses) = (vec![0; 1 << 20], 0, 0);
        loop {
            let read = slow.read(&mut part).await.unwrap();
            if read == 0 {
                break;
            }
            // Ten pauses, longer than the bound in all, over the part that no buffer holds.
            if sum / (2 << 20) > pauses && pauses < 10 {
                pauses += 1;
                sleep(Duration::from_millis(250)).await;
            }
            sum += read;
        }
        assert!(sum > BIG_BYTES && pauses == 10, "{sum} {pauses}");
    }
}
