//! Access in the hands of a head office: a site is assigned, limited to a channel, and taken again.

use crate::common::http;
use crate::driver::Browser;
use crate::journeys::{AT_FRANCE, assert_quiet, notice};
use crate::world::{ADMIN, world};
use serde_json::json;

/// What somebody reads of their own access.
fn own_access(desk: &Browser) -> String {
    desk.go("/me");
    desk.arrive("My information");
    desk.text("table[aria-labelledby='access']").unwrap_or_default()
}

#[test]
fn a_site_is_assigned_previewed_and_taken() {
    let Some(world) = world() else { return };
    let login = world.make("Gil Given", &AT_FRANCE);
    let (office, desk) = (world.browser_of(ADMIN), world.browser_of(&login));
    assert!(!own_access(&desk).contains("Maison UK"));
    office.go(&world.page_of(&login));
    office.follow("Assign a site…");
    office.arrive("Assign a site to ");
    office.follow("Maison UK");
    office.arrive("Access of ");
    office.choose("omc_role", "customer_service");
    office.choose("store_app_role", "vendor");
    office.click_on("#store_app_only");
    office.fill("store_app_places", "UK-LEEDS, UK-YORK");
    office.press("Show what this changes…");
    office.arrive(&format!("Change the access of {login}?"));
    let preview = office.text("ul.lines").expect("what it gives");
    assert!(preview.contains("ORDERITEM_CREATE") && preview.contains("Maison UK"), "{preview}");
    // It is only shown: another look at one's own page tells the same as before.
    assert!(!own_access(&desk).contains("Maison UK"));
    office.press("Change access");
    office.arrive("Gil Given");
    assert!(notice(&office).contains("The access is changed."), "{}", notice(&office));
    let row = office.text("table[aria-labelledby='access']").expect("the access");
    assert!(row.contains("Maison UK") && row.contains("Vendor"), "{row}");
    assert!(own_access(&desk).contains("Maison UK"));

    office.click_on("a[aria-label='Change the access: Maison UK']");
    office.arrive("Access of ");
    office.choose("omc_role", "");
    office.choose("store_app_role", "");
    office.press("Show what this changes…");
    office.arrive(&format!("Change the access of {login}?"));
    office.press("Change access");
    office.arrive("Gil Given");
    assert!(!own_access(&desk).contains("Maison UK"));
    assert_quiet(&office);
    assert_quiet(&desk);
}

#[test]
fn orders_are_limited_to_a_channel_from_the_site_itself() {
    let Some(world) = world() else { return };
    let login = world
        .make("Cora Channel", &["--role", "customer_service", "--role", "api_user", "--retailer", "france"]);
    let office = world.browser_of(ADMIN);
    let may = |channel: &str| {
        let check = ["--account", "maison", "check", &login, "ORDER_VIEW", "--application", "omc"];
        let at = ["--retailer", "france", "--channel", channel];
        world.place.run(&[&check[..], &at].concat()).status.code()
    };
    assert_eq!((may("Web"), may("Store")), (Some(0), Some(0)));
    office.go(&world.page_of(&login));
    office.click_on("a[aria-label='Change the access: Maison France']");
    office.arrive("Access of ");
    assert!(office.shows("Sales channels and stock locations are changed only from their own site."));
    office.press("Switch to Maison France");
    office.until("the switch", || (!office.shows("only from their own site")).then_some(()));
    office.arrive("Access of ");
    office.click_on("#omc_only");
    office.fill("omc_places", "Web");
    office.press("Show what this changes…");
    office.arrive(&format!("Change the access of {login}?"));
    // Whoever changes their mind has lost nothing of what they typed.
    office.press("Back to the form");
    office.arrive("Access of ");
    assert_eq!(office.value("omc_places"), "Web");
    office.press("Show what this changes…");
    office.arrive(&format!("Change the access of {login}?"));
    office.press("Change access");
    office.arrive("Cora Channel");
    assert_eq!((may("Web"), may("Store")), (Some(0), Some(1)));
    assert_quiet(&office);
}

#[test]
fn twice_and_back_do_no_harm() {
    let Some(world) = world() else { return };
    let login = world.make("Dora Double", &AT_FRANCE);
    let office = world.browser_of(ADMIN);
    let page = world.page_of(&login);
    let grants =
        || world.run(&["grant", "list", &login]).pointer("/items").and_then(|g| g.as_array().map(Vec::len));
    let before = grants().expect("a number");
    office.go(&format!("{page}/access?site=uk"));
    office.choose("omc_role", "client_viewer");
    office.press("Show what this changes…");
    office.arrive(&format!("Change the access of {login}?"));
    // Both clicks of a double click reach the button before the answer comes.
    let twice = "const b = [...document.querySelectorAll('main form button')].find(b => b.textContent === 'Change access'); b.click(); b.click()";
    office.script(twice, &json!([]));
    office.arrive("Dora Double");
    assert_eq!(grants(), Some(before + 1));
    // The question behind the back button is not kept, and nothing is sent by going there.
    office.back();
    assert_eq!(grants(), Some(before + 1));
}

#[test]
fn the_list_of_users_is_exported_as_it_is_shown() {
    let Some(world) = world() else { return };
    for name in ["Ed Export", "Eva Export"] {
        world.make(name, &AT_FRANCE);
    }
    let office = world.browser_of(ADMIN);
    office.go("/users");
    office.fill("q", ".export@");
    office.until("two are found", || office.path().contains("q=.export").then_some(()));
    let link = "return [...document.querySelectorAll('a')].find(a => a.textContent === 'Export as CSV').href";
    let address = office.script(link, &json!([]));
    let path =
        address.as_str().and_then(|a| a.strip_prefix(&world.server.url)).expect("an address").to_owned();
    let get =
        "const r = new XMLHttpRequest(); r.open('GET', arguments[0], false); r.send(); return r.responseText";
    let csv = office.script(get, &json!([path]));
    let csv = csv.as_str().expect("a file");
    let logins: Vec<&str> = csv.lines().skip(1).filter_map(|line| line.split(',').nth(1)).collect();
    assert_eq!(logins, ["ed.export@maison-demo.example", "eva.export@maison-demo.example"], "{csv}");
    // Whoever is not signed in gets nothing.
    let answer = http::ask(&world.server.url, &http::request(&format!("GET {path}"), &[], b""));
    assert_eq!(answer.status, 303, "{answer:?}");
}
