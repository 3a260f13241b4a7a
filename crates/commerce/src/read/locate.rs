//! Where a stored thing is: the one read without a filter.
//!
//! A decision about a stored thing needs its place before anything is known of the asker. What is answered is judged,
//! not shown.

use crate::commerce::Commerce;
use crate::entities::{Kept, Table, place};
use crate::error::CommerceError;
use crate::statement::Statement;
use access::catalogue::EntityType;
use access::catalogue::kind::{Customer, Fulfilment, InventoryPosition, Item, Order};
use access::words::Number;
use access::{AccountId, Place};

/// The entities whose things are kept here.
const TABLES: [(&str, Table); 5] = [
    (Order::NAME, Order::TABLE),
    (Fulfilment::NAME, Fulfilment::TABLE),
    (Customer::NAME, Customer::TABLE),
    (Item::NAME, Item::TABLE),
    (InventoryPosition::NAME, InventoryPosition::TABLE),
];

impl Commerce {
    /// The place of the order, fulfilment, customer, item or inventory position of that id or ref; none when none is
    /// stored. Retailers, locations and channels are looked up in the access state instead.
    ///
    /// # Errors
    /// [`CommerceError::NotKept`] for another entity, [`CommerceError::Ambiguous`] for a ref that several have; those
    /// of the database.
    pub fn locate(
        &self,
        account: AccountId,
        entity: &str,
        key: &str,
    ) -> Result<Option<Place>, CommerceError> {
        let table = TABLES.iter().find(|(name, _)| *name == entity).map(|(_, table)| table);
        let table = table.ok_or_else(|| CommerceError::NotKept { entity: entity.to_owned() })?;
        if key.contains('\0') {
            return Ok(None);
        }
        self.db.read(|tx| {
            for column in ["id", "reference"] {
                let query = query(table, account, column, key);
                match tx.query(&query.text, &query.values)?.as_slice() {
                    [] => {}
                    [row] => return place(&row.as_ref(), 0).map(Some),
                    _ => {
                        return Err(CommerceError::Ambiguous {
                            entity: entity.to_owned(),
                            key: key.to_owned(),
                        });
                    }
                }
            }
            Ok(None)
        })
    }
}

fn query(table: &Table, account: AccountId, column: &str, key: &str) -> Statement {
    let mut query = Statement::default();
    query.say("SELECT ");
    for part in 0..3 {
        query.say(if part == 0 { "" } else { ", " });
        query.say(table.place.of(part).unwrap_or("CAST(NULL AS BIGINT)"));
    }
    query.say(" FROM ").say(table.name).say(" WHERE account_id = ").give(account.number());
    query.say(" AND ").say(column).say(" = ").give(key).limit(2);
    query
}
