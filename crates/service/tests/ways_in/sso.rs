//! Single sign-on under fire: what one stranger can do to the others, and to the audit.

use crate::common::*;
use crate::idp::{Idp, account, finish};
use serde_json::json;
use service::{Fault, ServiceError};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

fn is_too_many<T>(answer: Result<T, ServiceError>) -> bool {
    answer.is_err_and(|error| matches!(error.fault(), Fault::TooMany { .. }))
}

fn is_over<T>(answer: Result<T, ServiceError>) -> bool {
    answer.is_err_and(|error| matches!(error, ServiceError::Sso(oidc::SsoError::WrongState)))
}

#[test]
fn somebody_comes_in_by_their_provider_and_the_same_answer_is_good_once() {
    everywhere(|world| {
        let idp = Idp::start(world, "okta");
        let (begun, query) = idp.begin(world, &visitor(1)).expect("begun");
        idp.vouch(world, &begun, None);
        let entered = finish(world, &begun, &query, &visitor(1)).expect("in");
        assert!(world.opens_page(&entered.session.secret));
        assert_eq!(entered.carried, "/orders");
        assert_eq!(idp.asked("/token"), 1);
        for _ in 0..5 {
            assert!(is_over(finish(world, &begun, &query, &visitor(1))));
        }
        assert_eq!(idp.asked("/token"), 1, "the code is not tried again");
        // The next sign-in is another one.
        assert!(idp.enter(world, None, &visitor(1)).is_ok());
    });
}

#[test]
fn an_answer_that_failed_is_not_tried_again() {
    everywhere(|world| {
        let idp = Idp::start(world, "okta");
        let (begun, query) = idp.begin(world, &visitor(9)).expect("begun");
        // It knows no such code.
        assert!(finish(world, &begun, &query, &visitor(9)).is_err());
        for n in 0..50 {
            assert!(is_over(finish(world, &begun, &query, &visitor(n))));
        }
        assert_eq!(idp.asked("/token"), 1);
    });
}

#[test]
fn answers_that_fail_are_counted_for_their_address_and_fill_no_audit() {
    everywhere(|world| {
        let idp = Idp::start(world, "okta");
        let (begun, query) = idp.begin(world, &visitor(9)).expect("begun");
        let other = query.replace("state=", "state=x");
        let refused = (0..150).filter(|_| is_too_many(finish(world, &begun, &other, &visitor(9)))).count();
        assert_eq!(refused, 50);
        assert_eq!(world.count("sign_in.failed", &["10.0.0.9"]), 100);
        assert_eq!(world.count("sign_in.locked", &["10.0.0.9", "address"]), 1);
        // Not even the right answer from there; somebody without any question neither.
        assert!(is_too_many(finish(world, &begun, &query, &visitor(9))));
        assert!(is_too_many(world.service.finish_sso(None, &query, "https://x.example", &visitor(9))));
        assert_eq!(world.count("sign_in.failed", &["10.0.0.9"]), 100);
        // Elsewhere nobody notices, and one is free there soon.
        assert!(idp.enter(world, None, &visitor(1)).is_ok());
        world.wait(3);
        assert!(idp.enter(world, None, &visitor(9)).is_ok());
    });
}

#[test]
fn a_provider_that_is_down_is_told_of_within_bounds() {
    everywhere(|world| {
        let idp = Idp::start(world, "okta");
        idp.reply("/.well-known/openid-configuration", json!([]));
        let refused = (0..120).filter(|_| is_too_many(idp.begin(world, &visitor(9)))).count();
        assert_eq!(refused, 20);
        assert_eq!(world.count("sign_in.failed", &["10.0.0.9"]), 100);
        assert!(
            matches!(idp.begin(world, &visitor(1)), Err(ServiceError::Sso(_))),
            "others are still told why"
        );
    });
}

/// Doors that requests wait at.
#[derive(Default)]
struct Gate(Mutex<(usize, bool)>, Condvar);

impl Gate {
    /// Waits until the gate is open.
    fn pass(&self) {
        let mut inside = self.0.lock().expect("whole");
        inside.0 += 1;
        self.1.notify_all();
        drop(self.1.wait_timeout_while(inside, Duration::from_secs(4), |(_, open)| !*open).expect("whole"));
    }

    fn wait_for(&self, count: usize) {
        let inside = self.0.lock().expect("whole");
        let waited = self.1.wait_timeout_while(inside, Duration::from_secs(3), |(n, _)| *n < count);
        assert_eq!(waited.expect("whole").0.0, count, "so many came");
    }

    fn open(&self) {
        self.0.lock().expect("whole").1 = true;
        self.1.notify_all();
    }
}

#[test]
fn whoever_has_a_slow_provider_called_leaves_it_and_the_others_to_others() {
    everywhere(|world| {
        let (slow, fast) = (Idp::start(world, "slow"), Idp::start(world, "okta"));
        let gate = Arc::new(Gate::default());
        let begun: Vec<_> = (0..20).map(|_| slow.begin(world, &visitor(9)).expect("begun")).collect();
        let inside = gate.clone();
        slow.on_request(move |path| {
            if path == "/token" {
                inside.pass();
            }
        });
        std::thread::scope(|threads| {
            let mut answers = begun.iter();
            for (begun, query) in answers.by_ref().take(4) {
                let world = &*world;
                threads.spawn(move || finish(world, begun, query, &visitor(9)).expect_err("no such code"));
            }
            gate.wait_for(4);
            let (begun, query) = answers.next().expect("another");
            assert!(is_too_many(finish(world, begun, query, &visitor(9))), "four calls of one address");
            // Another address, another provider, and what needs no call.
            for (begun, query) in answers.by_ref().take(4) {
                let world = &*world;
                threads.spawn(move || finish(world, begun, query, &visitor(8)).expect_err("no such code"));
            }
            gate.wait_for(8);
            let (begun, query) = answers.next().expect("another");
            assert!(is_too_many(finish(world, begun, query, &visitor(7))), "eight calls to one provider");
            assert!(slow.begin(world, &visitor(9)).is_ok(), "its metadata are known");
            assert!(fast.enter(world, None, &visitor(7)).is_ok());
            let ended = world.service.provider_logout(
                account(world),
                "slow",
                &slow.logout(world, "one", &json!({ "sub": "x" })),
                &visitor(9),
            );
            assert_eq!(ended.expect("its keys are fetched"), 0);
            gate.open();
        });
        // What was refused for want of room was not tried: it may come again.
        let (begun, query) = slow.begin(world, &visitor(6)).expect("begun");
        slow.vouch(world, &begun, None);
        assert!(
            matches!(finish(world, &begun, &query, &visitor(6)), Err(ServiceError::NotVouched)),
            "Sam is okta's"
        );
    });
}
