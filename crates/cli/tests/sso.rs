//! Single sign-on of the program, with a provider that is not ours: npm's `oidc-provider`, as `xtask/idp` sets it up.
//!
//! `KEYWARD_IDP` names its `idp.mjs`; `cargo xtask test` installs it and sets that. Without it these tests are
//! skipped, and fail where `CI` is set.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "sso/browser.rs"]
mod browser;
mod common;
#[path = "sso/idp.rs"]
mod idp;
#[path = "sso/relay.rs"]
mod relay;

use browser::{Browser, Form, Reply, field};
use common::{Place, Server};
use idp::{Idp, Naming};
use relay::Relay;
use std::thread::ScopedJoinHandle;
use std::time::Duration;

/// The two doors: what their addresses begin with, and the cookie of their sessions.
const OMC: (&str, &str) = ("", "keyward-omc");
const STORE: (&str, &str) = ("/store", "keyward-store");
/// Whom the provider knows. Nobody has told us of eve; dan is disabled, and pat signs in by a password.
const PEOPLE: [&str; 7] = ["bea", "cleo", "sam", "joe", "eve", "dan", "pat"];
const NOT_KNOWN: &str = "You are signed in at your identity provider, but not known here";
const NO_ROLE: &str = "No valid grant opens this application to this user";
const NO_LONGER: &str = "This sign-in is no longer valid.";
const NO_ANSWER: &str = "The identity provider does not answer.";

/// The program that serves, the provider that it trusts, and what must never be read in an audit.
struct World {
    idp: Idp,
    relay: Relay,
    server: Server,
    place: Place,
    secrets: Vec<String>,
}

impl World {
    fn start(what: &str) -> Option<Self> {
        Self::start_with(what, Naming::Session)
    }

    /// [`Self::start`], where logout tokens name what is said.
    fn start_with(what: &str, naming: Naming) -> Option<Self> {
        let script = idp::script()?;
        let place = Place::sqlite(what);
        place.init("acme", "ann@acme.example", "seven quiet lamps");
        let server =
            Server::start(place.command(&["serve", "--listen", "127.0.0.1:0", "--allow-private-providers"]));
        let relay = Relay::start(&server.url);
        let idp = Idp::start(script, (&server.url, &relay.url), naming, &PEOPLE);
        let secrets = vec![idp::SECRET.to_owned(), idp::PASSWORD.to_owned()];
        let world = Self { idp, relay, server, place, secrets };
        world.save_provider("corp", "Acme ID");
        world.make_people();
        Some(world)
    }

