//! What the program that serves does by itself, every few seconds and when it stops: it writes down when sessions and
//! tokens were used, and deletes those that are over. A server that is killed has written down nothing at its end.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;
mod credentials;

use common::Place;
use credentials::{Company, Heard, Held, Kind, Probe};
use serde_json::Value;
use sql::{Database, SqlError};
use std::process::Command;
use std::time::Duration;

/// Longest wait for what is done every few seconds.
const WAIT_S_MAX: u32 = 12;
/// Ten minutes and a day, as the database counts.
const TEN_MINUTES: i64 = 600_000_000;
const DAY: i64 = 86_400_000_000;

fn open(place: &Place) -> Database {
    let opened = match &place.url {
        Some(url) => Database::postgres(url),
        None => Database::sqlite_file(&place.data().join("keyward.db")),
    };
    opened.expect("the database")
}

fn execute(place: &Place, sql: &str) {
    open(place).write::<_, SqlError>(|tx| tx.execute(sql, &[]).map(drop)).expect("done");
}

fn number(database: &Database, sql: &str) -> i64 {
    let read = database.read::<_, SqlError>(|tx| tx.query_one(sql, &[])?.as_ref().int(0));
    read.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// As if nobody had used anything for ten minutes: uses in one minute are one.
fn some_time_goes_by(place: &Place) {
    execute(place, &format!("UPDATE user_token SET made_at = made_at - {TEN_MINUTES}, seen_at = NULL"));
}

/// A user with one of everything, and a session more.
fn user_of(company: &Company) -> Held {
    let held = Held::new(company, 1);
    held.sign_in_again(company.url());
    held
}

/// Shows everything once but the session more.
fn use_all(company: &Company, held: &Held) {
    for kind in Kind::ALL {
        let mut probe = Probe::new(held, kind, 0);
        // Of a pair the refresh token, and then the access token of the next.
        for _ in 0..if kind == Kind::Refresh { 2 } else { 1 } {
            assert_eq!(probe.ask_anew(company.url()), Heard::In, "{kind:?}");
        }
    }
}

fn text<'v>(item: &'v Value, name: &str) -> Option<&'v str> {
    item.get(name).and_then(Value::as_str)
}

/// The kinds of those that were not used, after it was seen of the others that they were used since they were made.
fn unused(listed: &[Value]) -> Vec<&str> {
    let mut unused = Vec::new();
    for item in listed {
        match text(item, "last_used_at") {
            // Instants of one kind of text are in its order; these are minutes apart.
            Some(at) => assert!(text(item, "made_at").is_some_and(|made| made < at), "{item}"),
            None => unused.push(text(item, "kind").expect("a kind")),
        }
    }
    unused
}

/// Asks again until it is so; a failure says what it was at last.
fn in_time<T: std::fmt::Debug>(mut look: impl FnMut() -> T, is_so: impl Fn(&T) -> bool) -> T {
    for _ in 0..WAIT_S_MAX * 10 {
        let seen = look();
        if is_so(&seen) {
            return seen;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("it never came to be: {:?}", look())
}

fn uses_are_written_down(place: Place) {
    let mut company = Company::new(place);
    let held = user_of(&company);
    company.restart(some_time_goes_by);
    assert_eq!(unused(&held.listed(company.url())).len(), 6);
    use_all(&company, &held);
    let listed = in_time(|| held.listed(company.url()), |listed| unused(listed) == ["session"]);
    assert_eq!(listed.len(), 6);
    company.restart(|_| ());
    assert_eq!(held.listed(company.url()), listed, "after it was killed");
}

#[test]
fn uses_are_written_down_on_sqlite() {
    uses_are_written_down(Place::sqlite("house-uses"));
}

#[test]
fn uses_are_written_down_on_postgresql() {
    if let Some(place) = Place::postgres("house_uses") {
        uses_are_written_down(place);
    }
}

#[test]
fn who_stops_writes_down_the_last_uses() {
    let mut company = Company::new(Place::sqlite("house-stop"));
    let held = user_of(&company);
    company.restart(some_time_goes_by);
    use_all(&company, &held);
    let mut server = company.servers.remove(0);
    let told = Command::new("kill").arg("-TERM").arg(server.child.id().to_string()).status();
    assert!(told.expect("kill").success() && server.child.wait().expect("it ends").success());
    company.restart(|_| ());
    assert_eq!(unused(&held.listed(company.url())), ["session"]);
}

/// Makes a link for a new user.
fn link_for(company: &Company, login: &str) {
    let create = ["user", "create", login, "--role", "vendor", "--retailer", "north", "--password-stdin"];
    company.place.ok_with(&create, credentials::PASSWORD);
    company.manage(&format!("POST /api/v1/users/{login}/password-reset"), r#"{"by":"link"}"#);
}

/// Has one of the two links been over for so many days: the `min` one in the order of their users, or the `max` one.
fn link_is_over_for(place: &Place, which: &str, days: i64) {
    let ago = (days + 3) * DAY;
    let one = format!("user_no = (SELECT {which}(user_no) FROM password_link)");
    execute(place, &format!("UPDATE password_link SET expires_at = expires_at - {ago} WHERE {one}"));
}

fn what_is_over_is_swept(place: Place) {
    let mut company = Company::new(place);
    let living = user_of(&company);
    let over = user_of(&company);
    let database = open(&company.place);
    let user = number(&database, "SELECT max(user_no) FROM user_token");
    let rows = |what: &str| number(&database, &format!("SELECT count(*) FROM {what}"));
    let count = || {
        let of = |table: &str, which: &str| rows(&format!("{table} WHERE user_no {which} {user}"));
        [of("user_token", "="), of("token_secret", "="), of("user_token", "<>"), of("token_secret", "<>")]
    };
    // Three sessions, two pairs of two secrets, one token.
    assert_eq!(count(), [6, 8, 6, 8]);
    link_for(&company, "kim@acme.example");
    link_for(&company, "lee@acme.example");
    assert_eq!(rows("password_link"), 2);
    let last = number(&database, "SELECT max(user_no) FROM password_link");
    company.restart(|place| {
        link_is_over_for(place, "min", 31);
        link_is_over_for(place, "max", 29);
        for table in ["user_token", "token_secret"] {
            execute(place, &format!("UPDATE {table} SET expires_at = {TEN_MINUTES} WHERE user_no = {user}"));
        }
    });
    in_time(|| (count(), rows("password_link")), |left| left == &([0, 0, 6, 8], 1));
    // A link stays known for 30 days after its end.
    assert_eq!(number(&database, "SELECT user_no FROM password_link"), last);
    assert!(over.listed(company.url()).is_empty());
    assert_eq!(living.listed(company.url()).len(), 6);
    use_all(&company, &living);
}

#[test]
fn what_is_over_is_swept_on_sqlite() {
    what_is_over_is_swept(Place::sqlite("house-sweep"));
}

#[test]
fn what_is_over_is_swept_on_postgresql() {
    if let Some(place) = Place::postgres("house_sweep") {
        what_is_over_is_swept(place);
    }
}
