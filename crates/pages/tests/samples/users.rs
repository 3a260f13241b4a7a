//! The users, one user, and what is done with one.

use pages::*;

use super::{Sample, Words, Written, add};

pub(super) fn pages(words: Words, pages: &mut Vec<Sample>) -> Written {
    users(words, pages)?;
    user(words, pages)?;
    new_user(words, pages)?;
    acts(words, pages)
}

fn moment() -> Moment {
    Moment::of(1_793_714_759_000_000, &Clock::default())
}

/// Users with each status, each with an id of its own.
fn rows(words: Words) -> Vec<UserListRow> {
    let row = |status, roles: &[&str], more| UserListRow {
        id: String::new(),
        login: words.say("bea@acme.example"),
        name: words.say("Bea Fischer"),
        email: words.say("bea@acme.example"),
        status,
        kind: words.say("Person, password"),
        roles: roles.iter().map(|role| words.say(role)).collect(),
        more,
    };
    let all = [StatusWord::Enabled, StatusWord::Disabled, StatusWord::Deprovisioned, StatusWord::Removed];
    let mut rows: Vec<_> = all.map(|status| row(status, &["Customer service: north"], 2)).into();
    rows.push(row(StatusWord::Enabled, &[], 0));
    let own = |(number, row)| UserListRow { id: format!("usr_{number}"), ..row };
    rows.into_iter().enumerate().map(own).collect()
}

fn users(words: Words, pages: &mut Vec<Sample>) -> Written {
    let choices =
        |all: &[&str]| all.iter().map(|name| (words.say(name), words.say(name))).collect::<Vec<_>>();
    let page = |filters, rows: Vec<UserListRow>, total, page, last| Users {
        frame: words.frame_of_office("/users"),
        notice: (page == 2).then(|| Notice::new(Tone::Good, words.say("The access is taken."))),
        store: None,
        may_create: total > 0,
        filters,
        statuses: vec![
            (String::new(), words.say("All"), total),
            (words.say("disabled"), words.say("Disabled"), 3),
        ],
        applications: choices(&["", "omc"]),
        sign_ins: choices(&["", "sso"]),
        kinds: choices(&["", "person"]),
        sizes: choices(&["10", "25"]),
        columns: vec![("login", "Login"), ("name", "Name"), ("email", "E-mail")],
        acts: if total > 0 { choices(&["disable", "give"]) } else { vec![] },
        rows,
        total,
        page,
        pages: last,
        bulk: BulkForm::default(),
    };
    let filters = UserFilters {
        q: Input::of(words.say("bea")),
        sort: words.say("-login"),
        rows: "5".to_owned(),
        status: words.say("disabled"),
        ..UserFilters::default()
    };
    let wrong = || Input::wrong(words.say("east"), words.say("There is none of this ref."));
    let bulk = BulkForm {
        act: words.say("give"),
        role: wrong(),
        site: wrong(),
        ticked: vec!["usr_1".to_owned(), "usr_3".to_owned()],
    };
    let ticked = Users { bulk, ..page(filters.clone(), rows(words), 1_014, 2, 203) };
    add(pages, "users-ticked", &ticked)?;
    add(pages, "users", &page(filters.clone(), rows(words), 1_014, 2, 203))?;
    add(pages, "users-nobody", &page(filters.clone(), vec![], 0, 1, 1))?;
    add(pages, "users-empty", &page(UserFilters::default(), vec![], 0, 1, 1))?;
    let wrong = UserFilters {
        q: wrong(),
        site: wrong(),
        location: wrong(),
        channel: wrong(),
        role: wrong(),
        ..filters
    };
    add(pages, "users-wrong", &page(wrong, vec![], 0, 1, 1))
}

fn grants(words: Words) -> Vec<GrantRow> {
    let grant = |id: &str, validity: Option<&str>| GrantRow {
        id: id.to_owned(),
        application: words.say("Order Management Center"),
        role: words.say("Customer service"),
        role_key: words.say("customer_service"),
        scope: words.say("north, of locations leeds alone"),
        validity: validity.map(|text| words.say(text)),
        taken: validity.is_none(),
    };
    vec![grant("gra_1", None), grant("gra_2", Some("Until 3 Nov 2026, 14:05 UTC"))]
}

pub(super) fn effective(words: Words) -> EffectiveTable {
    let cell = |level, limits: Option<&str>, why: &[&str]| EffectiveCell {
        level,
        limits: limits.map(|text| words.say(text)),
        why: why.iter().map(|id| ((*id).to_owned(), words.say("Customer service: north"))).collect(),
    };
    let cells =
        vec![cell(Level::Some, None, &["gra_2"]), cell(Level::Write, Some("at Leeds"), &["gra_1", "gra_2"])];
    EffectiveTable {
        columns: vec![words.say("All sites"), words.say("North")],
        groups: vec![("Order Management Center", vec![EffectiveRow { module: words.say("Orders"), cells }])],
        beyond: 3,
    }
}

