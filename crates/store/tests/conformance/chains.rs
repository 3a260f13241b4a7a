//! Random chains of commands: what is loaded is what was applied, and what the log tells.

use access::change::{LocationKind, Profile, SignIn};
use access::commands::{
    AddClient, AddPermission, Command, CopyRole, CreateChannel, CreateLocation, CreateRetailer, CreateRole,
    DisableUser, EditAccount, EditChannel, EditGrants, EditLocation, EditRole, EditUser, EnableUser,
    EndTokens, GrantEdit, RemoveClient, RemoveProvider, RemoveRole, RemoveUser, ResetPassword, SetAddresses,
    SetChannelOpen, SetLocationOpen, SetRetailerOpen, SetSignIn, SignOutUser,
};
use access::{
    Application, Extent, IdSet, Instant, Language, LocationExtent, Number, RoleId, Scope, TimeZoneName,
    UserId, Validity,
};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::backends::Scratch;
use crate::world::{
    World, id, key, label, new_user, permission, range, role_key, save_provider, spec, token_id,
};

/// A kind of command and three numbers that it takes its names and targets from.
type Step = (u8, u32, u32, u32);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((0u8..32, 0u32..6, 0u32..6, 0u32..6), 1..40)
}

/// One of those that were made so far, or one that was not.
fn one<T: Number>(number: u32) -> T {
    id(number + 1)
}

fn scope(a: u32, b: u32, c: u32) -> Scope {
    let set = IdSet::new([one(b), one(c)]).unwrap();
    let locations = match c % 3 {
        0 => LocationExtent::All,
        1 => LocationExtent::Narrow(set),
        _ => LocationExtent::Only(set),
    };
    let retailers = if a == 0 { Extent::All } else { Extent::one(one(a - 1)) };
    let channels = if b < 4 { Extent::All } else { Extent::one(one(c)) };
    Scope { retailers, locations, channels }
}

fn role(a: u32) -> RoleId {
    if a.is_multiple_of(2) { id(a + 1) } else { id(RoleId::BUILT_IN_MAX + a) }
}

/// Runs a command when it is not refused; what it refuses is another test's affair.
fn attempt<C: Command>(world: &mut World, command: C) {
    let _ = world.run(command);
}

fn take(world: &mut World, (kind, a, b, c): Step) {
    match kind {
        0..8 => take_user(world, kind, a, b, c),
        8..16 => take_place(world, kind, a, b, c),
        16..24 => take_role(world, kind, a, b, c),
        _ => take_entrance(world, kind, a, b, c),
    }
}

