//! The users list of a large account: orders, searches, filters, pages, as the page of users asks for them.

use crate::engine::company::{Company, NOW};
use crate::engine::stage::{self, Failure};
use crate::memory;
use crate::table::{Table, grouped, verdict};
use crate::timing::{busy, median};
use access::change::{Profile, SignIn, UserKind};
use access::directory::{Directory, Selection, SignInFilter, Sort, SortKey, Status, UserQuery, Words};
use access::{
    Application, Change, Grant, GrantId, GrantSpec, Label, Login, Number, Scope, Snapshot, Subject, UserId,
    Validity,
};

const USERS: u32 = 1_000_000;
const RETAILERS: u32 = 20;
const ROWS: usize = 25;
const TIMES: usize = 21;
const MS_MAX: f64 = 100.0;

/// Queries, and how they are called in the table.
type Queries = Vec<(&'static str, UserQuery)>;

/// Somebody who looks, and how they are called in the table.
struct Looker {
    name: &'static str,
    subject: Subject,
}

/// A company of 20 retailers, with somebody who looks after one of them.
struct World {
    snapshot: Snapshot,
    lookers: [Looker; 2],
    grants: u32,
}

pub(crate) fn run() -> Result<(), Failure> {
    let world = World::new()?;
    eprintln!("{USERS} users, {} grants made", world.grants);
    let (directory, orders) = world.orders()?;
    println!("Orders\n");
    orders.print();
    let mut requests = Table::new(&["who", "query", "found", "ms, page 2", "ms, page 20,000", "goal"]);
    for looker in &world.lookers {
        add_requests(&mut requests, &directory, looker, world.queries()?);
    }
    let (cyrillic, queries) = world.in_cyrillic()?;
    let [head_office, _] = &world.lookers;
    add_requests(&mut requests, &directory.next(&cyrillic), head_office, queries);
    println!("Requests\n");
    requests.print();
    Ok(())
}

impl World {
    fn new() -> Result<Self, Failure> {
        let contract = access::Contract::built_in()?;
        let company = Company {
            retailers: RETAILERS,
            locations_each: USERS / 20 / RETAILERS,
            ..Company::of(USERS, contract.built_in_roles().len(), contract.permissions().len())
        };
        let (snapshot, grants) = stage::snapshot(&company)?;
        let user = UserId::from_number(USERS + 1).ok_or("no user")?;
        let key = "retail_director";
        let role = snapshot.find_role(key).ok_or("no retail director")?.id;
        let site = Scope::retailer(access::RetailerId::from_number(7).ok_or("no retailer")?);
        let spec = GrantSpec { role, scope: site, validity: Validity::ALWAYS };
        let id = GrantId::from_number(grants + 1).ok_or("no grant")?;
        let made =
            [created(user, "director@shop.example")?, Change::GrantAdded { grant: Grant { id, user, spec } }];
        let account = snapshot.account().id;
        let lookers = [
            Looker { name: "head office", subject: Subject::operator(account) },
            Looker { name: "retail director", subject: Subject::signed_in(account, user, Application::Omc) },
        ];
        Ok(Self { snapshot: snapshot.apply(&made)?, lookers, grants })
    }

    /// What it costs to have the orders, and to keep them.
    fn orders(&self) -> Result<(Directory, Table), Failure> {
        let mut table = Table::new(&["what", "ms", "bytes"]);
        let mut line = |what: &str, ms: f64, bytes: usize| {
            table.row([what.to_owned(), format!("{ms:.2}"), grouped(bytes)]);
        };
        let first = Directory::of(&self.snapshot);
        let built = (0..5).map(|_| busy(|| drop(Directory::of(&self.snapshot))).0.as_secs_f64() * 1_000.0);
        line("all orders of a state", median(built), first.bytes());
        let somebody = UserId::from_number(USERS / 2).ok_or("no user")?;
        let profile = Profile::of(Label::parse("Zoé Abel")?, Some(Label::parse("zoe@shop.example")?));
        let grant = self.snapshot.grants(somebody).pop().ok_or("a user without grants")?;
        let changes = [
            ("the next ones, after a grant was taken", Change::GrantRemoved { id: grant.id, user: somebody }),
            ("after a name and an e-mail were edited", Change::UserEdited { id: somebody, profile }),
            (
                "after a user was made",
                created(UserId::from_number(USERS + 2).ok_or("no user")?, "new@shop.example")?,
            ),
        ];
        for (what, change) in changes {
            let later = self.snapshot.apply(&[change])?;
            let ever = memory::ever();
            let next = first.next(&later);
            let bytes = memory::ever() - ever;
            if next != Directory::of(&later) {
                return Err("the orders moved on are not those of the later state".into());
            }
            let moved = (0..TIMES).map(|_| busy(|| drop(first.next(&later))).0.as_secs_f64() * 1_000.0);
            line(what, median(moved), bytes);
        }
        Ok((first, table))
    }

    /// The same users, all of them with names in another script; and what is asked then.
    fn in_cyrillic(&self) -> Result<(Snapshot, Queries), Failure> {
        const FIRST: [&str; 5] = ["Анна", "Борис", "Жанна", "Дмитрий", "Елена"];
        const LAST: [&str; 7] = ["Смирнова", "Попов", "Новак", "Кузнецова", "Шевченко", "Ли", "Мюллер"];
        let mut changes = Vec::new();
        for number in 1..=USERS {
            let (first, last) = (FIRST[number as usize % 5], LAST[number as usize % 7]);
            let id = UserId::from_number(number).ok_or("no user")?;
            let email = self.snapshot.profile(id).map(|(_, email)| Label::parse(email)).transpose()?;
            let name = Label::parse(&format!("{first} {last}"))?;
            changes.push(Change::UserEdited { id, profile: Profile::of(name, email) });
        }
        let all = UserQuery::default;
        let list = vec![
            ("`жан`, names in Cyrillic", UserQuery { words: Words::parse("жан")?, ..all() }),
            ("`nobody`, names in Cyrillic", UserQuery { words: Words::parse("nobody")?, ..all() }),
        ];
        Ok((self.snapshot.apply(&changes)?, list))
    }

    fn queries(&self) -> Result<Queries, Failure> {
        let all = UserQuery::default;
        let words = |text: &str| Words::parse(text);
        let retailer = access::RetailerId::from_number(7);
        let role = Some(self.snapshot.find_role("vendor_manager").ok_or("no vendor manager")?.id);
        let location = access::LocationId::from_number(6 * USERS / 20 / RETAILERS + 5);
        let channel = access::ChannelId::from_number(6 * 3 + 1);
        let sort = |key, descending| Sort { key, descending };
        Ok(vec![
            ("everybody", all()),
            ("everybody by name, descending", UserQuery { sort: sort(SortKey::Name, true), ..all() }),
            ("everybody by number", UserQuery { sort: sort(SortKey::Made, false), ..all() }),
            ("`a`", UserQuery { words: words("a")?, ..all() }),
            ("`ann`", UserQuery { words: words("ann")?, ..all() }),
            ("`SMITH123456@`", UserQuery { words: words("SMITH123456@")?, ..all() }),
            ("`ann NOVAK 77 shop`", UserQuery { words: words("ann NOVAK 77 shop")?, ..all() }),
            ("retailer", UserQuery { retailer, ..all() }),
            ("application", UserQuery { application: Some(Application::StoreApp), ..all() }),
            ("role", UserQuery { role, ..all() }),
            ("status", UserQuery { status: Some(Status::Disabled), ..all() }),
            ("sign-in", UserQuery { sign_in: Some(SignInFilter::Password), ..all() }),
            ("kind", UserQuery { kind: Some(UserKind::Person), ..all() }),
            ("location", UserQuery { location, ..all() }),
            ("channel", UserQuery { channel, ..all() }),
            ("retailer, role, status", UserQuery { retailer, role, status: Some(Status::Enabled), ..all() }),
            (
                "`ann`, all filters but the role, by e-mail",
                UserQuery {
                    words: words("ann")?,
                    retailer,
                    application: Some(Application::Omc),
                    status: Some(Status::Enabled),
                    sign_in: Some(SignInFilter::Password),
                    kind: Some(UserKind::Person),
                    location,
                    channel,
                    role: None,
                    sort: sort(SortKey::Email, true),
                },
            ),
        ])
    }
}

/// A row for each query: the medians of requests for an early page and for a late one.
fn add_requests(table: &mut Table, directory: &Directory, looker: &Looker, queries: Queries) {
    for (what, query) in queries {
        let mut found = 0;
        let mut page = |number: usize| {
            let times = (0..TIMES).map(|_| {
                let (took, selection) = busy(|| request(directory, &looker.subject, &query, number));
                found = selection.len();
                took.as_secs_f64() * 1_000.0
            });
            median(times)
        };
        let (second, far) = (page(2), page(20_000));
        table.row([
            looker.name.to_owned(),
            what.to_owned(),
            grouped(found),
            format!("{second:.1}"),
            format!("{far:.1}"),
            format!("< {MS_MAX:.0}: {}", verdict(second.max(far) < MS_MAX)),
        ]);
    }
}

/// One request for a page, with nothing kept from the one before: who looks, the selection, the rows.
fn request(directory: &Directory, subject: &Subject, query: &UserQuery, number: usize) -> Selection {
    let viewer = directory.viewer(subject, NOW);
    let selection = directory.select(&viewer, query);
    let on = directory.snapshot();
    for id in selection.page(number, ROWS) {
        std::hint::black_box((on.user(*id).map(|u| u.login()), on.profile(*id), on.grants(*id)));
    }
    selection
}

fn created(id: UserId, login: &str) -> Result<Change, Failure> {
    Ok(Change::UserCreated {
        id,
        login: Login::parse(login)?,
        profile: Profile::of(Label::parse("Somebody New")?, None),
        kind: UserKind::Person,
        sign_in: SignIn::Password,
    })
}
