//! What is refused: strangers, forms that were not shown, other origins, too much at once; and what every answer has.

use axum::body::Body;
use axum::http::Request;
use pages::{Access, PagesConfig, Route};

use crate::browser::{Browser, Seen, encoded};
use crate::company::{ADA, Company, PASSWORD};

fn secure(seen: &Seen, what: &str) {
    for name in ["content-security-policy", "referrer-policy", "x-content-type-options", "cache-control"] {
        assert!(seen.header(name).is_some(), "{what} without {name}");
    }
    assert!(seen.header("content-security-policy").unwrap().contains("default-src 'none'"), "{what}");
}

async fn call(browser: &mut Browser, route: &Route, path: &str) -> Seen {
    match route.method {
        "GET" => browser.get(path).await,
        _ => browser.post(path, &[]).await,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_refuses_a_stranger_by_itself() {
    let company = Company::new();
    let mut guarded = 0;
    for route in pages::routes() {
        for door in route.doors {
            let path = door.to(route.path);
            let mut stranger = Browser::new(&company);
            let seen = call(&mut stranger, route, &path).await;
            let what = format!("{route:?} at {path}");
            secure(&seen, &what);
            match route.access {
                Access::SignedIn(_) | Access::FirstPassword(_) => {
                    guarded += 1;
                    // After a form one comes back to its page, where it has one.
                    let same = |other: &&Route| other.method == "GET" && other.path == route.path;
                    let back = if pages::routes().any(|other| same(&other)) { path } else { door.to("/me") };
                    let sign_in = format!("{}?{}", door.to("/sign-in"), encoded(&[("next", &back)]));
                    assert_eq!(seen.location(), sign_in, "{what}");
                }
                Access::Leaving(_) => assert_eq!(seen.location(), door.to("/signed-out"), "{what}"),
                Access::Public(_) | Access::File(_) => {
                    let is_change = route.method == "POST";
                    assert!(!is_change || seen.status.as_u16() == 403, "{what}: {}", seen.status);
                    assert!(!seen.text.contains(ADA), "{what}");
                }
            }
            let named =
                seen.cookies().iter().any(|c| c.contains("keyward-omc=k") || c.contains("keyward-store=k"));
            assert!(!named, "{what}");
        }
    }
    assert_eq!(guarded, 97, "the table has other routes behind sign-in: is this still what is meant?");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_needs_the_token_of_its_session_and_comes_from_this_site() {
    let company = Company::new();
    let mut ada = Browser::of(&company, "", ADA).await;
    let other = Browser::of(&company, "", ADA).await;
    let before = company.audit(None).len();
    let fields = |csrf: &str| {
        let rest =
            [("name", "Mallory"), ("email", ""), ("retailer", "north"), ("location", ""), ("label", "x")];
        let more =
            [("expires", ""), ("current", PASSWORD), ("new", "purple walrus"), ("again", "purple walrus")];
        encoded(&[&[("csrf", csrf)], &rest[..], &more[..]].concat())
    };
    let own = |route: &&Route| {
        route.method == "POST" && matches!(route.access, Access::SignedIn(_) | Access::Leaving(_))
    };
    let mut changes = 0;
    for route in pages::routes().filter(own) {
        changes += 1;
        for csrf in ["", "x", other.csrf.as_str()] {
            let request = ada.form(route.path, fields(csrf));
            let seen = ada.send(request).await;
            seen.says(403, "This form has expired");
        }
        let request = ada.form(route.path, encoded(&[("name", "Mallory")]));
        ada.send(request).await.says(403, "This form has expired");
        for (origin, site) in [
            (Some("https://evil.example"), None),
            (Some("null"), None),
            (Some("http://omc.shop.example"), None),
            (None, None),
            (None, Some("cross-site")),
            (Some("https://evil.example"), Some("same-origin")),
        ] {
            let mut request = ada.form(route.path, fields(&ada.csrf));
            request.headers_mut().remove("origin");
            let named = [("origin", origin), ("sec-fetch-site", site)];
            for (name, value) in named.into_iter().filter_map(|(name, value)| Some((name, value?))) {
                request.headers_mut().insert(name, value.parse().unwrap());
            }
            ada.send(request).await.says(403, "Nothing was changed.");
        }
    }
    assert_eq!(changes, 24);
    assert_eq!(company.audit(None).len(), before, "nothing was changed");
    let page = ada.get("/me").await;
    assert!(!page.text.contains("Mallory"));
    page.says(200, "You have none.");
}

#[tokio::test(flavor = "multi_thread")]
async fn before_sign_in_a_change_comes_from_this_site_too() {
    let company = Company::new();
    let link = company.link(ADA);
    let code = link.split_once("code=").unwrap().1;
    let mut ada = Browser::new(&company);
    ada.get(&link).await.says(200, "Choose a new password");
    let public = |route: &&Route| route.method == "POST" && matches!(route.access, Access::Public(_));
    for route in pages::routes().filter(public) {
        let fields =
            [("csrf", ada.csrf.as_str()), ("login", ADA), ("password", PASSWORD), ("provider", "corp")];
        let more = [("code", code), ("new", "purple walrus"), ("again", "purple walrus")];
        let mut request = ada.form(route.path, encoded(&[&fields[..], &more[..]].concat()));
        request.headers_mut().insert("origin", "https://evil.example".parse().unwrap());
        ada.send(request).await.says(403, "Nothing was changed.");
    }
    let mut bare = Browser::new(&company);
    let fields = [("code", code), ("new", "purple walrus"), ("again", "purple walrus")];
    bare.post("/link", &fields).await.says(403, "This form has expired");
    ada.get(&link).await.says(200, "Choose a new password");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_form_belongs_to_the_visit_it_was_shown_to() {
    let company = Company::new();
    let (mut ada, mut mallory) = (Browser::new(&company), Browser::new(&company));
    ada.get("/sign-in").await;
    mallory.get("/sign-in").await;
    ada.csrf.clone_from(&mallory.csrf);
    let seen = ada.post("/sign-in", &[("login", ADA), ("password", PASSWORD), ("next", "/me")]).await;
    seen.says(403, "The page was open for too long").says(403, "value=\"ada@shop.example\"");
    assert_eq!(seen.field("next").unwrap(), "/me");
    // The page that came back has the right one.
    assert_eq!(ada.post("/sign-in", &[("login", ADA), ("password", PASSWORD)]).await.location(), "/");
    let mut bare = Browser::new(&company);
    bare.post("/sign-in", &[("login", ADA), ("password", PASSWORD)]).await.says(403, "open for too long");
    assert_eq!(bare.post("/sign-in", &[("login", ADA), ("password", PASSWORD)]).await.location(), "/");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_that_is_there_twice_is_none() {
    let company = Company::new();
    let mut ada = Browser::of(&company, "", ADA).await;
    let other = Browser::of(&company, "", ADA).await;
    let name = "__Host-keyward-omc";
    let twice = format!("{name}={}; {name}={}", ada.cookies[name], other.cookies[name]);
    let request = Request::get("/me").header("cookie", twice).body(Body::empty()).unwrap();
    assert_eq!(ada.send(request).await.location(), "/sign-in?next=%2Fme");
    let same = format!("{name}={0}; {name}={0}", ada.cookies[name]);
    let request = Request::get("/me").header("cookie", same).body(Body::empty()).unwrap();
    ada.send(request).await.says(200, ADA);
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_have_exactly_their_attributes() {
    for (base, prefix, secure) in
        [("https://omc.shop.example", "__Host-", "; Secure"), ("http://127.0.0.1:8080", "", "")]
    {
        let company = Company::at(base);
        let mut admin = Browser::new(&company);
        let visit = admin.get("/sign-in").await;
        let value = |name: &str, admin: &Browser| admin.cookies[&format!("{prefix}{name}")].clone();
        let of = |name: &str, value: &str| {
            format!("{prefix}{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}")
        };
        assert_eq!(visit.cookies(), [of("keyward-visit", &value("keyward-visit", &admin))]);
        for (door, name) in [("", "keyward-omc"), ("/store", "keyward-store")] {
            let entered = admin.sign_in(door, crate::company::ADMIN, PASSWORD).await;
            let secret = value(name, &admin);
            assert!(secret.starts_with("kws_"));
            assert_eq!(entered.cookies(), [of(name, &secret)]);
            admin.get(&format!("{door}/me")).await;
            let out = admin.post(&format!("{door}/sign-out"), &[]).await;
            assert_eq!(out.cookies(), [format!("{}; Max-Age=0", of(name, ""))]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn too_much_or_something_else_is_refused_before_it_is_read() {
    let company = Company::new();
    let mut ada = Browser::of(&company, "", ADA).await;
    let long = "x".repeat(pages::form::FORM_BYTES_MAX);
    ada.post("/me/profile", &[("name", &long), ("email", "")]).await.says(413, "That was too much");
    let many: Vec<(&str, &str)> = vec![("a", "b"); pages::form::FIELDS_MAX];
    ada.post("/me/profile", &many).await.says(400, "This was not understood");
    let mut json = ada.form("/me/profile", format!("{{\"csrf\":\"{}\"}}", ada.csrf));
    json.headers_mut().insert("content-type", "application/json".parse().unwrap());
    ada.send(json).await.says(400, "This was not understood");
    let csrf = ada.csrf.clone();
    let twice =
        ada.form("/me/profile", encoded(&[("csrf", &csrf), ("name", "a"), ("name", "b"), ("email", "")]));
    ada.send(twice).await.says(400, "This was not understood");
    ada.post("/me/profile", &[("name", "Ada")]).await.says(400, "This was not understood");
    assert!(ada.is_in("").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_says_so() {
    let company = Company::new();
    let mut stranger = Browser::new(&company);
    for path in ["/nothing", "/store/nothing", "/me/", "/stores", "/sso", "/store/sso/callback"] {
        let seen = stranger.get(path).await;
        secure(seen.says(404, "Page not found"), path);
    }
    stranger.get("/store/nothing").await.says(404, "Store App").says(404, "Go to the sign-in page");
    let post = stranger.form("/nothing", String::new());
    stranger.send(post).await.says(404, "Page not found");
    let mut ada = Browser::of(&company, "", ADA).await;
    ada.get("/nothing")
        .await
        .says(404, "Page not found")
        .says(404, "Signed in as")
        .says(404, "Go to the first page");
    assert_eq!(ada.post("/sign-out", &[]).await.location(), "/signed-out", "its form counts");
    for (method, path) in
        [("PUT", "/me"), ("DELETE", "/store/sign-in"), ("GET", "/sign-out"), ("POST", "/me")]
    {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let seen = stranger.send(request).await;
        secure(seen.says(405, "This was not understood"), path);
        assert!(seen.header("allow").is_some(), "{method} {path}");
    }
    let style = stranger.get(pages::assets::stylesheet()).await;
    assert_eq!(style.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(style.header("content-type"), Some("text/css; charset=utf-8"));
    let old = stranger.get("/assets/keyward-0000000000000000.css").await;
    assert_eq!((old.status.as_u16(), old.header("cache-control")), (404, Some("no-store")));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_address_nothing_is_served_and_the_page_says_what_to_set() {
    let mut company = Company::new();
    company.router = pages::router(company.service.clone(), PagesConfig::default());
    let mut browser = Browser::new(&company);
    for path in ["/", "/sign-in", "/store/me", "/link?code=x", "/sso/callback?code=x"] {
        let seen = browser.get(path).await;
        secure(seen.says(503, "base URL"), path);
        assert!(seen.cookies().is_empty());
    }
    browser.post("/sign-in", &[("login", ADA), ("password", PASSWORD)]).await.says(503, "base URL");
    assert_eq!(browser.get(pages::assets::stylesheet()).await.status.as_u16(), 200);
}
