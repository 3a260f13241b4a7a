//! The real data of `examples/us-regional-sales.toml`, where `KEYWARD_TRIAL_DATA` says that it is.

#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;

use import::{Files, LocationKind, Mapping, Places, Plan, UserKind, plan};

const MAPPING: &str = include_str!("../../../examples/us-regional-sales.toml");

/// The plan of the real data, or `None` (and a line that says so) where there is no real data.
fn trial() -> Option<Plan> {
    let Some(folder) = std::env::var_os("KEYWARD_TRIAL_DATA") else {
        // Not `eprintln!`: the test harness would keep the line to itself.
        let _ = writeln!(std::io::stderr(), "skipped: KEYWARD_TRIAL_DATA is not set");
        return None;
    };
    let mapping = Mapping::parse(MAPPING).unwrap();
    let folder = Path::new(&folder).join("us-regional-sales");
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    let files: Files = mapping.files().into_iter().map(|name| (name.to_owned(), read(name))).collect();
    Some(plan(&mapping, &files).unwrap_or_else(|problems| panic!("{problems}")))
}

fn tally<K: Ord>(keys: impl Iterator<Item = K>) -> BTreeMap<K, usize> {
    keys.fold(BTreeMap::new(), |mut tally, key| {
        *tally.entry(key).or_default() += 1;
        tally
    })
}

#[test]
fn the_example_names_its_files() {
    assert_eq!(
        Mapping::parse(MAPPING).unwrap().files(),
        ["customers.csv", "orders.csv", "products.csv", "regions.csv", "sales_team.csv", "stores.csv"]
    );
}

#[test]
fn the_totals_are_those_of_the_real_data() {
    let Some(plan) = trial() else { return };
    let counts = plan.counts();
    assert_eq!((counts.retailers, counts.channels, counts.locations, counts.items), (4, 16, 367, 47));
    assert_eq!((counts.customers, counts.users, counts.grants), (200, 28, 56));
    assert_eq!((counts.orders, counts.order_lines, counts.fulfilments), (7_991, 7_991, 7_991));
    assert_eq!((counts.stock, counts.skipped), (0, 0));
}

#[test]
fn every_region_has_its_own() {
    let Some(plan) = trial() else { return };
    let regions = |northeast, midwest, south, west| {
        BTreeMap::from([("Northeast", northeast), ("Midwest", midwest), ("South", south), ("West", west)])
    };
    let orders = plan.orders.iter().map(|order| &order.value);
    assert_eq!(
        tally(orders.clone().map(|order| order.retailer_ref.as_str())),
        regions(970, 1_665, 2_572, 2_784)
    );
    let midwest = orders.filter(|order| order.retailer_ref == "Midwest");
    assert_eq!(
        tally(midwest.map(|order| order.channel_ref.as_str())),
        BTreeMap::from([("Distributor", 285), ("In-Store", 684), ("Online", 506), ("Wholesale", 190)])
    );
    assert_eq!(
        tally(plan.locations.iter().map(|at| at.value.retailer_ref.as_str())),
        regions(46, 78, 116, 127)
    );
    assert_eq!(
        tally(plan.customers.iter().map(|who| who.value.retailer_ref.as_str())),
        regions(50, 50, 50, 50)
    );
    assert_eq!(
        tally(plan.channels.iter().map(|channel| channel.value.retailer_ref.as_str())),
        regions(4, 4, 4, 4)
    );
}

#[test]
fn whatever_an_order_names_is_in_the_plan_and_in_its_retailer() {
    let Some(plan) = trial() else { return };
    let channels: BTreeSet<_> =
        plan.channels.iter().map(|c| (&c.value.retailer_ref, &c.value.reference)).collect();
    let customers: BTreeSet<_> =
        plan.customers.iter().map(|c| (&c.value.retailer_ref, &c.value.reference)).collect();
    let locations: BTreeSet<_> =
        plan.locations.iter().map(|l| (&l.value.retailer_ref, &l.value.reference)).collect();
    let items: BTreeSet<_> = plan.items.iter().map(|item| &item.value.reference).collect();
    for order in plan.orders.iter().map(|order| &order.value) {
        let retailer = &order.retailer_ref;
        assert!(channels.contains(&(retailer, &order.channel_ref)), "{order:?}");
        assert!(customers.contains(&(retailer, order.customer_ref.as_ref().unwrap())), "{order:?}");
        assert!(
            locations.contains(&(retailer, &order.fulfilment.as_ref().unwrap().value.location_ref)),
            "{order:?}"
        );
        assert!(order.lines.iter().all(|line| items.contains(&line.value.item_ref)), "{order:?}");
    }
}

#[test]
fn single_rows_are_as_the_files_have_them() {
    let Some(plan) = trial() else { return };
    let order = &plan.orders[0];
    assert_eq!(
        (order.origin.to_string().as_str(), order.value.reference.as_str()),
        ("orders.csv:2", "SO - 0008089")
    );
    // 2020-12-30, 2021-01-23 and 2021-01-26, midnight UTC.
    assert_eq!(order.value.placed_on, 1_609_286_400_000_000);
    let fulfilment = &order.value.fulfilment.as_ref().unwrap().value;
    assert_eq!(fulfilment.shipped_on, Some(1_611_360_000_000_000));
    assert_eq!(fulfilment.delivered_on, Some(1_611_619_200_000_000));
    assert_eq!(fulfilment.location_ref, "STORE-241");
    let line = &order.value.lines[0].value;
    assert_eq!((line.item_ref.as_str(), line.quantity, line.unit_price_minor), ("ITEM-35", 5, 382_570));
    assert_eq!(line.discount.as_deref(), Some("0.2"));

    let user = &plan.users[0].value;
    assert_eq!(
        (user.login.as_str(), user.name.as_str()),
        ("adam.hernandez@us-regional.example", "Adam Hernandez")
    );
    assert_eq!((user.email.as_deref(), user.kind), (Some(user.login.as_str()), UserKind::Person));
    let roles: Vec<_> = user.grants.iter().map(|grant| grant.value.role.as_str()).collect();
    assert_eq!(roles, ["customer_service", "api_user"]);
    let northeast = Places::Listed(vec!["Northeast".to_owned()]);
    assert!(
        user.grants
            .iter()
            .all(|grant| grant.value.retailers == northeast && grant.value.channels == Places::All)
    );

    let store = plan.locations.iter().find(|at| at.value.reference == "STORE-1").unwrap();
    assert_eq!((store.value.name.as_str(), store.value.kind), ("Birmingham", LocationKind::Store));
    assert_eq!(store.value.timezone.as_deref(), Some("America/Chicago"));
    assert!(plan.items.iter().all(|item| item.value.retailer_ref.is_none()));
}
