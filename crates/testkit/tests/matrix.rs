//! What each built-in role gives, as expected files: a change of contract or engine is seen in review.
//!
//! After a change that is meant: `INSTA_UPDATE=always cargo test -p testkit --test matrix`, and read the
//! difference. With `CI` set or `INSTA_UPDATE=no` nothing is written.

#![expect(clippy::unwrap_used, reason = "helpers of tests stop the test")]

use access::{Place, Question, Resource, Snapshot, UserId};
use std::fmt::Write;
use testkit::contract::{BuiltInRole, CONTRACT};
use testkit::{World, fixture, oracle};

/// For each entity the permissions that view and change it; none where the contract has none.
const ENTITIES: &[(&str, &str, Option<&str>)] = &[
    ("order", "ORDER_VIEW", Some("ORDER_UPDATE")),
    ("order_item", "ORDERITEM_VIEW", Some("ORDERITEM_CREATE")),
    ("fulfilment", "FULFILMENT_VIEW", Some("FULFILMENT_UPDATE")),
    ("fulfilment_item", "FULFILMENTITEM_VIEW", None),
    ("customer", "CUSTOMER_VIEW", Some("CUSTOMER_CREATE")),
    ("inventory_position", "INVENTORYPOSITION_VIEW", Some("INVENTORYPOSITION_UPDATE")),
    ("inventory_quantity", "INVENTORYQUANTITY_VIEW", Some("INVENTORYQUANTITY_UPDATE")),
    ("stock_query", "VIRTUALPOSITION_VIEW", None),
    ("control", "CONTROL_VIEW", Some("CONTROL_UPDATE")),
    ("analytics_row", "ANALYTICS_VIEW", Some("ANALYTICS_UPDATE")),
    ("item", "VARIANTPRODUCT_VIEW", Some("VARIANTPRODUCT_UPDATE")),
    ("location", "LOCATION_VIEW", Some("LOCATION_UPDATE")),
    ("retailer", "RETAILER_VIEW", Some("RETAILER_UPDATE")),
    ("sales_channel", "SALESCHANNEL_VIEW", Some("SALESCHANNEL_UPDATE")),
    ("carrier", "CARRIER_VIEW", Some("CARRIER_UPDATE")),
    ("setting", "SETTING_VIEW", Some("SETTING_UPDATE")),
    ("workflow", "WORKFLOW_VIEW", Some("WORKFLOW_UPDATE")),
    ("orchestration", "ORCHESTRATION_VIEW", Some("ORCHESTRATION_UPDATE")),
    ("role", "ROLE_VIEW", Some("ROLE_UPDATE")),
    ("permission", "PERMISSION_VIEW", None),
    ("account", "ACCOUNT_VIEW", Some("ACCOUNT_UPDATE")),
    ("identity_provider", "IDENTITYPROVIDER_VIEW", Some("IDENTITYPROVIDER_UPDATE")),
    ("audit_entry", "AUDIT_VIEW", None),
    ("user", "USER_VIEW", Some("USER_UPDATE")),
];

const LEGEND: &str = "\
+ allowed, . not. A cell has two groups: viewing, then changing; in each, one sign for a thing
  1 at the place of the grant (location 1 and channel 1 of retailer 1)
  2 at another location and channel of the same retailer
  3 at a location and channel of another retailer
  4 at no place: shared, or empty as far as the entity may be
A user stands in for a place as one whose grant is there: 1 only location 1, 2 only location 2, 3 the other
retailer, 4 no grant at all. The question names the application that the role is bound to, or none.
Scopes: account (All, All, All); retailer ({1}, All, All); narrow ({1}, Narrow{1}, All);
        only ({1}, Only{1}, All); channel ({1}, All, {1}).
Entities on which a role may do nothing in any scope are left out.
";

struct Stage {
    world: World,
    snapshot: Snapshot,
    /// Users with a grant at each place of the legend.
    targets: [UserId; 4],
    /// The holder of each role in each kind of scope.
    holders: Vec<[UserId; 5]>,
}

fn stage() -> Stage {
    let mut world = fixture::two_retailers();
    let visible = world.add_role("visible", None, &["ORDER_VIEW"]);
    let only = |location: u32| testkit::Scope {
        locations: testkit::world::Locations::Only([testkit::world::id(location)].into()),
        ..testkit::Scope::retailer(testkit::world::id(1))
    };
    let other = testkit::Scope::retailer(testkit::world::id(2));
    let targets = [
        world.add_user([(visible, only(1))]),
        world.add_user([(visible, only(2))]),
        world.add_user([(visible, other)]),
        world.add_user([]),
    ];
    let mut holders = Vec::new();
    for role in &CONTRACT.roles {
        let id = world.role(role.key);
        holders.push(fixture::scope_kinds().map(|(_, scope)| world.add_user([(id, scope)])));
    }
    Stage { snapshot: world.snapshot(), world, targets, holders }
}

impl Stage {
    fn resources(&self, entity: &str) -> [Resource; 4] {
        if entity == "user" {
            return self.targets.map(Resource::User);
        }
        let row = self.snapshot.contract().entity(entity).unwrap();
        [fixture::own(), fixture::sister(), fixture::foreign(), Place::default()]
            .map(|place| Resource::thing(row, place))
    }

