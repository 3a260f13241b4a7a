//! The pages of the Order Management Center that not everybody may read.

use service::ops::{GrantOp, Op, RoleOp};

use crate::browser::{Browser, id_of};
use crate::company::{ADA, ADMIN, Company, SAM, grant};

const READ: [(&str, &str); 9] = [
    ("/new-role", "ROLE_CREATE"),
    ("/new-user", "USER_CREATE"),
    ("/users", "USER_VIEW"),
    ("/users.csv", "USER_VIEW"),
    ("/roles", "ROLE_VIEW"),
    ("/roles/client_admin", "ROLE_VIEW"),
    ("/explain", "DECISION_VIEW"),
    ("/audit", "AUDIT_VIEW"),
    ("/audit.csv", "AUDIT_VIEW"),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_menu_shows_what_one_may_read_and_every_page_refuses_by_itself() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    for (page, _) in READ {
        assert_eq!(admin.get(page).await.status, 200, "{page}");
    }
    let menu = admin.get("/roles").await;
    menu.says(200, "<a href=\"/roles\" aria-current=\"page\">Roles</a>")
        .says(200, "<a href=\"/audit\">Audit</a>");
    let mut ada = Browser::of(&company, "", ADA).await;
    let own = ada.get("/me").await;
    for (page, permission) in READ {
        // About oneself everybody may ask.
        if page == "/explain" {
            continue;
        }
        assert!(!own.text.contains(&format!("href=\"{page}\"")), "{page}");
        ada.get(page).await.says(403, permission);
    }
    let mut sam = Browser::of(&company, "/store", SAM).await;
    for (page, permission) in READ {
        // The pages of users are there in both applications, the others in this one alone.
        let (status, words) = if page.contains("user") { (403, permission) } else { (404, "") };
        sam.get(&format!("/store{page}")).await.says(status, words);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_are_shown_with_their_levels_and_found_by_a_part_of_their_name() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let all = admin.get("/roles").await;
    for label in ["Client Admin", "Client Customer Services", "Stock locations"] {
        all.says(200, label);
    }
    let found = admin.get("/roles?q=CUSTOMER").await;
    found.says(200, "Client Customer Services");
    assert!(!found.text.contains("Client Admin"));
    admin.get("/roles?q=%3Cb%3E").await.says(200, "No role has").says(200, "&#60;b&#62;");
    let one = admin.get("/roles/customer_service").await;
    one.says(200, "Built in, fixed").says(200, "<bdi>ORDER</bdi>");
    admin.get("/roles/customer_service?q=nothing").await.says(200, "None of them has");
    admin.get("/roles/nobody").await.says(404, "");
    admin.get("/roles/a/b").await.says(404, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_explained_with_the_nearest_miss_and_who_could_grant_it() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let ask = |user: &str, permission: &str, rest: &str| {
        format!("/explain?user={}&permission={permission}&entity=order{rest}", user.replace('@', "%40"))
    };
    let allowed = admin.get(&ask(ADA, "order_update", "&site=north&channel=web&application=omc")).await;
    allowed.says(200, "Allowed").says(200, "allows it").says(200, "customer_service holds ORDER_UPDATE");
    assert!(!allowed.text.contains("could be granted"));
    let denied = admin.get(&ask(ADA, "ORDER_UPDATE", "&site=south")).await;
    denied.says(200, "Not allowed").says(200, "Nearest: customer_service").says(200, ADMIN);
    let wrong = admin.get(&ask("nobody", "ORDER_EAT", "&site=east")).await;
    wrong.says(400, "no user `nobody`").says(400, "no permission `ORDER_EAT`");
    wrong.says(400, "There is no site `east` here.").says(400, "value=\"east\"");
    admin.get(&ask(ADA, "ORDER_UPDATE", "&application=mars")).await.says(400, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_is_filtered_and_exported() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    admin.get("/audit").await.says(200, "user.created").says(200, ADA);
    let retailers = admin.get("/audit?kind=retailer.").await;
    retailers.says(200, "retailer.created");
    assert!(!retailers.text.contains("<bdi class=\"kind\">user.created"));
    let of_ada = admin.get("/audit?what=ADA%40").await;
    of_ada.says(200, ADA);
    assert!(!of_ada.text.contains(SAM));
    admin.get("/audit?until=2026-11-02").await.says(200, "Nothing fits");
    admin.get("/audit?from=2026-11-03&until=2026-11-03").await.says(200, "user.created");
    let wrong = admin.get("/audit?who=nobody&from=yesterday").await;
    wrong
        .says(400, "Nobody has or had this login")
        .says(400, "This is no date")
        .says(400, "value=\"yesterday\"");
    let nobody = admin.get("/audit?who=ada%40shop.example").await;
    nobody.says(200, "Nothing fits");
    admin.get("/audit?chain=nothing").await.says(404, "");
    let sign_ins = admin.get("/audit?chain=sign_in%2Fnode").await;
    assert!(matches!(sign_ins.status.as_u16(), 200 | 404));
    let file = admin.get("/audit.csv?kind=user.created").await;
    file.says(200, "number,at,who,kind,target").says(200, ADA);
    assert_eq!(file.text.lines().count(), 4, "{}", file.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn older_entries_follow_the_newest() {
    let company = Company::new();
    for round in 0..60 {
        company.perform(service::ops::Op::User(service::ops::UserOp::Edit {
            user: ADA.into(),
            name: Some(format!("Ada {round}")),
            email: None,
            language: None,
            time_zone: None,
        }));
    }
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let (mut page, mut seen) = ("/audit?kind=user.edited".to_owned(), Vec::new());
    for _ in 0..5 {
        let shown = admin.get(&page).await;
        seen.extend((0..60).filter(|round| shown.text.contains(&format!("<ins><bdi>Ada {round}</bdi>"))));
        let Some((_, rest)) = shown.text.split_once("href=\"/audit?") else { break };
        let links = shown.text.match_indices("href=\"/audit?").map(|(at, _)| &shown.text[at + 6..]);
        let older = links.filter_map(|link| link.split('"').next()).find(|link| link.contains("before="));
        let Some(older) = older else { break };
        assert!(!rest.is_empty());
        page = older.replace("&#38;", "&").replace("&amp;", "&");
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..60).collect::<Vec<_>>(), "each once");
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_found_by_any_part_and_filtered() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let all = admin.get("/users").await;
    all.says(200, ADA).says(200, SAM).says(200, ADMIN).says(200, "1\u{2013}3 of 3");
    let found = |query: &'static str, logins: &'static [&'static str]| (query, logins);
    for (query, logins) in [
        found("q=DA%40shop", &[ADA]),
        found("q=shop+sam", &[SAM]),
        found("site=north", &[ADA, ADMIN, SAM]),
        found("site=south", &[ADMIN]),
        found("application=store_app", &[ADMIN, SAM]),
        found("role=vendor", &[SAM]),
        found("location=leeds&application=store_app&role=vendor", &[SAM]),
        found("site=south&channel=web", &[ADMIN]),
        found("sign_in=sso", &[]),
        found("kind=system", &[]),
        found("status=disabled", &[]),
        found("q=nobody", &[]),
    ] {
        let list = admin.get(&format!("/users?{query}")).await;
        let links = [ADA, ADMIN, SAM]
            .iter()
            .filter(|login| list.text.contains(&format!("<bdi>{login}</bdi></a></td>")));
        assert_eq!(links.copied().collect::<Vec<_>>(), logins, "{query}");
        list.says(200, if logins.is_empty() { "Nobody whom you see fits" } else { " of " });
    }
    company.perform(service::ops::Op::User(service::ops::UserOp::Disable { user: SAM.into() }));
    admin.get("/users?status=disabled").await.says(200, SAM).says(200, "1\u{2013}1 of 1");
    let wrong = admin.get("/users?site=east&role=chef&channel=web&q=a").await;
    wrong
        .says(400, "There is no site `east` here")
        .says(400, "no role of this key")
        .says(400, "value=\"east\"");
    for odd in ["rows=7", "rows=x", "sort=password", "status=odd", "application=mars", "page=x", "page=-1"] {
        admin.get(&format!("/users?{odd}")).await.says(400, "");
    }
    admin.get("/users?page=99").await.says(200, "Page 1 of 1");
    let file = admin.get("/users.csv?q=ada").await;
    file.says(200, "id,login,name,email,status,type,roles").says(200, ADA);
    assert_eq!(file.text.lines().count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_is_the_same_in_pages_whatever_its_order() {
    let company = Company::new();
    for number in 0..40 {
        company.perform(service::ops::Op::User(service::ops::UserOp::Create {
            login: format!("user-{number}@shop.example"),
            name: Some(format!("Name {}", number % 7)),
            email: None,
            language: None,
            time_zone: None,
            system: false,
            application: false,
            sso: None,
            grants: vec![],
            password: None,
        }));
    }
    let mut admin = Browser::of(&company, "", ADMIN).await;
    for sort in ["login", "-login", "name", "-name", "email"] {
        let mut seen = Vec::new();
        for page in 1..=5 {
            let list = admin.get(&format!("/users?sort={sort}&rows=10&page={page}")).await;
            let parts = list.text.split("<td role=\"cell\" class=\"main\"><a href=\"/users/").skip(1);
            seen.extend(parts.filter_map(|part| part.split('"').next().map(str::to_owned)));
        }
        assert_eq!(seen.len(), 43, "{sort}");
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 43, "{sort}: each once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn none_is_nothing_and_whoever_may_do_everything_is_shown_as_such() {
    let company = Company::new();
    company.perform(Op::Role(RoleOp::Create {
        key: "picker".into(),
        label: None,
        application: Some("omc".into()),
        permissions: vec!["OMC_ACCESS".into(), "FULFILMENT_UPDATE".into()],
    }));
    let give = |role: &str, site| {
        let grant = grant(role, site, &[]);
        company.perform(Op::Grant(GrantOp::Add { users: vec![SAM.into()], grant }));
    };
    give("picker", Some("south"));
    let mut admin = Browser::of(&company, "", ADMIN).await;
    // The table of OneStock's own roles is as OneStock has it: what modules share makes no none some.
    let table = admin.get("/roles?q=client").await;
    assert!(table.text.contains("level none mark") && !table.text.contains("level some mark"));
    admin.get("/roles?q=role_manager").await.says(200, "level some mark");
    let some = "<span class=\"level some";
    admin.get("/roles/picker").await.says(200, some);
    let id = id_of(&mut admin, "", SAM).await;
    let page = admin.get(&format!("/users/{id}")).await;
    // It says by which grant.
    let (_, cell) = page.text.split_once(some).unwrap();
    assert!(cell.split("</td>").next().unwrap().contains("picker: SOUTH"), "{cell}");
    assert!(!page.text.contains("all access"));
    give("ROLE_MANAGER", None);
    assert!(!admin.get(&format!("/users/{id}")).await.text.contains("all access"));
    give("USER_MANAGER", None);
    admin.get(&format!("/users/{id}")).await.says(200, "As strong as an administrator");
    let own = id_of(&mut admin, "", ADMIN).await;
    admin.get(&format!("/users/{own}")).await.says(200, "An administrator: holds every permission over");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_switcher_of_sites_keeps_the_page_and_never_widens() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    admin.get("/roles").await.says(200, "Active site").says(200, "<option value=\"\" selected>All sites");
    let fields = [("retailer", "south"), ("back", "/roles")];
    assert_eq!(admin.post("/me/place", &fields).await.location(), "/roles");
    admin.get("/roles").await.says(200, "<option value=\"south\" selected>");
    let list = admin.get("/users").await;
    list.says(200, "value=\"south\"");
    assert!(!list.text.contains(&format!("<bdi>{SAM}</bdi></a>")), "of the South first");
    admin.get("/users?site=").await.says(200, SAM);
    // An emptied site says all of them on every page of the list, and in its file.
    let all = admin.get("/users?site=&rows=10").await;
    assert!(all.text.contains("/users?site=&#38;") || all.text.contains("site=&#38;"), "{}", all.text);
    admin.get("/users.csv?site=").await.says(200, SAM);
    // One request in another site; the session stays where it is.
    admin.get("/users?retailer=north").await.says(200, SAM).says(200, "<option value=\"north\" selected>");
    admin.get("/roles").await.says(200, "<option value=\"south\" selected>");
    // What counts for one request is not gone back to: it would undo the choice, and say again what was done.
    let once = admin.get("/users?retailer=north&rows=10&done=removed").await;
    assert_eq!(once.field("back").unwrap(), "/users?rows=10");
    let evil = [("retailer", ""), ("back", "//evil.example")];
    assert_eq!(admin.post("/me/place", &evil).await.location(), "/");
    // Ada works at one site alone and is in it: there is nothing to choose, and a site that is not hers changes nothing.
    let elsewhere = grant("vendor", Some("south"), &[]);
    company.perform(Op::Grant(GrantOp::Add { users: vec![ADA.into()], grant: elsewhere }));
    let mut ada = Browser::of(&company, "", ADA).await;
    let own = ada.get("/me?retailer=south").await;
    assert!(own.status.as_u16() == 200 && !own.text.contains("Active site</label>"));
    assert_eq!(own.field("retailer").unwrap(), "north");
    assert_eq!(ada.get("/me?retailer=north").await.field("retailer").unwrap(), "north");
}
