//! The pages of the Order Management Center besides one's own.

use pages::*;

use super::{Sample, Words, Written, add};

pub(super) fn pages(words: Words, pages: &mut Vec<Sample>) -> Written {
    roles(words, pages)?;
    explain(words, pages)?;
    audit(words, pages)
}

fn roles(words: Words, pages: &mut Vec<Sample>) -> Written {
    let done = |text: &str| Notice::new(Tone::Good, words.say(text));
    let row = |key: &str, label: &str, rank: &str, levels: &[Level]| RoleRow {
        key: words.say(key),
        label: words.say(label),
        rank: words.say(rank),
        levels: levels.to_vec(),
    };
    let table = |title: &str, id, rows| RoleTable {
        title: words.say(title),
        id,
        modules: vec![words.say("Orders"), words.say("Stock")],
        rows,
    };
    let rows = vec![
        row("client_admin", "Client Admin", "0", &[Level::Write, Level::Write]),
        row("auditor", "Auditor", "custom", &[Level::Some, Level::None]),
    ];
    let found = |search: &str, tables, more| Roles {
        frame: words.frame_of_office("/roles"),
        notice: (more > 0).then(|| done("The role was removed.")),
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
    one_role(words, pages)?;
    role_forms(words, pages)
}

fn one_role(words: Words, pages: &mut Vec<Sample>) -> Written {
    let group =
        PermissionGroup { noun: words.say("ORDER"), verbs: vec![words.say("VIEW"), words.say("UPDATE")] };
    let holder = |places: &[(&str, Option<&str>)], more| HolderRow {
        id: words.say("usr_12"),
        login: words.say("bea@acme.example"),
        places: places.iter().map(|(at, when)| (words.say(at), when.map(|when| words.say(when)))).collect(),
        more,
    };
    let holders = vec![
        holder(&[("north", None), ("south, only at dover", Some("Until 3 Nov 2026, 14:05 UTC"))], 3),
        holder(&[("the whole account", None)], 0),
    ];
    let role = |built_in: bool, groups, search: &str| RolePage {
        frame: words.frame_of_office("/roles"),
        notice: (!built_in).then(|| Notice::new(Tone::Good, words.say("The role is saved."))),
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
        holders: Some(Listed { rows: if built_in { holders.clone() } else { vec![] }, total: 12 })
            .filter(|_| built_in || search != "refund"),
        may_copy: true,
        may_edit: !built_in,
    };
    add(pages, "role", &role(true, vec![group], ""))?;
    add(pages, "role-custom", &role(false, vec![], "refund"))?;
    add(pages, "role-of-nobody", &role(false, vec![], "stock"))
}

fn role_forms(words: Words, pages: &mut Vec<Sample>) -> Written {
    let wrong = || Input::wrong(words.say("x"), words.say("There is none of this key."));
    let new = |from, key, called| RoleNew {
        frame: words.frame_of_office("/roles"),
        notice: Some(Notice::fields_are_wrong()),
        from,
        key,
        called,
        bound_to: String::new(),
        applications: vec![(String::new(), words.say("None: it counts in all"))],
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
    let level = |value: &str| {
        let title = if value.is_empty() { "As ticked below" } else { value };
        (value.to_owned(), words.say(title))
    };
    // The names of modules are ids in the page: they are the contract's, and nobody types them.
    let module = |name: &str, title: &str, now, chosen| {
        let all = format!("{}_VIEW {}", words.say(title), words.say(title));
        RoleEdit::module((name.to_owned(), words.say(title)), now, chosen, [words.say("ORDER_VIEW"), all])
    };
    let edit = RoleEdit {
        frame: words.frame_of_office("/roles"),
        notice: None,
        meanwhile: vec![words.say("The role holds these now, and would not any more: ORDER_VIEW.")],
        key: words.say("auditor"),
        version: words.say("0123"),
        called: wrong(),
        modules: vec![
            module("orders", "Orders", Level::Read, "write"),
            module("stock", "Stock", Level::None, ""),
            module("stock_locations", "Stock locations", Level::Write, ""),
        ],
        levels: ["", "none", "read", "write"].map(level).into(),
        groups: vec![edited("ORDER"), edited("STOCK")],
    };
    add(pages, "role-edit", &edit)
}

fn explained(words: Words, allowed: bool) -> ExplainAnswer {
    let opinion = |allows: bool, verdict| OpinionRow {
        grant: words.say("gra_7"),
        role: words.say("Customer service"),
        role_key: allows.then(|| words.say("customer_service")),
        scope: words.say("north, of locations leeds alone"),
        allows,
        verdict,
    };
    ExplainAnswer {
        allowed,
        user: Some(words.say("bea@acme.example")),
        user_id: allowed.then(|| words.say("usr_2")),
        sentence: words.say("customer_service holds ORDER_UPDATE over north (gra_7)."),
        opinions: vec![opinion(allowed, "allows it"), opinion(false, "holds it at other sites")],
        total: if allowed { 2 } else { 70 },
        givers: if allowed {
            vec![]
        } else {
            vec![words.say("ann@acme.example"), words.say("cid@acme.example")]
        },
        revision: words.say("41"),
    }
}

fn explain(words: Words, pages: &mut Vec<Sample>) -> Written {
    let choices =
        |all: &[&str]| all.iter().map(|name| (words.say(name), words.say(name))).collect::<Vec<_>>();
    let page = |form, answer| Explain {
        frame: words.frame_of_office("/explain"),
        alone: None,
        form,
        entities: choices(&["order", "fulfilment"]),
        applications: choices(&["", "omc"]),
        answer,
        depends_on: None,
        held: vec![],
        held_more: false,
    };
    let wrong = |value: &str| Input::wrong(words.say(value), words.say("There is none of this name."));
    let of = |value: &str| Input::of(words.say(value));
    let form = ExplainForm {
        user: of("bea@acme.example"),
        permission: of("ORDER_UPDATE"),
        entity: words.say("order"),
        site: of("north"),
        ..ExplainForm::default()
    };
    add(pages, "explain", &page(ExplainForm::default(), None))?;
    let all_wrong = ExplainForm {
        user: wrong("nobody"),
        permission: wrong("ORDER_EAT"),
        site: wrong("nowhere"),
        location: wrong("no store"),
        channel: wrong("no channel"),
        ..form.clone()
    };
    add(pages, "explain-wrong", &page(all_wrong, None))?;
    add(pages, "explain-allowed", &page(form.clone(), Some(explained(words, true))))?;
    let depends = Explain {
        depends_on: Some("site"),
        held: vec![words.say("Maison France through Web"), words.say("Maison UK")],
        held_more: true,
        ..page(ExplainForm { site: wrong(""), ..form.clone() }, None)
    };
    add(pages, "explain-depends", &depends)?;
    add(pages, "explain-denied", &page(form.clone(), Some(explained(words, false))))?;
    let denied = ExplainAnswer { givers: vec![], ..explained(words, false) };
    let own = Explain { alone: Some(words.say("bea@acme.example")), ..page(form, Some(denied)) };
    add(pages, "explain-own", &own)
}

fn audit(words: Words, pages: &mut Vec<Sample>) -> Written {
    let choices =
        |all: &[&str]| all.iter().map(|name| (words.say(name), words.say(name))).collect::<Vec<_>>();
    let page = |filters, entries, next| Audit {
        about: vec![Piece { name: words.say("ann@acme.example"), id: words.say("usr_1"), address: None }],
        frame: words.frame_of_office("/audit"),
        filters,
        chains: vec![
            (words.say("access"), words.say("Changes of access")),
            (words.say("sign_in/one"), words.say("Sign-ins on one")),
        ],
        kinds: vec![(words.say("Roles"), choices(&["role.", "role.edited"]))],
        entries,
        looked_at: 50_000,
        next,
    };
    let piece = |name: &str, id: &str, address: Option<&str>| Piece {
        name: if name.is_empty() { String::new() } else { words.say(name) },
        id: if id.is_empty() { String::new() } else { words.say(id) },
        address: address.map(str::to_owned),
    };
    let text = |name: &str| FactValue::Text(vec![piece(name, "", None)]);
    let of = |change| FactRow { name: words.say("label"), change };
    let fact = |before: Option<&str>, after: Option<&str>| {
        of(FactChange::Value { before: before.map(text), after: after.map(text) })
    };
    let many = |count: usize| (0..count).map(|_| piece("ORDER_UPDATE", "", None)).collect::<Vec<_>>();
    let list = |added, taken| of(FactChange::List(ListChange { added: many(added), taken: many(taken) }));
    let row = |facts| AuditRow {
        number: 12,
        at: Moment::of(1_793_714_759_000_000, &Clock::default()),
        who: vec![piece("ann@acme.example", "usr_1", Some("/users/usr_1"))],
        words: words.say("role edited"),
        kind: words.say("role.edited"),
        target: vec![piece("", "gra_7", None), piece("of", "", None), piece("auditor", "rol_1001", None)],
        origin: words.say("203.0.113.9 (Order Management Center)"),
        facts,
    };
    let filters =
        AuditFilters { chain: words.say("access"), kind: words.say("role."), ..AuditFilters::default() };
    let until = FactValue::Time(Moment::of(1_793_714_759_000_000, &Clock::default()));
    let facts = vec![
        fact(Some("Auditor"), Some("Auditors")),
        fact(None, Some("x")),
        fact(Some("y"), None),
        of(FactChange::Value { before: None, after: Some(until) }),
        list(2, 1),
        list(30, 0),
        list(0, 14),
        list(0, 0),
    ];
    add(pages, "audit", &page(filters.clone(), vec![row(facts), row(vec![])], Some(3)))?;
    add(pages, "audit-none", &page(filters.clone(), vec![], None))?;
    let wrong = || Some(words.say("This is no date: give it as 2026-11-03."));
    let wrong = AuditFilters { who_error: wrong(), from_error: wrong(), until_error: wrong(), ..filters };
    add(pages, "audit-wrong", &page(wrong, vec![], Some(3)))
}
