//! Sessions: how long they last, what they open, and how they end one by one.

use crate::common::*;
use access::Application;
use authn::{Parameters, SessionLimits};
use service::Fault;

#[test]
fn a_session_ends_when_it_is_idle_for_half_an_hour() {
    everywhere(|world| {
        let session = world.session(CLEO, CLEO_PASSWORD).secret;
        for _ in 0..4 {
            world.wait(29 * MINUTE);
            assert!(world.opens_page(&session), "it was used in between");
        }
        world.wait(30 * MINUTE);
        assert!(!world.opens_page(&session));
        assert!(!world.opens_page(&session), "a refused use is no use");
    });
}

#[test]
fn a_session_ends_after_twelve_hours_however_much_it_is_used() {
    everywhere(|world| {
        let session = world.session(CLEO, CLEO_PASSWORD);
        assert_eq!(session.expires_at.0 - world.now().0, 12 * HOUR * 1_000_000);
        for _ in 0..12 * 3 - 1 {
            world.wait(20 * MINUTE);
            assert!(world.opens_page(&session.secret));
        }
        world.wait(20 * MINUTE - 1);
        assert!(world.opens_page(&session.secret), "its last second");
        world.wait(1);
        assert!(!world.opens_page(&session.secret));
    });
}

#[test]
fn the_limits_are_those_of_the_operator() {
    everywhere(|world| {
        if !world.place.lasts() {
            return;
        }
        world.restart(Parameters::default(), SessionLimits::new(60, 120).expect("limits"));
        let session = world.session(CLEO, CLEO_PASSWORD).secret;
        world.wait(59);
        assert!(world.opens_page(&session));
        world.wait(59);
        assert!(world.opens_page(&session));
        world.wait(2);
        assert!(!world.opens_page(&session), "two minutes in all");
    });
}

#[test]
fn a_restart_keeps_sessions_with_the_uses_that_were_noted() {
    everywhere(|world| {
        if !world.place.lasts() {
            return;
        }
        let [noted, lost] = [(); 2].map(|()| world.session(CLEO, CLEO_PASSWORD).secret);
        world.wait(25 * MINUTE);
        assert!(world.opens_page(&noted));
        world.service.keep_house().expect("noted");
        assert!(world.opens_page(&lost));
        world.wait(10 * MINUTE);
        world.restart(Parameters::default(), SessionLimits::default());
        assert!(world.opens_page(&noted), "used ten minutes ago");
        assert!(!world.opens_page(&lost), "used half an hour ago, as far as anybody wrote down");
        let who = world.use_token(&noted, Application::Omc).expect("it opens");
        let own = world.service.own(&who).expect("a view");
        let seen = own.tokens.iter().filter_map(|token| token.seen_at).collect::<Vec<_>>();
        assert_eq!(seen, [access::Instant(world.now().0 - 10 * MINUTE * 1_000_000)]);
    });
}

#[test]
fn a_session_opens_the_application_that_it_was_made_for_and_no_other() {
    everywhere(|world| {
        world.give(CLEO, "STORE");
        let session = world.session(CLEO, CLEO_PASSWORD).secret;
        let store = world.principal(CLEO, CLEO_PASSWORD, Application::StoreApp);
        let store = world.service.begin_session(&store, &visitor(1)).expect("a session").secret;
        let access = world.access(CLEO, CLEO_PASSWORD).secret;
        for (secret, own) in
            [(&session, Application::Omc), (&store, Application::StoreApp), (&access, Application::Api)]
        {
            for application in Application::ALL {
                assert_eq!(world.opens(secret, application), application == own, "{own:?} {application:?}");
            }
        }
    });
}

