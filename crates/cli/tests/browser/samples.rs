//! Every page there is, and how a browser comes to it.
//!
//! The table of routes is read from the program: a page without a sample here fails [`every_route_has_a_sample`].

use crate::common::http;
use crate::driver::Browser;
use crate::world::{ADMIN, MANAGER, PASSWORD, SERVICE, World, sign_in, try_sign_in};
use pages::{Access, routes};
use serde_json::{Value, json};
use std::cell::OnceCell;

/// A page as somebody sees it.
pub(crate) struct Sample {
    /// What its pictures are called.
    pub(crate) name: &'static str,
    /// The route that answers it, below the prefix of its door; empty for an address where nothing is.
    pub(crate) route: &'static str,
    /// The status of its answer.
    pub(crate) status: u64,
    /// What its heading begins with.
    pub(crate) heading: &'static str,
    /// How one comes to it.
    pub(crate) reach: fn(&Scene<'_>, &Browser),
}

/// Somebody, and the pages that they see.
#[derive(Clone, Copy)]
pub(crate) struct Cast {
    /// What the people are called whom the pages are about.
    pub(crate) name: &'static str,
    prefix: &'static str,
    login: Option<&'static str>,
    pub(crate) samples: &'static [Sample],
}

impl Cast {
    /// A browser in which they have signed in, where they do.
    pub(crate) fn browser(&self, world: &World) -> Browser {
        let browser = world.browser();
        if let Some(login) = self.login {
            sign_in(&browser, self.prefix, login);
        }
        browser
    }
}

const fn sample(
    name: &'static str,
    route: &'static str,
    heading: &'static str,
    reach: fn(&Scene<'_>, &Browser),
) -> Sample {
    Sample { name, route, status: 200, heading, reach }
}

impl Sample {
    const fn answers(self, status: u64) -> Self {
        Self { status, ..self }
    }
}

/// What the samples are about.
pub(crate) struct Scene<'w> {
    world: &'w World,
    /// The page of somebody who is active.
    user: String,
    login: String,
    /// The page of somebody who is disabled.
    disabled: String,
    /// The page in the Store App of somebody who works in the store of the manager.
    vendor: OnceCell<String>,
}

impl<'w> Scene<'w> {
    /// With people and a role of the test's own.
    pub(crate) fn new(world: &'w World, test: &str) -> Self {
        let grants = ["--role", "customer_service", "--retailer", "france"];
        let login = world.make(&format!("Pat {test}"), &[&grants[..], &["--role", "GRAPHQL"]].concat());
        let gone = world.make(&format!("Gus {test}"), &grants);
        world.run(&["user", "disable", &gone]);
        let (user, disabled) = (world.page_of(&login), world.page_of(&gone));
        Self { world, user, disabled, login, vendor: OnceCell::new() }
    }

    fn of_user(&self, browser: &Browser, act: &str) {
        browser.go(&format!("{}/{act}", self.user));
    }

    /// The page of a vendor in the store of the manager, or what is done with them.
    fn of_vendor(&self, browser: &Browser, rest: &str) {
        let made = || format!("/store{}", self.world.page_of(&self.world.make("Val Vendor", &VENDOR)));
        browser.go(&format!("{}{rest}", self.vendor.get_or_init(made)));
    }

    /// The id of the first grant that the page of a user shows.
    fn grant_shown(&self, browser: &Browser) -> String {
        let id = browser.script("return document.querySelector(\"[id^='gra_']\").id", &json!([]));
        id.as_str().unwrap_or_else(|| panic!("no grant on the page of {}", self.login)).to_owned()
    }

