//! A server from its beginning to its end.

use crate::control::Socket;
use crate::dir_lock::{DirLock, DirLockError};
use crate::front::{Front, page_paths, tops};
use crate::http::Bounds;
use crate::limits::{BLOCKING_THREADS_BESIDE, GRACE_S_MAX, UPKEEP_S};
use crate::{house, http};
use authn::{Authenticator, Proxies};
use axum::middleware::from_fn;
use pages::{Door, PagesConfig, SiteUrl, SiteUrlError, paths};
use rest::{BaseUrl, Config};
use service::{Service, ServiceError, SignInOptions, Target};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What a server is told.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// Where state is kept.
    pub target: Target,
    /// With PostgreSQL: a directory for the lock and the local socket, where commands are wanted there too.
    pub socket_folder: Option<PathBuf>,
    /// Where to listen; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Where callers reach it. Without one, a server on a loopback address tells that address; another one answers
    /// no discovery and offers no pages.
    pub base_url: Option<BaseUrl>,
    /// How users sign in.
    pub sign_in: SignInOptions,
    /// The proxies whose `X-Forwarded-For` is believed; without any, the peer of a connection is the visitor.
    pub proxies: Proxies,
    /// Whether the route that benchmarks measure decisions against is there.
    pub bench_floor: bool,
}

/// Why a server did not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The data directory is not ours.
    #[error(transparent)]
    Directory(#[from] DirLockError),
    /// The database cannot be used, or what was to be prepared in it failed.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// Nobody can listen there.
    #[error("nothing can listen at {address}: {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// Browsers cannot reach pages there.
    #[error(transparent)]
    BaseUrl(#[from] SiteUrlError),
    /// The local socket cannot be made.
    #[error("the local socket cannot be made in {}: {error}", .folder.display())]
    Socket {
        /// The data directory.
        folder: std::path::PathBuf,
        /// Why; a path of more than some 100 bytes is too long for a socket.
        error: io::Error,
    },
    /// The operating system gives no threads or signals.
    #[error("the program cannot run here: {0}")]
    Runtime(io::Error),
}

/// Tells everybody when the server stops.
#[derive(Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    #[cfg(test)]
    pub(crate) fn of(stopped: watch::Receiver<bool>) -> Self {
        Self(stopped)
    }

    /// Returns once the server stops.
    pub(crate) async fn stopped(&mut self) {
        // A sender that is gone stops too.
        drop(self.0.wait_for(|stop| *stop).await);
    }

    pub(crate) fn is_stopped(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }
}

/// A server at work. Dropping it without [`Self::stop`] ends it at once.
pub struct Running {
    runtime: Runtime,
    address: SocketAddr,
    service: Service,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    /// Given back last, when nobody uses the directory any more.
    _owned: Option<DirLock>,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Starts a server: owns the directory, opens the database, lets `prepare` work on it, then listens.
///
/// # Errors
/// What stands in the way; nothing runs then.
pub fn start(
    options: &ServeOptions,
    prepare: impl FnOnce(&Service) -> Result<(), ServiceError>,
) -> Result<Running, ServeError> {
    let owned = match &options.target {
        Target::Directory(folder) => Some(DirLock::take(folder)?),
        Target::Memory | Target::Postgres(_) => {
            options.socket_folder.as_deref().map(DirLock::take).transpose()?
        }
    };
    let service = Service::open_target_with(&options.target, options.sign_in.clone())?;
    prepare(&service)?;
    let runtime = runtime(Authenticator::calls_max()).map_err(ServeError::Runtime)?;
    let entered = runtime.enter();
    let socket = match &owned {
        None => None,
        Some(lock) => Some(Socket::bind(lock).map_err(|error| {
            let folder = lock.folder().to_owned();
            ServeError::Socket { folder, error }
        })?),
    };
    let unheard = |error| ServeError::Listen { address: options.listen, error };
    let listener = runtime.block_on(TcpListener::bind(options.listen)).map_err(unheard)?;
    let address = listener.local_addr().map_err(unheard)?;
    let (stop, stopped) = watch::channel(false);
    let stopped = Stop(stopped);
    let config = config(options, address);
    let mut tasks = Vec::new();
    if let Some(metrics) = config.metrics.clone() {
        runtime.spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(UPKEEP_S)).await;
                metrics.run_upkeep();
            }
        });
    }
    let front = Arc::new(front(&service, config, options.proxies.clone())?);
    tasks.push(runtime.spawn(http::serve(listener, front, Bounds::default(), stopped.clone())));
    tasks.push(runtime.spawn(house::keep(service.clone(), stopped.clone())));
    if let Some(socket) = socket {
        tasks.push(runtime.spawn(socket.serve(service.clone(), stopped)));
    }
    drop(entered);
    Ok(Running { runtime, address, service, stop, tasks, _owned: owned })
}

