//! The pages of users in the Store App, as a vendor manager sees them.

use pages::*;

use super::{Sample, Words, Written, add};

pub(super) fn pages(words: Words, pages: &mut Vec<Sample>) -> Written {
    let pair = |value: &str, title: &str| (words.say(value), words.say(title));
    for (name, stores) in
        [("store-choice", vec![pair("leeds", "Leeds"), pair("york", "York")]), ("store-choice-none", vec![])]
    {
        let frame = Frame { sites: None, ..words.frame_of_store() };
        add(pages, name, &StoreChoice { frame, stores })?;
    }
    add(pages, "store-users", &users(words))?;
    add(pages, "store-user", &user(words))?;
    new_user(words, pages)
}

fn users(words: Words) -> Users {
    let pair = |value: &str, title: &str| (words.say(value), words.say(title));
    let row = |id: &str, status| UserListRow {
        id: id.to_owned(),
        login: words.say("bea@acme.example"),
        name: words.say("Bea Fischer"),
        email: words.say("bea@acme.example"),
        status,
        kind: words.say("Person, password"),
        roles: vec![words.say("Vendor: north, only at leeds")],
        more: 1,
    };
    Users {
        frame: words.frame_of_store(),
        notice: None,
        store: Some(words.say("Leeds")),
        may_create: true,
        filters: UserFilters {
            q: Input::of(words.say("bea")),
            sort: words.say("-login"),
            rows: "10".to_owned(),
            ..UserFilters::default()
        },
        statuses: vec![
            (String::new(), words.say("All"), 2),
            (words.say("disabled"), words.say("Disabled"), 1),
        ],
        applications: vec![],
        sign_ins: vec![],
        kinds: vec![],
        sizes: vec![pair("10", "10")],
        columns: vec![("login", "Login"), ("name", "Name"), ("email", "E-mail")],
        acts: vec![pair("disable", "Disable"), pair("enable", "Enable")],
        rows: vec![row("usr_1", StatusWord::Enabled), row("usr_2", StatusWord::Disabled)],
        total: 2,
        page: 1,
        pages: 1,
        bulk: BulkForm::default(),
    }
}

fn user(words: Words) -> UserPage {
    let grant = GrantRow {
        id: "gra_1".to_owned(),
        application: words.say("Store App"),
        role: words.say("Vendor"),
        role_key: words.say("vendor"),
        scope: words.say("north, only at leeds"),
        validity: None,
        taken: true,
    };
    let held = Held {
        grant: "gra_2".to_owned(),
        wider: false,
        role: words.say("Vendor"),
        role_key: words.say("vendor"),
        limits: None,
        validity: None,
    };
    UserPage {
        frame: words.frame_of_store(),
        notice: Some(Notice::new(Tone::Good, words.say("The user is made."))),
        id: words.say("usr_12"),
        version: words.say("0123456789abcdef"),
        profile: Profile {
            login: words.say("bea@acme.example"),
            name: Input::of(words.say("Bea Fischer")),
            email: Input::of(words.say("bea@acme.example")),
            language: Input::of("en-GB"),
            time_zone: Input::of(words.say("Europe/London")),
        },
        status: StatusWord::Enabled,
        kind: words.say("Person, password"),
        has_password: true,
        removable: false,
        fixed: None,
        manages: true,
        applications: vec!["Store App"],
        places: vec![PlaceRow {
            place: words.say("Leeds"),
            reference: words.say("leeds"),
            held: vec![Some(held)],
        }],
        grants: vec![grant],
        hidden: 1,
        strength: None,
        called: words.say("Bea Fischer"),
        effective: None,
        tokens: Some(Listed::whole(vec![])),
        shows_tokens: false,
        history: None,
    }
}

fn new_user(words: Words, pages: &mut Vec<Sample>) -> Written {
    let wrong = || Input::wrong(words.say("x"), words.say("It is taken."));
    let new = |notice, who| StoreUserNew {
        frame: words.frame_of_store(),
        notice,
        store: words.say("Leeds"),
        who,
        role: words.say("vendor"),
        roles: vec![
            (words.say("vendor"), words.say("Vendor")),
            (words.say("vendor_manager"), words.say("Vendor manager")),
        ],
        ways: vec![(words.say("invitation"), words.say("By a link"))],
    };
    add(pages, "store-user-new", &new(None, NewUserForm::default()))?;
    let all = NewUserForm { login: wrong(), name: wrong(), email: wrong(), ..NewUserForm::default() };
    add(pages, "store-user-new-wrong", &new(Some(Notice::fields_are_wrong()), all))
}
