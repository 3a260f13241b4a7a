//! Every bound of this crate, in one place.

/// Longest body of a request, in bytes. A longer one is refused without being read to its end.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// Longest body of a request that is no batch of questions: a form, a label, a site; in bytes.
pub const SMALL_BODY_BYTES_MAX: usize = 64 * 1024;

/// Longest time that a body may take to arrive, in seconds.
pub const BODY_S_MAX: u64 = 30;

/// Longest path, and longest query, in bytes.
pub const ADDRESS_BYTES_MAX: usize = 8 * 1024;

/// Most bytes of the names and values of all headers.
pub const HEADERS_BYTES_MAX: usize = 16 * 1024;

/// Most fields of a form or query, those that are there twice counted twice.
pub const FIELDS_MAX: usize = 64;

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

/// When to come back while the database cannot be used, in seconds.
pub(crate) const UNAVAILABLE_RETRY_S: u32 = 5;
