//! Clients of programs, and what is agreed with identity providers.

use crate::common::*;
use crate::idp::Idp;
use access::Application;
use authn::BasicCredentials;
use service::ops::{GrantNames, GrantOp, Op, ProviderOp, RetailerOp, ScopeNames};
use service::{ClientSecret, Fault, IssuedPair, ServiceError, Way};

fn pair_by(
    world: &World,
    login: &str,
    password: &str,
    client: &ClientSecret<'_>,
    last: u8,
) -> Result<IssuedPair, ServiceError> {
    world.keep(password);
    let credentials = BasicCredentials::new(login, password).expect("credentials");
    let knock = world.service.knock(credentials, None, Application::Api, &visitor(last), Way::OAuth)?;
    Ok(world.keep_pair(world.service.open_for_client(knock, client, &visitor(last))?))
}

#[test]
fn an_account_that_there_is_not_answers_as_one_whose_client_is_wrong() {
    everywhere(|world| {
        let wrong = ClientSecret { id: CLIENT, secret: "a guess" };
        for (account, last) in [("acme", 8), ("nowhere", 9)] {
            // The right client secret of another account is a wrong one too.
            for client in [&wrong, &world.client()].into_iter().take(if account == "acme" { 1 } else { 2 }) {
                let login = format!("{account}/{CLEO}");
                let refused = pair_by(world, &login, CLEO_PASSWORD, client, last).expect_err("no client");
                assert!(matches!(refused, ServiceError::BadClient), "{account}: {refused:?}");
            }
            let tried = || pair_by(world, &format!("{account}/{CLEO}"), "a guess", &wrong, last);
            let faults: Vec<_> = (0..6).map(|_| tried().expect_err("refused").fault()).collect();
            assert!(faults.contains(&Fault::TooMany { retry_after_s: 2 }), "{account}: {faults:?}");
        }
    });
}

#[test]
fn a_pair_is_for_users_of_the_retailer_of_its_client() {
    everywhere(|world| {
        world.create("una@acme.example", None, Some("two small boats"));
        let una = || pair_by(world, "una@acme.example", "two small boats", &world.client(), 1);
        let pair = una().expect("a pair");
        // She moves to the south; the client is of the north.
        for role in ["customer_service", "api_user"] {
            let scope = ScopeNames { retailers: vec!["south".into()], ..ScopeNames::default() };
            let grant = GrantNames { role: role.into(), scope, valid_from: None, valid_until: None };
            world.op(Op::Grant(GrantOp::Add { users: vec!["una@acme.example".into()], grant }));
        }
        let pair = world.refresh(&pair.refresh).expect("she is of both");
        let listed = world.op(Op::Grant(GrantOp::List { user: "una@acme.example".into() }));
        let of_north = listed.json["items"].as_array().expect("grants").iter();
        let of_north = of_north.filter(|grant| grant.to_string().contains("north"));
        let grants = of_north.map(|grant| grant["id"].as_str().expect("an id").to_owned()).collect();
        world.op(Op::Grant(GrantOp::Remove { user: "una@acme.example".into(), grants }));
        for refused in [una(), world.refresh(&pair.refresh)] {
            assert!(matches!(refused, Err(ServiceError::Unauthenticated)), "{refused:?}");
        }
        assert_eq!(world.count("sign_in.failed", &["site", "una@acme.example", "oauth"]), 2);
        // It was not used up.
        world.give("una@acme.example", "api_user");
        assert!(world.refresh(&pair.refresh).is_ok() && una().is_ok());
    });
}

#[test]
fn a_client_of_a_closed_retailer_gives_no_pairs() {
    everywhere(|world| {
        let cleo = || pair_by(world, CLEO, CLEO_PASSWORD, &world.client(), 1);
        let pair = cleo().expect("a pair");
        let open = |open| world.op(Op::Retailer(RetailerOp::Open { retailer: "north".into(), open }));
        open(false);
        for refused in [cleo(), world.refresh(&pair.refresh)] {
            assert!(matches!(refused, Err(ServiceError::Unauthenticated)), "{refused:?}");
        }
        open(true);
        assert!(world.refresh(&pair.refresh).is_ok() && cleo().is_ok());
    });
}

#[test]
fn another_issuer_is_not_sent_the_secret_of_the_one_before() {
    everywhere(|world| {
        let idp = Idp::start(world, "okta");
        for secret in ["first secret", "second secret"] {
            world.keep(secret);
        }
        let save = |secret: Option<&str>, issuer: Option<&str>| {
            let ProviderOp::Save { r#ref, name, client_id, scopes, claim, algorithms, issuer: own, .. } =
                idp.agreed(None)
            else {
                unreachable!("it is saved")
            };
            let issuer = issuer.map_or(own, str::to_owned);
            let client_secret = secret.map(str::to_owned);
            let op =
                ProviderOp::Save { r#ref, name, issuer, client_id, client_secret, scopes, claim, algorithms };
            world.try_op(Op::Provider(op)).map(drop)
        };
        save(Some("first secret"), None).expect("kept");
        save(None, None).expect("the same issuer keeps it");
        let refused = save(None, Some("https://new.example")).expect_err("it would be sent there");
        assert_eq!(refused.fault(), Fault::Conflict, "{refused:?}");
        assert!(refused.to_string().contains("--client-secret-stdin"), "{refused}");
        assert!(idp.enter(world, None, &visitor(1)).is_ok(), "nothing has changed");
        save(Some("second secret"), Some("https://new.example")).expect("its own");
        save(Some(""), Some("https://newer.example")).expect("none");
        save(None, Some("https://newest.example")).expect("there is none to be sent");
    });
}
