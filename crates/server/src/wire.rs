//! The lines of the local socket: a request a line in; progress, then a reply or an error, a line each, out.

use serde::{Deserialize, Serialize};
use service::ops::Reply;
use service::{Fault, ServiceError};

/// A line out.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Line {
    /// Any number of these come first.
    Progress {
        /// What is being done.
        what: String,
        /// How far it is.
        done: u64,
        /// How far it goes; 0 when that is not known.
        of: u64,
    },
    /// It is done.
    Reply(Reply),
    /// It is not done.
    Error {
        /// What kind of error.
        fault: String,
        /// For the operator.
        message: String,
    },
}

impl Line {
    pub(crate) fn error(fault: &str, message: impl Into<String>) -> Self {
        Line::Error { fault: fault.to_owned(), message: message.into() }
    }
}

impl From<Result<Reply, ServiceError>> for Line {
    fn from(done: Result<Reply, ServiceError>) -> Self {
        match done {
            Ok(reply) => Line::Reply(reply),
            Err(error) => {
                if let ServiceError::Internal(inside) = &error {
                    tracing::error!(error = %inside, "an operator's request failed");
                }
                Line::error(name(error.fault()), error.to_string())
            }
        }
    }
}

/// The name of a fault on the socket.
fn name(fault: Fault) -> &'static str {
    match fault {
        Fault::Invalid => "invalid",
        Fault::Unauthenticated => "unauthenticated",
        Fault::Forbidden => "forbidden",
        Fault::NotFound => "not_found",
        Fault::Conflict => "conflict",
        Fault::Busy { .. } => "busy",
        Fault::TooMany { .. } => "too_many",
        Fault::Provider => "provider",
        Fault::ProviderSlow => "provider_slow",
        Fault::Unavailable => "unavailable",
        Fault::Internal => "internal",
    }
}
