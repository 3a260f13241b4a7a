//! Answers, written straight into the bytes that are sent.

use super::ask::Trouble;
use access::{Decision, Grounds, Instant, Question};
use service::Inquiry;

/// What was answered, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Questions answered with true.
    pub allowed: u64,
    /// Questions answered with false.
    pub denied: u64,
    /// Questions that could not be asked.
    pub errors: u64,
}

/// Writes the answers of one request.
pub(super) struct Writer<'a> {
    inquiry: &'a Inquiry,
    out: &'a mut Vec<u8>,
    /// `{"revision":12`, the beginning of every context.
    revision: String,
    explain: bool,
    pub(super) tally: Tally,
}

impl<'a> Writer<'a> {
    pub(super) fn new(inquiry: &'a Inquiry, explain: bool, out: &'a mut Vec<u8>) -> Self {
        let revision = format!(r#","context":{{"revision":{}"#, inquiry.snapshot().revision());
        Self { inquiry, out, revision, explain, tally: Tally::default() }
    }

    pub(super) fn raw(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    pub(super) fn decision(&mut self, question: &Question, decision: &Decision) {
        if decision.allowed {
            self.tally.allowed += 1;
            self.raw(r#"{"decision":true"#);
        } else {
            self.tally.denied += 1;
            self.raw(r#"{"decision":false"#);
        }
        self.out.extend_from_slice(self.revision.as_bytes());
        self.raw(r#","reason":{"code":""#);
        self.raw(code(decision.grounds));
        self.raw("\"");
        if self.explain {
            self.raw(r#","text":"#);
            let sentence = self.inquiry.sentence(question, decision);
            self.text(&sentence);
        }
        match decision.valid_until {
            None => self.raw("}}}"),
            Some(at) => {
                self.raw(r#"},"valid_until":"#);
                self.text(&instant(at));
                self.raw("}}");
            }
        }
    }

    pub(super) fn trouble(&mut self, trouble: &Trouble) {
        self.tally.errors += 1;
        self.raw(r#"{"decision":false"#);
        self.out.extend_from_slice(self.revision.as_bytes());
        self.raw(r#","error":{"status":"#);
        self.raw(&trouble.status.to_string());
        self.raw(r#","message":"#);
        self.text(&trouble.message);
        self.raw("}}}");
    }

    fn text(&mut self, text: &str) {
        // Writing a text into memory cannot fail.
        drop(serde_json::to_writer(&mut *self.out, text));
    }
}

/// The code of the grounds; the same that the other surfaces write.
fn code(grounds: Grounds) -> &'static str {
    match grounds {
        Grounds::Granted { .. } => "granted",
        Grounds::UnknownUser => "unknown_user",
        Grounds::Inactive => "inactive",
        Grounds::ApplicationClosed => "application_closed",
        Grounds::NotHeld => "not_held",
        Grounds::NotHere => "not_here",
    }
}

/// An instant as RFC 3339 writes it.
pub(crate) fn instant(at: Instant) -> String {
    jiff::Timestamp::from_microsecond(at.0).map_or_else(|_| at.0.to_string(), |t| t.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use access::{GrantId, Number};

    #[test]
    fn codes_are_those_that_the_grounds_serialize_to() {
        let grant = GrantId::from_number(7).unwrap();
        let all = [
            Grounds::Granted { grant },
            Grounds::UnknownUser,
            Grounds::Inactive,
            Grounds::ApplicationClosed,
            Grounds::NotHeld,
            Grounds::NotHere,
        ];
        for grounds in all {
            assert_eq!(serde_json::to_value(grounds).unwrap()["code"], code(grounds));
        }
    }

    #[test]
    fn instants_are_rfc_3339() {
        assert_eq!(instant(Instant(1_795_305_600_000_000)), "2026-11-22T00:00:00Z");
    }
}
