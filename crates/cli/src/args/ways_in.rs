//! Arguments about identity providers and API clients.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Identity providers.
#[derive(Debug, Subcommand)]
pub(crate) enum ProviderCommand {
    /// Make an OpenID Connect provider, or set all that is said of one; its secret stays unless it is named
    Save(ProviderArgs),
    /// Remove a provider that nobody signs in by
    Remove {
        /// Ref or id
        provider: String,
    },
    /// List all
    List,
}

/// What is said of an identity provider.
#[derive(Debug, Args)]
pub(crate) struct ProviderArgs {
    /// Its key, unique in the account
    #[arg(value_name = "REF")]
    pub(crate) key: String,
    /// Its name, as the sign-in page shows it; its ref, when left out
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// The URL that it calls itself by: https, or http on this machine
    #[arg(long, value_name = "URL")]
    pub(crate) issuer: String,
    /// What it calls us
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: String,
    /// Read our secret there from standard input, one line
    #[arg(long, conflicts_with = "no_client_secret")]
    pub(crate) client_secret_stdin: bool,
    /// Forget the secret: it knows us without one
    #[arg(long)]
    pub(crate) no_client_secret: bool,
    /// What is asked for beside openid; several times for several
    #[arg(long = "scope", value_name = "NAME", default_values = ["email", "profile"])]
    pub(crate) scopes: Vec<String>,
    /// The claim of its answer that is the login here
    #[arg(long, value_name = "NAME", default_value = "email")]
    pub(crate) claim: String,
    /// An algorithm that it may sign with; several times for several
    #[arg(long = "algorithm", value_name = "NAME", default_values = ["RS256", "ES256", "PS256", "EdDSA"])]
    pub(crate) algorithms: Vec<String>,
    /// The key that its secret is sealed with, as `serve` has it; a running server takes its own
    #[arg(long, value_name = "FILE", env = "KEYWARD_KEY_FILE")]
    pub(crate) key_file: Option<PathBuf>,
}

/// API clients.
#[derive(Debug, Subcommand)]
pub(crate) enum ClientCommand {
    /// Make a client of a retailer; its secret is shown once
    Create {
        /// Its client id, unique in the account
        #[arg(value_name = "REF")]
        key: String,
        /// Whose orders and stock it is for
        #[arg(long, value_name = "REF")]
        retailer: String,
        /// Its name; its ref, when left out
        #[arg(long)]
        name: Option<String>,
    },
    /// Remove a client, with every token that was given through it
    Remove {
        /// Ref or id
        client: String,
    },
    /// List all
    List,
}
