//! The command line: exit statuses, errors that say what to do, one owner of a data directory, recovery.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Place, text};

fn company(what: &str) -> Place {
    let place = Place::sqlite(what);
    place.init("acme", "ann@acme.example", "seven quiet lamps");
    for args in [
        &["retailer", "create", "north", "--default-channel", "web"][..],
        &["retailer", "create", "south", "--default-channel", "web"],
        &["location", "create", "leeds", "--retailer", "north"],
        &["location", "create", "dover", "--retailer", "south"],
        &["user", "create", "bea@acme.example", "--role", "vendor", "--location", "leeds"],
    ] {
        place.ok(args);
    }
    place
}

/// What a command that must fail with status 2 says.
fn refused(place: &Place, args: &[&str]) -> String {
    let output = place.run(args);
    assert_eq!(output.status.code(), Some(2), "{args:?}: {}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stderr)
}

#[test]
fn check_exits_with_0_1_and_2() {
    let place = company("check");
    let code = |args: &[&str]| place.run(args).status.code();
    assert_eq!(code(&["check", "bea@acme.example", "FULFILMENT_UPDATE", "--location", "leeds"]), Some(0));
    assert_eq!(code(&["check", "bea@acme.example", "FULFILMENT_UPDATE", "--location", "dover"]), Some(1));
    for wrong in [
        &["check", "nobody@acme.example", "FULFILMENT_UPDATE", "--location", "leeds"][..],
        &["check", "bea@acme.example", "FULFILMENT_FLY", "--location", "leeds"],
        &["check", "bea@acme.example", "FULFILMENT_UPDATE", "--location", "atlantis"],
        &["check", "bea@acme.example", "FULFILMENT_UPDATE", "--location", "leeds", "--retailer", "south"],
        &["check", "bea@acme.example", "FULFILMENT_UPDATE", "--location", "leeds", "--application", "fax"],
        &["check", "bea@acme.example", "ORDER_VIEW", "--entity", "unicorn", "--retailer", "north"],
    ] {
        assert_eq!(code(wrong), Some(2), "{wrong:?}");
    }
}

#[test]
fn errors_say_what_is_wrong_and_change_nothing() {
    let place = company("errors");
    let before = place.ok(&["--json", "export"]);
    for (args, expected) in [
        (&["grant", "add", "--role", "vendor", "bea@acme.example"][..], "say where it holds"),
        (
            &["grant", "add", "--role", "wizard", "bea@acme.example", "--retailer", "north"],
            "no role `wizard`",
        ),
        (
            &[
                "grant",
                "add",
                "--role",
                "vendor",
                "bea@acme.example",
                "--retailer",
                "north",
                "--location",
                "dover",
            ],
            "another retailer",
        ),
        (&["user", "create", "ann@acme.example"], "taken"),
        (&["user", "create", "till-1", "--role", "client_viewer", "--retailer", "north"], "e-mail"),
        (&["user", "disable", "ann@acme.example"], "without an active user who holds every permission"),
        (&["user", "remove", "ann@acme.example"], "without an active user who holds every permission"),
        (&["role", "edit", "vendor", "--add", "ORDER_VIEW"], "built-in"),
        (&["role", "create", "night", "ORDER_FLY"], "no permission `ORDER_FLY`"),
        (&["permission", "add", "flying"], "NOUN_VERB"),
        (&["grant", "remove", "bea@acme.example", "gra_999"], "no grant of this user"),
        (&["location", "create", "leeds", "--retailer", "north"], "taken"),
        (&["user", "edit", "bea@acme.example", "--time-zone", "Lima"], "such as America/Lima"),
        (&["user", "edit", "bea@acme.example", "--time-zone", "+05:30"], "`+05:30` is no time zone"),
        (&["user", "create", "x@acme.example", "--time-zone", "Mars/Olympus"], "such as Europe/Paris"),
        (&["user", "edit", "bea@acme.example", "--language", "de"], "one of en-GB, en-US"),
        (
            &[
                "user",
                "create",
                "x@acme.example",
                "--role",
                "vendor",
                "--retailer",
                "north",
                "--valid-until",
                "soon",
            ],
            "no instant",
        ),
    ] {
        let said = refused(&place, args);
        assert!(said.contains(expected), "{args:?}: {said}");
    }
    assert_eq!(place.ok(&["--json", "export"]), before);
}

#[test]
fn an_edit_of_nothing_is_refused() {
    let place = company("nothing");
    for args in [
        &["user", "edit", "bea@acme.example"][..],
        &["role", "edit", "vendor"],
        &["retailer", "edit", "north"],
        &["location", "edit", "leeds"],
        &["grant", "change", "bea@acme.example", "gra_4"],
    ] {
        let said = refused(&place, args);
        assert!(said.contains("required"), "{args:?}: {said}");
    }
    let said = refused(&place, &["audit", "verify", "--head", "f00d"]);
    assert!(said.contains("`f00d` is no head"), "{said}");
}

#[test]
fn a_profile_keeps_what_an_edit_does_not_name() {
    let place = company("profile");
    let user = |login: &str| -> serde_json::Value {
        let shown = place.ok(&["--json", "user", "show", login]);
        serde_json::from_str::<serde_json::Value>(&shown).expect("JSON")["user"].clone()
    };
    let told = |login: &str| {
        let user = user(login);
        ["name", "email", "language", "time_zone"]
            .map(|name| user[name].as_str().unwrap_or("none").to_owned())
    };
    place.ok(&[
        "user",
        "create",
        "zoe@acme.example",
        "--language",
        "EN-us",
        "--time-zone",
        "america/new_york",
    ]);
    assert_eq!(told("zoe@acme.example")[2..], ["en-US", "America/New_York"]);
    let bea = "bea@acme.example";
    assert_eq!(told(bea)[2..], ["none", "none"]);
    place.ok(&["user", "edit", bea, "--time-zone", "Europe/Paris"]);
    place.ok(&["user", "edit", bea, "--language", "en-US"]);
    place.ok(&["user", "edit", bea, "--name", "Bea Fischer"]);
    place.ok(&["user", "edit", bea, "--email", "b@acme.example"]);
    assert_eq!(told(bea), ["Bea Fischer", "b@acme.example", "en-US", "Europe/Paris"]);
    let shown = place.ok(&["user", "show", bea]);
    assert!(shown.contains("language: en-US") && shown.contains("time zone: Europe/Paris"), "{shown}");
    // A file of users says neither: what somebody chose stays.
    let folder = &place.folder.0;
    std::fs::write(folder.join("users.csv"), "login,name\nbea@acme.example,Bea F.\n").expect("a file");
    let mapping = folder.join("map.toml");
    let text =
        "[[users]]\nfile = \"users.csv\"\nlogin = \"{login}\"\nname = \"{name}\"\nemail = \"{login}\"\n";
    std::fs::write(&mapping, text).expect("a mapping");
    place.ok(&["import", "--mapping", mapping.to_str().expect("text"), folder.to_str().expect("text")]);
    assert_eq!(told(bea), ["Bea F.", bea, "en-US", "Europe/Paris"]);
    let export = place.ok(&["--json", "export"]);
    assert!(export.contains("\"time_zone\":\"Europe/Paris\""), "{export}");
    place.ok(&["user", "edit", bea, "--language", "", "--time-zone", ""]);
    assert_eq!(told(bea)[2..], ["none", "none"]);
    let shown = place.ok(&["user", "show", bea]);
    assert!(!shown.contains("language") && !shown.contains("time zone"), "{shown}");
}

#[test]
fn json_says_all_as_a_star_and_names_grants_by_their_ids() {
    let place = company("json");
    let grants: serde_json::Value =
        serde_json::from_str(&place.ok(&["--json", "grant", "list", "bea@acme.example"])).expect("JSON");
    let of = |name: &str| grants.pointer(&format!("/items/0/{name}")).cloned();
    assert_eq!(of("locations"), Some(serde_json::json!(["loc_1"])));
    assert_eq!(of("channels"), Some(serde_json::json!("*")));
    let answer = place.ok(&["--json", "check", "bea@acme.example", "FULFILMENT_VIEW", "--location", "leeds"]);
    let answer: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
    let expected = serde_json::json!({ "code": "granted", "grant": of("id") });
    assert_eq!(answer.get("reason"), Some(&expected));
}

#[test]
fn a_removed_login_stays_reserved() {
    let place = company("reserved");
    place.ok(&["user", "remove", "bea@acme.example"]);
    assert!(refused(&place, &["user", "create", "BEA@acme.example"]).contains("stays reserved"));
    assert_eq!(
        place.run(&["check", "bea@acme.example", "FULFILMENT_VIEW", "--location", "leeds"]).status.code(),
        Some(2)
    );
}

#[test]
fn commands_go_through_the_socket_of_a_running_server() {
    let place = company("socket");
    let server = place.serve();
    place.ok(&["user", "disable", "bea@acme.example"]);
    let denied = place.run(&["check", "bea@acme.example", "FULFILMENT_UPDATE", "--location", "leeds"]);
    assert_eq!(denied.status.code(), Some(1));
    // A second server on the same directory is refused, with the reason.
    let second = place.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.status.code(), Some(2));
    assert!(text(&second.stderr).contains("owns"), "{}", text(&second.stderr));
    server.kill();
    // What the killed server left behind is in nobody's way.
    place.ok(&["user", "enable", "bea@acme.example"]);
}

