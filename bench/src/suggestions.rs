//! What fields suggest in a large account: stock locations, sales channels and roles, as the script of a page asks.

use crate::table::{Table, grouped, verdict};
use crate::timing::{busy, median};
use access::Application;
use authn::{BasicCredentials, Principal};
use service::ops::{ImportFile, ImportOp, InitOp, Op, Request, RoleOp};
use service::{Service, Suggest, SuggestOf, Target, Visitor, Way};
use std::error::Error;
use std::fmt::Write as _;

type Outcome<T> = Result<T, Box<dyn Error>>;

const ADMIN: &str = "ann@bench.example";
const PASSWORD: &str = "seven quiet lamps";
const SITES: usize = 20;
const LOCATIONS: usize = 100_000;
const ROLES: usize = 10_000;
const TIMES: usize = 21;
const MS_MAX: f64 = 100.0;

const MAPPING: &str = r#"
[[retailers]]
file = "sites.csv"
ref = "{ref}"
name = "{name}"

[[locations]]
file = "locations.csv"
retailer = "{site}"
ref = "{ref}"
name = "{name}"
kind = "store"
"#;

/// Runs `suggestions`.
pub(crate) fn run() -> Outcome<()> {
    let service = Service::open_target(&Target::Memory)?;
    eprintln!("{} locations in {SITES} sites, {} roles ...", grouped(LOCATIONS), grouped(ROLES));
    company(&service)?;
    let who = administrator(&service)?;
    let mut table = Table::new(&["what", "typed", "site", "suggested", "ms", "goal"]);
    let asked = [
        (SuggestOf::Location, "", None),
        (SuggestOf::Location, "store", None),
        (SuggestOf::Location, "store 99", None),
        (SuggestOf::Location, "LOC-77123", None),
        (SuggestOf::Location, "nothing like it", None),
        (SuggestOf::Location, "store 99", Some("site-7")),
        (SuggestOf::Location, "store 99", Some("Site 7, Site 8")),
        (SuggestOf::Role, "role 99", None),
        (SuggestOf::Role, "nothing like it", None),
        (SuggestOf::Permission, "order", None),
    ];
    for (of, text, site) in asked {
        let wanted = Suggest { of, text, site, application: None };
        let found = service.suggest(&who, &wanted)?.len();
        let ms =
            median((0..TIMES).map(|_| busy(|| service.suggest(&who, &wanted)).0.as_secs_f64() * 1_000.0));
        table.row([
            format!("{of:?}").to_lowercase(),
            format!("`{text}`"),
            site.unwrap_or("any").to_owned(),
            found.to_string(),
            format!("{ms:.2}"),
            verdict(ms < MS_MAX).to_owned(),
        ]);
    }
    table.print();
    Ok(())
}

fn company(service: &Service) -> Outcome<()> {
    let perform = |op: Op| service.perform(&Request { account: Some("bench".into()), op }, &mut |_, _, _| ());
    perform(Op::Init(InitOp { name: None, admin_login: ADMIN.into(), password: Some(PASSWORD.into()) }))?;
    let mut sites = String::from("ref,name\n");
    for site in 0..SITES {
        writeln!(sites, "site-{site},Site {site}")?;
    }
    let mut locations = String::from("ref,site,name\n");
    for number in 0..LOCATIONS {
        writeln!(locations, "LOC-{number},site-{},Store {number} of the town", number % SITES)?;
    }
    let files = [("sites.csv", sites), ("locations.csv", locations)];
    let files = files.map(|(name, text)| ImportFile::new(name, text.as_bytes())).into();
    perform(Op::Import(ImportOp { mapping: MAPPING.into(), files, dry_run: false }))?;
    for number in 0..ROLES {
        perform(Op::Role(RoleOp::Create {
            key: format!("role_{number}"),
            label: Some(format!("Role {number} of the house")),
            application: None,
            permissions: vec!["ORDER_VIEW".into()],
        }))?;
    }
    Ok(())
}

fn administrator(service: &Service) -> Outcome<Principal> {
    let (credentials, visitor) = (BasicCredentials::new(ADMIN, PASSWORD)?, Visitor::default());
    let knock = service.knock(credentials, None, Application::Omc, &visitor, Way::Form)?;
    Ok(service.verify(knock)?)
}
