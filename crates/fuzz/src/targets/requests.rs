//! Where a request comes from, and where it wants to go next.

use super::naive;
use crate::reached::Reached;
use crate::target::{Target, parts, text};
use pages::LocalPath;
use pages::next::NEXT_BYTES_MAX;
use pages::origin::{ORIGIN_BYTES_MAX, Origin, OriginError, check_change};

pub(super) const TARGETS: &[Target] = &[
    Target {
        name: "local-path",
        check: local_path,
        seeds: &[
            "/store/me?tab=tokens#made",
            "/users?q=a%20b&next=//x",
            "/a:b",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "/.//evil.example",
            "/a/%2E%2e/b",
            "https://evil.example/",
            "javascript:alert(1)",
            "/me\r\nSet-Cookie: a=b",
        ],
        words: &[
            "/",
            "//",
            "\\",
            "..",
            ".",
            "%2e",
            "%2F",
            "%5c",
            "?",
            "#",
            "@",
            ":",
            "https:",
            "evil.example",
            ";",
            "\t",
            "\r\n",
        ],
        len_max: NEXT_BYTES_MAX + 20,
        cost: 1,
    },
    Target {
        name: "origin",
        check: origin,
        seeds: &[
            "HTTPS://Access.Acme.Example:443/omc?x#y",
            "http://127.0.0.1:8080/",
            "http://[::1]:8080/",
            "https://[2001:DB8::1]",
            "https://host:/",
            "https://user@acme.example",
            "https://acme.example:65536",
            "https://a;script-src *",
            "https://[0:0::1]",
            "javascript://x",
            "https://\\evil",
        ],
        words: &[
            "https://",
            "http://",
            "://",
            ":443",
            ":80",
            ":0",
            "@",
            "[",
            "]",
            "::1",
            "[::ffff:1.2.3.4]",
            "xn--",
            ".",
            "/",
            "?",
            "#",
            "*",
            "'",
            ";",
        ],
        len_max: ORIGIN_BYTES_MAX + 40,
        cost: 1,
    },
    Target {
        name: "check-change",
        check: change,
        seeds: &[
            "o:https://access.acme.example",
            "s:same-origin",
            "o:https://access.acme.example\u{1e}s:cross-site",
            "o:null\u{1e}s:same-origin",
            "o:https://access.acme.example\u{1e}o:https://access.acme.example",
            "s:same-origin\u{1e}s:same-origin",
            "s:same-site",
            "",
        ],
        words: &[
            "\u{1e}o:",
            "\u{1e}s:",
            "https://access.acme.example",
            "same-origin",
            "same-site",
            "none",
            "null",
            ":443",
            ",",
        ],
        len_max: 200,
        cost: 1,
    },
];

fn local_path(input: &[u8]) -> Reached {
    let text = text(input);
    match LocalPath::parse(&text) {
        Ok(path) => {
            assert_eq!(path.as_str(), text, "repaired");
            assert!(text.len() <= NEXT_BYTES_MAX);
            assert!(text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\'), "not for a header");
            assert!(naive::stays_here(&text), "{text} leads off the site");
            Reached::accepted((
                text.contains('?'),
                text.contains('#'),
                text.contains('%'),
                text.contains("//"),
            ))
        }
        Err(error) => Reached::error(&error),
    }
}

fn origin(input: &[u8]) -> Reached {
    let text = text(input);
    match Origin::of_url(&text) {
        Ok(origin) => {
            let kept = origin.as_str();
            assert!(kept.len() <= ORIGIN_BYTES_MAX);
            assert_eq!(Origin::of_url(kept).as_ref(), Ok(&origin), "no round trip");
            assert_eq!(Origin::of_url(&format!("{kept}/a?b=https://c.example#d")).as_ref(), Ok(&origin));
            assert_eq!(Origin::of_url(&kept.to_ascii_uppercase()).as_ref(), Ok(&origin), "case counts");
            assert_eq!(Origin::of_url(&format!("{kept}@evil.example")), Err(OriginError), "a user name");
            let rest = kept.strip_prefix("https://").or_else(|| kept.strip_prefix("http://"));
            let plain = |byte: u8| {
                byte.is_ascii_lowercase()
                    || byte.is_ascii_digit()
                    || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']')
            };
            assert!(
                rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(plain)),
                "{kept} in a header"
            );
            let has_usual_port = kept.starts_with("https:") && kept.ends_with(":443");
            assert!(!kept.ends_with(':') && !has_usual_port, "{kept} is not as browsers write it");
            let user_part = text.split(['/', '?', '#']).nth(2).unwrap_or_default();
            assert!(!user_part.contains('@'), "{text} has a user name");
            Reached::accepted((
                kept.starts_with("https:"),
                kept.contains('['),
                rest.is_some_and(|rest| rest.contains(':')),
            ))
        }
        Err(error) => Reached::error(&error),
    }
}

fn change(input: &[u8]) -> Reached {
    const SITE: &str = "https://access.acme.example";
    let Ok(site) = Origin::of_url(SITE) else { return Reached::refused("site") };
    let of =
        |prefix: &[u8]| -> Vec<&[u8]> { parts(input).filter_map(|part| part.strip_prefix(prefix)).collect() };
    let (origins, sites) = (of(b"o:"), of(b"s:"));
    let allowed = check_change(&site, origins.iter().copied(), sites.iter().copied()).is_ok();
    let plain = match origins.as_slice() {
        [] => matches!(sites.as_slice(), [b"same-origin"]),
        [one] => *one == SITE.as_bytes(),
        _ => false,
    };
    assert_eq!(allowed, plain, "Origin {origins:?}, Sec-Fetch-Site {sites:?}");
    let shape = (origins.len().min(2), sites.len().min(2));
    if allowed { Reached::accepted(shape) } else { Reached::refused(shape) }
}
