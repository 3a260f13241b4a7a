//! A vendor manager at work in the Store App, on a phone.

use crate::driver::{Browser, Look};
use crate::journeys::{assert_quiet, is_found};
use crate::looks::too_wide;
use crate::world::{PASSWORD, World, sign_in, world};
use serde_json::json;

/// Vendor manager of the London store, whom the test does not sign in as.
const CLARA: &str = "clara.weiss@maison-demo.example";
/// Works in that store.
const DAVID: &str = "david.okafor@maison-demo.example";
/// Works in the Leeds store of the same site.
const FRANK: &str = "frank.boyd@maison-demo.example";

/// The page has come, and is read without moving it sideways.
fn arrive(browser: &Browser, heading: &str) {
    browser.arrive(heading);
    assert_eq!(too_wide(browser), None, "{}", browser.path());
}

/// What the page said in answer to what was done.
fn said(browser: &Browser, text: &str) {
    let notice = browser.until("a notice", || browser.text(".notice"));
    assert!(notice.contains(text), "{notice}");
}

/// The manager makes a vendor on the phone, who comes in at the desk by the link that the manager was shown.
fn is_made(world: &World, (phone, desk): (&Browser, &Browser), login: &str) {
    phone.go("/store/users");
    phone.follow("New user");
    arrive(phone, "New user of ");
    phone.fill("login", DAVID);
    phone.fill("name", "Vic Till");
    phone.press("Make user");
    let taken = phone.until("the marked field", || phone.text("#login-error"));
    assert!(taken.contains("is taken"), "{taken}");
    phone.console();
    assert_eq!(phone.value("name"), "Vic Till");
    phone.fill("login", login);
    phone.press("Make user");
    arrive(phone, &format!("Give {login} this link"));
    let link = phone.script("return document.getElementById('secret').value", &json!([]));
    let link =
        link.as_str().and_then(|link| link.strip_prefix(&world.server.url)).expect("a link").to_owned();

    desk.go(&link);
    desk.fill("new", PASSWORD);
    desk.fill("again", PASSWORD);
    desk.press("Set password");
    desk.arrive("Sign in");
    sign_in(desk, "/store", login);
    // A vendor has no page of users, and is in the store.
    desk.arrive("My information");
    assert!(desk.shows("UK-LONDON") && desk.text(".menu").is_none());
}

#[test]
fn a_vendor_manager_makes_a_vendor_and_puts_them_out() {
    let Some(world) = world() else { return };
    let (phone, desk) = (world.browser(), world.browser());
    phone.show_as(Look::Phone);
    let manager = world
        .make("Mona London", &["--role", "vendor_manager", "--retailer", "uk", "--location", "UK-LONDON"]);
    sign_in(&phone, "/store", &manager);
    // The first page is that of the one store that they work in.
    arrive(&phone, "Users of ");
    assert!(phone.path().starts_with("/store/users"), "{}", phone.path());
    assert!(phone.shows(CLARA) && phone.shows(DAVID) && !phone.shows(FRANK));
    phone.fill("q", "okafor");
    is_found(&phone, DAVID);
    phone.go(&format!("/store{}", world.page_of(FRANK)));
    phone.arrive("Page not found");
    assert_eq!(phone.status(), 404);
    phone.console();

    let login = "vic.till@maison-demo.example";
    is_made(&world, (&phone, &desk), login);
    phone.follow("Done");
    arrive(&phone, "Vic Till");
    phone.follow("Disable…");
    arrive(&phone, &format!("Disable {login}?"));
    assert!(phone.shows("1 session and 0 tokens end at once."), "{:?}", phone.text("main"));
    phone.fill("reason", "lent a hand for a day");
    phone.press("Disable");
    arrive(&phone, "Vic Till");
    said(&phone, "The user is disabled");
    desk.follow("Change password");
    desk.arrive("Sign in");
    assert!(desk.path().starts_with("/store/sign-in"), "{}", desk.path());

    phone.follow("Enable…");
    arrive(&phone, &format!("Enable {login}?"));
    phone.press("Enable");
    arrive(&phone, "Vic Till");
    said(&phone, "The user is enabled");
    phone.follow("Change…");
    arrive(&phone, "Access of ");
    phone.choose("store_app_role", "");
    phone.press("Show what this changes…");
    arrive(&phone, &format!("Change the access of {login}?"));
    phone.press("Change access");
    // Whose last access to the store is taken is no user of it.
    arrive(&phone, "Users of ");
    said(&phone, "The access is changed.");
    assert!(!phone.text("#found").is_some_and(|found| found.contains(login)));
    assert_quiet(&phone);
}

#[test]
fn whoever_works_in_two_stores_goes_from_one_to_the_other() {
    let Some(world) = world() else { return };
    let two =
        ["--role", "vendor_manager", "--retailer", "uk", "--location", "UK-LONDON", "--location", "UK-LEEDS"];
    let browser = world.browser();
    browser.show_as(Look::Phone);
    sign_in(&browser, "/store", &world.make("Uma Two", &two));
    arrive(&browser, "Choose a store");
    browser.choose("location", "UK-LONDON");
    browser.press("Go to this store");
    arrive(&browser, "Users of ");
    assert!(browser.shows(DAVID) && !browser.shows(FRANK));
    browser.choose("location", "UK-LEEDS");
    browser.press("Switch");
    browser.until("the other store", || browser.shows(FRANK).then_some(()));
    assert!(!browser.shows(DAVID));
    arrive(&browser, "Users of ");
    assert_quiet(&browser);
}