fn all_wrong(words: Words) -> AssignForm {
    let wrong = || Input::wrong(words.say("east"), words.say("There is none of this ref."));
    AssignForm {
        role: wrong(),
        site: wrong(),
        locations: wrong(),
        narrow: true,
        channels: wrong(),
        from: wrong(),
        until: wrong(),
    }
}

fn user(words: Words, pages: &mut Vec<Sample>) -> Written {
    let token = |id: &str, used| UserTokenRow {
        id: words.say(id),
        kind: words.say("Session"),
        application: words.say("API"),
        made: moment(),
        used,
        address: words.say("203.0.113.9"),
        browser: words.say("Chrome on Linux"),
    };
    let page = |status, fixed: Option<&str>, tokens, shows_tokens| UserPage {
        frame: words.frame_of_office("/users"),
        notice: Some(Notice::new(Tone::Good, words.say("The profile is saved."))),
        id: words.say("usr_12"),
        version: words.say("0123456789abcdef"),
        profile: Profile {
            login: words.say("bea@acme.example"),
            name: Input::of(words.say("Bea Fischer")),
            email: Input::wrong(words.say("bea"), words.say("An e-mail address looks like name@host.")),
            language: Input::wrong("en-US", words.say("Now it is: English (UK)")),
            time_zone: Input::of(""),
        },
        status,
        kind: words.say("Person, password"),
        has_password: fixed.is_none(),
        removable: fixed.is_none(),
        fixed: fixed.map(|text| words.say(text)),
        manages: fixed.is_none(),
        applications: vec!["Store App", "Order Management Center", "API"],
        places: places(words),
        grants: grants(words),
        hidden: 2,
        strength: (status == StatusWord::Enabled).then_some("An administrator."),
        called: words.say("Bea Fischer"),
        effective: Some(effective(words)),
        tokens,
        shows_tokens,
        history: Some("usr_12,rol_5".to_owned()),
    };
    let tokens = Listed { rows: vec![token("tok_1", None), token("tok_2", Some(moment()))], total: 70 };
    add(pages, "user", &page(StatusWord::Enabled, None, Some(tokens.clone()), false))?;
    add(pages, "user-sessions", &page(StatusWord::Enabled, None, Some(tokens), true))?;
    add(pages, "user-no-session", &page(StatusWord::Disabled, None, Some(Listed::whole(vec![])), true))?;
    let fixed = page(StatusWord::Removed, Some("You may look, not change."), None, false);
    add(pages, "user-fixed", &UserPage { places: vec![], grants: vec![], effective: None, ..fixed })
}

fn places(words: Words) -> Vec<PlaceRow> {
    let held = |grant: &str, validity: Option<&str>| Held {
        grant: grant.to_owned(),
        wider: validity.is_some(),
        role: words.say("Vendor"),
        role_key: words.say("vendor"),
        limits: Some(words.say("Only Leeds, York")),
        validity: validity.map(|text| words.say(text)),
    };
    let row =
        |reference: &str, held| PlaceRow { place: words.say("North"), reference: words.say(reference), held };
    vec![
        row("*", vec![None, None, Some(held("gra_7", None))]),
        row("north", vec![Some(held("gra_8", Some("Until 3 Nov 2026"))), None, None]),
    ]
}

fn choice(words: Words, key: &str, why_not: Option<&str>) -> RoleChoice {
    let title = words.say("Vendor manager");
    RoleChoice {
        key: words.say(key),
        title,
        chosen: key.is_empty(),
        why_not: why_not.map(|text| words.say(text)),
    }
}

fn at_a_place(words: Words, pages: &mut Vec<Sample>) -> Written {
    let own = |word, locked: Option<&str>, role_error: Option<&str>, places| ApplicationAccess {
        word,
        application: "Store App",
        locked: locked.map(|text| words.say(text)),
        now: locked.map(|_| words.say("Vendor")),
        roles: vec![
            choice(words, "", None),
            choice(words, "vendor", None),
            choice(words, "manager", Some("It is stronger than your own rank.")),
        ],
        role_error: role_error.map(|text| words.say(text)),
        places,
        validity: Some(words.say("Until 3 Nov 2026")),
    };
    let listed = |listed, fixed| PlacesField {
        what: "stock locations",
        suggested: "location",
        only: true,
        listed,
        besides: Some(words.say("Also limited to web, which stays.")),
        fixed,
    };
    let wrong = Input::wrong(words.say("east"), words.say("There is no stock location east."));
    let page = |notice, applications, other_active_site| UserAccess {
        frame: words.frame_of_office("/users"),
        notice,
        id: words.say("usr_12"),
        login: words.say("bea@acme.example"),
        version: words.say("0123456789abcdef"),
        place: words.say("North"),
        reference: words.say("north"),
        applications,
        other_active_site,
        changed_meanwhile: other_active_site,
    };
    let first = vec![
        own("store_app", None, None, Some(listed(Input::of(words.say("leeds, york")), false))),
        own("omc", Some("Held on all sites."), None, None),
    ];
    add(pages, "user-access", &page(None, first, false))?;
    let second = vec![
        own("store_app", None, Some("Choose one of the list."), Some(listed(wrong, false))),
        own("omc", None, None, Some(listed(Input::of(words.say("leeds")), true))),
    ];
    add(pages, "user-access-wrong", &page(Some(Notice::fields_are_wrong()), second, true))?;
    let assign = |site, sites| UserAssign {
        frame: words.frame_of_office("/users"),
        id: words.say("usr_12"),
        login: words.say("bea@acme.example"),
        site,
        sites,
    };
    let sites = vec![(words.say("north"), words.say("North"))];
    add(pages, "user-assign", &assign(Input::default(), sites))?;
    let wrong = Input::wrong(words.say("east"), words.say("There is no site of this ref."));
    add(pages, "user-assign-wrong", &assign(wrong, vec![]))
}

