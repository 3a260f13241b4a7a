//! What a browser sends with every request: forms and cookies.

use super::naive;
use crate::reached::Reached;
use crate::target::{Target, parts};
use pages::Door;
use pages::cookies::{self, COOKIES_BYTES_MAX, CookieName, Transport, VALUE_BYTES_MAX};
use pages::form::{FIELDS_MAX, FORM_BYTES_MAX, Form, FormError};
use std::collections::BTreeSet;

pub(super) const TARGETS: &[Target] = &[
    Target {
        name: "form",
        check: form,
        seeds: &[
            "login=bea%40acme.example&password=a+b%2Bc%26&next=%2Fme",
            "csrf=a&csrf=a&box=1&box=2",
            "&&a&=&=b&a==",
            "a=%FF",
            "a=%EF%BF%BD&b=%C3%A9",
            "a=%C3&b=%A9",
            "%6cogin=%",
        ],
        words: &[
            "login",
            "password",
            "csrf",
            "next",
            "account",
            "box",
            "&",
            "=",
            "+",
            "%26",
            "%3D",
            "%C3%A9",
            "%ED%A0%80",
            "%F4%90%80%80",
            "%",
        ],
        len_max: FORM_BYTES_MAX + 40,
        cost: 2,
    },
    Target {
        name: "cookies",
        check: cookies,
        seeds: &[
            "a=1; __Host-keyward-omc=kws_abc; __Host-keyward-store=S",
            "keyward-omc=a=b\u{1e}__Host-keyward-visit=v",
            "__Host-keyward-omc=O; __Host-keyward-omc=P",
            "__Host-keyward-omc=O\u{1e}__Host-keyward-omc=O",
            "__Host-keyward-omc=\"O\"; x",
            "__Host-keyward-omc = O ;__host-keyward-omc=Q",
        ],
        words: &[
            "__Host-",
            "keyward-omc",
            "keyward-store",
            "keyward-visit",
            "__Host-keyward-omc=",
            "keyward-omc=O",
            "; ",
            ";",
            "=",
            "\"",
            "$Version=1",
            "\u{1e}",
        ],
        len_max: COOKIES_BYTES_MAX + 40,
        cost: 2,
    },
];

/// Most names of one input that are looked at.
const LOOKED_AT_MAX: usize = 64;
/// The names that forms here have; the plain reading looks at every name that was sent.
const NAMES: [&str; 6] = ["login", "password", "csrf", "next", "account", "box"];

fn form(input: &[u8]) -> Reached {
    let plain = naive::fields(input);
    let form = match Form::parse(input) {
        Ok(form) => form,
        Err(error) => {
            let is_text = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok();
            match error {
                FormError::TooLong { given } => assert!(given == input.len() && given > FORM_BYTES_MAX),
                FormError::TooManyFields => assert!(plain.len() > FIELDS_MAX),
                FormError::NotUtf8 => {
                    assert!(!plain.iter().all(|(name, value)| is_text(name) && is_text(value)));
                }
                FormError::Missing(_) | FormError::Twice(_) => {
                    assert_eq!(error.to_string(), "", "nobody asked for a field");
                }
            }
            return Reached::error(&error);
        }
    };
    assert!(input.len() <= FORM_BYTES_MAX && plain.len() <= FIELDS_MAX);
    let named: BTreeSet<&[u8]> = plain.iter().map(|(name, _)| name.as_slice()).collect();
    // Each look at a name goes through all fields.
    for name in named.into_iter().take(LOOKED_AT_MAX) {
        let name = String::from_utf8_lossy(name);
        let values: Vec<&[u8]> = form.all(&name).map(str::as_bytes).collect();
        let theirs: Vec<&[u8]> = plain
            .iter()
            .filter(|(other, _)| other == name.as_bytes())
            .map(|(_, value)| value.as_slice())
            .collect();
        assert_eq!(values, theirs, "the plain reading of {name:?} differs");
    }
    Reached::accepted((NAMES.map(|name| values_of(&form, name)), plain.len().checked_ilog2()))
}

/// How many values a field has, 2 for more; the three ways to ask agree.
fn values_of(form: &Form, name: &'static str) -> usize {
    let mut values = form.all(name);
    let (first, second) = (values.next(), values.next());
    let (one, optional) = match (first, second) {
        (None, _) => (Err(FormError::Missing(name)), Ok(None)),
        (Some(value), None) => (Ok(value), Ok(Some(value))),
        _ => (Err(FormError::Twice(name)), Err(FormError::Twice(name))),
    };
    assert_eq!((form.one(name), form.optional(name)), (one, optional));
    usize::from(first.is_some()) + usize::from(second.is_some())
}

fn cookies(input: &[u8]) -> Reached {
    let headers: Vec<&[u8]> = parts(input).collect();
    let total: usize = headers.iter().map(|header| header.len()).sum();
    let read = cookie_names().map(|name| {
        let value = cookies::read(headers.iter().copied(), name);
        if let Some(value) = value {
            assert!(total <= COOKIES_BYTES_MAX, "{total} bytes of cookies are read");
            cookie(&headers, name, value, total);
        }
        value.map(str::len)
    });
    let shape = read.map(|bytes| bytes.map(|bytes| bytes.checked_ilog2()));
    if read.iter().any(Option::is_some) {
        Reached::accepted(shape)
    } else {
        Reached::refused(headers.len().min(3))
    }
}

fn cookie_names() -> [CookieName; 6] {
    let of = |transport| {
        [
            CookieName::session(Door::Omc, transport),
            CookieName::session(Door::StoreApp, transport),
            CookieName::visit(transport),
        ]
    };
    let ([a, b, c], [d, e, f]) = (of(Transport::Https), of(Transport::HttpLoopback));
    [a, b, c, d, e, f]
}

/// What holds of a value that was read.
fn cookie(headers: &[&[u8]], name: CookieName, value: &str, total: usize) {
    let there = format!("{value};").into_bytes();
    let stands_in = |header: &&[u8]| {
        [header, b";".as_slice()].concat().windows(there.len()).any(|part| part == there)
            || header.windows(value.len()).any(|part| part == value.as_bytes())
    };
    assert!(headers.iter().any(stands_in), "{value:?} stands nowhere");
    assert!((1..=VALUE_BYTES_MAX).contains(&value.len()));
    let written = cookies::set(name, value);
    assert!(written.is_ok_and(|line| line.starts_with(&format!("{}={value}; Path=/;", name.as_str()))));
    let own = format!("{}={value}", name.as_str());
    assert_eq!(cookies::read([own.as_bytes()], name), Some(value), "no round trip");
    let with = |more: &str| -> Option<String> {
        let all = headers.iter().copied().chain([more.as_bytes()]);
        cookies::read(all, name).map(str::to_owned)
    };
    let room = COOKIES_BYTES_MAX - total;
    let (foreign, second) = ("a=b", format!("{}=another{value}", name.as_str()));
    assert_eq!(with(foreign).as_deref(), (room >= foreign.len()).then_some(value), "a foreign cookie counts");
    assert_eq!(with(&second), None, "one of two values is chosen");
}
