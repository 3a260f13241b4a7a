//! Every bound of this crate, in one place.

/// Longest body of a request, in bytes. A longer one is refused without being read to its end.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// Longest time that a body may take to arrive, in seconds.
pub const BODY_S_MAX: u64 = 30;

/// Most evaluations of one request.
pub const EVALUATIONS_MAX: usize = 1_000;

/// Deepest nesting of objects and arrays in a body: the limit of the JSON reader.
pub const DEPTH_MAX: usize = 127;

/// Longest `X-Request-ID` that is echoed, in bytes.
pub const REQUEST_ID_BYTES_MAX: usize = 128;

/// How long others may keep the discovery document, in seconds.
pub(crate) const DISCOVERY_AGE_S: u32 = 3_600;

/// Longest name of an account in a discovery address, in bytes.
pub(crate) const ACCOUNT_BYTES_MAX: usize = 128;
