//! Wrong input: whatever comes over HTTP, a clear refusal of the right status answers it, nothing is told of others,
//! and the server goes on.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use common::http::{Answer, Connection, ask, basic, get, post, request};
use common::{Place, Server};
use serde_json::{Value, json};

/// Two accounts, each with a user of the same login; asking about others is for the enforcer of the south.
const ANN: (&str, &str) = ("acme/ann@acme.example", "seven quiet lamps");
const ANN_OF_BETA: (&str, &str) = ("beta/ann@acme.example", "other quiet lamps");
const CLEO: (&str, &str) = ("acme/cleo@acme.example", "nine green doors");
const DORA: (&str, &str) = ("acme/dora@acme.example", "five loud clocks");
const EVALUATION: &str = "/access/v1/evaluation";
const EVALUATIONS: &str = "/access/v1/evaluations";
const ORDERS: &str = "/api/v1/orders";

fn two_accounts(what: &str) -> (Place, Server) {
    let place = Place::sqlite(what);
    place.init("acme", "ann@acme.example", ANN.1);
    place.init("beta", "ann@acme.example", ANN_OF_BETA.1);
    place.ok(&["--account", "beta", "retailer", "create", "elsewhere"]);
    let on = |args: &[&str]| place.ok(&[&["--account", "acme"], args].concat());
    on(&["retailer", "create", "north", "--default-channel", "web"]);
    on(&["retailer", "create", "south", "--default-channel", "web"]);
    on(&["location", "create", "leeds", "--retailer", "north"]);
    for (login, password, role, retailer) in [
        ("cleo@acme.example", CLEO.1, "customer_service", "north"),
        ("dora@acme.example", DORA.1, "ENFORCER", "south"),
    ] {
        let create = ["--account", "acme", "user", "create", login, "--password-stdin", "--role", role];
        place.ok_with(&[&create[..], &["--role", "api_user", "--retailer", retailer]].concat(), password);
    }
    let trusting = ["serve", "--listen", "127.0.0.1:0", "--trusted-proxies", "127.0.0.1"];
    let server = Server::start(place.command(&trusting));
    (place, server)
}

/// May `user` view orders there?
fn question(user: &str, properties: &Value) -> Value {
    json!({
        "subject": {"type": "user", "id": user}, "action": {"name": "ORDER_VIEW"},
        "resource": {"type": "order", "id": "any", "properties": properties},
    })
}

fn north() -> Value {
    question("ann@acme.example", &json!({"retailer": "north", "channel": "web"}))
}

/// The question with one member replaced.
fn with(path: &str, value: Value) -> String {
    let mut asked = north();
    *asked.pointer_mut(path).expect("a member") = value;
    asked.to_string()
}

fn expect(what: &str, answer: &Answer, status: u16, said: &str) {
    assert_eq!(answer.status, status, "{what}: {answer:?}");
    assert!(answer.body.contains(said), "{what}: {}", answer.body);
    assert!(status < 500 || status == 503, "{what}");
}

fn still_serves(server: &Server) {
    expect("after all that", &ask(&server.url, &post(EVALUATION, ANN, &north().to_string())), 200, "true");
}

