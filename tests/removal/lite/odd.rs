//! Tables of odd make: constraints with a clause of their own for conflicts, hundreds of columns, keys that hold NULL, rows
//! that hang on one another in a long chain, tables that are built anew in the middle of a run.

use super::ward::Ward;

/// Rows of `child` without their region; parents hold it.
fn regions(child: &str) -> String {
    format!(
        "CREATE TABLE p (id INTEGER PRIMARY KEY, region TEXT, UNIQUE (id, region));
         INSERT INTO p VALUES (1, 'eu'), (2, 'us');
         CREATE TABLE c ({child}, FOREIGN KEY (pid, region) REFERENCES p (id, region));"
    )
}

#[test]
fn a_constraint_that_would_replace_rows_ends_a_backfill_before_it_does() {
    for end in ["", " WITHOUT ROWID"] {
        let schema = regions(
            "k INTEGER NOT NULL PRIMARY KEY, pid INT, region TEXT, slot INT, who TEXT, UNIQUE (region, slot) ON CONFLICT REPLACE",
        );
        let ward = Ward::of(&format!(
            "{} CREATE TABLE g (id INTEGER PRIMARY KEY, c REFERENCES c (k) ON DELETE CASCADE);
             INSERT INTO c VALUES (1, 1, NULL, 1, 'fill me'), (2, 1, 'eu', 1, 'good row'), (3, 2, NULL, 2, 'x'), (4, 2, NULL, 2, 'y');
             INSERT INTO g VALUES (1, 2), (2, 3), (3, 4);",
            schema.replace("(id, region));", &format!("(id, region)){end};"))
        ));
        let before = ward.rows();
        ward.plan(&["backfill:c.region"]);
        let outcome = ward.run().run();
        assert_eq!(outcome.code, Some(5), "{outcome:#?}");
        assert!(outcome.stderr.contains("UNIQUE constraint failed"), "{outcome:#?}");
        assert_eq!(ward.rows(), before);
    }
}

#[test]
fn rows_of_hundreds_of_columns_come_back() {
    let columns: Vec<String> = (0..600).map(|at| format!("v{at} DEFAULT {at}")).collect();
    let wide = columns.join(", ");
    for (action, parent, child) in
        [("quarantine", String::new(), format!(", {wide}")), ("adopt", format!(", {wide}"), String::new())]
    {
        let ward = Ward::of(&format!(
            "CREATE TABLE p (id INTEGER PRIMARY KEY{parent});
             CREATE TABLE c (id INTEGER PRIMARY KEY, pid INTEGER REFERENCES p (id){child});
             INSERT INTO c (id, pid) VALUES (1, 99), (2, 98);"
        ));
        let rows = || ward.file.ask("SELECT * FROM c; SELECT * FROM p");
        let before = rows();
        ward.mended(&[&format!("{action}:c(pid)->p(id)")]);
        assert_ne!(rows(), before);
        ward.restored();
        assert_eq!(rows(), before, "{action}");
    }
}

#[test]
fn a_row_whose_key_is_null_is_not_filled_for_nothing_would_name_it() {
    let ward = Ward::of(&format!(
        "{} INSERT INTO c VALUES ('a', 1, 'eu'), (NULL, 1, NULL), (NULL, 1, 'eu');",
        regions("k TEXT PRIMARY KEY, pid INT, region TEXT")
    ));
    let before = ward.rows();
    ward.plan(&["backfill:c.region"]);
    let outcome = ward.run().run();
    assert_eq!(outcome.code, Some(5), "{outcome:#?}");
    assert!(outcome.everything().contains("primary key of a row is NULL"), "{outcome:#?}");
    assert_eq!(ward.rows(), before);
}

