//! `serve`: from its arguments to a server.

use crate::args::{ServeArgs, SignInArgs};
use crate::{demo, show};
use server::{BaseUrl, Parameters, Proxies, ServeOptions, SessionLimits};
use service::{Service, SignInOptions, Target, key_of};
use std::net::SocketAddr;

/// Longest name of a node, in bytes.
const NODE_BYTES_MAX: usize = 64;

/// Serves until the process is told to end; the exit status.
pub(crate) fn serve(
    target: Target,
    socket_folder: Option<std::path::PathBuf>,
    args: &ServeArgs,
) -> Result<u8, String> {
    let base_url = args.base_url.as_deref().map(BaseUrl::parse).transpose().map_err(|e| e.to_string())?;
    let proxies = args.trusted_proxies.as_deref().map(Proxies::parse).transpose();
    let options = ServeOptions {
        target,
        socket_folder,
        listen: args.listen,
        sign_in: sign_in(&args.sign_in, args.node.as_deref())?,
        proxies: proxies.map_err(|e| format!("--trusted-proxies: {e}"))?.unwrap_or_default(),
        base_url,
        bench_floor: args.bench_floor,
    };
    let prepare = |service: &Service| {
        if args.demo {
            show::line("Making the demo company, or finding the one that is there ...");
            show::line(&demo::prepare(service)?);
        }
        Ok(())
    };
    server::serve(&options, prepare, |address| {
        show::line(&format!("Keyward serves http://{address}"));
        if args.demo {
            let site = site(options.base_url.as_ref(), address);
            show::line(&demo::to_try(&address.to_string(), site.as_ref(), &options.target));
        }
    })
    .map_err(|e| e.to_string())?;
    Ok(0)
}

/// Where browsers reach the pages; none when nobody said so and the address is not of this machine alone.
fn site(base_url: Option<&BaseUrl>, address: SocketAddr) -> Option<BaseUrl> {
    base_url.cloned().or_else(|| BaseUrl::of_loopback(address))
}

fn sign_in(args: &SignInArgs, node: Option<&str>) -> Result<SignInOptions, String> {
    let &SignInArgs { argon2_memory_kib, argon2_passes, argon2_lanes, session_idle_s, session_s, .. } = args;
    let parameters = Parameters::new(argon2_memory_kib, argon2_passes, argon2_lanes);
    let session = SessionLimits::new(session_idle_s, session_s);
    let node = node.map(parse_node).transpose()?;
    Ok(SignInOptions {
        parameters: parameters.map_err(|e| format!("--argon2-...: {e}"))?,
        session: session.map_err(|e| format!("--session-idle-s and --session-s: {e}"))?,
        // The file is made when it is missing, so it is looked at when all else is right.
        key: args.key_file.as_deref().map(key_of).transpose().map_err(|e| e.to_string())?,
        private_providers: args.allow_private_providers,
        node,
    })
}

/// A name that stands well in the name of a chain.
fn parse_node(text: &str) -> Result<String, String> {
    let is_fine = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    if (1..=NODE_BYTES_MAX).contains(&text.len()) && text.bytes().all(is_fine) {
        return Ok(text.to_owned());
    }
    let given: String = text.chars().take(NODE_BYTES_MAX).collect();
    Err(format!(
        "--node: `{given}` is no name of a node: 1 to {NODE_BYTES_MAX} letters, digits, `-`, `_` and `.`"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Args, Command};
    use clap::Parser;

    fn read(args: &[&str]) -> Result<SignInOptions, String> {
        let args = [&["keyward", "serve"], args].concat();
        let Command::Serve(serve) = Args::try_parse_from(args).unwrap().command else { unreachable!() };
        sign_in(&serve.sign_in, serve.node.as_deref())
    }

    #[test]
    fn what_nobody_says_is_the_default_of_the_service() {
        let (read, own) = (read(&[]).unwrap(), SignInOptions::default());
        assert_eq!((read.parameters, read.session), (own.parameters, own.session));
        assert!(read.key.is_none() && !read.private_providers && read.node.is_none());
    }

    #[test]
    fn a_node_has_a_plain_name() {
        assert_eq!(read(&["--node", "shop-1.eu"]).unwrap().node.as_deref(), Some("shop-1.eu"));
        for bad in ["", "a/b", "a b", "é", &"n".repeat(65)] {
            assert!(read(&["--node", bad]).unwrap_err().contains("no name of a node"), "{bad}");
        }
    }
}
