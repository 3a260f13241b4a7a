//! What a vendor manager does in the Store App: with the users of the store that they are in, and with nobody else.

use service::ops::{GrantNames, GrantOp, LocationOp, Op, RoleOp};

use crate::browser::{Browser, borrowed, id_of};
use crate::company::{ADMIN, Company, PASSWORD, SAM, grant};

/// Vendor manager of the store of Leeds.
const MAX: &str = "max@shop.example";
/// Works in the store of York, of the same site.
const YVES: &str = "yves@shop.example";
/// Works in every store of the site.
const ALMA: &str = "alma@shop.example";

/// The company with a second store in the North, and these people.
fn stores() -> Company {
    let company = Company::new();
    let (retailer, key) = ("north".into(), "york".into());
    company.perform(Op::Location(LocationOp::Create { retailer, key, name: None, warehouse: false }));
    // A custom role of the Store App, that holds less than every other.
    company.perform(Op::Role(RoleOp::Create {
        key: "floor".into(),
        label: Some("Floor".into()),
        application: Some("store_app".into()),
        permissions: vec!["FULFILMENT_VIEW".into()],
    }));
    company.user(MAX, vec![grant("vendor_manager", Some("north"), &["leeds"])], None);
    company.user(YVES, vec![grant("vendor", Some("north"), &["york"])], None);
    company.user(ALMA, vec![grant("vendor", Some("north"), &[])], None);
    company
}

/// Where somebody is after they have signed in: what one's own page says of the store.
async fn store_of(company: &Company, login: &str) -> String {
    let page = Browser::of(company, "/store", login).await.get("/store/me").await;
    let (_, rest) = page.text.split_once("<dt>Store</dt><dd>").unwrap();
    rest.split("</dd>").next().unwrap().to_owned()
}

/// The ids of the grants that the page of a user shows.
fn grants_on(page: &str) -> Vec<String> {
    let parts = page.split(" id=\"gra_").skip(1);
    parts.filter_map(|part| part.split('"').next()).map(|number| format!("gra_{number}")).collect()
}

