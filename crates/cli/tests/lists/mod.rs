//! Lists of orders over HTTP, beside checks of the same orders.

use base64::Engine;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;

/// An order as the list shows it: ref, retailer, channel.
pub(crate) type Order = (String, String, String);

/// Somebody who asks over HTTP.
pub(crate) struct Caller {
    address: String,
    credential: String,
}

impl Caller {
    pub(crate) fn new(url: &str, login: &str, password: &str) -> Self {
        let credential = base64::engine::general_purpose::STANDARD.encode(format!("{login}:{password}"));
        Self { address: url.trim_start_matches("http://").to_owned(), credential }
    }

    /// One request on a connection of its own: status and body.
    fn ask(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nAuthorization: Basic {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.credential,
            body.len()
        );
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status");
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }

    /// Every order of the list, page after page; none for a caller who is refused.
    pub(crate) fn try_orders(&self) -> Option<BTreeSet<Order>> {
        let (mut all, mut query) = (BTreeSet::new(), "?limit=200".to_owned());
        loop {
            let (status, page) = self.ask("GET", &format!("/api/v1/orders{query}"), "");
            if status != 200 {
                return None;
            }
            for item in page["items"].as_array().expect("items") {
                let text = |name: &str| item[name].as_str().expect("text").to_owned();
                assert!(
                    all.insert((text("ref"), text("retailer"), text("channel"))),
                    "an order is listed once"
                );
            }
            match page["next_cursor"].as_str() {
                Some(cursor) => query = format!("?limit=200&cursor={cursor}"),
                None => return Some(all),
            }
        }
    }

    pub(crate) fn orders(&self) -> BTreeSet<Order> {
        self.try_orders().expect("a list")
    }

    /// The answers to "may that user view this order?", in the order of the orders.
    fn decisions(&self, login: &str, application: Option<&str>, orders: &[&Order]) -> Vec<bool> {
        let one = |(key, retailer, channel): &&Order| {
            let properties = json!({ "retailer": retailer, "channel": channel });
            json!({ "resource": { "type": "order", "id": key, "properties": properties } })
        };
        let mut body = json!({
            "subject": { "type": "user", "id": login }, "action": { "name": "ORDER_VIEW" },
            "evaluations": orders.iter().map(one).collect::<Vec<_>>(),
        });
        if let Some(application) = application {
            body["context"] = json!({ "application": application });
        }
        let (status, answer) = self.ask("POST", "/access/v1/evaluations", &body.to_string());
        assert_eq!(status, 200, "{answer}");
        let answers = answer["evaluations"].as_array().expect("answers").iter();
        answers.map(|a| a["decision"].as_bool().expect("a decision")).collect()
    }
}

/// The first order on which a check and the list differ. A user who cannot sign in has no list to compare: then
/// only that the question is answered counts.
pub(crate) fn disagreement(
    admin: &Caller,
    login: &str,
    application: Option<&str>,
    all: &BTreeSet<Order>,
    own: Option<&BTreeSet<Order>>,
) -> Option<String> {
    for some in Vec::from_iter(all).chunks(1_000) {
        let answers = admin.decisions(login, application, some);
        assert_eq!(answers.len(), some.len());
        for (order, allowed) in some.iter().zip(answers) {
            if own.is_some_and(|own| allowed != own.contains(*order)) {
                return Some(format!("{}: check says {allowed}", order.0));
            }
        }
    }
    None
}
