//! The form of a grant: a role, where and when it holds.

use access::commands::Refusal;
use access::delegation::DelegationRefusal;
use access::named::{Names, NotNamed};
use access::scope::{Extent, IdSet, LocationExtent};
use access::{Grant, GrantSpec, Instant, RoleId, Scope, Snapshot, Subject, Validity};
use service::ServiceError;

use crate::answer::{Fail, sentence};
use crate::clock::Clock;
use crate::days::{NO_DAY, begin_of, end_of, first_day, last_day};
use crate::form::Form;
use crate::session::blocking;
use crate::views::frame::Input;
use crate::views::user::AssignForm;

/// The fields of a grant.
const FIELDS: [&str; 7] = ["role", "site", "locations", "narrow", "channels", "from", "until"];

/// What stands for all sites.
pub(crate) const ALL: &str = "*";

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

/// Whether no access was filled in; a site stands there before.
pub(crate) fn is_empty(form: &AssignForm) -> bool {
    let all = [&form.role, &form.locations, &form.channels, &form.from, &form.until];
    all.iter().all(|input| input.value.is_empty())
}

/// The form of a new grant, at the active site of whoever gives it.
pub(crate) fn at_active_site(on: &Snapshot, subject: &Subject) -> AssignForm {
    let active = subject.active_retailer().and_then(|id| on.places().retailer(id));
    AssignForm {
        site: Input::of(active.map(Names::of_retailer).unwrap_or_default()),
        ..AssignForm::default()
    }
}

/// What a list with commas names; what is wrong is written beside it.
pub(crate) fn listed<T>(
    input: &mut Input,
    find: impl FnOnce(&[&str]) -> Result<Vec<T>, NotNamed>,
) -> Option<Vec<T>> {
    let names: Vec<&str> = input.value.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if names.is_empty() {
        // A list of nothing is no way to say all.
        let wrong = (!input.value.is_empty()).then(|| "Name at least one, or empty the field.".to_owned());
        input.error = wrong;
        return input.error.is_none().then(Vec::new);
    }
    // An account may have very many places to look through.
    let found = blocking(|| find(&names));
    found.map_err(|error| input.error = Some(sentence(&error))).ok()
}

/// The grant that the form describes; none where a field is wrong, which is written beside it.
fn spec(names: &Names<'_>, (clock, now): (&Clock, Instant), form: &mut AssignForm) -> Option<GrantSpec> {
    let role = role(names, &mut form.role);
    let (scope, validity) = (scope(names, form)?, validity(form, (clock, now))?);
    Some(GrantSpec { role: role?, scope, validity })
}

/// [`spec`], a ranked role at several sites as one grant for each: there it is one of the roles that a user has site by
/// site, and is changed by itself. Both say the same to whoever asks.
pub(crate) fn specs(
    names: &Names<'_>,
    at: (&Clock, Instant),
    form: &mut AssignForm,
) -> Option<Vec<GrantSpec>> {
    let spec = spec(names, at, form)?;
    let ranked = names.role(&form.role.value).is_some_and(|role| role.rank.is_some());
    let whole = spec.scope.locations == LocationExtent::All && spec.scope.channels == Extent::All;
    let scopes = spec.scope.units().filter(|_| ranked && whole).unwrap_or_else(|| vec![spec.scope.clone()]);
    Some(scopes.into_iter().map(|scope| GrantSpec { scope, ..spec.clone() }).collect())
}

/// Writes why the service did not take the form beside the field that would have to be another one; whether there is one.
pub(crate) fn mark(form: &mut AssignForm, error: &ServiceError) -> bool {
    let ServiceError::Refused(refusal) = error else { return false };
    let input = match refusal {
        Refusal::SecondRankedRole { .. }
        | Refusal::SecondRankedRoleElsewhere { .. }
        | Refusal::OmcNeedsEmail(_)
        | Refusal::NotOfTheStore
        | Refusal::Delegation(
            DelegationRefusal::Escalation { .. }
            | DelegationRefusal::Rank { .. }
            | DelegationRefusal::Managers,
        ) => &mut form.role,
        Refusal::NoSharedSite | Refusal::Delegation(DelegationRefusal::NotManaged { .. }) => &mut form.site,
        Refusal::EmptyValidity => &mut form.until,
        _ => return false,
    };
    input.error = Some(sentence(error));
    true
}

/// The role that a field names; what is wrong is written beside it.
pub(crate) fn role(names: &Names<'_>, input: &mut Input) -> Option<RoleId> {
    let found = names.role(&input.value).map(|role| role.id);
    if found.is_none() {
        input.error = Some("There is no role of this key: see the page Roles.".to_owned());
    }
    found
}

/// Where the form says; none where a field is wrong, which is written beside it.
pub(crate) fn scope(names: &Names<'_>, form: &mut AssignForm) -> Option<Scope> {
    if form.site.value.is_empty() {
        form.site.error = Some("Name the sites, or write * for all of them.".to_owned());
        return None;
    }
    // All is said, never left out.
    let sites = match form.site.value.as_str() {
        ALL => Vec::new(),
        _ => listed(&mut form.site, |all| names.retailers(all))?,
    };
    for (input, what) in [(&mut form.locations, "stock locations"), (&mut form.channels, "sales channels")] {
        if sites.is_empty() && !input.value.is_empty() {
            input.error = Some(format!("Name the site of these {what}, too."));
            return None;
        }
    }
    let locations = listed(&mut form.locations, |all| names.locations(&sites, all))?;
    let channels = listed(&mut form.channels, |all| names.channels(&sites, all))?;
    let extent = if form.narrow { LocationExtent::Narrow } else { LocationExtent::Only };
    Some(Scope {
        retailers: IdSet::new(sites).map_or(Extent::All, Extent::Set),
        locations: IdSet::new(locations).map_or(LocationExtent::All, extent),
        channels: IdSet::new(channels).map_or(Extent::All, Extent::Set),
    })
}

/// When the form says; none where a field is wrong, which is written beside it.
pub(crate) fn validity(form: &mut AssignForm, (clock, now): (&Clock, Instant)) -> Option<Validity> {
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
pub(crate) fn filled((on, names): (&Snapshot, &Names<'_>), grant: &Grant, clock: &Clock) -> AssignForm {
    let validity = grant.spec.validity;
    AssignForm {
        from: Input::of(validity.from.map(|at| first_day(at, clock)).unwrap_or_default()),
        until: Input::of(validity.until.map(|at| last_day(at, clock)).unwrap_or_default()),
        ..at((on, names), &grant.spec.scope)
    }
}

/// The form of a new grant with that scope.
pub(crate) fn at((on, names): (&Snapshot, &Names<'_>), scope: &Scope) -> AssignForm {
    let places = on.places();
    let of = scope.retailers.listed();
    let sites = of.iter().filter_map(|id| places.retailer(*id)).map(Names::of_retailer);
    let locations = scope.locations.listed().iter().filter_map(|id| places.location(*id));
    let channels = scope.channels.listed().iter().filter_map(|id| places.channel(*id));
    let joined = |all: Vec<String>| Input::of(all.join(", "));
    AssignForm {
        site: if of.is_empty() { Input::of(ALL) } else { joined(sites.collect()) },
        locations: joined(locations.map(Names::of_location).collect()),
        narrow: matches!(scope.locations, LocationExtent::Narrow(_)),
        channels: joined(channels.map(|channel| names.of_channel(channel, of)).collect()),
        ..AssignForm::default()
    }
}
