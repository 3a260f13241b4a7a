//! Pairs of access and refresh token, as clients use them.

use crate::common::*;
use access::Application;
use authn::{BasicCredentials, Secret};
use service::ops::{ClientOp, Op};
use service::{ClientSecret, Fault, ServiceError, Way};

fn is_refused<T>(answer: Result<T, ServiceError>) -> bool {
    answer.is_err_and(|error| matches!(error, ServiceError::Unauthenticated))
}

#[test]
fn a_refresh_token_is_exchanged_once() {
    everywhere(|world| {
        let pair = world.pair(CLEO, CLEO_PASSWORD);
        assert_eq!(pair.expires_in_s, 24 * 3600);
        assert_eq!(pair.user, world.id(CLEO));
        assert_eq!(pair.access.expires_at.0 - world.now().0, DAY * 1_000_000);
        assert!(world.opens_api(&pair.access.secret));
        let next = world.refresh(&pair.refresh).expect("exchanged");
        assert!(world.opens_api(&next.access.secret));
        let after = world.refresh(&next.refresh).expect("exchanged");
        assert!(world.opens_api(&after.access.secret));
        assert_eq!(world.count("token.refreshed", &[CLEO, "10.0.0.1"]), 2);
    });
}

#[test]
fn a_refresh_token_that_comes_again_ends_its_family() {
    everywhere(|world| {
        let (stolen, other) = (world.pair(CLEO, CLEO_PASSWORD), world.pair(CLEO, CLEO_PASSWORD));
        let next = world.refresh(&stolen.refresh).expect("exchanged");
        let last = world.refresh(&next.refresh).expect("exchanged");
        assert!(world.opens_api(&last.access.secret));
        assert!(is_refused(world.refresh(&stolen.refresh)));
        assert!(!world.opens_api(&last.access.secret), "the newest access token too");
        for refresh in [&stolen.refresh, &next.refresh, &last.refresh] {
            assert!(is_refused(world.refresh(refresh)));
        }
        assert_eq!(world.count("token.reused", &[CLEO, "10.0.0.1", "Probe/1"]), 1);
        assert!(world.opens_api(&other.access.secret), "another family is none of it");
        world.refresh(&other.refresh).expect("exchanged");
    });
}

#[test]
fn of_many_who_exchange_one_at_once_at_most_one_is_served_and_the_family_ends() {
    everywhere(|world| {
        let pair = world.pair(CLEO, CLEO_PASSWORD);
        let served: Vec<_> = std::thread::scope(|threads| {
            let exchange = |_| {
                let (world, refresh) = (&*world, &pair.refresh);
                threads.spawn(move || world.refresh(refresh))
            };
            let all: Vec<_> = (0..8).map(exchange).collect();
            all.into_iter().filter_map(|thread| thread.join().expect("no panic").ok()).collect()
        });
        assert_eq!(served.len(), 1);
        assert!(!world.opens_api(&served[0].access.secret) && is_refused(world.refresh(&served[0].refresh)));
    });
}

#[test]
fn a_pair_belongs_to_its_client() {
    everywhere(|world| {
        let pair = world.pair(CLEO, CLEO_PASSWORD);
        let other = world.new_client("shop");
        let exchange = |id: &str, secret: &str| {
            world.service.refresh(&pair.refresh, &ClientSecret { id, secret }, &visitor(1))
        };
        assert!(is_refused(exchange("shop", &other)));
        for (id, secret) in
            [(CLIENT, other.as_str()), ("nobody", &world.client_secret), (CLIENT, ""), ("", "")]
        {
            let refused = exchange(id, secret).expect_err("no client");
            assert!(matches!(refused, ServiceError::BadClient), "{id}");
        }
        assert_eq!(world.count("sign_in.failed", &["client", "10.0.0.1"]), 4);
        // The right password does not help somebody who is no client; the pair is untouched by all of it.
        let credentials = BasicCredentials::new(CLEO, CLEO_PASSWORD).expect("credentials");
        let knock = world.service.knock(credentials, None, Application::Api, &visitor(1), Way::OAuth);
        let client = ClientSecret { id: CLIENT, secret: &other };
        let refused = world.service.open_for_client(knock.expect("let try"), &client, &visitor(1));
        assert!(matches!(refused, Err(ServiceError::BadClient)));
        assert!(world.refresh(&pair.refresh).is_ok());
    });
}