#[test]
fn bodies_that_cannot_be_used_are_told() {
    let (_place, server) = two_accounts("bodies");
    let whole = north().to_string();
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(200), "]".repeat(200));
    for (body, said) in [
        ("", "empty"),
        ("{", "cannot be read"),
        ("[]", "no JSON object"),
        ("null", "no JSON object"),
        (&format!("\u{feff}{whole}"), "cannot be read"),
        (&format!("{whole}{whole}"), "trailing"),
        (&"[".repeat(100_000), "recursion"),
        (&deep, "recursion"),
        ("{\"subject\":{},\"subject\":{}}", "twice"),
        ("{\"subject\":{\"type\":\"user\",\"id\":\"\\ud800\"}}", "cannot be read"),
        ("{\"subject\":\"\0\"}", "cannot be read"),
        ("{}", "`subject` is missing"),
        (&with("/subject/type", json!("group")), "it is `user`"),
        (&with("/subject", json!([])), "no object"),
        (&with("/action/name", json!(7)), "no text"),
        (&with("/action/name", json!("ORDER_FLY")), "no permission `ORDER_FLY`"),
        (&with("/resource/type", json!("unicorn")), "it is one of"),
        (&with("/resource/properties", Value::Null), "no object"),
        (&with("/resource/properties", json!({"retailer": ["north"]})), "no text"),
        (&with("/resource/properties", json!({"retailer": ""})), "no retailer"),
        (&with("/resource/properties", json!({"retailer": "r".repeat(500_000)})), "no retailer `rrr"),
        (
            &with("/resource/properties", json!({"retailer": "south", "location": "leeds"})),
            "another retailer",
        ),
    ] {
        let answer = ask(&server.url, &post(EVALUATION, ANN, body));
        let what: String = body.chars().take(60).collect();
        expect(&what, &answer, 400, said);
        assert!(answer.body.len() < 1_000, "{what}: a refusal does not repeat what came");
        assert!(answer.head.contains("text/plain"), "{what}: {}", answer.head);
    }
    let not_text = [&b"{\"subject\":{\"type\":\"user\",\"id\":\"\xff\"}}"[..]].concat();
    let headers = [basic(ANN.0, ANN.1), ("Content-Type".into(), "application/json".into())];
    let answer = ask(&server.url, &request(&format!("POST {EVALUATION}"), &headers, &not_text));
    expect("not UTF-8", &answer, 400, "UTF-8");
    for kind in ["text/plain", "application/jsonx", "application/x-www-form-urlencoded", ""] {
        let headers = [basic(ANN.0, ANN.1), ("Content-Type".into(), kind.into())];
        let answer = ask(&server.url, &request(&format!("POST {EVALUATION}"), &headers, whole.as_bytes()));
        expect(kind, &answer, 400, "application/json");
    }
    still_serves(&server);
}

#[test]
fn bodies_are_bounded_however_they_are_framed() {
    let (_place, server) = two_accounts("framing");
    let (name, value) = basic(ANN.0, ANN.1);
    let head = |framing: &str| {
        format!(
            "POST {EVALUATION} HTTP/1.1\r\nHost: x\r\n{name}: {value}\r\nContent-Type: application/json\r\n{framing}\r\n\r\n"
        )
    };
    let send = |framing: &str, body: &str| {
        let mut connection = Connection::open(&server.url);
        connection.ask(format!("{}{body}", head(framing)).as_bytes()).expect("an answer")
    };
    let chunk = |body: &str| format!("{:x}\r\n{body}\r\n", body.len());
    let whole = north().to_string();
    expect("chunked", &send("Transfer-Encoding: chunked", &(chunk(&whole) + "0\r\n\r\n")), 200, "true");
    expect("announced", &send("Content-Length: 10000000", ""), 413, "bytes");
    expect("announced", &send("Content-Length: 9223372036854775807", ""), 413, "bytes");
    let mib = chunk(&"a".repeat(1_048_576));
    expect("chunked", &send("Transfer-Encoding: chunked", &(mib + "1\r\na\r\n")), 413, "bytes");
    for framing in ["Content-Length: -1", "Content-Length: 5\r\nContent-Length: 6", "Transfer-Encoding: gzip"]
    {
        expect(framing, &send(framing, ""), 400, "");
    }
    expect("a chunk without a size", &send("Transfer-Encoding: chunked", "zz\r\nabc"), 400, "");
    expect("neither length nor chunks", &send("X: y", ""), 400, "empty");
    let mut broken = Connection::open(&server.url);
    broken.send((head("Content-Length: 900") + &whole).as_bytes());
    // Nobody waits for the rest of that body meanwhile.
    still_serves(&server);
    broken.end_sending();
    expect("a body that breaks off", &broken.read().expect("an answer"), 400, "broke off");
}

#[test]
fn ten_megabytes_are_refused_and_the_server_goes_on() {
    let (_place, server) = two_accounts("large");
    let body = format!("{{\"x\":\"{}\"}}", "a".repeat(10_000_000));
    for _ in 0..3 {
        // The refusal may be lost on the way when the server closes before all was sent.
        if let Ok(answer) = Connection::open(&server.url).ask(&post(EVALUATION, ANN, &body)) {
            assert!(answer.status == 413 || answer.status == 0, "{answer:?}");
        }
        still_serves(&server);
    }
}

