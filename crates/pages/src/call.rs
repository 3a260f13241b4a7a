//! A request on its way to a handler. All that must hold before one is reached is asked here, once:
//! a change comes from a page of this site, whoever calls may, and the form is one that they were shown.

use std::sync::Arc;
use std::time::Duration;

use access::commands::Refusal;
use authn::{FormToken, Secret};
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, COOKIE, ORIGIN};
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri};
use service::{Fault, OfficePage, Service, ServiceError, Visitor};

use crate::answer::{Fail, allowing, failed, see_other, trouble, with_cookie};
use crate::clock::Clock;
use crate::cookies::{self, CookieName};
use crate::door::Door;
use crate::form::{FORM_BYTES_MAX, Form};
use crate::origin::check_change;
use crate::routes::{Access, Pages, Route};
use crate::session::{SITES_MAX, Session, application, blocking, session_secret};
use crate::site::SiteUrl;
use crate::views::frame::{Frame, MenuItem, Notice, SiteSwitch, Tone};
use crate::views::message::Trouble;
use crate::{LocalPath, paths};

/// How long a form may take to arrive, in seconds.
pub(crate) const FORM_S_MAX: u64 = 30;
/// Most administrators who are named where something is missing.
const GIVERS_MAX: usize = 3;
/// What the tokens of all forms are for: each is tied to its session or visit.
const FORMS: &str = "pages";

/// The lists, each with the forms that are no pages below it.
const LISTS: [(&str, &[&str]); 2] =
    [(paths::USERS, &[paths::USER_NEW, paths::USERS_BULK]), (paths::ROLES, &[paths::ROLE_NEW])];

/// A request that may be served.
pub(crate) struct Call {
    pub(crate) service: Service,
    pub(crate) site: SiteUrl,
    pub(crate) door: Door,
    pub(crate) visitor: Visitor,
    pub(crate) uri: Uri,
    headers: HeaderMap,
    /// Whether it is a `POST`.
    changes: bool,
    /// What was posted; empty for a `GET`.
    pub(crate) form: Form,
    session: Option<Session>,
    visit: Option<Secret>,
}

/// Serves a request by its route.
pub(crate) async fn serve(pages: Pages, route: &'static Route, request: Request) -> Response<Body> {
    let door = Door::of_path(request.uri().path());
    if let Access::File(_) = route.access {
        return crate::handlers::file(request.uri().path(), request.headers());
    }
    let Some(site) = pages.site.clone() else { return without_site(door) };
    let (parts, body) = request.into_parts();
    let visitor = parts.extensions.get::<Visitor>().cloned().unwrap_or_default();
    let (service, form) = (pages.service.clone(), Form::empty());
    let (uri, headers) = (parts.uri, parts.headers);
    let changes = parts.method == Method::POST;
    let mut call =
        Call { service, site, door, visitor, uri, headers, changes, form, session: None, visit: None };
    if route.path == paths::SSO_CALLBACK {
        let begun =
            crate::handlers::sso::door_begun(call.cookie(CookieName::single_sign_on(call.site.transport())));
        call.door = begun.unwrap_or(door);
    }
    let fresh = match call.prepare(route, &parts.method, body).await {
        Ok(Entry::Served { fresh }) => fresh,
        Ok(Entry::Answered(answer)) => return answer,
        Err(fail) => return call.fails(&fail),
    };
    let call = Arc::new(call);
    let answer = (route.handler)(call.clone()).await.unwrap_or_else(|fail| call.fails(&fail));
    let provider = call.session.as_ref().and_then(|session| session.provider.as_ref());
    let answer = match provider.and_then(|provider| provider.origin.as_ref()) {
        Some(origin) => allowing(answer, origin),
        None => answer,
    };
    match (fresh, &call.visit) {
        (true, Some(visit)) => {
            call.with_value(answer, CookieName::visit(call.site.transport()), visit.reveal())
        }
        _ => answer,
    }
}

/// How far a request came.
enum Entry {
    /// To its handler.
    Served {
        /// Whether the visit began with it, so that its cookie is to be set.
        fresh: bool,
    },
    /// It is answered already.
    Answered(Response<Body>),
}

