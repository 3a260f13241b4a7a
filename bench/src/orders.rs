//! The guarded list of orders: pages of a filtered list beside the same pages without a filter.

use crate::table::{Table, grouped, verdict};
use crate::timing::{median, random, timed};
use access::catalogue::kind;
use access::change::{LocationKind, Profile, SignIn, UserKind};
use access::commands::{
    Command, CreateChannel, CreateLocation, CreateRetailer, CreateUser, WriteItems, WriteOrders, open_account,
};
use access::scope::{Extent, IdSet, LocationExtent};
use access::snapshot::Account;
use access::{
    Application, ChannelId, Contract, Filter, GrantSpec, Instant, Label, LocationId, Login, Number, Ref,
    Scope, Snapshot, Subject, UserId, Validity,
};
use commerce::{
    Commerce, Currency, NewFulfilment, NewItem, NewOrder, NewOrderLine, Page, PageRequest, Text, WriteMode,
};
use std::error::Error;
use std::path::PathBuf;
use store::{Origin, Pending, Store};

type Outcome<T> = Result<T, Box<dyn Error>>;

const RETAILERS: usize = 8;
const LOCATIONS: usize = 480;
/// Channels of each retailer; the last one of the first retailer is the rare one.
const CHANNELS: [&str; 5] = ["web", "store", "phone", "market", "partner"];
const RARE_IN: u64 = 10_000;
const CHUNK: usize = 5_000;
const NOW: Instant = Instant(1_790_000_000_000_000);
const DEEP: usize = 1_000;

/// Runs `orders [--orders N] [--postgres URL]`.
pub(crate) fn run(options: &[String]) -> Outcome<()> {
    let value = |name: &str| options.iter().position(|o| o == name).and_then(|at| options.get(at + 1));
    let count: usize = value("--orders").map_or(Ok(1_000_000), |n| n.parse())?;
    let folder = Folder(std::env::temp_dir().join(format!("keyward-bench-{}", std::process::id())));
    std::fs::create_dir_all(&folder.0)?;
    let (name, db) = match value("--postgres") {
        Some(url) => ("PostgreSQL", sql::Database::postgres(url)?),
        None => ("SQLite", sql::Database::sqlite_file(&folder.0.join("bench.db"))?),
    };
    let (took, world) = timed(|| World::make(db, count));
    let world = world?;
    println!(
        "{} orders on {name}, written in {:.0} s; pages of 50, medians\n",
        grouped(count),
        took.as_secs_f64()
    );
    world.measure()
}

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

struct World {
    commerce: Commerce,
    snapshot: Snapshot,
}

impl World {
    fn make(db: sql::Database, orders: usize) -> Outcome<Self> {
        let store = Store::open(db.clone(), Contract::built_in()?, &commerce::migrations())?;
        let account = Account {
            id: store.next_account_id()?,
            r#ref: Ref::parse(&format!("bench-{}", std::process::id()))?,
            name: Label::parse("Bench")?,
        };
        let origin = Origin { application: None, address: "bench".into(), reason: None };
        let (_, first) = store.open_account(open_account(&account), &origin, NOW)?;
        let mut draft = Draft { on: first.clone(), subject: Subject::operator(account.id), all: None };
        places(&mut draft)?;
        let changeset = draft.all.ok_or("no changes")?;
        let after = first.apply(changeset.changes())?;
        let pending = Pending {
            changeset: &changeset,
            before: &first,
            after: &after,
            origin: &origin,
            at: NOW,
            credentials: &[],
        };
        store.commit(&[pending], &|| true)?;
        let world = Self { commerce: Commerce::new(db), snapshot: after };
        world.fill(orders)?;
        Ok(world)
    }

    fn fill(&self, count: usize) -> Outcome<()> {
        let on = &self.snapshot;
        let operator = Subject::operator(on.account().id);
        let items: Vec<NewItem> = (0..40)
            .map(|i| {
                Ok(NewItem {
                    retailer: None,
                    reference: Ref::parse(&format!("ITEM-{i}"))?,
                    name: Label::parse("An item")?,
                    category: None,
                })
            })
            .collect::<Outcome<_>>()?;
        let op = WriteItems::at(items.iter().map(NewItem::place));
        self.commerce.write_items(on.authorize(&operator, op, NOW)?, &items, WriteMode::Write)?;
        let mut state = 7;
        let mut number = 0;
        while number < count {
            let rows: Vec<NewOrder> = (number..(number + CHUNK).min(count))
                .map(|n| self.order(n, &mut state))
                .collect::<Outcome<_>>()?;
            let op = WriteOrders::at(rows.iter().flat_map(NewOrder::places));
            self.commerce.write_orders(on.authorize(&operator, op, NOW)?, &rows, WriteMode::Write)?;
            number += rows.len();
        }
        Ok(())
    }

