//! One user's six kinds of credential, got over HTTP as people and clients get them, and the requests that show them.

#![allow(dead_code, reason = "each test file uses a part of it")]

use crate::common::http::{Answer, Connection, ask, basic, request};
use crate::common::{Place, Server};
use serde_json::{Value, json};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

pub(crate) const ADMIN: (&str, &str) = ("ann@acme.example", "seven quiet lamps");
pub(crate) const PASSWORD: &str = "eleven tin whistles";
const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
/// How often a server may be too busy for one request, before that is a fault.
const BUSY_MAX: u32 = 2_000;
/// Longest pause after as many wrong passwords as are shown here, and some.
const PAUSE_S_MAX: u32 = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The cookie of a session of the Order Management Center, on a page.
    Session,
    /// The cookie of a session of the Store App, on a page of it.
    Store,
    /// Login and password with every request.
    Basic,
    /// An access token of a client.
    Access,
    /// A refresh token, exchanged for the next pair again and again, and the access token of the newest pair.
    Refresh,
    /// A long-duration token.
    Long,
}

impl Kind {
    pub(crate) const ALL: [Self; 6] =
        [Self::Session, Self::Store, Self::Basic, Self::Access, Self::Refresh, Self::Long];
}

/// A company and the servers that it runs.
pub(crate) struct Company {
    pub(crate) place: Place,
    pub(crate) servers: Vec<Server>,
    users: AtomicU32,
}

impl Company {
    /// On one server, or on two when it is kept in PostgreSQL.
    pub(crate) fn new(place: Place) -> Self {
        place.init("acme", ADMIN.0, ADMIN.1);
        place.ok(&["retailer", "create", "north", "--default-channel", "web"]);
        let servers = serve(&place);
        Self { place, servers, users: AtomicU32::new(0) }
    }

    /// Its servers are killed, and others started after `meanwhile`.
    pub(crate) fn restart(&mut self, meanwhile: impl FnOnce(&Place)) {
        self.servers.drain(..).for_each(Server::kill);
        meanwhile(&self.place);
        self.servers = serve(&self.place);
    }

    pub(crate) fn server(&self, number: usize) -> &Server {
        self.servers.get(number % self.servers.len()).expect("a server")
    }

    pub(crate) fn url(&self) -> &str {
        &self.server(0).url
    }

    /// What an administrator does with a user over the API.
    pub(crate) fn manage(&self, line: &str, body: &str) -> Value {
        let answer =
            ask(self.url(), &request(line, &[basic(ADMIN.0, ADMIN.1), kind_of(JSON)], body.as_bytes()));
        assert_eq!(answer.status, 200, "{line}: {answer:?}");
        serde_json::from_str(&answer.body).expect("JSON")
    }

    /// How many pairs of access and refresh token a user has.
    pub(crate) fn pairs_of(&self, held: &Held) -> usize {
        let listed = self.manage(&format!("GET /api/v1/users/{}/tokens", held.login), "");
        let items = listed.get("items").and_then(Value::as_array).expect("items");
        items.iter().filter(|item| item.get("kind") == Some(&json!("pair"))).count()
    }
}

fn serve(place: &Place) -> Vec<Server> {
    // Each connection says where it comes from, so that the failures of one are not held against the next.
    let serve = ["serve", "--listen", "127.0.0.1:0", "--trusted-proxies", "127.0.0.0/8"];
    let mut servers = vec![Server::start(place.command(&serve))];
    if let Some(url) = &place.url {
        let mut second = Command::new(env!("CARGO_BIN_EXE_keyward"));
        second.arg("--database-url").arg(url).args(serve).args(["--node", "second"]);
        servers.push(Server::start(second));
    }
    servers
}

fn kind_of(media_type: &str) -> (String, String) {
    ("Content-Type".to_owned(), media_type.to_owned())
}

