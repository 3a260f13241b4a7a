//! One user: profile, status, access, effective access, sessions and tokens.

use askama::Template;

use super::effective::EffectiveTable;
use super::frame::{Frame, Input, Listed, Moment, Notice};
use super::me::Profile;
use super::user_access::{Held, PlaceRow};
use super::users::StatusWord;
use crate::paths;

/// The page of one user.
#[derive(Template)]
#[template(path = "user.html")]
pub struct UserPage {
    /// The frame, with the person.
    pub frame: Frame,
    /// What was just done, or not done.
    pub notice: Option<Notice>,
    /// Their id.
    pub id: String,
    /// What they are like, for the forms: another text once somebody changed them.
    pub version: String,
    /// What they are called, whatever is typed in the form.
    pub called: String,
    /// Who they are.
    pub profile: Profile,
    /// Their status.
    pub status: StatusWord,
    /// What they are and how they sign in.
    pub kind: String,
    /// Why whoever looks may not change profile and status; none when they may.
    pub fixed: Option<String>,
    /// Whether they have a password that can be reset.
    pub has_password: bool,
    /// Whether whoever looks may remove them; in stores few may.
    pub removable: bool,
    /// Whether whoever looks may be able to give, change and take access.
    pub manages: bool,
    /// The applications, as columns of `places`.
    pub applications: Vec<&'static str>,
    /// What they have place by place, of what one sees.
    pub places: Vec<PlaceRow>,
    /// The other grants that one sees.
    pub grants: Vec<GrantRow>,
    /// How many grants there are that one does not see.
    pub hidden: usize,
    /// That nothing is kept from them, and why.
    pub strength: Option<&'static str>,
    /// What they may do where; none where that is not told.
    pub effective: Option<EffectiveTable>,
    /// Their sessions and tokens; none where they are not one's business.
    pub tokens: Option<Listed<UserTokenRow>>,
    /// Whether these are shown, instead of the access.
    pub shows_tokens: bool,
    /// What their history is about, for the audit: them and the roles they hold; none for whoever does not see it.
    pub history: Option<String>,
}

/// A grant.
pub struct GrantRow {
    /// Its id.
    pub id: String,
    /// The application of the role.
    pub application: String,
    /// The name of the role.
    pub role: String,
    /// Its key.
    pub role_key: String,
    /// Where it holds.
    pub scope: String,
    /// When it holds, where that has a beginning or an end.
    pub validity: Option<String>,
    /// Whether whoever looks may take it.
    pub taken: bool,
}

/// The form of one grant, given or changed.
#[derive(Template)]
#[template(path = "grant_form.html")]
pub struct GrantForm {
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
    /// The grant that is changed, as it is now; none for a new one.
    pub grant: Option<GrantRow>,
    /// Its fields; that of the role is for a new one.
    pub assign: AssignForm,
}

impl AssignForm {
    /// Whether it says, or fails to say, that access holds at some places or for some days alone.
    pub(crate) fn is_limited(&self) -> bool {
        let all = [&self.locations, &self.channels, &self.from, &self.until];
        all.iter().any(|input| !input.value.is_empty() || input.error.is_some())
    }
}

impl GrantForm {
    fn address(&self) -> String {
        let act = if self.grant.is_some() { paths::ACT_GRANT_CHANGE } else { paths::ACT_GRANT_ADD };
        self.frame.to(&paths::user_act(&self.id, act))
    }

    fn heading(&self) -> &'static str {
        if self.grant.is_some() { "Change access" } else { "Give access" }
    }

    fn back(&self) -> String {
        self.frame.to(&paths::user(&self.id))
    }
}

/// The form for another grant.
#[derive(Clone, Default)]
pub struct AssignForm {
    /// The key of the role.
    pub role: Input,
    /// Refs of sites, with commas; empty for the whole account.
    pub site: Input,
    /// Refs of stock locations, with commas; none: all of them.
    pub locations: Input,
    /// Whether what is at no stock location is meant, too, beside those listed.
    pub narrow: bool,
    /// Refs of sales channels, with commas; none: all of them.
    pub channels: Input,
    /// The first day, `YYYY-MM-DD`; empty: at once.
    pub from: Input,
    /// The last day, `YYYY-MM-DD`; empty: without end.
    pub until: Input,
}

/// A session or token.
#[derive(Clone)]
pub struct UserTokenRow {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: String,
    /// The application that it opens.
    pub application: String,
    /// When it was made.
    pub made: Moment,
    /// When it was last used.
    pub used: Option<Moment>,
    /// From where it was made.
    pub address: String,
    /// By which browser or program: `Chrome on Linux`.
    pub browser: String,
}

impl UserPage {
    /// The address of what is done with them.
    fn act(&self, verb: &str) -> String {
        self.frame.to(&paths::user_act(&self.id, verb))
    }

    fn is_disabled(&self) -> bool {
        self.status == StatusWord::Disabled
    }

    fn held<'p>(&'p self, row: &'p PlaceRow) -> impl Iterator<Item = (&'p &'static str, &'p Option<Held>)> {
        self.applications.iter().zip(&row.held)
    }

    /// The address of the form for what they have at a place.
    fn at(&self, reference: &str) -> String {
        paths::with_query(&self.act(paths::ACT_ACCESS), &[("site", reference)])
    }

    fn own_address(&self, tab: &str) -> String {
        let fields: &[(&str, &str)] = if tab.is_empty() { &[] } else { &[("tab", tab)] };
        paths::with_query(&self.frame.to(&paths::user(&self.id)), fields)
    }

    fn history_address(&self, of: &str) -> String {
        paths::with_query(paths::AUDIT, &[("of", of)])
    }

    fn change_grant(&self, grant: &str) -> String {
        paths::with_query(&self.act(paths::ACT_GRANT_CHANGE), &[("grant", grant)])
    }

    fn remove_grant(&self, grant: &str) -> String {
        paths::with_query(&self.act(paths::ACT_GRANT_REMOVE), &[("grant", grant)])
    }
}
