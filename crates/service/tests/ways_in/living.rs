//! The list of what opens something now, and how long it may grow.

use crate::common::*;
use access::Application;
use service::ops::{ClientOp, Op, UserOp};
use store::TokenKind;

fn listed(world: &World) -> Vec<TokenKind> {
    let living = world.service.tokens_of(&world.ann(), world.id(CLEO)).expect("a list");
    let mut kinds: Vec<_> = living.iter().map(|token| token.kind).collect();
    kinds.sort_by_key(|kind| kind.word());
    kinds
}

#[test]
fn the_list_shows_what_opens_something_and_nothing_else() {
    everywhere(|world| {
        assert!(listed(world).is_empty());
        let kinds = Kinds::new(world, CLEO, CLEO_PASSWORD);
        let all = [TokenKind::Access, TokenKind::LongDuration, TokenKind::Pair, TokenKind::Session];
        assert_eq!(listed(world), all);
        let living = world.service.tokens_of(&world.ann(), world.id(CLEO)).expect("a list");
        for token in &living {
            assert_eq!((token.address.as_str(), token.agent.as_str()), ("10.0.0.1", "Probe/1"));
            assert_eq!((token.made_at, token.user), (world.now(), world.id(CLEO)));
        }
        let shown = world.op(Op::User(UserOp::Tokens { user: CLEO.into() }));
        assert_eq!(shown.json["items"].as_array().map(Vec::len), Some(4));
        // The owner sees the same.
        let who = world.use_token(&kinds.session.secret, Application::Omc).expect("it opens");
        assert_eq!(world.service.own(&who).expect("a view").tokens, living);
        world.wait(31 * MINUTE);
        assert_eq!(listed(world), all[..3], "the session is idle");
        world.op(Op::Client(ClientOp::Remove { client: CLIENT.into() }));
        assert_eq!(listed(world), all[..2], "the client of the pair is gone");
        world.wait(DAY);
        assert_eq!(listed(world), all[1..2], "the access token is over");
        world.user_op(UserOp::EndToken { user: CLEO.into(), token: kinds.long.id.to_string() });
        assert!(listed(world).is_empty());
    });
}

#[test]
fn of_more_than_two_hundred_sessions_the_ones_unused_for_longest_end() {
    everywhere(|world| {
        let who = world.principal(CLEO, CLEO_PASSWORD, Application::Omc);
        let begin = || world.service.begin_session(&who, &visitor(1)).expect("a session");
        let mut sessions = Vec::new();
        for _ in 0..200 {
            world.wait(1);
            sessions.push(begin());
        }
        assert_eq!(listed(world).len(), 200);
        world.wait(60);
        assert!(world.opens_page(&sessions[0].secret), "the oldest is in use");
        world.service.keep_house().expect("noted");
        let last = begin();
        assert!(world.opens_page(&last.secret) && world.opens_page(&sessions[0].secret));
        let open: Vec<bool> = sessions.iter().map(|s| world.opens_page(&s.secret)).collect();
        let ended: Vec<usize> = (0..200).filter(|at| !open[*at]).collect();
        assert_eq!(ended, (1..=20).collect::<Vec<_>>());
    });
}

#[test]
fn two_hundred_sessions_that_are_idle_keep_nobody_out_and_end_nothing_in_use() {
    everywhere(|world| {
        let who = world.principal(CLEO, CLEO_PASSWORD, Application::Omc);
        let begin = || world.service.begin_session(&who, &visitor(1)).expect("a session");
        for _ in 0..199 {
            begin();
        }
        world.wait(31 * MINUTE);
        let used = begin();
        assert_eq!(listed(world).len(), 1);
        let next = begin();
        assert!(world.opens_page(&used.secret) && world.opens_page(&next.secret));
        // All of them idle.
        world.wait(31 * MINUTE);
        let last = begin();
        assert!(world.opens_page(&last.secret) && listed(world).len() == 1);
    });
}

#[test]
fn pairs_of_clients_that_are_gone_keep_nobody_out() {
    everywhere(|world| {
        if world.place.name() != "memory" {
            return;
        }
        for _ in 0..200 {
            world.pair(CLEO, CLEO_PASSWORD);
        }
        world.op(Op::Client(ClientOp::Remove { client: CLIENT.into() }));
        let secret = world.new_client("shop");
        let credentials = authn::BasicCredentials::new(CLEO, CLEO_PASSWORD).expect("credentials");
        let visitor = visitor(1);
        let (api, way) = (Application::Api, service::Way::OAuth);
        let knock = world.service.knock(credentials, None, api, &visitor, way).expect("let try");
        let client = service::ClientSecret { id: "shop", secret: &secret };
        let pair = world.service.open_for_client(knock, &client, &visitor).expect("a pair");
        assert!(world.opens_api(&pair.access.secret));
    });
}
