//! What the browsers visit: the served demo company, with people of each test's own.

use crate::common::{Place, Server, repository};
use crate::driver::{Browser, Driver};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// The password of everybody in the demo company, and of those whom tests make.
pub(crate) const PASSWORD: &str = "Tour-the-demo-2026";
/// Everything, everywhere.
pub(crate) const ADMIN: &str = "admin@maison-demo.example";
/// Head office of every site, with the API.
pub(crate) const HEAD_OFFICE: &str = "amelie.roux@maison-demo.example";
/// Customer service of France: no page of users, roles or audit.
pub(crate) const SERVICE: &str = "hugo.blanc@maison-demo.example";
/// Vendor manager of the Paris store, in the Store App.
pub(crate) const MANAGER: &str = "marc.fontaine@maison-demo.example";

/// The programs that run while a test runs: one of each for all tests of this program.
pub(crate) struct World {
    pub(crate) driver: Driver,
    pub(crate) server: Server,
    pub(crate) place: Place,
    axe: PathBuf,
}

/// Held by the tests that run; with the last of them the programs end.
static WORLD: Mutex<Weak<World>> = Mutex::new(Weak::new());

/// None, visibly, where no browser is offered.
pub(crate) fn world() -> Option<Arc<World>> {
    let offered = ["KEYWARD_CHROMEDRIVER", "KEYWARD_AXE"].map(std::env::var_os);
    let [Some(driver), Some(axe)] = offered else {
        let why = "KEYWARD_CHROMEDRIVER or KEYWARD_AXE is not set";
        assert!(std::env::var_os("CI").is_none(), "{why}: run `cargo xtask test`");
        eprintln!("skipped: {why}");
        return None;
    };
    let mut shared = WORLD.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(world) = shared.upgrade() {
        return Some(world);
    }
    let place = Place::sqlite("browser");
    let server = Server::start(place.command(&["serve", "--demo", "--listen", "127.0.0.1:0"]));
    let world = Arc::new(World { driver: Driver::start(driver), server, place, axe: axe.into() });
    world.run(&["role", "create", "night_shift", "ORDER_VIEW", "ORDER_UPDATE", "--label", "Night shift"]);
    *shared = Arc::downgrade(&world);
    Some(world)
}

impl World {
    pub(crate) fn browser(&self) -> Browser {
        Browser::open(&self.driver, &self.server.url)
    }

    /// A browser in which somebody has signed in, at their first page.
    pub(crate) fn browser_of(&self, login: &str) -> Browser {
        let browser = self.browser();
        sign_in(&browser, "", login);
        browser
    }

    /// The script with the rules of accessibility.
    pub(crate) fn axe(&self) -> String {
        std::fs::read_to_string(&self.axe).expect("axe.min.js")
    }

    /// Runs the command line in the account.
    pub(crate) fn run(&self, args: &[&str]) -> Value {
        let told = self.place.ok(&[&["--json", "--account", "maison"], args].concat());
        serde_json::from_str(&told).expect("JSON")
    }

    /// Makes somebody with the password of all; their login.
    pub(crate) fn make(&self, name: &str, grants: &[&str]) -> String {
        let login = format!("{}@maison-demo.example", name.to_lowercase().replace(' ', "."));
        let create = ["--account", "maison", "user", "create", &login, "--name", name, "--password-stdin"];
        self.place.ok_with(&[&create[..], grants].concat(), PASSWORD);
        login
    }

    /// The address of somebody's page.
    pub(crate) fn page_of(&self, login: &str) -> String {
        let shown = self.run(&["user", "show", login]);
        format!("/users/{}", shown.pointer("/user/id").and_then(Value::as_str).expect("an id"))
    }
}

/// Signs in by password, at the door with this prefix, up to the first page.
pub(crate) fn sign_in(browser: &Browser, prefix: &str, login: &str) {
    try_sign_in(browser, prefix, login, PASSWORD);
    browser.until("signed in", || (!browser.path().contains("/sign-in")).then_some(()));
}

/// Fills in the page of a door and presses its button.
pub(crate) fn try_sign_in(browser: &Browser, prefix: &str, login: &str, password: &str) {
    browser.go(&format!("{prefix}/sign-in"));
    browser.fill("account", "maison");
    browser.fill("login", login);
    browser.fill("password", password);
    browser.press("Sign in");
}

/// Where the pictures are kept: `target/screenshots`.
pub(crate) fn pictures() -> PathBuf {
    let folder = repository().join("target/screenshots");
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}
