//! Arguments of questions.

use clap::Args;

/// What a question is about.
#[derive(Debug, Args)]
pub(crate) struct OnArgs {
    /// What is asked about (order, fulfilment, location, user, ...); the permission's noun, when left out
    #[arg(long)]
    pub(crate) entity: Option<String>,
    /// Id or ref of a stored thing, whose place is looked up; a login for the entity user
    #[arg(long)]
    pub(crate) id: Option<String>,
    /// Its retailer
    #[arg(long, value_name = "REF")]
    pub(crate) retailer: Option<String>,
    /// Its location
    #[arg(long, value_name = "REF")]
    pub(crate) location: Option<String>,
    /// Its sales channel
    #[arg(long, value_name = "REF")]
    pub(crate) channel: Option<String>,
    /// The application it is done in: omc, store_app or api; every grant counts, when left out
    #[arg(long, value_name = "NAME")]
    pub(crate) application: Option<String>,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Login or id
    pub(crate) user: String,
    /// The permission, such as ORDER_VIEW
    pub(crate) permission: String,
    #[command(flatten)]
    pub(crate) on: OnArgs,
    /// Say what every grant has to say
    #[arg(long)]
    pub(crate) explain: bool,
}

/// Arguments of `who-can`.
#[derive(Debug, Args)]
pub(crate) struct WhoCanArgs {
    /// The permission, such as ORDER_VIEW
    pub(crate) permission: String,
    #[command(flatten)]
    pub(crate) on: OnArgs,
    /// Go on behind this user
    #[arg(long)]
    pub(crate) after: Option<String>,
    /// At most so many users
    #[arg(long, default_value_t = 100)]
    pub(crate) limit: usize,
}

/// Arguments of `what-can`.
#[derive(Debug, Args)]
pub(crate) struct WhatCanArgs {
    /// Login or id
    pub(crate) user: String,
}
