//! The first page of a door: the first that one may read, else one's own information.

use std::sync::Arc;

use crate::answer::{Answer, Fail, see_other};
use crate::call::Call;
use crate::paths;
use crate::views::message::Trouble;

pub(crate) async fn show(call: Arc<Call>) -> Answer {
    let first = call.frame().menu.into_iter().next().map(|item| item.address);
    Ok(see_other(&first.unwrap_or_else(|| call.door.to(paths::ME))))
}

/// An address where nothing is. Files are answered before a call is made, so theirs comes here never.
pub(crate) async fn nothing(_: Arc<Call>) -> Answer {
    Err(Fail::Trouble(Trouble::NotFound))
}
