//! An account with its places, and short ways to write and read in it.

use access::catalogue::EntityType;
use access::proof::Guarded;
use access::words::{Label, Number, Ref};
use access::{Authorized, ChannelId, Filter, Instant, LocationId, Place, RetailerId, Snapshot, Subject};
use commerce::{
    Commerce, CommerceError, Currency, NewFulfilment, NewItem, NewOrder, NewOrderLine, Text, WriteMode,
    Written,
};
use sql::{Database, Value};
use store::Store;
use testkit::World;
use testkit::world::id;

/// An account on a database.
pub(crate) struct Desk {
    pub(crate) db: Database,
    pub(crate) commerce: Commerce,
    pub(crate) world: World,
    pub(crate) snapshot: Snapshot,
}

impl Desk {
    /// The world as the only account of the database.
    pub(crate) fn open(db: Database, world: World) -> Self {
        let contract = testkit::convert::contract();
        Store::open(db.clone(), contract, &commerce::migrations()).unwrap();
        let snapshot = world.snapshot();
        let desk = Self { commerce: Commerce::new(db.clone()), db, world, snapshot };
        desk.set_head(desk.snapshot.revision().0);
        desk
    }

    /// Two retailers with two locations and two channels each, an item `A` that both share, `B` of the first.
    pub(crate) fn stocked(db: Database) -> Self {
        let desk = Self::open(db, testkit::fixture::two_retailers());
        desk.items(&[item(None, "A"), item(Some(1), "B")]).unwrap();
        desk
    }

    pub(crate) fn set_head(&self, revision: u64) {
        let account = Value::from(self.snapshot.account().id.number());
        let head = [account.clone(), Value::Int(revision.try_into().unwrap())];
        let insert = "INSERT INTO account_head (account_id, revision, audit_count, audit_hash, grants_made, \
             custom_roles_made) VALUES ($1, $2, 0, '', 0, 0)";
        self.db
            .write(|tx| {
                tx.execute("DELETE FROM account_head WHERE account_id = $1", std::slice::from_ref(&account))?;
                tx.execute(insert, &head)
            })
            .unwrap();
    }

    pub(crate) fn operator(&self) -> Subject {
        Subject::operator(self.snapshot.account().id)
    }

    /// The operator's proof: it may do everything, but only what it names.
    pub(crate) fn proof<Op: Guarded>(&self, operation: Op) -> Authorized<'_, Op> {
        self.snapshot.authorize(&self.operator(), operation, self.world.now()).unwrap()
    }

    /// What the operator sees: everything.
    pub(crate) fn all<E: EntityType>(&self) -> Filter<E> {
        self.snapshot.filter(&self.operator(), "ORDER_VIEW", self.world.now())
    }

    pub(crate) fn items(&self, rows: &[NewItem]) -> Result<Written, CommerceError> {
        let proof = self.proof(access::commands::WriteItems::at(rows.iter().map(NewItem::place)));
        self.commerce.write_items(proof, rows, WriteMode::Write)
    }

    /// Writes orders with a proof that names their new places and `more`.
    pub(crate) fn orders_from(&self, rows: &[NewOrder], more: &[Place]) -> Result<Written, CommerceError> {
        let places = rows.iter().flat_map(NewOrder::places).chain(more.iter().copied());
        let proof = self.proof(access::commands::WriteOrders::at(places));
        self.commerce.write_orders(proof, rows, WriteMode::Write)
    }

    pub(crate) fn orders(&self, rows: &[NewOrder]) -> Result<Written, CommerceError> {
        self.orders_from(rows, &[])
    }

    /// Rows of every table of the crate, to say that nothing was written.
    pub(crate) fn row_counts(&self) -> Vec<i64> {
        let tables = [
            "item",
            "customer",
            "place_detail",
            "inventory_position",
            "customer_order",
            "order_line",
            "fulfilment",
        ];
        let count = |table: &&str| -> i64 {
            let query = format!("SELECT count(*) FROM {table}");
            self.db.read::<_, sql::SqlError>(|tx| tx.query_one(&query, &[])?.int(0)).unwrap()
        };
        tables.iter().map(count).collect()
    }
}

pub(crate) fn written(inserted: u64, updated: u64, unchanged: u64) -> Written {
    Written { inserted, updated, unchanged }
}

pub(crate) fn at(retailer: u32, location: Option<u32>, channel: u32) -> Place {
    Place {
        retailer: Some(id::<RetailerId>(retailer)),
        location: location.map(id::<LocationId>),
        channel: Some(id::<ChannelId>(channel)),
    }
}

pub(crate) fn reference(text: &str) -> Ref {
    Ref::parse(text).unwrap()
}

pub(crate) fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

pub(crate) fn text(text: &str) -> Text {
    Text::parse("text", text).unwrap()
}

pub(crate) fn item(retailer: Option<u32>, key: &str) -> NewItem {
    NewItem { retailer: retailer.map(id), reference: reference(key), name: label(key), category: None }
}

/// An order of one `A`, without fulfilment.
pub(crate) fn order(key: &str, retailer: u32, channel: u32, placed_at: i64) -> NewOrder {
    NewOrder {
        reference: reference(key),
        retailer: id(retailer),
        channel: id(channel),
        customer: None,
        placed_at: Instant(placed_at),
        currency: Currency::parse("USD").unwrap(),
        status: text("BOOKED"),
        lines: vec![line("A", 1)],
        fulfilments: Vec::new(),
    }
}

pub(crate) fn line(item: &str, quantity: i64) -> NewOrderLine {
    NewOrderLine { number: None, item: reference(item), quantity, unit_price_minor: 1_250, discount: None }
}

pub(crate) fn fulfilment(location: u32) -> NewFulfilment {
    NewFulfilment {
        location: id(location),
        status: text("SHIPPED"),
        shipped_at: Some(Instant(5)),
        delivered_at: None,
    }
}
