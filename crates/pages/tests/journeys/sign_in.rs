//! Signing in and out, first passwords, links, sessions that end.

use service::ops::{GrantOp, Op, UserOp};

use crate::browser::{Browser, borrowed, id_of};
use crate::company::{ADA, ADMIN, Company, PASSWORD, SAM, grant};

const NEW: &str = "purple walrus teapot";
const DEEP: &str = "https://omc.shop.example";

#[tokio::test(flavor = "multi_thread")]
async fn somebody_signs_in_comes_to_where_they_wanted_and_signs_out() {
    let company = Company::new();
    let mut ada = Browser::new(&company);
    assert_eq!(ada.get("/me?done=place").await.location(), "/sign-in?next=%2Fme%3Fdone%3Dplace");
    let page = ada.get("/sign-in?next=%2Fme%3Fdone%3Dplace").await;
    assert_eq!(page.field("next").unwrap(), "/me?done=place");
    let fields = [("login", " Ada@Shop.example "), ("password", PASSWORD), ("next", "/me?done=place")];
    assert_eq!(ada.post("/sign-in", &fields).await.location(), "/me?done=place");
    ada.get("/me?done=place").await.says(200, "The active place is changed.").says(200, "Test Browser/1");
    let kept = ada.cookies.clone();
    let out = ada.post("/sign-out", &[]).await;
    assert_eq!(out.location(), "/signed-out");
    ada.get("/signed-out").await.says(200, "You are signed out");
    assert!(!ada.is_in("").await);
    // The cookie that was thrown away opens nothing either.
    ada.cookies = kept;
    assert!(!ada.is_in("").await);
    ada.get("/sign-in").await.says(200, "Your session has ended.");
    assert!(!ada.cookies.contains_key("__Host-keyward-omc"), "what opens nothing is thrown away");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lost_their_access_leaves_all_the_same_and_stays_outside_when_it_comes_back() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let mut ada = Browser::of(&company, "", ADA).await;
    let id = id_of(&mut admin, "", ADA).await;
    let take = [("act", "take"), ("role", "customer_service"), ("u", id.as_str())];
    let asked = admin.post("/users-bulk", &take).await;
    assert_eq!(admin.post("/users-bulk", &borrowed(&asked.with(&[]))).await.location(), "/users?done=many");
    let kept = ada.cookies.clone();
    let refused = ada.get("/me").await;
    assert_eq!(refused.status.as_u16(), 403);
    ada.get("/no-such-page").await.says(404, "Page not found");
    let out = ada.post("/sign-out", &[]).await;
    assert_eq!(out.location(), "/signed-out");
    assert!(!ada.cookies.contains_key("__Host-keyward-omc"));
    let ended = company.audit(None).pop().unwrap();
    assert_eq!((ended["action"].as_str(), ended["actor"].as_str()), (Some("token.ended"), Some(id.as_str())));
    let again = grant("customer_service", Some("north"), &[]);
    company.perform(Op::Grant(GrantOp::Add { users: vec![ADA.into()], grant: again }));
    ada.cookies = kept;
    assert!(!ada.is_in("").await, "what was left opens nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_wrong_and_malformed_are_answered_alike_and_the_login_stays() {
    let company = Company::new();
    let mut stranger = Browser::new(&company);
    let wrong = stranger.sign_in("", ADA, "not her password").await;
    wrong.says(401, "Login and password do not match").says(401, "value=\"ada@shop.example\"");
    assert!(!wrong.text.contains("not her password"));
    let unknown = stranger.sign_in("", "who@shop.example", "not her password").await;
    let same = |text: &str| text.replace("who@shop.example", ADA);
    assert_eq!(same(&unknown.text), wrong.text);
    stranger.sign_in("", "a b c", PASSWORD).await.says(401, "Login and password do not match");
    assert!(!stranger.cookies.contains_key("__Host-keyward-omc"));
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_tries_are_told_to_wait() {
    let company = Company::new();
    let mut stranger = Browser::new(&company);
    let mut last = stranger.sign_in("", ADA, "wrong one 0").await;
    for round in 1..200 {
        if last.status.as_u16() == 429 {
            break;
        }
        last =
            stranger.post("/sign-in", &[("login", ADA), ("password", &format!("wrong one {round}"))]).await;
    }
    last.says(429, "Too many tries. Wait ").says(429, "value=\"ada@shop.example\"");
    let wait: u32 = last.header("retry-after").unwrap().parse().unwrap();
    assert!(wait > 0, "{wait}");
    company.let_pass(i64::from(wait) + 1);
    let right = stranger.post("/sign-in", &[("login", ADA), ("password", PASSWORD)]).await;
    assert_eq!(right.location(), "/");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doors_have_sessions_of_their_own_and_let_in_their_own() {
    let company = Company::new();
    let mut sam = Browser::of(&company, "/store", SAM).await;
    assert!(
        sam.cookies.contains_key("__Host-keyward-store") && !sam.cookies.contains_key("__Host-keyward-omc")
    );
    assert_eq!(sam.get("/store").await.location(), "/store/me");
    assert_eq!(sam.get("/store/").await.location(), "/store/me");
    assert!(!sam.is_in("").await);
    let wrong_door = sam.sign_in("", SAM, PASSWORD).await;
    wrong_door
        .says(403, "You may not enter the Order Management Center")
        .says(403, "href=\"/store/sign-in\"");
    // Whoever shows the cookie of one door at the other is a stranger there.
    let cookie = sam.cookies["__Host-keyward-store"].clone();
    sam.cookies.insert("__Host-keyward-omc".into(), cookie);
    assert!(!sam.is_in("").await && sam.is_in("/store").await);
    let mut admin = Browser::of(&company, "/store", ADMIN).await;
    assert_eq!(admin.sign_in("", ADMIN, PASSWORD).await.location(), "/");
    admin.get("/me").await;
    admin.post("/sign-out", &[]).await;
    assert!(!admin.is_in("").await && admin.is_in("/store").await, "out of one, and in the other");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_sign_in_ends_the_session_before() {
    let company = Company::new();
    let mut ada = Browser::of(&company, "", ADA).await;
    let mut before = ada.clone();
    assert_eq!(ada.sign_in("", ADA, PASSWORD).await.location(), "/");
    assert_ne!(ada.cookies["__Host-keyward-omc"], before.cookies["__Host-keyward-omc"]);
    assert!(ada.is_in("").await && !before.is_in("").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_password_opens_the_one_page_where_it_is_changed() {
    let company = Company::new();
    let first = company.first_password(ADA);
    let mut ada = Browser::new(&company);
    ada.get("/sign-in?next=%2Fme").await;
    let entered = ada.post("/sign-in", &[("login", ADA), ("password", &first), ("next", "/me")]).await;
    assert_eq!(entered.location(), "/password/first");
    for path in ["/", "/me", "/password", "/me/sign-out-everywhere", "/me/tokens/revoke?token=t1"] {
        assert_eq!(ada.get(path).await.location(), "/password/first", "{path}");
    }
    ada.get("/password/first").await.says(200, "Choose your password").says(200, ADA);
    for (path, fields) in [
        ("/me/profile", vec![("name", "A"), ("email", "")]),
        ("/me/tokens", vec![("label", "x"), ("expires", "")]),
        ("/password", vec![("current", first.as_str()), ("new", NEW), ("again", NEW)]),
    ] {
        assert_eq!(ada.post(path, &fields).await.location(), "/password/first", "{path}");
    }
    ada.post("/password/first", &[("new", NEW), ("again", "another")]).await.says(400, "not the same");
    ada.post("/password/first", &[("new", "short"), ("again", "short")]).await.says(400, "5 characters");
    let same = ada.post("/password/first", &[("new", &first), ("again", &first)]).await;
    same.says(400, "choose another");
    let before = ada.cookies["__Host-keyward-omc"].clone();
    let done = ada.post("/password/first", &[("new", NEW), ("again", NEW)]).await;
    assert_eq!(done.location(), "/");
    assert_ne!(
        ada.cookies["__Host-keyward-omc"], before,
        "more may be done with it, so it is another session"
    );
    assert!(ada.is_in("").await);
    assert_eq!(ada.get("/password/first").await.location(), "/", "it is nobody's page any more");
    Browser::new(&company).sign_in("", ADA, &first).await.says(401, "do not match");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_with_a_first_password_may_leave() {
    let company = Company::new();
    let first = company.first_password(ADA);
    let mut ada = Browser::new(&company);
    assert_eq!(ada.sign_in("", ADA, &first).await.location(), "/password/first");
    ada.get("/password/first").await;
    let mut kept = ada.clone();
    assert_eq!(ada.post("/sign-out", &[]).await.location(), "/signed-out");
    assert!(kept.get("/password/first").await.location().starts_with("/sign-in?"));
    let ended = company.audit(None).pop().unwrap();
    assert_eq!((ended["action"].as_str(), ended["actor"].as_str()), (Some("token.ended"), Some("usr_2")));
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_change_ends_every_other_session() {
    let company = Company::new();
    let (mut here, mut there) = (Browser::of(&company, "", ADA).await, Browser::of(&company, "", ADA).await);
    here.get("/password").await.says(200, "Change your password");
    let change = |current, new, again| [("current", current), ("new", new), ("again", again)];
    here.post("/password", &change("wrong", NEW, NEW)).await.says(400, "not your current password");
    here.post("/password", &change(PASSWORD, PASSWORD, PASSWORD)).await.says(400, "choose another");
    here.post("/password", &change(PASSWORD, "password1", "password1")).await.says(400, "stranger tries");
    assert!(there.is_in("").await, "nothing was changed so far");
    let done = here.post("/password", &change(PASSWORD, NEW, NEW)).await;
    assert_eq!(done.location(), "/me?done=password");
    here.get("/me?done=password").await.says(200, "Your password is changed.");
    assert!(!there.is_in("").await);
    Browser::new(&company).sign_in("", ADA, PASSWORD).await.says(401, "do not match");
    assert_eq!(Browser::new(&company).sign_in("", ADA, NEW).await.location(), "/");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_looked_at_often_and_used_once() {
    let company = Company::new();
    let mut inside = Browser::of(&company, "", ADA).await;
    let path = company.link(ADA);
    assert!(!inside.is_in("").await, "the link was a reset");
    let mut ada = Browser::new(&company);
    for _ in 0..3 {
        ada.get(&path).await.says(200, "Choose a new password").says(200, ADA);
    }
    let code = path.split_once("code=").unwrap().1;
    let set = |new, again| [("code", code), ("new", new), ("again", again)];
    ada.post("/link", &set(NEW, "other")).await.says(400, "not the same");
    ada.post("/link", &set("12345678", "12345678")).await.says(400, "stranger tries");
    ada.post("/link", &set(NEW, NEW)).await.says(200, "Your password is set.").says(200, ADA);
    assert!(!ada.is_in("").await, "a link sets a password and signs nobody in");
    ada.get(&path).await.says(404, "This link does not work");
    ada.post("/link", &set("another fine teapot", "another fine teapot")).await.says(404, "does not work");
    assert_eq!(ada.sign_in("", ADA, NEW).await.location(), "/");
    for code in ["", "x", "kwl_0123456789ABCDEFGHIJKLMNOPQ2J6xPq", "kws_0123456789ABCDEFGHIJKLMNOPQ30kANA"] {
        ada.get(&format!("/link?code={code}")).await.says(404, "This link does not work");
    }
    let late = company.link(ADA);
    company.let_pass(3 * 24 * 3600 + 1);
    ada.get(&late).await.says(404, "This link does not work");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_when_it_idles_and_whatever_happens_after_twelve_hours() {
    let company = Company::new();
    let mut ada = Browser::of(&company, "", ADA).await;
    company.let_pass(29 * 60);
    assert!(ada.is_in("").await);
    company.let_pass(29 * 60);
    assert!(ada.is_in("").await, "it was used");
    company.let_pass(30 * 60 + 1);
    assert!(!ada.is_in("").await);
    let mut ada = Browser::of(&company, "", ADA).await;
    for _ in 0..35 {
        company.let_pass(20 * 60);
        assert!(ada.is_in("").await);
    }
    company.let_pass(20 * 60 + 1);
    assert!(!ada.is_in("").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_disabled_sees_the_sign_in_page_at_the_next_click() {
    let company = Company::new();
    let mut ada = Browser::of(&company, "", ADA).await;
    company.perform(Op::User(UserOp::Disable { user: ADA.into() }));
    assert!(!ada.is_in("").await);
    ada.sign_in("", ADA, PASSWORD).await.says(401, "do not match");
    company.perform(Op::User(UserOp::Enable { user: ADA.into() }));
    assert!(!ada.is_in("").await, "access comes back, the session does not");
    assert_eq!(ada.sign_in("", ADA, PASSWORD).await.location(), "/");
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_access_is_taken_is_told_so_at_the_next_click() {
    let company = Company::new();
    let mut ada = Browser::of(&company, "", ADA).await;
    let shown = company.perform(Op::User(UserOp::Show { user: ADA.into() }));
    let ids = shown.json["grants"].as_array().unwrap().iter().map(|g| g["id"].as_str().unwrap().to_owned());
    company.perform(Op::Grant(GrantOp::Remove { user: ADA.into(), grants: ids.collect() }));
    let seen = ada.get("/me").await;
    seen.says(403, "You may not do this").says(403, "No valid grant opens this application");
    assert!(
        !seen.text.contains(ADA) && !seen.text.contains("name=\"csrf\""),
        "nobody is signed in on that page"
    );
    ada.post("/me/profile", &[("name", "A"), ("email", "")]).await.says(403, "You may not do this");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_to_another_site() {
    let company = Company::new();
    for next in ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", DEEP] {
        let mut ada = Browser::new(&company);
        let page = ada.get(&format!("/sign-in?{}", crate::browser::encoded(&[("next", next)]))).await;
        assert_eq!(page.says(200, "Sign in").field("next"), None, "{next}");
        let fields = [("login", ADA), ("password", PASSWORD), ("next", next)];
        assert_eq!(ada.post("/sign-in", &fields).await.location(), "/", "{next}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_is_asked_where_there_are_several() {
    let company = Company::new();
    company.init("other");
    let mut ada = Browser::new(&company);
    ada.get("/sign-in").await.says(200, "name=\"account\"");
    let fields = |account| [("login", ADA), ("password", PASSWORD), ("account", account)];
    ada.post("/sign-in", &fields("")).await.says(400, "Type the account");
    ada.post("/sign-in", &fields("other")).await.says(401, "do not match").says(401, "value=\"other\"");
    ada.post("/sign-in", &fields("nobody")).await.says(401, "do not match");
    assert_eq!(ada.post("/sign-in", &fields("shop")).await.location(), "/");
    // Whoever signs in by single sign-on names the account alone.
    company.provider("http://127.0.0.1:9/");
    let mut eve = Browser::new(&company);
    eve.get("/sign-in").await.says(200, "Go on with single sign-on");
    eve.get("/sign-in?account=shop&next=%2Fusers")
        .await
        .says(200, "Sign in with <bdi>Corporate directory</bdi>")
        .says(200, "name=\"next\" value=\"/users\"");
    for none in ["other", "nobody"] {
        eve.get(&format!("/sign-in?account={none}")).await.says(200, "no single sign-on for this account");
    }
    let mut again = Browser::new(&company);
    assert_eq!(again.sign_in("", "shop/ada@shop.example", PASSWORD).await.location(), "/");
}
