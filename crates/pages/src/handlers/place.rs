//! The active site and store of one's session.

use std::sync::Arc;

use access::named::Names;
use access::reach::Reach;
use access::snapshot::Places;
use access::{LocationId, RetailerId};
use axum::http::StatusCode;
use service::ServiceError;

use super::me;
use crate::LocalPath;
use crate::answer::{Answer, Fail, page, see_other, status};
use crate::call::Call;
use crate::paths;
use crate::session::blocking;
use crate::views::frame::{Input, Notice};

const NO_SITE: &str = "None of your sites is called so.";
const NO_STORE: &str = "None of your stores at that site is called so.";

/// What the two fields name: a site, a store, neither, or a store that brings its site along.
///
/// # Errors
/// What is wrong with the first field, and with the second.
fn named(
    (names, places): (&Names<'_>, &Places),
    site: &str,
    store: &str,
) -> Result<(Option<RetailerId>, Option<LocationId>), Wrong> {
    let retailer = match site {
        "" => None,
        text => names.retailers(&[text]).map_err(|_| Wrong::Site)?.pop(),
    };
    if store.is_empty() {
        return Ok((retailer, None));
    }
    let of: Vec<RetailerId> = retailer.into_iter().collect();
    let found = names.locations(&of, &[store]).map_err(|_| Wrong::Store)?.pop();
    let location = found.and_then(|id| places.location(id)).ok_or(Wrong::Store)?;
    Ok((Some(location.retailer), Some(location.id)))
}

/// Which field is wrong.
#[derive(Clone, Copy)]
enum Wrong {
    Site,
    Store,
}

pub(crate) async fn submit(call: Arc<Call>) -> Answer {
    let site = call.form.one("retailer")?.trim();
    let store = call.form.optional("location")?.unwrap_or_default().trim();
    let session = call.session()?;
    let inquiry = blocking(|| call.service.inquire(&session.who))?;
    let on = inquiry.snapshot();
    let reach = Reach::of(on, session.who.subject(), inquiry.now());
    let (retailer, location) = match named((&Names::new(on, &reach), on.places()), site, store) {
        Ok(place) => place,
        Err(wrong) => return again(&call, (site, store), wrong, StatusCode::NOT_FOUND),
    };
    let moved = blocking(|| call.service.move_session(&session.who, &session.secret, retailer, location));
    match moved {
        Ok(()) => match call.form.optional("back")? {
            Some(back) => Ok(see_other(LocalPath::or_home(Some(back), call.door).as_str())),
            None => Ok(see_other(&paths::with_query(&call.door.to(paths::ME), &[("done", "place")]))),
        },
        // A place that is there and one that is not look the same to whoever has nothing to do with it.
        Err(error @ (ServiceError::NotFound(_) | ServiceError::Invalid(_))) => {
            let wrong = if store.is_empty() { Wrong::Site } else { Wrong::Store };
            again(&call, (site, store), wrong, status(error.fault()))
        }
        Err(error) => Err(Fail::Service(error)),
    }
}

fn again(call: &Call, (site, store): (&str, &str), wrong: Wrong, status: StatusCode) -> Answer {
    let mut view = me::view(call)?;
    view.notice = Some(Notice::fields_are_wrong());
    (view.place.site_input, view.place.store_input) = match wrong {
        Wrong::Site => (Input::wrong(site, NO_SITE), Input::of(store)),
        Wrong::Store => (Input::of(site), Input::wrong(store, NO_STORE)),
    };
    Ok(page(status, &view))
}
