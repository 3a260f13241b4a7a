//! Explain: what is told of whom, and where a question must say more.

use service::ops::{GrantOp, Op, RetailerOp, RoleOp, UserOp};

use crate::browser::{Browser, Seen};
use crate::company::{ADA, ADMIN, Company, SAM, grant};

/// Asks about others in the North, and sees no users.
const BOSS: &str = "boss@shop.example";
const KIM: &str = "kim@shop.example";
const PAT: &str = "pat@shop.example";

#[tokio::test(flavor = "multi_thread")]
async fn everybody_asks_about_themselves_and_nobody_else_without_permission() {
    let company = Company::new();
    let mut ada = Browser::of(&company, "", ADA).await;
    let page = ada.get("/explain").await;
    page.says(200, &format!("value=\"{ADA}\" autocomplete=\"off\" dir=\"auto\" readonly"));
    page.says(200, "Asks whether you may do something at a place");
    page.says(200, "<option value=\"order_item\">Order item</option>");
    page.says(200, "<option value=\"retailer\">Site</option>");
    assert!(!page.text.contains("href=\"/explain\""), "the menu stays as it is");
    assert!(!page.text.contains("id=\"answer\"") && !page.text.contains("name=\"retailer\""));
    let may = ada.get("/explain?permission=ORDER_UPDATE&entity=order&site=north&channel=web").await;
    may.says(200, "Allowed").says(200, "Client Customer Services");
    assert!(!may.text.contains("/roles/"), "a page that she may not read is no link");
    for own in [ADA.to_uppercase().replace('@', "%40"), ADA.replace('@', "%40")] {
        ada.get(&format!("/explain?user={own}&permission=ORDER_UPDATE&site=North"))
            .await
            .says(200, "Judged on revision");
    }
    ada.get("/explain?permission=ORDER_EAT").await.says(400, "no permission `ORDER_EAT`");
    ada.get("/explain?permission=ORDER_VIEW&entity=user&site=north").await.says(400, "");
    // Of somebody who is there and of somebody who is not, the same is said.
    let there = ada.get("/explain?user=sam%40shop.example&permission=ORDER_VIEW").await;
    let nowhere = ada.get("/explain?user=nobody%40shop.example&permission=ORDER_VIEW").await;
    there.says(403, "DECISION_VIEW");
    assert_eq!(there.text, nowhere.text);
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let sam = admin.get("/explain?user=sam%40shop.example&permission=ORDER_VIEW&site=north").await;
    sam.says(200, "Judged on revision").says(200, &format!("\"><bdi>{SAM}</bdi></a> – "));
    admin.get("/explain?permission=ORDER_VIEW&user=+").await.says(400, "Name the user, by login.");
}

