//! What all pages have around them, and the small parts that many are made of.

use crate::clock::Clock;
use crate::door::Door;

/// What every page needs to know, whatever it shows.
#[derive(Clone)]
pub struct Frame {
    /// The application that the page belongs to.
    pub door: Door,
    /// The token that every form of the page sends back in its field `csrf`.
    pub csrf: String,
    /// Who is signed in; none before sign-in.
    pub person: Option<Person>,
    /// The pages that they may read, besides their own.
    pub menu: Vec<MenuItem>,
    /// The sites that they may be in, in the Store App the stores; none where there is nothing to choose.
    pub sites: Option<SiteSwitch>,
    /// Their language, and how they read days and times.
    pub clock: Clock,
}

/// The switcher of sites, in the Store App of stores.
#[derive(Clone)]
pub struct SiteSwitch {
    /// The ref of the active site; empty: all that they may see, in the Store App no store.
    pub active: String,
    /// Ref and name of each, that of all first.
    pub choices: Vec<(String, String)>,
    /// The page that it is on, which is kept.
    pub back: String,
}

/// A page in the menu.
#[derive(Clone)]
pub struct MenuItem {
    /// What it is called.
    pub title: &'static str,
    /// Its address.
    pub address: String,
    /// Whether this is the page, or one below it.
    pub here: bool,
}

/// Somebody who is signed in, as the head of a page names them.
#[derive(Clone)]
pub struct Person {
    /// Their name; the login where they have none.
    pub name: String,
    /// Their login.
    pub login: String,
}

impl Frame {
    pub(crate) fn to(&self, path: &str) -> String {
        self.door.to(path)
    }

    /// Whether the pages of roles, of why and of the audit are behind this door.
    pub(crate) fn is_office(&self) -> bool {
        self.door == Door::Omc
    }

    /// The title in the browser's tab: what the page is, then the application.
    pub(crate) fn titled(&self, page: &str) -> String {
        format!("{page} \u{2013} {}", self.door.title())
    }
}

/// A text field: what stands in it, and what is wrong with it.
#[derive(Clone, Default)]
pub struct Input {
    /// What was typed, or what holds now.
    pub value: String,
    /// A sentence about what is wrong and what would be right.
    pub error: Option<String>,
}

impl Input {
    /// A field with nothing wrong.
    #[must_use]
    pub fn of(value: impl Into<String>) -> Self {
        Self { value: value.into(), error: None }
    }

    /// A field that keeps what was typed and says what is wrong with it.
    #[must_use]
    pub fn wrong(value: impl Into<String>, error: impl Into<String>) -> Self {
        Self { value: value.into(), error: Some(error.into()) }
    }
}

/// How a notice looks and how it is read out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Something was done.
    Good,
    /// Something to know.
    Info,
    /// Something to heed.
    Warn,
    /// Something went wrong; nothing was changed.
    Bad,
}

impl Tone {
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }

    /// `alert` interrupts a screen reader, `status` waits.
    pub(crate) const fn role(self) -> &'static str {
        match self {
            Self::Good | Self::Info => "status",
            Self::Warn | Self::Bad => "alert",
        }
    }

    /// The sign beside the colour, for whoever does not see the colour.
    pub(crate) const fn sign(self) -> &'static str {
        match self {
            Self::Good => "\u{2713}",
            Self::Info => "i",
            Self::Warn | Self::Bad => "!",
        }
    }
}

/// A sentence at the top of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// How it looks.
    pub tone: Tone,
    /// What it says.
    pub text: String,
}

impl Notice {
    /// A notice.
    #[must_use]
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { tone, text: text.into() }
    }

    /// What stands above a form that was not taken because of its fields.
    #[must_use]
    pub fn fields_are_wrong() -> Self {
        Self::nothing_changed("See the marked fields.")
    }

    /// What stands above a form that was not taken, with the reason as a sentence.
    #[must_use]
    pub fn nothing_changed(why: &str) -> Self {
        Self::new(Tone::Bad, format!("Nothing was changed. {why}"))
    }
}

