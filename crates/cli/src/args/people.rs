//! Arguments about users, grants, roles and permissions.

use super::something;
use clap::{ArgGroup, Args, Subcommand};

/// Where a grant holds.
#[derive(Debug, Default, Args)]
pub(crate) struct ScopeArgs {
    /// The whole account
    #[arg(long)]
    pub(crate) everywhere: bool,
    /// A retailer; several times for several
    #[arg(long = "retailer", value_name = "REF")]
    pub(crate) retailers: Vec<String>,
    /// Only at this location; several times for several
    #[arg(long = "location", value_name = "REF")]
    pub(crate) locations: Vec<String>,
    /// Beside the listed locations, also what the retailer has without a location
    #[arg(long, requires = "locations")]
    pub(crate) narrow: bool,
    /// Only this sales channel; several times for several
    #[arg(long = "channel", value_name = "REF")]
    pub(crate) channels: Vec<String>,
}

/// When a grant holds.
#[derive(Debug, Default, Args)]
pub(crate) struct ValidityArgs {
    /// First instant: 2026-11-22 (midnight UTC) or 2026-11-22T10:00:00Z
    #[arg(long, value_name = "INSTANT")]
    pub(crate) valid_from: Option<String>,
    /// First instant at which it no longer holds
    #[arg(long, value_name = "INSTANT")]
    pub(crate) valid_until: Option<String>,
}

/// Users.
#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Make a user, with the grants of a first role if one is named
    Create {
        /// Login, for good; an e-mail address for access to the OMC
        login: String,
        /// Name of the person or system
        #[arg(long)]
        name: Option<String>,
        /// E-mail address; the login, when it is one
        #[arg(long)]
        email: Option<String>,
        /// Language that the pages speak to them in: en-GB (used where none is named) or en-US
        #[arg(long, value_name = "TAG")]
        language: Option<String>,
        /// Time zone of their moments and days, such as Europe/Paris; UTC where none is named
        #[arg(long, value_name = "NAME")]
        time_zone: Option<String>,
        /// An outside system instead of a person
        #[arg(long, conflicts_with = "application")]
        system: bool,
        /// An application instead of a person
        #[arg(long)]
        application: bool,
        /// Signs in by single sign-on at this identity provider
        #[arg(long, value_name = "PROVIDER", conflicts_with = "password_stdin")]
        sso: Option<String>,
        /// A role to give; several times for several, all over the same places
        #[arg(long = "role", value_name = "KEY")]
        roles: Vec<String>,
        #[command(flatten)]
        scope: ScopeArgs,
        #[command(flatten)]
        validity: ValidityArgs,
        /// Read a password from standard input, one line
        #[arg(long)]
        password_stdin: bool,
    },
    /// Change name, e-mail, language and time zone; what is not named stays
    #[command(group = something(&["name", "email", "language", "time_zone"]))]
    Edit {
        /// Login or id
        user: String,
        /// New name
        #[arg(long)]
        name: Option<String>,
        /// New e-mail address; empty for none
        #[arg(long)]
        email: Option<String>,
        /// New language, en-GB or en-US; empty for none
        #[arg(long, value_name = "TAG")]
        language: Option<String>,
        /// New time zone, such as Europe/Paris; empty for none
        #[arg(long, value_name = "NAME")]
        time_zone: Option<String>,
    },
    /// Shut out, at once, everywhere
    Disable {
        /// Login or id
        user: String,
    },
    /// Let in again
    Enable {
        /// Login or id
        user: String,
    },
    /// Remove, with all grants; the login stays reserved
    Remove {
        /// Login or id
        user: String,
    },
    /// End every session and token
    SignOut {
        /// Login or id
        user: String,
    },
    /// Set a password: from standard input, from a prompt, or made, shown once and changed at first sign-in
    Password {
        /// Login or id
        user: String,
        /// Read it from standard input, one line
        #[arg(long, conflicts_with = "generate")]
        stdin: bool,
        /// Make one and show it once
        #[arg(long)]
        generate: bool,
    },
    /// Take the password, and show a link once that lets them set a new one: an invitation, or a reset
    Link {
        /// Login or id
        user: String,
    },
    /// Say how they sign in from now on; what they had ends
    #[command(group = ArgGroup::new("way").args(["sso", "password"]).required(true))]
    SignIn {
        /// Login or id
        user: String,
        /// By single sign-on at this identity provider
        #[arg(long, value_name = "PROVIDER")]
        sso: Option<String>,
        /// By a password, to be set by `user link` or `user password`
        #[arg(long)]
        password: bool,
    },
    /// Say from which addresses they come in to the API
    #[command(group = ArgGroup::new("where").args(["ranges", "everywhere"]).required(true))]
    Addresses {
        /// Login or id
        user: String,
        /// Addresses and networks, such as 203.0.113.9 or 10.0.0.0/8
        #[arg(value_name = "RANGE")]
        ranges: Vec<String>,
        /// From any address
        #[arg(long)]
        everywhere: bool,
    },
    /// List their sessions and tokens
    Tokens {
        /// Login or id
        user: String,
    },
    /// End one session or token
    EndToken {
        /// Login or id
        user: String,
        /// Its id, as `user tokens` lists it
        token: String,
    },
    /// List users
    List {
        /// Any part of login, name or e-mail
        #[arg(long)]
        search: Option<String>,
        /// Go on behind this user
        #[arg(long)]
        after: Option<String>,
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// Show one user with their grants
    Show {
        /// Login or id
        user: String,
    },
}

