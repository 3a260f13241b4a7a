//! What a mapping must hold as a whole. Every fault is found, not the first alone.

use std::collections::{BTreeMap, BTreeSet};

use super::MappingFault;
use super::document::{Document, LookupSource, NotationKeys, Used};
use crate::limits::{FILES_MAX, LOOKUPS_MAX, SCALE_MAX};
use crate::template::Template;
use crate::value::{Notation, check_date_format};

/// What the checks found out on their way.
pub(super) struct Checked {
    pub(super) notations: BTreeMap<String, Notation>,
    pub(super) lookup_order: Vec<String>,
}

pub(super) fn check(document: &Document) -> Result<Checked, Vec<MappingFault>> {
    let mut faults = Faults(Vec::new());
    let files = check_files(document, &mut faults);
    let notations = check_notations(document, &files, &mut faults);
    check_sources(document, &notations, &mut faults);
    for (name, lookup) in &document.lookups {
        check_lookup(document, name, lookup, &mut faults);
    }
    let lookup_order = order_lookups(document, &mut faults);
    if faults.0.is_empty() { Ok(Checked { notations, lookup_order }) } else { Err(faults.0) }
}

struct Faults(Vec<MappingFault>);

impl Faults {
    fn add(&mut self, place: impl Into<String>, reason: impl Into<String>) {
        self.0.push(MappingFault { place: place.into(), reason: reason.into() });
    }
}

fn check_files<'d>(document: &'d Document, faults: &mut Faults) -> BTreeSet<&'d str> {
    let files: BTreeSet<&str> = document.files_named().into_iter().collect();
    if files.is_empty() {
        faults.add(
            "the mapping",
            "reads no file; a section such as [[orders]] with `file = \"orders.csv\"` does",
        );
    }
    if files.len() > FILES_MAX {
        faults.add("the mapping", format!("names {} files; at most {FILES_MAX} are read", files.len()));
    }
    for file in &files {
        let inside = file.split('/').all(|part| !matches!(part, "" | "." | ".."));
        if !inside || file.contains(['\\', ':']) || file.chars().any(char::is_control) {
            let reason = "is not a file of the import's folder; write a name such as `orders.csv` or `2024/orders.csv`";
            faults.add(format!("file `{file}`"), reason);
        }
    }
    for file in document.files.keys().filter(|file| !files.contains(file.as_str())) {
        let reason = format!("no section reads this file; the files read are: {}", listed(&files));
        faults.add(format!("[files.\"{file}\"]"), reason);
    }
    files
}

fn check_notations(
    document: &Document,
    files: &BTreeSet<&str>,
    faults: &mut Faults,
) -> BTreeMap<String, Notation> {
    let base = notation("[csv]", &document.csv, &Notation::default(), faults);
    files
        .iter()
        .map(|file| {
            let own = document.files.get(*file);
            let own = own.map(|keys| notation(&format!("[files.\"{file}\"]"), keys, &base, faults));
            ((*file).to_owned(), own.unwrap_or_else(|| base.clone()))
        })
        .collect()
}

fn notation(place: &str, keys: &NotationKeys, base: &Notation, faults: &mut Faults) -> Notation {
    let mut notation = base.clone();
    if let Some(delimiter) = keys.delimiter {
        match u8::try_from(delimiter) {
            Ok(byte)
                if delimiter.is_ascii()
                    && !delimiter.is_ascii_alphanumeric()
                    && !b"\"\r\n".contains(&byte) =>
            {
                notation.delimiter = byte;
            }
            _ => faults.add(
                format!("{place}, delimiter"),
                format!(
                    "`{}` cannot stand between fields; use `,`, `;`, `|` or `\\t`",
                    delimiter.escape_default()
                ),
            ),
        }
    }
    notation.decimal = keys.decimal_separator.unwrap_or(base.decimal);
    notation.thousands = keys.thousands_separator.or(base.thousands);
    check_separators(place, &notation, faults);
    if let Some(format) = &keys.date_format {
        match check_date_format(format) {
            Ok(()) => notation.date_format = Some(format.clone()),
            Err(reason) => faults.add(format!("{place}, date_format"), reason),
        }
    }
    if let Some(empty) = &keys.empty_values {
        notation.empty.clone_from(empty);
    }
    notation
}

/// The separators of numbers must differ from all else in a number, and from one another.
fn check_separators(place: &str, notation: &Notation, faults: &mut Faults) {
    for (key, separator) in
        [("decimal_separator", Some(notation.decimal)), ("thousands_separator", notation.thousands)]
    {
        if let Some(separator) =
            separator.filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '"'))
        {
            faults.add(
                format!("{place}, {key}"),
                format!("`{separator}` cannot stand between digits; use `.` or `,`"),
            );
        }
    }
    if notation.thousands == Some(notation.decimal) {
        let reason = format!("`{}` is the decimal separator too; each needs its own", notation.decimal);
        faults.add(format!("{place}, thousands_separator"), reason);
    }
}

fn check_sources(document: &Document, notations: &BTreeMap<String, Notation>, faults: &mut Faults) {
    document.each_source(|place, rows, used, scale| {
        if scale > SCALE_MAX {
            faults.add(format!("{place}, scale"), format!("{scale} is more than {SCALE_MAX} decimal places"));
        }
        check_only_if(&place, rows.only_if, faults);
        let notation = notations.get(rows.file).cloned().unwrap_or_default();
        for Used { key, template, form } in used {
            check_asked(document, &format!("{place}, {key}"), template, faults);
            if let Some(text) = template.constant()
                && let Err(reason) = form.check(&text, &notation, scale.min(SCALE_MAX))
            {
                faults.add(format!("{place}, {key}"), format!("`{text}` {reason}"));
            }
        }
    });
    check_belonging(document, faults);
}

