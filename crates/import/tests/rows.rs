//! Every feature of a mapping on small files, and every problem of a file with the words it is told in.

mod common;

use common::{mapping, problems, read};
use import::{Files, Places, Plan, plan};
use proptest::prelude::*;

const RETAILERS: &str = "[[retailers]]\nfile = \"r.csv\"\nref = \"{Id}\"\nname = \"{Name}\"\n";

fn names(plan: &Plan) -> Vec<(&str, &str, u64)> {
    plan.retailers
        .iter()
        .map(|r| (r.value.reference.as_str(), r.value.name.as_str(), r.origin.line))
        .collect()
}

#[test]
fn rows_said_twice_alike_are_one_and_otherwise_a_problem() {
    let plan = read(RETAILERS, &[("r.csv", "Id,Name\na,A\nb,B\na,A\n")]).unwrap();
    assert_eq!(names(&plan), [("a", "A", 2), ("b", "B", 3)]);
    assert_eq!(
        problems(RETAILERS, &[("r.csv", "Id,Name\na,A\nb,B\na,Å\n")]),
        "r.csv:4: Id: `a`: was given at r.csv:2 with other content: name is `A` there and `Å` here"
    );
}

#[test]
fn several_tables_of_one_section_add_up() {
    let two = format!("{RETAILERS}{}", RETAILERS.replace("r.csv", "more/r2.csv"));
    assert_eq!(mapping(&two).files(), ["more/r2.csv", "r.csv"]);
    let plan = read(&two, &[("r.csv", "Id,Name\na,A\n"), ("more/r2.csv", "Name,Id\nA,a\nB,b\n")]).unwrap();
    assert_eq!(names(&plan), [("a", "A", 2), ("b", "B", 3)]);
}

#[test]
fn a_template_with_an_empty_placeholder_is_empty() {
    let items = "[[items]]\nfile = \"i.csv\"\nref = \"I-{Id}\"\nname = \"{Name} {Size|default:}\"\n\
                 category = \"{Group} / {Sub}\"\nretailer = \"{Shop|default:none}\"\n";
    let csv = "Id,Name,Size,Group,Sub,Shop\n1,Cup,,Home,,x\n2,Cup,L,Home,Cups,\n";
    let plan = read(items, &[("i.csv", csv)]).unwrap();
    let rows: Vec<_> = plan.items.iter().map(|i| &i.value).collect();
    assert_eq!((rows[0].name.as_str(), rows[0].category.as_deref()), ("Cup", None));
    assert_eq!((rows[1].name.as_str(), rows[1].category.as_deref()), ("Cup L", Some("Home / Cups")));
    assert_eq!((rows[0].retailer_ref.as_deref(), rows[1].retailer_ref.as_deref()), (Some("x"), Some("none")));
    assert_eq!(
        problems(items, &[("i.csv", "Id,Name,Size,Group,Sub,Shop\n ,,L,,,\n")]),
        "i.csv:2: Id: is empty, and a value is needed\ni.csv:2: Name: is empty, and a value is needed"
    );
}

#[test]
fn a_file_may_have_a_notation_of_its_own() {
    let text = "[csv]\ndelimiter = \";\"\nempty_values = [\"NULL\"]\n\
        [files.\"l.csv\"]\ndelimiter = \"\\t\"\ndecimal_separator = \",\"\nthousands_separator = \".\"\n\
        [files.\"o.csv\"]\ndate_format = \"%d.%m.%Y\"\n\
        [[orders]]\nfile = \"o.csv\"\nref = \"{No}\"\nretailer = \"R\"\nchannel = \"C\"\ncustomer = \"{Cust}\"\n\
        placed_on = \"{Day}\"\ncurrency = \"EUR\"\nstatus = \"NEW\"\n\
        [[order_lines]]\nfile = \"l.csv\"\norder = \"{No}\"\nitem = \"{Item}\"\nquantity = \"{Q}\"\nunit_price = \"{P}\"\n";
    let csv =
        [("o.csv", "No;Day;Cust\n7;31.12.2020;NULL\n"), ("l.csv", "No\tItem\tQ\tP\n7\ta\t1.000\t1.963,1\n")];
    let plan = read(text, &csv).unwrap();
    let order = &plan.orders[0].value;
    assert_eq!((order.placed_on, order.customer_ref.as_deref()), (1_609_372_800_000_000, None));
    let line = &order.lines[0].value;
    assert_eq!((line.quantity, line.unit_price_minor), (1_000, 196_310));
}

