//! Orphan rows, page by page.

use super::{ITEMS, shop};
use crate::support::{Database, SqliteFile, waif};
use serde_json::Value;

/// Every row of a relation, read a page at a time.
fn all(target: &str, relation: &str, limit: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let mut args = vec!["orphans", target, relation, "--limit", limit, "--format", "json"];
        args.extend(cursor.iter().flat_map(|cursor| ["--after", cursor.as_str()]));
        let outcome = waif(args);
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        let page = outcome.json();
        rows.extend(page["rows"].as_array().expect("rows").iter().cloned());
        match page["next"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return rows,
        }
        assert!(rows.len() < 1000, "the pages never end");
    }
}

#[test]
fn pages_hold_every_orphan_once_whatever_their_size() {
    let shop = shop();
    let ids = |limit: &str| -> Vec<i64> {
        all(&shop.target(), ITEMS, limit).iter().map(|row| row["id"].as_i64().expect("an id")).collect()
    };
    assert_eq!(ids("1"), [102, 103, 104]);
    assert_eq!(ids("2"), [102, 103, 104]);
    assert_eq!(ids("3"), [102, 103, 104]);
    assert_eq!(ids("100"), [102, 103, 104]);
}

#[test]
fn pages_on_postgres_go_by_the_key_of_the_child() {
    let database = Database::with(
        "pages",
        "CREATE TABLE parent(id int PRIMARY KEY);
         CREATE TABLE child(a text, b int, p int, PRIMARY KEY (a, b));
         INSERT INTO child SELECT chr(96 + n % 3), n, n FROM generate_series(1, 10) n;
         ALTER TABLE child ADD CONSTRAINT fk FOREIGN KEY (p) REFERENCES parent NOT VALID;",
    );
    let rows = all(&database.url(), "child.fk", "3");
    let mut seen: Vec<String> = rows.iter().map(|row| row["b"].to_string()).collect();
    seen.sort();
    seen.dedup();
    assert_eq!(rows.len(), 10, "{rows:#?}");
    assert_eq!(seen.len(), 10, "a row came twice: {rows:#?}");
}

#[test]
fn a_relation_without_orphans_is_an_empty_page() {
    let outcome = waif(["orphans", &shop().target(), "orders(customer_id)->customers(id)"]);
    assert_eq!(outcome.code, Some(0));
    assert!(outcome.stdout.contains("0 orphan rows. This is the end."), "{}", outcome.stdout);
}

#[test]
fn a_name_that_is_none_is_answered_with_what_is_near() {
    let outcome = waif(["orphans", &shop().target(), "item(order)->orders(id)"]);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.stderr.contains(ITEMS), "{}", outcome.stderr);
}

#[test]
fn csv_says_how_to_go_on_beside_the_data() {
    let outcome = waif(["orphans", &shop().target(), ITEMS, "--limit", "2", "--format", "csv"]);
    assert_eq!(outcome.stdout, "id,order_id\r\n102,77\r\n103,77\r\n");
    assert!(outcome.stderr.contains("--after "), "{}", outcome.stderr);
}

#[test]
fn rows_that_only_their_place_tells_apart_are_said_to_be_so() {
    let file = SqliteFile::with(
        "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(n TEXT, p INTEGER REFERENCES p);
         CREATE TABLE k(n INTEGER PRIMARY KEY, p INTEGER REFERENCES p); CREATE TABLE w(n TEXT PRIMARY KEY, p INTEGER REFERENCES p) WITHOUT ROWID;
         INSERT INTO c VALUES ('a', 1), ('b', 2), ('c', 3); INSERT INTO k VALUES (1, 1), (2, 2), (3, 3);
         INSERT INTO w VALUES ('a', 1), ('b', 2), ('c', 3);",
    );
    let said = |relation: &str, limit: &str| {
        let outcome = waif(["orphans", &file.target(), relation, "--limit", limit]);
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert!(said("c(p)->p(id)", "2").contains("they are listed by their place"));
    assert!(!said("c(p)->p(id)", "5").contains("by their place"), "one page is whole");
    for keyed in ["k(p)->p(id)", "w(p)->p(id)"] {
        assert!(!said(keyed, "2").contains("by their place"), "{keyed}");
    }
}
