//! What is told of it: every success, failure, lock and token, with address and agent, and never a secret.

use crate::common::*;
use access::Application;
use service::ops::UserOp;
use service::{Reset, ResetBy, Way};

fn actions(world: &World, chain: &str) -> Vec<String> {
    let all = world.told(chain);
    all.iter().map(|e| e["action"].as_str().expect("an action").to_owned()).collect()
}

#[test]
fn every_sign_in_is_told_with_its_way_address_and_agent() {
    everywhere(|world| {
        let mut kinds = Kinds::new(world, CLEO, CLEO_PASSWORD);
        world
            .try_password(CLEO, CLEO_PASSWORD, Application::Api, &visitor(4), Way::Basic)
            .expect("signed in");
        let about = [CLEO, "Probe/1"];
        for way in ["form", "login", "oauth"] {
            let fact = format!("\"way\":\"{way}\"");
            assert_eq!(
                world.count("sign_in.succeeded", &[&about[..], &[&fact, "10.0.0.1"]].concat()),
                1,
                "{way}"
            );
        }
        // Known since the sign-ins before: it costs no hash, and is told all the same.
        assert_eq!(world.count("sign_in.succeeded", &[CLEO, "\"way\":\"basic\"", "10.0.0.4", "Probe/1"]), 1);
        assert_eq!(world.count("token.made", &[CLEO, "long_duration", "10.0.0.1", "Probe/1"]), 1);
        kinds.alive(world);
        assert_eq!(world.count("token.first_used", &[CLEO, "10.0.0.1", "Probe/1"]), 1);
        assert_eq!(world.count("token.refreshed", &[CLEO, "10.0.0.1", "Probe/1"]), 1);
    });
}

#[test]
fn every_failure_is_told_with_its_reason_and_not_with_what_was_typed() {
    everywhere(|world| {
        let typed_by_mistake = "MyPassw0rd!in-the-login-field";
        world.keep(typed_by_mistake);
        world.keep(&typed_by_mistake.to_lowercase());
        let fail = |login: &str, password: &str, application, way| {
            world.try_password(login, password, application, &visitor(5), way).expect_err("refused");
        };
        fail(CLEO, "wrong password", Application::Omc, Way::Form);
        fail(typed_by_mistake, "wrong password", Application::Omc, Way::Form);
        fail(CLEO, CLEO_PASSWORD, Application::StoreApp, Way::Form);
        let reset = world.service.reset_password(&world.ann(), world.id(NEW), ResetBy::Generated, origin());
        let Ok(Reset::Generated(first)) = reset else { unreachable!("a password was asked for") };
        fail(NEW, first.reveal(), Application::Api, Way::Basic);
        let reasons: Vec<String> = world
            .told("sign_in")
            .iter()
            .filter(|e| e["action"] == "sign_in.failed")
            .map(|e| {
                assert_eq!((&e["address"], &e["after"]["agent"]), (&"10.0.0.5".into(), &"Probe/1".into()));
                e["after"]["reason"].as_str().expect("a reason").to_owned()
            })
            .collect();
        assert_eq!(reasons, ["credentials", "credentials", "no_access", "first_password"]);
        assert_eq!(world.count("sign_in.failed", &["\"target\":\"unknown\""]), 1);
    });
}

#[test]
fn every_way_out_is_told_among_the_changes() {
    everywhere(|world| {
        let kinds = Kinds::new(world, CLEO, CLEO_PASSWORD);
        let before = actions(world, "access").len();
        let end = |token: access::TokenId| {
            world.user_op(UserOp::EndToken { user: CLEO.into(), token: token.to_string() });
        };
        end(kinds.session.id);
        world.user_op(UserOp::SignOut { user: CLEO.into() });
        let who = world.principal(CLEO, CLEO_PASSWORD, Application::Omc);
        world.keep("five brass keys");
        world
            .service
            .change_own_password(&who, CLEO_PASSWORD, "five brass keys", &visitor(1))
            .expect("changed");
        let link = world.service.reset_password(&world.ann(), world.id(CLEO), ResetBy::Link, origin());
        let Ok(Reset::Link(link, _)) = link else { unreachable!("a link was asked for") };
        let link = world.kept(link);
        world.keep("four warm stones");
        world.service.use_link(&link, "four warm stones", &visitor(8)).expect("set");
        world.service.use_link(&link, "four warm stones", &visitor(8)).expect_err("used");
        world.user_op(UserOp::SignIn { user: CLEO.into(), sso: Some("okta".into()) });
        world.user_op(UserOp::Disable { user: CLEO.into() });
        world.user_op(UserOp::Enable { user: CLEO.into() });
        world.user_op(UserOp::Remove { user: CLEO.into() });
        let told: Vec<String> = world
            .told("access")
            .split_off(before)
            .iter()
            .map(|e| {
                let text = |name: &str| e[name].as_str().expect("text").to_owned();
                format!("{} {}", text("action"), text("address"))
            })
            .collect();
        let expected = [
            "token.ended command line",
            "user.signed_out command line",
            "user.signed_out 10.0.0.1",
            "user.password_set 10.0.0.1",
            "user.signed_out 10.0.0.1",
            "user.password_removed 10.0.0.1",
            "user.link_made 10.0.0.1",
            "user.signed_out 10.0.0.8",
            "user.password_set 10.0.0.8",
            "user.sign_in_set command line",
            "user.disabled command line",
            "user.enabled command line",
            "grant.removed command line",
            "grant.removed command line",
            "user.removed command line",
        ];
        assert_eq!(told, expected);
    });
}

#[test]
fn a_link_that_is_over_is_told_with_its_user() {
    everywhere(|world| {
        let new_link = || {
            let link =
                world.service.reset_password(&world.operator(), world.id(NEW), ResetBy::Link, origin());
            let Ok(Reset::Link(link, _)) = link else { unreachable!("a link was asked for") };
            world.kept(link)
        };
        let told =
            || world.count("password.change_failed", &[NEW, "\"reason\":\"link\"", "10.0.0.8", "Probe/1"]);
        let late = new_link();
        world.wait(4 * DAY);
        let replaced = new_link();
        let used = new_link();
        world.keep("four warm stones");
        world.service.use_link(&used, "four warm stones", &visitor(8)).expect("set");
        let taken_back = new_link();
        world.user_op(UserOp::Disable { user: NEW.into() });
        assert_eq!(told(), 0);
        for (number, link) in [late, replaced, used, taken_back].into_iter().enumerate() {
            // Looking is trying; whoever tries again is not told again.
            world.service.look_at_link(&link, &visitor(8)).expect_err("over");
            assert_eq!(told(), number + 1);
            world.service.use_link(&link, "three cold rivers", &visitor(8)).expect_err("over");
            assert_eq!(told(), number + 1);
        }
    });
}
