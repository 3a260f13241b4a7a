//! Profiles: kept whole, told with what changed, and read back as they were put.

use super::world::*;
use crate::change::{Change, Profile};
use crate::commands::EditUser;
use crate::words::*;

fn chosen(name: &str, language: Option<Language>, zone: Option<&str>) -> Profile {
    let time_zone = zone.map(|zone| TimeZoneName::parse(zone).unwrap());
    Profile { name: label(name), email: Some(label("x@shop.example")), language, time_zone }
}

#[test]
fn a_profile_is_read_back_as_it_was_put() {
    let mut world = World::new();
    let (one, other) = (world.user("one", &[]), world.user("other", &[]));
    assert_eq!(world.state.whole_profile(one), Some(profile("Somebody")));
    for wanted in [
        chosen("One", Some(Language::EnUs), Some("Europe/Paris")),
        chosen("One", None, Some("Europe/Paris")),
        chosen("One", Some(Language::EnGb), None),
        chosen("One", None, None),
    ] {
        let operator = world.operator();
        world.run(&operator, EditUser { id: one, profile: wanted.clone() }).unwrap();
        assert_eq!(world.state.whole_profile(one).as_ref(), Some(&wanted));
        assert_eq!(world.state.language(one), wanted.language);
        assert_eq!(world.state.time_zone(one), wanted.time_zone.as_ref());
        assert_eq!(world.state.whole_profile(other), Some(profile("Somebody")));
    }
}

#[test]
fn a_state_with_another_language_or_zone_is_another_state() {
    let mut world = World::new();
    let id = world.user("one", &[]);
    let edited = |profile: Profile| world.state.apply(&[Change::UserEdited { id, profile }]).unwrap();
    let plain = edited(chosen("One", None, None));
    let spoken = edited(chosen("One", Some(Language::EnGb), None));
    let placed = edited(chosen("One", None, Some("Europe/Paris")));
    assert!(plain != spoken && plain != placed && spoken != placed);
    assert!(placed == edited(chosen("One", None, Some("Europe/Paris"))));
}

#[test]
fn the_audit_tells_language_and_zone_where_there_are_any() {
    let mut world = World::new();
    let id = world.user("one", &[]);
    let before = world.state.clone();
    let tell = |on: &crate::Snapshot, profile: Profile| {
        let change = Change::UserEdited { id, profile };
        let told = change.tell(on, &on.apply(std::slice::from_ref(&change)).unwrap());
        let text = |facts: crate::change::Facts| {
            facts.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
        };
        (text(told.before), text(told.after))
    };
    let paris = chosen("One", Some(Language::EnUs), Some("Europe/Paris"));
    let (was, is) = tell(&before, paris.clone());
    assert_eq!(was, "name=Somebody email=");
    assert_eq!(is, "name=One email=x@shop.example language=en-US time_zone=Europe/Paris");
    let after = before.apply(&[Change::UserEdited { id, profile: paris }]).unwrap();
    let (was, is) = tell(&after, chosen("One", None, None));
    assert_eq!(was, "name=One email=x@shop.example language=en-US time_zone=Europe/Paris");
    assert_eq!(is, "name=One email=x@shop.example");
}
