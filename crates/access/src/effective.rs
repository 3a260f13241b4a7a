//! What a user may do where, module by module and site by site, and by which grant.
//!
//! A cell is a module at a site, judged in the application that the module is an area of. Its level is derived
//! from permissions as for a role (`modules.csv`: write is all of both lists, read all of the read list), but at
//! the things of the site: a level is held on a thing when for each of its permissions there is a grant that
//! counts now and admits the thing. One grant need not have them all; each has its permission and its place itself.
//!
//! A cell says two levels: the one that is held on everything of the site, whatever its location and channel, and
//! the best that is held on something of it, with the places where it is. "Write, limited" is a best level of
//! write with less than that on everything. Reference data that all sites share is left out: everybody who may
//! view any may view it.
//!
//! **Invariant:** a level is what `decide` allows on each thing; a test asks it all.

#[cfg(test)]
mod tests;

use crate::catalogue::{Module, ModuleLevel, PermissionSet};
use crate::preview::Region;
use crate::preview::region::{Shapes, TooIntricate, common, difference};
use crate::preview::region_text;
use crate::proof::Subject;
use crate::snapshot::{PackedGrant, Snapshot, UserRef};
use crate::time::Instant;
use crate::words::{Application, GrantId, RetailerId, UserId};
use std::collections::{BTreeMap, BTreeSet};

/// Most sites that have a column of their own.
pub const SITES_MAX: usize = 500;

/// What a column is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// Every site: those that no grant names, those to come, and what is account-wide. What is held here is
    /// held at each named site, too.
    AllSites,
    /// A site that a grant of the user names.
    Site(RetailerId),
}

/// A module at a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The best level that is held on something of the site.
    pub level: ModuleLevel,
    /// The level that is held on everything of the site: `level` or a lower one.
    pub whole: ModuleLevel,
    /// Where `level` is held; nowhere for none.
    pub at: Vec<Region>,
    /// The grants that give both levels, ascending: each has a permission of its level on something that is told of. The
    /// application must be entered besides: [`Effective::entered_by`].
    pub grants: Vec<GrantId>,
    /// Where the level is none: the grants that have a permission of the module on something of the site all the same, one
    /// that no level of another module there tells of, ascending. None with them is "some of it", not "nothing".
    pub some: Vec<GrantId>,
    /// The grants part the site in more regions than can be told: `level` is `whole`, and may be too low.
    pub too_intricate: bool,
}

impl Cell {
    /// Whether the level holds only at some locations or channels of the site, or only where there is none.
    #[must_use]
    pub fn is_limited(&self) -> bool {
        self.level > self.whole
    }

    /// Where a limited level holds, in words: "at Leeds and York".
    #[must_use]
    pub fn limits(&self, state: &Snapshot) -> Option<String> {
        let all: Vec<String> = self.at.iter().map(|region| region_text(region, state)).collect();
        self.is_limited().then(|| all.join("; "))
    }
}

/// A module with its cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name: `orders`.
    pub module: String,
    /// The application it is an area of.
    pub application: Application,
    /// One cell for each column.
    pub cells: Vec<Cell>,
}

/// The effective access of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    /// All sites, then each site that a grant of theirs names, by number; at most [`SITES_MAX`] of those.
    pub columns: Vec<Column>,
    /// One for each module, in the order of the contract.
    pub rows: Vec<Row>,
    /// Sites that grants name and that have no column.
    pub beyond: usize,
    /// The next instant at which it may change by itself.
    pub valid_until: Option<Instant>,
    entered_by: BTreeMap<Application, Vec<GrantId>>,
}

/// A grant that counts now.
struct Counting<'s> {
    id: GrantId,
    permissions: &'s PermissionSet,
    region: Region,
}

impl Effective {
    /// The effective access of a user at `now`; none anywhere for one who is not active.
    #[must_use]
    pub fn of(state: &Snapshot, user: UserId, now: Instant) -> Self {
        Self::by(state, user, now, |_| true)
    }

    /// The effective access of a user as far as it comes from grants that the subject sees ([`Snapshot::grants_seen`]);
    /// of the others it tells nothing but that an application may be entered.
    #[must_use]
    pub fn seen(state: &Snapshot, subject: &Subject, user: UserId, now: Instant) -> Self {
        let seen = state.grants_seen(subject, user, now).seen;
        let seen: BTreeSet<GrantId> = seen.into_iter().map(|grant| grant.id).collect();
        Self::by(state, user, now, |id| seen.contains(&id))
    }

