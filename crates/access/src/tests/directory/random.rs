//! Random users with random grants, random viewers and what they ask for.

use super::super::world::*;
use crate::change::{Change, Grant, Profile, SignIn, Switch, UserKind};
use crate::directory::{SignInFilter, Sort, SortKey, Status, UserQuery, Words};
use crate::scope::{Extent, IdSet, LocationExtent, Scope};
use crate::snapshot::Snapshot;
use crate::words::*;
use crate::{GrantSpec, Subject, Validity};
use std::sync::OnceLock;

/// Random numbers that are the same every time (splitmix64).
pub(super) struct Rng(pub(super) u64);

impl Rng {
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }

    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(super) fn of<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    pub(super) fn id<T: Number>(&mut self, of: std::ops::RangeInclusive<u32>) -> T {
        T::from_number(of.start() + self.below((of.end() - of.start() + 1) as usize) as u32).unwrap()
    }
}

const NAMES: &[&str] = &[
    "Ann Smith",
    "ann smith",
    "Émile Zola",
    "ÉMILE ZOLA",
    "Jürgen Müller",
    "ΟΔΥΣΣΕΥΣ",
    "Οδυσσεύς",
    "Жанна Дарк",
    "İpek",
    "Zed",
    "an",
];
const LOGINS: &[&str] = &["ann", "zoé", "οδυσσευσ", "a-login-that-is-longer-than-its-head-in-memory", "bob"];
const TEXTS: &[&str] = &[
    "ann",
    "AN",
    "smith ann",
    "ann ann",
    "é",
    "zola ÉMILE",
    "müller",
    "σ",
    "Σ",
    "ς",
    "ж",
    "shop.example",
    "head-in-mem",
    "1",
    "2@",
    "nobody has this",
    "i",
    " ",
    "ann\u{1f}smith",
    "\u{1e}",
    "annann",
];

/// Three retailers with places, two providers, an administrator; built once.
pub(super) fn base() -> &'static Snapshot {
    static BASE: OnceLock<Snapshot> = OnceLock::new();
    BASE.get_or_init(|| {
        let mut world = World::new();
        world.provider("one");
        world.provider("two");
        world.custom_in("store_viewer", Some(Application::StoreApp), &["USER_VIEW", "STOREAPP_ACCESS"]);
        world.custom("looker", &["USER_VIEW"]);
        world.state
    })
}

/// Locations 1 and 2, channels 1 and 2 are those of retailer 1, and so on.
pub(super) fn scope(rng: &mut Rng) -> Scope {
    fn some<T: Number>(rng: &mut Rng, most: u32) -> IdSet<T> {
        let count = 1 + rng.below(3);
        IdSet::new((0..count).map(|_| rng.id(1..=most)).collect::<Vec<T>>()).unwrap()
    }
    Scope {
        retailers: if rng.chance(35) { Extent::All } else { Extent::Set(some(rng, 3)) },
        locations: match rng.below(4) {
            0 => LocationExtent::Narrow(some(rng, 6)),
            1 => LocationExtent::Only(some(rng, 6)),
            _ => LocationExtent::All,
        },
        channels: if rng.chance(70) { Extent::All } else { Extent::Set(some(rng, 6)) },
    }
}

fn random_profile(rng: &mut Rng) -> Profile {
    let email = rng.chance(70).then(|| label(&format!("{}@SHOP.example", rng.of(NAMES).replace(' ', "."))));
    let language = rng.chance(20).then(|| rng.of(&Language::ALL));
    let zone = rng.chance(20).then(|| rng.of(&["Europe/Paris", "America/New_York", "Asia/Kathmandu"]));
    let time_zone = zone.map(|name| TimeZoneName::parse(name).unwrap());
    Profile { name: label(rng.of(NAMES)), email, language, time_zone }
}

fn sign_in(rng: &mut Rng) -> SignIn {
    if rng.chance(60) { SignIn::Password } else { SignIn::Sso(rng.id(1..=2)) }
}

