//! Links and generated passwords: how somebody gets a password that nobody else knows.

use crate::common::*;
use access::Application;
use authn::Secret;
use service::ops::UserOp;
use service::{Fault, Reset, ResetBy, Service, ServiceError, Way};
use store::LinkPurpose;

const CHOSEN: &str = "four warm stones";
const OTHER: &str = "three cold rivers";

fn link(world: &World, login: &str) -> Secret {
    let reset = world.service.reset_password(&world.operator(), world.id(login), ResetBy::Link, origin());
    let Reset::Link(secret, until) = reset.expect("a link") else { unreachable!("a link was asked for") };
    assert_eq!(until.0 - world.now().0, Service::LINK_S * 1_000_000);
    world.kept(secret)
}

fn set(world: &World, link: &Secret, password: &str) -> Result<(), ServiceError> {
    world.keep(password);
    world.service.use_link(link, password, &visitor(2))
}

fn is_bad(world: &World, link: &Secret) -> bool {
    let looked = world.service.look_at_link(link, &visitor(2));
    let used = set(world, link, OTHER);
    assert_eq!(looked.is_err(), used.is_err());
    used.is_err_and(|error| matches!(error, ServiceError::BadLink))
}

#[test]
fn a_link_lets_a_new_user_in_once() {
    everywhere(|world| {
        let link = link(world, NEW);
        let seen = world.service.look_at_link(&link, &visitor(2)).expect("good");
        assert_eq!((seen.login.as_str(), seen.purpose), (NEW, LinkPurpose::Invitation));
        world.service.look_at_link(&link, &visitor(2)).expect("looking does not use it up");
        for bad in ["short", "password", "12345678"] {
            let refused = world.service.use_link(&link, bad, &visitor(2)).expect_err("no password");
            assert!(matches!(refused, ServiceError::BadPassword(_)), "{bad}: {refused:?}");
        }
        set(world, &link, CHOSEN).expect("set");
        let session = world.session(NEW, CHOSEN).secret;
        assert!(is_bad(world, &link), "once");
        assert!(world.opens_page(&session), "a used link changes nothing");
        let wrong = world.try_password(NEW, OTHER, Application::Omc, &visitor(3), Way::Form);
        assert_eq!(wrong.expect_err("not set").fault(), Fault::Unauthenticated);
    });
}

#[test]
fn of_many_who_use_a_link_at_once_one_sets_the_password() {
    everywhere(|world| {
        let link = link(world, NEW);
        let set = std::thread::scope(|threads| {
            let used = |n: u32| {
                let (world, link) = (&*world, &link);
                threads.spawn(move || {
                    let done = set(world, link, &format!("stone number {n}"));
                    assert!(matches!(done, Ok(()) | Err(ServiceError::BadLink)), "{done:?}");
                    done.is_ok().then_some(n)
                })
            };
            let all: Vec<_> = (0..8).map(used).collect();
            all.into_iter().filter_map(|thread| thread.join().expect("no panic")).collect::<Vec<_>>()
        });
        assert_eq!(set.len(), 1);
        world.session(NEW, &format!("stone number {}", set[0]));
    });
}

#[test]
fn a_link_ends_by_itself_by_a_later_one_and_with_its_user() {
    everywhere(|world| {
        let late = link(world, NEW);
        world.wait(Service::LINK_S - 1);
        world.service.look_at_link(&late, &visitor(2)).expect("its last second");
        world.wait(1);
        assert!(is_bad(world, &late));
        let [first, second] = [(); 2].map(|()| link(world, NEW));
        assert!(is_bad(world, &first), "a later one ends it");
        world.user_op(UserOp::Disable { user: NEW.into() });
        assert!(is_bad(world, &second), "of a disabled user");
        world.user_op(UserOp::Enable { user: NEW.into() });
        assert!(is_bad(world, &second), "enabled again");
        let third = link(world, NEW);
        world.user_op(UserOp::SignIn { user: NEW.into(), sso: Some("okta".into()) });
        assert!(is_bad(world, &third), "by single sign-on now");
        world.user_op(UserOp::SignIn { user: NEW.into(), sso: None });
        assert!(is_bad(world, &third));
        let fourth = link(world, NEW);
        world.user_op(UserOp::SignOut { user: NEW.into() });
        assert!(is_bad(world, &fourth), "signed out everywhere");
        let fifth = link(world, NEW);
        world.user_op(UserOp::Remove { user: NEW.into() });
        assert!(is_bad(world, &fifth));
    });
}

