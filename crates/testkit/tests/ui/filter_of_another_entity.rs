//! A filter of customers guards a list of orders.

use access::Filter;
use access::catalogue::kind::{Customer, Order};

fn orders(_: &Filter<Order>) {}

fn list(customers: &Filter<Customer>) {
    orders(customers);
}

fn main() {}
