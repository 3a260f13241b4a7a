//! Previews against an oracle that asks `decide` everything, and the cases by name.

use super::trial::*;
use super::*;
use crate::decide::Question;
use crate::resource::Resource;
use crate::scope::Scope;
use crate::time::Validity;

const CASES: u64 = 25;
const CASES_LONG: u64 = 5_000;

fn cases() -> u64 {
    if std::env::var("KEYWARD_LONG").is_ok_and(|v| v == "1") { CASES_LONG } else { CASES }
}

fn contexts() -> [Option<Application>; 4] {
    [None, Some(Application::Omc), Some(Application::StoreApp), Some(Application::Api)]
}

/// What a preview says of a permission: whether everything is gained or lost, and where something is.
fn said(
    differences: &[Difference],
    permission: PermissionId,
    application: Option<Application>,
    at: Instant,
    gain: bool,
) -> (bool, Vec<&Region>) {
    let (mut everything, mut regions) = (false, Vec::new());
    for difference in differences.iter().filter(|d| d.when.holds_at(at)) {
        match &difference.what {
            What::Status(StatusChange::Created) | What::Entry { .. } => {}
            What::Status(change) => everything |= gain == (*change == StatusChange::Enabled),
            What::Access { gain: g, permissions, contexts, at } => {
                if *g == gain && permissions.contains(&permission) && contexts.contains(application) {
                    regions.extend(at);
                }
            }
        }
    }
    (everything, regions)
}

/// Asks `decide` every question there is before and after, at every instant at which answers may change; how many
/// answers do.
fn agree(before: &Snapshot, after: &Snapshot, preview: &Preview) -> usize {
    let mut changed = 0;
    let palette = PALETTE.iter().chain(&["USER_UPDATE", "GIFTWRAP_VIEW"]);
    let permissions: Vec<PermissionId> = palette.filter_map(|p| after.permissions().find(p)).collect();
    let things = things(after);
    let asked = |user| {
        let each = permissions.iter().flat_map(move |p| contexts().map(|a| (*p, a)));
        each.flat_map(move |(p, a)| INSTANTS.map(|at| (user, p, a, at)))
    };
    for (user, permission, application, at) in after.users_after(None).flat_map(|(user, _)| asked(user)) {
        let known = permission.index() < before.permissions().len();
        let viewing = after.permissions().is_view(permission);
        let differences = preview.differences(user);
        let (all_gained, gains) = said(differences, permission, application, at, true);
        let (all_lost, losses) = said(differences, permission, application, at, false);
        for resource in things.iter().copied() {
            let question = Question { user, permission, resource, application };
            let was = known && before.decide(&question, at).allowed;
            let is = after.decide(&question, at).allowed;
            let Resource::Thing { entity, place } = resource else { unreachable!() };
            let times = |list: &[&Region]| list.iter().filter(|r| r.admits(entity, &place, viewing)).count();
            let gained = times(&gains) + usize::from(all_gained && is);
            let lost = times(&losses) + usize::from(all_lost && was);
            let right = (usize::from(!was && is), usize::from(was && !is));
            assert_eq!((gained, lost), right, "{question:?} at {at:?}: {differences:?}");
            changed += usize::from(was != is);
        }
    }
    changed
}

/// Nothing is said of a region that no thing can be in, and entries are those that `decide` knows.
fn sound(before: &Snapshot, after: &Snapshot, preview: &Preview) {
    let things = things(after);
    let place = |thing: &Resource| match thing {
        Resource::Thing { entity, place } => (*entity, *place),
        Resource::User(_) => unreachable!(),
    };
    for (user, _) in after.users_after(None) {
        for difference in preview.differences(user) {
            if let What::Access { at, .. } = &difference.what {
                assert!(!at.is_empty());
                for region in at {
                    let mut places = things.iter().map(place);
                    assert!(places.any(|(e, p)| region.admits(e, &p, true)), "{region:?}");
                }
            }
        }
        let active = |s: &Snapshot| s.user(user).is_some_and(UserRef::is_active);
        if active(before) != active(after) && before.user(user).is_some() {
            continue;
        }
        for application in Application::ALL {
            for at in INSTANTS {
                let enters = |s: &Snapshot| {
                    s.user(user).is_some_and(|u| u.is_active() && s.may_enter(u, Some(application), at))
                };
                let said = |gain| {
                    let what = What::Entry { gain, application };
                    preview.differences(user).iter().any(|d| d.what == what && d.when.holds_at(at))
                };
                let (was, is) = (enters(before), enters(after));
                assert_eq!((said(true), said(false)), (!was && is, was && !is), "{user} {application}");
            }
        }
    }
}

