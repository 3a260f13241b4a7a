//! What is written down of failures has an end, also where no password is guessed.

use crate::common::*;
use access::Application;
use service::{ClientSecret, Fault, Reset, ResetBy, ServiceError, Way};

fn is_too_many<T>(answer: Result<T, ServiceError>) -> bool {
    answer.is_err_and(|error| matches!(error.fault(), Fault::TooMany { retry_after_s: 1.. }))
}

#[test]
fn a_refresh_token_with_wrong_clients_is_counted_for_its_address() {
    everywhere(|world| {
        let pair = world.pair(CLEO, CLEO_PASSWORD);
        let client = ClientSecret { id: CLIENT, secret: "a guess" };
        let shown = || world.service.refresh(&pair.refresh, &client, &visitor(9));
        let refused = (0..130).filter(|_| is_too_many(shown())).count();
        assert_eq!(refused, 30);
        assert_eq!(world.count("sign_in.failed", &["client", "10.0.0.9"]), 100);
        assert_eq!(world.count("sign_in.locked", &["address", "10.0.0.9"]), 1);
        assert!(world.refresh(&pair.refresh).is_ok(), "elsewhere it is good");
    });
}

#[test]
fn a_right_password_that_opens_nothing_is_counted_for_its_address_and_locks_nobody() {
    everywhere(|world| {
        let reset = world.service.reset_password(&world.ann(), world.id(NEW), ResetBy::Generated, origin());
        let Ok(Reset::Generated(first)) = reset else { unreachable!("a password was asked for") };
        let (api, omc, store_app) = (Application::Api, Application::Omc, Application::StoreApp);
        for (last, login, password, application, reason) in [
            (7, CLEO, CLEO_PASSWORD, store_app, "no_access"),
            (9, NEW, first.reveal(), api, "first_password"),
        ] {
            let tried = || world.try_password(login, password, application, &visitor(last), Way::Basic);
            let refused = (0..130).filter(|_| is_too_many(tried())).count();
            assert_eq!(refused, 30, "{reason}");
            let address = format!("10.0.0.{last}");
            assert_eq!(world.count("sign_in.failed", &[reason, &address]), 100, "{reason}");
            assert_eq!(world.count("sign_in.locked", &["address", &address]), 1, "{reason}");
        }
        // Elsewhere they come in, at once.
        let credentials = authn::BasicCredentials::new(CLEO, CLEO_PASSWORD).expect("credentials");
        let knock = world.service.knock(credentials, None, omc, &visitor(1), Way::Form).expect("let try");
        assert!(knock.delay().is_zero());
        assert!(world.service.verify(knock).is_ok());
    });
}

#[test]
fn a_site_that_is_none_of_theirs_is_counted_for_its_address() {
    everywhere(|world| {
        let who = world.principal(CLEO, CLEO_PASSWORD, Application::Api);
        let tried = || world.service.begin_access_at(&who, "south", &visitor(9));
        assert_eq!((0..120).filter(|_| is_too_many(tried())).count(), 20);
        assert_eq!(world.count("sign_in.failed", &["site", "10.0.0.9"]), 100);
        let token = world.service.begin_access_at(&who, "north", &visitor(1)).expect("a token");
        world.keep(token.secret.reveal());
    });
}
