//! What pages say besides what they are about: toasts, lines that open, boxes that are narrowed down, wide tables.

use crate::driver::{Browser, Look};
use crate::journeys::{AT_FRANCE, assert_quiet};
use crate::world::{ADMIN, world};
use serde_json::json;

/// Gives the focus to each control in turn; those that the toast lies over while they have it.
const COVERED: &str = "
    const covered = [];
    for (const e of document.querySelectorAll('main a[href], main button, main input:not([type=hidden]), main select')) {
        const toast = document.querySelector('.toast');
        if (!toast) return ['the toast is gone'];
        if (toast.contains(e) || !e.checkVisibility()) continue;
        e.focus();
        const [a, b] = [toast.getBoundingClientRect(), e.getBoundingClientRect()];
        if (a.top < b.bottom && b.top < a.bottom && a.left < b.right && b.left < a.right) covered.push(e.outerHTML);
    }
    return covered";

fn save_name(browser: &Browser, name: &str) {
    browser.go("/me");
    browser.fill("name", name);
    browser.press("Save profile");
    let said = browser.until("a toast", || browser.text(".toast"));
    assert!(said.contains("Your profile is saved."), "{said}");
}

#[test]
fn a_toast_goes_away_and_never_covers_what_has_the_focus() {
    let Some(world) = world() else { return };
    let login = world.make("Tia Toast", &AT_FRANCE);
    let browser = world.browser_of(&login);
    for look in [Look::Light, Look::Phone] {
        browser.show_as(look);
        save_name(&browser, "Tia Told");
        assert_eq!(browser.script(COVERED, &json!([])), json!([]), "{look:?}");
    }
    // Its button has the focus: it waits, and goes when it is pressed.
    browser.script("document.querySelector('.toast button').focus()", &json!([]));
    browser.press("Close");
    browser.until("it is closed", || browser.text(".toast").is_none().then_some(()));
    assert_eq!(browser.script("return document.activeElement.id", &json!([])), json!("main"));
    browser.show_as(Look::Light);
    save_name(&browser, "Tia Toast");
    browser.until("it goes by itself", || browser.text(".toast").is_none().then_some(()));
    assert_quiet(&browser);
    // Without scripts it stays where it is written.
    browser.without_scripts();
    browser.go("/me?done=profile");
    browser.arrive("My information");
    assert!(browser.shows("Your profile is saved.") && browser.text(".toast").is_none());
}

#[test]
fn boxes_are_narrowed_down_and_counted() {
    let Some(world) = world() else { return };
    let browser = world.browser_of(ADMIN);
    browser.go("/roles/night_shift/edit");
    let count = || browser.text("[data-boxes] [role='status']").unwrap_or_default();
    let ticked = || count().split(' ').next().and_then(|n| n.parse::<u64>().ok());
    let before = browser.until("the boxes are counted", ticked);
    browser.click_on("#part");
    browser.keys("user_v");
    browser.until("one box is left", || count().ends_with("1 shown").then_some(()));
    assert!(browser.shows("USER") && !browser.shows("INVENTORYPOSITION"), "{:?}", browser.text("#boxes"));
    // Enter in the field is no way to send the form.
    browser.keys("\u{e007}");
    browser.click_on("#p-USER_VIEW");
    browser.until("it is counted", || (ticked()? == before + 1).then_some(()));
    browser.press("Show what this changes…");
    browser.arrive("Save the role");
    browser.press("Back to the form");
    browser.arrive("Edit role");
    assert_eq!(
        browser.until("the boxes are counted again", ticked),
        before + 1,
        "nothing that was ticked is lost"
    );
    assert_quiet(&browser);
}

/// The permissions that are ticked in the editor of a role.
fn ticked(browser: &Browser) -> Vec<String> {
    let script = "return [...document.querySelectorAll('#boxes input:checked')].map((box) => box.value)";
    let all = browser.script(script, &json!([]));
    all.as_array().expect("a list").iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()
}

/// What a module is to be there.
fn level(browser: &Browser, module: &str) -> String {
    let script = "return document.getElementById(arguments[0]).value";
    browser.script(script, &json!([format!("level_{module}")])).as_str().expect("a text").to_owned()
}

#[test]
fn a_level_ticks_the_boxes_of_its_module_at_once() {
    let Some(world) = world() else { return };
    let browser = world.browser_of(ADMIN);
    // Of no application: modules of all of them, which share permissions.
    browser.go("/new-role");
    browser.fill("key", "level_setter");
    browser.fill("label", "Level setter");
    browser.press("Make role");
    browser.arrive("Level setter");
    browser.go("/roles/level_setter/edit");
    browser.arrive("Edit role");
    let ticked = || ticked(&browser);
    let level = |module| level(&browser, module);
    browser.click_on("#p-WAVE_VIEW");
    browser.choose("level_store_users", "read");
    assert_eq!(ticked(), ["USER_VIEW", "WAVE_VIEW"]);
    browser.choose("level_users", "none");
    assert_eq!(ticked(), ["USER_VIEW", "WAVE_VIEW"], "the store needs it");
    browser.until("they are counted", || {
        browser.text("[data-boxes] [role='status']")?.starts_with("2 of ").then_some(())
    });
    browser.choose("level_store_users", "");
    assert_eq!(ticked(), ["WAVE_VIEW"], "as it was ticked before");
    browser.choose("level_store_orders", "none");
    browser.choose("level_orders", "read");
    browser.choose("level_buffers", "write");
    let held = ticked();
    assert!(
        held.contains(&"FULFILMENT_VIEW".to_owned()) && held.contains(&"CONTROL_UPDATE".to_owned()),
        "{held:?}"
    );
    // A box that is ticked by hand counts: its module is as ticked, and the others stay.
    browser.click_on("#p-CONTROL_UPDATE");
    assert_eq!(["buffers", "orders", "users"].map(level), ["", "read", "none"]);
    // What only that module kept is not taken by another one.
    browser.click_on("#p-ORDER_UPDATE");
    assert_eq!(["orders", "store_orders"].map(level), ["", ""]);
    let held = ticked();
    assert!(
        held.contains(&"FULFILMENT_VIEW".to_owned()) && held.contains(&"ORDER_UPDATE".to_owned()),
        "{held:?}"
    );
    browser.choose("level_stock", "write");
    let held = ticked();
    browser.press("Show what this changes…");
    browser.arrive("Save the role");
    browser.press("Back to the form");
    browser.arrive("Edit role");
    assert_eq!((ticked(), level("stock")), (held.clone(), "write".to_owned()));
    // What one sees is what is saved.
    browser.press("Show what this changes…");
    browser.arrive("Save the role");
    browser.press("Save role");
    browser.arrive("Level setter");
    browser.go("/roles/level_setter/edit");
    browser.arrive("Edit role");
    assert_eq!(ticked(), held);
    assert_quiet(&browser);
}

#[test]
fn the_table_of_roles_fits_a_screen_of_1280_pixels() {
    let Some(world) = world() else { return };
    let browser = world.browser_of(ADMIN);
    browser.go("/roles");
    let wide = "return [...document.querySelectorAll('.scroll')]
        .filter((e) => e.scrollWidth > e.clientWidth).map((e) => `${e.scrollWidth} in ${e.clientWidth}`)";
    assert_eq!(browser.script(wide, &json!([])), json!([]));
    // Its cells say their words to whoever does not see the sign.
    assert!(browser.source().contains("<span class=\"word\">write</span>"));
    // What is typed narrows it down.
    browser.fill("q", "night");
    browser.until("one is found", || (browser.text("#found [data-count]")? == "1 role").then_some(()));
}
