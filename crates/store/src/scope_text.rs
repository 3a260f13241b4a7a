//! Scopes as the text of three columns: `*` for all, else numbers ascending: `1,2,3`.
//!
//! Locations say what kind of list it is: `n:1,2` narrows, `o:1,2` is those alone.

use access::snapshot::LocationNumbers;
use access::{Extent, IdSet, LocationExtent, Number, Scope};
use std::fmt::Write as _;

const ALL: &str = "*";
const NARROW: &str = "n:";
const ONLY: &str = "o:";

/// The columns of a scope: retailers, locations, channels.
pub(crate) fn write(scope: &Scope) -> [String; 3] {
    [extent(&scope.retailers), locations(&scope.locations), extent(&scope.channels)]
}

fn extent<T: Number>(extent: &Extent<T>) -> String {
    match extent {
        Extent::All => ALL.to_owned(),
        Extent::Set(set) => list("", set),
    }
}

fn locations(extent: &LocationExtent) -> String {
    match extent {
        LocationExtent::All => ALL.to_owned(),
        LocationExtent::Narrow(set) => list(NARROW, set),
        LocationExtent::Only(set) => list(ONLY, set),
    }
}

fn list<T: Number>(mark: &str, set: &IdSet<T>) -> String {
    let mut text = String::with_capacity(mark.len() + set.members().len() * 4);
    text.push_str(mark);
    for (at, member) in set.members().iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        // Writing to a String cannot fail.
        let _ = write!(text, "{comma}{}", member.number());
    }
    text
}

/// Reads one column of retailers or channels into `buffer`; the outer none is a text that is no such column.
pub(crate) fn read_extent<'b>(text: &str, buffer: &'b mut Vec<u32>) -> Option<Option<&'b [u32]>> {
    if text == ALL {
        return Some(None);
    }
    read_list(text, buffer).map(Some)
}

/// Reads the column of locations into `buffer`; none when the text is no such column.
pub(crate) fn read_locations<'b>(text: &str, buffer: &'b mut Vec<u32>) -> Option<LocationNumbers<'b>> {
    if text == ALL {
        return Some(LocationNumbers::All);
    }
    match text.strip_prefix(NARROW) {
        Some(list) => read_list(list, buffer).map(LocationNumbers::Narrow),
        None => read_list(text.strip_prefix(ONLY)?, buffer).map(LocationNumbers::Only),
    }
}

/// Numbers as [`list`] writes them: no zero in front, ascending, at least one.
fn read_list<'b>(text: &str, buffer: &'b mut Vec<u32>) -> Option<&'b [u32]> {
    buffer.clear();
    let (mut number, mut last) = (0u32, 0u32);
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' if number != 0 || byte != b'0' => {
                number = number.checked_mul(10)?.checked_add(u32::from(byte - b'0'))?;
            }
            b',' if number > last => {
                buffer.push(number);
                (last, number) = (number, 0);
            }
            _ => return None,
        }
    }
    if number <= last {
        return None;
    }
    buffer.push(number);
    Some(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use access::{ChannelId, LocationId, RetailerId};
    use proptest::prelude::*;

    fn ids<T: Number>() -> impl Strategy<Value = IdSet<T>> {
        let number = prop_oneof![1u32..20, any::<u32>().prop_filter("ids begin with 1", |n| *n != 0)];
        let set = prop::collection::vec(number, 1..30);
        set.prop_map(|numbers| IdSet::new(numbers.into_iter().filter_map(T::from_number)).unwrap())
    }

    fn extents<T: Number>() -> impl Strategy<Value = Extent<T>> {
        prop_oneof![Just(Extent::All), ids().prop_map(Extent::Set)]
    }

    fn scopes() -> impl Strategy<Value = Scope> {
        let locations = prop_oneof![
            Just(LocationExtent::All),
            ids().prop_map(LocationExtent::Narrow),
            ids().prop_map(LocationExtent::Only),
        ];
        (extents::<RetailerId>(), locations, extents::<ChannelId>())
            .prop_map(|(retailers, locations, channels)| Scope { retailers, locations, channels })
    }

    fn back<T: Number>(numbers: &[u32]) -> IdSet<T> {
        IdSet::new(numbers.iter().filter_map(|n| T::from_number(*n))).unwrap()
    }

    proptest! {
        #[test]
        fn a_scope_reads_what_it_writes(scope in scopes()) {
            let [retailers, locations, channels] = write(&scope);
            let mut buffer = Vec::new();
            let read = read_extent(&retailers, &mut buffer).unwrap();
            prop_assert_eq!(read.map_or(Extent::All, |s| Extent::Set(back(s))), scope.retailers);
            let read = match read_locations(&locations, &mut buffer).unwrap() {
                LocationNumbers::All => LocationExtent::All,
                LocationNumbers::Narrow(set) => LocationExtent::Narrow(back::<LocationId>(set)),
                LocationNumbers::Only(set) => LocationExtent::Only(back(set)),
            };
            prop_assert_eq!(read, scope.locations);
            let read = read_extent(&channels, &mut buffer).unwrap();
            prop_assert_eq!(read.map_or(Extent::All, |s| Extent::Set(back(s))), scope.channels);
        }

        /// One scope has one text: what reads is written the same again.
        #[test]
        fn a_text_that_reads_is_the_one_that_is_written(text in "[0-9,]{1,12}") {
            let mut buffer = Vec::new();
            if let Some(Some(set)) = read_extent(&text, &mut buffer) {
                prop_assert_eq!(list("", &back::<RetailerId>(set)), text);
            }
        }
    }

    #[test]
    fn what_is_no_scope_is_refused() {
        let mut buffer = Vec::new();
        for wrong in
            ["", ",", "0", "01", "1,", ",1", "2,1", "1,1", "1,,2", "4294967296", "-1", "a", "1 ", "**"]
        {
            assert_eq!(read_extent(wrong, &mut buffer), None, "{wrong}");
            for mark in ["n:", "o:", "x:", ""] {
                assert_eq!(read_locations(&format!("{mark}{wrong}"), &mut buffer), None, "{mark}{wrong}");
            }
        }
        assert_eq!(read_locations("1,2", &mut buffer), None);
    }
}