#[test]
fn names_of_others_are_unknown() {
    let (_place, server) = two_accounts("foreign");
    let nobody = "unknown_user";
    for user in
        ["usr_999999", "usr_0", "usr_-1", "usr_01", "usr_99999999999999999999", "a\0b", "zoe@x.example", ""]
    {
        let answer = ask(&server.url, &post(EVALUATION, ANN, &with("/subject/id", json!(user))));
        expect(user, &answer, 200, nobody);
    }
    for properties in [
        json!({"retailer": "elsewhere"}),
        json!({"retailer": "ret_99999"}),
        json!({"location": "loc_99999"}),
        json!({"retailer": "north", "channel": "chn_99999"}),
    ] {
        let answer = ask(&server.url, &post(EVALUATION, ANN, &with("/resource/properties", properties)));
        expect("a place of another account", &answer, 400, "in this account");
    }
    let two = ask(&server.url, &post(EVALUATION, ANN_OF_BETA, &north().to_string()));
    expect("the other account's administrator", &two, 400, "no retailer `north`");
}

#[test]
fn others_are_asked_about_only_with_decision_view_there() {
    let (_place, server) = two_accounts("others");
    let decide =
        |who: (&str, &str), asked: &Value| ask(&server.url, &post(EVALUATION, who, &asked.to_string()));
    let (here, there) =
        (json!({"retailer": "north", "channel": "web"}), json!({"retailer": "south", "channel": "web"}));
    expect("oneself", &decide(CLEO, &question("cleo@acme.example", &here)), 200, "true");
    expect("oneself elsewhere", &decide(CLEO, &question("cleo@acme.example", &there)), 200, "not_here");
    for user in ["ann@acme.example", "usr_1", "nobody@acme.example"] {
        for place in [&here, &there, &json!({})] {
            expect("without DECISION_VIEW", &decide(CLEO, &question(user, place)), 403, "DECISION_VIEW");
        }
        expect("where it is not held", &decide(DORA, &question(user, &here)), 403, "DECISION_VIEW");
        expect("where nothing is said", &decide(DORA, &question(user, &json!({}))), 403, "DECISION_VIEW");
        expect("where it is held", &decide(DORA, &question(user, &there)), 200, "decision");
    }
    // A user as resource has no place: what is sent as one does not bring them near.
    let mut about_user = question("cleo@acme.example", &there);
    about_user["resource"] = json!({"type": "user", "id": "cleo@acme.example", "properties": there});
    about_user["action"]["name"] = json!("USER_VIEW");
    expect("a user of the north", &decide(DORA, &about_user), 403, "DECISION_VIEW");
    // Why not is told without the grants that they have elsewhere.
    let mut why = question("cleo@acme.example", &there);
    why["options"] = json!({"explain": true});
    let answer = decide(DORA, &why);
    expect("why not", &answer, 200, "no grant of the user holds ORDER_VIEW there");
    assert!(!answer.body.contains("north") && !answer.body.contains("customer_service"), "{answer:?}");
    expect(
        "why not, to the administrator",
        &decide(ANN, &why),
        200,
        "customer_service holds ORDER_VIEW over north",
    );
    // In a batch each question is judged by itself.
    let batch =
        json!({"evaluations": [question("ann@acme.example", &here), question("ann@acme.example", &there)]});
    let answer = ask(&server.url, &post(EVALUATIONS, DORA, &batch.to_string()));
    let answers: Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!(answers["evaluations"][0]["context"]["error"]["status"], 403, "{answer:?}");
    assert_eq!(answers["evaluations"][0]["decision"], false, "{answer:?}");
    assert_eq!(answers["evaluations"][1]["decision"], true, "{answer:?}");
}