/// The threads, some for each of so many passwords that are compared or wait for it: every one of those blocks a thread,
/// so on a machine with many cores the 512 that a runtime has by itself would all wait, and nothing else that blocks,
/// not even a refusal, would be done until one of them is free. A thread that is not needed is not made.
fn runtime(passwords: usize) -> io::Result<Runtime> {
    let blocking = passwords + BLOCKING_THREADS_BESIDE;
    Builder::new_multi_thread().enable_all().max_blocking_threads(blocking).build()
}

fn config(options: &ServeOptions, address: SocketAddr) -> Config {
    let base_url = options.base_url.clone().or_else(|| BaseUrl::of_loopback(address));
    match &base_url {
        Some(url) if url.as_str().starts_with("http:") => {
            tracing::info!(url = url.as_str(), "plain http: for programs on this machine alone");
        }
        Some(_) => {}
        None => tracing::warn!(%address, "no base URL: no pages, and AuthZEN discovery is not answered"),
    }
    Config { base_url, metrics: rest::install_recorder(), bench_floor: options.bench_floor }
}

/// The sign-in pages of a site: the name of the application, and the address.
#[must_use]
pub fn sign_in_pages(site: &BaseUrl) -> [(&'static str, String); 2] {
    Door::ALL.map(|door| (door.title(), format!("{}{}", site.as_str(), door.to(paths::SIGN_IN))))
}

/// The surfaces, put together.
fn front(service: &Service, config: Config, proxies: Proxies) -> Result<Front, ServeError> {
    let base_url = config.base_url.as_ref().map(|url| SiteUrl::parse(url.as_str())).transpose()?;
    let pages = pages::router(service.clone(), PagesConfig { base_url }).layer(from_fn(rest::counted));
    let tops = tops(rest::routes(&config).map(|route| route.path));
    Ok(Front { rest: rest::router(service.clone(), config), pages, theirs: page_paths(), tops, proxies })
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its service.
    #[must_use]
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// Returns when the process is told to end: SIGINT or SIGTERM.
    ///
    /// # Errors
    /// The operating system does not tell signals.
    pub fn wait_for_signal(&self) -> Result<(), ServeError> {
        let signals = self.signals()?;
        self.wait(signals);
        Ok(())
    }

    /// From now on the signals do not end the process by themselves.
    fn signals(&self) -> Result<[Signal; 2], ServeError> {
        let _entered = self.runtime.enter();
        let hear = |kind| signal(kind).map_err(ServeError::Runtime);
        Ok([hear(SignalKind::interrupt())?, hear(SignalKind::terminate())?])
    }

    fn wait(&self, [mut interrupt, mut terminate]: [Signal; 2]) {
        self.runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        });
    }

    /// Takes no more requests, and returns when those under way are answered, after [`GRACE_S_MAX`] at the latest.
    pub fn stop(self) {
        self.stop.send_replace(true);
        self.runtime.block_on(async {
            for task in self.tasks {
                if let Err(error) = task.await {
                    tracing::error!(%error, "a part of the server did not end well");
                }
            }
        });
        // What was used last is known now.
        if let Err(error) = self.service.keep_house() {
            house::log(&error);
        }
        self.runtime.shutdown_timeout(Duration::from_secs(GRACE_S_MAX));
    }
}

/// Serves until the process is told to end. `prepare` works on the database before anybody else can; `on_ready` is
/// called once both the address and the local socket are listened to.
///
/// # Errors
/// What keeps it from starting.
pub fn serve(
    options: &ServeOptions,
    prepare: impl FnOnce(&Service) -> Result<(), ServiceError>,
    on_ready: impl FnOnce(SocketAddr),
) -> Result<(), ServeError> {
    crate::install_log();
    let running = start(options, prepare)?;
    tracing::info!(address = %running.address(), "listening");
    // Before anybody is told that it runs: whoever ends it then ends it in peace.
    let signals = running.signals()?;
    on_ready(running.address());
    running.wait(signals);
    tracing::info!("stopping");
    running.stop();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;

    #[test]
    fn when_all_passwords_wait_that_may_there_is_a_thread_for_others() {
        const PASSWORDS: usize = 700;
        let runtime = runtime(PASSWORDS).unwrap();
        let all = Arc::new(Barrier::new(PASSWORDS + 1));
        for _ in 0..PASSWORDS {
            let all = all.clone();
            runtime.spawn_blocking(move || all.wait());
        }
        let other = runtime.spawn_blocking(|| 7);
        let done = runtime.block_on(async { tokio::time::timeout(Duration::from_secs(20), other).await });
        // As many threads wait for this one, or they wait for ever.
        let waits = all.clone();
        let gone = std::thread::spawn(move || waits.wait());
        runtime.shutdown_timeout(Duration::from_secs(if done.is_ok() { 20 } else { 0 }));
        assert!(matches!(done, Ok(Ok(7))), "no thread was left");
        gone.join().unwrap();
    }
}