fn take_entrance(world: &mut World, kind: u8, a: u32, b: u32, c: u32) {
    let user: UserId = one(a);
    match kind {
        24 => attempt(world, save_provider(&format!("idp{}", b % 3), &format!("https://id{c}.shop.example"))),
        25 if b < 2 => attempt(world, RemoveProvider { id: one(c % 3) }),
        25 if b < 4 => attempt(world, RemoveClient { id: one(c % 3) }),
        25 => attempt(world, ResetPassword { id: user }),
        26 => {
            let (name, retailer) = (label(&format!("Program {c}")), one(a % 2));
            attempt(world, AddClient { r#ref: key(&format!("client{b}")), name, retailer });
        }
        27 => {
            let ranges = (0..b % 3).map(|n| range(&format!("10.{c}.{n}.0/24"))).collect();
            attempt(world, SetAddresses { id: user, ranges });
        }
        28 | 29 => {
            let sign_in = if b < 3 { SignIn::Password } else { SignIn::Sso(one(c % 3)) };
            attempt(world, SetSignIn { id: user, sign_in });
        }
        _ => {
            // Few shards and few instants, so that ends sweep one another.
            world.now += i64::from(c) * 100;
            let until = Instant(world.now + i64::from(b) * 100 - 100);
            let token = token_id(i64::from(b % 3) * 256 + i64::from(c % 2));
            attempt(world, EndTokens { user, tokens: vec![(token, until)] });
        }
    }
}

fn take_user(world: &mut World, kind: u8, a: u32, b: u32, c: u32) {
    let user: UserId = one(a);
    let grant = |edit| EditGrants { edits: vec![(user, edit)] };
    match kind {
        0 => attempt(world, new_user(&format!("user{b}@x.example"), vec![])),
        1 => attempt(world, new_user(&format!("u{b}@x.example"), vec![spec(role(c), scope(a, b, c))])),
        2 => {
            let email = (c > 2).then(|| label("some@x.example"));
            let language = (b > 3).then_some(if c > 3 { Language::EnUs } else { Language::EnGb });
            let time_zone = (c > 1).then(|| TimeZoneName::parse(&format!("Area/City_{b}")).unwrap());
            let profile = Profile { name: label(&format!("N {b}")), email, language, time_zone };
            attempt(world, EditUser { id: user, profile });
        }
        3 if b > 2 => attempt(world, DisableUser { id: user }),
        3 => attempt(world, EnableUser { id: user }),
        4 if b > 3 => attempt(world, RemoveUser { id: user }),
        4 => attempt(world, SignOutUser { id: user }),
        5 => attempt(world, grant(GrantEdit::Add(spec(role(b), scope(a, b, c))))),
        6 => {
            let until = (b > 2).then_some(Instant(i64::from(c) * 1_000_000));
            let validity = Validity { from: None, until };
            attempt(world, grant(GrantEdit::Change { id: one(c), scope: scope(c, a, b), validity }));
        }
        _ => attempt(world, grant(GrantEdit::Remove(one(c)))),
    }
}

fn take_place(world: &mut World, kind: u8, a: u32, b: u32, c: u32) {
    let (name, text) = (label(&format!("Place {c}")), format!("P{b}"));
    let kind_of = if c > 3 { LocationKind::Warehouse } else { LocationKind::Store };
    match kind {
        8 | 9 => {
            attempt(
                world,
                CreateRetailer { r#ref: key(&text), name, default_channel: (key("web"), label("Web")) },
            );
        }
        10 => attempt(world, CreateLocation { retailer: one(a % 2), r#ref: key(&text), name, kind: kind_of }),
        11 => attempt(world, CreateChannel { retailer: one(a % 2), r#ref: key(&text), name }),
        12 => attempt(world, EditLocation { id: one(a), name, kind: kind_of }),
        13 => attempt(world, EditChannel { id: one(a), name }),
        14 if b > 3 => attempt(world, SetRetailerOpen { id: one(a), open: c > 2 }),
        14 => attempt(world, SetLocationOpen { id: one(a), open: c > 2 }),
        _ => attempt(world, SetChannelOpen { id: one(a), open: c > 2 }),
    }
}

fn take_role(world: &mut World, kind: u8, a: u32, b: u32, c: u32) {
    let names = ["ORDER_VIEW", "ORDER_UPDATE", "STOCK_VIEW", "NOUN0_VERB", "NOUN1_VERB", "OMC_ACCESS"];
    let permissions: Vec<_> =
        names.iter().skip(b as usize).step_by(c as usize + 1).map(|n| permission(n)).collect();
    let (key, text) = (role_key(&format!("role{a}")), label(&format!("Role {b}")));
    let application = [None, Some(Application::Omc), Some(Application::StoreApp)][c as usize % 3];
    match kind {
        16 | 17 => attempt(world, AddPermission { name: permission(&format!("NOUN{}_VERB", a % 3)) }),
        18 | 19 => attempt(world, CreateRole { key, label: text, application, permissions }),
        20 => attempt(world, EditRole { id: id(RoleId::BUILT_IN_MAX + 1 + a % 3), label: text, permissions }),
        21 => attempt(world, CopyRole { from: role(c), key, label: text }),
        22 => attempt(world, RemoveRole { id: id(RoleId::BUILT_IN_MAX + 1 + a % 3) }),
        _ => attempt(world, EditAccount { name: text }),
    }
}

fn run(cases: u32, scratch: &mut Scratch) {
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let mut kinds = std::collections::BTreeSet::new();
    let scratch = std::cell::RefCell::new(scratch);
    let kinds_made = std::cell::RefCell::new(&mut kinds);
    TestRunner::new(config)
        .run(&steps(), |steps| {
            let mut world = World::new(&scratch.borrow_mut().database());
            for step in steps {
                let before = world.state.revision();
                take(&mut world, step);
                if world.state.revision() != before {
                    kinds_made.borrow_mut().insert(step.0);
                }
            }
            world.check();
            Ok(())
        })
        .unwrap();
    // Chains in which every command is refused would prove nothing. Of 32 kinds most do something in a run of many
    // chains; which ones is chance, so that half of them are enough, and few chains may be unlucky.
    println!("{} of 32 kinds changed something", kinds.len());
    assert!(kinds.len() > if cases > 50 { 16 } else { 4 }, "only {kinds:?} changed anything");
}

#[test]
fn chains_load_as_they_were_applied() {
    run(96, &mut Scratch::Memory);
}

#[test]
fn chains_load_as_they_were_applied_from_postgres() {
    if let Some(mut scratch) = Scratch::postgres() {
        run(6, &mut scratch);
    }
}
