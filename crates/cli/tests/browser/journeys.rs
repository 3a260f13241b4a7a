//! What people do, from the first click to the last.

use crate::common::http;
use crate::driver::Browser;
use crate::looks::complaints;
use crate::world::{ADMIN, HEAD_OFFICE, PASSWORD, sign_in, try_sign_in, world};
use serde_json::json;

/// Customer service of the site France, in the Order Management Center.
pub(crate) const AT_FRANCE: [&str; 4] = ["--role", "customer_service", "--retailer", "france"];

/// How many rows the list of users shows.
fn rows(browser: &Browser) -> u64 {
    let count = "return document.querySelectorAll('#found tbody tr').length";
    browser.script(count, &json!([])).as_u64().expect("a number")
}

/// Waits until the list of users is one row, about this login.
pub(crate) fn is_found(browser: &Browser, login: &str) {
    let found = || (rows(browser) == 1 && browser.text("#found tbody")?.contains(login)).then_some(());
    browser.until(&format!("{login} is found"), found);
}

/// What the page said in answer to what was done.
pub(crate) fn notice(browser: &Browser) -> String {
    browser.until("a notice", || browser.text(".notice"))
}

pub(crate) fn assert_quiet(browser: &Browser) {
    assert_eq!(complaints(browser, 200), Vec::<String>::new(), "{}", browser.path());
}

#[test]
fn an_administrator_finds_a_user_by_typing() {
    let Some(world) = world() else { return };
    let browser = world.browser_of(ADMIN);
    browser.follow("Users");
    browser.arrive("Users");
    assert!(rows(&browser) > 10);
    browser.click_on("input[name='q']");
    browser.keys("novak");
    is_found(&browser, "iris.novak@maison-demo.example");
    // The address is that of what is shown, so that it can be kept and sent on.
    assert!(browser.path().contains("q=novak"), "{}", browser.path());
    browser.keys("-nobody");
    browser.until("nobody fits", || browser.shows("Nobody whom you see fits.").then_some(()));
    browser.follow("Show everybody");
    browser.fill("q", "IRIS.NO");
    is_found(&browser, "iris.novak@maison-demo.example");
    browser.follow("iris.novak@maison-demo.example");
    browser.arrive("Iris Novak");
    assert!(
        browser
            .text("#access ~ table, table[aria-labelledby='access']")
            .is_some_and(|t| t.contains("Maison France"))
    );
    assert_quiet(&browser);
}

#[test]
fn a_list_that_cannot_follow_says_so() {
    let Some(world) = world() else { return };
    let browser = world.browser_of(ADMIN);
    browser.go("/users");
    browser.offline(true);
    browser.click_on("input[name='q']");
    browser.keys("novak");
    browser.until("it is said", || browser.shows("There is no connection").then_some(()));
    assert!(rows(&browser) > 10, "what was there stays");
    browser.offline(false);
    browser.keys(" ");
    is_found(&browser, "iris.novak@maison-demo.example");
    assert!(!browser.shows("There is no connection"));
}

#[test]
fn whoever_runs_no_script_searches_by_the_button() {
    let Some(world) = world() else { return };
    let browser = world.browser_of(ADMIN);
    browser.without_scripts();
    browser.go("/users");
    browser.fill("q", "novak");
    browser.press("Search");
    is_found(&browser, "iris.novak@maison-demo.example");
    browser.follow("iris.novak@maison-demo.example");
    browser.arrive("Iris Novak");
}

#[test]
fn a_new_user_is_invited_and_comes_in() {
    let Some(world) = world() else { return };
    let (office, desk) = (world.browser_of(ADMIN), world.browser());
    office.go("/users");
    office.follow("New user");
    office.arrive("New user");
    let login = "nora.new@maison-demo.example";
    // A form with a mistake keeps what was typed and says what is wrong.
    office.fill("login", login);
    office.fill("name", "Nora New");
    office.fill("role", "customer_servant");
    office.fill("site", "france");
    office.press("Make user");
    let wrong = office.until("the marked field", || office.text("#role-error"));
    assert!(wrong.contains("no role of this key"), "{wrong}");
    assert_eq!(office.value("name"), "Nora New");
    office.fill("role", "customer_service");
    office.press("Make user");
    office.arrive(&format!("Give {login} this link"));
    let link = office.script("return document.getElementById('secret').value", &json!([]));
    let link =
        link.as_str().and_then(|link| link.strip_prefix(&world.server.url)).expect("a link").to_owned();

    desk.go(&link);
    desk.fill("new", "a few words of her own");
    desk.fill("again", "a few words of their own");
    desk.press("Set password");
    desk.until("the marked field", || desk.text("#again-error"));
    desk.fill("new", PASSWORD);
    desk.fill("again", PASSWORD);
    desk.press("Set password");
    desk.until("the password is set", || desk.text("#password-rules, #rules").is_none().then_some(()));
    sign_in(&desk, "", login);
    desk.go("/me");
    desk.arrive("My information");
    assert!(desk.shows(login));
    // The link was good once.
    desk.go(&link);
    desk.arrive("This link does not work");
}