#[test]
fn a_missing_directory_says_how_to_begin() {
    let place = Place::sqlite("missing");
    assert!(refused(&place, &["user", "list"]).contains("keyward init"));
    assert!(!place.data().join("keyward.db").exists());
}

#[test]
fn a_file_that_is_no_database_is_told_and_left_alone() {
    let place = Place::sqlite("garbage");
    std::fs::create_dir_all(place.data()).expect("a folder");
    let file = place.data().join("keyward.db");
    std::fs::write(&file, "this is a letter, not a database, and it is long enough to look at")
        .expect("a file");
    let said = refused(&place, &["user", "list"]);
    assert!(said.contains("database"), "{said}");
    assert!(std::fs::read_to_string(&file).expect("the file").starts_with("this is a letter"));
}

#[test]
fn a_bad_row_is_named_and_nothing_is_written() {
    let place = company("import");
    let folder = &place.folder.0;
    std::fs::write(
        folder.join("stores.csv"),
        "site,ref,kind\nnorth,hull,store\neast,bath,store\nnorth,usr_1,store\n",
    )
    .expect("a file");
    let mapping = folder.join("map.toml");
    let text = "[[locations]]\nfile = \"stores.csv\"\nretailer = \"{site}\"\nref = \"{ref}\"\nname = \"{ref}\"\nkind = \"{kind}\"\n";
    std::fs::write(&mapping, text).expect("a mapping");
    let before = place.ok(&["--json", "export"]);
    let args = ["import", "--mapping", mapping.to_str().expect("text"), folder.to_str().expect("text")];
    let said = refused(&place, &args);
    assert!(said.contains("stores.csv:3") && said.contains("east"), "{said}");
    assert!(said.contains("stores.csv:4") && said.contains("usr_1"), "{said}");
    assert_eq!(place.ok(&["--json", "export"]), before);
}

#[test]
fn the_same_on_postgresql() {
    let Some(place) = Place::postgres("cli") else { return };
    place.init("acme", "ann@acme.example", "seven quiet lamps");
    place.ok(&["retailer", "create", "north", "--default-channel", "web"]);
    let server = place.serve();
    place.ok(&["user", "create", "bea@acme.example", "--role", "customer_service", "--retailer", "north"]);
    let args = ["check", "bea@acme.example", "ORDER_VIEW", "--retailer", "north", "--channel", "web"];
    place.ok(&args);
    place.ok(&["user", "disable", "bea@acme.example"]);
    assert_eq!(place.run(&args).status.code(), Some(1));
    place.ok(&["audit", "verify"]);
    drop(server);
}
