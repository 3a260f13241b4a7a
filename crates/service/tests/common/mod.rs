//! A small company with a service of its own, whose time is a parameter.
//!
//! Every secret and password that a test meets is written down, and none of them may stand in the audit at its end.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that cannot go on fails"
)]

mod kinds;
mod place;

pub use kinds::{KINDS, Kinds};
pub use place::Place;

use access::{AccountId, Application, Instant, UserId};
use authn::{BasicCredentials, Parameters, Principal, Secret, SessionLimits};
use serde_json::Value;
use service::ops::{
    AuditOp, ClientOp, GrantNames, GrantOp, InitOp, LocationOp, Op, ProviderOp, Reply, Request, RetailerOp,
    ScopeNames, UserOp,
};
use service::{
    ClientSecret, Fault, Issued, IssuedPair, LongTokenWish, Options, Service, ServiceError, SignInOptions,
    Visitor, Way,
};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use store::{Clock, Origin, SystemIds};

pub const ANN: &str = "ann@acme.example";
pub const ANN_PASSWORD: &str = "seven quiet lamps";
/// Orders of the north, in the OMC and by the API.
pub const CLEO: &str = "cleo@acme.example";
pub const CLEO_PASSWORD: &str = "nine green doors";
/// The same, by single sign-on.
pub const SAM: &str = "sam@acme.example";
/// The same, with no password yet.
pub const NEW: &str = "new@acme.example";
pub const CLIENT: &str = "erp";

pub const MINUTE: i64 = 60;
pub const HOUR: i64 = 3600;
pub const DAY: i64 = 24 * HOUR;

/// A clock that is set by hand.
#[derive(Debug)]
pub struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Instant {
        Instant(self.0.load(Ordering::SeqCst))
    }
}

pub struct World {
    pub service: Service,
    pub place: Place,
    pub client_secret: String,
    clock: Arc<Hand>,
    account: AccountId,
    /// What may stand in no audit.
    secrets: Mutex<Vec<String>>,
}

/// Runs a test on a new company on every kind of database; at its end no audit may hold a secret of it.
pub fn everywhere(test: impl Fn(&mut World)) {
    for place in Place::all() {
        println!("on {}", place.name());
        let mut world = World::new(place);
        test(&mut world);
        world.check_audit();
    }
}

fn open(place: &Place, clock: &Arc<Hand>, parameters: Parameters, session: SessionLimits) -> Service {
    let options = Options {
        database: place.database(),
        shared: matches!(place, Place::Postgres { .. }),
        clock: clock.clone(),
        ids: Arc::new(SystemIds),
        // Providers of tests are on this machine, and their secrets are kept.
        sign_in: SignInOptions {
            parameters,
            session,
            key: Some([7; 32]),
            private_providers: true,
            ..SignInOptions::default()
        },
    };
    Service::open(options).expect("a service")
}

pub fn visitor(last: u8) -> Visitor {
    Visitor::new(Some([10, 0, 0, last].into()), "Probe/1")
}

pub fn origin() -> Origin {
    visitor(1).origin(Some(Application::Omc))
}

impl World {
    pub fn new(place: Place) -> Self {
        let clock = Arc::new(Hand(AtomicI64::new(1_790_000_000_000_000)));
        let service = open(&place, &clock, Parameters::default(), SessionLimits::default());
        let request = Request { account: Some("acme".into()), op: Op::Init(init()) };
        service.perform(&request, &mut |_, _, _| ()).expect("a company");
        let account = service.account_of_header(None).expect("one account");
        let secrets = Mutex::new(vec![ANN_PASSWORD.into(), CLEO_PASSWORD.into()]);
        let mut world = Self { service, place, client_secret: String::new(), clock, account, secrets };
        for key in ["north", "south"] {
            let default_channel = "web".into();
            world.op(Op::Retailer(RetailerOp::Create { key: key.into(), name: None, default_channel }));
        }
        let leeds = LocationOp::Create {
            retailer: "north".into(),
            key: "leeds".into(),
            name: None,
            warehouse: false,
        };
        world.op(Op::Location(leeds));
        world.op(Op::Provider(provider()));
        world.create(CLEO, None, Some(CLEO_PASSWORD));
        world.create(SAM, Some("okta"), None);
        world.create(NEW, None, None);
        world.client_secret = world.new_client(CLIENT);
        world
    }