fn new_user(words: Words, pages: &mut Vec<Sample>) -> Written {
    let wrong = || Input::wrong(words.say("x"), words.say("There is none of this key."));
    let new = |notice, who, assign| UserNew {
        frame: words.frame_of_office("/users"),
        notice,
        who,
        assign,
        kinds: vec![(words.say("person"), words.say("Person"))],
        ways: vec![(words.say("invitation"), words.say("By a link"))],
    };
    add(pages, "user-new", &new(None, NewUserForm::default(), AssignForm::default()))?;
    let all = NewUserForm {
        login: wrong(),
        name: wrong(),
        email: wrong(),
        like: wrong(),
        ..NewUserForm::default()
    };
    add(pages, "user-new-wrong", &new(Some(Notice::fields_are_wrong()), all, all_wrong(words)))
}

fn lines(words: Words) -> Vec<ConfirmLine> {
    let detail = |title: &str, names: &[&str], more| ConfirmDetail {
        title: words.say(title),
        names: names.iter().map(|name| words.say(name)).collect(),
        more,
    };
    let opened = ConfirmLine {
        sentence: words.say("3 users gain ORDER_UPDATE and 7 more permissions at Leeds."),
        details: vec![
            detail("8 permissions", &["ORDER_UPDATE", "ORDER_VIEW"], 0),
            detail("3 users", &["ada@acme.example"], 2),
            detail("2 users", &[], 2),
        ],
    };
    vec![words.say("1 user is disabled and loses everything.").into(), opened]
}

fn acts(words: Words, pages: &mut Vec<Sample>) -> Written {
    let confirm = Confirm {
        frame: words.frame_of_office("/users"),
        heading: words.say("Disable bea@acme.example?"),
        paragraphs: vec![words.say("2 sessions and 1 token end at once.")],
        facts: vec![("Role", words.say("Customer service"))],
        lines: lines(words),
        action: "/users/usr_12/disable".to_owned(),
        fields: vec![("version", words.say("0123"))],
        choices: vec![
            ("link".to_owned(), words.say("By a link")),
            ("generated".to_owned(), words.say("By a password")),
        ],
        asks_reason: true,
        button: "Disable",
        danger: true,
        again: true,
        cancel: "/users/usr_12".to_owned(),
    };
    add(pages, "user-confirm", &confirm)?;
    at_a_place(words, pages)?;
    let form = |grant, assign| GrantForm {
        frame: words.frame_of_office("/users"),
        notice: Some(Notice::fields_are_wrong()),
        id: "usr_12".to_owned(),
        login: words.say("bea@acme.example"),
        version: words.say("0123"),
        grant,
        assign,
    };
    let changed = grants(words).pop();
    add(pages, "user-grant-change", &form(changed, AssignForm::default()))?;
    add(pages, "user-grant-give", &form(None, all_wrong(words)))?;
    let shown = |until| ShownOnce {
        frame: words.frame_of_office("/users"),
        login: words.say("bea@acme.example"),
        account: Some(words.say("acme")),
        secret: words.say("https://access.shop.example/link?code=kwl_1"),
        until,
        back: "/users/usr_12".to_owned(),
    };
    let told = |tone, lines| Told {
        frame: words.frame_of_office("/users"),
        heading: words.say("Disable"),
        notice: Notice::new(tone, words.say("Done for 1 of 2 users.")),
        lines,
        back: "/users".to_owned(),
    };
    add(
        pages,
        "users-told",
        &told(Tone::Warn, vec![words.say("Not sam: nobody changes their own status.")]),
    )?;
    add(pages, "users-done", &told(Tone::Good, vec![]))?;
    add(pages, "user-link", &shown(Some(moment())))?;
    add(pages, "user-password", &shown(None))
}
