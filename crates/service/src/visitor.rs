//! Where a request comes from.

use access::Application;
use std::net::IpAddr;
use store::Origin;

/// Where a request comes from: for the limits, the audit and the list of sessions. It opens nothing by itself, but a
/// user may be let in from some addresses alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visitor {
    /// The network address; none inside the process.
    pub address: Option<IpAddr>,
    /// What the program says of itself: the header `User-Agent`.
    pub agent: String,
}

impl Visitor {
    /// Longest text that a program may say of itself, in bytes; the rest is cut off.
    pub const AGENT_BYTES_MAX: usize = 200;

    /// A visitor from an address. The agent is cut to its bound, and what is no printable text becomes a blank.
    #[must_use]
    pub fn new(address: Option<IpAddr>, agent: &str) -> Self {
        let clean = agent.chars().map(|c| if c.is_control() { ' ' } else { c });
        let mut kept = String::new();
        for c in clean {
            if kept.len() + c.len_utf8() > Self::AGENT_BYTES_MAX {
                break;
            }
            kept.push(c);
        }
        Self { address, agent: kept.trim().to_owned() }
    }

    /// The address as text.
    #[must_use]
    pub fn address_text(&self) -> String {
        self.address.map_or_else(|| "unknown".to_owned(), |address| address.to_string())
    }

    /// Where its changes come from, for the audit.
    #[must_use]
    pub fn origin(&self, application: Option<Application>) -> Origin {
        Origin { application, address: self.address_text(), reason: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_is_cut_and_cleaned() {
        let long = format!("a\u{7}b{}", "é".repeat(200));
        let visitor = Visitor::new(None, &long);
        assert!(visitor.agent.starts_with("a bé") && visitor.agent.len() <= Visitor::AGENT_BYTES_MAX);
        assert_eq!(Visitor::new("::1".parse().ok(), " x ").origin(None).address, "::1");
    }
}
