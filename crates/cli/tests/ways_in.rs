//! Identity providers, API clients, links, addresses, tokens and the chains of sign-ins on the command line: through a
//! running server and on the data directory itself.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use common::http::{Answer, ask, basic, get, request};
use common::{Place, Server, text};
use serde_json::Value;
use std::process::Stdio;
use std::time::Duration;

const CLEO: (&str, &str) = ("cleo@acme.example", "nine green doors");
const ORDERS: &str = "/api/v1/orders";

fn company(what: &str) -> Place {
    let place = Place::sqlite(what);
    place.init("acme", "ann@acme.example", "seven quiet lamps");
    place.ok(&["retailer", "create", "north", "--default-channel", "web"]);
    let create = ["user", "create", CLEO.0, "--password-stdin", "--retailer", "north"];
    place.ok_with(&[&create[..], &["--role", "customer_service", "--role", "api_user"]].concat(), CLEO.1);
    place
}

/// What a command that must fail with status 2 says.
fn refused(place: &Place, args: &[&str]) -> String {
    let output = place.run(args);
    assert_eq!(output.status.code(), Some(2), "{args:?}: {}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stderr)
}

fn json(place: &Place, args: &[&str]) -> Value {
    serde_json::from_str(&place.ok(&[&["--json"], args].concat())).expect("JSON")
}

fn items(answer: &Value) -> &Vec<Value> {
    answer.get("items").and_then(Value::as_array).expect("items")
}

const SAVE: [&str; 7] =
    ["provider", "save", "corp", "--issuer", "https://id.acme.example", "--client-id", "keyward"];

/// Everything that concerns the ways in, by whoever performs it.
fn providers_and_clients(place: &Place) {
    providers(place);
    users_of_a_provider(place);
    clients(place);
    assert!(!place.ok(&["audit", "export"]).contains("a secret of the corp"));
}

fn providers(place: &Place) {
    place.ok(&[&SAVE[..], &["--name", "Acme"]].concat());
    let listed = json(place, &["provider", "list"]);
    let [provider] = &items(&listed)[..] else { panic!("{listed}") };
    for (path, expected) in [
        ("/ref", serde_json::json!("corp")),
        ("/name", "Acme".into()),
        ("/protocol/oidc/claim", "email".into()),
        ("/protocol/oidc/scopes", serde_json::json!(["email", "profile"])),
        ("/protocol/oidc/algorithms", serde_json::json!(["RS256", "ES256", "PS256", "EdDSA"])),
    ] {
        assert_eq!(provider.pointer(path), Some(&expected), "{path}: {provider}");
    }
    place
        .ok_with(&[&SAVE[..], &["--client-secret-stdin", "--claim", "upn"]].concat(), "a secret of the corp");
    let said = place.ok(&["provider", "list"]);
    assert!(said.contains("upn") && !said.contains("a secret"), "{said}");
    place.ok(&[&SAVE[..], &["--no-client-secret", "--algorithm", "ES256", "--scope", "upn"]].concat());
    for (more, expected) in [
        (&["--algorithm", "HS256"][..], "`HS256` is no algorithm"),
        (&["--algorithm", "none"], "`none` is no algorithm"),
        (&["--issuer", "http://id.acme.example"], "https"),
        (&["--client-secret-stdin"], "no client secret"),
        (&["--client-secret-stdin", "--no-client-secret"], "cannot be used with"),
    ] {
        // The last of two values would be a slip: the issuer is replaced.
        let base = if more.contains(&"--issuer") { [&SAVE[..3], &SAVE[5..]].concat() } else { SAVE.to_vec() };
        let said = refused(place, &[&base, more].concat());
        assert!(said.contains(expected), "{more:?}: {said}");
    }
}

fn users_of_a_provider(place: &Place) {
    // A user of single sign-on has no password, and keeps the provider where it is.
    place.ok(&["user", "create", "dora@acme.example", "--sso", "corp"]);
    assert!(place.ok(&["user", "show", "dora@acme.example"]).contains("single sign-on: corp"));
    assert!(
        refused(place, &["user", "password", "dora@acme.example", "--generate"]).contains("single sign-on")
    );
    refused(place, &["provider", "remove", "corp"]);
    place.ok(&["user", "sign-in", "dora@acme.example", "--password"]);
    place.ok(&["provider", "remove", "corp"]);
    assert!(refused(place, &["user", "sign-in", "dora@acme.example", "--sso", "corp"]).contains("corp"));
    assert!(refused(place, &["user", "sign-in", "dora@acme.example"]).contains("required"));
    assert!(refused(place, &["user", "create", "eve@acme.example", "--sso", "nobody"]).contains("`nobody`"));
}

fn clients(place: &Place) {
    let made = json(place, &["client", "create", "storefront", "--retailer", "north"]);
    let secret = made.get("client_secret").and_then(Value::as_str).expect("a secret");
    assert!(secret.len() > 20, "{secret}");
    let said = place.ok(&["client", "list"]);
    assert!(said.contains("storefront") && said.contains("north") && !said.contains(secret), "{said}");
    assert!(refused(place, &["client", "create", "storefront", "--retailer", "north"]).contains("taken"));
    assert!(refused(place, &["client", "create", "x", "--retailer", "east"]).contains("`east`"));
    place.ok(&["client", "remove", "storefront"]);
    assert!(items(&json(place, &["client", "list"])).is_empty());
    assert!(refused(place, &["client", "remove", "storefront"]).contains("storefront"));
}

#[test]
fn providers_and_clients_through_a_server() {
    let place = company("ways-server");
    let _server = place.serve();
    providers_and_clients(&place);
}

#[test]
fn providers_and_clients_on_the_directory() {
    providers_and_clients(&company("ways-directory"));
}

#[test]
fn on_postgresql_a_secret_is_sealed_with_the_key_of_the_servers() {
    let Some(place) = Place::postgres("ways") else { return };
    place.init("acme", "ann@acme.example", "seven quiet lamps");
    let file = place.folder.0.join("sealing.key");
    let with_key = ["--client-secret-stdin", "--key-file", file.to_str().expect("text")];
    let save = |more: &[&str]| {
        let output = place.run_with(&[&SAVE[..], more].concat(), "a secret");
        (output.status.code(), text(&output.stderr))
    };
    let (code, said) = save(&with_key[..1]);
    assert!(code == Some(2) && said.contains("--key-file"), "{said}");
    // A mistyped name seals nothing.
    let (code, said) = save(&with_key);
    assert!(code == Some(2) && said.contains("there is no key file") && !file.exists(), "{said}");
    drop(Server::start(place.command(&["serve", "--listen", "127.0.0.1:0", with_key[1], with_key[2]])));
    assert_eq!(save(&with_key), (Some(0), String::new()));
}

#[test]
fn applications_links_and_passwords() {
    let place = company("links");
    place.ok_with(
        &[
            "user",
            "create",
            "shelf-robot",
            "--application",
            "--password-stdin",
            "--role",
            "api_user",
            "--everywhere",
        ],
        "seven loud clocks",
    );
    assert!(place.ok(&["user", "show", "shelf-robot"]).contains("application"));
    assert!(
        refused(&place, &["user", "create", "x", "--application", "--system"]).contains("cannot be used")
    );
    let server = place.serve();
    let orders = |(login, password)| ask(&server.url, &get(ORDERS, (login, password))).status;
    assert_eq!((orders(("shelf-robot", "seven loud clocks")), orders(CLEO)), (200, 200));
    // A link takes the password; it is shown once, with the time at which it ends.
    let link = json(&place, &["user", "link", CLEO.0]);
    let path = link.get("path").and_then(Value::as_str).expect("a path");
    assert!(path.starts_with("/link?code=") && path.len() > 40, "{path}");
    assert!(link.get("expires_at").is_some_and(Value::is_string), "{link}");
    assert_eq!(orders(CLEO), 401);
    assert!(!place.ok(&["audit", "export"]).contains(path.rsplit('=').next().expect("a code")));
    // What is made for a program holds; what is made for a person is changed before anything else.
    let made = |user: &str| {
        let reply = json(&place, &["user", "password", user, "--generate"]);
        reply.get("password").and_then(Value::as_str).expect("a password").to_owned()
    };
    let (robots, first) = (made("shelf-robot"), made(CLEO.0));
    assert_eq!((orders(("shelf-robot", &robots)), orders((CLEO.0, &first))), (200, 403));
    assert_eq!(orders((CLEO.0, "another")), 401);
}

fn orders_from(server: &Server, forwarded: Option<&str>) -> Answer {
    let header = forwarded.map(|list| ("X-Forwarded-For".to_owned(), list.to_owned()));
    let headers: Vec<_> = header.into_iter().chain([basic(CLEO.0, CLEO.1)]).collect();
    ask(&server.url, &request(&format!("GET {ORDERS}"), &headers, b""))
}

#[test]
fn an_address_counts_when_a_trusted_proxy_says_it() {
    let place = company("addresses");
    let serve =
        |more: &[&str]| Server::start(place.command(&[&["serve", "--listen", "127.0.0.1:0"], more].concat()));
    place.ok(&["user", "addresses", CLEO.0, "203.0.113.0/24", "2001:db8::7"]);
    assert!(place.ok(&["user", "show", CLEO.0]).contains("203.0.113.0/24, 2001:db8::7/128"));
    let trusting = serve(&["--trusted-proxies", "127.0.0.0/8, 10.0.0.0/8"]);
    // From elsewhere a password is as good as a wrong one, also in that whoever tries it often has to wait.
    let is = |answer: &Answer, let_in: bool| match let_in {
        true => answer.status == 200,
        false => matches!(answer.status, 401 | 429),
    };
    for (forwarded, let_in) in [
        (None, false),
        (Some("203.0.113.9"), true),
        (Some("2001:db8::7"), true),
        (Some("2001:db8::8"), false),
        (Some("203.0.113.9, 10.1.2.3"), true),
        // The nearest one that is no proxy of ours counts; what stands before it anybody could write.
        (Some("203.0.113.9, 198.51.100.1"), false),
        (Some("203.0.113.9, unknown"), false),
        (Some(""), false),
    ] {
        // Twice: what was verified before is remembered, and asked for its address all the same.
        for _ in 0..2 {
            let answer = orders_from(&trusting, forwarded);
            assert!(is(&answer, let_in), "{forwarded:?}: {answer:?}");
        }
    }
    // In force at once, both ways.
    place.ok(&["user", "addresses", CLEO.0, "--everywhere"]);
    assert_eq!(orders_from(&trusting, None).status, 200);
    place.ok(&["user", "addresses", CLEO.0, "203.0.113.9"]);
    assert!(is(&orders_from(&trusting, None), false));
    drop(trusting);
    // Nobody is a proxy unless the operator says so.
    let trusting_nobody = serve(&[]);
    assert!(is(&orders_from(&trusting_nobody, Some("203.0.113.9")), false));
    place.ok(&["user", "addresses", CLEO.0, "127.0.0.1"]);
    assert_eq!(orders_from(&trusting_nobody, Some("203.0.113.9")).status, 200);
    for (args, expected) in [
        (&["10.0.0.0/40"][..], "10.0.0.0/40"),
        (&["everywhere"], "`everywhere`"),
        (&[], "required"),
        (&["10.0.0.1", "--everywhere"], "cannot be used"),
    ] {
        let said = refused(&place, &[&["user", "addresses", CLEO.0], args].concat());
        assert!(said.contains(expected), "{args:?}: {said}");
    }
}

/// A token of the customer's, as API clients ask for it.
fn token(server: &Server, client: &Value) -> String {
    let of = |name: &str| client.get(name).and_then(Value::as_str).expect("text").to_owned();
    let form = format!(
        "grant_type=password&username={}&password={}&client_id={}&client_secret={}&scope=api",
        CLEO.0.replace('@', "%40"),
        CLEO.1.replace(' ', "+"),
        of("client_id"),
        of("client_secret")
    );
    let headers = [("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
    let answer = ask(&server.url, &request("POST /oauth/token", &headers, form.as_bytes()));
    assert_eq!(answer.status, 200, "{answer:?}");
    let body: Value = serde_json::from_str(&answer.body).expect("JSON");
    body.get("access_token").and_then(Value::as_str).expect("a token").to_owned()
}

fn orders_with(server: &Server, token: &str) -> u16 {
    let headers = [("Authorization".to_owned(), format!("Bearer {token}"))];
    ask(&server.url, &request(&format!("GET {ORDERS}"), &headers, b"")).status
}

#[test]
fn tokens_are_listed_ended_and_told_in_the_audit() {
    let place = company("tokens");
    let server = Server::start(place.command(&["serve", "--listen", "127.0.0.1:0", "--node", "shop-1"]));
    let client = json(&place, &["client", "create", "storefront", "--retailer", "north"]);
    let (one, two) = (token(&server, &client), token(&server, &client));
    assert_eq!((orders_with(&server, &one), orders_with(&server, &two)), (200, 200));
    let listed = json(&place, &["user", "tokens", CLEO.0]);
    assert!(!listed.to_string().contains(&one), "{listed}");
    let ids: Vec<&str> = items(&listed).iter().filter_map(|t| t.get("id")?.as_str()).collect();
    assert!(ids.len() >= 2, "{listed}");
    let first = ids.first().expect("one");
    place.ok(&["user", "end-token", CLEO.0, first]);
    let left = [orders_with(&server, &one), orders_with(&server, &two)];
    assert!(left.contains(&200) && left.contains(&401) || left == [200, 200], "{left:?}");
    for id in ids.iter().skip(1) {
        place.ok(&["user", "end-token", CLEO.0, id]);
    }
    assert_eq!((orders_with(&server, &one), orders_with(&server, &two)), (401, 401));
    assert!(items(&json(&place, &["user", "tokens", CLEO.0])).is_empty());
    assert!(refused(&place, &["user", "end-token", CLEO.0, first]).contains("no such session or token"));
    assert!(refused(&place, &["user", "end-token", CLEO.0, "one"]).contains("one"));

    // The sign-ins have a chain of their own, of this node.
    let said = place.ok(&["audit", "verify"]);
    let lines: Vec<&str> = said.lines().collect();
    let [access, sign_ins] = lines[..] else { panic!("{said}") };
    assert!(access.starts_with("unbroken: "), "{said}");
    let (chain, verdict) = sign_ins.split_once(": ").expect("a chain and a verdict");
    assert!(chain.contains("shop-1") && verdict.starts_with("unbroken: "), "{said}");
    let head = verdict.rsplit(' ').next().expect("a head");
    assert_eq!(place.ok(&["audit", "verify", "--chain", chain, "--head", head]).trim(), verdict);
    assert_eq!(
        place.ok(&["audit", "list", "--chain", "sign_in"]),
        place.ok(&["audit", "list", "--chain", chain])
    );
    let entries = place.ok(&["audit", "export", "--chain", chain]);
    assert!(entries.contains("127.0.0.1") && entries.contains(CLEO.0), "{entries}");
    for secret in [&one, &two, CLEO.1] {
        assert!(!entries.contains(secret), "{entries}");
    }
    assert!(
        refused(&place, &["audit", "list", "--chain", "nothing"]).contains("there is no chain `nothing`")
    );
    drop(server);
    assert_eq!(place.ok(&["audit", "export", "--chain", chain]), entries, "the same without the server");
}

/// What a server says that must not start. One that starts is ended, and the test with it.
fn refused_to_serve(place: &Place, flag: &str, value: &str) -> String {
    let mut command = place.command(&["serve", "--listen", "127.0.0.1:0", flag, value]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program runs");
    for _ in 0..200 {
        if child.try_wait().expect("a child").is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    drop(child.kill());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(2), "{flag} {value}: {}", text(&output.stderr));
    text(&output.stderr)
}

#[test]
fn flags_of_serve_that_cannot_be_are_told_before_anything_is_made() {
    let place = Place::sqlite("flags");
    let key = place.folder.0.join("bad.key");
    std::fs::write(&key, "a letter").expect("a file");
    for (flag, value, expected) in [
        ("--trusted-proxies", "10.0.0.0/40", "`10.0.0.0/40` is no address and no network"),
        ("--trusted-proxies", "10.0.0.1,,::1", "is no address and no network"),
        ("--trusted-proxies", "proxy.example", "expected such as 10.0.0.0/8"),
        ("--key-file", key.to_str().expect("text"), "64 hexadecimal digits"),
        ("--key-file", "/nowhere/at/all.key", "/nowhere/at/all.key"),
        ("--argon2-memory-kib", "1024", "it is 19456 to"),
        ("--argon2-passes", "1", "it is 2 to 64"),
        ("--argon2-lanes", "0", "it is 1 to 16"),
        ("--argon2-lanes", "many", "invalid"),
        ("--session-idle-s", "1", "idle is 60 s to"),
        ("--session-s", "60", "out of range"),
        ("--node", "a/b", "`a/b` is no name of a node"),
        ("--base-url", "http://shop.example", "http is for loopback"),
    ] {
        let said = refused_to_serve(&place, flag, value);
        assert!(said.contains(expected), "{flag} {value}: {said}");
        assert!(
            said.contains(flag) || matches!(flag, "--key-file" | "--base-url") || flag.contains("argon2"),
            "{said}"
        );
    }
    // The same from the environment.
    let mut command = place.command(&["serve", "--listen", "127.0.0.1:0"]);
    let output = command.env("KEYWARD_ALLOW_PRIVATE_PROVIDERS", "perhaps").output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("perhaps"), "{}", text(&output.stderr));
    assert!(!place.data().exists(), "nothing was made");
}
