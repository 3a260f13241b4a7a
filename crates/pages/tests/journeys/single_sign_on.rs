//! Single sign-on with a provider that does not answer, and with answers to no question.

use std::net::TcpListener;

use crate::browser::{Browser, encoded};
use crate::company::{ADA, Company, EVE};

/// An address of this machine where nobody listens any more.
fn nobody() -> String {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    format!("http://{address}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_down_is_told_and_audited() {
    let company = Company::new();
    let issuer = nobody();
    company.provider(&issuer);
    let mut eve = Browser::new(&company);
    let page = eve.get("/sign-in?next=%2Fpassword").await;
    page.says(200, "Sign in with <bdi>Corporate directory</bdi>");
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains(&format!("form-action 'self' {issuer};")), "{policy}");
    let before = company.audit(Some("sign_in")).len();
    let seen = eve.post("/sign-in/sso", &[("provider", "corp"), ("next", "/password")]).await;
    assert!(matches!(seen.status.as_u16(), 502 | 504), "{}", seen.status);
    assert!(seen.text.contains("Single sign-on did not work. The identity provider does not answer."));
    assert_eq!(seen.field("next").unwrap(), "/password");
    assert!(!eve.cookies.contains_key("__Host-keyward-sso"));
    let audit = company.audit(Some("sign_in"));
    assert_eq!(audit.len(), before + 1);
    let told = audit.last().unwrap().to_string();
    assert!(told.contains("sign_in.failed") && told.contains("192.0.2.7") && told.contains("sso"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_providers_and_passwords_of_others_are_refused() {
    let company = Company::new();
    company.provider(&nobody());
    let mut eve = Browser::new(&company);
    eve.get("/sign-in").await;
    eve.post("/sign-in/sso", &[("provider", "nobody")])
        .await
        .says(404, "There is no such identity provider.");
    eve.post("/sign-in/sso", &[]).await.says(400, "This was not understood");
    eve.sign_in("", EVE, "correct horse battery").await.says(401, "do not match");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_its_question_is_refused_and_the_cookie_is_cleared() {
    let company = Company::new();
    company.provider(&nobody());
    let mut eve = Browser::of(&company, "", ADA).await;
    let query = encoded(&[("code", "c"), ("state", "s")]);
    for cookie in [None, Some("omc.x"), Some("nothing"), Some("store_app.AAAA")] {
        if let Some(cookie) = cookie {
            eve.cookies.insert("__Host-keyward-sso".into(), cookie.into());
        }
        let seen = eve.get(&format!("/sso/callback?{query}")).await;
        seen.says(400, "This sign-in is no longer valid. Start again from the sign-in page.");
        let cleared = "__Host-keyward-sso=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0";
        assert!(seen.cookies().contains(&cleared), "{:?}", seen.cookies());
        let store = cookie.is_some_and(|cookie| cookie.starts_with("store_app"));
        assert_eq!(seen.text.contains("Store App"), store, "the page is of the door where it was begun");
    }
    assert!(eve.is_in("").await, "a session that is there stays");
}
