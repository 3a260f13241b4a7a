//! One sample or more of every page, in plain words or with hostile ones in every place that foreign text
//! can reach. The tests look into them; the example `samples` writes them to a folder.

use pages::*;

mod me;
mod office;
mod store;
mod users;

/// Where the texts of the samples come from.
#[derive(Clone, Copy)]
pub(crate) enum Words {
    /// As they are written below.
    Plain,
    /// With something around them that breaks out of whatever is not escaped.
    Hostile,
}

/// Markup, both quotes, an entity, a template's own braces, right-to-left overrides, and length.
pub(crate) const HOSTILE: &str = "</p></title><script>alert('1')</script>\" onfocus='x' autofocus &lt; {{ 7 }} \u{202e}\u{05d0}\u{05d1}\u{05d2} ";

impl Words {
    /// A text that somebody typed, or that another system sent.
    pub(crate) fn say(self, plain: &str) -> String {
        match self {
            Self::Plain => plain.to_owned(),
            Self::Hostile => format!("{HOSTILE}{plain}{}", "W".repeat(300)),
        }
    }

    fn maybe(self, plain: &str) -> Option<String> {
        Some(self.say(plain))
    }

    fn frame(self, door: Door) -> Frame {
        let (csrf, clock) = (self.say("csrf-of-the-visit"), Clock::default());
        Frame { door, csrf, person: None, menu: Vec::new(), sites: None, clock }
    }

    fn frame_of_bea(self, door: Door) -> Frame {
        let person = Person { name: self.say("Bea Fischer"), login: self.say("bea@acme.example") };
        Frame {
            door,
            csrf: self.say("csrf-of-the-session"),
            person: Some(person),
            menu: Vec::new(),
            sites: None,
            clock: Clock::default(),
        }
    }

    /// Of somebody who may read the pages of the office.
    fn frame_of_office(self, here: &str) -> Frame {
        let item = |(title, address): (&'static str, &str)| MenuItem {
            title,
            address: address.to_owned(),
            here: here == address,
        };
        let all = [("Users", "/users"), ("Roles", "/roles"), ("Explain", "/explain"), ("Audit", "/audit")];
        let sites = SiteSwitch {
            active: self.say("north"),
            choices: vec![(String::new(), self.say("All sites")), (self.say("north"), self.say("North"))],
            back: here.to_owned(),
        };
        Frame { menu: all.map(item).into(), sites: Some(sites), ..self.frame_of_bea(Door::Omc) }
    }

    /// Of a vendor manager who works in two stores.
    fn frame_of_store(self) -> Frame {
        let users = MenuItem { title: "Users", address: "/store/users".to_owned(), here: true };
        let stores = SiteSwitch {
            active: self.say("leeds"),
            choices: vec![(self.say("leeds"), self.say("Leeds")), (self.say("york"), self.say("York"))],
            back: "/store/users".to_owned(),
        };
        Frame { menu: vec![users], sites: Some(stores), ..self.frame_of_bea(Door::StoreApp) }
    }
}

/// A page with the name of its file.
pub(crate) type Sample = (String, String);

/// Renders all of them.
///
/// # Errors
/// What a template says that cannot be rendered.
pub(crate) fn all(words: Words) -> Result<Vec<Sample>, Box<dyn std::error::Error>> {
    let mut pages = vec![];
    sign_in(words, &mut pages)?;
    passwords(words, &mut pages)?;
    links(words, &mut pages)?;
    me::pages(words, &mut pages)?;
    office::pages(words, &mut pages)?;
    users::pages(words, &mut pages)?;
    store::pages(words, &mut pages)?;
    troubles(words, &mut pages)?;
    Ok(pages)
}

type Written = Result<(), Box<dyn std::error::Error>>;

fn add(pages: &mut Vec<Sample>, name: &str, page: &impl Template) -> Written {
    pages.push((name.to_owned(), page.render()?));
    Ok(())
}