/// The form that gives this role at this place.
fn giving(role: &'static str, locations: &'static str, version: &str) -> Vec<(&'static str, String)> {
    let fields = [("role", role), ("site", "north"), ("locations", locations), ("channels", "")];
    let mut all: Vec<_> = fields.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
    all.extend([("from", ""), ("until", ""), ("sure", "yes")].map(|(name, value)| (name, value.to_owned())));
    all.push(("version", version.to_owned()));
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_manager_sees_the_users_of_the_store_alone() {
    let company = stores();
    // Whoever works in one store is in it from the first page on, which is that of its users.
    let mut max = Browser::of(&company, "/store", MAX).await;
    assert_eq!(max.get("/store/").await.location(), "/store/users");
    let list = max.get("/store/users").await;
    list.says(200, SAM).says(200, MAX).says(200, "<h1>Users of <bdi>leeds</bdi></h1>");
    list.says(200, "<a href=\"/store/users\" aria-current=\"page\">Users</a>");
    for other in [YVES, ALMA, ADMIN] {
        assert!(!list.text.contains(other), "{other} has no access to this store of their own");
    }
    for foreign in ["/store/roles", "/store/audit", "/store/explain", "href=\"/users", "href=\"/roles"] {
        assert!(!list.text.contains(foreign), "{foreign}");
    }
    assert!(!list.text.contains("active-site"), "there is one store, and nothing to choose");
    let file = max.get("/store/users.csv").await;
    file.says(200, SAM);
    assert!(!file.text.contains(YVES) && !file.text.contains(ALMA));
    max.get("/store/users?q=sam&sort=-login&rows=10&status=enabled")
        .await
        .says(200, SAM)
        .says(200, "1\u{2013}1 of 1");
    // What the list of a store is not found by changes nothing.
    max.get("/store/users?site=atlantis&role=chef").await.says(200, SAM);
    let sam = id_of(&mut max, "/store", SAM).await;
    let page = max.get(&format!("/store/users/{sam}")).await;
    page.says(200, "<bdi>Vendor</bdi>").says(200, "<bdi>leeds</bdi>");
    for foreign in ["href=\"/roles", "Effective access", ">History<", "/audit"] {
        assert!(!page.text.contains(foreign), "{foreign}");
    }
    let mut admin = Browser::of(&company, "", ADMIN).await;
    for other in [YVES, ALMA, ADMIN] {
        let id = id_of(&mut admin, "", other).await;
        max.get(&format!("/store/users/{id}")).await.says(404, "");
        for act in ["disable", "remove", "sign-out", "reset-password"] {
            max.post(&format!("/store/users/{id}/{act}"), &[("by", "link")]).await.says(404, "");
        }
        max.post("/store/users-bulk", &[("act", "disable"), ("u", &id), ("sure", "yes")]).await.says(404, "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_vendor_manager_disables_is_out_at_once() {
    let company = stores();
    let mut max = Browser::of(&company, "/store", MAX).await;
    let mut sam = Browser::of(&company, "/store", SAM).await;
    let id = id_of(&mut max, "/store", SAM).await;
    let page = format!("/store/users/{id}");
    let ask = max.get(&format!("{page}/disable")).await;
    ask.says(200, "1 session and 0 tokens end at once").says(200, &format!("href=\"{page}\""));
    assert!(sam.is_in("/store").await, "asking does nothing");
    let done = max.post(&format!("{page}/disable"), &[("reason", "left")]).await;
    assert_eq!(done.location(), format!("{page}?done=disable"));
    max.get(done.location()).await.says(200, "The user is disabled");
    assert!(!sam.is_in("/store").await);
    let mut again = Browser::new(&company);
    assert_eq!(again.sign_in("/store", SAM, PASSWORD).await.status.as_u16(), 401);
    let asked = max.get(&format!("{page}/enable")).await;
    let done = max.post(&format!("{page}/enable"), &borrowed(&asked.with(&[]))).await;
    assert_eq!(done.location(), format!("{page}?done=enable"));
    let mut sam = Browser::of(&company, "/store", SAM).await;
    let shown = max.get(&format!("{page}?tab=sessions")).await;
    let token = shown.field("token").unwrap();
    let ended = max.post(&format!("{page}/end-token"), &[("token", &token)]).await;
    assert_eq!(ended.location(), format!("{page}?done=end-token&tab=sessions"));
    assert!(!sam.is_in("/store").await);
    let reset = max.post(&format!("{page}/reset-password"), &[("by", "link")]).await;
    reset.says(200, "https://omc.shop.example/store/link?code=kwl_").says(200, &format!("href=\"{page}\""));
    // Vendor managers take access; to remove somebody for good is not theirs.
    assert!(!max.get(&page).await.text.contains("Remove"));
    max.post(&format!("{page}/remove"), &[]).await.says(403, "USER_REMOVE");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_users_of_a_store_are_signed_out_at_once_and_none_is_given_a_role() {
    let company = stores();
    let mut max = Browser::of(&company, "/store", MAX).await;
    let mut sam = Browser::of(&company, "/store", SAM).await;
    let id = id_of(&mut max, "/store", SAM).await;
    let list = max.get("/store/users").await;
    assert!(!list.text.contains("bulk-role") && !list.text.contains("value=\"give\""));
    let asked = max.post("/store/users-bulk", &[("act", "sign-out"), ("u", &id)]).await;
    asked.says(200, "Sign out everywhere: 1 user?").says(200, "action=\"/store/users-bulk\"");
    assert!(sam.is_in("/store").await);
    let done = max.post("/store/users-bulk", &[("act", "sign-out"), ("u", &id), ("sure", "yes")]).await;
    assert_eq!(done.location(), "/store/users?done=many");
    assert!(!sam.is_in("/store").await);
    let give = [("act", "give"), ("role", "vendor_manager"), ("site", "north"), ("u", id.as_str())];
    max.post("/store/users-bulk", &give).await.says(400, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn access_is_given_and_taken_at_the_store_alone() {
    let company = stores();
    let mut max = Browser::of(&company, "/store", MAX).await;
    let id = id_of(&mut max, "/store", SAM).await;
    let page = format!("/store/users/{id}");
    let version = max.get(&page).await.field("version").unwrap();
    let give = format!("{page}/give");
    // Roles of other applications, other stores and the whole site are not a vendor manager's to give.
    for (role, at, status, why) in [
        ("customer_service", "leeds", 403, "with Store App roles there"),
        ("floor", "", 403, "with Store App roles there"),
        ("floor", "york", 400, "There is no stock location `york` here."),
        ("auditor", "leeds", 400, "There is no role of this key"),
    ] {
        max.post(&give, &borrowed(&giving(role, at, &version))).await.says(status, why);
    }
    let done = max.post(&give, &borrowed(&giving("floor", "leeds", &version))).await;
    assert_eq!(done.location(), format!("{page}?done=give#access"));
    let shown = max.get(done.location()).await;
    shown.says(200, "<bdi>Floor</bdi>");
    let grants = grants_on(&shown.text);
    assert_eq!(grants.len(), 2);
    for (at, grant) in grants.iter().enumerate() {
        let version = max.get(&page).await.field("version").unwrap();
        max.get(&format!("{page}/take?grant={grant}")).await.says(200, &format!("action=\"{page}/take\""));
        let taken = max.post(&format!("{page}/take"), &[("grant", grant), ("version", &version)]).await;
        // Whose last access to the store is taken is seen no more.
        let seen = format!("{page}?done=take#access");
        let expected = if at == 0 { seen.as_str() } else { "/store/users?done=take" };
        assert_eq!(taken.location(), expected);
        max.get(taken.location()).await.says(200, "The access is taken.");
    }
    max.get(&page).await.says(404, "");
    let mut sam = Browser::new(&company);
    let refused = sam.sign_in("/store", SAM, PASSWORD).await;
    assert_ne!(refused.status.as_u16(), 303, "there is nothing to enter the Store App by");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_role_of_somebody_is_changed_at_the_store() {
    let company = stores();
    let mut max = Browser::of(&company, "/store", MAX).await;
    let id = id_of(&mut max, "/store", SAM).await;
    let path = format!("/store/users/{id}/access");
    let form = max.get(&path).await;
    form.says(200, "Role in the Store App").says(200, "vendor\" selected");
    assert!(!form.text.contains("omc_role") && !form.text.contains("api_role"), "{}", form.text);
    let version = form.field("version").unwrap();
    let asked = max.post(&path, &[("version", &version), ("store_app_role", "vendor_manager")]).await;
    asked
        .says(200, "Vendor manager: NORTH, only at leeds")
        .says(200, "Taken")
        .says(200, "sam@shop.example gains");
    let done = max.post(&path, &borrowed(&asked.with(&[]))).await;
    assert_eq!(done.location(), format!("/store/users/{id}?done=change#access"));
    max.get(done.location()).await.says(200, "<bdi>Vendor manager</bdi>");
    // Fields of other applications and another site change nothing there.
    let version = max.get(&path).await.field("version").unwrap();
    let wide = [
        ("version", version.as_str()),
        ("site", "south"),
        ("omc_role", "client_admin"),
        ("store_app_role", ""),
    ];
    let asked = max.post(&path, &wide).await;
    asked.says(200, "sam@shop.example loses");
    assert!(!asked.text.contains("Client Admin"), "{}", asked.text);
    max.post(&path, &borrowed(&asked.with(&[]))).await;
    max.get(&path).await.says(404, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_is_made_in_the_store_and_comes_in_by_the_link() {
    let company = stores();
    let mut max = Browser::of(&company, "/store", MAX).await;
    let form = max.get("/store/new-user").await;
    form.says(200, "New user of <bdi>leeds</bdi>");
    form.says(200, "<option value=\"vendor\">Vendor</option>");
    form.says(200, "<option value=\"vendor_manager\">Vendor manager</option>");
    assert!(!form.text.contains("customer_service") && !form.text.contains("name=\"site\""));
    let with = |login: &'static str, role: &'static str, way: &'static str| {
        [("login", login), ("name", ""), ("email", ""), ("role", role), ("way", way)]
    };
    let wrong = max.post("/store/new-user", &with("", "vendor_manager", "invitation")).await;
    wrong.says(400, "See the marked fields").says(400, "<option value=\"vendor_manager\" selected>");
    max.post("/store/new-user", &with(SAM, "vendor", "invitation")).await.says(409, "is taken");
    for role in ["customer_service", "client_admin", "ADMIN"] {
        let refused = max.post("/store/new-user", &with("eve@shop.example", role, "invitation")).await;
        refused.says(403, "Nothing was changed.").says(403, "value=\"eve@shop.example\"");
    }
    max.post("/store/new-user", &with("eve@shop.example", "chef", "invitation")).await.says(400, "");
    // Other fields than those of the form give nothing.
    let mut fields = with("eve@shop.example", "vendor", "invitation").to_vec();
    fields.extend([("site", "south"), ("locations", "york"), ("like", ADMIN), ("kind", "system")]);
    let made = max.post("/store/new-user", &fields).await;
    made.says(200, "this link</h1>");
    let (_, rest) = made.text.split_once("https://omc.shop.example").unwrap();
    let path = rest.split('"').next().unwrap().to_owned();
    assert!(path.starts_with("/store/link?code="), "{path}");
    let mut eve = Browser::new(&company);
    eve.get(&path).await.says(200, "eve@shop.example");
    let (_, code) = path.split_once("code=").unwrap();
    eve.post("/store/link", &[("code", code), ("new", PASSWORD), ("again", PASSWORD)]).await.says(200, "");
    let mut eve = Browser::of(&company, "/store", "eve@shop.example").await;
    eve.get("/store/me").await.says(200, "Vendor").says(200, "<bdi class=\"ref\">leeds</bdi>");
    let id = id_of(&mut max, "/store", "eve@shop.example").await;
    let page = max.get(&format!("/store/users/{id}")).await;
    page.says(200, "Person, password").says(200, "<bdi>leeds</bdi>").says(200, "<bdi>Vendor</bdi>");
    assert_eq!(grants_on(&page.text).len(), 1);
    let made = max.post("/store/new-user", &with("till.leeds", "vendor_manager", "generated")).await;
    made.says(200, "this password</h1>");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_no_manager_is_told_what_is_missing() {
    let company = stores();
    let mut sam = Browser::of(&company, "/store", SAM).await;
    assert_eq!(sam.get("/store/").await.location(), "/store/me", "there is no other page for them");
    assert!(!sam.get("/store/me").await.text.contains("/store/users"));
    for (page, missing) in
        [("/store/users", "USER_VIEW"), ("/store/users.csv", "USER_VIEW"), ("/store/new-user", "USER_CREATE")]
    {
        sam.get(page).await.says(403, missing).says(403, ADMIN);
    }
    let fields = [("login", "x"), ("name", ""), ("email", ""), ("role", "vendor"), ("way", "invitation")];
    sam.post("/store/new-user", &fields).await.says(403, "USER_CREATE");
    let mut max = Browser::of(&company, "/store", MAX).await;
    let id = id_of(&mut max, "/store", MAX).await;
    sam.get(&format!("/store/users/{id}")).await.says(403, "USER_VIEW");
    sam.post("/store/users-bulk", &[("act", "disable"), ("u", &id)]).await.says(403, "USER_VIEW");
    assert!(max.is_in("/store").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_works_in_two_stores_chooses_one_and_switches() {
    let company = stores();
    company.perform(Op::Grant(GrantOp::Add {
        users: vec![MAX.into()],
        grant: grant("floor", Some("north"), &["york"]),
    }));
    let mut max = Browser::of(&company, "/store", MAX).await;
    let choice = max.get("/store/users").await;
    choice.says(200, "You are in no store").says(200, "<option value=\"york\"");
    assert!(!choice.text.contains(SAM) && !choice.text.contains("active-site"));
    assert_eq!(max.get("/store/users.csv").await.location(), "/store/users");
    assert_eq!(max.get("/store/new-user").await.location(), "/store/users");
    let go = |store: &'static str| [("retailer", ""), ("location", store), ("back", "/store/users")];
    assert_eq!(max.post("/store/me/place", &go("leeds")).await.location(), "/store/users");
    let list = max.get("/store/users").await;
    list.says(200, SAM).says(200, "<option value=\"leeds\" selected>").says(200, "Active store");
    assert!(!list.text.contains(YVES));
    // From the page of somebody the switcher leads to the list: the other store may not know them.
    let id = id_of(&mut max, "/store", SAM).await;
    let page = max.get(&format!("/store/users/{id}")).await;
    assert_eq!(page.field("back").as_deref(), Some("/store/users"));
    // A site in the address changes nothing: whoever is in a store stays there.
    max.get("/store/users?retailer=south").await.says(200, SAM);
    max.post("/store/me/place", &go("york")).await.location();
    let list = max.get("/store/users").await;
    assert!(!list.text.contains(SAM), "being in the other store shows nothing that is not held there");
    assert!(!list.text.contains("New user"), "they make no users here");
    max.get("/store/new-user").await.says(403, "USER_CREATE");
    max.get(&format!("/store/users/{id}")).await.says(404, "");
    // A store that is none of theirs is none.
    let wrong = max.post("/store/me/place", &go("dover")).await;
    wrong.says(404, "None of your stores");
    assert_eq!(wrong.field("back").as_deref(), Some("/store/me"), "there is a page to come back to");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_works_in_one_store_is_in_it_and_nobody_else_is_in_any() {
    let company = stores();
    assert!(store_of(&company, SAM).await.contains("leeds"));
    assert_eq!(store_of(&company, ALMA).await, "None", "every store is no store of one's own");
    let later = GrantNames {
        valid_from: Some("2099-01-01T00:00:00Z".into()),
        ..grant("floor", Some("north"), &["york"])
    };
    company.perform(Op::Grant(GrantOp::Add { users: vec![SAM.into()], grant: later }));
    assert!(store_of(&company, SAM).await.contains("leeds"), "what does not hold yet is no second store");
    let now = grant("floor", Some("north"), &["york"]);
    company.perform(Op::Grant(GrantOp::Add { users: vec![SAM.into()], grant: now }));
    assert_eq!(store_of(&company, SAM).await, "None");
    company.perform(Op::Location(LocationOp::Open { location: "york".into(), open: false }));
    assert!(store_of(&company, SAM).await.contains("leeds"), "nobody works in a store that is closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_of_every_store_names_the_one_that_they_are_in() {
    let company = stores();
    let boss = "boss@shop.example";
    company.user(boss, vec![grant("vendor_manager", Some("north"), &[])], None);
    let mut boss = Browser::of(&company, "/store", boss).await;
    boss.get("/store/users")
        .await
        .says(200, "You have access to no store of your own")
        .says(200, "/store/me");
    let place = [("retailer", ""), ("location", "york"), ("back", "/store/users")];
    assert_eq!(boss.post("/store/me/place", &place).await.location(), "/store/users");
    let list = boss.get("/store/users").await;
    list.says(200, "Users of <bdi>york</bdi>").says(200, YVES);
    assert!(!list.text.contains(SAM) && !list.text.contains(ALMA));
}
