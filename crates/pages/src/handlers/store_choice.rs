//! Which store somebody works in, where the Store App does not know yet.

use service::OfficePage;

use crate::answer::Fail;
use crate::call::Call;
use crate::door::Door;
use crate::session::blocking;
use crate::views::frame::Frame;
use crate::views::store_choice::StoreChoice;

/// The page that asks for a store, for whoever may read the page that they asked for; none where nothing is missing.
pub(crate) fn choice(call: &Call, wanted: OfficePage) -> Result<Option<StoreChoice>, Fail> {
    let session = call.session()?;
    if call.door == Door::Omc || session.who.subject().active_location().is_some() {
        return Ok(None);
    }
    blocking(|| call.service.read_page(&session.who, wanted))?;
    let stores = session.stores.iter().map(|store| (store.reference.clone(), store.name.clone()));
    Ok(Some(StoreChoice {
        // The choice is the page itself.
        frame: Frame { sites: None, ..call.frame() },
        stores: stores.collect(),
    }))
}