    /// One sign for each place of the legend.
    fn group(&self, role: &BuiltInRole, user: UserId, permission: Option<&str>, entity: &str) -> String {
        let Some(name) = permission else { return "    ".to_owned() };
        let permission = self.snapshot.permissions().find(name).unwrap();
        let sign = |resource| {
            let question = Question { user, permission, resource, application: role.application };
            let allowed = self.snapshot.decide(&question, self.world.now()).allowed;
            if allowed { '+' } else { '.' }
        };
        self.resources(entity).into_iter().map(sign).collect()
    }

    fn block(&self, role: &BuiltInRole, holders: &[UserId; 5]) -> String {
        let bound = role.application.map_or("any application", access::Application::name);
        let mut text = format!("\n== {} ({bound})\n", role.key);
        writeln!(text, "modules: {}", levels(role)).unwrap();
        let heads = fixture::scope_kinds().map(|(kind, _)| format!("{kind:9}"));
        writeln!(text, "{}", format!("{:18}  {}", "", heads.join("  ")).trim_end()).unwrap();
        for (entity, view, change) in ENTITIES {
            let cells = holders.map(|user| {
                let view = self.group(role, user, Some(view), entity);
                format!("{view} {}", self.group(role, user, *change, entity))
            });
            let line = format!("{entity:18}  {}", cells.join("  "));
            if line.contains('+') {
                writeln!(text, "{}", line.trim_end()).unwrap();
            }
        }
        text
    }
}

/// `orders write, stock read`: what the permissions of the role derive.
fn levels(role: &BuiltInRole) -> String {
    let snapshot = World::empty(0).snapshot();
    let held = &snapshot.find_role(role.key).unwrap().permissions;
    let modules = snapshot.contract().modules().iter();
    let bound = modules.filter(|m| role.application.is_none_or(|a| a == m.application()));
    let levels = bound.map(|m| (m.name(), m.level(held))).filter(|(_, l)| *l != access::ModuleLevel::None);
    let words: Vec<_> = levels.map(|(name, level)| format!("{name} {}", level.name())).collect();
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

#[test]
fn every_entity_has_its_line() {
    let named: Vec<_> = ENTITIES.iter().map(|(name, ..)| *name).collect();
    let all: Vec<_> = CONTRACT.entities.iter().map(|e| e.name).collect();
    assert_eq!(named, all, "an entity of entities.csv is missing here, or in another order");
}

#[test]
fn role_by_entity_by_scope() {
    let stage = stage();
    let mut text = LEGEND.to_owned();
    for (role, holders) in CONTRACT.roles.iter().zip(&stage.holders) {
        text += &stage.block(role, holders);
    }
    insta::assert_snapshot!("role_by_entity_by_scope", text);
}

/// The expected file is read by people; this holds each of its signs to the specification as well.
#[test]
fn the_matrix_is_the_oracles() {
    let stage = stage();
    let places = [fixture::own(), fixture::sister(), fixture::foreign(), Place::default()];
    for (role, holders) in CONTRACT.roles.iter().zip(&stage.holders) {
        for (user, (entity, view, change)) in
            holders.iter().flat_map(|u| ENTITIES.iter().map(move |e| (u, e)))
        {
            for permission in [Some(*view), *change].into_iter().flatten() {
                let said: String = (0..4)
                    .map(|n| match *entity {
                        "user" => testkit::Resource::User(stage.targets[n]),
                        _ => testkit::Resource::thing(CONTRACT.entity(entity), places[n]),
                    })
                    .map(|on| oracle::allows(&stage.world, *user, permission, &on, role.application))
                    .map(|allowed| if allowed { '+' } else { '.' })
                    .collect();
                assert_eq!(stage.group(role, *user, Some(permission), entity), said, "{} {entity}", role.key);
            }
        }
    }
}

#[test]
fn role_by_permission() {
    let snapshot = World::empty(0).snapshot();
    let roles: Vec<_> = snapshot.roles().collect();
    let mut text = String::from("+ the role holds the permission, . it does not.\n\n");
    for (number, role) in (1..).zip(&roles) {
        let bound = role.application.map_or("any", access::Application::name);
        let rank = role.rank.map_or(String::new(), |rank| format!(" rank {rank}"));
        let count =
            if role.every { "every permission".to_owned() } else { role.permissions.len().to_string() };
        writeln!(text, "{number:2} {} ({bound}{rank}): {count}", role.key).unwrap();
    }
    let heads: Vec<_> = (1..=roles.len()).map(|n| format!("{n:2}")).collect();
    writeln!(text, "\n{:38} {}", "", heads.join(" ")).unwrap();
    for permission in snapshot.permissions().ids() {
        let sign = |held: bool| if held { " +" } else { " ." };
        let cells: Vec<_> = roles.iter().map(|r| sign(r.permissions.contains(permission))).collect();
        writeln!(text, "{:38} {}", snapshot.permissions().name(permission), cells.join(" ")).unwrap();
    }
    insta::assert_snapshot!("role_by_permission", text);
}