#[test]
fn a_client_that_is_removed_serves_nobody() {
    everywhere(|world| {
        let pair = world.pair(CLEO, CLEO_PASSWORD);
        assert!(world.opens_api(&pair.access.secret));
        world.op(Op::Client(ClientOp::Remove { client: CLIENT.into() }));
        assert!(!world.opens_api(&pair.access.secret));
        assert!(matches!(world.refresh(&pair.refresh), Err(ServiceError::BadClient)));
        let other = world.new_client("shop");
        let exchanged =
            world.service.refresh(&pair.refresh, &ClientSecret { id: "shop", secret: &other }, &visitor(1));
        assert!(is_refused(exchanged));
    });
}

#[test]
fn an_access_token_lasts_a_day_and_a_refresh_token_a_month() {
    everywhere(|world| {
        let pair = world.pair(CLEO, CLEO_PASSWORD);
        world.wait(DAY - 1);
        assert!(world.opens_api(&pair.access.secret), "its last second");
        world.wait(1);
        assert!(!world.opens_api(&pair.access.secret));
        world.wait(28 * DAY);
        let next = world.refresh(&pair.refresh).expect("exchanged");
        // The month begins anew, and what is long over is deleted.
        world.service.keep_house().expect("swept");
        world.wait(30 * DAY - 1);
        let last = world.refresh(&next.refresh).expect("exchanged");
        world.wait(30 * DAY);
        world.service.keep_house().expect("swept");
        assert!(is_refused(world.refresh(&last.refresh)));
    });
}

#[test]
fn a_refresh_token_opens_nothing_and_no_other_secret_refreshes() {
    everywhere(|world| {
        let pair = world.pair(CLEO, CLEO_PASSWORD);
        for application in Application::ALL {
            assert!(!world.opens(&pair.refresh, application));
        }
        let session = world.session(CLEO, CLEO_PASSWORD).secret;
        let stranger = Secret::generate(authn::SecretKind::Refresh, &store::SystemIds).expect("random");
        for secret in [&pair.access.secret, &session, &stranger] {
            assert!(is_refused(world.refresh(secret)));
        }
        assert!(world.refresh(&pair.refresh).is_ok());
    });
}

#[test]
fn who_may_not_enter_the_api_any_more_gets_no_next_pair() {
    everywhere(|world| {
        let pair = world.pair(CLEO, CLEO_PASSWORD);
        world.take(CLEO, "api_user");
        assert_eq!(world.refresh(&pair.refresh).expect_err("no access").fault(), Fault::Forbidden);
        world.give(CLEO, "api_user");
        assert!(world.refresh(&pair.refresh).is_ok(), "it was not used up");
    });
}

#[test]
fn who_guesses_client_secrets_is_braked_and_does_not_fill_the_audit() {
    everywhere(|world| {
        let credentials = || BasicCredentials::new(CLEO, CLEO_PASSWORD).expect("credentials");
        let knock =
            |last| world.service.knock(credentials(), None, Application::Api, &visitor(last), Way::OAuth);
        let client = ClientSecret { id: CLIENT, secret: "a guess" };
        for _ in 0..5 {
            let refused = world.service.open_for_client(knock(9).expect("let try"), &client, &visitor(9));
            assert!(matches!(refused, Err(ServiceError::BadClient)));
        }
        assert_eq!(knock(9).expect_err("too many").fault(), Fault::TooMany { retry_after_s: 2 });
        assert_eq!(world.count("sign_in.failed", &["client", "10.0.0.9"]), 5);
        assert_eq!(world.count("sign_in.locked", &["10.0.0.9", "\"pause_s\":\"2\""]), 1);
        // Nobody else waits for it, and it is over soon.
        let pair = world.service.open_for_client(knock(1).expect("let try"), &world.client(), &visitor(1));
        world.keep_pair(pair.expect("a pair"));
        world.wait(2);
        let pair = world.service.open_for_client(knock(9).expect("let try"), &world.client(), &visitor(9));
        world.keep_pair(pair.expect("a pair"));
    });
}
