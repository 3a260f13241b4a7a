//! Guarded lists: rows of commerce data, filtered by what the principal may see.

use crate::accounts::Service;
use crate::error::ServiceError;
use access::Filter;
use access::catalogue::kind;
use access::{Revision, Snapshot};
use authn::Principal;
use commerce::{Cursor, OrderDetail, OrderRow, Page, PageRequest};
use std::sync::Arc;

/// Rows with the revision that their filter was made at.
#[derive(Debug)]
pub struct Listed<T> {
    /// The rows.
    pub rows: T,
    /// The state that the filter was made on, for the refs of places.
    pub on: Arc<Snapshot>,
    /// Its revision.
    pub revision: Revision,
}

/// A page of orders.
pub type OrderPage = Listed<Page<OrderRow>>;

impl Service {
    /// A page of the orders that the principal may view, newest first.
    ///
    /// # Errors
    /// A principal who is no longer current or holds the permission nowhere, a cursor that is none, a limit
    /// out of bounds.
    pub fn orders(
        &self,
        who: &Principal,
        limit: Option<usize>,
        cursor: Option<&str>,
    ) -> Result<OrderPage, ServiceError> {
        let snapshot = self.enter(who)?;
        let after = cursor.map(Cursor::parse).transpose()?;
        let page = PageRequest::new(limit, after)?;
        let filter = snapshot.filter::<kind::Order>(who.subject(), "ORDER_VIEW", self.inner.clock.now());
        held_somewhere(&filter, "ORDER_VIEW")?;
        let rows = self.inner.commerce.orders(&filter, &page)?;
        Ok(Listed { rows, revision: snapshot.revision(), on: snapshot })
    }

    /// One order by id or ref, with its lines and those of its fulfilments that the principal may view.
    ///
    /// # Errors
    /// No such order, or none that the principal may view: both alike.
    pub fn order(&self, who: &Principal, key: &str) -> Result<Listed<OrderDetail>, ServiceError> {
        let snapshot = self.enter(who)?;
        let (subject, now) = (*who.subject(), self.inner.clock.now());
        let orders = snapshot.filter::<kind::Order>(&subject, "ORDER_VIEW", now);
        let fulfilments = snapshot.filter::<kind::Fulfilment>(&subject, "FULFILMENT_VIEW", now);
        let found = self.inner.commerce.order(&orders, &fulfilments, key)?;
        let rows = found.ok_or(ServiceError::NotFound("order"))?;
        Ok(Listed { rows, revision: snapshot.revision(), on: snapshot })
    }
}

/// A list is refused to whoever could not see a row of it anywhere: that is no empty list.
fn held_somewhere<E>(filter: &Filter<E>, permission: &str) -> Result<(), ServiceError> {
    if filter.clauses().is_empty() {
        let why = format!("this needs {permission}, which you do not hold anywhere");
        return Err(ServiceError::Forbidden(why));
    }
    Ok(())
}
