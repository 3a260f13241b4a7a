//! Header to be written.
