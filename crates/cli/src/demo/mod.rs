//! The demo company: made through the same requests that an operator sends, and found again when it is there.

mod company;

use company::Company;
use server::BaseUrl;
use service::ops::{AccountOp, ImportFile, ImportOp, InitOp, Op, Request, UserOp};
use service::{Service, ServiceError, Target};

/// The password of all demo sign-ins. The demo listens on this machine alone unless it is told otherwise.
const PASSWORD: &str = "Tour-the-demo-2026";

/// Somebody who works in a store.
const STORE_LOGIN: &str = "maison/marc.fontaine@maison-demo.example";

/// The name of an account until all of it is there.
const BEING_MADE: &str = "Demo, being made";

/// Makes the demo accounts unless they are there; what to print about them.
pub(crate) fn prepare(service: &Service) -> Result<String, ServiceError> {
    let there = service.accounts()?;
    for company in company::all() {
        let found = there.iter().find(|a| a.r#ref.as_str() == company.account);
        // The account gets its name last: a first start that was interrupted is completed.
        if found.is_none_or(|account| account.name.as_str() == BEING_MADE) {
            make(service, &company, found.is_some())?;
        }
    }
    Ok(sign_ins())
}

fn perform(service: &Service, account: &str, op: Op) -> Result<service::ops::Reply, ServiceError> {
    let request = Request { account: Some(account.to_owned()), op };
    service.perform(&request, &mut |_, _, _| ())
}

/// Whether nobody was made in an account that is there.
fn is_empty(service: &Service, account: &str) -> Result<bool, ServiceError> {
    let list = UserOp::List { search: None, after: None, limit: 1 };
    let reply = perform(service, account, Op::User(list))?;
    Ok(reply.json.get("items").and_then(serde_json::Value::as_array).is_none_or(Vec::is_empty))
}

fn make(service: &Service, company: &Company, there: bool) -> Result<(), ServiceError> {
    if !there || is_empty(service, company.account)? {
        let init = InitOp {
            name: Some(BEING_MADE.to_owned()),
            admin_login: company.admin(),
            password: Some(PASSWORD.to_owned()),
        };
        perform(service, company.account, Op::Init(init))?;
    }
    let files = company.files().iter().map(|(name, text)| ImportFile::new(name, text.as_bytes())).collect();
    let import = ImportOp { mapping: include_str!("mapping.toml").to_owned(), files, dry_run: false };
    perform(service, company.account, Op::Import(import))?;
    for (login, _) in company.sign_ins() {
        let password = UserOp::Password { user: login, password: Some(PASSWORD.to_owned()) };
        perform(service, company.account, Op::User(password))?;
    }
    for login in &company.disabled {
        perform(service, company.account, Op::User(UserOp::Disable { user: login.clone() }))?;
    }
    perform(service, company.account, Op::Account(AccountOp::Edit { name: company.name.to_owned() }))?;
    Ok(())
}

/// Who may sign in to try the demo, and as what.
fn sign_ins() -> String {
    let mut text = format!("Demo sign-ins, all with the password {PASSWORD}:\n");
    for company in company::all() {
        let account = company.account;
        text += &format!("  account {account} ({})\n", company.name);
        let line = |login: &str, what: &str| format!("    {:<45} {what}\n", format!("{account}/{login}"));
        text += &line(&company.admin(), "administrator");
        for (login, what) in company.sign_ins() {
            text += &line(&login, what);
        }
    }
    text.truncate(text.trim_end().len());
    text
}

/// Where people sign in, and whom to try there.
fn pages(site: Option<&BaseUrl>) -> String {
    let Some(site) = site else {
        return "Sign in by browser: name --base-url, the URL under which browsers reach this server"
            .to_owned();
    };
    let tried = ["maison/admin@maison-demo.example", STORE_LOGIN];
    let mut text = "Sign in by browser, with a login as it stands above:".to_owned();
    for ((title, url), login) in server::sign_in_pages(site).into_iter().zip(tried) {
        text += &format!("\n  {url}\n    {title}, for example as {login}");
    }
    text
}

/// Where people sign in, and what to paste into another terminal: the orders of somebody over HTTP, a question on the
/// command line, and the door that closes at once.
pub(crate) fn to_try(address: &str, site: Option<&BaseUrl>, target: &Target) -> String {
    let program = std::env::args().next().unwrap_or_else(|| "keyward".into());
    let place = match target {
        Target::Directory(folder) => format!("--data {}", folder.display()),
        Target::Postgres(_) | Target::Memory => "--database-url \"$KEYWARD_DATABASE_URL\"".to_owned(),
    };
    let login = "iris.novak@maison-demo.example";
    let on = format!("{place} --account maison");
    let pages = pages(site);
    format!(
        "{pages}
Try in another terminal:
  curl -u 'maison/{login}:{PASSWORD}' 'http://{address}/api/v1/orders?limit=3'
  {program} check {on} {login} ORDER_VIEW --retailer france --channel Store --explain
  {program} who-can {on} ORDER_VIEW --retailer france --channel Store
  {program} user disable {on} {login}   # then ask again by curl, or in her browser; `user enable` lets her in
Stop with Ctrl-C; start again with the same command and everything is still there."
    )
}
