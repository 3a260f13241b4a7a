//! What stands before the surfaces: who visits, and which surface answers.
//!
//! Both surfaces find the [`Visitor`] in the extensions of every request.

use authn::Proxies;
use axum::Router;
use axum::body::Body;
use hyper::Request;
use hyper::body::Incoming;
use hyper::header::{HeaderMap, HeaderName, USER_AGENT};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use service::Visitor;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The surfaces, and the proxies that may say whom they speak for.
pub(crate) struct Front {
    /// For programs.
    pub(crate) rest: Router,
    /// For browsers: every address that is not below one of [`Self::tops`], and [`Self::theirs`].
    pub(crate) pages: Router,
    /// The addresses of pages: a page may stand beside what is for programs, below the same first segment.
    pub(crate) theirs: BTreeSet<String>,
    /// The first segments of the addresses for programs. What is below them and not there is told in their way.
    pub(crate) tops: BTreeSet<&'static str>,
    /// Whose `X-Forwarded-For` is believed.
    pub(crate) proxies: Proxies,
}

impl Front {
    /// What answers a connection from `peer`.
    pub(crate) fn answers(self: &Arc<Self>, peer: IpAddr) -> Answers {
        let tower = |router: &Router| TowerToHyperService::new(router.clone());
        Answers { rest: tower(&self.rest), pages: tower(&self.pages), front: self.clone(), peer }
    }

    /// Who visits, behind the proxies.
    fn visitor(&self, peer: IpAddr, headers: &HeaderMap) -> Visitor {
        // A value that is no text counts as an empty one: left out, it would join what stands on either side of it.
        let forwarded = headers.get_all(FORWARDED_FOR).iter().map(|value| value.to_str().unwrap_or_default());
        let agent = headers.get(USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()));
        Visitor::new(Some(self.proxies.client(peer, forwarded)), &agent.unwrap_or_default())
    }

    fn is_for_programs(&self, path: &str) -> bool {
        self.tops.contains(top(path)) && !self.theirs.contains(path)
    }
}

/// The first segments of paths.
pub(crate) fn tops(paths: impl Iterator<Item = &'static str>) -> BTreeSet<&'static str> {
    paths.map(top).filter(|top| !top.is_empty()).collect()
}

/// The addresses of all pages.
pub(crate) fn page_paths() -> BTreeSet<String> {
    pages::routes().flat_map(|route| route.doors.iter().map(|door| door.to(route.path))).collect()
}

/// The first segment of a path; empty at the root.
fn top(path: &str) -> &str {
    path.strip_prefix('/').and_then(|rest| rest.split('/').next()).unwrap_or_default()
}

/// What answers one connection.
pub(crate) struct Answers {
    rest: TowerToHyperService<Router>,
    pages: TowerToHyperService<Router>,
    front: Arc<Front>,
    peer: IpAddr,
}

impl Service<Request<Incoming>> for Answers {
    type Response = axum::http::Response<Body>;
    type Error = std::convert::Infallible;
    type Future = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Future;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        let visitor = self.front.visitor(self.peer, request.headers());
        request.extensions_mut().insert(visitor);
        let surface = if self.front.is_for_programs(request.uri().path()) { &self.rest } else { &self.pages };
        surface.call(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    fn front(proxies: &str) -> Front {
        let paths = [
            "/api/v1/orders",
            "/healthz",
            "/.well-known/authzen-configuration/{*account}",
            "/sso/{account}/{provider}/logout",
        ];
        Front {
            rest: Router::new(),
            pages: Router::new(),
            theirs: page_paths(),
            tops: tops(paths.into_iter()),
            proxies: Proxies::parse(proxies).unwrap(),
        }
    }

    #[test]
    fn addresses_below_those_for_programs_are_theirs() {
        let front = front("");
        for path in [
            "/api",
            "/api/",
            "/api/v2/x",
            "/healthz",
            "/.well-known/nothing",
            "/sso/acme/corp/logout",
            "/sso",
        ] {
            assert!(front.is_for_programs(path), "{path}");
        }
        for path in
            ["", "*", "/", "//api", "/apis", "/sign-in", "/store/api", "/API/v1/orders", "/sso/callback"]
        {
            assert!(!front.is_for_programs(path), "{path}");
        }
    }

    #[test]
    fn a_visitor_is_who_a_trusted_proxy_says_and_nobody_elses_word_counts() {
        let mut headers = HeaderMap::new();
        headers.append(FORWARDED_FOR, HeaderValue::from_static("203.0.113.9, 198.51.100.7"));
        headers.insert(USER_AGENT, HeaderValue::from_bytes(b"a\xff\tb").unwrap());
        let of = |proxies: &str, headers: &HeaderMap| {
            let visitor = front(proxies).visitor("10.0.0.1".parse().unwrap(), headers);
            (visitor.address_text(), visitor.agent)
        };
        let agent = "a\u{fffd} b".to_owned();
        assert_eq!(of("", &headers), ("10.0.0.1".into(), agent.clone()));
        assert_eq!(of("192.0.2.0/24", &headers), ("10.0.0.1".into(), agent.clone()));
        assert_eq!(of("10.0.0.0/8", &headers), ("198.51.100.7".into(), agent.clone()));
        // What is no text stands between the proxy and what others wrote.
        headers.append(FORWARDED_FOR, HeaderValue::from_bytes(b"\xff").unwrap());
        assert_eq!(of("10.0.0.0/8", &headers), ("10.0.0.1".into(), agent));
    }
}
