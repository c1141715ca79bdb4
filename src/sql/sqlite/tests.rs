//! The texts, word by word. That they mean what SQLite means is told by the tests on real files.

use super::Sqlite;
use crate::model::tests::draft::Draft;
use crate::model::value::Value;
use crate::sql::{Dialect, Page, Path};

/// Two columns to a parent, without an index on the child.
fn pair() -> Draft {
    let mut draft = Draft::sqlite();
    draft.table("p", "a TEXT!, b INTEGER!");
    draft.table("c", "id INTEGER!, x TEXT, y INTEGER");
    draft.relation("c(x,y)->p(a,b)");
    draft
}

#[test]
fn orphans_are_rows_with_a_whole_key_and_no_parent_grouped_by_what_they_miss() {
    let draft = pair();
    let query = Sqlite.orphans(&draft.catalog, &draft.catalog.relations[0], Path::Free);
    assert_eq!(
        query.text(),
        "SELECT coalesce(sum(n), 0) AS orphans, count(*) AS missing_parents FROM (SELECT count(*) AS n \
         FROM \"main\".\"c\" AS c NOT INDEXED WHERE c.\"x\" IS NOT NULL AND c.\"y\" IS NOT NULL \
         AND NOT EXISTS (SELECT 1 FROM \"main\".\"p\" AS p WHERE p.\"a\" = +c.\"x\" AND p.\"b\" = +c.\"y\") \
         GROUP BY c.\"x\", c.\"y\")"
    );
}

#[test]
fn the_other_way_uses_no_index_of_the_database() {
    let draft = pair();
    let query = Sqlite.orphans(&draft.catalog, &draft.catalog.relations[0], Path::NoIndex);
    assert_eq!(
        query.text(),
        "SELECT coalesce(sum(n), 0) AS orphans, count(*) AS missing_parents FROM (SELECT count(*) AS n \
         FROM \"main\".\"c\" AS c NOT INDEXED WHERE c.\"x\" IS NOT NULL AND c.\"y\" IS NOT NULL \
         AND (+(c.\"x\") COLLATE \"BINARY\", +(c.\"y\") COLLATE \"BINARY\") NOT IN \
         (SELECT +p.\"a\", +p.\"b\" FROM \"main\".\"p\" AS p NOT INDEXED \
         WHERE p.\"a\" IS NOT NULL AND p.\"b\" IS NOT NULL) GROUP BY c.\"x\", c.\"y\")"
    );
}

#[test]
fn an_index_of_the_child_lets_each_key_be_looked_up_once() {
    let mut draft = pair();
    draft.index("c", "x,y");
    let query = Sqlite.probe(&draft.catalog, &draft.catalog.relations[0]);
    assert_eq!(
        query.text(),
        "SELECT 1 FROM (SELECT c.\"x\" AS k1, c.\"y\" AS k2, count(*) AS n FROM \"main\".\"c\" AS c INDEXED BY \"c_x_y_idx\" \
         WHERE c.\"x\" IS NOT NULL AND c.\"y\" IS NOT NULL GROUP BY c.\"x\", c.\"y\") AS c \
         WHERE NOT EXISTS (SELECT 1 FROM \"main\".\"p\" AS p WHERE p.\"a\" = +c.k1 AND p.\"b\" = +c.k2) LIMIT 1"
    );
}

#[test]
fn one_and_one_point_oh_are_two_texts_so_they_are_not_looked_up_as_one() {
    let mut draft = Draft::sqlite();
    draft.table("p", "a TEXT!");
    draft.table("c", "id INTEGER!, x NUMERIC");
    draft.relation("c(x)->p(a)");
    draft.index("c", "x");
    let query = Sqlite.orphans(&draft.catalog, &draft.catalog.relations[0], Path::Free);
    assert!(!query.text().contains("sum(c.n)"), "{}", query.text());
}

#[test]
fn a_page_goes_on_behind_the_last_row_id_and_values_travel_as_arguments() {
    let draft = pair();
    let page = Page { after: Some(vec![Value::Int(41)]), limit: 10 };
    let of = [Value::Text("it's".to_owned()), Value::Bytes(vec![0xff])];
    let list = Sqlite.orphan_rows(&draft.catalog, &draft.catalog.relations[0], Some(&of), &page);
    let text = list.query.text();
    let conditions =
        "WHERE c.\"x\" = ?1 AND c.\"y\" IN (?2, CAST(?2 AS TEXT)) AND c.rowid > ?3 AND c.\"x\" IS NOT NULL";
    assert!(text.contains(conditions), "{text}");
    assert!(text.ends_with("ORDER BY c.rowid LIMIT ?4"), "{text}");
    assert_eq!(list.query.args(), [of[0].clone(), of[1].clone(), Value::Int(41), Value::Int(10)]);
    assert_eq!((list.key_columns, list.headings.len()), (1, 3));
}
