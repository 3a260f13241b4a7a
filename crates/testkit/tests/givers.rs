//! Who can give what: giver x role, as an expected file, by running the real command.
//!
//! After a change that is meant: `INSTA_UPDATE=always cargo test -p testkit --test givers`, and read the
//! difference. With `CI` set or `INSTA_UPDATE=no` nothing is written.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests stop the test"
)]

use access::commands::{Command, EditGrants, GrantEdit, Refusal};
use access::delegation::DelegationRefusal;
use access::{Application, Denial, GrantSpec, RoleId, Snapshot, UserId};
use std::fmt::Write;
use testkit::contract::{BuiltInRole, CONTRACT};
use testkit::world::{Locations, id};
use testkit::{Scope, World, fixture, oracle};

const LEGEND: &str = "\
A row is a giver: the roles they hold, where they hold them, where they give.
+ may give the role of that column there, else why not:
  e escalation: the role holds what the giver does not
  r rank: the role is stronger than the giver's own best in its application
  m not managed: USER_UPDATE is not held over the place by one grant
  k managers: ROLE_MANAGER and USER_MANAGER would come together
  s in the Store App, only its roles and only at the store that the giver is in
  d the command itself is denied: USER_UPDATE is held nowhere, or the application may not be entered
Each calls from the application that their role is bound to; from the first of omc, store_app and api that
it opens when it is bound to none. Account (All, All, All); retailer ({1}, All, All); store ({1}, Only{1}, All).
Their active site is retailer 1, their active store location 1. The receiver has an unranked role of the
Store App at the store; in the last table, ROLE_MANAGER at the account as well. Rows of d alone are left out
and named below their table.
";

fn place(name: &str) -> Scope {
    let retailer = Scope::retailer(id(1));
    match name {
        "account" => Scope::ACCOUNT,
        "retailer" => retailer,
        "store" => Scope { locations: Locations::Only([id(1)].into()), ..retailer },
        other => panic!("no place is called {other}"),
    }
}

/// The application that a giver calls from.
fn home(world: &World, role: RoleId) -> Application {
    let role = &world.roles[&role];
    let opens = |a: &Application| oracle::holds(role, a.access_permission());
    role.application.unwrap_or_else(|| Application::ALL.into_iter().find(opens).unwrap())
}

struct Stage {
    world: World,
    plain: UserId,
    role_manager: UserId,
}

fn stage() -> Stage {
    let mut world = fixture::two_retailers();
    let visible = world.add_role("visible", Some(Application::StoreApp), &["FULFILMENT_VIEW"]);
    let plain = world.add_user([(visible, place("store"))]);
    let manager = world.role("ROLE_MANAGER");
    let role_manager = world.add_user([(visible, place("store")), (manager, Scope::ACCOUNT)]);
    // Somebody who stays an administrator whatever is given or taken.
    let admin = world.role("ADMIN");
    world.add_user([(admin, Scope::ACCOUNT)]);
    Stage { world, plain, role_manager }
}

impl Stage {
    /// The signs of a row: these roles held there, every built-in role given here.
    fn signs(&mut self, keys: &[&str], held: &str, given: &str, receiver: UserId) -> Vec<char> {
        let roles: Vec<RoleId> = keys.iter().map(|key| self.world.role(key)).collect();
        let giver = self.world.add_user(roles.iter().map(|role| (*role, place(held))));
        let snapshot = self.world.snapshot();
        let application = home(&self.world, *roles.first().unwrap());
        let subject = self.world.subject(giver, application).at(Some(id(1)), Some(id(1)));
        let sign_of = |role: &BuiltInRole| {
            let spec = GrantSpec {
                role: self.world.role(role.key),
                scope: (&place(given)).into(),
                validity: access::Validity::ALWAYS,
            };
            let command = EditGrants { edits: vec![(receiver, GrantEdit::Add(spec))] };
            sign(&snapshot, &subject, command, self.world.now())
        };
        let signs = CONTRACT.roles.iter().map(sign_of).collect();
        self.world.users.pop();
        signs
    }

