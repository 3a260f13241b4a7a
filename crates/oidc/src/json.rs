//! Objects of a provider's JSON.

use serde::de::DeserializeOwned;

/// Reads a JSON object. The reader by itself would also take an array of the values in the order of our fields.
pub(crate) fn object<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return None;
    }
    serde_json::from_slice(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Two {
        a: String,
        b: Option<String>,
    }

    #[test]
    fn an_array_is_no_object() {
        let two: Two = object(b" {\"a\": \"x\"}").expect("an object");
        assert_eq!((two.a.as_str(), two.b), ("x", None));
        assert!(object::<Two>(br#"["x", "y"]"#).is_none() && object::<Two>(b"").is_none());
    }
}
