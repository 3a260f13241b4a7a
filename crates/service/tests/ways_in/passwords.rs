//! Passwords: who guesses is braked, nobody learns who exists, and hashes grow with their parameters.

use crate::common::*;
use access::Application;
use authn::{Parameters, SessionLimits};
use service::ops::{Op, UserOp};
use service::{Fault, ServiceError, Visitor, Way};

fn try_form(world: &World, login: &str, password: &str, visitor: &Visitor) -> Result<(), ServiceError> {
    world.try_password(login, password, Application::Omc, visitor, Way::Form).map(drop)
}

/// Wrong passwords, each another one.
fn fail(world: &World, login: &str, times: u32, visitor: &Visitor) {
    for number in 0..times {
        let refused = try_form(world, login, &format!("wrong number {number}"), visitor).expect_err("wrong");
        assert_eq!(refused.fault(), Fault::Unauthenticated, "{login} {number}");
    }
}

#[test]
fn after_five_wrong_passwords_an_address_waits_and_no_other_does() {
    everywhere(|world| {
        for login in [CLEO, "nobody@acme.example", "nowhere/cleo@acme.example", SAM] {
            let (guesser, home) = (visitor(66), visitor(1));
            fail(world, login, 5, &guesser);
            for password in ["wrong again", CLEO_PASSWORD] {
                let refused = try_form(world, login, password, &guesser).expect_err("too many");
                assert_eq!(refused.fault(), Fault::TooMany { retry_after_s: 2 }, "{login}: {refused}");
            }
            if login == CLEO {
                try_form(world, login, CLEO_PASSWORD, &home).expect("at home nothing is braked");
            }
            // The pause is over, one more fails, and it doubles.
            world.wait(2);
            fail(world, login, 1, &guesser);
            let refused = try_form(world, login, "wrong again", &guesser).expect_err("too many");
            assert_eq!(refused.fault(), Fault::TooMany { retry_after_s: 4 }, "{login}");
        }
        assert_eq!(world.count("sign_in.locked", &[CLEO, "10.0.0.66"]), 2);
        world.wait(900);
        try_form(world, CLEO, CLEO_PASSWORD, &visitor(66)).expect("nobody is locked out for good");
    });
}

#[test]
fn a_success_forgets_what_failed_before() {
    everywhere(|world| {
        let here = visitor(7);
        for _ in 0..3 {
            fail(world, CLEO, 4, &here);
            try_form(world, CLEO, CLEO_PASSWORD, &here).expect("signed in");
        }
    });
}

#[test]
fn wrong_present_passwords_are_counted_too() {
    everywhere(|world| {
        let who = world.principal(CLEO, CLEO_PASSWORD, Application::Omc);
        let change = |n: u32| {
            world.service.change_own_password(
                &who,
                &format!("wrong number {n}"),
                "five brass keys",
                &visitor(9),
            )
        };
        for number in 0..5 {
            assert!(matches!(change(number), Err(ServiceError::WrongPassword)));
        }
        assert_eq!(change(5).expect_err("too many").fault(), Fault::TooMany { retry_after_s: 2 });
        assert_eq!(world.count("password.change_failed", &[CLEO, "10.0.0.9"]), 5);
    });
}

#[test]
fn nobody_learns_who_exists_is_disabled_or_signs_in_elsewhere() {
    everywhere(|world| {
        for login in ["disabled@acme.example", "removed@acme.example"] {
            world.create(login, None, Some(CLEO_PASSWORD));
        }
        world.user_op(UserOp::Disable { user: "disabled@acme.example".into() });
        world.user_op(UserOp::Remove { user: "removed@acme.example".into() });
        let mut answers = Vec::new();
        let who = [
            (CLEO, "wrong password"),
            ("nobody@acme.example", CLEO_PASSWORD),
            ("nowhere/cleo@acme.example", CLEO_PASSWORD),
            ("disabled@acme.example", CLEO_PASSWORD),
            ("removed@acme.example", CLEO_PASSWORD),
            (SAM, CLEO_PASSWORD),
            (NEW, CLEO_PASSWORD),
        ];
        for (at, (login, password)) in who.into_iter().enumerate() {
            for way in [Way::Basic, Way::Form, Way::OAuth, Way::Login] {
                let last = u8::try_from(at).expect("few") + 20;
                let application = if way == Way::Form { Application::Omc } else { Application::Api };
                let refused = world.try_password(login, password, application, &visitor(last), way);
                let refused = refused.expect_err(login);
                answers.push(format!("{refused:?} {refused} {:?}", refused.fault()));
            }
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{answers:?}");
    });
}

#[test]
fn a_hash_is_made_anew_when_parameters_rise() {
    everywhere(|world| {
        if !world.place.lasts() {
            return;
        }
        world.session(CLEO, CLEO_PASSWORD);
        let dearer = Parameters::new(Parameters::MEMORY_KIB_MIN, 3, 1).expect("parameters");
        world.restart(dearer, SessionLimits::default());
        let hashes = |world: &World| {
            let id = world.id(CLEO);
            let number = access::Number::number(id);
            let sql = format!("SELECT password_hash FROM user_password WHERE user_no = {number}");
            world.place.texts(&sql)
        };
        let old = hashes(world);
        assert!(old[0].starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{old:?}");
        let refused = try_form(world, CLEO, "wrong password", &visitor(1));
        assert!(refused.is_err() && hashes(world) == old, "a wrong password is not hashed anew");
        let session = world.session(CLEO, CLEO_PASSWORD).secret;
        let new = hashes(world);
        assert!(new[0].starts_with("$argon2id$v=19$m=19456,t=3,p=1$"), "{new:?}");
        assert!(world.opens_page(&session), "nobody is signed out for it");
        world.session(CLEO, CLEO_PASSWORD);
        assert_eq!(hashes(world), new, "once");
    });
}

#[test]
fn a_user_of_listed_addresses_comes_in_from_them_alone() {
    everywhere(|world| {
        let ranges = vec!["10.0.0.1/32".into()];
        let mut kinds = Kinds::new(world, CLEO, CLEO_PASSWORD);
        world.op(Op::User(UserOp::Addresses { user: CLEO.into(), ranges }));
        assert_eq!(kinds.alive(world), [true; 5], "{KINDS:?}");
        for secret in [&kinds.access.secret, &kinds.pair.access.secret, &kinds.long.secret] {
            let there = world.service.recall_token(secret, Application::Api, &visitor(2));
            assert!(there.is_none());
            let there = world.service.sign_in_token(secret, Application::Api, &visitor(2));
            assert_eq!(there.expect_err("elsewhere").fault(), Fault::Forbidden);
        }
        let basic = world.try_password(CLEO, CLEO_PASSWORD, Application::Api, &visitor(2), Way::Basic);
        assert_eq!(basic.expect_err("elsewhere").fault(), Fault::Unauthenticated, "as a wrong password");
        let refreshed = world.service.refresh(&kinds.pair.refresh, &world.client(), &visitor(2));
        assert_eq!(refreshed.expect_err("elsewhere").fault(), Fault::Forbidden);
        let page = world.service.sign_in_token(&kinds.session.secret, Application::Omc, &visitor(2));
        assert!(page.is_ok(), "pages are open from everywhere");
        assert_eq!(world.count("sign_in.failed", &[CLEO, "address", "10.0.0.2"]), 1);
    });
}
