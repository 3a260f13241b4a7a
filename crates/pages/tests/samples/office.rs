//! The pages of the Order Management Center besides one's own.

use pages::*;

use super::{Sample, Words, Written, add};

pub(super) fn pages(words: Words, pages: &mut Vec<Sample>) -> Written {
    users(words, pages)?;
    user(words, pages)?;
    roles(words, pages)?;
    explain(words, pages)?;
    audit(words, pages)
}

fn roles(words: Words, pages: &mut Vec<Sample>) -> Written {
    let row = |key: &str, label: &str, rank, levels: &[Level]| RoleRow {
        key: words.say(key),
        label: words.say(label),
        rank,
        levels: levels.to_vec(),
    };
    let table = |title: &str, id, rows| RoleTable {
        title: words.say(title),
        id,
        modules: vec![words.say("Orders"), words.say("Stock")],
        rows,
    };
    let rows = vec![
        row("client_admin", "Client Admin", Some(0), &[Level::Write, Level::Write]),
        row("auditor", "Auditor", None, &[Level::Read, Level::None]),
    ];
    let found = |search: &str, tables, more| Roles {
        frame: words.frame_of_office("/roles"),
        search: words.say(search),
        tables,
        more,
        may_create: more > 0,
    };
    add(
        pages,
        "roles",
        &found("", vec![table("Order Management Center", "omc", rows), table("API", "api", vec![])], 7),
    )?;
    add(pages, "roles-none", &found("nothing", vec![table("API", "api", vec![])], 0))?;
    let group =
        PermissionGroup { noun: words.say("ORDER"), verbs: vec![words.say("VIEW"), words.say("UPDATE")] };
    let role = |built_in: bool, groups, search: &str| RolePage {
        frame: words.frame_of_office("/roles"),
        key: words.say("customer_service"),
        label: words.say("Customer service"),
        application: words.say("Order Management Center"),
        rank: built_in.then_some(4),
        built_in,
        every: built_in,
        modules: vec![(words.say("Orders"), Level::Write), (words.say("Stock"), Level::Read)],
        count: 2,
        search: words.say(search),
        groups,
        holders: built_in.then_some(12),
        may_copy: true,
        may_edit: !built_in,
    };
    let wrong = || Input::wrong(words.say("x"), words.say("There is none of this key."));
    let new = |from, key, called| RoleNew {
        frame: words.frame_of_office("/roles"),
        notice: Some(Notice::fields_are_wrong()),
        from,
        key,
        called,
        application: String::new(),
        applications: vec![(String::new(), words.say("In all applications"))],
    };
    add(pages, "role-new", &new(wrong(), wrong(), wrong()))?;
    let permission =
        |name: &str, verb: &str, held| EditPermission { name: name.to_owned(), verb: words.say(verb), held };
    let edited = |noun: &str| EditGroup {
        noun: words.say(noun),
        permissions: vec![
            permission(&format!("{noun}_VIEW"), "VIEW", true),
            permission(&format!("{noun}_UPDATE"), "UPDATE", false),
        ],
    };
    let edit = RoleEdit {
        frame: words.frame_of_office("/roles"),
        notice: None,
        key: words.say("auditor"),
        version: words.say("0123"),
        called: wrong(),
        modules: vec![(String::new(), words.say("None")), (words.say("orders"), words.say("Orders"))],
        levels: vec![(String::new(), words.say("as ticked below"))],
        groups: vec![edited("ORDER"), edited("STOCK")],
    };
    add(pages, "role-edit", &edit)?;
    add(pages, "role", &role(true, vec![group], ""))?;
    add(pages, "role-custom", &role(false, vec![], "refund"))
}

