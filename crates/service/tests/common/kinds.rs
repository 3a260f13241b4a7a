//! The five kinds of credential of one user.

use super::*;

/// Their names, in the order of the answers.
pub const KINDS: [&str; 5] = ["session", "basic", "access", "refresh", "long"];

/// One of each, of one user.
pub struct Kinds {
    pub login: String,
    pub password: String,
    pub session: Issued,
    pub access: Issued,
    pub pair: IssuedPair,
    pub long: Issued,
}

impl Kinds {
    pub fn new(world: &World, login: &str, password: &str) -> Self {
        Self {
            login: login.into(),
            password: password.into(),
            session: world.session(login, password),
            access: world.access(login, password),
            pair: world.pair(login, password),
            long: world.long_token(login, password, "till").expect("a token"),
        }
    }

    /// Which of them let their user in now. The refresh token is exchanged, and the next one kept.
    pub fn alive(&mut self, world: &World) -> [bool; 5] {
        let basic = BasicCredentials::new(&self.login, &self.password).expect("credentials");
        let visitor = visitor(1);
        let remembered = match world.service.recall_basic(&basic, None, &visitor) {
            Some(who) => Some(who),
            None => world.service.remembered_basic(&basic, None, &visitor).expect("a database"),
        };
        let basic = remembered.map(Ok).unwrap_or_else(|| {
            world.try_password(&self.login, &self.password, Application::Api, &visitor, Way::Basic)
        });
        let basic = basic.is_ok_and(|who| world.service.orders(&who, Some(1), None).is_ok());
        let pair_opens = world.opens_api(&self.pair.access.secret);
        let refreshed = world.refresh(&self.pair.refresh);
        let refreshes = refreshed.is_ok();
        assert_eq!(pair_opens, refreshes, "the two of a pair live and end together");
        if let Ok(next) = refreshed {
            assert!(world.opens_api(&next.access.secret));
            self.pair = next;
        }
        [
            world.opens_page(&self.session.secret),
            basic,
            world.opens_api(&self.access.secret),
            refreshes,
            world.opens_api(&self.long.secret),
        ]
    }
}
