//! The page for everything that did not work.

use askama::Template;

use super::frame::{Frame, waiting};
use crate::next::LocalPath;

/// What went wrong, said so that whoever reads it knows what to do.
#[derive(Template)]
#[template(path = "message.html")]
pub struct Message {
    /// The frame, with the person if somebody is signed in.
    pub frame: Frame,
    /// The status of the answer.
    pub status: u16,
    /// What happened, in few words.
    pub heading: String,
    /// What happened, in a sentence.
    pub sentence: String,
    /// What to do next.
    pub advice: String,
    /// Where the link at the end leads.
    pub back: LocalPath,
    /// What the link says.
    pub back_text: &'static str,
    /// The header `Retry-After`, in seconds, where there is one.
    pub retry_after_s: Option<u32>,
}

/// What can go wrong on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// 400: what was sent is none of our forms.
    NotUnderstood,
    /// 403: the person lacks a permission.
    Forbidden {
        /// What is missing, such as a permission and where.
        missing: Option<String>,
    },
    /// 403: the form is too old, or its session has ended, or it came from another site.
    FormExpired,
    /// 404: not there, or not to be known.
    NotFound,
    /// 413: what was sent is too long.
    TooLarge {
        /// The most that is taken, in bytes.
        bytes_max: usize,
    },
    /// 429: too often.
    TooMany {
        /// Seconds to wait.
        wait_s: u32,
    },
    /// 503: not just now.
    Unavailable {
        /// Seconds to wait.
        wait_s: u32,
    },
}

/// Status, heading, sentence and advice of a trouble.
type Words = (u16, &'static str, String, String);

impl Message {
    /// The page for a trouble. It links to the door's home, or to the sign-in page where somebody has to
    /// begin again there; `back` and `back_text` may be set to something better.
    #[must_use]
    pub fn of(frame: Frame, trouble: &Trouble) -> Self {
        let (status, heading, sentence, advice) = trouble.words();
        let (back, back_text) = if frame.person.is_none() {
            (LocalPath::or_home(Some(&frame.to(crate::paths::SIGN_IN)), frame.door), "Go to the sign-in page")
        } else if *trouble == Trouble::FormExpired {
            (LocalPath::or_home(Some(&frame.to(crate::paths::ME)), frame.door), "Back to My information")
        } else {
            (frame.door.home(), "Go to the first page")
        };
        let retry_after_s = trouble.wait_s();
        Self { heading: heading.to_owned(), frame, status, sentence, advice, back, back_text, retry_after_s }
    }
}

impl Trouble {
    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.words().0
    }

    fn wait_s(&self) -> Option<u32> {
        match self {
            Self::TooMany { wait_s } | Self::Unavailable { wait_s } => Some(*wait_s),
            _ => None,
        }
    }

    fn words(&self) -> Words {
        match self {
            Self::Forbidden { missing } => forbidden(missing.as_deref()),
            _ => self.words_of_site(),
        }
    }

    fn words_of_site(&self) -> Words {
        let (status, heading, sentence, advice) = match self {
            Self::FormExpired => (
                403,
                "This form has expired",
                "It was open for too long, or you signed in again meanwhile. Nothing was changed.".to_owned(),
                "Open the page again and repeat what you did.".to_owned(),
            ),
            Self::NotFound => (
                404,
                "Page not found",
                "There is no such page, or it is not one that you may see.".to_owned(),
                "Check the address, or ask whoever sent you the link.".to_owned(),
            ),
            Self::TooLarge { bytes_max } => (
                413,
                "That was too much",
                format!(
                    "What you sent is longer than the {bytes_max} bytes that are taken. Nothing was changed."
                ),
                "Go back and shorten it.".to_owned(),
            ),
            Self::TooMany { wait_s } => (
                429,
                "Too many requests",
                "Too much was asked from your address in a short time. Nothing was changed.".to_owned(),
                format!("Wait {}, then try again.", waiting(*wait_s)),
            ),
            Self::Unavailable { wait_s } => (
                503,
                "Not available just now",
                "The service cannot answer at the moment. Nothing was changed.".to_owned(),
                format!("Try again in {}. If it stays like this, tell your administrator.", waiting(*wait_s)),
            ),
            _ => (
                400,
                "This was not understood",
                "What your browser sent is none of the forms of this site. Nothing was changed.".to_owned(),
                "Open the page again and repeat what you did.".to_owned(),
            ),
        };
        (status, heading, sentence, advice)
    }
}

fn forbidden(missing: Option<&str>) -> Words {
    let sentence = missing.map_or_else(
        || "Your access does not include this page or what you tried to do.".to_owned(),
        |missing| format!("For this you need {missing}, which you do not have."),
    );
    (403, "You may not do this", sentence, "Ask whoever manages your users.".to_owned())
}