    fn save_provider(&self, r#ref: &str, name: &str) {
        let save = ["provider", "save", r#ref, "--name", name, "--issuer", &self.idp.issuer];
        let client = ["--client-id", idp::CLIENT, "--client-secret-stdin"];
        self.place.ok_with(&[&save[..], &client].concat(), idp::SECRET);
    }

    fn make_people(&self) {
        let place = &self.place;
        place.ok(&["retailer", "create", "north", "--default-channel", "web"]);
        place.ok(&["location", "create", "leeds", "--retailer", "north"]);
        let at_north = ["--role", "customer_service", "--retailer", "north"];
        for name in ["bea", "cleo", "joe", "dan"] {
            let create = ["user", "create", &login(name), "--name", name, "--sso", "corp"];
            place.ok(&[&create[..], &at_north].concat());
        }
        let at_leeds = ["--role", "vendor", "--retailer", "north", "--location", "leeds"];
        place.ok(&[&["user", "create", &login("sam"), "--sso", "corp"][..], &at_leeds].concat());
        let create = ["user", "create", &login("pat"), "--password-stdin"];
        place.ok_with(&[&create[..], &at_north].concat(), "nine green doors");
        place.ok(&["user", "disable", &login("dan")]);
    }

    fn to(&self, path: &str) -> String {
        format!("{}{path}", self.server.url)
    }

    /// Asks for a page, is sent to sign in, and presses the button of a provider; the answer to that.
    fn begin(&self, browser: &mut Browser, (prefix, _): (&str, &str), provider: &str) -> Reply {
        let asked = browser.get(&self.to(&format!("{prefix}/me")));
        assert_eq!(asked.status, 303, "{asked:?}");
        let page = browser.follow(asked, "https:").expect_err("a page of ours");
        assert_eq!(page.status, 200, "{page:?}");
        assert!(page.url.starts_with(&self.to(&format!("{prefix}/sign-in?"))), "{}", page.url);
        assert!(page.body.contains("Sign in with <bdi>Acme ID</bdi>"), "{}", page.body);
        let form = page.form(&format!("{prefix}/sign-in/sso")).fill("provider", provider);
        assert!(form.value("csrf").is_some_and(|token| !token.is_empty()), "{form:?}");
        browser.submit(&form)
    }

    /// The same, and signs in at the provider; the address with which the browser comes back, not yet asked for.
    fn visit(&mut self, browser: &mut Browser, door: (&str, &str), name: &str) -> String {
        let begun = self.begin(browser, door, "corp");
        assert!(begun.location().is_some_and(|to| to.starts_with(&self.idp.issuer)), "{begun:?}");
        let back = self.to("/sso/callback");
        let page = browser.follow(begun, &back).expect_err("the provider asks who it is");
        let form = page.form("").fill("login", name).fill("password", idp::PASSWORD);
        let sent = browser.submit(&form);
        let url = browser.follow(sent, &back).expect("the provider sends back");
        self.secrets.push(field(&url, "code").expect("a code"));
        self.keep_cookies(browser);
        url
    }

    /// The whole way; the answer to coming back.
    fn come(&mut self, browser: &mut Browser, door: (&str, &str), name: &str) -> Reply {
        let url = self.visit(browser, door, name);
        let reply = browser.get(&url);
        self.keep_cookies(browser);
        reply
    }

    /// The whole way, to the page that was asked for at first.
    fn come_in(&mut self, browser: &mut Browser, door: (&str, &str), name: &str) -> Reply {
        let reply = self.come(browser, door, name);
        let me = self.to(&format!("{}/me", door.0));
        assert_eq!((reply.status, reply.location()), (303, Some(me.clone())), "{reply:?}");
        assert!(browser.cookies.contains_key(door.1) && !browser.cookies.contains_key("keyward-sso"));
        let page = browser.get(&me);
        assert_eq!(page.status, 200, "{page:?}");
        assert!(page.body.contains(&login(name)), "{}", page.body);
        assert!(
            page.body.contains("single sign-on with <strong><bdi>Acme ID</bdi></strong>"),
            "{}",
            page.body
        );
        page
    }

    /// Ends somebody's session at the provider, as they ask there.
    fn sign_out_there(&self, browser: &mut Browser) {
        let asked = browser.get(&format!("{}/session/end", self.idp.issuer));
        let done = browser.submit(&asked.form("/session/end/confirm").fill("logout", "yes"));
        let page = browser.follow(done, "https:").expect_err("a page of the provider");
        assert_eq!(page.status, 200, "{page:?}");
    }

    /// What the program answers to a logout token, whoever sends it.
    fn tell_logout(&self, provider: &str, token: &str) -> Reply {
        let url = self.to(&format!("/sso/acme/{provider}/logout"));
        let fields = vec![("logout_token".to_owned(), token.to_owned())];
        Browser::default().submit(&Form { url, fields })
    }

    fn keep_cookies(&mut self, browser: &Browser) {
        let ours = browser.cookies.iter().filter(|(name, _)| name.starts_with("keyward-"));
        self.secrets.extend(ours.map(|(_, value)| value.clone()));
    }

    /// Whether the next page of a session is shown; else it is the sign-in page.
    fn is_in(&self, browser: &mut Browser, (prefix, _): (&str, &str)) -> bool {
        let reply = browser.get(&self.to(&format!("{prefix}/me")));
        let Some(to) = reply.location() else {
            assert_eq!(reply.status, 200, "{reply:?}");
            return true;
        };
        assert!(to.starts_with(&self.to(&format!("{prefix}/sign-in?"))), "{to}");
        let page = browser.get(&to);
        assert!(page.status == 200 && page.body.contains("<h1>Sign in</h1>"), "{page:?}");
        false
    }

    /// The ids of somebody's sessions.
    fn sessions(&self, name: &str) -> Vec<String> {
        let told = self.place.ok(&["--json", "user", "tokens", &login(name)]);
        let told: serde_json::Value = serde_json::from_str(&told).expect("JSON");
        let items = told.get("items").and_then(serde_json::Value::as_array).expect("items");
        let id = |item: &serde_json::Value| item.get("id").and_then(|id| id.as_str()).map(str::to_owned);
        items.iter().map(|item| id(item).expect("an id")).collect()
    }

    /// The sign-ins as `audit list` tells them, after both chains were proved and searched for secrets.
    fn audit(&self) -> String {
        let verified = self.place.ok(&["audit", "verify"]);
        assert_eq!(verified.lines().filter(|line| line.contains("unbroken: ")).count(), 2, "{verified}");
        assert_eq!(verified.lines().count(), 2, "{verified}");
        for chain in ["access", "sign_in"] {
            let export = self.place.ok(&["audit", "export", "--chain", chain]);
            assert!(export.lines().count() > 0, "{chain}");
            let told = self.relay.logout_tokens();
            let leaked = self.secrets.iter().chain(&told).find(|secret| export.contains(*secret));
            assert_eq!(leaked, None, "{chain}: {export}");
        }
        self.place.ok(&["audit", "list", "--chain", "sign_in"])
    }
}

fn login(name: &str) -> String {
    format!("{name}@acme.example")
}

/// The sign-in page, with a sentence, and nobody signed in by it.
fn assert_refused(reply: &Reply, status: u16, sentence: &str) {
    assert_eq!(reply.status, status, "{reply:?}");
    assert!(reply.body.contains("<h1>Sign in</h1>"), "{}", reply.body);
    assert!(reply.body.contains("Single sign-on did not work."), "{}", reply.body);
    assert!(reply.body.contains(sentence), "{}", reply.body);
    let session = |cookie: &str| [OMC.1, STORE.1].iter().any(|name| cookie.starts_with(&format!("{name}=")));
    assert!(!reply.all("set-cookie").any(session), "{reply:?}");
}

#[test]
fn people_come_in_by_both_doors() {
    let Some(mut world) = World::start("sso-doors") else { return };
    let (mut at_desk, mut in_store) = (Browser::default(), Browser::default());
    world.come_in(&mut at_desk, OMC, "bea");
    world.come_in(&mut in_store, STORE, "sam");
    assert_eq!((world.sessions("bea").len(), world.sessions("sam").len()), (1, 1));
    // Each opens the application that it was made for.
    assert!(!world.is_in(&mut at_desk, STORE) && !world.is_in(&mut in_store, OMC));
    assert!(world.is_in(&mut at_desk, OMC) && world.is_in(&mut in_store, STORE));
    // Whoever has no role of an application does not come in to it.
    let reply = world.come(&mut Browser::default(), STORE, "bea");
    assert_refused(&reply, 403, NO_ROLE);
    reply.form("/store/sign-in/sso");
    assert_refused(&world.come(&mut Browser::default(), OMC, "sam"), 403, NO_ROLE);
    let told = world.audit();
    for word in ["sign_in.succeeded", "sign_in.failed", "sso", &login("bea"), &login("sam")] {
        assert!(told.contains(word), "{word}: {told}");
    }
    assert!(world.place.ok(&["provider", "list"]).contains("corp"));
    assert!(!world.place.ok(&["export"]).contains(idp::SECRET));
}

#[test]
fn a_form_of_another_site_begins_nothing() {
    let Some(world) = World::start("sso-forms") else { return };
    let mut browser = Browser::default();
    let page = browser.get(&world.to("/sign-in"));
    let form = page.form("/sign-in/sso");
    let stale = form.fill("csrf", "another");
    let reply = browser.submit(&stale);
    assert!(reply.status == 403 && reply.location().is_none(), "{reply:?}");
    let unknown =
        Form { url: stale.url, fields: page.form("/sign-in/sso").fields }.fill("provider", "nobody");
    let reply = browser.submit(&unknown);
    assert!(reply.status == 404 && reply.location().is_none(), "{reply:?}");
    let honest = page.form("/sign-in/sso");
    let foreign = browser.submit_from("https://evil.example", &honest);
    assert!(foreign.status == 403 && foreign.location().is_none(), "{foreign:?}");
    assert_eq!(browser.submit(&honest).status, 303);
}

#[test]
fn nobody_is_made_or_let_in_because_a_provider_knows_them() {
    let Some(mut world) = World::start("sso-nobody") else { return };
    let before = world.place.ok(&["user", "list"]);
    for (name, sentence) in [
        ("eve", NOT_KNOWN),
        ("dan", NOT_KNOWN),
        ("pat", NOT_KNOWN),
        ("joe", "The identity provider did not say who you are."),
    ] {
        let mut browser = Browser::default();
        let reply = world.come(&mut browser, OMC, name);
        assert_refused(&reply, 403, sentence);
        assert!(!world.is_in(&mut browser, OMC), "{name}");
    }
    assert_eq!(world.place.ok(&["user", "list"]), before);
    for name in ["dan", "pat", "joe"] {
        assert!(world.sessions(name).is_empty(), "{name}");
    }
    let told = world.audit();
    assert_eq!(told.matches("sign_in.failed").count(), 4, "{told}");
    assert!(!told.contains("sign_in.succeeded") && !told.contains(&login("eve")), "{told}");
    // It was the state of dan that refused them.
    world.place.ok(&["user", "enable", &login("dan")]);
    world.come_in(&mut Browser::default(), OMC, "dan");
    // And whoever is disabled while they are at the provider does not come back in.
    let mut browser = Browser::default();
    let url = world.visit(&mut browser, OMC, "dan");
    world.place.ok(&["user", "disable", &login("dan")]);
    assert_refused(&browser.get(&url), 403, NOT_KNOWN);
    assert!(world.sessions("dan").is_empty());
}

#[test]
fn an_answer_counts_once_and_in_the_browser_that_asked() {
    let Some(mut world) = World::start("sso-once") else { return };
    let mut browser = Browser::default();
    let url = world.visit(&mut browser, OMC, "bea");
    let sealed = browser.cookies.get("keyward-sso").expect("what was begun").clone();
    // Without the cookie, with that of another sign-in, and with another state: nobody is let in by it.
    assert_refused(&Browser::default().get(&url), 400, NO_LONGER);
    let mut other = Browser::default();
    world.visit(&mut other, OMC, "cleo");
    assert_refused(&other.get(&url), 400, NO_LONGER);
    let state = field(&url, "state").expect("a state");
    let forged = url.replace(&state, &format!("{}x", state.get(..state.len() - 1).expect("ASCII")));
    assert_ne!(forged, url);
    assert_refused(&Browser { cookies: browser.cookies.clone() }.get(&forged), 400, NO_LONGER);
    assert!(world.sessions("bea").is_empty() && world.sessions("cleo").is_empty());

    // None of that has spent it.
    let reply = browser.get(&url);
    assert_eq!((reply.status, reply.location()), (303, Some(world.to("/me"))), "{reply:?}");
    world.keep_cookies(&browser);
    let sessions = world.sessions("bea");
    assert_eq!(sessions.len(), 1);

    // Once more, with all that the browser had: in its own session, and without it.
    let mut again = Browser { cookies: browser.cookies.clone() };
    again.cookies.insert("keyward-sso".to_owned(), sealed.clone());
    assert_refused(&again.get(&url), 400, NO_LONGER);
    let mut stolen = Browser::default();
    stolen.cookies.insert("keyward-sso".to_owned(), sealed);
    assert_refused(&stolen.get(&url), 400, NO_LONGER);
    assert_eq!(world.sessions("bea"), sessions);
    assert!(world.is_in(&mut browser, OMC) && !world.is_in(&mut stolen, OMC));
    let told = world.audit();
    assert_eq!(told.matches("sign_in.succeeded").count(), 1, "{told}");
}

#[test]
fn signing_out_leads_to_the_end_of_the_session_at_the_provider() {
    let Some(mut world) = World::start("sso-out") else { return };
    for (door, name) in [(OMC, "bea"), (STORE, "sam")] {
        let mut browser = Browser::default();
        let page = world.come_in(&mut browser, door, name);
        let reply = browser.submit(&page.form(&format!("{}/sign-out", door.0)));
        let url = reply.location().expect("on to the provider");
        assert!(
            reply.status == 303 && url.starts_with(&format!("{}/session/end?", world.idp.issuer)),
            "{url}"
        );
        let back = world.to(&format!("{}/signed-out", door.0));
        assert_eq!(field(&url, "post_logout_redirect_uri").as_deref(), Some(back.as_str()));
        let hint = field(&url, "id_token_hint").expect("the id token");
        assert!(hint.starts_with("eyJ"), "{hint}");
        world.secrets.push(hint);
        // Ours is over before the provider is asked.
        assert!(world.sessions(name).is_empty() && !browser.cookies.contains_key(door.1));
        let asked = browser.get(&url);
        let sent = browser.submit(&asked.form("/session/end/confirm").fill("logout", "yes"));
        let url = browser.follow(sent, &back).expect("the provider sends back");
        let page = browser.get(&url);
        assert!(page.status == 200 && page.body.contains("You are signed out"), "{page:?}");
        assert!(!world.is_in(&mut browser, door));
    }
    world.audit();
}

#[test]
fn who_signs_out_at_the_provider_is_out_here() {
    let Some(mut world) = World::start("sso-back-channel") else { return };
    let (mut bea, mut elsewhere, mut cleo) = (Browser::default(), Browser::default(), Browser::default());
    world.come_in(&mut bea, OMC, "bea");
    world.come_in(&mut elsewhere, OMC, "bea");
    world.come_in(&mut cleo, OMC, "cleo");
    // Nobody else can say so.
    assert_eq!(world.tell_logout("corp", "eyJhbGciOiJub25lIn0.e30.").status, 400);
    assert_eq!(world.sessions("bea").len(), 2);

    world.sign_out_there(&mut bea);
    assert!(!world.is_in(&mut bea, OMC), "the provider has told us");
    assert!(world.is_in(&mut cleo, OMC), "another user goes on");
    assert!(world.is_in(&mut elsewhere, OMC), "another session at the provider goes on");
    assert_eq!((world.sessions("bea").len(), world.sessions("cleo").len()), (1, 1));
    let told = world.audit();
    assert_eq!(told.matches("sign_in.ended_by_provider").count(), 1, "{told}");
    // The way in is open as before.
    world.come_in(&mut bea, OMC, "bea");
}

#[test]
fn a_logout_token_that_was_used_ends_nothing_more() {
    // It names the person alone, so one that counted twice would end whatever began meanwhile.
    let Some(mut world) = World::start_with("sso-replay", Naming::Person) else { return };
    let (mut bea, mut elsewhere, mut cleo) = (Browser::default(), Browser::default(), Browser::default());
    world.come_in(&mut bea, OMC, "bea");
    world.come_in(&mut elsewhere, OMC, "bea");
    world.come_in(&mut cleo, OMC, "cleo");
    world.sign_out_there(&mut bea);
    assert!(!world.is_in(&mut bea, OMC) && !world.is_in(&mut elsewhere, OMC));
    let [used] = &world.relay.logout_tokens()[..] else { panic!("the provider told it once") };

    world.come_in(&mut bea, OMC, "bea");
    let sessions = world.sessions("bea");
    for _ in 0..2 {
        let reply = world.tell_logout("corp", used);
        assert_eq!((reply.status, reply.body.as_str()), (400, r#"{"error":"invalid_request"}"#), "{reply:?}");
        assert_eq!(world.sessions("bea"), sessions);
    }
    assert!(sessions.len() == 1 && world.is_in(&mut bea, OMC) && world.is_in(&mut cleo, OMC));
    let told = world.audit();
    assert_eq!(told.matches("sign_in.ended_by_provider").count(), 1, "{told}");
    // The next one is another, and counts.
    world.sign_out_there(&mut bea);
    assert!(!world.is_in(&mut bea, OMC) && world.sessions("bea").is_empty());
    assert!(world.is_in(&mut cleo, OMC) && world.relay.logout_tokens().len() == 2);
    assert_eq!(world.audit().matches("sign_in.ended_by_provider").count(), 2);
}

#[test]
fn a_provider_that_never_answers_is_told_and_holds_up_nobody_else() {
    let Some(mut world) = World::start("sso-slow") else { return };
    // Known to us, but not asked for anything yet.
    world.save_provider("second", "Acme ID");
    let (mut bea, mut sam, mut late) = (Browser::default(), Browser::default(), Browser::default());
    world.come_in(&mut bea, OMC, "bea");
    let url = world.visit(&mut late, OMC, "cleo");
    let page = world.come_in(&mut sam, STORE, "sam");
    let out = sam.submit(&page.form("/store/sign-out")).location().expect("on to the provider");
    let signed_by_it = field(&out, "id_token_hint").expect("the id token");
    let (in_use, people) = (world.sessions("bea"), world.place.ok(&["user", "list"]));

    world.idp.fall_silent();
    let shared = &world;
    let (back, begun, told) = std::thread::scope(|threads| {
        // On the way back, at the beginning, and where the provider's keys are needed.
        let back = threads.spawn(|| late.get(&url));
        let begun = threads.spawn(|| shared.begin(&mut Browser::default(), STORE, "second"));
        let told = threads.spawn(|| shared.tell_logout("second", &signed_by_it));
        std::thread::sleep(Duration::from_millis(500));
        assert!(shared.is_in(&mut bea, OMC), "whoever is in stays in");
        assert!(!back.is_finished() && !begun.is_finished() && !told.is_finished(), "they did not wait");
        let ended = |thread: ScopedJoinHandle<'_, Reply>| thread.join().expect("an answer");
        (ended(back), ended(begun), ended(told))
    });
    assert_refused(&back, 504, NO_ANSWER);
    assert_refused(&begun, 504, NO_ANSWER);
    begun.form("/store/sign-in/sso");
    assert_eq!(begun.location(), None);
    // The protocol has one answer to a logout that failed.
    assert_eq!((told.status, told.body.as_str()), (400, r#"{"error":"invalid_request"}"#), "{told:?}");
    assert!(world.sessions("cleo").is_empty() && !world.is_in(&mut late, OMC));
    assert_eq!((world.sessions("bea"), world.place.ok(&["user", "list"])), (in_use, people));
    world.secrets.push(signed_by_it);
    let told = world.audit();
    assert_eq!(told.matches("sign_in.failed").count(), 3, "{told}");
    let export = world.place.ok(&["audit", "export", "--chain", "sign_in"]);
    assert_eq!(export.matches(NO_ANSWER).count(), 3, "{export}");
    // Nothing of it lasts.
    world.idp.speak_again();
    world.come_in(&mut Browser::default(), OMC, "cleo");
}

#[test]
fn a_provider_that_is_down_is_told_and_written_down() {
    let Some(mut world) = World::start("sso-down") else { return };
    // Known to us, but not asked for anything yet.
    world.save_provider("second", "Acme ID");
    let mut browser = Browser::default();
    world.come_in(&mut browser, OMC, "bea");
    let mut late = Browser::default();
    let url = world.visit(&mut late, OMC, "cleo");
    world.idp.kill();
    // On the way back, and at the beginning.
    assert_refused(&late.get(&url), 502, NO_ANSWER);
    let reply = world.begin(&mut Browser::default(), OMC, "second");
    assert_refused(&reply, 502, NO_ANSWER);
    assert!(world.is_in(&mut browser, OMC), "whoever is in stays in");
    assert!(world.sessions("cleo").is_empty());
    let told = world.audit();
    assert_eq!(told.matches("sign_in.failed").count(), 2, "{told}");
    let export = world.place.ok(&["audit", "export", "--chain", "sign_in"]);
    assert_eq!(export.matches(NO_ANSWER).count(), 2, "{export}");
    // Ours ends whatever the provider says.
    let me = browser.get(&world.to("/me"));
    browser.submit(&me.form("/sign-out"));
    assert!(world.sessions("bea").is_empty() && !world.is_in(&mut browser, OMC));
}
