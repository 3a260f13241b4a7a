//! Two whole journeys with less than a mouse and a wide screen: by keyboard alone, and on a phone.

use crate::driver::{Browser, Look};
use crate::journeys::{AT_FRANCE, assert_quiet, is_found};
use crate::looks::too_wide;
use crate::world::{ADMIN, PASSWORD, sign_in, world};
use serde_json::json;

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";
/// Most steps from the head of a page to what is looked for.
const STEPS_MAX: u32 = 60;

/// What has the focus: its words, and whether one sees that it has it.
fn focused(browser: &Browser) -> (String, bool) {
    let script = "
        const e = document.activeElement, box = e.getBoundingClientRect(), style = getComputedStyle(e);
        const marked = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1;
        const inside = box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
        const name = e.getAttribute('aria-label') ?? (e.innerText.trim() || e.name || e.tagName);
        return [name, marked && inside]";
    let told = browser.script(script, &json!([]));
    let name = told.pointer("/0").and_then(serde_json::Value::as_str).unwrap_or_default();
    (name.to_owned(), told.pointer("/1") == Some(&json!(true)))
}

/// Steps on until something of this name has the focus; each step is one that can be seen.
fn tab_to(browser: &Browser, name: &str) {
    let mut passed = Vec::new();
    for _ in 0..STEPS_MAX {
        browser.keys(TAB);
        let (here, is_seen) = focused(browser);
        assert!(is_seen, "the focus is not seen on `{here}` of {}", browser.path());
        if here == name {
            return;
        }
        passed.push(here);
    }
    panic!("no `{name}` on {}, after {passed:?}", browser.path());
}

#[test]
fn a_whole_journey_by_keyboard_alone() {
    let Some(world) = world() else { return };
    let login = world.make("Kay Keys", &AT_FRANCE);
    let browser = world.browser();
    browser.go("/sign-in");
    // The cursor is where one types first.
    browser.keys(&format!("maison{TAB}{ADMIN}{TAB}{PASSWORD}{ENTER}"));
    browser.until("signed in", || (!browser.path().contains("/sign-in")).then_some(()));
    browser.go("/me");
    browser.keys(TAB);
    assert_eq!(focused(&browser), ("Skip to content".to_owned(), true));
    browser.keys(ENTER);
    let main = || (browser.script("return document.activeElement.id", &json!([])) == "main").then_some(());
    browser.until("the content has the focus", main);
    browser.keys(TAB);
    assert_eq!(focused(&browser).0, "name", "what stands behind the menu comes next");

    browser.go("/me");
    tab_to(&browser, "Users");
    browser.keys(ENTER);
    browser.arrive("Users");
    tab_to(&browser, "q");
    browser.keys("kay.ke");
    is_found(&browser, &login);
    tab_to(&browser, &login);
    browser.keys(ENTER);
    browser.arrive("Kay Keys");
    tab_to(&browser, "Disable…");
    browser.keys(ENTER);
    browser.arrive("Disable ");
    tab_to(&browser, "Disable");
    browser.keys(ENTER);
    browser.arrive("Kay Keys");
    tab_to(&browser, "Enable…");
    tab_to(&browser, "Save profile");
    browser.go("/me");
    tab_to(&browser, "Sign out");
    browser.keys(ENTER);
    browser.arrive("You are signed out");
    assert_quiet(&browser);
}

#[test]
fn a_journey_on_a_phone() {
    let Some(world) = world() else { return };
    let login = world.make("Phil Phone", &AT_FRANCE);
    let browser = world.browser();
    browser.show_as(Look::Phone);
    let fits = || assert_eq!(too_wide(&browser), None, "{}", browser.path());
    browser.go("/sign-in");
    fits();
    sign_in(&browser, "", ADMIN);
    fits();
    browser.follow("Roles");
    browser.arrive("Roles");
    fits();
    browser.follow("Users");
    browser.arrive("Users");
    fits();
    browser.fill("q", "phil.ph");
    is_found(&browser, &login);
    fits();
    browser.follow(&login);
    browser.arrive("Phil Phone");
    fits();
    browser.follow("Disable…");
    browser.arrive("Disable ");
    fits();
    browser.press("Disable");
    browser.arrive("Phil Phone");
    fits();
    browser.follow("Enable…");
    browser.arrive("Enable ");
    browser.press("Enable");
    browser.arrive("Phil Phone");
    fits();
    browser.press("Sign out");
    browser.arrive("You are signed out");
    fits();
    assert_quiet(&browser);
}
