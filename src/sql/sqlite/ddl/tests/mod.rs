//! Texts as people and programs write them. Whether the reading agrees with SQLite's own on any text is told by the
//! tests on real files.

mod edits;
mod oracle;

use super::{Definition, Reference, fires_before, hears, predicate, read};
use crate::model::catalog::Event;

fn table(sql: &str) -> Definition {
    read(sql).unwrap_or_else(|| panic!("not followed: {sql}"))
}

fn columns(sql: &str) -> Vec<(String, Option<String>)> {
    table(sql).columns.into_iter().map(|column| (column.name, column.collation)).collect()
}

fn only(sql: &str) -> Reference {
    let mut references = table(sql).references;
    assert_eq!(references.len(), 1, "{sql}");
    references.remove(0)
}

#[test]
fn every_quoting_names_a_column() {
    let names = columns(
        r#"CREATE TABLE "t"("a""b" INT, `x``y` TEXT, [z"' ] , 'q''s' BLOB, plain$1 NUMERIC(10,2), é)"#,
    );
    let names: Vec<&str> = names.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["a\"b", "x`y", "z\"' ", "q's", "plain$1", "é"]);
}

#[test]
fn the_last_collation_of_a_column_counts() {
    let sql = "CREATE TABLE t(a TEXT COLLATE NOCASE, b COLLATE rtrim NOT NULL COLLATE \"binary\", c)";
    let collations: Vec<_> = columns(sql).into_iter().map(|(_, collation)| collation).collect();
    assert_eq!(collations, [Some("NOCASE".into()), Some("binary".into()), None]);
}

#[test]
fn a_collation_inside_a_check_is_not_the_columns() {
    assert_eq!(
        columns("CREATE TABLE t(a CHECK (a COLLATE NOCASE <> 'x)'), b)"),
        [("a".into(), None), ("b".into(), None)]
    );
}

#[test]
fn constraint_names_belong_to_what_follows_them() {
    let read = table(
        "CREATE TABLE t(
            a INT CONSTRAINT a_is NOT NULL REFERENCES p,
            b INT CONSTRAINT b_p REFERENCES p(id) ON DELETE SET NULL ON UPDATE NO ACTION MATCH FULL,
            CONSTRAINT both FOREIGN KEY (a, b) REFERENCES \"q\"\"q\" (x, y) -- , CONSTRAINT no FOREIGN KEY
            /* CONSTRAINT neither */ FOREIGN KEY (b) REFERENCES [r s])",
    );
    let names: Vec<_> = read.references.iter().map(|one| one.constraint.as_deref()).collect();
    assert_eq!(names, [None, Some("b_p"), Some("both"), None]);
    let parents: Vec<_> = read.references.iter().map(|one| one.parent.as_str()).collect();
    assert_eq!(parents, ["p", "p", "q\"q", "r s"]);
    assert_eq!(read.references[1].matching.as_deref(), Some("FULL"));
    assert_eq!(read.references[2].columns, ["a", "b"]);
    assert_eq!(read.references[2].parent_columns, ["x", "y"]);
}

#[test]
fn deferral_is_read_in_all_its_forms() {
    let deferral = |clause: &str| {
        let read = only(&format!("CREATE TABLE t(a, FOREIGN KEY (a) REFERENCES p {clause})"));
        (read.deferrable, read.initially_deferred)
    };
    assert_eq!(deferral(""), (false, false));
    assert_eq!(deferral("DEFERRABLE"), (true, false));
    assert_eq!(deferral("DEFERRABLE INITIALLY DEFERRED"), (true, true));
    assert_eq!(deferral("ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE"), (true, false));
    assert_eq!(deferral("NOT DEFERRABLE INITIALLY DEFERRED"), (false, false));
}

#[test]
fn a_columns_deferral_falls_to_the_latest_reference_as_in_sqlite() {
    let read = only("CREATE TABLE t(a REFERENCES p, b INT DEFERRABLE INITIALLY DEFERRED)");
    assert!(read.deferrable && read.initially_deferred);
}