/// An instant as a page shows it, to the minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// For programs: `2026-11-03T14:05:00Z`.
    pub machine: String,
    /// For people: `3 Nov 2026, 15:05 CET`.
    pub text: String,
}

impl Moment {
    /// The instant so many microseconds after 1970-01-01T00:00:00Z, as the clock of whoever looks shows it. What lies
    /// outside the years that the calendar library knows (-9999 to 9999) is shown as its first or last instant.
    #[must_use]
    pub fn of(micros: i64, clock: &Clock) -> Self {
        let end = if micros < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        let at = jiff::Timestamp::from_microsecond(micros).unwrap_or(end);
        Self { machine: at.strftime("%Y-%m-%dT%H:%M:00Z").to_string(), text: clock.text(at) }
    }
}

/// Rows of a list, and how many there are in all.
#[derive(Clone)]
pub struct Listed<T> {
    /// The rows that are shown.
    pub rows: Vec<T>,
    /// How many there are; the page says so when it shows fewer.
    pub total: usize,
}

impl<T> Listed<T> {
    /// A list that is shown whole.
    #[must_use]
    pub fn whole(rows: Vec<T>) -> Self {
        Self { total: rows.len(), rows }
    }

    pub(crate) fn is_cut(&self) -> bool {
        self.rows.len() < self.total
    }
}

/// `1 session`, `2 sessions`.
pub(crate) fn counted(number: usize, one: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {one}{plural}")
}

/// A waiting time for people: seconds up to two minutes, then minutes, rounded up.
pub(crate) fn waiting(seconds: u32) -> String {
    let number = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    match seconds {
        0..=119 => counted(number(seconds.max(1)), "second"),
        _ => counted(number(seconds.div_ceil(60)), "minute"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use access::Language;

    #[test]
    fn a_moment_is_for_people_and_for_programs() {
        let utc = |micros| Moment::of(micros, &Clock::default());
        let moment = utc(1_793_714_759_000_000);
        assert_eq!(moment.machine, "2026-11-03T14:05:00Z");
        assert_eq!(moment.text, "3 Nov 2026, 14:05 UTC");
        assert_eq!(utc(0).text, "1 Jan 1970, 00:00 UTC");
        assert!(utc(i64::MAX).text.contains("9999"));
        assert!(utc(i64::MIN).text.contains("-9999"));
    }

    #[test]
    fn a_moment_stands_in_the_zone_and_writing_of_whoever_looks_and_is_one_instant_for_programs() {
        let zone = |name: &str| access::TimeZoneName::parse(name).unwrap();
        let (paris, new_york) = (zone("Europe/Paris"), zone("America/New_York"));
        let shown = |language, zone| Moment::of(1_793_714_759_000_000, &Clock::of(language, zone));
        for (language, zone, text) in [
            (None, Some(&paris), "3 Nov 2026, 15:05 CET"),
            (Some(Language::EnGb), Some(&new_york), "3 Nov 2026, 09:05 EST"),
            (Some(Language::EnUs), Some(&new_york), "Nov 3, 2026, 9:05 AM EST"),
            (Some(Language::EnUs), Some(&paris), "Nov 3, 2026, 3:05 PM CET"),
            (Some(Language::EnUs), None, "Nov 3, 2026, 2:05 PM UTC"),
        ] {
            let moment = shown(language, zone);
            assert_eq!((moment.text.as_str(), moment.machine.as_str()), (text, "2026-11-03T14:05:00Z"));
        }
    }

    #[test]
    fn waiting_is_never_promised_too_short() {
        for (seconds, text) in [
            (0, "1 second"),
            (1, "1 second"),
            (30, "30 seconds"),
            (119, "119 seconds"),
            (120, "2 minutes"),
            (121, "3 minutes"),
            (u32::MAX, "71582789 minutes"),
        ] {
            assert_eq!(waiting(seconds), text);
        }
    }
}
