//! Reads: lists, single things, counts. Each takes the filter that guards it.

mod list;
mod locate;
mod one;
#[cfg(test)]
mod plans;

use crate::commerce::Commerce;
use crate::cursor::Key;
use crate::entities::{CustomerRow, FulfilmentRow, ItemRow, Kept, OrderRow, StockRow, Table};
use crate::error::CommerceError;
use crate::page::{Page, PageRequest};
use crate::predicate::{needs, push_predicate};
use crate::statement::Statement;
use access::catalogue::kind::{Customer, Fulfilment, InventoryPosition, Item, Order};
use access::words::Number;
use access::{AccountId, Filter};

macro_rules! lists {
    ($($(#[$doc:meta])* $list:ident, $count:ident: $entity:ident -> $row:ident;)+) => {
        impl Commerce {
            $(
                $(#[$doc])*
                ///
                /// # Errors
                /// [`CommerceError::BadCursor`] for a cursor of another list; those of the database.
                pub fn $list(&self, filter: &Filter<$entity>, page: &PageRequest) -> Result<Page<$row>, CommerceError> {
                    self.list::<$entity>(filter, page)
                }

                /// How many the filter admits. Looks at every row: for summaries, not for pages.
                ///
                /// # Errors
                /// Those of the database.
                pub fn $count(&self, filter: &Filter<$entity>) -> Result<u64, CommerceError> {
                    self.count::<$entity>(filter)
                }
            )+
        }
    };
}

lists! {
    /// A page of orders, newest first.
    orders, count_orders: Order -> OrderRow;
    /// A page of fulfilments, by when their orders were placed, newest first.
    fulfilments, count_fulfilments: Fulfilment -> FulfilmentRow;
    /// A page of customers, by ref.
    customers, count_customers: Customer -> CustomerRow;
    /// A page of items, by ref.
    items, count_items: Item -> ItemRow;
    /// A page of stock, by the ref of the item.
    inventory, count_inventory: InventoryPosition -> StockRow;
}

impl Commerce {
    fn count<E: Kept>(&self, filter: &Filter<E>) -> Result<u64, CommerceError> {
        let mut query = from(&E::TABLE, "count(*)", filter.account());
        push_predicate(query.say(" AND "), &needs(filter), &E::TABLE.place);
        let found = self.db.read(|tx| tx.query_one(&query.text, &query.values)?.int(0))?;
        u64::try_from(found).map_err(|_| CommerceError::Corrupt("a count below zero".to_owned()))
    }
}

/// `SELECT columns FROM table WHERE account_id = $1`.
fn from(table: &Table, columns: &str, account: AccountId) -> Statement {
    let mut query = Statement::default();
    query.say("SELECT ").say(columns).say(" FROM ").say(table.name).say(" WHERE account_id = ");
    query.give(account.number());
    query
}

/// A row as the rows behind it compare to it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mark {
    key: Key,
    id: String,
}
