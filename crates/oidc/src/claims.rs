//! What every token must say, whatever it is for.

use serde_json::{Map, Value};

use crate::error::{SsoError, quoted};
use crate::{CLAIM_BYTES_MAX, SKEW_S_MAX};

/// The claims of a token whose signature was verified.
pub(crate) struct Claims<'a>(pub(crate) &'a Map<String, Value>);

impl<'a> Claims<'a> {
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(crate) fn value(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// A text that may be kept and shown: neither empty nor long, without control characters.
    pub(crate) fn name(&self, name: &str) -> Result<Option<String>, SsoError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if is_name(text) => Ok(Some(text.clone())),
            Some(_) => Err(SsoError::lying(format!(
                "the token's `{name}` is not a text of 1 to {CLAIM_BYTES_MAX} bytes without control characters"
            ))),
        }
    }

    /// A required instant, in Unix seconds.
    pub(crate) fn instant(&self, name: &str) -> Result<i64, SsoError> {
        let found = self.0.get(name).and_then(|value| {
            // NumericDate may have a fraction (RFC 7519, 2); a cast of a float saturates.
            value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds.floor() as i64))
        });
        found.ok_or_else(|| SsoError::lying(format!("the token has no instant `{name}`")))
    }

    pub(crate) fn check_issuer(&self, issuer: &str) -> Result<(), SsoError> {
        match self.text("iss") {
            Some(iss) if iss == issuer => Ok(()),
            iss => {
                let said = quoted(iss.unwrap_or_default());
                Err(SsoError::lying(format!("the token's issuer is {said} instead of `{issuer}`")))
            }
        }
    }

    /// How many audiences there are; we must be among them.
    pub(crate) fn check_audience(&self, client_id: &str) -> Result<usize, SsoError> {
        let audiences = match self.0.get("aud") {
            Some(one @ Value::String(_)) => std::slice::from_ref(one),
            Some(Value::Array(many)) => many.as_slice(),
            _ => &[],
        };
        if audiences.iter().any(|audience| audience == client_id) {
            return Ok(audiences.len());
        }
        Err(SsoError::lying(format!("the token's audience is not `{client_id}`")))
    }

    /// `exp` and `iat`, which every token has, and `nbf` where it is there, with [`SKEW_S_MAX`] of patience.
    pub(crate) fn check_times(&self, now_s: i64) -> Result<(), SsoError> {
        let expired_s = now_s.saturating_sub(self.instant("exp")?);
        if expired_s >= SKEW_S_MAX {
            return Err(SsoError::lying(format!("the token expired {expired_s} s ago")));
        }
        for name in ["iat", "nbf"] {
            if name == "nbf" && !self.has(name) {
                continue;
            }
            let ahead_s = self.instant(name)?.saturating_sub(now_s);
            if ahead_s > SKEW_S_MAX {
                return Err(SsoError::lying(format!("the token's `{name}` is {ahead_s} s in the future")));
            }
        }
        Ok(())
    }
}

/// Whether the header's `typ` names one of `kinds`, in the long form or the short one (RFC 7515, 4.1.9).
pub(crate) fn is_kind(kind: Option<&str>, kinds: &[&str]) -> bool {
    let Some(kind) = kind else { return true };
    let kind = kind.to_ascii_lowercase();
    kinds.contains(&kind.strip_prefix("application/").unwrap_or(&kind))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= CLAIM_BYTES_MAX && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW_S: i64 = 1_000_000;

    fn times(claims: &Value) -> bool {
        Claims(claims.as_object().expect("an object")).check_times(NOW_S).is_ok()
    }

    #[test]
    fn the_skew_is_a_bound_on_both_sides() {
        let of = |exp: i64, iat: i64| times(&json!({"exp": NOW_S + exp, "iat": NOW_S + iat}));
        assert!(of(1, 0) && of(1 - SKEW_S_MAX, 0) && of(1, SKEW_S_MAX));
        assert!(!of(-SKEW_S_MAX, 0) && !of(1, SKEW_S_MAX + 1));
        assert!(times(&json!({"exp": NOW_S, "iat": NOW_S, "nbf": NOW_S + SKEW_S_MAX})));
        assert!(!times(&json!({"exp": NOW_S, "iat": NOW_S, "nbf": NOW_S + SKEW_S_MAX + 1})));
    }

    #[test]
    fn instants_are_numbers_and_required() {
        assert!(times(&json!({"exp": 1_000_000.5, "iat": 999_999.5})));
        assert!(times(&json!({"exp": 1e300, "iat": -1e300})));
        for claims in [
            json!({"exp": NOW_S}),
            json!({"iat": NOW_S}),
            json!({"exp": "1000000", "iat": NOW_S}),
            json!({"exp": null, "iat": NOW_S}),
            json!({"exp": NOW_S, "iat": NOW_S, "nbf": "soon"}),
            json!({"exp": i64::MIN, "iat": NOW_S}),
            json!({"exp": NOW_S, "iat": u64::MAX}),
        ] {
            assert!(!times(&claims), "{claims}");
        }
    }

    #[test]
    fn a_kind_is_read_in_both_forms_and_may_be_absent() {
        assert!(is_kind(None, &["jwt"]) && is_kind(Some("JWT"), &["jwt"]));
        assert!(is_kind(Some("application/logout+jwt"), &["logout+jwt"]));
        assert!(!is_kind(Some("at+jwt"), &["jwt", "logout+jwt"]));
    }
}
