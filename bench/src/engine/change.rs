//! How soon a change to one user is visible, and what it copies.

use super::company::NOW;
use super::stage::{Failure, Stage, role_id};
use crate::memory;
use crate::timing::{below, busy, median, random};
use access::change::Switch;
use access::{
    Change, Grant, GrantId, GrantSpec, LocationId, Number, Question, RetailerId, Scope, Snapshot, UserId,
    Validity,
};

/// A row of the table.
pub(crate) struct Line {
    pub(crate) change: &'static str,
    /// Medians.
    pub(crate) us: f64,
    pub(crate) bytes: usize,
}

pub(crate) fn measure(stage: &Stage, quick: bool) -> Result<Vec<Line>, Failure> {
    let times = if quick { 500 } else { 5_000 };
    let users = stage.company.users;
    let mut grant = stage.grants;
    let mut granted = |user: UserId, _: &Snapshot| {
        grant += 1;
        let scope = Scope {
            retailers: access::Extent::one(RetailerId::from_number(1).ok_or("no retailer")?),
            locations: access::LocationExtent::Only(access::IdSet::one(
                LocationId::from_number(1).ok_or("no location")?,
            )),
            ..Scope::account()
        };
        let id = GrantId::from_number(grant).ok_or("no grant")?;
        let spec = GrantSpec { role: role_id(0, 1)?, scope, validity: Validity::ALWAYS };
        Ok(Change::GrantAdded { grant: Grant { id, user, spec } })
    };
    let mut switched = |user: UserId, state: &Snapshot| {
        let on = state.user(user).is_some_and(|u| !u.is_enabled());
        Ok(Change::UserSwitched { id: user, by: Switch::Administrators, on })
    };
    Ok(vec![
        line("a grant added", stage, users, times, &mut granted)?,
        line("switched on or off", stage, users, times, &mut switched)?,
    ])
}

/// Applies one change after the other to random users, while the first state is kept, as by a reader
/// who still looks at it. The new state answers a question of its user within the time.
fn line(
    change: &'static str,
    stage: &Stage,
    users: u32,
    times: usize,
    make: &mut dyn FnMut(UserId, &Snapshot) -> Result<Change, Failure>,
) -> Result<Line, Failure> {
    let (mut state, mut current) = (9, stage.snapshot.clone());
    let (mut us, mut bytes) = (Vec::new(), Vec::new());
    for _ in 0..times {
        let ask = stage.next(&mut state, false);
        let user = UserId::from_number(below(random(&mut state) as u32, users) + 1).ok_or("no user")?;
        let change = make(user, &current)?;
        let question = stage.question_of(user, &ask, None).ok_or("a question without a handle")?;
        let before = memory::ever();
        let (took, next) = busy(|| {
            let next = current.apply(std::slice::from_ref(&change))?;
            std::hint::black_box(next.allows(&Question { user, ..question }, NOW));
            let old = std::mem::replace(&mut current, next);
            drop(old);
            Ok::<(), Failure>(())
        });
        next?;
        us.push(took.as_nanos() as f64 / 1_000.0);
        bytes.push((memory::ever() - before) as f64);
        visible(&current, &change)?;
    }
    Ok(Line { change, us: median(us.into_iter()), bytes: median(bytes.into_iter()) as usize })
}

fn visible(state: &Snapshot, change: &Change) -> Result<(), Failure> {
    let seen = match change {
        Change::GrantAdded { grant } => state.grants(grant.user).contains(grant),
        Change::UserSwitched { id, on, .. } => state.user(*id).is_some_and(|u| u.is_enabled() == *on),
        _ => false,
    };
    if seen { Ok(()) } else { Err(format!("not visible: {change:?}").into()) }
}
