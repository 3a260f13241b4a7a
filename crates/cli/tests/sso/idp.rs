//! The identity provider as a process of ours: npm's `oidc-provider`, which `KEYWARD_IDP` names.

use serde_json::{Value, json};
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

pub(crate) const CLIENT: &str = "keyward";
pub(crate) const SECRET: &str = "a-secret-of-the-tests:-long,+with-%";
/// The password of every account of the provider.
pub(crate) const PASSWORD: &str = "a password of the tests";

/// A provider that runs until this is dropped.
pub(crate) struct Idp {
    child: Child,
    pub(crate) issuer: String,
}

/// Its program; none, visibly, where it is not installed.
pub(crate) fn script() -> Option<OsString> {
    let script = std::env::var_os("KEYWARD_IDP");
    if script.is_none() {
        assert!(std::env::var_os("CI").is_none(), "KEYWARD_IDP is not set: run `cargo xtask test`");
        eprintln!("skipped: KEYWARD_IDP is not set");
    }
    script
}

/// What its logout tokens name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Naming {
    /// One session of somebody.
    Session,
    /// Somebody, and so all sessions of theirs.
    Person,
}

impl Idp {
    /// Starts it for the site at `base`, which hears of logouts at `relay`, with the people who have an account there.
    pub(crate) fn start(
        script: OsString,
        (base, relay): (&str, &str),
        naming: Naming,
        people: &[&str],
    ) -> Self {
        let client = json!({
            "client_id": CLIENT, "client_secret": SECRET,
            "redirect_uris": [format!("{base}/sso/callback")],
            "post_logout_redirect_uris": [format!("{base}/signed-out"), format!("{base}/store/signed-out")],
            "backchannel_logout_uri": format!("{relay}/sso/acme/corp/logout"),
            "backchannel_logout_session_required": naming == Naming::Session,
        });
        let mut command = Command::new("node");
        command.arg(script).env("KEYWARD_IDP_CLIENTS", json!([client]).to_string());
        command.env("KEYWARD_IDP_ACCOUNTS", accounts(people).to_string());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("node starts");
        let stdout = child.stdout.take().expect("a pipe");
        let mut idp = Self { child, issuer: String::new() };
        let mut line = String::new();
        let mut stdout = BufReader::new(stdout);
        stdout.read_line(&mut line).expect("a line");
        // Whatever else it says is read: it ends when it says something that nobody can hear.
        std::thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
        let said: Value = serde_json::from_str(&line).expect("the provider says where it is");
        let issuer = said.get("issuer").and_then(Value::as_str);
        issuer.expect("an issuer").clone_into(&mut idp.issuer);
        idp
    }

    /// From here on it is spoken to and says nothing.
    pub(crate) fn fall_silent(&self) {
        self.signal("-STOP");
    }

    /// It goes on where it fell silent.
    pub(crate) fn speak_again(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, which: &str) {
        let sent = Command::new("kill").arg(which).arg(self.child.id().to_string()).status();
        assert!(sent.expect("kill").success());
    }

    /// From here on nobody answers at its address.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }
}

impl Drop for Idp {
    fn drop(&mut self) {
        // It may have ended by itself; nothing else is to be done about it.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Everybody's e-mail address is verified but joe's.
fn accounts(people: &[&str]) -> Value {
    let account = |login: &&str| {
        json!({
            "sub": format!("idp-{login}"), "login": login, "preferred_username": login,
            "email": format!("{login}@acme.example"), "email_verified": *login != "joe",
        })
    };
    people.iter().map(account).collect()
}
