//! Reading JSON without refusing a wrong type at once: whether it matters is known only when all is read.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// A member of an object.
#[derive(Debug, Default)]
pub(super) enum Part<T> {
    /// It is not there; for a text also: it is null.
    #[default]
    Absent,
    /// It is there.
    Is(T),
    /// Something of another type is there.
    Wrong,
}

/// A text, borrowed where it has no escapes.
pub(super) type Text<'a> = Part<Cow<'a, str>>;

/// What is read as one type of JSON and is wrong as any other.
pub(super) trait Shape<'de>: Sized {
    fn text(_: Cow<'de, str>) -> Part<Self> {
        Part::Wrong
    }

    fn null() -> Part<Self> {
        Part::Wrong
    }

    fn flag(_: bool) -> Part<Self> {
        Part::Wrong
    }

    fn map<A: MapAccess<'de>>(map: A) -> Result<Part<Self>, A::Error> {
        members(map, |_, map| skip(map))?;
        Ok(Part::Wrong)
    }

    fn seq<A: SeqAccess<'de>>(mut seq: A) -> Result<Part<Self>, A::Error> {
        while seq.next_element::<Skipped>()?.is_some() {}
        Ok(Part::Wrong)
    }
}

impl<'de> Shape<'de> for Cow<'de, str> {
    fn text(text: Cow<'de, str>) -> Part<Self> {
        Part::Is(text)
    }

    fn null() -> Part<Self> {
        Part::Absent
    }
}

impl<'de> Shape<'de> for bool {
    fn flag(flag: bool) -> Part<Self> {
        Part::Is(flag)
    }
}

impl<'de, T: Shape<'de>> Shape<'de> for Box<T> {
    fn map<A: MapAccess<'de>>(map: A) -> Result<Part<Self>, A::Error> {
        Ok(match T::map(map)? {
            Part::Absent => Part::Absent,
            Part::Is(found) => Part::Is(Box::new(found)),
            Part::Wrong => Part::Wrong,
        })
    }
}

struct Reader<T>(PhantomData<T>);

impl<'de, T: Shape<'de>> Visitor<'de> for Reader<T> {
    type Value = Part<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Part<T>, E> {
        Ok(T::text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Part<T>, E> {
        Ok(T::text(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Part<T>, E> {
        Ok(T::null())
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Part<T>, E> {
        Ok(T::flag(flag))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Part<T>, E> {
        Ok(Part::Wrong)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Part<T>, E> {
        Ok(Part::Wrong)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Part<T>, E> {
        Ok(Part::Wrong)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Part<T>, A::Error> {
        T::map(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Part<T>, A::Error> {
        T::seq(seq)
    }
}

impl<'de, T: Shape<'de>> Deserialize<'de> for Part<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader(PhantomData))
    }
}

/// Anything, read and dropped. Unlike serde's own it counts how deep it goes, so that the bound holds everywhere.
pub(super) struct Skipped;

impl<'de> Shape<'de> for Skipped {}

impl<'de> Deserialize<'de> for Skipped {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Part::<Skipped>::deserialize(from).map(|_| Skipped)
    }
}

/// The name of a member.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match from.deserialize_str(Reader::<Cow<'de, str>>(PhantomData))? {
            Part::Is(name) => Ok(Name(name)),
            Part::Absent | Part::Wrong => Err(D::Error::custom("a member has no name")),
        }
    }
}

/// Goes through the members of an object; `each` must read the value.
pub(super) fn members<'de, A: MapAccess<'de>>(
    mut map: A,
    mut each: impl FnMut(&str, &mut A) -> Result<(), A::Error>,
) -> Result<(), A::Error> {
    while let Some(Name(name)) = map.next_key()? {
        each(&name, &mut map)?;
    }
    Ok(())
}

/// Reads a member that may be there once.
pub(super) fn put<'de, T: Shape<'de>, A: MapAccess<'de>>(
    slot: &mut Part<T>,
    name: &'static str,
    map: &mut A,
) -> Result<(), A::Error> {
    if !matches!(slot, Part::Absent) {
        return Err(A::Error::custom(format_args!("the member `{name}` is there twice")));
    }
    *slot = map.next_value()?;
    Ok(())
}

/// Reads a member that nobody asks for.
pub(super) fn skip<'de, A: MapAccess<'de>>(map: &mut A) -> Result<(), A::Error> {
    map.next_value::<Skipped>().map(drop)
}