#[test]
fn rows_are_left_out_only_as_the_mapping_says_and_are_counted() {
    let some =
        RETAILERS.replace("ref =", "skip_if_empty = [\"Name\"]\nonly_if = { Kind = [\"x\", \"y\"] }\nref =");
    let plan = read(&some, &[("r.csv", "Id,Name,Kind\na,A,x\nb,,x\nc,C,z\nd,D,y\n")]).unwrap();
    assert_eq!(names(&plan), [("a", "A", 2), ("d", "D", 5)]);
    assert_eq!(plan.counts().skipped, 2);
    assert_eq!((plan.skipped[0].section.as_str(), plan.skipped[0].file.as_str()), ("[[retailers]]", "r.csv"));
}

#[test]
fn files_and_columns_that_are_not_there_are_named_before_any_row_is_read() {
    assert_eq!(
        problems(RETAILERS, &[("R.csv", "")]),
        "r.csv: the mapping reads this file and it is not there; there are: R.csv"
    );
    assert_eq!(
        problems(RETAILERS, &[]),
        "r.csv: the mapping reads this file and it is not there; no file is there"
    );
    let both = format!("{RETAILERS}skip_if_empty = [\"Closed\"]\n");
    assert_eq!(
        problems(&both, &[("r.csv", "ID,Name\n,\n")]),
        "r.csv:1: Closed: `skip_if_empty` of [[retailers]] asks for this column; the header has: ID, Name\n\
         r.csv:1: Id: `ref` of [[retailers]] asks for this column; the header has: ID, Name"
    );
}

#[test]
fn a_file_without_rows_gives_none() {
    assert_eq!(read(RETAILERS, &[("r.csv", "Id,Name\r\n")]).unwrap(), Plan::default());
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let text = format!(
        "{RETAILERS}[[stock]]\nfile = \"s.csv\"\nlocation = \"{{Where}}\"\nitem = \"{{What}}\"\non_hand = \"{{N}}\"\n"
    );
    let found = problems(
        &text,
        &[("r.csv", "Id,Name\r\n\r\n,A\r\nb\r\n"), ("s.csv", "Where,What,N\nw,,1.5\nw,i,-3\nw,i,4\n")],
    );
    assert_eq!(
        found,
        "r.csv:3: Id: is empty, and a value is needed\n\
         r.csv:4: has 1 fields where the header has 2; a field with the delimiter `,` in it needs quotes\n\
         s.csv:2: N: `1.5`: is not a whole number\n\
         s.csv:2: What: is empty, and a value is needed\n\
         s.csv:4: Where, What: `w, i`: was given at s.csv:3 with other content: on_hand is `-3` there and `4` here"
    );
}

const LOCATIONS: &str = "[[locations]]\nfile = \"l.csv\"\nretailer = \"R\"\nref = \"{Id}\"\nname = \"{Id}\"\n\
    kind = \"{Kind|lower}\"\nlatitude = \"{Lat}\"\n";

#[test]
fn locations_are_stores_or_warehouses_on_this_planet() {
    let plan = read(LOCATIONS, &[("l.csv", "Id,Kind,Lat\na,STORE,-12.5\nb,warehouse,\n")]).unwrap();
    assert_eq!(
        (plan.locations[0].value.latitude.as_deref(), plan.locations[1].value.latitude.as_deref()),
        (Some("-12.5"), None)
    );
    assert_eq!(
        problems(LOCATIONS, &[("l.csv", "Id,Kind,Lat\na,Shop,91\n")]),
        "l.csv:2: Kind: `shop`: is none of: store, warehouse\nl.csv:2: Lat: `91`: is not between -90 and 90 degrees"
    );
}

const ORDERS: &str = "[[orders]]\nfile = \"o.csv\"\nref = \"{No}\"\nretailer = \"R\"\nchannel = \"{Ch}\"\n\
    placed_on = \"{Day}\"\ncurrency = \"EUR\"\nstatus = \"NEW\"\n";