    /// The effective access by those grants that pass.
    fn by(state: &Snapshot, user: UserId, now: Instant, passes: impl Fn(GrantId) -> bool) -> Self {
        let found = state.user(user);
        let mut named: BTreeSet<RetailerId> = BTreeSet::new();
        for grant in found.into_iter().flat_map(UserRef::grants).filter(|g| g.id().is_some_and(&passes)) {
            named.extend(grant.scope().retailers.listed());
        }
        let named: Vec<RetailerId> = named.into_iter().collect();
        let shown = named.iter().take(SITES_MAX);
        let columns: Vec<Column> =
            std::iter::once(Column::AllSites).chain(shown.map(|r| Column::Site(*r))).collect();
        let sites: Vec<Region> = columns
            .iter()
            .map(|column| match column {
                Column::AllSites => Region::of_others(&named),
                Column::Site(retailer) => Region::of_retailer(*retailer),
            })
            .collect();
        let active = found.filter(|u| u.is_active());
        let entered_by = active.map_or(BTreeMap::new(), |user| state.entered_by(user, now));
        let shapes = Shapes::of(state.contract());
        let rows = state.contract().modules().iter().map(|module| {
            let application = module.application();
            let active = active.filter(|_| entered_by.contains_key(&application));
            let mut grants = active.map_or(Vec::new(), |user| state.counting_regions(user, application, now));
            grants.retain(|grant| passes(grant.id));
            let cells = sites.iter().map(|site| cell(module, site, &grants, &shapes)).collect();
            (Row { module: module.name().to_owned(), application, cells }, grants)
        });
        let (mut rows, grants): (Vec<Row>, Vec<_>) = rows.unzip();
        tell_some(state, &mut rows, &grants, (&sites, &shapes));
        let mut entered_by = entered_by;
        entered_by.values_mut().for_each(|ids| ids.retain(|id| passes(*id)));
        Self {
            rows,
            beyond: named.len().saturating_sub(SITES_MAX),
            valid_until: active.and_then(|user| next_boundary(user, now, &passes)),
            columns,
            entered_by,
        }
    }

    /// The cell of a module at a column.
    #[must_use]
    pub fn cell(&self, module: &str, column: Column) -> Option<&Cell> {
        let at = self.columns.iter().position(|c| *c == column)?;
        self.rows.iter().find(|row| row.module == module)?.cells.get(at)
    }

    /// The grants by which the user may enter an application now, ascending; none when they may not.
    #[must_use]
    pub fn entered_by(&self, application: Application) -> &[GrantId] {
        self.entered_by.get(&application).map_or(&[], Vec::as_slice)
    }
}

/// The next beginning or end of a grant that passes.
fn next_boundary(user: UserRef<'_>, now: Instant, passes: &impl Fn(GrantId) -> bool) -> Option<Instant> {
    let grants = user.grants().filter(|g| g.id().is_some_and(passes)).map(|g| g.validity());
    grants.flat_map(|v| [v.from, v.until]).flatten().filter(|at| *at > now).min()
}

impl Snapshot {
    fn entered_by(&self, user: UserRef<'_>, now: Instant) -> BTreeMap<Application, Vec<GrantId>> {
        let mut all: BTreeMap<Application, Vec<GrantId>> = BTreeMap::new();
        for application in Application::ALL {
            let opening = self.counting(user, Some(application), now);
            let opening = opening.filter(|g| self.roles.opens(g.role(), application));
            for id in opening.filter_map(PackedGrant::id) {
                all.entry(application).or_default().push(id);
            }
        }
        all.values_mut().for_each(|ids| ids.sort_unstable());
        all
    }

    fn counting_regions<'s>(
        &'s self,
        user: UserRef<'s>,
        application: Application,
        now: Instant,
    ) -> Vec<Counting<'s>> {
        let counting = self.counting(user, Some(application), now);
        counting
            .filter_map(|g| {
                let permissions = &self.roles.at(g.role())?.permissions;
                Some(Counting { id: g.id()?, permissions, region: Region::of(&g.scope()) })
            })
            .collect()
    }
}

