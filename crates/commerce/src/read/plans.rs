//! How the databases read lists: each main shape is a walk along an index, never over the table, never a sort of more
//! than the pages of its ranges.

use super::Mark;
use super::list::Reading;
use crate::cursor::Key;
use crate::entities::{Kept, Table};
use crate::limits::{PAGE_LIMIT_DEFAULT, ROUND_BRANCHES_MAX};
use crate::plan::{Plan, plan};
use crate::predicate::{Need, Part};
use crate::statement::Statement;
use access::AccountId;
use access::catalogue::kind::{Fulfilment, Item, Order};
use access::words::Number;
use sql::{Backend, Database, SqlError, Value};
use store::Store;

const ORDERS: u32 = 30_000;
const CHANNELS: u32 = 20;
const LOCATIONS: u32 = 100;

fn listed(numbers: impl IntoIterator<Item = u32>) -> Part {
    Part::In { numbers: numbers.into_iter().map(i64::from).collect(), or_none: false }
}

/// What the database says of a statement, one line a step.
fn explained(db: &Database, query: &Statement) -> String {
    let (words, column) = match db.backend() {
        Backend::Sqlite => ("EXPLAIN QUERY PLAN ", 3),
        Backend::Postgres => ("EXPLAIN ", 0),
    };
    let rows = db.read(|tx| tx.query(&format!("{words}{}", query.text), &query.values)).unwrap();
    rows.iter().map(|row| row.text(column).unwrap().to_owned()).collect::<Vec<_>>().join("\n")
}

/// Four retailers with five channels and 25 locations each; every order is fulfilled once.
fn filled(db: Database) -> Database {
    Store::open(db.clone(), testkit::convert::contract(), &crate::migrations()).unwrap();
    let place = |n: u32| (n * 7919 % CHANNELS, n * 104_729 % LOCATIONS);
    let own = |n: u32| [Value::from(1_u32), format!("x_{:05}", n * 48_271 % 99_991).into()];
    let order = |n: u32| {
        let (channel, _) = place(n);
        let rest = [format!("O{n}").into(), (channel % 4 + 1).into(), (channel + 1).into(), Value::Null];
        let amounts = [i64::from(n / 3).into(), "USD".into(), "BOOKED".into(), Value::Int(100)];
        [&own(n)[..], &rest, &amounts].concat()
    };
    let fulfilment = |n: u32| {
        let (channel, location) = place(n);
        let of = [format!("x_{:05}", n * 48_271 % 99_991).into(), format!("O{n}-F1").into()];
        let at =
            [(channel % 4 + 1).into(), (location + 1).into(), (channel + 1).into(), i64::from(n / 3).into()];
        [&own(n)[..], &of, &at, &["SHIPPED".into(), Value::Null, Value::Null]].concat()
    };
    let item = |n: u32| {
        let retailer = if n.is_multiple_of(5) { Value::Null } else { (n % 5).into() };
        [&own(n)[..], &[retailer, format!("I{n}").into(), "I".into(), Value::Null]].concat()
    };
    let columns = [
        "account_id, id, reference, retailer, channel, customer, placed_at, currency, status, total_minor",
        "account_id, id, order_id, reference, retailer, location, channel, placed_at, status, shipped_at, delivered_at",
        "account_id, id, retailer, reference, label, category",
    ];
    let columns = columns.map(|list| list.split(", ").collect::<Vec<_>>());
    db.write::<_, SqlError>(|tx| {
        tx.insert_many("customer_order", &columns[0], (0..ORDERS).map(order))?;
        tx.insert_many("fulfilment", &columns[1], (0..ORDERS).map(fulfilment))?;
        tx.insert_many("item", &columns[2], (0..ORDERS / 10).map(item))
    })
    .unwrap();
    if db.backend() == Backend::Postgres {
        db.write(|tx| tx.execute_batch("ANALYZE")).unwrap();
    }
    db
}

/// How SQLite says that rows are found by the primary key.
const BY_ID: &str = "(account_id=? AND id=?)";

/// Whether a statement finds rows by their ids alone.
fn is_rows_of(query: &Statement) -> bool {
    query.text.contains("wanted") && !query.text.contains("UNION")
}

/// A shape of filter, and the index that its list is read along.
struct Shape {
    table: Table,
    need: Vec<Need>,
    index: &'static str,
}

fn shapes() -> Vec<Shape> {
    let any = || Part::Any;
    let shape = |table, part: [Part; 3], index| Shape { table, need: vec![Need(part)], index };
    let shared = Part::In { numbers: vec![1], or_none: true };
    vec![
        shape(Order::TABLE, [any(), any(), any()], "customer_order_listed"),
        shape(Order::TABLE, [listed([1]), any(), any()], "customer_order_of_retailer"),
        shape(Order::TABLE, [listed([1]), any(), listed([1])], "customer_order_of_channel"),
        shape(Order::TABLE, [listed([1, 2]), any(), any()], "customer_order_of_retailer"),
        shape(Order::TABLE, [listed([1, 2]), any(), listed([1, 2, 5])], "customer_order_of_channel"),
        shape(Fulfilment::TABLE, [any(), any(), any()], "fulfilment_listed"),
        shape(Fulfilment::TABLE, [listed([1]), listed([1]), any()], "fulfilment_of_location"),
        shape(Fulfilment::TABLE, [any(), listed(1..=50), any()], "fulfilment_of_location"),
        shape(Fulfilment::TABLE, [listed([2]), any(), listed([2])], "fulfilment_of_channel"),
        shape(Item::TABLE, [shared, any(), any()], "item_of_retailer"),
    ]
}