    fn order(&self, number: usize, state: &mut u64) -> Outcome<NewOrder> {
        let places = self.snapshot.places();
        let location = places.locations().nth(random(state) as usize % LOCATIONS).ok_or("a location")?;
        let usual = random(state) as usize % (CHANNELS.len() - 1);
        let rare =
            location.retailer.number() == 1 && random(state).is_multiple_of(RARE_IN / RETAILERS as u64);
        let channel = if rare { CHANNELS.len() - 1 } else { usual };
        let channel = CHANNELS.get(channel).copied().unwrap_or("web");
        let channel = places.find_channel(Some(location.retailer), channel).ok_or("a channel")?.id;
        let item = random(state) % 40;
        Ok(NewOrder {
            reference: Ref::parse(&format!("O-{number:08}"))?,
            retailer: location.retailer,
            channel,
            customer: None,
            placed_at: Instant(NOW.0 - (random(state) % 31_536_000) as i64 * 1_000_000),
            currency: Currency::parse("EUR")?,
            status: Text::parse("status", "COMPLETE")?,
            lines: vec![NewOrderLine {
                number: None,
                item: Ref::parse(&format!("ITEM-{item}"))?,
                quantity: 1,
                unit_price_minor: 1_990,
                discount: None,
            }],
            fulfilments: vec![NewFulfilment {
                location: location.id,
                status: Text::parse("status", "DELIVERED")?,
                shipped_at: None,
                delivered_at: None,
            }],
        })
    }

    fn measure(&self) -> Outcome<()> {
        let mut table = Table::new(&["list", "first page ms", "page 1,000 ms", "beside unfiltered", ""]);
        let all = self.orders("all")?;
        for (name, login) in [
            ("orders, no filter", "all"),
            ("orders of one retailer and one channel", "one-channel"),
            ("orders of one retailer", "one-retailer"),
            ("orders of three retailers", "three-retailers"),
            ("orders of six channels in three retailers", "six-channels"),
            ("orders of one rare channel", "rare-channel"),
        ] {
            let filter = self.orders(login)?;
            let list = |page: &PageRequest| Ok(self.commerce.orders(&filter, page)?);
            let base = |page: &PageRequest| Ok(self.commerce.orders(&all, page)?);
            let goal = if login == "one-channel" { Goal::Ratio(1.3) } else { Goal::Under(20.0) };
            table.row(compare(name, &list, &base, &goal)?);
        }
        let all = self.fulfilments("all")?;
        let filter = self.fulfilments("fifty-locations")?;
        let list = |page: &PageRequest| Ok(self.commerce.fulfilments(&filter, page)?);
        let base = |page: &PageRequest| Ok(self.commerce.fulfilments(&all, page)?);
        table.row(compare("fulfilments of 50 locations", &list, &base, &Goal::Under(20.0))?);
        table.print();
        Ok(())
    }

    fn user(&self, login: &str) -> Outcome<Subject> {
        let id: UserId = self.snapshot.user_of_login(&Login::parse(login)?).ok_or("a user")?;
        Ok(Subject::signed_in(self.snapshot.account().id, id, Application::Api))
    }

    fn orders(&self, login: &str) -> Outcome<Filter<kind::Order>> {
        Ok(self.snapshot.filter(&self.user(login)?, "ORDER_VIEW", NOW))
    }

    fn fulfilments(&self, login: &str) -> Outcome<Filter<kind::Fulfilment>> {
        Ok(self.snapshot.filter(&self.user(login)?, "FULFILMENT_VIEW", NOW))
    }
}

enum Goal {
    Ratio(f64),
    Under(f64),
}

type List<'a, R> = &'a dyn Fn(&PageRequest) -> Outcome<Page<R>>;

