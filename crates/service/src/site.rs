//! A site named with a call, as clients of OneStock name one; and a user named with a call.

use crate::accounts::Service;
use crate::error::ServiceError;
use crate::lists::Listed;
use crate::sign_in::Issued;
use crate::told::About;
use crate::visitor::Visitor;
use access::{RetailerId, Snapshot, UserId};
use authn::Principal;
use commerce::OrderDetail;

impl Service {
    /// [`Self::begin_access`] in a site, by its ref or id: the token is active in that retailer.
    ///
    /// # Errors
    /// [`ServiceError::Unauthenticated`] for a site that there is not or that the user has no grant for, as for a
    /// wrong password; too many tries of that address failed; those of [`Self::begin_access`].
    pub fn begin_access_at(
        &self,
        who: &Principal,
        site: &str,
        visitor: &Visitor,
    ) -> Result<Issued, ServiceError> {
        let on = self.enter(who)?;
        match self.site_of(&on, who, site) {
            Some(retailer) => self.begin_access(&who.clone().at(Some(retailer), None), visitor),
            None => {
                let about = About { visitor, application: who.application(), user: who.user(), thing: None };
                let facts = [("way", "login".to_owned()), ("reason", "site".to_owned())];
                self.tell_failed(&on, self.try_from_address(visitor)?, &about, &facts);
                Err(ServiceError::Unauthenticated)
            }
        }
    }

    /// The principal in a site, by its ref or id, for one request; none for a site that there is not or that the user
    /// has no grant for.
    ///
    /// # Errors
    /// A principal who is no longer current.
    pub fn at_site(&self, who: &Principal, site: &str) -> Result<Option<Principal>, ServiceError> {
        let on = self.enter(who)?;
        Ok(self.site_of(&on, who, site).map(|retailer| who.clone().at(Some(retailer), None)))
    }

    /// [`Self::order`], when it is of that site, by its ref or id; without one, of the site that the principal is
    /// active in.
    ///
    /// # Errors
    /// No such order or site, or none that the principal may view: all alike; no site at all.
    pub fn order_at(
        &self,
        who: &Principal,
        site: Option<&str>,
        key: &str,
    ) -> Result<Listed<OrderDetail>, ServiceError> {
        let on = self.enter(who)?;
        let unseen = || ServiceError::NotFound("order");
        let retailer = match site {
            Some(site) => self.site_of(&on, who, site).ok_or_else(unseen)?,
            None => who.subject().active_retailer().ok_or_else(|| {
                ServiceError::Invalid("the member `site_id` is missing: name the site of the order".into())
            })?,
        };
        let found = self.order(&who.clone().at(Some(retailer), None), key)?;
        if found.rows.order.retailer == retailer { Ok(found) } else { Err(unseen()) }
    }

    /// The user of that login or id, if the principal sees them. Removed users are none.
    ///
    /// # Errors
    /// There is none, or none that they see: both alike.
    pub fn user_named(&self, who: &Principal, text: &str) -> Result<UserId, ServiceError> {
        let (user, on, _) = self.user_seen(who, text)?;
        let there = on.user(user).is_some_and(|found| !found.is_removed());
        there.then_some(user).ok_or(ServiceError::NotFound("user"))
    }

    /// A site that the user has a grant for.
    fn site_of(&self, on: &Snapshot, who: &Principal, site: &str) -> Option<RetailerId> {
        let retailer = on.places().find_retailer(site)?.id;
        self.check_place(on, who, Some(retailer), None).ok().map(|()| retailer)
    }
}
