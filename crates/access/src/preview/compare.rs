//! One user before and after: what they gain and lose, and when. Users who hold the same are compared once.

use super::region::{Region, Shapes, TooIntricate, difference};
use super::{Contexts, Difference, Period, StatusChange, What};
use crate::catalogue::{PermissionId, RoleSlot};
use crate::scope::Scope;
use crate::snapshot::Snapshot;
use crate::time::{Instant, Validity};
use crate::words::{Application, Applications, UserId};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// A grant that holds now or later.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Held {
    role: RoleSlot,
    scope: Scope,
    validity: Validity,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Status {
    Absent,
    Active,
    Disabled,
    Removed,
}

/// All that decides what a user may do, besides what the roles hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Standing {
    status: Status,
    /// None for a user who is not active: they may do nothing.
    grants: Vec<Held>,
}

impl Standing {
    fn of(state: &Snapshot, user: UserId, now: Instant) -> Self {
        let Some(found) = state.user(user) else {
            return Self { status: Status::Absent, grants: Vec::new() };
        };
        let status = match (found.is_active(), found.is_removed()) {
            (true, _) => Status::Active,
            (false, true) => Status::Removed,
            (false, false) => Status::Disabled,
        };
        let held = found.grants().filter(|_| status == Status::Active).filter_map(|g| {
            let validity = g.validity().from_now(now);
            let over = validity.until.is_some_and(|until| until <= now) || !validity.is_possible();
            (!over).then(|| Held { role: g.role(), scope: g.scope(), validity })
        });
        Self { status, grants: held.collect() }
    }

    fn roles(&self, at: Instant) -> Vec<RoleSlot> {
        let roles: BTreeSet<RoleSlot> = self.holding(at).map(|g| g.role).collect();
        roles.into_iter().collect()
    }

    fn holding(&self, at: Instant) -> impl Iterator<Item = &Held> {
        self.grants.iter().filter(move |g| g.validity.holds_at(at))
    }

    /// The scopes of grants of these roles, each once, in an order of their own.
    fn scopes(&self, at: Instant, roles: &[RoleSlot]) -> BTreeSet<&Scope> {
        self.holding(at).filter(|g| roles.contains(&g.role)).map(|g| &g.scope).collect()
    }
}

/// Gained or lost, where and when.
type Stretch = (bool, Vec<Region>, Period);

/// The roles by which a permission is held in one context, before and after.
type Sources = (Vec<RoleSlot>, Vec<RoleSlot>);

/// Permissions that the same roles hold, of viewing or not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Class {
    viewing: bool,
    sources: [Sources; Contexts::COUNT],
}

impl Class {
    /// Whether the permissions are held by the same roles before and after, in every context.
    fn is_same(&self) -> bool {
        self.sources.iter().all(|(before, after)| before == after)
    }
}

/// What two lists of roles are to each other, whatever the scopes of their grants.
#[derive(Debug)]
struct Plan {
    classes: Vec<Class>,
    /// The class of each permission.
    of: Vec<usize>,
    /// The permissions of each class.
    members: Vec<Vec<PermissionId>>,
    entered: (Applications, Applications),
}

/// Compares users of two states.
pub(super) struct Comparer<'s> {
    before: &'s Snapshot,
    after: &'s Snapshot,
    now: Instant,
    shapes: Shapes,
    plans: HashMap<Sources, Arc<Plan>>,
    cases: HashMap<(Standing, Standing), usize>,
    /// The differences of each case.
    pub(super) found: Vec<Result<Vec<Difference>, TooIntricate>>,
}

impl<'s> Comparer<'s> {
    pub(super) fn new(before: &'s Snapshot, after: &'s Snapshot, now: Instant) -> Self {
        let shapes = Shapes::of(after.contract());
        let (plans, cases) = (HashMap::new(), HashMap::new());
        Self { before, after, now, shapes, plans, cases, found: Vec::new() }
    }

    /// The case of a user: its place among those found.
    pub(super) fn case(&mut self, user: UserId) -> usize {
        let standing = |state| Standing::of(state, user, self.now);
        let pair = (standing(self.before), standing(self.after));
        if let Some(known) = self.cases.get(&pair) {
            return *known;
        }
        let found = self.compare(&pair.0, &pair.1);
        self.found.push(found);
        let case = self.found.len() - 1;
        self.cases.insert(pair, case);
        case
    }