fn cell(module: &Module, site: &Region, grants: &[Counting<'_>], shapes: &Shapes) -> Cell {
    let here: Vec<&Counting<'_>> = grants.iter().filter(|g| g.region.meets(site)).collect();
    let mut cell = Cell {
        level: ModuleLevel::None,
        whole: ModuleLevel::None,
        at: Vec::new(),
        grants: Vec::new(),
        some: Vec::new(),
        too_intricate: false,
    };
    let mut giving = BTreeSet::new();
    for level in [ModuleLevel::Read, ModuleLevel::Write] {
        let permissions = module.permissions(level);
        let Ok((at, whole)) = held_at(&permissions, site, &here, shapes) else {
            cell.too_intricate = true;
            continue;
        };
        if at.is_empty() {
            // Write takes all that reading takes.
            break;
        }
        if whole {
            cell.whole = level;
        }
        let of_it = here.iter().filter(|g| {
            at.iter().any(|region| region.meets(&g.region))
                && permissions.iter().any(|p| g.permissions.contains(p))
        });
        let of_it: BTreeSet<GrantId> = of_it.map(|g| g.id).collect();
        // Of a lower level only that counts which is held on everything.
        if level == ModuleLevel::Write && cell.whole == ModuleLevel::None {
            giving.clear();
        }
        giving.extend(of_it);
        (cell.level, cell.at) = (level, at);
    }
    cell.grants = giving.into_iter().collect();
    cell
}

/// Fills in [`Cell::some`], once all levels are known. `grants` are those that count for each row.
fn tell_some(
    state: &Snapshot,
    rows: &mut [Row],
    grants: &[Vec<Counting<'_>>],
    (sites, shapes): (&[Region], &Shapes),
) {
    let modules = state.contract().modules();
    for (at, site) in sites.iter().enumerate() {
        for application in Application::ALL {
            let levels = rows.iter().zip(modules).filter(|(row, _)| row.application == application);
            let told =
                Module::told(levels.filter_map(|(row, module)| Some((module, row.cells.get(at)?.level))));
            let own = rows.iter_mut().zip(modules).zip(grants);
            for ((row, module), grants) in own.filter(|((row, _), _)| row.application == application) {
                let nothing = row.cells.get_mut(at).filter(|cell| cell.level == ModuleLevel::None);
                if let Some(cell) = nothing {
                    cell.some = some_of(&module.untold(&told), site, grants, shapes);
                }
            }
        }
    }
}

/// The grants by which one of the permissions is held on something of the site, ascending.
fn some_of(untold: &PermissionSet, site: &Region, grants: &[Counting<'_>], shapes: &Shapes) -> Vec<GrantId> {
    let gives = |grant: &&Counting<'_>| {
        // Its own region is all that counts: two grants never combine into a third.
        let permission = untold.iter().find(|permission| grant.permissions.contains(*permission));
        let alone = permission.filter(|_| grant.region.meets(site)).map(|permission| {
            held_at(&std::iter::once(permission).collect(), site, std::slice::from_ref(grant), shapes)
        });
        alone.is_some_and(|held| held.is_ok_and(|(at, _)| !at.is_empty()))
    };
    let found: BTreeSet<GrantId> = grants.iter().filter(gives).map(|grant| grant.id).collect();
    found.into_iter().collect()
}

/// Where on a site all of the permissions are held, and whether that is everywhere on it.
fn held_at(
    permissions: &PermissionSet,
    site: &Region,
    grants: &[&Counting<'_>],
    shapes: &Shapes,
) -> Result<(Vec<Region>, bool), TooIntricate> {
    // Permissions that the same grants hold are held at the same places.
    let holders: BTreeSet<Vec<usize>> = permissions
        .iter()
        .map(|p| (0..).zip(grants).filter(|(_, g)| g.permissions.contains(p)).map(|(nth, _)| nth).collect())
        .collect();
    let region = |nth: &usize| grants.get(*nth).map(|g| g.region.intersect(site));
    let lists: Vec<Vec<Region>> =
        holders.iter().map(|those| those.iter().filter_map(region).collect()).collect();
    let at = common(site, &lists, shapes)?;
    let whole = difference(std::slice::from_ref(site), &at, shapes)?.is_empty();
    Ok((at, whole))
}