const LINES: &str = "[[order_lines]]\nfile = \"l.csv\"\norder = \"{No}\"\nnumber = \"{Line}\"\nitem = \"{Item}\"\n\
    quantity = \"{Q}\"\nunit_price = \"{P}\"\nscale = 3\n";
const FULFILMENTS: &str = "[[fulfilments]]\nfile = \"f.csv\"\norder = \"{No}\"\nlocation = \"{At}\"\nstatus = \"DONE\"\n\
    shipped_on = \"{Out}\"\n";

#[test]
fn lines_and_fulfilments_find_their_order() {
    let text = format!("{ORDERS}{LINES}{FULFILMENTS}");
    let orders = "No,Ch,Day\n1,c,2020-01-01\n2,c,2020-01-02\n1,c,2020-01-01\n";
    let lines = "No,Line,Item,Q,P\n2,1,a,1,0.001\n1,1,a,1,1\n2,2,b,2,2.5\n2,2,b,2,2.500\n";
    let plan =
        read(&text, &[("o.csv", orders), ("l.csv", lines), ("f.csv", "No,At,Out\n2,x,\n2,x,\n")]).unwrap();
    let counts = plan.counts();
    assert_eq!((counts.orders, counts.order_lines, counts.fulfilments), (2, 3, 1));
    let second = &plan.orders[1].value;
    let told: Vec<_> =
        second.lines.iter().map(|l| (l.value.number.as_deref(), l.value.unit_price_minor)).collect();
    assert_eq!(told, [(Some("1"), 1), (Some("2"), 2_500)]);
    assert_eq!(second.fulfilment.as_ref().unwrap().value.shipped_on, None);
}

#[test]
fn lines_without_numbers_are_each_their_own() {
    let text = format!("{ORDERS}{}", LINES.replace("number = \"{Line}\"\n", ""));
    let lines = "No,Item,Q,P\n1,a,1,1\n1,a,1,1\n";
    let plan = read(&text, &[("o.csv", "No,Ch,Day\n1,c,2020-01-01\n"), ("l.csv", lines)]).unwrap();
    assert_eq!(plan.counts().order_lines, 2);
}

#[test]
fn what_is_wrong_with_orders_is_told_where_it_stands() {
    let text = format!("{ORDERS}{LINES}{FULFILMENTS}");
    let found = problems(
        &text,
        &[
            ("o.csv", "No,Ch,Day\n1,c,yesterday\n2,c,2020-01-02\n2,d,2020-01-02\n"),
            (
                "l.csv",
                "No,Line,Item,Q,P\n1,1,a,1,1\n3,1,a,1,1\n2,1,a,0,-1\n2,2,a,1,1.2345\n2,3,a,1,1\n2,3,b,1,1\n",
            ),
            ("f.csv", "No,At,Out\n2,x,\n2,y,\n"),
        ],
    );
    assert_eq!(
        found,
        "f.csv:3: No: `2`: has a fulfilment that was given at f.csv:2 with other content: location is `x` there and `y` here\n\
         l.csv:3: No: `3`: is the ref of no order that [[orders]] reads\n\
         l.csv:4: P: `-1`: is less than 0\n\
         l.csv:4: Q: `0`: is less than 1\n\
         l.csv:5: P: `1.2345`: has more than 3 decimal places\n\
         l.csv:7: Line: `3`: is a line number that was given at l.csv:6 with other content: item is `a` there and `b` here\n\
         o.csv:2: Day: `yesterday`: is not an ISO 8601 date or time such as `2020-12-31` or `2020-12-31T18:30:00Z`; \
         `date_format` names another\n\
         o.csv:4: No: `2`: was given at o.csv:3 with other content: channel is `c` there and `d` here"
    );
}

const USERS: &str =
    "[[users]]\nfile = \"u.csv\"\nlogin = \"{Login}\"\nname = \"{Name}\"\nkind = \"{Kind}\"\n";
const GRANTS: &str = "[[grants]]\nfile = \"g.csv\"\nlogin = \"{Login}\"\nrole = \"{Role}\"\nsplit = \";\"\n\
    retailers = [\"{Sites}\", \"hq\"]\nlocations = [\"{Shops}\"]\nchannels = \"*\"\n";

