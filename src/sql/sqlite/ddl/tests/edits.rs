//! Edits by example: where a clause goes, what goes with it, and that no other byte moves.

use super::super::{renamed, with_arguments, with_key, without_keys};

const KEY: &str = "CONSTRAINT \"k\" FOREIGN KEY (\"a\") REFERENCES \"p\" (\"id\")";

fn with(sql: &str) -> String {
    with_key(sql, KEY).unwrap_or_else(|| panic!("not edited: {sql}"))
}

fn without(sql: &str, place: usize) -> String {
    without_keys(sql, &[place]).unwrap_or_else(|| panic!("not edited: {sql}"))
}

#[test]
fn a_key_goes_behind_all_others_and_comments_stay_where_they_were() {
    assert_eq!(with("CREATE TABLE t(a)"), format!("CREATE TABLE t(a, {KEY})"));
    assert_eq!(with("CREATE TABLE t(a ) STRICT"), format!("CREATE TABLE t(a, {KEY} ) STRICT"));
    assert_eq!(
        with("CREATE TABLE t(\n\ta INT, -- one)\n\tb TEXT /* two */ -- three\n) WITHOUT ROWID"),
        format!("CREATE TABLE t(\n\ta INT, -- one)\n\tb TEXT, /* two */ -- three\n\t{KEY}\n) WITHOUT ROWID")
    );
    assert_eq!(
        with("CREATE TABLE t(\r\n  a INT,\r\n  CHECK (a <> ')')\r\n)"),
        format!("CREATE TABLE t(\r\n  a INT,\r\n  CHECK (a <> ')'),\r\n  {KEY}\r\n)")
    );
    assert_eq!(with("CREATE TABLE t(a/* ( */)"), format!("CREATE TABLE t(a,/* ( */ {KEY})"));
}

#[test]
fn what_was_added_is_taken_off_again_without_a_trace() {
    for sql in [
        "CREATE TABLE t(a)",
        "CREATE TABLE t( a )",
        "CREATE TABLE t(\n  a INT, -- one\n  b TEXT /* two */ -- three\n) STRICT",
        "CREATE TABLE \"t\"(a, CHECK (a > 0) /* last */)",
        "CREATE TABLE t(\r\n  a INT\r\n)",
        "CREATE TABLE t(a REFERENCES p NOT NULL, b DEFAULT ('(') CONSTRAINT x)",
    ] {
        let place = super::table(sql).references.len();
        assert_eq!(without(&with(sql), place), sql);
    }
}

#[test]
fn a_reference_of_a_column_goes_alone() {
    assert_eq!(
        without("CREATE TABLE t(a INT REFERENCES p(id) NOT NULL, b)", 0),
        "CREATE TABLE t(a INT NOT NULL, b)"
    );
    assert_eq!(without("CREATE TABLE t(a REFERENCES p(id)NOT NULL)", 0), "CREATE TABLE t(a NOT NULL)");
    assert_eq!(
        without("CREATE TABLE t(a CONSTRAINT x REFERENCES p ON DELETE SET NULL MATCH FULL /* why */, b)", 0),
        "CREATE TABLE t(a /* why */, b)"
    );
    assert_eq!(
        without("CREATE TABLE t(a -- of p\n  REFERENCES p DEFERRABLE INITIALLY DEFERRED, b)", 0),
        "CREATE TABLE t(a -- of p\n  , b)"
    );
}

#[test]
fn a_deferral_goes_with_its_reference_wherever_it_stands() {
    let sql = "CREATE TABLE t(a REFERENCES p DEFAULT 1 NOT DEFERRABLE, b REFERENCES q, c NOT NULL DEFERRABLE INITIALLY DEFERRED)";
    assert_eq!(without(sql, 1), "CREATE TABLE t(a REFERENCES p DEFAULT 1 NOT DEFERRABLE, b, c NOT NULL)");
    assert_eq!(
        without(sql, 0),
        "CREATE TABLE t(a DEFAULT 1, b REFERENCES q, c NOT NULL DEFERRABLE INITIALLY DEFERRED)"
    );
}

#[test]
fn a_constraint_of_the_table_takes_its_comma_unless_that_parts_others() {
    let fk = "CONSTRAINT k FOREIGN KEY (a) REFERENCES p DEFERRABLE";
    assert_eq!(without(&format!("CREATE TABLE t(a,\n  {fk}\n)"), 0), "CREATE TABLE t(a\n)");
    assert_eq!(without(&format!("CREATE TABLE t(a, {fk}, CHECK (a))"), 0), "CREATE TABLE t(a, CHECK (a))");
    assert_eq!(without(&format!("CREATE TABLE t(a, {fk} CHECK (a))"), 0), "CREATE TABLE t(a, CHECK (a))");
    assert_eq!(without(&format!("CREATE TABLE t(a, CHECK (a){fk})"), 0), "CREATE TABLE t(a, CHECK (a))");
    assert_eq!(without(&format!("CREATE TABLE t(a, -- c\n {fk})"), 0), "CREATE TABLE t(a -- c\n )");
    assert_eq!(
        without_keys(&format!("CREATE TABLE t(a REFERENCES q, {fk}, {fk})"), &[2, 0]),
        Some(format!("CREATE TABLE t(a, {fk})"))
    );
}

#[test]
fn a_name_is_exchanged_and_nothing_else() {
    assert_eq!(
        renamed(
            "CREATE TABLE \"t\"\"x\" (t, CHECK (t > 0), FOREIGN KEY (t) REFERENCES \"t\"\"x\")",
            "main.\"n\""
        ),
        Some("CREATE TABLE main.\"n\" (t, CHECK (t > 0), FOREIGN KEY (t) REFERENCES \"t\"\"x\")".to_owned())
    );
    assert_eq!(renamed("CREATE TABLE t(a)", "\"a\nb\"").as_deref(), Some("CREATE TABLE \"a\nb\"(a)"));
}

#[test]
fn a_table_that_names_itself_is_known() {
    assert!(super::table("CREATE TABLE t(a, CHECK (T.a > 0))").names_itself);
    assert!(super::table("CREATE TABLE t(a, b AS (\"t\" . a))").names_itself);
    assert!(!super::table("CREATE TABLE t(a, CHECK (a > 't.'), FOREIGN KEY (a) REFERENCES t)").names_itself);
}

#[test]
fn what_cannot_be_followed_is_not_edited() {
    for sql in ["CREATE VIEW v AS SELECT 1", "CREATE TABLE t(a", "CREATE VIRTUAL TABLE t USING fts5(a)"] {
        assert_eq!(with_key(sql, KEY), None);
        assert_eq!(without_keys(sql, &[0]), None);
        assert_eq!(renamed(sql, "n"), None);
    }
    assert_eq!(without_keys("CREATE TABLE t(a)", &[0]), None, "there is no reference to take off");
}

#[test]
fn arguments_take_their_places_and_no_others() {
    assert_eq!(
        with_arguments("SELECT ?1, \"a?1\", '?2' /* ?1 */, ?2, ?12, ? 1", &["'x ?2'".into(), "7".into()]),
        "SELECT 'x ?2', \"a?1\", '?2' /* ?1 */, 7, ?12, ? 1"
    );
}
