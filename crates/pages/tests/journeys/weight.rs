//! What the first page after sign-in weighs on the wire, with everything that it loads.

use std::collections::BTreeSet;
use std::io::Read as _;

use access::Label;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request};
use flate2::read::GzDecoder;
use service::ops::{GrantNames, Op, ScopeNames, UserOp};
use tower::ServiceExt;

use crate::browser::{Browser, Seen};
use crate::company::{ADMIN, Company, PASSWORD};

/// Most bytes of the first page and of what it loads, heads not counted, as a browser that takes gzip gets them.
const WIRE_BYTES_MAX: usize = 60_000;

/// What a browser of these days says.
const CODINGS: &str = "gzip, deflate, br, zstd";

/// 25 people, a page full: the longest name there may be, logins and e-mails as long as they come, and four roles.
fn hire(company: &Company) {
    let grant = |(role, retailer): (&str, &str)| GrantNames {
        role: role.into(),
        scope: ScopeNames { retailers: vec![retailer.into()], ..ScopeNames::default() },
        valid_from: None,
        valid_until: None,
    };
    let grants = [
        ("customer_service_conf_manager", "north"),
        ("customer_service_conf_manager", "south"),
        ("api_user", "north"),
        ("api_user", "south"),
    ];
    for number in 10..35 {
        let login = format!("a{number}.maximiliana-bartholomea@department-of-customers.shops-abroad.example");
        let name = format!("Maximiliana {number} {}", "Featherstonehaugh-".repeat(20));
        company.perform(Op::User(UserOp::Create {
            language: None,
            time_zone: None,
            email: Some(format!("post.of.{login}")),
            login,
            name: name.get(..Label::LEN_MAX).map(str::to_owned),
            system: false,
            application: false,
            sso: None,
            grants: grants.map(grant).into(),
            password: None,
        }));
    }
}

async fn file(company: &Company, path: &str, codings: Option<&str>) -> (HeaderMap, Bytes) {
    let mut request = Request::get(path);
    if let Some(codings) = codings {
        request = request.header("accept-encoding", codings);
    }
    let request = request.body(Body::empty()).unwrap();
    let (parts, body) = company.router.clone().oneshot(request).await.unwrap().into_parts();
    assert_eq!(parts.status, 200, "{path}");
    (parts.headers, axum::body::to_bytes(body, usize::MAX).await.unwrap())
}

/// The files that a page loads.
fn loaded(page: &Seen) -> BTreeSet<&str> {
    page.text.split('"').filter(|word| word.starts_with("/assets/")).collect()
}

/// The bytes of a page and of each file, and their sum.
async fn weigh(company: &Company, page: &Seen) -> (usize, String) {
    let (mut sum, mut told) = (page.text.len(), format!("the page {}", page.text.len()));
    assert_eq!(page.header("content-encoding"), None, "pages are not compressed");
    for path in loaded(page) {
        let (_, bytes) = file(company, path, Some(CODINGS)).await;
        sum += bytes.len();
        told += &format!(", {path} {}", bytes.len());
    }
    (sum, told)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_page_after_sign_in_is_light() {
    let company = Company::new();
    hire(&company);
    let mut admin = Browser::new(&company);
    let first = admin.sign_in("", ADMIN, PASSWORD).await.location().to_owned();
    let mut seen = admin.get(&first).await;
    while seen.status == 303 {
        let next = seen.location().to_owned();
        seen = admin.get(&next).await;
    }
    seen.says(200, "1\u{2013}25 of 28").says(200, "a34.maximiliana");
    assert_eq!(loaded(&seen).len(), 3, "{:?}", loaded(&seen));
    let (sum, told) = weigh(&company, &seen).await;
    assert!(sum < WIRE_BYTES_MAX, "{sum} bytes, under {WIRE_BYTES_MAX} wanted: {told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_compressed_for_whoever_takes_it_and_the_same_for_everybody() {
    let company = Company::new();
    let page = Browser::new(&company).get("/sign-in").await;
    for path in loaded(&page) {
        let (head, plain) = file(&company, path, None).await;
        assert_eq!(head.get("content-encoding"), None);
        let (refused, same) = file(&company, path, Some("gzip;q=0, br")).await;
        assert_eq!((refused.get("content-encoding"), &same), (None, &plain));
        let (packed, short) = file(&company, path, Some(CODINGS)).await;
        assert_eq!(packed["content-encoding"], "gzip");
        for other in [&head, &refused, &packed] {
            // A cache on the way keeps both apart, and for good.
            assert_eq!(other["vary"], "accept-encoding");
            assert_eq!(other["cache-control"], "public, max-age=31536000, immutable");
            assert_eq!(other["content-type"], head["content-type"]);
        }
        let mut whole = Vec::new();
        GzDecoder::new(&short[..]).read_to_end(&mut whole).unwrap();
        assert!(whole == plain && short.len() < plain.len(), "{path}");
    }
}
