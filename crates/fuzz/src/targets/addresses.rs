//! Network addresses: who may call, and where a call comes from.

use crate::reached::Reached;
use crate::target::{Target, texts};
use access::AddressRange;
use authn::Proxies;
use std::net::IpAddr;

pub(super) const TARGETS: &[Target] = &[
    Target {
        name: "address-range",
        check: address_range,
        seeds: &[
            "192.0.2.0/24\u{1e}192.0.2.77",
            "192.0.2.77/25\u{1e}192.0.2.130",
            "2001:db8::/32\u{1e}2001:db8::1",
            "::1\u{1e}::1",
            "0.0.0.0/0\u{1e}255.255.255.255",
            "::ffff:192.0.2.0/120\u{1e}192.0.2.1",
            "192.0.2.0/33\u{1e}",
            "010.0.0.1\u{1e}10.0.0.1",
        ],
        words: ADDRESS_WORDS,
        len_max: 200,
        cost: 1,
    },
    Target {
        name: "proxies",
        check: proxies,
        seeds: &[
            "10.0.0.0/8, ::1\u{1e}10.0.0.1\u{1e}198.51.100.7, 10.0.0.9",
            "10.0.0.0/8\u{1e}::ffff:10.0.0.1\u{1e}[2001:db8::1]:443\u{1e}10.1.1.1:80",
            "::ffff:10.0.0.0/104\u{1e}10.0.0.1\u{1e}x, 10.0.0.2",
            "0.0.0.0/0\u{1e}127.0.0.1\u{1e}\u{1e}1.2.3.4,,5.6.7.8",
            "\u{1e}192.0.2.1\u{1e}198.51.100.7",
            "shop.example\u{1e}::1\u{1e}",
        ],
        words: ADDRESS_WORDS,
        len_max: 1500,
        cost: 1,
    },
];

const ADDRESS_WORDS: &[&str] = &[
    "10.0.0.0/8",
    "10.0.0.1",
    "192.0.2.7",
    "::1",
    "::ffff:10.0.0.1",
    "2001:db8::/32",
    "fe80::1%eth0",
    "/",
    "/0",
    "/32",
    "/128",
    "/96",
    ",",
    ", ",
    "[",
    "]",
    ":80",
    "0x7f.1",
    "127.1",
    "unknown",
    "\u{1e}",
];

fn address_range(input: &[u8]) -> Reached {
    let mut texts = texts(input);
    let range = match AddressRange::parse(&texts.next().unwrap_or_default()) {
        Ok(range) => range,
        Err(error) => return Reached::error(&error),
    };
    let written = range.to_string();
    assert_eq!(AddressRange::parse(&written), Ok(range), "no round trip");
    let (network, bits) = written.split_once('/').unwrap_or_default();
    let (network, bits) = (network.parse::<IpAddr>(), bits.parse::<u32>());
    let (Ok(network), Ok(bits)) = (network, bits) else { return assert_address(&written) };
    assert!(range.contains(network), "{written} is not in itself");
    let asked = texts.next().unwrap_or_default().parse::<IpAddr>();
    let inside = asked.is_ok_and(|asked| {
        let same =
            first_bits(network, bits) == first_bits(asked, bits) && network.is_ipv4() == asked.is_ipv4();
        assert_eq!(range.contains(asked), same, "{asked} in {written}");
        same
    });
    Reached::accepted((network.is_ipv4(), bits, inside))
}

/// Fails: what was written is no network.
fn assert_address(written: &str) -> Reached {
    assert_eq!(written, "address/bits", "an address range is written in another form");
    Reached::refused(())
}

/// The first `bits` of an address, as a number.
fn first_bits(address: IpAddr, bits: u32) -> u128 {
    let (number, width) = match address {
        IpAddr::V4(v4) => (u128::from(u32::from(v4)), 32),
        IpAddr::V6(v6) => (u128::from(v6), 128_u32),
    };
    number.checked_shr(width.saturating_sub(bits)).unwrap_or(0)
}

fn proxies(input: &[u8]) -> Reached {
    let texts: Vec<String> = texts(input).collect();
    let list = texts.first().map(String::as_str).unwrap_or_default();
    let proxies = match Proxies::parse(list) {
        Ok(proxies) => proxies,
        Err(error) => return Reached::error(&error),
    };
    assert_eq!(Proxies::parse(&format!(" {list} ")).as_ref(), Ok(&proxies), "blanks around it count");
    let Some(Ok(peer)) = texts.get(1).map(|peer| peer.parse::<IpAddr>()) else {
        return Reached::accepted(0);
    };
    let values: Vec<&str> = texts.iter().skip(2).map(String::as_str).collect();
    let client = proxies.client(peer, values.iter().copied());
    assert_eq!(client, client.to_canonical(), "IPv4 written as IPv6");
    if !trusts(&proxies, peer) {
        assert_eq!(client, peer.to_canonical(), "a stranger says whom it speaks for");
    }
    if !trusts(&proxies, client) {
        for forged in ["203.0.113.9", "10.0.0.1, ::1", "x", ""] {
            let longer = std::iter::once(forged).chain(values.iter().copied());
            assert_eq!(proxies.client(peer, longer), client, "an entry forged on the left counts");
        }
    }
    Reached::accepted((
        1 + values.len().min(4),
        client == peer.to_canonical(),
        trusts(&proxies, client),
        client.is_ipv4(),
    ))
}

/// Whether an address may say whom it speaks for.
fn trusts(proxies: &Proxies, address: IpAddr) -> bool {
    let speaks_for = |text: &str, other: IpAddr| proxies.client(address, std::iter::once(text)) == other;
    let here = address.to_canonical();
    let probe =
        |text: &str| text.parse::<IpAddr>().is_ok_and(|other| other != here && speaks_for(text, other));
    probe("203.0.113.254") || probe("198.51.100.254")
}
