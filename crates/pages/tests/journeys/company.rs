//! A small company behind the pages, and a clock that the tests set.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use access::Instant;
use axum::Router;
use pages::{PagesConfig, SiteUrl};
use serde_json::Value;
use service::ops::{
    AuditOp, GrantNames, InitOp, LocationOp, Op, ProviderOp, Reply, Request, RetailerOp, ScopeNames, UserOp,
};
use service::{Options, Service, SignInOptions};
use store::{Clock, SystemIds};

pub(crate) const ADMIN: &str = "admin@shop.example";
/// Customer service of the North in the OMC, and its API.
pub(crate) const ADA: &str = "ada@shop.example";
/// Works in the store of Leeds, and enters the Store App alone.
pub(crate) const SAM: &str = "sam@shop.example";
/// Signs in by a provider that does not answer.
pub(crate) const EVE: &str = "eve@shop.example";
pub(crate) const PASSWORD: &str = "correct horse battery";
pub(crate) const HTTPS: &str = "https://omc.shop.example";

#[derive(Debug)]
pub(crate) struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Instant {
        Instant(self.0.load(Ordering::SeqCst))
    }
}

pub(crate) struct Company {
    pub(crate) service: Service,
    pub(crate) router: Router,
    pub(crate) base: String,
    hand: Arc<Hand>,
}

pub(crate) fn grant(role: &str, retailer: Option<&str>, locations: &[&str]) -> GrantNames {
    let scope = ScopeNames {
        everywhere: retailer.is_none(),
        retailers: retailer.map(str::to_owned).into_iter().collect(),
        locations: locations.iter().map(|l| (*l).to_owned()).collect(),
        ..ScopeNames::default()
    };
    GrantNames { role: role.into(), scope, valid_from: None, valid_until: None }
}

impl Company {
    pub(crate) fn new() -> Self {
        Self::at(HTTPS)
    }

    pub(crate) fn at(base: &str) -> Self {
        // 2026-11-03T14:05:00Z.
        let hand = Arc::new(Hand(AtomicI64::new(1_793_714_700_000_000)));
        let service = Service::open(Options {
            database: sql::Database::sqlite_memory().unwrap(),
            shared: false,
            clock: hand.clone(),
            ids: Arc::new(SystemIds),
            sign_in: SignInOptions { private_providers: true, ..SignInOptions::default() },
        });
        let site = SiteUrl::parse(base).unwrap();
        let service = service.unwrap();
        let router = pages::router(service.clone(), PagesConfig { base_url: Some(site) });
        let company = Self { service, router, base: base.to_owned(), hand };
        company.furnish();
        company
    }

    fn furnish(&self) {
        self.init("shop");
        for (key, store) in [("north", "leeds"), ("south", "dover")] {
            let name = Some(key.to_uppercase());
            self.perform(Op::Retailer(RetailerOp::Create {
                key: key.into(),
                name,
                default_channel: "web".into(),
            }));
            let (retailer, key) = (key.into(), store.into());
            self.perform(Op::Location(LocationOp::Create { retailer, key, name: None, warehouse: false }));
        }
        let ada = vec![grant("customer_service", Some("north"), &[]), grant("api_user", Some("north"), &[])];
        self.user(ADA, ada, None);
        self.user(SAM, vec![grant("vendor", Some("north"), &["leeds"])], None);
    }

    /// Another account beside the first.
    pub(crate) fn init(&self, account: &str) {
        let op = InitOp { name: None, admin_login: ADMIN.into(), password: Some(PASSWORD.into()) };
        let request = Request { account: Some(account.into()), op: Op::Init(op) };
        self.service.perform(&request, &mut |_, _, _| ()).unwrap();
    }

    /// A provider at an address where nobody answers, and a user who signs in by it.
    pub(crate) fn provider(&self, issuer: &str) {
        self.perform(Op::Provider(ProviderOp::Save {
            r#ref: "corp".into(),
            name: Some("Corporate directory".into()),
            issuer: issuer.into(),
            client_id: "keyward".into(),
            client_secret: None,
            scopes: vec!["openid".into()],
            claim: "email".into(),
            algorithms: vec!["RS256".into()],
        }));
        self.user(EVE, vec![grant("customer_service", Some("north"), &[])], Some("corp"));
    }

    pub(crate) fn user(&self, login: &str, grants: Vec<GrantNames>, sso: Option<&str>) {
        let create = UserOp::Create {
            login: login.into(),
            name: None,
            email: None,
            language: None,
            time_zone: None,
            system: false,
            application: false,
            sso: sso.map(str::to_owned),
            grants,
            password: sso.is_none().then(|| PASSWORD.into()),
        };
        self.perform(Op::User(create));
    }

    pub(crate) fn perform(&self, op: Op) -> Reply {
        self.service.perform(&Request { account: Some("shop".into()), op }, &mut |_, _, _| ()).unwrap()
    }

    /// A password that was made for somebody, to be changed at first sign-in.
    pub(crate) fn first_password(&self, user: &str) -> String {
        let reply = self.perform(Op::User(UserOp::Password { user: user.into(), password: None }));
        reply.json["password"].as_str().unwrap().to_owned()
    }

    /// The path of a link that lets somebody set a password.
    pub(crate) fn link(&self, user: &str) -> String {
        let reply = self.perform(Op::User(UserOp::Link { user: user.into() }));
        reply.json["path"].as_str().unwrap().to_owned()
    }

    /// The actions and targets of a chain of the audit, and their facts.
    pub(crate) fn audit(&self, chain: Option<&str>) -> Vec<Value> {
        let chain = chain.map(str::to_owned);
        let op = AuditOp::List { chain, after: None, limit: 1_000, oldest_first: true };
        self.perform(Op::Audit(op)).json["items"].as_array().unwrap().clone()
    }

    pub(crate) fn let_pass(&self, seconds: i64) {
        self.hand.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}
