//! A user at a place, as whoever asks sees them: what stands there, and in which applications roles are given.

use access::at_place::{At, Standing};
use access::commands::{EditGrants, GrantEdit};
use access::{Application, Grant, Scope, Snapshot};

use super::rows::place_of_door;
use crate::Door;
use crate::answer::{Fail, sentence};
use crate::call::Call;
use crate::handlers::grant_form::ALL;
use crate::handlers::user::Named;
use crate::views::frame::Input;
use crate::views::message::Trouble;

/// The fields of an application: its role, whether all places or some, and which.
pub(super) struct Fields {
    pub(super) application: Application,
    pub(super) role: &'static str,
    pub(super) all_or_only: &'static str,
    pub(super) places: &'static str,
}

/// In the order of the columns.
pub(super) const FIELDS: [Fields; 3] = [
    Fields {
        application: Application::StoreApp,
        role: "store_app_role",
        all_or_only: "store_app_where",
        places: "store_app_places",
    },
    Fields {
        application: Application::Omc,
        role: "omc_role",
        all_or_only: "omc_where",
        places: "omc_places",
    },
    Fields {
        application: Application::Api,
        role: "api_role",
        all_or_only: "api_where",
        places: "api_places",
    },
];

/// The applications whose roles are given at a place: in a store those of the Store App alone.
pub(super) fn fields_at(at: Option<At>) -> impl Iterator<Item = &'static Fields> {
    let store = matches!(at, Some(At::Location(..)));
    FIELDS.iter().filter(move |fields| !store || fields.application == Application::StoreApp)
}

/// The name and ref of a place.
pub(super) fn place_text(on: &Snapshot, at: At) -> (String, String) {
    let places = on.places();
    let found = match at {
        At::Account => Some(("All sites".to_owned(), ALL.to_owned())),
        At::Retailer(id) => places.retailer(id).map(|site| (site.name.to_string(), site.r#ref.to_string())),
        At::Location(_, id) => {
            places.location(id).map(|store| (store.name.to_string(), store.r#ref.to_string()))
        }
    };
    found.unwrap_or_default()
}

/// A user at a place, as whoever asks sees them.
pub(super) struct Scene<'c> {
    pub(super) call: &'c Call,
    pub(super) named: Named,
    pub(super) at: At,
    /// The grants of the user that are seen.
    pub(super) grants: Vec<Grant>,
}

impl<'c> Scene<'c> {
    pub(super) fn new(call: &'c Call, at: At, named: Named) -> Result<Self, Fail> {
        let grants = named.on.grants_seen(call.session()?.who.subject(), named.id, named.now).seen;
        Ok(Self { call, named, at, grants })
    }

    pub(super) fn on(&self) -> &Snapshot {
        &self.named.on
    }

    pub(super) fn standing(&self, application: Application) -> Standing {
        Standing::of(self.on(), &self.grants, self.at, application)
    }

    pub(super) fn edit(&self, edits: Vec<GrantEdit>) -> EditGrants {
        EditGrants { edits: edits.into_iter().map(|edit| (self.named.id, edit)).collect() }
    }

    /// The scope that a role has at first: that of the standing, else all of the place, with the sales channels of the
    /// OMC for the API.
    pub(super) fn first_scope(&self, application: Application) -> Scope {
        match (self.standing(application), application) {
            (Standing::Own(grant), _) => grant.spec.scope,
            (_, Application::Api) => match self.standing(Application::Omc) {
                Standing::Own(omc) => Scope { channels: omc.spec.scope.channels, ..self.at.whole() },
                _ => self.at.whole(),
            },
            _ => self.at.whole(),
        }
    }

    /// Whether the active site of whoever asks is another one, which keeps listed places as they are.
    pub(super) fn is_elsewhere(&self) -> Result<bool, Fail> {
        let active = self.call.session()?.who.subject().active_retailer();
        let has_some =
            FIELDS.iter().any(|fields| matches!(self.standing(fields.application), Standing::Own(_)));
        Ok(match self.at {
            At::Retailer(site) => active != Some(site) && has_some,
            _ => false,
        })
    }
}

/// The place that the address or form names: in the Store App the active store. `None`: none is named.
pub(super) fn place(
    call: &Call,
    user: &Named,
    named: Option<&str>,
) -> Result<Option<Result<At, Input>>, Fail> {
    if call.door == Door::StoreApp {
        let store = place_of_door(call)?.ok_or(Fail::Trouble(Trouble::NotFound))?;
        return Ok(Some(Ok(store)));
    }
    Ok(match named.map(str::trim) {
        None | Some("") => None,
        Some(ALL) => Some(Ok(At::Account)),
        Some(text) => Some(match user.names().retailers(&[text]) {
            Ok(found) => Ok(found.first().map_or(At::Account, |id| At::Retailer(*id))),
            Err(error) => Err(Input::wrong(text, sentence(&error))),
        }),
    })
}
