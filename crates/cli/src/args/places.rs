//! Arguments about retailers, locations and sales channels.

use super::something;
use clap::Subcommand;

/// Retailers.
#[derive(Debug, Subcommand)]
pub(crate) enum RetailerCommand {
    /// Make a retailer with its default channel
    Create {
        /// Its key, unique in the account
        key: String,
        /// Its name
        #[arg(long)]
        name: Option<String>,
        /// Key of the channel for orders that name none
        #[arg(long, value_name = "KEY", default_value = "default")]
        default_channel: String,
    },
    /// Change its name or default channel
    #[command(group = something(&["name", "default_channel"]))]
    Edit {
        /// Ref or id
        retailer: String,
        /// New name
        #[arg(long)]
        name: Option<String>,
        /// One of its channels
        #[arg(long, value_name = "REF")]
        default_channel: Option<String>,
    },
    /// Open it
    Open {
        /// Ref or id
        retailer: String,
    },
    /// Close it; what it has stays
    Close {
        /// Ref or id
        retailer: String,
    },
    /// List all
    List,
}

/// Locations.
#[derive(Debug, Subcommand)]
pub(crate) enum LocationCommand {
    /// Make a store or warehouse
    Create {
        /// Its key, unique in the account
        key: String,
        /// Whose it is, for good
        #[arg(long, value_name = "REF")]
        retailer: String,
        /// Its name
        #[arg(long)]
        name: Option<String>,
        /// A warehouse instead of a store
        #[arg(long)]
        warehouse: bool,
    },
    /// Change its name or kind
    #[command(group = something(&["name", "warehouse"]))]
    Edit {
        /// Ref or id
        location: String,
        /// New name
        #[arg(long)]
        name: Option<String>,
        /// Whether it is a warehouse
        #[arg(long, value_name = "BOOL")]
        warehouse: Option<bool>,
    },
    /// Open it
    Open {
        /// Ref or id
        location: String,
    },
    /// Close it; grants that name it stay
    Close {
        /// Ref or id
        location: String,
    },
    /// List those of a retailer, or all
    List {
        /// Of this retailer
        #[arg(long, value_name = "REF")]
        retailer: Option<String>,
    },
}

/// Sales channels.
#[derive(Debug, Subcommand)]
pub(crate) enum ChannelCommand {
    /// Make a channel
    Create {
        /// Its key, unique in its retailer
        key: String,
        /// Whose it is, for good
        #[arg(long, value_name = "REF")]
        retailer: String,
        /// Its name
        #[arg(long)]
        name: Option<String>,
    },
    /// Change its name
    Edit {
        /// Ref or id
        channel: String,
        /// Its retailer, where several have one of that name
        #[arg(long, value_name = "REF")]
        retailer: Option<String>,
        /// New name
        #[arg(long)]
        name: String,
    },
    /// Open it
    Open {
        /// Ref or id
        channel: String,
        /// Its retailer, where several have one of that name
        #[arg(long, value_name = "REF")]
        retailer: Option<String>,
    },
    /// Close it; grants that name it stay
    Close {
        /// Ref or id
        channel: String,
        /// Its retailer, where several have one of that name
        #[arg(long, value_name = "REF")]
        retailer: Option<String>,
    },
    /// List those of a retailer, or all
    List {
        /// Of this retailer
        #[arg(long, value_name = "REF")]
        retailer: Option<String>,
    },
}
