//! Journeys through the pages: a browser, a router, a service in memory.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot be set up fails")]

mod access;
mod browser;
mod company;
mod explain;
mod managing;
mod many;
mod office;
mod own;
mod refused;
mod sign_in;
mod single_sign_on;
mod store;
mod suggest;
mod told;
mod weight;
mod zones;
