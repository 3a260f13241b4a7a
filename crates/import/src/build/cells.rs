//! One row of a file, asked through templates. Whatever does not fit is reported where it stands.

use crate::filter::Filter;
use crate::lookup::Lookups;
use crate::plan::{Origin, Row};
use crate::problem::{Report, Reported};
use crate::table::Record;
use crate::template::{Part, Placeholder, Template};
use crate::value::Notation;

/// A row with all that is needed to fill templates from it.
pub(crate) struct Cells<'r, 't> {
    record: &'r Record<'t>,
    lookups: &'r Lookups,
    report: &'r mut Report,
}

impl<'r, 't> Cells<'r, 't> {
    pub(crate) fn new(record: &'r Record<'t>, lookups: &'r Lookups, report: &'r mut Report) -> Self {
        Self { record, lookups, report }
    }

    pub(crate) fn line(&self) -> u64 {
        self.record.line
    }

    pub(crate) fn lookups(&self) -> &'r Lookups {
        self.lookups
    }

    pub(crate) fn origin(&self) -> Origin {
        Origin { file: self.record.table.name.to_owned(), line: self.record.line }
    }

    /// A row of the plan that came from here.
    pub(crate) fn row<T>(&self, value: T) -> Row<T> {
        Row { origin: self.origin(), value }
    }

    pub(crate) fn report(&mut self, column: &str, value: &str, reason: impl Into<String>) -> Reported {
        self.report.add(self.record.table.name, self.record.line, column, value, reason)
    }

    /// What a template gives here, or nothing.
    pub(crate) fn text(&mut self, template: &Template) -> Result<Option<String>, Reported> {
        Ok(self.fill(template)?.ok())
    }

    /// What a template gives here; nothing is a problem.
    pub(crate) fn needed(&mut self, template: &Template) -> Result<String, Reported> {
        self.fill(template)?.map_err(|column| self.report(&column, "", "is empty, and a value is needed"))
    }

    pub(crate) fn optional(&mut self, template: Option<&Template>) -> Result<Option<String>, Reported> {
        template.map_or(Ok(None), |template| self.text(template))
    }

    /// What a template gives here, read by `read`; nothing is a problem.
    pub(crate) fn read<T>(
        &mut self,
        template: &Template,
        read: impl FnOnce(&Notation, &str) -> Result<T, String>,
    ) -> Result<T, Reported> {
        let text = self.needed(template)?;
        read(self.record.table.notation, &text)
            .map_err(|reason| self.report(&template.columns(), &text, reason))
    }

    pub(crate) fn read_optional<T>(
        &mut self,
        template: Option<&Template>,
        read: impl FnOnce(&Notation, &str) -> Result<T, String>,
    ) -> Result<Option<T>, Reported> {
        let Some(template) = template else { return Ok(None) };
        let Some(text) = self.text(template)? else { return Ok(None) };
        let value = read(self.record.table.notation, &text);
        value.map(Some).map_err(|reason| self.report(&template.columns(), &text, reason))
    }

    /// Fills a template. The inner error names the column that leaves the value empty.
    fn fill(&mut self, template: &Template) -> Result<Result<String, String>, Reported> {
        let mut value = String::new();
        for part in template.parts() {
            match part {
                Part::Text(text) => value.push_str(text),
                Part::Placeholder(placeholder) => match self.placeholder(placeholder)? {
                    Some(text) => value.push_str(&text),
                    None => return Ok(Err(placeholder.column.clone())),
                },
            }
        }
        let value = value.trim();
        Ok(if value.is_empty() { Err(template.columns()) } else { Ok(value.to_owned()) })
    }

    /// The text of a placeholder; `None` where it is empty and `default:` does not permit that.
    fn placeholder(&mut self, placeholder: &Placeholder) -> Result<Option<String>, Reported> {
        let mut text = self.record.field(&placeholder.column).to_owned();
        let mut may_be_empty = false;
        for filter in &placeholder.filters {
            match filter {
                Filter::Default(default) if text.is_empty() => {
                    text.clone_from(default);
                    may_be_empty = default.is_empty();
                }
                Filter::Lookup(name) if !text.is_empty() => {
                    text = self.look_up(name, &placeholder.column, &text)?.unwrap_or_default();
                }
                _ => text = filter.apply(&text),
            }
        }
        Ok((may_be_empty || !text.is_empty()).then_some(text))
    }
}
