//! Long-duration tokens: who may have one, and what it opens.

use crate::common::*;
use access::{Application, Instant};
use authn::Principal;
use service::{Fault, LongTokenWish, Service, ServiceError};
use store::TokenKind;

fn make(world: &World, who: &Principal, label: &str) -> Result<service::Issued, ServiceError> {
    let wish = LongTokenWish { label: label.into(), expires_at: None };
    let made = world.service.make_long_token(who, &wish, &visitor(1));
    made.inspect(|issued| world.keep(issued.secret.reveal()))
}

#[test]
fn it_needs_the_omc_and_the_api_when_it_is_made() {
    everywhere(|world| {
        for role in ["customer_service", "api_user"] {
            let other = if role == "api_user" { Application::Omc } else { Application::Api };
            world.take(CLEO, role);
            let who = world.principal(CLEO, CLEO_PASSWORD, other);
            assert_eq!(make(world, &who, "till").expect_err("one is missing").fault(), Fault::Forbidden);
            world.give(CLEO, role);
        }
        let who = world.principal(CLEO, CLEO_PASSWORD, Application::Omc);
        let made = make(world, &who, "till").expect("both are there").secret;
        assert!(made.reveal().starts_with("kw_") && world.opens_api(&made) && !world.opens_page(&made));
        let operator = make(world, &world.operator(), "till").expect_err("no user");
        assert_eq!(operator.fault(), Fault::Forbidden);
    });
}

#[test]
fn it_needs_both_at_every_use() {
    everywhere(|world| {
        let long = world.long_token(CLEO, CLEO_PASSWORD, "till").expect("a token").secret;
        for role in ["customer_service", "api_user"] {
            assert!(world.opens_api(&long));
            world.take(CLEO, role);
            assert!(!world.opens_api(&long), "without {role}");
            world.give(CLEO, role);
        }
        assert!(world.opens_api(&long));
    });
}

#[test]
fn there_are_ten_at_most_however_many_ask_at_once() {
    everywhere(|world| {
        let who = world.principal(CLEO, CLEO_PASSWORD, Application::Omc);
        let made: usize = std::thread::scope(|threads| {
            let ask = |number| {
                let (world, who) = (&*world, &who);
                threads.spawn(move || {
                    let tries = (0..3).filter(|n| match make(world, who, &format!("{number} {n}")) {
                        Ok(_) => true,
                        Err(ServiceError::TooManyTokens { most }) => {
                            assert_eq!(most, Service::LONG_TOKENS_MAX);
                            false
                        }
                        Err(other) => unreachable!("{other:?}"),
                    });
                    tries.count()
                })
            };
            let all: Vec<_> = (0..8).map(ask).collect();
            all.into_iter().map(|thread| thread.join().expect("no panic")).sum()
        });
        assert_eq!(made, 10);
        let tokens = world.service.own(&who).expect("a view").tokens;
        assert_eq!(tokens.len(), 10);
        world.service.end_tokens(&who, world.id(CLEO), &[tokens[0].id], origin()).expect("ended");
        make(world, &who, "in its place").expect("room for one");
        assert_eq!(make(world, &who, "one more").expect_err("none").fault(), Fault::Conflict);
    });
}

#[test]
fn labels_and_ends_have_bounds() {
    everywhere(|world| {
        let who = world.principal(CLEO, CLEO_PASSWORD, Application::Omc);
        let most = "é".repeat(Service::LABEL_CHARS_MAX);
        for bad in ["", "   ", "a\nb", "a\u{7f}", &format!("{most}x")] {
            assert_eq!(make(world, &who, bad).expect_err("a bad label").fault(), Fault::Invalid, "{bad}");
        }
        make(world, &who, &most).expect("the longest");
        make(world, &who, " till ").expect("trimmed");
        let wish = |s| {
            let expires_at = Some(Instant(world.now().0 + s * 1_000_000));
            LongTokenWish { label: "short".into(), expires_at }
        };
        for past in [-1, 0] {
            let refused = world.service.make_long_token(&who, &wish(past), &visitor(1));
            assert_eq!(refused.expect_err("past").fault(), Fault::Invalid);
        }
        let short = world.service.make_long_token(&who, &wish(DAY), &visitor(1)).expect("a token");
        world.keep(short.secret.reveal());
        let mut labels: Vec<_> =
            world.service.own(&who).expect("a view").tokens.into_iter().map(|token| token.label).collect();
        labels.sort();
        assert_eq!(labels, ["short", "till", &most]);
        world.wait(DAY - 1);
        assert!(world.opens_api(&short.secret));
        world.wait(1);
        assert!(!world.opens_api(&short.secret));
    });
}

#[test]
fn its_first_use_is_told_once_and_its_last_one_is_shown() {
    everywhere(|world| {
        let long = world.long_token(CLEO, CLEO_PASSWORD, "till").expect("a token");
        let who = world.principal(CLEO, CLEO_PASSWORD, Application::Omc);
        let seen = || {
            let tokens = world.service.own(&who).expect("a view").tokens;
            tokens.into_iter().find(|token| token.kind == TokenKind::LongDuration).expect("it").seen_at
        };
        let first = || world.count("token.first_used", &[&long.id.to_string(), CLEO, "10.0.0.1", "Probe/1"]);
        assert_eq!((seen(), first()), (None, 0));
        world.wait(DAY);
        let used_at = world.now();
        assert!(world.opens_api(&long.secret) && world.opens_api(&long.secret));
        assert_eq!((seen(), first()), (Some(used_at), 1));
        world.wait(5 * MINUTE);
        assert!(world.opens_api(&long.secret));
        world.service.keep_house().expect("noted");
        assert_eq!((seen(), first()), (Some(world.now()), 1));
    });
}

#[test]
fn a_use_that_is_refused_is_not_the_first() {
    everywhere(|world| {
        let long = world.long_token(CLEO, CLEO_PASSWORD, "till").expect("a token").secret;
        world.take(CLEO, "customer_service");
        assert!(!world.opens_api(&long));
        assert_eq!(world.count("token.first_used", &[]), 0);
        world.give(CLEO, "customer_service");
        assert!(world.opens_api(&long));
        assert_eq!(world.count("token.first_used", &[]), 1, "the first that was let in");
    });
}

#[test]
fn it_makes_no_other_token() {
    everywhere(|world| {
        let long = world.long_token(CLEO, CLEO_PASSWORD, "till").expect("a token").secret;
        let who = world.use_token(&long, Application::Api).expect("it opens");
        assert_eq!(who.token_kind(), Some(TokenKind::LongDuration));
        assert_eq!(make(world, &who, "child").expect_err("none").fault(), Fault::Forbidden);
    });
}
