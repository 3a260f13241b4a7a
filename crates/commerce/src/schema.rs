//! The tables of commerce data, one statement a step.
//!
//! Numbers of places are those of the access state; texts are ours. A list is read along an index that begins with the
//! account and perhaps one part of the place and goes on with the key of its order: one index for each such part.
//! `account_id` leads every index, so that no index grows at one end only.

use store::Migration;

/// The steps, in order. Never changed once released; a later one mends.
const STEPS: &[&str] = &[
    "CREATE TABLE item (
        account_id BIGINT NOT NULL, id TEXT NOT NULL, retailer BIGINT, reference TEXT NOT NULL,
        label TEXT NOT NULL, category TEXT, PRIMARY KEY (account_id, id))",
    "CREATE UNIQUE INDEX item_own ON item (account_id, retailer, reference)",
    // An empty retailer is equal to no other, so shared items need an index of their own to be unique.
    "CREATE UNIQUE INDEX item_shared ON item (account_id, reference) WHERE retailer IS NULL",
    "CREATE INDEX item_listed ON item (account_id, reference, id)",
    "CREATE INDEX item_of_retailer ON item (account_id, retailer, reference, id)",
    "CREATE TABLE customer (
        account_id BIGINT NOT NULL, id TEXT NOT NULL, retailer BIGINT NOT NULL, reference TEXT NOT NULL,
        label TEXT NOT NULL, PRIMARY KEY (account_id, id))",
    "CREATE UNIQUE INDEX customer_own ON customer (account_id, retailer, reference)",
    "CREATE INDEX customer_listed ON customer (account_id, reference, id)",
    "CREATE INDEX customer_of_retailer ON customer (account_id, retailer, reference, id)",
    "CREATE TABLE place_detail (
        account_id BIGINT NOT NULL, location BIGINT NOT NULL, retailer BIGINT NOT NULL, city TEXT, region TEXT,
        country TEXT, time_zone TEXT, latitude BIGINT, longitude BIGINT, PRIMARY KEY (account_id, location))",
    // `reference` is the ref of the item, which never changes: positions are listed by it.
    "CREATE TABLE inventory_position (
        account_id BIGINT NOT NULL, id TEXT NOT NULL, location BIGINT NOT NULL, item TEXT NOT NULL,
        retailer BIGINT NOT NULL, reference TEXT NOT NULL, on_hand BIGINT NOT NULL, PRIMARY KEY (account_id, id))",
    "CREATE UNIQUE INDEX inventory_position_own ON inventory_position (account_id, location, item)",
    "CREATE INDEX inventory_position_listed ON inventory_position (account_id, reference, id)",
    "CREATE INDEX inventory_position_of_retailer ON inventory_position (account_id, retailer, reference, id)",
    "CREATE INDEX inventory_position_of_location ON inventory_position (account_id, location, reference, id)",
    "CREATE TABLE customer_order (
        account_id BIGINT NOT NULL, id TEXT NOT NULL, reference TEXT NOT NULL, retailer BIGINT NOT NULL,
        channel BIGINT NOT NULL, customer TEXT, placed_at BIGINT NOT NULL, currency TEXT NOT NULL,
        status TEXT NOT NULL, total_minor BIGINT NOT NULL, PRIMARY KEY (account_id, id))",
    "CREATE UNIQUE INDEX customer_order_own ON customer_order (account_id, reference)",
    "CREATE INDEX customer_order_listed ON customer_order (account_id, placed_at, id)",
    "CREATE INDEX customer_order_of_retailer ON customer_order (account_id, retailer, placed_at, id)",
    "CREATE INDEX customer_order_of_channel ON customer_order (account_id, channel, placed_at, id)",
    "CREATE TABLE order_line (
        account_id BIGINT NOT NULL, order_id TEXT NOT NULL, line_no BIGINT NOT NULL, line_key TEXT,
        item TEXT NOT NULL, quantity BIGINT NOT NULL, unit_price_minor BIGINT NOT NULL, discount TEXT,
        PRIMARY KEY (account_id, order_id, line_no))",
    // Retailer, channel and `placed_at` are those of the order: fulfilments are guarded and listed by them.
    "CREATE TABLE fulfilment (
        account_id BIGINT NOT NULL, id TEXT NOT NULL, order_id TEXT NOT NULL, reference TEXT NOT NULL,
        retailer BIGINT NOT NULL, location BIGINT NOT NULL, channel BIGINT NOT NULL, placed_at BIGINT NOT NULL,
        status TEXT NOT NULL, shipped_at BIGINT, delivered_at BIGINT, PRIMARY KEY (account_id, id))",
    "CREATE UNIQUE INDEX fulfilment_own ON fulfilment (account_id, reference)",
    "CREATE INDEX fulfilment_of_order ON fulfilment (account_id, order_id)",
    "CREATE INDEX fulfilment_listed ON fulfilment (account_id, placed_at, id)",
    "CREATE INDEX fulfilment_of_retailer ON fulfilment (account_id, retailer, placed_at, id)",
    "CREATE INDEX fulfilment_of_location ON fulfilment (account_id, location, placed_at, id)",
    "CREATE INDEX fulfilment_of_channel ON fulfilment (account_id, channel, placed_at, id)",
];

/// The steps that make the tables of this crate, for `Store::open`.
#[must_use]
pub fn migrations() -> Vec<Migration> {
    (1..).zip(STEPS).map(|(number, sql)| Migration { module: "commerce", number, sql }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_one_statement_and_every_index_begins_with_the_account() {
        for step in migrations() {
            assert!(!step.sql.contains(';') && step.sql.starts_with("CREATE "), "{}", step.sql);
            if let Some((_, columns)) = step.sql.split_once(" ON ") {
                assert!(columns.contains("(account_id, "), "{}", step.sql);
            }
        }
    }
}
