//! Single sign-on in a browser that holds the pages to their Content-Security-Policy: a form that leads to the provider
//! is one that the policy must name.

use crate::common::{Place, Server};
use crate::driver::Browser;
use crate::idp::{self, Idp, Naming};
use crate::looks::complaints;
use crate::world::world;

#[test]
fn single_sign_on_leads_to_the_provider_and_back() {
    let (Some(world), Some(script)) = (world(), idp::script()) else { return };
    let place = Place::sqlite("browser-sso");
    place.init("acme", "ann@acme.example", "seven quiet lamps");
    let serve = ["serve", "--listen", "127.0.0.1:0", "--allow-private-providers"];
    let server = Server::start(place.command(&serve));
    let idp = Idp::start(script, (&server.url, &server.url), Naming::Session, &["bea"]);
    let save = ["provider", "save", "corp", "--name", "Acme ID", "--issuer", &idp.issuer];
    let client = ["--client-id", idp::CLIENT, "--client-secret-stdin"];
    place.ok_with(&[&save[..], &client].concat(), idp::SECRET);
    place.ok(&["retailer", "create", "north", "--default-channel", "web"]);
    let create = ["user", "create", "bea@acme.example", "--name", "Bea Able", "--sso", "corp"];
    place.ok(&[&create[..], &["--role", "customer_service", "--retailer", "north"]].concat());

    let browser = Browser::open(&world.driver, &server.url);
    browser.go("/me");
    browser.arrive("Sign in");
    browser.press("Sign in with Acme ID");
    browser.until("the page of the provider", || browser.path().starts_with(&idp.issuer).then_some(()));
    browser.fill("login", "bea");
    browser.fill("password", idp::PASSWORD);
    browser.press("Sign in");
    // To the page that was asked for at first.
    browser.arrive("My information");
    assert_eq!(browser.path(), "/me");
    assert!(browser.shows("By single sign-on with Acme ID."), "{:?}", browser.text("main"));
    // Out here, then there, where one is asked.
    browser.press("Sign out");
    browser.press("Yes, sign me out");
    browser.arrive("You are signed out");
    assert!(browser.path().starts_with("/signed-out"), "{}", browser.path());
    browser.go("/me");
    browser.arrive("Sign in");
    // What the provider's own pages complain of is not about ours.
    let ours: Vec<String> =
        complaints(&browser, 200).into_iter().filter(|entry| entry.contains(&server.url)).collect();
    assert_eq!(ours, Vec::<String>::new());
}