    fn compare(&mut self, before: &Standing, after: &Standing) -> Result<Vec<Difference>, TooIntricate> {
        let status = match (before.status, after.status) {
            (Status::Absent, Status::Absent) => return Ok(Vec::new()),
            (Status::Absent, Status::Active) => Some(StatusChange::Created),
            (Status::Active, Status::Active) => None,
            (was, is) if was == is => return Ok(Vec::new()),
            (_, Status::Active) => Some(StatusChange::Enabled),
            (_, Status::Removed) => Some(StatusChange::Removed),
            _ => Some(StatusChange::Disabled),
        };
        let mut all = Vec::new();
        all.extend(status.map(|change| Difference { what: What::Status(change), when: Period::default() }));
        // Whoever comes back or goes gains or loses everything: that is said by the status.
        if matches!(status, None | Some(StatusChange::Created)) {
            self.compare_active(before, after, &mut all)?;
        }
        Ok(all)
    }

    fn compare_active(
        &mut self,
        before: &Standing,
        after: &Standing,
        to: &mut Vec<Difference>,
    ) -> Result<(), TooIntricate> {
        let starts = self.starts(before, after)?;
        let plans: Vec<Arc<Plan>> =
            starts.iter().map(|at| self.plan((before.roles(*at), after.roles(*at)))).collect();
        for application in Application::ALL {
            for gain in [true, false] {
                let changed = plans.iter().map(|plan| {
                    let (was, is) =
                        (plan.entered.0.contains(application), plan.entered.1.contains(application));
                    (was != is && is == gain).then_some(())
                });
                let what = What::Entry { gain, application };
                let periods = periods(&starts, changed);
                to.extend(periods.into_iter().map(|(when, ())| Difference { what: what.clone(), when }));
            }
        }
        // By what is gained or lost, in which contexts and when: the permissions.
        let mut held: BTreeMap<(bool, Vec<Region>, Contexts, Period), Vec<PermissionId>> = BTreeMap::new();
        let same_grants = before.grants == after.grants;
        for (permissions, classes) in refined(&plans) {
            if same_grants && classes.iter().all(|class| class.is_same()) {
                continue;
            }
            for ((gain, at, when), contexts) in self.changes(before, after, &starts, &classes)? {
                held.entry((gain, at, contexts, when)).or_default().extend(permissions.iter());
            }
        }
        to.extend(held.into_iter().map(|((gain, at, contexts, when), mut permissions)| {
            permissions.sort_unstable();
            Difference { what: What::Access { gain, permissions, contexts, at }, when }
        }));
        Ok(())
    }

    /// Now, and every later instant at which a grant begins or ends.
    fn starts(&self, before: &Standing, after: &Standing) -> Result<Vec<Instant>, TooIntricate> {
        let ends =
            before.grants.iter().chain(&after.grants).flat_map(|g| [g.validity.from, g.validity.until]);
        let starts: BTreeSet<Instant> = ends.flatten().chain([self.now]).collect();
        if starts.len() > super::PERIODS_MAX { Err(TooIntricate) } else { Ok(starts.into_iter().collect()) }
    }

    /// What a class of permissions gains and loses: one class for each stretch of time.
    fn changes(
        &self,
        before: &Standing,
        after: &Standing,
        starts: &[Instant],
        classes: &[&Class],
    ) -> Result<BTreeMap<Stretch, Contexts>, TooIntricate> {
        let mut changes: BTreeMap<Stretch, Contexts> = BTreeMap::new();
        let viewing = classes.first().is_some_and(|class| class.viewing);
        // Contexts in which the same grants count are looked at once.
        let mut alike: BTreeMap<Vec<&Sources>, Contexts> = BTreeMap::new();
        for context in Contexts::ALONE {
            let sources = classes.iter().filter_map(|class| class.sources.get(context.index())).collect();
            let contexts = alike.entry(sources).or_default();
            *contexts = contexts.with(context);
        }
        for (stretches, those) in alike {
            let (mut gained, mut lost) = (Vec::new(), Vec::new());
            for (at, sources) in starts.iter().zip(stretches) {
                let (was, is) = (before.scopes(*at, &sources.0), after.scopes(*at, &sources.1));
                gained.push(self.beyond(&is, &was, viewing)?);
                lost.push(self.beyond(&was, &is, viewing)?);
            }
            for (gain, column) in [(true, gained), (false, lost)] {
                for (when, at) in periods(starts, column.into_iter()) {
                    let contexts = changes.entry((gain, at, when)).or_default();
                    *contexts = contexts.with(those);
                }
            }
        }
        Ok(changes)
    }

    /// What the scopes admit that the others do not; none when that is nothing.
    fn beyond(
        &self,
        scopes: &BTreeSet<&Scope>,
        others: &BTreeSet<&Scope>,
        viewing: bool,
    ) -> Result<Option<Vec<Region>>, TooIntricate> {
        let more: Vec<&Scope> = scopes.difference(others).copied().collect();
        if more.is_empty() || more.iter().all(|scope| others.iter().any(|other| other.covers(scope))) {
            return Ok(None);
        }
        let boxes = |list: &mut dyn Iterator<Item = &&Scope>, make: fn(&Scope) -> Region| {
            list.map(|scope| make(scope)).collect::<Vec<Region>>()
        };
        let mut all = Vec::new();
        let kinds: &[fn(&Scope) -> Region] =
            if viewing { &[Region::of, Region::of_reference] } else { &[Region::of] };
        for make in kinds {
            let (of, without) = (boxes(&mut more.iter(), *make), boxes(&mut others.iter(), *make));
            all.extend(difference(&of, &without, &self.shapes)?);
        }
        Ok((!all.is_empty()).then_some(all))
    }

