//! Where a call comes from, behind proxies.
//!
//! A proxy writes the address that it was called from at the end of `X-Forwarded-For`. Whatever stands
//! before was written by others, so an entry is believed only as far as every hop after it is one of ours.

use ipnet::{IpNet, Ipv4Net};
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};

/// The addresses of the proxies that may say whom they speak for. By default none may.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies(Vec<IpNet>);

/// A list of proxies that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxiesError {
    /// An entry that is none.
    #[error(
        "`{given}` is no address and no network of proxies: expected such as 10.0.0.0/8, ::1 or 192.0.2.7"
    )]
    Entry {
        /// What was given, shortened.
        given: String,
    },
    /// More than [`Proxies::ENTRIES_MAX`].
    #[error("{given} proxies are listed, {max} at most are taken: name networks", max = Proxies::ENTRIES_MAX)]
    TooMany {
        /// Entries given.
        given: usize,
    },
}

impl Proxies {
    /// Most addresses and networks.
    pub const ENTRIES_MAX: usize = 64;
    /// Most entries of `X-Forwarded-For` that are looked at, from the right.
    pub const FORWARDED_MAX: usize = 32;

    /// Reads addresses and networks, separated by commas. Nothing but blanks is an empty list.
    ///
    /// # Errors
    /// An entry that is neither, or too many.
    pub fn parse(text: &str) -> Result<Self, ProxiesError> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let given = text.split(',').count();
        if given > Self::ENTRIES_MAX {
            return Err(ProxiesError::TooMany { given });
        }
        let entry = |entry: &str| {
            let entry = entry.trim();
            let shown = || entry.chars().take(64).collect();
            network(entry).ok_or_else(|| ProxiesError::Entry { given: shown() })
        };
        text.split(',').map(entry).collect::<Result<_, _>>().map(Self)
    }

    /// Whether the address is that of one of them. IPv4 written as IPv6 is IPv4.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The address that a call comes from: the peer, unless it is one of the proxies; then the right-most
    /// forwarded address that is none of them. IPv4 written as IPv6 is IPv4.
    ///
    /// `forwarded_for` has the values of all `X-Forwarded-For` headers in their order; a value that is no
    /// text is to be given as an empty one, as leaving it out would join what stands on either side of it.
    ///
    /// An entry that is no address ends the walk, as do [`Self::FORWARDED_MAX`] entries: the client is then
    /// the last that was read, a proxy.
    #[must_use]
    pub fn client<'v>(&self, peer: IpAddr, forwarded_for: impl Iterator<Item = &'v str>) -> IpAddr {
        let mut last = peer.to_canonical();
        if !self.trusts(last) {
            return last;
        }
        let mut entries = VecDeque::with_capacity(Self::FORWARDED_MAX);
        for entry in forwarded_for.flat_map(|value| value.split(',')) {
            if entries.len() == Self::FORWARDED_MAX {
                entries.pop_front();
            }
            entries.push_back(entry);
        }
        for entry in entries.into_iter().rev() {
            let Some(address) = forwarded(entry) else { return last };
            last = address;
            if !self.trusts(address) {
                return address;
            }
        }
        last
    }
}

/// A network or an address, IPv4 written as IPv6 turned into IPv4.
fn network(text: &str) -> Option<IpNet> {
    const MAPPED_BITS: u8 = 96;
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(IpNet::from(address.to_canonical()));
    }
    let network = text.parse::<IpNet>().ok()?.trunc();
    match (network.addr().to_canonical(), network.prefix_len().checked_sub(MAPPED_BITS)) {
        (IpAddr::V4(v4), Some(bits)) if network.addr().is_ipv6() => {
            Ipv4Net::new(v4, bits).ok().map(IpNet::V4)
        }
        _ => Some(network),
    }
}