/// A row that a page ended with.
fn mark_of(shape: &Shape, id: &str) -> Mark {
    let key = if shape.table.key.is_instant { Key::Number(2_000) } else { Key::Text("I50".to_owned()) };
    Mark { key, id: id.to_owned() }
}

/// The statements of a page, the first or one far behind.
fn statements(shape: &Shape, far: bool) -> Vec<Statement> {
    let reading = Reading {
        table: shape.table,
        account: AccountId::from_number(1).unwrap(),
        needs: &shape.need,
        after: far.then(|| mark_of(shape, "x_50000")),
        rows: PAGE_LIMIT_DEFAULT + 1,
    };
    let plan = plan(&shape.need, &shape.table);
    match &plan {
        Plan::Branches(branches) if branches.len() > 1 => {
            assert!(branches.len() <= ROUND_BRANCHES_MAX);
            let best: Vec<Mark> = (0..51).map(|n| mark_of(shape, &format!("x_{n:05}"))).collect();
            vec![reading.round(branches, &[]), reading.round(branches, &best), reading.rows_of(&best)]
        }
        _ => vec![reading.direct(&plan).unwrap()],
    }
}

#[test]
fn sqlite_reads_lists_along_their_indexes() {
    let db = filled(Database::sqlite_memory().unwrap());
    for shape in shapes() {
        for query in [false, true].into_iter().flat_map(|far| statements(&shape, far)) {
            let plan = explained(&db, &query);
            let searched = format!("SEARCH {} USING ", shape.table.name);
            for step in plan.lines().filter(|step| step.contains(shape.table.name)) {
                let along = step.contains(&format!("INDEX {} ", shape.index)) || step.contains(BY_ID);
                assert!(along && step.starts_with(&searched), "{step}\n{}\n{plan}", query.text);
            }
            assert!(plan.contains(shape.index) != is_rows_of(&query), "{}\n{plan}", query.text);
            // What is sorted is one page of a range, never the range.
            let mut step_before = "";
            for step in plan.lines() {
                let sorts = step.contains("TEMP B-TREE");
                assert!(
                    !sorts || step_before.starts_with("SCAN range_") || step_before == "SCAN best",
                    "{}\n{plan}",
                    query.text
                );
                step_before = step;
            }
        }
    }
}

#[test]
fn postgres_reads_lists_along_their_indexes() {
    let Ok(url) = std::env::var("KEYWARD_TEST_POSTGRES") else {
        println!("skipped: KEYWARD_TEST_POSTGRES is not set");
        return;
    };
    let name = format!("keyward_plans_{}", std::process::id());
    let server = Database::postgres(&url).unwrap();
    server.write(|tx| tx.execute_batch(&format!("CREATE SCHEMA {name}"))).unwrap();
    let mark = if url.contains('?') { '&' } else { '?' };
    let db = filled(Database::postgres(&format!("{url}{mark}options=-csearch_path%3D{name}")).unwrap());
    let explained: Vec<(Shape, Statement, String)> = shapes()
        .into_iter()
        .flat_map(|shape| {
            let queries =
                [false, true].into_iter().flat_map(|far| statements(&shape, far)).collect::<Vec<_>>();
            queries
                .into_iter()
                .map(move |q| (Shape { need: shape.need.clone(), ..shape }, q))
                .collect::<Vec<_>>()
        })
        .map(|(shape, query)| {
            let plan = explained(&db, &query);
            (shape, query, plan)
        })
        .collect();
    drop(db);
    server.write(|tx| tx.execute_batch(&format!("DROP SCHEMA {name} CASCADE"))).unwrap();
    for (shape, query, plan) in explained {
        assert!(plan.contains(shape.index) != is_rows_of(&query), "{}\n{plan}", query.text);
        // A table of a few pages is read whole sooner than by 64 ids.
        if shape.table.name == "item" && query.text.contains("wanted") {
            continue;
        }
        assert_eq!(plan.contains("_pkey"), query.text.contains("wanted"), "{}\n{plan}", query.text);
        for wrong in ["Seq Scan", "Bitmap"] {
            assert!(!plan.contains(wrong), "{}\n{plan}", query.text);
        }
        // A sort is one of the keys of all ranges, never below a range's limit.
        let is_range = |line: &&str| line.contains("Limit");
        let depth = |line: &str| line.len() - line.trim_start().len();
        let inner = plan.lines().filter(is_range).map(depth).max().unwrap_or(0);
        let sorts =
            plan.lines().filter(|line| line.contains("Sort  ") && !line.contains("Incremental")).map(depth);
        assert!(sorts.max().unwrap_or(0) <= inner, "{}\n{plan}", query.text);
    }
}
