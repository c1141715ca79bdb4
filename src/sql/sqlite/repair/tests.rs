//! The statements of a repair as SQLite is told them. That they do what they say is told by the tests on real files.

use super::{backfill, index, journal, proof, record};
use crate::model::ident::{Ident, TableName};
use crate::model::plan::step::{Copied, Named, NewIndex, Pair};
use crate::model::relation::Comparison;
use crate::model::value::Value;
use crate::sql::repairs::Window;

fn ident(name: &str) -> Ident {
    Ident::new(name).unwrap()
}

fn table(name: &str) -> TableName {
    TableName { schema: ident("main"), name: ident(name) }
}

/// A copy along a pair under a collation of its own, between tables with names that want quoting.
fn copied(numbered: Option<&str>) -> Copied {
    let nocase = TableName { schema: ident("main"), name: ident("NOCASE") };
    let how = Comparison { collate: Some(nocase), ..Comparison::default() };
    Copied {
        table: table("Odd \"One\""),
        column: ident("day"),
        column_type: "TEXT".to_owned(),
        parent: table("par-ent"),
        from: ident("on"),
        from_array: false,
        from_type: "TEXT".to_owned(),
        along: vec![Pair { child: ident("p"), parent: ident("id"), how, affinities: None }],
        sameness: Comparison::default(),
        key: vec![Named { column: ident("id"), type_name: "INTEGER".to_owned(), array: false }],
        passes: 1,
        numbered: numbered.map(ident),
    }
}

fn window<'a>(name: &'a TableName, low: &'a str, high: &'a str) -> Window<'a> {
    Window {
        run: "20260101-a;b",
        place: 2,
        number: 7,
        epoch: 1,
        leaf: 0,
        leaf_name: name,
        pass: None,
        low,
        high,
        by_range: true,
    }
}

#[test]
fn a_window_is_written_down_first_and_filled_from_what_was_written_down() {
    let copied = copied(Some("id"));
    let changes = backfill::fill(&copied, &window(&copied.table, "10", "20"));
    let texts: Vec<&str> = changes.iter().map(|change| change.text()).collect();
    let first_words: Vec<&str> = texts.iter().filter_map(|text| text.split(' ').next()).collect();
    assert_eq!(first_words, ["DELETE", "INSERT", "UPDATE", "INSERT", "UPDATE"]);
    assert_eq!(
        texts[1],
        "INSERT INTO main.\"waif_record_20260101_a_b_2\" (place, batch, fill, w0) SELECT c.\"id\", ?3, p.\"on\", c.\"p\" \
         FROM \"main\".\"Odd \"\"One\"\"\" AS c NOT INDEXED CROSS JOIN \"main\".\"par-ent\" AS p \
         ON p.\"id\" COLLATE \"NOCASE\" = +c.\"p\" AND p.\"on\" IS NOT NULL \
         WHERE c.\"id\" >= ?1 AND c.\"id\" < ?2 AND c.\"day\" IS NULL AND c.\"p\" IS NOT NULL"
    );
    assert_eq!(changes[1].args(), [Value::Int(10), Value::Int(20), Value::Int(7)]);
    assert!(changes.last().is_some_and(|change| change.returns()), "the last answers with the rows");
}

#[test]
fn the_first_and_the_last_number_there_is_belong_to_a_window() {
    let copied = copied(Some("id"));
    let changes = backfill::fill(&copied, &window(&copied.table, backfill::START, backfill::END));
    assert!(changes[1].text().contains("c.\"id\" >= ?1 AND c.\"id\" <= ?2"));
    assert_eq!(changes[1].args()[..2], [Value::Int(i64::MIN), Value::Int(i64::MAX)]);
}

#[test]
fn what_names_a_row_beside_its_number_is_kept_with_it() {
    let text = |copied: &Copied| record::create(copied, "r", 0)[0].text().to_owned();
    assert!(!text(&copied(Some("id"))).contains("k0"), "the key is the number");
    assert!(text(&copied(Some("rowid"))).contains("fill TEXT NOT NULL,\n  k0 NUMERIC,\n  w0 BLOB\n"));
    assert!(text(&copied(None)).ends_with("PRIMARY KEY (k0)\n) WITHOUT ROWID"));
    assert!(record::create_work(&copied(Some("id")), "r", 0, None).is_empty());
    assert_eq!(record::create_work(&copied(None), "r", 0, Some(9)).len(), 3);
}

#[test]
fn a_type_of_somebody_else_never_gets_into_a_text() {
    let mut copied = copied(None);
    copied.column_type = "TEXT); DROP TABLE x; --".to_owned();
    copied.key[0].type_name = "INT\"".to_owned();
    assert!(
        record::create(&copied, "r", 0)[0]
            .text()
            .contains("k0 BLOB NOT NULL,\n  batch INTEGER NOT NULL,\n  fill BLOB")
    );
}

#[test]
fn the_parent_stands_on_the_left_wherever_it_is_compared() {
    for query in [proof::remaining(&copied(Some("id"))), backfill::first_leaf(&copied(Some("id")), 9)] {
        assert!(query.text().contains("p.\"id\" COLLATE \"NOCASE\" = +c.\"p\""), "{}", query.text());
    }
}

#[test]
fn only_a_look_up_by_place_passes() {
    let line = |text: &str| vec![Value::Int(2), Value::Int(0), Value::Int(0), Value::Text(text.to_owned())];
    let answer = |text: &str| backfill::reads_by_place(&[line("CORRELATED SCALAR SUBQUERY 1"), line(text)]);
    assert_eq!(answer("SEARCH c USING INTEGER PRIMARY KEY (rowid=?)"), Ok(()));
    assert_eq!(answer("SEARCH c USING PRIMARY KEY (id=? AND day=?)"), Ok(()));
    assert_eq!(answer("SCAN c"), Err("SCAN c".to_owned()));
    assert_eq!(
        answer("SEARCH c USING INDEX c_day (day=?)"),
        Err("SEARCH c USING INDEX c_day (day=?)".to_owned())
    );
    assert!(answer("SEARCH r USING INTEGER PRIMARY KEY (rowid=?)").is_err(), "that is the record");
}

#[test]
fn a_run_is_alone_but_for_those_known_to_be_gone() {
    let change = journal::alone("r", &["a".to_owned(), "b".to_owned()]);
    assert!(change.text().ends_with("id <> ?1 AND id NOT IN (?2, ?3)"), "{}", change.text());
    assert_eq!(change.args().len(), 3);
    assert!(journal::alone("r", &[]).text().ends_with("NOT IN ()"), "which SQLite takes for nobody");
}

#[test]
fn an_index_names_its_schema_and_leaves_out_what_is_null_where_asked() {
    let new = NewIndex {
        table: table("t"),
        name: ident("i"),
        columns: vec![ident("a"), ident("b")],
        not_null: vec![ident("a")],
        concurrently: false,
        only: false,
    };
    assert_eq!(
        index::create(&new).text(),
        "CREATE INDEX \"main\".\"i\" ON \"t\" (\"a\", \"b\") WHERE \"a\" IS NOT NULL"
    );
}