/// An address as proxies write it: alone, in brackets, or with a port.
fn forwarded(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let bracketed = || entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok().filter(IpAddr::is_ipv6);
    let with_port = || entry.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    let address = entry.parse::<IpAddr>().ok().or_else(bracketed).or_else(with_port)?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn client(proxies: &str, peer: &str, forwarded_for: &[&str]) -> String {
        Proxies::parse(proxies).unwrap().client(ip(peer), forwarded_for.iter().copied()).to_string()
    }

    #[test]
    fn only_a_proxy_is_believed_and_only_as_far_as_proxies_go() {
        const OURS: &str = "10.0.0.0/8, 192.0.2.7,2001:db8:1::/48";
        let table: [(&str, &[&str], &str); 17] = [
            // Nobody else may say whom they speak for.
            ("198.51.100.1", &["203.0.113.9"], "198.51.100.1"),
            ("192.0.2.8", &["203.0.113.9"], "192.0.2.8"),
            ("10.1.2.3", &[], "10.1.2.3"),
            ("10.1.2.3", &["203.0.113.9"], "203.0.113.9"),
            ("192.0.2.7", &["203.0.113.9"], "203.0.113.9"),
            ("2001:db8:1::5", &["2001:db8:2::5"], "2001:db8:2::5"),
            // What the client wrote itself stands to the left.
            ("10.1.2.3", &["127.0.0.1, 203.0.113.9"], "203.0.113.9"),
            ("10.1.2.3", &["10.9.9.9, 203.0.113.9, 10.1.1.1"], "203.0.113.9"),
            ("10.1.2.3", &["198.51.100.1", "203.0.113.9", "10.1.1.1,192.0.2.7"], "203.0.113.9"),
            // All are ours: the one that is furthest away.
            ("10.1.2.3", &["10.0.0.1, 10.0.0.2"], "10.0.0.1"),
            // What is malformed ends the walk.
            ("10.1.2.3", &["203.0.113.9, unknown, 10.0.0.2"], "10.0.0.2"),
            ("10.1.2.3", &["203.0.113.9, "], "10.1.2.3"),
            ("10.1.2.3", &["203.0.113.9", "", "10.0.0.2"], "10.0.0.2"),
            // With a port, in brackets, as IPv6.
            ("10.1.2.3", &["203.0.113.9:50123"], "203.0.113.9"),
            ("10.1.2.3", &["[2001:db8:2::5]:443"], "2001:db8:2::5"),
            ("10.1.2.3", &["[2001:db8:2::5], [2001:db8:1::9]"], "2001:db8:2::5"),
            ("::ffff:10.1.2.3", &["::ffff:203.0.113.9, ::ffff:10.0.0.1"], "203.0.113.9"),
        ];
        for (peer, forwarded_for, expected) in table {
            assert_eq!(client(OURS, peer, forwarded_for), expected, "{peer} {forwarded_for:?}");
        }
    }

    #[test]
    fn without_proxies_nothing_is_believed() {
        for peer in ["10.1.2.3", "127.0.0.1", "::1"] {
            assert_eq!(client(" ", peer, &["203.0.113.9"]), peer);
        }
        assert_eq!(client("", "::ffff:127.0.0.1", &["203.0.113.9"]), "127.0.0.1");
    }

    #[test]
    fn ipv4_written_as_ipv6_is_ipv4_in_the_list_too() {
        for ours in ["::ffff:10.0.0.0/104", "::ffff:10.1.2.3", "::ffff:10.1.2.3/128", "10.200.0.0/8"] {
            assert_eq!(client(ours, "10.1.2.3", &["203.0.113.9"]), "203.0.113.9", "{ours}");
            assert_eq!(client(ours, "::ffff:10.1.2.3", &["203.0.113.9"]), "203.0.113.9", "{ours}");
        }
        assert_eq!(client("::ffff:10.0.0.0/104", "11.1.2.3", &["203.0.113.9"]), "11.1.2.3");
    }

    #[test]
    fn what_is_malformed_is_no_forwarded_address() {
        for entry in [
            "",
            "-",
            "unknown",
            "_hidden",
            "203.0.113",
            "203.0.113.9.1",
            "203.0.113.9:",
            "[203.0.113.9]",
            "[::1",
            "::1]",
            "fe80::1%eth0",
            "203.0.113.9 10.0.0.1",
            "\"203.0.113.9\"",
            "for=203.0.113.9",
            "203.0.113.9/32",
        ] {
            assert_eq!(client("10.0.0.0/8", "10.1.2.3", &[entry]), "10.1.2.3", "{entry}");
        }
    }

    #[test]
    fn no_more_than_the_last_entries_are_looked_at() {
        let ours = |count: usize| vec!["10.0.0.9"; count].join(",");
        let near = format!("203.0.113.9,{}", ours(Proxies::FORWARDED_MAX - 1));
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", &[&near]), "203.0.113.9");
        let far = format!("203.0.113.9,{}", ours(Proxies::FORWARDED_MAX));
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", &[&far]), "10.0.0.9");
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", &[&ours(20), "203.0.113.9", &ours(20)]), "203.0.113.9");
    }

    #[test]
    fn a_list_that_cannot_be_read_is_refused_with_the_entry() {
        for (text, given) in [
            ("10.0.0.0/33", "10.0.0.0/33"),
            ("10.0.0.0/8,", ""),
            ("10.0.0.0/8, localhost ,::1", "localhost"),
            ("10.0.0.0/8 ::1", "10.0.0.0/8 ::1"),
            ("*", "*"),
        ] {
            assert_eq!(Proxies::parse(text), Err(ProxiesError::Entry { given: given.into() }), "{text}");
        }
        let many = vec!["::1"; Proxies::ENTRIES_MAX + 1].join(",");
        assert_eq!(Proxies::parse(&many), Err(ProxiesError::TooMany { given: 65 }));
        assert!(Proxies::parse(&vec!["::1"; Proxies::ENTRIES_MAX].join(",")).is_ok());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(list in "[0-9a-f:./, ]{0,60}", values in prop::collection::vec("\\PC{0,60}", 0..4)) {
            let proxies = Proxies::parse(&list).unwrap_or_default();
            let _ = proxies.client(ip("10.0.0.1"), values.iter().map(String::as_str));
        }

        /// Whatever a client writes, what our proxy wrote behind it is what counts.
        #[test]
        fn a_client_cannot_choose_its_address(
            written in prop::collection::vec("[0-9a-f:., ]{0,40}", 0..4), own in any::<[u8; 4]>().prop_map(IpAddr::from),
        ) {
            let proxies = Proxies::parse("10.0.0.0/8").unwrap();
            prop_assume!(!proxies.trusts(own));
            let own_text = own.to_string();
            let values = written.iter().map(String::as_str).chain([own_text.as_str()]);
            prop_assert_eq!(proxies.client(ip("10.0.0.1"), values), own);
        }
    }
}
