//! Suggestions: who is told of what, and which come first.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use access::Application;
use authn::{BasicCredentials, Principal};
use service::ops::{
    ChannelOp, GrantNames, GrantOp, InitOp, LocationOp, Op, Request, RetailerOp, RoleOp, ScopeNames, UserOp,
};
use service::{
    Fault, SUGGESTIONS_MAX, Service, ServiceError, Suggest, SuggestOf, Suggestion, Target, Visitor, Way,
};

const PASSWORD: &str = "five quiet harbours";
const ADMIN: &str = "admin@acme.example";

struct Shop(Service);

fn grant(role: &str, retailer: Option<&str>, locations: &[&str]) -> GrantNames {
    let scope = ScopeNames {
        everywhere: retailer.is_none(),
        retailers: retailer.map(str::to_owned).into_iter().collect(),
        locations: locations.iter().map(|l| (*l).to_owned()).collect(),
        ..ScopeNames::default()
    };
    GrantNames { role: role.into(), scope, valid_from: None, valid_until: None }
}

impl Shop {
    /// Two sites with a store of the same name each, and a third one that is closed.
    fn new() -> Self {
        let shop = Self(Service::open_target(&Target::Memory).expect("a database in memory"));
        shop.op(Op::Init(InitOp { name: None, admin_login: ADMIN.into(), password: Some(PASSWORD.into()) }));
        for (site, name) in [("north", "The North"), ("south", "The South"), ("old", "The Old One")] {
            let (key, name) = (site.to_owned(), Some(name.to_owned()));
            shop.op(Op::Retailer(RetailerOp::Create { key, name, default_channel: "web".into() }));
            for (store, name) in [("1", "Market Square"), ("2", "Harbour")] {
                shop.location(site, &format!("{site}-{store}"), name);
            }
        }
        shop.op(Op::Location(LocationOp::Open { location: "north-2".into(), open: false }));
        shop.op(Op::Retailer(RetailerOp::Open { retailer: "old".into(), open: false }));
        shop.user("ines@acme.example", "Ines North", vec![grant("retail_director", Some("north"), &[])]);
        shop.user("vera@acme.example", "Vera Vendor", vec![grant("vendor", Some("north"), &["north-1"])]);
        shop.user("carl@acme.example", "Carl Care", vec![grant("customer_service", Some("south"), &[])]);
        shop
    }

    fn op(&self, op: Op) {
        let request = Request { account: Some("acme".into()), op };
        self.0.perform(&request, &mut |_, _, _| ()).expect("performed");
    }

    fn location(&self, site: &str, key: &str, name: &str) {
        let (retailer, key, name) = (site.to_owned(), key.to_owned(), Some(name.to_owned()));
        self.op(Op::Location(LocationOp::Create { retailer, key, name, warehouse: false }));
    }

    fn user(&self, login: &str, name: &str, grants: Vec<GrantNames>) {
        self.op(Op::User(UserOp::Create {
            login: login.into(),
            name: Some(name.into()),
            language: None,
            time_zone: None,
            email: None,
            system: false,
            application: false,
            sso: None,
            grants,
            password: Some(PASSWORD.into()),
        }));
    }

    fn who(&self, login: &str, application: Application) -> Principal {
        let credentials = BasicCredentials::new(login, PASSWORD).expect("credentials");
        let knock = self.0.knock(credentials, None, application, &Visitor::default(), Way::Form);
        self.0.verify(knock.expect("let try")).expect("signed in")
    }

    fn omc(&self, login: &str) -> Principal {
        self.who(login, Application::Omc)
    }

    fn asked(
        &self,
        who: &Principal,
        of: SuggestOf,
        text: &str,
        site: Option<&str>,
    ) -> Result<Vec<Suggestion>, ServiceError> {
        self.0.suggest(who, &Suggest { of, text, site, application: None })
    }

    /// What is suggested, by value.
    fn values(&self, who: &Principal, of: SuggestOf, text: &str) -> Vec<String> {
        let found = self.asked(who, of, text, None).expect("allowed");
        found.into_iter().map(|one| one.value).collect()
    }
}

const PLACES: [SuggestOf; 3] = [SuggestOf::Site, SuggestOf::Location, SuggestOf::Channel];

