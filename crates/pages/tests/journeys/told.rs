//! What pages tell: the audit as a difference, previews that open, what was done, and why.

use service::ops::{GrantNames, GrantOp, LocationOp, Op, RoleOp, ScopeNames, UserOp};

use crate::browser::{Browser, Seen};
use crate::company::{ADA, ADMIN, Company, PASSWORD, SAM};

const BOSS: &str = "boss@shop.example";
const KIM: &str = "kim@shop.example";
const PAT: &str = "pat@shop.example";

fn grant(role: &str, site: Option<&str>, locations: &[&str]) -> GrantNames {
    GrantNames {
        role: role.into(),
        scope: ScopeNames {
            everywhere: site.is_none(),
            retailers: site.map(str::to_owned).into_iter().collect(),
            locations: locations.iter().map(|l| (*l).to_owned()).collect(),
            ..ScopeNames::default()
        },
        valid_from: None,
        valid_until: None,
    }
}

fn user(company: &Company, login: &str, grants: Vec<GrantNames>) {
    company.perform(Op::User(UserOp::Create {
        login: login.into(),
        name: None,
        language: None,
        time_zone: None,
        email: None,
        system: false,
        application: false,
        sso: None,
        grants,
        password: Some(PASSWORD.into()),
    }));
}

/// A custom role like another one.
fn copy(company: &Company, from: &str, key: &str) {
    company.perform(Op::Role(RoleOp::Copy { from: from.into(), key: key.into(), label: None }));
}

