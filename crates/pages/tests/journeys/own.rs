//! My information: profile, place, sessions, long-duration tokens.

use access::Application;
use authn::Secret;
use service::Visitor;

use crate::browser::Browser;
use crate::company::{ADA, Company, SAM};

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_saved_or_says_what_is_wrong() {
    let company = Company::new();
    let mut ada = Browser::of(&company, "", ADA).await;
    let saved =
        ada.post("/me/profile", &[("name", " Ada <b>King</b> "), ("email", "a.king@shop.example")]).await;
    assert_eq!(saved.location(), "/me?done=profile");
    let page = ada.get("/me?done=profile").await;
    page.says(200, "Your profile is saved.").says(200, "a.king@shop.example");
    assert!(!page.text.contains("<b>King"), "names are escaped");
    let wrong = ada.post("/me/profile", &[("name", ""), ("email", "a.king")]).await;
    wrong.says(400, "A name has 1 to ").says(400, "looks like name@host").says(400, "value=\"a.king\"");
    let page = ada.get("/me").await;
    assert_eq!(page.field("email").unwrap(), "a.king@shop.example", "nothing was changed");
    assert_eq!(
        ada.post("/me/profile", &[("name", "Ada"), ("email", "")]).await.location(),
        "/me?done=profile"
    );
    assert_eq!(ada.get("/me").await.field("email").unwrap(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_moved_to_places_of_ones_own_alone() {
    let company = Company::new();
    let mut ada = Browser::of(&company, "", ADA).await;
    let to = |retailer, location| [("retailer", retailer), ("location", location)];
    assert_eq!(ada.post("/me/place", &to("north", "leeds")).await.location(), "/me?done=place");
    let page = ada.get("/me").await;
    page.says(200, "<bdi>NORTH</bdi>");
    assert_eq!(
        (page.field("retailer").unwrap().as_str(), page.field("location").unwrap().as_str()),
        ("north", "leeds")
    );
    // Of a site that one has nothing to do with, and of one that is not there, the same is said.
    let theirs = ada.post("/me/place", &to("south", "")).await;
    let nowhere = ada.post("/me/place", &to("nowhere", "")).await;
    assert_eq!(theirs.status, nowhere.status);
    assert_eq!(theirs.text.replace("south", "nowhere"), nowhere.text);
    theirs.says(404, "None of your sites is called so.");
    ada.post("/me/place", &to("north", "dover")).await.says(404, "None of your stores at that site");
    assert_eq!(ada.get("/me").await.field("location").unwrap(), "leeds", "nothing was changed");
    assert_eq!(ada.post("/me/place", &to("", "")).await.location(), "/me?done=place");
    ada.get("/me").await.says(200, "All that you may see");
    assert_eq!(ada.post("/me/place", &to("", "leeds")).await.location(), "/me?done=place");
    assert_eq!(ada.get("/me").await.field("retailer").unwrap(), "north", "a store brings its site");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_session_is_ended_and_others_stay() {
    let company = Company::new();
    let mut here = Browser::of(&company, "", ADA).await;
    let mut there = Browser::of(&company, "", ADA).await;
    let page = here.get("/me").await;
    let ids: Vec<&str> = page
        .text
        .split("name=\"session\" value=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert_eq!(ids.len(), 2);
    // This one stands first.
    assert_eq!(here.post("/me/sessions/end", &[("session", ids[1])]).await.location(), "/me?done=session");
    assert!(here.is_in("").await && !there.is_in("").await);
    let mut sam = Browser::of(&company, "/store", SAM).await;
    sam.post("/store/me/sessions/end", &[("session", ids[0])]).await;
    assert!(here.is_in("").await, "nobody ends the sessions of others");
    here.post("/me/sessions/end", &[("session", "x")]).await.says(404, "Page not found");
    assert_eq!(here.post("/me/sessions/end", &[("session", ids[0])]).await.location(), "/signed-out");
    assert!(!here.cookies.contains_key("__Host-keyward-omc") && !here.is_in("").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_out_everywhere_asks_first_and_ends_all() {
    let company = Company::new();
    let mut here = Browser::of(&company, "", ADA).await;
    let mut there = Browser::of(&company, "", ADA).await;
    let made = here.post("/me/tokens", &[("label", "nightly"), ("expires", "")]).await;
    let token = Secret::parse(&made.field_of_token()).unwrap();
    let visitor = Visitor::default();
    let opens = || company.service.sign_in_token(&token, Application::Api, &visitor).is_ok();
    assert!(opens());
    let asked = here.get("/me/sign-out-everywhere").await;
    asked.says(200, "Ends all 2 sessions, this one included, and 1 long-duration token");
    assert!(there.is_in("").await && opens(), "asking ends nothing");
    here.post("/me/sign-out-everywhere", &[]).await.says(200, "All your sessions have ended");
    assert!(!here.is_in("").await && !there.is_in("").await && !opens());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_duration_token_is_shown_once_and_revoked() {
    let company = Company::new();
    let mut ada = Browser::of(&company, "", ADA).await;
    let wrong = |label, expires| [("label", label), ("expires", expires)];
    ada.post("/me/tokens", &wrong("", "")).await.says(400, "A label has 1 to 100 characters");
    ada.post("/me/tokens", &wrong("nightly", "tomorrow"))
        .await
        .says(400, "YYYY-MM-DD")
        .says(400, "value=\"tomorrow\"");
    ada.post("/me/tokens", &wrong("nightly", "2026-11-02")).await.says(400, "This day is past");
    let made = ada.post("/me/tokens", &wrong("nightly", "2026-11-03")).await;
    made.says(200, "4 Nov 2026, 00:00 UTC");
    // The same page loaded again makes no second one.
    let again = ada.post("/me/tokens", &wrong("nightly", "2026-11-03")).await;
    again.says(400, "You have a token of this label");
    assert_eq!(made.header("cache-control"), Some("no-store"));
    let text = made.field_of_token();
    let token = Secret::parse(&text).unwrap();
    let visitor = Visitor::default();
    let opens = || company.service.sign_in_token(&token, Application::Api, &visitor).is_ok();
    assert!(text.starts_with("kw_") && opens());
    let page = ada.get("/me").await;
    assert!(page.text.contains("nightly") && !page.text.contains(&text), "it is shown once");
    let (_, rest) = page.text.split_once("/me/tokens/revoke?token=").unwrap();
    let id = rest.split('"').next().unwrap();
    ada.get(&format!("/me/tokens/revoke?token={id}"))
        .await
        .says(200, "Revoke this token?")
        .says(200, "nightly");
    ada.get("/me/tokens/revoke?token=zzz").await.says(404, "Page not found");
    assert!(opens(), "asking revokes nothing");
    assert_eq!(ada.post("/me/tokens/revoke", &[("token", id)]).await.location(), "/me?done=token");
    assert!(!opens());
    ada.post("/me/tokens/revoke", &[("token", id)]).await.says(404, "Page not found");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_bounded_and_need_both_accesses() {
    let company = Company::new();
    let mut ada = Browser::of(&company, "", ADA).await;
    for number in 0..10 {
        let label = format!("number {number}");
        ada.post("/me/tokens", &[("label", &label), ("expires", "")]).await.says(200, "Copy it now.");
    }
    ada.post("/me/tokens", &[("label", "one more"), ("expires", "")])
        .await
        .says(409, "There are 10 tokens already");
    ada.get("/me").await.says(200, "You have 10 tokens already");
    let mut sam = Browser::of(&company, "/store", SAM).await;
    sam.get("/store/me").await.says(200, "You have neither");
    let refused = sam.post("/store/me/tokens", &[("label", "x"), ("expires", "")]).await;
    refused.says(403, "need access to the OMC and to the API");
}

impl crate::browser::Seen {
    fn field_of_token(&self) -> String {
        let (_, rest) = self.says(200, "Copy it now.").text.split_once("id=\"token\"").unwrap();
        rest.split_once("value=\"").unwrap().1.split('"').next().unwrap().to_owned()
    }
}