impl Call {
    async fn prepare(&mut self, route: &Route, method: &Method, body: Body) -> Result<Entry, Fail> {
        let changes = *method == Method::POST;
        if changes {
            self.check_origin()?;
        }
        let is_public = matches!(route.access, Access::Public(_));
        if !is_public && let Some(answer) = self.enter(route)? {
            return Ok(Entry::Answered(answer));
        }
        let known = if is_public { self.cookie_visit() } else { None };
        if changes {
            self.form = read_form(&self.headers, body).await?;
            let secret = self.session.as_ref().map(|session| &session.secret).or(known.as_ref());
            let given = self.form.one(paths::CSRF).unwrap_or_default();
            let shown = secret.is_some_and(|secret| FormToken::matches(secret, FORMS, given));
            // Whoever has no session left that opens a page is shown no form, and may leave all the same.
            let moot = self.session.is_none() && matches!(route.access, Access::Leaving(_));
            if !shown && !moot {
                self.begin_visit(known)?;
                return Ok(Entry::Answered(self.form_expired(route)?));
            }
        }
        let fresh = is_public && known.is_none();
        if is_public {
            self.begin_visit(known)?;
        }
        Ok(Entry::Served { fresh })
    }

    /// Somebody who was not shown the form that they send. Nothing is changed; before sign-in there is a new form.
    fn form_expired(&self, route: &Route) -> Result<Response<Body>, Fail> {
        tracing::info!(path = route.path, address = self.visitor.address_text(), "a form without its token");
        if !matches!(route.path, paths::SIGN_IN | paths::SINGLE_SIGN_ON) {
            return Err(Fail::Trouble(Trouble::FormExpired));
        }
        let page = crate::handlers::sign_in::form_expired(self)?;
        let name = CookieName::visit(self.site.transport());
        Ok(match &self.visit {
            Some(visit) => self.with_value(page, name, visit.reveal()),
            None => page,
        })
    }

    fn begin_visit(&mut self, known: Option<Secret>) -> Result<(), ServiceError> {
        self.visit = Some(match known {
            Some(visit) => visit,
            None => self.service.new_visit()?,
        });
        Ok(())
    }

    fn check_origin(&self) -> Result<(), Fail> {
        let all = |name: &str| self.headers.get_all(name).iter().map(|v| v.as_bytes()).collect::<Vec<_>>();
        let from = check_change(self.site.origin(), all(ORIGIN.as_str()), all("sec-fetch-site"));
        from.map_err(|error| {
            tracing::warn!(%error, path = self.uri.path(), address = self.visitor.address_text(), "refused");
            Fail::Trouble(Trouble::FormExpired)
        })
    }

    /// Finds the session, and turns away whoever the route is not for.
    fn enter(&mut self, route: &Route) -> Result<Option<Response<Body>>, Fail> {
        self.session = match self.cookie_session(self.door) {
            Some(secret) => match Session::open(&self.service, self.door, secret, &self.visitor) {
                // Whoever may not come in any more may leave all the same.
                Err(error)
                    if matches!(route.access, Access::Leaving(_)) && error.fault() == Fault::Forbidden =>
                {
                    None
                }
                opened => opened?,
            },
            None => None,
        };
        let must_change = self.session.as_ref().map(|session| session.who.must_change());
        self.preselect(must_change)?;
        let elsewhere = match (route.access, must_change) {
            (Access::Leaving(_), _)
            | (Access::SignedIn(_), Some(false))
            | (Access::FirstPassword(_), Some(true)) => {
                return Ok(None);
            }
            (_, None) => self.sign_in_address(route),
            (_, Some(true)) => self.door.to(paths::PASSWORD_FIRST),
            (_, Some(false)) => self.door.home().to_string(),
        };
        Ok(Some(see_other(&elsewhere)))
    }

