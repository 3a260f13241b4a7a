//! The headers that every page carries, and the one that says how a file may be sent. HSTS is left to the proxy that
//! owns the certificate.

use axum::http::HeaderValue;

use crate::origin::Origin;

/// The security headers of a page.
///
/// `form_targets` are the origins that a form of the page may lead to besides this site: those of the
/// identity providers it has buttons for, because browsers hold `form-action` against the redirect that
/// answers a `POST`, too. Most pages have none.
///
/// `Referrer-Policy` is `same-origin`, not `no-referrer`: with the latter browsers send `Origin: null` with
/// our own forms (Fetch, "append a request Origin header"), which [`crate::origin::check_change`] refuses.
/// Another site learns nothing from either.
#[must_use]
pub fn security_headers(form_targets: &[Origin]) -> [(&'static str, String); 5] {
    let mut form_action = String::from("'self'");
    for target in form_targets {
        form_action.push(' ');
        form_action.push_str(target.as_str());
    }
    let policy = format!(
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action {form_action}; base-uri 'none'; frame-ancestors 'none'"
    );
    [
        ("content-security-policy", policy),
        ("referrer-policy", "same-origin".to_owned()),
        ("x-content-type-options", "nosniff".to_owned()),
        ("cache-control", "no-store".to_owned()),
        ("cross-origin-opener-policy", "same-origin".to_owned()),
    ]
}

/// Whether `Accept-Encoding` takes gzip (RFC 9110, 12.5.3). What is said of gzip by name counts before what is said of
/// everything; who says nothing may know nothing.
pub(crate) fn takes_gzip<'a>(values: impl IntoIterator<Item = &'a HeaderValue>) -> bool {
    let (mut named, mut any) = (None, false);
    for value in values.into_iter().filter_map(|value| value.to_str().ok()) {
        for coding in value.split(',') {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
            let weight = weight.trim().strip_prefix(['q', 'Q']).and_then(|rest| rest.strip_prefix('='));
            let taken = weight.is_none_or(|weight| weight.parse::<f32>().is_ok_and(|weight| weight > 0.0));
            match name.trim() {
                "*" => any = taken,
                name if name.eq_ignore_ascii_case("gzip") => named = Some(taken),
                _ => {}
            }
        }
    }
    named.unwrap_or(any)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_whoever_takes_it() {
        let takes = |values: &[&'static str]| {
            let values: Vec<_> = values.iter().map(|value| HeaderValue::from_static(value)).collect();
            takes_gzip(&values)
        };
        for values in [
            &["gzip, deflate, br, zstd"][..],
            &["br;q=1.0, GZIP ; q=0.5"],
            &["br", "gzip"],
            &["*"],
            &["identity;q=0, *;q=0.1"],
            &["*;q=0, gzip"],
        ] {
            assert!(takes(values), "{values:?}");
        }
        for values in [
            &[][..],
            &[""],
            &["identity"],
            &["br, deflate"],
            &["gzip;q=0"],
            &["gzip; q=0.000, *"],
            &["gzip;q=much"],
            &["x-gzipped"],
            &["*;q=0"],
        ] {
            assert!(!takes(values), "{values:?}");
        }
    }

    #[test]
    fn the_policy_allows_our_own_script_and_no_foreign_form() {
        let [(name, policy), ..] = security_headers(&[]);
        assert_eq!(name, "content-security-policy");
        assert_eq!(
            policy,
            "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
    }

    #[test]
    fn a_provider_is_named_where_its_button_is() {
        let provider = Origin::of_url("https://idp.example/authorize?x=1").unwrap();
        let other = Origin::of_url("http://localhost:3000/").unwrap();
        let [(_, policy), ..] = security_headers(&[provider, other]);
        assert!(
            policy.contains("form-action 'self' https://idp.example http://localhost:3000; "),
            "{policy}"
        );
    }

    #[test]
    fn the_other_headers_are_there() {
        let [_, rest @ ..] = security_headers(&[]);
        let rest: Vec<(&str, &str)> = rest.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(
            rest,
            [
                ("referrer-policy", "same-origin"),
                ("x-content-type-options", "nosniff"),
                ("cache-control", "no-store"),
                ("cross-origin-opener-policy", "same-origin"),
            ]
        );
    }
}