    fn plan(&mut self, roles: Sources) -> Arc<Plan> {
        if let Some(known) = self.plans.get(&roles) {
            return known.clone();
        }
        let plan = Arc::new(self.make_plan(&roles));
        self.plans.insert(roles, plan.clone());
        plan
    }

    fn make_plan(&self, roles: &Sources) -> Plan {
        let before = entered(self.before, &roles.0);
        let after = entered(self.after, &roles.1);
        let mut classes: Vec<Class> = Vec::new();
        let mut places: HashMap<Class, usize> = HashMap::new();
        let (mut of, mut members) = (Vec::new(), Vec::<Vec<PermissionId>>::new());
        for permission in self.after.permissions().ids() {
            let sources = Contexts::ALONE.map(|context| {
                let holding = |state, roles, entered| holding(state, roles, entered, permission, context);
                (holding(self.before, &roles.0, before), holding(self.after, &roles.1, after))
            });
            let class = Class { viewing: self.after.permissions().is_view(permission), sources };
            let place = *places.entry(class).or_insert_with_key(|class| {
                classes.push(class.clone());
                members.push(Vec::new());
                classes.len() - 1
            });
            members.get_mut(place).into_iter().for_each(|members| members.push(permission));
            of.push(place);
        }
        Plan { classes, of, members, entered: (before, after) }
    }
}

/// The applications that grants of these roles let their holder enter.
fn entered(state: &Snapshot, roles: &[RoleSlot]) -> Applications {
    let opened = |application: &Application| {
        roles
            .iter()
            .any(|role| state.roles.counts_in(*role, *application) && state.roles.opens(*role, *application))
    };
    Application::ALL.into_iter().filter(opened).fold(Applications::NONE, Applications::with)
}

/// Those of the roles by which a permission is held in a context.
fn holding(
    state: &Snapshot,
    roles: &[RoleSlot],
    entered: Applications,
    permission: PermissionId,
    context: Contexts,
) -> Vec<RoleSlot> {
    let known = permission.index() < state.permissions().len();
    let application = context.applications().iter().next();
    if !known || application.is_some_and(|a| !entered.contains(a)) {
        return Vec::new();
    }
    let counts = |role: &RoleSlot| application.is_none_or(|a| state.roles.counts_in(*role, a));
    let holds = |role: &RoleSlot| state.roles.holds(*role, permission);
    roles.iter().copied().filter(|role| counts(role) && holds(role)).collect()
}

/// Permissions that are of the same class at all times, with that class in each stretch of time.
fn refined(plans: &[Arc<Plan>]) -> Vec<(Cow<'_, [PermissionId]>, Vec<&Class>)> {
    if let [plan] = plans {
        let classes = plan.classes.iter().zip(&plan.members);
        return classes.map(|(class, members)| (Cow::Borrowed(members.as_slice()), vec![class])).collect();
    }
    let mut all: BTreeMap<Vec<usize>, Vec<PermissionId>> = BTreeMap::new();
    let count = plans.first().map_or(0, |plan| plan.of.len());
    for index in 0..u16::try_from(count).unwrap_or(u16::MAX) {
        let key = plans.iter().filter_map(|plan| plan.of.get(usize::from(index)).copied()).collect();
        all.entry(key).or_default().push(PermissionId(index));
    }
    let classes =
        |key: &[usize]| key.iter().zip(plans).filter_map(|(c, plan)| plan.classes.get(*c)).collect();
    all.into_iter().map(|(key, permissions)| (Cow::Owned(permissions), classes(&key))).collect()
}

/// Neighbouring stretches of time with the same value as one; stretches without a value are left out.
fn periods<T: PartialEq>(starts: &[Instant], values: impl Iterator<Item = Option<T>>) -> Vec<(Period, T)> {
    let mut all: Vec<(Period, T)> = Vec::new();
    for (nth, value) in values.enumerate() {
        let from = if nth == 0 { None } else { starts.get(nth).copied() };
        let until = starts.get(nth + 1).copied();
        let Some(value) = value else { continue };
        match all.last_mut() {
            Some((last, same)) if from.is_some() && last.until == from && *same == value => {
                last.until = until;
            }
            _ => all.push((Period { from, until }, value)),
        }
    }
    all
}