#[test]
fn a_table_built_anew_in_the_middle_of_a_backfill_loses_no_line_of_the_record() {
    let ward = Ward::of(&format!(
        "{} INSERT INTO c (rowid, k, pid, region) SELECT 2 * value, 'k' || value, 1 + value % 2, NULL FROM generate_series(1, 4000);",
        regions("k TEXT PRIMARY KEY, pid INT, region TEXT")
    ));
    let before = ward.rows();
    let plan = ward.plans(&["backfill:c.region"], &["--max-rows", "1000"]);
    assert_eq!(plan.code, Some(1), "more rows than may be: {plan:#?}");
    let plan = ward.plans(&["backfill:c.region"], &["--largest-batch", "300", "--first-batch", "300"]);
    assert_eq!(plan.code, Some(0), "{plan:#?}");
    let mut running = ward.run().spawn_into(&ward.said());
    while ward.file.ask("SELECT count(*) FROM sqlite_schema WHERE name = 'waif_batch'") == "0"
        || ward.file.count("SELECT count(*) FROM waif_batch") < 3
    {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    running.signal("KILL");
    let _ = running.wait();
    let filled = ward.file.count("SELECT count(*) FROM c WHERE region IS NOT NULL");
    assert!(filled > 0, "it was under way");
    // The same rows under other numbers.
    ward.file.execute(
        "PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON; BEGIN;
         CREATE TABLE d (k TEXT PRIMARY KEY, pid INT, region TEXT, FOREIGN KEY (pid, region) REFERENCES p (id, region));
         INSERT INTO d (k, pid, region) SELECT k, pid, region FROM c ORDER BY rowid; DROP TABLE c; ALTER TABLE d RENAME TO c; COMMIT;",
    );
    let now = ward.file.ask("SELECT sql FROM sqlite_schema WHERE name = 'c'");
    ward.file.execute(&format!(
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = '{}' WHERE name = 'c'",
        now.replace("\"c\"", "c").replace('\'', "''")
    ));
    let outcome = ward.armed("resume", &ward.id(), &[]).run();
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert_eq!(ward.file.count("SELECT count(*) FROM c WHERE region IS NULL"), 0);
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert_eq!(ward.file.count("SELECT count(*) FROM c WHERE region IS NOT NULL"), 0, "{outcome:#?}");
    assert_eq!(ward.file.count("SELECT count(*) FROM c"), 4000);
    assert_eq!(before.len(), ward.rows().len());
}

#[test]
fn what_hangs_on_a_row_that_stays_stays_with_it_however_long_the_chain() {
    let ward = Ward::of(
        "CREATE TABLE root (id INTEGER PRIMARY KEY);
         CREATE TABLE n (id INTEGER PRIMARY KEY, parent REFERENCES n ON DELETE CASCADE, r REFERENCES root, code UNIQUE);
         INSERT INTO n VALUES (1, NULL, 99, 'A'), (2, 1, NULL, 'B'), (3, 2, NULL, 'C'), (4, 3, NULL, 'D'), (5, 4, NULL, 'E'), (6, 5, NULL, 'F');",
    );
    ward.mended(&["quarantine:n(r)->root(id)"]);
    assert_eq!(ward.held(), 6);
    ward.file.execute("INSERT INTO n VALUES (70, NULL, NULL, 'A')");
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert_eq!(ward.file.ask("SELECT count(*) FROM pragma_foreign_key_check"), "0", "{outcome:#?}");
    assert_eq!(ward.held(), 6, "{outcome:#?}");
    ward.file.execute("DELETE FROM n WHERE id = 70");
    ward.restored();
    assert_eq!(ward.file.ask("SELECT group_concat(id || coalesce(parent, '-')) FROM n"), "1-,21,32,43,54,65");
}

#[test]
fn one_value_that_is_refused_keeps_no_other_from_coming_back() {
    let ward = Ward::of(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);
         CREATE TABLE c (id INTEGER PRIMARY KEY, pid INTEGER UNIQUE REFERENCES p (id));
         INSERT INTO c SELECT value, 100 + value FROM generate_series(1, 10);",
    );
    ward.mended(&["nullify:c(pid)->p(id)"]);
    ward.file.execute("INSERT INTO c VALUES (1000, 110)");
    let outcome = ward.restore(&[]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert_eq!(ward.held(), 1, "{outcome:#?}");
    ward.file.execute("DELETE FROM c WHERE id = 1000");
    ward.restored();
    assert_eq!(ward.file.count("SELECT count(*) FROM c WHERE pid = 100 + id"), 10);
}
