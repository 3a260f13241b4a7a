//! Random chains of commands by a gang: one user or two of an account, and the accomplices they make.

use super::super::world::*;
use super::reach::{INSTANTS, Reach};
use super::rng::Rng;
use super::setup::{self, PALETTE};
use crate::catalogue::PermissionSet;
use crate::commands::*;
use crate::scope::Scope;
use crate::snapshot::Snapshot;
use crate::words::*;
use crate::{GrantSpec, Instant, Subject};

/// Commands that are allowed in one chain, at most.
const STEPS_MAX: usize = 12;
/// Commands that are tried, at most.
const TRIES_MAX: usize = 70;

/// Something that the gang reached and none of its first members could.
#[derive(Debug)]
pub(super) struct Escalation {
    pub(super) seed: u64,
    pub(super) gained: String,
    pub(super) steps: Vec<String>,
}

/// What a chain did: for the tests that see to it that the search does something.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) allowed: [usize; KINDS.len()],
    pub(super) refused: usize,
}

pub(super) struct Chain {
    rng: Rng,
    state: Snapshot,
    gang: Vec<UserId>,
    now: usize,
    created: usize,
}

impl Chain {
    pub(super) fn new(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let state = setup::account(&mut rng);
        // The administrator is the first user and no member. Mostly those begin who can do something at all.
        let update = state.permissions().find("USER_UPDATE");
        let able = |id: UserId| {
            let roles = state.grants(id).into_iter().filter_map(|g| state.role(g.spec.role));
            update.is_some_and(|p| roles.map(|r| &r.permissions).any(|held| held.contains(p)))
        };
        let others: Vec<UserId> = (2..=state.user_count() as u32).filter_map(UserId::from_number).collect();
        let managing: Vec<UserId> = others.iter().copied().filter(|id| able(*id)).collect();
        let someone = |rng: &mut Rng| match !managing.is_empty() && rng.chance(75) {
            true => *rng.of(&managing),
            false => *rng.of(&others),
        };
        let mut gang = vec![someone(&mut rng)];
        if rng.chance(60) {
            gang.push(someone(&mut rng));
        }
        Self { rng, state, gang, now: 0, created: 0 }
    }

    fn now(&self) -> Instant {
        INSTANTS[self.now]
    }

    /// Runs the chain; what it gained, if anything.
    pub(super) fn run(mut self, seed: u64, tally: &mut Tally) -> Option<Escalation> {
        let before = Reach::of(&self.state, &self.gang, Instant(0));
        let born = self.state.permissions().len();
        let entries = Application::ALL.map(|a| self.state.permissions().find(a.access_permission()).unwrap());
        let free: PermissionSet = entries.into_iter().collect();
        let mut steps = Vec::new();
        for _ in 0..TRIES_MAX {
            if steps.len() == STEPS_MAX {
                break;
            }
            if self.now + 1 < INSTANTS.len() && self.rng.chance(3) {
                self.now += 1;
            }
            let Some((kind, text)) = self.step() else {
                tally.refused += 1;
                continue;
            };
            tally.allowed[kind] += 1;
            steps.push(text);
            let reach = Reach::of(&self.state, &self.gang, self.now());
            self.spot_check(&reach);
            if let Some((permission, _)) = reach.beyond(&before, born, &free) {
                let gained = match permission.index() < self.state.permissions().len() {
                    true => self.state.permissions().name(permission).to_owned(),
                    false => "every permission to come".to_owned(),
                };
                return Some(Escalation { seed, gained, steps });
            }
        }
        None
    }

    /// The engine allows nothing that the reach leaves out.
    fn spot_check(&mut self, reach: &Reach) {
        let ids: Vec<_> = self.state.permissions().ids().collect();
        for _ in 0..20 {
            let (user, permission, at) =
                (*self.rng.of(&self.gang), *self.rng.of(&ids), self.rng.below(reach.len()));
            let past = at / (reach.len() / INSTANTS.len()) < self.now;
            assert!(past || reach.agrees(&self.state, user, permission, at));
        }
    }

    fn someone(&mut self) -> UserId {
        match self.rng.chance(60) {
            true => *self.rng.of(&self.gang),
            false => UserId::from_number(1 + self.rng.below(self.state.user_count()) as u32).unwrap(),
        }
    }

    /// A grant like those that the gang has, or any at all.
    fn spec(&mut self, actor: UserId) -> GrantSpec {
        let member = *self.rng.of(&self.gang);
        let (own, theirs) = (self.state.grants(actor), self.state.grants(member));
        let mut spec = GrantSpec {
            role: setup::role(&mut self.rng, &self.state),
            scope: setup::scope(&mut self.rng),
            validity: setup::validity(&mut self.rng),
        };
        // Both managers' roles matter at account scope alone.
        let manager = |key: &str| self.state.find_role(key).is_some_and(|r| r.id == spec.role);
        if (manager("ROLE_MANAGER") || manager("USER_MANAGER")) && self.rng.chance(50) {
            spec.scope = Scope::account();
        }
        if !own.is_empty() && self.rng.chance(50) {
            spec.scope = self.rng.of(&own).spec.scope.clone();
        }
        if !own.is_empty() && self.rng.chance(60) {
            spec.validity = self.rng.of(&own).spec.validity;
        }
        if !theirs.is_empty() && self.rng.chance(40) {
            spec.role = self.rng.of(&theirs).spec.role;
        }
        spec
    }