    /// `?retailer=REF` puts this request, and no other, into a site of one's own. Any other site changes nothing. Whoever
    /// is in a store stays there.
    fn preselect(&mut self, must_change: Option<bool>) -> Result<(), Fail> {
        if self.door == Door::StoreApp {
            return Ok(());
        }
        let named = self.query()?.optional("retailer")?.filter(|named| !named.is_empty()).map(str::to_owned);
        if let (Some(named), Some(false)) = (named, must_change)
            && let Some(session) = &mut self.session
            && let Some(who) = blocking(|| self.service.at_site(&session.who, &named))?
        {
            session.who = who;
        }
        Ok(())
    }

    /// The sign-in page, and back here; after a form, which is lost, back to the page where most forms are.
    fn sign_in_address(&self, route: &Route) -> String {
        let here = self.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
        // A form that has a page of its own is found there again.
        let has_page =
            || crate::routes::routes().any(|other| other.method == "GET" && other.path == route.path);
        let back = match route.method {
            "GET" => here,
            _ if has_page() => self.uri.path().to_owned(),
            _ => self.door.to(paths::ME),
        };
        let next = LocalPath::or_home(Some(&back), self.door);
        paths::with_query(&self.door.to(paths::SIGN_IN), &[("next", next.as_str())])
    }

    /// The value of a cookie of this site.
    pub(crate) fn cookie(&self, name: CookieName) -> Option<&str> {
        cookies::read(self.headers.get_all(COOKIE).iter().map(|value| value.as_bytes()), name)
    }

    /// The secret of a session in a door, whether it opens anything or not.
    pub(crate) fn cookie_session(&self, door: Door) -> Option<Secret> {
        session_secret(self.cookie(self.session_cookie(door)))
    }

    fn cookie_visit(&self) -> Option<Secret> {
        session_secret(self.cookie(CookieName::visit(self.site.transport())))
    }

    /// The cookie of a session.
    pub(crate) fn session_cookie(&self, door: Door) -> CookieName {
        CookieName::session(door, self.site.transport())
    }

    /// The same answer, with the cookie set.
    pub(crate) fn with_value(&self, answer: Response<Body>, name: CookieName, value: &str) -> Response<Body> {
        match cookies::set(name, value) {
            Ok(cookie) => with_cookie(answer, &cookie),
            Err(error) => {
                tracing::error!(%error, "a cookie was not set");
                self.fails(&Fail::Service(ServiceError::Internal(error.to_string())))
            }
        }
    }

    /// The fields of the address.
    pub(crate) fn query(&self) -> Result<Form, Fail> {
        Ok(Form::parse(self.uri.query().unwrap_or_default().as_bytes())?)
    }

    /// What was just done, by the word that a redirect carried here: only what the page knows is shown, never text of
    /// the address.
    pub(crate) fn done(&self, known: &[(&str, &str)]) -> Result<Option<Notice>, Fail> {
        let query = self.query()?;
        let word = query.optional("done")?;
        let done = known.iter().find(|(known, _)| Some(*known) == word);
        Ok(done.map(|(_, text)| Notice::new(Tone::Good, *text)))
    }

    /// What stands behind a path of the door and a slash in the address, decoded; none where it is no UTF-8.
    pub(crate) fn last_segment(&self, below: &str) -> Option<String> {
        let path = self.uri.path().strip_prefix(self.door.prefix())?;
        let rest = path.strip_prefix(below)?.strip_prefix('/')?;
        percent_encoding::percent_decode_str(rest).decode_utf8().ok().map(std::borrow::Cow::into_owned)
    }

    /// Who is signed in. A handler that asks this stands behind sign-in in the table.
    pub(crate) fn session(&self) -> Result<&Session, Fail> {
        let none = || ServiceError::Internal("a handler behind sign-in was reached without a session".into());
        Ok(self.session.as_ref().ok_or_else(none)?)
    }

    /// Who is signed in, where nobody need be.
    pub(crate) fn some_session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// From where a change of whoever is signed in comes, for the audit.
    pub(crate) fn origin(&self) -> Result<service::Origin, Fail> {
        Ok(self.visitor.origin(self.session()?.who.application()))
    }

    /// How whoever is signed in reads days and times.
    pub(crate) fn clock(&self) -> &Clock {
        static NOBODYS: std::sync::LazyLock<Clock> = std::sync::LazyLock::new(Clock::default);
        self.session.as_ref().map_or(&NOBODYS, |session| &session.clock)
    }

