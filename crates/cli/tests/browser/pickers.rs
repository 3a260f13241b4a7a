//! Fields that suggest what may be meant, by keyboard, by mouse and on a phone.

use crate::driver::{Browser, Look};
use crate::journeys::{AT_FRANCE, assert_quiet, is_found};
use crate::looks;
use crate::samples::Sample;
use crate::world::{ADMIN, pictures, world};
use serde_json::json;

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const DOWN: &str = "\u{e015}";
const UP: &str = "\u{e013}";

/// The list that is open.
const OPEN: &str = "ul[role=listbox]:not([hidden])";
/// What is marked in it.
const MARKED: &str = "ul[role=listbox]:not([hidden]) [aria-selected=true]";

/// Waits for a suggestion with this text.
fn is_suggested(browser: &Browser, text: &str) {
    let there = || browser.text(OPEN).filter(|list| list.contains(text)).map(drop);
    browser.until(&format!("`{text}` is suggested"), there);
}

fn is_closed(browser: &Browser) {
    browser.until("no list is open", || browser.text(OPEN).is_none().then_some(()));
}

/// Empties a field and types into it, key by key.
fn type_into(browser: &Browser, name: &str, text: &str) {
    browser.click_on(&format!("form input[name='{name}']"));
    browser.script("document.activeElement.select()", &json!([]));
    browser.keys(text);
}

/// What assistive technology is told of a field.
fn told(browser: &Browser, name: &str) -> serde_json::Value {
    let script = "
        const field = document.querySelector(`input[name='${arguments[0]}']`);
        const marked = document.getElementById(field.getAttribute('aria-activedescendant'));
        return [field.role, field.ariaExpanded, marked?.textContent.trim() ?? null,
            document.activeElement === field, field.parentElement.querySelector('[role=status]').textContent]";
    browser.script(script, &json!([name]))
}

#[test]
fn a_list_of_users_follows_the_store_that_is_chosen() {
    let Some(world) = world() else { return };
    let at = |store| ["--role", "vendor", "--location", store];
    let here = world.make("Pia Picked", &at("FRANCE-PARIS"));
    let elsewhere = world.make("Pia Other", &at("FRANCE-LYON"));
    let browser = world.browser_of(ADMIN);
    browser.go("/users?q=pia.");
    assert!(browser.shows(&here) && browser.shows(&elsewhere));
    type_into(&browser, "location", "pari");
    is_suggested(&browser, "FRANCE-PARIS");
    assert!(browser.shows(&elsewhere), "half a name changes nothing");
    browser.keys(&format!("{DOWN}{ENTER}"));
    assert_eq!(browser.value("location"), "FRANCE-PARIS");
    is_closed(&browser);
    let gone = || (!browser.shows(&elsewhere)).then_some(());
    browser.until("the list follows", gone);
    is_found(&browser, &here);
    assert!(browser.path().contains("location=FRANCE-PARIS"), "{}", browser.path());
    // The list is another one now; the fields below it suggest as those did.
    type_into(&browser, "role", "vend");
    is_suggested(&browser, "Store App");
    browser.keys(&format!("{DOWN}{ENTER}"));
    let follows = || browser.path().contains("role=vendor").then_some(());
    browser.until("the list follows again", follows);
    browser.script("document.getElementById('bulk-site').focus()", &json!([]));
    browser.keys("fran");
    is_suggested(&browser, "france");
    browser.click_on(&format!("{OPEN} li"));
    let chosen = browser.script("return document.getElementById('bulk-site').value", &json!([]));
    assert_eq!(chosen, "france");
    assert_quiet(&browser);
}

