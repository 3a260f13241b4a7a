//! The audit: who changed what, when, from where.

use askama::Template;

use super::frame::{Frame, Moment};
use crate::paths;

/// The page "Audit".
#[derive(Template)]
#[template(path = "audit.html")]
pub struct Audit {
    /// The frame, with the person.
    pub frame: Frame,
    /// The filters as they were sent.
    pub filters: AuditFilters,
    /// Whom and what alone it is about: of a link from their page; empty: everything.
    pub about: Vec<Piece>,
    /// The chains: name and title.
    pub chains: Vec<(String, String)>,
    /// The kinds: titles of groups, and value and title of each.
    pub kinds: Vec<(String, Vec<(String, String)>)>,
    /// The entries, the newest first.
    pub entries: Vec<AuditRow>,
    /// How many were looked at.
    pub looked_at: usize,
    /// Where older ones begin; none when there are none.
    pub next: Option<u64>,
}

/// What is shown of the audit.
#[derive(Clone, Default)]
pub struct AuditFilters {
    /// The chain.
    pub chain: String,
    /// The login or id of who did it.
    pub who: String,
    /// What is wrong with that.
    pub who_error: Option<String>,
    /// A part of what it was done to.
    pub what: String,
    /// The ids of what it was done to, with commas.
    pub of: String,
    /// What its kind begins with.
    pub kind: String,
    /// The first day, `YYYY-MM-DD`.
    pub from: String,
    /// What is wrong with that.
    pub from_error: Option<String>,
    /// The last day, `YYYY-MM-DD`.
    pub until: String,
    /// What is wrong with that.
    pub until_error: Option<String>,
}

/// One entry.
pub struct AuditRow {
    /// Its number in the chain.
    pub number: u64,
    /// When.
    pub at: Moment,
    /// Who: a name, and the id.
    pub who: Vec<Piece>,
    /// Its kind in words: `user disabled`; empty for one without.
    pub words: String,
    /// Its kind: `user.disabled`.
    pub kind: String,
    /// What it was done to.
    pub target: Vec<Piece>,
    /// From where: the address, and the application.
    pub origin: String,
    /// What was different before and after.
    pub facts: Vec<FactRow>,
}

/// A part of a text: words, or an id with what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What people call it; empty for an id that stands for nothing that is known.
    pub name: String,
    /// The id; empty for words.
    pub id: String,
    /// Where its page is, if it has one.
    pub address: Option<String>,
}

impl Piece {
    /// Words.
    #[must_use]
    pub fn text(words: &str) -> Self {
        Self { name: words.to_owned(), id: String::new(), address: None }
    }
}

/// A fact before and after.
pub struct FactRow {
    /// Its name.
    pub name: String,
    /// What is different.
    pub change: FactChange,
}

/// What is different in a fact.
pub enum FactChange {
    /// One value took the place of another.
    Value {
        /// Before; none when there was none.
        before: Option<FactValue>,
        /// After; none when there is none.
        after: Option<FactValue>,
    },
    /// A list has other members.
    List(ListChange),
}

/// A value.
pub enum FactValue {
    /// An instant.
    Time(Moment),
    /// A text.
    Text(Vec<Piece>),
}

/// What a list has more and less than before. Where both are empty, its order alone is another.
pub struct ListChange {
    /// What is there now and was not.
    pub added: Vec<Piece>,
    /// What was there and is not.
    pub taken: Vec<Piece>,
}

impl ListChange {
    /// Most members of either side that are shown before they are asked for.
    const SHOWN_MAX: usize = 12;

    fn shown<'p>(&self, side: &'p [Piece]) -> &'p [Piece] {
        side.get(..Self::SHOWN_MAX).unwrap_or(side)
    }

    fn rest<'p>(&self, side: &'p [Piece]) -> &'p [Piece] {
        side.get(Self::SHOWN_MAX..).unwrap_or_default()
    }
}

impl AuditFilters {
    fn fields(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("chain", &self.chain),
            ("who", &self.who),
            ("what", &self.what),
            ("of", &self.of),
            ("kind", &self.kind),
            ("from", &self.from),
            ("until", &self.until),
        ];
        all.into_iter()
            .map(|(name, value)| (name, value.as_str()))
            .filter(|(_, value)| !value.is_empty())
            .collect()
    }
}

impl Audit {
    /// The same without what it is about.
    fn about_everything(&self) -> String {
        let fields: Vec<_> = self.filters.fields().into_iter().filter(|(name, _)| *name != "of").collect();
        paths::with_query(paths::AUDIT, &fields)
    }

    fn older(&self, next: &u64) -> String {
        let next = next.to_string();
        let mut fields = self.filters.fields();
        fields.push(("before", &next));
        paths::with_query(paths::AUDIT, &fields)
    }

    fn export(&self) -> String {
        paths::with_query(paths::AUDIT_EXPORT, &self.filters.fields())
    }
}
