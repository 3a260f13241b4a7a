//! Every bound of an import, by name. Going over one is a [`Problem`](crate::Problem) or a
//! [`MappingFault`](crate::MappingFault) that states the bound.

/// Largest mapping file, in bytes.
pub const MAPPING_BYTES_MAX: usize = 1024 * 1024;

/// Most files that one mapping may name.
pub const FILES_MAX: usize = 256;

/// Most look-ups of one mapping; so deep may one ask another, too.
pub const LOOKUPS_MAX: usize = 256;

/// Largest CSV file, in bytes: it is held in memory while it is read.
pub const FILE_BYTES_MAX: usize = 512 * 1024 * 1024;

/// Most rows of one CSV file, the header not counted.
pub const ROWS_MAX: u64 = 5_000_000;

/// Most columns of one CSV file.
pub const COLUMNS_MAX: usize = 1_000;

/// Longest field of a CSV file, in bytes.
pub const FIELD_BYTES_MAX: usize = 64 * 1024;

/// Most problems that are kept, and so shown; [`Problems::more`](crate::Problems::more) counts the rest.
pub const PROBLEMS_MAX: usize = 10_000;

/// Longest value that is repeated in a problem, in characters; a longer one is cut and ends in `…`.
pub const SHOWN_CHARS_MAX: usize = 120;

/// Most decimal places of a currency: minor units of 10^-6 are the finest.
pub const SCALE_MAX: u8 = 6;
