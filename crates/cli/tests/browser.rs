//! The pages in a real browser, as people meet them: Chromium, driven by `chromedriver`, against the served program.
//!
//! `KEYWARD_CHROMEDRIVER` names the driver and `KEYWARD_AXE` the script `axe.min.js` with the rules of accessibility;
//! `cargo xtask test` installs both and sets that. Without them these tests are skipped, and fail where `CI` is set; the
//! one with single sign-on needs `KEYWARD_IDP`, too.
//! Pictures of every page, light, dark and on a phone, are kept in `target/screenshots`.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "browser/access.rs"]
mod access;
mod common;
#[path = "browser/driver.rs"]
mod driver;
#[path = "browser/hands.rs"]
mod hands;
#[expect(dead_code, reason = "providers that fail are the matter of other tests")]
#[path = "sso/idp.rs"]
mod idp;
#[path = "browser/journeys.rs"]
mod journeys;
#[path = "browser/looks.rs"]
mod looks;
#[path = "browser/pickers.rs"]
mod pickers;
#[path = "browser/samples.rs"]
mod samples;
#[path = "browser/sso.rs"]
mod sso;
#[path = "browser/store.rs"]
mod store;
#[path = "browser/told.rs"]
mod told;
#[path = "browser/world.rs"]
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};

use samples::{
    Cast, OF_MANAGER, OF_ONE_USER, OF_ONES_OWN, OF_ROLES, OF_SERVICE, OF_STRANGERS, OF_USERS, Scene,
};
use world::{pictures, world};

/// Looks at every page of one cast, light, dark and on a phone; all that is wrong is told at once.
fn pages_are_in_order(cast: Cast) {
    let Some(world) = world() else { return };
    let (scene, browser) = (Scene::new(&world, cast.name), cast.browser(&world));
    let folder = pictures();
    browser.on_every_page(&world.axe());
    let mut found = Vec::new();
    for sample in cast.samples {
        let look = || {
            (sample.reach)(&scene, &browser);
            browser.arrive(sample.heading);
            looks::faults(&browser, sample, &folder)
        };
        // One page that nobody comes to hides none of the others.
        match catch_unwind(AssertUnwindSafe(look)) {
            Ok(faults) => found.extend(faults),
            Err(_) => found.push(format!("{}: it was not looked at, see above", sample.name)),
        }
    }
    println!("pictures of {} pages: {}", cast.samples.len(), folder.display());
    assert!(found.is_empty(), "{} faults:\n{}", found.len(), found.join("\n"));
}

#[test]
fn pages_of_users() {
    pages_are_in_order(OF_USERS);
}

#[test]
fn pages_of_one_user() {
    pages_are_in_order(OF_ONE_USER);
}

#[test]
fn pages_of_roles_and_the_audit() {
    pages_are_in_order(OF_ROLES);
}

#[test]
fn pages_of_ones_own() {
    pages_are_in_order(OF_ONES_OWN);
}

#[test]
fn pages_that_are_refused() {
    pages_are_in_order(OF_SERVICE);
}

#[test]
fn pages_of_the_store_app() {
    pages_are_in_order(OF_MANAGER);
}

#[test]
fn pages_of_strangers() {
    pages_are_in_order(OF_STRANGERS);
}

#[test]
fn every_page_is_looked_at() {
    samples::every_route_has_a_sample();
}