fn header(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

/// As forms are written; more is escaped than need be.
fn encoded(fields: &[(&str, &str)]) -> String {
    let escape = |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    let pairs: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
    pairs.join("&")
}

fn text_at(body: &str, name: &str) -> String {
    let value: Value = serde_json::from_str(body).expect("JSON");
    value.get(name).and_then(Value::as_str).unwrap_or_else(|| panic!("no {name} in {body}")).to_owned()
}

/// What the addresses of an application begin with, and the cookie of its sessions.
type Door = (&'static str, &'static str);
pub(crate) const OMC: Door = ("", "keyward-omc");
const STORE: Door = ("/store", "keyward-store");

/// The cookie of the session that an answer leads on with.
pub(crate) fn set_by(answer: &Answer, name: &str) -> String {
    let cookie = answer.cookies.iter().find(|cookie| cookie.starts_with(&format!("{name}=")));
    assert_eq!(answer.status, 303, "{answer:?}");
    cookie.unwrap_or_else(|| panic!("no {name}: {answer:?}")).clone()
}

/// A browser with one cookie of ours.
pub(crate) struct Browser<'c> {
    url: &'c str,
    from: String,
    pub(crate) cookie: String,
}

impl<'c> Browser<'c> {
    pub(crate) fn new(url: &'c str, from: &str, cookie: &str) -> Self {
        Self { url, from: from.to_owned(), cookie: cookie.to_owned() }
    }

    fn headers(&self) -> Vec<(String, String)> {
        vec![header("Cookie", &self.cookie), header("X-Forwarded-For", &self.from)]
    }

    /// A page with a form, and that form sent. Cookies that the page sets are kept for the form.
    pub(crate) fn send(&mut self, (page, form): (&str, &str), fields: &[(&str, &str)]) -> Answer {
        let shown = ask(self.url, &request(&format!("GET {page}"), &self.headers(), b""));
        assert_eq!(shown.status, 200, "{shown:?}");
        if let Some(cookie) = shown.cookies.first() {
            self.cookie.clone_from(cookie);
        }
        let csrf =
            shown.body.split_once("name=\"csrf\" value=\"").and_then(|(_, rest)| rest.split('"').next());
        let fields = [&[("csrf", csrf.expect("a form"))], fields].concat();
        let mut headers = self.headers();
        headers.extend([header("Origin", self.url), kind_of(FORM)]);
        ask(self.url, &request(&format!("POST {form}"), &headers, encoded(&fields).as_bytes()))
    }

    /// Signs in; the cookie is that of the session from here on.
    pub(crate) fn sign_in(url: &'c str, from: &str, (prefix, name): Door, login: &str) -> Self {
        let (mut browser, page) = (Self::new(url, from, "none="), format!("{prefix}/sign-in"));
        let entered = browser.send((&page, &page), &[("login", login), ("password", PASSWORD)]);
        browser.cookie = set_by(&entered, name);
        browser
    }
}

/// What `POST /oauth/token` gives.
#[derive(Clone)]
pub(crate) struct Pair {
    access: String,
    refresh: String,
}

impl Pair {
    fn of(answer: &Answer) -> Self {
        let of = |name| text_at(&answer.body, name);
        Self { access: of("access_token"), refresh: of("refresh_token") }
    }
}

/// An API client: its id and its secret.
#[derive(Clone)]
struct Client(String, String);

impl Client {
    fn token(&self, fields: &[(&str, &str)], from: &str) -> Vec<u8> {
        let fields = [fields, &[("client_id", &self.0), ("client_secret", &self.1)]].concat();
        let headers = [kind_of(FORM), header("X-Forwarded-For", from)];
        request("POST /oauth/token", &headers, encoded(&fields).as_bytes())
    }
}

/// The credentials of one user.
pub(crate) struct Held {
    pub(crate) login: String,
    pub(crate) password: String,
    /// Where the user comes from who types the password.
    pub(crate) home: String,
    number: u32,
    client: Client,
    pub(crate) session: String,
    pub(crate) session_id: String,
    store: String,
    pub(crate) access: String,
    pub(crate) long: String,
    pub(crate) long_id: String,
    /// One for each connection that exchanges it: a refresh token is good once.
    pub(crate) pairs: Vec<Pair>,
}

