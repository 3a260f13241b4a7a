//! The users that one sees.

use askama::Template;

use super::frame::{Frame, Input, Notice};
use crate::paths;

/// The page "Users".
#[derive(Template)]
#[template(path = "users.html")]
pub struct Users {
    /// The frame, with the person.
    pub frame: Frame,
    /// What was just done with somebody whom one sees no more.
    pub notice: Option<Notice>,
    /// The store whose users these are, by name; none in the Order Management Center.
    pub store: Option<String>,
    /// Whether whoever looks may make users.
    pub may_create: bool,
    /// What is asked for.
    pub filters: UserFilters,
    /// How many there are with each status, for the filters by status: value, title, count.
    pub statuses: Vec<(String, String, usize)>,
    /// The applications: value and title.
    pub applications: Vec<(String, String)>,
    /// The ways to sign in: value and title.
    pub sign_ins: Vec<(String, String)>,
    /// The kinds of users: value and title.
    pub kinds: Vec<(String, String)>,
    /// How many rows a page may have.
    pub sizes: Vec<(String, String)>,
    /// The columns that a list may be sorted by: field, title.
    pub columns: Vec<(&'static str, &'static str)>,
    /// What may be done with many: value and title; none for whoever manages nobody.
    pub acts: Vec<(String, String)>,
    /// The users of this page.
    pub rows: Vec<UserListRow>,
    /// How many the list holds.
    pub total: usize,
    /// Which page this is, from 1.
    pub page: usize,
    /// How many there are.
    pub pages: usize,
    /// What is to be done with those who are ticked.
    pub bulk: BulkForm,
}

/// What is to be done with many, as far as it is filled in.
#[derive(Clone, Default)]
pub struct BulkForm {
    /// What: one of [`Users::acts`].
    pub act: String,
    /// The key or name of a role.
    pub role: Input,
    /// The refs or names of sites.
    pub site: Input,
    /// The ids of those who are ticked.
    pub ticked: Vec<String>,
}

/// What a list of users is asked for.
#[derive(Clone, Default)]
pub struct UserFilters {
    /// Words of login, name or e-mail.
    pub q: Input,
    /// The ref of a site.
    pub site: Input,
    /// The ref of a location.
    pub location: Input,
    /// The ref of a sales channel.
    pub channel: Input,
    /// The key or name of a role.
    pub role: Input,
    /// An application.
    pub application: String,
    /// A status.
    pub status: String,
    /// A way to sign in.
    pub sign_in: String,
    /// A kind.
    pub kind: String,
    /// The column that it is sorted by; with `-` before it, the last one first.
    pub sort: String,
    /// Rows of a page.
    pub rows: String,
}

/// A user of the list.
#[derive(Clone)]
pub struct UserListRow {
    /// Their id.
    pub id: String,
    /// Their login.
    pub login: String,
    /// Their name.
    pub name: String,
    /// Their e-mail; empty when they have none.
    pub email: String,
    /// Their status.
    pub status: StatusWord,
    /// What they are and how they sign in: `Person, password`.
    pub kind: String,
    /// The roles that one sees, each with where it holds.
    pub roles: Vec<String>,
    /// How many more grants they have.
    pub more: usize,
}

/// A status: a colour, a sign and a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusWord {
    /// Both switches are on.
    Enabled,
    /// Disabled by the administrators.
    Disabled,
    /// Switched off by the provisioner.
    Deprovisioned,
    /// Removed.
    Removed,
}

impl StatusWord {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Deprovisioned => "deprovisioned",
            Self::Removed => "removed",
        }
    }

    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Enabled => "good",
            Self::Disabled | Self::Removed => "bad",
            Self::Deprovisioned => "warn",
        }
    }

    pub(crate) const fn sign(self) -> &'static str {
        match self {
            Self::Enabled => "\u{2713}",
            Self::Disabled | Self::Removed => "\u{2715}",
            Self::Deprovisioned => "!",
        }
    }
}

