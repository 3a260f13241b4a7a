//! The form of a grant: a role, where and when it holds.

use access::scope::{Extent, IdSet, LocationExtent};
use access::{Grant, GrantSpec, Instant, Number, RetailerId, Scope, Snapshot, Validity};

use super::names;
use crate::answer::Fail;
use crate::clock::Clock;
use crate::days::{begin_of, end_of, first_day, last_day};
use crate::form::Form;
use crate::views::frame::Input;
use crate::views::user::AssignForm;

/// The fields of a grant.
const FIELDS: [&str; 7] = ["role", "site", "locations", "narrow", "channels", "from", "until"];

/// The fields as they were sent.
pub(crate) fn form(sent: &Form) -> Result<AssignForm, Fail> {
    let input = |name| Ok::<_, Fail>(Input::of(sent.optional(name)?.unwrap_or_default().trim()));
    Ok(AssignForm {
        role: input("role")?,
        site: input("site")?,
        locations: input("locations")?,
        narrow: sent.optional("narrow")? == Some("yes"),
        channels: input("channels")?,
        from: input("from")?,
        until: input("until")?,
    })
}

/// The fields as a question sends them on.
pub(crate) fn fields(form: &AssignForm) -> Vec<(&'static str, String)> {
    let narrow = if form.narrow { "yes" } else { "" };
    let values = [
        form.role.value.as_str(),
        &form.site.value,
        &form.locations.value,
        narrow,
        &form.channels.value,
        &form.from.value,
        &form.until.value,
    ];
    FIELDS.into_iter().zip(values.map(ToOwned::to_owned)).collect()
}

/// Whether nothing was filled in.
pub(crate) fn is_empty(form: &AssignForm) -> bool {
    let all = [&form.role, &form.site, &form.locations, &form.channels, &form.from, &form.until];
    all.iter().all(|input| input.value.is_empty())
}

/// What a list with commas names; what is wrong is written beside it.
pub(crate) fn named_list<T: Number>(
    input: &mut Input,
    what: &str,
    find: impl Fn(&str) -> Option<T>,
) -> Option<Vec<T>> {
    let mut ids = Vec::new();
    for name in input.value.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        match find(name) {
            Some(id) => ids.push(id),
            None => {
                input.error = Some(format!("There is no {what} `{name}` here."));
                return None;
            }
        }
    }
    if ids.is_empty() && !input.value.is_empty() {
        input.error = Some(format!("Name at least one {what}."));
        return None;
    }
    Some(ids)
}

/// The grant that the form describes; none where a field is wrong, which is written beside it.
pub(crate) fn spec(
    (on, clock, now): (&Snapshot, &Clock, Instant),
    form: &mut AssignForm,
) -> Option<GrantSpec> {
    let role = names::role(on, &form.role.value).map(|role| role.id);
    if role.is_none() {
        form.role.error = Some("There is no role of this key: see the page Roles.".to_owned());
    }
    let (scope, validity) = (scope(on, form)?, validity(form, (clock, now))?);
    Some(GrantSpec { role: role?, scope, validity })
}

/// Where the form says; none where a field is wrong, which is written beside it.
pub(crate) fn scope(on: &Snapshot, form: &mut AssignForm) -> Option<Scope> {
    let sites = named_list(&mut form.site, "site", |name| names::site(on, name).map(|site| site.id))?;
    for (input, what) in [(&mut form.locations, "stock locations"), (&mut form.channels, "sales channels")] {
        if sites.is_empty() && !input.value.is_empty() {
            input.error = Some(format!("Name the site of these {what}, too."));
            return None;
        }
    }
    let locations = named_list(&mut form.locations, "stock location", |name| {
        of_one_site(&sites, |site| names::location(on, Some(site), name).map(|found| found.id))
    })?;
    let channels = named_list(&mut form.channels, "sales channel", |name| {
        of_one_site(&sites, |site| names::channel(on, Some(site), name).map(|found| found.id))
    })?;
    let listed = if form.narrow { LocationExtent::Narrow } else { LocationExtent::Only };
    Some(Scope {
        retailers: IdSet::new(sites).map_or(Extent::All, Extent::Set),
        locations: IdSet::new(locations).map_or(LocationExtent::All, listed),
        channels: IdSet::new(channels).map_or(Extent::All, Extent::Set),
    })
}

/// The one thing that a name means at the sites; none where it means none or several.
fn of_one_site<T: PartialEq>(sites: &[RetailerId], find: impl Fn(RetailerId) -> Option<T>) -> Option<T> {
    let mut found = sites.iter().filter_map(|site| find(*site));
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

/// When the form says; none where a field is wrong, which is written beside it.
pub(crate) fn validity(form: &mut AssignForm, (clock, now): (&Clock, Instant)) -> Option<Validity> {
    const NO_DAY: &str = "This is no date: give it as 2026-11-03.";
    let day = |input: &mut Input, read: fn(&str, &Clock) -> Option<Instant>| match input.value.as_str() {
        "" => Some(None),
        text => {
            let at = read(text, clock);
            input.error = at.is_none().then(|| NO_DAY.to_owned());
            at.map(Some)
        }
    };
    let (from, until) = (day(&mut form.from, begin_of)?, day(&mut form.until, end_of)?);
    if until.is_some_and(|until| until <= now) {
        form.until.error = Some("This day is over already.".to_owned());
        return None;
    }
    Some(Validity { from, until })
}

/// The form as a grant is now.
pub(crate) fn filled(on: &Snapshot, grant: &Grant, clock: &Clock) -> AssignForm {
    let validity = grant.spec.validity;
    AssignForm {
        from: Input::of(validity.from.map(|at| first_day(at, clock)).unwrap_or_default()),
        until: Input::of(validity.until.map(|at| last_day(at, clock)).unwrap_or_default()),
        ..at(on, &grant.spec.scope)
    }
}

/// The form of a new grant with that scope.
pub(crate) fn at(on: &Snapshot, scope: &Scope) -> AssignForm {
    let places = on.places();
    let sites = scope.retailers.listed().iter().filter_map(|id| places.retailer(*id));
    let locations = scope.locations.listed().iter().filter_map(|id| places.location(*id));
    let channels = scope.channels.listed().iter().filter_map(|id| places.channel(*id));
    let joined = |refs: Vec<&str>| Input::of(refs.join(", "));
    AssignForm {
        site: joined(sites.map(|found| found.r#ref.as_str()).collect()),
        locations: joined(locations.map(|found| found.r#ref.as_str()).collect()),
        narrow: matches!(scope.locations, LocationExtent::Narrow(_)),
        channels: joined(channels.map(|found| found.r#ref.as_str()).collect()),
        ..AssignForm::default()
    }
}
