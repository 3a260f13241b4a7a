//! The whole way with a provider that is not ours: npm's `oidc-provider`, as `xtask/idp` sets it up.
//!
//! `KEYWARD_IDP` names its `idp.mjs`; `cargo xtask test` installs it and sets that. Without it these tests are
//! skipped, and fail where `CI` is set.

#[cfg(test)]
mod browser;
#[cfg(test)]
mod idp;

#[cfg(test)]
mod tests {
    use oidc::{Callback, HttpClient, Identity, Pending, Provider, Reach, SsoError};

    use crate::browser::Browser;
    use crate::idp::{BACK, Idp, Listener, OUT, now_s, random};

    /// Our side of a sign-in, up to the answer with which the browser comes back.
    struct Visit {
        pending: Pending,
        answer: String,
    }

    fn visit(provider: &Provider, http: &HttpClient, browser: &mut Browser, login: &str) -> Visit {
        let begun = provider.begin(http, BACK, &mut random, now_s()).expect("begun");
        let answer = browser.sign_in(&begun.url, login, BACK);
        Visit { pending: begun.pending, answer }
    }

    fn finish(provider: &Provider, http: &HttpClient, visit: &Visit) -> Result<Identity, SsoError> {
        let callback = Callback::parse(&visit.answer).expect("an answer");
        provider.finish(http, &callback, &visit.pending, BACK, now_s())
    }

    fn refused(code: &str) -> Result<Identity, SsoError> {
        Err(SsoError::Refused { code: code.to_owned() })
    }

    #[test]
    fn a_person_signs_in_and_nobody_else_with_their_answer() {
        let Some(idp) = Idp::start(&[]) else { return };
        let (provider, http) = (idp.provider("email"), HttpClient::new(Reach::AlsoPrivate));
        let honest = visit(&provider, &http, &mut Browser::new(), "bea");
        let other = visit(&provider, &http, &mut Browser::new(), "bea");

        let with = |state: &Visit, nonce: &Visit, verifier: &Visit, answer: &Visit| Visit {
            pending: Pending {
                state: state.pending.state.clone(),
                nonce: nonce.pending.nonce.clone(),
                verifier: verifier.pending.verifier.clone(),
            },
            answer: answer.answer.clone(),
        };
        let wrong_state = finish(&provider, &http, &with(&other, &honest, &honest, &honest));
        assert_eq!(wrong_state, Err(SsoError::WrongState));
        let identity = finish(&provider, &http, &honest).expect("an honest sign-in");
        assert_eq!((identity.subject.as_str(), identity.claim.as_str()), ("idp-1", "bea@acme.example"));
        assert_eq!(identity.issuer, idp.issuer);
        assert_eq!(finish(&provider, &http, &honest), refused("invalid_grant"), "a code is spent once");

        let wrong_verifier = finish(&provider, &http, &with(&other, &other, &honest, &other));
        assert_eq!(wrong_verifier, refused("invalid_grant"));
        let third = visit(&provider, &http, &mut Browser::new(), "bea");
        let wrong_nonce = finish(&provider, &http, &with(&third, &other, &third, &third));
        assert!(matches!(wrong_nonce, Err(SsoError::Lying { .. })), "{wrong_nonce:?}");
    }

    #[test]
    fn an_email_that_the_provider_does_not_vouch_for_names_nobody() {
        let Some(idp) = Idp::start(&[]) else { return };
        let http = HttpClient::new(Reach::AlsoPrivate);
        let (by_email, by_name) = (idp.provider("email"), idp.provider("preferred_username"));
        let found = finish(&by_email, &http, &visit(&by_email, &http, &mut Browser::new(), "joe"));
        assert!(matches!(found, Err(SsoError::Nameless { .. })), "{found:?}");
        let found = finish(&by_name, &http, &visit(&by_name, &http, &mut Browser::new(), "joe"));
        assert_eq!(found.map(|identity| identity.claim), Ok("joe".to_owned()));
    }

    #[test]
    fn a_provider_that_keeps_claims_apart_is_asked_for_them() {
        let Some(idp) = Idp::start(&[("KEYWARD_IDP_CLAIMS", "userinfo")]) else { return };
        let (provider, http) = (idp.provider("email"), HttpClient::new(Reach::AlsoPrivate));
        let found = finish(&provider, &http, &visit(&provider, &http, &mut Browser::new(), "bea"));
        assert_eq!(found.map(|identity| identity.claim), Ok("bea@acme.example".to_owned()));
    }

    #[test]
    fn a_new_signing_key_is_found() {
        let Some(idp) = Idp::start(&[]) else { return };
        let (provider, http) = (idp.provider("email"), HttpClient::new(Reach::AlsoPrivate));
        let before = visit(&provider, &http, &mut Browser::new(), "bea");
        assert!(finish(&provider, &http, &before).is_ok());
        idp.rotate_keys();
        let after = visit(&provider, &http, &mut Browser::new(), "bea");
        assert!(finish(&provider, &http, &after).is_ok());
    }

    #[test]
    fn a_logout_at_the_provider_is_told_to_us() {
        let listener = Listener::start();
        let Some(idp) = Idp::start_with(Some(&listener.url()), &[]) else { return };
        let (provider, http) = (idp.provider("email"), HttpClient::new(Reach::AlsoPrivate));
        let mut browser = Browser::new();
        let first = visit(&provider, &http, &mut browser, "bea");
        let identity = finish(&provider, &http, &first).expect("an honest sign-in");
        assert!(identity.sid.is_some());

        let url = provider.logout_url(&http, Some(&identity.id_token), OUT, "state-1", now_s());
        let url = url.expect("reachable").expect("the provider offers a logout");
        assert_eq!(browser.sign_out(&url, OUT), "state=state-1");

        let sent = listener.received();
        let token = provider.logout_token(&http, &sent, now_s()).expect("an honest logout token");
        assert_eq!((token.issuer, token.sid), (identity.issuer, identity.sid));
        assert!(token.subject.is_none_or(|subject| subject == identity.subject));
        assert!(!token.jti.is_empty() && token.until_s > now_s());
        let as_logout = provider.logout_token(&http, &identity.id_token, now_s());
        assert!(matches!(as_logout, Err(SsoError::Lying { .. })), "an ID token is no logout token");
        let later = provider.logout_token(&http, &sent, now_s() + 3600);
        assert!(matches!(later, Err(SsoError::Lying { .. })), "{later:?}");
    }
}
