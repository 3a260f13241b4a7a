//! The demo company: made through the same requests that an operator sends, and found again when it is there.

mod company;

use company::Company;
use service::ops::{ImportFile, ImportOp, InitOp, Op, Request, UserOp};
use service::{Service, ServiceError, Target};

/// The password of all demo sign-ins. The demo listens on this machine alone unless it is told otherwise.
const PASSWORD: &str = "Tour-the-demo-2026";

/// Makes the demo accounts unless they are there; what to print about them.
pub(crate) fn prepare(service: &Service) -> Result<String, ServiceError> {
    let there = service.accounts()?;
    for company in company::all() {
        // A first start that was interrupted is completed: everything is found again by its ref.
        if there.iter().any(|a| a.r#ref.as_str() == company.account) && is_complete(service, &company)? {
            continue;
        }
        make(service, &company, !there.iter().any(|a| a.r#ref.as_str() == company.account))?;
    }
    Ok(sign_ins())
}

fn perform(service: &Service, account: &str, op: Op) -> Result<service::ops::Reply, ServiceError> {
    let request = Request { account: Some(account.to_owned()), op };
    service.perform(&request, &mut |_, _, _| ())
}

/// The last step of making a company is the password of its last sign-in.
fn is_complete(service: &Service, company: &Company) -> Result<bool, ServiceError> {
    let list = UserOp::List { search: None, after: None, limit: 10_000 };
    let reply = perform(service, company.account, Op::User(list))?;
    let users = reply.json.get("items").and_then(serde_json::Value::as_array).map_or(0, Vec::len);
    Ok(users > company.users.len())
}

fn make(service: &Service, company: &Company, new: bool) -> Result<(), ServiceError> {
    if new {
        let init = InitOp {
            name: Some(company.name.to_owned()),
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
    Ok(())
}

/// Who may sign in to try the demo, and as what.
fn sign_ins() -> String {
    let mut text = format!("Demo sign-ins, all with the password {PASSWORD}:\n");
    for company in company::all() {
        text += &format!("  account {} ({})\n", company.account, company.name);
        text += &format!("    {:<38} administrator\n", company.admin());
        for (login, what) in company.sign_ins() {
            text += &format!("    {login:<38} {what}\n");
        }
    }
    text.truncate(text.trim_end().len());
    text
}

/// What to paste into another terminal: the orders of somebody over HTTP, a question on the command line,
/// and the door that closes at once.
pub(crate) fn to_try(address: &str, target: &Target) -> String {
    let program = std::env::args().next().unwrap_or_else(|| "keyward".into());
    let place = match target {
        Target::Directory(folder) => format!("--data {}", folder.display()),
        Target::Postgres(_) | Target::Memory => "--database-url \"$KEYWARD_DATABASE_URL\"".to_owned(),
    };
    let login = "iris.novak@maison-demo.example";
    let on = format!("{place} --account maison");
    format!(
        "Try in another terminal:
  curl -u 'maison/{login}:{PASSWORD}' 'http://{address}/api/v1/orders?limit=3'
  {program} check {on} {login} ORDER_VIEW --retailer france --channel Store --explain
  {program} who-can {on} ORDER_VIEW --retailer france --channel Store
  {program} user disable {on} {login}   # then ask again by curl; `user enable` lets her in
Stop with Ctrl-C; start again with the same command and everything is still there."
    )
}
