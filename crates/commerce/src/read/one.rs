//! Single things, by id or ref.

use super::from;
use crate::commerce::Commerce;
use crate::entities::{
    CustomerRow, FulfilmentRow, ItemRow, Kept, LOCATION_DETAIL_COLUMNS, LocationDetailRow,
    ORDER_LINE_COLUMNS, OrderDetail, OrderLineRow, StockRow,
};
use crate::error::CommerceError;
use crate::limits::LINES_MAX;
use crate::predicate::{needs, push_predicate, push_sieve};
use crate::statement::Statement;
use access::catalogue::kind::{Customer, Fulfilment, InventoryPosition, Item, Location, Order};
use access::words::Number;
use access::{AccountId, Filter, LocationId};
use sql::{Tx, Value};

const LINES_FROM: &str = "order_line l JOIN item i ON i.account_id = l.account_id AND i.id = l.item \
     WHERE l.account_id = $1 AND l.order_id = $2 ORDER BY l.line_no";

macro_rules! single {
    ($($(#[$doc:meta])* $name:ident: $entity:ident -> $row:ident;)+) => {
        impl Commerce {
            $(
                $(#[$doc])*
                ///
                /// # Errors
                /// [`CommerceError::Ambiguous`] for a ref that several admitted ones have; those of the database.
                pub fn $name(&self, filter: &Filter<$entity>, key: &str) -> Result<Option<$row>, CommerceError> {
                    self.db.read(|tx| find(tx, filter, key))
                }
            )+
        }
    };
}

single! {
    /// The fulfilment of that id or ref, if the filter admits it.
    fulfilment: Fulfilment -> FulfilmentRow;
    /// The customer of that id or ref, if the filter admits it.
    customer: Customer -> CustomerRow;
    /// The item of that id or ref, if the filter admits it.
    item: Item -> ItemRow;
    /// The stock of that id, or of an item's ref that is in one admitted place only, if the filter admits it.
    inventory_position: InventoryPosition -> StockRow;
}

impl Commerce {
    /// The order of that id or ref that `filter` admits, with its lines, and with those of its fulfilments that
    /// `fulfilments` admits (at most [`LINES_MAX`]). None for one that does not exist or is not admitted: both alike.
    ///
    /// # Errors
    /// Those of the database.
    pub fn order(
        &self,
        filter: &Filter<Order>,
        fulfilments: &Filter<Fulfilment>,
        key: &str,
    ) -> Result<Option<OrderDetail>, CommerceError> {
        self.db.read(|tx| {
            let Some(order) = find(tx, filter, key)? else { return Ok(None) };
            let lines = lines(tx, filter.account(), &order.id)?;
            // A filter of another account would otherwise be one of this account's fulfilments.
            let own = fulfilments.account() == filter.account();
            let fulfilments = if own { fulfilments_of(tx, fulfilments, &order.id)? } else { Vec::new() };
            Ok(Some(OrderDetail { order, lines, fulfilments }))
        })
    }

    /// The details of a location, if the filter admits it and they were ever written.
    ///
    /// # Errors
    /// Those of the database.
    pub fn location_detail(
        &self,
        filter: &Filter<Location>,
        location: LocationId,
    ) -> Result<Option<LocationDetailRow>, CommerceError> {
        let mut query = Statement::default();
        query.say("SELECT ").say(LOCATION_DETAIL_COLUMNS).say(" FROM place_detail WHERE account_id = ");
        query.give(filter.account().number()).say(" AND location = ").give(location.number());
        push_sieve(&mut query, |query| push_predicate(query, &needs(filter), &LocationDetailRow::PLACE));
        let found = self.db.read(|tx| tx.query_opt(&query.text, &query.values))?;
        found.map(|row| LocationDetailRow::read(&row.as_ref())).transpose()
    }
}

/// The thing of that id, else that of that ref, that the filter admits.
fn find<E: Kept>(tx: &mut Tx<'_>, filter: &Filter<E>, key: &str) -> Result<Option<E::Row>, CommerceError> {
    let needs = needs(filter);
    // No text with a NUL is stored, and no database takes one.
    if needs.is_empty() || key.contains('\0') {
        return Ok(None);
    }
    for column in ["id", "reference"] {
        let mut query = from(&E::TABLE, E::TABLE.columns, filter.account());
        query.say(" AND ").say(column).say(" = ").give(key);
        push_sieve(&mut query, |query| push_predicate(query, &needs, &E::TABLE.place));
        query.limit(2);
        match tx.query(&query.text, &query.values)?.as_slice() {
            [] => {}
            [row] => return E::read(&row.as_ref()).map(Some),
            _ => return Err(CommerceError::Ambiguous { entity: E::NAME.to_owned(), key: key.to_owned() }),
        }
    }
    Ok(None)
}

fn lines(tx: &mut Tx<'_>, account: AccountId, order: &str) -> Result<Vec<OrderLineRow>, CommerceError> {
    let query = format!("SELECT {ORDER_LINE_COLUMNS} FROM {LINES_FROM}");
    let rows = tx.query(&query, &[Value::from(account.number()), order.into()])?;
    rows.iter().map(|row| OrderLineRow::read(&row.as_ref())).collect()
}

fn fulfilments_of(
    tx: &mut Tx<'_>,
    filter: &Filter<Fulfilment>,
    order: &str,
) -> Result<Vec<FulfilmentRow>, CommerceError> {
    let mut query = from(&Fulfilment::TABLE, Fulfilment::TABLE.columns, filter.account());
    query.say(" AND order_id = ").give(order);
    push_sieve(&mut query, |query| push_predicate(query, &needs(filter), &Fulfilment::TABLE.place));
    query.say(" ORDER BY reference").limit(LINES_MAX);
    let rows = tx.query(&query.text, &query.values)?;
    rows.iter().map(|row| Fulfilment::read(&row.as_ref())).collect()
}
