//! Lines and fulfilments of orders, as rows.

use super::super::catalogue::text;
use super::super::lookup::{Known, Reference};
use super::super::upsert::{Draft, Shape};
use super::super::{Frame, NewFulfilment};
use super::{Checked, REFERENCE, WHAT};
use crate::error::CommerceError;
use crate::statement::{Column, Statement};
use access::words::Number;
use access::{AccountId, Instant};
use sql::{SqlError, Tx, Value};
use std::collections::HashMap;

/// Written only; what is stored is read by order.
pub(super) const LINE: Shape = Shape {
    table: "order_line",
    has_id: false,
    key: &[Column::Text("order_id"), Column::Int("line_no")],
    found_by: &[Column::Text("order_id")],
    data: &[
        Column::Text("line_key"),
        Column::Text("item"),
        Column::Int("quantity"),
        Column::Int("unit_price_minor"),
        Column::Text("discount"),
    ],
};

/// The first three of the data are those of the order.
pub(super) const FULFILMENT: Shape = Shape {
    table: "fulfilment",
    has_id: true,
    key: REFERENCE,
    found_by: REFERENCE,
    data: &[
        Column::Int("retailer"),
        Column::Int("channel"),
        Column::Int("placed_at"),
        Column::Int("location"),
        Column::Text("order_id"),
        Column::Text("status"),
        Column::Int("shipped_at"),
        Column::Int("delivered_at"),
    ],
};

/// Where the location stands in the data of a fulfilment.
pub(super) const LOCATION_AT: usize = 3;

impl Checked<'_> {
    /// The lines of the order of that id.
    pub(super) fn lines(
        &self,
        frame: &Frame<'_>,
        order: &str,
        items: &Known,
    ) -> Result<Vec<Draft>, CommerceError> {
        let draft = |(at, line): (i64, &super::NewOrderLine)| {
            let item = Reference {
                of: (WHAT, self.key()),
                retailer: self.row.retailer,
                other: "item",
                reference: &line.item,
            };
            let data = vec![
                text(line.number.as_ref()),
                item.resolve(frame, items)?.into(),
                line.quantity.into(),
                line.unit_price_minor.into(),
                text(line.discount.as_ref()),
            ];
            let order = Value::from(order);
            Ok(Draft { id: String::new(), found_by: vec![order.clone()], key: vec![order, at.into()], data })
        };
        (1..).zip(&self.row.lines).map(draft).collect()
    }

    /// The fulfilments of the order of that id.
    pub(super) fn fulfilments(&self, order: &str) -> Vec<Draft> {
        let numbered = (1..).zip(self.row.fulfilments.iter().zip(&self.fulfilment_ids));
        let draft = |(at, (fulfilment, id)): (u32, (&NewFulfilment, &String))| {
            let reference = vec![Value::from(format!("{}-F{at}", self.key()))];
            let instant = |instant: Option<Instant>| Value::from(instant.map(|i| i.0));
            let mut data = self.shared();
            data.extend([
                fulfilment.location.number().into(),
                order.into(),
                fulfilment.status.as_str().into(),
                instant(fulfilment.shipped_at),
                instant(fulfilment.delivered_at),
            ]);
            Draft { id: id.clone(), key: reference.clone(), found_by: reference, data }
        };
        numbered.map(draft).collect()
    }
}

/// The stored rows of these orders, by order: of lines or fulfilments, as drafts of themselves.
pub(super) fn of_orders(
    tx: &mut Tx<'_>,
    shape: &Shape,
    account: AccountId,
    orders: &[&str],
) -> Result<HashMap<String, Vec<Draft>>, SqlError> {
    let mut out: HashMap<String, Vec<Draft>> = HashMap::new();
    if orders.is_empty() {
        return Ok(out);
    }
    let columns: Vec<&str> = shape.columns().collect();
    let mut query = Statement::default();
    query.say("SELECT order_id, ").say(&columns.join(", "));
    let wanted: Vec<Value> = orders.iter().map(|order| (*order).into()).collect();
    query.wanted(shape.table, account, &[Column::Text("order_id")], wanted.chunks(1));
    query.say(" ORDER BY order_id, ").say(if shape.has_id { "reference" } else { "line_no" });
    for row in tx.query(&query.text, &query.values)? {
        let (id, key, data) = shape.read(&row, 1)?;
        out.entry(row.text(0)?.to_owned()).or_default().push(Draft { id, found_by: Vec::new(), key, data });
    }
    Ok(out)
}