#[test]
fn places_are_those_that_ones_own_grants_meet_and_that_are_open() {
    let shop = Shop::new();
    let all = |who: &Principal| PLACES.map(|of| shop.values(who, of, "").len());
    let admin = shop.omc(ADMIN);
    assert_eq!(shop.values(&admin, SuggestOf::Site, ""), ["north", "south"]);
    assert_eq!(all(&admin), [2, 3, 2], "neither the closed store nor anything of the closed site");
    let ines = shop.omc("ines@acme.example");
    assert_eq!(shop.values(&ines, SuggestOf::Site, ""), ["north"]);
    assert_eq!(shop.values(&ines, SuggestOf::Location, ""), ["north-1"]);
    assert_eq!(shop.values(&ines, SuggestOf::Location, "south"), [""; 0]);
    assert_eq!(all(&ines), [1, 1, 1]);
    shop.op(Op::Location(LocationOp::Open { location: "north-2".into(), open: true }));
    assert_eq!(shop.values(&ines, SuggestOf::Location, "harb"), ["north-2"]);
    let vera = shop.who("vera@acme.example", Application::StoreApp);
    assert_eq!(shop.values(&vera, SuggestOf::Location, ""), ["north-1"]);
    assert_eq!(shop.values(&vera, SuggestOf::Site, "the"), ["north"]);
}

#[test]
fn a_site_beside_it_narrows_and_never_widens() {
    let shop = Shop::new();
    let admin = shop.omc(ADMIN);
    let of = |who: &Principal, site: &str| {
        let found = shop.asked(who, SuggestOf::Location, "market", Some(site)).expect("allowed");
        found.into_iter().map(|one| one.value).collect::<Vec<_>>()
    };
    for named in ["south", "the SOUTH", " south "] {
        assert_eq!(of(&admin, named), ["south-1"], "{named}");
    }
    assert_eq!(of(&admin, ""), ["north-1", "south-1"]);
    assert!(of(&admin, "sou").is_empty() && of(&admin, "old").is_empty());
    let ines = shop.omc("ines@acme.example");
    assert_eq!(of(&ines, "north"), ["north-1"]);
    assert!(of(&ines, "south").is_empty(), "a site that is not hers has no places for her");
}

#[test]
fn equal_names_are_told_apart_and_every_value_names_one_thing() {
    let shop = Shop::new();
    let admin = shop.omc(ADMIN);
    let stores = shop.asked(&admin, SuggestOf::Location, "market", None).expect("allowed");
    let notes: Vec<&str> = stores.iter().map(|one| one.note.as_str()).collect();
    assert_eq!(notes, ["The North", "The South"]);
    // Each site has a channel of this ref: without a site beside it the id says which is meant.
    let channels = shop.values(&admin, SuggestOf::Channel, "web");
    let inquiry = shop.0.inquire(&admin).expect("current");
    let found = channels.iter().map(|id| inquiry.snapshot().places().find_channel(None, id));
    assert_eq!(found.flatten().count(), 2, "{channels:?}");
    let of_one = shop.asked(&admin, SuggestOf::Channel, "web", Some("south")).expect("allowed");
    assert_eq!(of_one.first().map(|one| one.value.as_str()), Some("web"));
    // A comma stands between the places of a list.
    shop.location("south", "quay,west", "Quay");
    let quay = shop.values(&admin, SuggestOf::Location, "quay,");
    let id = inquiry_location(&shop, &admin, "quay,west");
    assert_eq!(quay, [id]);
}

fn inquiry_location(shop: &Shop, who: &Principal, reference: &str) -> String {
    let inquiry = shop.0.inquire(who).expect("current");
    inquiry.snapshot().places().find_location(reference).expect("a location").id.to_string()
}