#[test]
fn credentials_open_one_account_and_no_other() {
    let (_place, server) = two_accounts("accounts");
    let account = |name: &str| ("Keyward-Account".to_owned(), name.to_owned());
    // Each from an address of its own: many wrong passwords from one are answered by a pause.
    let visitors = std::cell::Cell::new(0);
    let sign_in = |headers: &[(String, String)]| {
        visitors.set(visitors.get() + 1);
        let from = ("X-Forwarded-For".to_owned(), format!("198.51.100.{}", visitors.get()));
        ask(&server.url, &request(&format!("GET {ORDERS}"), &[headers, &[from]].concat(), b""))
    };
    for (login, password, named, status) in [
        ("ann@acme.example", ANN.1, Some("acme"), 200),
        ("ANN@acme.example", ANN.1, Some("acc_1"), 200),
        ("acme/ann@acme.example", ANN.1, Some("acc_1"), 200),
        ("ann@acme.example", ANN.1, None, 400),
        ("ann@acme.example", ANN.1, Some("beta"), 401),
        ("ann@acme.example", ANN_OF_BETA.1, Some("acme"), 401),
        // The header and the login name two accounts: neither is opened, whoever's password it is.
        ("beta/ann@acme.example", ANN.1, Some("acme"), 401),
        ("beta/ann@acme.example", ANN_OF_BETA.1, Some("acme"), 401),
        ("acme/ann@acme.example", ANN.1, Some("beta"), 401),
        ("nowhere/ann@acme.example", ANN.1, Some("acme"), 401),
        ("nowhere/ann@acme.example", ANN.1, None, 401),
        ("acme/usr_1", ANN.1, None, 401),
        ("acme/cleo@acme.example", ANN.1, None, 401),
        ("acme/ann@acme.example\0", ANN.1, None, 401),
        ("acme/ann@acme.example", "seven quiet lamps ", None, 401),
        ("acme/", ANN.1, None, 401),
    ] {
        // Twice: what was verified before is remembered, and must not be remembered for others.
        for _ in 0..2 {
            let headers: Vec<_> = named.map(account).into_iter().chain([basic(login, password)]).collect();
            let answer = sign_in(&headers);
            assert_eq!(answer.status, status, "{login} {named:?}: {answer:?}");
            assert_eq!(answer.head.contains("www-authenticate: basic"), status == 401, "{answer:?}");
        }
    }
    let twice = [account("acme"), account("beta"), basic("ann@acme.example", ANN.1)];
    expect("two headers", &sign_in(&twice), 400, "twice");
    let twice = [basic(ANN.0, ANN.1), basic(CLEO.0, CLEO.1)];
    expect("two credentials", &sign_in(&twice), 400, "twice");
    for value in ["Basic", "Basic !!!", "Basic bm9jb2xvbg==", "Bearer x", "Basic \u{ff}", &"a".repeat(10_000)]
    {
        let answer = sign_in(&[("Authorization".to_owned(), value.to_owned())]);
        expect("no credentials", &answer, 401, "");
    }
    let answer = sign_in(&[("Authorization".to_owned(), "a".repeat(20_000))]);
    expect("a header without an end", &answer, 431, "16384 at most");
}

#[test]
fn addresses_methods_and_parameters() {
    let (_place, server) = two_accounts("addresses");
    for (path, status, said) in [
        // What is not for programs is a page.
        ("/", 303, ""),
        ("/nothing", 404, "<!"),
        ("/../etc/passwd", 404, ""),
        ("/api/v1/orders/", 404, ""),
        ("/api/v1//orders", 404, ""),
        ("/api/v1/orders/..", 404, "no such order"),
        ("/api/v1/orders/%2e%2e%2fx", 404, "no such order"),
        ("/api/v1/orders/%00", 404, "no such order"),
        ("/api/v1/orders/%ff", 400, "UTF-8"),
        ("/api/v1/orders/x?y", 400, "this address has none"),
        ("/api/v1/orders?x=1", 400, "there is no parameter `x`"),
        ("/api/v1/orders?limit=0", 400, "1 to 200"),
        ("/api/v1/orders?limit=201", 400, "1 to 200"),
        ("/api/v1/orders?limit=99999999999999999999999", 400, "1 to 200"),
        ("/api/v1/orders?limit=1&limit=2", 400, "twice"),
        ("/api/v1/orders?cursor=", 400, "no cursor"),
        ("/api/v1/orders?cursor=MQpj", 400, "no cursor"),
        ("/api/v1/orders?cursor=%00%ff", 400, "UTF-8"),
        ("/access/v1/evaluation-floor", 404, ""),
    ] {
        let answer = ask(&server.url, &get(path, ANN));
        expect(path, &answer, status, said);
        assert!(answer.head.contains("x-content-type-options: nosniff"), "{path}: {answer:?}");
        if path.starts_with("/api/") {
            assert!(answer.head.contains("application/problem+json"), "{path}: {answer:?}");
        }
    }
    for method in ["OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "BREW", "get", &"A".repeat(5_000)] {
        let answer = ask(&server.url, &request(&format!("{method} {ORDERS}"), &[], b""));
        expect(method, &answer, 405, "not answered here");
        assert!(answer.body.len() < 300 && answer.head.contains("allow: get"), "{answer:?}");
    }
    let many: Vec<_> = (0..1_000).map(|n| (format!("X-{n}"), "a".to_owned())).collect();
    expect("a thousand headers", &ask(&server.url, &request("GET /healthz", &many, b"")), 431, "");
    for raw in [
        "GET /healthz\r\n\r\n",
        "G\0T / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nX : y\r\n\r\n",
        "\u{16}\u{3}\u{1}\0\0",
    ] {
        let mut connection = Connection::open(&server.url);
        connection.send(raw.as_bytes());
        connection.end_sending();
        expect(raw, &connection.read().expect("an answer"), 400, "");
    }
    still_serves(&server);
}

