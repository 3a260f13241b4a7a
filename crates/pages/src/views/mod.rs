//! What each page shows, as one struct a page.

pub(crate) mod confirm;
pub(crate) mod frame;
pub(crate) mod me;
pub(crate) mod message;
pub(crate) mod onward;
pub(crate) mod password;
pub(crate) mod sign_in;
pub(crate) mod token;