impl Held {
    /// A new user of the customer service and of the stores who may use the API, with a client of their own and all
    /// that opens it.
    pub(crate) fn new(company: &Company, pairs: usize) -> Self {
        let number = company.users.fetch_add(1, Ordering::SeqCst);
        let (login, home) = (format!("user-{number}@acme.example"), format!("10.{number}.1.1"));
        let create = ["user", "create", &login, "--password-stdin", "--retailer", "north"];
        let roles = ["--role", "customer_service", "--role", "vendor", "--role", "api_user"];
        company.place.ok_with(&[&create[..], &roles].concat(), PASSWORD);
        let id = format!("shop-{number}");
        let made = company.place.ok(&["--json", "client", "create", &id, "--retailer", "north"]);
        let client = Client(id, text_at(&made, "client_secret"));
        let url = company.url();
        let session = Browser::sign_in(url, &home, OMC, &login).cookie;
        let sign_in = [("grant_type", "password"), ("username", &login), ("password", PASSWORD)];
        let pair = || {
            let answer = ask(url, &client.token(&sign_in, &home));
            assert_eq!(answer.status, 200, "{answer:?}");
            Pair::of(&answer)
        };
        let (access, pairs) = (pair().access, (0..pairs).map(|_| pair()).collect());
        let headers = [basic(&login, PASSWORD), header("X-Forwarded-For", &home), kind_of(JSON)];
        let long = ask(url, &request("POST /api/v1/me/tokens", &headers, br#"{"label":"hammer"}"#));
        assert_eq!(long.status, 201, "{long:?}");
        let listed = ask(url, &request("GET /api/v1/me/tokens", &headers, b"")).body;
        let session_id = id_of_the_session(&listed);
        let store = Browser::sign_in(url, &home, STORE, &login).cookie;
        let (long, long_id) = (text_at(&long.body, "token"), text_at(&long.body, "id"));
        let password = PASSWORD.to_owned();
        Self {
            login,
            password,
            home,
            number,
            client,
            session,
            session_id,
            store,
            access,
            long,
            long_id,
            pairs,
        }
    }

    pub(crate) fn client_id(&self) -> &str {
        &self.client.0
    }

    /// A second session of the same user.
    pub(crate) fn sign_in_again<'c>(&self, url: &'c str) -> Browser<'c> {
        Browser::sign_in(url, &self.home, OMC, &self.login)
    }

    /// What their owner sees of their sessions and tokens over the API; the list is no use of any.
    pub(crate) fn listed(&self, url: &str) -> Vec<Value> {
        let headers = [basic(&self.login, &self.password), header("X-Forwarded-For", &self.home)];
        let answer = ask(url, &request("GET /api/v1/me/tokens", &headers, b""));
        assert_eq!(answer.status, 200, "{answer:?}");
        let listed: Value = serde_json::from_str(&answer.body).expect("JSON");
        listed.get("items").and_then(Value::as_array).expect("items").clone()
    }

    /// Exchanges the refresh token that one of the pairs began with, as whoever stole it would.
    pub(crate) fn exchange_first_of(&self, url: &str, pair: usize) -> Answer {
        let stolen = &self.pairs.get(pair).expect("a pair").refresh;
        let fields = [("grant_type", "refresh_token"), ("refresh_token", stolen)];
        ask(url, &self.client.token(&fields, &format!("10.{}.3.1", self.number)))
    }
}

fn id_of_the_session(listed: &str) -> String {
    let listed: Value = serde_json::from_str(listed).expect("JSON");
    let items = listed.get("items").and_then(Value::as_array).expect("items");
    let sessions: Vec<_> = items.iter().filter(|item| item.get("kind") == Some(&json!("session"))).collect();
    let [session] = sessions[..] else { panic!("{listed}") };
    session.get("id").and_then(Value::as_str).expect("an id").to_owned()
}

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ask {
    /// My information.
    Page,
    Orders,
    /// Whether oneself may view an order.
    Evaluation,
    /// A refresh token for the next pair.
    Exchange,
}

/// What an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    In,
    Out,
    /// Out for now, after wrong passwords; what was verified before never hears this.
    Wait,
    /// Too many sign-ins at once: neither yes nor no.
    Busy,
}

impl Ask {
    /// Whether the user was let in. Anything else is a fault of the server.
    fn heard(self, answer: &Answer) -> Heard {
        let says = |text: &str| answer.body.contains(text);
        match (self, answer.status) {
            (Self::Page | Self::Orders | Self::Exchange, 200) => Heard::In,
            (Self::Evaluation, 200) if says("\"decision\":true") => Heard::In,
            (Self::Page, 303) if leads_to_sign_in(answer) => Heard::Out,
            (Self::Orders | Self::Evaluation, 401) => Heard::Out,
            (Self::Exchange, 400) if says("invalid_grant") => Heard::Out,
            (Self::Exchange, 401) if says("invalid_client") => Heard::Out,
            (Self::Orders | Self::Evaluation | Self::Exchange, 429) => Heard::Wait,
            (_, 503) => Heard::Busy,
            _ => panic!("{self:?}: {answer:?}"),
        }
    }
}