fn compare<R, B>(name: &str, list: List<'_, R>, base: List<'_, B>, goal: &Goal) -> Outcome<Vec<String>> {
    let deep = walk(list)?;
    let (mut first, mut later, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..41 {
        let page = PageRequest::new(Some(50), None)?;
        let (plain, _) = timed(|| base(&page).map(drop));
        let (took, rows) = timed(|| list(&page).map(drop));
        rows?;
        first.push(took.as_secs_f64() * 1e3);
        ratios.push(took.as_secs_f64() / plain.as_secs_f64());
        let (took, rows) = timed(|| list(&deep).map(drop));
        rows?;
        later.push(took.as_secs_f64() * 1e3);
    }
    let (first, later) = (median(first.into_iter()), median(later.into_iter()));
    let ratio = median(ratios.into_iter());
    let said = match goal {
        Goal::Ratio(most) => format!("goal {most}: {}", verdict(ratio <= *most)),
        Goal::Under(ms) => format!("goal {ms} ms: {}", verdict(first < *ms && later < *ms)),
    };
    Ok(vec![name.into(), format!("{first:.2}"), format!("{later:.2}"), format!("{ratio:.2}"), said])
}

/// The request for page 1,000, or for the last one.
fn walk<R>(list: List<'_, R>) -> Outcome<PageRequest> {
    let mut request = PageRequest::new(Some(50), None)?;
    for _ in 1..DEEP {
        match list(&request)?.next {
            Some(cursor) => request = PageRequest::new(Some(50), Some(cursor))?,
            None => break,
        }
    }
    Ok(request)
}

/// Commands whose changes become one changeset.
struct Draft {
    on: Snapshot,
    subject: Subject,
    all: Option<access::Changeset>,
}

impl Draft {
    fn run<C: Command>(&mut self, command: C) -> Outcome<()> {
        let changeset = C::run(self.on.authorize(&self.subject, command, NOW)?)?;
        self.on = self.on.apply(changeset.changes())?;
        self.all = Some(match self.all.take() {
            None => changeset,
            Some(earlier) => earlier.then(changeset).map_err(|_| "commands out of turn")?,
        });
        Ok(())
    }
}

fn places(draft: &mut Draft) -> Outcome<()> {
    for r in 0..RETAILERS {
        let first = CHANNELS[0];
        let default_channel = (Ref::parse(first)?, Label::parse(first)?);
        let (key, name) = (Ref::parse(&format!("site-{r}"))?, Label::parse("A site")?);
        draft.run(CreateRetailer { r#ref: key, name, default_channel })?;
        let retailer = draft.on.places().retailers().last().ok_or("a retailer")?.id;
        for channel in &CHANNELS[1..] {
            draft.run(CreateChannel {
                retailer,
                r#ref: Ref::parse(channel)?,
                name: Label::parse(channel)?,
            })?;
        }
        for l in 0..LOCATIONS / RETAILERS {
            let (key, name) = (Ref::parse(&format!("store-{r}-{l}"))?, Label::parse("A store")?);
            draft.run(CreateLocation { retailer, r#ref: key, name, kind: LocationKind::Store })?;
        }
    }
    users(draft)
}

fn users(draft: &mut Draft) -> Outcome<()> {
    let role = draft.on.find_role("api_user").ok_or("a role")?.id;
    // Unlike the built-in one, a custom role has no rank, so that one user may have it several times.
    let key = access::RoleKey::parse("lister")?;
    draft.run(access::commands::CopyRole { from: role, key, label: Label::parse("Lister")? })?;
    let role = draft.on.find_role("lister").ok_or("a role")?.id;
    let retailer = |n: usize| draft.on.places().retailers().nth(n).map(|r| r.id).ok_or("a retailer");
    let channel = |r: usize, name: &str| -> Outcome<ChannelId> {
        Ok(draft.on.places().find_channel(Some(retailer(r)?), name).ok_or("a channel")?.id)
    };
    let through = |r: usize, names: &[&str]| -> Outcome<Scope> {
        let ids = names.iter().map(|n| channel(r, n)).collect::<Outcome<Vec<_>>>()?;
        Ok(Scope { channels: Extent::Set(IdSet::new(ids)?), ..Scope::retailer(retailer(r)?) })
    };
    let fifty: Vec<LocationId> =
        draft.on.places().locations().filter(|l| l.retailer.number() == 2).take(50).map(|l| l.id).collect();
    let fifty =
        Scope { locations: LocationExtent::Only(IdSet::new(fifty)?), ..Scope::retailer(retailer(1)?) };
    let all = [
        ("all", vec![Scope::account()]),
        ("one-channel", vec![through(0, &["web"])?]),
        ("one-retailer", vec![Scope::retailer(retailer(3)?)]),
        (
            "three-retailers",
            [1, 4, 6].map(|r| retailer(r).map(Scope::retailer)).into_iter().collect::<Result<_, _>>()?,
        ),
        (
            "six-channels",
            [1, 4, 6].map(|r| through(r, &["web", "phone"])).into_iter().collect::<Outcome<_>>()?,
        ),
        ("rare-channel", vec![through(0, &["partner"])?]),
        ("fifty-locations", vec![fifty]),
    ];
    for (login, scopes) in all {
        let grants = scopes.into_iter().map(|scope| GrantSpec { role, scope, validity: Validity::ALWAYS });
        draft.run(CreateUser {
            login: Login::parse(login)?,
            profile: Profile::of(Label::parse(login)?, None),
            kind: UserKind::System,
            sign_in: SignIn::Password,
            grants: grants.collect(),
        })?;
    }
    Ok(())
}
