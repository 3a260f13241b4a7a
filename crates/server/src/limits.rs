//! Every bound of this crate, in one place.

/// Most HTTP connections at a time; others wait in the queue of the operating system.
pub const CONNECTIONS_MAX: usize = 4_096;

/// Most HTTP connections from one address (IPv6: its /64) at a time, an eighth of all; a further one is closed at once,
/// without an answer. Trusted proxies have no such bound: they speak for everybody.
///
/// This machine is an address like others: what stands before the server here is a proxy, and is to be listed as one,
/// and a program with more connections than this would leave none to it.
pub const CONNECTIONS_OF_PEER_MAX: usize = 512;

/// Longest time in which nothing can be written to a connection, as its client does not read, in seconds: the
/// connection is ended then.
pub const WRITE_S_MAX: u64 = 30;

/// Threads for what blocks, beside those of the passwords that are compared or wait for it: every other call that takes
/// long, the local socket, the upkeep, and present passwords that are tried with a delay.
pub(crate) const BLOCKING_THREADS_BESIDE: usize = 512;

/// Longest time for the head of a request to arrive, in seconds, from the beginning of a connection or the end of the
/// answer before: an idle connection is closed after it too.
pub const HEAD_S_MAX: u64 = 30;

/// Most bytes of the head of a request and of what is read ahead of its body.
pub(crate) const BUFFER_BYTES_MAX: usize = 64 * 1024;

/// Longest time that requests may take to end once the server is told to stop, in seconds.
pub const GRACE_S_MAX: u64 = 30;

/// Most connections of the local socket at a time.
pub const CONTROL_CONNECTIONS_MAX: usize = 16;

/// Longest request on the local socket, in bytes: the files of an import travel in it.
pub const CONTROL_REQUEST_BYTES_MAX: usize = 512 * 1024 * 1024;

/// Longest time without a byte on the local socket before its connection is closed, in seconds.
pub const CONTROL_IDLE_S_MAX: u64 = 60;

/// How often a reader of the local socket looks whether the server stops, in milliseconds.
pub(crate) const CONTROL_LOOK_MS: u64 = 100;

/// How often histograms are put together and the uses of tokens are written down, in seconds.
pub(crate) const UPKEEP_S: u64 = 5;