    /// Another process on the same database, with other parameters and session limits perhaps.
    pub fn restart(&mut self, parameters: Parameters, session: SessionLimits) {
        assert!(self.place.lasts(), "what is in memory is gone");
        let nothing = open(&Place::Memory, &self.clock, Parameters::default(), SessionLimits::default());
        drop(std::mem::replace(&mut self.service, nothing));
        self.service = open(&self.place, &self.clock, parameters, session);
    }

    /// The second process of a database that several write to.
    pub fn neighbour(&self) -> Service {
        open(&self.place, &self.clock, Parameters::default(), SessionLimits::default())
    }

    pub fn create(&self, login: &str, sso: Option<&str>, password: Option<&str>) {
        let at_north = |role: &str| GrantNames {
            role: role.into(),
            scope: ScopeNames { retailers: vec!["north".into()], ..ScopeNames::default() },
            valid_from: None,
            valid_until: None,
        };
        self.op(Op::User(UserOp::Create {
            login: login.into(),
            name: None,
            email: None,
            language: None,
            time_zone: None,
            system: false,
            application: false,
            sso: sso.map(str::to_owned),
            grants: vec![at_north("customer_service"), at_north("api_user")],
            password: password.map(str::to_owned),
        }));
    }

    pub fn new_client(&self, key: &str) -> String {
        let op = ClientOp::Create { r#ref: key.into(), name: None, retailer: "north".into() };
        let reply = self.op(Op::Client(op));
        let secret = reply.json["client_secret"].as_str().expect("a secret").to_owned();
        self.keep(&secret);
        secret
    }

    pub fn op(&self, op: Op) -> Reply {
        self.try_op(op).expect("done")
    }

    pub fn try_op(&self, op: Op) -> Result<Reply, ServiceError> {
        self.service.perform(&Request { account: None, op }, &mut |_, _, _| ())
    }

    pub fn user_op(&self, op: UserOp) {
        self.op(Op::User(op));
    }

    /// Takes every grant of a role from somebody.
    pub fn take(&self, login: &str, role: &str) {
        let listed = self.op(Op::Grant(GrantOp::List { user: login.into() }));
        let of_role = |grant: &&Value| grant["role"] == role;
        let id = |grant: &Value| grant["id"].as_str().expect("an id").to_owned();
        let grants: Vec<String> =
            listed.json["items"].as_array().expect("grants").iter().filter(of_role).map(id).collect();
        assert!(!grants.is_empty(), "{login} has {role}");
        self.op(Op::Grant(GrantOp::Remove { user: login.into(), grants }));
    }

    pub fn give(&self, login: &str, role: &str) {
        let scope = ScopeNames { retailers: vec!["north".into()], ..ScopeNames::default() };
        let grant = GrantNames { role: role.into(), scope, valid_from: None, valid_until: None };
        self.op(Op::Grant(GrantOp::Add { users: vec![login.into()], grant }));
    }

    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    pub fn wait(&self, s: i64) {
        self.clock.0.fetch_add(s * 1_000_000, Ordering::SeqCst);
    }

    pub fn operator(&self) -> Principal {
        self.service.operator(self.account)
    }

    pub fn id(&self, login: &str) -> UserId {
        self.service.inquire(&self.operator()).expect("a state").user(login).expect("a user")
    }

    /// Has a secret or password looked for in the audit when the test is over.
    pub fn keep(&self, secret: &str) {
        self.secrets.lock().expect("whole").push(secret.to_owned());
    }

    pub fn kept(&self, secret: Secret) -> Secret {
        self.keep(secret.reveal());
        secret
    }

    /// Knocks and verifies, from an address of its own for each login, so that tests do not brake each other.
    pub fn try_password(
        &self,
        login: &str,
        password: &str,
        application: Application,
        visitor: &Visitor,
        way: Way,
    ) -> Result<Principal, ServiceError> {
        self.keep(password);
        let credentials = BasicCredentials::new(login, password).expect("credentials");
        self.service.verify(self.service.knock(credentials, None, application, visitor, way)?)
    }

    pub fn principal(&self, login: &str, password: &str, application: Application) -> Principal {
        self.try_password(login, password, application, &visitor(1), Way::Form).expect("signed in")
    }

    /// The administrator in the OMC.
    pub fn ann(&self) -> Principal {
        self.principal(ANN, ANN_PASSWORD, Application::Omc)
    }

    pub fn session(&self, login: &str, password: &str) -> Issued {
        let who = self.principal(login, password, Application::Omc);
        let issued = self.service.begin_session(&who, &visitor(1)).expect("a session");
        self.keep(issued.secret.reveal());
        issued
    }

    pub fn access(&self, login: &str, password: &str) -> Issued {
        let who = self.principal(login, password, Application::Api);
        let issued = self.service.begin_access(&who, &visitor(1)).expect("a token");
        self.keep(issued.secret.reveal());
        issued
    }

    pub fn client(&self) -> ClientSecret<'_> {
        ClientSecret { id: CLIENT, secret: &self.client_secret }
    }

