//! One input, tried. A panic is an answer here, and says nothing on the terminal.

use crate::reached::Reached;
use crate::target::Target;
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    static TRYING: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// How a promise was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// File and line of the panic: two inputs that break there have found the same.
    pub place: String,
    /// What the panic said.
    pub message: String,
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// Takes an input to a target.
///
/// # Errors
/// The promise that was broken.
pub fn attempt(target: &Target, input: &[u8]) -> Result<Reached, Broken> {
    remember_places();
    TRYING.set(true);
    let result = catch_unwind(AssertUnwindSafe(|| (target.check)(input)));
    TRYING.set(false);
    result.map_err(|payload| Broken { place: PLACE.take(), message: said(payload.as_ref()) })
}

/// Panics of a trial are remembered, all others are told as ever.
fn remember_places() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |info| {
            if TRYING.get() {
                let place = info.location().map(ToString::to_string).unwrap_or_default();
                PLACE.set(place);
            } else {
                before(info);
            }
        }));
    });
}

fn said(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default()
}
