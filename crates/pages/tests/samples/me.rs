//! My information, the new token, and the questions.

use super::*;

const NOW: i64 = 1_793_714_700_000_000;
const HOUR: i64 = 3_600_000_000;

fn ago(hours: i64) -> Moment {
    Moment::of(NOW - hours * HOUR, &Clock::default())
}

pub(super) fn pages(words: Words, pages: &mut Vec<Sample>) -> Written {
    add(pages, "me", &full(words))?;
    add(pages, "me-wrong", &wrong(words))?;
    add(pages, "me-empty", &empty(words))?;
    for (name, expires) in [("token-made", Some(ago(-24 * 90))), ("token-made-for-good", None)] {
        let token = words.say("kw_3Zx8PqLr5TnW2vYb7KdM4sJfHcA9E1g");
        let (frame, label) = (words.frame_of_bea(Door::Omc), words.say("Nightly stock export"));
        add(pages, name, &TokenMade { frame, label, token, expires })?;
    }
    questions(words, pages)
}

fn questions(words: Words, pages: &mut Vec<Sample>) -> Written {
    let frame = || words.frame_of_bea(Door::Omc);
    let everywhere = Everywhere { sessions: 3, tokens: 2 };
    add(pages, "confirm-everywhere", &Confirm::sign_out_everywhere(frame(), everywhere))?;
    for token in tokens(words).iter().take(2) {
        add(
            pages,
            &format!("confirm-revoke-{}", token.used.is_some()),
            &Confirm::revoke_token(frame(), token),
        )?;
    }
    Ok(())
}

fn sessions(words: Words) -> Vec<SessionRow> {
    let row = |id: &str, application: &str, address: &str, browser: &str, made, seen, this| SessionRow {
        id: words.say(id),
        application: words.say(application),
        address: words.say(address),
        browser: words.say(browser),
        agent: words.say("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"),
        made,
        seen,
        this,
    };
    vec![
        row("tok_01", "Order Management Center", "192.0.2.17", "Firefox 143 on Linux", ago(2), ago(0), true),
        row("tok_02", "Store App", "2001:db8:85a3::8a2e:370:7334", "Safari on iPad", ago(30), ago(5), false),
        row(
            "tok_03",
            "Order Management Center",
            "198.51.100.4",
            "Chrome 142 on Windows",
            ago(70),
            ago(20),
            false,
        ),
    ]
}

fn tokens(words: Words) -> Vec<TokenRow> {
    let row = |id: &str, label: &str, made, expires, used| TokenRow {
        id: words.say(id),
        label: words.say(label),
        made,
        expires,
        used,
    };
    vec![
        row("tok_11", "Nightly stock export", ago(900), Some(ago(-900)), Some(ago(7))),
        row("tok_12", "Trial of the order API", ago(800), None, None),
        row("tok_13", "Last season\u{2019}s import", ago(9000), Some(ago(300)), Some(ago(310))),
    ]
}

fn access(words: Words) -> Vec<AccessRow> {
    let row = |id: &str, place: &str, application: &str, role: &str, validity: Option<&str>| AccessRow {
        id: id.to_owned(),
        role: words.say(role),
        application: words.say(application),
        place: words.say(place),
        validity: validity.map(|text| words.say(text)),
    };
    vec![
        row("gra_1", "All sites", "Order Management Center", "Client administrator", None),
        row("gra_2", "Acme Fashion UK", "Store App", "Vendor manager", Some("Until 3 Nov 2026, 14:05 UTC")),
        row("gra_3", "Acme Fashion UK", "API", "Orders, read", None),
    ]
}

fn full(words: Words) -> MyInformation {
    let place =
        |reference: &str, name: &str| Some(Place { reference: words.say(reference), name: words.say(name) });
    MyInformation {
        frame: words.frame_of_bea(Door::Omc),
        notice: Some(Notice::new(Tone::Good, "Your profile is saved.")),
        profile: Profile {
            login: words.say("bea@acme.example"),
            name: Input::of(words.say("Bea Fischer")),
            email: Input::of(words.say("bea@acme.example")),
            language: Input::of("en-GB"),
            time_zone: Input::of(words.say("Europe/Paris")),
        },
        signs_in_by: SignsInBy::Password { changed: Some(ago(2000)) },
        place: ActivePlace {
            site: place("acme-uk", "Acme Fashion UK"),
            store: place("leeds", "Leeds, Briggate"),
            site_input: Input::of(words.say("acme-uk")),
            store_input: Input::of(words.say("leeds")),
        },
        access: Listed::whole(access(words)),
        effective: super::users::effective(words),
        sessions: Listed::whole(sessions(words)),
        everywhere: Everywhere { sessions: 3, tokens: 2 },
        tokens: tokens(words),
        new_token: NewToken::Form(TokenForm::default()),
    }
}

fn wrong(words: Words) -> MyInformation {
    let input = |value: &str, error: &str| Input::wrong(words.say(value), words.say(error));
    let mut page = full(words);
    page.notice = Some(Notice::fields_are_wrong());
    page.profile.name = input("", "A name has 1 to 200 characters.");
    page.profile.email = input("bea@", "`bea@` is no e-mail address. Write it as name@company.example.");
    page.profile.language = input("xx", "`xx` is no language of the pages: it is one of en-GB, en-US.");
    page.profile.time_zone = input("Paris", "There is no time zone `Paris`: write Europe/Paris.");
    page.place.site_input = input("acme-fr", "There is no site `acme-fr` that you may see.");
    page.place.store_input = input("paris", "The store `paris` is not at this site.");
    page.new_token = NewToken::Form(TokenForm {
        label: input("", "Give it a label of 1 to 80 characters."),
        expires: input("31.12.2026", "Write the day as YYYY-MM-DD, such as 2026-12-31."),
    });
    page
}

fn empty(words: Words) -> MyInformation {
    let clock = Clock::of(Some(access::Language::EnUs), None);
    MyInformation {
        frame: Frame { clock, ..words.frame_of_bea(Door::StoreApp) },
        notice: None,
        signs_in_by: SignsInBy::Provider { name: words.say("Acme Entra") },
        place: ActivePlace {
            site: None,
            store: None,
            site_input: Input::default(),
            store_input: Input::default(),
        },
        access: Listed::whole(vec![]),
        sessions: Listed { rows: sessions(words).into_iter().take(2).collect(), total: 41 },
        everywhere: Everywhere { sessions: 41, tokens: 0 },
        tokens: vec![],
        new_token: NewToken::Off(TokensOff::NeedsAccess { omc: true, api: false }),
        ..full(words)
    }
}