#[test]
fn several_stores_are_chosen_by_keyboard_alone() {
    let Some(world) = world() else { return };
    let browser = world.browser_of(ADMIN);
    browser.go("/new-user");
    type_into(&browser, "site", "fran");
    is_suggested(&browser, "france");
    browser.keys(&format!("{DOWN}{ENTER}"));
    assert_eq!(browser.value("site"), "france, ");
    assert!(browser.text(".picker .hint").is_some_and(|hint| !hint.is_empty()), "its name stands below");
    // The places are folded away until they are asked for.
    browser.keys(TAB);
    browser.keys(ENTER);
    browser.keys(TAB);
    browser.keys("france-");
    is_suggested(&browser, "FRANCE-PARIS");
    let untold = told(&browser, "locations");
    assert_eq!(untold.pointer("/0"), Some(&json!("combobox")));
    assert_eq!(untold.pointer("/2"), Some(&json!(null)), "nothing is marked before it is asked for");
    browser.keys(&format!("{DOWN}{DOWN}{UP}{UP}"));
    let last = browser.text(&format!("{OPEN} li:last-child")).expect("a list");
    assert_eq!(browser.text(MARKED), Some(last), "up from the first is the last");
    browser.keys(DOWN);
    let (first, marked) = (browser.text(&format!("{OPEN} li:first-child")), browser.text(MARKED));
    assert_eq!(marked, first);
    let now = told(&browser, "locations");
    assert_eq!((now.pointer("/1"), now.pointer("/3")), (Some(&json!("true")), Some(&json!(true))));
    assert!(now.pointer("/2").is_some_and(|text| text.as_str().is_some_and(|text| text.contains("FRANCE-"))));
    assert!(now.pointer("/4").is_some_and(|text| {
        text.as_str().is_some_and(|text| text.ends_with("suggestion") || text.ends_with("suggestions"))
    }));
    browser.keys(ENTER);
    let one = browser.value("locations");
    assert!(one.starts_with("FRANCE-") && one.ends_with(", "), "{one}");
    // What is behind the comma is looked for; what stands before it stays.
    browser.keys("lyon");
    is_suggested(&browser, "FRANCE-LYON");
    browser.keys(&format!("{DOWN}{ENTER}"));
    let both = browser.value("locations");
    assert!(both.starts_with(&one) && both.len() > one.len() && both.ends_with("FRANCE-LYON, "), "{both}");
    // Escape leaves what was typed, Tab takes nothing.
    browser.keys("par");
    is_suggested(&browser, "FRANCE-PARIS");
    browser.keys(ESCAPE);
    is_closed(&browser);
    assert_eq!(browser.value("locations"), format!("{both}par"));
    browser.keys(DOWN);
    is_suggested(&browser, "FRANCE-PARIS");
    browser.keys(&format!("{DOWN}{TAB}"));
    is_closed(&browser);
    assert_eq!(browser.value("locations"), format!("{both}par"));
    let at = browser.script("return document.activeElement.name", &json!([]));
    assert_eq!(at, "channels", "the next field, not the list");
    browser.keys("nothing like it");
    let said = || browser.shows("Nothing of that name that you see").then_some(());
    browser.until("it says that there is nothing", said);
    assert!(browser.path().starts_with("/new-user"), "no key has sent the form");
    assert_quiet(&browser);
}

#[test]
fn of_answers_that_overtake_each_other_the_last_question_counts() {
    let Some(world) = world() else { return };
    let browser = world.browser_of(ADMIN);
    browser.go("/explain");
    // The answer to the first question is held back until it is let go.
    browser.script(
        "
        const real = fetch;
        const held = new Promise((done) => { window.letGo = done; });
        window.asked = [];
        window.answered = [];
        window.fetch = async (address) => {
            const question = new URL(address, location).searchParams.get('q');
            asked.push(question);
            const answer = await real(address);
            if (question === 'fran') await held;
            setTimeout(() => answered.push(question), 100);
            return answer;
        };",
        &json!([]),
    );
    let now = |name: &str| browser.script(&format!("return {name}"), &json!([]));
    type_into(&browser, "site", "fran");
    browser.until("the first question", || (now("asked") == json!(["fran"])).then_some(()));
    type_into(&browser, "site", "u");
    is_suggested(&browser, "uk");
    browser.script("letGo()", &json!([]));
    browser.until("both answers", || (now("answered") == json!(["u", "fran"])).then_some(()));
    let list = browser.text(OPEN).expect("a list");
    assert!(list.contains("uk") && !list.contains("france"), "{list}");
    assert_quiet(&browser);
}

#[test]
fn an_open_list_is_in_order_light_dark_and_on_a_phone() {
    let Some(world) = world() else { return };
    let browser = world.browser_of(ADMIN);
    browser.on_every_page(&world.axe());
    let open = |name: &str, path: &str, field: &str, text: &str| {
        browser.go(path);
        type_into(&browser, field, text);
        browser.until("a list", || browser.text(OPEN));
        browser.keys(DOWN);
        let heading = if path == "/explain" { "Explain" } else { "Users" };
        let sample = Sample { name: "", route: "", status: 200, heading, reach: |_, _| () };
        let found = looks::faults(&browser, &sample, &pictures());
        assert!(found.is_empty(), "{name}: {}", found.join("\n"));
        assert!(browser.text(MARKED).is_some(), "it stayed open");
        for file in Look::ALL {
            let (from, to) = (format!("-{}.png", file.word()), format!("{name}-{}.png", file.word()));
            std::fs::rename(pictures().join(from), pictures().join(to)).expect("a picture");
        }
    };
    open("picker-users", "/users", "site", "a");
    open("picker-explain", "/explain", "permission", "order");
    // With a finger: a row is as high as one, and what it names is taken.
    browser.show_as(Look::Phone);
    let height = browser
        .script("return document.querySelector(arguments[0]).offsetHeight", &json!([format!("{OPEN} li")]));
    assert!(height.as_u64().is_some_and(|height| height >= 44), "{height}");
    browser.click_on(&format!("{OPEN} li:nth-child(2)"));
    is_closed(&browser);
    assert!(browser.value("permission").contains("ORDER"), "{}", browser.value("permission"));
    assert_eq!(looks::too_wide(&browser), None);
}

#[test]
fn without_scripts_the_fields_take_what_is_typed() {
    let Some(world) = world() else { return };
    let login = world.make("Pru Plain", &AT_FRANCE);
    let browser = world.browser_of(ADMIN);
    browser.without_scripts();
    browser.go("/users?q=pru.plain");
    assert!(browser.source().contains("data-suggest=\"site\""));
    browser.fill("site", "france");
    browser.fill("role", "customer_service");
    browser.press("Search");
    is_found(&browser, &login);
    assert!(browser.path().contains("site=france&role=customer_service&application="), "{}", browser.path());
}
