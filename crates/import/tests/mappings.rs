//! What is wrong with a mapping, in the words it is told; and that its reference leaves nothing out.

#![expect(clippy::panic, clippy::expect_used, reason = "helpers of tests fail the test")]

use import::Mapping;

const REFERENCE: &str = include_str!("../../../docs/IMPORT.md");

fn faults(text: &str) -> String {
    Mapping::parse(text).expect_err("there should be faults").to_string()
}

/// A sound section with one line more.
fn with(line: &str) -> String {
    format!("[[stock]]\nfile = \"s.csv\"\nlocation = \"{{L}}\"\nitem = \"{{I}}\"\n{line}\n")
}

#[test]
fn what_cannot_be_read_is_told_with_its_line() {
    for (text, told) in [
        (
            with("onhand = \"{N}\""),
            "line 5, `onhand = \"{N}\"`: unknown field `onhand`, expected one of `file`, `skip_if_empty`, `only_if`, \
             `location`, `item`, `on_hand`",
        ),
        (with(""), "line 1, `[[stock]]`: missing field `on_hand`"),
        (with("on_hand = 5"), "line 5, `on_hand = 5`: invalid type: integer `5`, expected a string"),
        (
            with("on_hand = \"{N|abs}\""),
            "line 5, `on_hand = \"{N|abs}\"`: `{N|abs}`: unknown filter `abs`; the filters are: lower, upper, trim, \
             collapse, dots, underscores, default:TEXT, lookup:NAME",
        ),
        (
            "[[store]]".to_owned(),
            "line 1, `[[store]]`: unknown field `store`, expected one of `csv`, `files`, `lookups`, `retailers`, \
             `channels`, `locations`, `items`, `customers`, `orders`, `order_lines`, `fulfilments`, `stock`, `users`, \
             `grants`",
        ),
    ] {
        assert_eq!(faults(&text), told);
    }
    assert!(faults("[[stock]\n").starts_with("line 1, `[[stock]`: "));
}

#[test]
fn a_grant_says_all_or_lists_and_never_nothing() {
    let grants = |retailers: &str| {
        format!(
            "[[users]]\nfile = \"u.csv\"\nlogin = \"{{L}}\"\nname = \"{{L}}\"\n[[grants]]\nfile = \"u.csv\"\n\
             login = \"{{L}}\"\nrole = \"r\"\nlocations = \"*\"\nchannels = \"*\"\n{retailers}\n"
        )
    };
    assert!(Mapping::parse(&grants("retailers = \"*\"")).is_ok());
    for (line, told) in [
        ("retailers = \"{R}\"", "`{R}` is no list; write [\"{R}\"], or \"*\" for all"),
        ("retailers = []", "an empty list is never all; write \"*\" for all"),
    ] {
        assert_eq!(faults(&grants(line)), format!("line 11, `{line}`: {told}"));
    }
    assert_eq!(faults(&grants("")), "line 5, `[[grants]]`: missing field `retailers`");
    assert_eq!(
        faults(&grants("retailers = [\"{R}\"]\nsplit = \"\"")),
        "[[grants]], split: is empty; write what stands between two refs, such as \";\""
    );
}

#[test]
fn all_faults_of_a_whole_mapping_are_told_together() {
    let text = "[csv]\ndelimiter = \"x\"\ndate_format = \"%H\"\n\
        [files.\"t.csv\"]\n\
        [files.\"../s.csv\"]\ndecimal_separator = \",\"\nthousands_separator = \",\"\n\
        [lookups.a]\nfile = \"a.csv\"\nkey = \"K\"\nvalue = \"{V|lookup:c}\"\n\
        [lookups.b]\nfile = \"a.csv\"\n\
        [[stock]]\nfile = \"../s.csv\"\nlocation = \"{L|lookup:x}\"\nitem = \"{I}\"\non_hand = \"many\"\n\
        only_if = { L = [] }\n\
        [[fulfilments]]\nfile = \"a.csv\"\norder = \"{O}\"\nlocation = \"{L}\"\nstatus = \"DONE\"\n";
    assert_eq!(
        faults(text),
        "file `../s.csv`: is not a file of the import's folder; write a name such as `orders.csv` or `2024/orders.csv`\n\
         [files.\"t.csv\"]: no section reads this file; the files read are: ../s.csv, a.csv\n\
         [csv], delimiter: `x` cannot stand between fields; use `,`, `;`, `|` or `\\t`\n\
         [csv], date_format: `%H` does not give year, month and day; write for instance `%d/%m/%Y`\n\
         [files.\"../s.csv\"], thousands_separator: `,` is the decimal separator too; each needs its own\n\
         [[stock]], only_if: `L` may have no value at all; list those whose rows are read\n\
         [[stock]], location: unknown look-up `x`; the look-ups are: a, b\n\
         [[stock]], on_hand: `many` is not a number (decimal separator `,`, thousands separator `,`)\n\
         [[fulfilments]]: belongs to rows of [[orders]], and there is no such section\n\
         [lookups.a], value: unknown look-up `c`; the look-ups are: a, b\n\
         [lookups.a], key: is the same for every row; name a column, such as \"{StoreID}\"\n\
         [lookups.b]: needs either `file`, `key` and `value`, or `values` alone"
    );
}

