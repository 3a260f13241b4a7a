//! My information: profile, sign-in, active place, access, sessions and tokens of whoever is signed in.

use access::Language;
use askama::Template;

use super::effective::EffectiveTable;
use super::frame::{Frame, Input, Listed, Moment, Notice, counted};
use crate::paths;

/// The page "My information".
#[derive(Template)]
#[template(path = "me.html")]
pub struct MyInformation {
    /// The frame, with the person.
    pub frame: Frame,
    /// What was just done, or not done.
    pub notice: Option<Notice>,
    /// Who they are.
    pub profile: Profile,
    /// How they sign in.
    pub signs_in_by: SignsInBy,
    /// Where they work just now.
    pub place: ActivePlace,
    /// What they may enter, and as what.
    pub access: Listed<AccessRow>,
    /// What that comes to.
    pub effective: EffectiveTable,
    /// Where they are signed in.
    pub sessions: Listed<SessionRow>,
    /// What "sign out everywhere" would end.
    pub everywhere: Everywhere,
    /// Their long-duration tokens.
    pub tokens: Vec<TokenRow>,
    /// The form for another one, or why there is none.
    pub new_token: NewToken,
}

/// Who somebody is.
#[derive(Clone)]
pub struct Profile {
    /// The login, which never changes.
    pub login: String,
    /// The field `name`.
    pub name: Input,
    /// The field `email`.
    pub email: Input,
    /// The field `language`: the tag of one.
    pub language: Input,
    /// The field `time_zone`: the IANA name of one, or empty for UTC.
    pub time_zone: Input,
}

impl Profile {
    /// Tag and name of each language.
    pub(crate) fn languages(&self) -> [(&'static str, &'static str); 2] {
        Language::ALL.map(|language| (language.tag(), language.title()))
    }

    pub(crate) fn is_in(&self, tag: &str) -> bool {
        self.language.value.eq_ignore_ascii_case(tag)
    }

    /// The name of the language that is used.
    pub(crate) fn language_title(&self) -> &'static str {
        Language::parse(&self.language.value).unwrap_or_default().title()
    }

    /// The name of the time zone that is used.
    pub(crate) fn zone(&self) -> &str {
        if self.time_zone.value.is_empty() { "UTC" } else { &self.time_zone.value }
    }
}

/// How somebody signs in: with one of the two, never both.
#[derive(Clone)]
pub enum SignsInBy {
    /// With a password of their own.
    Password {
        /// When it was last changed.
        changed: Option<Moment>,
    },
    /// By single sign-on.
    Provider {
        /// The name of the identity provider.
        name: String,
    },
}

/// The active site and store of a session: what its pages show, never what it may do.
#[derive(Clone)]
pub struct ActivePlace {
    /// The active site; none: all that one may see.
    pub site: Option<Place>,
    /// The active store.
    pub store: Option<Place>,
    /// The field `retailer`: the ref of a site.
    pub site_input: Input,
    /// The field `location`: the ref of a store.
    pub store_input: Input,
}

/// A site or store.
#[derive(Clone)]
pub struct Place {
    /// Its ref.
    pub reference: String,
    /// Its name.
    pub name: String,
}

/// One line of the access summary: a grant.
#[derive(Clone)]
pub struct AccessRow {
    /// Its id.
    pub id: String,
    /// The role.
    pub role: String,
    /// The application.
    pub application: String,
    /// The sites, and the stores and sales channels where it lists them, or that it is all.
    pub place: String,
    /// When it holds, where that has a beginning or an end.
    pub validity: Option<String>,
}

/// A session of the person.
#[derive(Clone)]
pub struct SessionRow {
    /// Its id, sent back in the field `session`.
    pub id: String,
    /// The application it is in.
    pub application: String,
    /// The address that it was made from.
    pub address: String,
    /// What people call the browser: `Chrome on Linux`.
    pub browser: String,
    /// What the browser says it is.
    pub agent: String,
    /// When they signed in.
    pub made: Moment,
    /// When it was last used.
    pub seen: Moment,
    /// Whether it is the session that this page was asked for with.
    pub this: bool,
}

/// What "sign out everywhere" ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Everywhere {
    /// Sessions, this one included.
    pub sessions: usize,
    /// Long-duration tokens; 0 where there are none, or where they stay.
    pub tokens: usize,
}