#[test]
fn roles_and_permissions_are_for_whoever_may_read_a_page_about_them() {
    let shop = Shop::new();
    let (admin, carl) = (shop.omc(ADMIN), shop.omc("carl@acme.example"));
    for of in [SuggestOf::Role, SuggestOf::Permission] {
        assert!(!shop.values(&admin, of, "").is_empty());
        let refused = shop.asked(&carl, of, "", None).expect_err("refused");
        assert_eq!(refused.fault(), Fault::Forbidden, "{refused}");
    }
    assert!(!shop.values(&shop.omc("ines@acme.example"), SuggestOf::Role, "").is_empty());
    assert_eq!(shop.values(&admin, SuggestOf::Permission, "order_upd").first().expect("one"), "ORDER_UPDATE");
    let of = |application| {
        let wanted = Suggest { of: SuggestOf::Role, text: "", site: None, application };
        shop.0.suggest(&admin, &wanted).expect("allowed")
    };
    let (create, label) = (
        RoleOp::Create { key: "aa_free".into(), label: None, application: None, permissions: vec![] },
        "every application",
    );
    shop.op(Op::Role(create));
    for (application, name) in [(Application::StoreApp, "Store App"), (Application::Api, "API")] {
        let found = of(Some(application));
        assert!(found.iter().all(|role| role.note == name || role.note == label), "{found:?}");
        assert!(found.iter().any(|role| role.note == name), "{found:?}");
        assert!(found.iter().any(|role| role.value == "aa_free"), "{found:?}");
    }
}

#[test]
fn users_are_those_whom_one_sees() {
    let shop = Shop::new();
    let admin = shop.omc(ADMIN);
    assert_eq!(shop.values(&admin, SuggestOf::User, "").len(), 4);
    assert_eq!(shop.values(&admin, SuggestOf::User, "CARE carl"), ["carl@acme.example"]);
    let ines = shop.omc("ines@acme.example");
    assert!(shop.values(&ines, SuggestOf::User, "carl").is_empty(), "he works in the South");
    assert_eq!(shop.values(&ines, SuggestOf::User, "ve"), ["vera@acme.example"]);
    let carl = shop.omc("carl@acme.example");
    assert!(shop.values(&carl, SuggestOf::User, "carl").is_empty(), "he holds USER_VIEW nowhere");
    shop.op(Op::User(UserOp::Disable { user: "vera@acme.example".into() }));
    let vera = shop.asked(&admin, SuggestOf::User, "vera", None).expect("allowed");
    let told = vera.first().map(|one| (one.title.as_str(), one.note.as_str()));
    assert_eq!(told, Some(("Vera Vendor", "not active")));
    shop.op(Op::User(UserOp::Remove { user: "vera@acme.example".into() }));
    assert!(shop.values(&admin, SuggestOf::User, "vera").is_empty());
}

#[test]
fn a_grant_that_was_taken_tells_of_nothing_any_more() {
    let shop = Shop::new();
    let ines = shop.omc("ines@acme.example");
    assert_eq!(shop.values(&ines, SuggestOf::Site, ""), ["north"]);
    shop.op(Op::Grant(GrantOp::Add {
        users: vec!["ines@acme.example".into()],
        grant: grant("retail_director", Some("south"), &[]),
    }));
    assert_eq!(shop.values(&ines, SuggestOf::Site, ""), ["north", "south"]);
    shop.op(Op::User(UserOp::Disable { user: "ines@acme.example".into() }));
    let refused = shop.asked(&ines, SuggestOf::Site, "", None).expect_err("refused");
    assert_eq!(refused.fault(), Fault::Unauthenticated);
}

#[test]
fn there_are_few_the_best_first_and_always_the_same() {
    let shop = Shop::new();
    for number in 0..40 {
        shop.location("south", &format!("s{number:02}"), &format!("Branch {:02}", 39 - number));
    }
    for (key, name) in [("branch", "Zoo"), ("x1", "Old Branch"), ("branch-x", "Aquarium")] {
        shop.location("north", key, name);
    }
    shop.op(Op::Channel(ChannelOp::Create { retailer: "north".into(), key: "branch".into(), name: None }));
    let admin = shop.omc(ADMIN);
    let found = shop.values(&admin, SuggestOf::Location, "Branch");
    assert_eq!(found.len(), SUGGESTIONS_MAX);
    assert_eq!(
        found.iter().map(String::as_str).take(4).collect::<Vec<_>>(),
        ["branch", "branch-x", "s39", "s38"]
    );
    assert_eq!(shop.values(&admin, SuggestOf::Location, "branch"), found);
    assert_eq!(shop.values(&admin, SuggestOf::Location, "d branch"), ["x1"]);
    let long = "x".repeat(501);
    let refused = shop.asked(&admin, SuggestOf::Location, &long, None).expect_err("refused");
    assert_eq!(refused.fault(), Fault::Invalid);
}
