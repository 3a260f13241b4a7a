//! Language and time zone: chosen by oneself or by an administrator, and what every page shows and takes by them.

use service::ops::{Op, UserOp};

use crate::browser::{Browser, Seen, borrowed, id_of};
use crate::company::{ADA, ADMIN, Company};

/// The instant of the company in New York, for an American: 2026-11-03T14:05:00Z.
const NOW_THERE: &str = "<time datetime=\"2026-11-03T14:05:00Z\">Nov 3, 2026, 9:05 AM EST</time>";

fn choose(company: &Company, login: &str, language: &str, time_zone: &str) {
    company.perform(Op::User(UserOp::Edit {
        user: login.into(),
        name: None,
        email: None,
        language: Some(language.into()),
        time_zone: Some(time_zone.into()),
    }));
}

/// What the command line tells of a user's profile: name, language and time zone.
fn told(company: &Company, login: &str) -> [String; 3] {
    let user = &company.perform(Op::User(UserOp::Show { user: login.into() })).json["user"];
    ["name", "language", "time_zone"].map(|name| user[name].as_str().unwrap_or("none").to_owned())
}

/// The language that is chosen on a page.
fn selected(page: &Seen) -> String {
    let (_, list) = page.text.split_once("<select id=\"language\"").unwrap();
    let (before, _) = list.split_once("\" selected").unwrap();
    before.rsplit('"').next().unwrap().to_owned()
}

