//! Orders, then the lines and fulfilments that belong to them.

use std::collections::HashMap;

use super::merge::{Merged, contradiction};
use super::{Build, Cells};
use crate::mapping::{FulfilmentSource, OrderLineSource, OrderSource, Source};
use crate::plan::{Fulfilment, Order, OrderLine, Row};
use crate::problem::Reported;
use crate::template::Template;

type Orders = Merged<String, Order>;

impl Build<'_> {
    pub(super) fn orders(
        &mut self,
        heads: &[OrderSource],
        lines: &[OrderLineSource],
        fulfilments: &[FulfilmentSource],
    ) -> Vec<Row<Order>> {
        let mut orders = Orders::default();
        self.for_each(heads, |source, cells| {
            let reference = cells.needed(&source.reference);
            match (order(source, cells), reference) {
                (Ok(order), Ok(reference)) => {
                    orders.add(reference.clone(), order, &source.reference.columns(), &reference, cells);
                }
                (_, Ok(reference)) => orders.add_broken(reference),
                (_, Err(Reported)) => {}
            }
        });
        self.lines(lines, &mut orders);
        self.fulfilments(fulfilments, &mut orders);
        orders.rows
    }

    fn lines(&mut self, sources: &[OrderLineSource], orders: &mut Orders) {
        // Where numbered lines are in their order, by (order, number).
        let mut numbered: HashMap<(usize, String), usize> = HashMap::new();
        self.for_each(sources, |source, cells| {
            let (at, line) = (owner(orders, &source.order, cells), line(source, cells));
            let (Ok(at), Ok(line)) = (at, line) else { return };
            let Some(lines) = orders.rows.get_mut(at).map(|order| &mut order.value.lines) else { return };
            let Some(number) = line.number.clone() else {
                lines.push(cells.row(line));
                return;
            };
            let next = lines.len();
            let before = *numbered.entry((at, number.clone())).or_insert(next);
            match lines.get(before) {
                None => lines.push(cells.row(line)),
                Some(before) if before.value == line => {}
                Some(before) => {
                    let reason = contradiction(before, &line);
                    let column = source.number.as_ref().map(Template::columns).unwrap_or_default();
                    cells.report(
                        &or_order(column, &source.order),
                        &number,
                        format!("is a line number that {reason}"),
                    );
                }
            }
        });
    }

    fn fulfilments(&mut self, sources: &[FulfilmentSource], orders: &mut Orders) {
        self.for_each(sources, |source, cells| {
            let (at, fulfilment) = (owner(orders, &source.order, cells), fulfilment(source, cells));
            let (Ok(at), Ok(fulfilment)) = (at, fulfilment) else { return };
            let Some(order) = orders.rows.get_mut(at).map(|order| &mut order.value) else { return };
            match &order.fulfilment {
                None => order.fulfilment = Some(cells.row(fulfilment)),
                Some(before) if before.value == fulfilment => {}
                Some(before) => {
                    let reason = format!("has a fulfilment that {}", contradiction(before, &fulfilment));
                    let reference = order.reference.clone();
                    cells.report(&source.order.columns(), &reference, reason);
                }
            }
        });
    }
}

fn order(source: &OrderSource, cells: &mut Cells<'_, '_>) -> Result<Order, Reported> {
    let named =
        (cells.needed(&source.reference), cells.needed(&source.retailer), cells.needed(&source.channel));
    let customer_ref = cells.optional(source.customer.as_ref());
    let placed_on = cells.read(&source.placed_on, |notation, text| notation.instant(text));
    let told = (cells.needed(&source.currency), cells.needed(&source.status));
    Ok(Order {
        reference: named.0?,
        retailer_ref: named.1?,
        channel_ref: named.2?,
        customer_ref: customer_ref?,
        placed_on: placed_on?,
        currency: told.0?,
        status: told.1?,
        lines: Vec::new(),
        fulfilment: None,
    })
}

fn line(source: &OrderLineSource, cells: &mut Cells<'_, '_>) -> Result<OrderLine, Reported> {
    let number = source.number.as_ref().map(|number| cells.needed(number)).transpose();
    let item_ref = cells.needed(&source.item);
    let quantity = cells.read(&source.quantity, |notation, text| notation.whole(text, 1));
    let scale = source.scale();
    let unit_price_minor = cells.read(&source.unit_price, |notation, text| notation.money(text, scale));
    let discount = cells.optional(source.discount.as_ref());
    Ok(OrderLine {
        number: number?,
        item_ref: item_ref?,
        quantity: quantity?,
        unit_price_minor: unit_price_minor?,
        discount: discount?,
    })
}

fn fulfilment(source: &FulfilmentSource, cells: &mut Cells<'_, '_>) -> Result<Fulfilment, Reported> {
    let (location_ref, status) = (cells.needed(&source.location), cells.needed(&source.status));
    let shipped_on = cells.read_optional(source.shipped_on.as_ref(), |notation, text| notation.instant(text));
    let delivered_on =
        cells.read_optional(source.delivered_on.as_ref(), |notation, text| notation.instant(text));
    Ok(Fulfilment {
        location_ref: location_ref?,
        status: status?,
        shipped_on: shipped_on?,
        delivered_on: delivered_on?,
    })
}

/// The index of the order that a row belongs to.
fn owner(orders: &Orders, template: &Template, cells: &mut Cells<'_, '_>) -> Result<usize, Reported> {
    let reference = cells.needed(template)?;
    match orders.index(&reference) {
        Some(at) => Ok(at),
        None if orders.is_broken(&reference) => Err(Reported),
        None => {
            Err(cells.report(&template.columns(), &reference, "is the ref of no order that [[orders]] reads"))
        }
    }
}

/// The columns of a line's number, or those of its order where the number is a constant.
fn or_order(column: String, order: &Template) -> String {
    if column.is_empty() { order.columns() } else { column }
}