    fn edit(&mut self, actor: UserId) -> (UserId, GrantEdit) {
        let user = self.someone();
        let grants = self.state.grants(user);
        let edit = match self.rng.weighted(&[50, 35, 15]) {
            1 if !grants.is_empty() => {
                let (old, new) = (self.rng.of(&grants).clone(), self.spec(actor));
                let scope = if self.rng.chance(30) { old.spec.scope } else { new.scope };
                let validity = if self.rng.chance(40) { old.spec.validity } else { new.validity };
                GrantEdit::Change { id: old.id, scope, validity }
            }
            2 if !grants.is_empty() => GrantEdit::Remove(self.rng.of(&grants).id),
            _ => GrantEdit::Add(self.spec(actor)),
        };
        (user, edit)
    }

    fn custom_role(&mut self) -> RoleId {
        let made: Vec<RoleId> = self.state.roles().filter(|r| !r.id.is_built_in()).map(|r| r.id).collect();
        *self.rng.of(&made)
    }

    /// The permissions of a role, a few added and a few taken.
    fn contents(&mut self, id: RoleId) -> Vec<PermissionName> {
        let names = self.state.permissions().names().to_vec();
        let mut held: Vec<_> =
            self.state.role(id).unwrap().permissions.iter().map(|p| names[p.index()].clone()).collect();
        for _ in 0..1 + self.rng.below(2) {
            match self.rng.chance(75) {
                true => held.push(match self.rng.chance(70) {
                    true => PermissionName::parse(PALETTE[self.rng.below(PALETTE.len())]).unwrap(),
                    false => self.rng.of(&names).clone(),
                }),
                false if !held.is_empty() => {
                    let at = self.rng.below(held.len());
                    held.swap_remove(at);
                }
                false => {}
            }
        }
        held
    }

    /// One random command by one of the gang; its kind and its text if it was allowed.
    fn step(&mut self) -> Option<(usize, String)> {
        let actor = *self.rng.of(&self.gang);
        let mut application = *self.rng.of(&Application::ALL);
        let user = self.state.user(actor)?;
        if self.rng.chance(80) && !self.state.may_enter(user, Some(application), self.now()) {
            application = Application::Api;
        }
        let place = |rng: &mut Rng, n: usize| rng.chance(70).then(|| 1 + rng.below(n) as u32);
        let site = place(&mut self.rng, 2).and_then(RetailerId::from_number);
        let store = place(&mut self.rng, 4).and_then(LocationId::from_number);
        let who = Subject::signed_in(self.state.account().id, actor, application).at(site, store);
        let kind = self.rng.weighted(&KINDS.map(|(_, weight)| weight));
        let (next, text) = self.command(kind, actor, &who)?;
        if kind == CREATE_USER {
            self.gang.push(UserId::from_number(next.user_count() as u32).unwrap());
        }
        self.state = next;
        Some((kind, format!("{actor} in {application} at {}: {text}", self.now().0)))
    }

    fn command(&mut self, kind: usize, actor: UserId, who: &Subject) -> Option<(Snapshot, String)> {
        self.created += 1;
        let key = RoleKey::parse(&format!("made{}", self.created)).unwrap();
        let name = label("Made");
        match KINDS[kind].0 {
            "create user" => {
                let grants = (0..1 + self.rng.below(2)).map(|_| self.spec(actor)).collect();
                self.attempt(who, create_user(&format!("new{}@shop.example", self.created), grants))
            }
            "edit grants" => {
                let edits = (0..1 + self.rng.below(3)).map(|_| self.edit(actor)).collect();
                self.attempt(who, EditGrants { edits })
            }
            "create role" => {
                let from = self.custom_role();
                let permissions = self.contents(from);
                let application = self.rng.chance(25).then_some(Application::Omc);
                self.attempt(who, CreateRole { key, label: name, application, permissions })
            }
            "copy role" => {
                let from = setup::role(&mut self.rng, &self.state);
                self.attempt(who, CopyRole { from, key, label: name })
            }
            "edit role" => {
                let id = self.custom_role();
                let permissions = self.contents(id);
                self.attempt(who, EditRole { id, label: name, permissions })
            }
            "remove role" => {
                let id = self.custom_role();
                self.attempt(who, RemoveRole { id })
            }
            "add permission" => {
                let name = PermissionName::parse(&format!("MADE{}_DO", self.created)).unwrap();
                self.attempt(who, AddPermission { name })
            }
            status => {
                let id = self.someone();
                match status {
                    "disable" => self.attempt(who, DisableUser { id }),
                    "enable" => self.attempt(who, EnableUser { id }),
                    _ => self.attempt(who, RemoveUser { id }),
                }
            }
        }
    }

    fn attempt<C: Command + std::fmt::Debug>(&self, who: &Subject, command: C) -> Option<(Snapshot, String)> {
        let text = format!("{command:?}");
        execute_at(&self.state, who, command, self.now()).ok().map(|next| (next, text))
    }
}

const CREATE_USER: usize = 0;

/// Kinds of command, and how often each is tried.
pub(super) const KINDS: [(&str, usize); 10] = [
    ("create user", 20),
    ("edit grants", 40),
    ("create role", 8),
    ("copy role", 5),
    ("edit role", 20),
    ("remove role", 2),
    ("add permission", 3),
    ("disable", 3),
    ("enable", 8),
    ("remove user", 2),
];
