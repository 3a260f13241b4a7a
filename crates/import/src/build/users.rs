//! Users, then the grants that belong to them.

use std::collections::HashSet;

use super::merge::Merged;
use super::{Build, Cells};
use crate::mapping::{GrantSource, PlacesSource, UserSource};
use crate::plan::{Grant, Places, Row, User, UserKind};
use crate::problem::Reported;
use crate::template::Template;

/// Users by login in lower case: logins are compared without case.
type Users = Merged<String, User>;

impl Build<'_> {
    pub(super) fn users(&mut self, sources: &[UserSource], grants: &[GrantSource]) -> Vec<Row<User>> {
        let mut users = Users::default();
        self.for_each(sources, |source, cells| {
            let login = cells.needed(&source.login);
            match (user(source, cells), login) {
                (Ok(user), Ok(login)) => {
                    users.add(login.to_lowercase(), user, &source.login.columns(), &login, cells);
                }
                (_, Ok(login)) => users.add_broken(login.to_lowercase()),
                (_, Err(Reported)) => {}
            }
        });
        let mut given: HashSet<(usize, Grant)> = HashSet::new();
        self.for_each(grants, |source, cells| {
            let (at, grant) = (owner(&users, &source.login, cells), grant(source, cells));
            let (Ok(at), Ok(grant)) = (at, grant) else { return };
            if let Some(user) = users.rows.get_mut(at)
                && given.insert((at, grant.clone()))
            {
                user.value.grants.push(cells.row(grant));
            }
        });
        users.rows
    }
}

fn user(source: &UserSource, cells: &mut Cells<'_, '_>) -> Result<User, Reported> {
    let (login, name) = (cells.needed(&source.login), cells.needed(&source.name));
    let email = cells.optional(source.email.as_ref());
    let kind = cells.read_optional(source.kind.as_ref(), |_, text| UserKind::parse(text));
    Ok(User {
        login: login?,
        name: name?,
        email: email?,
        kind: kind?.unwrap_or(UserKind::Person),
        grants: Vec::new(),
    })
}

fn grant(source: &GrantSource, cells: &mut Cells<'_, '_>) -> Result<Grant, Reported> {
    let split = source.split.as_deref();
    let role = cells.needed(&source.role);
    let retailers = places(&source.retailers, split, cells);
    let locations = places(&source.locations, split, cells);
    let channels = places(&source.channels, split, cells);
    Ok(Grant { role: role?, retailers: retailers?, locations: locations?, channels: channels? })
}

/// The refs that a list of templates gives. None at all is a problem, never everywhere.
fn places(source: &PlacesSource, split: Option<&str>, cells: &mut Cells<'_, '_>) -> Result<Places, Reported> {
    let PlacesSource::Listed(templates) = source else { return Ok(Places::All) };
    let mut refs: Vec<String> = Vec::new();
    let mut named: HashSet<String> = HashSet::new();
    let mut columns: Vec<String> = Vec::new();
    for template in templates {
        let text = cells.text(template)?.unwrap_or_default();
        let pieces = split.map_or_else(|| vec![text.as_str()], |split| text.split(split).collect());
        for piece in pieces.into_iter().map(str::trim).filter(|piece| !piece.is_empty()) {
            if named.insert(piece.to_owned()) {
                refs.push(piece.to_owned());
            }
        }
        columns.push(template.columns());
    }
    if refs.is_empty() {
        let reason = "is empty, and an empty list never means all; name at least one ref, or write \"*\" in the mapping";
        return Err(cells.report(&columns.join(", "), "", reason));
    }
    Ok(Places::Listed(refs))
}

/// The index of the user that a grant belongs to.
fn owner(users: &Users, template: &Template, cells: &mut Cells<'_, '_>) -> Result<usize, Reported> {
    let login = cells.needed(template)?;
    let key = login.to_lowercase();
    match users.index(&key) {
        Some(at) => Ok(at),
        None if users.is_broken(&key) => Err(Reported),
        None => {
            Err(cells.report(&template.columns(), &login, "is the login of no user that [[users]] reads"))
        }
    }
}
