//! What a backfill filled, taken back: only from rows that lead where they led when they were filled.

use super::ward::Ward;

const CHILDREN: [(&str, &str); 4] = [
    ("id INTEGER PRIMARY KEY", ""),
    ("id TEXT PRIMARY KEY", ""),
    ("id INT, PRIMARY KEY (id)", ""),
    ("id INT NOT NULL PRIMARY KEY", " WITHOUT ROWID"),
];
const SINCE: &str = "row was written again since it was filled";

/// Five children without their day, filled; then the application puts another one under a key and moves one to another
/// parent, both with the value that was filled; one gets another value, one is changed in another column.
fn ward((child, end): (&str, &str)) -> Ward {
    let (id, key) = child.split_once(", ").unwrap_or((child, ""));
    let key = if key.is_empty() { String::new() } else { format!(", {key}") };
    let ward = Ward::of(&format!(
        "CREATE TABLE p (id INTEGER, d INT, PRIMARY KEY (id, d)); INSERT INTO p SELECT value, value % 4 FROM generate_series(1, 9);
         CREATE TABLE c ({id}, pid INT, d INT, n TEXT{key}, FOREIGN KEY (pid, d) REFERENCES p (id, d)){end};
         INSERT INTO c SELECT value, value, NULL, 'old' FROM generate_series(1, 5);"
    ));
    ward.mended(&["backfill:c.d"]);
    ward.file.execute(
        "DELETE FROM c WHERE id = 1; INSERT INTO c VALUES (1, 5, 1, 'new'); UPDATE c SET pid = 6, d = 2, n = 'moved' WHERE id = 2;
         UPDATE c SET pid = 4, d = 0 WHERE id = 3; UPDATE c SET n = 'noted' WHERE id = 4;",
    );
    ward
}

fn restored(ward: &Ward, flags: &[&str]) -> String {
    let outcome = ward.restore(flags);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn held(ward: &Ward) -> String {
    ward.file.ask("SELECT id || ':' || coalesce(d, '-') FROM c ORDER BY id").replace('\n', " ")
}

#[test]
fn a_row_that_leads_elsewhere_keeps_its_value_and_is_told() {
    for child in CHILDREN {
        let ward = ward(child);
        let said = restored(&ward, &[]);
        assert!(said.contains("2 taken back, 3 left"), "{child:?} {said}");
        assert!(said.contains(&format!("c: 2 rows: the {SINCE}")), "{child:?} {said}");
        assert!(said.contains("c: 1 row: the row is gone, or holds something else by now"), "{said}");
        assert_eq!(held(&ward), "1:1 2:2 3:0 4:- 5:-", "{child:?}");
        // By the value alone, when that is wanted.
        let said = restored(&ward, &["--changed"]);
        assert!(said.contains("2 taken back, 1 left"), "{child:?} {said}");
        assert_eq!(held(&ward), "1:- 2:- 3:0 4:- 5:-", "{child:?}");
    }
}

#[test]
fn a_record_that_does_not_keep_where_rows_led_goes_by_the_value_alone() {
    let ward = ward(CHILDREN[0]);
    let record =
        ward.file.ask("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'waif_record%'");
    ward.file.execute(&format!("ALTER TABLE \"{record}\" DROP COLUMN w0"));
    let said = restored(&ward, &[]);
    assert!(said.contains("4 taken back, 1 left"), "{said}");
    assert!(!said.contains(SINCE), "{said}");
    assert_eq!(held(&ward), "1:- 2:- 3:0 4:- 5:-");
}