#[test]
fn signing_out_ends_this_session_alone() {
    everywhere(|world| {
        let [one, other] = [(); 2].map(|()| world.session(CLEO, CLEO_PASSWORD).secret);
        let who = world.use_token(&one, Application::Omc).expect("it opens");
        world.service.sign_out(&who, &visitor(1)).expect("signed out");
        assert!(!world.opens_page(&one) && world.opens_page(&other));
        // Who was let in a moment before is stopped at the next call.
        let late = world.service.orders(&who, Some(1), None).expect_err("out");
        assert_eq!(late.fault(), Fault::Unauthenticated);
        let again = world.service.sign_out(&who, &visitor(1)).expect_err("out");
        assert_eq!(again.fault(), Fault::Unauthenticated);
        let password = world.principal(CLEO, CLEO_PASSWORD, Application::Api);
        let none = world.service.sign_out(&password, &visitor(1)).expect_err("no session");
        assert_eq!(none.fault(), Fault::Invalid);
    });
}

#[test]
fn one_ends_ones_own_sessions_and_administrators_those_of_others() {
    everywhere(|world| {
        let [first, second, third] = [(); 3].map(|()| world.session(CLEO, CLEO_PASSWORD));
        let cleo = world.use_token(&first.secret, Application::Omc).expect("it opens");
        let (ann, cleo_id, ann_id) = (world.ann(), world.id(CLEO), world.id(ANN));
        let service = &world.service;
        service.end_tokens(&cleo, cleo_id, &[second.id], origin()).expect("ended");
        assert!(!world.opens_page(&second.secret) && world.opens_page(&first.secret));
        let gone = service.end_tokens(&cleo, cleo_id, &[second.id], origin()).expect_err("gone");
        assert_eq!(gone.fault(), Fault::NotFound);
        // Of somebody whom one does not know; and one's own under another's name.
        let annes = world.session(ANN, ANN_PASSWORD);
        for (user, token) in [(ann_id, annes.id), (ann_id, first.id), (cleo_id, annes.id)] {
            let refused = service.end_tokens(&cleo, user, &[token], origin()).expect_err("not theirs");
            assert_eq!(refused.fault(), Fault::NotFound, "{refused}");
        }
        assert_eq!(service.tokens_of(&cleo, ann_id).expect_err("not theirs").fault(), Fault::NotFound);
        assert!(world.opens_page(&annes.secret) && world.opens_page(&first.secret));
        service.end_tokens(&ann, cleo_id, &[first.id, third.id], origin()).expect("ended");
        assert!(!world.opens_page(&first.secret) && !world.opens_page(&third.secret));
    });
}

#[test]
fn a_session_is_in_a_place_that_its_user_has_a_grant_for() {
    everywhere(|world| {
        let session = world.session(CLEO, CLEO_PASSWORD).secret;
        let who = world.use_token(&session, Application::Omc).expect("it opens");
        let state = world.service.inquire(&who).expect("current");
        let places = state.snapshot().places();
        let id = |key: &str| Some(places.find_retailer(key).expect("a retailer").id);
        let (north, south) = (id("north"), id("south"));
        let leeds = Some(places.find_location("leeds").expect("a location").id);
        let go = |retailer, location| world.service.move_session(&who, &session, retailer, location);
        assert_eq!(go(south, None).expect_err("no grant there").fault(), Fault::NotFound);
        assert_eq!(go(south, leeds).expect_err("of another site").fault(), Fault::Invalid);
        assert_eq!(go(None, leeds).expect_err("of no site").fault(), Fault::Invalid);
        go(north, leeds).expect("moved");
        let there = world.use_token(&session, Application::Omc).expect("it opens");
        assert_eq!((there.subject().active_retailer(), there.subject().active_location()), (north, leeds));
        let password = world.principal(CLEO, CLEO_PASSWORD, Application::Omc);
        let none = world.service.move_session(&password, &session, north, None).expect_err("no session");
        assert_eq!(none.fault(), Fault::Invalid);
        if world.place.lasts() {
            world.restart(Parameters::default(), SessionLimits::default());
            let there = world.use_token(&session, Application::Omc).expect("it opens");
            assert_eq!(
                (there.subject().active_retailer(), there.subject().active_location()),
                (north, leeds)
            );
        }
    });
}
