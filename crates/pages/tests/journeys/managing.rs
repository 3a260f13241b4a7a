//! What an administrator does with a user: shown first, done, and seen at the next click of that user.

use service::ops::{GrantOp, Op, RoleOp, UserOp};

use crate::browser::{Browser, borrowed, id_of};
use crate::company::{ADA, ADMIN, Company, PASSWORD, SAM, grant};

/// The permissions that are ticked in the editor of a role.
fn ticked(page: &str) -> Vec<String> {
    page.split("name=\"p\" value=\"")
        .skip(1)
        .filter(|part| part.split('>').next().unwrap().contains(" checked"))
        .map(|part| part.split('"').next().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_shown_with_access_and_what_it_comes_to() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let id = id_of(&mut admin, "", ADA).await;
    let page = admin.get(&format!("/users/{id}")).await;
    page.says(200, "Client Customer Services").says(200, "All sales channels").says(200, "Orders");
    page.says(200, "<bdi>NORTH</bdi>").says(200, "Sessions and tokens").says(200, "History");
    admin.get(&format!("/users/{id}?tab=sessions")).await.says(200, "Not signed in anywhere");
    admin.get(&format!("/users/{}", ADA.replace('@', "%40"))).await.says(200, "Client Customer Services");
    for nobody in ["nobody", "usr_999", "usr_0", "a/b"] {
        admin.get(&format!("/users/{nobody}")).await.says(404, "");
    }
    let own = id_of(&mut admin, "", ADMIN).await;
    let page = admin.get(&format!("/users/{own}")).await;
    page.says(200, "This is you");
    assert!(!page.text.contains("Disable\u{2026}") && !page.text.contains("Assign a site"));
}

#[tokio::test(flavor = "multi_thread")]
async fn disabling_says_what_ends_and_the_next_click_is_the_sign_in_page() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let mut ada = Browser::of(&company, "", ADA).await;
    let id = id_of(&mut admin, "", ADA).await;
    let ask = admin.get(&format!("/users/{id}/disable")).await;
    ask.says(200, "1 session and 0 tokens end at once")
        .says(200, "ada@shop.example is disabled and loses everything.");
    assert!(ada.is_in("").await, "asking does nothing");
    let done = admin.post(&format!("/users/{id}/disable"), &[("reason", "left the company")]).await;
    admin.get("/audit?kind=user.disabled").await.says(200, "<ins><bdi>left the company</bdi></ins>");
    assert_eq!(done.location(), format!("/users/{id}?done=disable"));
    admin.get(done.location()).await.says(200, "every session and token has ended").says(200, "disabled");
    assert!(!ada.is_in("").await);
    let enable = format!("/users/{id}/enable");
    let asked = admin.get(&enable).await;
    asked.says(200, "ada@shop.example is enabled and gains everything held.");
    // What somebody granted since would hold, too: it is asked anew.
    let more = grant("api_user", Some("south"), &[]);
    company.perform(Op::Grant(GrantOp::Add { users: vec![ADA.into()], grant: more }));
    let stale = admin.post(&enable, &borrowed(&asked.with(&[]))).await;
    stale.says(409, "Somebody else changed this user meanwhile");
    let sure =
        admin.get(&enable).await.with(&[]).into_iter().map(|(n, v)| (n.to_owned(), v)).collect::<Vec<_>>();
    assert!(admin.post(&enable, &borrowed(&sure)).await.location().ends_with("done=enable"));
    assert!(!ada.is_in("").await, "what ended stays ended");
    assert!(Browser::of(&company, "", ADA).await.is_in("").await);
    // Twice does no harm.
    assert!(admin.post(&enable, &borrowed(&sure)).await.location().ends_with("done=enable"));
    admin.get(&format!("/users/{id}/remove")).await.says(200, "The login stays reserved");
    assert_eq!(admin.post(&format!("/users/{id}/remove"), &[]).await.location(), "/users?done=remove");
    assert!(!admin.get("/users").await.text.contains(ADA), "gone from the list");
    let gone = admin.get("/users?status=removed").await;
    gone.says(200, ADA).says(200, "Removed <span class=\"count\">1</span>");
    assert!(!gone.text.contains("With those ticked"), "nothing is done with them");
    admin.get(&format!("/users/{id}")).await.says(200, "This user was removed");
    admin.post(&enable, &[]).await.says(409, "removed");
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_end_and_passwords_are_reset() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let mut ada = Browser::of(&company, "", ADA).await;
    let id = id_of(&mut admin, "", ADA).await;
    let page = admin.get(&format!("/users/{id}?tab=sessions")).await;
    let token = page.field("token").unwrap();
    admin.post(&format!("/users/{id}/end-token"), &[("token", &token)]).await;
    assert!(!ada.is_in("").await);
    let again = admin.post(&format!("/users/{id}/end-token"), &[("token", &token)]).await;
    assert!(again.location().ends_with("done=end-token&tab=sessions"), "it has ended, which was asked for");
    let link = admin.post(&format!("/users/{id}/reset-password"), &[("by", "link")]).await;
    link.says(200, "this link</h1>").says(200, "https://omc.shop.example/link?code=kwl_");
    let made = admin.post(&format!("/users/{id}/reset-password"), &[("by", "generated")]).await;
    made.says(200, "this password</h1>");
    admin.post(&format!("/users/{id}/reset-password"), &[("by", "magic")]).await.says(400, "");
    let mut other = Browser::new(&company);
    let refused = other.sign_in("", ADA, PASSWORD).await;
    assert_eq!(refused.status.as_u16(), 401, "the old password is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn access_is_previewed_given_and_taken() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let mut ada = Browser::of(&company, "", ADA).await;
    ada.get("/users").await.says(403, "USER_VIEW");
    let id = id_of(&mut admin, "", ADA).await;
    let give = format!("/users/{id}/give");
    let version = admin.get(&format!("/users/{id}")).await.field("version").unwrap();
    let fields = |sure: &'static str, role: &'static str, site: &'static str| {
        vec![
            ("role", role),
            ("site", site),
            ("locations", ""),
            ("channels", ""),
            ("from", ""),
            ("until", ""),
            ("sure", sure),
        ]
    };
    let send = |fields: Vec<(&'static str, &'static str)>, version: &str| {
        let all: Vec<(&str, String)> = fields
            .iter()
            .map(|(n, v)| (*n, (*v).to_owned()))
            .chain([("version", version.to_owned())])
            .collect();
        all
    };
    let wrong = admin.post(&give, &borrowed(&send(fields("", "chef", "east"), &version))).await;
    wrong.says(400, "no role of this key").says(400, "value=\"east\"");
    let second = admin.post(&give, &borrowed(&send(fields("", "retail_director", "north"), &version))).await;
    second.says(409, "has the role").says(409, "value=\"retail_director\"");
    let asked = admin.post(&give, &borrowed(&send(fields("", "retail_director", "south"), &version))).await;
    asked.says(200, "Give ada@shop.example this access?").says(200, "ada@shop.example gains");
    ada.get("/users").await.says(403, "USER_VIEW");
    let done = admin.post(&give, &borrowed(&send(fields("yes", "retail_director", "south"), &version))).await;
    assert!(done.location().ends_with("done=give#access"), "{}", done.text);
    ada.get("/users").await.says(200, ADMIN);
    let stale = admin.post(&give, &borrowed(&send(fields("yes", "auditor", "south"), &version))).await;
    assert!(stale.status.as_u16() == 400 || stale.status.as_u16() == 409, "{}", stale.status);
    let page = admin.get(&format!("/users/{id}")).await;
    let last = format!("gra_{}", page.text.rsplit("id=\"gra_").next().unwrap().split('"').next().unwrap());
    admin
        .get(&format!("/users/{id}/take?grant={last}"))
        .await
        .says(200, "ada@shop.example loses")
        .says(200, "Client Retail Director");
    let version = admin.get(&format!("/users/{id}")).await.field("version").unwrap();
    let fields = [("grant", last.as_str()), ("version", version.as_str())];
    assert!(admin.post(&format!("/users/{id}/take"), &fields).await.location().ends_with("done=take#access"));
    ada.get("/users").await.says(403, "USER_VIEW");
    assert!(
        admin.post(&format!("/users/{id}/take"), &fields).await.location().ends_with("done=gone"),
        "twice"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_of_two_administrators_sees_what_the_first_did() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let id = id_of(&mut admin, "", ADA).await;
    let version = admin.get(&format!("/users/{id}")).await.field("version").unwrap();
    company.perform(Op::User(UserOp::Edit {
        user: ADA.into(),
        name: Some("Countess".into()),
        email: None,
        language: None,
        time_zone: None,
    }));
    let fields = [("version", version.as_str()), ("name", "Ada L."), ("email", "ada@shop.example")];
    let refused = admin.post(&format!("/users/{id}/profile"), &fields).await;
    refused.says(409, "Somebody else changed this user meanwhile").says(409, "Now it is: Countess");
    refused.says(409, "value=\"Ada L.\"");
    let fresh = refused.field("version").unwrap();
    let fields = [("version", fresh.as_str()), ("name", "Ada L."), ("email", "ada@shop.example")];
    assert!(admin.post(&format!("/users/{id}/profile"), &fields).await.location().ends_with("done=profile"));
    admin.get(&format!("/users/{id}")).await.says(200, "Ada L.");
    let wrong = [("version", fresh.as_str()), ("name", ""), ("email", "x")];
    admin.post(&format!("/users/{id}/profile"), &wrong).await.says(400, "A name has 1 to");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_manage_changes_nothing() {
    let company = Company::new();
    company.perform(Op::Grant(GrantOp::Add {
        users: vec![ADA.into()],
        grant: service::ops::GrantNames {
            role: "retail_director".into(),
            scope: service::ops::ScopeNames { retailers: vec!["south".into()], ..Default::default() },
            valid_from: None,
            valid_until: None,
        },
    }));
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let (sam, boss) = (id_of(&mut admin, "", SAM).await, id_of(&mut admin, "", ADMIN).await);
    let mut ada = Browser::of(&company, "", ADA).await;
    // Sam works in the North alone, where Ada sees no users.
    ada.get(&format!("/users/{sam}")).await.says(404, "");
    ada.post(&format!("/users/{sam}/disable"), &[]).await.says(404, "");
    let page = ada.get(&format!("/users/{boss}")).await;
    page.says(200, "You may look, not change");
    for act in ["disable", "remove", "reset-password"] {
        let refused = ada.post(&format!("/users/{boss}/{act}"), &[("by", "link")]).await;
        assert!(matches!(refused.status.as_u16(), 403 | 404), "{act}: {}", refused.status);
    }
    assert!(admin.is_in("").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_user_comes_in_by_a_link_a_password_or_like_a_colleague() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    admin.get("/users").await.says(200, "New user");
    admin.get("/new-user").await.says(200, "Like a colleague");
    let all = |own: &[(&'static str, &'static str)]| {
        let mut fields = vec![("kind", "person"), ("way", "invitation")];
        fields.retain(|(name, _)| !own.iter().any(|(other, _)| other == name));
        fields.extend_from_slice(own);
        fields
    };
    let wrong = admin.post("/new-user", &all(&[("login", ""), ("role", "chef"), ("email", "x")])).await;
    wrong.says(400, "See the marked fields").says(400, "no role of this key").says(400, "value=\"chef\"");
    let both = admin
        .post("/new-user", &all(&[("login", "eve@shop.example"), ("like", ADA), ("role", "vendor")]))
        .await;
    both.says(400, "Either like a colleague, or chosen");
    admin.post("/new-user", &all(&[("login", ADA)])).await.says(409, "is taken");
    let no_mail = all(&[("login", "eve"), ("role", "customer_service"), ("site", "north")]);
    admin.post("/new-user", &no_mail).await.says(400, "no e-mail").says(400, "value=\"customer_service\"");
    let fields = all(&[("login", "Eve@shop.example"), ("like", ADA)]);
    let made = admin.post("/new-user", &fields).await;
    made.says(200, "this link</h1>");
    let (_, rest) = made.text.split_once("https://omc.shop.example").unwrap();
    let path = rest.split('"').next().unwrap().to_owned();
    let mut eve = Browser::new(&company);
    eve.get(&path).await.says(200, "eve@shop.example");
    let (_, code) = path.split_once("code=").unwrap();
    let set = [("code", code), ("new", PASSWORD), ("again", PASSWORD)];
    eve.post("/link", &set).await.says(200, "");
    let mut eve = Browser::of(&company, "", "eve@shop.example").await;
    eve.get("/me").await.says(200, "Client Customer Services");
    let fields = all(&[
        ("login", "till"),
        ("kind", "system"),
        ("way", "generated"),
        ("role", "api_user"),
        ("site", "north"),
    ]);
    admin.post("/new-user", &fields).await.says(200, "this password</h1>");
    let mut ada = Browser::of(&company, "", ADA).await;
    ada.get("/new-user").await.says(403, "USER_CREATE");
    ada.post("/new-user", &all(&[("login", "x@shop.example")])).await.says(403, "USER_CREATE");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_copied_edited_with_a_preview_and_removed() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let mut ada = Browser::of(&company, "", ADA).await;
    admin.get("/roles/customer_service").await.says(200, "/new-role?from=customer_service");
    admin.get("/roles/customer_service/edit").await.says(403, "fixed");
    let wrong = admin.post("/new-role", &[("from", "chef"), ("key", "A b"), ("label", "")]).await;
    wrong.says(400, "no role of this key").says(400, "value=\"A b\"");
    let taken = admin.post("/new-role", &[("from", ""), ("key", "vendor"), ("label", "V")]).await;
    taken.says(409, "is taken");
    let made = admin
        .post("/new-role", &[("from", "customer_service"), ("key", "helper"), ("label", "Helper")])
        .await;
    assert_eq!(made.location(), "/roles/helper?done=copied");
    admin.get("/roles/helper").await.says(200, "Custom").says(200, "0 of the users you see");
    // Ada helps in the South from now on.
    company.perform(Op::Grant(GrantOp::Add {
        users: vec![ADA.into()],
        grant: service::ops::GrantNames {
            role: "helper".into(),
            scope: service::ops::ScopeNames { retailers: vec!["south".into()], ..Default::default() },
            valid_from: None,
            valid_until: None,
        },
    }));
    admin.get("/roles/helper").await.says(200, "1 of the users you see");
    let form = admin.get("/roles/helper/edit").await;
    let version = form.field("version").unwrap();
    let ticked = ticked(&form.text);
    assert!(ticked.contains(&"ORDER_UPDATE".to_owned()) && ticked.len() > 5, "{ticked:?}");
    let with = |sure: &'static str, level: &'static str| {
        editor(&version, &ticked, &[("level_users", level), ("sure", sure)])
    };
    let asked = admin.post("/roles/helper/edit", &borrowed(&with("", "write"))).await;
    asked.says(200, "Save the role helper?").says(200, "ada@shop.example gains").says(200, "SOUTH");
    ada.get("/users").await.says(403, "");
    asked.says(200, "Added to the role: ").says(200, "<button class=\"primary\">Save role</button>");
    let again = admin.post("/roles/helper/edit", &borrowed(&with("", ""))).await;
    again.says(200, "Nobody gains or loses anything").says(200, "Its permissions stay as they are.");
    let less = admin.post("/roles/helper/edit", &borrowed(&editor(&version, &[], &[]))).await;
    less.says(200, "Taken from the role: ").says(200, "<button class=\"danger\">Save role</button>");
    let done = admin.post("/roles/helper/edit", &borrowed(&with("yes", "write"))).await;
    assert_eq!(done.location(), "/roles/helper?done=saved");
    ada.get("/users").await.says(200, ADMIN);
    let stale = admin.post("/roles/helper/edit", &borrowed(&with("yes", "none"))).await;
    stale.says(409, "Somebody else changed this role meanwhile");
    // A mistake in between makes no difference.
    let mut wrong = editor(&version, &ticked, &[]);
    wrong.iter_mut().filter(|(name, _)| *name == "label").for_each(|(_, label)| label.clear());
    let wrong = admin.post("/roles/helper/edit", &borrowed(&wrong)).await;
    assert_eq!((wrong.status.as_u16(), wrong.field("version")), (400, Some(version.clone())));
    // It is told before the question, too, with what the form would undo.
    let stale = admin.post("/roles/helper/edit", &borrowed(&with("", ""))).await;
    stale.says(409, "Somebody else changed this role meanwhile");
    stale.says(409, "The role holds these now, and would not any more: ").says(409, "USER_VIEW");
    admin
        .post("/roles/helper/edit", &[("label", "x"), ("version", "0"), ("p", "ORDER_EAT")])
        .await
        .says(400, "");
    admin.get("/roles/helper/remove").await.says(200, "ada@shop.example loses");
    assert_eq!(admin.post("/roles/helper/remove", &[]).await.location(), "/roles?done=removed");
    ada.get("/users").await.says(403, "");
    ada.get("/roles/helper/edit").await.says(403, "ROLE_VIEW");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_makes_users_and_sees_none_is_shown_the_password_all_the_same() {
    let company = Company::new();
    company.perform(Op::Role(RoleOp::Create {
        key: "enrolment".into(),
        label: None,
        application: None,
        permissions: vec!["OMC_ACCESS".into(), "USER_CREATE".into()],
    }));
    let at = grant("enrolment", Some("north"), &[]);
    company.perform(Op::Grant(GrantOp::Add { users: vec![ADA.into()], grant: at }));
    let mut ada = Browser::of(&company, "", ADA).await;
    let fields = |login: &'static str, way: &'static str| {
        [("login", login), ("kind", "person"), ("way", way), ("role", "enrolment"), ("site", "north")]
    };
    for (login, way) in [("nia@shop.example", "generated"), ("noa@shop.example", "invitation")] {
        ada.get("/new-user").await.says(200, "Make user");
        let made = ada.post("/new-user", &fields(login, way)).await;
        made.says(200, &format!("Give <bdi>{login}</bdi> ")).says(200, "href=\"/\"");
    }
}

/// The fields of the editor of the role `helper`, with these permissions ticked.
fn editor(version: &str, ticked: &[String], rest: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let mut fields = vec![("label", "Helper".to_owned()), ("version", version.to_owned())];
    fields.extend(ticked.iter().map(|name| ("p", name.clone())));
    fields.extend(rest.iter().map(|(name, value)| (*name, (*value).to_owned())));
    fields
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_bound_where_it_is_made_and_a_copy_where_its_original_is() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let form = admin.get("/new-role").await;
    form.says(200, "A copy has no rank: it is given under Other roles.").says(200, "name=\"bound_to\"");
    // Roles of every application are suggested to be copied: the script narrows by a field of that name.
    assert!(!form.text.contains("name=\"application\""), "{}", form.text);
    let new = |from, key, bound_to| [("from", from), ("key", key), ("label", "X"), ("bound_to", bound_to)];
    for (from, key, bound_to, counts_in) in [
        ("", "bound", "store_app", "<dd>Store App</dd>"),
        ("", "unbound", "", "<dd>All applications</dd>"),
        ("vendor", "copied", "omc", "<dd>Store App</dd>"),
    ] {
        let made = admin.post("/new-role", &new(from, key, bound_to)).await;
        admin.get(made.location()).await.says(200, counts_in);
    }
    let wrong = admin.post("/new-role", &new("", "bound", "store_app")).await;
    wrong.says(409, "<option value=\"store_app\" selected>");
    admin.post("/new-role", &new("", "odd", "kitchen")).await.says(400, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn levels_that_no_editor_offers_are_refused() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    admin.post("/new-role", &[("from", "customer_service"), ("key", "helper"), ("label", "Helper")]).await;
    let version = admin.get("/roles/helper/edit").await.field("version").unwrap();
    let right = editor(&version, &[], &[("level_users", "read"), ("levels", "orders=write")]);
    admin.post("/roles/helper/edit", &borrowed(&right)).await.says(200, "Users from none to read");
    for odd in [
        ("level_users", "full"),
        ("level_store_orders", "read"),
        ("levels", "users"),
        ("levels", "chef=read"),
    ] {
        admin.post("/roles/helper/edit", &borrowed(&editor(&version, &[], &[odd]))).await.says(400, "");
    }
    let twice = [("level_users", "read"), ("levels", "users=write")];
    admin.post("/roles/helper/edit", &borrowed(&editor(&version, &[], &twice))).await.says(400, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_modules_are_set_at_once() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    admin.post("/new-role", &[("from", "customer_service"), ("key", "helper"), ("label", "Helper")]).await;
    let page = admin.get("/roles/helper/edit").await;
    page.says(200, "<select id=\"level_orders\" name=\"level_orders\"");
    page.says(200, "data-read=\"CONTROL_VIEW\" data-all=\"CONTROL_CREATE CONTROL_UPDATE CONTROL_VIEW\"");
    assert!(!page.text.contains("level_store_orders"), "a module of another application");
    let (version, before) = (page.field("version").unwrap(), ticked(&page.text));
    let levels =
        [("level_orders", "read"), ("level_buffers", "write"), ("level_users", "read"), ("level_stock", "")];
    let with = |rest: &[(&'static str, &str)]| editor(&version, &before, &[&levels[..], rest].concat());
    let asked = admin.post("/roles/helper/edit", &borrowed(&with(&[]))).await;
    asked
        .says(200, "Buffers from ")
        .says(200, "Orders from write to read")
        .says(200, "Users from none to read");
    for (what, names) in [("Added to the role: ", "USER_VIEW"), ("Taken from the role: ", "ORDER_UPDATE")] {
        let (_, rest) = asked.text.split_once(what).unwrap();
        assert!(rest.split("</li>\n").next().unwrap().contains(names), "{what}: {}", asked.text);
    }
    // Nobody has it: nobody loses anything.
    asked.says(200, "<button class=\"primary\">Save role</button>");
    let sure = admin.post("/roles/helper/edit", &borrowed(&with(&[("sure", "yes")]))).await;
    assert_eq!(sure.location(), "/roles/helper?done=saved");
    let after = ticked(&admin.get("/roles/helper/edit").await.text);
    let holds = |name: &str| after.iter().any(|own| own == name);
    assert!(holds("ORDER_VIEW") && holds("CONTROL_UPDATE") && holds("USER_VIEW"), "{after:?}");
    assert!(!holds("ORDER_UPDATE") && !holds("FULFILMENT_UPDATE") && !holds("USER_UPDATE"), "{after:?}");
    let stock = |all: &[String]| all.iter().filter(|name| name.starts_with("INVENTORY")).count();
    assert_eq!(stock(&before), stock(&after), "what was not set is as it was ticked");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_modules_share_is_held_when_one_of_them_is_to_have_it() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    // Of no application: the modules of all of them share permissions.
    admin.post("/new-role", &[("key", "helper"), ("label", "Helper"), ("bound_to", "")]).await;
    let shared: Vec<String> = ["USER_VIEW", "USER_UPDATE", "FULFILMENT_UPDATE"].map(str::to_owned).into();
    for (levels, held, taken) in [
        // USER_VIEW and USER_UPDATE are of both, in whichever order they stand.
        ([("level_users", "none"), ("level_store_users", "write")], "USER_UPDATE", "USER_REMOVE"),
        ([("level_users", "write"), ("level_store_users", "none")], "USER_UPDATE", "FULFILMENT_VIEW"),
        ([("level_users", "read"), ("level_store_users", "write")], "USER_UPDATE", "USER_REMOVE"),
        ([("level_users", "none"), ("level_store_users", "read")], "USER_VIEW", "USER_UPDATE"),
        // FULFILMENT_UPDATE: to be read in the store, and written in the office.
        (
            [("level_store_orders", "read"), ("level_orders", "write")],
            "FULFILMENT_UPDATE",
            "INVENTORYQUANTITY_UPDATE",
        ),
        ([("level_store_orders", "write"), ("level_orders", "none")], "FULFILMENT_UPDATE", "ORDER_UPDATE"),
    ] {
        let version = admin.get("/roles/helper/edit").await.field("version").unwrap();
        let fields = editor(&version, &shared, &[&levels[..], &[("sure", "yes")]].concat());
        let saved = admin.post("/roles/helper/edit", &borrowed(&fields)).await;
        assert_eq!(saved.location(), "/roles/helper?done=saved");
        let now = ticked(&admin.get("/roles/helper/edit").await.text);
        assert!(now.contains(&held.to_owned()) && !now.contains(&taken.to_owned()), "{levels:?}: {now:?}");
    }
}