    fn table(&mut self, givers: &[Vec<&str>], held: &str, given: &str, receiver: UserId) -> String {
        let mut text = format!("\nheld at {held}, given at {given}\n");
        let mut denied = Vec::new();
        for keys in givers {
            let signs = self.signs(keys, held, given, receiver);
            if signs.iter().all(|sign| *sign == 'd') {
                denied.push(keys.join("+"));
            } else {
                let cells: Vec<_> = signs.iter().map(|sign| format!(" {sign}")).collect();
                writeln!(text, "{:29} {}", keys.join("+"), cells.join(" ")).unwrap();
            }
        }
        if !denied.is_empty() {
            writeln!(text, "denied: {}", denied.join(", ")).unwrap();
        }
        text
    }
}

fn sign(on: &Snapshot, subject: &access::Subject, command: EditGrants, now: access::Instant) -> char {
    let refusal = match on.authorize(subject, command, now).map(EditGrants::run) {
        Ok(Ok(changes)) => {
            assert_eq!(changes.changes().len(), 1, "one grant is one change");
            return '+';
        }
        Ok(Err(refusal)) => refusal,
        Err(denial) => Refusal::Denied(denial),
    };
    match refusal {
        Refusal::Delegation(DelegationRefusal::Escalation { .. }) => 'e',
        Refusal::Delegation(DelegationRefusal::Rank { .. }) => 'r',
        Refusal::Delegation(DelegationRefusal::NotManaged { .. }) => 'm',
        Refusal::Delegation(DelegationRefusal::Managers) => 'k',
        Refusal::NotOfTheStore => 's',
        Refusal::Denied(Denial::Missing { .. } | Denial::ApplicationClosed(_)) => 'd',
        other => panic!("a refusal that has no letter: {other}"),
    }
}

/// Where roles are held, and where they are given.
const PLACES: &[(&str, &str)] = &[
    ("account", "account"),
    ("account", "retailer"),
    ("retailer", "account"),
    ("retailer", "retailer"),
    ("retailer", "store"),
    ("store", "retailer"),
    ("store", "store"),
];

#[test]
fn giver_by_role() {
    let mut stage = stage();
    let (plain, role_manager) = (stage.plain, stage.role_manager);
    let mut text = format!("{LEGEND}\n");
    for (number, role) in (1..).zip(&CONTRACT.roles) {
        writeln!(text, "{number:2} {}", role.key).unwrap();
    }
    let heads: Vec<_> = (1..=CONTRACT.roles.len()).map(|n| format!("{n:2}")).collect();
    writeln!(text, "\n{:29} {}", "giver", heads.join(" ")).unwrap();

    let managers = vec!["ROLE_MANAGER", "USER_MANAGER"];
    // A weak rank beside every permission: rule 2 speaks where rule 1 does not.
    let ranked = vec!["client_viewer", "ADMIN"];
    let mut givers: Vec<Vec<&str>> = CONTRACT.roles.iter().map(|r| vec![r.key]).collect();
    givers.extend([managers.clone(), ranked]);
    for (held, given) in PLACES {
        text += &stage.table(&givers, held, given, plain);
    }
    text += "\n-- to somebody who has ROLE_MANAGER at the account\n";
    let strong = [vec!["client_admin"], vec!["headquarters"], vec!["ADMIN"], vec!["USER_MANAGER"], managers];
    text += &stage.table(&strong, "account", "account", role_manager);
    text += &stage.table(&strong, "account", "retailer", role_manager);
    for letter in ["+", "e", "r", "m", "k", "s"] {
        assert!(text.contains(&format!("  {letter}  ")), "no cell says {letter}: the table shows too little");
    }
    insta::assert_snapshot!("giver_by_role", text);
}