#[test]
fn grants_find_their_user_whatever_the_case_of_the_login() {
    let grants = "Login,Role,Sites,Shops\nANN,r,a; b;a,x\nann,r,a;b,x\nann,r,,*\n";
    let csv = [("u.csv", "Login,Name,Kind\nAnn,Ann,\nbot,Bot,system\nAnn,Ann,person\n"), ("g.csv", grants)];
    let plan = read(&format!("{USERS}{GRANTS}"), &csv).unwrap();
    assert_eq!((plan.counts().users, plan.counts().grants), (2, 2));
    let grants = &plan.users[0].value.grants;
    let listed = |refs: &[&str]| Places::Listed(refs.iter().map(|text| (*text).to_owned()).collect());
    assert_eq!(grants[0].value.retailers, listed(&["a", "b", "hq"]));
    assert_eq!((&grants[1].value.retailers, &grants[1].value.channels), (&listed(&["hq"]), &Places::All));
    // A star in a file is a ref, not everything.
    assert_eq!(grants[1].value.locations, listed(&["*"]));
}

#[test]
fn what_is_wrong_with_users_is_told_where_it_stands() {
    let found = problems(
        &format!("{USERS}{GRANTS}"),
        &[
            ("u.csv", "Login,Name,Kind\nann,Ann,\nANN,Ann,\nbot,Bot,robot\n"),
            ("g.csv", "Login,Role,Sites,Shops\nbob,r,a,x\nbot,r,a,x\nann,,a,;\n"),
        ],
    );
    assert_eq!(
        found,
        "g.csv:2: Login: `bob`: is the login of no user that [[users]] reads\n\
         g.csv:4: Role: is empty, and a value is needed\n\
         g.csv:4: Shops: is empty, and an empty list never means all; name at least one ref, or write \"*\" in the mapping\n\
         u.csv:3: Login: `ANN`: was given at u.csv:2 with other content: login is `ann` there and `ANN` here\n\
         u.csv:4: Kind: `robot`: is none of: person, system"
    );
}

#[test]
fn a_plan_survives_being_written_and_read() {
    let csv = [("u.csv", "Login,Name,Kind\nann,Ann,\n"), ("g.csv", "Login,Role,Sites,Shops\nann,r,a,x\n")];
    let plan = read(&format!("{USERS}{GRANTS}"), &csv).unwrap();
    let text = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);
    assert!(text.contains(r#""channels":"all""#), "{text}");
}

proptest! {
    /// What a CSV writer wrote comes back row by row, whatever is in it and however lines end.
    #[test]
    fn what_was_written_is_read(names in prop::collection::vec("[^\\s\\pC]([^\\pC]{0,8}[^\\s\\pC])?", 1..20), crlf: bool) {
        let ends = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = csv::WriterBuilder::new().terminator(ends).from_writer(Vec::new());
        writer.write_record(["Id", "Name"]).unwrap();
        for (n, name) in names.iter().enumerate() {
            writer.write_record([n.to_string().as_str(), name]).unwrap();
        }
        let files = Files::from([("r.csv".to_owned(), writer.into_inner().unwrap())]);
        let plan = plan(&common::mapping(RETAILERS), &files).unwrap();
        let read: Vec<_> = plan.retailers.iter().map(|row| (row.value.name.clone(), row.origin.line)).collect();
        let written: Vec<_> = names.into_iter().zip(2_u64..).collect();
        prop_assert_eq!(read, written);
    }

    /// No bytes make the reader fall, and no row of them disappears.
    #[test]
    fn any_bytes_are_a_plan_or_problems(
        bytes in prop::collection::vec(prop::sample::select(b"a,\"\n\r \xff\xc3".to_vec()), 0..60),
    ) {
        let rows = bytes.split(|byte| matches!(byte, b'\n' | b'\r')).filter(|line| !line.is_empty()).count();
        let files = Files::from([("r.csv".to_owned(), [b"Id,Name\n".to_vec(), bytes].concat())]);
        match plan(&common::mapping(RETAILERS), &files) {
            Ok(plan) => prop_assert!(plan.retailers.len() <= rows && (rows == 0 || !plan.retailers.is_empty())),
            Err(problems) => prop_assert!(problems.total() >= 1 && problems.list().iter().all(|p| p.line >= 1)),
        }
    }
}
