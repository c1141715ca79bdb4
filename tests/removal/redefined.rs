//! Tables that were defined otherwise since the run: what their columns would not hold as it was stays in its store, whatever
//! the engine would make of it without a word.

use crate::ward::Ward;

const QUARANTINE: &str = "quarantine:c(pid)->p(id)";

/// Six children of which four have no parent, with a column; the run took them.
fn taken(hint: &str, column: &str, value: &str) -> Ward {
    let ward = Ward::of(
        hint,
        &format!(
            "CREATE TABLE p(id int PRIMARY KEY); INSERT INTO p VALUES (1);
             CREATE TABLE c(id int PRIMARY KEY, pid int, {column});
             INSERT INTO c(id, pid, v) SELECT g, 1 + g % 3, {value} FROM generate_series(1, 6) g;"
        ),
    );
    ward.mended(&[QUARANTINE]);
    assert_eq!(ward.held(), 4);
    ward
}

/// Nothing comes back, and it is told why.
fn stays(ward: &Ward, why: &str) {
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    let said = outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("0 taken back, 4 left"), "{said}");
    assert!(said.contains(why), "{why}\n{said}");
    assert_eq!(ward.held(), 4);
}

#[test]
fn a_column_that_is_computed_by_now_takes_nothing_unless_that_is_wanted() {
    let ward = taken("computed", "v int", "g * 100");
    ward.database.execute("ALTER TABLE c DROP v, ADD v int GENERATED ALWAYS AS (id * 2) STORED");
    stays(&ward, "the engine computes v of c by now, and what was in it would be lost");
    let store = ward.store("rows_c");
    assert_eq!(ward.database.count(&format!("SELECT sum(v) FROM {store}")), 1200);
    let outcome = ward.restore(&["--partly"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert_eq!(ward.database.count("SELECT sum(v) FROM c"), 42);
}

#[test]
fn a_moment_that_would_be_another_by_the_time_zone_of_the_session_stays() {
    for (was, value, now) in [
        ("timestamp", "timestamp '2024-07-01 12:00'", "timestamptz"),
        ("timestamptz", "timestamptz '2024-07-01 12:00+00'", "timestamp(3)"),
        ("date", "date '2024-07-01'", "timestamptz"),
        ("timestamptz", "timestamptz '2024-07-01 00:00+00'", "date"),
        ("time", "time '12:00'", "timetz"),
        ("timestamp[]", "ARRAY[timestamp '2024-07-01 12:00']", "timestamptz[]"),
        ("timestamp", "timestamp '2024-07-01 12:00'", "moment"),
    ] {
        let ward = taken("moments", &format!("v {was}"), value);
        let name = ward.database.name().to_owned();
        ward.database.execute(&format!(
            "ALTER DATABASE \"{name}\" SET timezone = 'America/New_York'; CREATE DOMAIN moment AS timestamptz"
        ));
        ward.database.execute(&format!("ALTER TABLE c ALTER v TYPE {now}"));
        stays(&ward, "what a value becomes depends on the time zone of whoever converts it");
        ward.database.execute(&format!("ALTER TABLE c ALTER v TYPE {was}"));
        ward.restored();
        let came = format!("SELECT count(*) FROM c WHERE pid <> 1 AND v = {value}");
        assert_eq!(ward.database.count(&came), 4, "{was} {now}");
    }
    // Without a zone on either side nothing depends on one.
    let ward = taken("days", "v date", "date '2024-07-01'");
    ward.database.execute("ALTER TABLE c ALTER v TYPE timestamp");
    ward.restored();
    assert_eq!(ward.database.count("SELECT count(*) FROM c WHERE v = '2024-07-01 00:00'"), 6);
}

#[test]
fn a_reference_of_moments_that_would_be_others_stays_null() {
    let ward = Ward::of(
        "moved",
        "CREATE TABLE p(at timestamp PRIMARY KEY); CREATE TABLE c(id int PRIMARY KEY, at timestamp);
         INSERT INTO c VALUES (1, '2024-07-01 12:00');",
    );
    ward.mended(&["nullify:c(at)->p(at)"]);
    ward.database.execute("ALTER TABLE c ALTER at TYPE timestamptz");
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert!(outcome.stdout.contains("depends on the time zone"), "{outcome:#?}");
    assert_eq!((ward.held(), ward.database.count("SELECT count(*) FROM c WHERE at IS NULL")), (1, 1));
    ward.database.execute("ALTER TABLE c ALTER at TYPE timestamp");
    ward.restored();
    assert_eq!(ward.database.ask("SELECT at FROM c"), "2024-07-01 12:00:00");
}

#[test]
fn a_table_that_has_another_name_by_now_is_named() {
    let ward = taken("renamed", "v int", "g");
    for (there, back, called) in [
        ("ALTER TABLE c RENAME TO c2", "ALTER TABLE c2 RENAME TO c", "called c2 by now: rename c2 back to c"),
        (
            "CREATE SCHEMA s; ALTER TABLE c SET SCHEMA s",
            "ALTER TABLE s.c SET SCHEMA public",
            "called s.c by now: rename s.c back to c",
        ),
    ] {
        ward.database.execute(there);
        stays(&ward, called);
        ward.database.execute(back);
    }
    ward.restored();
    // One that was dropped is gone.
    ward.mended(&[QUARANTINE]);
    ward.database.execute("DROP TABLE c");
    stays(&ward, "the table c is gone");
}

#[test]
fn a_key_that_is_not_enforced_neither_forbids_nor_takes_along() {
    let schema = "
        CREATE TABLE p(id int PRIMARY KEY); CREATE TABLE c(id int PRIMARY KEY, pid int); INSERT INTO c VALUES (1, 9), (2, 9);
        CREATE TABLE f(id int PRIMARY KEY, c1 int, c2 int, c3 int); INSERT INTO f VALUES (1, 1, 1, 1), (2, 2, 2, 2);";
    let ward = Ward::of("loose", schema);
    if ward.database.server().major() < 18 {
        return crate::support::skipped("NOT ENFORCED", "PostgreSQL 18 brought it");
    }
    ward.database.execute(
        "ALTER TABLE f ADD FOREIGN KEY (c1) REFERENCES c NOT ENFORCED, ADD FOREIGN KEY (c2) REFERENCES c ON DELETE CASCADE NOT ENFORCED,
           ADD FOREIGN KEY (c3) REFERENCES c ON DELETE SET NULL NOT ENFORCED",
    );
    let before = ward.sums();
    let told = ward.plan(&[QUARANTINE]).split_whitespace().collect::<Vec<_>>().join(" ");
    for column in ["c1", "c2", "c3"] {
        assert!(
            told.contains(&format!("f({column})->c(id) is NOT ENFORCED: rows that refer by it")),
            "{told}"
        );
    }
    ward.runs();
    assert_eq!(ward.held(), 2, "the rows of c, and nothing of f");
    assert_eq!(ward.database.ask("SELECT f FROM f ORDER BY id"), "(1,1,1,1)\n(2,2,2,2)");
    ward.restored();
    assert_eq!(ward.sums(), before);
    // What is staged for its rows is done, whatever the key declares.
    ward.mended(&[QUARANTINE, "nullify:f(c2)->c(id)"]);
    assert_eq!(ward.database.ask("SELECT f FROM f ORDER BY id"), "(1,1,,1)\n(2,2,,2)");
    ward.restored();
    assert_eq!(ward.sums(), before);
}