fn leads_to_sign_in(answer: &Answer) -> bool {
    ["/sign-in", "/store/sign-in"].iter().any(|to| answer.head.contains(&format!("\r\nlocation: {to}")))
}

/// One connection's way of asking.
pub(crate) struct Probe<'h> {
    pub(crate) kind: Kind,
    held: &'h Held,
    pub(crate) pair: Pair,
    from: String,
    round: usize,
}

impl<'h> Probe<'h> {
    /// Connections of the same kind are told apart by their numbers; each begins with another request.
    pub(crate) fn new(held: &'h Held, kind: Kind, number: usize) -> Self {
        let pair = held.pairs.get(number % held.pairs.len()).expect("a pair").clone();
        // Passwords are shown at home alone: where their user signed in, nobody waits for the failures of others.
        let from =
            if kind == Kind::Basic { held.home.clone() } else { format!("10.{}.2.{number}", held.number) };
        let round = if kind == Kind::Refresh { 0 } else { number };
        Self { kind, held, pair, from, round }
    }

    /// Asks by `send`, again while the server is too busy to say yes or no.
    pub(crate) fn ask(&mut self, mut send: impl FnMut(&[u8]) -> Answer) -> Heard {
        for _ in 0..BUSY_MAX {
            let (bytes, asked) = self.next();
            let answer = send(&bytes);
            let heard = asked.heard(&answer);
            if heard == Heard::Busy {
                std::thread::sleep(Duration::from_millis(5));
                continue;
            }
            self.round += 1;
            if asked == Ask::Exchange && heard == Heard::In {
                self.pair = Pair::of(&answer);
            }
            return heard;
        }
        panic!("{:?}: too busy {BUSY_MAX} times", self.kind)
    }

    /// [`Self::ask`] on a new connection.
    pub(crate) fn ask_anew(&mut self, url: &str) -> Heard {
        self.ask(|bytes| Connection::open(url).ask(bytes).expect("an answer"))
    }

    /// [`Self::ask_anew`], once the pause after wrong passwords is over.
    pub(crate) fn ask_patiently(&mut self, url: &str) -> Heard {
        for _ in 0..PAUSE_S_MAX * 20 {
            match self.ask_anew(url) {
                Heard::Wait => std::thread::sleep(Duration::from_millis(50)),
                heard => return heard,
            }
        }
        Heard::Wait
    }

    fn page(&self, path: &str, cookie: &str) -> Vec<u8> {
        let headers = [header("Cookie", cookie), header("X-Forwarded-For", &self.from)];
        request(&format!("GET {path}"), &headers, b"")
    }

    fn next(&self) -> (Vec<u8>, Ask) {
        let (held, even) = (self.held, self.round.is_multiple_of(2));
        let credential = match self.kind {
            Kind::Session => return (self.page("/me", &held.session), Ask::Page),
            Kind::Store => return (self.page("/store/me", &held.store), Ask::Page),
            Kind::Refresh if even => {
                let fields = [("grant_type", "refresh_token"), ("refresh_token", &self.pair.refresh)];
                return (held.client.token(&fields, &self.from), Ask::Exchange);
            }
            Kind::Basic => basic(&held.login, &held.password),
            Kind::Access => header("Authorization", format!("Bearer {}", held.access)),
            Kind::Refresh => header("Authorization", format!("Bearer {}", self.pair.access)),
            Kind::Long => header("Authorization", format!("Bearer {}", held.long)),
        };
        let headers = [credential, header("X-Forwarded-For", &self.from), kind_of(JSON)];
        let orders = if self.kind == Kind::Refresh { self.round % 4 == 1 } else { even };
        if orders {
            return (request("GET /api/v1/orders?limit=1", &headers, b""), Ask::Orders);
        }
        let question = json!({
            "subject": {"type": "user", "id": held.login}, "action": {"name": "ORDER_VIEW"},
            "resource": {"type": "order", "id": "any", "properties": {"retailer": "north", "channel": "web"}},
        });
        let body = question.to_string();
        (request("POST /access/v1/evaluation", &headers, body.as_bytes()), Ask::Evaluation)
    }
}