#[test]
fn defaults_checks_and_generated_columns_are_passed_over() {
    let sql = "CREATE TABLE t(
        a DEFAULT -1.5e-3 CHECK ((a) > (1)) REFERENCES p, b DEFAULT (abs(1) + length('),(')) UNIQUE ON CONFLICT IGNORE,
        c INTEGER PRIMARY KEY DESC ON CONFLICT FAIL, d DEFAULT x'2929' NULL, e INT GENERATED ALWAYS AS (a + 1) STORED,
        f AS (a || ',') VIRTUAL NOT NULL, g DEFAULT .5, h DEFAULT CURRENT_TIMESTAMP, key action, [foreign] INT,
        PRIMARY KEY (c COLLATE NOCASE DESC), UNIQUE (a, b) ON CONFLICT ABORT, CHECK (a <> ')')
    ) STRICT, WITHOUT ROWID";
    let names: Vec<String> = columns(sql).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a", "b", "c", "d", "e", "f", "g", "h", "key", "foreign"]);
    assert_eq!(only(sql).columns, ["a"]);
}

#[test]
fn a_head_may_be_qualified_temporary_and_conditional() {
    for head in ["TABLE t", "TEMP TABLE t", "TABLE IF NOT EXISTS t", "table \"a.b\".\"t\"", "TABLE if"] {
        assert_eq!(columns(&format!("CREATE {head}(a)")).len(), 1, "{head}");
    }
}

#[test]
fn what_cannot_be_followed_is_not_guessed() {
    for sql in [
        "",
        "CREATE VIEW v AS SELECT 1",
        "CREATE TABLE t(a",
        "CREATE TABLE t(a NOT WELL)",
        "CREATE TABLE t AS SELECT 1",
    ] {
        assert_eq!(read(sql), None, "{sql}");
    }
}

#[test]
fn a_partial_index_tells_its_predicate() {
    assert_eq!(
        predicate("CREATE INDEX i ON t(a, lower(b)) WHERE a > 1 AND (b)").as_deref(),
        Some("a > 1 AND (b)")
    );
    assert_eq!(predicate("CREATE INDEX \"where\" ON \"where\"(\"where\")"), None);
}

#[test]
fn a_trigger_fires_before_unless_it_says_after() {
    assert!(fires_before("CREATE TRIGGER \"after\" BEFORE INSERT ON t BEGIN SELECT 1; END"));
    assert!(fires_before("CREATE TRIGGER x INSERT ON t BEGIN SELECT 1; END"));
    assert!(fires_before(
        "CREATE TEMP TRIGGER IF NOT EXISTS main.x INSTEAD OF UPDATE ON v BEGIN SELECT 1; END"
    ));
    assert!(!fires_before("CREATE TRIGGER before AFTER DELETE ON t BEGIN SELECT 1; END"));
}

#[test]
fn a_trigger_tells_what_it_listens_to() {
    let told = |sql: &str| {
        let heard = hears(sql).unwrap();
        (heard.event, heard.columns, heard.conditional)
    };
    assert_eq!(told("CREATE TRIGGER x DELETE ON t BEGIN SELECT 1; END"), (Event::Delete, vec![], false));
    assert_eq!(
        told(
            "CREATE TRIGGER \"update\" AFTER UPDATE OF a, \"b,c\" ON t FOR EACH ROW WHEN new.a > 1 BEGIN SELECT 1; END"
        ),
        (Event::Update, vec!["a".to_owned(), "b,c".to_owned()], true)
    );
    assert_eq!(
        told(
            "CREATE TEMP TRIGGER IF NOT EXISTS main.x INSTEAD OF INSERT ON v BEGIN SELECT CASE WHEN 1 THEN 2 END; END"
        ),
        (Event::Insert, vec![], false)
    );
    assert_eq!(hears("CREATE TRIGGER"), None);
}
