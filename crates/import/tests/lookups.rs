//! Look-ups: between files, in the mapping, one through another, and what is told when they find nothing.

mod common;

use common::{problems, read};

/// Retailers of `r.csv`, their name looked up under `Id`.
fn text(lookups: &str) -> String {
    format!(
        "{lookups}\n[[retailers]]\nfile = \"r.csv\"\nref = \"{{Id}}\"\nname = \"{{Id|trim|lookup:a|upper}}\"\n"
    )
}

const FILE: &str = "[lookups.a]\nfile = \"a.csv\"\nkey = \"{K}\"\nvalue = \"{V}\"\n";

#[test]
fn a_value_is_found_in_another_file() {
    let plan = read(&text(FILE), &[("a.csv", "K,V\n1,one\n2,two\n"), ("r.csv", "Id\n2\n")]).unwrap();
    assert_eq!(plan.retailers[0].value.name, "TWO");
}

#[test]
fn look_ups_go_through_one_another() {
    let two = "[lookups.a]\nfile = \"a.csv\"\nkey = \"{K}\"\nvalue = \"{V|lookup:b}\"\n\
               [lookups.b]\nfile = \"b.csv\"\nkey = \"{K}-{L}\"\nvalue = \"{V}!\"\n";
    let csv = [("a.csv", "K,V\n1,x-y\n"), ("b.csv", "K,L,V\nx,y,found\n"), ("r.csv", "Id\n1\n")];
    assert_eq!(read(&text(two), &csv).unwrap().retailers[0].value.name, "FOUND!");
}

#[test]
fn a_look_up_may_be_a_list_of_values_in_the_mapping() {
    let values = "[lookups.a]\nvalues = { 1 = \"one\", 2 = \"two\" }\n";
    assert_eq!(read(&text(values), &[("r.csv", "Id\n1\n")]).unwrap().retailers[0].value.name, "ONE");
    assert_eq!(
        problems(&text(values), &[("r.csv", "Id\n3\n")]),
        "r.csv:2: Id: `3`: is not in look-up `a`, which has: 1, 2"
    );
    let otherwise = format!("{values}otherwise = \"many\"\n");
    assert_eq!(read(&text(&otherwise), &[("r.csv", "Id\n3\n")]).unwrap().retailers[0].value.name, "MANY");
}

#[test]
fn a_key_that_is_not_there_is_a_problem_of_the_row() {
    assert_eq!(
        problems(&text(FILE), &[("a.csv", "K,V\n1,one\n"), ("r.csv", "Id\n1\n9\n10\n")]),
        "r.csv:3: Id: `9`: is not in a.csv (look-up `a`)\nr.csv:4: Id: `10`: is not in a.csv (look-up `a`)"
    );
}

#[test]
fn a_bad_row_of_a_look_up_is_told_once_not_again_by_every_row_that_asks() {
    let two = "[lookups.a]\nfile = \"a.csv\"\nkey = \"{K}\"\nvalue = \"{V|lookup:b}\"\n\
               [lookups.b]\nvalues = { x = \"y\" }\n";
    assert_eq!(
        problems(&text(two), &[("a.csv", "K,V\n1,nowhere\n"), ("r.csv", "Id\n1\n1\n1\n")]),
        "a.csv:2: V: `nowhere`: is not in look-up `b`, which has: x"
    );
}

#[test]
fn a_key_is_there_once_unless_the_look_up_is_distinct() {
    let csv = [("a.csv", "K,V\n1,one\n2,two\n1,one\n1,one\n"), ("r.csv", "Id\n1\n")];
    assert_eq!(
        problems(&text(FILE), &csv),
        "a.csv:4: K: `1`: is the key of look-up `a` on lines 2, 4, 5 and must be there once; `distinct = true` lets it \
         repeat with the same value"
    );
    let distinct = text(&format!("{FILE}distinct = true\n"));
    assert_eq!(read(&distinct, &csv).unwrap().retailers[0].value.name, "ONE");
    assert_eq!(
        problems(&distinct, &[("a.csv", "K,V\n1,one\n1,uno\n"), ("r.csv", "Id\n1\n")]),
        "a.csv:3: K: `1`: is the key of look-up `a` on lines 2, 3 with different values; `distinct` lets a key repeat \
         with one value only"
    );
}

#[test]
fn nothing_is_not_looked_up_and_a_found_nothing_is_nothing() {
    let items = format!(
        "{FILE}[[items]]\nfile = \"i.csv\"\nref = \"{{Id}}\"\nname = \"n\"\ncategory = \"{{C|lookup:a}}\"\n"
    );
    let plan = read(&items, &[("a.csv", "K,V\n1,\n"), ("i.csv", "Id,C\nx,\ny,1\n")]).unwrap();
    assert!(plan.items.iter().all(|item| item.value.category.is_none()));
}

#[test]
fn a_look_up_file_without_a_key_or_column_says_so() {
    assert_eq!(
        problems(&text(FILE), &[("a.csv", "K,V\n,one\n"), ("r.csv", "Id\n")]),
        "a.csv:2: K: is empty, and a value is needed"
    );
    assert_eq!(
        problems(&text(FILE), &[("a.csv", "Key,V\n"), ("r.csv", "Id\n")]),
        "a.csv:1: K: `key` of [lookups.a] asks for this column; the header has: Key, V"
    );
    let some = format!("{FILE}skip_if_empty = [\"K\"]\n");
    assert!(read(&text(&some), &[("a.csv", "K,V\n,one\n"), ("r.csv", "Id\n")]).is_ok());
}