/// The fields of the editor of a role as it is shown, with others in their places.
async fn editor(admin: &mut Browser, key: &str, own: &[(&str, &str)]) -> Vec<(String, String)> {
    let page = admin.get(&format!("/roles/{key}/edit")).await;
    let mut fields: Vec<(String, String)> = page
        .text
        .split("name=\"p\" value=\"")
        .skip(1)
        .filter(|part| part.split('>').next().unwrap().contains(" checked"))
        .map(|part| ("p".to_owned(), part.split('"').next().unwrap().to_owned()))
        .collect();
    let rest = [("version", page.field("version").unwrap()), ("label", page.field("label").unwrap())];
    fields.extend(rest.map(|(name, value)| (name.to_owned(), value)));
    for (name, value) in own {
        fields.retain(|(known, _)| known != name || *name == "p");
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    fields
}

async fn post(browser: &mut Browser, path: &str, fields: &[(String, String)]) -> Seen {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    browser.post(path, &fields).await
}

/// The hidden fields of the question that a page asks.
fn hidden(page: &Seen) -> Vec<(String, String)> {
    let inputs = page.text.split("<input type=\"hidden\" name=\"").skip(1);
    let field = |part: &str| {
        let (name, rest) = part.split_once("\" value=\"").unwrap();
        (name.to_owned(), rest.split('"').next().unwrap().to_owned())
    };
    inputs.map(field).filter(|(name, _)| name != "csrf").collect()
}

/// The list of differences of the newest entry of the audit.
fn newest(page: &Seen) -> &str {
    let (_, rest) = page.text.split_once("<ul class=\"difference\">").unwrap();
    rest.split("</td>").next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_a_role_is_told_as_what_was_added_and_taken() {
    let company = Company::new();
    copy(&company, "customer_service", "helper");
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let mut fields = editor(&mut admin, "helper", &[("p", "USER_VIEW"), ("sure", "yes")]).await;
    fields.retain(|(name, value)| name != "p" || value != "ORDER_UPDATE");
    let saved = post(&mut admin, "/roles/helper/edit", &fields).await;
    assert_eq!(saved.location(), "/roles/helper?done=saved");
    let audit = admin.get("/audit?kind=role.edited").await;
    audit.says(200, "role edited <bdi class=\"kind\">role.edited</bdi>");
    audit.says(200, "<a href=\"/roles/helper\"><bdi>helper</bdi></a>");
    audit.says(200, &format!("<bdi>{ADMIN}</bdi></a>"));
    let told = newest(&audit);
    assert!(told.contains("added</span> <bdi>USER_VIEW</bdi></ins>"), "{told}");
    assert!(told.contains("taken</span> <bdi>ORDER_UPDATE</bdi></del>"), "{told}");
    assert!(!told.contains("ORDER_VIEW"), "what stays is not told: {told}");
    // A long list is cut at twelve, and opens.
    let audit = admin.get("/audit?kind=role.created").await;
    let told = newest(&audit);
    let (shown, opened) = told.split_once("<details>").unwrap();
    let permissions = |text: &str| text.matches("_").count();
    assert!(permissions(shown) == 12 && opened.contains(" more added</summary>"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_is_told_place_by_place_and_instants_as_times() {
    let company = Company::new();
    let stores = ["acton", "bath", "cork", "deal", "ely", "filey", "goole"];
    for key in stores {
        let (retailer, key) = ("north".into(), key.into());
        company.perform(Op::Location(LocationOp::Create { retailer, key, name: None, warehouse: false }));
    }
    let mut until = grant("vendor", Some("north"), &[&["leeds"][..], &stores[..]].concat());
    until.valid_until = Some("2026-12-01T00:00:00Z".into());
    company.perform(Op::Grant(GrantOp::Add { users: vec![ADA.into()], grant: until }));
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let audit = admin.get("/audit?kind=grant.added").await;
    let told = newest(&audit);
    // All eight, though a scope in a sentence names five.
    assert!(stores.iter().all(|key| told.contains(&format!("<bdi>only location {key}</bdi>"))), "{told}");
    assert!(told.contains("<bdi>site north</bdi>") && told.contains("1 Dec 2026, 00:00 UTC"), "{told}");
    assert!(!told.contains("1796"), "no raw instant: {told}");
    audit.says(200, &format!("<bdi>{ADA}</bdi></a> <bdi class=\"ref\">usr_"));
    company.link(ADA);
    let audit = admin.get("/audit?kind=user.link_made").await;
    assert!(newest(&audit).contains("expires at</bdi>: <ins><time datetime=\"2026-11-06T"), "{}", audit.text);
    // A store that is called like two places is not told as those.
    let key = "leeds, only channel web";
    company.perform(Op::Location(LocationOp::Create {
        retailer: "north".into(),
        key: key.into(),
        name: None,
        warehouse: false,
    }));
    user(&company, KIM, vec![grant("vendor", Some("north"), &[key])]);
    let audit = admin.get("/audit?kind=grant.added").await;
    let told = newest(&audit);
    assert!(told.contains(&format!("<ins><bdi>north, only at {key}</bdi></ins>")), "{told}");
    let made = admin.get("/audit?kind=location.created").await;
    made.says(200, &format!("<bdi>{key}</bdi> <bdi class=\"ref\">loc_"));
    // Refs beside the ids of places.
    admin
        .get("/audit?kind=location.created")
        .await
        .says(200, "<bdi>north</bdi> <bdi class=\"ref\">ret_1</bdi>");
}

#[tokio::test(flavor = "multi_thread")]
async fn kinds_are_chosen_from_a_list_and_may_be_typed() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let all = admin.get("/audit").await;
    for group in ["Users", "Access", "Roles", "Places", "Sign-in ways", "Sessions"] {
        all.says(200, &format!("<optgroup label=\"{group}\">"));
    }
    let chosen = admin.get("/audit?kind=user.created").await;
    chosen.says(200, "<option value=\"user.created\" selected>user made</option>");
    let typed = admin.get("/audit?kind=loc").await;
    typed.says(200, "<option value=\"loc\" selected>begins with loc</option>").says(200, "location.created");
    assert!(!typed.text.contains("<bdi class=\"kind\">user.created"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_of_a_preview_opens_to_whom_and_what_it_counts() {
    let company = Company::new();
    copy(&company, "customer_service", "helper");
    for login in [KIM, PAT] {
        user(&company, login, vec![grant("helper", Some("south"), &[])]);
    }
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let more = [
        "CARRIER_UPDATE",
        "COMMENT_UPDATE",
        "CREDITMEMO_UPDATE",
        "INVOICE_UPDATE",
        "MANIFEST_UPDATE",
        "PAYMENT_UPDATE",
        "WAVE_UPDATE",
    ];
    let fields = editor(&mut admin, "helper", &more.map(|name| ("p", name))).await;
    let asked = post(&mut admin, "/roles/helper/edit", &fields).await;
    asked.says(200, "<summary dir=\"auto\">2 users gain ").says(200, "and 2 more permissions");
    asked.says(200, "7 permissions</p>\n<ul>").says(200, "2 users</p>\n<ul>");
    asked.says(200, &format!("<ul><li><bdi>{KIM}</bdi></li><li><bdi>{PAT}</bdi></li></ul>"));
    for permission in more {
        asked.says(200, &format!("<li><bdi>{permission}</bdi></li>"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_names_nobody_whom_one_does_not_see() {
    let company = Company::new();
    copy(&company, "customer_service", "helper");
    copy(&company, "customer_service", "role_editor");
    // Whoever edits roles, holds what they hold, and sees no users.
    company.perform(Op::Role(RoleOp::Edit {
        role: "role_editor".into(),
        label: None,
        add: vec!["ROLE_VIEW".into(), "ROLE_UPDATE".into()],
        take: vec![],
    }));
    user(&company, BOSS, vec![grant("role_editor", None, &[])]);
    user(&company, KIM, vec![grant("helper", Some("south"), &[])]);
    let mut boss = Browser::of(&company, "", BOSS).await;
    boss.get("/users").await.says(403, "USER_VIEW");
    let more = editor(&mut boss, "helper", &[("p", "ROLE_VIEW")]).await;
    let asked = post(&mut boss, "/roles/helper/edit", &more).await;
    asked.says(200, "1 user gains ROLE_VIEW");
    assert!(!asked.text.contains(KIM), "{}", asked.text);
    user(&company, PAT, vec![grant("helper", Some("south"), &[])]);
    let asked = post(&mut boss, "/roles/helper/edit", &more).await;
    asked.says(200, "2 users gain ROLE_VIEW").says(200, "None that you see.");
    assert!(!asked.text.contains(KIM) && !asked.text.contains(PAT), "{}", asked.text);
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let seen = post(&mut admin, "/roles/helper/edit", &more).await;
    seen.says(200, KIM).says(200, PAT);
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_question_one_comes_back_to_the_form_as_it_was_filled_in() {
    let company = Company::new();
    copy(&company, "customer_service", "helper");
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let own =
        [("label", "Help <desk>"), ("p", "USER_VIEW"), ("level_stock", "write"), ("level_orders", "read")];
    let fields = editor(&mut admin, "helper", &own).await;
    let asked = post(&mut admin, "/roles/helper/edit", &fields).await;
    asked.says(200, "<button name=\"again\" value=\"yes\" formnovalidate>Back to the form</button>");
    let mut back: Vec<(String, String)> = hidden(&asked)
        .into_iter()
        .map(|(name, value)| (name, value.replace("&#60;", "<").replace("&#62;", ">")))
        .collect();
    back.push(("again".into(), "yes".into()));
    // Somebody else saves meanwhile: what they did is not overwritten unseen.
    let other = editor(&mut admin, "helper", &[("label", "Other"), ("sure", "yes")]).await;
    post(&mut admin, "/roles/helper/edit", &other).await.location();
    let form = post(&mut admin, "/roles/helper/edit", &back).await;
    form.says(200, "<h1>Edit role").says(200, "value=\"Help &#60;desk&#62;\"");
    let level = |module: &str| {
        let (_, rest) = form.text.split_once(&format!("<select id=\"level_{module}\"")).unwrap();
        let (_, rest) = rest.split("</select>").next().unwrap().split_once("\" selected>").unwrap();
        rest.split('<').next().unwrap().to_owned()
    };
    let levels = ["stock", "orders", "users"].map(level);
    assert_eq!(levels, ["write", "read", "As ticked below"]);
    form.says(200, "value=\"USER_VIEW\" autocomplete=\"off\" checked>");
    assert!(
        !form.text.contains("value=\"INVENTORYPOSITION_CREATE\" autocomplete=\"off\" checked>"),
        "the module is not ticked"
    );
    let version = ("version".to_owned(), form.field("version").unwrap());
    assert!(fields.contains(&version), "it is about the role that was shown");
    let mut save = fields.clone();
    save.push(("sure".into(), "yes".into()));
    post(&mut admin, "/roles/helper/edit", &save)
        .await
        .says(409, "Somebody else changed this role meanwhile");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_with_roles_and_users_is_said() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let new = |from, key| [("from", from), ("key", key), ("label", "Helper")];
    let toast = |page: &Seen, text: &str| {
        page.says(200, "role=\"status\" data-toast>").says(200, text);
    };
    let copied = admin.post("/new-role", &new("vendor", "helper")).await;
    toast(&admin.get(copied.location()).await, "The role is made, as a copy.");
    let made = admin.post("/new-role", &new("", "empty")).await;
    toast(&admin.get(made.location()).await, "The role is made. It holds nothing yet.");
    let fields = editor(&mut admin, "helper", &[("label", "Aide"), ("sure", "yes")]).await;
    let saved = post(&mut admin, "/roles/helper/edit", &fields).await;
    toast(&admin.get(saved.location()).await, "The role is saved.");
    let removed = admin.post("/roles/helper/remove", &[]).await;
    assert_eq!(removed.location(), "/roles?done=removed");
    toast(&admin.get(removed.location()).await, "The role was removed.");
    let sam = admin.get(&format!("/users/{}", SAM.replace('@', "%40"))).await;
    let id = sam.text.split("/users/usr_").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let removed = admin.post(&format!("/users/usr_{id}/remove"), &[]).await;
    assert_eq!(removed.location(), "/users?done=remove");
    toast(&admin.get(removed.location()).await, "The user was removed");
    // A word that is none says nothing.
    for page in ["/roles", "/users", "/roles/empty"] {
        let odd = admin.get(&format!("{page}?done=hacked")).await;
        assert!(odd.status == 200 && !odd.text.contains("data-toast"), "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_tells_who_holds_it_and_where() {
    let company = Company::new();
    let mut later = grant("vendor", Some("south"), &[]);
    later.valid_until = Some("2026-12-01T00:00:00Z".into());
    company.perform(Op::Grant(GrantOp::Add { users: vec![SAM.into()], grant: later }));
    for number in 0..11 {
        user(
            &company,
            &format!("till-{number:02}@shop.example"),
            vec![grant("vendor", Some("north"), &["leeds"])],
        );
    }
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let page = admin.get("/roles/vendor").await;
    page.says(200, "12 of the users you see").says(200, SAM).says(200, "<bdi>NORTH, only at leeds</bdi>");
    page.says(200, "<bdi>SOUTH</bdi> <span class=\"quiet\">Until 1 Dec 2026, 00:00 UTC</span>");
    assert_eq!(page.text.matches("till-").count(), 9, "the first ten by login");
    page.says(200, "data-live=\"held\"").says(200, "data-count>");
    admin.get("/roles/vendor?q=storeapp").await.says(200, "data-count>1 of ");
    // A director of the South sees those of the South alone.
    user(&company, BOSS, vec![grant("retail_director", Some("south"), &[])]);
    let mut boss = Browser::of(&company, "", BOSS).await;
    let page = boss.get("/roles/vendor").await;
    page.says(200, "1 of the users you see").says(200, SAM);
    assert!(!page.text.contains("till-") && !page.text.contains("only at leeds"), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn my_information_tells_my_access_and_why() {
    let company = Company::new();
    let mut ada = Browser::of(&company, "", ADA).await;
    let page = ada.get("/me").await;
    page.says(200, "Client Customer Services</bdi> <span class=\"ref\">gra_").says(200, ">Always</td>");
    page.says(200, "What it comes to").says(200, "<a href=\"#gra_");
    page.says(200, "<a href=\"/explain\">Why may I, or may I not?</a>");
    page.says(200, "<bdi title=\"Test Browser/1\">Test Browser/1</bdi>");
    page.says(200, "name=\"expires\" type=\"date\"");
    let mut sam = Browser::of(&company, "/store", SAM).await;
    let page = sam.get("/store/me").await;
    page.says(200, "What it comes to").says(200, "NORTH: ");
    assert!(!page.text.contains("/explain"));
}
