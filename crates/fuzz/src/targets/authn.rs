//! Credentials: the Basic header, tokens, form tokens, sealed texts, new passwords.

use super::naive::{check_digits, is_secret};
use crate::reached::Reached;
use crate::target::{Target, parts, text, texts};
use access::Login;
use authn::{
    BasicCredentials, BasicError, Fingerprint, FormToken, NewPassword, Sealer, Secret, SecretError,
    SecretKind,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use store::{IdSource, NoRandomness};

pub(super) const TARGETS: &[Target] = &[
    Target {
        name: "basic-header",
        check: basic_header,
        seeds: &[
            "Basic YmVhQGFjbWUuZXhhbXBsZTpwYXNzd29yZA==",
            "Basic \u{1e}bea@acme.example:a b:c",
            "bAsIc  \u{1e}acme/bea@acme.example:\u{e9}\u{20ac}",
            "Basic \u{1e}/bea:x",
            "Basic \u{1e}acme/site/bea:x",
            "Basic YmVhOg=",
            "Bearer kw_abc",
            "Basic",
        ],
        words: &["Basic ", "basic", "YmVhOng=", "=", ":", "/", "acme/", "usr_1", "\u{1e}"],
        len_max: 2100,
        cost: 1,
    },
    Target {
        name: "basic-texts",
        check: basic_texts,
        seeds: &[
            "bea@acme.example\u{1e}pass",
            "acme/bea\u{1e}",
            "/bea\u{1e}x",
            "a/b/bea\u{1e}x",
            "acme/\u{1e}x",
            "usr_7\u{1e}x",
        ],
        words: &["/", ":", "acme", "usr_12", "acc_1", "@", "\u{1e}"],
        len_max: 2100,
        cost: 1,
    },
    Target {
        name: "secret",
        check: secret,
        seeds: &[
            "kws_\u{1e}0123456789ABCDEFGHIJKLMNOPQ",
            "kw_\u{1e}abcdefghijklmnopqrstuvwxyz0",
            "kwa_\u{1e}00000000000000000000000000_",
            "kwl_\u{1e}zzzzzzzzzzzzzzzzzzzzzzzzzzz",
            "kw_0123456789ABCDEFGHIJKLMNOPQ000000",
            "kwx_",
        ],
        words: &["kw_", "kws_", "kwa_", "kwr_", "kwl_", "kwc_", "_", "000000", "\u{1e}"],
        len_max: 48,
        cost: 1,
    },
    Target {
        name: "fingerprint",
        check: fingerprint,
        seeds: &[
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
            "00",
        ],
        words: &["00", "ff", "0x", "g", "F"],
        len_max: 70,
        cost: 1,
    },
    Target {
        name: "form-token",
        check: form_token,
        seeds: &[
            "/sign-in\u{1e}AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\u{1e}",
            "/me\u{1e}\u{1e}\0\0\u{1}",
            "\u{1e}=\u{1e}",
        ],
        words: &["/sign-in", "/me/tokens", "=", "-_", "\0", "\u{1}", "\u{1e}"],
        len_max: 160,
        cost: 4,
    },
    Target {
        name: "sealed",
        check: sealed,
        seeds: &[
            "client secret of prv_1\u{1e}hunter22\u{1e}\u{1e}",
            "a\u{1e}b\u{1e}AAAA\u{1e}\u{1}",
            "\u{1e}\u{1e}AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\u{1e}",
        ],
        words: &["AAAA", "prv_1", "=", "-_", "\0", "\u{1}", "\u{1e}"],
        len_max: 400,
        cost: 8,
    },
    Target {
        name: "new-password",
        check: new_password,
        seeds: &[
            "correct horse battery staple",
            "Summ3r2031!",
            "aaaaaaaa",
            "12345678",
            "\u{1f600}\u{1f600}\u{1f600}\u{1f600}\u{1f600}\u{1f600}\u{1f600}\u{1f601}",
            "qwertz",
        ],
        words: &["password", "qwerty", "2031", "1234", "abc", "summer", "\u{130}", "\u{df}", "\u{3a3}"],
        len_max: 560,
        cost: 40,
    },
];

fn basic_header(input: &[u8]) -> Reached {
    let (header, content) = match parts(input).collect::<Vec<_>>().as_slice() {
        [scheme, content, ..] => {
            // Behind more than the scheme the base64 of the content would be the end of another one.
            let whole = scheme.trim_ascii().eq_ignore_ascii_case(b"basic").then(|| content.to_vec());
            (format!("{}{}", text(scheme), STANDARD.encode(content)).into_bytes(), whole)
        }
        _ => (input.to_vec(), None),
    };
    match BasicCredentials::parse(&header) {
        Ok(read) => {
            assert!(header.len() <= BasicCredentials::HEADER_BYTES_MAX);
            let encoded = header.get(6..).unwrap_or_default().trim_ascii();
            let decoded = String::from_utf8(STANDARD.decode(encoded).unwrap_or_default()).unwrap_or_default();
            assert!(
                content.is_none_or(|content| content == decoded.as_bytes()),
                "other bytes than were sent"
            );
            let (who, password) = decoded.split_once(':').unwrap_or_default();
            assert_eq!(BasicCredentials::new(who, password).as_ref(), Ok(&read), "the two ways differ");
            let again = format!("Basic {}", STANDARD.encode(&decoded));
            assert_eq!(BasicCredentials::parse(again).as_ref(), Ok(&read), "no round trip");
            credentials(&read, who)
        }
        Err(error) => Reached::error(&error),
    }
}

fn basic_texts(input: &[u8]) -> Reached {
    let mut texts = texts(input);
    let (who, password) = (texts.next().unwrap_or_default(), texts.next().unwrap_or_default());
    match BasicCredentials::new(&who, &password) {
        Ok(read) => credentials(&read, &who),
        Err(error) => {
            let too_long = who.len() + password.len() > BasicCredentials::HEADER_BYTES_MAX;
            assert_eq!(matches!(error, BasicError::TooLong { .. }), too_long, "the bound");
            Reached::error(&error)
        }
    }
}

/// What holds of all credentials that were read from `who`.
fn credentials(read: &BasicCredentials, who: &str) -> Reached {
    let login = read.login();
    assert_eq!(Login::parse(login.as_str()).as_ref(), Ok(login), "a login that is none");
    let before = read.account().map_or(String::new(), |account| format!("{account}/"));
    let theirs = who.strip_prefix(&before).map(str::to_lowercase);
    assert_eq!(theirs.as_deref(), Some(login.as_str()), "account and login are not what was sent");
    assert_ne!(read.account(), Some(""), "an account without a name");
    let other = BasicCredentials::new(who, "").map(|other| format!("{other:?}"));
    assert_eq!(other, Ok(format!("{read:?}")), "Debug depends on the password");
    Reached::accepted((read.account().is_some(), login.is_email(), login.as_str().is_ascii()))
}

fn secret(input: &[u8]) -> Reached {
    // Of two parts a text is made whose checksum is right.
    let text = match texts(input).collect::<Vec<_>>().as_slice() {
        [prefix, body, ..] => format!("{prefix}{body}{}", check_digits(&format!("{prefix}{body}"))),
        _ => text(input),
    };
    let read = Secret::parse(&text);
    assert_eq!(read.is_ok(), is_secret(&text), "the plain reading differs for {text:?}");
    match read {
        Ok(secret) => {
            assert_eq!(secret.reveal(), text);
            assert!(text.starts_with(secret.kind().prefix()));
            assert!(!format!("{secret:?}").contains(text.get(4..).unwrap_or_default()), "Debug shows it");
            let hex = secret.fingerprint().to_hex();
            assert_eq!(Fingerprint::from_hex(&hex), Some(secret.fingerprint()));
            Reached::accepted(secret.kind())
        }
        Err(error) => Reached::error(&error),
    }
}

fn fingerprint(input: &[u8]) -> Reached {
    let text = text(input);
    let right = text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    match Fingerprint::from_hex(&text) {
        Some(read) => {
            assert!(right, "{text:?} was read");
            assert_eq!(read.to_hex(), text);
            Reached::accepted(())
        }
        None => {
            assert!(!right, "{text:?} was not read");
            Reached::refused(text.is_ascii())
        }
    }
}

/// The secret of the session that all form tokens here are of.
fn session_secret() -> Result<Secret, SecretError> {
    let text = format!("{}0123456789ABCDEFGHIJKLMNOPQ", SecretKind::Session.prefix());
    Secret::parse(&(text.clone() + &check_digits(&text)))
}

fn form_token(input: &[u8]) -> Reached {
    let mut parts = parts(input);
    let purpose = text(parts.next().unwrap_or_default());
    let given = text(parts.next().unwrap_or_default());
    let changed_by = parts.next().unwrap_or_default();
    let secret = match session_secret() {
        Ok(secret) => secret,
        Err(error) => return Reached::error(&error),
    };
    let right = FormToken::of(&secret, &purpose);
    assert_eq!(right.as_str().len(), FormToken::CHARS);
    assert_eq!(FormToken::matches(&secret, &purpose, &given), given == right.as_str(), "{given:?} is taken");
    let near = xored(right.as_str(), changed_by);
    let taken = FormToken::matches(&secret, &purpose, &near);
    assert_eq!(taken, near == right.as_str(), "{near:?} is taken for {right:?}");
    assert!(!FormToken::matches(&secret, &format!("{purpose}/"), right.as_str()), "taken for another form");
    if taken { Reached::accepted(purpose.is_empty()) } else { Reached::refused(near.is_ascii()) }
}

/// The text with some of its bytes changed.
fn xored(text: &str, by: &[u8]) -> String {
    let by = by.iter().copied().chain(std::iter::repeat(0));
    let bytes: Vec<u8> = text.bytes().zip(by).map(|(byte, by)| byte ^ by).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Bytes that are the same in every run.
#[derive(Debug)]
struct Same;

impl IdSource for Same {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        bytes.fill(7);
        Ok(())
    }
}

fn sealed(input: &[u8]) -> Reached {
    let mut parts = parts(input);
    let mut next = || parts.next().unwrap_or_default();
    let (purpose, content, foreign, changed_by) = (text(next()), text(next()), text(next()), next());
    let sealer = Sealer::new(&[1; Sealer::KEY_BYTES]);
    let sealed = sealer.seal(&purpose, &content, &Same).unwrap_or_default();
    assert_eq!(sealer.open(&purpose, &sealed).as_deref(), Some(content.as_str()), "no round trip");
    assert_eq!(sealer.open(&(purpose.clone() + "."), &sealed), None, "opened for another purpose");
    assert_eq!(Sealer::new(&[2; Sealer::KEY_BYTES]).open(&purpose, &sealed), None, "opened with another key");
    let foreign = sealer.open(&purpose, &foreign).filter(|_| foreign != sealed);
    assert_eq!(foreign, None, "what nobody sealed is opened");
    let near = xored(&sealed, changed_by);
    let opened = sealer.open(&purpose, &near);
    assert_eq!(opened.is_some(), near == sealed, "{near:?} is opened as {sealed:?}");
    if opened.is_some() { Reached::accepted(content.is_empty()) } else { Reached::refused(near.is_ascii()) }
}

fn new_password(input: &[u8]) -> Reached {
    let text = text(input);
    let read = NewPassword::parse(&text);
    let upper = NewPassword::parse(&text.to_ascii_uppercase());
    assert_eq!(read.is_ok(), upper.is_ok(), "capital letters alone make a password");
    match read {
        Ok(password) => {
            assert_eq!(password.reveal(), text);
            assert!((NewPassword::CHARS_MIN..=NewPassword::CHARS_MAX).contains(&text.chars().count()));
            let first = text.chars().next();
            assert!(text.chars().any(|c| Some(c) != first), "one character, repeated");
            assert_eq!(format!("{password:?}"), "NewPassword(..)");
            Reached::accepted(text.is_ascii())
        }
        Err(error) => Reached::error(&error),
    }
}