/// What may happen to users, one thing after the other.
pub(super) fn random_changes(rng: &mut Rng, on: &Snapshot) -> Vec<Change> {
    let new = UserId::from_number(on.user_count() as u32 + 1).unwrap();
    let old: UserId = rng.id(1..=on.user_count() as u32);
    let removed = on.user(old).unwrap().is_removed();
    let given = |id: UserId, rng: &mut Rng| {
        let roles: Vec<RoleId> = on.roles().map(|r| r.id).collect();
        let often =
            ["looker", "manager", "client_admin", "store_viewer", "vendor_manager", "retail_director"];
        let role = match rng.chance(60) {
            true => on.find_role(rng.of(&often)).unwrap().id,
            false => rng.of(&roles),
        };
        let validity = rng.of(&[Validity::ALWAYS, Validity::ALWAYS, until(500), until(1_500), from(1_500)]);
        let scope = if rng.chance(15) { Scope::account() } else { scope(rng) };
        let spec = GrantSpec { role, scope, validity };
        let grant = GrantId::from_number(on.counters().grants + 1).unwrap();
        vec![Change::GrantAdded { grant: Grant { id: grant, user: id, spec } }]
    };
    match rng.below(10) {
        0 | 1 => {
            let login = Login::parse(&format!("{}{}@shop.example", rng.of(LOGINS), new.number())).unwrap();
            let kind = rng.of(&[UserKind::Person, UserKind::System, UserKind::Application]);
            vec![Change::UserCreated {
                id: new,
                login,
                profile: random_profile(rng),
                kind,
                sign_in: sign_in(rng),
            }]
        }
        2 => vec![Change::UserEdited { id: old, profile: random_profile(rng) }],
        3 => {
            let by = rng.of(&[Switch::Administrators, Switch::Provisioner]);
            vec![Change::UserSwitched { id: old, by, on: rng.chance(60) }]
        }
        4 => vec![Change::UserSignInSet { id: old, sign_in: sign_in(rng) }],
        5 if rng.chance(30) && old.number() > 1 => {
            let grants = on.grants(old).into_iter();
            let taken = grants.map(|g| Change::GrantRemoved { id: g.id, user: old });
            taken.chain([Change::UserRemoved { id: old }]).collect()
        }
        _ if removed => vec![],
        _ => given(old, rng),
    }
}

/// A state after so many random changes.
pub(super) fn random_state(rng: &mut Rng, changes: usize) -> Snapshot {
    (0..changes).fold(base().clone(), |state, _| state.apply(&random_changes(rng, &state)).unwrap())
}

pub(super) fn random_subject(rng: &mut Rng, on: &Snapshot) -> Subject {
    if rng.chance(10) {
        return Subject::operator(AccountId::from_number(if rng.chance(70) { 1 } else { 2 }).unwrap());
    }
    let user = rng.id(1..=on.user_count() as u32);
    let store = rng.chance(70).then(|| rng.id(1..=6));
    Subject::signed_in(on.account().id, user, rng.of(&Application::ALL)).at(None, store)
}

pub(super) fn random_query(rng: &mut Rng, on: &Snapshot) -> (&'static str, UserQuery) {
    let text = if rng.chance(40) { rng.of(TEXTS) } else { "" };
    let provider = rng.id(1..=2);
    let mut query = UserQuery { words: Words::parse(text).unwrap(), ..UserQuery::default() };
    let roles: Vec<RoleId> = on.roles().map(|r| r.id).collect();
    // One number more than there are: a query may name what is not there.
    query.retailer = rng.chance(25).then(|| rng.id(1..=4));
    query.application = rng.chance(25).then(|| rng.of(&Application::ALL));
    query.role = rng.chance(20).then(|| if rng.chance(95) { rng.of(&roles) } else { rng.id(900..=900) });
    query.status = rng
        .chance(25)
        .then(|| rng.of(&[Status::Enabled, Status::Disabled, Status::Deprovisioned, Status::Removed]));
    let ways = [SignInFilter::Password, SignInFilter::Sso, SignInFilter::Provider(provider)];
    query.sign_in = rng.chance(20).then(|| rng.of(&ways));
    query.kind = rng.chance(15).then(|| rng.of(&[UserKind::Person, UserKind::System, UserKind::Application]));
    query.location = rng.chance(20).then(|| rng.id(1..=7));
    query.channel = rng.chance(15).then(|| rng.id(1..=7));
    let key = rng.of(&[SortKey::Login, SortKey::Name, SortKey::Email, SortKey::Made]);
    query.sort = Sort { key, descending: rng.chance(40) };
    (text, query)
}