    pub fn pair(&self, login: &str, password: &str) -> IssuedPair {
        let credentials = BasicCredentials::new(login, password).expect("credentials");
        let (api, visitor) = (Application::Api, visitor(1));
        let knock = self.service.knock(credentials, None, api, &visitor, Way::OAuth).expect("let try");
        let pair = self.service.open_for_client(knock, &self.client(), &visitor).expect("a pair");
        self.keep_pair(pair)
    }

    pub fn keep_pair(&self, pair: IssuedPair) -> IssuedPair {
        self.keep(pair.access.secret.reveal());
        self.keep(pair.refresh.reveal());
        pair
    }

    pub fn refresh(&self, refresh: &Secret) -> Result<IssuedPair, ServiceError> {
        let pair = self.service.refresh(refresh, &self.client(), &visitor(1))?;
        Ok(self.keep_pair(pair))
    }

    pub fn long_token(&self, login: &str, password: &str, label: &str) -> Result<Issued, ServiceError> {
        let who = self.principal(login, password, Application::Omc);
        let wish = LongTokenWish { label: label.into(), expires_at: None };
        let issued = self.service.make_long_token(&who, &wish, &visitor(1))?;
        self.keep(issued.secret.reveal());
        Ok(issued)
    }

    /// What a surface does with a session or token: who it is, then a guarded call.
    pub fn use_token(&self, secret: &Secret, application: Application) -> Result<Principal, ServiceError> {
        let visitor = visitor(1);
        let who = match self.service.recall_token(secret, application, &visitor) {
            Some(who) => who,
            None => self.service.sign_in_token(secret, application, &visitor)?,
        };
        self.service.orders(&who, Some(1), None)?;
        Ok(who)
    }

    pub fn opens(&self, secret: &Secret, application: Application) -> bool {
        match self.use_token(secret, application) {
            Ok(_) => true,
            Err(error) => {
                let fault = error.fault();
                assert!(matches!(fault, Fault::Unauthenticated | Fault::Forbidden), "{error:?}");
                false
            }
        }
    }

    pub fn opens_page(&self, secret: &Secret) -> bool {
        self.opens(secret, Application::Omc)
    }

    pub fn opens_api(&self, secret: &Secret) -> bool {
        self.opens(secret, Application::Api)
    }

    /// Every entry of a chain, the oldest first.
    pub fn told(&self, chain: &str) -> Vec<Value> {
        let chain = (chain != "access").then(|| chain.to_owned());
        let text = self.op(Op::Audit(AuditOp::Export { chain })).text;
        text.lines().map(|line| serde_json::from_str(line).expect("an entry")).collect()
    }

    /// How many entries of the sign-in chain are of an action and say all of these.
    pub fn count(&self, action: &str, says: &[&str]) -> usize {
        let of = |e: &&Value| e["action"] == action && says.iter().all(|part| e.to_string().contains(part));
        self.told("sign_in").iter().filter(of).count()
    }

    /// Both chains are unbroken and hold none of the secrets and none of their fingerprints.
    pub fn check_audit(&self) {
        assert_eq!(
            self.op(Op::Audit(AuditOp::Verify { chain: None, head: None })).exit,
            0,
            "a chain is broken"
        );
        let secrets = self.secrets.lock().expect("whole");
        for chain in ["access", "sign_in"] {
            for entry in self.told(chain) {
                let entry = entry.to_string();
                for secret in secrets.iter() {
                    assert!(!entry.contains(secret), "a secret stands in {entry}");
                    if let Ok(secret) = Secret::parse(secret) {
                        assert!(!entry.contains(&secret.fingerprint().to_hex()), "{entry}");
                    }
                }
            }
        }
    }
}

fn init() -> InitOp {
    InitOp { name: None, admin_login: ANN.into(), password: Some(ANN_PASSWORD.into()) }
}

fn provider() -> ProviderOp {
    ProviderOp::Save {
        r#ref: "okta".into(),
        name: None,
        issuer: "https://id.example".into(),
        client_id: "keyward".into(),
        client_secret: None,
        scopes: vec![],
        claim: "email".into(),
        algorithms: vec!["ES256".into()],
    }
}