/// What a page says, whoever and wherever was named.
fn but_for(page: &Seen, names: &[&str]) -> String {
    names.iter().fold(page.text.clone(), |text, name| text.replace(name, "*"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_out_of_reach_is_explained_like_one_that_there_is_not() {
    let company = Company::new();
    let mut ada = Browser::of(&company, "", ADA).await;
    for (field, foreign) in [("site", "south"), ("site", "SOUTH"), ("location", "dover"), ("site", "ret_2")] {
        let ask = |name: &str| format!("/explain?permission=ORDER_UPDATE&{field}={name}");
        let there = ada.get(&ask(foreign)).await;
        let nowhere = ada.get(&ask("atlantis")).await;
        let what = if field == "site" { "site" } else { "stock location" };
        there.says(400, &format!("There is no {what} `{foreign}` here."));
        assert_eq!(there.status, nowhere.status);
        assert_eq!(but_for(&there, &[foreign]), but_for(&nowhere, &["atlantis"]), "{foreign}");
    }
    // One's own are named by ref, name or id, in any case.
    for own in ["north", "NORTH", "North", "ret_1"] {
        ada.get(&format!("/explain?permission=ORDER_UPDATE&site={own}")).await.says(200, "Allowed");
    }
    ada.get("/explain?permission=FULFILMENT_VIEW&location=LEEDS&channel=Web")
        .await
        .says(200, "id=\"answer\"");
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let ask = format!("/explain?user={ADMIN}&permission=ORDER_UPDATE");
    let two = admin.get(&format!("{ask}&channel=web")).await;
    two.says(400, "Several sales channels are called `web`: name the site, too.");
    admin.get(&format!("{ask}&site=north&location=dover")).await.says(400, "no stock location `dover` here");
    // The field of the form is no other name of the switcher in the head.
    let asked = admin.get(&format!("{ask}&site=south")).await;
    asked.says(200, "Allowed").says(200, "<option value=\"\" selected>All sites");
}

/// A company with somebody who may ask about others in the North, and sees no users.
fn with_a_desk() -> Company {
    let company = Company::new();
    company.perform(Op::Role(RoleOp::Copy {
        from: "customer_service".into(),
        key: "desk".into(),
        label: None,
    }));
    let add = |permission: &str| RoleOp::Edit {
        role: "desk".into(),
        label: None,
        add: vec![permission.into()],
        take: vec![],
    };
    company.perform(Op::Role(add("DECISION_VIEW")));
    company.user(BOSS, vec![grant("desk", Some("north"), &[])], None);
    company
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_see_a_user_learns_the_decision_and_not_that_they_are_there() {
    let company = with_a_desk();
    company.user(KIM, vec![grant("vendor", Some("south"), &[])], None);
    company.user(PAT, vec![grant("customer_service", Some("north"), &[])], None);
    company.perform(Op::User(UserOp::Disable { user: PAT.into() }));
    let mut boss = Browser::of(&company, "", BOSS).await;
    boss.get("/users").await.says(403, "USER_VIEW");
    let nobody = "nobody@shop.example";
    let ask = |login: &str, rest: &str| format!("/explain?user={login}&permission=ORDER_UPDATE{rest}");
    for (rest, status) in [
        ("", 400),
        ("&site=south", 400),
        ("&site=north", 200),
        ("&site=north&location=leeds&entity=fulfilment", 200),
        ("&entity=account", 403),
        ("&site=north&application=omc", 200),
        ("&location=dover", 400),
    ] {
        let nowhere = boss.get(&ask(nobody, rest)).await;
        nowhere.says(status, "");
        // Elsewhere, disabled, by id; and where nothing is decided whoever holds it, too.
        let holders: &[&str] = if status == 200 { &[] } else { &[ADMIN, ADA, "usr_2"] };
        for login in [KIM, PAT].iter().chain(holders).copied() {
            let there = boss.get(&ask(login, rest)).await;
            assert_eq!(there.status, nowhere.status, "{login} {rest}");
            assert_eq!(but_for(&there, &[login]), but_for(&nowhere, &[nobody]), "{login} {rest}");
        }
    }
    let no = boss.get(&ask(PAT, "&site=north")).await;
    no.says(200, "No grant of the user allows ORDER_UPDATE there.").says(200, "there may be none");
    // The decision itself is theirs to know, without grants.
    let yes = boss.get(&ask(ADA, "&site=north")).await;
    yes.says(200, "</span> Allowed").says(200, "A grant of the user allows ORDER_UPDATE there.");
    assert!(!yes.text.contains("gra_") && !yes.text.contains("Client Customer"), "{}", yes.text);
    boss.get(&ask("", "&site=north")).await.says(400, "Name the user, by login.");
    let odd = boss.get(&ask(nobody, "&site=north").replace("ORDER_UPDATE", "ORDER_EAT")).await;
    odd.says(400, "no permission `ORDER_EAT`");
    assert!(!odd.text.contains("no user"), "{}", odd.text);
    // Whoever sees them hears more, of the grants that they see.
    company.perform(Op::Role(RoleOp::Edit {
        role: "desk".into(),
        label: None,
        add: vec!["USER_VIEW".into()],
        take: vec![],
    }));
    boss.get(&ask(PAT, "&site=north")).await.says(200, "disabled or removed").says(200, "href=\"/users/usr_");
    boss.get(&ask(ADA, "&site=north"))
        .await
        .says(200, "customer_service holds ORDER_UPDATE over north (gra_");
    let kim = boss.get(&ask(KIM, "&site=north")).await;
    assert!(!kim.text.contains("href=\"/users/usr_"), "in the South alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_place_a_question_asks_for_it_and_tells_where_it_is_held() {
    let company = with_a_desk();
    let mut ada = Browser::of(&company, "", ADA).await;
    for ask in ["ORDER_UPDATE", "ORDER_UPDATE&entity=order_item", "INVOICE_VIEW"] {
        let page = ada.get(&format!("/explain?permission={ask}")).await;
        page.says(400, "Name the site: the answer depends on it.");
        page.says(400, "It depends on the site</h2>").says(400, "<p>Held at <bdi>NORTH</bdi>.</p>");
        assert!(!page.text.contains("Not allowed"), "{ask}");
    }
    // What is held nowhere depends on nothing, nor does what is held everywhere.
    ada.get("/explain?permission=ROLE_UPDATE&entity=order").await.says(200, "Not allowed");
    let mut admin = Browser::of(&company, "", ADMIN).await;
    admin.get(&format!("/explain?user={ADMIN}&permission=ORDER_UPDATE")).await.says(200, "</span> Allowed");
    admin.get(&format!("/explain?user={ADA}&permission=ORDER_UPDATE")).await.says(400, "<bdi>NORTH</bdi>");
    // At a site, the store and the channel may be what is missing.
    let sam = |rest: &str| format!("/explain?user={SAM}&permission=FULFILMENT_VIEW&site=north{rest}");
    let page = admin.get(&sam("")).await;
    page.says(400, "Name the stock location: the answer depends on it.").says(400, "<bdi>NORTH, leeds</bdi>");
    admin.get(&sam("&location=leeds")).await.says(200, "</span> Allowed");
    let mut web = grant("customer_service", Some("south"), &[]);
    web.scope.channels = vec!["web".into()];
    company.user(KIM, vec![web], None);
    let kim = |rest: &str| format!("/explain?user={KIM}&permission=ORDER_UPDATE{rest}");
    let page = admin.get(&kim("")).await;
    page.says(400, "Name the site:").says(400, "<bdi>SOUTH through ");
    admin.get(&kim("&site=south")).await.says(400, "Name the sales channel: the answer depends on it.");
    admin.get(&kim("&site=north")).await.says(200, "Not allowed").says(200, "but this is of another site");
    // At most five places are told.
    for number in 1..=7 {
        let key = format!("site-{number}");
        company.perform(Op::Retailer(RetailerOp::Create {
            key: key.clone(),
            name: None,
            default_channel: "web".into(),
        }));
        let grant = grant("customer_service", Some(&key), &[]);
        company.perform(Op::Grant(GrantOp::Add { users: vec![ADA.into()], grant }));
    }
    let page = ada.get("/explain?permission=ORDER_UPDATE").await;
    page.says(400, "<bdi>site-4</bdi> and at more places.</p>");
    assert!(!page.text.contains("<bdi>site-5</bdi>"), "{}", page.text);
}
