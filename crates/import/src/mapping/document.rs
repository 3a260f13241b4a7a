//! The shape of a mapping file. One table below names every section and key: their types, whether they are
//! needed, and what their values must look like.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Error, SeqAccess, Visitor};

use crate::plan::{LocationKind, UserKind};
use crate::template::Template;
use crate::value::Notation;

/// Decimal places of money where `scale` says nothing.
pub(crate) const SCALE: u8 = 2;

/// What the text of a field must be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    Text,
    Instant,
    /// A whole number, at least this.
    Whole(i64),
    /// An amount of money, not negative.
    Money,
    /// An angle, at most this on either side of zero.
    Degrees(u64),
    LocationKind,
    UserKind,
}

impl Form {
    /// Whether a text has this form, as a part of a sentence if not.
    pub(crate) fn check(self, text: &str, notation: &Notation, scale: u8) -> Result<(), String> {
        match self {
            Self::Text => Ok(()),
            Self::Instant => notation.instant(text).map(drop),
            Self::Whole(least) => notation.whole(text, least).map(drop),
            Self::Money => notation.money(text, scale).map(drop),
            Self::Degrees(most) => notation.degrees(text, most).map(drop),
            Self::LocationKind => LocationKind::parse(text).map(drop),
            Self::UserKind => UserKind::parse(text).map(drop),
        }
    }
}

/// A template, the key that it stands under, and what must come out of it.
pub(crate) struct Used<'a> {
    pub(crate) key: &'static str,
    pub(crate) template: &'a Template,
    pub(crate) form: Form,
}

/// Which rows of which file a section reads.
#[derive(Debug)]
pub(crate) struct RowsOf<'a> {
    pub(crate) file: &'a str,
    pub(crate) skip_if_empty: &'a [String],
    pub(crate) only_if: &'a BTreeMap<String, Vec<String>>,
}

/// One table of the mapping that turns rows of a file into rows of the plan.
pub(crate) trait Source {
    /// The name of the section.
    const SECTION: &'static str;

    fn rows(&self) -> RowsOf<'_>;
    fn used(&self) -> Vec<Used<'_>>;
    /// Decimal places of money in this section.
    fn scale(&self) -> u8 {
        SCALE
    }
}

/// What a key may hold, as far as templates go.
trait Holds {
    fn templates(&self) -> Vec<&Template>;
}

impl Holds for Template {
    fn templates(&self) -> Vec<&Template> {
        vec![self]
    }
}

impl Holds for Option<Template> {
    fn templates(&self) -> Vec<&Template> {
        self.iter().collect()
    }
}

/// Where a grant holds in one dimension: `"*"`, or a list of templates, at least one.
///
/// All is said by the mapping alone: a `*` that comes out of a file is a ref like any other.
#[derive(Debug)]
pub(crate) enum PlacesSource {
    All,
    Listed(Vec<Template>),
}

impl Holds for PlacesSource {
    fn templates(&self) -> Vec<&Template> {
        match self {
            Self::All => Vec::new(),
            Self::Listed(list) => list.iter().collect(),
        }
    }
}

impl<'de> Deserialize<'de> for PlacesSource {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Places;
        impl<'de> Visitor<'de> for Places {
            type Value = PlacesSource;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"*\" for all, or a list such as [\"{Region}\"]")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<PlacesSource, E> {
                if text == "*" {
                    return Ok(PlacesSource::All);
                }
                Err(E::custom(format!("`{text}` is no list; write [\"{text}\"], or \"*\" for all")))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<PlacesSource, A::Error> {
                let mut templates = Vec::new();
                while let Some(template) = list.next_element()? {
                    templates.push(template);
                }
                if templates.is_empty() {
                    return Err(A::Error::custom("an empty list is never all; write \"*\" for all"));
                }
                Ok(PlacesSource::Listed(templates))
            }
        }
        deserializer.deserialize_any(Places)
    }
}

macro_rules! sources {
    (@plain scale) => {
        fn scale(&self) -> u8 {
            self.scale.unwrap_or(SCALE)
        }
    };
    (@plain split) => {};
    ($( $(#[$doc:meta])* $name:ident $section:ident {
        $( $field:ident $key:literal : $ty:ty = $form:expr, )*
        $( ; $plain:ident : $plain_ty:ty )?
    } )*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Deserialize)]
            #[serde(deny_unknown_fields)]
            pub(crate) struct $name {
                file: String,
                #[serde(default)]
                skip_if_empty: Vec<String>,
                #[serde(default)]
                only_if: BTreeMap<String, Vec<String>>,
                $( #[serde(rename = $key)] pub(crate) $field: $ty, )*
                $( pub(crate) $plain: $plain_ty, )?
            }

            impl Source for $name {
                const SECTION: &'static str = stringify!($section);

                fn rows(&self) -> RowsOf<'_> {
                    RowsOf { file: &self.file, skip_if_empty: &self.skip_if_empty, only_if: &self.only_if }
                }

                fn used(&self) -> Vec<Used<'_>> {
                    let mut used = Vec::new();
                    $( for template in self.$field.templates() {
                        used.push(Used { key: $key, template, form: $form });
                    } )*
                    used
                }

                $( sources! { @plain $plain } )?
            }
        )*

        /// A whole mapping file, every section of it.
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct Document {
            #[serde(default)]
            pub(crate) csv: NotationKeys,
            #[serde(default)]
            pub(crate) files: BTreeMap<String, NotationKeys>,
            #[serde(default)]
            pub(crate) lookups: BTreeMap<String, LookupSource>,
            $( #[serde(default)] pub(crate) $section: Vec<$name>, )*
        }

        impl Document {
            /// Shows every table of every section: its place in words, then the table.
            pub(crate) fn each_source(&self, mut each: impl FnMut(String, RowsOf<'_>, &[Used<'_>], u8)) {
                $( for (n, source) in self.$section.iter().enumerate() {
                    let place = place($name::SECTION, n, self.$section.len());
                    each(place, source.rows(), &source.used(), source.scale());
                } )*
            }

            /// Every file that a section or a look-up reads, as often as it is named.
            pub(crate) fn files_named(&self) -> Vec<&str> {
                let mut files: Vec<&str> = self.lookups.values().filter_map(|l| l.file.as_deref()).collect();
                $( files.extend(self.$section.iter().map(|source| source.file.as_str())); )*
                files
            }
        }
    };
}

