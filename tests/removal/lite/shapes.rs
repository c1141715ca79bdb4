//! Odd tables and odd values: whose rows are without a parent is SQLite's own rule, and every value comes back in the
//! storage class it had.

use super::ward::Ward;

/// Rows that SQLite's own check finds without a parent.
fn broken(ward: &Ward, table: &str) -> u64 {
    ward.file.count(&format!("SELECT count(*) FROM pragma_foreign_key_check('{table}')"))
}

/// What SQLite itself calls broken goes, and comes back as it was.
fn goes_and_comes_back(schema: &str, action: &str, table: &str, lost: u64) {
    let ward = Ward::of(schema);
    let before = (ward.rows(), ward.definitions());
    assert_eq!(broken(&ward, table), lost, "{schema}");
    ward.mended(&[action]);
    assert_eq!(broken(&ward, table), 0, "{schema}");
    assert!(ward.held() >= lost, "{schema}");
    ward.restored();
    assert_eq!((ward.rows(), ward.definitions()), before, "{schema}");
}

#[test]
fn keys_of_several_columns_with_nulls_and_match_full_are_read_as_sqlite_reads_them() {
    goes_and_comes_back(
        "CREATE TABLE p (a INT, b TEXT COLLATE NOCASE, PRIMARY KEY (a, b)); INSERT INTO p VALUES (1, 'X'), (2, 'Y');
         CREATE TABLE c (x TEXT, y TEXT, v, FOREIGN KEY (x, y) REFERENCES p (a, b) MATCH FULL);
         INSERT INTO c VALUES ('1', 'x', 1), ('01', 'X', 2), ('1', NULL, 3), (NULL, NULL, 4), ('3', 'x', 5), ('1', 'Z', 6),
           (x'31', 'x', 7), ('1.0', 'x', 8);",
        "quarantine:c(x,y)->p(a,b)",
        "c",
        3,
    );
}

#[test]
fn tables_without_numbers_are_told_apart_by_their_key_under_its_collation() {
    goes_and_comes_back(
        "CREATE TABLE p (k TEXT COLLATE NOCASE PRIMARY KEY) STRICT, WITHOUT ROWID; INSERT INTO p VALUES ('A'), ('b');
         CREATE TABLE c (id TEXT COLLATE NOCASE, n REAL, p TEXT REFERENCES p, PRIMARY KEY (id, n)) WITHOUT ROWID;
         INSERT INTO c VALUES ('q', 1, 'a'), ('Q', 2, 'B'), ('r', 1, 'C'), ('s', 2.5, 'D');
         CREATE TABLE g (id INTEGER PRIMARY KEY, cid TEXT, cn REAL, FOREIGN KEY (cid, cn) REFERENCES c ON DELETE CASCADE);
         INSERT INTO g VALUES (1, 'R', 1), (2, 'q', 1), (3, 'S', 2.5);",
        "quarantine:c(p)->p(k)",
        "c",
        2,
    );
}

#[test]
fn values_of_every_storage_class_keep_it() {
    goes_and_comes_back(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1), (2);
         CREATE TABLE c (p REFERENCES p, n NUMERIC, t TEXT, r REAL, i INTEGER, b BLOB,
           g AS (typeof(p)) VIRTUAL, s INT AS (n) STORED, d DEFAULT (random()));
         INSERT INTO c (p, n, t, r, i, b) VALUES (1, '1', '1', 1, 'x', 1), ('2', 2, 2, 2, 2, 2),
           ('zz', x'00', 'a' || char(0) || 'b', 1e300, 9223372036854775807, x'ff'), (3.5, 'abc', x'61', 3, 3.5, 't'),
           (x'31', NULL, NULL, NULL, NULL, NULL), (7, CAST(x'fffe' AS TEXT), 9e999, -0.0, '0x10', '');",
        "quarantine:c(p)->p(id)",
        "c",
        4,
    );
}

#[test]
fn where_types_differ_both_rules_of_sqlite_are_followed() {
    // When a child is written 1 looks for '1'; when '01' goes SQLite compares as numbers, and would take 1 along.
    let ward = Ward::of(
        "CREATE TABLE top (id INTEGER PRIMARY KEY); INSERT INTO top VALUES (1);
         CREATE TABLE m (k TEXT PRIMARY KEY, top INT); INSERT INTO m VALUES ('01', 9), ('1', 1), ('2', 9), ('3', 1);
         CREATE TABLE c (id INTEGER PRIMARY KEY, m INTEGER REFERENCES m ON DELETE CASCADE);
         INSERT INTO c VALUES (1, 1), (2, 2), (3, NULL), (4, 3);",
    );
    let before = ward.rows();
    ward.mended(&["quarantine:m(top)->top(id)"]);
    assert_eq!(ward.file.ask("SELECT group_concat(id) FROM c"), "3,4");
    assert_eq!(ward.held(), 4, "nothing went that is in no store");
    ward.restored();
    assert_eq!(ward.rows(), before);
}

#[test]
fn rows_that_are_alike_in_everything_but_their_number_all_come_back() {
    goes_and_comes_back(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);
         CREATE TABLE c (p INT REFERENCES p, v);
         INSERT INTO c (rowid, p, v) VALUES (9, 1, 1), (-4, 2, 2), (70, 2, 2), (11, 1, 1), (12, NULL, 3), (13, 5, 2);",
        "quarantine:c(p)->p(id)",
        "c",
        3,
    );
}

#[test]
fn names_of_any_sort_and_case_are_no_trouble() {
    goes_and_comes_back(
        "CREATE TABLE Pp (Id INTEGER PRIMARY KEY); INSERT INTO pp VALUES (1);
         CREATE TABLE \"C c\"\"'\" (iD INTEGER PRIMARY KEY ON CONFLICT REPLACE, \"p]\" INT REFERENCES pP (ID), waif_seq, WAIF__run,
           rowid UNIQUE ON CONFLICT REPLACE);
         INSERT INTO \"c c\"\"'\" VALUES (1, 1, 1, 1, 1), (2, 2, 2, 2, 2), (3, 2, 2, 2, 3);
         CREATE TABLE d (c INT REFERENCES \"C C\"\"'\" (id) ON DELETE CASCADE); INSERT INTO d VALUES (1), (2);",
        "quarantine:\"C c\"\"'\"(\"p]\")->Pp(Id)",
        "C c\"''",
        2,
    );
}

#[test]
fn columns_that_hide_the_number_of_a_row_need_a_key() {
    let schema = |key: &str| {
        format!(
            "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);
             CREATE TABLE c (rowid, _rowid_, oid TEXT {key}, p INT); INSERT INTO c VALUES (1, 1, 'a', 2), (2, 2, 'b', 1);"
        )
    };
    let action = "quarantine:c(p)->p(id)";
    let said = Ward::of(&schema("PRIMARY KEY")).refused(&[action]);
    assert!(said.contains("Nothing tells the rows of c apart"), "{said}");
    let ward = Ward::of(&schema("NOT NULL PRIMARY KEY"));
    let before = ward.file.ask("SELECT * FROM c ORDER BY 1");
    let told = ward.plan(&[action]).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("rows that are restored get new numbers"), "{told}");
    ward.runs();
    assert_eq!((ward.held(), ward.file.count("SELECT count(*) FROM c")), (1, 1));
    ward.restored();
    assert_eq!(ward.file.ask("SELECT * FROM c ORDER BY 1"), before);
}
