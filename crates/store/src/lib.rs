//! Rows of access state, change log, audit and migrations; load and commit.

mod ports;

pub use ports::{Clock, IdSource, NoRandomness, SystemClock, SystemIds};
