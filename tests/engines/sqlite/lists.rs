//! Lists of rows, whatever tells the rows of a table apart.

use super::opened::Opened;
use crate::support::SqliteFile;
use waif::model::value::{Row, Value};

/// All orphans of the only relation, by pages of two, and by the missing parent.
fn orphans(sql: &str) -> (Vec<Row>, usize) {
    let file = SqliteFile::with(sql);
    let opened = Opened::at(file.path());
    let catalog = opened.catalog();
    let relation = &catalog.relations[0];
    assert_eq!(relation.flaw, None);
    let rows = opened.pages(&catalog, relation, None, 2);
    let keys = opened.fetch(&opened.dialect().missing_parents(&catalog, relation, 100).query);
    let below =
        keys.iter().map(|key| opened.pages(&catalog, relation, Some(&key[..key.len() - 1]), 1).len()).sum();
    (rows, below)
}

const PARENT: &str = "CREATE TABLE p(id PRIMARY KEY);";

#[test]
fn columns_that_bear_the_row_ids_names_hide_no_row() {
    for columns in
        ["rowid, x REFERENCES p", "rowid, _ROWID_, x REFERENCES p", "rowid, _rowid_, oid, x REFERENCES p"]
    {
        let width = columns.split(',').count();
        let values = ["NULL", "1", "1", "1"][..width - 1].join(", ");
        let row = format!("({values}, 7)");
        let sql = format!(
            "{PARENT} CREATE TABLE c({columns}); INSERT INTO c VALUES {};",
            [row.as_str(); 5].join(", ")
        );
        let (rows, below) = orphans(&sql);
        assert_eq!((rows.len(), below), (5, 5), "{columns}: equal rows are rows too");
    }
}

#[test]
fn mixed_storage_classes_are_paged_in_sqlites_order() {
    let (rows, below) = orphans(&format!(
        "{PARENT} CREATE TABLE c(k PRIMARY KEY, x REFERENCES p) WITHOUT ROWID;
         INSERT INTO c VALUES (x'ff', 1), ('b', 1), (2, 1), (1.5, 1), (CAST(x'ff' AS TEXT), 1), ('a', 1), (x'', 1), ('', 1);"
    ));
    let keys: Vec<Value> = rows.iter().map(|row| row[0].clone()).collect();
    let text = |text: &str| Value::Text(text.to_owned());
    assert_eq!(
        keys,
        [
            Value::Real(1.5),
            Value::Int(2),
            text(""),
            text("a"),
            text("b"),
            Value::Bytes(vec![0xff]),
            Value::Bytes(Vec::new()),
            Value::Bytes(vec![0xff]),
        ]
    );
    assert_eq!(below, 8);
}

#[test]
fn a_key_that_is_unique_under_another_collation_loses_no_row() {
    let (rows, _) = orphans(&format!(
        "{PARENT} CREATE TABLE c(k TEXT COLLATE NOCASE, n, x REFERENCES p, PRIMARY KEY (k COLLATE BINARY, n)) WITHOUT ROWID;
         INSERT INTO c VALUES ('a', 1, 1), ('A', 1, 1), ('b', 1, 1), ('B', 1, 1), ('B', 2, 1);"
    ));
    assert_eq!(rows.len(), 5);
}

#[test]
fn null_keys_of_a_table_with_row_ids_are_no_matter() {
    let (rows, below) = orphans(&format!(
        "{PARENT} CREATE TABLE c(k TEXT PRIMARY KEY, x REFERENCES p);
         INSERT INTO c VALUES (NULL, 1), (NULL, 1), (NULL, 2), ('a', 2), (NULL, NULL);"
    ));
    assert_eq!((rows.len(), below), (4, 4));
}

#[test]
fn text_with_nul_and_bytes_that_are_no_text_come_through_whole() {
    let (rows, _) = orphans(&format!(
        "{PARENT} CREATE TABLE c(x REFERENCES p);
         INSERT INTO c VALUES (CAST(x'610062' AS TEXT)), (CAST(x'c328' AS TEXT)), (x'0001');"
    ));
    assert_eq!(
        rows,
        [
            vec![Value::Text("a\0b".to_owned())],
            vec![Value::Bytes(vec![0xc3, 0x28])],
            vec![Value::Bytes(vec![0, 1])]
        ]
    );
}
