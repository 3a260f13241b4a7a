//! The list as it is defined: every user looked at, every grant unpacked, everything sorted.

use super::super::world::*;
use crate::change::{Grant, SignIn};
use crate::directory::{SignInFilter, SortKey, Status, StatusCounts, UserQuery};
use crate::scope::{LocationExtent, Scope};
use crate::snapshot::Snapshot;
use crate::words::*;
use crate::{GrantSpec, Instant, Subject};

fn lower(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).map(|c| if c == 'ς' { 'σ' } else { c }).collect()
}

/// The viewer's grants that hold now and count; none when they are not active or not let in.
fn naive_counting(on: &Snapshot, subject: &Subject, now: Instant) -> Option<Vec<Grant>> {
    let user = subject.user()?;
    let application = subject.application()?;
    let mut grants = on.grants(user);
    grants.retain(|g| {
        let bound = on.role(g.spec.role).unwrap().application;
        g.spec.validity.holds_at(now) && bound.is_none_or(|bound| bound == application)
    });
    let opens = |g: &Grant| {
        let role = on.role(g.spec.role).unwrap();
        let access = on.permissions().find(application.access_permission()).unwrap();
        role.permissions.contains(access) || application == Application::Api && role.application.is_none()
    };
    let inside = on.user(user)?.is_active() && grants.iter().any(opens);
    inside.then_some(grants)
}

fn naive_sees_grant(on: &Snapshot, subject: &Subject, scope: &Scope, now: Instant) -> bool {
    let view = on.permissions().find("USER_VIEW").unwrap();
    subject.user().is_none()
        || naive_counting(on, subject, now).unwrap_or_default().iter().any(|own| {
            on.role(own.spec.role).unwrap().permissions.contains(view) && own.spec.scope.meets(scope)
        })
}

pub(super) fn naive_sees(on: &Snapshot, subject: &Subject, target: UserId, now: Instant) -> bool {
    if subject.account() != on.account().id {
        return false;
    }
    let Some(user) = subject.user() else { return true };
    let Some(own) = naive_counting(on, subject, now) else { return false };
    if user == target {
        return true;
    }
    let theirs = on.grants(target);
    let view = on.permissions().find("USER_VIEW").unwrap();
    let from_account = own
        .iter()
        .any(|g| g.spec.scope.is_account() && on.role(g.spec.role).unwrap().permissions.contains(view));
    let meets = theirs.iter().any(|g| naive_sees_grant(on, subject, &g.spec.scope, now));
    let in_the_store = theirs.iter().any(|g| {
        on.role(g.spec.role).unwrap().application == Some(Application::StoreApp)
            && subject.active_location().is_some_and(|l| g.spec.scope.locations.listed().contains(&l))
    });
    let limited = subject.application() == Some(Application::StoreApp);
    (meets || theirs.is_empty() && from_account) && (!limited || in_the_store)
}

fn naive_grant(on: &Snapshot, query: &UserQuery, grant: &GrantSpec) -> bool {
    let (scope, places) = (&grant.scope, on.places());
    let role = on.role(grant.role).unwrap();
    let listed_or_all = |id| scope.locations == LocationExtent::All || scope.locations.listed().contains(&id);
    query.role.is_none_or(|id| role.id == id)
        && query.application.is_none_or(|a| role.application.is_none_or(|bound| bound == a))
        && query.retailer.is_none_or(|id| places.retailer(id).is_some() && scope.retailers.contains(id))
        && query.location.is_none_or(|id| {
            places.location(id).is_some_and(|l| scope.retailers.contains(l.retailer) && listed_or_all(id))
        })
        && query.channel.is_none_or(|id| {
            places
                .channel(id)
                .is_some_and(|c| scope.retailers.contains(c.retailer) && scope.channels.contains(id))
        })
}

fn naive_passes(on: &Snapshot, subject: &Subject, text: &str, query: &UserQuery, id: UserId) -> bool {
    let (user, (name, email)) = (on.user(id).unwrap(), on.profile(id).unwrap());
    let fields = [lower(&user.login()), lower(name), lower(email)];
    let mut words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let about_grants = query.role.is_some()
        || query.application.is_some()
        || query.retailer.is_some()
        || query.location.is_some()
        || query.channel.is_some();
    let by_grant = || {
        on.grants(id).iter().any(|g| {
            let seen = subject.user() == Some(id) || naive_sees_grant(on, subject, &g.spec.scope, NOW);
            seen && naive_grant(on, query, &g.spec)
        })
    };
    naive_sees(on, subject, id, NOW)
        && words.all(|w| fields.iter().any(|f| f.contains(&lower(w))))
        && query.kind.is_none_or(|kind| user.kind() == kind)
        && query.sign_in.is_none_or(|way| match way {
            SignInFilter::Password => user.sign_in() == SignIn::Password,
            SignInFilter::Sso => user.sign_in() != SignIn::Password,
            SignInFilter::Provider(id) => user.sign_in() == SignIn::Sso(id),
        })
        && (!about_grants || by_grant())
}

pub(super) fn naive_select(
    on: &Snapshot,
    subject: &Subject,
    text: &str,
    query: &UserQuery,
) -> (Vec<UserId>, StatusCounts) {
    let all: Vec<UserId> = (1..=on.user_count() as u32).filter_map(UserId::from_number).collect();
    let mut passing: Vec<UserId> =
        all.into_iter().filter(|id| naive_passes(on, subject, text, query, *id)).collect();
    let has = |id: UserId, status: Status| {
        let user = on.user(id).unwrap();
        match status {
            Status::Enabled => user.is_active(),
            Status::Disabled => !user.is_enabled() && !user.is_removed(),
            Status::Deprovisioned => !user.is_provisioned() && !user.is_removed(),
            Status::Removed => user.is_removed(),
        }
    };
    let is_there = |id: &UserId| !on.user(*id).unwrap().is_removed();
    let count = |status| passing.iter().filter(|id| has(**id, status)).count();
    let counts = StatusCounts {
        everybody: passing.iter().filter(|id| is_there(id)).count(),
        removed: count(Status::Removed),
        enabled: count(Status::Enabled),
        disabled: count(Status::Disabled),
        deprovisioned: count(Status::Deprovisioned),
    };
    passing.retain(|id| query.status.map_or_else(|| is_there(id), |status| has(*id, status)));
    passing.sort_by_key(|id| {
        let (name, email) = on.profile(*id).unwrap();
        let text = match query.sort.key {
            SortKey::Login => on.user(*id).unwrap().login(),
            SortKey::Name => name.to_owned(),
            SortKey::Email => email.to_owned(),
            SortKey::Made => "any".to_owned(),
        };
        (text.is_empty(), lower(&text), *id)
    });
    if query.sort.descending {
        passing.reverse();
    }
    (passing, counts)
}
