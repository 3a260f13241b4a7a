//! Out means out: what each way ends, and what it leaves.

use crate::common::*;
use access::Application;
use service::ops::{ClientOp, Op, UserOp};
use service::{Fault, Out, Reset, ResetBy, Way};

/// What ends a user.
type WayOut<'a> = &'a dyn Fn(&World);

const ALL: [bool; 5] = [true; 5];
const NONE: [bool; 5] = [false; 5];

#[test]
fn every_way_out_ends_all_five_kinds() {
    let user = || CLEO.to_owned();
    let ways: [(&str, WayOut<'_>); 6] = [
        ("disable", &|world| world.user_op(UserOp::Disable { user: user() })),
        ("remove", &|world| world.user_op(UserOp::Remove { user: user() })),
        ("password", &|world| {
            world.user_op(UserOp::Password { user: user(), password: Some("two old boats".into()) });
        }),
        ("link", &|world| {
            let done = world.service.reset_password(&world.ann(), world.id(CLEO), ResetBy::Link, origin());
            assert!(matches!(done, Ok(Reset::Link(..))));
        }),
        ("generated", &|world| {
            let done =
                world.service.reset_password(&world.ann(), world.id(CLEO), ResetBy::Generated, origin());
            assert!(matches!(done, Ok(Reset::Generated(_))));
        }),
        ("single sign-on", &|world| {
            world.user_op(UserOp::SignIn { user: user(), sso: Some("okta".into()) });
        }),
    ];
    for (name, way) in ways {
        everywhere(|world| {
            let mut kinds = Kinds::new(world, CLEO, CLEO_PASSWORD);
            assert_eq!(kinds.alive(world), ALL, "before {name}");
            way(world);
            assert_eq!(kinds.alive(world), NONE, "after {name}: {KINDS:?}");
        });
    }
}

#[test]
fn signing_out_everywhere_leaves_the_password() {
    everywhere(|world| {
        let mut kinds = Kinds::new(world, CLEO, CLEO_PASSWORD);
        let before = world.principal(CLEO, CLEO_PASSWORD, Application::Api);
        world.user_op(UserOp::SignOut { user: CLEO.into() });
        assert!(world.service.orders(&before, Some(1), None).is_err(), "who was let in before is out");
        // The password is shown anew, and that is a sign-in.
        assert_eq!(kinds.alive(world), [false, true, false, false, false], "{KINDS:?}");
    });
}

#[test]
fn enabling_gives_access_back_and_no_session_or_token() {
    everywhere(|world| {
        let mut kinds = Kinds::new(world, CLEO, CLEO_PASSWORD);
        world.user_op(UserOp::Disable { user: CLEO.into() });
        assert_eq!(kinds.alive(world), NONE);
        world.user_op(UserOp::Enable { user: CLEO.into() });
        assert_eq!(kinds.alive(world), [false, true, false, false, false], "{KINDS:?}");
        let mut again = Kinds::new(world, CLEO, CLEO_PASSWORD);
        assert_eq!(again.alive(world), ALL);
    });
}

#[test]
fn who_is_disabled_before_sign_in_ends_gets_nothing_of_it() {
    everywhere(|world| {
        let omc = world.principal(CLEO, CLEO_PASSWORD, Application::Omc);
        let api = world.principal(CLEO, CLEO_PASSWORD, Application::Api);
        world.user_op(UserOp::Disable { user: CLEO.into() });
        world.user_op(UserOp::Enable { user: CLEO.into() });
        for refused in [
            world.service.begin_session(&omc, &visitor(1)).err(),
            world.service.begin_access(&api, &visitor(1)).err(),
        ] {
            assert_eq!(refused.expect("refused").fault(), Fault::Unauthenticated);
        }
    });
}

#[test]
fn each_token_is_ended_by_itself() {
    everywhere(|world| {
        for (at, name) in KINDS.iter().enumerate().filter(|(_, name)| **name != "basic") {
            let mut kinds = Kinds::new(world, CLEO, CLEO_PASSWORD);
            let ids =
                [kinds.session.id, kinds.session.id, kinds.access.id, kinds.pair.access.id, kinds.long.id];
            let out = Out::Tokens(vec![ids[at]]);
            world.service.put_out(&world.ann(), origin(), world.id(CLEO), out).expect("ended");
            let mut left = ALL;
            left[at] = false;
            assert_eq!(kinds.alive(world), left, "{name}");
        }
    });
}

#[test]
fn a_client_that_is_removed_takes_its_tokens_with_it() {
    everywhere(|world| {
        let mut kinds = Kinds::new(world, CLEO, CLEO_PASSWORD);
        world.op(Op::Client(ClientOp::Remove { client: CLIENT.into() }));
        assert!(!world.opens_api(&kinds.pair.access.secret));
        assert_eq!(kinds.alive(world), [true, true, true, false, true], "{KINDS:?}");
    });
}

#[test]
fn ones_own_new_password_ends_everything_else_and_begins_a_session() {
    const NEXT: &str = "five brass keys";
    everywhere(|world| {
        let mut kinds = Kinds::new(world, CLEO, CLEO_PASSWORD);
        let who = world.use_token(&kinds.session.secret, Application::Omc).expect("it opens");
        world.keep(NEXT);
        let change =
            |present: &str, new: &str| world.service.change_own_password(&who, present, new, &visitor(1));
        for (present, new) in [
            ("wrong", NEXT),
            (CLEO_PASSWORD, CLEO_PASSWORD),
            (CLEO_PASSWORD, "short"),
            (CLEO_PASSWORD, "password"),
        ] {
            assert_eq!(change(present, new).expect_err("refused").fault(), Fault::Invalid, "{new}");
        }
        assert_eq!(kinds.alive(world), ALL, "nothing has changed");
        assert_eq!(world.count("password.change_failed", &[CLEO, "10.0.0.1", "Probe/1"]), 1);
        let next = world.kept(change(CLEO_PASSWORD, NEXT).expect("changed").secret);
        assert_eq!(kinds.alive(world), NONE, "{KINDS:?}");
        assert!(world.opens_page(&next));
        world.session(CLEO, NEXT);
        let old = world.try_password(CLEO, CLEO_PASSWORD, Application::Omc, &visitor(1), Way::Form);
        assert_eq!(old.expect_err("the old one").fault(), Fault::Unauthenticated);
    });
}

#[test]
fn another_process_of_the_same_database_holds_to_it_at_once() {
    everywhere(|world| {
        if !matches!(world.place, Place::Postgres { .. }) {
            return;
        }
        let other = world.neighbour();
        let mut kinds = Kinds::new(world, CLEO, CLEO_PASSWORD);
        assert_eq!(kinds.alive(world), ALL);
        let out = Out::Disable;
        other.put_out(&world.operator(), origin(), world.id(CLEO), out).expect("disabled");
        assert_eq!(kinds.alive(world), NONE);
    });
}