#[test]
fn who_signs_in_by_single_sign_on_gets_no_link_and_no_password() {
    everywhere(|world| {
        for by in [ResetBy::Link, ResetBy::Generated] {
            let refused = world.service.reset_password(&world.ann(), world.id(SAM), by, origin());
            assert_eq!(refused.expect_err("single sign-on").fault(), Fault::Conflict);
        }
    });
}

#[test]
fn no_other_secret_is_a_link_and_a_link_is_no_other_secret() {
    everywhere(|world| {
        let session = world.session(CLEO, CLEO_PASSWORD).secret;
        assert!(is_bad(world, &session));
        let stranger = Secret::generate(authn::SecretKind::Link, &store::SystemIds).expect("random");
        assert!(is_bad(world, &stranger));
        let link = link(world, NEW);
        for application in Application::ALL {
            assert!(!world.opens(&link, application));
        }
        world.service.look_at_link(&link, &visitor(2)).expect("still good");
    });
}

#[test]
fn nobody_resets_their_own_password_or_that_of_somebody_above_them() {
    everywhere(|world| {
        let (ann, cleo) = (world.ann(), world.principal(CLEO, CLEO_PASSWORD, Application::Omc));
        for by in [ResetBy::Link, ResetBy::Generated] {
            let reset = |who, user| world.service.reset_password(who, world.id(user), by, origin());
            assert!(matches!(reset(&ann, ANN).expect_err("oneself"), ServiceError::Refused(_)));
            let refused = reset(&cleo, ANN).expect_err("no right").fault();
            assert!(matches!(refused, Fault::Forbidden | Fault::NotFound), "{refused:?}");
        }
        world.session(ANN, ANN_PASSWORD);
    });
}

#[test]
fn a_generated_password_reaches_nothing_but_its_own_change() {
    everywhere(|world| {
        let reset = world.service.reset_password(&world.ann(), world.id(CLEO), ResetBy::Generated, origin());
        let Ok(Reset::Generated(made)) = reset else { unreachable!("a password was asked for") };
        let first = made.reveal().to_owned();
        world.keep(&first);
        let api = world.try_password(CLEO, &first, Application::Api, &visitor(1), Way::Basic);
        assert_eq!(api.expect_err("not by the API").fault(), Fault::Forbidden);
        let session = world.session(CLEO, &first).secret;
        let sign_in = |secret: &Secret| world.service.sign_in_token(secret, Application::Omc, &visitor(1));
        let who = sign_in(&session).expect("it is let in, to change it");
        assert!(who.must_change());
        let service = &world.service;
        let wish = service::LongTokenWish { label: "till".into(), expires_at: None };
        let edit = access::commands::EditUser {
            id: world.id(CLEO),
            profile: access::change::Profile::of(access::Label::parse("Cleo").expect("a label"), None),
        };
        for refused in [
            service.inquire(&who).err(),
            service.orders(&who, None, None).err(),
            service.order(&who, "any").err(),
            service.own(&who).err(),
            service.tokens_of(&who, world.id(CLEO)).err(),
            service.make_long_token(&who, &wish, &visitor(1)).err(),
            service.end_tokens(&who, world.id(CLEO), &[], origin()).err(),
            service.move_session(&who, &session, None, None).err(),
            service.reset_password(&who, world.id(NEW), ResetBy::Link, origin()).err(),
            service.execute(&who, origin(), edit).err(),
        ] {
            assert_eq!(refused.expect("refused").fault(), Fault::Forbidden);
        }
        let change = |new: &str| service.change_own_password(&who, "", new, &visitor(1));
        assert!(matches!(change(&first), Err(ServiceError::BadPassword(_))), "the same again");
        assert!(matches!(change("short"), Err(ServiceError::BadPassword(_))));
        world.keep(CHOSEN);
        let next = world.kept(change(CHOSEN).expect("changed").secret);
        assert!(world.opens_page(&next) && !world.opens_page(&session));
        assert!(change(OTHER).is_err(), "its session is over");
        world.session(CLEO, CHOSEN);
        // A session of a first password may be ended by itself.
        let reset = service.reset_password(&world.ann(), world.id(CLEO), ResetBy::Generated, origin());
        let Ok(Reset::Generated(made)) = reset else { unreachable!("a password was asked for") };
        let session = world.session(CLEO, made.reveal()).secret;
        let who = sign_in(&session).expect("let in");
        service.sign_out(&who, &visitor(1)).expect("signed out");
        assert!(sign_in(&session).is_err());
    });
}