#[test]
fn requests_that_come_together_or_never_end() {
    let (_place, server) = two_accounts("together");
    // Connections that say a part of a request and then nothing are in nobody's way.
    let half: Vec<Connection> = (0..300)
        .map(|_| {
            let mut connection = Connection::open(&server.url);
            connection.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: ");
            connection
        })
        .collect();
    let one = post(EVALUATION, ANN, &north().to_string());
    let mut connection = Connection::open(&server.url);
    connection.send(&one.repeat(50));
    for number in 0..50 {
        expect(&format!("request {number} of fifty"), &connection.read().expect("an answer"), 200, "true");
    }
    // What follows a refused body is the next request or nothing; never is the body one.
    let body = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
    let mut connection = Connection::open(&server.url);
    connection.send(&request(&format!("POST {EVALUATION}"), &[], body));
    connection.send(&get("/healthz", ANN));
    expect("no credentials", &connection.read().expect("an answer"), 401, "");
    let next = connection.read().unwrap_or_default();
    assert!(next.status == 0 || next.body == "alive\n", "{next:?}");
    drop(half);
}

#[test]
fn a_batch_is_bounded_and_answers_each_question() {
    let (_place, server) = two_accounts("batch");
    let send = |batch: Value| ask(&server.url, &post(EVALUATIONS, ANN, &batch.to_string()));
    let full = send(json!({"evaluations": vec![north(); 1_000]}));
    expect("a thousand", &full, 200, "");
    assert_eq!(full.body.matches("\"decision\":true").count(), 1_000);
    let above = json!({"subject": north()["subject"], "action": north()["action"], "evaluations": vec![json!({}); 1_001]});
    expect("one more", &send(above), 400, "1001");
    expect("no array", &send(json!({"evaluations": {}})), 400, "no array");
    let semantic = json!({"evaluations": [north()], "options": {"evaluations_semantic": "guess"}});
    expect("a semantic", &send(semantic), 400, "it is one of");
    let mixed = send(
        json!({"evaluations": [north(), 1, null, {}, [], question("ann@acme.example", &json!({"retailer": "x"}))]}),
    );
    expect("a mixture", &mixed, 200, "");
    let answers: Value = serde_json::from_str(&mixed.body).expect("JSON");
    let decisions: Vec<_> =
        answers["evaluations"].as_array().expect("answers").iter().map(|a| a["decision"] == true).collect();
    assert_eq!(decisions, [true, false, false, false, false, false], "{mixed:?}");
    assert_eq!(answers["evaluations"][5]["context"]["error"]["status"], 404, "{mixed:?}");
}

/// A mapping of locations, with another file name, retailer or section.
fn mapping(file: &str, more: &str) -> String {
    format!(
        "[[locations]]\nfile = \"{file}\"\nretailer = \"{{site}}\"\nref = \"{{ref}}\"\nname = \"{{ref}}\"\nkind = \"store\"\n{more}"
    )
}