    /// Resets the password of somebody made for it, through the API; what is handed to them.
    fn reset(&self, name: &str, role: &[&str], by: &str) -> (String, String) {
        let login = self.world.make(name, role);
        let path = format!("/api/v1/users/{login}/password-reset");
        let body = json!({ "by": by }).to_string();
        let caller = format!("maison/{ADMIN}");
        let answer = http::ask(&self.world.server.url, &http::post(&path, (&caller, PASSWORD), &body));
        let told: Value =
            serde_json::from_str(&answer.body).unwrap_or_else(|error| panic!("{error}: {answer:?}"));
        let made = ["link", "password"].iter().find_map(|name| told.get(name)).and_then(Value::as_str);
        (login, made.unwrap_or_else(|| panic!("{answer:?}")).to_owned())
    }
}

/// What an administrator sees of their own.
pub(crate) const OF_ONES_OWN: Cast = Cast {
    name: "Own",
    prefix: "",
    login: Some(ADMIN),
    samples: &[
        sample("me", "/me", "My information", |_, b| b.go("/me")),
        sample("me-wrong", "/me", "My information", |_, b| {
            b.go("/me");
            b.fill("label", "nightly stock export");
            b.fill("expires", "2020-01-31");
            b.press("Make a token");
            b.until("the marked field", || b.text(".error"));
        })
        .answers(400),
        sample("token-made", "/me", "Your new token", |_, b| {
            b.go("/me");
            b.fill("label", "nightly stock export");
            b.press("Make a token");
        }),
        sample("token-revoke", "/me/tokens/revoke", "Revoke this token?", |_, b| {
            b.go("/me");
            b.click_on("a[aria-label='Revoke nightly stock export']");
        }),
        sample("sign-out-everywhere", "/me/sign-out-everywhere", "Sign out everywhere?", |_, b| {
            b.go("/me/sign-out-everywhere");
        }),
        sample("password", "/password", "Change your password", |_, b| b.go("/password")),
        sample("password-wrong", "/password", "Change your password", |_, b| {
            b.go("/password");
            b.fill("current", "not this one");
            b.fill("new", "short");
            b.fill("again", "shorter");
            b.press("Change password");
            b.until("the marked fields", || b.text(".error"));
        })
        .answers(400),
    ],
};

/// What an administrator sees of users.
pub(crate) const OF_USERS: Cast = Cast {
    name: "Users",
    prefix: "",
    login: Some(ADMIN),
    samples: &[
        sample("users", "/users", "Users", |_, b| b.go("/users")),
        sample("users-found", "/users", "Users", |_, b| b.go("/users?q=ma&sort=-name&rows=10")),
        sample("users-none", "/users", "Users", |_, b| b.go("/users?q=nobody-at-all")),
        sample("users-wrong", "/users", "Users", |_, b| b.go("/users?site=atlantis")).answers(400),
        sample("users-many", "/users", "Sign out everywhere: 2 users?", |_, b| {
            b.go("/users?q=.users@");
            b.click_on("#found tbody tr:nth-child(1) input");
            b.click_on("#found tbody tr:nth-child(2) input");
            b.choose("act", "sign-out");
            b.press("Show what this does…");
        }),
        sample("users-many-wrong", "/users", "Users", |_, b| {
            b.go("/users?q=.users@");
            b.click_on("#found tbody tr:nth-child(1) input");
            b.choose("act", "give");
            b.click_on("#bulk-role");
            b.keys("no_such_role");
            b.press("Show what this does…");
            b.until("the marked field", || b.text(".error"));
        })
        .answers(400),
        sample("users-many-refused", "/users", "Disable", |_, b| {
            b.go(&format!("/users?q={ADMIN}"));
            b.click_on("#found tbody tr:nth-child(1) input");
            b.choose("act", "disable");
            b.press("Show what this does…");
        }),
        sample("user-new", "/new-user", "New user", |_, b| b.go("/new-user")),
    ],
};

/// What an administrator sees of one user.
pub(crate) const OF_ONE_USER: Cast = Cast {
    name: "One",
    prefix: "",
    login: Some(ADMIN),
    samples: &[
        sample("user", "/users/{user}", "Pat ", |s, b| b.go(&s.user)),
        sample("user-disabled", "/users/{user}", "Gus ", |s, b| b.go(&s.disabled)),
        sample("user-sessions", "/users/{user}", "Pat ", |s, b| b.go(&format!("{}?tab=sessions", s.user))),
        sample("user-assign", "/users/{user}/access", "Assign a site", |s, b| s.of_user(b, "access")),
        sample("user-access", "/users/{user}/access", "Access of ", |s, b| s.of_user(b, "access?site=uk")),
        sample("user-access-elsewhere", "/users/{user}/access", "Access of ", |s, b| {
            s.of_user(b, "access?site=france");
        }),
        sample("user-access-wrong", "/users/{user}/access", "Access of ", |s, b| {
            s.of_user(b, "access?site=uk");
            b.choose("store_app_role", "vendor");
            b.click_on("#store_app_only");
            b.fill("store_app_places", "FRANCE-PARIS");
            b.press("Show what this changes…");
            b.until("the marked field", || b.text(".error"));
        })
        .answers(400),
        sample("user-access-asked", "/users/{user}/access", "Change the access of ", |s, b| {
            s.of_user(b, "access?site=uk");
            b.choose("omc_role", "retail_director");
            b.press("Show what this changes…");
        }),
        sample("user-give", "/users/{user}/give", "Give access to ", |s, b| s.of_user(b, "give")),
        sample("user-give-asked", "/users/{user}/give", "Give ", |s, b| {
            s.of_user(b, "give");
            b.fill("role", "night_shift");
            b.fill("site", "uk, france");
            b.press("Show what this gives…");
        }),
        sample("user-give-wrong", "/users/{user}/give", "Give access to ", |s, b| {
            s.of_user(b, "give");
            b.fill("role", "no_such_role");
            b.fill("site", "uk");
            b.press("Show what this gives…");
            b.until("the marked field", || b.text(".error"));
        })
        .answers(400),
        sample("user-change", "/users/{user}/change", "Change this access of ", |s, b| {
            b.go(&s.user);
            b.click_on("a[aria-label='Change GraphQL user']");
        }),
        sample("user-take", "/users/{user}/take", "Take this access", |s, b| {
            b.go(&s.user);
            b.follow("Take…");
        }),
        sample("user-disable", "/users/{user}/disable", "Disable ", |s, b| s.of_user(b, "disable")),
        sample("user-enable", "/users/{user}/enable", "Enable ", |s, b| {
            b.go(&format!("{}/enable", s.disabled));
        }),
        sample("user-remove", "/users/{user}/remove", "Remove ", |s, b| s.of_user(b, "remove")),
        sample("user-sign-out", "/users/{user}/sign-out", "Sign ", |s, b| s.of_user(b, "sign-out")),
        sample("user-reset", "/users/{user}/reset-password", "Reset ", |s, b| s.of_user(b, "reset-password")),
        sample("user-reset-done", "/users/{user}/reset-password", "Give ", |s, b| {
            s.of_user(b, "reset-password");
            b.press("Reset password");
        }),
    ],
};

/// What an administrator sees of roles, of why somebody may do something, and of the audit.
pub(crate) const OF_ROLES: Cast = Cast {
    name: "Roles",
    prefix: "",
    login: Some(ADMIN),
    samples: &[
        sample("roles", "/roles", "Roles", |_, b| b.go("/roles")),
        sample("roles-none", "/roles", "Roles", |_, b| b.go("/roles?q=nothing-like-it")),
        sample("role", "/roles/{role}", "Client Admin", |_, b| b.go("/roles/client_admin")),
        sample("role-found", "/roles/{role}", "Client Admin", |_, b| b.go("/roles/client_admin?q=order")),
        sample("role-custom", "/roles/{role}", "Night shift", |_, b| b.go("/roles/night_shift")),
        sample("role-new", "/new-role", "New role", |_, b| b.go("/new-role?from=vendor")),
        sample("role-edit", "/roles/{role}/edit", "Edit role", |_, b| b.go("/roles/night_shift/edit")),
        sample("role-edit-asked", "/roles/{role}/edit", "Save the role", |s, b| {
            for name in ["Nia Night", "Noa Night"] {
                s.world.make(name, &["--role", "night_shift", "--retailer", "uk"]);
            }
            b.go("/roles/night_shift/edit");
            b.choose("level_users", "write");
            b.press("Show what this changes…");
            b.arrive("Save the role");
            b.click_on("ul.lines summary");
            b.click_on("ul.lines li:last-child summary");
        }),
        sample("role-remove", "/roles/{role}/remove", "Remove ", |_, b| b.go("/roles/night_shift/remove")),
        sample("explain", "/explain", "Explain", |_, b| b.go("/explain")),
        sample("explain-allowed", "/explain", "Explain", |s, b| {
            b.go(&format!("/explain?user={}&permission=ORDER_UPDATE&entity=order&site=france", s.login));
            b.until("the answer", || b.text("#answer"));
        }),
        sample("explain-not", "/explain", "Explain", |s, b| {
            b.go(&format!("/explain?user={}&permission=ORDER_UPDATE&entity=order&site=uk", s.login));
            b.until("the answer", || b.text("#answer"));
        }),
        sample("audit", "/audit", "Audit", |_, b| b.go("/audit")),
        sample("audit-sign-ins", "/audit", "Audit", |_, b| {
            b.go("/audit");
            b.click_on("select[name='chain'] option:nth-child(2)");
            b.press("Show");
            b.until("the other chain", || b.path().contains("chain=sign_in").then_some(()));
        }),
        sample("audit-roles", "/audit", "Audit", |s, b| {
            s.world.run(&["role", "copy", "customer_service", "evening_service"]);
            b.go("/audit?kind=role.created");
            b.click_on(".difference summary");
        }),
        sample("not-found", "", "Page not found", |_, b| b.go("/no-such-page")).answers(404),
    ],
};

/// What people of head office see who lack most permissions.
pub(crate) const OF_SERVICE: Cast = Cast {
    name: "Service",
    prefix: "",
    login: Some(SERVICE),
    samples: &[
        sample("forbidden", "/audit", "", |_, b| b.go("/audit")).answers(403),
        sample("me-of-service", "/me", "My information", |_, b| b.go("/me")),
        sample("explain-own", "/explain", "Explain", |_, b| {
            b.go("/explain?permission=ORDER_UPDATE&entity=account");
            b.until("the answer", || b.text("#answer"));
        }),
        sample("explain-depends", "/explain", "Explain", |_, b| {
            b.go("/explain?permission=ORDER_UPDATE&entity=order");
            b.until("what it depends on", || b.text("#depends"));
        })
        .answers(400),
    ],
};

/// What a vendor manager sees in the Store App.
pub(crate) const OF_MANAGER: Cast = Cast {
    name: "Store",
    prefix: "/store",
    login: Some(MANAGER),
    samples: &[
        sample("store-me", "/store/me", "My information", |_, b| b.go("/store/me")),
        sample("store-password", "/store/password", "Change your password", |_, b| b.go("/store/password")),
        sample(
            "store-sign-out-everywhere",
            "/store/me/sign-out-everywhere",
            "Sign out everywhere?",
            |_, b| {
                b.go("/store/me/sign-out-everywhere");
            },
        ),
        sample("store-not-found", "", "Page not found", |_, b| b.go("/store/no-such-page")).answers(404),
        sample("store-user", "/store/users/{user}", "Val Vendor", |s, b| s.of_vendor(b, "")),
        sample("store-users", "/store/users", "Users of ", |_, b| b.go("/store/users")),
        sample("store-users-none", "/store/users", "Users of ", |_, b| b.go("/store/users?q=nobody-at-all")),
        sample("store-users-many", "/store/users", "Sign out everywhere: 1 user?", |_, b| {
            b.go("/store/users?q=val.vendor");
            b.click_on("#found tbody input");
            b.choose("act", "sign-out");
            b.press("Show what this does…");
        }),
        sample("store-user-access", "/store/users/{user}/access", "Access of ", |s, b| {
            s.of_vendor(b, "/access");
        }),
        sample("store-user-give", "/store/users/{user}/give", "Give access to ", |s, b| {
            s.of_vendor(b, "/give");
        }),
        sample("store-user-change", "/store/users/{user}/change", "Change this access of ", |s, b| {
            s.of_vendor(b, "");
            let grant = s.grant_shown(b);
            s.of_vendor(b, &format!("/change?grant={grant}"));
        }),
        sample("store-user-take", "/store/users/{user}/take", "Take this access", |s, b| {
            s.of_vendor(b, "");
            let grant = s.grant_shown(b);
            s.of_vendor(b, &format!("/take?grant={grant}"));
        }),
        sample("store-user-disable", "/store/users/{user}/disable", "Disable ", |s, b| {
            s.of_vendor(b, "/disable");
        }),
        sample("store-user-enable", "/store/users/{user}/enable", "Enable ", |s, b| {
            s.of_vendor(b, "/enable");
        }),
        sample("store-user-remove", "/store/users/{user}/remove", "You may not do this", |s, b| {
            s.of_vendor(b, "/remove");
        })
        .answers(403),
        sample("store-user-sign-out", "/store/users/{user}/sign-out", "Sign ", |s, b| {
            s.of_vendor(b, "/sign-out");
        }),
        sample("store-user-reset", "/store/users/{user}/reset-password", "Reset ", |s, b| {
            s.of_vendor(b, "/reset-password");
        }),
        sample("store-user-reset-done", "/store/users/{user}/reset-password", "Give ", |s, b| {
            s.of_vendor(b, "/reset-password");
            b.press("Reset password");
        }),
        sample("store-user-new", "/store/new-user", "New user of ", |_, b| b.go("/store/new-user")),
        sample("store-user-new-wrong", "/store/new-user", "New user of ", |_, b| {
            b.go("/store/new-user");
            b.fill("login", MANAGER);
            b.press("Make user");
            b.until("the marked field", || b.text(".error"));
        })
        .answers(409),
        sample("store-user-made", "/store/new-user", "Give ", |_, b| {
            b.go("/store/new-user");
            b.fill("login", "vin.vendor@maison-demo.example");
            b.choose("way", "generated");
            b.press("Make user");
        }),
        // From here on somebody else is signed in, who works in two stores.
        sample("store-choice", "/store/users", "Choose a store", |s, b| {
            let two = ["--role", "vendor_manager", "--retailer", "france", "--location", "FRANCE-PARIS"];
            let login = s.world.make("Tim Two", &[&two[..], &["--location", "FRANCE-LYON"]].concat());
            b.go("/store/me");
            b.press("Sign out");
            sign_in(b, "/store", &login);
            b.go("/store/users");
        }),
        sample("store-users-switched", "/store/users", "Users of ", |_, b| {
            b.go("/store/users");
            b.choose("location", "FRANCE-LYON");
            b.press("Go to this store");
        }),
    ],
};

const VENDOR: [&str; 6] = ["--role", "vendor", "--retailer", "france", "--location", "FRANCE-PARIS"];
const SERVICE_ROLE: [&str; 4] = ["--role", "customer_service", "--retailer", "france"];

/// What strangers see, and whoever signs in for the first time.
pub(crate) const OF_STRANGERS: Cast = Cast {
    name: "Strangers",
    prefix: "",
    login: None,
    samples: &[
        sample("sign-in", "/sign-in", "Sign in", |_, b| b.go("/sign-in")),
        sample("sign-in-wrong", "/sign-in", "Sign in", |_, b| {
            try_sign_in(b, "", "nobody@maison-demo.example", "not this one");
            b.until("the notice", || b.text(".notice"));
        })
        .answers(401),
        sample("store-sign-in", "/store/sign-in", "Sign in", |_, b| b.go("/store/sign-in")),
        sample("link-refused", "/link", "This link does not work", |_, b| b.go("/link?code=kwl_nothing"))
            .answers(404),
        sample("link", "/link", "", |s, b| {
            let (_, link) = s.reset("Lin Link", &SERVICE_ROLE, "link");
            b.go(link.strip_prefix(&s.world.server.url).expect("an address of the site"));
        }),
        sample("store-link", "/store/link", "", |s, b| {
            let (_, link) = s.reset("Lou Link", &SERVICE_ROLE, "link");
            let path = link.strip_prefix(&s.world.server.url).expect("an address of the site");
            b.go(&format!("/store{path}"));
        }),
        sample("password-first", "/password/first", "Choose your password", |s, b| {
            let (login, password) = s.reset("Fay First", &SERVICE_ROLE, "generated");
            try_sign_in(b, "", &login, &password);
        }),
        sample("signed-out", "/signed-out", "You are signed out", |_, b| {
            b.go("/password/first");
            b.press("Sign out");
        }),
        sample("store-password-first", "/store/password/first", "Choose your password", |s, b| {
            let (login, password) = s.reset("Fred First", &VENDOR, "generated");
            try_sign_in(b, "/store", &login, &password);
        }),
        sample("store-signed-out", "/store/signed-out", "You are signed out", |_, b| {
            b.go("/store/password/first");
            b.press("Sign out");
        }),
    ],
};

/// Everybody.
const CASTS: [Cast; 7] = [OF_ONES_OWN, OF_USERS, OF_ONE_USER, OF_ROLES, OF_SERVICE, OF_MANAGER, OF_STRANGERS];

/// Routes that answer no page of their own.
const NO_PAGES: [(&str, &str); 13] = [
    ("/", "leads on to the first page that one may read"),
    ("/store/", "leads on, too"),
    ("/sso/callback", "leads on, or is the sign-in page with a notice; `tests/sso.rs` comes back through it"),
    ("/users.csv", "a file"),
    ("/audit.csv", "a file"),
    ("/suggest", "an answer for the script; `pickers.rs` looks at the fields that ask for it"),
    ("/store/suggest", "the same"),
    (
        "/store/me/tokens/revoke",
        "tokens are made in the Order Management Center, and the page is that of `/me`",
    ),
    ("/users/{user}/profile", "the page of the user, for whoever loads the answer to a form again"),
    ("/users/{user}/end-token", "the same"),
    ("/store/users.csv", "a file"),
    ("/store/users/{user}/profile", "the page of the user, as in the Order Management Center"),
    ("/store/users/{user}/end-token", "the same"),
];

/// Nothing is there that nobody looks at, and nothing is said of what is not there.
pub(crate) fn every_route_has_a_sample() {
    let pages = routes().filter(|route| route.method == "GET" && !matches!(route.access, Access::File(_)));
    let mut there: Vec<String> =
        pages.flat_map(|route| route.doors.iter().map(|door| door.to(route.path))).collect();
    let said = CASTS.iter().flat_map(|cast| cast.samples.iter().map(|sample| sample.route));
    let mut said: Vec<&str> =
        said.chain(NO_PAGES.map(|(route, _)| route)).filter(|route| !route.is_empty()).collect();
    there.sort_unstable();
    said.sort_unstable();
    said.dedup();
    assert_eq!(said, there, "each page has a sample in tests/browser/samples.rs, or a reason why not");
}
