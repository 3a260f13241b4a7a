//! Back-channel logout: which sessions it ends, and what a stranger can do with it.

use crate::common::*;
use crate::idp::{Idp, account, finish};
use serde_json::json;
use service::ops::{Op, UserOp};
use service::{Fault, ServiceError};
use std::sync::{Arc, Mutex};

fn logout(world: &World, idp: &Idp, token: &str, last: u8) -> Result<usize, ServiceError> {
    world.service.provider_logout(account(world), idp.r#ref, token, &visitor(last))
}

#[test]
fn a_logout_of_a_session_ends_those_that_do_not_say_of_which_they_are() {
    everywhere(|world| {
        let idp = Idp::start(world, "okta");
        let [of_it, of_another, unsaid] =
            [Some("sid-1"), Some("sid-2"), None].map(|sid| idp.enter(world, sid, &visitor(1)).expect("in"));
        let token = idp.logout(world, "one", &json!({ "sub": "subject-1", "sid": "sid-1" }));
        assert_eq!(logout(world, &idp, &token, 5).expect("ended"), 2);
        let opens = [&of_it, &of_another, &unsaid].map(|entered| world.opens_page(&entered.session.secret));
        assert_eq!(opens, [false, true, false]);
        assert!(matches!(logout(world, &idp, &token, 5), Err(ServiceError::Invalid(_))), "good once");
    });
}

#[test]
fn a_logout_that_comes_while_the_session_is_made_ends_it() {
    for named in [
        json!({ "sub": "subject-1" }),
        json!({ "sid": "sid-1" }),
        json!({ "sub": "subject-1", "sid": "sid-1" }),
    ] {
        everywhere(|world| {
            let idp = Idp::start(world, "okta");
            // Its keys are known, so that the logout needs nothing of it.
            idp.enter(world, Some("sid-0"), &visitor(1)).expect("in");
            let (begun, query) = idp.begin(world, &visitor(1)).expect("begun");
            idp.vouch(world, &begun, Some("sid-1"));
            let token = idp.logout(world, "one", &named);
            let (service, account, heard) =
                (world.service.clone(), account(world), Arc::new(Mutex::new(None)));
            let told = heard.clone();
            idp.on_request(move |path| {
                if path == "/token" {
                    let ended = service.provider_logout(account, "okta", &token, &visitor(5));
                    *told.lock().expect("whole") = Some(ended.expect("heard"));
                }
            });
            let refused = finish(world, &begun, &query, &visitor(1)).expect_err("signed out");
            assert!(matches!(refused, ServiceError::Sso(oidc::SsoError::WrongState)), "{refused:?}");
            let tokens = world.op(Op::User(UserOp::Tokens { user: SAM.into() })).json;
            let sessions = tokens["items"].as_array().expect("a list").len();
            // A logout that names the subject alone ends the one before too.
            let before = usize::from(named.get("sid").is_some());
            assert_eq!(sessions, before, "the new session is gone: {tokens}");
            assert_eq!(*heard.lock().expect("whole"), Some(1 - before));
            assert_eq!(world.count("sign_in.ended_by_provider", &[SAM]), 2 - before);
            // The next one is not meant by it.
            idp.on_request(|_| ());
            let next = idp.enter(world, Some("sid-1"), &visitor(1)).expect("in");
            assert!(world.opens_page(&next.session.secret));
        });
    }
}

#[test]
fn a_logout_token_that_is_none_fills_nothing_and_a_signed_one_is_heard_all_the_same() {
    everywhere(|world| {
        let idp = Idp::start(world, "okta");
        let entered = idp.enter(world, None, &visitor(1)).expect("in");
        let too_many = |answer: Result<usize, ServiceError>| {
            matches!(answer.expect_err("refused").fault(), Fault::TooMany { retry_after_s: 1.. })
        };
        let before = world.told("sign_in").len();
        let refused = (0..50).filter(|_| too_many(logout(world, &idp, "x.y.z", 9))).count();
        assert_eq!((refused, world.told("sign_in").len()), (0, before), "it goes to the log");
        let forged = |n: usize| idp.forged_logout(world, &n.to_string(), &json!({ "sub": "subject-1" }));
        let refused = (0..80).filter(|n| too_many(logout(world, &idp, &forged(*n), 9))).count();
        assert_eq!(refused, 30);
        assert_eq!(world.count("sign_in.failed", &["10.0.0.9"]), 50);
        assert!(world.opens_page(&entered.session.secret));
        assert!(idp.asked("/jwks") <= 3, "nobody has its keys fetched all the time");
        // What its provider signed is heard, wherever it comes from.
        let token = idp.logout(world, "right", &json!({ "sub": "subject-1" }));
        assert_eq!(logout(world, &idp, &token, 9).expect("ended"), 1);
        assert!(!world.opens_page(&entered.session.secret));
    });
}
