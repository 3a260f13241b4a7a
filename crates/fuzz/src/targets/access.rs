//! Words of the access model: ids, logins, names, settings.

use crate::reached::Reached;
use crate::target::{Target, text};
use access::{
    AccountId, GrantId, Label, Login, NameError, PermissionName, Ref, RoleKey, Setting, TokenId, UserId,
};

pub(super) const TARGETS: &[Target] = &[
    Target {
        name: "token-id",
        check: token_id,
        seeds: &[
            "tok_0000000000000001",
            "tok_7fffffffffffffff",
            "tok_8000000000000000",
            "tok_+000000000000001",
            "tok_ABCDEF0123456789",
        ],
        words: &["tok_", "0", "ff", "8", "-", "+", "_", "0x"],
        len_max: 40,
        cost: 1,
    },
    Target {
        name: "login",
        check: login,
        seeds: &[
            "bea@acme.example",
            "Bea@Acme.Example",
            "usr_12",
            "\u{130}stanbul",
            "\u{3a3}\u{3a3}",
            "a/b",
            "a:b",
            "a\u{a0}b",
            "@",
            "a@b.c",
        ],
        words: WORDS,
        len_max: 300,
        cost: 1,
    },
    Target {
        name: "setting",
        check: setting,
        seeds: &["https://idp.example/realm", "preferred_username", "", "a b", "a\u{85}b"],
        words: WORDS,
        len_max: 520,
        cost: 1,
    },
    Target {
        name: "names",
        check: names,
        seeds: &[
            "ORDER_VIEW",
            "client_admin",
            "STORE-12",
            "Bea Miller",
            "rol_1",
            "A_B_C",
            " x",
            "1a",
            "usr_012",
            "usr_4294967296",
        ],
        words: WORDS,
        len_max: 260,
        cost: 1,
    },
];

const WORDS: &[&str] = &[
    "@", ".", "/", ":", "_", "-", "usr_1", "acc_", "rol_12", "tok_", "_VIEW", "ORDER", "\u{130}", "\u{3a3}",
    "\u{1c5}",
];

fn token_id(input: &[u8]) -> Reached {
    let text = text(input);
    let digits = text.strip_prefix("tok_").unwrap_or_default();
    let right = digits.len() == 16
        && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        && digits.starts_with(|first: char| first < '8');
    let read = TokenId::parse(&text);
    assert_eq!(read.is_ok(), right, "the plain reading differs for {text:?}");
    match read {
        Ok(id) => {
            assert_eq!(id.to_string(), text);
            assert!(id.number() >= 0);
            assert_eq!(TokenId::from_number(id.number()), Some(id));
            Reached::accepted(())
        }
        Err(error) => Reached::error(&error),
    }
}

fn login(input: &[u8]) -> Reached {
    let text = text(input);
    let read = Login::parse(&text);
    // Capital letters of ASCII never make another login.
    assert_eq!(Login::parse(&text.to_ascii_uppercase()).ok(), read.clone().ok(), "case counts in {text:?}");
    match read {
        Ok(login) => {
            let kept = login.as_str();
            assert!((1..=Login::LEN_MAX).contains(&kept.len()));
            assert!(!kept.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '/' | ':')));
            assert!(!kept.bytes().any(|byte| byte.is_ascii_uppercase()));
            assert_eq!(Login::parse(kept).as_ref(), Ok(&login), "no round trip");
            assert!(!is_id(kept), "{kept} is an id as well");
            Reached::accepted((login.is_email(), kept == text, kept.is_ascii()))
        }
        Err(error) => Reached::error(&error),
    }
}

fn setting(input: &[u8]) -> Reached {
    let text = text(input);
    let plain = !text.chars().any(|c| c.is_whitespace() || c.is_control());
    let read = Setting::parse(&text);
    assert_eq!(read.is_ok(), plain && (1..=Setting::LEN_MAX).contains(&text.len()), "{text:?}");
    match read {
        Ok(setting) => {
            assert_eq!(setting.as_str(), text);
            Reached::accepted(text.is_ascii())
        }
        Err(error) => Reached::error(&error),
    }
}

fn names(input: &[u8]) -> Reached {
    let text = text(input);
    let permission =
        kept(PermissionName::parse(&text).map(|name| name.to_string()), &text, PermissionName::LEN_MAX);
    let role = kept(RoleKey::parse(&text).map(|key| key.to_string()), &text, RoleKey::LEN_MAX);
    let key = kept(Ref::parse(&text).map(|key| key.to_string()), &text, Ref::LEN_MAX);
    let label = kept(Label::parse(&text).map(|label| label.to_string()), &text, Label::LEN_MAX);
    assert!(!(role || key) || !is_id(&text), "{text} is an id as well");
    // Each is stricter than the one behind it, up to its bound.
    assert!(!permission || role, "a permission's name that could be no key");
    assert!(!role || key, "a role's key that could be no ref");
    let id = UserId::read(&text);
    assert!(id.is_none_or(|id| id.to_string() == text), "{id:?} is written as {text:?} too");
    let shape = (permission, role, key, label, id.is_some());
    if shape == Default::default() { Reached::refused(text.is_empty()) } else { Reached::accepted(shape) }
}

/// Whether the text was accepted; then it was kept as it is, within its bound.
fn kept(read: Result<String, NameError>, text: &str, bytes_max: usize) -> bool {
    match read {
        Ok(kept) => {
            assert_eq!(kept, text);
            assert!((1..=bytes_max).contains(&kept.len()));
            true
        }
        Err(error) => Reached::error(&error).is_accepted(),
    }
}

fn is_id(text: &str) -> bool {
    UserId::read(text).is_some() || AccountId::read(text).is_some() || GrantId::read(text).is_some()
}
