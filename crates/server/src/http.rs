//! HTTP connections: bounded in number and in the time that a head may take, ended in peace.

use crate::front::{Answers, Front};
use crate::limits::{BUFFER_BYTES_MAX, CONNECTIONS_MAX, GRACE_S_MAX, HEAD_S_MAX};
use crate::run::Stop;
use hyper::server::conn::http1::Builder;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Serves until the server stops, then waits for the requests that are under way.
pub(crate) async fn serve(listener: TcpListener, front: Arc<Front>, mut stop: Stop) {
    let free = Arc::new(Semaphore::new(CONNECTIONS_MAX));
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
                Ok((stream, peer)) => connect(stream, front.answers(peer.ip()), &connections, permit),
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

fn connect(
    stream: TcpStream,
    answers: Answers,
    connections: &GracefulShutdown,
    permit: OwnedSemaphorePermit,
) {
    // Answers are small: waiting to fill a packet would only delay them.
    drop(stream.set_nodelay(true));
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
        drop(permit);
    });
}
