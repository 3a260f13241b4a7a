//! A browser that keeps cookies and does no more than is asked.

use std::collections::BTreeMap;
use std::net::IpAddr;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use service::Visitor;
use tower::ServiceExt;

use crate::company::{Company, PASSWORD};

#[derive(Clone)]
pub(crate) struct Browser {
    router: Router,
    base: String,
    pub(crate) cookies: BTreeMap<String, String>,
    address: IpAddr,
    /// The value of the hidden field on the page that was seen last.
    pub(crate) csrf: String,
}

#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn location(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text);
        self.header("location").unwrap()
    }

    pub(crate) fn cookies(&self) -> Vec<&str> {
        self.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect()
    }

    /// The page, of that status, says that.
    #[track_caller]
    pub(crate) fn says(&self, status: u16, text: &str) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert!(self.text.contains(text), "`{text}` is not in {}", self.text);
        self
    }

    /// What stands in `value` of the field, wherever it is first.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        let (_, rest) = self.text.split_once(&format!("name=\"{name}\""))?;
        let (_, rest) = rest.split_once("value=\"")?;
        Some(rest.split('"').next()?.to_owned())
    }

    /// The hidden fields of a question, as its button sends them, and these besides; its token is the browser's matter.
    pub(crate) fn with<'s>(&'s self, more: &[(&'s str, &str)]) -> Vec<(&'s str, String)> {
        let hidden = self.text.split("<input type=\"hidden\" name=\"").skip(1).filter_map(|part| {
            let (name, rest) = part.split_once("\" value=\"")?;
            Some((name, unescaped(rest.split('"').next()?)))
        });
        let own = hidden.filter(|(name, _)| *name != "csrf");
        own.chain(more.iter().map(|(name, value)| (*name, (*value).to_owned()))).collect()
    }
}

/// What a value of a page stands for.
fn unescaped(text: &str) -> String {
    let marks = [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")];
    marks.iter().fold(text.to_owned(), |text, (mark, meant)| text.replace(mark, meant))
}

/// Fields whose values were put together, as they are sent.
pub(crate) fn borrowed<N: AsRef<str>>(fields: &[(N, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_ref(), value.as_str())).collect()
}

/// The id of a user, as the list behind a door links to them.
pub(crate) async fn id_of(browser: &mut Browser, door: &str, login: &str) -> String {
    let list = browser.get(&format!("{door}/users?q={login}")).await;
    let (_, rest) = list.text.split_once(&format!("<a href=\"{door}/users/usr")).unwrap();
    format!("usr{}", rest.split('"').next().unwrap())
}

pub(crate) fn encoded(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

impl Browser {
    pub(crate) fn new(company: &Company) -> Self {
        let (router, base) = (company.router.clone(), company.base.clone());
        let address = "192.0.2.7".parse().unwrap();
        Self { router, base, cookies: BTreeMap::new(), address, csrf: String::new() }
    }

    pub(crate) async fn send(&mut self, mut request: Request<Body>) -> Seen {
        request.extensions_mut().insert(Visitor::new(Some(self.address), "Test Browser/1"));
        if !self.cookies.is_empty() && !request.headers().contains_key("cookie") {
            let pairs: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request.headers_mut().insert("cookie", pairs.join("; ").parse().unwrap());
        }
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let seen = Seen { status: parts.status, headers: parts.headers, text };
        for cookie in seen.cookies() {
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            match value {
                "" => drop(self.cookies.remove(name)),
                value => drop(self.cookies.insert(name.to_owned(), value.to_owned())),
            }
        }
        if let Some(csrf) = seen.field("csrf").filter(|csrf| !csrf.is_empty()) {
            self.csrf = csrf;
        }
        seen
    }

    pub(crate) async fn get(&mut self, path: &str) -> Seen {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// A form of this site, as a browser sends it.
    pub(crate) fn form(&self, path: &str, body: String) -> Request<Body> {
        Request::post(path)
            .header("origin", &self.base)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.into())
            .unwrap()
    }

    /// Sends a form with the hidden field of the page that was seen last.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let csrf = self.csrf.clone();
        let fields = [&[("csrf", csrf.as_str())], fields].concat();
        self.send(self.form(path, encoded(&fields))).await
    }

    pub(crate) async fn sign_in(&mut self, door: &str, login: &str, password: &str) -> Seen {
        let path = format!("{door}/sign-in");
        self.get(&path).await.says(200, "Sign in");
        self.post(&path, &[("login", login), ("password", password)]).await
    }

    /// Somebody who is signed in, with their page open.
    pub(crate) async fn of(company: &Company, door: &str, login: &str) -> Self {
        let mut browser = Self::new(company);
        assert_eq!(browser.sign_in(door, login, PASSWORD).await.location(), format!("{door}/"));
        browser.get(&format!("{door}/me")).await.says(200, login);
        browser
    }

    /// Whether a click on one's own page is answered; otherwise it leads to the sign-in page.
    pub(crate) async fn is_in(&mut self, door: &str) -> bool {
        let seen = self.get(&format!("{door}/me")).await;
        match seen.status {
            StatusCode::OK => true,
            _ => {
                assert_eq!(
                    seen.location(),
                    format!(
                        "{door}/sign-in?next={}",
                        encoded(&[("", &format!("{door}/me"))]).trim_start_matches('=')
                    )
                );
                false
            }
        }
    }
}
