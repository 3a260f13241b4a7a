//! A filter is made without a subject.

use access::catalogue::kind::Order;
use access::{Filter, Snapshot};

fn everything(state: &Snapshot) -> Filter<Order> {
    state.filter_of_everything()
}

fn nothing() -> Filter<Order> {
    Filter::default()
}

fn main() {}