#[test]
fn whoever_is_disabled_is_out_at_the_next_click() {
    let Some(world) = world() else { return };
    let login = world.make("Otto Out", &AT_FRANCE);
    let (office, desk) = (world.browser_of(ADMIN), world.browser_of(&login));
    desk.go("/me");
    desk.arrive("My information");
    office.go(&world.page_of(&login));
    office.follow("Disable…");
    office.arrive(&format!("Disable {login}?"));
    assert!(office.shows("1 session and 0 tokens end at once."), "{:?}", office.text("main"));
    office.fill("reason", "left the company");
    // Nothing has happened yet.
    desk.follow("Change password");
    desk.arrive("Change your password");
    desk.follow("Cancel");
    desk.arrive("My information");
    office.press("Disable");
    office.arrive("Otto Out");
    assert!(office.text("h1").is_some_and(|h1| h1.contains("isabled")), "{:?}", office.text("h1"));
    desk.follow("Change password");
    desk.arrive("Sign in");
    assert!(desk.path().starts_with("/sign-in"), "{}", desk.path());
    // And there is no way back in.
    try_sign_in(&desk, "", &login, PASSWORD);
    notice(&desk);
    assert_eq!(desk.status(), 401);
    assert_quiet(&office);
}

#[test]
fn many_are_disabled_at_once_after_a_preview() {
    let Some(world) = world() else { return };
    let logins = ["Max Many", "Mia Many"].map(|name| world.make(name, &AT_FRANCE));
    let (office, desk) = (world.browser_of(ADMIN), world.browser_of(&logins[0]));
    office.go("/users");
    office.fill("q", ".many@");
    office.until("two are found", || (rows(&office) == 2).then_some(()));
    for _ in &logins {
        office.click_on("#found tbody input:not(:checked)");
    }
    office.choose("act", "disable");
    office.press("Show what this does…");
    office.arrive("Disable: 2 users?");
    let preview = office.text("ul.lines").expect("what it takes");
    assert!(preview.contains("2 users are disabled"), "{preview}");
    office.press("Do it");
    assert!(notice(&office).contains("It is done with all who were ticked."), "{}", notice(&office));
    assert!(office.path().starts_with("/users?q=.many"), "{}", office.path());
    desk.go("/me");
    desk.arrive("Sign in");
    office.go("/users?q=.many@&status=disabled");
    assert_eq!(rows(&office), 2);
    assert_quiet(&office);
}

#[test]
fn the_switcher_narrows_what_is_shown_and_keeps_the_page() {
    let Some(world) = world() else { return };
    let login =
        world.make("Stan Switch", &["--role", "retail_director", "--retailer", "france", "--retailer", "uk"]);
    let browser = world.browser_of(&login);
    browser.go("/users?rows=100");
    let active = || browser.script("return document.getElementById('active-site').value", &json!([]));
    assert_eq!(active(), "");
    browser.choose("retailer", "uk");
    browser.click_on(".switch button");
    browser.until("the site is active", || (active() == "uk").then_some(()));
    assert!(browser.path().starts_with("/users"), "{}", browser.path());
    browser.go("/users?rows=100");
    assert!(
        !browser.shows("hugo.blanc@maison-demo.example") && browser.shows("david.okafor@maison-demo.example")
    );
    browser.choose("retailer", "");
    browser.click_on(".switch button");
    browser.until("no site is active", || (active() == "").then_some(()));
    browser.go("/users?rows=100");
    assert!(
        browser.shows("hugo.blanc@maison-demo.example") && browser.shows("david.okafor@maison-demo.example")
    );
    // Whoever has one site has nothing to switch.
    let other = world.browser_of(crate::world::SERVICE);
    other.go("/me");
    assert_eq!(other.text("#active-site"), None);
    assert_quiet(&browser);
}