fn profile<'f>(name: &'f str, language: &'f str, zone: &'f str) -> Vec<(&'f str, &'f str)> {
    vec![("name", name), ("email", ADA), ("language", language), ("time_zone", zone)]
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_language_and_zone_hold_at_the_next_click() {
    let company = Company::new();
    let mut ada = Browser::of(&company, "", ADA).await;
    let page = ada.get("/me").await;
    page.says(200, "<html lang=\"en-GB\">").says(200, ">3 Nov 2026, 14:05 UTC</time>");
    assert_eq!((selected(&page).as_str(), page.field("time_zone").unwrap().as_str()), ("en-GB", ""));
    // What one is shown without having chosen it is not chosen by saving the name.
    assert_eq!(ada.post("/me/profile", &profile("Ada", "en-GB", "")).await.location(), "/me?done=profile");
    assert_eq!(told(&company, ADA), ["Ada", "none", "none"]);
    let saved = ada.post("/me/profile", &profile("Ada", "en-US", " america/new_york ")).await;
    assert_eq!(saved.location(), "/me?done=profile");
    assert_eq!(told(&company, ADA), ["Ada", "en-US", "America/New_York"]);
    let page = ada.get("/me").await;
    page.says(200, "<html lang=\"en-US\">").says(200, NOW_THERE);
    assert_eq!(selected(&page), "en-US");
    assert_eq!(page.field("time_zone").unwrap(), "America/New_York");
    // A form without the two, and an edit of the name elsewhere, leave them.
    ada.post("/me/profile", &[("name", "Ada L."), ("email", ADA)]).await;
    assert_eq!(told(&company, ADA), ["Ada L.", "en-US", "America/New_York"]);
    let (user, name) = (ADA.into(), Some("Countess".into()));
    company.perform(Op::User(UserOp::Edit { user, name, email: None, language: None, time_zone: None }));
    assert_eq!(told(&company, ADA), ["Countess", "en-US", "America/New_York"]);
    ada.post("/me/profile", &profile("Ada", "en-GB", "")).await;
    assert_eq!(told(&company, ADA), ["Ada", "en-GB", "none"]);
    ada.get("/me").await.says(200, "<html lang=\"en-GB\">").says(200, ">3 Nov 2026, 14:05 UTC</time>");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_zone_is_kept_and_marked_and_changes_nothing() {
    let company = Company::new();
    let mut ada = Browser::of(&company, "", ADA).await;
    for (typed, said) in [
        ("Lima", "There is no time zone `Lima`: write America/Lima."),
        ("Mars/Olympus", "such as Europe/Paris."),
        ("+05:30", "is no time zone"),
        ("Etc/Unknown", "is no time zone"),
    ] {
        let wrong = ada.post("/me/profile", &profile("Ada the First", "en-US", typed)).await;
        wrong.says(400, said).says(400, "id=\"time_zone-error\"").says(400, "<title>Error: My information");
        assert_eq!(wrong.field("time_zone").unwrap(), typed);
        assert_eq!(
            (wrong.field("name").unwrap().as_str(), selected(&wrong).as_str()),
            ("Ada the First", "en-US")
        );
    }
    let wrong = ada.post("/me/profile", &profile("Ada the First", "de-DE", "Europe/Paris")).await;
    wrong.says(400, "`de-DE` is no language of the pages").says(400, "id=\"language-error\"");
    assert_eq!(wrong.field("time_zone").unwrap(), "Europe/Paris");
    assert_eq!(told(&company, ADA), [ADA, "none", "none"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_sets_them_and_the_second_of_two_sees_it() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let id = id_of(&mut admin, "", ADA).await;
    let (page, save) = (format!("/users/{id}"), format!("/users/{id}/profile"));
    let version = admin.get(&page).await.field("version").unwrap();
    let with = |version: &str, language: &str, zone: &str| -> Vec<(String, String)> {
        let fields = [&[("version", version)][..], &profile("Ada", language, zone)].concat();
        fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    };
    let wrong = with(&version, "en-US", "Pari");
    let wrong = admin.post(&save, &borrowed(&wrong)).await;
    wrong.says(400, "write Europe/Paris").says(400, "See the marked fields");
    assert_eq!((wrong.field("time_zone").unwrap().as_str(), selected(&wrong).as_str()), ("Pari", "en-US"));
    let first = with(&version, "en-US", "Europe/Paris");
    assert!(admin.post(&save, &borrowed(&first)).await.location().ends_with("done=profile"));
    assert_eq!(told(&company, ADA), ["Ada", "en-US", "Europe/Paris"]);
    let audit = admin.get("/audit?kind=user.edited").await;
    audit
        .says(200, "time zone")
        .says(200, "<ins><bdi>Europe/Paris</bdi></ins>")
        .says(200, "<ins><bdi>en-US</bdi></ins>");
    // The second one saw neither.
    let second = with(&version, "en-GB", "America/Lima");
    let refused = admin.post(&save, &borrowed(&second)).await;
    refused.says(409, "Now it is: Europe/Paris").says(409, "Now it is: English (US)");
    refused.says(409, "value=\"America/Lima\"");
    assert_eq!(selected(&refused), "en-GB");
    assert_eq!(told(&company, ADA), ["Ada", "en-US", "Europe/Paris"]);
    // A change of the zone alone is one that the second sees.
    let fresh = refused.field("version").unwrap();
    choose(&company, ADA, "en-US", "America/New_York");
    let third = with(&fresh, "en-US", "Europe/Paris");
    let refused = admin.post(&save, &borrowed(&third)).await;
    refused.says(409, "Now it is: America/New_York");
    assert!(!refused.text.contains("id=\"language-error\""), "what is the same is not marked");
    // It is hers, not that of whoever looks at her.
    let mut ada = Browser::of(&company, "", ADA).await;
    ada.get("/me").await.says(200, NOW_THERE);
    let tokens = admin.get(&format!("{page}?tab=sessions")).await;
    tokens.says(200, ">3 Nov 2026, 14:05 UTC</time>").says(200, "<html lang=\"en-GB\">");
}

#[tokio::test(flavor = "multi_thread")]
async fn days_are_those_of_whoever_sends_them_and_are_shown_as_such() {
    let company = Company::new();
    choose(&company, ADMIN, "en-US", "America/New_York");
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let id = id_of(&mut admin, "", ADA).await;
    let version = admin.get(&format!("/users/{id}")).await.field("version").unwrap();
    let days = [("from", "2027-03-14"), ("until", "2027-11-07")];
    let mut fields = vec![("role", "vendor"), ("site", "north"), ("locations", ""), ("channels", "")];
    fields.extend(days);
    fields.push(("version", &version));
    // The clock there is put forward on the first day and back on the last one.
    let asked = admin.post(&format!("/users/{id}/give"), &fields).await;
    asked.says(200, "From Mar 14, 2027, 12:00 AM EST until Nov 8, 2027, 12:00 AM EST");
    asked.says(200, "from Mar 14, 2027, 12:00 AM EST, until Nov 8, 2027, 12:00 AM EST.");
    fields.push(("sure", "yes"));
    assert!(admin.post(&format!("/users/{id}/give"), &fields).await.location().ends_with("done=give#access"));
    let show = company.perform(Op::User(UserOp::Show { user: ADA.into() })).json;
    let grants = show["grants"].as_array().unwrap();
    let text = grants.last().unwrap().to_string();
    assert!(text.contains("2027-03-14T05:00:00Z") && text.contains("2027-11-08T05:00:00Z"), "{text}");
    let page = admin.get(&format!("/users/{id}")).await;
    page.says(200, "From Mar 14, 2027, 12:00 AM EST until Nov 8, 2027, 12:00 AM EST");
    let audit = admin.get("/audit?kind=grant.added&who=admin@shop.example").await;
    audit.says(200, ">Nov 8, 2027, 12:00 AM EST</time></ins>").says(200, NOW_THERE);
    // The form shows the days that were sent; to somebody in Paris it shows theirs, and leaving them changes nothing.
    let grant = grants.last().unwrap()["id"].as_str().unwrap().to_owned();
    let change = format!("/users/{id}/change");
    let form = admin.get(&format!("{change}?grant={grant}")).await;
    assert_eq!(
        (form.field("from").unwrap().as_str(), form.field("until").unwrap().as_str()),
        ("2027-03-14", "2027-11-07")
    );
    choose(&company, ADMIN, "en-GB", "Europe/Paris");
    let form = admin.get(&format!("{change}?grant={grant}")).await;
    assert_eq!(
        (form.field("from").unwrap().as_str(), form.field("until").unwrap().as_str()),
        ("2027-03-14", "2027-11-08")
    );
    let version = form.field("version").unwrap();
    let sent = [
        ("grant", grant.as_str()),
        ("site", "north"),
        ("locations", ""),
        ("channels", ""),
        ("from", "2027-03-14"),
        ("until", "2027-12-01"),
        ("version", &version),
        ("sure", "yes"),
    ];
    assert!(admin.post(&change, &sent).await.location().ends_with("done=change#access"));
    let show = company.perform(Op::User(UserOp::Show { user: ADA.into() })).json["grants"].to_string();
    assert!(show.contains("2027-03-14T05:00:00Z") && show.contains("2027-12-01T23:00:00Z"), "{show}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_and_a_filter_end_with_the_day_of_the_zone_and_files_are_in_utc() {
    let company = Company::new();
    choose(&company, ADA, "en-US", "America/New_York");
    let mut ada = Browser::of(&company, "", ADA).await;
    let made = ada.post("/me/tokens", &[("label", "nightly"), ("expires", "2026-11-03")]).await;
    made.says(200, "<time datetime=\"2026-11-04T05:00:00Z\">Nov 4, 2026, 12:00 AM EST</time>");
    ada.get("/me").await.says(200, "Nov 4, 2026, 12:00 AM EST");
    // It is Wednesday in Kiritimati already.
    choose(&company, ADMIN, "en-GB", "Pacific/Kiritimati");
    let mut admin = Browser::of(&company, "", ADMIN).await;
    admin.get("/audit?from=2026-11-04&until=2026-11-04").await.says(200, "4 Nov 2026, 04:05 UTC+14:00");
    let day_before = admin.get("/audit?from=2026-11-03&until=2026-11-03").await;
    day_before.says(200, "Nothing fits what you asked for.");
    let file = admin.get("/audit.csv?from=2026-11-04&until=2026-11-04").await;
    file.says(200, "2026-11-03T14:05:00Z");
    assert!(!file.text.contains("UTC+14"));
    choose(&company, ADMIN, "", "");
    admin.get("/audit?from=2026-11-03&until=2026-11-03").await.says(200, "3 Nov 2026, 14:05 UTC");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_app_and_pages_that_refuse_follow_too() {
    let company = Company::new();
    let sam = crate::company::SAM;
    choose(&company, sam, "en-US", "America/New_York");
    let mut store = Browser::of(&company, "/store", sam).await;
    store.get("/store/me").await.says(200, NOW_THERE);
    store.get("/store/nowhere").await.says(404, "<html lang=\"en-US\">");
    // Nobody is known there yet.
    Browser::new(&company).get("/store/sign-in").await.says(200, "<html lang=\"en-GB\">");
}
