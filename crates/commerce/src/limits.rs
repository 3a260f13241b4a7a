//! Every bound of this crate, in one place.

/// Most rows of a page.
pub const PAGE_LIMIT_MAX: usize = 200;

/// Rows of a page when the caller does not say.
pub const PAGE_LIMIT_DEFAULT: usize = 50;

/// Most rows of one write; it is one transaction.
pub const WRITE_ROWS_MAX: usize = 100_000;

/// Most lines, and most fulfilments, of one order.
pub const LINES_MAX: usize = 1_000;

/// Most index ranges that a list is put together from. A filter with more of them is read along the order of the
/// list instead: somebody with that many places sees so much that a page fills soon.
pub const BRANCHES_MAX: usize = 512;

/// Index ranges of one statement. More are read in rounds: planning a statement costs more than a round.
pub(crate) const ROUND_BRANCHES_MAX: usize = 64;

/// Numbers of a statement that are parameters; those after are written into its text.
///
/// Few places, the usual case, so give few texts, which stay prepared. A list of 10,000 places would be over
/// SQLite's limit of parameters; its text is never seen again anyway. What is written is a number of ours, never text.
pub(crate) const NUMBER_PARAMETERS_MAX: usize = 256;

/// Rows of a write that are looked up and compared at once.
pub(crate) const CHUNK_ROWS: usize = 512;

/// Longest text of a cursor, in bytes: a ref of 128 characters of 4 bytes, coded, and the rest.
pub(crate) const CURSOR_LEN_MAX: usize = 1_024;