fn explain(words: Words, pages: &mut Vec<Sample>) -> Written {
    let choices =
        |all: &[&str]| all.iter().map(|name| (words.say(name), words.say(name))).collect::<Vec<_>>();
    let page = |form, answer| Explain {
        frame: words.frame_of_office("/explain"),
        form,
        entities: choices(&["order", "fulfilment"]),
        applications: choices(&["", "omc"]),
        answer,
    };
    let wrong = |value: &str| Input::wrong(words.say(value), words.say("There is none of this name."));
    let of = |value: &str| Input::of(words.say(value));
    let form = ExplainForm {
        user: of("bea@acme.example"),
        permission: of("ORDER_UPDATE"),
        entity: words.say("order"),
        retailer: of("north"),
        ..ExplainForm::default()
    };
    add(pages, "explain", &page(ExplainForm::default(), None))?;
    let all_wrong = ExplainForm {
        user: wrong("nobody"),
        permission: wrong("ORDER_EAT"),
        retailer: wrong("nowhere"),
        location: wrong("no store"),
        channel: wrong("no channel"),
        ..form.clone()
    };
    add(pages, "explain-wrong", &page(all_wrong, None))?;
    let opinion = |allows, verdict| OpinionRow {
        grant: words.say("gra_7"),
        role: words.say("Customer service"),
        role_key: words.say("customer_service"),
        scope: words.say("north, of locations leeds alone"),
        allows,
        verdict,
    };
    let answer = |allowed| ExplainAnswer {
        allowed,
        sentence: words.say("customer_service holds ORDER_UPDATE over north (gra_7)."),
        opinions: vec![opinion(allowed, "allows it"), opinion(false, "holds it at other sites")],
        total: if allowed { 2 } else { 70 },
        givers: if allowed {
            vec![]
        } else {
            vec![words.say("ann@acme.example"), words.say("cid@acme.example")]
        },
        revision: words.say("41"),
    };
    add(pages, "explain-allowed", &page(form.clone(), Some(answer(true))))?;
    add(pages, "explain-denied", &page(form, Some(answer(false))))
}

fn audit(words: Words, pages: &mut Vec<Sample>) -> Written {
    let page = |filters, entries, next| Audit {
        frame: words.frame_of_office("/audit"),
        filters,
        chains: vec![
            (words.say("access"), words.say("Changes of access")),
            (words.say("sign_in/one"), words.say("Sign-ins on one")),
        ],
        entries,
        looked_at: 50_000,
        next,
    };
    let fact = |before: Option<&str>, after: Option<&str>| FactRow {
        name: words.say("label"),
        before: before.map(|text| words.say(text)),
        after: after.map(|text| words.say(text)),
    };
    let row = |facts| AuditRow {
        number: 12,
        at: Moment::utc(1_793_714_759_000_000),
        who: words.say("ann@acme.example (usr_1)"),
        kind: words.say("role.edited"),
        target: words.say("rol_1001 auditor"),
        origin: words.say("203.0.113.9 (Order Management Center)"),
        facts,
    };
    let filters =
        AuditFilters { chain: words.say("access"), kind: words.say("role."), ..AuditFilters::default() };
    let facts = vec![fact(Some("Auditor"), Some("Auditors")), fact(None, Some("x")), fact(Some("y"), None)];
    add(pages, "audit", &page(filters.clone(), vec![row(facts), row(vec![])], Some(3)))?;
    add(pages, "audit-none", &page(filters.clone(), vec![], None))?;
    let wrong = || Some(words.say("This is no date: give it as 2026-11-03."));
    let wrong = AuditFilters { who_error: wrong(), from_error: wrong(), until_error: wrong(), ..filters };
    add(pages, "audit-wrong", &page(wrong, vec![], Some(3)))
}

