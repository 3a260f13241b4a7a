//! `GET /api/v1/orders` and one order: the rows that the caller may view, and no others.

use crate::App;
use crate::caller::Caller;
use crate::decisions::instant;
use crate::form::{Form, nothing_asked, short};
use crate::refusal::{Refusal, Style};
use access::{ChannelId, LocationId, RetailerId, Snapshot};
use axum::Json;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{Response, Uri};
use axum::response::IntoResponse;
use commerce::{FulfilmentRow, OrderDetail, OrderLineRow, OrderRow, PAGE_LIMIT_MAX};
use serde::Serialize;
use service::Listed;

/// An order. Amounts are whole numbers of the currency's minor unit.
#[derive(Serialize)]
struct OrderBody<'a> {
    id: &'a str,
    r#ref: &'a str,
    retailer: &'a str,
    channel: &'a str,
    customer: Option<&'a str>,
    placed_at: String,
    currency: &'a str,
    status: &'a str,
    total_minor: i64,
}

#[derive(Serialize)]
struct PageBody<'a> {
    items: Vec<OrderBody<'a>>,
    next_cursor: Option<String>,
    revision: u64,
    /// There only when the caller's filter is another one than that of the page before.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    filter_changed: bool,
}

#[derive(Serialize)]
struct LineBody<'a> {
    line: i64,
    number: Option<&'a str>,
    item: &'a str,
    item_ref: &'a str,
    quantity: i64,
    unit_price_minor: i64,
    discount: Option<&'a str>,
}

#[derive(Serialize)]
struct FulfilmentBody<'a> {
    id: &'a str,
    r#ref: &'a str,
    location: &'a str,
    status: &'a str,
    shipped_at: Option<String>,
    delivered_at: Option<String>,
}

#[derive(Serialize)]
struct DetailBody<'a> {
    #[serde(flatten)]
    order: OrderBody<'a>,
    lines: Vec<LineBody<'a>>,
    fulfilments: Vec<FulfilmentBody<'a>>,
    revision: u64,
}

pub(crate) async fn list(State(app): State<App>, Caller(who): Caller, uri: Uri) -> Response<Body> {
    let asked = match Asked::parse(&uri) {
        Ok(asked) => asked,
        Err(refusal) => return refusal.respond(Style::Problem),
    };
    let listed = App::blocking(|| app.service().orders(&who, asked.limit, asked.cursor.as_deref()));
    match listed {
        Ok(listed) => Json(PageBody {
            items: listed.rows.rows.iter().map(|row| order_body(&listed.on, row)).collect(),
            next_cursor: listed.rows.next.as_ref().map(ToString::to_string),
            revision: listed.revision.0,
            filter_changed: listed.rows.filter_changed,
        })
        .into_response(),
        Err(error) => Refusal::from(error).respond(Style::Problem),
    }
}

pub(crate) async fn one(
    State(app): State<App>,
    Caller(who): Caller,
    key: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> Response<Body> {
    let Ok(Path(key)) = key else {
        return Refusal::invalid("the id or ref in the address is not written in UTF-8")
            .respond(Style::Problem);
    };
    if let Err(refusal) = nothing_asked(&uri) {
        return refusal.respond(Style::Problem);
    }
    match App::blocking(|| app.service().order(&who, &key)) {
        Ok(found) => Json(detail_body(&found.on, &found.rows, found.revision.0)).into_response(),
        Err(error) => Refusal::from(error).respond(Style::Problem),
    }
}

/// What a list is asked for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked {
    limit: Option<usize>,
    cursor: Option<String>,
}

impl Asked {
    fn parse(uri: &Uri) -> Result<Self, Refusal> {
        let mut asked = Self::default();
        for (name, value) in Form::of_query(uri)?.into_fields() {
            match name.as_str() {
                "limit" => asked.limit = Some(limit(&value)?),
                "cursor" => asked.cursor = Some(value),
                other => {
                    let detail =
                        format!("there is no parameter `{}`: there are limit and cursor", short(other));
                    return Err(Refusal::invalid(detail));
                }
            }
        }
        Ok(asked)
    }
}

fn limit(text: &str) -> Result<usize, Refusal> {
    let given = text.parse().ok().filter(|limit| (1..=PAGE_LIMIT_MAX).contains(limit));
    given.ok_or_else(|| {
        Refusal::invalid(format!("limit is `{}`: it is a number from 1 to {PAGE_LIMIT_MAX}", short(text)))
    })
}

fn order_body<'a>(on: &'a Snapshot, row: &'a OrderRow) -> OrderBody<'a> {
    OrderBody {
        id: &row.id,
        r#ref: &row.reference,
        retailer: retailer(on, row.retailer),
        channel: channel(on, row.channel),
        customer: row.customer.as_deref(),
        placed_at: instant(row.placed_at),
        currency: &row.currency,
        status: &row.status,
        total_minor: row.total_minor,
    }
}

/// The members of an order that a client of OneStock may ask for, in the order in which they are told.
pub(crate) const FIELDS: [&str; 11] = [
    "id",
    "ref",
    "retailer",
    "channel",
    "customer",
    "placed_at",
    "currency",
    "status",
    "total_minor",
    "lines",
    "fulfilments",
];

/// Those members of an order.
pub(crate) fn members(found: &Listed<OrderDetail>, wanted: impl Fn(&str) -> bool) -> serde_json::Value {
    let whole = serde_json::to_value(detail_body(&found.on, &found.rows, found.revision.0));
    let mut whole = whole.unwrap_or_default();
    if let Some(members) = whole.as_object_mut() {
        members.retain(|name, _| FIELDS.contains(&name.as_str()) && wanted(name));
    }
    whole
}

fn detail_body<'a>(on: &'a Snapshot, found: &'a OrderDetail, revision: u64) -> DetailBody<'a> {
    DetailBody {
        order: order_body(on, &found.order),
        lines: found.lines.iter().map(line_body).collect(),
        fulfilments: found.fulfilments.iter().map(|row| fulfilment_body(on, row)).collect(),
        revision,
    }
}

fn line_body(row: &OrderLineRow) -> LineBody<'_> {
    LineBody {
        line: row.line,
        number: row.number.as_deref(),
        item: &row.item,
        item_ref: &row.item_ref,
        quantity: row.quantity,
        unit_price_minor: row.unit_price_minor,
        discount: row.discount.as_deref(),
    }
}

fn fulfilment_body<'a>(on: &'a Snapshot, row: &'a FulfilmentRow) -> FulfilmentBody<'a> {
    FulfilmentBody {
        id: &row.id,
        r#ref: &row.reference,
        location: location(on, row.location),
        status: &row.status,
        shipped_at: row.shipped_at.map(instant),
        delivered_at: row.delivered_at.map(instant),
    }
}

/// A row may name a place that came after this state; its ref is then not known yet.
fn retailer(on: &Snapshot, id: RetailerId) -> &str {
    on.places().retailer(id).map_or("", |found| found.r#ref.as_str())
}

fn location(on: &Snapshot, id: LocationId) -> &str {
    on.places().location(id).map_or("", |found| found.r#ref.as_str())
}

fn channel(on: &Snapshot, id: ChannelId) -> &str {
    on.places().channel(id).map_or("", |found| found.r#ref.as_str())
}
