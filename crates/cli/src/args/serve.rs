//! Arguments of `serve`.

use clap::Args;
use clap::builder::BoolishValueParser;
use server::Parameters;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The heading of what decides how users sign in.
const SIGN_IN: &str = "How users sign in";

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080", env = "KEYWARD_LISTEN")]
    pub(crate) listen: SocketAddr,
    /// The URL under which browsers and clients reach this server: for the pages and the discovery document
    #[arg(long, value_name = "URL", env = "KEYWARD_BASE_URL")]
    pub(crate) base_url: Option<String>,
    /// Proxies whose X-Forwarded-For is believed: addresses and networks, separated by commas
    #[arg(long, value_name = "LIST", env = "KEYWARD_TRUSTED_PROXIES")]
    pub(crate) trusted_proxies: Option<String>,
    /// The name of this server in the audit of sign-ins, where several share a database
    #[arg(long, value_name = "NAME", env = "KEYWARD_NODE")]
    pub(crate) node: Option<String>,
    /// Make two demo companies in the data directory (keyward-demo, unless --data is given) and serve them
    #[arg(long)]
    pub(crate) demo: bool,
    /// Offer the route that load measurements compare with
    #[arg(long, hide = true)]
    pub(crate) bench_floor: bool,
    #[command(flatten)]
    pub(crate) sign_in: SignInArgs,
}

/// How users sign in.
#[derive(Debug, Args)]
#[command(next_help_heading = SIGN_IN)]
pub(crate) struct SignInArgs {
    /// The key that secrets of identity providers are sealed with, made when the file is missing. A data directory
    /// has one of its own; the servers of one PostgreSQL database need the same
    #[arg(long, value_name = "FILE", env = "KEYWARD_KEY_FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// Memory of a password's hash, in KiB
    #[arg(long, value_name = "KIB", env = "KEYWARD_ARGON2_MEMORY_KIB", default_value_t = Parameters::MEMORY_KIB_MIN)]
    pub(crate) argon2_memory_kib: u32,
    /// Passes over that memory
    #[arg(long, value_name = "N", env = "KEYWARD_ARGON2_PASSES", default_value_t = Parameters::PASSES_MIN)]
    pub(crate) argon2_passes: u32,
    /// Lanes of a password's hash
    #[arg(long, value_name = "N", env = "KEYWARD_ARGON2_LANES", default_value_t = Parameters::LANES_MIN)]
    pub(crate) argon2_lanes: u32,
    /// Seconds without a request after which a session ends
    #[arg(long, value_name = "S", env = "KEYWARD_SESSION_IDLE_S", default_value_t = 30 * 60)]
    pub(crate) session_idle_s: u32,
    /// Seconds after which a session ends whatever happens
    #[arg(long, value_name = "S", env = "KEYWARD_SESSION_S", default_value_t = 12 * 3600)]
    pub(crate) session_s: u32,
    /// Call identity providers on private addresses too
    #[arg(long, env = "KEYWARD_ALLOW_PRIVATE_PROVIDERS", value_parser = BoolishValueParser::new())]
    pub(crate) allow_private_providers: bool,
}
