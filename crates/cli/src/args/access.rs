//! Arguments of questions.

use clap::Args;

/// What a question is about.
#[derive(Debug, Args)]
pub struct OnArgs {
    /// What is asked about (order, fulfilment, location, user, ...); the permission's noun, when left out
    #[arg(long)]
    pub entity: Option<String>,
    /// Id or ref of a stored thing, whose place is looked up; a login for the entity user
    #[arg(long)]
    pub id: Option<String>,
    /// Its retailer
    #[arg(long, value_name = "REF")]
    pub retailer: Option<String>,
    /// Its location
    #[arg(long, value_name = "REF")]
    pub location: Option<String>,
    /// Its sales channel
    #[arg(long, value_name = "REF")]
    pub channel: Option<String>,
    /// The application it is done in: omc, store_app or api; every grant counts, when left out
    #[arg(long, value_name = "NAME")]
    pub application: Option<String>,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Login or id
    pub user: String,
    /// The permission, such as ORDER_VIEW
    pub permission: String,
    #[command(flatten)]
    pub on: OnArgs,
    /// Say what every grant has to say
    #[arg(long)]
    pub explain: bool,
}

/// Arguments of `who-can`.
#[derive(Debug, Args)]
pub struct WhoCanArgs {
    /// The permission, such as ORDER_VIEW
    pub permission: String,
    #[command(flatten)]
    pub on: OnArgs,
    /// Go on behind this user
    #[arg(long)]
    pub after: Option<String>,
    /// At most so many users
    #[arg(long, default_value_t = 100)]
    pub limit: usize,
}

/// Arguments of `what-can`.
#[derive(Debug, Args)]
pub struct WhatCanArgs {
    /// Login or id
    pub user: String,
}