/// Grants.
#[derive(Debug, Subcommand)]
pub(crate) enum GrantCommand {
    /// Give a role, to one user or to many at once: all or none
    Add {
        /// The role's key
        #[arg(long, value_name = "KEY")]
        role: String,
        /// Logins or ids
        #[arg(required = true)]
        users: Vec<String>,
        #[command(flatten)]
        scope: ScopeArgs,
        #[command(flatten)]
        validity: ValidityArgs,
    },
    /// Let a grant hold elsewhere or at other times; what is not named stays
    ///
    /// Places are replaced as a whole: to limit a grant over a retailer to one of its channels, name both.
    #[command(group = something(&[
        "everywhere", "retailers", "locations", "channels", "valid_from", "valid_until", "always",
    ]))]
    Change {
        /// Login or id
        user: String,
        /// The grant's id, such as gra_12
        grant: String,
        #[command(flatten)]
        scope: ScopeArgs,
        #[command(flatten)]
        validity: ValidityArgs,
        /// Take away the ends that it has
        #[arg(long)]
        always: bool,
    },
    /// Take grants
    Remove {
        /// Login or id
        user: String,
        /// The grants' ids, such as gra_12
        #[arg(required = true)]
        grants: Vec<String>,
    },
    /// List the grants of a user
    List {
        /// Login or id
        user: String,
    },
}

/// Roles.
#[derive(Debug, Subcommand)]
pub(crate) enum RoleCommand {
    /// Make a custom role
    Create {
        /// Its key
        key: String,
        /// Its name for people
        #[arg(long)]
        label: Option<String>,
        /// Bind it to omc, store_app or api, for good
        #[arg(long, value_name = "NAME")]
        application: Option<String>,
        /// What it holds
        #[arg(value_name = "PERMISSION")]
        permissions: Vec<String>,
    },
    /// Make a custom role that holds what another one does
    Copy {
        /// The role to copy
        from: String,
        /// The key of the copy
        key: String,
        /// Its name for people
        #[arg(long)]
        label: Option<String>,
    },
    /// Change label and permissions of a custom role
    #[command(group = something(&["label", "add", "take"]))]
    Edit {
        /// Its key
        role: String,
        /// New name for people
        #[arg(long)]
        label: Option<String>,
        /// A permission to put in; several times for several
        #[arg(long = "add", value_name = "PERMISSION")]
        add: Vec<String>,
        /// A permission to take out; several times for several
        #[arg(long = "take", value_name = "PERMISSION")]
        take: Vec<String>,
    },
    /// Remove a custom role and every grant of it
    Remove {
        /// Its key
        role: String,
    },
    /// List all roles
    List,
    /// Show a role with its modules and permissions
    Show {
        /// Its key
        role: String,
    },
}

/// Permissions.
#[derive(Debug, Subcommand)]
pub(crate) enum PermissionCommand {
    /// Add a permission of the account's own: NOUN_VERB
    Add {
        /// Its name
        name: String,
    },
    /// List all permissions
    List,
}