impl Everywhere {
    /// What it will do, as a sentence said before it is done.
    #[must_use]
    pub fn sentence(self) -> String {
        let sessions = match self.sessions {
            0 | 1 => "this session".to_owned(),
            number => format!("all {number} sessions, this one included"),
        };
        let tokens = match self.tokens {
            0 => String::new(),
            number => format!(", and {} that programs may be using", counted(number, "long-duration token")),
        };
        format!("Ends {sessions}{tokens}. You will have to sign in again.")
    }
}

/// A long-duration token of the person. The token itself is not kept and cannot be shown.
#[derive(Clone)]
pub struct TokenRow {
    /// Its id, sent back in the field `token`.
    pub id: String,
    /// What they called it.
    pub label: String,
    /// When it was made.
    pub made: Moment,
    /// From when on it no longer counts; none: never.
    pub expires: Option<Moment>,
    /// When it was last used; none: not yet.
    pub used: Option<Moment>,
}

/// Whether another token can be made.
#[derive(Clone)]
pub enum NewToken {
    /// By this form.
    Form(TokenForm),
    /// Not, and why.
    Off(TokensOff),
}

/// The form for a new token.
#[derive(Clone, Default)]
pub struct TokenForm {
    /// The field `label`.
    pub label: Input,
    /// The field `expires`: a date as `YYYY-MM-DD`, or empty.
    pub expires: Input,
}

/// Why no token can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokensOff {
    /// The person lacks one of the two accesses that a token needs, or both.
    NeedsAccess {
        /// Whether they may enter the Order Management Center.
        omc: bool,
        /// Whether they may enter the API.
        api: bool,
    },
    /// They have as many as one may have.
    Full {
        /// How many that is.
        max: usize,
    },
}

impl TokensOff {
    /// The reason, and what would change it.
    #[must_use]
    pub fn sentence(self) -> String {
        let needs = "A long-duration token needs access to the Order Management Center and to the API.";
        match self {
            Self::NeedsAccess { omc: true, api: true } => format!("{needs} You cannot make one just now."),
            Self::NeedsAccess { omc: true, .. } => {
                format!("{needs} You have no access to the API: ask whoever manages your users.")
            }
            Self::NeedsAccess { api: true, .. } => {
                format!(
                    "{needs} You have no access to the Order Management Center: ask whoever manages your users."
                )
            }
            Self::NeedsAccess { .. } => {
                format!("{needs} You have neither: ask whoever manages your users.")
            }
            Self::Full { max } => {
                format!(
                    "You have {} already, which is the most: revoke one to make another.",
                    counted(max, "token")
                )
            }
        }
    }
}

impl TokenRow {
    fn revoke_path(&self, frame: &Frame) -> String {
        paths::with_query(&frame.to(paths::ME_TOKEN_REVOKE), &[("token", &self.id)])
    }
}

impl MyInformation {
    /// Where one asks why one may do something or may not: in the Order Management Center alone.
    fn explain(&self) -> Option<&'static str> {
        (self.frame.door == crate::Door::Omc).then_some(paths::EXPLAIN)
    }

    fn title(&self) -> String {
        let token_fails = match &self.new_token {
            NewToken::Form(form) => form.label.error.is_some() || form.expires.error.is_some(),
            NewToken::Off(_) => false,
        };
        let place = &self.place;
        let own = &self.profile;
        let fields =
            [&own.name, &own.email, &own.language, &own.time_zone, &place.site_input, &place.store_input];
        let failed = token_fails || fields.iter().any(|field| field.error.is_some());
        self.frame.titled(if failed { "Error: My information" } else { "My information" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_is_said_with_its_numbers() {
        let of = |sessions, tokens| Everywhere { sessions, tokens }.sentence();
        assert_eq!(of(1, 0), "Ends this session. You will have to sign in again.");
        assert_eq!(
            of(3, 1),
            "Ends all 3 sessions, this one included, and 1 long-duration token that programs may be using. You will have to sign in again."
        );
    }

    #[test]
    fn the_reason_names_what_is_missing() {
        let of = |omc, api| TokensOff::NeedsAccess { omc, api }.sentence();
        assert!(of(true, false).contains("no access to the API:"));
        assert!(of(false, true).contains("no access to the Order Management Center:"));
        assert!(of(false, false).contains("neither"));
        assert!(TokensOff::Full { max: 10 }.sentence().contains("10 tokens"));
    }
}
