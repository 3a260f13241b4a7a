//! What each page shows, as one struct a page.

pub(crate) mod audit;
pub(crate) mod confirm;
pub(crate) mod effective;
pub(crate) mod explain;
pub(crate) mod frame;
pub(crate) mod me;
pub(crate) mod message;
pub(crate) mod onward;
pub(crate) mod password;
pub(crate) mod role_edit;
pub(crate) mod roles;
pub(crate) mod shown;
pub(crate) mod sign_in;
pub(crate) mod store_choice;
pub(crate) mod store_user_new;
pub(crate) mod token;
pub(crate) mod told;
pub(crate) mod user;
pub(crate) mod user_access;
pub(crate) mod user_new;
pub(crate) mod users;
