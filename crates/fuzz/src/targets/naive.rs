//! The same answers, found in the slowest and plainest way: what the parsers are compared with.

/// The digits of base62.
const DIGITS: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The CRC32 of IEEE 802.3, bit by bit, as six digits of base62.
pub(super) fn check_digits(text: &str) -> String {
    let mut rest = !text.bytes().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    });
    let mut digits = Vec::new();
    for _ in 0..6 {
        digits.extend(DIGITS.chars().nth(rest as usize % 62));
        rest /= 62;
    }
    digits.into_iter().rev().collect()
}

/// Whether a text is a secret: prefix, 27 letters or digits, and their checksum.
pub(super) fn is_secret(text: &str) -> bool {
    let Some((before, digits)) = text.split_once('_') else { return false };
    let (Some(body), Some(check)) = (digits.get(..27), digits.get(27..)) else { return false };
    ["kws", "kwa", "kwr", "kw", "kwl", "kwc"].contains(&before)
        && body.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && check == check_digits(&format!("{before}_{body}"))
}

/// The fields of a form as the URL Standard has them, in bytes.
pub(super) fn fields(form: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let pieces = form.split(|byte| *byte == b'&').filter(|piece| !piece.is_empty());
    pieces
        .map(|piece| {
            let mut halves = piece.splitn(2, |byte| *byte == b'=');
            let mut half = || unescaped(halves.next().unwrap_or_default());
            (half(), half())
        })
        .collect()
}

fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut rest = text;
    let mut bytes = Vec::new();
    while let [first, behind @ ..] = rest {
        let escaped = match behind {
            [high, low, ..] if *first == b'%' => hex(*high).zip(hex(*low)).map(|(high, low)| high * 16 + low),
            _ => None,
        };
        bytes.push(escaped.unwrap_or(if *first == b'+' { b' ' } else { *first }));
        rest = if escaped.is_some() { behind.get(2..).unwrap_or_default() } else { behind };
    }
    bytes
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// Whether a browser on a page of this site, given the address in a link or a `Location` header, stays on the
/// site. As the URL Standard reads it: blanks at the ends and tabs and line ends anywhere are dropped, a
/// backslash is a slash, two slashes at the beginning name a host, and letters before a colon a scheme. Dots in
/// the path are taken away first, as some readers of addresses do.
pub(super) fn stays_here(address: &str) -> bool {
    let trimmed = address.trim_matches(|c: char| c <= ' ');
    let read: String = trimmed.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect();
    let path = read.split(['?', '#']).next().unwrap_or_default().replace('\\', "/");
    let has_scheme = path.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    });
    !has_scheme && !path.starts_with("//") && !without_dots(&path).starts_with("//")
}

/// RFC 3986, 5.2.4.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for part in path.split('/').skip(1) {
        match part.to_ascii_lowercase().replace("%2e", ".").as_str() {
            "." => {}
            ".." => drop(kept.pop()),
            _ => kept.push(part),
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_one_of_the_standard() {
        // The check value of CRC-32/ISO-HDLC is cbf43926.
        let number = check_digits("123456789")
            .chars()
            .fold(0_u64, |number, digit| number * 62 + DIGITS.find(digit).unwrap() as u64);
        assert_eq!(number, 0xcbf4_3926);
    }

    #[test]
    fn an_address_that_leads_off_the_site_is_seen() {
        for off in [
            "//e.example",
            "/\\e.example",
            "\t//e.example",
            "/\t/e.example",
            "https:/e",
            "/.//e",
            "/a/..//e",
            "/%2e//e",
        ] {
            assert!(!stays_here(off), "{off:?}");
        }
        for here in ["/", "/a:b", "/me?next=//e.example", "/a/../b"] {
            assert!(stays_here(here), "{here:?}");
        }
    }

    #[test]
    fn a_form_is_taken_apart() {
        let field = |name: &str, value: &str| (name.as_bytes().to_vec(), value.as_bytes().to_vec());
        assert_eq!(fields(b"a=b+c%2b%&&d&=%zz"), [field("a", "b c+%"), field("d", ""), field("", "%zz")]);
    }
}
