//! What a vendor manager does in the Store App: with the users of the store that they are in, and with nobody else.

use service::ops::{LocationOp, Op};

use crate::browser::Browser;
use crate::company::{ADMIN, Company, SAM, grant};

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
    company.user(MAX, vec![grant("vendor_manager", Some("north"), &["leeds"])], None);
    company.user(YVES, vec![grant("vendor", Some("north"), &["york"])], None);
    company.user(ALMA, vec![grant("vendor", Some("north"), &[])], None);
    company
}

/// A vendor manager in the store of Leeds.
async fn manager(company: &Company) -> Browser {
    let mut max = Browser::of(company, "/store", MAX).await;
    max.post("/store/me/place", &[("retailer", "north"), ("location", "leeds")]).await.location();
    max
}

/// The id of a user, as the list links to them.
async fn id_of(browser: &mut Browser, door: &str, login: &str) -> String {
    let list = browser.get(&format!("{door}/users?q={login}")).await;
    let (_, rest) = list.text.split_once(&format!("<a href=\"{door}/users/usr")).unwrap();
    format!("usr{}", rest.split('"').next().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_manager_sees_the_users_of_the_store_alone() {
    let company = stores();
    let mut max = manager(&company).await;
    let list = max.get("/store/users").await;
    list.says(200, SAM).says(200, MAX);
    for other in [YVES, ALMA, ADMIN] {
        assert!(!list.text.contains(other), "{other} has no access to this store of their own");
    }
    let sam = id_of(&mut max, "/store", SAM).await;
    max.get(&format!("/store/users/{sam}")).await.says(200, "Vendor").says(200, "leeds");
    let mut admin = Browser::of(&company, "", ADMIN).await;
    for other in [YVES, ALMA, ADMIN] {
        let id = id_of(&mut admin, "", other).await;
        max.get(&format!("/store/users/{id}")).await.says(404, "");
        max.post(&format!("/store/users/{id}/disable"), &[]).await.says(404, "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_vendor_manager_disables_is_out_at_once() {
    let company = stores();
    let (mut max, mut sam) = (manager(&company).await, Browser::of(&company, "/store", SAM).await);
    let id = id_of(&mut max, "/store", SAM).await;
    let page = format!("/store/users/{id}");
    let ask = max.get(&format!("{page}/disable")).await;
    ask.says(200, "1 session and 0 tokens end at once").says(200, &format!("href=\"{page}\""));
    assert!(sam.is_in("/store").await, "asking does nothing");
    let done = max.post(&format!("{page}/disable"), &[("reason", "left")]).await;
    assert_eq!(done.location(), format!("{page}?done=disable"));
    max.get(done.location()).await.says(200, "The user is disabled");
    assert!(!sam.is_in("/store").await);
    assert_eq!(max.post(&format!("{page}/enable"), &[]).await.location(), format!("{page}?done=enable"));
    assert!(Browser::of(&company, "/store", SAM).await.is_in("/store").await);
}
