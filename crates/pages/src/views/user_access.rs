//! Access of a user by place: what they have at each site, and the form for one.

use askama::Template;

use super::frame::{Frame, Input, Notice};
use crate::paths;

/// What somebody has at a site, or at all of them.
pub struct PlaceRow {
    /// The name of the site.
    pub place: String,
    /// The ref of the site or store; `*` for all sites.
    pub reference: String,
    /// What they have in each application: that in the order of [`UserPage::applications`].
    ///
    /// [`UserPage::applications`]: super::user::UserPage::applications
    pub held: Vec<Option<Held>>,
}

/// A role at a place.
pub struct Held {
    /// The id of the grant.
    pub grant: String,
    /// Whether it is of more places than this, and is changed elsewhere.
    pub wider: bool,
    /// The name of the role.
    pub role: String,
    /// Its key.
    pub role_key: String,
    /// Where at the place: `All stock locations`, `Only Leeds, York`; none where there is nothing to choose.
    pub limits: Option<String>,
    /// When it holds, where that has a beginning or an end.
    pub validity: Option<String>,
}

/// The page that gives, changes and takes what somebody has at a place.
#[derive(Template)]
#[template(path = "user_access.html")]
pub struct UserAccess {
    /// The frame, with the person.
    pub frame: Frame,
    /// What was not taken.
    pub notice: Option<Notice>,
    /// The id of the user.
    pub id: String,
    /// Their login.
    pub login: String,
    /// What they are like: another text once somebody changed them.
    pub version: String,
    /// The name of the place.
    pub place: String,
    /// The ref of the site or store; `*` for all sites.
    pub reference: String,
    /// One form for each application.
    pub applications: Vec<ApplicationAccess>,
    /// Whether sales channels and stock locations stay as they are because the active site is another one.
    pub other_active_site: bool,
    /// Whether somebody else changed it meanwhile: what is there now is said beside what was chosen.
    pub changed_meanwhile: bool,
}

/// The role in an application at a place.
pub struct ApplicationAccess {
    /// The word of the application: what the names of its fields begin with.
    pub word: &'static str,
    /// The name of the application.
    pub application: &'static str,
    /// Why nothing can be changed; none where something can.
    pub locked: Option<String>,
    /// The role they have now and where, in words.
    pub now: Option<String>,
    /// The roles to choose from, none first.
    pub roles: Vec<RoleChoice>,
    /// What is wrong with the choice.
    pub role_error: Option<String>,
    /// Where in the place; none where there is nothing to choose.
    pub places: Option<PlacesField>,
    /// When it holds, which stays.
    pub validity: Option<String>,
}

/// A role that may be chosen, or may not.
pub struct RoleChoice {
    /// Its key; empty for no access.
    pub key: String,
    /// Its name.
    pub title: String,
    /// Whether it is chosen.
    pub chosen: bool,
    /// Why it cannot be given; none where it can.
    pub why_not: Option<String>,
}

/// All stock locations or sales channels, or some.
pub struct PlacesField {
    /// What they are: `stock locations`.
    pub what: &'static str,
    /// What pickers suggest: `location`.
    pub suggested: &'static str,
    /// Whether only some are meant.
    pub only: bool,
    /// Which: refs or names, with commas.
    pub listed: Input,
    /// What else limits it, which stays.
    pub besides: Option<String>,
    /// Whether they cannot be changed now.
    pub fixed: bool,
}

impl UserAccess {
    fn address(&self) -> String {
        self.frame.to(&paths::user_act(&self.id, paths::ACT_ACCESS))
    }

    fn here(&self) -> String {
        paths::with_query(&self.address(), &[("site", &self.reference)])
    }

    fn back(&self) -> String {
        self.frame.to(&paths::user(&self.id))
    }

    fn can_change(&self) -> bool {
        self.applications.iter().any(|application| application.locked.is_none())
    }
}

impl ApplicationAccess {
    fn field(&self, name: &str) -> String {
        format!("{}_{name}", self.word)
    }

    fn refused(&self) -> impl Iterator<Item = (&String, &String)> {
        self.roles.iter().filter_map(|role| Some((&role.title, role.why_not.as_ref()?)))
    }
}

/// The page that asks for the site whose access is to be given.
#[derive(Template)]
#[template(path = "user_assign.html")]
pub struct UserAssign {
    /// The frame, with the person.
    pub frame: Frame,
    /// The id of the user.
    pub id: String,
    /// Their login.
    pub login: String,
    /// The field `site`.
    pub site: Input,
    /// Some sites to choose from: ref and name.
    pub sites: Vec<(String, String)>,
}

impl UserAssign {
    fn address(&self) -> String {
        self.frame.to(&paths::user_act(&self.id, paths::ACT_ACCESS))
    }

    fn at(&self, reference: &str) -> String {
        paths::with_query(&self.address(), &[("site", reference)])
    }

    fn back(&self) -> String {
        self.frame.to(&paths::user(&self.id))
    }
}