#[test]
fn a_preview_lists_what_decide_would_answer_otherwise_and_nothing_else() {
    let (mut changed, mut quiet) = (0, 0);
    for seed in 0..cases() {
        let mut rng = Rng(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let trial = rng.trial();
        let (mut next, mut changes) = (trial.clone(), Vec::new());
        for _ in 0..1 + rng.below(3) {
            let more = rng.changes(&next);
            next.run(&more);
            changes.extend(more);
        }
        let (before, after) = (&trial.state, &next.state);
        let preview = Preview::of(before, after, Preview::affected(before, &changes), NOW);
        let count = agree(before, after, &preview);
        sound(before, after, &preview);
        assert!(preview.too_intricate().is_empty());
        changed += count;
        quiet += usize::from(count == 0);

        let all = (1..=after.user_count() as u32).map(id::<UserId>);
        let whole = Preview::of(before, after, all.clone(), NOW);
        for user in all {
            assert_eq!(whole.differences(user), preview.differences(user), "{user} is not affected");
        }
        assert_eq!(whole.lines(), preview.lines());
        lines_say_all(&preview);
    }
    assert!(changed > 20_000 && quiet > 2, "{changed} answers changed, {quiet} cases without any");
}

fn lines_say_all(preview: &Preview) {
    let lines = preview.lines();
    for user in preview.users() {
        for difference in preview.differences(user) {
            let line = |l: &&PreviewLine| {
                l.when == difference.when
                    && l.users.binary_search(&user).is_ok()
                    && (l.others > 0 || l.what == difference.what)
            };
            assert!(lines.iter().any(|l| line(&l)), "{difference:?}");
        }
    }
}

fn sentences(before: &Snapshot, changes: &[Change]) -> Vec<String> {
    let after = before.apply(changes).unwrap();
    let preview = Preview::of(before, &after, Preview::affected(before, changes), NOW);
    preview.lines().iter().map(|line| Preview::sentence(line, &after)).collect()
}

fn edited(id: RoleId, permissions: &[&str]) -> Change {
    Change::RoleEdited { id, label: label("As edited"), permissions: names(permissions) }
}

#[test]
fn a_role_edit_is_told_for_all_holders_with_their_places() {
    let mut trial = Trial::new();
    let role = trial.role("clerk", None, &["ORDER_VIEW", "INVENTORYPOSITION_VIEW"]);
    for _ in 0..3 {
        trial.user(&[(role, only(1, &[1, 2]))]);
    }
    trial.user(&[(role, sites(&[2]))]);
    trial.user(&[]);
    let said = sentences(&trial.state, &[edited(role, &["ORDER_VIEW", "ORDER_UPDATE"])]);
    assert_eq!(
        said,
        [
            "3 users lose INVENTORYPOSITION_VIEW at Leeds and York, in the API",
            "1 user loses INVENTORYPOSITION_VIEW at South, in the API",
            "3 users gain ORDER_UPDATE at Leeds and York, in the API",
            "1 user gains ORDER_UPDATE at South, in the API",
        ]
    );
}

#[test]
fn people_are_told_once_what_differs_only_where_no_application_is_named() {
    let mut trial = Trial::new();
    let clerk = trial.role("clerk", None, &["ORDER_VIEW"]);
    let office = trial.role("office", Some(Application::Omc), &["ORDER_UPDATE"]);
    let plain = trial.user(&[(clerk, sites(&[1]))]);
    let other = trial.user(&[(clerk, sites(&[1])), (office, sites(&[1]))]);
    let changes = [edited(clerk, &["ORDER_VIEW", "ORDER_UPDATE"])];
    let after = trial.after(&changes);
    let preview = Preview::of(&trial.state, &after, Preview::affected(&trial.state, &changes), NOW);
    assert_eq!(preview.lines().len(), 2, "a question that names no application is answered alike for one");
    let lines = preview.lines_for_people();
    let [line] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!(line.users, [plain, other]);
    assert_eq!(Preview::sentence(line, &after), "2 users gain ORDER_UPDATE at North, in the API");
}

#[test]
fn a_grant_that_another_covers_changes_nothing() {
    let mut trial = Trial::new();
    let (clerk, boss) = (
        trial.role("clerk", None, &["ORDER_VIEW", "ORDER_UPDATE"]),
        trial.role("boss", None, &["ORDER_VIEW", "ORDER_UPDATE", "CARRIER_VIEW"]),
    );
    let user = trial.user(&[(boss, sites(&[1]))]);
    let grant = |scope| trial.grant(user, clerk, scope, Validity::ALWAYS);
    for covered in [sites(&[1]), narrow(1, &[1]), only(1, &[1]), channels(1, &[1])] {
        assert!(sentences(&trial.state, &[grant(covered)]).is_empty());
    }
    // Two together may give what neither covers alone.
    let mut trial = trial.clone();
    let user = trial.user(&[(clerk, sites(&[1])), (boss, sites(&[2]))]);
    let both = trial.grant(user, clerk, sites(&[1, 2]), Validity::ALWAYS);
    assert!(sentences(&trial.state, &[both]).is_empty());
}

#[test]
fn narrow_and_only_differ_by_what_has_no_location() {
    let mut trial = Trial::new();
    let role = trial.role("clerk", Some(Application::StoreApp), &["STOREAPP_ACCESS", "ORDER_UPDATE"]);
    let user = trial.user(&[(role, narrow(1, &[1]))]);
    let id = trial.state.grants(user)[0].id;
    let change = |scope| Change::GrantChanged { id, user, scope, validity: Validity::ALWAYS };
    assert_eq!(
        sentences(&trial.state, &[change(only(1, &[1]))]),
        ["1 user loses ORDER_UPDATE and STOREAPP_ACCESS on what of North has no location, in the Store App"]
    );
    assert_eq!(
        sentences(&trial.state, &[change(narrow(1, &[1, 2]))]),
        ["1 user gains ORDER_UPDATE and STOREAPP_ACCESS at York, in the Store App"]
    );
    assert_eq!(
        sentences(&trial.state, &[change(sites(&[1]))]),
        [
            "1 user gains ORDER_UPDATE and STOREAPP_ACCESS at every location of North but Leeds, in the Store App"
        ]
    );
}

#[test]
fn channels_limit_what_has_one() {
    let mut trial = Trial::new();
    let role = trial.role("clerk", None, &["OMC_ACCESS", "API_ACCESS", "STOREAPP_ACCESS", "ORDER_UPDATE"]);
    let user = trial.user(&[(role, channels(1, &[1]))]);
    let more = trial.grant(user, role, channels(1, &[2]), Validity::ALWAYS);
    let said = sentences(&trial.state, &[more]);
    let [line] = &said[..] else { panic!("{said:?}") };
    assert!(line.contains(" ORDER_UPDATE "), "{line}");
    assert!(line.ends_with(" at North through North Shop"), "{line}");
    let other = trial.grant(user, role, channels(2, &[3]), Validity::ALWAYS);
    let said = sentences(&trial.state, &[other]);
    assert!(said[0].ends_with(" at South through South Web and on what has no sales channel"), "{said:?}");
}

#[test]
fn disabled_enabled_and_removed_are_one_line_each_whatever_they_hold() {
    let mut trial = Trial::new();
    let admin = trial.state.find_role("ADMIN").unwrap().id;
    let user = trial.user(&[(admin, Scope::account())]);
    let other = trial.user(&[(admin, sites(&[1]))]);
    trial.run(&[switched(other, false)]);
    assert_eq!(
        sentences(&trial.state, &[switched(user, false)]),
        ["1 user is disabled and loses everything"]
    );
    assert_eq!(
        sentences(&trial.state, &[switched(other, true)]),
        ["1 user is enabled and gains everything held"]
    );
    let id = trial.state.grants(user)[0].id;
    let gone = [Change::GrantRemoved { id, user }, Change::UserRemoved { id: user }];
    assert_eq!(sentences(&trial.state, &gone), ["1 user is removed and loses everything"]);
    // Who is disabled gains nothing by a grant.
    let grant = trial.grant(other, admin, Scope::account(), Validity::ALWAYS);
    assert!(sentences(&trial.state, &[grant]).is_empty());
}

#[test]
fn grants_of_another_time_are_told_with_it() {
    let mut trial = Trial::new();
    let role = trial.role("clerk", None, &["ORDER_UPDATE"]);
    let user = trial.user(&[]);
    let hour = |hours: i64| Some(Instant(hours * 3_600_000_000));
    let grant = |from, until| trial.grant(user, role, sites(&[1]), Validity { from, until });
    assert!(sentences(&trial.state, &[grant(None, Some(NOW))]).is_empty(), "it is over");
    assert_eq!(
        sentences(&trial.state, &[grant(hour(1), hour(2))]),
        [
            "1 user may enter the API, from 1970-01-01 01:00 UTC, until 1970-01-01 02:00 UTC",
            "1 user gains ORDER_UPDATE at North, in the API, from 1970-01-01 01:00 UTC, until 1970-01-01 02:00 UTC",
        ]
    );
    let mut trial = trial.clone();
    trial.give(user, role, sites(&[1]), Validity { from: None, until: hour(2) });
    let endless = trial.grant(user, role, sites(&[1]), Validity::ALWAYS);
    assert_eq!(
        sentences(&trial.state, &[endless]),
        [
            "1 user may enter the API, from 1970-01-01 02:00 UTC",
            "1 user gains ORDER_UPDATE at North, in the API, from 1970-01-01 02:00 UTC",
        ]
    );
}

#[test]
fn entering_an_application_opens_all_that_is_held_in_it() {
    let mut trial = Trial::new();
    let role = trial.role("clerk", None, &["ORDER_UPDATE"]);
    let door = trial.role("door", Some(Application::Omc), &["OMC_ACCESS"]);
    let user = trial.user(&[(role, sites(&[1]))]);
    let grant = trial.grant(user, door, sites(&[2]), Validity::ALWAYS);
    assert_eq!(
        sentences(&trial.state, &[grant]),
        [
            "1 user may enter the OMC",
            "1 user gains OMC_ACCESS at South, in the OMC",
            "1 user gains ORDER_UPDATE at North, in the OMC",
        ]
    );
}

#[test]
fn a_new_user_gains_what_their_grants_say() {
    let mut trial = Trial::new();
    let role = trial.role("clerk", None, &["ORDER_UPDATE"]);
    let mut changes = trial.created();
    changes.push(trial.grant(id(1), role, Scope::account(), Validity::ALWAYS));
    assert_eq!(
        sentences(&trial.state, &changes),
        ["1 user is created", "1 user may enter the API", "1 user gains ORDER_UPDATE everywhere, in the API"]
    );
}

#[test]
fn many_holders_at_many_places_are_few_lines() {
    let mut trial = Trial::new();
    let role = trial.role("clerk", None, &["ORDER_VIEW"]);
    let places: Vec<Scope> = [1, 2, 3, 4]
        .iter()
        .flat_map(|l| [only(1, &[*l]), narrow(1, &[*l])])
        .chain([sites(&[1]), sites(&[2])])
        .collect();
    for scope in &places {
        for _ in 0..5 {
            trial.user(&[(role, scope.clone())]);
        }
    }
    let changes = [edited(role, &["ORDER_VIEW", "ORDER_UPDATE"])];
    let after = trial.after(&changes);
    let preview = Preview::of(&trial.state, &after, Preview::affected(&trial.state, &changes), NOW);
    let lines = preview.lines();
    assert_eq!((lines.len(), lines[0].users.len(), lines[0].others), (1, 50, 9));
    assert!(
        Preview::sentence(&lines[0], &after).starts_with(
            "50 users gain ORDER_UPDATE each at places of their own, 10 different ones, such as "
        ),
    );
}

#[test]
fn users_beyond_the_bound_are_counted() {
    let trial = Trial::new();
    let users = (1..=USERS_MAX as u32 + 3).map(id::<UserId>);
    let preview = Preview::of(&trial.state, &trial.state, users, NOW);
    assert_eq!((preview.examined(), preview.beyond()), (USERS_MAX, 3));
    assert!(preview.is_empty());
}

/// The largest preview there is in earnest: an edit of the role that everybody in the stores holds.
#[test]
fn a_role_that_everybody_in_the_stores_holds_is_summed_up() {
    let mut trial = Trial::new();
    let role = trial.role("clerk", None, &["ORDER_VIEW"]);
    let other = trial.role("other", None, &["CARRIER_VIEW", "CARRIER_UPDATE"]);
    // A long run takes 100,000 users; most of its time makes them.
    let (users, stores) = if cases() == CASES { (20_000, 1_000) } else { (100_000, 5_000) };
    let mut changes = Vec::new();
    for number in 1..=users {
        let mut all = trial.created();
        if let Some(Change::UserCreated { id: user, login, .. }) = all.first_mut() {
            *user = id(number);
            *login = crate::words::Login::parse(&format!("user{number}@shop.example")).unwrap();
        }
        changes.extend(all);
        for (nth, role) in [(0, role), (1, other)] {
            let scope = only(1, &[1 + number % stores]);
            let mut grant = trial.grant(id(number), role, scope, Validity::ALWAYS);
            if let Change::GrantAdded { grant } = &mut grant {
                grant.id = id(2 * number + nth);
            }
            changes.push(grant);
        }
    }
    trial.run(&changes);
    let changes = [edited(role, &["ORDER_VIEW", "ORDER_UPDATE"])];
    let after = trial.after(&changes);
    let affected = Preview::affected(&trial.state, &changes);
    assert_eq!(affected.len(), users as usize);
    let preview = Preview::of(&trial.state, &after, affected, NOW);
    let lines = preview.lines();
    let [line] = &lines[..] else { panic!("{} lines", lines.len()) };
    assert_eq!((line.users.len(), line.others), (users as usize, stores as usize - 1));
}

#[test]
fn a_new_permission_is_gained_by_those_who_hold_every_one() {
    let mut trial = Trial::new();
    let every: Vec<RoleId> = trial.state.roles().filter(|r| r.every).map(|r| r.id).collect();
    let users: Vec<UserId> = every.iter().map(|role| trial.user(&[(*role, Scope::account())])).collect();
    trial.user(&[(trial.state.find_role("client_viewer").unwrap().id, Scope::account())]);
    let changes: Vec<Change> =
        names(&["GIFTWRAP_UPDATE"]).into_iter().map(|name| Change::PermissionAdded { name }).collect();
    let after = trial.after(&changes);
    let preview = Preview::of(&trial.state, &after, Preview::affected(&trial.state, &changes), NOW);
    assert_eq!(preview.users(), users);
    for line in preview.lines() {
        assert!(Preview::sentence(&line, &after).contains("GIFTWRAP_UPDATE everywhere"));
    }
}

/// Permissions lie in words of 64 bits a role: one that begins a new word is not read from the next role.
#[test]
fn a_permission_that_did_not_exist_was_held_by_nobody() {
    let mut trial = Trial::new();
    let letter = |n: usize| char::from(b'A' + u8::try_from(n % 26).unwrap());
    let own = |n: usize| format!("GIFT{}{}_UPDATE", letter(n / 26), letter(n));
    let added = |n: usize| Change::PermissionAdded { name: names(&[own(n).as_str()]).remove(0) };
    for nth in 0..64 {
        if trial.state.permissions().len().is_multiple_of(64) {
            break;
        }
        trial.run(&[added(nth)]);
    }
    let role = trial.role("clerk", None, &["ORDER_VIEW"]);
    let first = trial.state.permissions().names()[0].to_string();
    trial.role("next", None, &[first.as_str()]);
    let user = trial.user(&[(role, sites(&[1]))]);
    let gift = own(64);
    let changes = [added(64), edited(role, &["ORDER_VIEW", gift.as_str()])];
    assert_eq!(sentences(&trial.state, &changes), [format!("1 user gains {gift} at North, in the API")]);
    assert_eq!(Preview::affected(&trial.state, &changes), [user]);
}

#[test]
fn who_is_too_intricate_is_named_instead_of_cut_short() {
    let mut trial = Trial::new();
    let role = trial.role("clerk", None, &["ORDER_UPDATE"]);
    let (plain, intricate) = (trial.user(&[(role, sites(&[1]))]), trial.user(&[]));
    for nth in 0..PERIODS_MAX as i64 {
        let validity = Validity { from: None, until: Some(Instant(NOW.0 + 1 + nth)) };
        trial.give(intricate, role, sites(&[1]), validity);
    }
    let after = trial.after(&[edited(role, &[])]);
    let preview = Preview::of(&trial.state, &after, [plain, intricate], NOW);
    assert_eq!((preview.users(), preview.too_intricate()), (vec![plain], &[intricate][..]));
    assert!(preview.differences(intricate).is_empty() && !preview.is_empty());
}
