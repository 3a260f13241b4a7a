//! The third interpreter of [`Change`]: what an auditor reads, with before and after.

mod entrances;

use super::{Change, Profile, SignIn, Switch};
use crate::scope::Scope;
use crate::snapshot::Snapshot;
use crate::time::Validity;
use crate::words::{AddressRange, GrantId, Number, PermissionName, RoleId, UserId};

/// Named values, in the order in which they are read.
pub type Facts = Vec<(&'static str, String)>;

/// A change in an auditor's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What was done: `user.disabled`.
    pub action: &'static str,
    /// To what: its id and its name.
    pub target: String,
    /// What was there before; empty for something new.
    pub before: Facts,
    /// What is there now; empty for something gone.
    pub after: Facts,
}

fn told(action: &'static str, target: String, before: Facts, after: Facts) -> Told {
    Told { action, target, before, after }
}

fn fact(name: &'static str, value: impl std::fmt::Display) -> (&'static str, String) {
    (name, value.to_string())
}

impl Change {
    /// What an auditor reads of this change: old facts from the state `before` its changeset, names and new
    /// facts from the state `after` it.
    #[must_use]
    pub fn tell(&self, before: &Snapshot, after: &Snapshot) -> Told {
        match self {
            Change::AccountCreated { id, r#ref, name } => told(
                "account.created",
                format!("{id} {ref}"),
                vec![],
                vec![fact("ref", r#ref), fact("name", name)],
            ),
            Change::AccountEdited { name } => {
                let account = before.account();
                let target = format!("{} {}", account.id, account.r#ref);
                told("account.edited", target, vec![fact("name", &account.name)], vec![fact("name", name)])
            }
            Change::PermissionAdded { name } => told("permission.added", name.to_string(), vec![], vec![]),
            Change::RoleCreated { .. } | Change::RoleEdited { .. } | Change::RoleRemoved { .. } => {
                self.tell_role(before)
            }
            Change::GrantAdded { .. } | Change::GrantChanged { .. } | Change::GrantRemoved { .. } => {
                self.tell_grant(before, after)
            }
            Change::UserCreated { .. }
            | Change::UserEdited { .. }
            | Change::UserSwitched { .. }
            | Change::UserSignedOut { .. }
            | Change::UserSignInSet { .. }
            | Change::UserAddressesSet { .. }
            | Change::TokenEnded { .. }
            | Change::UserRemoved { .. } => self.tell_user(before),
            Change::ProviderSaved { .. }
            | Change::ProviderRemoved { .. }
            | Change::ClientAdded { .. }
            | Change::ClientRemoved { .. } => self.tell_entrance(before),
            _ => self.tell_place(before),
        }
    }

    fn tell_role(&self, before: &Snapshot) -> Told {
        let names =
            |list: &[PermissionName]| list.iter().map(PermissionName::as_str).collect::<Vec<_>>().join(" ");
        let old = |id: RoleId| before.role(id);
        let facts = |id| {
            old(id).map_or(vec![], |r| {
                let held: Vec<_> = r.permissions.iter().map(|p| before.permissions().name(p)).collect();
                vec![fact("label", &r.label), fact("permissions", held.join(" "))]
            })
        };
        let target = |id: RoleId| format!("{id} {}", old(id).map_or("?", |r| r.key.as_str()));
        match self {
            Change::RoleCreated { id, key, label, application, permissions } => {
                let bound = application.map_or("any", crate::words::Application::name);
                let after = vec![
                    fact("label", label),
                    fact("application", bound),
                    fact("permissions", names(permissions)),
                ];
                told("role.created", format!("{id} {key}"), vec![], after)
            }
            Change::RoleEdited { id, label, permissions } => {
                let after = vec![fact("label", label), fact("permissions", names(permissions))];
                told("role.edited", target(*id), facts(*id), after)
            }
            Change::RoleRemoved { id } => told("role.removed", target(*id), facts(*id), vec![]),
            _ => told("role", String::new(), vec![], vec![]),
        }
    }

    fn tell_user(&self, before: &Snapshot) -> Told {
        let target = |id: UserId| user_text(before, id);
        let profile = |id: UserId| before.whole_profile(id).map_or(vec![], |old| profile_facts(&old));
        match self {
            Change::UserCreated { id, login, profile, kind, sign_in } => {
                let mut after = vec![fact("login", login)];
                after.extend(profile_facts(profile));
                after.push(fact("kind", format!("{kind:?}").to_lowercase()));
                after.push(fact("sign_in", sign_in_text(*sign_in)));
                told("user.created", format!("{id} {login}"), vec![], after)
            }
            Change::UserEdited { id, profile: new } => {
                told("user.edited", target(*id), profile(*id), profile_facts(new))
            }
            Change::UserSwitched { id, by, on } => {
                let action = if *on { "user.enabled" } else { "user.disabled" };
                let by = match by {
                    Switch::Administrators => "administrators",
                    Switch::Provisioner => "provisioner",
                };
                told(action, target(*id), vec![], vec![fact("by", by)])
            }
            Change::UserSignedOut { id } => told("user.signed_out", target(*id), vec![], vec![]),
            Change::UserSignInSet { id, sign_in } => {
                let old = before.user(*id).map(|user| fact("sign_in", sign_in_text(user.sign_in())));
                let new = vec![fact("sign_in", sign_in_text(*sign_in))];
                told("user.sign_in_set", target(*id), old.into_iter().collect(), new)
            }
            Change::UserAddressesSet { id, ranges } => {
                let text = |ranges: &[AddressRange]| match ranges {
                    [] => "everywhere".to_owned(),
                    some => some.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
                };
                let old = vec![fact("from", text(before.entrances().ranges(*id)))];
                told("user.addresses_set", target(*id), old, vec![fact("from", text(ranges))])
            }
            Change::TokenEnded { id, user, .. } => {
                told("token.ended", format!("{id} of {}", target(*user)), vec![], vec![])
            }
            Change::UserRemoved { id } => told("user.removed", target(*id), profile(*id), vec![]),
            _ => told("user", String::new(), vec![], vec![]),
        }
    }

    fn tell_grant(&self, before: &Snapshot, after: &Snapshot) -> Told {
        let facts = |on: &Snapshot, role: RoleId, scope: &Scope, validity: Validity| {
            let mut facts = vec![
                fact("role", on.role(role).map_or("?", |r| r.key.as_str())),
                fact("scope", on.scope_told(scope)),
            ];
            facts.extend(validity.from.map(|at| fact("valid_from", at.0)));
            facts.extend(validity.until.map(|at| fact("valid_until", at.0)));
            facts
        };
        let old = |user: UserId, id: GrantId| before.grants(user).into_iter().find(|g| g.id == id);
        let old_facts = |user, id| {
            old(user, id).map_or(vec![], |g| facts(before, g.spec.role, &g.spec.scope, g.spec.validity))
        };
        match self {
            Change::GrantAdded { grant } => {
                let target = format!("{} of {}", grant.id, user_text(after, grant.user));
                let spec = &grant.spec;
                told("grant.added", target, vec![], facts(after, spec.role, &spec.scope, spec.validity))
            }
            Change::GrantChanged { id, user, scope, validity } => {
                let role = old(*user, *id).map(|g| g.spec.role);
                let new = role.map_or(vec![], |role| facts(after, role, scope, *validity));
                let target = format!("{id} of {}", user_text(after, *user));
                told("grant.changed", target, old_facts(*user, *id), new)
            }
            Change::GrantRemoved { id, user } => {
                let target = format!("{id} of {}", user_text(after, *user));
                told("grant.removed", target, old_facts(*user, *id), vec![])
            }
            _ => told("grant", String::new(), vec![], vec![]),
        }
    }

    fn tell_place(&self, before: &Snapshot) -> Told {
        let places = before.places();
        let status = |open: &bool| if *open { "opened" } else { "closed" };
        match self {
            Change::RetailerCreated { id, r#ref, name, .. } => {
                told("retailer.created", format!("{id} {ref}"), vec![], vec![fact("name", name)])
            }
            Change::RetailerEdited { id, name, default_channel } => {
                let old = places.retailer(*id);
                let facts = old.map_or(vec![], |r| {
                    vec![fact("name", &r.name), fact("default_channel", r.default_channel)]
                });
                let target = named(*id, old.map(|r| r.r#ref.as_str()));
                let after = vec![fact("name", name), fact("default_channel", default_channel)];
                told("retailer.edited", target, facts, after)
            }
            Change::LocationCreated { id, retailer, r#ref, name, kind } => {
                let kind = format!("{kind:?}").to_lowercase();
                let after = vec![fact("retailer", retailer), fact("name", name), fact("kind", kind)];
                told("location.created", format!("{id} {ref}"), vec![], after)
            }
            Change::LocationEdited { id, name, kind } => {
                let old = places.location(*id);
                let text = |k: &super::LocationKind| format!("{k:?}").to_lowercase();
                let facts = old.map_or(vec![], |l| vec![fact("name", &l.name), fact("kind", text(&l.kind))]);
                let target = named(*id, old.map(|l| l.r#ref.as_str()));
                told("location.edited", target, facts, vec![fact("name", name), fact("kind", text(kind))])
            }
            Change::ChannelCreated { id, retailer, r#ref, name } => {
                let after = vec![fact("retailer", retailer), fact("name", name)];
                told("channel.created", format!("{id} {ref}"), vec![], after)
            }
            Change::ChannelEdited { id, name } => {
                let old = places.channel(*id);
                let facts = old.map_or(vec![], |c| vec![fact("name", &c.name)]);
                told(
                    "channel.edited",
                    named(*id, old.map(|c| c.r#ref.as_str())),
                    facts,
                    vec![fact("name", name)],
                )
            }
            Change::RetailerStatus { id, open } => {
                let target = named(*id, places.retailer(*id).map(|r| r.r#ref.as_str()));
                told("retailer.status", target, vec![], vec![fact("status", status(open))])
            }
            Change::LocationStatus { id, open } => {
                let target = named(*id, places.location(*id).map(|l| l.r#ref.as_str()));
                told("location.status", target, vec![], vec![fact("status", status(open))])
            }
            Change::ChannelStatus { id, open } => {
                let target = named(*id, places.channel(*id).map(|c| c.r#ref.as_str()));
                told("channel.status", target, vec![], vec![fact("status", status(open))])
            }
            _ => told("change", String::new(), vec![], vec![]),
        }
    }
}

/// A language or time zone that nobody chose is not told of: most have neither.
fn profile_facts(profile: &Profile) -> Facts {
    let email = profile.email.as_ref().map_or("", |e| e.as_str());
    let mut facts = vec![fact("name", &profile.name), fact("email", email)];
    facts.extend(profile.language.map(|language| fact("language", language)));
    facts.extend(profile.time_zone.as_ref().map(|zone| fact("time_zone", zone)));
    facts
}

fn sign_in_text(sign_in: SignIn) -> String {
    match sign_in {
        SignIn::Password => "password".to_owned(),
        SignIn::Sso(provider) => format!("sso by {provider}"),
    }
}

fn named(id: impl Number, name: Option<&str>) -> String {
    format!("{id} {}", name.unwrap_or("?"))
}

fn user_text(before: &Snapshot, id: UserId) -> String {
    match before.user(id) {
        Some(user) => format!("{id} {}", user.login()),
        None => id.to_string(),
    }
}