#[test]
fn constants_are_checked_before_any_file_is_read() {
    let location = |kind: &str| {
        format!(
            "[[locations]]\nfile = \"l.csv\"\nretailer = \"R\"\nref = \"{{L}}\"\nname = \"{{L}}\"\nkind = \"{kind}\"\n"
        )
    };
    assert!(Mapping::parse(&location("store")).is_ok());
    assert_eq!(
        faults(&format!("{}{}", location("store"), location("shop"))),
        "[[locations]] no. 2, kind: `shop` is none of: store, warehouse"
    );
}

#[test]
fn a_circle_of_look_ups_is_told_as_the_way_around() {
    let lookup = |name: &str, asks: &str| {
        format!("[lookups.{name}]\nfile = \"f.csv\"\nkey = \"{{K}}\"\nvalue = \"{{V|lookup:{asks}}}\"\n")
    };
    let text = lookup("a", "b") + &lookup("b", "c") + &lookup("c", "b") + &lookup("d", "d");
    assert_eq!(
        faults(&text),
        "[lookups.b]: look-ups that ask one another in a circle never end: `b` -> `c` -> `b`\n\
         [lookups.d]: look-ups that ask one another in a circle never end: `d` -> `d`"
    );
}

#[test]
fn an_empty_or_huge_mapping_is_refused() {
    assert_eq!(
        faults(""),
        "the mapping: reads no file; a section such as [[orders]] with `file = \"orders.csv\"` does"
    );
    let huge = "#".repeat(import::limits::MAPPING_BYTES_MAX + 1);
    assert_eq!(faults(&huge), "the mapping: has 1048577 bytes; at most 1048576 are read");
}

/// The keys that an unknown key is told of.
fn possible(text: &str) -> Vec<String> {
    let told = faults(text);
    let (_, list) = told.split_once("expected one of ").unwrap_or_else(|| panic!("{told}"));
    list.split(", ").map(|key| key.trim_matches('`').to_owned()).collect()
}

#[test]
fn the_reference_names_every_section_key_and_filter() {
    let sections = possible("zz = 1");
    assert_eq!(sections.len(), 14);
    for section in &sections {
        let (heading, text) = match section.as_str() {
            "csv" => ("[csv]".to_owned(), "[csv]\nzz = 1".to_owned()),
            "files" => ("[files.\"NAME\"]".to_owned(), "[files.x]\nzz = 1".to_owned()),
            "lookups" => ("[lookups.NAME]".to_owned(), "[lookups.x]\nzz = 1".to_owned()),
            section => (format!("[[{section}]]"), format!("[[{section}]]\nzz = 1")),
        };
        assert!(REFERENCE.contains(&format!("`{heading}`")), "docs/IMPORT.md lacks {heading}");
        for key in possible(&text) {
            assert!(REFERENCE.contains(&format!("`{key}`")), "docs/IMPORT.md lacks `{key}` of {heading}");
        }
    }
    let filters = faults(&with("on_hand = \"{N|zz}\""));
    for filter in filters.rsplit(": ").next().unwrap().split(", ") {
        assert!(REFERENCE.contains(&format!("`{filter}`")), "docs/IMPORT.md lacks the filter {filter}");
    }
}
