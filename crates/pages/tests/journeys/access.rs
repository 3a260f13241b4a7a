//! Access given, changed and taken: place by place, and grant by grant.

use service::ops::{GrantNames, GrantOp, Op, ScopeNames};

use crate::browser::{Browser, borrowed, id_of};
use crate::company::{ADA, ADMIN, Company, SAM};

/// The fields of a form for a place, besides `sure`.
fn fields<'f>(version: &str, own: &[(&'f str, &str)]) -> Vec<(&'f str, String)> {
    let own = own.iter().map(|(name, value)| (*name, (*value).to_owned()));
    own.chain([("version", version.to_owned())]).collect()
}

async fn version(browser: &mut Browser, id: &str) -> String {
    browser.get(&format!("/users/{id}")).await.field("version").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_assigned_with_a_role_in_each_application() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let id = id_of(&mut admin, "", ADA).await;
    let path = format!("/users/{id}/access");
    admin.get(&path).await.says(200, "Assign a site").says(200, "site=south").says(200, "All sites");
    admin.get(&format!("{path}?site=east")).await.says(404, "There is no site `east` here");
    let form = admin.get(&format!("{path}?site=south")).await;
    form.says(200, "Role in the Store App")
        .says(200, "Client Retail Director")
        .says(200, "All sales channels");
    let version = version(&mut admin, &id).await;
    let wanted = [
        ("site", "south"),
        ("store_app_role", "vendor"),
        ("store_app_where", "only"),
        ("store_app_places", "dover"),
        ("omc_role", "customer_service"),
        ("omc_where", "all"),
        ("omc_places", ""),
        ("api_role", ""),
    ];
    let asked = admin.post(&path, &borrowed(&fields(&version, &wanted))).await;
    asked.says(200, "Change the access of ada@shop.example?").says(200, "Vendor: SOUTH, only at dover");
    asked.says(200, "ada@shop.example gains");
    let back = asked.with(&[("again", "yes")]);
    admin.post(&path, &borrowed(&back)).await.says(200, "value=\"dover\"").says(200, "vendor\" selected");
    let done = admin.post(&path, &borrowed(&asked.with(&[]))).await;
    assert!(done.location().ends_with("done=change#access"), "{}", done.text);
    let page = admin.get(&format!("/users/{id}")).await;
    page.says(200, "<bdi>SOUTH</bdi>").says(200, "Only dover").says(200, "All sales channels");
    let same = admin.post(&path, &borrowed(&fields(&page.field("version").unwrap(), &wanted))).await;
    same.says(200, "Nothing is different");
    let stale = admin
        .post(&path, &borrowed(&fields(&version, &[("sure", "yes"), ("site", "south"), ("omc_role", "")])))
        .await;
    stale.says(409, "Somebody else changed this user meanwhile").says(409, "Now it is: ");
    stale.says(409, "Client Customer Services: SOUTH");
    let unasked =
        admin.post(&path, &borrowed(&fields(&version, &[("site", "south"), ("omc_role", "")]))).await;
    unasked.says(409, "Somebody else changed this user meanwhile").says(409, "Now it is: ");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_for_a_place_keeps_what_was_typed_and_says_what_is_wrong() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let id = id_of(&mut admin, "", SAM).await;
    let path = format!("/users/{id}/access");
    let version = version(&mut admin, &id).await;
    let send = async |admin: &mut Browser, own: &[(&'static str, &str)]| {
        admin.post(&path, &borrowed(&fields(&version, own))).await
    };
    let typed = [("site", "south"), ("store_app_role", "vendor"), ("store_app_places", "leeds")];
    let only = [&typed[..], &[("store_app_where", "only")]].concat();
    let foreign = send(&mut admin, &only).await;
    foreign
        .says(400, "no stock location `leeds`")
        .says(400, "value=\"leeds\"")
        .says(400, "vendor\" selected");
    let all = [&typed[..], &[("store_app_where", "all")]].concat();
    send(&mut admin, &all).await.says(400, "You chose all stock locations, and named some");
    let none = [("site", "south"), ("store_app_role", "vendor"), ("store_app_where", "only")];
    send(&mut admin, &none).await.says(400, "Name at least one");
    let foreign = [("site", "south"), ("store_app_role", "client_admin")];
    send(&mut admin, &foreign).await.says(400, "Choose one of the roles");
    send(&mut admin, &[("site", "east"), ("omc_role", "")]).await.says(400, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_given_is_shown_with_the_reason() {
    let company = Company::new();
    let names =
        |role: &str, scope| GrantNames { role: role.into(), scope, valid_from: None, valid_until: None };
    let at = |site: &str| ScopeNames { retailers: vec![site.into()], ..ScopeNames::default() };
    let give =
        |user: &str, grant| company.perform(Op::Grant(GrantOp::Add { users: vec![user.into()], grant }));
    company.perform(Op::Role(service::ops::RoleOp::Create {
        key: "till".into(),
        label: Some("Till".into()),
        application: None,
        permissions: vec![],
    }));
    give(ADA, names("retail_director", at("south")));
    give(SAM, names("till", at("south")));
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let id = id_of(&mut admin, "", SAM).await;
    let mut ada = Browser::of(&company, "", ADA).await;
    let form = ada.get(&format!("/users/{id}/access?site=south")).await;
    // A retail director gives what is weaker, and not what holds more.
    form.says(200, "headquarters holds").says(200, "which you do not hold over south");
    form.says(200, "value=\"customer_service\"").says(200, "Vendor");
    assert!(form.text.contains("value=\"headquarters\" disabled"), "{}", form.text);
    // In the North, Ada manages nobody, so nothing can be given there.
    let elsewhere = ada.get(&format!("/users/{id}/access?site=north")).await;
    elsewhere.says(200, "which you do not hold there");
    assert!(!elsewhere.text.contains("<select id=\"omc_role\""), "{}", elsewhere.text);
    // Whoever enters the OMC has an e-mail address as login.
    company.perform(Op::User(service::ops::UserOp::Create {
        login: "till-1".into(),
        name: None,
        language: None,
        time_zone: None,
        email: None,
        system: true,
        application: false,
        sso: None,
        grants: vec![names("api_user", at("south"))],
        password: None,
    }));
    let till = id_of(&mut admin, "", "till-1").await;
    let form = admin.get(&format!("/users/{till}/access?site=south")).await;
    form.says(200, "is no e-mail address").says(200, "Role in the API");
    assert!(!form.text.contains("<select id=\"omc_role\""), "{}", form.text);
    // A role on all sites is changed there, and leaves no room at one.
    let own = id_of(&mut admin, "", ADMIN).await;
    let form = ada.get(&format!("/users/{own}/access?site=south")).await;
    form.says(200, "it is changed there as a whole");
}

#[tokio::test(flavor = "multi_thread")]
async fn access_is_limited_to_a_channel_from_its_own_site() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let id = id_of(&mut admin, "", ADA).await;
    let path = format!("/users/{id}/access");
    // OneStock: sales channels are changed from the site of the grant alone.
    let form = admin.get(&format!("{path}?site=north")).await;
    form.says(200, "changed only from their own site").says(200, "Switch to NORTH");
    assert!(!form.text.contains("name=\"omc_places\""), "{}", form.text);
    // Whoever sends them all the same is told, and nothing of the rest is done either.
    let version = form.field("version").unwrap();
    let all =
        [("site", "north"), ("omc_role", "client_viewer"), ("omc_where", "only"), ("omc_places", "web")];
    let refused = admin.post(&path, &borrowed(&fields(&version, &all))).await;
    refused.says(400, "were not changed: that is done from their own site alone");
    let odd = [("site", "north"), ("omc_role", "client_viewer"), ("omc_where", "some")];
    admin.post(&path, &borrowed(&fields(&version, &odd))).await.says(400, "");
    let none = [("site", "north"), ("omc_role", "client_viewer"), ("omc_places", "web")];
    admin.post(&path, &borrowed(&fields(&version, &none))).await.says(400, "");
    let back = form.field("back").unwrap();
    let switched = admin.post("/me/place", &[("retailer", "north"), ("back", &back)]).await;
    let form = admin.get(switched.location()).await;
    form.says(200, "name=\"omc_places\"");
    let version = form.field("version").unwrap();
    let to = |places: &'static str| {
        fields(
            &version,
            &[
                ("site", "north"),
                ("omc_role", "customer_service"),
                ("omc_where", "only"),
                ("omc_places", places),
            ],
        )
    };
    admin.post(&path, &borrowed(&to("shop"))).await.says(400, "no sales channel `shop`");
    let asked = admin.post(&path, &borrowed(&to("web"))).await;
    asked.says(200, "only channel web").says(200, "ada@shop.example loses");
    let done = admin.post(&path, &borrowed(&asked.with(&[]))).await;
    assert!(done.location().ends_with("done=change#access"), "{}", done.text);
    let page = admin.get(&format!("/users/{id}")).await;
    page.says(200, "Only web").says(200, "All sales channels");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_service_refuses_is_marked_where_it_is_wrong() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let new = |login: &'static str| {
        [("login", login), ("kind", "person"), ("way", "generated"), ("role", "vendor"), ("site", "north")]
    };
    let office = [&new("till-7")[..3], &[("role", "customer_service"), ("site", "north")]].concat();
    let refused = admin.post("/new-user", &office).await;
    refused.says(400, "id=\"login-error\"").says(400, "is no e-mail address");
    admin.post("/new-user", &new("till-7")).await.says(200, "till-7");
    let id = id_of(&mut admin, "", "till-7").await;
    let (give, version) = (format!("/users/{id}/give"), version(&mut admin, &id).await);
    let second = [("version", version.as_str()), ("role", "vendor_manager"), ("site", "north")];
    let refused = admin.post(&give, &second).await;
    refused.says(409, "id=\"role-error\"").says(409, "has the role `vendor` in").says(409, "value=\"north\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ranked_role_at_several_sites_is_one_of_each() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let new = [("login", "two@shop.example"), ("kind", "person"), ("way", "invitation")];
    let role = [("role", "customer_service"), ("site", "north, south")];
    admin.post("/new-user", &[&new[..], &role].concat()).await.says(200, "two@shop.example");
    let page = admin.get("/users/two@shop.example").await;
    page.says(200, "Change the access: NORTH").says(200, "Change the access: SOUTH");
    assert!(!page.text.contains("Other roles"), "{}", page.text);
    let id = id_of(&mut admin, "", "two@shop.example").await;
    let give = format!("/users/{id}/give");
    let version = version(&mut admin, &id).await;
    let fields = [("version", version.as_str()), ("role", "vendor"), ("site", "south, north")];
    let asked = admin.post(&give, &fields).await;
    asked.says(200, "<bdi>NORTH; SOUTH</bdi>");
    admin.post(&give, &borrowed(&asked.with(&[]))).await.location();
    let page = admin.get(&format!("/users/{id}")).await;
    assert_eq!(page.text.matches("href=\"/roles/vendor\"").count(), 2, "{}", page.text);
    assert!(!page.text.contains("Other roles"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_grant_names_several_sites_places_and_days() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let id = id_of(&mut admin, "", SAM).await;
    let give = format!("/users/{id}/give");
    admin.get(&give).await.says(200, "Give access to");
    let version = version(&mut admin, &id).await;
    let grant = |sites: &'static str, locations: &'static str, until: &'static str| {
        let own = [
            ("role", "STORE"),
            ("site", sites),
            ("locations", locations),
            ("until", until),
            ("narrow", "yes"),
        ];
        fields(&version, &own)
    };
    let send = async |admin: &mut Browser, form: Vec<(&'static str, String)>| {
        admin.post(&give, &borrowed(&form)).await
    };
    send(&mut admin, grant(", ,", "", "")).await.says(400, "Name at least one, or empty the field");
    send(&mut admin, grant("north", "dover", "")).await.says(400, "no stock location `dover`");
    send(&mut admin, grant("north", "", "2026-11-02")).await.says(400, "This day is over already");
    let asked = send(&mut admin, grant("north, south", "leeds, dover", "2026-11-30")).await;
    asked.says(200, "of locations leeds, dover alone").says(200, "Until 1 Dec 2026");
    let back = admin.post(&give, &borrowed(&asked.with(&[("again", "yes")]))).await;
    back.says(200, "value=\"leeds, dover\"").says(200, "value=\"yes\" autocomplete=\"off\" checked");
    admin.post(&give, &borrowed(&asked.with(&[]))).await;
    let page = admin.get(&format!("/users/{id}")).await;
    page.says(200, "Other roles").says(200, "Store user").says(200, "Until 1 Dec 2026");
    let (_, rest) = page.text.split_once("/change?grant=").unwrap();
    let grant = rest.split('"').next().unwrap();
    let form = admin.get(&format!("/users/{id}/change?grant={grant}")).await;
    form.says(200, "value=\"north, south\"").says(200, "value=\"2026-11-30\"").says(200, "checked");
    admin.get(&format!("/users/{id}/change?grant=gra_999")).await.says(404, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_come_back_to_overwrites_nothing_unseen() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let id = id_of(&mut admin, "", SAM).await;
    let path = format!("/users/{id}/access");
    let shown = version(&mut admin, &id).await;
    let wanted = [("site", "south"), ("store_app_role", "vendor"), ("store_app_where", "all")];
    let asked = admin.post(&path, &borrowed(&fields(&shown, &wanted))).await;
    let rename = service::ops::UserOp::Edit {
        user: SAM.into(),
        name: Some("Samuel".into()),
        email: None,
        language: None,
        time_zone: None,
    };
    company.perform(Op::User(rename));
    let back = admin.post(&path, &borrowed(&asked.with(&[("again", "yes")]))).await;
    assert_eq!(back.field("version").unwrap(), shown, "the form is still about what was shown");
    let wrong = [&wanted[..], &[("store_app_places", "leeds")]].concat();
    let wrong = admin.post(&path, &borrowed(&fields(&shown, &wrong))).await;
    assert_eq!(wrong.field("version").unwrap(), shown);
    let sure = [&wanted[..], &[("sure", "yes")]].concat();
    let refused = admin.post(&path, &borrowed(&fields(&shown, &sure))).await;
    refused.says(409, "Somebody else changed this user meanwhile");
    assert_ne!(refused.field("version").unwrap(), shown);
    let give = format!("/users/{id}/give");
    let grant = [("role", "STORE"), ("site", "south"), ("again", "yes")];
    let back = admin.post(&give, &borrowed(&fields(&shown, &grant))).await;
    assert_eq!(back.field("version").unwrap(), shown);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_tells_of_what_one_does_not_see() {
    let company = Company::new();
    let names = |role: &str, site: &str| GrantNames {
        role: role.into(),
        scope: ScopeNames { retailers: vec![site.into()], ..ScopeNames::default() },
        valid_from: None,
        valid_until: None,
    };
    company.perform(Op::Retailer(service::ops::RetailerOp::Create {
        key: "west".into(),
        name: Some("Unannounced".into()),
        default_channel: "web".into(),
    }));
    let give =
        |user: &str, grant| company.perform(Op::Grant(GrantOp::Add { users: vec![user.into()], grant }));
    give(ADA, names("retail_director", "south"));
    give(SAM, names("customer_service", "south"));
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let id = id_of(&mut admin, "", SAM).await;
    let mut ada = Browser::of(&company, "", ADA).await;
    // A site of others is named like one that there is not, by its ref, its name and its id.
    let nowhere = ada.get(&format!("/users/{id}/access?site=nowhere")).await;
    for hidden in ["west", "Unannounced", "ret_3"] {
        let theirs = ada.get(&format!("/users/{id}/access?site={hidden}")).await;
        assert_eq!(theirs.text.replace(hidden, "nowhere"), nowhere.text, "{hidden}");
        ada.get(&format!("/users?site={hidden}")).await.says(400, "There is no site");
    }
    // What a form is about stays the same text when what one does not see becomes another thing.
    let give_form = format!("/users/{id}/give");
    let before = ada.get(&give_form).await.field("version").unwrap();
    let grants = company.perform(Op::User(service::ops::UserOp::Show { user: SAM.into() })).json;
    let north = grants["grants"][0]["id"].as_str().unwrap().to_owned();
    company.perform(Op::Grant(GrantOp::Remove { user: SAM.into(), grants: vec![north] }));
    give(SAM, names("vendor", "west"));
    assert_eq!(ada.get(&give_form).await.field("version").unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_sites_are_said_and_never_meant_by_an_empty_field() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let id = id_of(&mut admin, "", SAM).await;
    let give = format!("/users/{id}/give");
    let shown = version(&mut admin, &id).await;
    let at = |site: &'static str| fields(&shown, &[("role", "STORE"), ("site", site)]);
    let empty = admin.post(&give, &borrowed(&at(""))).await;
    empty.says(400, "Name the sites, or write * for all of them.").says(400, "value=\"STORE\"");
    admin.post(&give, &borrowed(&at("*"))).await.says(200, "the whole account");
    let new = [("login", "new@shop.example"), ("kind", "person"), ("way", "invitation"), ("role", "vendor")];
    admin.post("/new-user", &new).await.says(400, "Name the sites, or write * for all of them.");
    let many = [("act", "give"), ("role", "vendor"), ("site", ""), ("u", id.as_str())];
    admin.post("/users-bulk", &many).await.says(400, "Name the sites, or write * for all of them.");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_invited_comes_to_the_door_and_the_account_that_are_theirs() {
    let company = Company::new();
    company.init("other");
    let mut admin = Browser::new(&company);
    admin.get("/sign-in").await.says(200, "Account");
    let own = [("account", "shop"), ("login", ADMIN), ("password", crate::company::PASSWORD)];
    assert_eq!(admin.post("/sign-in", &own).await.location(), "/");
    admin.get("/me").await.says(200, ADMIN);
    let new = |login: &'static str, role: &'static str| {
        [("login", login), ("kind", "person"), ("way", "invitation"), ("role", role), ("site", "north")]
    };
    for (login, role, path) in [
        ("till@shop.example", "vendor", "/store/link?code="),
        ("desk@shop.example", "customer_service", "/link?code="),
    ] {
        let made = admin.post("/new-user", &new(login, role)).await;
        made.says(200, "They sign in to the account <strong><bdi>shop</bdi></strong>");
        let (_, rest) = made.text.split_once("https://omc.shop.example").unwrap();
        let link = rest.split('"').next().unwrap().to_owned();
        assert!(link.starts_with(path), "{link}");
        let (page, code) = link.split_once("?code=").unwrap();
        let mut invited = Browser::new(&company);
        invited.get(&link).await.says(200, login);
        let set = [("code", code), ("new", "a few quiet words"), ("again", "a few quiet words")];
        let done = invited.post(page, &set).await;
        assert_eq!(done.field("account").as_deref(), Some("shop"));
        assert_eq!(done.field("login").as_deref(), Some(login));
    }
}