impl UserFilters {
    /// Those that are set, as the fields of an address.
    pub(crate) fn fields(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("q", &self.q.value),
            ("site", &self.site.value),
            ("location", &self.location.value),
            ("channel", &self.channel.value),
            ("role", &self.role.value),
            ("application", &self.application),
            ("status", &self.status),
            ("sign_in", &self.sign_in),
            ("kind", &self.kind),
            ("sort", &self.sort),
            ("rows", &self.rows),
        ];
        // An empty site says all of them, where none says the active one.
        let set = all.into_iter().filter(|(name, value)| *name == "site" || !value.is_empty());
        set.map(|(name, value)| (name, value.as_str())).collect()
    }

    /// Whether one of those is set that a small screen does not show at first.
    pub(crate) fn is_narrow(&self) -> bool {
        let texts = [&self.application, &self.sign_in, &self.kind];
        let inputs = [&self.location, &self.channel];
        texts.iter().any(|text| !text.is_empty())
            || inputs.iter().any(|input| !input.value.is_empty() || input.error.is_some())
    }

    /// The address of the list with one field another, below the prefix of its door.
    fn with(&self, name: &'static str, value: &str) -> String {
        let mut fields = self.fields();
        fields.retain(|(own, _)| *own != name);
        if !value.is_empty() {
            fields.push((name, value));
        }
        paths::with_query(paths::USERS, &fields)
    }
}

impl Users {
    fn user_address(&self, row: &UserListRow) -> String {
        self.frame.to(&paths::user(&row.id))
    }

    fn is_ticked(&self, row: &UserListRow) -> bool {
        self.bulk.ticked.contains(&row.id)
    }

    fn status_address(&self, status: &str) -> String {
        self.frame.to(&self.filters.with("status", status))
    }

    fn sort_address(&self, field: &str) -> String {
        let other = if self.filters.sort == field { format!("-{field}") } else { field.to_owned() };
        self.frame.to(&self.filters.with("sort", &other))
    }

    /// `ascending`, `descending` or `none`, as the attribute `aria-sort` has it.
    fn sorted(&self, field: &str) -> &'static str {
        match self.filters.sort.strip_prefix('-') {
            Some(sort) if sort == field => "descending",
            None if self.filters.sort == field => "ascending",
            _ => "none",
        }
    }

    fn sort_sign(&self, field: &str) -> &'static str {
        match self.sorted(field) {
            "ascending" => "\u{2191}",
            "descending" => "\u{2193}",
            _ => "",
        }
    }

    fn page_address(&self, page: usize) -> String {
        let page = page.to_string();
        let mut fields = self.filters.fields();
        fields.push(("page", &page));
        self.frame.to(&paths::with_query(paths::USERS, &fields))
    }

    /// The address of the list of everybody, whatever the active site is.
    fn everybody(&self) -> String {
        paths::with_query(&self.frame.to(paths::USERS), &[("site", "")])
    }

    /// The address of this page of the list.
    fn here(&self) -> String {
        self.page_address(self.page)
    }

    fn first(&self) -> String {
        self.page_address(1)
    }

    fn previous(&self) -> String {
        self.page_address(self.page.saturating_sub(1))
    }

    fn following(&self) -> String {
        self.page_address(self.page + 1)
    }

    fn last(&self) -> String {
        self.page_address(self.pages)
    }

    fn export(&self) -> String {
        self.frame.to(&paths::with_query(paths::USERS_EXPORT, &self.filters.fields()))
    }

    fn is_filtered(&self) -> bool {
        let all = self.filters.fields();
        all.iter().any(|(name, value)| !value.is_empty() && !matches!(*name, "sort" | "rows"))
    }

    /// `1-25 of 1,014`.
    fn range(&self) -> String {
        let rows: usize = self.filters.rows.parse().unwrap_or(self.rows.len());
        let begin = (self.page - 1) * rows;
        match self.rows.len() {
            0 => format!("0 of {}", self.total),
            shown => format!("{}\u{2013}{} of {}", begin + 1, begin + shown, self.total),
        }
    }

    fn is_wrong(&self) -> bool {
        let f = &self.filters;
        [&f.q, &f.site, &f.location, &f.channel, &f.role].iter().any(|input| input.error.is_some())
    }
}