/// Sections that hang on others need those, and a separator needs a text.
fn check_belonging(document: &Document, faults: &mut Faults) {
    for (n, grants) in document.grants.iter().enumerate() {
        if grants.split.as_ref().is_some_and(String::is_empty) {
            let place = super::document::place("grants", n, document.grants.len());
            faults.add(
                format!("{place}, split"),
                "is empty; write what stands between two refs, such as \";\"",
            );
        }
    }
    for (section, needs, lacking) in [
        ("order_lines", "orders", !document.order_lines.is_empty() && document.orders.is_empty()),
        ("fulfilments", "orders", !document.fulfilments.is_empty() && document.orders.is_empty()),
        ("grants", "users", !document.grants.is_empty() && document.users.is_empty()),
    ] {
        if lacking {
            faults.add(
                format!("[[{section}]]"),
                format!("belongs to rows of [[{needs}]], and there is no such section"),
            );
        }
    }
}

fn check_only_if(place: &str, only_if: &BTreeMap<String, Vec<String>>, faults: &mut Faults) {
    for (column, _) in only_if.iter().filter(|(_, values)| values.is_empty()) {
        let reason = format!("`{column}` may have no value at all; list those whose rows are read");
        faults.add(format!("{place}, only_if"), reason);
    }
}

/// The look-ups that a template asks must be there.
fn check_asked(document: &Document, place: &str, template: &Template, faults: &mut Faults) {
    for name in template.lookups().filter(|name| !document.lookups.contains_key(*name)) {
        let known = if document.lookups.is_empty() {
            "there is no [lookups.NAME] section".to_owned()
        } else {
            format!("the look-ups are: {}", listed(document.lookups.keys()))
        };
        faults.add(place, format!("unknown look-up `{name}`; {known}"));
    }
}

fn check_lookup(document: &Document, name: &str, lookup: &LookupSource, faults: &mut Faults) {
    let place = format!("[lookups.{name}]");
    let in_file = (lookup.file.is_some(), lookup.key.is_some(), lookup.value.is_some());
    match (in_file, &lookup.values) {
        ((true, true, true), None) => {}
        ((false, false, false), Some(values)) => {
            let only_in_files =
                lookup.distinct || !lookup.skip_if_empty.is_empty() || !lookup.only_if.is_empty();
            if only_in_files {
                let reason = "`distinct`, `skip_if_empty` and `only_if` are for look-ups in a file, this one has `values`";
                faults.add(&place, reason);
            }
            if values.is_empty() {
                faults.add(format!("{place}, values"), "is empty; write for instance { A = \"active\" }");
            }
        }
        _ => faults.add(&place, "needs either `file`, `key` and `value`, or `values` alone"),
    }
    check_only_if(&place, &lookup.only_if, faults);
    for (key, template) in [("key", &lookup.key), ("value", &lookup.value)] {
        if let Some(template) = template {
            check_asked(document, &format!("{place}, {key}"), template, faults);
        }
    }
    if lookup.key.as_ref().is_some_and(|key| key.placeholders().next().is_none()) {
        faults
            .add(format!("{place}, key"), "is the same for every row; name a column, such as \"{StoreID}\"");
    }
}

/// The look-ups, each after those it asks. A circle is told once, as the way around it.
fn order_lookups(document: &Document, faults: &mut Faults) -> Vec<String> {
    if document.lookups.len() > LOOKUPS_MAX {
        let reason = format!("has {} look-ups; at most {LOOKUPS_MAX} are read", document.lookups.len());
        faults.add("the mapping", reason);
        return Vec::new();
    }
    let mut walk = Walk { document, done: Vec::new(), path: Vec::new(), circles: Vec::new() };
    for name in document.lookups.keys() {
        walk.visit(name);
    }
    for circle in walk.circles {
        let first = circle.first().cloned().unwrap_or_default();
        let way: Vec<String> = circle.iter().chain([&first]).map(|name| format!("`{name}`")).collect();
        let reason = format!("look-ups that ask one another in a circle never end: {}", way.join(" -> "));
        faults.add(format!("[lookups.{first}]"), reason);
    }
    walk.done
}

struct Walk<'d> {
    document: &'d Document,
    done: Vec<String>,
    path: Vec<&'d str>,
    circles: Vec<Vec<String>>,
}

impl<'d> Walk<'d> {
    /// Depth is bounded by the number of look-ups: a name on the path is not entered again.
    fn visit(&mut self, name: &'d str) {
        if self.done.iter().any(|done| done == name) {
            return;
        }
        if let Some(at) = self.path.iter().position(|on_path| *on_path == name) {
            self.circles.push(self.path.iter().skip(at).map(|name| (*name).to_owned()).collect());
            return;
        }
        let Some(lookup) = self.document.lookups.get(name) else { return };
        self.path.push(name);
        for template in [&lookup.key, &lookup.value].into_iter().flatten() {
            for asked in template.lookups() {
                self.visit(asked);
            }
        }
        self.path.pop();
        self.done.push(name.to_owned());
    }
}

fn listed(names: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    names.into_iter().map(|name| name.as_ref().to_owned()).collect::<Vec<_>>().join(", ")
}
