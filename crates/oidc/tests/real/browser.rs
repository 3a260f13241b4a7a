//! A browser without scripts: cookies, redirects one by one, forms.

use std::collections::BTreeMap;

use ureq::http::Response;
use ureq::{Agent, Body};

/// The password of every account of the provider.
const PASSWORD: &str = "a password of the tests";

/// Longest chain of redirects that is followed.
const REDIRECTS_MAX: usize = 10;

pub(crate) struct Browser {
    agent: Agent,
    cookies: BTreeMap<String, String>,
}

/// A page that is no redirect.
struct Page {
    url: String,
    html: String,
}

/// Where following redirects ended.
enum Landed {
    Page(Page),
    /// Back at us, whom no request reaches; the query with which the browser comes.
    Home(String),
}

impl Browser {
    pub(crate) fn new() -> Self {
        let config = Agent::config_builder().max_redirects(0).http_status_as_error(false).build();
        Self { agent: config.into(), cookies: BTreeMap::new() }
    }

    /// Fills in the form at the end of the way from `url`; the query with which it comes back to `home`.
    pub(crate) fn sign_in(&mut self, url: &str, login: &str, home: &str) -> String {
        let page = match self.open(url, home) {
            Landed::Home(query) => return query,
            Landed::Page(page) => page,
        };
        let action = attribute(&page.html, "action");
        match self.submit(&page, &action, &[("login", login), ("password", PASSWORD)], home) {
            Landed::Home(query) => query,
            Landed::Page(page) => panic!("not signed in: {}", page.html),
        }
    }

    /// Says yes to the question whether to sign out; the query with which it comes back to `home`.
    pub(crate) fn sign_out(&mut self, url: &str, home: &str) -> String {
        let Landed::Page(page) = self.open(url, home) else {
            panic!("the provider asks before it signs out")
        };
        let xsrf = attribute(page.html.split("name=\"xsrf\"").nth(1).expect("a hidden field"), "value");
        let action = attribute(&page.html, "action");
        match self.submit(&page, &action, &[("xsrf", &xsrf), ("logout", "yes")], home) {
            Landed::Home(query) => query,
            Landed::Page(page) => panic!("not signed out: {}", page.html),
        }
    }

    fn open(&mut self, url: &str, home: &str) -> Landed {
        let request = self.agent.get(url).header("cookie", self.cookie_header());
        let response = request.call().expect("the provider answers");
        self.follow(url, response, home)
    }

    fn submit(&mut self, page: &Page, action: &str, fields: &[(&str, &str)], home: &str) -> Landed {
        let url = absolute(&page.url, action);
        let request = self.agent.post(&url).header("cookie", self.cookie_header());
        let response = request.send_form(fields.iter().copied()).expect("the provider answers");
        self.follow(&url, response, home)
    }

    fn follow(&mut self, url: &str, mut response: Response<Body>, home: &str) -> Landed {
        let mut url = url.to_owned();
        for _ in 0..REDIRECTS_MAX {
            self.keep_cookies(&response);
            let Some(to) = response.headers().get("location") else {
                let html = response.body_mut().read_to_string().expect("text");
                return Landed::Page(Page { url, html });
            };
            url = absolute(&url, to.to_str().expect("text"));
            if let Some(query) = url.strip_prefix(home) {
                return Landed::Home(query.trim_start_matches('?').to_owned());
            }
            let request = self.agent.get(&url).header("cookie", self.cookie_header());
            response = request.call().expect("the provider answers");
        }
        panic!("more than {REDIRECTS_MAX} redirects, the last to {url}");
    }

    fn keep_cookies(&mut self, response: &Response<Body>) {
        for cookie in response.headers().get_all("set-cookie") {
            let pair = cookie.to_str().expect("text").split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').expect("a cookie");
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    fn cookie_header(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }
}

/// The value of the first attribute called `name`.
fn attribute(html: &str, name: &str) -> String {
    let rest = html.split(&format!("{name}=\"")).nth(1).expect("the attribute");
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// `to` as seen from the page `from`.
fn absolute(from: &str, to: &str) -> String {
    if to.starts_with("http://") || to.starts_with("https://") {
        return to.to_owned();
    }
    let origin: Vec<&str> = from.splitn(4, '/').take(3).collect();
    format!("{}{to}", origin.join("/"))
}
