//! The arguments of the command line; their comments are its help.

mod access;
mod people;
mod places;
mod serve;
mod ways_in;

pub(crate) use access::{CheckArgs, OnArgs, WhatCanArgs, WhoCanArgs};
pub(crate) use people::{GrantCommand, PermissionCommand, RoleCommand, ScopeArgs, UserCommand, ValidityArgs};
pub(crate) use places::{ChannelCommand, LocationCommand, RetailerCommand};
pub(crate) use serve::{ServeArgs, SignInArgs};
pub(crate) use ways_in::{ClientCommand, ProviderArgs, ProviderCommand};

use clap::{ArgGroup, Parser, Subcommand};
use std::path::PathBuf;

/// The heading of the options that every command takes: below those that are its own.
const EVERYWHERE: &str = "Options of every command";

/// Who may do what, where: the access layer of order management.
#[derive(Debug, Parser)]
#[command(name = "keyward", version, max_term_width = 100)]
pub(crate) struct Args {
    /// Data directory of the embedded database; keyward-data, when left out
    #[arg(long, global = true, value_name = "DIR", env = "KEYWARD_DATA", help_heading = EVERYWHERE)]
    pub(crate) data: Option<PathBuf>,
    /// Use this PostgreSQL database instead: postgres://user@host/name
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "KEYWARD_DATABASE_URL",
        hide_env_values = true,
        help_heading = EVERYWHERE
    )]
    pub(crate) database_url: Option<String>,
    /// The account, by ref or id, where there are several; for `init`, the ref of the new one
    #[arg(long, global = true, value_name = "REF", env = "KEYWARD_ACCOUNT", help_heading = EVERYWHERE)]
    pub(crate) account: Option<String>,
    /// Answer in JSON
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub(crate) json: bool,
    /// What to do
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve HTTP and the local socket
    Serve(ServeArgs),
    /// Make an account (--account) with its first administrator
    Init(InitArgs),
    /// Read places, users and goods from CSV files
    Import(ImportArgs),
    /// May this user do that, there? Exit status 0 allow, 1 deny, 2 error
    Check(CheckArgs),
    /// Who may do that, there?
    WhoCan(WhoCanArgs),
    /// What may this user do, where?
    WhatCan(WhatCanArgs),
    /// Users: create, edit, disable, enable, remove, list, show; how they sign in, and their sessions
    #[command(subcommand)]
    User(UserCommand),
    /// Identity providers, for single sign-on: save, remove, list
    #[command(subcommand)]
    Provider(ProviderCommand),
    /// API clients, for OAuth tokens: create, remove, list
    #[command(subcommand)]
    Client(ClientCommand),
    /// Grants: add, change, remove, list
    #[command(subcommand)]
    Grant(GrantCommand),
    /// Roles: create, copy, edit, remove, list, show
    #[command(subcommand)]
    Role(RoleCommand),
    /// Permissions: add, list
    #[command(subcommand)]
    Permission(PermissionCommand),
    /// Retailers (sites): create, edit, open, close, list
    #[command(subcommand)]
    Retailer(RetailerCommand),
    /// Locations (stores and warehouses): create, edit, open, close, list
    #[command(subcommand)]
    Location(LocationCommand),
    /// Sales channels: create, edit, open, close, list
    #[command(subcommand)]
    Channel(ChannelCommand),
    /// Accounts: edit, list (`init` makes them)
    #[command(subcommand)]
    Account(AccountCommand),
    /// The audit: list, verify, export
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Write the whole access state as JSON, without secrets
    Export,
}

/// One at least of what an edit can change: an edit of nothing is a slip.
fn something(names: &[&'static str]) -> ArgGroup {
    ArgGroup::new("something").args(names).required(true).multiple(true)
}

/// Arguments of `init`.
#[derive(Debug, clap::Args)]
pub(crate) struct InitArgs {
    /// Name of the account; its ref, when left out
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Login of the first administrator: an e-mail address
    #[arg(long, value_name = "LOGIN")]
    pub(crate) admin_login: String,
    /// Read the password from standard input, one line
    #[arg(long, conflicts_with = "generate_password")]
    pub(crate) admin_password_stdin: bool,
    /// Make a password and show it once (as is done without a terminal)
    #[arg(long)]
    pub(crate) generate_password: bool,
}

/// Arguments of `import`.
#[derive(Debug, clap::Args)]
pub(crate) struct ImportArgs {
    /// The mapping file that says which column is what
    #[arg(long, value_name = "FILE")]
    pub(crate) mapping: PathBuf,
    /// Say what would change, change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// The folder with the CSV files
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
}

/// Accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Rename the account
    Edit {
        /// Its new name
        #[arg(long)]
        name: String,
    },
    /// List all accounts
    List,
}

/// The audit.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// List entries, newest first
    List {
        #[command(flatten)]
        chain: ChainArgs,
        /// Go on behind this entry
        #[arg(long)]
        after: Option<u64>,
        /// At most so many entries
        #[arg(long, default_value_t = 50)]
        limit: usize,
        /// From the first entry on
        #[arg(long)]
        oldest_first: bool,
    },
    /// Prove all chains unbroken, or one of them up to a head kept elsewhere
    Verify {
        #[command(flatten)]
        chain: ChainArgs,
        /// The head hash that was kept, of the chain of access changes unless --chain names another
        #[arg(long, value_name = "HASH")]
        head: Option<String>,
    },
    /// Write every entry of a chain as one line of JSON
    Export {
        #[command(flatten)]
        chain: ChainArgs,
    },
}

/// Which chain of the audit.
#[derive(Debug, clap::Args)]
pub(crate) struct ChainArgs {
    /// The chain: `access` for access changes (the default), `sign_in` for the sign-ins of the server that answers, or
    /// one that `audit verify` names
    #[arg(long, value_name = "NAME")]
    pub(crate) chain: Option<String>,
}
