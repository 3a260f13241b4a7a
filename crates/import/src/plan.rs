//! What an import would write: typed rows in the order of the files, each with the place it came from.
//!
//! Refs, logins and roles are text as the files have it; how Keyward spells them is checked where it is
//! known. What is unique here is unique by the keys of DESIGN: a ref in its account, or in its retailer.

use serde::{Deserialize, Serialize};

/// All rows of an import. Nothing in it is in doubt as far as the files go.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Brands or sites, by ref.
    pub retailers: Vec<Row<Retailer>>,
    /// Sales channels, by retailer and ref.
    pub channels: Vec<Row<Channel>>,
    /// Stores and warehouses, by ref.
    pub locations: Vec<Row<Location>>,
    /// Items, by retailer (or shared) and ref.
    pub items: Vec<Row<Item>>,
    /// Customers, by retailer and ref.
    pub customers: Vec<Row<Customer>>,
    /// Orders with their lines and fulfilment, by ref.
    pub orders: Vec<Row<Order>>,
    /// Stock, by location and item.
    pub stock: Vec<Row<Stock>>,
    /// Users with their grants, by login (without case).
    pub users: Vec<Row<User>>,
    /// How many rows were left out because the mapping says so, by section and file; none is zero.
    pub skipped: Vec<Skipped>,
}

/// A row of the plan and where it came from: the first row of the files that says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row<T> {
    /// Where to look when the row is refused later.
    pub origin: Origin,
    /// What the row says.
    pub value: T,
}

/// A place in the files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// The file, as the mapping names it.
    pub file: String,
    /// The physical line where the row begins, the first being 1.
    pub line: u64,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Rows that `skip_if_empty` or `only_if` left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// The section of the mapping, such as `[[orders]]`.
    pub section: String,
    /// The file, as the mapping names it.
    pub file: String,
    /// How many rows of it.
    pub rows: u64,
}

