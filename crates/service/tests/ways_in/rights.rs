//! Rights are those of this moment: nobody signs in again for them.

use crate::common::*;
use access::Application;
use service::Fault;
use service::ops::{Op, RoleOp};

#[test]
fn a_grant_that_is_taken_or_given_counts_at_the_next_request_of_the_same_session() {
    everywhere(|world| {
        world.op(Op::Role(RoleOp::Create {
            key: "clerk".into(),
            label: None,
            application: None,
            permissions: vec!["OMC_ACCESS".into()],
        }));
        world.give(CLEO, "clerk");
        let session = world.session(CLEO, CLEO_PASSWORD).secret;
        let who = world.use_token(&session, Application::Omc).expect("it opens");
        world.take(CLEO, "customer_service");
        // The same principal, and the same session shown again.
        assert_eq!(world.service.orders(&who, None, None).expect_err("taken").fault(), Fault::Forbidden);
        assert!(!world.opens_page(&session));
        world.give(CLEO, "customer_service");
        assert!(world.service.orders(&who, None, None).is_ok() && world.opens_page(&session));
    });
}

#[test]
fn a_role_that_is_edited_counts_at_the_next_request_of_the_same_session() {
    everywhere(|world| {
        let permissions = vec!["OMC_ACCESS".into()];
        let (key, label) = ("clerk".to_owned(), None);
        world.op(Op::Role(RoleOp::Create { key, label, application: None, permissions }));
        world.give(CLEO, "clerk");
        world.take(CLEO, "customer_service");
        let session = world.session(CLEO, CLEO_PASSWORD).secret;
        let edit = |add: &[&str], take: &[&str]| {
            let [add, take] = [add, take].map(|names| names.iter().map(|n| (*n).to_owned()).collect());
            world.op(Op::Role(RoleOp::Edit { role: "clerk".into(), label: None, add, take }));
        };
        assert!(!world.opens_page(&session));
        edit(&["ORDER_VIEW"], &[]);
        assert!(world.opens_page(&session));
        edit(&[], &["ORDER_VIEW"]);
        assert!(!world.opens_page(&session));
        // The entry itself: nothing at all is served, and the session is not over.
        edit(&["ORDER_VIEW"], &["OMC_ACCESS"]);
        let refused = world.service.sign_in_token(&session, Application::Omc, &visitor(1));
        assert_eq!(refused.expect_err("no entry").fault(), Fault::Forbidden);
        edit(&["OMC_ACCESS"], &[]);
        assert!(world.opens_page(&session));
    });
}