fn sign_in(words: Words, pages: &mut Vec<Sample>) -> Written {
    let next = LocalPath::parse("/me?tab=tokens&x='%22").ok();
    let provider =
        |reference: &str, name: &str| Provider { reference: words.say(reference), name: words.say(name) };
    let plain = |door| SignIn {
        frame: words.frame(door),
        message: None,
        account: None,
        login: String::new(),
        next: None,
        providers: vec![],
    };
    add(pages, "sign-in", &plain(Door::Omc))?;
    add(pages, "sign-in-store", &plain(Door::StoreApp))?;
    let providers = vec![provider("entra", "Acme Entra"), provider("okta", "Okta for stores")];
    let full = SignIn { account: words.maybe("acme"), next: next.clone(), providers, ..plain(Door::Omc) };
    add(pages, "sign-in-full", &full)?;
    let messages = [
        ("wrong", SignInMessage::Wrong),
        ("account-missing", SignInMessage::AccountMissing),
        ("session-expired", SignInMessage::SessionExpired),
        ("form-expired", SignInMessage::FormExpired),
        ("no-providers", SignInMessage::NoProviders),
        ("password-set", SignInMessage::PasswordSet),
        ("too-many", SignInMessage::TooManyTries { wait_s: 40 }),
        ("busy", SignInMessage::Busy { wait_s: 3 }),
        (
            "sso",
            SignInMessage::SsoFailed(
                words.say("Acme Entra says that you are not assigned to this application."),
            ),
        ),
    ];
    for (name, message) in messages {
        let account = (message == SignInMessage::AccountMissing).then(String::new);
        let providers = vec![provider("entra", "Acme Entra")];
        let (message, login) = (Some(message), words.say("bea@acme.example"));
        let page = SignIn { message, account, login, providers, next: next.clone(), ..plain(Door::Omc) };
        add(pages, &format!("sign-in-{name}"), &page)?;
    }
    for (name, provider, everywhere) in
        [("signed-out", None, false), ("signed-out-everywhere", words.maybe("Acme Entra"), true)]
    {
        add(pages, name, &SignedOut { frame: words.frame(Door::Omc), provider, everywhere })?;
    }
    Ok(())
}

fn errors(words: Words) -> PasswordErrors {
    PasswordErrors {
        current: words.maybe("This is not your current password."),
        new: words.maybe("This is one of the most common passwords. Choose another."),
        again: words.maybe("The two do not match. Type the new password once more."),
    }
}

fn passwords(words: Words, pages: &mut Vec<Sample>) -> Written {
    for (name, kind) in [("first", PasswordChangeKind::First), ("own", PasswordChangeKind::Own)] {
        let page = |errors, notice| PasswordChange {
            frame: words.frame_of_bea(Door::StoreApp),
            kind,
            login: words.say("bea@acme.example"),
            errors,
            notice,
        };
        add(pages, &format!("password-{name}"), &page(PasswordErrors::default(), None))?;
        let notice = Some(Notice::fields_are_wrong());
        add(pages, &format!("password-{name}-wrong"), &page(errors(words), notice))?;
    }
    Ok(())
}

fn links(words: Words, pages: &mut Vec<Sample>) -> Written {
    for (name, kind) in [("invitation", LinkKind::Invitation), ("reset", LinkKind::Reset)] {
        let page = |errors, notice, person| LinkPage {
            frame: words.frame(Door::Omc),
            kind,
            code: words.say("code-of-the-link"),
            login: words.say("bea@acme.example"),
            name: person,
            errors,
            notice,
        };
        add(
            pages,
            &format!("link-{name}"),
            &page(PasswordErrors::default(), None, words.maybe("Bea Fischer")),
        )?;
        let notice = Some(Notice::new(Tone::Bad, words.say("Nothing was changed. See the marked fields.")));
        add(pages, &format!("link-{name}-wrong"), &page(errors(words), notice, None))?;
    }
    add(pages, "link-refused", &LinkRefused { frame: words.frame(Door::Omc) })
}

fn troubles(words: Words, pages: &mut Vec<Sample>) -> Written {
    let troubles = [
        Trouble::NotUnderstood,
        Trouble::Forbidden { missing: Some(words.say("USER_VIEW at Leeds")) },
        Trouble::Forbidden { missing: None },
        Trouble::FormExpired,
        Trouble::NotFound,
        Trouble::TooLarge { bytes_max: form::FORM_BYTES_MAX },
        Trouble::TooMany { wait_s: 30 },
        Trouble::Unavailable { wait_s: 300 },
    ];
    for (index, trouble) in troubles.iter().enumerate() {
        let name = format!("message-{index:02}-{}", trouble.status());
        add(pages, &name, &Message::of(words.frame_of_bea(Door::Omc), trouble))?;
    }
    add(pages, "message-nobody", &Message::of(words.frame(Door::StoreApp), &Trouble::FormExpired))
}
