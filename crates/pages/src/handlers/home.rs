//! The first page of a door: one's own information, for now the only one there is.

use std::sync::Arc;

use crate::answer::{Answer, Fail, see_other};
use crate::call::Call;
use crate::paths;
use crate::views::message::Trouble;

pub(crate) async fn show(call: Arc<Call>) -> Answer {
    Ok(see_other(&call.door.to(paths::ME)))
}

/// An address where nothing is. Files are answered before a call is made, so theirs comes here never.
pub(crate) async fn nothing(_: Arc<Call>) -> Answer {
    Err(Fail::Trouble(Trouble::NotFound))
}