/// `[[orders]]`, or `[[orders]] no. 2` where there are several.
pub(crate) fn place(section: &str, n: usize, of: usize) -> String {
    if of == 1 { format!("[[{section}]]") } else { format!("[[{section}]] no. {}", n + 1) }
}

sources! {
    /// A brand or site.
    RetailerSource retailers {
        reference "ref": Template = Form::Text,
        name "name": Template = Form::Text,
    }
    /// Where orders of one retailer come from.
    ChannelSource channels {
        retailer "retailer": Template = Form::Text,
        reference "ref": Template = Form::Text,
        name "name": Template = Form::Text,
    }
    /// A store or warehouse.
    LocationSource locations {
        retailer "retailer": Template = Form::Text,
        reference "ref": Template = Form::Text,
        name "name": Template = Form::Text,
        kind "kind": Template = Form::LocationKind,
        city "city": Option<Template> = Form::Text,
        state "state": Option<Template> = Form::Text,
        country "country": Option<Template> = Form::Text,
        timezone "timezone": Option<Template> = Form::Text,
        latitude "latitude": Option<Template> = Form::Degrees(90),
        longitude "longitude": Option<Template> = Form::Degrees(180),
    }
    /// Something that is sold; without a retailer it is shared by all.
    ItemSource items {
        retailer "retailer": Option<Template> = Form::Text,
        reference "ref": Template = Form::Text,
        name "name": Template = Form::Text,
        category "category": Option<Template> = Form::Text,
    }
    /// Somebody who orders from one retailer.
    CustomerSource customers {
        retailer "retailer": Template = Form::Text,
        reference "ref": Template = Form::Text,
        name "name": Template = Form::Text,
    }
    /// The head of an order.
    OrderSource orders {
        reference "ref": Template = Form::Text,
        retailer "retailer": Template = Form::Text,
        channel "channel": Template = Form::Text,
        customer "customer": Option<Template> = Form::Text,
        placed_on "placed_on": Template = Form::Instant,
        currency "currency": Template = Form::Text,
        status "status": Template = Form::Text,
    }
    /// One line of an order.
    OrderLineSource order_lines {
        order "order": Template = Form::Text,
        number "number": Option<Template> = Form::Text,
        item "item": Template = Form::Text,
        quantity "quantity": Template = Form::Whole(1),
        unit_price "unit_price": Template = Form::Money,
        discount "discount": Option<Template> = Form::Text,
        ; scale: Option<u8>
    }
    /// Where and when an order was fulfilled.
    FulfilmentSource fulfilments {
        order "order": Template = Form::Text,
        location "location": Template = Form::Text,
        status "status": Template = Form::Text,
        shipped_on "shipped_on": Option<Template> = Form::Instant,
        delivered_on "delivered_on": Option<Template> = Form::Instant,
    }
    /// How much of an item is at a location.
    StockSource stock {
        location "location": Template = Form::Text,
        item "item": Template = Form::Text,
        on_hand "on_hand": Template = Form::Whole(i64::MIN),
    }
    /// Somebody or something that signs in.
    UserSource users {
        login "login": Template = Form::Text,
        name "name": Template = Form::Text,
        email "email": Option<Template> = Form::Text,
        kind "kind": Option<Template> = Form::UserKind,
    }
    /// A role that a user has somewhere.
    GrantSource grants {
        login "login": Template = Form::Text,
        role "role": Template = Form::Text,
        retailers "retailers": PlacesSource = Form::Text,
        locations "locations": PlacesSource = Form::Text,
        channels "channels": PlacesSource = Form::Text,
        ; split: Option<String>
    }
}

/// How files write their values; what is not said is taken from `[csv]`, then from the built-in notation.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NotationKeys {
    pub(crate) delimiter: Option<char>,
    pub(crate) decimal_separator: Option<char>,
    pub(crate) thousands_separator: Option<char>,
    pub(crate) date_format: Option<String>,
    pub(crate) empty_values: Option<Vec<String>>,
}

/// `[lookups.NAME]`: either `file`, `key` and `value`, or `values`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LookupSource {
    pub(crate) file: Option<String>,
    #[serde(default)]
    pub(crate) skip_if_empty: Vec<String>,
    #[serde(default)]
    pub(crate) only_if: BTreeMap<String, Vec<String>>,
    pub(crate) key: Option<Template>,
    pub(crate) value: Option<Template>,
    #[serde(default)]
    pub(crate) distinct: bool,
    pub(crate) values: Option<BTreeMap<String, String>>,
    pub(crate) otherwise: Option<String>,
}

impl LookupSource {
    /// What a look-up in a file is made of; `None` for a look-up in `values`.
    pub(crate) fn in_file(&self) -> Option<(RowsOf<'_>, &Template, &Template)> {
        let rows = RowsOf {
            file: self.file.as_deref()?,
            skip_if_empty: &self.skip_if_empty,
            only_if: &self.only_if,
        };
        Some((rows, self.key.as_ref()?, self.value.as_ref()?))
    }
}