    /// The frame of a page, with the token for its forms.
    pub(crate) fn frame(&self) -> Frame {
        let secret = self.session.as_ref().map(|session| &session.secret).or(self.visit.as_ref());
        let csrf = secret.map(|secret| FormToken::of(secret, FORMS).as_str().to_owned());
        let person = self.session.as_ref().map(|session| session.person.clone());
        let pages = self.session.iter().flat_map(|session| &session.menu);
        let menu = pages.map(|page| menu_item(self.door, *page, self.uri.path())).collect();
        let sites = self.session.as_ref().and_then(|session| match self.door {
            Door::Omc => self.site_switch(session),
            Door::StoreApp => self.store_switch(session),
        });
        let clock = self.clock().clone();
        Frame { door: self.door, csrf: csrf.unwrap_or_default(), person, menu, sites, clock }
    }

    /// The switcher of sites; none where there is nothing to choose, or too much for a list.
    fn site_switch(&self, session: &Session) -> Option<SiteSwitch> {
        if !(2..=SITES_MAX).contains(&session.sites.len()) {
            return None;
        }
        let active = session.who.subject().active_retailer();
        let active = session.sites.iter().find(|site| Some(site.id) == active);
        let all = (String::new(), "All sites".to_owned());
        let each = session.sites.iter().map(|site| (site.reference.clone(), site.name.clone()));
        Some(SiteSwitch {
            active: active.map_or_else(String::new, |site| site.reference.clone()),
            choices: std::iter::once(all).chain(each).collect(),
            back: self.here(),
        })
    }

    /// The switcher of stores; none where there is nothing to choose.
    fn store_switch(&self, session: &Session) -> Option<SiteSwitch> {
        let active = session.store();
        let none = active.is_none().then(|| (String::new(), "No store".to_owned()));
        let each = session.stores.iter().map(|store| (store.reference.clone(), store.name.clone()));
        let choices: Vec<(String, String)> = none.into_iter().chain(each).collect();
        // Whom the other store does not know, its list stands for.
        let back = match self.last_segment(paths::USERS) {
            Some(_) => self.door.to(paths::USERS),
            None => self.here(),
        };
        let active = active.map_or_else(String::new, |store| store.reference.clone());
        (choices.len() > 1).then_some(SiteSwitch { active, choices, back })
    }

    /// The address of the page, with its query but for what counts once: a site for this request, and the word for what
    /// was just done. What only forms lead to is told on one's own page.
    fn here(&self) -> String {
        if self.last_segment(paths::ME).is_some() {
            return self.door.to(paths::ME);
        }
        if self.changes {
            return self.list_or_user();
        }
        let query = self.query().unwrap_or_else(|_| Form::empty());
        let here = paths::with_query(self.uri.path(), &query.without(&["retailer", "done"]));
        LocalPath::or_home(Some(&here), self.door).as_str().to_owned()
    }

    /// Where somebody is found who sent a form: on the page of its user or role, or in the list.
    fn list_or_user(&self) -> String {
        for (list, _) in LISTS {
            if let Some(rest) = self.last_segment(list) {
                let name = rest.split('/').next().unwrap_or_default();
                return self.door.to(&if list == paths::USERS {
                    paths::user(name)
                } else {
                    paths::role(name)
                });
            }
        }
        let path = self.uri.path();
        let found = LISTS.iter().find(|(_, forms)| forms.iter().any(|form| path == self.door.to(form)));
        found.map_or_else(|| self.door.home().to_string(), |(list, _)| self.door.to(list))
    }

    /// The page of what went wrong. Whoever is no longer signed in is asked to.
    pub(crate) fn fails(&self, fail: &Fail) -> Response<Body> {
        match fail {
            Fail::Trouble(what) => trouble(self.frame(), what),
            Fail::Service(error) if error.fault() == Fault::Unauthenticated => {
                see_other(&self.door.to(paths::SIGN_IN))
            }
            Fail::Service(error) => failed(self.frame(), error, &self.givers(error)),
        }
    }