#[test]
fn of_two_who_edit_a_user_the_second_sees_what_the_first_did() {
    let Some(world) = world() else { return };
    let login = world.make("Tess Twice", &AT_FRANCE);
    let (first, second) = (world.browser_of(ADMIN), world.browser_of(HEAD_OFFICE));
    let page = world.page_of(&login);
    first.go(&page);
    second.go(&page);
    first.fill("name", "Tess Once");
    first.press("Save profile");
    first.arrive("Tess Once");
    second.fill("name", "Tess Thrice");
    second.press("Save profile");
    let said = notice(&second);
    assert!(said.contains("Somebody else changed this user meanwhile"), "{said}");
    assert_eq!(second.status(), 409);
    first.go(&page);
    first.arrive("Tess Once");
}

#[test]
fn a_role_is_copied_edited_and_saved_after_a_preview() {
    let Some(world) = world() else { return };
    let browser = world.browser_of(ADMIN);
    browser.go("/roles/customer_service");
    browser.follow("Copy…");
    browser.arrive("New role");
    browser.fill("key", "weekend_service");
    browser.fill("label", "Weekend service");
    browser.press("Make role");
    browser.until("the role is made", || (!browser.path().starts_with("/new-role")).then_some(()));
    let login = world.make("Wim Weekend", &["--role", "weekend_service", "--retailer", "uk"]);
    browser.go("/roles/weekend_service/edit");
    browser.arrive("Edit role");
    let was_held = |name: &str| {
        let script =
            "const box = document.getElementById(arguments[0]); return box === null ? null : box.checked";
        browser.script(script, &json!([format!("p-{name}")])).as_bool()
    };
    assert_eq!((was_held("ORDER_UPDATE"), was_held("USER_VIEW")), (Some(true), Some(false)));
    browser.click_on("#p-ORDER_UPDATE");
    browser.click_on("#p-USER_VIEW");
    browser.press("Show what this changes…");
    browser.arrive("Save the role");
    let preview = browser.text("ul.lines").expect("what it changes");
    assert!(preview.contains("ORDER_UPDATE") && preview.contains("USER_VIEW"), "{preview}");
    assert!(preview.contains("Maison UK"), "{preview}");
    browser.click_on("form.stack button");
    browser.arrive("Weekend service");
    let may = |permission: &str| {
        let check = ["--account", "maison", "check", &login, permission, "--retailer", "uk"];
        world.place.run(&check).status.code()
    };
    assert_eq!((may("ORDER_UPDATE"), may("ORDER_VIEW"), may("USER_VIEW")), (Some(1), Some(0), Some(0)));
    assert_quiet(&browser);
}

#[test]
fn a_token_is_made_used_and_revoked() {
    let Some(world) = world() else { return };
    let browser = world.browser_of(HEAD_OFFICE);
    browser.go("/me");
    browser.fill("label", "stock export of the night");
    browser.fill("expires", "2099-12-31");
    browser.press("Make a token");
    browser.arrive("Your new token");
    let token = browser.script("return document.getElementById('token').value", &json!([]));
    let token = token.as_str().expect("a token").to_owned();
    let used = || {
        let headers = [("token".to_owned(), token.clone())];
        http::ask(&world.server.url, &http::request("GET /api/v1/me/tokens", &headers, b""))
    };
    let answer = used();
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.body.contains("stock export of the night"), "{answer:?}");
    // It was shown once: neither the page of all tokens nor the way back shows it again.
    browser.follow("I have copied it");
    browser.arrive("My information");
    assert!(!browser.source().contains(&token));
    browser.back();
    browser.until("back", || (browser.text("h1")? != "My information").then_some(()));
    assert!(!browser.source().contains(&token), "{}", browser.source());

    browser.go("/me");
    browser.click_on("a[aria-label='Revoke stock export of the night']");
    browser.arrive("Revoke this token?");
    assert_eq!(used().status, 200);
    browser.press("Revoke token");
    browser.arrive("My information");
    let answer = used();
    assert_eq!(answer.status, 401, "{answer:?}");
    assert!(
        browser
            .text("table[aria-labelledby='tokens']")
            .is_none_or(|t| !t.contains("stock export of the night"))
    );
}