#[test]
fn files_that_cannot_be_imported_are_told_and_nothing_is_written() {
    let place = Place::sqlite("files");
    place.init("acme", "ann@acme.example", ANN.1);
    place.ok(&["retailer", "create", "north", "--default-channel", "web"]);
    place.ok(&["retailer", "create", "south", "--default-channel", "web"]);
    place.ok(&["location", "create", "leeds", "--retailer", "north"]);
    let folder = place.folder.0.join("files");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(place.folder.0.join("outside.csv"), "site,ref\nnorth,hull\n").expect("a file");
    let before = place.ok(&["--json", "export"]);
    let locations = mapping("s.csv", "");
    let grants = "[[users]]\nfile = \"s.csv\"\nlogin = \"{ref}@x.example\"\nname = \"{ref}\"\n[[grants]]\nfile = \"s.csv\"\nlogin = \"{ref}@x.example\"\nrole = \"wizard\"\nretailers = [\"{site}\"]\nlocations = \"*\"\nchannels = \"*\"\n";
    let nowhere =
        grants.replace("wizard", "vendor").replace("locations = \"*\"", "locations = [\"atlantis\"]");
    let nothing = grants.replace("wizard", "vendor").replace("[\"{site}\"]", "[]");
    let orders = "[[orders]]\nfile = \"s.csv\"\nref = \"{ref}\"\nretailer = \"{site}\"\nchannel = \"web\"\nplaced_on = \"2024-01-01\"\ncurrency = \"USD\"\nstatus = \"NEW\"\n[[fulfilments]]\nfile = \"s.csv\"\norder = \"{ref}\"\nlocation = \"atlantis\"\nstatus = \"NEW\"\n";
    let good = &b"site,ref\nnorth,hull\n"[..];
    for (mapping, csv, said) in [
        (mapping("../outside.csv", "").as_str(), good, "is not a file of the import's folder"),
        (&mapping("/etc/passwd", ""), good, "is not a file of the import's folder"),
        (&mapping("missing.csv", ""), good, "missing.csv"),
        (&mapping("s.csv", "[[wizards]]\n"), good, "unknown field `wizards`"),
        ("locations", good, "map.toml"),
        (&locations, b"site,ref\nnorth,h\xffll\n", "s.csv:2: ref"),
        (&locations, b"\xff\xfes\0i\0t\0e\0", "UTF-8"),
        (&locations, b"", "is empty"),
        (&locations, b"site,ref\nnorth,\"hull\n", "never closed"),
        (&locations, b"site,ref\nnorth\n", "1 fields where the header has 2"),
        (&locations, b"site,ref\nnorth,hull\nnorth,ret_1\n", "s.csv:3"),
        (&locations, b"site,ref\nnorth,hull\nsouth,leeds\n", "another retailer"),
        (&locations, b"site,ref\nnorth,h\x1b[31mll\n", "control characters"),
        (&mapping("s.csv", grants), good, "wizard"),
        (&mapping("s.csv", &nowhere), good, "atlantis"),
        (&mapping("s.csv", &nothing), good, "never all"),
        (&mapping("s.csv", orders), good, "atlantis"),
    ] {
        std::fs::write(folder.join("s.csv"), csv).expect("a file");
        std::fs::write(folder.join("map.toml"), mapping).expect("a mapping");
        let map = folder.join("map.toml");
        let args = ["import", "--mapping", map.to_str().expect("text"), folder.to_str().expect("text")];
        let output = place.run(&args);
        let told = common::text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}: {told}");
        assert!(told.contains(said), "{said}: {told}");
        assert!(!told.contains('\u{1b}'), "what is in a file does not steer the terminal: {told:?}");
    }
    assert_eq!(place.ok(&["--json", "export"]), before);
    // A byte order mark is none of the first column's name.
    std::fs::write(folder.join("s.csv"), b"\xef\xbb\xbfsite,ref\r\nnorth,hull\r\n").expect("a file");
    std::fs::write(folder.join("map.toml"), &locations).expect("a mapping");
    let map = folder.join("map.toml");
    place.ok(&["import", "--mapping", map.to_str().expect("text"), folder.to_str().expect("text")]);
    assert!(place.ok(&["location", "list"]).contains("hull"));
}
