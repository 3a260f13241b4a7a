#[path = "conformance/desk.rs"]
mod desk;
use commerce::*;
use desk::*;
use std::time::Instant as T;
use testkit::world::id;
fn go(db: sql::Database) {
    let mut world = testkit::World::empty(1_000_000);
    world.retailers = 4;
    world.channels = (0..20).map(|c| id(c % 4 + 1)).collect();
    world.locations = (0..400).map(|l| id(l % 4 + 1)).collect();
    let mut desk = Desk::open(db, world);
    desk.items(&(0..200).map(|n| item(None, &format!("I{n}"))).collect::<Vec<_>>()).unwrap();
    for part in 0..10u32 {
        let rows: Vec<_> = (0..20_000u32)
            .map(|n| {
                let n = part * 20_000 + n;
                let c = n * 7919 % 20;
                let mut o = order(&format!("O{n}"), c % 4 + 1, c + 1, i64::from(n));
                o.lines = vec![line(&format!("I{}", n % 200), 1)];
                o.fulfilments = vec![fulfilment(c % 4 + 1 + 4 * (n * 31 % 100))];
                o
            })
            .collect();
        let t = T::now();
        desk.orders(&rows).unwrap();
        let a = t.elapsed();
        let t = T::now();
        desk.orders(&rows).unwrap();
        println!("part {part}: write {a:?}, again {:?}", t.elapsed());
    }
    let role = desk.world.role("ADMIN");
    use testkit::Scope;
    use testkit::world::*;
    let one = Scope { channels: Dimension::Listed([id(1)].into()), ..Scope::retailer(id(1)) };
    let six = Scope {
        retailers: Dimension::Listed([id(1), id(2)].into()),
        channels: Dimension::Listed([1, 5, 9, 2, 6, 10].map(id).into()),
        ..Scope::ACCOUNT
    };
    let locs = |n: u32| Scope {
        locations: Locations::Only((0..n).map(|l| id(1 + 4 * l)).collect()),
        ..Scope::retailer(id(1))
    };
    let all4 =
        |n: u32| Scope { locations: Locations::Only((0..n).map(|l| id(1 + l)).collect()), ..Scope::ACCOUNT };
    let users = [
        ("all", Scope::ACCOUNT),
        ("retailer", Scope::retailer(id(1))),
        ("one", one),
        ("six", six),
        ("50 locs", locs(50)),
        ("100 locs", locs(100)),
        ("400 locs", all4(400)),
    ]
    .map(|(n, s)| (n, desk.world.add_user([(role, s)])));
    desk.snapshot = desk.world.snapshot();
    if desk.db.backend() == sql::Backend::Postgres {
        desk.db.write(|tx| tx.execute_batch("ANALYZE")).unwrap();
    }
    for (name, user) in users {
        let s = desk.world.subject(user, access::Application::Api);
        let of = desk.snapshot.filter(&s, "ORDER_VIEW", desk.world.now());
        let ff = desk.snapshot.filter(&s, "FULFILMENT_VIEW", desk.world.now());
        for (what, f) in [("orders", true), ("fulfilments", false)] {
            let mut ts = vec![];
            let mut after = None;
            let mut n = 0;
            for _ in 0..300 {
                let t = T::now();
                let req = PageRequest::new(None, after.take()).unwrap();
                let (next, rows) = if f {
                    let p = desk.commerce.orders(&of, &req).unwrap();
                    (p.next, p.rows.len())
                } else {
                    let p = desk.commerce.fulfilments(&ff, &req).unwrap();
                    (p.next, p.rows.len())
                };
                ts.push(t.elapsed());
                n += rows;
                after = next;
                if after.is_none() {
                    break;
                }
            }
            let first = ts[0];
            let last = *ts.last().unwrap();
            let pages = ts.len();
            ts.sort();
            println!(
                "{name} {what}: {n} rows, first {first:?} median {:?} last {last:?} of {pages}",
                ts[ts.len() / 2]
            );
        }
    }
}
#[test]
fn sqlite() {
    go(sql::Database::sqlite_memory().unwrap());
}
#[test]
fn pg() {
    let url = std::env::var("KEYWARD_TEST_POSTGRES").unwrap();
    let s = sql::Database::postgres(&url).unwrap();
    s.write(|tx| tx.execute_batch("CREATE SCHEMA cspeed")).unwrap();
    go(sql::Database::postgres(&format!("{url}?options=-csearch_path%3Dcspeed")).unwrap());
    s.write(|tx| tx.execute_batch("DROP SCHEMA cspeed CASCADE")).unwrap();
}