    /// Who could give what an error says is missing.
    fn givers(&self, error: &ServiceError) -> Vec<String> {
        // What nobody can be given is no matter of a grant: a fixed role, one's own, another site.
        let missing = match error {
            ServiceError::Refused(refusal) => matches!(refusal, Refusal::Denied(_) | Refusal::Delegation(_)),
            error => error.fault() == Fault::Forbidden,
        };
        let session = self.session.as_ref().filter(|session| missing && !session.who.must_change());
        let found = session.map(|session| blocking(|| self.service.administrators(&session.who, GIVERS_MAX)));
        found.and_then(Result::ok).unwrap_or_default()
    }

    /// Ends the session that a new one takes the place of. The new one counts whatever comes of it.
    pub(crate) fn end_session_before(&self, door: Door) {
        if let Err(error) = self.leave(door) {
            tracing::warn!(%error, "a session before this one was not ended");
        }
    }

    /// Ends the session of a door that the browser shows, if there is one that has not ended.
    pub(crate) fn leave(&self, door: Door) -> Result<(), ServiceError> {
        let Some(secret) = self.cookie_session(door) else { return Ok(()) };
        let left = blocking(|| self.service.leave(&secret, application(door), &self.visitor));
        match left {
            Err(error) if error.fault() != Fault::Unauthenticated => Err(error),
            _ => Ok(()),
        }
    }
}

fn menu_item(door: Door, page: OfficePage, path: &str) -> MenuItem {
    let (title, list) = match page {
        OfficePage::Users | OfficePage::NewUser => ("Users", paths::USERS),
        OfficePage::Roles | OfficePage::NewRole => ("Roles", paths::ROLES),
        OfficePage::Explain => ("Explain", paths::EXPLAIN),
        OfficePage::Audit => ("Audit", paths::AUDIT),
    };
    let below = |rest: &str| rest.is_empty() || rest.starts_with('/');
    let address = door.to(list);
    let mut forms = LISTS.iter().filter(|(own, _)| *own == list).flat_map(|(_, forms)| *forms);
    let is_form = forms.any(|form| path == door.to(form));
    let here = is_form || path.strip_prefix(&address).is_some_and(below);
    MenuItem { title, address, here }
}

/// Nothing can be served: which cookies to set, and which origin is ours, depends on the address.
fn without_site(door: Door) -> Response<Body> {
    let (csrf, clock) = (String::new(), Clock::default());
    let frame = Frame { door, csrf, person: None, menu: Vec::new(), sites: None, clock };
    let sentence = "Nobody has told this server under which address browsers reach it.".to_owned();
    let advice = "Whoever runs it starts it with a base URL: https://host, or http://localhost:port on the same machine.";
    let said = crate::answer::said(
        frame,
        StatusCode::SERVICE_UNAVAILABLE,
        "The pages are not set up yet",
        sentence,
        advice,
    );
    crate::answer::message(&crate::answer::leading(said, &door.to(paths::HOME), "Try again"))
}

/// The form of a request, bounded before it is read.
async fn read_form(headers: &HeaderMap, body: Body) -> Result<Form, Fail> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let media_type = text(CONTENT_TYPE).and_then(|kind| kind.split(';').next()).map(str::trim);
    let is_form =
        media_type.is_some_and(|kind| kind.eq_ignore_ascii_case("application/x-www-form-urlencoded"));
    let announced = text(CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok());
    let too_large = || Fail::Trouble(Trouble::TooLarge { bytes_max: FORM_BYTES_MAX });
    if announced.is_some_and(|length| length > FORM_BYTES_MAX) {
        return Err(too_large());
    }
    if !is_form {
        return Err(Fail::Trouble(Trouble::NotUnderstood));
    }
    let read =
        tokio::time::timeout(Duration::from_secs(FORM_S_MAX), axum::body::to_bytes(body, FORM_BYTES_MAX));
    let read = read.await.map_err(|_| Fail::Trouble(Trouble::NotUnderstood))?;
    // What breaks off cannot be told from what is too long, and nobody is there to hear of it.
    let bytes = read.map_err(|_| too_large())?;
    Ok(Form::parse(&bytes)?)
}