fn users(words: Words, pages: &mut Vec<Sample>) -> Written {
    let choices =
        |all: &[&str]| all.iter().map(|name| (words.say(name), words.say(name))).collect::<Vec<_>>();
    let page = |filters, rows: Vec<UserListRow>, total, page, last| Users {
        frame: words.frame_of_office("/users"),
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
        rows,
        total,
        page,
        pages: last,
    };
    let row = |status, roles: &[&str], more| UserListRow {
        id: words.say("usr_12"),
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
    let filters = UserFilters {
        q: Input::of(words.say("bea")),
        sort: words.say("-login"),
        rows: "5".to_owned(),
        status: words.say("disabled"),
        ..UserFilters::default()
    };
    add(pages, "users", &page(filters.clone(), rows, 1_014, 2, 203))?;
    add(pages, "users-nobody", &page(filters.clone(), vec![], 0, 1, 1))?;
    add(pages, "users-empty", &page(UserFilters::default(), vec![], 0, 1, 1))?;
    let wrong = || Input::wrong(words.say("east"), words.say("There is none of this ref."));
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

fn user(words: Words, pages: &mut Vec<Sample>) -> Written {
    let moment = || Moment::utc(1_793_714_759_000_000);
    let grant = |id: &str, validity: Option<&str>| GrantRow {
        id: id.to_owned(),
        application: words.say("Order Management Center"),
        role: words.say("Customer service"),
        role_key: words.say("customer_service"),
        scope: words.say("north, of locations leeds alone"),
        validity: validity.map(|text| words.say(text)),
    };
    let cell = |level, limits: Option<&str>, why: &[&str]| EffectiveCell {
        level,
        limits: limits.map(|text| words.say(text)),
        why: why.iter().map(|id| words.say(id)).collect(),
    };
    let cells =
        || vec![cell(Level::None, None, &[]), cell(Level::Write, Some("at Leeds"), &["grn_1", "grn_2"])];
    let token = |id: &str, used| UserTokenRow {
        id: words.say(id),
        kind: words.say("Session"),
        application: words.say("API"),
        made: moment(),
        used,
        address: words.say("203.0.113.9"),
    };
    let page = |status, fixed: Option<&str>, assign, tokens| UserPage {
        frame: words.frame_of_office("/users"),
        notice: Some(Notice::new(Tone::Good, words.say("The profile is saved."))),
        id: words.say("usr_12"),
        version: words.say("0123456789abcdef"),
        profile: Profile {
            login: words.say("bea@acme.example"),
            name: Input::of(words.say("Bea Fischer")),
            email: Input::wrong(words.say("bea"), words.say("An e-mail address looks like name@host.")),
        },
        status,
        kind: words.say("Person, password"),
        has_password: fixed.is_none(),
        fixed: fixed.map(|text| words.say(text)),
        grants: vec![grant("grn_1", None), grant("grn_2", Some("Until 3 Nov 2026, 14:05 UTC"))],
        hidden: 2,
        assign,
        effective: EffectiveTable {
            columns: vec![words.say("All sites"), words.say("North")],
            rows: vec![EffectiveRow {
                module: words.say("Orders (Order Management Center)"),
                cells: cells(),
            }],
            beyond: 3,
        },
        tokens,
        history: Some("/audit?what=usr_12".to_owned()),
    };
    let wrong = || Input::wrong(words.say("east"), words.say("There is none of this ref."));
    let assign = AssignForm {
        role: wrong(),
        site: wrong(),
        locations: wrong(),
        channels: wrong(),
        from: wrong(),
        until: wrong(),
    };
    let tokens = Listed { rows: vec![token("tok_1", None), token("tok_2", Some(moment()))], total: 70 };
    let new = |notice, who, assign| UserNew {
        frame: words.frame_of_office("/users"),
        notice,
        who,
        assign,
        kinds: vec![(words.say("person"), words.say("Person"))],
        ways: vec![(words.say("invitation"), words.say("By a link"))],
    };
    add(pages, "user-new", &new(None, NewUserForm::default(), AssignForm::default()))?;
    let all_wrong = NewUserForm {
        login: wrong(),
        name: wrong(),
        email: wrong(),
        like: wrong(),
        ..NewUserForm::default()
    };
    add(pages, "user-new-wrong", &new(Some(Notice::fields_are_wrong()), all_wrong, assign.clone()))?;
    add(pages, "user", &page(StatusWord::Enabled, None, Some(AssignForm::default()), Some(tokens.clone())))?;
    add(pages, "user-wrong", &page(StatusWord::Disabled, None, Some(assign), Some(Listed::whole(vec![]))))?;
    add(pages, "user-fixed", &page(StatusWord::Removed, Some("You may look, not change."), None, None))?;
    let confirm = Confirm {
        frame: words.frame_of_office("/users"),
        heading: words.say("Disable bea@acme.example?"),
        paragraphs: vec![words.say("2 sessions and 1 token end at once.")],
        facts: vec![("Role", words.say("Customer service"))],
        lines: vec![words.say("1 user is disabled and loses everything.")],
        action: "/users/usr_12/disable".to_owned(),
        fields: vec![("version", words.say("0123"))],
        choices: vec![
            ("link".to_owned(), words.say("By a link")),
            ("generated".to_owned(), words.say("By a password")),
        ],
        button: "Disable",
        danger: true,
        cancel: "/users/usr_12".to_owned(),
    };
    add(pages, "user-confirm", &confirm)?;
    let shown = |until| ShownOnce {
        frame: words.frame_of_office("/users"),
        secret: words.say("https://access.shop.example/link?code=kwl_1"),
        until,
        back: "/users/usr_12".to_owned(),
    };
    add(pages, "user-link", &shown(Some(moment())))?;
    add(pages, "user-password", &shown(None))
}
