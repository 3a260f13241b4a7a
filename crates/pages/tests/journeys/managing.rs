//! What an administrator does with a user: shown first, done, and seen at the next click of that user.

use service::ops::{Op, UserOp};

use crate::browser::Browser;
use crate::company::{ADA, ADMIN, Company, PASSWORD, SAM};

pub(crate) fn borrowed<'f>(fields: &'f [(&'f str, String)]) -> Vec<(&'f str, &'f str)> {
    fields.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

/// The permissions that are ticked in the editor of a role.
fn ticked(page: &str) -> Vec<String> {
    page.split("name=\"p\" value=\"")
        .skip(1)
        .filter(|part| part.split('>').next().unwrap().contains(" checked"))
        .map(|part| part.split('"').next().unwrap().to_owned())
        .collect()
}

/// The id of a user, as the list links to them.
pub(crate) async fn id_of(admin: &mut Browser, login: &str) -> String {
    let list = admin.get(&format!("/users?q={login}")).await;
    let (_, rest) = list.text.split_once("<a href=\"/users/usr").unwrap();
    format!("usr{}", rest.split('"').next().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_shown_with_access_and_what_it_comes_to() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let id = id_of(&mut admin, ADA).await;
    let page = admin.get(&format!("/users/{id}")).await;
    page.says(200, "Client Customer Services").says(200, "All sales channels").says(200, "Orders");
    page.says(200, "<bdi>NORTH</bdi>").says(200, "Sessions and tokens").says(200, "History");
    admin.get(&format!("/users/{id}?tab=sessions")).await.says(200, "Not signed in anywhere");
    admin.get(&format!("/users/{}", ADA.replace('@', "%40"))).await.says(200, "Client Customer Services");
    for nobody in ["nobody", "usr_999", "usr_0", "a/b"] {
        admin.get(&format!("/users/{nobody}")).await.says(404, "");
    }
    let own = id_of(&mut admin, ADMIN).await;
    let page = admin.get(&format!("/users/{own}")).await;
    page.says(200, "This is you");
    assert!(!page.text.contains("Disable\u{2026}") && !page.text.contains("Assign a site"));
}

#[tokio::test(flavor = "multi_thread")]
async fn disabling_says_what_ends_and_the_next_click_is_the_sign_in_page() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let mut ada = Browser::of(&company, "", ADA).await;
    let id = id_of(&mut admin, ADA).await;
    let ask = admin.get(&format!("/users/{id}/disable")).await;
    ask.says(200, "1 session and 0 tokens end at once")
        .says(200, "ada@shop.example is disabled and loses everything.");
    assert!(ada.is_in("").await, "asking does nothing");
    let done = admin.post(&format!("/users/{id}/disable"), &[("reason", "left the company")]).await;
    admin.get("/audit?kind=user.disabled").await.says(200, "<ins><bdi>left the company</bdi></ins>");
    assert_eq!(done.location(), format!("/users/{id}?done=disable"));
    admin.get(done.location()).await.says(200, "every session and token has ended").says(200, "disabled");
    assert!(!ada.is_in("").await);
    admin
        .get(&format!("/users/{id}/enable"))
        .await
        .says(200, "ada@shop.example is enabled and gains everything held.");
    admin.post(&format!("/users/{id}/enable"), &[]).await;
    assert!(!ada.is_in("").await, "what ended stays ended");
    assert!(Browser::of(&company, "", ADA).await.is_in("").await);
    // Twice does no harm.
    admin.post(&format!("/users/{id}/enable"), &[]).await;
    admin.get(&format!("/users/{id}/remove")).await.says(200, "The login stays reserved");
    assert_eq!(admin.post(&format!("/users/{id}/remove"), &[]).await.location(), "/users?done=remove");
    admin.get(&format!("/users/{id}")).await.says(200, "This user was removed");
    admin.post(&format!("/users/{id}/enable"), &[]).await.says(409, "removed");
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_end_and_passwords_are_reset() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let mut ada = Browser::of(&company, "", ADA).await;
    let id = id_of(&mut admin, ADA).await;
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
    let id = id_of(&mut admin, ADA).await;
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
    let id = id_of(&mut admin, ADA).await;
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
    company.perform(Op::Grant(service::ops::GrantOp::Add {
        users: vec![ADA.into()],
        grant: service::ops::GrantNames {
            role: "retail_director".into(),
            scope: service::ops::ScopeNames { retailers: vec!["south".into()], ..Default::default() },
            valid_from: None,
            valid_until: None,
        },
    }));
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let (sam, boss) = (id_of(&mut admin, SAM).await, id_of(&mut admin, ADMIN).await);
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
    company.perform(Op::Grant(service::ops::GrantOp::Add {
        users: vec![ADA.into()],
        grant: service::ops::GrantNames {
            role: "helper".into(),
            scope: service::ops::ScopeNames { retailers: vec!["south".into()], ..Default::default() },
            valid_from: None,
            valid_until: None,
        },
    }));
    admin.get("/roles/helper").await.says(200, "1 of the users you see");
    let editor = admin.get("/roles/helper/edit").await;
    let version = editor.field("version").unwrap();
    let ticked = ticked(&editor.text);
    assert!(ticked.contains(&"ORDER_UPDATE".to_owned()) && ticked.len() > 5, "{ticked:?}");
    let with = |sure: &'static str, module: &'static str, level: &'static str| {
        let mut fields: Vec<(&str, String)> = ticked.iter().map(|name| ("p", name.clone())).collect();
        let rest = [
            ("label", "Helper"),
            ("module", module),
            ("level", level),
            ("sure", sure),
            ("version", &version),
        ];
        fields.extend(rest.map(|(name, value)| (name, value.to_owned())));
        fields
    };
    let asked = admin.post("/roles/helper/edit", &borrowed(&with("", "users", "write"))).await;
    asked.says(200, "Save the role helper?").says(200, "ada@shop.example gains").says(200, "SOUTH");
    ada.get("/users").await.says(403, "");
    let again = admin.post("/roles/helper/edit", &borrowed(&with("", "", ""))).await;
    again.says(200, "Nobody gains or loses anything");
    let done = admin.post("/roles/helper/edit", &borrowed(&with("yes", "users", "write"))).await;
    assert_eq!(done.location(), "/roles/helper?done=saved");
    ada.get("/users").await.says(200, ADMIN);
    let stale = admin.post("/roles/helper/edit", &borrowed(&with("yes", "users", "none"))).await;
    stale.says(409, "Somebody else changed this role meanwhile");
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
async fn many_users_at_once_are_shown_first_and_what_is_refused_for_one_is_told() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let mut ada = Browser::of(&company, "", ADA).await;
    let (own, first, second) =
        (id_of(&mut admin, ADMIN).await, id_of(&mut admin, ADA).await, id_of(&mut admin, SAM).await);
    let with = |act: &'static str, role: &'static str, sure: &'static str| {
        let mut fields = vec![("act", act), ("role", role), ("site", "south"), ("sure", sure)];
        fields.extend([("u", own.as_str()), ("u", first.as_str()), ("u", second.as_str())]);
        fields
    };
    admin.post("/users-bulk", &[("act", "disable")]).await.says(400, "Tick the users");
    admin.post("/users-bulk", &[("act", "explode"), ("u", own.as_str())]).await.says(400, "");
    let asked = admin.post("/users-bulk", &with("disable", "", "")).await;
    asked.says(200, "Disable: 3 users?").says(200, "2 users are disabled and lose everything.");
    asked.says(200, "Not admin@shop.example: Nobody changes their own grants or status.");
    assert!(ada.is_in("").await);
    let done = admin.post("/users-bulk", &with("disable", "", "yes")).await;
    done.says(200, "Done for 2 of 3 users.").says(200, "Not admin@shop.example");
    assert!(!ada.is_in("").await && admin.is_in("").await);
    admin.post("/users-bulk", &with("enable", "", "yes")).await.says(200, "Done for 2 of 3 users.");
    admin.post("/users-bulk", &with("give", "chef", "")).await.says(400, "no role of this key");
    let asked = admin.post("/users-bulk", &with("give", "api_user", "")).await;
    asked.says(200, "Give a role: 3 users?").says(200, "2 users");
    admin.post("/users-bulk", &with("give", "api_user", "yes")).await.says(200, "Done for 2 of 3 users.");
    let list = admin.get("/users?role=api_user&site=south").await;
    list.says(200, ADA).says(200, SAM);
    // Taken where it is said, and nowhere else: both have it in the South, one in the North, too.
    let elsewhere = [("act", "take"), ("role", "api_user"), ("site", "north"), ("u", second.as_str())];
    admin.post("/users-bulk", &elsewhere).await.says(200, "They have nothing of that kind there.");
    let odd = [("act", "take"), ("role", "api_user"), ("site", "east"), ("u", second.as_str())];
    admin.post("/users-bulk", &odd).await.says(400, "There is no site `east` here.");
    let back = [("act", "disable"), ("u", second.as_str()), ("back", "/users?q=sam")];
    admin.post("/users-bulk", &back).await.says(200, "href=\"/users?q=sam\"");
    let away = [("act", "disable"), ("u", second.as_str()), ("back", "https://elsewhere.example/")];
    admin.post("/users-bulk", &away).await.says(200, "<a class=\"button\" href=\"/\">Cancel</a>");
    admin.post("/users-bulk", &with("take", "api_user", "yes")).await.says(200, "Done for 2 of 3 users.");
    let list = admin.get("/users?role=api_user&site=south").await;
    assert!(!list.text.contains(ADA) && !list.text.contains(SAM));
    let mut other = Browser::of(&company, "", ADA).await;
    other.post("/users-bulk", &with("disable", "", "yes")).await.says(403, "USER_VIEW");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_module_is_set_together_with_its_level() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let made = admin.post("/new-role", &[("from", "vendor"), ("key", "helper"), ("label", "Helper")]).await;
    assert_eq!(made.location(), "/roles/helper?done=copied");
    let version = admin.get("/roles/helper/edit").await.field("version").unwrap();
    for (module, level) in [("store_orders", ""), ("", "read")] {
        let fields =
            [("label", "Helper"), ("version", version.as_str()), ("module", module), ("level", level)];
        let half = admin.post("/roles/helper/edit", &fields).await;
        half.says(400, "Choose a module and what it is to be");
    }
}