/// The fields of a row by name, to tell in what two rows of one ref differ.
pub(crate) trait Fields {
    fn fields(&self) -> Vec<(&'static str, String)>;
}

macro_rules! rows {
    ($( $(#[$doc:meta])* $name:ident {
        $( $(#[$field_doc:meta])* $field:ident $key:literal : $ty:ty, )*
        $( ; $( $(#[$other_doc:meta])* $other:ident : $other_ty:ty, )* )?
    } )*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            $( $(#[$field_doc])* pub $field: $ty, )*
            $( $( $(#[$other_doc])* pub $other: $other_ty, )* )?
        }

        impl Fields for $name {
            fn fields(&self) -> Vec<(&'static str, String)> {
                vec![ $( ($key, Say::say(&self.$field)) ),* ]
            }
        }
    )* };
}

rows! {
    /// A brand or site.
    Retailer {
        /// The company's own key.
        reference "ref": String,
        /// What people call it.
        name "name": String,
    }
    /// Where orders of one retailer come from.
    Channel {
        /// The retailer that the channel belongs to.
        retailer_ref "retailer": String,
        /// The company's own key, unique in the retailer.
        reference "ref": String,
        /// What people call it.
        name "name": String,
    }
    /// A store or warehouse.
    Location {
        /// The retailer that the location belongs to.
        retailer_ref "retailer": String,
        /// The company's own key, unique in the account.
        reference "ref": String,
        /// What people call it.
        name "name": String,
        /// Store or warehouse.
        kind "kind": LocationKind,
        /// City, as text.
        city "city": Option<String>,
        /// State or province, as text.
        state "state": Option<String>,
        /// Country, as text.
        country "country": Option<String>,
        /// Time zone, as text; meant to be an IANA name such as `America/New_York`.
        timezone "timezone": Option<String>,
        /// Degrees north, -90 to 90, written with a decimal point.
        latitude "latitude": Option<String>,
        /// Degrees east, -180 to 180, written with a decimal point.
        longitude "longitude": Option<String>,
    }
    /// Something that is sold.
    Item {
        /// The retailer that sells it; none for an item shared by all.
        retailer_ref "retailer": Option<String>,
        /// The company's own key, unique in the retailer.
        reference "ref": String,
        /// What people call it.
        name "name": String,
        /// A word to group items by.
        category "category": Option<String>,
    }
    /// Somebody who orders from one retailer.
    Customer {
        /// The retailer ordered from.
        retailer_ref "retailer": String,
        /// The company's own key, unique in the retailer.
        reference "ref": String,
        /// The customer's name.
        name "name": String,
    }
    /// An order.
    Order {
        /// The order number, unique in the account.
        reference "ref": String,
        /// The retailer ordered from.
        retailer_ref "retailer": String,
        /// The channel of that retailer that the order came through.
        channel_ref "channel": String,
        /// The customer of that retailer, if known.
        customer_ref "customer": Option<String>,
        /// When it was placed: microseconds since 1970 UTC.
        placed_on "placed_on": i64,
        /// Currency of all its prices, as text.
        currency "currency": String,
        /// Where the order is in its life, as text.
        status "status": String,
        ;
        /// What was ordered, in the order of the files; empty where no file says.
        lines: Vec<Row<OrderLine>>,
        /// Where it was fulfilled, if a file says so.
        fulfilment: Option<Row<Fulfilment>>,
    }
    /// One line of an order.
    OrderLine {
        /// The number of the line in its order, where the mapping gives one.
        number "number": Option<String>,
        /// What was ordered.
        item_ref "item": String,
        /// How many; at least 1.
        quantity "quantity": i64,
        /// Price of one in minor units of the order's currency, not negative.
        unit_price_minor "unit_price": i64,
        /// Discount, as the file writes it.
        discount "discount": Option<String>,
    }
    /// Where and when an order was fulfilled.
    Fulfilment {
        /// The location that fulfilled it.
        location_ref "location": String,
        /// Where the fulfilment is in its life, as text.
        status "status": String,
        /// Microseconds since 1970 UTC.
        shipped_on "shipped_on": Option<i64>,
        /// Microseconds since 1970 UTC.
        delivered_on "delivered_on": Option<i64>,
    }
    /// How much of an item is at a location.
    Stock {
        /// Where.
        location_ref "location": String,
        /// What.
        item_ref "item": String,
        /// How many; negative where more was sold than there was.
        on_hand "on_hand": i64,
    }
    /// Somebody or something that signs in.
    User {
        /// The sign-in name, unique in the account without case.
        login "login": String,
        /// What people call the user.
        name "name": String,
        /// E-mail address, if known.
        email "email": Option<String>,
        /// A person, or a system.
        kind "kind": UserKind,
        ;
        /// Roles and where they hold, none twice.
        grants: Vec<Row<Grant>>,
    }
}

/// A role that a user has somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Grant {
    /// The key of the role, such as `customer_service`.
    pub role: String,
    /// Retailers, by ref.
    pub retailers: Places,
    /// Locations, by ref.
    pub locations: Places,
    /// Sales channels, by their ref in each of the retailers.
    pub channels: Places,
}

/// One dimension of where a grant holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Places {
    /// Everywhere; only the mapping itself says so, never a value of a file.
    All,
    /// There; at least one ref, none twice.
    Listed(Vec<String>),
}

macro_rules! words {
    ($( $(#[$doc:meta])* $name:ident { $( $(#[$variant_doc:meta])* $variant:ident = $word:literal, )* } )*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $( $(#[$variant_doc])* $variant, )* }

        impl $name {
            pub(crate) fn parse(text: &str) -> Result<Self, String> {
                match text {
                    $( $word => Ok(Self::$variant), )*
                    _ => Err(format!("is none of: {}", [$( $word ),*].join(", "))),
                }
            }
        }

        impl Say for $name {
            fn say(&self) -> String {
                match self { $( Self::$variant => $word.to_owned(), )* }
            }
        }
    )* };
}

words! {
    /// What a location is.
    LocationKind {
        /// Customers come here.
        Store = "store",
        /// They do not.
        Warehouse = "warehouse",
    }
    /// Who signs in.
    UserKind {
        /// A human being.
        Person = "person",
        /// A program.
        System = "system",
    }
}

/// A field as a message shows it.
trait Say {
    fn say(&self) -> String;
}

impl Say for String {
    fn say(&self) -> String {
        self.clone()
    }
}

impl Say for i64 {
    fn say(&self) -> String {
        self.to_string()
    }
}

impl<T: Say> Say for Option<T> {
    fn say(&self) -> String {
        self.as_ref().map_or_else(|| "nothing".to_owned(), Say::say)
    }
}

/// How many rows of each kind a plan has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Retailers.
    pub retailers: usize,
    /// Sales channels.
    pub channels: usize,
    /// Locations.
    pub locations: usize,
    /// Items.
    pub items: usize,
    /// Customers, one for each retailer they order from.
    pub customers: usize,
    /// Orders.
    pub orders: usize,
    /// Lines of all orders.
    pub order_lines: usize,
    /// Orders with a fulfilment.
    pub fulfilments: usize,
    /// Stock positions.
    pub stock: usize,
    /// Users.
    pub users: usize,
    /// Grants of all users.
    pub grants: usize,
    /// Rows left out because the mapping says so.
    pub skipped: u64,
}

impl Plan {
    /// Counts the rows.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            retailers: self.retailers.len(),
            channels: self.channels.len(),
            locations: self.locations.len(),
            items: self.items.len(),
            customers: self.customers.len(),
            orders: self.orders.len(),
            order_lines: self.orders.iter().map(|order| order.value.lines.len()).sum(),
            fulfilments: self.orders.iter().filter(|order| order.value.fulfilment.is_some()).count(),
            stock: self.stock.len(),
            users: self.users.len(),
            grants: self.users.iter().map(|user| user.value.grants.len()).sum(),
            skipped: self.skipped.iter().map(|skipped| skipped.rows).sum(),
        }
    }
}
