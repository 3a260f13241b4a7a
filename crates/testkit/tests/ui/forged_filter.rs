//! A filter is widened after it was made.

use access::Filter;
use access::catalogue::kind::Order;

fn widen(mut filter: Filter<Order>, wide: &Filter<Order>) -> Filter<Order> {
    filter.clauses = wide.clauses().to_vec();
    filter
}

fn main() {}
