//! Languages and time zones, kept compactly beside the users: most have neither.

use crate::words::{Language, Number, TimeZoneName, UserId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Users in a leaf.
const LEAF: usize = 256;
/// Bits of a code that say the language; the others are the number of the time zone.
const LANGUAGE_BITS: u32 = 2;

/// A leaf has one code for each user up to the last one with a preference; 0 for none.
type Leaf = Option<Arc<Vec<u32>>>;

/// Four bytes a user in the leaves where somebody chose something, and none elsewhere.
#[derive(Clone, Debug, Default)]
pub(super) struct Preferences {
    zones: Arc<Zones>,
    leaves: Arc<Vec<Leaf>>,
}

/// Each name once, numbered from 1 in the order in which they came: that is not the same in a state that was read
/// and in one that changes led to. A name that nobody uses any more stays until the state is read anew; there are
/// no more than the calendar knows.
#[derive(Clone, Debug, Default)]
struct Zones {
    names: Vec<TimeZoneName>,
    numbers: BTreeMap<TimeZoneName, u32>,
}

impl Zones {
    fn get(&self, number: u32) -> Option<&TimeZoneName> {
        self.names.get(number.checked_sub(1)? as usize)
    }
}

fn position(id: UserId) -> (usize, usize) {
    let index = id.number() as usize - 1;
    (index / LEAF, index % LEAF)
}

const fn language_code(language: Option<Language>) -> u32 {
    match language {
        None => 0,
        Some(Language::EnGb) => 1,
        Some(Language::EnUs) => 2,
    }
}

const fn language_of(code: u32) -> Option<Language> {
    match code & ((1 << LANGUAGE_BITS) - 1) {
        1 => Some(Language::EnGb),
        2 => Some(Language::EnUs),
        _ => None,
    }
}

impl PartialEq for Preferences {
    /// By what was chosen: the numbers of the names depend on the way that led here.
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Preferences {
    /// What a user chose.
    pub(super) fn get(&self, id: UserId) -> (Option<Language>, Option<&TimeZoneName>) {
        let (leaf, slot) = position(id);
        let leaf = self.leaves.get(leaf).and_then(Option::as_ref);
        self.read(leaf.and_then(|leaf| leaf.get(slot)).copied().unwrap_or(0))
    }

    fn read(&self, code: u32) -> (Option<Language>, Option<&TimeZoneName>) {
        (language_of(code), self.zones.get(code >> LANGUAGE_BITS))
    }

    /// Those who chose something, by their place, and what they chose.
    fn iter(&self) -> impl Iterator<Item = (usize, (Option<Language>, Option<&TimeZoneName>))> {
        let codes = self.leaves.iter().enumerate().flat_map(|(number, leaf)| {
            let codes = leaf.iter().flat_map(|leaf| leaf.iter().copied().enumerate());
            codes.map(move |(slot, code)| (number * LEAF + slot, code))
        });
        codes.filter(|(_, code)| *code != 0).map(|(place, code)| (place, self.read(code)))
    }

    /// Puts what a user chose in its place.
    pub(super) fn put(&mut self, id: UserId, language: Option<Language>, zone: Option<&TimeZoneName>) {
        if self.get(id) == (language, zone) {
            return;
        }
        let zone = zone.map_or(0, |zone| self.number_of(zone));
        let code = zone << LANGUAGE_BITS | language_code(language);
        let (leaf, slot) = position(id);
        let leaves = Arc::make_mut(&mut self.leaves);
        if leaves.len() <= leaf {
            leaves.resize(leaf + 1, None);
        }
        let Some(leaf) = leaves.get_mut(leaf) else { return };
        let codes = Arc::make_mut(leaf.get_or_insert_default());
        if codes.len() <= slot {
            codes.resize(slot + 1, 0);
        }
        if let Some(place) = codes.get_mut(slot) {
            *place = code;
        }
        if code == 0 && codes.iter().all(|code| *code == 0) {
            *leaf = None;
        }
    }

    fn number_of(&mut self, zone: &TimeZoneName) -> u32 {
        if let Some(number) = self.zones.numbers.get(zone) {
            return *number;
        }
        let zones = Arc::make_mut(&mut self.zones);
        zones.names.push(zone.clone());
        let number = u32::try_from(zones.names.len()).unwrap_or(u32::MAX);
        zones.numbers.insert(zone.clone(), number);
        number
    }

    /// Bytes behind this structure, allocator overhead left out.
    pub(super) fn bytes(&self) -> usize {
        let leaves = self.leaves.iter().flatten();
        let codes: usize =
            leaves.map(|leaf| leaf.capacity() * size_of::<u32>() + size_of::<Vec<u32>>() + 16).sum();
        let names: usize = self.zones.names.iter().map(|name| 2 * (name.as_str().len() + 24)).sum();
        self.leaves.capacity() * size_of::<Leaf>() + codes + names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> TimeZoneName {
        TimeZoneName::parse(name).unwrap()
    }

    fn id(number: usize) -> UserId {
        UserId::from_number(u32::try_from(number).unwrap()).unwrap()
    }

    #[test]
    fn what_was_chosen_is_found_and_nothing_else_moves() {
        let mut all = Preferences::default();
        let (paris, lima) = (zone("Europe/Paris"), zone("America/Lima"));
        for number in [1, LEAF, LEAF + 1, 5 * LEAF + 7] {
            all.put(id(number), Some(Language::EnUs), Some(&paris));
        }
        let before = all.clone();
        all.put(id(LEAF), None, Some(&lima));
        assert_eq!(all.get(id(LEAF)), (None, Some(&lima)));
        assert_eq!(before.get(id(LEAF)), (Some(Language::EnUs), Some(&paris)));
        for number in [1, LEAF + 1, 5 * LEAF + 7] {
            assert_eq!(all.get(id(number)), (Some(Language::EnUs), Some(&paris)), "{number}");
        }
        for nobody in [2, LEAF - 1, LEAF + 2, 3 * LEAF, 5 * LEAF + 6, 5 * LEAF + 8, 99 * LEAF] {
            assert_eq!(all.get(id(nobody)), (None, None), "{nobody}");
        }
        assert!(all != before);
    }

    #[test]
    fn states_are_equal_by_what_was_chosen_whatever_the_way() {
        let (paris, lima) = (zone("Europe/Paris"), zone("America/Lima"));
        let (mut one, mut other) = (Preferences::default(), Preferences::default());
        one.put(id(9), None, Some(&paris));
        one.put(id(900), Some(Language::EnGb), Some(&lima));
        other.put(id(2_000), Some(Language::EnUs), Some(&lima));
        other.put(id(900), Some(Language::EnGb), Some(&lima));
        assert!(one != other);
        other.put(id(9), None, Some(&paris));
        other.put(id(2_000), None, None);
        assert!(one == other);
        other.put(id(900), Some(Language::EnUs), Some(&lima));
        assert!(one != other, "the language counts");
    }

    #[test]
    fn those_who_chose_take_a_few_bytes_and_the_others_none() {
        let zones: Vec<TimeZoneName> = (0..600).map(|n| zone(&format!("Area/City_{n}"))).collect();
        let users = 100_000;
        let mut all = Preferences::default();
        for number in 1..=users {
            all.put(id(number), None, None);
        }
        assert_eq!(all.bytes(), 0, "nobody chose anything");
        for number in 1..=users {
            all.put(id(number), Some(Language::EnUs), zones.get(number % zones.len()));
        }
        assert!(all.bytes() < 6 * users, "{} bytes for {users} users", all.bytes());
    }
}
