//! The files that pages load: built into the program, each under a name that carries a hash of its content,
//! so that a browser may keep it for good and a new version has a new name.
//!
//! They are also there compressed, once and for all: a fourth of the bytes that stand between a first visit and something
//! to see. Pages are not compressed. They show what an address holds beside the token of their forms and the names of
//! people, and the length of what is compressed together tells whoever can watch the line and send somebody's browser
//! to addresses which guesses are right (CVE-2013-3587, "BREACH"). Without it the first page after sign-in has some
//! 27 kB, those with the largest tables 40 (docs/BENCHMARKS.md).

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::LazyLock;

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

const STYLESHEET: &[u8] = include_bytes!("../assets/keyward.css");
const SCRIPT: &[u8] = include_bytes!("../assets/keyward.js");
const ICON: &[u8] = include_bytes!("../assets/keyward.svg");

/// Bytes of the hash that are written into a name: 64 bits tell the versions of a file apart.
const HASH_BYTES: usize = 8;

static STYLESHEET_PATH: LazyLock<String> = LazyLock::new(|| hashed("css", STYLESHEET));
static SCRIPT_PATH: LazyLock<String> = LazyLock::new(|| hashed("js", SCRIPT));
static ICON_PATH: LazyLock<String> = LazyLock::new(|| hashed("svg", ICON));

static STYLESHEET_GZIP: LazyLock<Vec<u8>> = LazyLock::new(|| compressed(STYLESHEET));
static SCRIPT_GZIP: LazyLock<Vec<u8>> = LazyLock::new(|| compressed(SCRIPT));
static ICON_GZIP: LazyLock<Vec<u8>> = LazyLock::new(|| compressed(ICON));

/// A file as it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asset {
    /// The header `Content-Type`.
    pub content_type: &'static str,
    /// The content.
    pub bytes: &'static [u8],
    /// The content for whoever takes `Content-Encoding: gzip`; none where it would be no shorter.
    pub gzip: Option<&'static [u8]>,
    /// Whether what is under this name never changes: `Cache-Control: public, max-age=31536000, immutable`.
    pub immutable: bool,
}

/// The file under an address of this site (without a query), if it is the current name of one.
#[must_use]
pub fn asset(path: &str) -> Option<Asset> {
    let (content_type, bytes, gzip) = if path == stylesheet() {
        ("text/css; charset=utf-8", STYLESHEET, &STYLESHEET_GZIP)
    } else if path == script() {
        ("text/javascript; charset=utf-8", SCRIPT, &SCRIPT_GZIP)
    } else if path == icon() {
        ("image/svg+xml", ICON, &ICON_GZIP)
    } else {
        return None;
    };
    let gzip = Some(gzip.as_slice()).filter(|gzip| (1..bytes.len()).contains(&gzip.len()));
    Some(Asset { content_type, bytes, gzip, immutable: true })
}

/// The address of the stylesheet: `/assets/keyward-<hash>.css`.
#[must_use]
pub fn stylesheet() -> &'static str {
    &STYLESHEET_PATH
}

/// The address of the script: `/assets/keyward-<hash>.js`.
#[must_use]
pub fn script() -> &'static str {
    &SCRIPT_PATH
}

/// The address of the mark, which is also the icon of the pages: `/assets/keyward-<hash>.svg`.
#[must_use]
pub fn icon() -> &'static str {
    &ICON_PATH
}

/// As small as it gets: it takes a few milliseconds, at the first request of each file. Empty if it should not work.
fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).unwrap_or_default()
}

fn hashed(extension: &str, bytes: &[u8]) -> String {
    let mut name = String::from("/assets/keyward-");
    for byte in Sha256::digest(bytes).iter().take(HASH_BYTES) {
        // Writing to a `String` cannot fail.
        let _ = write!(name, "{byte:02x}");
    }
    name.push('.');
    name.push_str(extension);
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_is_found_under_its_name_alone() {
        let css = asset(stylesheet()).unwrap();
        assert_eq!(
            (css.content_type, css.bytes, css.immutable),
            ("text/css; charset=utf-8", STYLESHEET, true)
        );
        assert_eq!(asset(icon()).unwrap().content_type, "image/svg+xml");
        for path in
            ["", "/", "/assets/keyward.css", "/assets/../Cargo.toml", "/assets/keyward-0000000000000000.css"]
        {
            assert_eq!(asset(path), None, "{path}");
        }
    }

    #[test]
    fn what_is_compressed_is_the_same_and_much_shorter() {
        for path in [stylesheet(), script(), icon()] {
            let found = asset(path).unwrap();
            let gzip = found.gzip.unwrap();
            let mut whole = Vec::new();
            std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(gzip), &mut whole).unwrap();
            assert_eq!(whole, found.bytes, "{path}");
            assert!(gzip.len() * 4 < found.bytes.len() * 3, "{path}: {} bytes", gzip.len());
        }
    }

    #[test]
    fn the_name_follows_the_content() {
        // The SHA-256 of nothing begins with e3b0c44298fc1c14 (FIPS 180-4 examples).
        assert_eq!(hashed("css", b""), "/assets/keyward-e3b0c44298fc1c14.css");
        assert_ne!(hashed("css", b"a{}"), hashed("css", b"b{}"));
    }

    #[test]
    fn the_stylesheet_loads_nothing_from_elsewhere() {
        let css = std::str::from_utf8(STYLESHEET).unwrap();
        for word in ["http:", "https:", "@import", "url("] {
            assert!(!css.contains(word), "{word}");
        }
    }
}
