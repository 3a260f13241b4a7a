//! Puts the surfaces together: owns a data directory, listens, and answers until it is told to stop.
//!
//! data directory -> lock -> service -> HTTP on an address, operator's requests on a local socket
//!
//! **Invariant:** one process owns a data directory; whoever does not hold its lock never opens its database.
//! **Invariant:** the local socket is its owner's alone: whoever may open it may do everything.
//! **Invariant:** no rules here, and of a request nothing is looked into but where it comes from and where it goes.

mod client;
mod control;
mod dir_lock;
mod front;
mod house;
mod http;
mod limits;
mod log;
mod peers;
mod run;
mod unread;
mod wire;

pub use authn::{Parameters, Proxies, SessionLimits};
pub use client::{Client, ClientError};
pub use dir_lock::{DirLock, DirLockError};
pub use limits::{
    CONNECTIONS_MAX, CONNECTIONS_OF_PEER_MAX, CONTROL_CONNECTIONS_MAX, CONTROL_IDLE_S_MAX,
    CONTROL_REQUEST_BYTES_MAX, GRACE_S_MAX, HEAD_S_MAX, WRITE_S_MAX,
};
pub use log::install_log;
pub use rest::{BaseUrl, BaseUrlError};
pub use run::{Running, ServeError, ServeOptions, serve, sign_in_pages, start};

/// The name of the local socket in a data directory.
pub const SOCKET: &str = "keyward.sock";
/// The name of the lock file in a data directory.
pub const LOCK: &str = "keyward.lock";
